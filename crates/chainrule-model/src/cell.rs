//! Single cells, where a loop over a whole column is not needed.

use crate::schema::number;
use crate::table::{Cells, MISSING};

/// What makes two cells of one table equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Missing,
    Number(u64),
    Word(u32),
}

impl Cells {
    /// Tells whether a row's cell is missing.
    pub(crate) fn is_missing(&self, row: usize) -> bool {
        match self {
            Cells::Numbers(numbers) => numbers[row].is_nan(),
            Cells::Bytes(_) => false,
            Cells::Text(text) => text.codes[row] == MISSING,
        }
    }

    /// Returns a row's cell as a number, if it is one.
    pub(crate) fn number(&self, row: usize) -> Option<f64> {
        match self {
            Cells::Numbers(numbers) => Some(numbers[row]).filter(|number| !number.is_nan()),
            Cells::Bytes(bytes) => Some(f64::from(bytes[row])),
            Cells::Text(text) => text.word(row).and_then(number),
        }
    }

    /// Returns what makes a row's cell equal to others of the same table.
    pub(crate) fn key(&self, row: usize) -> Key {
        match self {
            _ if self.is_missing(row) => Key::Missing,
            // −0 is 0.
            Cells::Numbers(numbers) => Key::Number((numbers[row] + 0.0).to_bits()),
            Cells::Bytes(bytes) => Key::Number(f64::from(bytes[row]).to_bits()),
            Cells::Text(text) => Key::Word(text.codes[row]),
        }
    }
}

/// Writes a number as a category or a label has it: `3`, not `3.0`.
pub(crate) fn word_of(number: f64) -> String {
    format!("{}", number + 0.0)
}
