//! One column's part in training, and why.

use std::fmt::Write;

use serde::Serialize;

use crate::place::shown;

/// What a column is, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The column.
    pub name: String,
    /// Its part in training.
    pub role: Role,
    /// What its cells are; of no matter for the group and for columns left out.
    pub kind: Kind,
    /// Why.
    pub reason: Reason,
    /// How many of its cells are missing.
    pub missing: u64,
}

/// A column's part in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An input is made of it.
    Feature,
    /// It is predicted.
    Target,
    /// It keeps rows together in splits.
    Group,
    /// It is not used.
    Dropped,
}

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Numbers that say how much.
    Number,
    /// Names of one of several things.
    Category,
    /// Two words, or 0 and 1.
    YesNo {
        /// The word that means no.
        no: String,
        /// The word that means yes.
        yes: String,
    },
}

/// Why a column is what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Reason {
    /// The user left it out.
    Asked,
    /// The user named it as the group.
    Group,
    /// All cells are numbers.
    Numbers {
        /// The least of them.
        least: f64,
        /// The greatest.
        greatest: f64,
    },
    /// Few different values.
    Values {
        /// How many.
        distinct: u64,
    },
    /// Two values that say yes and no.
    TwoValues,
    /// A target of whole numbers, few of them different, or of two numbers.
    NumbersAsClasses {
        /// How many are different.
        distinct: u64,
    },
    /// One of several targets of which exactly one is 1 in each row.
    OneOf {
        /// How many these are.
        columns: usize,
    },
    /// No cell holds anything.
    AllMissing,
    /// All cells are the same.
    Constant {
        /// What they hold.
        value: String,
    },
    /// Text with too many different values to be categories.
    FreeText {
        /// How many.
        distinct: u64,
        /// Whether there are more that were not counted.
        more: bool,
        /// In how many rows.
        rows: u64,
    },
    /// Whole numbers that go up by one from row to row.
    RowNumber,
    /// A name like `id` and never a value twice.
    Identifier,
}

impl Plan {
    /// Says why the column is left out, if it is.
    pub fn why_left_out(&self) -> String {
        left_out(&self.reason)
    }

    /// Says in a sentence what the column is and why.
    pub fn sentence(&self) -> String {
        let name = format!("`{}`", shown(&self.name));
        let mut text = match (self.role, &self.reason) {
            (Role::Group, _) => return format!("{name}: group, its rows stay together"),
            (Role::Dropped, reason) => return format!("{name} left out: {}", left_out(reason)),
            (Role::Feature, _) => format!("{name}: "),
            (Role::Target, _) => format!("{name}: target, "),
        };
        text.push_str(&match (&self.reason, &self.kind) {
            (Reason::OneOf { columns }, _) => {
                format!("one of {columns} classes, of which each row has one")
            }
            (Reason::NumbersAsClasses { distinct }, _) => {
                format!(
                    "{distinct} different numbers taken as classes; \
                     `--task regression` takes them as numbers"
                )
            }
            (_, Kind::YesNo { no, yes }) => {
                format!("yes/no, `{}` is 0 and `{}` is 1", shown(no), shown(yes))
            }
            (Reason::Values { distinct }, _) => {
                let what = if self.role == Role::Target { "class" } else { "value" };
                let category = if self.role == Role::Target { "" } else { "category, " };
                format!("{category}{distinct} {what}{}", plural(*distinct, what))
            }
            (Reason::Numbers { least, greatest }, _) => format!("number, {least} to {greatest}"),
            (_, Kind::Number) => "number".to_string(),
            (_, Kind::Category) => "category".to_string(),
        });
        if self.missing > 0 {
            let _ = write!(text, ", {} missing", self.missing);
        }
        text
    }
}

fn plural(count: u64, word: &str) -> &'static str {
    match (count, word.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    }
}

fn left_out(reason: &Reason) -> String {
    match reason {
        Reason::AllMissing => "all its cells are missing".to_string(),
        Reason::Constant { value } => format!("it is `{}` in every row", shown(value)),
        Reason::FreeText { distinct, more, rows } => {
            let over = if *more { "more than " } else { "" };
            format!("text, {over}{distinct} different values in {rows} rows")
        }
        Reason::RowNumber => "it only counts the rows".to_string(),
        Reason::Identifier => "its name and values are those of an identifier".to_string(),
        _ => "asked for".to_string(),
    }
}
