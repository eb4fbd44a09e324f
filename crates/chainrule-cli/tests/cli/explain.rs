//! `chainrule explain`: what its options show.

use unicode_width::UnicodeWidthStr;

use crate::support::{EXAMPLES, run, snapshot};

#[test]
fn without_arguments_it_explains_the_first_example() {
    snapshot!("explain", "explain");
    let first = run(&["explain", "--example", "first-example"]);
    assert_eq!(run(&["explain"]).success(), first.success());
}

#[test]
fn every_built_in_example_has_its_page() {
    for name in EXAMPLES.into_iter().skip(1) {
        snapshot!(format!("explain-{name}"), "explain", "--example", name);
    }
}

#[test]
fn options_show_parts_and_other_conventions() {
    snapshot!("explain-compare", "explain", "--compare");
    snapshot!("explain-compare-general", "explain", "--compare", "--example", "general");
    snapshot!("explain-round-each", "explain", "--round-each", "--decimals", "4");
    snapshot!("explain-why-weight", "explain", "--why", "w3_new");
    snapshot!("explain-why-delta", "explain", "--why", "δ_top");
    let later = "loss_after@2";
    snapshot!("explain-why-later", "explain", "--example", "xor", "--steps", "2", "--why", later);
    snapshot!("explain-only-backward", "explain", "--only", "backward");
    snapshot!("explain-sample", "explain", "--example", "xor", "--sample", "3");
    snapshot!("explain-delta-sign", "explain", "--delta-sign", "gradient");
    snapshot!("explain-loss", "explain", "--loss", "mean-squared");
    snapshot!("explain-digits", "explain", "--digits", "3", "--learning-rate", "0.5");
    snapshot!("explain-old-weights", "explain", "--update-order", "old-weights");
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let variants: [&[&str]; 7] = [
        &["explain"],
        &["explain", "--compare"],
        &["explain", "--steps", "3"],
        &["explain", "--round-each", "--decimals", "3"],
        &["explain", "--digits", "17"],
        &["check"],
        &["check", "--update-order", "updated-weights"],
    ];
    for name in EXAMPLES {
        for variant in variants {
            let arguments = [variant, &["--example", name]].concat();
            let page = run(&arguments).stdout;
            assert!(page.lines().count() > 5, "{arguments:?} prints a page");
            for line in page.lines() {
                assert!(line.width() <= 80, "{arguments:?}: {} columns: {line}", line.width());
                assert!(!line.ends_with(' '), "{arguments:?}: space at the end: {line}");
            }
        }
    }
}

#[test]
fn the_longest_names_fit_too() {
    // 40 letters, the most there may be; the weight is named by both ends.
    let file = format!(
        "inputs = \"{}\"\n[[layers]]\nneurons = \"{}\"\nweights = 0.5\n\
         [[samples]]\ninputs = 1\ntargets = 1\n",
        "i".repeat(40),
        "長".repeat(40),
    );
    let published = "[[published]]\n\
         [published.figures]\n\"a_長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長\" = 0.5\n";
    for (command, file) in [("explain", format!("{file}{published}")), ("check", file)] {
        let page = crate::support::run_with_input(&[command, "-"], file.as_bytes()).success();
        for line in page.lines() {
            assert!(line.width() <= 80, "{command}: {} columns: {line}", line.width());
            assert!(!line.ends_with(' '), "{command}: space at the end: {line}");
        }
    }
}

#[test]
fn standard_input_gives_the_page_of_a_file() {
    let file = run(&["examples", "--show", "xor"]).success();
    let page = crate::support::run_with_input(&["explain", "-"], file.as_bytes()).success();
    assert_eq!(page, run(&["explain", "--example", "xor"]).success());
}

#[test]
fn a_changed_loss_or_rate_drops_what_was_published() {
    let is_published = |arguments: &[&str]| run(arguments).success().contains("Published figures");
    assert!(is_published(&["explain"]));
    assert!(is_published(&["explain", "--loss", "half-squared", "--learning-rate", "1"]));
    assert!(!is_published(&["explain", "--loss", "mean-squared"]));
    assert!(!is_published(&["explain", "--learning-rate", "0.5"]));
}
