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
