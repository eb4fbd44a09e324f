//! `chainrule train` without options on real data, from file to score: as good
//! as scikit-learn's network on the same rows, which
//! `testdata/scores/bars.json` holds.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{folder, plain, run, skip, testdata};
use crate::tables::path;

/// Returns where a data set lies: in the repository, or, where it may not be
/// passed on, in the folder that `CHAINRULE_DATA` names.
fn place(file: &str) -> Option<PathBuf> {
    let own = testdata().join("tables").join(file);
    let shared = std::env::var_os("CHAINRULE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    [own, shared.join(file)].into_iter().find(|path| path.exists())
}

fn text(path: &Path) -> String {
    if path.extension().is_some_and(|ending| ending == "gz") {
        let output = plain("gzip", &["-dc", &path.to_string_lossy()]).output();
        return String::from_utf8(output.expect("there is gzip").stdout).expect("text");
    }
    std::fs::read_to_string(path).expect("it is text")
}

/// Writes every fourth row of a table, from the fourth on, to a file of its own.
fn divided(table: &Path, folder: &Path) -> [String; 2] {
    let text = text(table);
    let (header, rows) = text.split_once('\n').expect("there is a header");
    let files = ["train.csv", "test.csv"].map(|name| path(folder, name));
    for (file, is_test) in files.iter().zip([false, true]) {
        let rows = rows.lines().enumerate().filter(|(row, _)| (row % 4 == 3) == is_test);
        let rows: Vec<&str> = rows.map(|(_, line)| line).collect();
        std::fs::write(file, format!("{header}\n{}\n", rows.join("\n"))).expect("written");
    }
    files
}

/// Trains, with nothing said but the target, and returns the line that tells
/// what came of it.
fn trained(data: &str, target: Option<&str>, model: &str) -> Value {
    let mut arguments = vec!["train", data, "-o", model, "--format", "json"];
    arguments.extend(target.iter().flat_map(|target| ["--target", target]));
    let output = done(&arguments);
    serde_json::from_str(output.lines().last().expect("a last line")).expect("it is JSON")
}

/// Runs the program, which may have something to remark.
fn done(arguments: &[&str]) -> String {
    let run = run(arguments);
    assert_eq!(run.status, 0, "{run}");
    run.stdout
}

/// Returns the score on the test rows.
fn score(file: &Path, target: Option<&str>, name: &str, folder: &Path) -> f64 {
    let model = path(folder, "of.model");
    let file_name = file.to_string_lossy();
    let [data, test] = match target {
        Some(_) => divided(file, folder),
        None => [file_name.to_string(), file_name.replace(".train", ".test")],
    };
    let trained = trained(&data, target, &model);
    // Proben1's files hold their test rows.
    let evaluation = if test == data {
        trained["test"].clone()
    } else {
        let arguments =
            ["evaluate", &model, "--data", &test, "--format", "json", "--resamples", "0"];
        serde_json::from_str(&done(&arguments)).expect("it is JSON")
    };
    evaluation["scores"][name].as_f64().unwrap_or_else(|| panic!("no {name} in {evaluation}"))
}

/// Checks the data sets of which `is_meant`.
fn reach_the_bars(test: &str, is_meant: impl Fn(&str) -> bool) {
    let bars = std::fs::read_to_string(testdata().join("scores/bars.json")).expect("it is there");
    let bars: Vec<Value> = serde_json::from_str(&bars).expect("it is JSON");
    let mut misses = Vec::new();
    for bar in bars.iter().filter(|bar| is_meant(bar["file"].as_str().expect("a name"))) {
        let text = |key: &str| bar[key].as_str();
        let file = text("file").expect("a name");
        let Some(place) = place(file) else {
            skip(test, &format!("{file} is not in the folder that CHAINRULE_DATA names"));
            continue;
        };
        let folder = folder(&format!("real_data_{}", file.replace('/', "_")));
        let name = text("score").expect("a score");
        let found = score(&place, text("target"), name, &folder);
        println!("{file}: {name} {found:.4}, scikit-learn {}", bar["scikit_learn"]);
        if found < bar["bar"].as_f64().expect("a number") {
            misses.push(format!("{file}: {name} {found:.4}, expected {}", bar["bar"]));
        }
    }
    assert_eq!(misses, Vec::<String>::new());
}

#[test]
fn small_tables_reach_the_scores_of_scikit_learn() {
    reach_the_bars("small_tables_reach_the_scores_of_scikit_learn", |file| {
        !file.contains(".gz") && !file.contains("proben1")
    });
}

#[test]
fn large_tables_reach_the_scores_of_scikit_learn() {
    reach_the_bars("large_tables_reach_the_scores_of_scikit_learn", |file| {
        file.ends_with(".csv.gz")
    });
}

#[test]
fn proben1_reaches_the_scores_of_scikit_learn() {
    reach_the_bars("proben1_reaches_the_scores_of_scikit_learn", |file| file.contains("proben1"));
}
