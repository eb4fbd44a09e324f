//! A class as a table of sheets and one of mistakes, in every format.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{SCHEMA, csv_cell, points, value};
use crate::exercise::class::Class;
use crate::exercise::judge::Verdict;
use crate::exercise::mark::Marked;
use crate::explain::table::{Column, Table};
use crate::explain::text::Text;
use crate::explain::{html, markdown};

/// Returns a class as a table of sheets, and one of mistakes.
pub fn class_tables(class: &Class) -> [Table; 2] {
    let mistakes = class
        .mistakes()
        .into_iter()
        .map(|(mistake, lines, sheets)| {
            vec![mistake.words().to_string(), lines.to_string(), sheets.to_string()]
        })
        .collect();
    [
        Table {
            caption: "The class".to_string(),
            columns: vec![
                Column::text("sheet"),
                Column::number("right"),
                Column::number("from own"),
                Column::number("wrong"),
                Column::number("missing"),
                Column::number("points"),
                Column::text("remarks"),
            ],
            rows: rows(class)
                .into_iter()
                .map(|row| {
                    let [name, right, own, wrong, missing, points, worth, remark] = row;
                    let of = if worth.is_empty() { "" } else { "/" };
                    let points = format!("{points}{of}{worth}");
                    vec![name, right, own, wrong, missing, points, remark]
                })
                .collect(),
        },
        Table {
            caption: "Mistakes".to_string(),
            columns: vec![
                Column::text("mistake"),
                Column::number("lines"),
                Column::number("sheets"),
            ],
            rows: mistakes,
        },
    ]
}

/// Returns a row for each sheet, and one for each that could not be read.
fn rows(class: &Class) -> Vec<[String; 8]> {
    let marked = class.sheets.iter().map(|(name, marked)| {
        let count = |verdict| marked.count(verdict);
        [
            name.clone(),
            count(Verdict::Right).to_string(),
            (count(Verdict::Carried) + count(Verdict::CarriedTrivially)).to_string(),
            count(Verdict::Wrong).to_string(),
            count(Verdict::Missing).to_string(),
            points(marked.points()),
            points(marked.worth()),
            remark(marked),
        ]
    });
    let unreadable = class.unreadable.iter().map(|one| {
        let mut row = [const { String::new() }; 8];
        row[0].clone_from(&one.name);
        row[7] = format!("not read: {}", one.reason);
        row
    });
    let mut rows: Vec<[String; 8]> = marked.chain(unreadable).collect();
    rows.sort();
    rows
}

/// Says how much of a sheet could not be used.
fn remark(marked: &Marked) -> String {
    match marked.problems.len() {
        0 => String::new(),
        1 => "1 entry not marked".to_string(),
        count => format!("{count} entries not marked"),
    }
}

/// Writes the tables of a class as text.
///
/// # Errors
/// Those of the writer.
pub fn write_class_text(class: &Class, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let [sheets, mistakes] = class_tables(class);
    let mut text = Text::new(out, colour);
    text.table(&sheets)?;
    text.blank()?;
    if mistakes.rows.is_empty() {
        return text.paragraph(NO_MISTAKES);
    }
    text.table(&mistakes)
}

/// What stands for a table of mistakes without rows.
const NO_MISTAKES: &str = "No mistake was named.";

/// Writes the tables of a class as Markdown.
///
/// # Errors
/// Those of the writer.
pub fn write_class_markdown(class: &Class, out: &mut dyn Write) -> io::Result<()> {
    let [sheets, mistakes] = class_tables(class);
    markdown::write_table(&sheets, out)?;
    if mistakes.rows.is_empty() {
        return markdown::write_paragraph(NO_MISTAKES, out);
    }
    markdown::write_table(&mistakes, out)
}

/// Writes the tables of a class as an HTML page.
///
/// # Errors
/// Those of the writer.
pub fn write_class_html(class: &Class, out: &mut dyn Write) -> io::Result<()> {
    let [sheets, mistakes] = class_tables(class);
    html::begin("The class", out)?;
    html::write_table(&sheets, out)?;
    if mistakes.rows.is_empty() {
        html::write_paragraph(NO_MISTAKES, out)?;
    } else {
        html::write_table(&mistakes, out)?;
    }
    html::end(out)
}

/// Writes the table of a class as CSV.
///
/// # Errors
/// Those of the writer.
pub fn write_class_csv(class: &Class, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "sheet,right,from_own,wrong,missing,points,worth,remarks")?;
    for row in rows(class) {
        writeln!(out, "{}", row.map(|cell| csv_cell(&cell)).join(","))?;
    }
    Ok(())
}

/// Writes all sheets of a class as JSON, with what they go by, what could not
/// be read, and the mistakes counted.
///
/// # Errors
/// Those of the writer.
pub fn write_class_json(class: &Class, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{SCHEMA},\n\"sheets\":[")?;
    for (place, (name, marked)) in class.sheets.iter().enumerate() {
        let mut sheet = value(marked);
        sheet["sheet"] = json!(name);
        write!(out, "{}\n{sheet}", if place == 0 { "" } else { "," })?;
    }
    let unreadable = class.unreadable.iter();
    let unreadable: Value =
        unreadable.map(|one| json!({ "sheet": one.name, "message": one.reason })).collect();
    let mistakes: Value = class
        .mistakes()
        .into_iter()
        .map(|(mistake, lines, sheets)| {
            json!({ "mistake": mistake.id(), "lines": lines, "sheets": sheets })
        })
        .collect();
    writeln!(out, "\n],\n\"unreadable\":{unreadable},\n\"mistakes\":{mistakes}}}")
}
