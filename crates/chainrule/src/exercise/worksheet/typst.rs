//! Pages of worksheets as a Typst document, from which a PDF is made.

use std::io::{self, Write};

use super::document::{Block, Document, Part, Question, Row, title};
use crate::exercise::report::points;
use crate::explain::drawing::{Drawing, Kind, LabelKind, SMALL, SUBSCRIPT, TEXT, Text};
use crate::explain::table::Table;
use crate::explain::words;

/// How the pages look.
const STYLE: &str = include_str!("typst/style.typ");

/// Writes some pages, which were made in Typst notation.
///
/// # Errors
/// If writing fails.
pub fn write(documents: &[Document], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#set document(title: {})", quoted(&title(documents)))?;
    out.write_all(STYLE.as_bytes())?;
    for (place, document) in documents.iter().enumerate() {
        if place > 0 {
            writeln!(out, "#pagebreak()")?;
        }
        one(document, out)?;
    }
    Ok(())
}

fn one(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "#top(part: {}, title: {}, seed: {}, name: {}, points: {}, is-sheet: {})",
        quoted(document.part_name()),
        quoted(&document.title),
        quoted(&document.seed.to_string()),
        document.student.as_deref().map_or("none".to_string(), quoted),
        quoted(&points(document.points)),
        document.part == Part::Sheet,
    )?;
    for block in &document.blocks {
        match block {
            Block::Heading(text) => writeln!(out, "#part-heading({})", quoted(text))?,
            Block::Paragraph(text) => writeln!(out, "#para({})", quoted(text))?,
            Block::Statements(pairs) => {
                write!(out, "#statements(")?;
                for (label, sentence) in pairs {
                    write!(out, "({}, {}), ", quoted(label), statement(sentence))?;
                }
                writeln!(out, ")")?;
            }
            Block::Drawing(drawing) => self::drawing(drawing, out)?,
            Block::Givens(groups) => {
                write!(out, "#givens(")?;
                for (label, numbers) in groups {
                    write!(out, "({}, (", quoted(label))?;
                    for (symbol, number) in numbers {
                        write!(out, "${symbol} = {number}$, ")?;
                    }
                    write!(out, ")), ")?;
                }
                writeln!(out, ")")?;
            }
            Block::Questions(questions) => self::questions(questions, out)?,
            Block::Working(rows) => working(rows, out)?,
            Block::Table(table) => self::table(table, out)?,
        }
    }
    Ok(())
}

fn questions(questions: &[Question], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "#questions(")?;
    for Question { symbol, what, points } in questions {
        write!(out, "(${symbol}$, {}, {}), ", quoted(what), quoted(points))?;
    }
    writeln!(out, ")")
}

fn working(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "#working(")?;
    for row in rows {
        write!(out, "(symbol: ${}$, formula: ", row.symbol)?;
        match &row.formula {
            None => write!(out, "none")?,
            Some(formula) => {
                write!(out, "[${formula}$")?;
                for condition in &row.conditions {
                    write!(out, " #aside[as ${condition}$]")?;
                }
                write!(out, "]")?;
            }
        }
        let points = row.points.as_deref().map_or("none".to_string(), quoted);
        write!(out, ", numbers: ${}$, value: ${}$, points: {points}), ", row.numbers, row.value)?;
    }
    writeln!(out, ")")
}

fn table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#part-heading({})", quoted(&table.caption))?;
    write!(out, "#plain-table((")?;
    for column in &table.columns {
        write!(out, "({}, {}), ", quoted(&column.title), column.is_numeric)?;
    }
    write!(out, "), (")?;
    for row in &table.rows {
        for (cell, column) in row.iter().zip(&table.columns) {
            let cell = if column.is_numeric { words::typeset(cell) } else { cell.clone() };
            write!(out, "{}, ", quoted(&cell))?;
        }
    }
    writeln!(out, "))")
}

fn drawing(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#drawing({:.1}, {:.1}, (", drawing.width, drawing.height)?;
    for edge in &drawing.edges {
        let ((x, y), (to_x, to_y)) = (edge.from, edge.to);
        writeln!(out, "  edge({x:.1}, {y:.1}, {to_x:.1}, {to_y:.1}, {}),", edge.is_weight)?;
    }
    for label in &drawing.labels {
        let area = label.area;
        let kind = if label.kind == LabelKind::Heading { "heading" } else { "number" };
        writeln!(
            out,
            "  label-at({:.1}, {:.1}, {:.1}, {:.1}, \"{kind}\", {}),",
            area.x,
            area.y,
            area.width,
            area.height,
            text(&label.text, SMALL, label.kind != LabelKind::Heading),
        )?;
    }
    for node in &drawing.nodes {
        let area = node.area;
        let kind = match node.kind {
            Kind::Input => "input",
            Kind::Neuron => "neuron",
            Kind::Target => "target",
            Kind::Loss => "loss",
            Kind::Dots => "dots",
        };
        let value = if node.value.is_empty() {
            "none".to_string()
        } else {
            quoted(&words::typeset(&node.value))
        };
        writeln!(
            out,
            "  node({:.1}, {:.1}, {:.1}, {:.1}, \"{kind}\", {}, {value}),",
            area.x,
            area.y,
            area.width,
            area.height,
            text(&node.name, TEXT, true),
        )?;
    }
    writeln!(out, "))")
}

/// Writes a text of a drawing, its name in italics.
fn text(text: &Text, size: f64, is_symbol: bool) -> String {
    let base = quoted(&text.base);
    let base = if is_symbol { format!("emph({base})") } else { base };
    let below = if text.subscript.is_empty() {
        String::new()
    } else {
        format!(" + sub(typographic: false, size: {SUBSCRIPT}em, {})", quoted(&text.subscript))
    };
    format!("sized({size}, {base}{below} + {})", quoted(&text.rest))
}

/// Writes a statement with its exponents raised.
fn statement(sentence: &str) -> String {
    let sentence = words::with_minus_signs(sentence);
    let parts = words::raised(&sentence).into_iter().enumerate();
    let parts: Vec<String> = parts
        .map(
            |(place, part)| {
                if place % 2 == 1 { format!("super({})", quoted(part)) } else { quoted(part) }
            },
        )
        .collect();
    format!("[#({})]", parts.join(" + "))
}

/// Writes a string of Typst.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
