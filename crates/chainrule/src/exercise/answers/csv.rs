//! Answers in a table with commas, semicolons or tabs.
//!
//! The first column holds the names and the second the numbers, unless a head
//! says otherwise. A number may have a decimal comma, between commas too where its line
//! has a cell more than there are columns.

use super::{Found, Problem, ProblemKind, Raw, shortened};
use crate::exercise::written::Written;

/// Heads of a column of names.
const NAMES: [&str; 6] = ["quantity", "id", "name", "line", "symbol", "label"];
/// Heads of a column of answers.
const ANSWERS: [&str; 7] =
    ["answer", "value", "published", "result", "number", "figure", "your answer"];

pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .peekable();
    let Some(&(_, first)) = lines.peek() else { return found };
    let delimiter = delimiter(first);
    let heads: Vec<String> =
        cells(first, delimiter).iter().map(|cell| cell.trim().to_lowercase()).collect();
    let column = |known: &[&str]| heads.iter().position(|head| known.contains(&head.as_str()));
    let (mut name, mut answer) = (0, 1);
    let mut columns = 2;
    if let Some(place) = column(&ANSWERS) {
        answer = place;
        name = column(&NAMES).unwrap_or(usize::from(place == 0));
        columns = heads.len();
        lines.next();
    } else if heads.len() > 1 && Written::read(&heads[1]).is_none() && column(&NAMES).is_some() {
        columns = heads.len();
        lines.next();
    }
    for (line, text) in lines {
        let mut cells = cells(text, delimiter);
        if delimiter == ',' && cells.len() > columns {
            join_decimals(&mut cells, answer);
        }
        let Some(label) = cells.get(name).filter(|label| !label.trim().is_empty()) else {
            let message = "the line has no name".to_string();
            found.problems.push(Problem { line, kind: ProblemKind::Syntax { message } });
            continue;
        };
        let value = cells.get(answer).cloned().unwrap_or_default();
        let surplus = cells[columns.min(cells.len())..].iter().find(|cell| !cell.trim().is_empty());
        if let Some(surplus) = surplus {
            let message = format!(
                "`{}` is one cell too many, and not read; a decimal comma needs quotes, or \
                 semicolons between the cells",
                shortened(surplus.trim())
            );
            found.problems.push(Problem { line, kind: ProblemKind::Syntax { message } });
        }
        found.raw.push(Raw { line, step: None, label: label.clone(), value, is_loose: false });
    }
    found
}

/// Puts a number together again whose decimal comma parted it: `0` and `755`.
fn join_decimals(cells: &mut Vec<String>, at: usize) {
    let (Some(whole), Some(decimals)) = (cells.get(at), cells.get(at + 1)) else { return };
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if are_digits(whole.trim().trim_start_matches(['-', '−', '+']))
        && are_digits(decimals.trim_end())
    {
        let number = format!("{whole},{decimals}");
        cells.splice(at..at + 2, [number]);
    }
}

/// Returns the sign that parts the cells.
pub(in crate::exercise) fn delimiter(line: &str) -> char {
    [';', '\t'].into_iter().find(|&sign| line.contains(sign)).unwrap_or(',')
}

/// Splits a line into cells; quotes hold a cell together.
pub(in crate::exercise) fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("there is always a cell");
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted || cell.trim().is_empty() => is_quoted = !is_quoted,
            _ if letter == delimiter && !is_quoted => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    cells
}
