//! An explanation as a complete LaTeX document, for pdfLaTeX and XeLaTeX, with
//! nothing but the packages of every installation.
//!
//! Formulas stand in running mathematics, where TeX itself breaks long sums.
//! There is no drawing: see [`svg`](super::svg).

use std::io::{self, Write};

use super::formula::{Notation, View, number};
use super::parallel::write_lines;
use super::table::Table;
use super::{Explanation, Line, Section, Step, given, symbol, tables, words};
use crate::rounding::Rounding;
pub(crate) use text::escape;

mod text;

/// The document up to its title.
const PREAMBLE: &str = r"\documentclass[10pt,a4paper]{article}
\usepackage{iftex}
\usepackage{amsmath}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage[a4paper,margin=20mm]{geometry}
\usepackage{xcolor}
\definecolor{soft}{gray}{0.35}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\extrarowheight}{4pt}
\setlength{\LTpre}{4pt}
\setlength{\LTpost}{6pt}
\setlength{\LTleft}{0pt}
\setlength{\LTright}{0pt}
\setlength{\tabcolsep}{4pt}
\setlength{\emergencystretch}{3em}
\raggedright
% A line may end after a sign between terms, and, less gladly, after a product.
\binoppenalty=200
\relpenalty=10000
\let\timesdot=\cdot
\renewcommand{\cdot}{\timesdot\penalty900 }
% A heading is not left alone at the foot of a page, and a fraction has room in its row.
\newcommand{\room}[1]{\par\ifdim\dimexpr\pagegoal-\pagetotal\relax<#1\newpage\fi}
\newcommand{\tall}{\rule[-11pt]{0pt}{27pt}}
\newcommand{\heading}[1]{\room{90pt}\addvspace{14pt}{\large\bfseries #1}\par\nopagebreak}
\newcommand{\stepheading}[1]{\room{160pt}\addvspace{22pt}\hrule\addvspace{8pt}{\Large\bfseries #1}\par\nopagebreak}
";

/// The width of the text in millimetres, and what four columns lose of it.
const TEXT_WIDTH: f64 = 170.0 - 6.0 * 1.5;
/// About as wide is a digit, and a letter below a symbol.
const DIGIT: f64 = 1.85;
const SUBSCRIPT_LETTER: f64 = 1.6;

/// Writes a whole document, step by step.
///
/// # Errors
/// If writing fails.
pub fn write(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    begin(&words::heading(explanation), out)?;
    header(explanation, out)?;
    let columns = Columns::of(explanation);
    for step in explanation.steps() {
        write_step(explanation, &step, &columns, out)?;
    }
    let closing = tables::closing(explanation);
    if let Some(remark) = closing.remark {
        write_paragraph(&remark, out)?;
    }
    for table in closing.tables {
        write_table(&table, out)?;
    }
    end(out)
}

/// Writes the document up to and with its title.
///
/// # Errors
/// If writing fails.
pub fn begin(title: &str, out: &mut dyn Write) -> io::Result<()> {
    begin_untitled("", out)?;
    writeln!(out, "{{\\LARGE\\bfseries\\raggedright {}\\par}}\n\\medskip", escape(title))
}

/// Writes the document up to where its first title stands, with what it needs
/// beside the usual packages.
pub(crate) fn begin_untitled(packages: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{PREAMBLE}{packages}\\begin{{document}}")
}

/// Writes the end of the document.
///
/// # Errors
/// If writing fails.
pub fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\\end{{document}}")
}

/// Writes a paragraph of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\\par", escape(text))
}

/// Writes a table of plain text.
///
/// # Errors
/// If writing fails.
pub fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\\heading{{{}}}", escape(&table.caption))?;
    write!(out, "\\begin{{longtable}}{{@{{}}")?;
    for (column, width) in table.columns.iter().zip(table_widths(table)) {
        let side = if column.is_numeric { "raggedleft" } else { "raggedright" };
        write!(out, ">{{\\{side}\\arraybackslash}}p{{{width:.1}mm}}")?;
    }
    writeln!(out, "@{{}}}}\n\\toprule")?;
    let titles: Vec<String> = table
        .columns
        .iter()
        .map(|column| format!("\\textcolor{{soft}}{{{}}}", escape(&column.title)))
        .collect();
    writeln!(out, "{} \\\\\n\\midrule\n\\endhead", titles.join(" & "))?;
    for row in &table.rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&table.columns)
            .map(
                |(cell, column)| {
                    if column.is_numeric { escape(&words::typeset(cell)) } else { escape(cell) }
                },
            )
            .collect();
        writeln!(out, "{} \\\\", cells.join(" & "))?;
    }
    writeln!(out, "\\bottomrule\n\\end{{longtable}}")
}

/// Chooses the widths of a table's columns: numbers and short words have what
/// they need, long ones share the rest and run over several lines.
fn table_widths(table: &Table) -> Vec<f64> {
    const SHORT: f64 = 34.0;
    let columns = table.columns.iter().enumerate().map(|(index, column)| {
        let cells = table.rows.iter().filter_map(|row| row.get(index));
        let shown = cells.chain([&column.title]).map(|cell| words::typeset(cell).chars().count());
        let needed = shown.max().unwrap_or(0) as f64 * DIGIT + 3.0;
        (needed, column.is_numeric || needed <= SHORT)
    });
    let columns: Vec<(f64, bool)> = columns.collect();
    let sum = |is_fixed: bool| -> f64 {
        columns.iter().filter(|column| column.1 == is_fixed).map(|(needed, _)| needed).sum()
    };
    let room = (TEXT_WIDTH - sum(true) - 3.0 * columns.len() as f64).max(30.0);
    let share = (room / sum(false).max(1.0)).min(1.0);
    columns
        .iter()
        .map(|&(needed, is_fixed)| if is_fixed { needed } else { share * needed })
        .collect()
}

fn header(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(source) = words::source(explanation) {
        writeln!(out, "\\textcolor{{soft}}{{{}}}\\par", escape(&source))?;
    }
    for note in words::note(explanation) {
        write_paragraph(&note, out)?;
    }
    if let Some(selection) = words::selection(explanation) {
        writeln!(out, "{}.\\par", escape(&selection))?;
    }
    writeln!(out, "\\medskip")?;
    let statements = words::conventions(explanation);
    let statements =
        statements.iter().map(|(label, sentence)| (label.as_str(), statement(sentence)));
    definitions(statements, out)
}

/// Writes a statement with its exponents raised.
pub(crate) fn statement(sentence: &str) -> String {
    let sentence = words::with_minus_signs(sentence);
    let parts = words::raised(&sentence).into_iter().enumerate();
    parts
        .map(|(place, part)| {
            let part = text::on_line(part);
            if place % 2 == 1 { format!("\\textsuperscript{{{part}}}") } else { part }
        })
        .collect()
}

/// Writes pairs of a label and what it stands for, already in LaTeX.
pub(crate) fn definitions<'a>(
    pairs: impl Iterator<Item = (&'a str, String)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "\\begin{{longtable}}{{@{{}}>{{\\color{{soft}}}}p{{34mm}}\
         >{{\\raggedright\\arraybackslash}}p{{130mm}}@{{}}}}"
    )?;
    for (label, content) in pairs {
        writeln!(out, "{} & {content} \\\\", escape(label))?;
    }
    writeln!(out, "\\end{{longtable}}")
}

fn write_step(
    explanation: &Explanation<'_>,
    step: &Step<'_>,
    columns: &Columns,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(heading) = words::step_heading(explanation, step) {
        writeln!(out, "\\stepheading{{{}}}", escape(&heading))?;
    }
    givens(explanation, step, out)?;
    for section in step.sections() {
        write_section(&section, columns, out)?;
    }
    if explanation.is_whole() {
        let outcome = words::with_minus_signs(&words::outcome(step));
        writeln!(out, "\\medskip\\textbf{{{}.}}\\par", escape(&outcome))?;
    }
    Ok(())
}

fn givens(explanation: &Explanation<'_>, step: &Step<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = given::groups(explanation, step);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "\\heading{{Given}}")?;
    let pairs = groups.iter().map(|group| {
        let mut content = group.instead().map_or_else(String::new, |text| escape(&text));
        for (quantity, value) in &group.numbers {
            content.push_str("\\mbox{$");
            let symbol = step.example.names.symbol(*quantity);
            symbol::write(&symbol, Notation::Latex, &mut content);
            content.push_str(" = ");
            number(value, Notation::Latex, &mut content);
            content.push_str("$}\\quad ");
        }
        (group.label, content)
    });
    definitions(pairs, out)
}

/// The widths of the columns of working, in millimetres.
struct Columns {
    /// Quantity, formula and numbers; or one for all three, under each other,
    /// where names are too long to stand side by side.
    left: Vec<f64>,
    value: f64,
}

impl Columns {
    /// Chooses widths by the longest name and the number of digits.
    fn of(explanation: &Explanation<'_>) -> Columns {
        let example = explanation.example;
        let digits = match example.shown {
            // A sign, a point, and a power of ten or as many zeros.
            // Up to 15 digits stand before the point.
            Rounding::Digits(digits) => (f64::from(digits) + 8.0).max(17.0),
            Rounding::Decimals(digits) => f64::from(digits) + 4.0,
        };
        let value = (digits * DIGIT).max(14.0);
        let longest = symbol::longest(&example.names) as f64;
        let quantity = (longest * SUBSCRIPT_LETTER + 6.0).max(16.0);
        let rest = TEXT_WIDTH - quantity - value;
        let left = if quantity < TEXT_WIDTH / 4.0 {
            vec![quantity, 0.46 * rest, 0.54 * rest]
        } else {
            vec![TEXT_WIDTH - value]
        };
        Columns { left, value }
    }
}

fn write_section(section: &Section<'_>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\\heading{{{}}}", escape(&section.title()))?;
    write!(out, "\\begin{{longtable}}{{@{{}}")?;
    for width in &columns.left {
        write!(out, ">{{\\raggedright\\arraybackslash}}p{{{width:.1}mm}}")?;
    }
    writeln!(out, ">{{\\raggedleft\\arraybackslash}}p{{{:.1}mm}}@{{}}}}", columns.value)?;
    let [quantity, formula, numbers, value] =
        words::COLUMNS.map(|title| format!("\\textcolor{{soft}}{{\\footnotesize {title}}}"));
    if columns.left.len() == 1 {
        writeln!(out, "{quantity} & {value} \\\\")?;
    } else {
        writeln!(out, "{quantity} & {formula} & {numbers} & {value} \\\\")?;
    }
    writeln!(out, "\\midrule\n\\endhead")?;
    write_lines(section.lines(), out, |line, out| write_line(line, columns, out))?;
    writeln!(out, "\\end{{longtable}}")
}

fn write_line(line: &Line<'_>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    let mut value = String::new();
    number(&line.shown(), Notation::Latex, &mut value);
    let symbol = line.symbol(Notation::Latex);
    let [formula, numbers] = [View::Symbols, View::Numbers].map(|view| cell(line, view));
    let is_tall = [&symbol, &formula, &numbers].iter().any(|cell| cell.contains("\\frac"));
    let tall = if is_tall { "\\tall" } else { "" };
    write!(out, "{tall}$\\displaystyle {symbol}$")?;
    if columns.left.len() == 1 {
        write!(out, "\\newline {tall}$=\\;${formula}\\newline {tall}$=\\;${numbers}")?;
    } else {
        write!(out, " & {formula} & {numbers}")?;
    }
    writeln!(out, " & $\\mathbf{{{value}}}$ \\\\[3pt]")
}

fn cell(line: &Line<'_>, view: View) -> String {
    let formula = format!("$\\displaystyle {}$", line.formula(view, Notation::Latex));
    let conditions = line.conditions(view, Notation::Latex);
    let conditions = conditions.iter().map(|condition| format!(" {{\\small as ${condition}$}}"));
    [formula].into_iter().chain(conditions).collect()
}
