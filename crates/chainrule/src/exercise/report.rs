//! A marked sheet as text, Markdown, HTML, CSV or JSON; and a class.
//!
//! Nothing is computed here; the words for verdicts, mistakes and remarks are
//! with them.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::detect::Known;
use super::diagnose::Explanation;
use super::judge::Verdict;
use super::mark::{Marked, MarkedLine, Remark};
use crate::convention::UpdateOrder;
use crate::explain::table::{Column, REMARKS, Table};
use crate::explain::text::Text;
use crate::explain::{html, markdown, symbol};
use crate::names::Names;
use crate::rounding::Rounding;

pub use class::{
    class_tables, write_class_csv, write_class_html, write_class_json, write_class_markdown,
    write_class_text,
};

mod class;

/// The version of the JSON format.
pub const SCHEMA: u32 = 1;

/// Returns the points without superfluous zeros.
pub fn points(points: f64) -> String {
    // A sum of nothing is −0.
    let text = format!("{:.2}", points + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// Returns the result of a sheet in one sentence.
pub fn outcome(marked: &Marked) -> String {
    let all = marked.lines.len();
    let mut parts = vec![format!("{} of {all} lines right", marked.count(Verdict::Right))];
    let carried = marked.count(Verdict::Carried) + marked.count(Verdict::CarriedTrivially);
    for (count, words) in [
        (carried, "right from earlier slips"),
        (marked.count(Verdict::Wrong), "wrong"),
        (marked.count(Verdict::Missing), "missing"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let total = format!("{} of {} points", points(marked.points()), points(marked.worth()));
    format!("{}: {total}.", parts.join(", "))
}

/// Returns the convention that the sheet was marked by, a line for each part,
/// with a label.
pub fn conventions(marked: &Marked) -> Vec<(&'static str, String)> {
    let Marked { example, treatment, places, .. } = marked;
    let with = |text: &str, known: Known| format!("{text} ({})", known.words());
    let order = example.convention.update_order;
    let sign = example.convention.delta_sign;
    let mut all = vec![
        (
            "update order",
            with(&format!("{}: {}", order.name(), order.sentence()), treatment.update_order),
        ),
        (
            "delta sign",
            with(&format!("{}: {}", sign.name(), sign.sentence()), treatment.delta_sign),
        ),
        ("loss", with(&format!("E = {}", example.loss.formula()), treatment.loss)),
    ];
    if let Some(known) = treatment.biases {
        all.push(("biases", with(biases(marked), known)));
    }
    let count = |rounding| match rounding {
        Rounding::Decimals(places) => format!("{places} decimals"),
        Rounding::Digits(digits) => format!("{digits} significant digits"),
    };
    all.push((
        "rounding",
        match places.stated {
            Some(stated) => format!("to {} at every line (as stated)", count(stated)),
            None => format!("each number as it is written, most with {}", count(places.usual)),
        },
    ));
    all
}

/// Tells in a word what becomes of biases.
fn biases(marked: &Marked) -> &'static str {
    let is_trained = marked.example.network.layers.iter().any(|layer| layer.biases_trained);
    if is_trained { "trained" } else { "frozen" }
}

/// Returns what should be known of the convention beside it.
pub fn convention_remark(marked: &Marked) -> Option<String> {
    marked.treatment.better_order.map(|order| {
        format!(
            "More lines are right with `--update-order {}`: {}.",
            order.name(),
            order.sentence()
        )
    })
}

/// Says what is to be said of a line, in sentences.
pub fn comment(names: &Names, line: &MarkedLine) -> String {
    let mut sentences = Vec::new();
    match line.verdict {
        Verdict::Wrong => {
            sentences.push(format!("should be {}", line.expected()));
            if let Some(own) = line.expected_from_own() {
                sentences.push(format!("your own numbers give {own}"));
            }
            sentences.push(explanation(names, &line.explanations));
        }
        Verdict::Carried => {
            sentences.push(format!(
                "right from your own earlier numbers; without the slip it is {}",
                line.expected()
            ));
        }
        Verdict::CarriedTrivially => sentences.push(format!(
            "right from your own earlier numbers, but the slip left nothing to do here; it is {}",
            line.expected()
        )),
        Verdict::Missing => sentences.push("not answered".to_string()),
        Verdict::Right => {}
    }
    let mut sentences: Vec<String> = sentences.iter().map(|text| capital(text)).collect();
    sentences.extend(line.remarks.iter().map(|remark| match remark {
        // These begin with what the person wrote.
        Remark::DoesNotFollow { .. } | Remark::WrongOperand { .. } => remark.sentence(names),
        _ => capital(&remark.sentence(names)),
    }));
    sentences.iter().map(|sentence| format!("{sentence}.")).collect::<Vec<_>>().join(" ")
}

/// Returns a sentence with a capital letter in front.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Returns the mistakes that explain a number; with more than three equal
/// explanations, the rest is counted.
fn explanation(names: &Names, all: &[Explanation]) -> String {
    const MOST: usize = 3;
    if all.is_empty() {
        return "no usual mistake explains it".to_string();
    }
    let one = |one: &Explanation| {
        let mistakes: Vec<String> =
            one.mistakes.iter().map(|named| named.sentence(names)).collect();
        mistakes.join(", and ")
    };
    let mut text: Vec<String> = all.iter().take(MOST).map(one).collect();
    if all.len() > MOST {
        text.push(format!("{} more explain it as well", all.len() - MOST));
    }
    text.join("; or ")
}

/// Returns the lines as a table.
pub fn table(marked: &Marked) -> Table {
    let names = &marked.example.names;
    let rows = marked
        .lines
        .iter()
        .map(|line| {
            vec![
                line.at.symbol(names),
                line.written.as_ref().map_or(String::new(), |written| {
                    // Arithmetic without a result has no number of its own.
                    if line.line.is_some() && written.text.len() > 12 {
                        line.places.show(written.value)
                    } else {
                        written.text.clone()
                    }
                }),
                verdict(line).to_string(),
                format!("{}/{}", points(line.points), points(line.worth)),
                comment(names, line),
            ]
        })
        .collect();
    Table {
        caption: match &marked.student {
            Some(student) => format!("Lines of {student}"),
            None => "Lines".to_string(),
        },
        columns: vec![
            Column::text("quantity"),
            Column::number("answer"),
            Column::text("verdict"),
            Column::number("points"),
            Column::text(REMARKS),
        ],
        rows,
    }
}

/// Returns the verdict in words.
fn verdict(line: &MarkedLine) -> &'static str {
    match line.verdict {
        Verdict::Right if line.has_flaw() => "right, but",
        Verdict::Right => "right",
        Verdict::Carried => "right from own",
        Verdict::CarriedTrivially => "nothing to do",
        Verdict::Wrong => "wrong",
        Verdict::Missing => "missing",
    }
}

/// Returns what could not be used of the sheet, a sentence each.
pub fn problems(marked: &Marked) -> Vec<String> {
    marked
        .problems
        .iter()
        .map(|problem| match problem.help() {
            Some(help) => format!("{problem} ({help})"),
            None => problem.to_string(),
        })
        .collect()
}

/// Writes a marked sheet as text.
///
/// # Errors
/// Those of the writer.
pub fn text(marked: &Marked, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Text::new(out, colour);
    text.paragraph(&title(marked))?;
    text.blank()?;
    for (label, sentence) in conventions(marked) {
        text.paragraph(&format!("{label}: {sentence}"))?;
    }
    if let Some(remark) = convention_remark(marked) {
        text.paragraph(&remark)?;
    }
    text.blank()?;
    text.table(&table(marked))?;
    let problems = problems(marked);
    if !problems.is_empty() {
        text.blank()?;
        text.paragraph("Not marked:")?;
        for problem in problems {
            text.paragraph(&format!("  {problem}"))?;
        }
    }
    text.blank()?;
    text.paragraph(&outcome(marked))
}

/// Writes a marked sheet as Markdown.
///
/// # Errors
/// Those of the writer.
pub fn write_markdown(marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", markdown::escape(&title(marked)))?;
    markdown::write_paragraph(&outcome(marked), out)?;
    for (label, sentence) in conventions(marked) {
        writeln!(out, "- **{label}**: {}", markdown::escape(&sentence))?;
    }
    writeln!(out)?;
    if let Some(remark) = convention_remark(marked) {
        markdown::write_paragraph(&remark, out)?;
    }
    markdown::write_table(&table(marked), out)?;
    for problem in problems(marked) {
        writeln!(out, "- {}", markdown::escape(&problem))?;
    }
    Ok(())
}

/// Writes a marked sheet as an HTML page.
///
/// # Errors
/// Those of the writer.
pub fn write_html(marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
    html::begin(&title(marked), out)?;
    html::write_paragraph(&outcome(marked), out)?;
    writeln!(out, "<dl>")?;
    for (label, sentence) in conventions(marked) {
        writeln!(out, "<dt>{label}</dt><dd>{}</dd>", symbol::escape_xml(&sentence))?;
    }
    writeln!(out, "</dl>")?;
    if let Some(remark) = convention_remark(marked) {
        html::write_paragraph(&remark, out)?;
    }
    html::write_table(&table(marked), out)?;
    for problem in problems(marked) {
        html::write_paragraph(&problem, out)?;
    }
    html::end(out)
}

/// Writes the lines of a marked sheet as CSV.
///
/// # Errors
/// Those of the writer.
pub fn write_csv(marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "quantity,answer,verdict,expected,points,worth,mistakes,remarks")?;
    let names = &marked.example.names;
    for line in &marked.lines {
        let mistakes: Vec<String> = line
            .explanations
            .iter()
            .map(|one| {
                let ids: Vec<&str> = one.mistakes.iter().map(|named| named.mistake.id()).collect();
                ids.join("+")
            })
            .collect();
        let cells = [
            line.at.id(names),
            line.written.as_ref().map_or(String::new(), |written| written.text.clone()),
            line.verdict.id().to_string(),
            line.expected(),
            points(line.points),
            points(line.worth),
            mistakes.join(" or "),
            comment(names, line),
        ];
        writeln!(out, "{}", cells.map(|cell| csv_cell(&cell)).join(","))?;
    }
    Ok(())
}

/// Returns a cell that no reader takes for several, nor for a formula.
pub(in crate::exercise) fn csv_cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let text = if !is_number && text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_string()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Returns a marked sheet as JSON.
pub fn value(marked: &Marked) -> Value {
    let names = &marked.example.names;
    let explanations = |all: &[Explanation]| -> Vec<Value> {
        all.iter()
            .map(|one| {
                one.mistakes
                    .iter()
                    .map(|named| {
                        json!({
                            "mistake": named.mistake.id(),
                            "sentence": named.sentence(names),
                            "used": named.used.map(|quantity| names.id(quantity)),
                            "instead_of": named.instead_of.map(|quantity| names.id(quantity)),
                        })
                    })
                    .collect()
            })
            .collect()
    };
    let lines: Vec<Value> = marked
        .lines
        .iter()
        .map(|line| {
            let remarks: Vec<Value> = line
                .remarks
                .iter()
                .map(|one| json!({ "remark": one.id(), "sentence": one.sentence(names) }))
                .collect();
            json!({
                "id": line.at.id(names),
                "line": line.line,
                "answer": line.written.as_ref().map(|written| &written.text),
                "verdict": line.verdict.id(),
                "expected": line.expected(),
                "exact": line.exact,
                "from_own": line.from_own,
                "explanations": explanations(&line.explanations),
                "remarks": remarks,
                "points": line.points,
                "worth": line.worth,
            })
        })
        .collect();
    let problems: Vec<Value> = marked
        .problems
        .iter()
        .map(|one| json!({ "line": one.line, "message": one.kind.to_string(), "help": one.help() }))
        .collect();
    let Marked { example, treatment, places, .. } = marked;
    let rounding = |rounding| match rounding {
        Rounding::Decimals(places) => json!({ "decimals": places }),
        Rounding::Digits(digits) => json!({ "digits": digits }),
    };
    let part = |value: &str, known: Known| json!({ "value": value, "known": known.id() });
    json!({
        "title": example.title,
        "student": marked.student,
        "convention": {
            "update_order":
                part(example.convention.update_order.name(), treatment.update_order),
            "delta_sign": part(example.convention.delta_sign.name(), treatment.delta_sign),
            "loss": part(example.loss.name(), treatment.loss),
            "better_update_order": treatment.better_order.map(UpdateOrder::name),
            "biases": treatment.biases.map(|known| part(biases(marked), known)),
        },
        "rounding": {
            "stated": places.stated.map(rounding),
            "usual": rounding(places.usual),
        },
        "points": marked.points() + 0.0,
        "worth": marked.worth() + 0.0,
        "lines": lines,
        "problems": problems,
    })
}

/// Writes marked sheets as JSON.
///
/// # Errors
/// Those of the writer.
pub fn write_json(all: &[Marked], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{SCHEMA},\n\"sheets\":[")?;
    for (place, marked) in all.iter().enumerate() {
        write!(out, "{}\n{}", if place == 0 { "" } else { "," }, value(marked))?;
    }
    writeln!(out, "\n]}}")
}

fn title(marked: &Marked) -> String {
    match &marked.student {
        Some(student) => format!("{}: {student}", marked.example.title),
        None => marked.example.title.clone(),
    }
}
