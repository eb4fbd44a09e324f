//! What should be said of a table, though it stops nothing: as data, each kind
//! with its fields and its sentence. Only the command line prints them.

use std::fmt;

use serde::Serialize;

use crate::place::{Place, listed, shown};
use crate::schema::Plan;

/// Something worth saying of columns, rows or a split.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "remark", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Remark {
    /// A column without a name got one.
    MadeUpName {
        /// The line of the header.
        line: u64,
        /// The name.
        name: String,
    },
    /// A column of digits is text because of a leading zero.
    LeadingZeros {
        /// The column.
        column: String,
        /// The first such line.
        line: u64,
        /// The first such cell.
        value: String,
    },
    /// What a column was taken for.
    Column(Plan),
    /// Targets of which exactly one is 1 in each row: each is a class.
    OneHotTargets {
        /// Their names.
        columns: Vec<String>,
    },
    /// Columns left out because they are the same in every row.
    ConstantColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Rows left out because a target is missing.
    Unlabelled {
        /// How many.
        count: u64,
        /// The first of them.
        first: Place,
    },
    /// Rows left out because training rows had no such class.
    UnknownClass {
        /// The target.
        column: String,
        /// How many rows.
        count: u64,
        /// The first of them.
        first: Place,
        /// The class it has.
        value: String,
    },
    /// A number beside which others vanish.
    Huge {
        /// Its column.
        column: String,
        /// Where it stands.
        place: Place,
        /// The number.
        value: f64,
    },
    /// A target that is learned by its logarithm.
    LogTarget {
        /// The target.
        column: String,
        /// `log(x)` or `log(1 + x)`.
        formula: &'static str,
        /// How skewed it is: 0 is even, 2 an exponential distribution.
        skewness: f64,
        /// How skewed the logarithm is.
        skewness_after: f64,
    },
    /// Values in few rows, which share a slot.
    RareValues {
        /// The column.
        column: String,
        /// How many values.
        values: usize,
        /// In how many rows together.
        rows: u64,
        /// In fewer rows than this a value is rare.
        least: u64,
    },
    /// Quantiles found from a part of the rows.
    Sampled {
        /// How many rows were used.
        rows: usize,
        /// How many there are.
        of: u64,
    },
    /// A word that training rows did not have.
    UnknownValue {
        /// The column.
        column: String,
        /// How many cells.
        count: u64,
        /// The first of them.
        first: Place,
        /// What it holds.
        value: String,
        /// The input that stands for it, or nothing if the cell counts as
        /// missing.
        slot: Option<String>,
    },
    /// Missing or infinite cells in a column in which training rows had none
    /// missing.
    NewlyMissing {
        /// The column.
        column: String,
        /// How many cells.
        count: u64,
        /// The first of them.
        first: Place,
        /// What is put in their place.
        replaced_by: String,
    },
    /// A class with so few rows that it cannot be validated.
    LonelyClass {
        /// The target.
        column: String,
        /// The class.
        class: String,
        /// Its only row.
        place: Place,
    },
    /// A class with most of the rows.
    Imbalanced {
        /// The target.
        column: String,
        /// The class.
        class: String,
        /// Its share of the rows.
        share: f64,
    },
    /// A feature that gives the target away.
    Leak {
        /// The feature.
        feature: String,
        /// The target.
        target: String,
        /// How.
        how: Giveaway,
    },
    /// Equal rows on both sides of a split.
    DuplicateRows {
        /// How many validation rows are also among the training rows.
        count: u64,
        /// The first of them.
        validation: Place,
        /// A training row that equals it.
        training: Place,
    },
    /// More inputs than rows to learn from.
    MoreInputsThanRows {
        /// How many inputs.
        inputs: usize,
        /// How many training rows.
        rows: usize,
    },
    /// Classes with one row, which all go to training.
    SingleRowClasses {
        /// How many.
        count: usize,
    },
    /// Groups so large that the share asked for cannot be met.
    UnevenGroups {
        /// The rows held out.
        found: usize,
        /// The rows that were asked for.
        wanted: usize,
    },
}

/// How a feature gives the target away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Giveaway {
    /// Its cells are the target's.
    Equal,
    /// Each of its values belongs to one class, and each class to one value.
    OneToOne,
    /// The two lie on a line.
    Correlated {
        /// The correlation, −1 to 1.
        correlation: f64,
    },
}

impl Remark {
    /// Takes up a remark on a later part of the same table, if it says the same
    /// of the same column; tells whether it does.
    pub fn take_up(&mut self, later: &Remark) -> bool {
        let ((column, count), (other, more)) = match (self, later) {
            (
                Remark::UnknownValue { column, count, .. },
                Remark::UnknownValue { column: other, count: more, .. },
            )
            | (
                Remark::NewlyMissing { column, count, .. },
                Remark::NewlyMissing { column: other, count: more, .. },
            ) => ((column, count), (other, more)),
            _ => return false,
        };
        let is_same = column == other;
        if is_same {
            *count += more;
        }
        is_same
    }
}

impl fmt::Display for Remark {
    #[expect(clippy::too_many_lines, reason = "a sentence for each remark")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::MadeUpName { line, name } => {
                write!(f, "line {line}: a column without a name is called `{name}`")
            }
            Remark::LeadingZeros { column, line, value } => write!(
                f,
                "column `{column}` is read as text, not as numbers: line {line} holds `{value}` \
                 (`--numeric '{column}'` changes that)"
            ),
            Remark::Column(plan) => f.write_str(&plan.sentence()),
            Remark::OneHotTargets { columns } => write!(
                f,
                "the targets are {} classes: exactly one of {} is 1 in each row; \
                 `--task multi-label` takes them apart",
                columns.len(),
                listed(columns)
            ),
            Remark::ConstantColumns { columns } => write!(
                f,
                "{} columns left out, each the same in every row: {}",
                columns.len(),
                listed(columns)
            ),
            Remark::Unlabelled { count, first } => {
                write!(f, "{} left out, the target is missing; first {first}", rows(*count))
            }
            Remark::UnknownClass { column, count, first, value } => write!(
                f,
                "{} left out, training had no such class of `{column}`; first {first}: `{}`",
                rows(*count),
                shown(value)
            ),
            Remark::Huge { column, place, value } => write!(
                f,
                "{place}: column `{column}` holds {value:e}; beside it other values look all the \
                 same, so correct the cell, or scale by quantiles"
            ),
            Remark::LogTarget { column, formula, skewness, skewness_after } => write!(
                f,
                "target `{column}` is learned as {formula}: its skewness is {skewness:.1}, \
                 that of the logarithm {skewness_after:.1}; predictions are in its own units"
            ),
            Remark::RareValues { column, values, rows: count, least } => write!(
                f,
                "`{column}`: {values} value{} in fewer than {least} rows ({} together) \
                 count{} as `{column}=other`",
                if *values == 1 { "" } else { "s" },
                rows(*count),
                if *values == 1 { "s" } else { "" },
            ),
            Remark::Sampled { rows, of } => {
                write!(f, "medians and quantiles are those of {rows} rows picked from {of}")
            }
            Remark::UnknownValue { column, count, first, value, slot } => {
                let effect = match slot {
                    Some(slot) => format!("counts as `{slot}`"),
                    None => "counts as missing".to_string(),
                };
                write!(
                    f,
                    "{first}: column `{column}` holds `{}`, unknown from training, and {effect}{}",
                    shown(value),
                    more(*count)
                )
            }
            Remark::NewlyMissing { column, count, first, replaced_by } => write!(
                f,
                "{first}: column `{column}` is missing or infinite, which training rows never \
                 were; {replaced_by} is taken instead{}",
                more(*count)
            ),
            Remark::LonelyClass { column, class, place } => {
                write!(f, "{place}: the only row in which `{column}` is `{}`", shown(class))
            }
            Remark::Imbalanced { column, class, share } => write!(
                f,
                "`{column}` is `{}` in {:.1} % of the rows: always saying so is right as often",
                shown(class),
                100.0 * share
            ),
            Remark::Leak { feature, target, how } => {
                let known =
                    format!("leave it out with `--drop {feature}` unless it is known beforehand");
                write!(f, "column `{feature}` {}: {known}", how.phrase(target))
            }
            Remark::DuplicateRows { count, validation, training } => write!(
                f,
                "{} of the validation part also among the training rows; first {validation}, \
                 equal to {training}",
                rows(*count)
            ),
            Remark::MoreInputsThanRows { inputs, rows: count } => {
                write!(f, "{inputs} inputs but {}: expect overfitting", rows(*count as u64))
            }
            Remark::SingleRowClasses { count } => match count {
                1 => f.write_str("one class has a single row, which goes to training"),
                count => write!(f, "{count} classes have a single row each, all go to training"),
            },
            Remark::UnevenGroups { found, wanted } => write!(
                f,
                "{} held out instead of {wanted}: groups stay together",
                rows(*found as u64)
            ),
        }
    }
}

impl Giveaway {
    fn phrase(self, target: &str) -> String {
        match self {
            Giveaway::Equal => format!("equals the target `{target}`"),
            Giveaway::OneToOne => format!("names the classes of `{target}` in other words"),
            Giveaway::Correlated { correlation } => {
                format!("is the target `{target}` in another unit (correlation {correlation:.6})")
            }
        }
    }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_string() } else { format!("{count} rows") }
}

fn more(count: u64) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(" ({count} such cells)"),
    }
}
