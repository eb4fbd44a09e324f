//! Which rows of a table are meant.

use std::ops::Range;

/// Rows of a table, by their numbers from 0.
#[derive(Clone, Debug)]
pub enum Rows<'a> {
    /// Neighbours.
    Range(Range<usize>),
    /// Any, in any order.
    Listed(&'a [u32]),
}

impl Rows<'_> {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        match self {
            Rows::Range(range) => range.len(),
            Rows::Listed(rows) => rows.len(),
        }
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one of them, by its place in the list.
    #[inline]
    pub(super) fn row(&self, place: usize) -> usize {
        match self {
            Rows::Range(range) => range.start + place,
            Rows::Listed(rows) => rows[place] as usize,
        }
    }
}

impl From<Range<usize>> for Rows<'_> {
    fn from(range: Range<usize>) -> Self {
        Rows::Range(range)
    }
}

impl<'a> From<&'a [u32]> for Rows<'a> {
    fn from(rows: &'a [u32]) -> Self {
        Rows::Listed(rows)
    }
}

impl<'a> From<&'a Vec<u32>> for Rows<'a> {
    fn from(rows: &'a Vec<u32>) -> Self {
        Rows::Listed(rows)
    }
}
