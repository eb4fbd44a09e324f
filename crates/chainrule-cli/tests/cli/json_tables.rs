//! JSON of tables and models: what `docs/json-tables.md` promises, and nothing
//! that it does not name.

use std::collections::BTreeSet;
use std::path::Path;

use chainrule_model::metrics::Metric;
use serde_json::Value;

use crate::support::{folder, run};
use crate::tables::path;

/// Returns the words in code marks in the first cells of a section's table.
fn documented(heading: &str) -> BTreeSet<String> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json-tables.md");
    let document = std::fs::read_to_string(document).expect("there is the document");
    let (_, section) = document.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    cells.flat_map(|cell| cell.split('`').step_by(2).map(String::from)).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).keys().cloned().collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_score_is_documented_by_its_name() {
    let names: BTreeSet<String> =
        Metric::ALL.into_iter().map(|metric| metric.name().to_string()).collect();
    assert_eq!(documented("\n## Names of scores\n"), names);
}

#[test]
fn every_key_is_documented() {
    let folder = folder("json_tables");
    let model = path(&folder, "a.model");
    let mut evaluation = documented("\n## An evaluation\n");
    evaluation.extend(["schema", "baseline_undefined"].map(String::from));
    let inspected = documented("\n## A model\n");
    for (table, target) in [("penguins", "species"), ("diabetes", "progression")] {
        let data = format!("tables/{table}.csv");
        let train = ["train", &data, "-t", target, "--epochs", "2", "--format", "json"];
        let trained = run(&[&train[..], &["-o", &model]].concat()).success();
        let lines: Vec<Value> = trained.lines().map(parsed).collect();
        for line in &lines {
            assert_eq!(line["schema"], 1, "{line}");
        }
        let events: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
        assert_eq!(events, ["epoch", "epoch", "done"]);
        let evaluated = run(&["evaluate", &model, "--data", &data, "--format", "json"]).success();
        let evaluated = parsed(&evaluated);
        assert_eq!(evaluated["schema"], 1);
        for found in [&evaluated, &lines[2]["validation"]] {
            let unknown: Vec<String> = keys(found).difference(&evaluation).cloned().collect();
            // `task` is among them: it decides on what follows.
            assert_eq!(unknown, Vec::<String>::new(), "{table}");
            assert!(found["task"].is_string(), "{found}");
        }
        let summary = parsed(&run(&["inspect", &model, "--memory", "--format", "json"]).success());
        assert_eq!(summary["schema"], 1);
        let unknown: Vec<String> = keys(&summary).difference(&inspected).cloned().collect();
        assert_eq!(unknown, ["schema"], "{table}");
        assert!(summary["training_memory"].is_object(), "{summary}");
    }
}
