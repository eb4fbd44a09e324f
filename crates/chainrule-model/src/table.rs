//! A table in memory: columns of cells, as read and before anybody has decided
//! what a column means.
//!
//! Whatever format a table comes from, it becomes this; what follows (the
//! schema, the encoder, the splits) knows no format.

mod gather;

pub(crate) use gather::Gather;

/// The code of a missing cell in a column of text.
pub const MISSING: u32 = u32::MAX;

/// Columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What messages call it: the name of a file, or `standard input`.
    pub name: String,
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    /// Where its rows stand in the file.
    pub lines: Lines,
}

/// A column and its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the header, or one made up: `column 3`.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// All that is there are numbers; a missing cell is NaN, and no other cell
    /// is.
    Numbers(Vec<f64>),
    /// Whole numbers from 0 to 255, none missing: pixels.
    Bytes(Vec<u8>),
    /// At least one cell is not a number.
    Text(Text),
}

/// Text, each distinct word kept once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The distinct words, in the order of their first appearance.
    pub words: Vec<String>,
    /// For each row, which of the words, or [`MISSING`].
    pub codes: Vec<u32>,
}

/// Where rows stand in the file they were read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Lines {
    /// The format has no lines; messages count rows from 1.
    None,
    /// The format has no lines; so many rows of the file come before these.
    After(u64),
    /// Row `n` stands on line `first + n`.
    From(u64),
    /// Each row's line: some rows take several lines, or lines between are
    /// blank.
    Listed(Vec<u64>),
}

impl Table {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// Returns the column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Returns the line of a row, the first row being 0.
    pub fn line(&self, row: usize) -> Option<u64> {
        match &self.lines {
            Lines::None | Lines::After(_) => None,
            Lines::From(first) => Some(first + row as u64),
            Lines::Listed(lines) => lines.get(row).copied(),
        }
    }

    /// Returns the number of a row in its file, the first being 0, where the
    /// table is a part of a file without lines; else its number in the table.
    pub fn number(&self, row: usize) -> usize {
        match self.lines {
            Lines::After(before) => {
                usize::try_from(before).unwrap_or(usize::MAX).saturating_add(row)
            }
            Lines::None | Lines::From(_) | Lines::Listed(_) => row,
        }
    }

    /// Returns some of the rows, in an order, as a table of their own.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Table {
        let columns = self.columns.iter().map(|column| Column {
            name: column.name.clone(),
            cells: match &column.cells {
                Cells::Numbers(numbers) => Cells::Numbers(chosen(numbers, rows)),
                Cells::Bytes(bytes) => Cells::Bytes(chosen(bytes, rows)),
                Cells::Text(text) => Cells::Text(Text {
                    words: text.words.clone(),
                    codes: chosen(&text.codes, rows),
                }),
            },
        });
        let lines: Option<Vec<u64>> = rows.iter().map(|&row| self.line(row as usize)).collect();
        Table {
            name: self.name.clone(),
            columns: columns.collect(),
            lines: lines.map_or(Lines::None, Lines::Listed),
        }
    }
}

fn chosen<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

impl Cells {
    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        match self {
            Cells::Numbers(numbers) => numbers.len(),
            Cells::Bytes(bytes) => bytes.len(),
            Cells::Text(text) => text.codes.len(),
        }
    }

    /// Tells whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Text {
    /// Returns a row's word, or nothing where it is missing.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn word(&self, row: usize) -> Option<&str> {
        match self.codes[row] {
            MISSING => None,
            code => Some(&self.words[code as usize]),
        }
    }
}
