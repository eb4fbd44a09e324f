//! JSON of `chainrule mark`: what `docs/marking.md` says of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{folder, run, run_with_input};

const PAGE: &str = include_str!("../../../../docs/marking.md");

/// Returns the first block of the page with a mark, behind a heading.
fn block(heading: &str, mark: &str) -> String {
    let (_, section) = PAGE.split_once(heading).expect("the page has the heading");
    let (_, rest) = section.split_once(&format!("```{mark}\n")).expect("there is a block");
    rest.split_once("```").expect("the block ends").0.to_string()
}

#[test]
fn the_example_on_the_page_is_what_the_program_prints() {
    let sheet = block("## JSON", "text");
    let run =
        run_with_input(&["mark", "-", "--decimals", "4", "--format", "json"], sheet.as_bytes());
    assert_eq!(run.status, 0, "{run}");
    let printed: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let documented: Value = serde_json::from_str(&block("## JSON", "json")).expect("it is JSON");
    assert_eq!(printed, documented, "printed:\n{printed:#}");
}

/// Collects the keys of all objects.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                found.insert(key.clone());
                keys(inner, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| keys(inner, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_on_the_page_and_the_other_way_round() {
    let folder = folder("mark-json");
    std::fs::write(
        folder.join("anna.csv"),
        "z_top,0.755\na_top,0.6802\nz_tap,1\nz_bottom,0.35*0.4 + 0.9*0.6 = 0.69\n",
    )
    .expect("written");
    std::fs::write(folder.join("ben.csv"), b"\xff").expect("written");
    let sheets = folder.to_str().expect("a plain path");
    let class = run(&["mark", sheets, "--format", "json"]);
    let rounded = run(&["mark", sheets, "--digits", "4", "--format", "json"]);
    let mut found = BTreeSet::new();
    for output in [class.stdout, rounded.stdout] {
        keys(&serde_json::from_str(&output).expect("it is JSON"), &mut found);
    }
    let (_, section) = PAGE.split_once("## JSON").expect("the page has the heading");
    let section = section.split("\n## ").next().expect("a section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeSet<String> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap_or("").split(',').map(str::to_string))
        .map(|key| key.trim().trim_matches('`').to_string())
        .collect();
    assert_eq!(found, documented);
}
