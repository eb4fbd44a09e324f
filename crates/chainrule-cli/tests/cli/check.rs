//! `chainrule check`: the verdict, in words and as exit status.

use crate::support::{json, run, snapshot};

#[test]
fn what_is_not_the_gradient_is_called_so() {
    snapshot!("check", "check");
    snapshot!("check-old-weights", "check", "--update-order", "old-weights");
}

#[test]
fn the_other_examples_agree_three_ways() {
    for name in ["general", "mazur", "han-kamber", "xor"] {
        snapshot!(format!("check-{name}"), "check", "--example", name);
    }
}

#[test]
fn the_status_is_the_answer_in_every_format() {
    for format in ["text", "json"] {
        assert_eq!(run(&["check", "--format", format]).status, 1, "{format}");
        let old = ["check", "--update-order", "old-weights", "--format", format];
        assert_eq!(run(&old).status, 0, "{format}");
    }
    assert_eq!(json(&["check"])["holds"], false);
    assert_eq!(json(&["check", "--update-order", "old-weights"])["holds"], true);
}

#[test]
fn the_sample_asked_for_is_checked() {
    let check = json(&["check", "--example", "xor", "--sample", "3"]);
    assert_eq!(check["sample"], 3);
    assert_ne!(check["gradients"], json(&["check", "--example", "xor"])["gradients"]);
}

#[test]
fn a_loss_beyond_doubles_has_no_verdict() {
    let file = b"loss = 'sum-squared'\n[[layers]]\nactivation = 'identity'\n\
                 weights = [[1e200]]\n[[samples]]\ninputs = [1]\ntargets = [0]\n";
    let run = crate::support::run_with_input(&["check", "-"], file);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stdout.contains("the loss of this sample is ∞"), "{run}");
    assert!(!run.stdout.contains("relative difference"), "{run}");
}
