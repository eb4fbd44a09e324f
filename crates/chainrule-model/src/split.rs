//! Which rows train and which validate.
//!
//! All splits are drawn from the seed's stream of splitting
//! ([`chainrule_engine::random::order`]), in whole numbers only: the same seed
//! gives the same split on any machine. Rows are divided
//! - by class, if there are classes: each part has its share of every class
//!   within one row, and a class of one row trains, in every fold;
//! - by group, if there are groups: none is divided;
//! - in order of time: the last rows validate, and each fold trains on all rows
//!   before those it validates.

use chainrule_engine::random::order;

use crate::error::Error;
use crate::remark::Remark;
use crate::schema::Schema;
use crate::table::Table;

/// Rows to train on and rows to validate on, each in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Rows that train.
    pub training: Vec<u32>,
    /// Rows that validate.
    pub validation: Vec<u32>,
}

/// Divides rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splitter<'a> {
    /// The rows to divide, in order.
    pub rows: &'a [u32],
    /// The class of each, in their order, numbered from 0 without gaps.
    pub classes: Option<Vec<u32>>,
    /// The group of each, likewise; classes are then of no matter.
    pub groups: Option<Vec<u32>>,
    /// Whether their order is one of time.
    pub ordered: bool,
    /// What random choice depends on.
    pub seed: u64,
}

impl<'a> Splitter<'a> {
    /// Makes a splitter that heeds the classes and groups of a schema; for rows
    /// in order of time set [`ordered`](Splitter::ordered).
    ///
    /// # Errors
    /// If the table lacks a column of the schema.
    pub fn of_table(
        schema: &Schema,
        table: &Table,
        rows: &'a [u32],
        seed: u64,
    ) -> Result<Splitter<'a>, Error> {
        let classes = schema.classes(table, rows)?;
        let groups = schema.groups(table, rows)?;
        Ok(Splitter { rows, classes, groups, ordered: false, seed })
    }

    /// Holds out a share of the rows for validation.
    ///
    /// # Errors
    /// If the share is not from 0 to below 1, or groups have an order of time.
    pub fn hold_out(&self, share: f64) -> Result<(Split, Vec<Remark>), Error> {
        if !(0.0..1.0).contains(&share) {
            return Err(Error::Share { found: share });
        }
        self.check()?;
        let wanted = share_of(self.rows.len(), share);
        let mut remarks = Vec::new();
        let validates: Vec<bool> = if self.ordered {
            let first = self.rows.len() - wanted;
            (0..self.rows.len()).map(|place| place >= first).collect()
        } else if let Some(groups) = &self.groups {
            let chosen = self.choose_groups(groups, wanted);
            let found = chosen.iter().filter(|&&chosen| chosen).count();
            if found.abs_diff(wanted) * 10 > wanted {
                remarks.push(Remark::UnevenGroups { found, wanted });
            }
            chosen
        } else {
            let members = self.members(&mut remarks);
            self.choose_of_each(&members, share)
        };
        Ok((self.split(|place| validates[place], |_| true), remarks))
    }

    /// Divides the rows into folds; each validates once.
    ///
    /// In order of time the rows are cut into one piece more than there are
    /// folds; the first only trains.
    ///
    /// # Errors
    /// If there are fewer rows or groups than folds, or less than two folds, or
    /// groups have an order of time.
    pub fn folds(&self, count: usize) -> Result<(Vec<Split>, Vec<Remark>), Error> {
        self.check()?;
        let mut remarks = Vec::new();
        let rows = self.rows.len();
        let check = |available, unit| {
            let possible = (2..=available).contains(&count);
            if possible { Ok(()) } else { Err(Error::Folds { found: count, available, unit }) }
        };
        if self.ordered {
            check(rows.saturating_sub(1), "rows in order")?;
            let size = rows / (count + 1);
            let splits = (0..count).map(|fold| {
                let start = rows - (count - fold) * size;
                let validates = start..start + size;
                self.split(|place| validates.contains(&place), |place| place < start)
            });
            return Ok((splits.collect(), remarks));
        }
        // The fold that a row validates in; a row without one always trains.
        let fold_of: Vec<Option<usize>> = if let Some(groups) = &self.groups {
            check(count_of(groups), "groups")?;
            deal_groups(groups, &self.group_order(groups), count)
        } else {
            let members = self.members(&mut remarks);
            check(members.iter().map(Vec::len).sum(), "rows")?;
            let mut fold_of = vec![None; rows];
            for (turn, &place) in members.iter().flatten().enumerate() {
                fold_of[place] = Some(turn % count);
            }
            fold_of
        };
        let split = |fold| self.split(|place| fold_of[place] == Some(fold), |_| true);
        Ok(((0..count).map(split).collect(), remarks))
    }

    fn check(&self) -> Result<(), Error> {
        if self.ordered && self.groups.is_some() { Err(Error::OrderedGroups) } else { Ok(()) }
    }

    fn split(&self, validates: impl Fn(usize) -> bool, trains: impl Fn(usize) -> bool) -> Split {
        let mut split = Split::default();
        for (place, &row) in self.rows.iter().enumerate() {
            if validates(place) {
                split.validation.push(row);
            } else if trains(place) {
                split.training.push(row);
            }
        }
        split
    }

    /// Returns the places of rows, in random order, class by class; those of
    /// classes with a single row are left out, and said so.
    fn members(&self, remarks: &mut Vec<Remark>) -> Vec<Vec<usize>> {
        let places = order(count32(self.rows.len()), self.seed);
        let places = places.into_iter().map(|place| place as usize);
        let Some(classes) = &self.classes else { return vec![places.collect()] };
        let mut members = vec![Vec::new(); count_of(classes)];
        for place in places {
            members[classes[place] as usize].push(place);
        }
        let single = members.iter().filter(|members| members.len() == 1).count();
        if single > 0 {
            remarks.push(Remark::SingleRowClasses { count: single });
        }
        members.retain(|members| members.len() > 1);
        members
    }

    /// Chooses a share of each class, so that the sum is that share of all.
    fn choose_of_each(&self, members: &[Vec<usize>], share: f64) -> Vec<bool> {
        let exact: Vec<f64> = members.iter().map(|members| members.len() as f64 * share).collect();
        let mut counts: Vec<usize> = exact.iter().map(|&exact| whole(exact.floor())).collect();
        let total = share_of(members.iter().map(Vec::len).sum(), share);
        let missing = total.saturating_sub(counts.iter().sum());
        // Those with the largest part left over get one more (Hamilton's method);
        // the first of equals.
        let mut by_rest: Vec<usize> = (0..members.len()).collect();
        let rest = |class: usize| exact[class] - counts[class] as f64;
        by_rest.sort_by(|&one, &other| rest(other).total_cmp(&rest(one)));
        for &class in by_rest.iter().take(missing) {
            counts[class] += 1;
        }
        let mut chosen = vec![false; self.rows.len()];
        for (members, count) in members.iter().zip(counts) {
            // A class must train before it can validate.
            for &place in members.iter().take(count.min(members.len().saturating_sub(1))) {
                chosen[place] = true;
            }
        }
        chosen
    }

    /// Chooses whole groups, so that their rows come near to a number.
    fn choose_groups(&self, groups: &[u32], wanted: usize) -> Vec<bool> {
        let sizes = sizes(groups);
        let mut chosen = vec![false; sizes.len()];
        let mut count = 0;
        for group in self.group_order(groups) {
            let with = count + sizes[group];
            // The last group left trains.
            if with.abs_diff(wanted) < wanted.abs_diff(count) && with < groups.len() {
                chosen[group] = true;
                count = with;
            }
        }
        groups.iter().map(|&group| chosen[group as usize]).collect()
    }

    fn group_order(&self, groups: &[u32]) -> Vec<usize> {
        let order = order(count32(count_of(groups)), self.seed);
        order.into_iter().map(|group| group as usize).collect()
    }
}

/// Gives each group to the fold that has the fewest rows yet, the largest
/// groups first; groups of equal size in random order.
fn deal_groups(groups: &[u32], order: &[usize], folds: usize) -> Vec<Option<usize>> {
    let sizes = sizes(groups);
    let mut order = order.to_vec();
    order.sort_by_key(|&group| std::cmp::Reverse(sizes[group]));
    let mut filled = vec![0; folds];
    let mut fold_of = vec![0; sizes.len()];
    for group in order {
        let least = (0..folds).min_by_key(|&fold| filled[fold]).unwrap_or(0);
        filled[least] += sizes[group];
        fold_of[group] = least;
    }
    groups.iter().map(|&group| Some(fold_of[group as usize])).collect()
}

fn sizes(groups: &[u32]) -> Vec<usize> {
    let mut sizes = vec![0; count_of(groups)];
    for &group in groups {
        sizes[group as usize] += 1;
    }
    sizes
}

fn count_of(numbers: &[u32]) -> usize {
    numbers.iter().max().map_or(0, |&most| most as usize + 1)
}

fn count32(count: usize) -> u32 {
    u32::try_from(count).expect("rows are numbered with 32 bits")
}

fn share_of(rows: usize, share: f64) -> usize {
    whole((rows as f64 * share).round()).min(rows.saturating_sub(1))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of rows"
)]
fn whole(number: f64) -> usize {
    number as usize
}
