//! `chainrule examples`: the list, and files to start from.

use crate::support::{EXAMPLES, folder, json, run, snapshot};

#[test]
fn the_examples_are_listed() {
    snapshot!("examples", "examples");
    snapshot!("examples-json", "examples", "--format", "json");
    let names: Vec<String> = json(&["examples"])["examples"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["name"].as_str().expect("a text").to_string())
        .collect();
    assert_eq!(names, EXAMPLES);
}

#[test]
fn one_is_shown_as_a_file() {
    snapshot!("examples-show", "examples", "--show", "xor");
    snapshot!("examples-show-unknown", "examples", "--show", "mazzur");
}

#[test]
fn a_shown_file_explains_as_the_example_does() {
    let folder = folder("shown");
    for name in EXAMPLES {
        let path = folder.join(format!("{name}.toml"));
        std::fs::write(&path, run(&["examples", "--show", name]).success()).expect("it is written");
        let path = path.to_str().expect("a plain path");
        let from_file = run(&["explain", path, "--format", "json"]).success();
        let built_in = run(&["explain", "--example", name, "--format", "json"]).success();
        assert_eq!(from_file, built_in, "{name}");
    }
}
