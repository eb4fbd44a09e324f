//! Cells as numbers, as words, and as what makes them equal.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Error;
use crate::place::{Place, shown};
use crate::schema::{has_leading_zero, number};
use crate::table::{Cells, MISSING, Table};

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

    /// Returns a row's cell as a person would write it; nothing of a missing
    /// one.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn word(&self, row: usize) -> String {
        match self {
            Cells::Text(text) => text.word(row).unwrap_or_default().to_string(),
            cells => cells.number(row).map(word_of).unwrap_or_default(),
        }
    }

    /// Tells whether a cell equals one of another column, perhaps of another
    /// table.
    pub(crate) fn equals(&self, row: usize, other: &Cells, other_row: usize) -> bool {
        match (self.is_missing(row), other.is_missing(other_row)) {
            (false, false) => {}
            (missing, other_missing) => return missing && other_missing,
        }
        match (self, other) {
            (Cells::Text(one), Cells::Text(other)) => {
                let (one, other) = (one.word(row), other.word(other_row));
                let bits = |word: Option<&str>| word.and_then(number_bits);
                one == other || bits(one).is_some() && bits(one) == bits(other)
            }
            (one, other) => one.number(row) == other.number(other_row),
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

/// A column as words: each distinct one once, and a code for each row.
pub(crate) struct Words<'a> {
    pub(crate) list: Cow<'a, [String]>,
    /// The code of each row's word, or [`MISSING`].
    pub(crate) codes: Cow<'a, [u32]>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(cells: &'a Cells) -> Words<'a> {
        let numbers: Cow<'a, [f64]> = match cells {
            Cells::Text(text) => {
                let (list, codes) =
                    (Cow::Borrowed(&text.words[..]), Cow::Borrowed(&text.codes[..]));
                return Words { list, codes };
            }
            Cells::Numbers(numbers) => Cow::Borrowed(numbers),
            Cells::Bytes(bytes) => bytes.iter().map(|&byte| f64::from(byte)).collect(),
        };
        let mut seen: HashMap<u64, u32> = HashMap::new();
        let mut list = Vec::new();
        let codes = numbers
            .iter()
            .map(|&number| {
                if number.is_nan() {
                    return MISSING;
                }
                *seen.entry((number + 0.0).to_bits()).or_insert_with(|| {
                    list.push(word_of(number));
                    u32::try_from(list.len() - 1).expect("rows are numbered with 32 bits")
                })
            })
            .collect();
        Words { list: Cow::Owned(list), codes: Cow::Owned(codes) }
    }

    /// Returns the code of a row's word.
    pub(crate) fn code(&self, row: usize) -> Option<usize> {
        Some(self.codes[row]).filter(|&code| code != MISSING).map(|code| code as usize)
    }
}

/// Finds words in a list: as they are written, else by the number they are, so
/// that `1.0` is `1`. A leading zero is no matter of writing: `01` is not `1`.
pub(crate) struct Lookup<'a> {
    exact: HashMap<&'a str, u32>,
    numbers: HashMap<u64, u32>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(words: impl IntoIterator<Item = &'a String>) -> Lookup<'a> {
        let mut lookup = Lookup { exact: HashMap::new(), numbers: HashMap::new() };
        for (place, word) in (0..).zip(words) {
            lookup.exact.entry(word).or_insert(place);
            if let Some(bits) = number_bits(word) {
                lookup.numbers.entry(bits).or_insert(place);
            }
        }
        lookup
    }

    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        let by_number = || self.numbers.get(&number_bits(word)?);
        self.exact.get(word).or_else(by_number).copied()
    }
}

/// Returns what makes a word equal to a number.
pub(crate) fn number_bits(word: &str) -> Option<u64> {
    let number = number(word).filter(|_| !has_leading_zero(word))?;
    Some((number + 0.0).to_bits())
}

/// Spreads a number over 64 bits (`SplitMix64`; Steele, Lea & Flood 2014).
pub(crate) fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns 0 for no, 1 for yes and NaN for all else.
pub(crate) fn yes_no_cells(cells: &Cells, no: &str, yes: &str) -> Vec<f64> {
    let words = Words::new(cells);
    let pair = [no.to_string(), yes.to_string()];
    let lookup = Lookup::new(&pair);
    let answer = |word: &String| lookup.find(word).map_or(f64::NAN, f64::from);
    let answers: Vec<f64> = words.list.iter().map(answer).collect();
    (0..words.codes.len())
        .map(|row| words.code(row).map_or(f64::NAN, |code| answers[code]))
        .collect()
}

impl Cells {
    /// Returns the column as numbers, NaN where one is missing.
    ///
    /// # Errors
    /// If a cell is text; it names the first.
    pub(crate) fn to_numbers(&self, table: &Table, column: &str) -> Result<Cow<'_, [f64]>, Error> {
        let text = match self {
            Cells::Numbers(numbers) => return Ok(Cow::Borrowed(numbers)),
            Cells::Bytes(bytes) => return Ok(bytes.iter().map(|&byte| f64::from(byte)).collect()),
            Cells::Text(text) => text,
        };
        let numbers: Vec<Option<f64>> = text.words.iter().map(|word| number(word)).collect();
        let is_word = |&&code: &&u32| code != MISSING && numbers[code as usize].is_none();
        let count = text.codes.iter().filter(is_word).count() as u64;
        if let Some(row) = text.codes.iter().position(|code| is_word(&code)) {
            return Err(Error::NotANumber {
                place: Place::new(table, row),
                column: column.to_string(),
                found: shown(&text.words[text.codes[row] as usize]),
                count,
            });
        }
        let number = |&code: &u32| match code {
            MISSING => f64::NAN,
            code => numbers[code as usize].unwrap_or(f64::NAN),
        };
        Ok(text.codes.iter().map(number).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_writing_and_by_number() {
        let words = ["1", "2.50", "007", "A"].map(String::from);
        let lookup = Lookup::new(&words);
        let table = [("1", Some(0)), ("1.0", Some(0)), ("2.5", Some(1)), ("007", Some(2))];
        for (word, expected) in table {
            assert_eq!(lookup.find(word), expected, "{word}");
        }
        for word in ["7", "01", "a", "", "nan"] {
            assert_eq!(lookup.find(word), None, "{word}");
        }
    }

    #[test]
    fn numbers_become_words_without_a_point() {
        let cells = Cells::Numbers(vec![3.0, f64::NAN, -0.0, 0.0, 2.5]);
        let words = Words::new(&cells);
        assert_eq!(*words.list, ["3", "0", "2.5"]);
        assert_eq!(*words.codes, [0, MISSING, 1, 1, 2]);
    }
}
