//! Answers in Markdown or plain text: lines such as
//! `w1_new = 0.3 + (-0.0406 * 0.68) = 0.272392`, and tables.
//!
//! A line of arithmetic without a name takes it from the line before:
//!
//! ````text
//! input to top neuron:
//! ```math
//! (0.35 * 0.1) + (0.9 * 0.8) = 0.755
//! ```
//! ````
//!
//! In a table with a row for each neuron and a column for each kind of number,
//! a cell is called by both: `z` and `top`.

use super::{Found, Raw, is_student, step_of};
use crate::exercise::arithmetic::Arithmetic;
use crate::exercise::written::Written;

pub(super) fn read(text: &str, is_known: &dyn Fn(&str) -> bool) -> Found {
    let mut found = Found::default();
    // The last line that ended with a colon, or a heading.
    let mut announced = String::new();
    let mut table: Option<Heads> = None;
    let mut step = None;
    let mut is_diagram = false;
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        let text = text.trim().trim_start_matches(['>', ' ']).trim();
        if text.starts_with("```") {
            is_diagram = !is_diagram && text.contains("mermaid");
        }
        // What a sheet of ours says above its tables: `- **Learning rate**: η = 0.5`.
        let is_said = bold_label(text).is_some_and(|label| !is_known(label));
        if is_diagram || is_said {
            continue;
        }
        if text.starts_with('|') {
            row((line, step), text, &mut table, is_known, &mut found);
            continue;
        }
        table = None;
        if text.is_empty() || text.starts_with("```") || text.starts_with("$$") {
            continue;
        }
        let text = bare(text);
        if is_heading(&text)
            && let Some(next) = step_of(&text)
        {
            step = Some(next);
        }
        match text.split_once(['=', '≈', '≅']) {
            Some((left, right)) => {
                let is_nameless = Written::read(left).is_some() || Arithmetic::read(left).is_some();
                // `input to top neuron: 0.35 * 0.1 + 0.9 * 0.8 = 0.755`
                let announces = left.rsplit_once(':').filter(|(_, start)| {
                    Written::read(start).is_some() || Arithmetic::read(start).is_some()
                });
                let (label, value) = if let Some((label, start)) = announces {
                    (label.trim().to_string(), format!("{start}={right}"))
                } else if is_nameless {
                    (announced.clone(), text.clone())
                } else {
                    (left.trim().to_string(), right.to_string())
                };
                found.raw.push(Raw { line, step, label, value, is_loose: true });
                announced.clear();
            }
            // What stands below `z_top:`.
            None if !announced.is_empty()
                && (Written::read(&text).is_some() || Arithmetic::read(&text).is_some()) =>
            {
                let label = std::mem::take(&mut announced);
                found.raw.push(Raw { line, step, label, value: text, is_loose: true });
            }
            None => match text.rsplit_once(':') {
                // `z_top: 0.755`
                Some((left, right))
                    if starts_a_number(right)
                        || is_student(left)
                        || (is_known(left) && !right.trim().is_empty()) =>
                {
                    found.raw.push(Raw {
                        line,
                        step,
                        label: left.trim().to_string(),
                        value: right.to_string(),
                        is_loose: true,
                    });
                }
                Some((left, "")) => announced = left.to_string(),
                _ if text.starts_with('#') => {
                    announced = text.trim_start_matches(['#', ' ']).to_string();
                }
                _ => {}
            },
        }
    }
    found
}

/// Tells whether a line stands above others: `## Step 2`, `Step 2:`.
fn is_heading(text: &str) -> bool {
    text.starts_with('#') || (!text.contains('=') && text.to_lowercase().starts_with("step"))
}

fn starts_a_number(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['-', '−', '+', '.', '(']);
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Returns the label in bold that an item of a list begins with.
fn bold_label(text: &str) -> Option<&str> {
    let item = text.strip_prefix("- ").or_else(|| text.strip_prefix("* "))?;
    let (label, _) = item.trim_start().strip_prefix("**")?.split_once("**")?;
    Some(label)
}

/// Returns a line without the marks of a list item and of code.
fn bare(text: &str) -> String {
    let text = ["- ", "* ", "+ "].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    text.replace(['`', '$'], "").replace("**", "").replace("\\cdot", "·").replace("\\times", "×")
}

/// What the head of a table says.
struct Heads {
    /// The column of names.
    name: usize,
    /// The column of answers, where one is called so.
    answer: Option<usize>,
    titles: Vec<String>,
}

impl Heads {
    fn of(cells: &[String]) -> Heads {
        let heads: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
        let known = |words: &[&str]| {
            heads.iter().position(|head| words.iter().any(|word| head.starts_with(word)))
        };
        Heads {
            name: known(&["quantity", "symbol", "name", "id", "line"]).unwrap_or(0),
            answer: known(&["answer", "your", "value", "published", "result", "number"]),
            titles: cells.to_vec(),
        }
    }

    /// Returns the cells of a row that are answers, with what they are called.
    fn answers(&self, cells: &[String], is_known: &dyn Fn(&str) -> bool) -> Vec<(String, String)> {
        let Some(row) = cells.get(self.name).filter(|row| !row.is_empty()) else {
            return Vec::new();
        };
        let one = |column: usize| cells.get(column).map(|cell| (row.clone(), cell.clone()));
        if let Some(answer) = self.answer {
            return one(answer).into_iter().collect();
        }
        let called_by_both: Vec<(String, String)> = self
            .titles
            .iter()
            .zip(cells)
            .enumerate()
            .filter(|&(column, _)| column != self.name)
            .map(|(_, (head, cell))| (format!("{head} {row}"), cell.clone()))
            .filter(|(label, _)| is_known(label))
            .collect();
        if called_by_both.is_empty() {
            return one(cells.len() - 1).into_iter().collect();
        }
        called_by_both
    }
}

/// Reads a row of a table. The first one is its head, unless it ends with an
/// answer.
fn row(
    (line, step): (usize, Option<usize>),
    text: &str,
    table: &mut Option<Heads>,
    is_known: &dyn Fn(&str) -> bool,
    found: &mut Found,
) {
    let cells: Vec<String> =
        text.trim_matches('|').split('|').map(|cell| bare(cell.trim())).collect();
    let is_rule = cells.iter().all(|cell| {
        !cell.is_empty() && cell.chars().all(|letter| matches!(letter, '-' | ':' | ' '))
    });
    if is_rule {
        return;
    }
    let is_first = table.is_none();
    let heads = table.get_or_insert_with(|| Heads::of(&cells));
    if is_first
        && (heads.answer.is_some() || !cells.last().is_some_and(|cell| starts_a_number(cell)))
    {
        return;
    }
    for (label, value) in heads.answers(&cells, is_known) {
        found.raw.push(Raw { line, step, label, value, is_loose: false });
    }
}
