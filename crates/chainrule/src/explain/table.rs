//! A table of plain text, which every format can lay out.
//!
//! Not for the lines of a step: those carry formulas, which each format sets
//! in its own notation.

/// A table; every row has as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// Its columns, left to right.
    pub columns: Vec<Column>,
    /// Its rows, top to bottom.
    pub rows: Vec<Vec<String>>,
}

/// The title of a last column with sentences about the others.
pub const REMARKS: &str = "remarks";

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// Whether it holds numbers, which are set to the right.
    pub is_numeric: bool,
}

impl Column {
    /// Makes a column of words or symbols.
    pub fn text(title: impl Into<String>) -> Column {
        Column { title: title.into(), is_numeric: false }
    }

    /// Makes a column of numbers.
    pub fn number(title: impl Into<String>) -> Column {
        Column { title: title.into(), is_numeric: true }
    }
}
