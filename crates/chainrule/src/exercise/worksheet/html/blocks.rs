//! The blocks of a worksheet in HTML, and pages that are read only: solutions
//! and marking schemes.

use std::io::{self, Write};

use super::STYLE;
use crate::exercise::report::points;
use crate::exercise::worksheet::document::{Block, Document, Part, Question, Row, title};
use crate::explain::symbol::escape_xml;
use crate::explain::{html, svg};

/// Writes some documents, which were made in MathML, as one page.
///
/// # Errors
/// If writing fails.
pub fn write(documents: &[Document], out: &mut dyn Write) -> io::Result<()> {
    let mut head = Vec::new();
    html::begin(&title(documents), &mut head)?;
    let head = String::from_utf8_lossy(&head).replacen("</style>", &format!("{STYLE}</style>"), 1);
    out.write_all(head.as_bytes())?;
    for document in documents {
        let name = document.student.as_deref().map_or(String::new(), escape_xml);
        let of = match document.part {
            Part::Sheet => "____ of ",
            Part::Solution | Part::Scheme => "",
        };
        writeln!(
            out,
            "<article>\n<div class=\"head\"><strong>{name}</strong><span>{of}{} points</span>\
             <span class=\"source\">seed {}</span></div>",
            points(document.points),
            document.seed
        )?;
        for block in &document.blocks {
            write_block(block, out)?;
        }
        writeln!(out, "</article>")?;
    }
    html::end(out)
}

/// Writes one block.
pub(super) fn write_block(block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block {
        Block::Heading(text) => writeln!(out, "<h3>{}</h3>", escape_xml(text)),
        Block::Paragraph(text) => html::write_paragraph(text, out),
        Block::Statements(pairs) => html::write_statements(pairs, out),
        Block::Drawing(drawing) => {
            let least = 0.8 * drawing.width;
            writeln!(out, "<div class=\"box\" style=\"--least:{least:.0}px\">")?;
            svg::element(drawing, "The network", None, out)?;
            writeln!(out, "</div>")
        }
        Block::Givens(groups) => {
            writeln!(out, "<dl>")?;
            for (label, numbers) in groups {
                write!(out, "<dt>{label}</dt><dd>")?;
                for (symbol, number) in numbers {
                    write!(
                        out,
                        "<span class=\"number\"><math>{symbol}<mo>=</mo>{number}</math></span> "
                    )?;
                }
                writeln!(out, "</dd>")?;
            }
            writeln!(out, "</dl>")
        }
        Block::Questions(questions) => self::questions(questions, out),
        Block::Working(rows) => working(rows, out),
        Block::Table(table) => html::write_table(table, out),
    }
}

fn questions(questions: &[Question], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<table class=\"questions\"><tbody>")?;
    for Question { symbol, what, points } in questions {
        let of = if points.is_empty() { String::new() } else { format!("/{points}") };
        writeln!(
            out,
            "<tr><td class=\"symbol\"><math>{symbol}<mo>=</mo></math></td><td class=\"field\"></td>\
             <td class=\"what\">{}</td><td class=\"points\">{of}</td></tr>",
            escape_xml(what)
        )?;
    }
    writeln!(out, "</tbody></table>")
}

fn working(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<table class=\"questions worked\"><tbody>")?;
    for row in rows {
        write!(out, "<tr><td class=\"symbol\"><math>{}<mo>=</mo></math></td>", row.symbol)?;
        if let Some(formula) = &row.formula {
            write!(out, "<td class=\"formula\"><math displaystyle=\"true\">{formula}</math>")?;
            for condition in &row.conditions {
                write!(out, " <span class=\"what\">as <math>{condition}</math></span>")?;
            }
            write!(out, "</td>")?;
        }
        let points = row.points.as_deref().unwrap_or("");
        writeln!(
            out,
            "<td class=\"numbers\"><math displaystyle=\"true\">{}</math></td>\
             <td class=\"value\"><math>{}</math></td>\
             <td class=\"points\">{points}</td></tr>",
            row.numbers, row.value
        )?;
    }
    writeln!(out, "</tbody></table>")
}
