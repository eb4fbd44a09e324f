//! FANN's training data: `pairs inputs outputs`, then for each pair the inputs
//! and the outputs.
//!
//! FANN itself reads one number after the other, wherever lines end, and so
//! does this; where the count is wrong, the first line that does not hold all
//! inputs or all outputs is named.
//!
//! Source: libfann 2.2, `fann_train_data.c`, `fann_read_train_from_fd`.

use crate::read::proben1::{lines_of, one_each};
use crate::read::problem::{self, Problem, ReadError};
use crate::read::{Data, Format, Found, Hints, lines};
use crate::table::{Cells, Column, Table};

/// Bytes that are looked at.
const LOOK: usize = 1 << 16;

/// Tells whether bytes start as such a file does: a line of three counts, then
/// a line with as many numbers as there are inputs.
pub(super) fn is(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK)]);
    let mut lines = lines::numbered(&head);
    let Some(counts) = lines.next().and_then(|(_, line)| counts(line)) else { return false };
    lines.next().is_some_and(|(_, line)| {
        let numbers = line.split_whitespace().take_while(|word| word.parse::<f64>().is_ok());
        numbers.count() as u64 == counts[1] || counts[0] == 0
    })
}

fn counts(line: &str) -> Option<[u64; 3]> {
    let counts: Option<Vec<u64>> = line.split_whitespace().map(|word| word.parse().ok()).collect();
    counts?.try_into().ok()
}

/// Reads a table.
pub(super) fn read(file: &str, text: &str) -> Result<Data, ReadError> {
    let one = |problem| ReadError::new(file, problem);
    let Some((line, first)) = lines::numbered(text).next() else {
        return Err(one(Problem::BlankLines));
    };
    let Some([pairs, inputs, outputs]) = counts(first) else {
        let found = problem::shown(first.as_bytes());
        let expected = "three whole numbers: pairs, inputs, outputs";
        return Err(one(Problem::Syntax { line, found, expected }));
    };
    let width = usize::try_from(inputs.saturating_add(outputs)).unwrap_or(usize::MAX);
    let inputs = usize::try_from(inputs).unwrap_or(usize::MAX);
    let name = |place: usize| {
        if place < inputs { format!("x{}", place + 1) } else { format!("y{}", place - inputs + 1) }
    };

    let mut numbers: Vec<f64> = Vec::new();
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for (line, text) in lines::numbered(text).skip(1) {
        for word in text.split_whitespace() {
            let place = numbers.len() % width.max(1);
            if place == 0 {
                rows.push(line);
            }
            match lines::number(word, line, || name(place)) {
                Ok(number) => numbers.push(number),
                Err(problem) => {
                    problems.push(problem);
                    numbers.push(0.0);
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(ReadError::of(file, problems));
    }
    if width == 0 || pairs == 0 {
        return Err(one(Problem::NoRows { columns: width }));
    }
    if numbers.len() as u64 != pairs.saturating_mul(width as u64) {
        return Err(one(miscounted(text, pairs, inputs, width, numbers.len())));
    }
    let cells = |place| numbers.iter().skip(place).step_by(width).copied().collect();
    let column = |place| Column { name: name(place), cells: Cells::Numbers(cells(place)) };
    let columns: Vec<Column> = (0..width).map(column).collect();
    Ok(Data {
        hints: Hints {
            targets: columns[inputs..].iter().map(|column| column.name.clone()).collect(),
            targets_are_classes: one_each(&columns[inputs..]),
            parts: None,
        },
        table: Table { name: file.to_string(), columns, lines: lines_of(rows) },
        found: Found { format: Format::Fann, ..Found::default() },
        remarks: Vec::new(),
    })
}

/// Says where the count goes wrong: at a line, if each other line holds all
/// inputs or all outputs, or in the header.
fn miscounted(text: &str, pairs: u64, inputs: usize, width: usize, numbers: usize) -> Problem {
    for (pair, (line, text)) in lines::numbered(text).skip(1).enumerate() {
        let expected = if pair % 2 == 0 { inputs } else { width - inputs };
        let found = text.split_whitespace().count();
        if found != expected {
            return Problem::NumberCount { line, found, expected };
        }
    }
    Problem::ExampleCount { expected: pairs, found: (numbers / width) as u64 }
}
