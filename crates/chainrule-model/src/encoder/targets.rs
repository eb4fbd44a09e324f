//! Rows of a table as targets of a network, and as the true answers that
//! predictions are measured by.

use std::borrow::Cow;

use chainrule_engine::real::Real;

use super::{Rows, Target};
use crate::cell::{Lookup, Words, yes_no_cells};
use crate::error::Error;
use crate::place::Place;
use crate::remark::Remark;
use crate::schema::find;
use crate::table::{Column, Table};

/// The class of a row that has none, or one that training never saw.
const NONE: u32 = u32::MAX;

/// The target columns of a table.
#[derive(Debug)]
pub struct Targets<'a> {
    target: &'a Target,
    table: &'a Table,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    Classes(Vec<u32>),
    /// Column by column; NaN where one is missing.
    Numbers(Vec<Cow<'a, [f64]>>),
}

impl<'a> Targets<'a> {
    pub(super) fn new(target: &'a Target, table: &'a Table) -> Result<Targets<'a>, Error> {
        let values = match target {
            Target::Classes { column, labels } => {
                let words = Words::new(&find(table, column)?.cells);
                let lookup = Lookup::new(labels);
                let classes: Vec<u32> =
                    words.list.iter().map(|word| lookup.find(word).unwrap_or(NONE)).collect();
                let class = |row| words.code(row).map_or(NONE, |code| classes[code]);
                Values::Classes((0..table.rows()).map(class).collect())
            }
            Target::OneHot { labels } => {
                let mut classes = vec![NONE; table.rows()];
                let mut ones = vec![0_usize; table.rows()];
                for (class, label) in (0..).zip(labels) {
                    let cells = &find(table, label)?.cells;
                    for row in 0..table.rows() {
                        match cells.number(row) {
                            Some(1.0) => {
                                classes[row] = class;
                                ones[row] += 1;
                            }
                            Some(0.0) => {}
                            // Neither a class nor none: the row has no answer.
                            _ => ones[row] += 2,
                        }
                    }
                }
                let is_one = |(class, ones)| if ones == 1 { class } else { NONE };
                Values::Classes(classes.into_iter().zip(ones).map(is_one).collect())
            }
            Target::Numbers { quantities } => {
                let numbers = quantities.iter().map(|quantity| {
                    let cells = &find(table, &quantity.column)?.cells;
                    cells.to_numbers(table, &quantity.column)
                });
                Values::Numbers(numbers.collect::<Result<_, _>>()?)
            }
            Target::YesNo { answers } => {
                let numbers = answers.iter().map(|answer| {
                    let cells = &find(table, &answer.column)?.cells;
                    Ok(Cow::Owned(yes_no_cells(cells, &answer.no, &answer.yes)))
                });
                Values::Numbers(numbers.collect::<Result<_, _>>()?)
            }
        };
        Ok(Targets { target, table, values })
    }

    /// Returns which of some rows have an answer to measure by: every target is
    /// there, and finite, and its class is one of the training rows.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn known<'r>(&self, rows: impl Into<Rows<'r>>) -> (Vec<u32>, Vec<Remark>) {
        let rows = rows.into();
        let (mut known, mut missing, mut unknown) = (Vec::new(), None, None);
        for place in 0..rows.len() {
            let row = rows.row(place);
            let is_known = match &self.values {
                Values::Classes(classes) => classes[row] != NONE,
                Values::Numbers(columns) => columns.iter().all(|column| column[row].is_finite()),
            };
            if is_known {
                known.push(u32::try_from(row).expect("rows are numbered with 32 bits"));
            } else if let Some(column) = self.odd_column(row) {
                unknown.get_or_insert((0_u64, row, column)).0 += 1;
            } else {
                missing.get_or_insert((0_u64, row)).0 += 1;
            }
        }
        let mut remarks = Vec::new();
        if let Some((count, row)) = missing {
            remarks.push(Remark::Unlabelled { count, first: Place::new(self.table, row) });
        }
        if let Some((count, row, column)) = unknown {
            let (name, value) = (column.name.clone(), column.cells.word(row));
            let first = Place::new(self.table, row);
            remarks.push(Remark::UnknownClass { column: name, count, first, value });
        }
        (known, remarks)
    }

    /// Returns a target column that holds something in a row without an answer,
    /// or nothing if one is missing.
    fn odd_column(&self, row: usize) -> Option<&'a Column> {
        let columns = self.target.columns();
        let found = columns.into_iter().filter_map(|name| self.table.column(name));
        let found: Vec<&Column> = found.collect();
        let any_missing = found.iter().any(|column| column.cells.is_missing(row));
        if any_missing { None } else { found.first().copied() }
    }

    /// Encodes rows into a new matrix.
    ///
    /// A class is 1 among zeros, or, with one output, 0 or 1.
    ///
    /// # Shapes
    /// - the result: (rows, outputs), row after row
    ///
    /// # Panics
    /// If there is no such row, or it has no [known](Targets::known) answer.
    pub fn encode<'r, T: Real>(&self, rows: impl Into<Rows<'r>>) -> Vec<T> {
        let rows = rows.into();
        let outputs = self.target.outputs();
        let mut matrix = vec![T::ZERO; rows.len() * outputs];
        for (place, targets) in matrix.chunks_exact_mut(outputs.max(1)).enumerate() {
            let row = rows.row(place);
            match &self.values {
                Values::Classes(classes) => {
                    let class = classes[row];
                    assert_ne!(class, NONE, "a row to learn from has a known class");
                    match targets {
                        [second] => *second = T::from_f64(f64::from(class)),
                        targets => targets[class as usize] = T::ONE,
                    }
                }
                Values::Numbers(columns) => {
                    for (output, (target, column)) in targets.iter_mut().zip(columns).enumerate() {
                        assert!(column[row].is_finite(), "a row to learn from has its targets");
                        *target = T::from_f64(match self.target {
                            Target::Numbers { quantities } => {
                                quantities[output].encode(column[row])
                            }
                            _ => column[row],
                        });
                    }
                }
            }
        }
        matrix
    }

    /// Returns the true class of rows; nothing where no single class is
    /// learned.
    ///
    /// # Panics
    /// If there is no such row, or it has no [known](Targets::known) answer.
    pub fn classes<'r>(&self, rows: impl Into<Rows<'r>>) -> Vec<usize> {
        let rows = rows.into();
        let Values::Classes(classes) = &self.values else { return Vec::new() };
        (0..rows.len())
            .map(|place| {
                let class = classes[rows.row(place)];
                assert_ne!(class, NONE, "a row to measure by has a known class");
                class as usize
            })
            .collect()
    }

    /// Returns the true numbers of rows, in the user's units, or 0 and 1 for no
    /// and yes; nothing where a class is learned.
    ///
    /// # Shapes
    /// - the result: (rows, targets), row after row
    ///
    /// # Panics
    /// If there is no such row.
    pub fn numbers<'r>(&self, rows: impl Into<Rows<'r>>) -> Vec<f64> {
        let rows = rows.into();
        let Values::Numbers(columns) = &self.values else { return Vec::new() };
        let numbers =
            (0..rows.len()).flat_map(|place| columns.iter().map(move |column| (place, column)));
        numbers.map(|(place, column)| column[rows.row(place)]).collect()
    }
}
