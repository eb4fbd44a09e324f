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

use super::{Found, Raw};
use crate::exercise::arithmetic::Arithmetic;
use crate::exercise::written::Written;

pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    // The last line that ended with a colon, or a heading.
    let mut announced = String::new();
    // The columns of names and answers of the table we are in.
    let mut columns: Option<(usize, usize)> = None;
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        let text = text.trim().trim_start_matches(['>', ' ']).trim();
        if text.starts_with('|') {
            row(line, text, &mut columns, &mut found);
            continue;
        }
        columns = None;
        if text.is_empty() || text.starts_with("```") || text.starts_with("$$") {
            continue;
        }
        let text = bare(text);
        match text.split_once('=') {
            Some((left, right)) => {
                let is_nameless = Written::read(left).is_some() || Arithmetic::read(left).is_some();
                let (label, value) = if is_nameless {
                    (announced.clone(), text.clone())
                } else {
                    (left.trim().to_string(), right.to_string())
                };
                found.raw.push(Raw { line, label, value, is_loose: true });
                announced.clear();
            }
            None => match text.rsplit_once(':') {
                // `z_top: 0.755`
                Some((left, right)) if starts_a_number(right) => {
                    found.raw.push(Raw {
                        line,
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

fn starts_a_number(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['-', '−', '+', '.', '(']);
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Returns a line without the marks of a list item and of code.
fn bare(text: &str) -> String {
    let text = ["- ", "* ", "+ "].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    text.replace(['`', '$'], "").replace("**", "").replace("\\cdot", "·").replace("\\times", "×")
}

/// Reads a row of a table. The first one tells the columns, if it can.
fn row(line: usize, text: &str, columns: &mut Option<(usize, usize)>, found: &mut Found) {
    let cells: Vec<String> =
        text.trim_matches('|').split('|').map(|cell| bare(cell.trim())).collect();
    let is_rule = cells.iter().all(|cell| {
        !cell.is_empty() && cell.chars().all(|letter| matches!(letter, '-' | ':' | ' '))
    });
    if is_rule {
        return;
    }
    let Some((name, answer)) = *columns else {
        let heads: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
        let known = |words: &[&str]| {
            heads.iter().position(|head| words.iter().any(|word| head.starts_with(word)))
        };
        let last = cells.len().saturating_sub(1);
        let answer = known(&["answer", "your", "value", "published", "result", "number"]);
        *columns = Some((0, answer.unwrap_or(last)));
        // A table without a head begins with an answer.
        if answer.is_none() && cells.last().is_some_and(|cell| starts_a_number(cell)) {
            row(line, text, columns, found);
        }
        return;
    };
    let (Some(label), Some(value)) = (cells.get(name), cells.get(answer)) else { return };
    if !label.is_empty() {
        let (label, value) = (label.clone(), value.clone());
        found.raw.push(Raw { line, label, value, is_loose: false });
    }
}
