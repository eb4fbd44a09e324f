//! The Markdown page: its tables and every formula, read by the libraries that
//! forges use.

mod common;

use std::path::Path;
use std::process::Command;

use chainrule::explain::markdown;
use chainrule::explain::table::{Column, Table};

#[test]
fn the_page_of_the_first_example() {
    insta::assert_snapshot!(common::page(&common::first(), markdown::write));
}

#[test]
fn a_block_holds_no_more_than_a_forge_shows() {
    let mut blocks = 0;
    for (name, page) in common::pages(markdown::write) {
        for block in page.split("```math\n").skip(1) {
            let block = block.split("```").next().expect("a block ends");
            blocks += 1;
            // GitLab stops at 1000 characters, GitHub at 100 subscripts.
            assert!(block.len() < 1000, "{name}: {block}");
            assert!(block.matches(['_', '^']).count() < 100, "{name}: {block}");
        }
    }
    assert!(blocks > 5, "long formulas are in blocks: {blocks}");
}

#[test]
fn every_formula_is_one_that_katex_accepts() {
    let test = "every_formula_is_one_that_katex_accepts";
    let Some(node) = common::program(test, &["node", "nodejs"]) else { return };
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/markdown");
    if !tool.join("node_modules/katex").exists() {
        common::skip(test, "katex is not installed; run `npm ci` in tools/markdown");
        return;
    }
    let folder = common::folder(test);
    let mut command = Command::new(node);
    command.arg(tool.join("check.mjs"));
    let mut formulas = 0;
    let mut pages = common::pages(markdown::write);
    pages.push(("table".to_string(), table()));
    for (name, page) in pages {
        formulas += page.matches("$`").count() + page.matches("```math").count();
        let path = folder.join(format!("{name}.md"));
        std::fs::write(&path, page).expect("the page can be written");
        command.arg(path);
    }
    let texts = [common::hostile(), common::classes()]
        .into_iter()
        .flat_map(|example| [Some(example.title), example.source, example.note])
        .flatten()
        .map(|text| (one_line(&text), markdown::escape(&text)))
        .collect::<Vec<_>>();
    let path = folder.join("texts.json");
    std::fs::write(&path, serde_json::to_string(&texts).expect("strings")).expect("a file");
    command.arg(path);
    let output = command.output().expect("node was started a moment ago");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), format!("{formulas} formulas"));
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table whose cells hold what Markdown reads as its own.
fn table() -> String {
    let table = Table {
        caption: "Figures | *all* of them".to_string(),
        columns: vec![Column::text("a | b"), Column::number("exact")],
        rows: vec![
            vec!["|t-a| ≤ `1` <b> $x$ \\".to_string(), "-2.4e-19".to_string()],
            vec!["δ_top".to_string(), "0.69".to_string()],
        ],
    };
    let mut out = Vec::new();
    markdown::write_table(&table, &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("a page is UTF-8")
}
