//! Reports: read by a parser that is not ours, and held against what
//! `evaluate --format json` says.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use crate::support::{files, folder, run};

/// A run and its report.
struct Reported {
    folder: PathBuf,
    page: String,
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_string()
}

/// Trains on a table, with a report and plots.
fn train(test: &str, data: &str, options: &[&str]) -> Reported {
    let folder = folder(test);
    let [model, report, plots] = ["a.model", "a.html", "plots"].map(|name| path(&folder, name));
    let fixed = ["train", data, "-o", &model, "--report", &report, "--plots", &plots];
    let run = run(&[&fixed[..], options].concat());
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains(&format!("report: {report}")), "{run}");
    let page = std::fs::read_to_string(&report).expect("the report is written");
    Reported { folder, page }
}

impl Reported {
    /// Makes a report on other rows; returns it, and the scores as JSON.
    fn evaluate(&self, data: &str) -> (String, Value) {
        let (model, report) = (path(&self.folder, "a.model"), path(&self.folder, "b.html"));
        let arguments = ["evaluate", &model, "--data", data, "--format", "json"];
        let run = run(&[&arguments[..], &["--report", &report]].concat());
        assert_eq!(run.status, 0, "{run}");
        let scores = serde_json::from_str(&run.stdout).expect("the scores are JSON");
        (std::fs::read_to_string(report).expect("the report is written"), scores)
    }

    /// Returns the scores on the rows held back, as the model file has them.
    fn validation(&self) -> Value {
        let model = path(&self.folder, "a.model");
        let summary = run(&["inspect", &model, "--format", "json"]).success();
        let summary: Value = serde_json::from_str(&summary).expect("it is JSON");
        summary["training"]["validation"].clone()
    }
}

fn parse(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}"))
}

fn elements<'a>(document: &'a Document<'_>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.tag_name().name() == name)
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

/// Returns the rows of the table whose caption begins so: the words of the
/// first cell, and in every other the number, or nothing where it has none.
fn table(document: &Document<'_>, caption: &str) -> Vec<(String, Vec<Option<f64>>)> {
    let is_it = |node: &Node<'_, '_>| {
        let own = node.children().find(|child| child.tag_name().name() == "caption");
        own.is_some_and(|own| text(own).starts_with(caption))
    };
    let table = elements(document, "table").find(is_it);
    let table = table.unwrap_or_else(|| panic!("there is no table `{caption}`"));
    let body = table.children().find(|child| child.tag_name().name() == "tbody").expect("a body");
    let number = |cell: Node<'_, '_>| -> Option<f64> {
        let data = cell.children().find(|child| child.tag_name().name() == "data")?;
        let exact: f64 = data.attribute("value")?.parse().expect("a number");
        // What people read is that number, rounded.
        let shown = text(data).replace('−', "-");
        if let Ok(shown) = shown.parse::<f64>() {
            let off = (shown - exact).abs();
            assert!(off <= 5.1e-5_f64.max(6e-5 * exact.abs()), "{shown} stands for {exact}");
        }
        Some(exact)
    };
    let rows = body.children().filter(|child| child.tag_name().name() == "tr");
    rows.map(|row| {
        let mut cells = row.children().filter(Node::is_element);
        let name = text(cells.next().expect("a first cell"));
        (name, cells.map(number).collect())
    })
    .collect()
}

/// Says where the numbers of a page are not those of the scores.
fn compare(page: &str, scores: &Value) {
    let document = parse(page);
    let shown = table(&document, "Scores on ");
    let expected = scores["scores"].as_object().expect("scores");
    assert_eq!(shown.len(), expected.len());
    for ((title, numbers), (name, value)) in shown.iter().zip(expected) {
        assert_eq!(numbers[0], value.as_f64(), "{title}, {name}");
        assert_eq!(numbers[2], scores["baseline"][name].as_f64(), "baseline of {name}");
    }
    if let Some(classes) = scores["classes"].as_array() {
        let shown = table(&document, "Each class against the rest");
        let keys =
            ["precision", "recall", "f1", "support", "predicted", "roc_auc", "average_precision"];
        assert_eq!(shown.len(), classes.len());
        for ((label, numbers), class) in shown.iter().zip(classes) {
            assert_eq!(Some(label.as_str()), class["label"].as_str());
            for (number, key) in numbers.iter().zip(keys) {
                assert_eq!(*number, class[key].as_f64(), "{key} of {label}");
            }
        }
        let shown = table(&document, "Counts: rows are the true classes");
        let confusion = scores["confusion"].as_array().expect("a matrix");
        for ((_, counts), expected) in shown.iter().zip(confusion) {
            let expected: Vec<Option<f64>> =
                expected.as_array().expect("a row").iter().map(Value::as_f64).collect();
            assert_eq!(*counts, expected);
        }
        assert_eq!(shown.len(), confusion.len());
    }
    if let Some(bins) = scores["calibration"]["bins"].as_array() {
        let shown = table(&document, "Bins of probability");
        let filled: Vec<&Value> = bins.iter().filter(|bin| bin["rows"] != 0).collect();
        assert_eq!(shown.len(), filled.len());
        for ((_, numbers), bin) in shown.iter().zip(filled) {
            let expected = ["rows", "mean_probability", "share_true"].map(|key| bin[key].as_f64());
            assert_eq!(numbers[..], expected);
        }
    }
    if let Some(targets) = scores["targets"].as_array() {
        let shown = table(&document, "Each target, in its own unit");
        assert_eq!(shown.len(), targets.len());
        for ((name, numbers), target) in shown.iter().zip(targets) {
            assert_eq!(Some(name.as_str()), target["name"].as_str());
            for (number, key) in numbers.iter().zip(["r2", "rmse", "mae", "mape", "max_error"]) {
                assert_eq!(*number, target[key].as_f64(), "{key} of {name}");
            }
        }
    }
}

/// Looks at what every page must be: whole, closed in itself, and open to those
/// who cannot see it.
fn check_page(page: &str) {
    let document = parse(page);
    for address in page.split("http").skip(1) {
        let is_a_name = ["://www.w3.org/2000/svg\"", "://www.w3.org/1999/xhtml\""];
        assert!(is_a_name.iter().any(|name| address.starts_with(name)), "{}", &address[..40]);
    }
    for word in ["url(", "@import", "<script", "<link", "<img", "<iframe", "javascript:"] {
        assert!(!page.contains(word), "{word}");
    }
    let mut ids = HashSet::new();
    for node in document.descendants().filter(Node::is_element) {
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "two elements are `{id}`");
        }
        assert!(node.attributes().all(|one| !one.name().starts_with("on") && one.name() != "src"));
    }
    for node in document.descendants().filter(Node::is_element) {
        if let Some(reference) = node.attribute("href") {
            let id = reference.strip_prefix('#').expect("links stay in the page");
            assert!(ids.contains(id), "{reference} leads nowhere");
        }
        for id in node.attribute("aria-labelledby").unwrap_or_default().split_whitespace() {
            assert!(ids.contains(id), "`{id}` labels nothing");
        }
    }
    assert_eq!(elements(&document, "h1").count(), 1);
    for drawing in elements(&document, "svg") {
        assert_eq!(drawing.attribute("role"), Some("img"));
        let label = drawing.attribute("aria-label").unwrap_or_default();
        let title = drawing.children().find(|child| child.tag_name().name() == "title");
        assert!(title.is_some_and(|title| !text(title).is_empty()) || !label.is_empty());
        for node in drawing.descendants().filter(Node::is_element) {
            for attribute in node.attributes() {
                assert!(!attribute.value().contains("NaN"), "{attribute:?}");
                assert!(!attribute.value().contains("inf"), "{attribute:?}");
            }
        }
    }
    for table in elements(&document, "table") {
        let caption = table.children().find(|child| child.tag_name().name() == "caption");
        assert!(caption.is_some_and(|caption| !text(caption).is_empty()));
        let columns: HashSet<usize> = elements_of(table, "tr")
            .map(|row| row.children().filter(Node::is_element).count())
            .collect();
        assert!(columns.len() <= 1, "rows of {columns:?} cells");
    }
}

fn elements_of<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.descendants().filter(move |node| node.tag_name().name() == name)
}

/// Returns the headings of the figures.
fn figures(page: &str) -> Vec<String> {
    let document = parse(page);
    let figures = elements(&document, "figure");
    figures.map(|figure| text(elements_of(figure, "h3").next().expect("a heading"))).collect()
}

/// Checks both pages, on the rows held back and on a table.
fn check(reported: &Reported, data: &str) {
    check_page(&reported.page);
    compare(&reported.page, &reported.validation());
    let (page, scores) = reported.evaluate(data);
    check_page(&page);
    compare(&page, &scores);
}

#[test]
fn three_classes_have_a_report() {
    let data = "tables/penguins.csv";
    let options = ["-t", "species", "--folds", "3", "--schedule", "cosine"];
    let reported = train("three_classes_have_a_report", data, &options);
    check(&reported, data);
    let expected = [
        "Confusion matrix",
        "ROC curve",
        "Precision and recall",
        "Calibration",
        "Probabilities",
        "Permutation importance",
        "Loss",
        "Learning rate",
        "Balance of the answers",
        "The network",
    ];
    assert_eq!(figures(&reported.page), expected);
    let page = parse(&reported.page);
    assert!(reported.page.contains("accuracy over 3 folds: "));
    // Which columns matter: all of them, and each with its inputs.
    let importance = table(&page, "How much worse without a column");
    let inputs = |name: &str| {
        let row = importance.iter().find(|(column, _)| column == name);
        row.unwrap_or_else(|| panic!("no `{name}`")).1[0]
    };
    assert_eq!(importance.len(), 7);
    assert_eq!(inputs("island"), Some(4.0));
    let rises: Vec<f64> = importance.iter().filter_map(|(_, numbers)| numbers[1]).collect();
    assert!(rises.is_sorted_by(|one, other| one >= other), "{rises:?}");
    // Penguins lack 11 sexes and 2 of each measure.
    let columns = table(&page, "Columns");
    let missing = columns.iter().map(|(name, numbers)| (name.as_str(), numbers[2]));
    let missing: Vec<(&str, f64)> =
        missing.filter_map(|(name, count)| Some((name, count?))).collect();
    assert!(missing.contains(&("sex", 11.0)), "{missing:?}");
    assert!(missing.contains(&("bill_length_mm", 2.0)), "{missing:?}");
}

#[test]
fn the_command_of_a_report_repeats_it() {
    let options = ["-t", "species", "--epochs", "20", "--scaling", "robust", "--drop", "year"];
    let reported = train("the_command_of_a_report_repeats_it", "tables/penguins.csv", &options);
    let document = parse(&reported.page);
    let command = elements(&document, "pre").map(text).next().expect("a command");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let before: Vec<Vec<u8>> = ["a.model", "a.html", "plots/roc.svg"]
        .map(|name| std::fs::read(reported.folder.join(name)).expect("it is there"))
        .to_vec();
    std::fs::remove_dir_all(&reported.folder).expect("it is there");
    std::fs::create_dir_all(&reported.folder).expect("it can be made");
    // Another number of threads changes no byte.
    let again = run(&[&words[..], &["--threads", "1"]].concat());
    assert_eq!(again.status, 0, "{again}");
    for (name, before) in ["a.model", "a.html", "plots/roc.svg"].iter().zip(before) {
        let now = std::fs::read(reported.folder.join(name)).expect("it is written again");
        assert!(now == before, "{name} is another");
    }
}

#[test]
fn two_classes_have_a_report() {
    let data = "tables/breast_cancer.csv";
    let reported = train("two_classes_have_a_report", data, &["-t", "diagnosis"]);
    check(&reported, data);
    let roc = std::fs::read_to_string(reported.folder.join("plots/roc.svg"));
    let roc = roc.expect("the plot is written");
    let document = parse(&roc);
    // The curve of one class, and guessing.
    let lines = elements(&document, "path")
        .filter(|path| path.attribute("class").is_some_and(|class| class.starts_with("line")));
    assert_eq!(lines.count(), 2, "a line, and its sample in the legend");
    let auc = reported.validation()["scores"]["roc_auc"].as_f64().expect("an area");
    assert!(text(document.root_element()).contains(&format!("(AUC {auc:.4})")), "{auc}");
}

#[test]
fn ten_classes_have_a_report() {
    let data = "tables/digits.csv";
    let reported = train("ten_classes_have_a_report", data, &["-t", "digit", "--epochs", "12"]);
    check(&reported, data);
    assert!(reported.page.contains("of 10 curves the 8 with the least area"));
}

#[test]
fn numbers_have_a_report() {
    let data = "tables/diabetes.csv";
    let reported = train("numbers_have_a_report", data, &["-t", "progression"]);
    check(&reported, data);
    let expected = [
        "progression: predicted and true",
        "progression: residuals",
        "progression: spread of residuals",
        "Permutation importance",
        "Loss",
        "Learning rate",
        "progression: spread",
        "The network",
    ];
    assert_eq!(figures(&reported.page), expected);
}

#[test]
fn several_numbers_have_a_report() {
    let data = "tables/diabetes.csv";
    let options = ["-t", "progression,bmi", "--epochs", "10"];
    let reported = train("several_numbers_have_a_report", data, &options);
    check(&reported, data);
    let plots = files(&reported.folder.join("plots"));
    for name in ["predicted-1.svg", "predicted-2.svg", "residuals-2.svg", "target-2.svg"] {
        assert!(plots.contains(&name.to_string()), "{plots:?}");
    }
}

/// Writes a table in which names and words are as bad as they can be.
fn hostile(folder: &Path) -> (String, Vec<String>) {
    let names = [
        "<script>alert(1)</script>",
        "x\"><img src=x onerror=alert(1)>",
        "a & b &amp; `c` ' \u{1}",
        "--></style><b>",
    ];
    let mut text = String::new();
    let quoted = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    let classes = ["<i>yes</i>", "]]>&lt;no\"'"];
    text += &names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    text += ",</title><script>\n";
    for row in 0..120_u32 {
        let class = classes[(row % 2) as usize];
        let word = ["<u>", "&", "'\""][(row * 7 % 3) as usize];
        let cells = [
            format!("{}", f64::from(row % 2) + f64::from(row * 37 % 11) / 10.0),
            quoted(word),
            format!("{}", row * 13 % 17),
            quoted(if row % 5 == 0 { "</svg>" } else { "<!--" }),
            quoted(class),
        ];
        text += &(cells.join(",") + "\n");
    }
    let file = folder.join("a<b>&'.csv");
    std::fs::write(&file, text).expect("it can be written");
    let words = names.iter().chain(&classes).map(|word| word.replace('\u{1}', "\u{fffd}"));
    (file.to_str().expect("a plain path").to_string(), words.collect())
}

#[cfg(unix)]
#[test]
fn what_a_table_calls_things_is_no_markup() {
    let other = folder("what_a_table_calls_things_is_no_markup-table");
    let (data, words) = hostile(&other);
    let options = ["-t", "</title><script>", "--epochs", "8"];
    let reported = train("what_a_table_calls_things_is_no_markup", &data, &options);
    check(&reported, &data);
    let document = parse(&reported.page);
    let known = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "p",
        "nav",
        "ul",
        "li",
        "a",
        "main",
        "section",
        "h2",
        "h3",
        "dl",
        "div",
        "dt",
        "dd",
        "data",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "g",
        "rect",
        "path",
        "circle",
        "text",
        "tspan",
        "details",
        "summary",
        "pre",
        "code",
    ];
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(known.contains(&name), "<{name}> comes from the table");
    }
    let shown: HashSet<String> = elements(&document, "th").map(text).collect();
    for word in words {
        assert!(shown.contains(&word), "`{word}` is shown as it is: {shown:?}");
    }
    for name in files(&reported.folder.join("plots")) {
        if is_drawing(&name) {
            let file = std::fs::read_to_string(reported.folder.join("plots").join(&name));
            parse(&file.expect("it is there"));
        }
    }
}

#[test]
fn answers_of_yes_and_no_have_a_report() {
    let other = folder("answers_of_yes_and_no_have_a_report-table");
    let mut text = "x,y,swims,flies\n".to_string();
    for row in 0..200_u32 {
        let (x, y) = (row * 37 % 101, row * 53 % 89);
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        text += &format!("{x},{y},{},{}\n", yes(x > 40), yes(y + row % 7 > 60));
    }
    let data = path(&other, "animals.csv");
    std::fs::write(&data, text).expect("it can be written");
    let options = ["-t", "swims,flies", "--task", "multi-label", "--epochs", "15"];
    let reported = train("answers_of_yes_and_no_have_a_report", &data, &options);
    check(&reported, &data);
    let (page, scores) = reported.evaluate(&data);
    let document = parse(&page);
    let shown = table(&document, "Each label");
    for ((name, numbers), label) in shown.iter().zip(scores["labels"].as_array().expect("labels")) {
        assert_eq!(Some(name.as_str()), label["label"].as_str());
        assert_eq!(numbers[0], label["precision"].as_f64());
        assert_eq!(numbers[6], label["roc_auc"].as_f64());
    }
}

#[test]
fn what_a_search_tried_is_in_the_report() {
    let options = ["-t", "species", "--tune", "4", "--epochs", "8"];
    let reported = train("what_a_search_tried_is_in_the_report", "tables/iris.csv", &options);
    check(&reported, "tables/iris.csv");
    let document = parse(&reported.page);
    assert_eq!(table(&document, "Trials, the best first").len(), 4);
    assert!(reported.page.contains("when to stop and which settings to take"));
}

#[test]
fn without_rows_held_back_the_report_says_so() {
    let options = ["-t", "species", "--validation", "0", "--epochs", "5"];
    let reported = train("without_rows_held_back_the_report_says_so", "tables/iris.csv", &options);
    check_page(&reported.page);
    assert!(reported.page.contains("says how well the network fits, and nothing about new rows"));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_the_work() {
    let folder = folder("a_report_that_cannot_be_written_is_an_error_before_the_work");
    let model = path(&folder, "a.model");
    let report = path(&folder, "missing/a.html");
    let arguments = ["train", "tables/iris.csv", "-t", "species", "--epochs", "3", "-q"];
    let run = run(&[&arguments[..], &["-o", &model, "--report", &report]].concat());
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("cannot write"), "{run}");
    assert!(files(&folder).is_empty(), "{run}");
}

#[test]
fn a_report_takes_no_other_file_s_place() {
    let folder = folder("a_report_takes_no_other_file_s_place");
    let model = path(&folder, "a.model");
    let data = path(&folder, "a.csv");
    std::fs::write(&data, "x,y\n1,2\n").expect("it can be written");
    for place in [&model, &data] {
        let run = run(&["train", &data, "-t", "y", "-o", &model, "--report", place]);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains("would take the place of"), "{run}");
    }
    assert_eq!(std::fs::read_to_string(&data).expect("it is there"), "x,y\n1,2\n");
}

#[test]
fn plots_are_files_of_their_own() {
    let options = ["-t", "species", "--epochs", "10"];
    let reported = train("plots_are_files_of_their_own", "tables/iris.csv", &options);
    let folder = reported.folder.join("plots");
    let names = files(&folder);
    let drawings: Vec<&String> = names.iter().filter(|name| is_drawing(name)).collect();
    assert_eq!(drawings.len(), figures(&reported.page).len(), "{names:?}");
    for name in drawings {
        let file = std::fs::read_to_string(folder.join(name)).expect("it is there");
        let document = parse(&file);
        assert!(file.contains("prefers-color-scheme:dark"), "{name}");
        assert!(!text(document.root_element()).is_empty());
        let png = std::fs::read(folder.join(name.replace(".svg", ".png"))).ok();
        assert_eq!(png.is_some(), cfg!(feature = "png"), "{name}");
        if let Some(png) = png {
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
        }
    }
}

fn is_drawing(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "svg")
}
