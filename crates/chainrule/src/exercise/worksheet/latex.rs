//! Pages of worksheets as one LaTeX document, each exercise on a new page.

use std::io::{self, Write};

use super::document::{Block, Document, Question, Row};
use crate::exercise::report::points;
use crate::explain::latex;

mod picture;

/// Writes some pages, which were made in LaTeX notation.
///
/// # Errors
/// If writing fails.
pub fn write(documents: &[Document], out: &mut dyn Write) -> io::Result<()> {
    let is_drawing = |block: &Block| matches!(block, Block::Drawing(_));
    let has_drawing = documents.iter().any(|document| document.blocks.iter().any(is_drawing));
    latex::begin_untitled(if has_drawing { picture::PACKAGES } else { "" }, out)?;
    for (place, document) in documents.iter().enumerate() {
        if place > 0 {
            writeln!(out, "\\newpage\\setcounter{{page}}{{1}}")?;
        }
        one(document, out)?;
    }
    latex::end(out)
}

fn one(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\\textcolor{{soft}}{{{}\\hfill seed {}}}\\par\n{{\\LARGE\\bfseries\\raggedright {}\\par}}\n\\medskip",
        document.part_name(),
        document.seed,
        latex::escape(&document.title)
    )?;
    let name = match &document.student {
        Some(name) => format!("\\textbf{{{}}}", latex::escape(name)),
        None => "\\rule[-2pt]{70mm}{0.4pt}".to_string(),
    };
    let of = points(document.points);
    let achieved = match document.part {
        super::document::Part::Sheet => format!("\\rule[-2pt]{{15mm}}{{0.4pt}} of {of} points"),
        _ => format!("{of} points"),
    };
    writeln!(out, "Name: {name}\\hfill {achieved}\\par\\medskip")?;
    for block in &document.blocks {
        match block {
            Block::Heading(text) => writeln!(out, "\\heading{{{}}}", latex::escape(text))?,
            Block::Paragraph(text) => latex::write_paragraph(text, out)?,
            Block::Statements(pairs) => latex::definitions(
                pairs.iter().map(|(label, text)| (label.as_str(), latex::statement(text))),
                out,
            )?,
            Block::Drawing(drawing) => picture::write(drawing, out)?,
            Block::Givens(groups) => {
                let pairs = groups.iter().map(|(label, numbers)| {
                    let pair = |(symbol, number): &(String, String)| {
                        format!("\\mbox{{${symbol} = {number}$}}\\quad ")
                    };
                    (*label, numbers.iter().map(pair).collect())
                });
                latex::definitions(pairs, out)?;
            }
            Block::Questions(questions) => self::questions(questions, out)?,
            Block::Working(rows) => working(rows, out)?,
            Block::Table(table) => latex::write_table(table, out)?,
        }
    }
    Ok(())
}

fn questions(questions: &[Question], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\\begin{{longtable}}{{@{{}}p{{24mm}}p{{84mm}}>{{\\raggedright\\arraybackslash\\color{{soft}}\
         \\footnotesize}}p{{40mm}}>{{\\raggedleft\\arraybackslash}}p{{10mm}}@{{}}}}"
    )?;
    for question in questions {
        writeln!(
            out,
            "\\rule{{0pt}}{{7mm}}$\\displaystyle {} =$ & \\dotfill & {} & {} \\\\",
            question.symbol,
            latex::escape(&question.what),
            question.points
        )?;
    }
    writeln!(out, "\\end{{longtable}}")
}

fn working(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let has_formula = rows.iter().any(|row| row.formula.is_some());
    let columns: &[&str] = if has_formula { &["22mm", "52mm", "60mm"] } else { &["22mm", "84mm"] };
    write!(out, "\\begin{{longtable}}{{@{{}}")?;
    for width in columns {
        write!(out, ">{{\\raggedright\\arraybackslash}}p{{{width}}}")?;
    }
    let last = if has_formula { "8mm" } else { "36mm" };
    writeln!(
        out,
        ">{{\\raggedleft\\arraybackslash}}p{{16mm}}>{{\\raggedleft\\arraybackslash}}p{{{last}}}@{{}}}}"
    )?;
    for row in rows {
        let is_tall = row.numbers.contains("\\frac");
        let tall = if is_tall { "\\tall" } else { "" };
        write!(out, "{tall}$\\displaystyle {}$ & ", row.symbol)?;
        if let Some(formula) = &row.formula {
            write!(out, "$\\displaystyle {formula}$")?;
            for condition in &row.conditions {
                write!(out, " {{\\small as ${condition}$}}")?;
            }
            write!(out, " & ")?;
        }
        write!(out, "$\\displaystyle {}$ & $\\mathbf{{{}}}$ & ", row.numbers, row.value)?;
        match &row.points {
            Some(points) => write!(out, "{points}")?,
            None => write!(out, "\\dotfill")?,
        }
        writeln!(out, " \\\\[3pt]")?;
    }
    writeln!(out, "\\end{{longtable}}")
}
