//! What can be wrong with the columns of a table, with the place and the
//! remedy.

use crate::place::{Place, listed};

/// Why a table cannot be learned from, split or encoded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option names a column that is not there.
    #[error("{file} has no column `{column}` ({wanted_as}); it has {}", listed(columns))]
    NoSuchColumn {
        /// The table.
        file: String,
        /// The name asked for.
        column: String,
        /// What it was to be: `the target`.
        wanted_as: &'static str,
        /// Names that are written nearly so.
        nearest: Vec<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// Nobody said what is to be predicted.
    #[error("no target column is named; {file} has the columns {}", listed(columns))]
    NoTarget {
        /// The table.
        file: String,
        /// All columns.
        columns: Vec<String>,
    },
    /// Two options that want different things of one column.
    #[error("column `{column}` is both {one} and {other}")]
    TwoRoles {
        /// The column.
        column: String,
        /// What one option says.
        one: &'static str,
        /// What the other says.
        other: &'static str,
    },
    /// Nothing is left to learn from.
    #[error("no column of {file} is left to learn from{}", reasons(dropped))]
    NoFeatures {
        /// The table.
        file: String,
        /// A sentence for each column that was left out.
        dropped: Vec<String>,
    },
    /// Too few rows with a target.
    #[error(
        "{file} has {found} row{} with a target, training needs at least {needed}",
        if *found == 1 { "" } else { "s" }
    )]
    TooFewRows {
        /// The table.
        file: String,
        /// How many rows there are.
        found: usize,
        /// How many there should be.
        needed: usize,
    },
    /// A target that is the same in all rows.
    #[error("there is nothing to learn: the target `{column}` is `{value}` in every row of {file}")]
    SingleValue {
        /// The table.
        file: String,
        /// The target.
        column: String,
        /// Its one value.
        value: String,
    },
    /// Text where a number should be.
    #[error(
        "{place}: column `{column}` holds `{found}`, expected a number{}",
        others(*count)
    )]
    NotANumber {
        /// The first such cell.
        place: Place,
        /// The column.
        column: String,
        /// What the cell holds.
        found: String,
        /// How many such cells there are.
        count: u64,
    },
    /// An infinite number in data to learn from.
    #[error("{place}: column `{column}` holds `{found}`, expected a finite number")]
    NotFinite {
        /// The first such cell.
        place: Place,
        /// The column.
        column: String,
        /// The number.
        found: f64,
    },
    /// A cell of a yes/no target that is neither.
    #[error("target `{column}` has {values} different values, expected two: yes and no")]
    NotYesNo {
        /// The column.
        column: String,
        /// How many values it has.
        values: usize,
    },
    /// A target of text with too many values to be classes.
    #[error(
        "target `{column}` has {classes} different values in {rows} rows: these are no classes"
    )]
    TooManyClasses {
        /// The column.
        column: String,
        /// How many values it has.
        classes: usize,
        /// How many rows have a target.
        rows: u64,
    },
    /// Several targets that one network cannot have together.
    #[error("one network cannot learn `{one}` ({one_is}) together with `{other}` ({other_is})")]
    MixedTargets {
        /// One of them.
        one: String,
        /// What it holds: `numbers`.
        one_is: &'static str,
        /// Another.
        other: String,
        /// What that holds.
        other_is: &'static str,
    },
    /// A table to encode lacks a column that the model was trained with.
    #[error(
        "{file} has no column `{column}`, which the model was trained with; it has {}",
        listed(columns)
    )]
    MissingColumn {
        /// The table.
        file: String,
        /// The column.
        column: String,
        /// Names that are written nearly so.
        nearest: Vec<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// Parts of a table that do not have the same columns.
    #[error("{file}: column {number} is `{found}`, expected `{expected}` as in the rows before")]
    ChangedColumn {
        /// The table.
        file: String,
        /// Which column, from 1.
        number: usize,
        /// Its name now.
        found: String,
        /// Its name before.
        expected: String,
    },
    /// A share of rows that is no share.
    #[error("the share of validation rows is {found}, expected a number from 0 to below 1")]
    Share {
        /// The number given.
        found: f64,
    },
    /// More folds than can be made.
    #[error("{found} folds cannot be made of {available} {unit}, expected 2 to {available}")]
    Folds {
        /// The number of folds asked for.
        found: usize,
        /// How many there are to divide.
        available: usize,
        /// What is divided: `rows`, or `groups`.
        unit: &'static str,
    },
    /// Two ways of splitting that exclude each other.
    #[error("rows in order of time cannot also be kept together in groups")]
    OrderedGroups,
    /// An encoder read from a file that no training can have made.
    #[error("the stored encoder is damaged: {reason}")]
    Stored {
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Returns the same of a table that has more columns than were read: all of these.
    #[must_use]
    pub fn among(self, all: &[String]) -> Error {
        match self {
            Error::MissingColumn { file, column, .. } => Error::missing(file, column, all.to_vec()),
            error => error,
        }
    }

    /// Makes the error of a column that is not among those of a table.
    pub(crate) fn missing(file: String, column: String, columns: Vec<String>) -> Error {
        let nearest = chainrule::spelling::nearest(&column, columns.iter().cloned());
        Error::MissingColumn { file, column, nearest, columns }
    }

    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Error::NoSuchColumn { nearest, .. } | Error::MissingColumn { nearest, .. }
                if !nearest.is_empty() =>
            {
                format!("did you mean {}?", listed(nearest))
            }
            Error::NoSuchColumn { .. } => "names must be as in the header".to_string(),
            Error::MissingColumn { .. } => {
                "add the column; its cells may be left empty".to_string()
            }
            Error::NoTarget { .. } => "name what is to be predicted: `--target COLUMN`".to_string(),
            Error::TwoRoles { .. } => "leave out one of the two options".to_string(),
            Error::NoFeatures { .. } => {
                "keep one with `--numeric COLUMN` or `--categorical COLUMN`".to_string()
            }
            Error::TooFewRows { .. } => "give more rows".to_string(),
            Error::SingleValue { .. } => {
                "choose another target, or add rows with other values of it".to_string()
            }
            Error::NotANumber { column, found, .. } => format!(
                "correct the cell, declare it missing with `--missing {found}`, \
                 or take the column as categories with `--categorical {column}` \
                 or not at all with `--drop {column}`"
            ),
            Error::NotFinite { .. } => "correct the cell, or leave it empty".to_string(),
            Error::NotYesNo { .. } => {
                "several targets are all yes/no (multi-label) or all numbers (regression)"
                    .to_string()
            }
            Error::TooManyClasses { column, .. } => {
                format!("choose another target, or force classes with `--categorical {column}`")
            }
            Error::MixedTargets { .. } => "train a model for each of them".to_string(),
            Error::ChangedColumn { .. } => "all parts need the same header".to_string(),
            Error::Share { .. } => "0.2 holds out a fifth of the rows".to_string(),
            Error::Folds { .. } => "choose another number of folds".to_string(),
            Error::OrderedGroups => "leave out one of the two options".to_string(),
            Error::Stored { .. } => "train the model again, or take an undamaged copy".to_string(),
        })
    }
}

fn others(count: u64) -> String {
    match count {
        0 | 1 => String::new(),
        2 => " (and one more such cell)".to_string(),
        count => format!(" (and {} more such cells)", count - 1),
    }
}

fn reasons(dropped: &[String]) -> String {
    match dropped {
        [] => String::new(),
        dropped => format!(": {}", dropped.join("; ")),
    }
}
