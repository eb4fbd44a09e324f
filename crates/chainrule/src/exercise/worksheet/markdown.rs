//! Pages of worksheets as Markdown, one below the other.

use std::io::{self, Write};

use super::document::{Block, Document, Question, Row};
use crate::explain::drawing::{Drawing, Kind, LabelKind, Text};
use crate::explain::markdown;

/// Writes some pages, which were made in LaTeX notation.
///
/// # Errors
/// If writing fails.
pub fn write(documents: &[Document], out: &mut dyn Write) -> io::Result<()> {
    for (place, document) in documents.iter().enumerate() {
        if place > 0 {
            writeln!(out, "---\n")?;
        }
        one(document, out)?;
    }
    Ok(())
}

fn one(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let part = document.part_name();
    writeln!(out, "# {part}: {}\n", markdown::escape(&document.title))?;
    let name = document.student.as_deref().map_or("\\_".repeat(24), markdown::escape);
    let points = crate::exercise::report::points(document.points);
    writeln!(out, "Name: {name} · {points} points · seed {}\n", document.seed)?;
    for block in &document.blocks {
        match block {
            Block::Heading(text) => writeln!(out, "## {}\n", markdown::escape(text))?,
            Block::Paragraph(text) => markdown::write_paragraph(text, out)?,
            Block::Statements(pairs) => {
                for (label, sentence) in pairs {
                    markdown::write_statement(label, sentence, out)?;
                }
                writeln!(out)?;
            }
            Block::Drawing(drawing) => self::drawing(drawing, out)?,
            Block::Givens(groups) => {
                for (label, numbers) in groups {
                    write!(out, "- **{label}**:")?;
                    for (symbol, number) in numbers {
                        write!(out, " $`{symbol} = {number}`$")?;
                    }
                    writeln!(out)?;
                }
                writeln!(out)?;
            }
            Block::Questions(questions) => self::questions(questions, out)?,
            Block::Working(rows) => working(rows, out)?,
            Block::Table(table) => markdown::write_table(table, out)?,
        }
    }
    Ok(())
}

fn questions(questions: &[Question], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| quantity | what it is | answer | points |\n| :--- | :--- | :--- | ---: |")?;
    for question in questions {
        writeln!(
            out,
            "| $`{}`$ | {} | | {} |",
            question.symbol,
            markdown::escape(&question.what),
            question.points
        )?;
    }
    writeln!(out)
}

fn working(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let has_formula = rows.iter().any(|row| row.formula.is_some());
    if has_formula {
        writeln!(out, "| quantity | formula | numbers put in | value | points |")?;
        writeln!(out, "| :--- | :--- | :--- | ---: | ---: |")?;
    } else {
        writeln!(out, "| quantity | numbers put in | value | right number |")?;
        writeln!(out, "| :--- | :--- | ---: | :--- |")?;
    }
    for row in rows {
        write!(out, "| $`{}`$ |", row.symbol)?;
        if let Some(formula) = &row.formula {
            write!(out, " $`{formula}`$")?;
            for condition in &row.conditions {
                write!(out, " as $`{condition}`$")?;
            }
            write!(out, " |")?;
        }
        let points = row.points.as_deref().unwrap_or("");
        writeln!(out, " $`{}`$ | $`{}`$ | {points} |", row.numbers, row.value)?;
    }
    writeln!(out)?;
    Ok(())
}

/// Writes the network as a Mermaid diagram: forges draw it, and as a text it
/// can be read too.
///
/// Source: Mermaid's documentation, "Flowcharts: basic syntax".
fn drawing(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "```mermaid\nflowchart LR")?;
    for (place, node) in drawing.nodes.iter().enumerate() {
        let mut text = in_diagram(&node.name);
        if !node.value.is_empty() {
            text.push_str(&format!(" = {}", node.value));
        }
        let (open, close) = if node.kind == Kind::Neuron { ("([", "])") } else { ("[", "]") };
        writeln!(out, "    n{place}{open}\"{text}\"{close}")?;
    }
    // The texts of weights stand in the order of the edges; all have one, or none.
    let is_weight = |kind| kind == LabelKind::Weight;
    let mut weights = drawing.labels.iter().filter(|label| is_weight(label.kind));
    for edge in &drawing.edges {
        let at = |(x, y): (f64, f64), side: f64| {
            drawing.nodes.iter().position(|node| {
                node.area.x + side * node.area.width / 2.0 == x && node.area.y == y
            })
        };
        let (Some(from), Some(to)) = (at(edge.from, 1.0), at(edge.to, -1.0)) else { continue };
        let line = match (edge.is_weight, edge.is_weight.then(|| weights.next()).flatten()) {
            (true, Some(weight)) => format!("-- \"{}\" -->", in_diagram(&weight.text)),
            (true, None) => "-->".to_string(),
            (false, _) => "-.-".to_string(),
        };
        writeln!(out, "    n{from} {line} n{to}")?;
    }
    writeln!(out, "```\n")
}

/// Writes a text between quotation marks of a diagram.
fn in_diagram(text: &Text) -> String {
    let below = if text.subscript.is_empty() { "" } else { "_" };
    let mut out = String::new();
    for letter in format!("{}{below}{}{}", text.base, text.subscript, text.rest).chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | '=' | '_' => out.push(letter),
            letter if letter.is_ascii() => out.push_str(&format!("#{};", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out
}
