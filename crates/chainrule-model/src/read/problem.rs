//! What can be wrong with a table that is read, and the way out of it.

use std::fmt;

use crate::read::Format;

mod help;

/// How many problems of one file are told.
pub const MOST_PROBLEMS: usize = 10;

/// All that is wrong with a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadError {
    /// The file, as messages call it.
    pub file: String,
    /// The first problems, in the order of the file; at most [`MOST_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: u64,
}

/// One thing that is wrong with a file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes cannot be had.
    #[error("cannot be read: {message}")]
    Io {
        /// The kind of the error.
        kind: std::io::ErrorKind,
        /// What the system says.
        message: String,
    },
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// Lines, but nothing on them.
    #[error("no header and no rows: the file holds blank lines only")]
    BlankLines,
    /// Columns, but no rows.
    #[error("the table has {columns} columns but no rows")]
    NoRows {
        /// The number of columns.
        columns: usize,
    },
    /// Rows, but nothing in them.
    #[error("the table has no columns")]
    NoColumns,
    /// Bytes that are no text.
    #[error("this is {found}, not a table")]
    NotATable {
        /// What it looks like, with its article.
        found: &'static str,
    },
    /// A reader that was left out of this program.
    #[error("this program was built without the reader of {format} files")]
    LeftOut {
        /// The format.
        format: &'static str,
        /// The cargo feature that has it.
        feature: &'static str,
    },
    /// Compressed data without their end.
    #[error("unexpected end of compressed data")]
    CompressedCut,
    /// Compressed data that were changed.
    #[error("the checksum of the compressed data does not match: the file is damaged")]
    Checksum,
    /// Compressed data that make no sense.
    #[error("the compressed data are damaged: {message}")]
    Compressed {
        /// What the decoder says.
        message: String,
    },
    /// A byte that is not UTF-8.
    #[error("{} holds the byte 0x{byte:02X}, which is not UTF-8", named(column))]
    NotUtf8 {
        /// The line.
        line: u64,
        /// The column's name.
        column: String,
        /// The byte.
        byte: u8,
    },
    /// A NUL byte in text.
    #[error("{} holds a NUL byte", named(column))]
    Nul {
        /// The line.
        line: u64,
        /// The column's name.
        column: String,
    },
    /// UTF-16 that ends within a character or pairs halves wrongly.
    #[error("the UTF-16 text is damaged at byte {byte}")]
    Utf16 {
        /// The place, from 0.
        byte: u64,
    },
    /// Two columns of one name.
    #[error("columns {first} and {second} are both called `{name}`")]
    SameName {
        /// The line of the header, if the names are in a line.
        line: Option<u64>,
        /// The name.
        name: String,
        /// The first column of this name.
        first: usize,
        /// The second.
        second: usize,
    },
    /// A record of another width than the first.
    #[error("found {found} field{}, expected {expected}", s(*found))]
    FieldCount {
        /// The line.
        line: u64,
        /// The fields there are.
        found: usize,
        /// The fields of the first record.
        expected: usize,
        /// A delimiter with which the width would be right.
        delimiter: Option<char>,
    },
    /// A quote that opens and never closes.
    #[error("a quote opens in {} and is never closed", named(column))]
    UnclosedQuote {
        /// The line on which it opens.
        line: u64,
        /// The column's name.
        column: String,
    },
    /// A quote within a field that does not start with one.
    #[error("{} holds `{value}`: a quote inside a field without quotes", named(column))]
    StrayQuote {
        /// The line.
        line: u64,
        /// The column's name.
        column: String,
        /// The field.
        value: String,
    },
    /// Text between a closing quote and the delimiter.
    #[error("{}: `{value}` follows the closing quote", named(column))]
    AfterQuote {
        /// The line.
        line: u64,
        /// The column's name.
        column: String,
        /// What follows.
        value: String,
    },
    /// A record beyond what is read of one.
    #[error("the record that starts here is longer than {most} MiB")]
    LongRecord {
        /// The line on which it starts.
        line: u64,
        /// The longest that is read.
        most: usize,
    },
    /// A cell that is not a number in a column of numbers.
    #[error("{} holds `{value}`, {why}", named(column))]
    Cell {
        /// The line.
        line: u64,
        /// The column's name.
        column: String,
        /// The cell, shortened.
        value: String,
        /// What is wrong with it.
        why: NotANumber,
    },
    /// A file that is only read whole.
    #[error("this {} file cannot be streamed: {}", format.name(), format.why_whole())]
    NotStreamed {
        /// The format.
        format: Format,
    },
    /// Labels in a file of their own, of a format that is not an array.
    #[error("labels in a file of their own are streamed with arrays only; this is {}", format.name())]
    LabelsNotStreamed {
        /// The format.
        format: Format,
    },
    /// A file that changed between two readings.
    #[error("the file changed while it was read")]
    Changed,
    /// A file that is not of the format its name promises, or that was asked
    /// for.
    #[error("this is not {format}: it starts with {found}")]
    NotOfFormat {
        /// The format.
        format: &'static str,
        /// The first bytes, in hexadecimal.
        found: String,
    },
    /// A header that ends too early.
    #[error("the {format} header is cut off: expected {expected} bytes, found {found}")]
    HeaderCut {
        /// The format.
        format: &'static str,
        /// The bytes of a whole header.
        expected: u64,
        /// The bytes there are.
        found: u64,
    },
    /// An IDX header with its bytes in the other order.
    #[error("the IDX header is in little-endian byte order")]
    IdxByteOrder,
    /// An IDX type that does not exist.
    #[error("the IDX type byte is 0x{found:02X}, which does not exist")]
    IdxType {
        /// The byte.
        found: u8,
    },
    /// More or fewer bytes than the header says.
    #[error("expected {expected} bytes, found {found}")]
    Size {
        /// The bytes that the header asks for.
        expected: u64,
        /// The bytes there are.
        found: u64,
    },
    /// A shape whose size is beyond all memory.
    #[error("the header claims the shape {shape}, more than any file holds")]
    Shape {
        /// The shape, as in the file.
        shape: String,
    },
    /// An array with more dimensions than a table has.
    #[error("the array{} has {found} dimensions; a table has one or two", of(name))]
    Dimensions {
        /// The array's name, where a file holds several.
        name: String,
        /// The dimensions.
        found: usize,
    },
    /// Pickled objects.
    #[error("the array{} holds pickled objects, which are not read", of(name))]
    Objects {
        /// The array's name, where a file holds several.
        name: String,
    },
    /// A type of numbers that is not read.
    #[error("the array{} has the type `{found}`, which is not read", of(name))]
    ArrayType {
        /// The array's name, where a file holds several.
        name: String,
        /// NumPy's name of the type.
        found: String,
    },
    /// A NumPy header that makes no sense.
    #[error("the NPY header is damaged: {reason}")]
    NpyHeader {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A ZIP archive without arrays.
    #[error("the ZIP archive holds no NPY arrays")]
    NoArrays,
    /// A ZIP archive that makes no sense.
    #[error("the ZIP archive is damaged: {message}")]
    Zip {
        /// What the decoder says.
        message: String,
    },
    /// Two parts of a table with different numbers of rows.
    #[error("{one} has {one_rows} rows, {other} has {other_rows}")]
    RowsDiffer {
        /// One of them: a file, an array.
        one: String,
        /// Its rows.
        one_rows: usize,
        /// The other.
        other: String,
        /// Its rows.
        other_rows: usize,
    },
    /// A file of labels with more columns than one.
    #[error("a file of labels has one column, found {found}")]
    Labels {
        /// The columns there are.
        found: usize,
    },
    /// A line that does not follow the format.
    #[error("found `{found}`, expected {expected}")]
    Syntax {
        /// The line.
        line: u64,
        /// What is there, shortened.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A header line that is missing or given twice.
    #[error("the header has {found} lines `{key}=`, expected one")]
    HeaderKey {
        /// The key.
        key: &'static str,
        /// How often it is there.
        found: usize,
    },
    /// A line with too few or too many numbers.
    #[error("found {found} number{}, expected {expected}", s(*found))]
    NumberCount {
        /// The line.
        line: u64,
        /// The numbers there are.
        found: usize,
        /// The numbers that the header asks for.
        expected: usize,
    },
    /// More or fewer examples than the header says.
    #[error("the header counts {expected} examples, the file has {found}")]
    ExampleCount {
        /// The examples that the header counts.
        expected: u64,
        /// The examples there are.
        found: u64,
    },
    /// A Parquet file that its reader refuses.
    #[error("the Parquet file is damaged: {message}")]
    Parquet {
        /// What the reader says.
        message: String,
    },
    /// More or fewer rows than the file says.
    #[error("the file counts {expected} rows, its columns have {found}")]
    RowCount {
        /// The rows that it counts.
        expected: u64,
        /// The rows there are.
        found: u64,
    },
    /// A Parquet column of lists, maps or structures.
    #[error("column `{column}` holds {found}, which is not read")]
    ParquetColumn {
        /// The column's name.
        column: String,
        /// What it holds.
        found: String,
    },
    /// A number in a table of numbers that is infinite.
    #[error("row {row}, column `{column}` holds `{value}`, expected a finite number")]
    Infinite {
        /// The row, from 1.
        row: u64,
        /// The column's name.
        column: String,
        /// The number.
        value: f64,
    },
}

/// What keeps a cell from being a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    /// It is some word.
    Word,
    /// It is infinite.
    Infinite,
    /// It is beyond the largest double, about 1.8e308.
    TooLarge,
    /// Its thousands are set apart: `12,000`.
    Thousands,
    /// Its decimal mark is a comma where a point is expected.
    Comma,
    /// Its decimal mark is a point where a comma is expected.
    Point,
}

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotANumber::Word => "expected a number",
            NotANumber::Infinite => "expected a finite number",
            NotANumber::TooLarge => "which is too large for a number",
            NotANumber::Thousands => "a number with its thousands set apart",
            NotANumber::Comma => "a number with a decimal comma",
            NotANumber::Point => "a number with a decimal point where the others have commas",
        })
    }
}

impl Problem {
    /// Returns the line on which it stands, where there are lines.
    pub fn line(&self) -> Option<u64> {
        match self {
            Problem::NotUtf8 { line, .. }
            | Problem::Nul { line, .. }
            | Problem::FieldCount { line, .. }
            | Problem::UnclosedQuote { line, .. }
            | Problem::StrayQuote { line, .. }
            | Problem::AfterQuote { line, .. }
            | Problem::LongRecord { line, .. }
            | Problem::Cell { line, .. }
            | Problem::Syntax { line, .. }
            | Problem::NumberCount { line, .. } => Some(*line),
            Problem::SameName { line, .. } => *line,
            _ => None,
        }
    }
}

impl Problem {
    /// Returns what problems with the same way out have in common.
    fn kind(&self) -> (std::mem::Discriminant<Problem>, Option<NotANumber>) {
        let why = if let Problem::Cell { why, .. } = self { Some(*why) } else { None };
        (std::mem::discriminant(self), why)
    }
}

impl ReadError {
    /// Returns an error of one problem.
    pub fn new(file: &str, problem: Problem) -> ReadError {
        ReadError { file: file.to_string(), problems: vec![problem], more: 0 }
    }

    /// Returns an error of several problems, told up to [`MOST_PROBLEMS`].
    pub(super) fn of(file: &str, mut problems: Vec<Problem>) -> ReadError {
        let more = problems.len().saturating_sub(MOST_PROBLEMS) as u64;
        problems.truncate(MOST_PROBLEMS);
        ReadError { file: file.to_string(), problems, more }
    }

    /// Returns the ways out, one sentence for each kind of problem.
    pub fn help(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        let mut is_new = |problem: &&Problem| {
            let kind = problem.kind();
            let is_new = !kinds.contains(&kind);
            kinds.push(kind);
            is_new
        };
        self.problems.iter().filter(&mut is_new).filter_map(Problem::help).collect()
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            match problem.line() {
                Some(line) => write!(f, "{}:{line}: {problem}", self.file)?,
                None => write!(f, "{}: {problem}", self.file)?,
            }
        }
        match self.more {
            0 => Ok(()),
            1 => write!(f, "\n{}: and 1 more cell or line like these", self.file),
            more => write!(f, "\n{}: and {more} more cells or lines like these", self.file),
        }
    }
}

impl std::error::Error for ReadError {}

/// Returns a column's name for a message; one made up, `column 3`, stands by
/// itself.
fn named(column: &str) -> String {
    let number = column.strip_prefix("column ");
    if number.is_some_and(|number| number.parse::<usize>().is_ok()) {
        column.to_string()
    } else {
        format!("column `{column}`")
    }
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn of(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" `{name}`") }
}

/// The longest value that a message shows.
const LONGEST_SHOWN: usize = 40;

/// Returns text for a message: on one line, without control characters, and
/// no longer than is good to read.
pub(super) fn shown(bytes: &[u8]) -> String {
    // Four bytes are the longest character; what is cut off is never shown.
    let start = &bytes[..bytes.len().min(4 * LONGEST_SHOWN + 4)];
    let mut text = String::new();
    for (count, c) in String::from_utf8_lossy(start).chars().enumerate() {
        if count == LONGEST_SHOWN {
            let total = String::from_utf8_lossy(bytes).chars().count();
            return format!("{text}… ({total} characters)");
        }
        if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
    }
    text
}

/// Returns the first bytes of a file in hexadecimal, for a message.
pub(super) fn first_bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_string();
    }
    let hex: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02X}")).collect();
    format!("the bytes {}", hex.join(" "))
}
