//! The LaTeX document, compiled by both engines.

mod common;

use std::process::{Command, Stdio};

use chainrule::explain::latex;
use chainrule::explain::table::{Column, Table};

#[test]
fn the_document_of_the_first_example() {
    insta::assert_snapshot!(common::page(&common::first(), latex::write));
}

#[test]
fn the_document_is_ascii() {
    for (name, page) in common::pages(latex::write) {
        let other = page.chars().find(|letter| !letter.is_ascii());
        assert_eq!(other, None, "{name}");
    }
}

#[test]
fn pdflatex_compiles_every_page_without_a_complaint() {
    compile("pdflatex_compiles_every_page_without_a_complaint", "pdflatex");
}

#[test]
fn xelatex_compiles_every_page_without_a_complaint() {
    compile("xelatex_compiles_every_page_without_a_complaint", "xelatex");
}

/// Compiles all pages, and a table of every kind of column.
fn compile(test: &str, engine: &str) {
    if common::program(test, &[engine]).is_none() {
        return;
    }
    let folder = common::folder(test);
    let mut pages = common::pages(latex::write);
    pages.push(("table".to_string(), table()));
    for (name, page) in pages {
        let file = format!("{name}.tex");
        std::fs::write(folder.join(&file), page).expect("the page can be written");
        let status = Command::new(engine)
            .args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", &file])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .status()
            .expect("it was started a moment ago");
        let log = std::fs::read(folder.join(format!("{name}.log"))).expect("TeX writes a log");
        let log = String::from_utf8_lossy(&log);
        assert!(status.success(), "{name}: {log}");
        assert!(folder.join(format!("{name}.pdf")).exists(), "{name}: no pages");
        assert!(!log.contains("Missing character"), "{name}: {log}");
        // Names like `$e`_*%` are written as code points; no file can hold them.
        if name == "hostile" {
            continue;
        }
        for line in log.lines().filter(|line| line.starts_with("Overfull \\hbox (")) {
            let width = line["Overfull \\hbox (".len()..].split("pt").next().unwrap_or_default();
            let width: f64 = width.parse().expect("a width in points");
            assert!(width <= 10.0, "{name}: {line}");
        }
    }
}

fn table() -> String {
    let long = "a remark that is too long for one line of a narrow column, and goes on ".repeat(3);
    let table = Table {
        caption: "Figures & 100 % of them".to_string(),
        columns: vec![Column::text("δ_top"), Column::number("exact"), Column::text("remark")],
        rows: vec![
            vec!["∂E/∂w1⁺".to_string(), "-2.4e-19".to_string(), long],
            vec!["a_α".to_string(), "0.69".to_string(), String::new()],
        ],
    };
    let mut out = Vec::new();
    latex::begin("Tables", &mut out).expect("writing to memory works");
    latex::write_table(&table, &mut out).expect("writing to memory works");
    latex::end(&mut out).expect("writing to memory works");
    String::from_utf8(out).expect("ASCII")
}
