//! `chainrule train --stream`: the same quality as in memory, the same bits on
//! any number of threads, and what cannot be had is said.

use std::path::Path;

use serde_json::Value;

use crate::support::{Run, command, folder, run, testdata};

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

/// Returns the model of a table that has the same name in each folder.
fn model_of(folder: &Path, format: &str, table: &[u8], target: &str) -> Vec<u8> {
    let folder = folder.join(format);
    std::fs::create_dir_all(&folder).expect("it can be made");
    std::fs::write(folder.join("table"), table).expect("it can be written");
    let arguments = ["train", "table", "-t", target, "--stream", "--epochs", "3", "-o", "model"];
    let output = command(&arguments).args(["--memory", LITTLE]).current_dir(&folder).output();
    let trained = Run::of(output.expect("the program can be started"));
    assert_eq!(trained.status, 0, "{format}: {trained}");
    std::fs::read(folder.join("model")).expect("it is written")
}

/// Returns the header of an array of doubles.
fn npy_header(rows: usize, columns: usize) -> Vec<u8> {
    let header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}\n");
    let length = u16::try_from(header.len()).expect("it is short");
    [&b"\x93NUMPY\x01\x00"[..], &length.to_le_bytes(), header.as_bytes()].concat()
}

#[test]
fn an_array_gives_the_model_of_its_csv() {
    let folder = folder("an_array_gives_the_model_of_its_csv");
    let digits = std::fs::read_to_string(testdata().join("tables/digits.csv")).expect("it is");
    let rows: Vec<&str> = digits.lines().skip(1).collect();
    let columns = rows[0].split(',').count();
    let names: Vec<String> = (1..=columns).map(|number| format!("x{number}")).collect();
    let text = format!("{}\n{}\n", names.join(","), rows.join("\n"));
    let mut array = npy_header(rows.len(), columns);
    for cell in rows.iter().flat_map(|row| row.split(',')) {
        array.extend(cell.parse::<f64>().expect("digits are numbers").to_le_bytes());
    }
    let of_text = model_of(&folder, "csv", text.as_bytes(), &names[columns - 1]);
    assert!(of_text == model_of(&folder, "npy", &array, &names[columns - 1]));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_gives_the_model_of_its_csv() {
    let folder = folder("parquet_gives_the_model_of_its_csv");
    let table = |file: &str| std::fs::read(testdata().join("tables").join(file)).expect("it is");
    let of_text = model_of(&folder, "csv", &table("penguins.csv"), "species");
    let of_parquet = table("formats/penguins.parquet");
    assert!(of_text == model_of(&folder, "parquet", &of_parquet, "species"));
}

#[test]
fn images_are_streamed_with_their_labels() {
    let folder = folder("images_are_streamed_with_their_labels");
    let (images, labels) = (path(&folder, "images-idx3-ubyte"), path(&folder, "labels-idx1-ubyte"));
    // The brighter half of a picture of four pixels is its label.
    let byte = |row: usize, side: usize| if row % 2 == side { 200 } else { 10 + row % 90 };
    let pixels = (0..300).flat_map(|row| [byte(row, 0), byte(row, 0), byte(row, 1), byte(row, 1)]);
    let bytes = |header: &[u8], values: &mut dyn Iterator<Item = usize>| -> Vec<u8> {
        let values = values.map(|value| u8::try_from(value).expect("a byte"));
        header.iter().copied().chain(values).collect()
    };
    let header = [0, 0, 8, 3, 0, 0, 1, 44, 0, 0, 0, 2, 0, 0, 0, 2];
    std::fs::write(&images, bytes(&header, &mut { pixels })).expect("it can be written");
    let of_labels = bytes(&[0, 0, 8, 1, 0, 0, 1, 44], &mut (0..300).map(|row| row % 2));
    std::fs::write(&labels, of_labels).expect("it can be written");
    let model = path(&folder, "model");
    let more = ["--labels", &labels, "--stream", "--epochs", "20", "-o", &model];
    let trained = run(&[&["train", &images], &more[..]].concat());
    assert_eq!(trained.status, 0, "{trained}");
    let inspected = run(&["inspect", &model, "--format", "json"]).success();
    let summary: Value = serde_json::from_str(&inspected).expect("it is JSON");
    let validation = &summary["training"]["validation"];
    let rows = validation["classes"].as_array().expect("there are classes");
    assert_eq!(rows.len(), 2, "{validation}");
    assert!(rows.iter().all(|class| class["recall"] == 1.0), "{validation}");
    let command = summary["training"]["command"].as_str().expect("it is kept");
    for option in ["--labels", "--target label", "--stream", "--memory"] {
        assert!(command.contains(option), "{option}: {command}");
    }
}

#[test]
fn what_a_stream_cannot_have_is_said() {
    let folder = folder("what_a_stream_cannot_have_is_said");
    let model = path(&folder, "x.model");
    let table: [(&[&str], i32, &str); 7] = [
        (&["-", "-t", "y"], 2, "standard input can be read once only"),
        (&["tables/formats/digits.npz", "-t", "y"], 1, "as Parquet or CSV, or leave `--stream`"),
        (&["tables/iris.csv", "--labels", "tables/iris.csv"], 1, "with arrays only; this is CSV"),
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
