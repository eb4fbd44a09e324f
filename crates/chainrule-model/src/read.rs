//! From bytes to a [`Table`], whatever the format.
//!
//! No file is opened here: [`read`] takes bytes, [`Source`] something that can
//! be read more than once, and both a name for messages. What a column means
//! (a category, an identifier, the target) is not decided here; only what its
//! cells are: numbers, or text.
//!
//! ```
//! use chainrule_model::read::{Options, read};
//!
//! let data = read("tea.csv", b"tea,minutes\ngreen,2\nblack,4\n", &Options::default())?;
//! assert_eq!(data.table.rows(), 2);
//! assert_eq!(data.table.columns[1].name, "minutes");
//! # Ok::<(), chainrule_model::read::ReadError>(())
//! ```
//!
//! The format is found from the first bytes, and by the name's ending only
//! where they tell nothing: a `.csv` that is compressed, or a `.gz` that is
//! not, is read all the same.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::remark::Remark;
use crate::table::{Cells, Column, Table};

pub use csv::stream::{Chunk, Chunks, ColumnKind};
pub use problem::{MOST_PROBLEMS, NotANumber, Problem, ReadError};
pub use source::Source;
pub use stream::{Stream, Tables};

mod array;
mod csv;
mod detect;
mod fann;
mod idx;
mod lines;
mod npy;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod proben1;
mod problem;
mod source;
mod stream;
mod typed;
mod words;

/// A table as read, and what else its file told.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The table.
    pub table: Table,
    /// What the format knows of the table's use.
    pub hints: Hints,
    /// What was found out about the file.
    pub found: Found,
    /// What the user should know, though nothing is wrong.
    pub remarks: Vec<Remark>,
}

/// What a format knows of the use of its table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The columns that are targets.
    pub targets: Vec<String>,
    /// Whether the targets are one class each, of which every row has one
    /// (Proben1's `bool_out`).
    pub targets_are_classes: bool,
    /// How many rows, in the order of the file, train, validate and test.
    pub parts: Option<Parts>,
}

/// A split that a file comes with; rows stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Rows that train.
    pub training: usize,
    /// Rows that tell when to stop.
    pub validation: usize,
    /// Rows that measure.
    pub test: usize,
}

/// What was found out about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its format.
    pub format: Format,
    /// Whether it was compressed with gzip.
    pub gzip: bool,
    /// The encoding of text.
    pub encoding: Option<Encoding>,
    /// The delimiter of CSV.
    pub delimiter: Option<char>,
    /// Whether the first record of CSV is a header.
    pub header: Option<bool>,
    /// The decimal mark of CSV.
    pub decimal: Option<Decimal>,
}

/// A format of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Values with delimiters between them: CSV, TSV.
    #[default]
    Csv,
    /// Apache Parquet.
    Parquet,
    /// An array of NumPy.
    Npy,
    /// Several arrays of NumPy.
    Npz,
    /// The format of MNIST.
    Idx,
    /// Proben1's `.dt`.
    Proben1,
    /// FANN's training data.
    Fann,
}

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// Latin-1; as Windows-1252, which has characters for Latin-1's unused
    /// codes. Only where it is asked for: any bytes could be it.
    Latin1,
}

/// The decimal mark of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

/// How to read a file; what is not set is found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The format.
    pub format: Option<Format>,
    /// The delimiter of CSV, an ASCII character other than a quote or a line
    /// end.
    pub delimiter: Option<u8>,
    /// Whether the first record of CSV is a header.
    pub header: Option<bool>,
    /// The encoding of text.
    pub encoding: Option<Encoding>,
    /// The decimal mark of CSV.
    pub decimal: Option<Decimal>,
    /// Whether double quotes in CSV mean something.
    pub quotes: bool,
    /// What counts as missing, beside the empty cell.
    pub missing: Vec<String>,
    /// Columns of CSV that are text, whatever they look like. Names that no
    /// column has are ignored, here and below: new data need not have the
    /// target.
    pub text: Vec<String>,
    /// Columns of CSV that are numbers: any other cell is a problem.
    pub numbers: Vec<String>,
}

/// What counts as missing, beside the empty cell, if nothing else is asked for.
/// A word such as `none` or a mark such as `-` may well be a category.
pub const MISSING_MARKERS: [&str; 13] =
    ["NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "null", "NULL", "None", "?", "#N/A", "<NA>"];

impl Default for Options {
    fn default() -> Options {
        Options {
            format: None,
            delimiter: None,
            header: None,
            encoding: None,
            decimal: None,
            quotes: true,
            missing: MISSING_MARKERS.map(String::from).to_vec(),
            text: Vec::new(),
            numbers: Vec::new(),
        }
    }
}

/// Reads a table. `file` is what messages call it; its ending may tell the
/// format.
///
/// # Errors
/// If the bytes are no table, or have cells, records or counts that do not fit.
pub fn read(file: &str, bytes: &[u8], options: &Options) -> Result<Data, ReadError> {
    let one = |problem| ReadError::new(file, problem);
    let gzip = source::is_gzip(bytes);
    let bytes =
        if gzip { Cow::Owned(source::gunzip(bytes).map_err(one)?) } else { Cow::Borrowed(bytes) };
    if bytes.is_empty() {
        return Err(one(Problem::Empty));
    }
    let format = detect::format(file, &bytes, options).map_err(one)?;
    let mut data = match format {
        Format::Parquet => read_parquet(file, &bytes).map_err(one)?,
        Format::Npy | Format::Idx => array::read(file, &bytes, format).map_err(one)?,
        Format::Npz => npz::read(file, &bytes).map_err(one)?,
        Format::Csv => {
            detect::text(&bytes).map_err(one)?;
            let (text, encoding) = source::decode(&bytes, options.encoding).map_err(one)?;
            let mut data = csv::read(file, &text, options)?;
            data.found.encoding = Some(encoding);
            data
        }
        Format::Proben1 | Format::Fann => {
            let (text, encoding) = source::decode(&bytes, options.encoding).map_err(one)?;
            let text = lines::text(&text).map_err(one)?;
            let mut data = match format {
                Format::Proben1 => proben1::read(file, text)?,
                _ => fann::read(file, text)?,
            };
            data.found.encoding = Some(encoding);
            data
        }
    };
    data.found.gzip = gzip;
    Ok(data)
}

/// Reads a table from a source: CSV block by block, so that its text is never
/// in memory as a whole; other formats as [`read`] does.
///
/// # Errors
/// As for [`read`], and if the source cannot be read.
pub fn read_source(source: &Source<'_>, options: &Options) -> Result<Data, ReadError> {
    match csv::read_source(source, options) {
        Err(error) if matches!(error.problems[..], [Problem::NotStreamed { .. }]) => {
            read(&source.name, &source.bytes()?, options)
        }
        result => result,
    }
}

/// The column of labels that are in a file of their own.
pub const LABEL: &str = "label";

/// Reads a table whose labels are in a file of their own, as MNIST's: the
/// labels become its last column, `label`, and its target.
///
/// # Errors
/// As for [`read`], of both; if the labels are more than one column, or not as
/// many as there are rows.
pub fn read_with_labels(
    (file, bytes): (&str, &[u8]),
    (labels_file, labels): (&str, &[u8]),
    options: &Options,
) -> Result<Data, ReadError> {
    let mut data = read(file, bytes, options)?;
    let labels = read(labels_file, labels, options)?;
    let (rows, columns) = (data.table.rows() as u64, labels.table.columns);
    let label_rows = columns.first().map_or(0, |column| column.cells.len()) as u64;
    labels_fit((file, rows), (labels_file, label_rows, columns.len()))?;
    let name = LABEL.to_string();
    let label = |column: Column| Column { name: name.clone(), ..column };
    data.table.columns.extend(columns.into_iter().map(label));
    let names: Vec<String> = data.table.columns.iter().map(|column| column.name.clone()).collect();
    names_differ(&names, None).map_err(|problem| ReadError::new(file, problem))?;
    data.hints.targets = vec![name];
    data.remarks.extend(labels.remarks);
    Ok(data)
}

/// Checks that labels are one column, with as many rows as the table has.
fn labels_fit(
    (file, rows): (&str, u64),
    (labels_file, label_rows, columns): (&str, u64, usize),
) -> Result<(), ReadError> {
    let problem = if columns != 1 {
        Problem::Labels { found: columns }
    } else if label_rows != rows {
        let count = |rows| usize::try_from(rows).unwrap_or(usize::MAX);
        Problem::RowsDiffer {
            one: file.to_string(),
            one_rows: count(rows),
            other: labels_file.to_string(),
            other_rows: count(label_rows),
        }
    } else {
        return Ok(());
    };
    Err(ReadError::new(labels_file, problem))
}

/// Checks that a table has as many rows as its file says.
fn counted(expected: u64, found: u64) -> Result<(), Problem> {
    if expected == found { Ok(()) } else { Err(Problem::RowCount { expected, found }) }
}

/// Checks that no number is infinite.
fn finite(table: &Table) -> Result<(), Problem> {
    for column in &table.columns {
        if let Cells::Numbers(numbers) = &column.cells
            && let Some(row) = numbers.iter().position(|number| number.is_infinite())
        {
            return Err(Problem::Infinite {
                row: table.number(row) as u64 + 1,
                column: column.name.clone(),
                value: numbers[row],
            });
        }
    }
    Ok(())
}

#[cfg(feature = "parquet")]
use parquet::read as read_parquet;

#[cfg(not(feature = "parquet"))]
fn read_parquet(_: &str, _: &[u8]) -> Result<Data, Problem> {
    Err(PARQUET_LEFT_OUT)
}

#[cfg(not(feature = "parquet"))]
const PARQUET_LEFT_OUT: Problem = Problem::LeftOut { format: "Parquet", feature: "parquet" };

/// What counts as missing.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    markers: Vec<Vec<u8>>,
    /// Whether some of them look like numbers.
    has_numbers: bool,
}

impl Missing {
    pub(crate) fn new(options: &Options) -> Missing {
        let markers: Vec<Vec<u8>> =
            options.missing.iter().map(|marker| marker.as_bytes().to_vec()).collect();
        let digit = |marker: &Vec<u8>| marker.iter().any(u8::is_ascii_digit);
        Missing { has_numbers: markers.iter().any(digit), markers }
    }

    /// Only the empty cell is missing.
    pub(crate) fn nothing() -> Missing {
        Missing { markers: Vec::new(), has_numbers: false }
    }

    pub(crate) fn holds(&self, cell: &[u8]) -> bool {
        cell.is_empty() || self.markers.iter().any(|marker| marker == cell)
    }
}

/// Checks that no two columns share a name.
fn names_differ(names: &[String], line: Option<u64>) -> Result<(), Problem> {
    let mut places = HashMap::new();
    for (place, name) in names.iter().enumerate() {
        if let Some(first) = places.insert(name.as_str(), place) {
            let name = name.clone();
            return Err(Problem::SameName { line, name, first: first + 1, second: place + 1 });
        }
    }
    Ok(())
}
