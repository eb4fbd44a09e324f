//! Which rows of a stream validate.

use std::ops::Range;

use crate::cell::mixed;
use crate::error::Error;
use crate::schema::{Role, Schema, find};
use crate::table::Table;

/// Tells for each row what it does.
#[derive(Clone, Debug)]
pub(super) struct Picker {
    seed: u64,
    /// Keys below validate.
    validates: u64,
    /// Of the others, keys below are a sample.
    sampled: u64,
    /// In order of time: rows from here on validate, whatever their key.
    last: Option<u64>,
    group: Option<String>,
}

/// The rows of a part of the table, by what they do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Picked {
    pub(super) training: Vec<u32>,
    pub(super) validation: Vec<u32>,
    /// Training rows that are a sample of all.
    pub(super) sample: Vec<u32>,
}

impl Picker {
    pub(super) fn new(
        schema: &Schema,
        seed: u64,
        rows: u64,
        validation: f64,
        sample: f64,
        is_ordered: bool,
    ) -> Result<Picker, Error> {
        let group = schema.columns.iter().find(|plan| plan.role == Role::Group);
        if is_ordered && group.is_some() {
            return Err(Error::OrderedGroups);
        }
        let share = if is_ordered { 0.0 } else { validation };
        Ok(Picker {
            seed: mixed(seed),
            validates: key_of(share),
            sampled: key_of(share + sample),
            last: is_ordered.then(|| rows - whole(rows as f64 * validation)),
            group: group.map(|plan| plan.name.clone()),
        })
    }

    /// Divides the rows of a part; `numbers` are their numbers in the file.
    pub(super) fn pick(
        &self,
        schema: &Schema,
        table: &Table,
        numbers: Range<u64>,
    ) -> Result<Picked, Error> {
        let group = match &self.group {
            None => None,
            Some(name) => Some(&find(table, name)?.cells),
        };
        let mut picked = Picked::default();
        for row in schema.labelled(table)? {
            let number = numbers.start + u64::from(row);
            let group = group.filter(|cells| !cells.is_missing(row as usize));
            let of_row = mixed(self.seed ^ number);
            // A group stays together; rows without one are one each.
            let key = match group {
                Some(cells) => {
                    let word = cells.word(row as usize);
                    mixed(self.seed ^ u64::from(crc32fast::hash(word.as_bytes())))
                }
                None => of_row,
            };
            let validates = match self.last {
                Some(last) => number >= last,
                None => key < self.validates,
            };
            if validates {
                picked.validation.push(row);
            } else {
                picked.training.push(row);
                if group.map_or(key, |_| of_row) < self.sampled {
                    picked.sample.push(row);
                }
            }
        }
        Ok(picked)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 64 bits")]
fn key_of(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 2f64.powi(64)) as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of rows"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
