//! An explanation as Markdown for the pages of a forge.
//!
//! Mathematics stands between `` $` `` and `` `$ `` or in blocks marked `math`,
//! which GitHub, GitLab, Gitea and Forgejo all show as formulas and which no
//! rule of Markdown reaches into. A forge gives up on a block with a hundred
//! subscripts or a thousand characters; longer formulas are therefore written
//! as several blocks.

use std::io::{self, Write};

use super::formula::{Notation, View, number};
use super::parallel::in_parts;
use super::table::Table;
use super::{Explanation, Line, Section, Step, given, symbol, tables, words};

/// A formula with more characters than this gets a block of its own.
const LONGEST_IN_TABLE: usize = 110;
/// About as many characters of a formula fit on a line of a block.
const ROW: usize = 64;
/// A block holds no more characters of LaTeX and subscripts than this.
const BLOCK: usize = 800;
const SUBSCRIPTS: usize = 80;

/// Writes a whole page, step by step.
///
/// # Errors
/// If writing fails.
pub fn write(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    header(explanation, out)?;
    for step in explanation.steps() {
        write_step(explanation, &step, out)?;
    }
    let closing = tables::closing(explanation);
    if let Some(remark) = closing.remark {
        write_paragraph(&remark, out)?;
    }
    for table in closing.tables {
        write_table(&table, out)?;
    }
    Ok(())
}

/// Writes a paragraph of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", escape(text))
}

/// Writes a table of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n", escape(&table.caption))?;
    let titles: Vec<String> = table.columns.iter().map(|column| escape(&column.title)).collect();
    writeln!(out, "| {} |", titles.join(" | "))?;
    let rules: Vec<&str> = table
        .columns
        .iter()
        .map(|column| if column.is_numeric { "---:" } else { ":---" })
        .collect();
    writeln!(out, "| {} |", rules.join(" | "))?;
    for row in &table.rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&table.columns)
            .map(|(cell, column)| {
                escape(&if column.is_numeric { words::typeset(cell) } else { cell.clone() })
            })
            .collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)
}

fn header(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", escape(&words::heading(explanation)))?;
    if let Some(source) = words::source(explanation) {
        writeln!(out, "{}\n", escape(&source))?;
    }
    for note in words::note(explanation) {
        write_paragraph(&note, out)?;
    }
    if let Some(selection) = words::selection(explanation) {
        writeln!(out, "{}.\n", escape(&selection))?;
    }
    for (label, sentence) in words::conventions(explanation) {
        write_statement(&label, &sentence, out)?;
    }
    writeln!(out)
}

/// Writes a label and a statement as an item of a list, its exponents raised.
///
/// # Errors
/// If writing fails.
pub fn write_statement(label: &str, sentence: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "- **{}**: ", escape(label))?;
    let sentence = words::with_minus_signs(sentence);
    for (place, part) in words::raised(&sentence).iter().enumerate() {
        let part = keep_text(part);
        write!(out, "{}", if place % 2 == 1 { format!("<sup>{part}</sup>") } else { part })?;
    }
    writeln!(out)
}

fn write_step(
    explanation: &Explanation<'_>,
    step: &Step<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut level = "##";
    if let Some(heading) = words::step_heading(explanation, step) {
        writeln!(out, "## {}\n", escape(&heading))?;
        level = "###";
    }
    givens(explanation, step, level, out)?;
    for section in step.sections() {
        writeln!(out, "{level} {}\n", escape(&section.title()))?;
        write_section(&section, out)?;
    }
    if explanation.is_whole() {
        let outcome = words::with_minus_signs(&words::outcome(step));
        writeln!(out, "**{}.**\n", escape(&outcome))?;
    }
    Ok(())
}

fn givens(
    explanation: &Explanation<'_>,
    step: &Step<'_>,
    level: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let groups = given::groups(explanation, step);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "{level} Given\n")?;
    for group in groups {
        write!(out, "- **{}**:", group.label)?;
        if let Some(instead) = group.instead() {
            write!(out, " {}", escape(&instead))?;
        }
        // A few in one formula: a forge shows only so many formulas on a page.
        for some in group.numbers.chunks(4) {
            let mut formula = String::new();
            for (quantity, value) in some {
                if !formula.is_empty() {
                    formula.push_str(", \\quad ");
                }
                let symbol = step.example.names.symbol(*quantity);
                symbol::write(&symbol, Notation::Latex, &mut formula);
                formula.push_str(" = ");
                number(value, Notation::Latex, &mut formula);
            }
            write!(out, " $`{formula}`$")?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

fn write_section(section: &Section<'_>, out: &mut dyn Write) -> io::Result<()> {
    // Whether a line has a block of its own, and the block or row.
    let laid_out = |part: &[Line<'_>]| -> io::Result<Vec<(bool, Vec<u8>)>> {
        let one = |line| {
            let (is_long, mut bytes) = (is_long(line), Vec::new());
            if is_long { write_blocks(line, &mut bytes) } else { write_row(line, &mut bytes) }?;
            Ok((is_long, bytes))
        };
        part.iter().map(one).collect()
    };
    let mut is_in_table = false;
    in_parts(section.lines(), laid_out, |part| {
        for (is_long, line) in part? {
            if is_long && is_in_table {
                writeln!(out)?;
            } else if !is_long && !is_in_table {
                let [quantity, formula, numbers, value] = words::COLUMNS;
                writeln!(out, "| {quantity} | {formula} | {numbers} | {value} |")?;
                writeln!(out, "| :--- | :--- | :--- | ---: |")?;
            }
            out.write_all(&line)?;
            is_in_table = !is_long;
        }
        Ok(())
    })?;
    if is_in_table {
        writeln!(out)?;
    }
    Ok(())
}

/// Tells whether a line is too long for a row of a table.
fn is_long(line: &Line<'_>) -> bool {
    [View::Symbols, View::Numbers]
        .iter()
        .any(|&view| line.formula(view, Notation::Text).chars().count() > LONGEST_IN_TABLE)
}

fn write_row(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "| $`{}`$ | {} | {} | **{}** |",
        line.symbol(Notation::Latex),
        cell(line, View::Symbols),
        cell(line, View::Numbers),
        words::typeset(&line.shown()),
    )
}

fn cell(line: &Line<'_>, view: View) -> String {
    let formula = format!("$`{}`$", line.formula(view, Notation::Latex));
    let conditions = line.conditions(view, Notation::Latex);
    let conditions = conditions.iter().map(|condition| format!(" as $`{condition}`$"));
    [formula].into_iter().chain(conditions).collect()
}

/// Writes a long line as one or more blocks.
fn write_blocks(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut block = Block::default();
    let symbol = line.symbol(Notation::Latex);
    for view in [View::Symbols, View::Numbers] {
        // Brackets that grow must close in the row they open in.
        let latex = line.formula(view, Notation::Latex);
        let latex = latex.replace("\\left(", "(").replace("\\right)", ")");
        for (place, row) in rows(&latex).iter().enumerate() {
            let start = match (view, place) {
                (View::Symbols, 0) => format!("{symbol} &= "),
                (_, 0) => "&= ".to_string(),
                _ => "&\\quad ".to_string(),
            };
            block.add(&format!("{start}{row}"), out)?;
        }
    }
    let mut value = String::from("&= ");
    number(&line.shown(), Notation::Latex, &mut value);
    block.add(&value, out)?;
    block.end(out)?;
    let conditions = line.conditions(View::Symbols, Notation::Latex);
    if !conditions.is_empty() {
        let conditions: Vec<String> =
            conditions.iter().map(|condition| format!("$`{condition}`$")).collect();
        writeln!(out, "as {}\n", conditions.join(", "))?;
    }
    Ok(())
}

/// An open block of aligned rows.
#[derive(Default)]
struct Block {
    length: usize,
    subscripts: usize,
}

impl Block {
    fn add(&mut self, row: &str, out: &mut dyn Write) -> io::Result<()> {
        let subscripts = row.matches(['_', '^']).count();
        if self.length + row.len() > BLOCK || self.subscripts + subscripts > SUBSCRIPTS {
            self.end(out)?;
        }
        if self.length == 0 {
            writeln!(out, "```math\n\\begin{{aligned}}")?;
        } else {
            writeln!(out, " \\\\")?;
        }
        self.length += row.len();
        self.subscripts += subscripts;
        write!(out, "{row}")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.length > 0 {
            writeln!(out, "\n\\end{{aligned}}\n```\n")?;
        }
        *self = Block::default();
        Ok(())
    }
}

/// Cuts a formula into rows that begin with a sign, each as long as a line.
fn rows(latex: &str) -> Vec<&str> {
    let mut rows = Vec::new();
    let (mut start, mut seen, mut depth) = (0, 0, 0_usize);
    let is_cut = |letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ' ' && depth == 0
    };
    let mut at = 0;
    for (place, term) in latex.split(is_cut).enumerate() {
        // A sign opens a row if the one before is full.
        if matches!(term, "+" | "-") && seen > ROW && place > 0 {
            rows.push(&latex[start..at - 1]);
            (start, seen) = (at, 0);
        }
        seen += visible(term);
        at += term.len() + 1;
    }
    rows.push(&latex[start..]);
    rows
}

/// Estimates how many characters a reader sees of a formula.
fn visible(latex: &str) -> usize {
    let mut is_command = false;
    let seen = latex.chars().filter(|&letter| {
        is_command = letter == '\\' || (is_command && letter.is_ascii_alphabetic());
        !is_command && !matches!(letter, '{' | '}' | '_' | '^' | ' ')
    });
    seen.count()
}

/// Writes plain text on one line so that Markdown changes nothing in it.
pub fn escape(text: &str) -> String {
    keep_text(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn keep_text(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A backslash does not keep GitHub from reading mathematics.
            '$' => out.push_str("<span>$</span>"),
            _ => out.push(letter),
        }
    }
    out
}
