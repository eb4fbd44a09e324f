//! An explanation as one HTML file: MathML, the drawing as SVG inside, light
//! and dark, on screen and on paper. No script, nothing to load.
//!
//! Every line has its identifier as an anchor, and links to the lines whose
//! values it uses.

use std::io::{self, Write};

use super::drawing::Drawing;
use super::formula::{Notation, View, number};
use super::parallel::write_lines;
use super::symbol::{self, escape_xml};
use super::table::{REMARKS, Table};
use super::{Explanation, Line, Section, Step, given, svg, tables, words};
use crate::rounding::Rounding;
use wrap::math;

mod wrap;

/// The style sheet of a page.
const STYLE: &str = include_str!("html/style.css");

/// A line links to no more other lines than this.
const MOST_LINKS: usize = 8;

/// Writes a whole page, step by step.
///
/// # Errors
/// If writing fails.
pub fn write(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    begin(&words::heading(explanation), out)?;
    header(explanation, out)?;
    writeln!(out, "{}", widths(explanation))?;
    for step in explanation.steps() {
        write_step(explanation, &step, out)?;
    }
    writeln!(out, "</div>")?;
    let closing = tables::closing(explanation);
    if let Some(remark) = closing.remark {
        write_paragraph(&remark, out)?;
    }
    for table in closing.tables {
        write_table(&table, out)?;
    }
    end(out)
}

/// Opens what holds the steps, with the widths that names and digits need.
fn widths(explanation: &Explanation<'_>) -> String {
    let letters = symbol::longest(&explanation.example.names) as f64;
    let digits = match explanation.example.shown {
        Rounding::Digits(places) | Rounding::Decimals(places) => f64::from(places),
    };
    let (quantity, value) = ((letters * 0.42 + 2.5).min(22.0), (digits * 0.65 + 5.5).max(8.5));
    format!("<div style=\"--quantity:{quantity:.1}rem;--value:{value:.1}rem\">")
}

/// Writes the page up to and with its first heading.
///
/// # Errors
/// If writing fails.
pub fn begin(title: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = escape_xml(title);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>",
        svg::STYLE,
    )
}

/// Writes the end of the page.
///
/// # Errors
/// If writing fails.
pub fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Writes a paragraph of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<p>{}</p>", escape_xml(text))
}

/// Writes a table of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let class = |index: usize| match table.columns.get(index) {
        Some(column) if column.is_numeric => " class=\"number\"",
        _ => "",
    };
    // A last column of sentences goes below the others where it is narrow.
    let is_remarked = table.columns.last().is_some_and(|column| column.title == REMARKS);
    writeln!(
        out,
        "<div class=\"box\"><table{}>\n<caption>{}</caption>\n<thead><tr>",
        if is_remarked { " class=\"remarked\"" } else { "" },
        escape_xml(&table.caption)
    )?;
    for (index, column) in table.columns.iter().enumerate() {
        writeln!(out, "<th scope=\"col\"{}>{}</th>", class(index), escape_xml(&column.title))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for row in &table.rows {
        write!(out, "<tr>")?;
        for (index, cell) in row.iter().enumerate() {
            let is_number = !class(index).is_empty();
            let cell = if is_number { words::typeset(cell) } else { cell.clone() };
            write!(out, "<td{}>{}</td>", class(index), escape_xml(&cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn header(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(source) = words::source(explanation) {
        writeln!(out, "<p class=\"source\">{}</p>", escape_xml(&source))?;
    }
    for note in words::note(explanation) {
        write_paragraph(&note, out)?;
    }
    if let Some(selection) = words::selection(explanation) {
        writeln!(out, "<p class=\"selection\">{}.</p>", escape_xml(&selection))?;
    }
    write_statements(&words::conventions(explanation), out)
}

/// Writes pairs of a label and a statement, its exponents raised.
///
/// # Errors
/// If writing fails.
pub fn write_statements(pairs: &[(String, String)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    for (label, sentence) in pairs {
        write!(out, "<dt>{}</dt><dd>", escape_xml(label))?;
        let sentence = words::with_minus_signs(sentence);
        for (place, part) in words::raised(&sentence).iter().enumerate() {
            let part = escape_xml(part);
            write!(out, "{}", if place % 2 == 1 { format!("<sup>{part}</sup>") } else { part })?;
        }
        writeln!(out, "</dd>")?;
    }
    writeln!(out, "</dl>")
}

fn write_step(
    explanation: &Explanation<'_>,
    step: &Step<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let heading = words::step_heading(explanation, step);
    if let Some(heading) = &heading {
        writeln!(out, "<h2>{}</h2>", escape_xml(heading))?;
    }
    let title = heading.unwrap_or_else(|| "The network before the step".to_string());
    let drawing = Drawing::of(step);
    // On a small screen it scrolls, before its texts are too small to read.
    let least = 0.8 * drawing.width;
    writeln!(out, "<div class=\"box\" style=\"--least:{least:.0}px\">")?;
    svg::element(&drawing, &title, None, out)?;
    writeln!(out, "</div>")?;
    givens(explanation, step, out)?;
    for section in step.sections() {
        write_section(&section, out)?;
    }
    if explanation.is_whole() {
        writeln!(
            out,
            "<p class=\"outcome\">{}.</p>",
            escape_xml(&words::with_minus_signs(&words::outcome(step)))
        )?;
    }
    Ok(())
}

fn givens(explanation: &Explanation<'_>, step: &Step<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = given::groups(explanation, step);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Given</h3>\n<dl>")?;
    for group in groups {
        write!(out, "<dt>{}</dt><dd>", escape_xml(group.label))?;
        if let Some(instead) = group.instead() {
            write!(out, "{}", escape_xml(&instead))?;
        }
        for (quantity, value) in &group.numbers {
            let mut content = String::new();
            let symbol = step.example.names.symbol(*quantity);
            symbol::write(&symbol, Notation::MathMl, &mut content);
            content.push_str("<mo>=</mo>");
            number(value, Notation::MathMl, &mut content);
            write!(out, "<span class=\"number\"><math>{content}</math></span> ")?;
        }
        writeln!(out, "</dd>")?;
    }
    writeln!(out, "</dl>")
}

fn write_section(section: &Section<'_>, out: &mut dyn Write) -> io::Result<()> {
    let [quantity, formula, numbers, value] = words::COLUMNS;
    writeln!(
        out,
        "<section>\n<h3>{}</h3>\n<table class=\"working\">\n<thead><tr>\
         <th scope=\"col\" class=\"q\">{quantity}</th><th scope=\"col\" class=\"f\">{formula}</th>\
         <th scope=\"col\" class=\"n\">{numbers}</th><th scope=\"col\" class=\"v\">{value}</th>\
         </tr></thead>\n<tbody>",
        escape_xml(&section.title()),
    )?;
    write_lines(section.lines(), out, write_line)?;
    writeln!(out, "</tbody>\n</table>\n</section>")
}

fn write_line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let column = |view| {
        let mut cell = String::new();
        math(&line.formula(view, Notation::MathMl), &mut cell);
        for condition in line.conditions(view, Notation::MathMl) {
            cell.push_str("<span class=\"condition\">as ");
            math(&condition, &mut cell);
            cell.push_str("</span>");
        }
        cell
    };
    let mut symbol = String::new();
    math(&line.symbol(Notation::MathMl), &mut symbol);
    writeln!(
        out,
        "<tr id=\"{}\"><td class=\"q\">{symbol}</td><td class=\"f\">{}{}</td><td class=\"n\">{}</td>\
         <td class=\"v\">{}</td></tr>",
        escape_xml(&line.id()),
        column(View::Symbols),
        links(line),
        column(View::Numbers),
        words::typeset(&line.shown()),
    )
}

/// Writes links to the lines that a line uses.
fn links(line: &Line<'_>) -> String {
    let ids = line.depends_on();
    if ids.is_empty() {
        return String::new();
    }
    let links: Vec<String> = ids
        .iter()
        .zip(line.depends_on_symbols())
        .take(MOST_LINKS)
        .map(|(id, symbol)| format!("<a href=\"#{}\">{}</a>", fragment(id), escape_xml(&symbol)))
        .collect();
    let more = match ids.len().saturating_sub(MOST_LINKS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("<span class=\"uses\">uses {}{more}</span>", links.join(" "))
}

/// Writes an identifier as the fragment of a link.
fn fragment(id: &str) -> String {
    let mut out = String::new();
    for letter in id.chars() {
        if letter.is_alphanumeric() || "_-.@".contains(letter) {
            out.push(letter);
        } else {
            let codes = letter.to_string().into_bytes().into_iter();
            out.extend(codes.map(|byte| format!("%{byte:02X}")));
        }
    }
    out
}
