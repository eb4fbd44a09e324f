//! The page `docs/network-file.md` tells the truth: its files are read, its
//! tables list what there is.

use chainrule::activation::Activation;
use chainrule::example::Example;
use chainrule::example::reader::DEFAULT_LEARNING_RATE;
use chainrule::example::reader::problem::Table;
use chainrule::loss::Loss;

const PAGE: &str = include_str!("../../../docs/network-file.md");

/// Returns the blocks of code in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    let after = PAGE.split(opening.as_str()).skip(1);
    after.map(|rest| rest.split("```").next().expect("a block ends")).collect()
}

#[test]
fn the_files_on_the_page_are_read() {
    let files = blocks("toml");
    assert_eq!(files.len(), 2);
    for file in files {
        if let Err(error) = Example::from_toml(file) {
            panic!("{error}\n{file}");
        }
    }
}

#[test]
fn the_complete_file_uses_every_key() {
    let file = blocks("toml")[1];
    for table in [Table::Example, Table::Layer(1), Table::Sample(1), Table::Published(1)] {
        for key in table.keys().iter().filter(|key| **key != "decimals") {
            let is_used = file.lines().any(|line| {
                line.starts_with(&format!("{key} = "))
                    || line == format!("[[{key}]]")
                    || line == format!("[published.{key}]")
            });
            assert!(is_used, "`{key}` of {table}");
            assert!(PAGE.contains(&format!("| `{key}` |")) || *key == "figures", "`{key}`");
        }
    }
}

#[test]
fn the_tables_list_every_activation_and_loss() {
    let row = |name: &str, formula: &str, aliases: &[&str]| {
        let aliases: Vec<String> = aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let formula = formula.replace('|', "\\|");
        format!("| `{name}` | {formula} | {} |", aliases.join(", ")).replace("|  |", "| |")
    };
    for one in Activation::ALL {
        let row = row(one.name(), one.formula(), one.aliases());
        assert!(PAGE.contains(&row), "missing: {row}");
    }
    for one in Loss::ALL {
        let row = row(one.name(), one.formula(), one.aliases());
        assert!(PAGE.contains(&row), "missing: {row}");
    }
    assert!(
        PAGE.contains(&format!("| `learning-rate` | η, above 0 | `{DEFAULT_LEARNING_RATE}` |"))
    );
}

#[test]
fn the_errors_on_the_page_are_real() {
    for shown in blocks("text") {
        let place = shown.lines().find_map(|line| line.trim().strip_prefix("--> "));
        let (file, place) = place.and_then(|line| line.split_once(':')).expect("a place");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/bad/");
        let text = std::fs::read_to_string(format!("{folder}{file}")).expect("a bad file");
        let error = Example::from_toml(&text).expect_err("it is bad").to_string();
        let message = shown.lines().next().and_then(|line| line.strip_prefix("error: "));
        let expected = format!("{place}: {}", message.expect("a message"));
        assert!(error.lines().any(|line| line == expected), "{expected} is not in\n{error}");
    }
}
