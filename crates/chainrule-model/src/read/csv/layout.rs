//! How a CSV file is laid out, from a look at its start: line ends, delimiter,
//! header, decimal mark.
//!
//! - Records end with line feeds; if there are none, with carriage returns.
//! - The delimiter is the one with which most records have as many fields as
//!   the first, which has at least two; then the one with most fields.
//! - The first record is a header if it has words above numbers; it is none if
//!   it has numbers above numbers, or, in a table of words, a word that comes
//!   again in its column.
//! - The decimal mark is a comma if the delimiter is another character and
//!   more cells are numbers that way.

use std::borrow::Cow;

use crate::read::problem::{self, Problem};
use crate::read::{Decimal, Missing, Options};
use crate::remark::Remark;

use super::DELIMITERS;
use super::cut::{Cut, Fault, Sample};
use super::number::{self, Class};
use super::piece;

/// How a file is laid out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) cut: Cut,
    pub(super) decimal: u8,
    pub(super) has_header: bool,
    pub(super) names: Vec<String>,
    /// Where rows start: the byte, and its line from 0.
    pub(super) start: usize,
    pub(super) line: u64,
    /// For each column, whether the rows seen are numbers or missing.
    pub(super) look_numeric: Vec<bool>,
    pub(super) remarks: Vec<Remark>,
}

/// Records that are looked at.
const LOOK: usize = 200;

type Record<'a> = [Cow<'a, [u8]>];

/// Finds how a file is laid out from its first bytes.
pub(super) fn layout(
    bytes: &[u8],
    options: &Options,
    missing: &Missing,
) -> Result<Layout, Problem> {
    let end = if memchr::memchr(b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_some() {
        b'\r'
    } else {
        b'\n'
    };
    let cut = Cut { delimiter: b',', end, has_quotes: options.quotes };
    let delimiter = options.delimiter.unwrap_or_else(|| delimiter(bytes, cut));
    let cut = Cut { delimiter, ..cut };
    let sample = cut.sample(bytes, LOOK);
    let Some(first) = sample.records.first() else {
        return Err(no_record(&sample, bytes));
    };
    if let Some(trouble) = piece::not_text(&bytes[..sample.second], cut) {
        return Err(super::block::named(&trouble, 1, &[]));
    }
    let rows = &sample.records[1..];
    let decimal = match options.decimal {
        Some(Decimal::Point) => b'.',
        Some(Decimal::Comma) => b',',
        None if delimiter == b',' => b'.',
        None => decimal(&sample.records),
    };
    let has_header = options.header.unwrap_or_else(|| has_header(first, rows, decimal, missing));
    let (names, remarks) = names(first, has_header, sample.first_line + 1)?;
    let rows = if has_header { rows } else { &sample.records[..] };
    let look_numeric = (0..names.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let mut words = cells
                .filter(|cell| !missing.holds(cell))
                .filter(|cell| !matches!(number::classify(cell, decimal), Class::Number(_)));
            words.next().is_none()
        })
        .collect();
    let (start, line) = if has_header { (sample.second, sample.second_line) } else { (0, 0) };
    Ok(Layout { cut, decimal, has_header, names, start, line, look_numeric, remarks })
}

/// Says why there is no first record.
fn no_record(sample: &Sample<'_>, bytes: &[u8]) -> Problem {
    let line = sample.first_line + 1;
    match sample.fault {
        None => Problem::BlankLines,
        Some((fault, _, column)) => {
            let column = made_up(column);
            match fault {
                Fault::Unclosed => Problem::UnclosedQuote { line, column },
                Fault::Stray(from, to) => {
                    Problem::StrayQuote { line, column, value: problem::shown(&bytes[from..to]) }
                }
                Fault::After(from, to, lines) => Problem::AfterQuote {
                    line: line + lines,
                    column,
                    value: problem::shown(&bytes[from..to]),
                },
            }
        }
    }
}

fn delimiter(bytes: &[u8], cut: Cut) -> u8 {
    let score = |&delimiter: &u8| {
        let sample = Cut { delimiter, ..cut }.sample(bytes, LOOK);
        let width = sample.records.first().map_or(0, Vec::len);
        let same = sample.records.iter().filter(|record| record.len() == width).count();
        if width > 1 { (same, width) } else { (0, 0) }
    };
    // The last of the best is taken: the usual ones come last.
    DELIMITERS.iter().rev().copied().max_by_key(score).unwrap_or(b',')
}

fn decimal(records: &[Vec<Cow<'_, [u8]>>]) -> u8 {
    let (mut commas, mut points) = (0, 0);
    for cell in records.iter().flatten() {
        let with_point = number::prefix(cell, b'.').is_some_and(|found| found.length == cell.len());
        let with_comma = number::prefix(cell, b',').is_some_and(|found| found.length == cell.len());
        commas += usize::from(with_comma && !with_point);
        points += usize::from(with_point && !with_comma);
    }
    if commas > points { b',' } else { b'.' }
}

fn has_header(
    first: &Record<'_>,
    rows: &[Vec<Cow<'_, [u8]>>],
    decimal: u8,
    missing: &Missing,
) -> bool {
    let looks_numeric = |cell: &[u8]| match number::classify(cell, decimal) {
        Class::Number(_) | Class::Code(_) => true,
        Class::Not(why) => why != problem::NotANumber::Word,
    };
    if rows.is_empty() {
        return !first.iter().any(|cell| looks_numeric(cell));
    }
    let (mut words_over_numbers, mut numbers, mut comes_again) = (false, false, false);
    for (column, name) in first.iter().enumerate() {
        if missing.holds(name) {
            continue;
        }
        let below = rows.iter().filter_map(|row| row.get(column));
        let (mut cells, mut numeric) = (0, 0);
        for cell in below.filter(|cell| !missing.holds(cell)) {
            cells += 1;
            numeric += usize::from(looks_numeric(cell));
            comes_again |= cell == name;
        }
        // A bad cell or two do not hide what a column is.
        let is_numeric = cells > 0 && numeric * 10 >= cells * 9;
        let name_is_number = looks_numeric(name);
        words_over_numbers |= is_numeric && !name_is_number;
        numbers |= name_is_number;
    }
    words_over_numbers || !(numbers || comes_again)
}

/// Returns the names of the columns.
fn names(
    first: &Record<'_>,
    has_header: bool,
    line: u64,
) -> Result<(Vec<String>, Vec<Remark>), Problem> {
    if !has_header {
        return Ok(((0..first.len()).map(made_up).collect(), Vec::new()));
    }
    let mut remarks = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (column, name) in first.iter().enumerate() {
        let mut name = String::from_utf8_lossy(name).trim().to_string();
        if name.is_empty() {
            name = made_up(column);
            remarks.push(Remark::MadeUpName { line, name: name.clone() });
        }
        names.push(name);
    }
    crate::read::names_differ(&names, Some(line))?;
    Ok((names, remarks))
}

/// Returns the name of a column that has none.
pub(super) fn made_up(column: usize) -> String {
    format!("column {}", column + 1)
}
