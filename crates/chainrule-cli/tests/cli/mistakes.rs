//! What the program says where it cannot do what was asked: every message, on
//! standard error, with status 2 for wrong usage and 1 for what went wrong.

use crate::support::{command, folder, run, snapshot};

#[test]
fn names_that_are_not_there_are_answered_with_the_nearest() {
    snapshot!("unknown-example", "explain", "--example", "xr");
    snapshot!("unknown-example-far", "explain", "--example", "titanic");
    snapshot!("unknown-quantity", "explain", "--why", "z_tpo");
    snapshot!("unknown-quantity-far", "explain", "--why", "temperature");
    snapshot!("unknown-update-order", "explain", "--update-order", "new-weights");
}

#[test]
fn quantities_samples_and_steps_must_be_there() {
    snapshot!("given-quantity", "explain", "--why", "w3");
    snapshot!("no-such-sample", "explain", "--example", "xor", "--sample", "5");
    snapshot!("no-such-sample-of-one", "check", "--sample", "2");
    snapshot!("no-such-step", "explain", "--why", "loss@3");
    snapshot!("no-step-zero", "explain", "--why", "loss@0");
    snapshot!("no-steps", "explain", "--steps", "0");
}

#[test]
fn numbers_must_be_in_range() {
    snapshot!("too-many-decimals", "explain", "--decimals", "99");
    snapshot!("rate-not-a-number", "explain", "--learning-rate", "nan");
    snapshot!("rate-negative", "explain", "--learning-rate", "-1");
    snapshot!("rate-word", "explain", "--learning-rate", "fast");
}

#[test]
fn arguments_must_fit_together() {
    snapshot!("file-and-example", "explain", "network.toml", "--example", "xor");
    snapshot!("decimals-and-digits", "explain", "--decimals", "3", "--digits", "3");
    snapshot!("loss-that-does-not-fit", "explain", "--loss", "categorical-cross-entropy");
    snapshot!("compare-as-svg", "explain", "--compare", "--format", "svg");
    snapshot!("compare-and-order", "explain", "--compare", "--update-order", "old-weights");
    snapshot!("unknown-option", "explain", "--colour", "red");
    snapshot!("unknown-command", "explian");
    snapshot!("no-command",);
}

#[test]
fn files_must_be_there_and_readable() {
    snapshot!("missing-file", "explain", "missing.toml");
    snapshot!("folder-as-file", "explain", "bad");
    snapshot!("bad-file", "explain", "bad/row-length.toml");
    snapshot!("bad-file-checked", "check", "bad/row-length.toml");
    snapshot!("missing-folder", "explain", "-o", "missing/page.html");
    snapshot!("folder-as-output", "explain", "-o", "bad");
}

#[test]
fn a_file_that_is_no_text_is_refused_with_its_line() {
    let folder = folder("no-text");
    std::fs::write(folder.join("latin.toml"), b"# one\ntitle = \"caf\xe9\"\n").expect("written");
    let output = command(&["explain", "latin.toml"]).current_dir(&folder).output();
    let run = crate::support::Run::of(output.expect("the program can be started"));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("not-utf-8", run);
    });
}

#[test]
fn standard_input_is_named_in_messages() {
    let run = crate::support::run_with_input(&["explain", "-"], b"learning-rate = fast\n");
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("standard input:1:17"), "{}", run.stderr);
    let run = crate::support::run_with_input(&["explain", "-"], b"\xff\n");
    let expected =
        "error: cannot read standard input: line 1 is not UTF-8 text; save the file as UTF-8\n";
    assert_eq!((run.status, run.stderr.as_str()), (1, expected));
}

#[test]
fn wrong_usage_ends_with_2_and_what_went_wrong_with_1() {
    let usage: [&[&str]; 8] = [
        &["explain", "--example", "xr"],
        &["explain", "--why", "w3"],
        &["explain", "--sample", "2"],
        &["explain", "--steps", "0"],
        &["explain", "--learning-rate", "nan"],
        &["explain", "--loss", "categorical-cross-entropy"],
        &["explain", "--compare", "--format", "svg"],
        &["explain", "--nonsense"],
    ];
    let failed: [&[&str]; 4] = [
        &["explain", "missing.toml"],
        &["explain", "bad"],
        &["explain", "bad/row-length.toml"],
        &["explain", "-o", "missing/page.html"],
    ];
    for (status, all) in [(2, &usage[..]), (1, &failed[..])] {
        for arguments in all {
            let run = run(arguments);
            assert_eq!(run.status, status, "{arguments:?}: {}", run.stderr);
            assert_eq!(run.stdout, "", "{arguments:?}: nothing but results goes to stdout");
            assert!(run.stderr.starts_with("error"), "{arguments:?}: {}", run.stderr);
        }
    }
}
