//! `chainrule mark`: sheets, classes, published figures.

use crate::support::{files, folder, run, run_with_input, snapshot};

#[test]
fn published_figures_are_marked() {
    snapshot!("mark", "mark");
    snapshot!("mark-mazur", "mark", "--example", "mazur");
    snapshot!("mark-han-kamber", "mark", "--example", "han-kamber");
}

#[test]
fn lines_of_arithmetic_are_marked() {
    snapshot!("mark-arithmetic", "mark", "marking/first-example.md");
}

#[test]
fn an_example_without_figures_needs_a_sheet() {
    snapshot!("mark-nothing", "mark", "--example", "general");
}

#[test]
fn standard_input_is_a_sheet() {
    let sheet = b"z_top = 0.755\nz_tap = 1\na_top = 0.6802\n";
    let run = run_with_input(&["mark", "-", "--format", "csv"], sheet);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("a_top,0.6802,wrong,0.6803,0.5,1,cut-off"), "{}", run.stdout);
}

#[test]
fn a_stated_rounding_is_held_to() {
    let sheet = b"z_top = 0.755\na_top = 0.68\n";
    let free = run_with_input(&["mark", "-", "--format", "csv"], sheet);
    assert!(free.stdout.contains("a_top,0.68,right"), "{}", free.stdout);
    let held = run_with_input(&["mark", "-", "--decimals", "4", "--format", "csv"], sheet);
    assert!(held.stdout.contains("a_top,0.68,wrong,0.6803"), "{}", held.stdout);
    assert!(held.stdout.contains("rounded-too-early"), "{}", held.stdout);
}

#[test]
fn decimal_commas_between_commas_are_read() {
    let sheet = b"z_top,0,755\na_top,0.6803,0.7\n";
    let run = run_with_input(&["mark", "-", "--format", "csv"], sheet);
    assert!(run.stdout.contains("z_top,0.755,right"), "{}", run.stdout);
    assert!(run.stdout.contains("a_top,0.6803,right"), "{}", run.stdout);
    let text = run_with_input(&["mark", "-"], sheet);
    assert!(text.stdout.contains("line 2: `0.7` is one cell too many"), "{}", text.stdout);
}

#[test]
fn an_answer_on_the_next_line_or_with_another_sign_is_read() {
    let sheet = "a_top \u{2248} 0.6803\nz_bottom:\n0.68\nz_top: none\n";
    let table = run_with_input(&["mark", "-", "--format", "csv"], sheet.as_bytes());
    assert!(table.stdout.contains("a_top,0.6803,right"), "{}", table.stdout);
    assert!(table.stdout.contains("z_bottom,0.68,right"), "{}", table.stdout);
    let run = run_with_input(&["mark", "-"], sheet.as_bytes());
    assert!(run.stdout.contains("line 4: `none` is not a number"), "{}", run.stdout);
}

#[test]
fn a_sheet_of_ours_is_marked_when_filled_in() {
    let folder = folder("mark-own-sheet");
    let path = |name: &str| folder.join(name).display().to_string();
    let make = ["worksheet", "--shape", "2-2-1", "--biases", "--seed", "9"];
    for (part, name) in [("sheet", "sheet.md"), ("exercise", "exercise.toml")] {
        let done = run(&[&make[..], &["--part", part, "-o", &path(name)]].concat());
        assert_eq!(done.status, 0, "{}", done.stderr);
    }
    let sheet = std::fs::read_to_string(path("sheet.md")).expect("it was written");
    let filled = sheet.replace(" | | ", " | 0.5 | ");
    assert_ne!(filled, sheet);
    std::fs::write(path("filled.md"), filled).expect("written");
    let marked = run(&["mark", &path("filled.md"), "--exercise", &path("exercise.toml")]);
    assert!(!marked.stdout.contains("missing"), "{}", marked.stdout);
    assert!(!marked.stdout.contains("Not marked"), "{}", marked.stdout);
}

#[test]
fn points_follow_the_scheme() {
    let folder = folder("mark-scheme");
    let scheme = folder.join("scheme.toml");
    std::fs::write(&scheme, "each = 2\nslip = 0.25\n[points]\nz_top = 5\na = 4\n")
        .expect("written");
    let scheme = scheme.to_str().expect("a plain path");
    let sheet = b"z_top = 0.755\na_top = 0.6802\n";
    let run = run_with_input(&["mark", "-", "--format", "csv", "--scheme", scheme], sheet);
    assert!(run.stdout.contains("z_top,0.755,right,0.755,5,5"), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("a_top,0.6802,wrong,0.6803,1,4"), "{}", run.stdout);
    assert!(run.stdout.contains("z_bottom,,missing,0.680000,0,2"), "{}", run.stdout);
}

#[test]
fn a_class_gets_a_table_and_a_file_each() {
    let folder = folder("mark-class");
    let sheets = folder.join("sheets");
    std::fs::create_dir(&sheets).expect("a folder");
    std::fs::write(sheets.join("anna.csv"), "z_top,0.755\na_top,0.6803\n").expect("written");
    std::fs::write(sheets.join("ben.md"), "z_top = 0.755\na_top = 0.6802\n").expect("written");
    std::fs::write(sheets.join("notes.pdf"), "no sheet").expect("written");
    let path = |name: &str| folder.join(name).to_str().expect("a plain path").to_string();
    let output = path("marked");
    let run = run(&["mark", &path("sheets"), "-o", &output, "--format", "html"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("anna") && run.stdout.contains("cut off"), "{}", run.stdout);
    assert_eq!(files(&folder.join("marked")), ["_class.html", "anna.html", "ben.html"]);
    let ben = std::fs::read_to_string(folder.join("marked/ben.html")).expect("it is there");
    assert!(ben.contains("cut off instead of rounded"), "{ben}");
}

fn parsed(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("the output is JSON")
}

/// Writes the sheets of a class; returns the path of their folder.
fn class(name: &str, sheets: &[(&str, &[u8])]) -> (std::path::PathBuf, String) {
    let folder = folder(name);
    let path = folder.join("sheets");
    std::fs::create_dir(&path).expect("a folder");
    for (name, text) in sheets {
        std::fs::write(path.join(name), text).expect("written");
    }
    (folder.clone(), path.to_str().expect("a plain path").to_string())
}

#[test]
fn a_sheet_that_cannot_be_read_is_named_and_the_rest_is_marked() {
    let (folder, sheets) = class(
        "mark-unreadable",
        &[
            ("anna.csv", b"z_top,0.755\n"),
            ("ben.csv", b"z_top,\xff\n"),
            ("carla.csv", b"z_top,0.755\nz_tap,1\n"),
        ],
    );
    let output = folder.join("marked");
    let found = run(&["mark", &sheets, "-o", output.to_str().expect("a plain path")]);
    assert_eq!(found.status, 1, "{found}");
    assert_eq!(
        found.stderr,
        "error: 1 of 3 sheets cannot be read: ben (line 1 is not UTF-8 text; save the \
         file as UTF-8)\n\
         help: the others are marked\n"
    );
    assert_eq!(files(&output), ["_class.txt", "anna.txt", "carla.txt"]);
    assert!(found.stdout.contains("not read: line 1 is not UTF-8"), "{found}");
    assert!(found.stdout.contains("1 entry not marked"), "{found}");
    let value = parsed(&run(&["mark", &sheets, "--format", "json"]).stdout);
    assert_eq!(value["unreadable"][0]["sheet"], "ben");
    let names: Vec<&str> = value["sheets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["sheet"].as_str())
        .collect();
    assert_eq!(names, ["anna", "carla"]);
}

#[test]
fn sheets_of_one_name_get_a_file_each() {
    let (folder, sheets) = class(
        "mark-same-name",
        &[
            ("anna.csv", b"z_top,0.755\n"),
            ("anna.toml", b"z_top = 0.7\n"),
            ("ben.md", b"z_top: 1\n"),
        ],
    );
    let output = folder.join("marked");
    run(&["mark", &sheets, "-o", output.to_str().expect("a plain path")]).success();
    assert_eq!(files(&output), ["_class.txt", "anna.csv.txt", "anna.toml.txt", "ben.txt"]);
    let toml = std::fs::read_to_string(output.join("anna.toml.txt")).expect("it is there");
    assert!(toml.contains("0.7 ") && !toml.contains("0.755 "), "{toml}");
}

#[test]
fn the_exercise_and_the_scheme_may_stand_beside_the_sheets() {
    let example = run(&["examples", "--show", "first-example"]).success();
    let (_, sheets) = class(
        "mark-beside",
        &[
            ("anna.csv", b"z_top,0.755\n"),
            ("exercise.toml", example.as_bytes()),
            ("points.toml", b"each = 3\n"),
        ],
    );
    let (exercise, scheme) = (format!("{sheets}/exercise.toml"), format!("{sheets}/points.toml"));
    let arguments =
        ["mark", &sheets, "--exercise", &exercise, "--scheme", &scheme, "--format", "csv"];
    let table = run(&arguments).success();
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("\nanna,1,0,0,2,3,9,"), "{table}");
}

#[test]
fn feedback_is_not_written_over_the_answers() {
    let (_, sheets) = class("mark-over", &[("anna.csv", b"z_top,0.755\n")]);
    let sheet = format!("{sheets}/anna.csv");
    for path in [&sheets, &sheet] {
        let found = run(&["mark", path, "-o", path, "--format", "csv"]);
        assert_eq!(found.status, 2, "{found}");
        assert!(found.stderr.contains("would be written over"), "{found}");
    }
    assert_eq!(std::fs::read_to_string(&sheet).expect("it is there"), "z_top,0.755\n");
}

#[test]
fn bad_input_is_told_from_wrong_usage() {
    let (folder, sheets) = class("mark-bad", &[("notes.pdf", b"no sheet")]);
    let found = run(&["mark", &sheets]);
    assert_eq!(found.status, 1, "{found}");
    let scheme = folder.join("scheme.toml");
    for text in ["each = -1\n", "each = \n", "eech = 1\n", "[points]\nw9 = 1\n"] {
        std::fs::write(&scheme, text).expect("written");
        let found = run(&["mark", "--scheme", scheme.to_str().expect("a plain path")]);
        assert_eq!(found.status, 1, "{text}: {found}");
        assert!(found.stderr.contains("scheme.toml: line "), "{text}: {found}");
    }
}
