//! `chainrule train --stream`: the same quality as in memory, the same bits on
//! any number of threads, and what cannot be had is said.

use std::path::Path;

use serde_json::Value;

use crate::support::{Run, folder, run};

/// So little that digits, of 1,797 rows, take two windows or three.
const LITTLE: &str = "102.05MB";

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_string()
}

fn digits(model: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["train", "tables/digits.csv", "-t", "digit", "-o", model];
    arguments.extend(["--stream", "--memory", LITTLE]);
    arguments.extend(more);
    run(&arguments)
}

/// Returns a score of the model on a table.
fn score(model: &str, data: &str, name: &str) -> f64 {
    let run = run(&["evaluate", model, "--data", data, "--format", "json", "--resamples", "0"]);
    assert_eq!(run.status, 0, "{run}");
    let evaluation: Value = serde_json::from_str(&run.stdout).expect("the output is JSON");
    evaluation["scores"][name].as_f64().unwrap_or_else(|| panic!("no {name} in {evaluation}"))
}

/// Returns how many rows a window has.
fn window(run: &Run) -> usize {
    let said = run.stderr.split("windows of ").nth(1).and_then(|rest| rest.split(' ').next());
    said.and_then(|rows| rows.parse().ok()).unwrap_or_else(|| panic!("{run}"))
}

#[test]
fn small_tables_are_learned_as_well_as_in_memory() {
    let folder = folder("small_tables_are_learned_as_well_as_in_memory");
    let tables = [
        ("penguins", "species", "accuracy", 0.98),
        ("wine", "cultivar", "accuracy", 0.97),
        ("iris", "species", "accuracy", 0.94),
        ("diabetes", "progression", "r2", 0.45),
    ];
    for (table, target, metric, least) in tables {
        let (model, data) = (path(&folder, table), format!("tables/{table}.csv"));
        let trained = run(&["train", &data, "-t", target, "--stream", "-o", &model]);
        assert_eq!(trained.status, 0, "{trained}");
        assert!(trained.stderr.contains(" within 256.0 MB: windows of "), "{trained}");
        let found = score(&model, &data, metric);
        assert!(found > least, "{table}: {metric} {found}, expected above {least}");
    }
}

#[test]
fn several_windows_give_the_same_bits_on_any_number_of_threads() {
    let folder = folder("several_windows_give_the_same_bits_on_any_number_of_threads");
    let models = ["1", "2", "3"].map(|threads| {
        let model = path(&folder, threads);
        let trained = digits(&model, &["--threads", threads]);
        assert_eq!(trained.status, 0, "{trained}");
        assert!(window(&trained) < 1400, "one window holds all rows: {trained}");
        assert!(score(&model, "tables/digits.csv", "accuracy") > 0.97);
        std::fs::read(model).expect("it is written")
    });
    assert!(models[0] == models[1] && models[1] == models[2]);
    let other = path(&folder, "seed");
    assert_eq!(digits(&other, &["--seed", "1"]).status, 0);
    assert!(std::fs::read(other).expect("it is written") != models[0]);
}

#[test]
fn a_streamed_run_goes_on_from_its_checkpoint() {
    let folder = folder("a_streamed_run_goes_on_from_its_checkpoint");
    let (straight, resumed) = (path(&folder, "straight"), path(&folder, "resumed"));
    let checkpoints = path(&folder, "checkpoints");
    let settings = ["--dropout", "0.1", "--learning-rate", "0.003", "--hidden", "16"];
    let with = |more: &[&'static str]| [&settings[..], more].concat();
    assert_eq!(digits(&straight, &with(&["--epochs", "6"])).status, 0);
    let mut first = with(&["--epochs", "3", "--every", "2", "--checkpoint"]);
    first.push(&checkpoints);
    assert_eq!(digits(&resumed, &first).status, 0);
    let mut second = with(&["--epochs", "6", "--resume", "--checkpoint"]);
    second.push(&checkpoints);
    let gone_on = digits(&resumed, &second);
    assert_eq!(gone_on.status, 0, "{gone_on}");
    assert!(gone_on.stderr.contains("going on after epoch 3"), "{gone_on}");
    assert!(
        std::fs::read(&straight).expect("written") == std::fs::read(&resumed).expect("written")
    );
    // Other windows are another order of the rows.
    second.extend(["--memory", "256MB"]);
    let arguments = ["train", "tables/digits.csv", "-t", "digit", "-o", &resumed, "--stream"];
    let refused = run(&[&arguments[..], &second].concat());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("is of another run: it has `data "), "{refused}");
}

#[test]
fn the_last_rows_validate_in_order_of_time() {
    let folder = folder("the_last_rows_validate_in_order_of_time");
    let table = path(&folder, "time.csv");
    // The last fifth has another class than all before.
    let class = |row: usize| if row < 400 { ["a", "b"][row % 2] } else { "a" };
    let rows: Vec<String> = (0..500).map(|row| format!("{},{}\n", row % 7, class(row))).collect();
    let rows = rows.concat();
    std::fs::write(&table, format!("x,y\n{rows}")).expect("it can be written");
    let model = path(&folder, "time.model");
    let trained =
        run(&["train", &table, "-t", "y", "--stream", "--ordered", "--epochs", "2", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    assert!(trained.stderr.contains("400 rows train, 100 validate"), "{trained}");
    let inspected = run(&["inspect", &model, "--format", "json"]).success();
    let summary: Value = serde_json::from_str(&inspected).expect("it is JSON");
    let classes = &summary["training"]["validation"]["classes"];
    assert_eq!((&classes[0]["support"], &classes[1]["support"]), (&100.into(), &0.into()));
}

#[test]
fn groups_stay_together() {
    let folder = folder("groups_stay_together");
    let table = path(&folder, "groups.csv");
    // Each of fifty people has ten rows and a measure that nobody else has.
    let rows: Vec<String> = (0..500)
        .map(|row| format!("{},{},p{}\n", row / 10, ["a", "b"][row % 2], row / 10))
        .collect();
    let rows = rows.concat();
    std::fs::write(&table, format!("x,y,person\n{rows}")).expect("it can be written");
    let model = path(&folder, "groups.model");
    let more = ["--group", "person", "--stream", "--epochs", "2", "-o", &model];
    let trained = run(&[&["train", &table, "-t", "y"], &more[..]].concat());
    assert_eq!(trained.status, 0, "{trained}");
    let inspected = run(&["inspect", &model, "--format", "json"]).success();
    let summary: Value = serde_json::from_str(&inspected).expect("it is JSON");
    let held_back = summary["training"]["data"]["validation_rows"].as_u64().expect("a number");
    assert!(held_back > 0 && held_back.is_multiple_of(10), "{held_back}");
}

#[test]
fn what_a_stream_cannot_have_is_said() {
    let folder = folder("what_a_stream_cannot_have_is_said");
    let model = path(&folder, "x.model");
    let table: [(&[&str], i32, &str); 6] = [
        (&["-", "-t", "y"], 2, "standard input can be read once only"),
        (&["tables/formats/digits.npz", "-t", "y"], 1, "leave `--stream` away, or write the"),
        (&["tables/iris.csv", "-t", "species", "--folds", "5"], 2, "cannot be used with"),
        (
            &["tables/iris.csv", "-t", "species", "--class-weights", "balanced"],
            1,
            "`class_weights = balanced` cannot be had with a stream",
        ),
        (
            &["tables/iris.csv", "-t", "species", "--optimizer", "lbfgs"],
            1,
            "an optimizer of the whole set",
        ),
        (&["tables/iris.csv", "-t", "species", "--memory", "1MB"], 1, "give it more: `--memory 1"),
    ];
    for (arguments, status, expected) in table {
        let run = run(&[&["train", "--stream", "-o", &model], arguments].concat());
        assert_eq!(run.status, status, "{run}");
        assert!(run.stderr.contains(expected), "{expected}: {run}");
        assert!(!Path::new(&model).exists());
    }
}
