//! From a table to a model and back, with real files, real kills and real
//! signals.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Run, command, files, folder, run, run_with_input, testdata};

pub(crate) fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_string()
}

/// Returns a score of the model on a table.
fn score(model: &str, data: &str, name: &str) -> f64 {
    let run = run(&["evaluate", model, "--data", data, "--format", "json", "--resamples", "0"]);
    assert_eq!(run.status, 0, "{run}");
    let evaluation: Value = serde_json::from_str(&run.stdout).expect("the output is JSON");
    evaluation["scores"][name].as_f64().unwrap_or_else(|| panic!("no {name} in {evaluation}"))
}

#[test]
fn a_table_becomes_a_model_and_predictions() {
    let folder = folder("a_table_becomes_a_model_and_predictions");
    let model = path(&folder, "penguins.model");
    let trained = run(&["train", "tables/penguins.csv", "--target", "species", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    assert!(trained.stderr.contains("`species`: target, 3 classes"), "{trained}");
    assert!(trained.stderr.contains("learning_rate = "), "{trained}");
    assert!(trained.stdout.contains("accuracy"), "{trained}");
    assert!(score(&model, "tables/penguins.csv", "accuracy") > 0.98);

    let predicted = run(&["predict", &model, "tables/penguins.csv"]);
    assert_eq!((predicted.status, predicted.stderr.as_str()), (0, ""));
    let given = std::fs::read_to_string(crate::support::testdata().join("tables/penguins.csv"));
    let given = given.expect("the table is there");
    assert_eq!(predicted.stdout.lines().count(), given.lines().count());
    let mut right = 0;
    for (line, given) in predicted.stdout.lines().zip(given.lines()) {
        let added = line.strip_prefix(given).unwrap_or_else(|| panic!("`{line}` keeps `{given}`"));
        let label = added.split(',').nth(1).expect("a label follows");
        right += usize::from(given.split(',').next() == Some(label));
    }
    assert!(right > 335, "{right} of 344");
    let header = predicted.stdout.lines().next().expect("there is a header");
    assert!(header.ends_with(",predicted_species,p(Adelie),p(Chinstrap),p(Gentoo)"), "{header}");

    let inspected = run(&["inspect", &model, "--memory"]).success();
    assert!(inspected.starts_with("Predicts `species`, one of 3 classes: Adelie"), "{inspected}");
    let exported = run(&["export", &model, "--to", "json"]).success();
    assert!(serde_json::from_str::<Value>(&exported).is_ok());
}

#[test]
fn numbers_come_back_in_their_unit() {
    let folder = folder("numbers_come_back_in_their_unit");
    let model = path(&folder, "diabetes.model");
    let trained = run(&["train", "tables/diabetes.csv", "-t", "progression", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    // A constant prediction has R² 0; the progression is from 25 to 346.
    assert!(score(&model, "tables/diabetes.csv", "r2") > 0.45);
    let predicted = run(&["predict", &model, "tables/diabetes.csv"]).success();
    for line in predicted.lines().skip(1) {
        let number: f64 = line.rsplit(',').next().expect("a field").parse().expect("a number");
        assert!((0.0..500.0).contains(&number), "{line}");
    }
}

#[test]
fn the_same_command_gives_the_same_file() {
    let folder = folder("the_same_command_gives_the_same_file");
    let models = [("a.model", "1"), ("b.model", "2"), ("c.model", "1")].map(|(name, threads)| {
        let model = path(&folder, name);
        let seed = if name == "c.model" { "1" } else { "0" };
        let run = run(&[
            "train",
            "tables/iris.csv",
            "-t",
            "species",
            "--threads",
            threads,
            "--seed",
            seed,
            "-o",
            &model,
        ]);
        assert_eq!(run.status, 0, "{run}");
        std::fs::read(model).expect("the model is written")
    });
    assert!(models[0] == models[1], "two threads made another model than one");
    assert!(models[0] != models[2], "another seed made the same model");
}

/// Arguments of a run that takes a second or so.
pub(crate) fn long<'a>(model: &'a str, epochs: &'a str) -> Vec<&'a str> {
    vec![
        "train",
        "tables/digits.csv",
        "-t",
        "digit",
        "--hidden",
        "64",
        "--dropout",
        "0.1",
        "--patience",
        "off",
        "--epochs",
        epochs,
        "-q",
        "-o",
        model,
    ]
}

pub(crate) fn start(arguments: &[&str]) -> Child {
    let mut command: Command = command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program can be started")
}

/// Waits until something is so, a minute at most.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_model() {
    let folder = folder("a_killed_run_goes_on_to_the_same_model");
    let (whole, resumed) = (path(&folder, "whole.model"), path(&folder, "resumed.model"));
    assert_eq!(run(&long(&whole, "60")).status, 0);
    let checkpoints = folder.join("checkpoints");
    let newest = checkpoints.join("newest.checkpoint");
    let checkpointed = |resume: bool| {
        let mut arguments = long(&resumed, "60");
        let folder = checkpoints.to_str().expect("a plain path").to_string();
        arguments.extend(["--every", "2", "--checkpoint"]);
        let mut arguments: Vec<String> = arguments.into_iter().map(String::from).collect();
        arguments.push(folder);
        if resume {
            arguments.push("--resume".to_string());
        }
        arguments
    };
    for kills in 0..4 {
        let arguments = checkpointed(kills > 0);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let before = std::fs::read(&newest).ok();
        let mut child = start(&arguments);
        wait_until("a checkpoint is written", || {
            std::fs::read(&newest).is_ok_and(|bytes| Some(bytes) != before)
        });
        std::thread::sleep(Duration::from_millis(3 * kills));
        child.kill().expect("it still runs");
        child.wait().expect("it ends");
        assert!(!Path::new(&resumed).exists(), "it was killed before it could write the model");
    }
    let arguments = checkpointed(true);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let last = run(&arguments);
    assert_eq!(last.status, 0, "{last}");
    assert!(std::fs::read(&whole).expect("written") == std::fs::read(&resumed).expect("written"));

    // A damaged newest checkpoint: the one before it serves.
    let mut bytes = std::fs::read(&newest).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, bytes).expect("it can be written");
    std::fs::remove_file(&resumed).expect("it is there");
    let again = run(&arguments);
    assert_eq!(again.status, 0, "{again}");
    assert!(again.stderr.contains("newest.checkpoint` is damaged"), "{again}");
    assert!(std::fs::read(&whole).expect("written") == std::fs::read(&resumed).expect("written"));

    // Other settings are another run.
    let mut other = arguments.clone();
    other.extend(["--l2", "0.1"]);
    let refused = run(&other);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("it has `l2 = 0`, this run `l2 = 0.1`"), "{refused}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_best_so_far() {
    let folder = folder("ctrl_c_keeps_the_best_so_far");
    let model = path(&folder, "digits.model");
    let checkpoints = path(&folder, "checkpoints");
    let mut arguments = long(&model, "1000000");
    arguments.retain(|argument| *argument != "-q");
    arguments.extend(["--every", "1", "--checkpoint", &checkpoints]);
    let child = start(&arguments);
    let newest = Path::new(&checkpoints).join("newest.checkpoint");
    wait_until("training is under way", || newest.exists());

    let second = run(&arguments);
    assert_eq!(second.status, 1, "{second}");
    assert!(second.stderr.contains("another process trains with"), "{second}");

    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill can be run");
    assert!(sent.success());
    let run = Run::of(child.wait_with_output().expect("it ends"));
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains("the same command with `--resume` goes on"), "{run}");
    assert!(score(&model, "tables/digits.csv", "accuracy") > 0.5);
}

#[test]
fn bad_tables_leave_no_model() {
    let folder = folder("bad_tables_leave_no_model");
    let table = [
        ("ragged_short.csv", "ragged_short.csv:21: found 3 fields, expected 5"),
        ("wrong_type_midfile.csv", ":102: column `petal_length_cm` holds `oops`"),
        ("single_class.csv", "the target `species` is `setosa` in every row"),
        ("one_row.csv", "has 1 row with a target, training needs at least 2"),
        ("missing_target_column.csv", "has no column `species`"),
        ("empty.csv", "the file is empty"),
        ("truncated.csv.gz", "unexpected end of compressed data"),
    ];
    for (file, expected) in table {
        let (data, model) = (format!("tables/bad/{file}"), path(&folder, "x.model"));
        let run = run(&["train", &data, "--target", "species", "-o", &model]);
        assert_eq!(run.status, 1, "{file}: {run}");
        assert!(run.stderr.contains(expected), "{file}: {run}");
        assert!(run.stderr.contains("\nhelp: "), "{file}: {run}");
        assert_eq!(files(&folder), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn odd_new_rows_are_predicted_or_refused_by_name() {
    let folder = folder("odd_new_rows_are_predicted_or_refused_by_name");
    let model = path(&folder, "iris.model");
    let trained =
        run(&["train", "tables/iris.csv", "-t", "species", "-q", "--epochs", "5", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    let reordered = run(&["predict", &model, "tables/bad/predict_reordered_columns.csv"]).success();
    let usual = run(&["predict", &model, "tables/iris.csv"]).success();
    let added = |text: &str| -> Vec<String> {
        let fields = |line: &str| line.rsplitn(5, ',').take(4).collect::<Vec<_>>().join(",");
        text.lines().skip(1).map(fields).collect()
    };
    assert_eq!(added(&reordered), added(&usual)[..added(&reordered).len()]);
    let missing = run(&["predict", &model, "tables/bad/predict_missing_column.csv"]);
    assert_eq!((missing.status, missing.stdout.as_str()), (1, ""));
    assert!(missing.stderr.contains("has no column `petal_length_cm`"), "{missing}");

    let rows = "sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm\n5.1,,1.4,0.2\n";
    let piped = run_with_input(&["predict", &model, "-"], rows.as_bytes());
    assert_eq!(piped.status, 0, "{piped}");
    assert_eq!(piped.stdout.lines().count(), 2);
    let array = std::fs::read(testdata().join("tables/formats/iris_X_fortran.npy")).expect("it is");
    let piped = run_with_input(&["predict", &model, "-"], &array);
    assert_eq!((piped.status, piped.stdout.as_str()), (1, ""), "{piped}");
    assert!(piped.stderr.contains("standard input is no CSV"), "{piped}");
    let no_model = run(&["predict", "tables/iris.csv", "tables/iris.csv"]);
    assert_eq!(no_model.status, 1, "{no_model}");
    assert!(no_model.stderr.contains("tables/iris.csv is no model"), "{no_model}");
    let misspelt = rows.replace("sepal_length_cm", "SepalLength");
    let misspelt = run_with_input(&["predict", &model, "-"], misspelt.as_bytes());
    assert!(misspelt.stderr.contains("it has `SepalLength`, `sepal_width_cm`"), "{misspelt}");
}

#[test]
fn a_result_takes_the_place_of_nothing_that_is_read() {
    let folder = folder("a_result_takes_the_place_of_nothing_that_is_read");
    let table = folder.join("t.csv");
    let text = std::fs::read_to_string(testdata().join("tables/iris.csv")).expect("it is there");
    std::fs::write(&table, &text).expect("written");
    let model = folder.join("m.model").display().to_string();
    let path = table.display().to_string();
    let roundabout = folder.join("../a_result_takes_the_place_of_nothing_that_is_read/t.csv");
    let roundabout = roundabout.display().to_string();
    let train = ["train", &path, "--target", "species", "--epochs", "2", "--quiet"];
    assert_eq!(run(&[&train[..], &["-o", &model]].concat()).status, 0);
    let before = std::fs::read(&model).expect("it was written");
    for refused in [
        [&train[..], &["-o", &path]].concat(),
        [&train[..], &["-o", &model, "--report", &roundabout]].concat(),
        vec!["predict", &model, &path, "-o", &roundabout],
        vec!["predict", &model, &path, "-o", &model],
        vec!["evaluate", &model, "--data", &path, "--report", &roundabout],
        vec!["explain", &model, "--data", &path, "-o", &path],
    ] {
        let done = run(&refused);
        assert_eq!(done.status, 2, "{refused:?}: {done}");
        assert!(done.stderr.contains("would take the place of"), "{done}");
    }
    assert_eq!(std::fs::read_to_string(&table).expect("it is there"), text);
    assert_eq!(std::fs::read(&model).expect("it is there"), before);
}

#[test]
fn a_class_that_only_validation_has_is_left_out_of_it() {
    let folder = folder("a_class_that_only_validation_has_is_left_out_of_it");
    let model = folder.join("m.model").display().to_string();
    // In order, the last class stands at the end, where rows are held back.
    for stream in [&[][..], &["--stream"]] {
        let train = ["train", "tables/iris.csv", "--target", "species", "--epochs", "2"];
        let kept = ["--ordered", "--validation", "0.34", "-o", &model];
        let done = run(&[&train[..], &kept, stream].concat());
        assert_eq!(done.status, 0, "{done}");
        assert!(done.stderr.contains("virginica"), "{done}");
    }
}

#[test]
fn cells_of_rows_without_an_answer_are_nobody_s_business() {
    let folder = folder("cells_of_rows_without_an_answer_are_nobody_s_business");
    let model = folder.join("m.model").display().to_string();
    let train = ["train", "tables/penguins.csv", "--target", "sex", "--epochs", "2", "-o", &model];
    assert_eq!(run(&train).status, 0);
    let evaluated = run(&["evaluate", &model, "--data", "tables/penguins.csv"]);
    assert_eq!(evaluated.status, 0, "{evaluated}");
    // Rows 5 and 273 have neither measures nor a sex.
    assert!(!evaluated.stderr.contains("is taken instead"), "{evaluated}");
}

#[test]
fn settings_beyond_reason_are_refused_before_training() {
    let folder = folder("settings_beyond_reason_are_refused_before_training");
    let model = folder.join("m.model").display().to_string();
    for (option, value, said) in [
        ("--batch", "0", "the batch size is 0"),
        ("--hidden", "100000,100000", "the number of weights and biases is"),
    ] {
        let train = ["train", "tables/iris.csv", "--target", "species", "-o", &model];
        let done = run(&[&train[..], &[option, value]].concat());
        assert_eq!(done.status, 1, "{done}");
        assert!(done.stderr.contains(said), "{done}");
    }
    // All rows are a batch.
    let all = ["--batch", "18446744073709551615", "--epochs", "2", "-o", &model];
    let done = run(&[&["train", "tables/iris.csv", "--target", "species"][..], &all].concat());
    assert_eq!(done.status, 0, "{done}");
}

#[test]
fn numbers_near_the_largest_make_a_model_that_can_be_read() {
    let folder = folder("numbers_near_the_largest_make_a_model_that_can_be_read");
    let (table, model) = (folder.join("t.csv"), folder.join("m.model").display().to_string());
    let sign = |row: i32| if row % 2 == 0 { "" } else { "-" };
    let rows: Vec<String> =
        (0..50).map(|row| format!("{row},{}1.{row:02}e308", sign(row))).collect();
    std::fs::write(&table, format!("x,y\n{}\n", rows.join("\n"))).expect("written");
    let table = table.display().to_string();
    let done = run(&["train", &table, "--target", "y", "--epochs", "2", "-o", &model]);
    assert_eq!(done.status, 0, "{done}");
    let inspected = run(&["inspect", &model]);
    assert_eq!(inspected.status, 0, "{inspected}");
}

#[test]
fn predictions_are_written_as_the_table_is() {
    let folder = folder("predictions_are_written_as_the_table_is");
    let model = folder.join("m.model").display().to_string();
    let output = folder.join("p.csv").display().to_string();
    let table = "tables/formats/iris_semicolon.csv";
    let trained = run(&["train", table, "--target", "species", "--epochs", "2", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    assert_eq!(run(&["predict", &model, table, "-o", &output]).status, 0);
    let text = std::fs::read_to_string(&output).expect("it was written");
    assert!(!text.lines().skip(1).any(|line| line.contains('.')), "decimal commas: {text}");
    // And not twice.
    let again = run(&["predict", &model, &output]);
    assert_eq!((again.status, again.stdout.as_str()), (1, ""), "{again}");
    assert!(again.stderr.contains("has a column `predicted_species` already"), "{again}");
}

/// A file is read in blocks of some megabytes; that is nobody's business.
#[test]
fn new_rows_in_many_blocks_are_remarked_on_once() {
    let folder = folder("new_rows_in_many_blocks_are_remarked_on_once");
    let (table, model) = (path(&folder, "new.csv"), path(&folder, "penguins.model"));
    let train = ["train", "tables/penguins.csv", "-t", "species", "-q", "--epochs", "3"];
    assert_eq!(run(&[&train[..], &["-o", &model]].concat()).status, 0);
    let header = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year\n";
    let rows = "Mars,39.1,18.7,181,3750,male,2007\n".repeat(600_000);
    std::fs::write(&table, format!("{header}{rows}")).expect("written");
    let predicted = run(&["predict", &model, &table, "-o", &path(&folder, "out.csv")]);
    assert_eq!(predicted.status, 0, "{predicted}");
    let expected = "column `island` holds `Mars`, unknown from training, and counts as \
                    `island=other` (600000 such cells)\n";
    assert_eq!(predicted.stderr, format!("{table}:2: {expected}"));
}

#[test]
fn settings_come_from_a_file_and_then_from_the_command_line() {
    let folder = folder("settings_come_from_a_file_and_then_from_the_command_line");
    let printed = run(&["train", "--print-config", "--hidden", "8,4", "-t", "species"]).success();
    let config = path(&folder, "train.toml");
    std::fs::write(&config, &printed).expect("it can be written");
    let again = run(&["train", "--print-config", "--config", &config]).success();
    assert_eq!(again, printed);
    let model = path(&folder, "iris.model");
    let trained = run(&[
        "train",
        "tables/iris.csv",
        "--config",
        &config,
        "--epochs",
        "3",
        "--format",
        "json",
        "-o",
        &model,
    ]);
    assert_eq!((trained.status, trained.stderr.as_str()), (0, ""));
    let lines: Vec<Value> = trained
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let events: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(events, ["epoch", "epoch", "epoch", "done"]);
    let inspected = run(&["inspect", &model]).success();
    assert!(inspected.contains("layer 2: 8 to 4, relu"), "{inspected}");

    std::fs::write(&config, "hiden = [3]\n").expect("it can be written");
    let wrong = run(&["train", "tables/iris.csv", "--config", &config]);
    assert_eq!(wrong.status, 1, "{wrong}");
    assert!(wrong.stderr.contains("did you mean `hidden`?"), "{wrong}");
    let wrong = run(&["train", "tables/iris.csv", "--activation", "rleu"]);
    assert_eq!(wrong.status, 2, "{wrong}");
    assert!(wrong.stderr.contains("did you mean `relu`"), "{wrong}");
}

#[test]
fn folds_measure_on_every_row() {
    let folder = folder("folds_measure_on_every_row");
    let model = path(&folder, "wine.model");
    let run = run(&["train", "tables/wine.csv", "-t", "cultivar", "--folds", "5", "-o", &model]);
    assert_eq!(run.status, 0, "{run}");
    let line = run.stdout.lines().find(|line| line.starts_with("accuracy over 5 folds: "));
    let mean = line.and_then(|line| line.split(&[' ', ','][..]).nth(4)?.parse::<f64>().ok());
    assert!(mean.expect("a mean is told") > 0.93, "{run}");
}

#[test]
fn several_targets_have_scores_of_their_own() {
    let folder = folder("several_targets_have_scores_of_their_own");
    let (table, model) = (path(&folder, "two.csv"), path(&folder, "two.model"));
    // One target in hundreds that follows from x, one in tenths that does not.
    let rows: Vec<String> = (0..400_u32)
        .map(|row| {
            let (x, noise) = (row % 20, row.wrapping_mul(2_654_435_769) >> 28);
            format!("{x},{},0.{noise},{},{}\n", 100 * x, ["no", "yes"][usize::from(x > 9)], x % 2)
        })
        .collect();
    std::fs::write(&table, format!("x,far,near,late,odd\n{}", rows.concat())).expect("written");
    let told = |targets: &str, dropped: &str| {
        let run = run(&["train", &table, "-t", targets, "--drop", dropped, "-o", &model]);
        assert_eq!(run.status, 0, "{run}");
        let rows = run.stdout.lines().filter_map(|line| {
            let (name, cells) = line.split_once(' ')?;
            Some((name.to_string(), cells.split_whitespace().map(String::from).collect()))
        });
        rows.collect::<std::collections::HashMap<String, Vec<String>>>()
    };
    let number = |cell: &String| cell.parse::<f64>().expect("a number");
    let numbers = told("far,near", "late,odd");
    assert_eq!(numbers["target"], ["R²", "RMSE", "MAE", "MAPE"]);
    assert!(number(&numbers["far"][0]) > 0.9 && number(&numbers["near"][0]) < 0.5, "{numbers:?}");
    assert!(number(&numbers["far"][1]) > 10.0 * number(&numbers["near"][1]), "{numbers:?}");
    let labels = told("late,odd", "far,near");
    assert_eq!(labels["label"], ["precision", "recall", "F1", "ROC-AUC", "PR-AUC"]);
    assert!(number(&labels["late"][3]) > 0.9, "{labels:?}");
}

#[cfg(feature = "parquet")]
#[test]
fn rows_of_parquet_keep_their_columns() {
    let folder = folder("rows_of_parquet_keep_their_columns");
    let model = path(&folder, "penguins.model");
    let train = ["train", "tables/penguins.csv", "-t", "species", "-q", "--epochs", "3"];
    assert_eq!(run(&[&train[..], &["-o", &model]].concat()).status, 0);
    let of_text = run(&["predict", &model, "tables/penguins.csv"]).success();
    let of_parquet = run(&["predict", &model, "tables/formats/penguins.parquet"]).success();
    // Missing cells, numbers with a point: the same rows, written in another way.
    let same = |cell: &str| match cell.parse::<f64>() {
        Ok(number) => number.to_string(),
        Err(_) => cell.replace("NA", ""),
    };
    let cells = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(same).collect()).collect()
    };
    assert_eq!(cells(&of_parquet), cells(&of_text));
}
