//! Pages of worksheets as Markdown, one below the other.

use std::io::{self, Write};

use super::document::{Block, Document, Question, Row};
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
            // Forges show no drawings inside a page of text.
            Block::Drawing(_) => {}
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
