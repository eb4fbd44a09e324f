//! The terminal: where results go, whether there is colour, how errors look.

use std::ffi::OsStr;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::diagnostics;
use crate::failure::{Failure, cause};
use crate::whole;

/// Tells whether a stream wants colour: it is a terminal, and nobody said no.
fn wants_colour(is_terminal: bool) -> bool {
    is_terminal && allows_colour()
}

/// Tells whether the environment leaves colour to the stream.
pub(crate) fn allows_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").as_deref() == Some(OsStr::new("dumb"));
    !is_set("NO_COLOR") && !is_dumb
}

/// Writes a result to standard output, or to a file that appears whole or not
/// at all. `write` is told whether there is colour.
pub(crate) fn deliver(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write, bool) -> io::Result<()>,
) -> Result<(), Failure> {
    let done = match path {
        None => {
            let stdout = io::stdout().lock();
            let colour = wants_colour(stdout.is_terminal());
            let mut out = BufWriter::with_capacity(1 << 16, stdout);
            write(&mut out, colour).and_then(|()| out.flush())
        }
        Some(path) => whole::write(path, |out| write(out, false), || Ok(())),
    };
    done.map_err(|error| Failure::writing(path, error))
}

/// Says something on standard error that is no error.
pub(crate) fn remark(text: &str) {
    // Where standard error is gone, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a file that appears whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    whole::write(path, |out| out.write_all(bytes), || Ok(()))
        .map_err(|error| Failure::writing(Some(path), error))
}

/// Says on standard error why a command failed.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let mut stderr = io::stderr().lock();
    let colour = wants_colour(stderr.is_terminal());
    let (status, message, help) = match failure {
        Failure::ClosedPipe => return ExitCode::SUCCESS,
        Failure::BadFile { name, text, error } => {
            // Where standard error is gone too, the status still tells.
            let _ = write!(stderr, "{}", diagnostics::render(error, name, text, colour));
            return ExitCode::FAILURE;
        }
        Failure::Usage { message, help } => (2, message.clone(), help.clone()),
        Failure::Work { message, help } => (1, message.clone(), help.clone()),
        Failure::File { action, path, error } => {
            let file = match path {
                Some(path) => format!("`{}`", path.display()),
                None if *action == "read" => "standard input".to_string(),
                None => "standard output".to_string(),
            };
            (1, format!("cannot {action} {file}: {}", cause(error)), None)
        }
    };
    let (red, bold, plain) =
        if colour { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
    let _ = writeln!(stderr, "{red}error{plain}{bold}: {message}{plain}");
    if let Some(help) = help {
        let _ = writeln!(stderr, "{bold}help{plain}: {help}");
    }
    ExitCode::from(status)
}
