//! Worksheets as questions of Moodle: one cloze question for each sheet, in
//! Moodle XML, with a field for each quantity that counts by itself.
//!
//! A field takes all numbers that rounding at every line can reach. A number
//! that a usual mistake gives gets no points, and the mistake's name as
//! feedback; one decimal too few gets what a slip gets. Moodle knows nothing of
//! earlier numbers: what follows from a slip counts as wrong there.
//!
//! Source: Moodle's documentation, "Moodle XML format" and "Embedded Answers
//! (Cloze) question type".

use std::fmt::Write as _;
use std::io::{self, Write};

use super::document::{Block, Document, Part};
use super::{Worksheet, description};
use crate::exercise::report::points;
use crate::explain::formula::{Notation, plain};
use crate::explain::symbol::escape_xml;
use crate::explain::words;
use crate::rounding::Rounding;

/// Writes the sheets as the questions of a category.
///
/// # Errors
/// If writing fails.
pub fn write(sheets: &[Worksheet], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>")?;
    if let Some(first) = sheets.first() {
        // A slash parts a category from the one it is in; two stand for one.
        let category = format!("$course$/top/{}", first.example.title.replace('/', "//"));
        writeln!(
            out,
            "  <question type=\"category\"><category><text>{}</text></category></question>",
            escape_xml(&category)
        )?;
    }
    for sheet in sheets {
        let name = match &sheet.student {
            Some(student) => format!("{} ({})", sheet.example.title, student.name),
            None => format!("{} (seed {})", sheet.example.title, sheet.seed),
        };
        writeln!(out, "  <question type=\"cloze\">")?;
        writeln!(out, "    <name><text>{}</text></name>", escape_xml(&name))?;
        writeln!(
            out,
            "    <questiontext format=\"html\"><text>{}</text></questiontext>",
            cdata(&text(sheet))
        )?;
        writeln!(out, "    <generalfeedback format=\"html\"><text></text></generalfeedback>")?;
        writeln!(out, "    <penalty>0</penalty>\n    <hidden>0</hidden>\n  </question>")?;
    }
    writeln!(out, "</quiz>")
}

/// Writes text that XML leaves alone.
fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// Writes the page of a question, with its fields.
fn text(sheet: &Worksheet) -> String {
    let document = Document::new(sheet, Part::Sheet, Notation::Text);
    let mut out = String::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(text) => line(&mut out, "p", &html(text)),
            Block::Statements(pairs) => {
                for (label, sentence) in pairs {
                    let sentence = html(&words::with_minus_signs(sentence));
                    line(&mut out, "p", &format!("<b>{}</b>: {sentence}", html(label)));
                }
            }
            Block::Givens(groups) => {
                for (label, numbers) in groups {
                    let numbers: Vec<String> = numbers
                        .iter()
                        .map(|(symbol, number)| format!("{} = {}", html(symbol), html(number)))
                        .collect();
                    line(&mut out, "p", &format!("<b>{label}</b>: {}", numbers.join(", ")));
                }
            }
            Block::Working(rows) => {
                for row in rows {
                    let (symbol, numbers) = (html(&row.symbol), html(&row.numbers));
                    line(&mut out, "p", &format!("{symbol} = {numbers} = {}", html(&row.value)));
                }
            }
            // The fields follow, all in one table.
            Block::Heading(_) | Block::Drawing(_) | Block::Questions(_) | Block::Table(_) => {}
        }
    }
    out.push_str("<table>\n");
    let mistaken = sheet.mistaken_numbers();
    let Rounding::Decimals(decimals) = sheet.rounding() else { return out };
    let unit = 10_f64.powi(-i32::from(decimals));
    let scheme = sheet.scheme();
    let exact = sheet.exact();
    for (at, range) in sheet.accepted() {
        let worth = scheme.worth(at.quantity);
        if worth <= 0.0 {
            continue;
        }
        let exact = exact[&at];
        // The range, and a trifle more for the last bits of a double.
        let middle = f64::midpoint(range.low(), range.high());
        let finer = Rounding::Decimals(decimals.saturating_add(3));
        let tolerance = (range.high() - range.low()) / 2.0 + 0.01 * unit;
        let mut field = format!(
            "{{{}:NUMERICAL:={}:{}#{}",
            points(worth.round().max(1.0)),
            finer.show(middle),
            plain(finer.round(tolerance)),
            feedback("right"),
        );
        let mut wrong = |percent: f64, number: f64, words: &str| {
            let shown = sheet.rounding().show(number);
            let tolerance = plain(finer.round(0.1 * unit));
            let _ = write!(
                field,
                "~%{}%{shown}:{tolerance}#{}",
                points(100.0 * percent),
                feedback(words)
            );
        };
        for &(_, number, mistake) in mistaken.iter().filter(|one| one.0 == at) {
            wrong(scheme.mistake, number, mistake.words());
        }
        if let Some(fewer) = decimals.checked_sub(1).filter(|&fewer| fewer > 0) {
            let coarse = Rounding::Decimals(fewer).round(exact);
            if !range.contains(coarse) && coarse != 0.0 && scheme.slip > 0.0 {
                wrong(scheme.slip, coarse, "rounded to too few decimals");
            }
        }
        field.push('}');
        let _ = writeln!(
            out,
            "<tr><td>{} =</td><td>{field}</td><td>{}</td></tr>",
            html(&at.symbol(&sheet.example.names)),
            html(&description(&sheet.example, at)),
        );
    }
    out.push_str("</table>\n");
    out
}

fn line(out: &mut String, tag: &str, content: &str) {
    let _ = writeln!(out, "<{tag}>{content}</{tag}>");
}

/// Writes text of a page. A brace could open a field.
fn html(text: &str) -> String {
    escape_xml(text).replace('{', "&#123;").replace('}', "&#125;")
}

/// Writes text inside a field, where some signs end it.
fn feedback(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if matches!(letter, '\\' | '}' | '#' | '~' | '/' | '"') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
