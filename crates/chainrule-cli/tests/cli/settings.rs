//! Settings and options: what the documents and messages say of them is so.

use std::path::{Path, PathBuf};

use chainrule_model::recipe::{Recipe, SETTINGS};

use crate::support::{folder, run};
use crate::tables::path;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> String {
    std::fs::read_to_string(repository().join("docs/settings.md")).expect("there is the document")
}

/// Returns the first cells of the rows of a table below a heading.
fn keys<'a>(document: &'a str, heading: &str) -> Vec<&'a str> {
    let (_, section) = document.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.collect()
}

#[test]
fn the_document_has_every_setting_and_no_other() {
    let document = document();
    let usual = Recipe::default();
    let rows: Vec<String> = SETTINGS
        .iter()
        .map(|setting| {
            let (name, value) = (setting.name, setting.value);
            let option = name.replace('_', "-");
            let default = usual.spell(name).expect("every setting is spelt");
            let about = setting.about.replace('|', "\\|");
            format!("| `{name}` | `--{option} {value}` | `{default}` | {about} |\n")
        })
        .collect();
    assert!(document.contains(&rows.concat()), "docs/settings.md must hold:\n{}", rows.concat());
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(keys(&document, "\n## Network and training\n"), names);
}

/// What the data decide has its line as a comment, ready to be used.
fn open(line: &str) -> &str {
    let setting = line.strip_prefix("# ").filter(|rest| rest.contains(" = "));
    setting.filter(|rest| !rest.contains('`')).unwrap_or(line)
}

#[test]
fn the_tables_of_the_file_are_documented() {
    let document = document();
    let printed = run(&["train", "--print-config"]).success();
    assert!(printed.parse::<toml::Table>().is_ok(), "it is TOML: {printed}");
    let lines: Vec<&str> = printed.lines().map(open).collect();
    let printed = lines.join("\n");
    let file = path(&folder("settings_printed"), "settings.toml");
    std::fs::write(&file, &printed).expect("written");
    run(&["train", "--print-config", "--config", &file]).success();
    let printed: toml::Table = printed.parse().expect("it is TOML");
    let (_, example) = document.split_once("```toml\n").expect("there is an example");
    let example = example.split("```").next().expect("it ends");
    let parsed: toml::Table = example.parse().expect("it is TOML");
    for (table, heading) in [("columns", ": `[columns]`\n"), ("encoding", ": `[encoding]`\n")] {
        let mut keys = keys(&document, heading);
        keys.sort_unstable();
        for (what, file) in [("the printed file", &printed), ("the example", &parsed)] {
            let mut shown: Vec<&str> =
                file[table].as_table().expect("a table").keys().map(String::as_str).collect();
            shown.sort_unstable();
            assert_eq!(shown, keys, "{what} has them all");
        }
    }
    let file = path(&folder("settings_example"), "settings.toml");
    std::fs::write(&file, example).expect("written");
    run(&["train", "--print-config", "--config", &file]).success();
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
            found.push(path);
        }
    }
}

/// Every option that a message or a document names in back-ticks is in the help of a
/// command.
#[test]
fn options_that_are_named_are_there() {
    let mut known = String::new();
    let commands = run(&["--help"]).success();
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    for command in names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())) {
        known += &run(&[command, "--help"]).stdout;
    }
    let is_known = |option: &str| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
        known.match_indices(option).any(|(at, _)| ends(&known[at + option.len()..]))
    };
    let mut files = Vec::new();
    for folder in
        ["crates/chainrule/src", "crates/chainrule-model/src", "crates/chainrule-cli/src", "docs"]
    {
        sources(&repository().join(folder), &mut files);
    }
    files.push(repository().join("README.md"));
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it is text");
        for (at, _) in text.match_indices("`--") {
            let option = &text[at + 1..];
            let end = option.find(|c: char| !(c.is_ascii_lowercase() || c == '-'));
            let option = &option[..end.unwrap_or(option.len())];
            // Those of other programs, and what is no option.
            if option == "--" || text[at..].starts_with("`--features") {
                continue;
            }
            count += 1;
            assert!(is_known(option), "{} names `{option}`", file.display());
        }
    }
    assert!(count > 60, "only {count} found");
}

/// What a message tells to type is understood.
#[test]
fn a_format_and_a_decimal_mark_can_be_told() {
    let folder = folder("settings_reading");
    let (table, model) = (path(&folder, "table.csv"), path(&folder, "a.model"));
    let mut text = "a;b;t\n".to_string();
    for row in 0..40 {
        text += &format!("{},5;{};{}\n", row % 7, row % 5, if row % 2 == 0 { "x" } else { "y" });
    }
    std::fs::write(&table, &text).expect("written");
    let train = ["train", &table, "-t", "t", "-q", "--epochs", "2", "-o", &model];
    let wrong = run(&[&train[..], &["--decimal", "point", "--numeric", "a"]].concat());
    assert_eq!(wrong.status, 1, "{wrong}");
    assert!(wrong.stderr.contains("`--decimal comma`"), "{wrong}");
    let right = run(&[&train[..], &["--decimal", "comma"]].concat());
    assert_eq!(right.status, 0, "{right}");
    let again = run(&["inspect", &model]).success();
    assert!(again.contains("--decimal comma"), "{again}");

    let renamed = path(&folder, "table.npy");
    std::fs::write(&renamed, &text).expect("written");
    let train = ["train", &renamed, "-t", "t", "-q", "--epochs", "2", "-o", &model];
    let wrong = run(&train);
    assert_eq!(wrong.status, 1, "{wrong}");
    assert!(wrong.stderr.contains("`--data-format`"), "{wrong}");
    let right = run(&[&train[..], &["--data-format", "csv"]].concat());
    assert_eq!(right.status, 0, "{right}");
}

/// Counts whose mean is e^(1 + x): the network's outputs are rates, learned of
/// the counts as they are.
#[test]
fn counts_are_learned_with_the_poisson_loss() {
    let folder = folder("settings_poisson");
    let (table, model) = (path(&folder, "counts.csv"), path(&folder, "counts.model"));
    let mut text = "x,count\n".to_string();
    for row in 0..400_u32 {
        let x = f64::from(row % 20) / 10.0 - 1.0;
        // Around the mean, by turns: 0, 1 or 2 times it.
        let count = (f64::exp(1.0 + x) * f64::from(row / 20 % 3)).round();
        text += &format!("{x},{count}\n");
    }
    std::fs::write(&table, &text).expect("written");
    let train = ["train", &table, "-t", "count", "--loss", "poisson", "-q", "-o", &model];
    let trained = run(&[&train[..], &["--task", "regression"]].concat());
    assert_eq!(trained.status, 0, "{trained}");
    let inspected = run(&["inspect", &model]).success();
    assert!(inspected.contains("softplus") && inspected.contains("loss poisson"), "{inspected}");
    let predicted = run(&["predict", &model, &table]).success();
    for line in predicted.lines().skip(1).take(20) {
        let fields: Vec<f64> =
            line.split(',').map(|field| field.parse().expect("numbers")).collect();
        let mean = f64::exp(1.0 + fields[0]);
        assert!(fields[2] > 0.0 && (fields[2] / mean - 1.0).abs() < 0.35, "{line}: not {mean}");
    }
    std::fs::write(&table, text.replace("-1,0", "-1,-3")).expect("written");
    let negative = run(&[&train[..], &["--task", "regression"]].concat());
    assert_eq!(negative.status, 1, "{negative}");
    assert!(negative.stderr.contains("-3"), "{negative}");
}

/// A column of 0.0 and 1.0 is one of yes and no, also where new rows write 0
/// and 1.
#[test]
fn zeros_and_ones_may_have_a_point() {
    let folder = folder("settings_bits");
    let (table, model) = (path(&folder, "bits.csv"), path(&folder, "bits.model"));
    let mut text = "flag,x,y\n".to_string();
    for row in 0..60 {
        let (flag, x) = (row % 2, row / 2 % 5);
        text += &format!("{flag}.0,{x},{}.0\n", u8::from(flag == 1));
    }
    std::fs::write(&table, &text).expect("written");
    let trained = run(&["train", &table, "-t", "y", "-q", "-o", &model]);
    assert_eq!(trained.status, 0, "{trained}");
    let inspected = run(&["inspect", &model]).success();
    assert!(inspected.contains("  flag: yes-no\n"), "{inspected}");
    let evaluated =
        run(&["evaluate", &model, "--data", &table, "--format", "json", "--resamples", "0"]);
    let evaluated: serde_json::Value = serde_json::from_str(&evaluated.success()).expect("JSON");
    assert_eq!(evaluated["scores"]["accuracy"], 1.0);
    let with_points = run(&["predict", &model, &table]).success();
    let without = path(&folder, "without.csv");
    std::fs::write(&without, text.replace(".0", "")).expect("written");
    let answers = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.splitn(4, ',').nth(3).expect("answers").to_string()).collect()
    };
    assert_eq!(answers(&run(&["predict", &model, &without]).success()), answers(&with_points));
}

/// Rows in the order of the file: 30 train, 20 validate, 10 test.
#[test]
fn a_file_that_divides_its_rows_is_followed() {
    let folder = folder("settings_proben1");
    let (data, model) = (path(&folder, "a.dt"), path(&folder, "a.model"));
    let mut text = "bool_in=0\nreal_in=2\nbool_out=2\nreal_out=0\ntraining_examples=30\n\
                    validation_examples=20\ntest_examples=10\n"
        .to_string();
    for row in 0..60 {
        let (x, y) = (f64::from(row * 7 % 60) / 60.0, f64::from(row * 11 % 60) / 60.0);
        let class = u8::from(x + y > 1.0);
        text += &format!("{x} {y} {class} {}\n", 1 - class);
    }
    std::fs::write(&data, text).expect("written");
    let train = ["train", &data, "--epochs", "40", "--format", "json", "-o", &model];
    let last = |more: &[&str]| -> serde_json::Value {
        let run = run(&[&train[..], more].concat());
        assert_eq!(run.status, 0, "{run}");
        serde_json::from_str(run.stdout.lines().last().expect("a line")).expect("JSON")
    };
    let done = last(&[]);
    assert_eq!((&done["validation"]["rows"], &done["test"]["rows"]), (&20.into(), &10.into()));
    assert!(run(&["inspect", &model]).success().contains("30 rows, 20 more for validation"));
    let said = run(&["train", &data, "--epochs", "2", "-o", &model]);
    assert!(said.stderr.contains("train (30), validate (20) and test (10)"), "{said}");
    let anew = last(&["--validation", "0.5"]);
    assert_eq!(
        (&anew["validation"]["rows"], &anew["test"]),
        (&30.into(), &serde_json::Value::Null)
    );
}
