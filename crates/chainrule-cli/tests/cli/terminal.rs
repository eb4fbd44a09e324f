//! Colour, pipes and streams: only a terminal gets colour, and a reader that
//! leaves early is no mistake.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::{Run, command, plain, run, skip};

/// Runs the program at a pseudo terminal, which has both of its streams, and
/// returns what was printed; `None`, and the test skipped by name, where there
/// is no `script`.
fn at_terminal(test: &str, arguments: &str, set: impl Fn(&mut Command)) -> Option<String> {
    let line = format!("\"$CHAINRULE\" {arguments}");
    let mut script = plain("script", &["-qec", &line, "/dev/null"]);
    script.env("CHAINRULE", env!("CARGO_BIN_EXE_chainrule"));
    script.env("SHELL", "/bin/sh").env("TERM", "xterm");
    set(&mut script);
    let Ok(output) = script.output() else {
        skip(test, "script is not installed");
        return None;
    };
    Some(String::from_utf8(output.stdout).expect("the program prints UTF-8"))
}

const ESCAPE: char = '\u{1b}';

/// Runs whose results, errors in a file, own errors and usage errors show.
const PRINTS: [&str; 5] = [
    "explain",
    "check",
    "explain bad/row-length.toml",
    "explain missing.toml",
    "explain --nonsense",
];

#[test]
fn a_terminal_gets_colour() {
    for arguments in PRINTS {
        let Some(printed) = at_terminal("a_terminal_gets_colour", arguments, |_| ()) else {
            return;
        };
        assert!(printed.contains("\u{1b}["), "{arguments}: {printed}");
    }
    // Set to nothing is not set.
    let empty = |script: &mut Command| {
        script.env("NO_COLOR", "");
    };
    let printed = at_terminal("a_terminal_gets_colour", "explain", empty);
    assert!(printed.is_some_and(|printed| printed.contains(ESCAPE)));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let Some(printed) = at_terminal("colour_adds_nothing_but_colour", "explain", |_| ()) else {
        return;
    };
    let mut text = String::new();
    let mut rest = printed.as_str();
    while let Some((before, style)) = rest.split_once(ESCAPE) {
        text += before;
        rest = style.split_once('m').expect("a style ends with m").1;
    }
    text += rest;
    assert_eq!(text.replace("\r\n", "\n"), run(&["explain"]).success());
}

#[test]
fn a_terminal_that_wants_no_colour_gets_none() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        for arguments in PRINTS {
            let test = "a_terminal_that_wants_no_colour_gets_none";
            let set = |script: &mut Command| {
                script.env(name, value);
            };
            let Some(printed) = at_terminal(test, arguments, set) else {
                return;
            };
            assert!(printed.len() > 50, "{arguments}: {printed}");
            assert!(!printed.contains(ESCAPE), "{name}={value} {arguments}: {printed}");
        }
    }
}

#[test]
fn a_pipe_gets_no_colour() {
    for arguments in PRINTS {
        let Run { stdout, stderr, .. } = run(&arguments.split(' ').collect::<Vec<_>>());
        assert!(!(stdout + &stderr).contains(ESCAPE), "{arguments}");
    }
    // Each stream for itself: here standard error is a terminal.
    let piped = at_terminal("a_pipe_gets_no_colour", "explain | cat", |_| ());
    assert!(piped.is_none_or(|printed| printed.len() > 50 && !printed.contains(ESCAPE)));
}

#[test]
fn a_reader_that_leaves_early_is_no_mistake() {
    for format in ["text", "markdown", "latex", "html", "json"] {
        let mut command = command(&["explain", "--steps", "2000", "--format", format]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the first line can be read");
        drop(stdout);
        let mut stderr = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("it is text");
        let status = child.wait().expect("the program ends").code();
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{format}, after {line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_told() {
    for arguments in [&["explain"][..], &["check"], &["examples"], &["explain", "--compare"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let output = command(arguments).stdout(full).output().expect("it can be started");
        let run = Run::of(output);
        let expected = "error: cannot write standard output: no space left on device\n";
        assert_eq!((run.status, run.stderr.as_str()), (1, expected), "{arguments:?}");
    }
    let run = run(&["explain", "-o", "/dev/full"]);
    let expected = "error: cannot write `/dev/full`: no space left on device\n";
    assert_eq!((run.status, run.stderr.as_str()), (1, expected));
}
