//! Rows of a table as inputs of a network.
//!
//! Columns are found once; then rows are encoded column by column within
//! blocks that stay in the cache, without looking at any cell's kind.

use std::borrow::Cow;

use chainrule_engine::real::Real;

use super::scale::{Scale, linear};
use super::{Code, Feature, Rows};
use crate::cell::{Lookup, Words, yes_no_cells};
use crate::error::Error;
use crate::place::Place;
use crate::remark::Remark;
use crate::schema::Finder;
use crate::table::{Cells, MISSING, Table};

/// How many rows are encoded before the next column.
const BLOCK: usize = 512;

/// The columns of a table that an encoder reads.
#[derive(Debug)]
pub struct Inputs<'a> {
    table: &'a Table,
    sources: Vec<Source<'a>>,
    width: usize,
}

/// One of them, ready to be encoded.
#[derive(Debug)]
struct Source<'a> {
    feature: &'a Feature,
    cells: &'a Cells,
    /// Its first input.
    at: usize,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    /// Finite, or missing; in the column's own units, or 0 and 1.
    Numbers { numbers: Cow<'a, [f64]>, scale: Cow<'a, Scale>, fill: f64 },
    /// Each byte's encoded number.
    Bytes { bytes: &'a [u8], encoded: Box<[f64; 256]> },
    /// Each word's slot; the last is that of missing words.
    Slots { codes: Cow<'a, [u32]>, slots: Vec<u32>, unknown: Vec<bool> },
}

impl<'a> Inputs<'a> {
    pub(super) fn new(features: &'a [Feature], table: &'a Table) -> Result<Inputs<'a>, Error> {
        let columns = Finder::new(table);
        let mut sources = Vec::with_capacity(features.len());
        let mut at = 0;
        for feature in features {
            let cells = &columns.find(&feature.column)?.cells;
            let values = Values::new(feature, cells, table)?;
            sources.push(Source { feature, cells, at, values });
            at += feature.width();
        }
        Ok(Inputs { table, sources, width: at })
    }

    /// Returns the number of rows of the table.
    pub fn rows(&self) -> usize {
        self.table.rows()
    }

    /// Encodes rows into a new matrix.
    ///
    /// # Shapes
    /// - the result: (rows, inputs), row after row
    ///
    /// # Panics
    /// If there is no such row.
    pub fn encode<'r, T: Real>(&self, rows: impl Into<Rows<'r>>) -> Vec<T> {
        let rows = rows.into();
        let mut matrix = vec![T::ZERO; rows.len() * self.width];
        self.encode_into(rows, &mut matrix);
        matrix
    }

    /// Encodes rows into a matrix.
    ///
    /// # Shapes
    /// - `matrix`: (rows, inputs), row after row
    ///
    /// # Panics
    /// If there is no such row, or the matrix has another size.
    pub fn encode_into<'r, T: Real>(&self, rows: impl Into<Rows<'r>>, matrix: &mut [T]) {
        let rows = rows.into();
        assert_eq!(matrix.len(), rows.len() * self.width, "the matrix holds the encoded rows");
        for (block, part) in matrix.chunks_mut((BLOCK * self.width).max(1)).enumerate() {
            let start = block * BLOCK;
            match &rows {
                Rows::Range(range) => {
                    let first = range.start + start;
                    self.encode_block(part, |place| first + place);
                }
                Rows::Listed(rows) => {
                    let rows = &rows[start..];
                    self.encode_block(part, |place| rows[place] as usize);
                }
            }
        }
    }

    fn encode_block<T: Real>(&self, part: &mut [T], row: impl Fn(usize) -> usize + Copy) {
        part.fill(T::ZERO);
        for source in &self.sources {
            source.encode(part, self.width, row);
        }
    }

    /// Returns what is odd in rows of the table: words that training never saw, cells
    /// missing where none were.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn remarks<'r>(&self, rows: impl Into<Rows<'r>>) -> Vec<Remark> {
        let rows = rows.into();
        self.sources.iter().flat_map(|source| source.remarks(self.table, &rows)).collect()
    }
}

impl<'a> Values<'a> {
    fn new(feature: &'a Feature, cells: &'a Cells, table: &Table) -> Result<Values<'a>, Error> {
        Ok(match (&feature.code, cells) {
            (Code::Number { scale, .. }, Cells::Bytes(bytes)) => {
                let mut encoded = Box::new([0.0; 256]);
                for (byte, encoded) in (0_u8..=255).zip(encoded.iter_mut()) {
                    *encoded = scale.encode(f64::from(byte));
                }
                Values::Bytes { bytes, encoded }
            }
            (Code::Number { scale, fill }, _) => {
                let numbers = cells.to_numbers(table, &feature.column)?;
                Values::Numbers { numbers, scale: Cow::Borrowed(scale), fill: *fill }
            }
            (Code::YesNo { no, yes, fill }, _) => {
                let numbers = Cow::Owned(yes_no_cells(cells, no, yes));
                let scale = Cow::Owned(Scale::Linear { minus: 0.0, over: 1.0 });
                Values::Numbers { numbers, scale, fill: *fill }
            }
            (Code::Category { values, .. }, _) => {
                let words = Words::new(cells);
                let lookup = Lookup::new(values);
                let other = u32::try_from(values.len()).expect("words have codes of 32 bits");
                let found: Vec<Option<u32>> =
                    words.list.iter().map(|word| lookup.find(word)).collect();
                let unknown = found.iter().map(Option::is_none).collect();
                let missing = other + u32::from(feature.missing);
                let slots =
                    found.iter().map(|slot| slot.unwrap_or(other)).chain([missing]).collect();
                Values::Slots { codes: words.codes, slots, unknown }
            }
        })
    }
}

impl Source<'_> {
    fn encode<T: Real>(&self, part: &mut [T], width: usize, row: impl Fn(usize) -> usize + Copy) {
        let places = part.chunks_exact_mut(width).enumerate();
        let at = self.at;
        match &self.values {
            Values::Bytes { bytes, encoded } => {
                for (place, inputs) in places {
                    inputs[at] = T::from_f64(encoded[usize::from(bytes[row(place)])]);
                }
            }
            Values::Slots { codes, slots, .. } => {
                let last = slots.len() - 1;
                for (place, inputs) in places {
                    let slot = slots[(codes[row(place)] as usize).min(last)];
                    inputs[at + slot as usize] = T::ONE;
                }
            }
            Values::Numbers { numbers, scale, fill } => {
                let fill = T::from_f64(scale.encode(*fill));
                let number = |place| numbers[row(place)];
                match (scale.as_ref(), self.feature.missing) {
                    // The common cases, without a branch on the scale in the loop.
                    (Scale::Linear { minus, over }, false) => {
                        for (place, inputs) in places {
                            let number = number(place);
                            let scaled = T::from_f64(linear(number, *minus, *over));
                            inputs[at] = if number.is_finite() { scaled } else { fill };
                        }
                    }
                    (Scale::Linear { minus, over }, true) => {
                        for (place, inputs) in places {
                            let number = number(place);
                            let scaled = T::from_f64(linear(number, *minus, *over));
                            let there = number.is_finite();
                            inputs[at] = if there { scaled } else { fill };
                            inputs[at + 1] = if there { T::ZERO } else { T::ONE };
                        }
                    }
                    (Scale::Rank { .. }, missing) => {
                        for (place, inputs) in places {
                            let number = number(place);
                            if number.is_finite() {
                                inputs[at] = T::from_f64(scale.encode(number));
                            } else {
                                inputs[at] = fill;
                                if missing {
                                    inputs[at + 1] = T::ONE;
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn remarks(&self, table: &Table, rows: &Rows<'_>) -> Vec<Remark> {
        let column = || self.feature.column.clone();
        let is_missing = |row: usize| self.cells.is_missing(row);
        let mut remarks = Vec::new();
        let other = || format!("{}=other", self.feature.column);
        let unknown = |row: usize| match &self.values {
            Values::Slots { codes, unknown, .. } => {
                codes[row] != MISSING && unknown[codes[row] as usize]
            }
            Values::Numbers { numbers, .. } => {
                matches!(self.feature.code, Code::YesNo { .. })
                    && numbers[row].is_nan()
                    && !is_missing(row)
            }
            Values::Bytes { .. } => false,
        };
        let any_unknown = match &self.values {
            Values::Slots { unknown, .. } => unknown.iter().any(|&unknown| unknown),
            Values::Numbers { .. } => true,
            Values::Bytes { .. } => false,
        };
        if let Some((count, row)) = any_unknown.then(|| count(rows, unknown)).flatten() {
            let is_slot = matches!(self.values, Values::Slots { .. });
            remarks.push(Remark::UnknownValue {
                column: column(),
                count,
                first: Place::new(table, row),
                value: self.cells.word(row),
                slot: is_slot.then(other),
            });
        }
        let absent = |row: usize| match &self.values {
            Values::Numbers { numbers, .. } => !numbers[row].is_finite() && !unknown(row),
            Values::Slots { codes, .. } => codes[row] == MISSING,
            Values::Bytes { .. } => false,
        };
        let newly = if self.feature.missing { None } else { count(rows, absent) };
        if let Some((count, row)) = newly {
            let replaced_by = match &self.feature.code {
                Code::Number { fill, .. } => fill.to_string(),
                Code::YesNo { fill, .. } => format!("the share of yes, {fill}"),
                Code::Category { .. } => format!("`{}`", other()),
            };
            let first = Place::new(table, row);
            remarks.push(Remark::NewlyMissing { column: column(), count, first, replaced_by });
        }
        remarks
    }
}

/// Counts the rows of which something is true, and names the first.
fn count(rows: &Rows<'_>, is: impl Fn(usize) -> bool) -> Option<(u64, usize)> {
    let mut found = (0..rows.len()).map(|place| rows.row(place)).filter(|&row| is(row));
    let first = found.next()?;
    Some((1 + found.count() as u64, first))
}
