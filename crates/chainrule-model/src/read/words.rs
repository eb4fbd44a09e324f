//! Words of a column, each kept once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::read::Missing;
use crate::table::{MISSING, Text};

/// Words and their codes while a column grows.
#[derive(Debug, Default)]
pub(super) struct Words {
    table: HashTable<Entry>,
    hasher: DefaultHashBuilder,
    /// All words, one after the other: an entry is a range of it.
    text: Vec<u8>,
    text_of_code: Vec<(usize, usize)>,
    /// The code of each row.
    pub(super) codes: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    from: usize,
    to: usize,
    code: u32,
}

impl Words {
    /// Adds a cell.
    #[inline]
    pub(super) fn push(&mut self, cell: &[u8], missing: &Missing) {
        let code = self.code(cell, missing);
        self.codes.push(code);
    }

    fn code(&mut self, cell: &[u8], missing: &Missing) -> u32 {
        let hash = self.hasher.hash_one(cell);
        let text = &self.text;
        if let Some(entry) = self.table.find(hash, |entry| &text[entry.from..entry.to] == cell) {
            return entry.code;
        }
        let from = self.text.len();
        self.text.extend_from_slice(cell);
        let to = self.text.len();
        let code = if missing.holds(cell) {
            MISSING
        } else {
            self.text_of_code.push((from, to));
            // Fewer than 2³² words: each takes several bytes of memory.
            u32::try_from(self.text_of_code.len() - 1).unwrap_or(MISSING)
        };
        let (text, hasher) = (&self.text, &self.hasher);
        let rehash = |entry: &Entry| hasher.hash_one(&text[entry.from..entry.to]);
        self.table.insert_unique(hash, Entry { from, to, code }, rehash);
        code
    }

    /// Returns the distinct words, in the order of their codes.
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.text_of_code.iter().map(|&(from, to)| &self.text[from..to])
    }

    /// Adds the words of a later part of the column.
    pub(super) fn append(&mut self, later: &Words, missing: &Missing) {
        let codes: Vec<u32> = later.words().map(|word| self.code(word, missing)).collect();
        self.codes.extend(
            later.codes.iter().map(|&code| codes.get(code as usize).copied().unwrap_or(MISSING)),
        );
    }

    /// Returns the finished column.
    pub(super) fn into_text(self) -> Text {
        let words = self.words().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        Text { words, codes: self.codes }
    }
}
