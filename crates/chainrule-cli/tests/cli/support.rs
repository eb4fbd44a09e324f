//! Runs the program, and what the tests share.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The built-in examples, as `chainrule examples` must list them.
pub(crate) const EXAMPLES: [&str; 5] = ["first-example", "general", "mazur", "han-kamber", "xor"];

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Run {
            status: output.status.code().expect("the program ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Returns what was printed, after making sure that all went well.
    pub(crate) fn success(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "on stdout: {}", self.stdout);
        self.stdout
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.status, self.stdout, self.stderr
        )
    }
}

/// The folder that the program is run in: paths in messages are relative to it.
pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Prepares a run with nothing on standard input and no wish about colour.
pub(crate) fn command(arguments: &[&str]) -> Command {
    plain(env!("CARGO_BIN_EXE_chainrule"), arguments)
}

/// Prepares a run of another program under the same conditions.
pub(crate) fn plain(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(testdata()).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program in the folder of test data.
pub(crate) fn run(arguments: &[&str]) -> Run {
    Run::of(command(arguments).output().expect("the program can be started"))
}

/// Runs the program with something on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin.write_all(input).expect("the program reads its input");
    drop(stdin);
    Run::of(child.wait_with_output().expect("the program ends"))
}

/// Runs the program and reads what it prints as JSON.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let run = run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(run.stderr, "");
    serde_json::from_str(&run.stdout).expect("the output is JSON")
}

/// Makes an empty folder for the files of a test, inside the target folder.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test can be made");
    path
}

/// Returns the names of the files in a folder.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("it can be listed").file_name().into_string().expect("a plain name")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// Says that a test was skipped, and why: on standard error, and in the file
/// that `CHAINRULE_SKIPPED` names, for the summary at the end of `make test`.
pub(crate) fn skip(test: &str, missing: &str) {
    let line = format!("SKIPPED: {test}: {missing}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("CHAINRULE_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let mut file = file.expect("the file for skipped tests can be opened");
        writeln!(file, "{line}").expect("the file for skipped tests can be written");
    }
}

/// Compares the whole run with the accepted one.
macro_rules! snapshot {
    ($name:expr, $($argument:expr),* $(,)?) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $crate::support::run(&[$($argument),*]));
        })
    };
}
pub(crate) use snapshot;
