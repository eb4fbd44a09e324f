//! `explain` of a model: the worked view of a row's prediction, and of the
//! step on it.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{command, folder, run};

const PENGUINS: &str = "tables/penguins.csv";

/// Trains a small network on a table, once, and returns the model's file.
fn model(name: &'static str, table: &str, target: &str) -> String {
    let path = folder(&format!("explain_row_{name}")).join(format!("{name}.model"));
    let path = path.to_str().expect("a plain path").to_string();
    let run = run(&["train", table, "-t", target, "--hidden", "3", "-q", "-o", &path]);
    assert_eq!(run.status, 0, "{run}");
    path
}

fn species() -> &'static str {
    static MODEL: OnceLock<String> = OnceLock::new();
    MODEL.get_or_init(|| model("species", PENGUINS, "species"))
}

fn sex() -> &'static str {
    static MODEL: OnceLock<String> = OnceLock::new();
    MODEL.get_or_init(|| model("sex", PENGUINS, "sex"))
}

fn explain(model: &str, more: &[&str]) -> crate::support::Run {
    run(&[&["explain", model, "--data", PENGUINS], more].concat())
}

/// Returns what `predict` says of a row, from 1, in a column.
fn predicted(model: &str, table: &str, row: usize, column: &str) -> f64 {
    let predicted = run(&["predict", model, table]);
    assert_eq!(predicted.status, 0, "{predicted}");
    let mut lines = predicted.stdout.lines();
    let header = lines.next().expect("there is a header");
    let place = header.split(',').rev().position(|name| name == column).expect("the column");
    let line = lines.nth(row - 1).expect("the row");
    line.rsplit(',').nth(place).expect("a field").parse().expect("a number")
}

/// Returns the last line of a page in JSON.
fn last_line(page: &str) -> Value {
    let page: Value = serde_json::from_str(page).expect("the page is JSON");
    page["steps"].as_array().expect("a list").last().expect("a line").clone()
}

#[test]
fn a_probability_is_traced_to_the_row() {
    for class in ["Adelie", "Chinstrap", "Gentoo"] {
        let answer = format!("p({class})");
        let why = ["--row", "160", "--why", &answer, "--format", "json"];
        let line = last_line(&explain(species(), &why).success());
        assert_eq!(line["id"], format!("a_{class}"));
        let expected = predicted(species(), PENGUINS, 160, &answer);
        let value = line["value"].as_f64().expect("a number");
        // Predictions are written with six decimals.
        assert!((value - expected).abs() < 1.5e-6, "{value} is not {expected}");
    }
}

#[test]
fn both_of_two_classes_can_be_asked_for() {
    for (class, id) in [("female", "p_female"), ("male", "a_male")] {
        let answer = format!("p({class})");
        let why = ["--row", "2", "--why", &answer, "--format", "json"];
        let line = last_line(&explain(sex(), &why).success());
        assert_eq!(line["id"], id);
        let expected = predicted(sex(), PENGUINS, 2, &answer);
        assert!((line["value"].as_f64().expect("a number") - expected).abs() < 1.5e-6);
    }
    let page = explain(sex(), &["--row", "2", "--why", "p(female)"]).success();
    assert!(page.contains("Answers\n  p_female = 1 - a_male\n"), "{page}");
    // A probability that is read off adds up with the output, in any step.
    let steps = ["--row", "2", "--steps", "2", "--why", "p(female)@2", "--format", "json"];
    assert_eq!(last_line(&explain(sex(), &steps).success())["id"], "p_female@2");
}

#[test]
fn a_number_is_traced_to_its_unit() {
    let table = "tables/diabetes.csv";
    let model = model("progression", table, "progression");
    let arguments = ["explain", &model, "--data", table, "--row", "7", "--why", "progression"];
    let page = run(&[&arguments[..], &["--format", "json"]].concat()).success();
    let line = last_line(&page);
    assert_eq!(line["id"], "y_progression");
    assert_eq!(line["phase"], "answer");
    let expected = predicted(&model, table, 7, "predicted_progression");
    let value = line["value"].as_f64().expect("a number");
    assert!((value - expected).abs() < 1e-5 * expected, "{value} is not {expected}");
}

#[test]
fn the_page_is_of_the_row_and_of_the_step_on_it() {
    let page = explain(species(), &["--row", "5"]).success();
    assert!(page.starts_with("Row 5 of tables/penguins.csv (line 6)\n"), "{page}");
    for part in ["island_Torgersen = 1", "Forward pass", "Gradients", "New weights", "The loss "] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let widest = page.lines().map(unicode_width::UnicodeWidthStr::width).max();
    assert!(widest <= Some(80), "{widest:?}");
    let four = explain(species(), &["--row", "5", "--only", "backward", "--decimals", "4"]);
    let four = four.success();
    assert!(four.contains("shown to 4 decimals") && !four.contains("Forward pass\n"), "{four}");
}

#[test]
fn every_format_is_written_to_a_file() {
    let folder = folder("explain_row_formats");
    let starts = [
        ("md", "# Row"),
        ("tex", "\\documentclass"),
        ("html", "<!DOCTYPE"),
        ("svg", "<?xml"),
        ("json", "{"),
    ];
    for (ending, start) in starts {
        let path = folder.join(format!("page.{ending}"));
        let path = path.to_str().expect("a plain path");
        assert_eq!(explain(sex(), &["--row", "2", "-o", path]).success(), "");
        let page = std::fs::read_to_string(path).expect("it is written");
        assert!(page.to_lowercase().starts_with(&start.to_lowercase()), "{ending}: {page:.60}");
        assert!(page.contains("male"), "{ending}");
    }
}

/// The fourth penguin's sex is not known.
#[test]
fn a_row_without_an_answer_has_a_prediction_only() {
    let page = explain(sex(), &["--row", "4"]);
    assert_eq!(page.status, 0, "{page}");
    assert!(page.stderr.contains("penguins.csv:5: column `bill_length_mm` is missing"), "{page}");
    let page = page.stdout;
    assert!(page.contains("p_female = 1 - a_male"), "{page}");
    for word in ["Loss", "E =", "t_male", "δ", "Learning rate"] {
        assert!(!page.contains(word), "{word} in {page}");
    }
    let json = explain(sex(), &["--row", "4", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).expect("the page is JSON");
    assert_eq!(json["losses"], Value::Array(Vec::new()));
    assert_eq!(json["samples"][0]["targets"], Value::Null);
    let why = explain(sex(), &["--row", "4", "--why", "p(male)", "--only", "forward"]);
    assert_eq!(why.status, 0, "{why}");
    let refused: [&[&str]; 6] = [
        &["--only", "update"],
        &["--why", "loss"],
        &["--why", "w_h1_male_new"],
        &["--steps", "2"],
        &["--compare"],
        &["--format", "svg"],
    ];
    for more in refused {
        let run = explain(sex(), &[&["--row", "4"], more].concat());
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{more:?}: {run}");
        assert!(run.stderr.contains("row 4 has no answer in `sex`"), "{run}");
        assert!(run.stderr.contains("help: its prediction can be explained"), "{run}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let table: [(&[&str], i32, &str); 9] = [
        (&["explain", sex()], 2, "name a table and a row: `--data FILE --row N`"),
        (&["explain", sex(), "--data", PENGUINS, "--sample", "2"], 2, "`--row N` chooses a row"),
        (&["explain", sex(), "--data", PENGUINS, "--row", "345"], 1, "choose a row from 1 to 344"),
        (&["explain", sex(), "--data", PENGUINS, "--row", "0"], 2, "0 is not in 1.."),
        (&["explain", sex(), "--data", PENGUINS, "--why", "p(femal)"], 2, "`p(female)`"),
        (&["explain", sex(), "--data", PENGUINS, "--why", "island=Biscoe"], 2, "is given"),
        (&["explain", sex(), "--data", "tables/iris.csv"], 1, "species"),
        (&["explain", "--data", PENGUINS], 2, "<FILE>"),
        (&["check", sex()], 1, "is a model, not a text"),
    ];
    for (arguments, status, part) in table {
        let run = run(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{arguments:?}: {run}");
        assert!(run.stderr.contains(part), "no {part}: {run}");
    }
    let network = "../crates/chainrule/worked/mazur.toml";
    let run = run(&["explain", network, "--data", PENGUINS]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.contains("`--sample N` chooses one"), "{run}");
}

/// A model is known by what is in it, whatever it is called, and from
/// standard input.
#[test]
fn a_model_is_known_by_its_content() {
    let folder = folder("explain_row_content");
    let renamed = folder.join("network.toml");
    std::fs::copy(sex(), &renamed).expect("the model is there");
    let renamed = renamed.to_str().expect("a plain path");
    let expected = explain(sex(), &["--row", "2"]).success();
    assert_eq!(explain(renamed, &["--row", "2"]).success(), expected);
    let model = std::fs::File::open(Path::new(sex())).expect("the model is there");
    let mut piped = command(&["explain", "-", "--data", PENGUINS, "--row", "2"]);
    let output = piped.stdin(model).output().expect("it runs");
    assert_eq!(crate::support::Run::of(output).success(), expected);
}
