//! What is seen of columns before anything is decided, part by part: extremes,
//! counts, words. Its memory is bounded whatever the number of rows.

use std::collections::{HashMap, HashSet};

use super::Choices;
use crate::error::Error;
use crate::place::Place;
use crate::table::{Cells, MISSING, Table, Text};

/// At most so many different words of a column are kept.
const MOST_WORDS: usize = 100_000;
/// At most so many different numbers of a target are kept; more are no classes.
const MOST_NUMBERS: usize = 1000;
/// Numbers beyond have no square in doubles.
const HUGE: f64 = 1e150;

/// What was seen of a table.
#[derive(Clone, Debug)]
pub struct Survey {
    pub(super) file: String,
    pub(super) columns: Vec<Profile>,
    pub(super) unlabelled: Option<(u64, Place)>,
    pub(super) labelled: u64,
    /// Whether in each row exactly one target is 1 and the others are 0.
    pub(super) one_hot: bool,
    targets: HashSet<String>,
    /// Columns whose different numbers are counted.
    watched: HashSet<String>,
}

/// What was seen of a column.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) present: u64,
    pub(super) missing: u64,
    pub(super) numbers: Numbers,
    pub(super) words: Words,
    /// Whether every part had bytes: pixels.
    pub(super) bytes: bool,
    watched: bool,
}

/// What was seen of its cells that are numbers.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Numbers {
    pub(super) count: u64,
    pub(super) least: f64,
    pub(super) greatest: f64,
    pub(super) all_whole: bool,
    pub(super) all_bits: bool,
    /// Whether each is one more than the one before.
    pub(super) counting: bool,
    /// Whether each is more than the one before.
    pub(super) rising: bool,
    pub(super) first_infinite: Option<(Place, f64)>,
    pub(super) first_huge: Option<(Place, f64)>,
    /// The different ones by their bits, in a watched column.
    pub(super) distinct: HashSet<u64>,
    pub(super) more: bool,
    pub(super) repeats: bool,
    last: Option<f64>,
}

/// What was seen of its cells in parts that hold text.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// How many cells there are, numbers among them.
    pub(super) count: u64,
    /// How many are no number.
    pub(super) not_numbers: u64,
    /// How many of these are numbers in a person's eyes: `12,000`, `$5`, `40 %`.
    pub(super) adorned: u64,
    /// How many have a leading zero: `007` is a code, not seven.
    pub(super) codes: u64,
    pub(super) first_not_number: Option<(Place, String)>,
    pub(super) counts: HashMap<String, u64>,
    pub(super) more: bool,
}

impl Survey {
    /// Starts without rows.
    pub fn new(choices: &Choices) -> Survey {
        Survey {
            file: String::new(),
            columns: Vec::new(),
            unlabelled: None,
            labelled: 0,
            one_hot: choices.targets.len() > 1,
            targets: choices.targets.iter().cloned().collect(),
            watched: choices.targets.iter().chain(&choices.categorical).cloned().collect(),
        }
    }

    /// Looks at the next rows: a whole table, or a part of one.
    ///
    /// # Errors
    /// If the columns are not those of the parts before.
    pub fn add(&mut self, table: &Table) -> Result<(), Error> {
        if self.columns.is_empty() {
            self.file.clone_from(&table.name);
            self.columns = table.columns.iter().map(|column| self.profile(&column.name)).collect();
        }
        let expected = self.columns.iter().map(|profile| Some(&profile.name));
        let found = table.columns.iter().map(|column| Some(&column.name));
        let longest = self.columns.len().max(table.columns.len());
        let pairs =
            expected.chain(std::iter::repeat(None)).zip(found.chain(std::iter::repeat(None)));
        for (number, (expected, found)) in (1..).zip(pairs.take(longest)) {
            if expected != found {
                let name = |name: Option<&String>| name.cloned().unwrap_or_default();
                let (found, expected) = (name(found), name(expected));
                return Err(Error::ChangedColumn {
                    file: table.name.clone(),
                    number,
                    found,
                    expected,
                });
            }
        }
        for (profile, column) in self.columns.iter_mut().zip(&table.columns) {
            profile.add(table, &column.cells);
        }
        self.add_targets(table);
        Ok(())
    }

    fn profile(&self, name: &str) -> Profile {
        let watched = self.watched.contains(name) || super::infer::is_named_like_id(name);
        Profile {
            name: name.to_string(),
            present: 0,
            missing: 0,
            numbers: Numbers::new(),
            words: Words::default(),
            bytes: true,
            watched,
        }
    }

    fn add_targets(&mut self, table: &Table) {
        let is_target = |name: &str| self.targets.contains(name);
        let targets: Vec<&Cells> = table
            .columns
            .iter()
            .filter(|column| is_target(&column.name))
            .map(|column| &column.cells)
            .collect();
        if targets.is_empty() {
            return;
        }
        for row in 0..table.rows() {
            if targets.iter().any(|cells| cells.is_missing(row)) {
                let first = || (0, Place::new(table, row));
                self.unlabelled.get_or_insert_with(first).0 += 1;
                continue;
            }
            self.labelled += 1;
            if self.one_hot {
                let bits = || targets.iter().map(|cells| cells.number(row));
                let all_bits = bits().all(|bit| bit == Some(0.0) || bit == Some(1.0));
                let ones = bits().filter(|&bit| bit == Some(1.0)).count();
                self.one_hot = all_bits && ones == 1;
            }
        }
    }
}

impl Profile {
    fn add(&mut self, table: &Table, cells: &Cells) {
        self.bytes &= matches!(cells, Cells::Bytes(_));
        match cells {
            Cells::Numbers(cells) => {
                let missing = cells.iter().filter(|cell| cell.is_nan()).count() as u64;
                self.missing += missing;
                self.present += cells.len() as u64 - missing;
                self.numbers.add(table, cells.iter().copied(), self.watched);
            }
            Cells::Bytes(bytes) => {
                self.present += bytes.len() as u64;
                self.numbers.add(table, bytes.iter().map(|&byte| f64::from(byte)), self.watched);
            }
            Cells::Text(text) => self.add_text(table, text),
        }
    }

    fn add_text(&mut self, table: &Table, text: &Text) {
        let mut counts = vec![0_u64; text.words.len()];
        for &code in &text.codes {
            if code == MISSING {
                self.missing += 1;
            } else {
                self.present += 1;
                counts[code as usize] += 1;
            }
        }
        let numbers: Vec<Option<f64>> = text.words.iter().map(|word| number(word)).collect();
        for ((word, number), &count) in text.words.iter().zip(&numbers).zip(&counts) {
            if count == 0 {
                continue;
            }
            self.words.count += count;
            self.words.codes += if has_leading_zero(word) { count } else { 0 };
            if number.is_none() {
                self.words.not_numbers += count;
                self.words.adorned += if is_adorned_number(word) { count } else { 0 };
            }
            self.words.note(word, count);
        }
        if self.words.first_not_number.is_none() {
            let is_word = |&code: &u32| code != MISSING && numbers[code as usize].is_none();
            self.words.first_not_number =
                text.codes.iter().position(is_word).map(|row| {
                    (Place::new(table, row), text.words[text.codes[row] as usize].clone())
                });
        }
        // Extremes of numbers in a column of text, for a user who declares it
        // numeric.
        let cells = text.codes.iter().map(|&code| match code {
            MISSING => f64::NAN,
            code => numbers[code as usize].unwrap_or(f64::NAN),
        });
        self.numbers.add(table, cells, self.watched);
    }
}

impl Words {
    fn note(&mut self, word: &str, count: u64) {
        let full = self.counts.len() >= MOST_WORDS;
        match self.counts.get_mut(word) {
            Some(known) => *known += count,
            None if full => self.more = true,
            None => drop(self.counts.insert(word.to_string(), count)),
        }
    }
}

impl Numbers {
    fn new() -> Numbers {
        Numbers {
            count: 0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            all_whole: true,
            all_bits: true,
            counting: true,
            rising: true,
            first_infinite: None,
            first_huge: None,
            distinct: HashSet::new(),
            more: false,
            repeats: false,
            last: None,
        }
    }

    fn add(&mut self, table: &Table, cells: impl Iterator<Item = f64>, watched: bool) {
        for (row, cell) in cells.enumerate() {
            if cell.is_nan() {
                continue;
            }
            self.count += 1;
            self.least = self.least.min(cell);
            self.greatest = self.greatest.max(cell);
            if self.all_whole {
                self.all_whole = cell.fract() == 0.0;
            }
            self.all_bits &= cell == 0.0 || cell == 1.0;
            if let Some(last) = self.last {
                self.counting &= cell == last + 1.0;
                self.rising &= cell > last;
            }
            self.last = Some(cell);
            if cell.abs() >= HUGE {
                self.note_huge(table, row, cell);
            }
            if watched && !self.more {
                // −0 is 0.
                let is_new = self.distinct.insert((cell + 0.0).to_bits());
                self.repeats |= !is_new;
                self.more = self.distinct.len() > MOST_NUMBERS;
            }
        }
    }

    fn note_huge(&mut self, table: &Table, row: usize, cell: f64) {
        let place =
            if cell.is_infinite() { &mut self.first_infinite } else { &mut self.first_huge };
        place.get_or_insert_with(|| (Place::new(table, row), cell));
    }
}

/// Reads a word as a finite number.
pub(crate) fn number(word: &str) -> Option<f64> {
    word.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Tells whether a word starts with a zero and another digit.
pub(crate) fn has_leading_zero(word: &str) -> bool {
    let bytes = word.trim().as_bytes();
    bytes.first() == Some(&b'0') && bytes.get(1).is_some_and(u8::is_ascii_digit)
}

/// Tells whether a word is a number with thousands separators, a currency or
/// a percent sign.
fn is_adorned_number(word: &str) -> bool {
    let bare = word.trim().trim_start_matches(['$', '€', '£']).trim_end_matches(['%', '€', '$']);
    let bare = bare.trim();
    let digits = bare.strip_prefix(['-', '+']).unwrap_or(bare);
    if number(digits).is_some() {
        return true;
    }
    let Some(separator) = digits.chars().find(|sign| !sign.is_ascii_digit()) else { return false };
    if !matches!(separator, ',' | '.' | '\'' | ' ' | '_' | '\u{a0}' | '\u{202f}') {
        return false;
    }
    let mut groups = digits.split(separator);
    let is_number = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|group| is_number(group) && group.len() <= 3);
    // The last group may go on with a decimal sign.
    let is_group = |group: &str| {
        let whole = group.split(['.', ',']).next().unwrap_or_default();
        let rest = group.get(whole.len() + 1..).unwrap_or("0");
        whole.len() == 3 && is_number(whole) && is_number(rest)
    };
    first && groups.all(is_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adorned_numbers_are_told_from_dates_and_codes() {
        let adorned = ["12,000", "1,234,567.50", "1.234.567,5", "1 000", "$5", "-40 %", "1'000"];
        for word in adorned {
            assert!(is_adorned_number(word), "{word}");
        }
        for word in ["2020-01-01", "1,5", "oops", "A/5 21171", "", ",", "1,", "12,0000", "1.2.3"] {
            assert!(!is_adorned_number(word), "{word}");
        }
    }
}
