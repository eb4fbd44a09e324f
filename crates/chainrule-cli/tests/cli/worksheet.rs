//! `chainrule worksheet`: from the template to the marked class.

use std::path::Path;
use std::process::Command;

use crate::support::{command, files, folder, run, skip};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_string()
}

/// A class of three, with a folder of all that belongs to the exercise.
fn class(test: &str, more: &[&str]) -> std::path::PathBuf {
    let folder = folder(test);
    let list = path(&folder, "class.csv");
    std::fs::write(&list, "name,id\nAda Lovelace,1\nAlan Turing,2\n\"Hopper, Grace\",3\n")
        .expect("written");
    let output = path(&folder, "sheets");
    let arguments =
        [&["worksheet", "--seed", "7", "--students", &list, "-o", &output], more].concat();
    let done = run(&arguments);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stderr.contains("3 sheets of seed 7"), "{}", done.stderr);
    folder
}

/// Fills in an answer sheet with the key's numbers, or with others.
fn fill_in(folder: &Path, number: &dyn Fn(&str, &str, &str) -> String) {
    let key = read(&folder.join("sheets/key.csv"));
    let list = read(&folder.join("sheets/list.csv"));
    let handed_in = folder.join("handed-in");
    std::fs::create_dir_all(&handed_in).expect("a folder");
    for file in files(&folder.join("sheets/answers")) {
        let stem = file.trim_end_matches(".csv");
        let row = list.lines().find(|row| row.starts_with(&format!("{stem},")));
        let seed = row.and_then(|row| row.rsplit(',').next()).expect("a seed");
        let template = read(&folder.join("sheets/answers").join(&file));
        let filled: Vec<String> = template
            .lines()
            .map(|line| {
                let (id, rest) = line.split_once(',').expect("two columns");
                if !rest.is_empty() && (id == "quantity" || id == "student") {
                    return line.to_string();
                }
                let wanted = format!(",{seed},{id},");
                let row = key.lines().find(|row| row.contains(&wanted)).expect("it is in the key");
                let (_, rest) = row.split_once(&wanted).expect("it was found");
                let right = rest.split(',').next().expect("an answer");
                format!("{id},{}", number(stem, id, right))
            })
            .collect();
        std::fs::write(handed_in.join(&file), filled.join("\n")).expect("written");
    }
}

fn mark(folder: &Path) -> String {
    let [sheets, exercises, points, marked] =
        ["handed-in", "sheets/exercises", "sheets/points", "marked"].map(|name| path(folder, name));
    let done = run(&[
        "mark",
        &sheets,
        "--exercise",
        &exercises,
        "--scheme",
        &points,
        "--decimals",
        "4",
        "-o",
        &marked,
        "--format",
        "csv",
    ]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    read(&folder.join("marked/_class.csv"))
}

#[test]
fn a_class_that_works_rightly_gets_all_points() {
    let folder = class("worksheet-class", &["--shape", "2-2-1", "--biases"]);
    assert_eq!(
        files(&folder.join("sheets/exercises")),
        ["ada-lovelace-1.toml", "alan-turing-2.toml", "hopper-grace-3.toml"]
    );
    fill_in(&folder, &|_, _, right| right.to_string());
    let table = mark(&folder);
    assert_eq!(table.lines().count(), 4, "{table}");
    for row in table.lines().skip(1) {
        // 5 lines of z, a and the loss… : all right, nothing else.
        let cells: Vec<&str> = row.split(',').collect();
        let [_, right, carried, wrong, missing, points, worth, _] = cells[..] else {
            panic!("{row}")
        };
        assert_eq!((points, wrong, carried, missing), (worth, "0", "0", "0"), "{table}");
        assert_eq!(right, "19", "3 z, 3 a, the loss, 3 deltas, 9 new: {table}");
    }
}

#[test]
fn a_slip_costs_its_own_line_only() {
    let folder = class("worksheet-slip", &["--shape", "2-2-1"]);
    fill_in(&folder, &|_, id, right| match (id, right.strip_prefix('-')) {
        ("delta_o1", Some(rest)) => rest.to_string(),
        ("delta_o1", None) => format!("-{right}"),
        _ => right.to_string(),
    });
    let _ = mark(&folder);
    for file in files(&folder.join("marked")) {
        let marked = read(&folder.join("marked").join(&file));
        if file != "_class.csv" {
            let row = marked.lines().find(|row| row.starts_with("delta_o1,")).expect("a row");
            assert!(row.contains(",wrong,") && row.contains("target-sign"), "{row}");
        }
    }
}

#[test]
fn the_mistake_to_find_is_named_if_it_is_left_in() {
    let folder = class("worksheet-find", &["--shape", "2-2-1", "--level", "find-mistake"]);
    let handed_in = folder.join("handed-in");
    std::fs::create_dir_all(&handed_in).expect("a folder");
    for file in files(&folder.join("sheets/answers")) {
        let from = folder.join("sheets/answers").join(&file);
        std::fs::copy(from, handed_in.join(&file)).expect("copied");
    }
    let table = mark(&folder);
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [_, _, _, wrong, _, points, ..] = cells[..] else { panic!("{row}") };
        assert_eq!((points, wrong), ("0", "1"), "no points, one line wrong: {table}");
    }
    let solutions = read(&folder.join("sheets").join(solutions_file(&folder)));
    assert_eq!(solutions.matches("The mistake is in").count(), 3, "{solutions}");
}

/// Pages are PDF where that is built in.
fn solutions_file(folder: &Path) -> String {
    let all = files(&folder.join("sheets"));
    let is_markdown = |file: &&String| file.as_str() == "solutions.md";
    if all.iter().any(|file| is_markdown(&file)) {
        return "solutions.md".to_string();
    }
    // Made again as Markdown.
    let list = path(folder, "class.csv");
    let output = path(folder, "sheets/solutions.md");
    let done = run(&[
        "worksheet",
        "--seed",
        "7",
        "--students",
        &list,
        "-o",
        &output,
        "--shape",
        "2-2-1",
        "--level",
        "find-mistake",
        "--part",
        "solution",
    ]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    "solutions.md".to_string()
}

#[test]
fn the_printed_seed_alone_makes_a_students_sheet_again() {
    let folder = class("worksheet-seed", &["--shape", "2-2-1"]);
    let list = read(&folder.join("sheets/list.csv"));
    let row = list.lines().find(|row| row.starts_with("alan-turing-2,")).expect("in the list");
    let seed = row.rsplit(',').next().expect("a seed");
    let again = run(&["worksheet", "--shape", "2-2-1", "--seed", seed, "--part", "exercise"]);
    assert_eq!(again.stdout, read(&folder.join("sheets/exercises/alan-turing-2.toml")));
    let other = read(&folder.join("sheets/exercises/ada-lovelace-1.toml"));
    assert_ne!(again.stdout, other, "everyone has numbers of their own");
}

#[test]
fn a_template_keeps_what_is_not_open() {
    let folder = folder("worksheet-template");
    let template = path(&folder, "template.toml");
    std::fs::write(
        &template,
        "learning-rate = 0.25\n[[layers]]\nweights = [[\"?\", { min = 1, max = 2, decimals = 2 }]]\n\
         [[samples]]\ninputs = [\"?\", 0.75]\ntargets = [1]\n",
    )
    .expect("written");
    let done = run(&["worksheet", &template, "--part", "exercise"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stdout.contains("learning-rate = 0.25"), "{}", done.stdout);
    assert!(done.stdout.contains(", 0.75]"), "{}", done.stdout);
    assert!(!done.stdout.contains('?'), "{}", done.stdout);
}

#[test]
fn what_is_wrong_is_said() {
    let folder = folder("worksheet-wrong");
    let template = path(&folder, "template.toml");
    let wrong = |text: &str, more: &[&str]| {
        std::fs::write(&template, text).expect("written");
        let done = run(&[&["worksheet", &template], more].concat());
        assert_ne!(done.status, 0, "{}", done.stdout);
        done.stderr
    };
    let whole = "[[layers]]\nweights = [[1, 2]]\n[[samples]]\ninputs = [1, 2]\ntargets = [1]\n";
    assert!(wrong(whole, &[]).contains("no open place"));
    let range = whole.replace("[1, 2]]", "[\"?\", { min = 3, max = 1 }]]");
    assert!(wrong(&range, &[]).contains("line 2: no number with 1 decimals lies from 3 to 1"));
    let key = whole.replace("[1, 2]]", "[\"?\", { least = 3 }]]");
    assert!(wrong(&key, &[]).contains("an open place has no `least`"));
    let shape = whole.replace("inputs = [1, 2]", "inputs = [\"?\"]");
    assert!(wrong(&shape, &[]).contains("expected 2"));
    let few = run(&["worksheet", "--shape", "2-2-1", "--decimals", "1"]);
    assert_eq!(few.status, 1);
    assert!(few.stderr.contains("decimals would do: `--decimals"), "{}", few.stderr);
    assert_eq!(run(&["worksheet", "--shape", "2"]).status, 2);
    assert_eq!(run(&["worksheet", "--shape", "2-2-1", "--example", "xor"]).status, 2);
}

#[test]
#[cfg(not(feature = "pdf"))]
fn pdf_names_the_feature_that_it_needs() {
    let folder = folder("worksheet-no-pdf");
    let done = run(&["worksheet", "-o", &path(&folder, "sheet.pdf")]);
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("--features pdf"), "{}", done.stderr);
    assert!(files(&folder).is_empty(), "nothing is left behind");
}

#[test]
#[cfg(feature = "pdf")]
fn all_parts_are_set_as_pdf() {
    let folder = class("worksheet-pdf", &["--shape", "2-2-1", "--biases"]);
    for file in ["sheets.pdf", "solutions.pdf", "scheme.pdf"] {
        let bytes = std::fs::read(folder.join("sheets").join(file)).expect("it is there");
        assert!(bytes.starts_with(b"%PDF"), "{file}");
    }
    if Command::new("pdftotext").arg("-v").output().is_err() {
        return skip("all_parts_are_set_as_pdf", "pdftotext is not installed");
    }
    let sheets = path(&folder, "sheets/sheets.pdf");
    let text = Command::new("pdftotext").args(["-layout", &sheets, "-"]).output();
    let text = String::from_utf8_lossy(&text.expect("it is installed").stdout).into_owned();
    for part in ["Ada Lovelace", "Hopper, Grace", "pre-activation of h1", "delta of o1"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn latex_is_compiled_by_both_engines() {
    let folder = class("worksheet-latex", &["--shape", "2-2-1", "--biases", "--format", "latex"]);
    for engine in ["pdflatex", "xelatex"] {
        if Command::new(engine).arg("--version").output().is_err() {
            skip("latex_is_compiled_by_both_engines", &format!("{engine} is not installed"));
            continue;
        }
        for file in ["sheets.tex", "solutions.tex", "scheme.tex"] {
            let output = Command::new(engine)
                .args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", file])
                .current_dir(folder.join("sheets"))
                .output()
                .expect("it was started a moment ago");
            let log = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{engine} {file}: {log}");
            assert!(!log.contains("Missing character"), "{engine} {file}: {log}");
        }
    }
}

/// Reads the questions as Moodle does, by its documented grammar, with another
/// XML reader.
const MOODLE: &str = r#"
import re, sys, json
import xml.etree.ElementTree as tree
quiz = tree.parse(sys.argv[1]).getroot()
assert quiz.tag == "quiz"
number = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
field = re.compile(r"\{([0-9]*):NUMERICAL:((?:\\.|[^\\}])*)\}")
part = re.compile(r"(?:(=)|%(-?[0-9]+(?:\.[0-9]+)?)%)(" + number + r")(?::(" + number + r"))?#((?:\\.|[^\\~}])*)\Z")
allowed = {0, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100}
questions = []
for question in quiz:
    assert question.tag == "question", question.tag
    if question.get("type") == "category":
        assert question.find("category/text").text.startswith("$course$/top/")
        continue
    assert question.get("type") == "cloze"
    assert question.find("name/text").text
    page = question.find("questiontext")
    assert page.get("format") == "html"
    page = page.find("text").text
    fields = []
    for weight, body in field.findall(page):
        answers = []
        for one in re.split(r"(?<!\\)~", body):
            found = part.match(one)
            assert found, one
            right, percent, value, tolerance, feedback = found.groups()
            percent = 100.0 if right else float(percent)
            assert percent in allowed, percent
            answers.append([percent, float(value), float(tolerance or 0), feedback])
        assert answers[0][0] == 100 and int(weight) >= 1
        fields.append({"weight": int(weight), "answers": answers})
    rest = field.sub("", page)
    assert "{" not in rest and "}" not in rest, rest
    tree.fromstring("<page>" + rest + "</page>")
    questions.append({"name": question.find("name/text").text, "fields": fields})
print(json.dumps(questions))
"#;

#[test]
fn moodle_accepts_what_mark_accepts() {
    let test = "moodle_accepts_what_mark_accepts";
    let folder = class("worksheet-moodle", &["--shape", "2-2-1", "--biases"]);
    let script = path(&folder, "moodle.py");
    std::fs::write(&script, MOODLE).expect("written");
    let quiz = path(&folder, "sheets/moodle.xml");
    let Ok(output) = Command::new("python3").args([&script, &quiz]).output() else {
        return skip(test, "python3 is not installed");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let questions: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let questions = questions.as_array().expect("a list");
    assert_eq!(questions.len(), 3);
    assert_eq!(questions[0]["name"], "A 2-2-1 network (Ada Lovelace)");
    let key = read(&folder.join("sheets/key.csv"));
    let rows: Vec<Vec<&str>> = key.lines().skip(1).map(|row| row.rsplit(',').collect()).collect();
    let fields: Vec<&serde_json::Value> =
        questions.iter().flat_map(|one| one["fields"].as_array().expect("fields")).collect();
    assert_eq!(rows.len(), fields.len());
    for (row, field) in rows.iter().zip(fields) {
        let number = |place: usize| row[place].parse::<f64>().expect("a number");
        let (points, high, low, answer) = (number(0), number(1), number(2), number(3));
        assert_eq!(field["weight"].as_f64(), Some(points), "{row:?}");
        // Moodle takes the first answer that fits.
        let grade = |x: f64| {
            let answers = field["answers"].as_array().expect("answers");
            let fits = |one: &&serde_json::Value| {
                let (value, tolerance) = (one[1].as_f64(), one[2].as_f64());
                (x - value.expect("a value")).abs() <= tolerance.expect("a tolerance")
            };
            answers.iter().find(fits).map_or(0.0, |one| one[0].as_f64().expect("a grade"))
        };
        for right in [answer, low, high] {
            assert_eq!(grade(right), 100.0, "{right} in {row:?}: {field}");
        }
        for wrong in [low - 1e-4, high + 1e-4] {
            assert!(grade(wrong) < 100.0, "{wrong} in {row:?}: {field}");
        }
        // An activation can hardly be wrong in another way than by rounding.
        let least = if row[4].starts_with("a_") { 2 } else { 4 };
        let named = field["answers"].as_array().expect("answers").len();
        assert!(named >= least, "mistakes are named: {field}");
    }
}

#[test]
fn students_are_read_from_standard_input_too() {
    let folder = folder("worksheet-stdin");
    let output = path(&folder, "sheets.md");
    let mut command = command(&["worksheet", "--students", "-", "-o", &output]);
    command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, b"name\nAda\nAlan\n").expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    let sheets = read(&folder.join("sheets.md"));
    assert_eq!(sheets.matches("# Exercise: ").count(), 2, "{sheets}");
}

#[test]
fn several_steps_are_worked_and_marked_as_one_sheet() {
    let folder = class("worksheet-steps", &["--shape", "2-2-1", "--steps", "2"]);
    fill_in(&folder, &|stem, id, right| match (stem, id) {
        // A slip at the end of the first step.
        ("alan-turing-2", "w_h1_o1_new") => format!("{}1", right.replace('.', ".1")),
        _ => right.to_string(),
    });
    let table = mark(&folder);
    let row = |stem: &str| -> Vec<String> {
        let row = table.lines().find(|row| row.starts_with(stem)).expect("a row");
        row.split(',').map(str::to_string).collect()
    };
    // Of each step: 3 z, 3 a, the loss, 3 deltas, 6 new weights.
    assert_eq!(row("ada-lovelace-1")[1..5], ["32", "0", "0", "0"], "{table}");
    // Who copies a weight wrongly and goes on with the right one.
    assert_eq!(row("alan-turing-2")[1..5], ["31", "0", "1", "0"], "{table}");
    let marked = read(&folder.join("marked/alan-turing-2.csv"));
    assert!(marked.lines().any(|line| line.starts_with("delta_h1@2,")), "{marked}");
    let done = run(&["worksheet", "--level", "forward", "--steps", "2"]);
    assert_eq!(done.status, 2);
    assert!(done.stderr.contains("level `forward` has one step"), "{}", done.stderr);
}

#[test]
fn solutions_and_schemes_are_pages_and_tables_too() {
    let of = |arguments: &[&str]| {
        let done = run(&[&["worksheet", "--seed", "3"], arguments].concat());
        assert_eq!(done.status, 0, "{}", done.stderr);
        done.stdout
    };
    for part in ["solution", "scheme"] {
        let page = of(&["--part", part, "--format", "html"]);
        let page = page.strip_prefix("<!DOCTYPE html>").expect("a page of HTML");
        roxmltree::Document::parse(
            page.replace("<meta charset=\"utf-8\">", "")
                .replace("initial-scale=1\">", "initial-scale=1\"/>")
                .trim(),
        )
        .unwrap_or_else(|error| panic!("{part}: {error}"));
        // 3 z, 3 a, the loss, 3 deltas that count twice, 6 new weights.
        assert!(page.contains("19 points"), "{page}");
    }
    let table = of(&["--part", "solution", "--format", "csv"]);
    assert!(table.starts_with("student,id,seed,quantity,answer,low,high,points\n"), "{table}");
}
