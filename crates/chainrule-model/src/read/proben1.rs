//! Proben1's `.dt`: seven header lines `key=value`, then one example a line,
//! inputs before outputs.
//!
//! The header says which columns are outputs, whether they are yes-or-no or
//! real, and how many examples train, validate and test, in this order.
//!
//! Source: Prechelt (1994), *PROBEN1*, Univ. Karlsruhe TR 21/94, section 3.4.

use crate::read::problem::{self, Problem, ReadError};
use crate::read::{Data, Format, Found, Hints, Parts, lines};
use crate::table::{Cells, Column, Lines, Table};

const KEYS: [&str; 7] = [
    "bool_in",
    "real_in",
    "bool_out",
    "real_out",
    "training_examples",
    "validation_examples",
    "test_examples",
];

/// Tells whether bytes start as such a file does.
pub(super) fn is(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    KEYS.iter().any(|key| {
        start
            .strip_prefix(key.as_bytes())
            .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
    })
}

/// Reads a table.
pub(super) fn read(file: &str, text: &str) -> Result<Data, ReadError> {
    let one = |problem| ReadError::new(file, problem);
    let header = header(text).map_err(one)?;
    let [bool_in, real_in, bool_out, real_out, training, validation, test] = header;
    let width = |a: u64, b: u64| usize::try_from(a.saturating_add(b)).unwrap_or(usize::MAX);
    let (inputs, outputs) = (width(bool_in, real_in), width(bool_out, real_out));
    let expected = inputs.saturating_add(outputs);

    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for (line, text) in lines::numbered(text).filter(|(_, line)| !line.contains('=')) {
        let found = text.split_whitespace().count();
        rows.push(line);
        if found != expected {
            problems.push(Problem::NumberCount { line, found, expected });
            continue;
        }
        columns.resize_with(expected, Vec::new);
        for (place, (word, column)) in text.split_whitespace().zip(&mut columns).enumerate() {
            match lines::number(word, line, || name(place, inputs)) {
                Ok(number) => column.push(number),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        return Err(ReadError::of(file, problems));
    }
    let counted = training.saturating_add(validation).saturating_add(test);
    let found = rows.len() as u64;
    if counted != found {
        return Err(one(Problem::ExampleCount { expected: counted, found }));
    }
    if rows.is_empty() {
        return Err(one(Problem::NoRows { columns: expected }));
    }
    let count = |part: u64| usize::try_from(part).unwrap_or(usize::MAX);
    let column =
        |(place, numbers)| Column { name: name(place, inputs), cells: Cells::Numbers(numbers) };
    let columns: Vec<Column> = columns.into_iter().enumerate().map(column).collect();
    Ok(Data {
        hints: Hints {
            targets: columns[inputs..].iter().map(|column| column.name.clone()).collect(),
            targets_are_classes: one_each(&columns[inputs..]),
            parts: Some(Parts {
                training: count(training),
                validation: count(validation),
                test: count(test),
            }),
        },
        table: Table { name: file.to_string(), columns, lines: lines_of(rows) },
        found: Found { format: Format::Proben1, ..Found::default() },
        remarks: Vec::new(),
    })
}

/// Reads the header's numbers, in the order of [`KEYS`].
fn header(text: &str) -> Result<[u64; 7], Problem> {
    let mut values: [Option<u64>; 7] = [None; 7];
    let mut given = [0; 7];
    for (line, text) in lines::numbered(text) {
        let Some((key, value)) = text.split_once('=') else { continue };
        let wrong = |found: &str, expected| Problem::Syntax {
            line,
            found: problem::shown(found.as_bytes()),
            expected,
        };
        let place = KEYS.iter().position(|known| *known == key.trim());
        let place = place.ok_or_else(|| wrong(text, "one of the seven header lines"))?;
        let value = value.trim().parse().map_err(|_| wrong(value.trim(), "a whole number"))?;
        values[place] = Some(value);
        given[place] += 1;
    }
    for (key, found) in KEYS.into_iter().zip(given) {
        if found != 1 {
            return Err(Problem::HeaderKey { key, found });
        }
    }
    Ok(values.map(Option::unwrap_or_default))
}

fn name(place: usize, inputs: usize) -> String {
    if place < inputs { format!("x{}", place + 1) } else { format!("y{}", place - inputs + 1) }
}

/// Tells whether of several columns exactly one is 1 in each row, and the
/// others are 0.
pub(super) fn one_each(columns: &[Column]) -> bool {
    let numbers = |column: &Column| match &column.cells {
        Cells::Numbers(numbers) => numbers.clone(),
        _ => Vec::new(),
    };
    let columns: Vec<Vec<f64>> = columns.iter().map(numbers).collect();
    let rows = columns.first().map_or(0, Vec::len);
    columns.len() > 1
        && (0..rows).all(|row| {
            let ones = columns.iter().filter(|column| column[row] == 1.0).count();
            let zeros = columns.iter().filter(|column| column[row] == 0.0).count();
            ones == 1 && ones + zeros == columns.len()
        })
}

/// Returns where rows stand, short where they follow each other.
pub(super) fn lines_of(rows: Vec<u64>) -> Lines {
    match rows.first() {
        Some(&first) if rows.iter().zip(first..).all(|(&row, line)| row == line) => {
            Lines::From(first)
        }
        _ => Lines::Listed(rows),
    }
}
