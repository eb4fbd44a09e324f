//! What each column of a table is: a feature, a target, the group or nothing,
//! and whether it holds numbers, categories or yes and no; with the reason for
//! each, in words.
//!
//! Types are read off all rows: that a column holds numbers gives nothing away
//! about single rows. What is *computed* from rows (means, categories, labels)
//! belongs to the [`encoder`](crate::encoder), which sees training rows only.
//!
//! ```
//! use chainrule_model::schema::{Choices, Schema, Task};
//! use chainrule_model::table::{Cells, Column, Lines, Table, Text};
//!
//! let column = |name: &str, cells| Column { name: name.to_string(), cells };
//! let words = ["kiwi", "pear"].map(String::from).to_vec();
//! let table = Table {
//!     name: "fruit.csv".to_string(),
//!     columns: vec![
//!         column("weight", Cells::Numbers(vec![75.0, 180.0, 80.0, 166.0])),
//!         column("price", Cells::Numbers(vec![0.5; 4])),
//!         column("fruit", Cells::Text(Text { words, codes: vec![0, 1, 0, 1] })),
//!     ],
//!     lines: Lines::From(2),
//! };
//! let choices = Choices { targets: vec!["fruit".to_string()], ..Choices::default() };
//! let schema = Schema::new(&table, &choices)?;
//! assert_eq!(schema.task, Task::Classification);
//! let said: Vec<String> = schema.columns.iter().map(|column| column.sentence()).collect();
//! assert_eq!(said, [
//!     "`weight`: number, 75 to 180",
//!     "`price` left out: it is `0.5` in every row",
//!     "`fruit`: target, 2 classes",
//! ]);
//! # Ok::<(), chainrule_model::error::Error>(())
//! ```

mod choices;
mod infer;
mod plan;
mod survey;

use std::collections::HashMap;

use crate::error::Error;
use crate::place::Place;
use crate::remark::Remark;
use crate::table::{Cells, Column, Table};

pub use choices::{Choices, Task};
pub use plan::{Kind, Plan, Reason, Role};
pub use survey::Survey;
pub(crate) use survey::{has_leading_zero, number};

/// What is learned from which columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// What kind of answer is learned.
    pub task: Task,
    /// Whether several targets are one class between them: in each row exactly
    /// one of them is 1.
    pub one_hot: bool,
    /// Every column of the table, in its order.
    pub columns: Vec<Plan>,
    /// How many rows have a missing target, and the first of them.
    pub unlabelled: Option<(u64, Place)>,
    /// Numbers so large that their squares are none.
    pub huge: Vec<(String, Place, f64)>,
}

impl Schema {
    /// Decides on the columns of a table in memory.
    ///
    /// # Errors
    /// If an option names no column, the target cannot be learned, a column of
    /// numbers holds text, or no feature is left.
    pub fn new(table: &Table, choices: &Choices) -> Result<Schema, Error> {
        let mut survey = Survey::new(choices);
        survey.add(table)?;
        Schema::of_survey(&survey, choices)
    }

    /// Decides on the columns of a table that was surveyed part by part.
    ///
    /// # Errors
    /// As [`Schema::new`].
    pub fn of_survey(survey: &Survey, choices: &Choices) -> Result<Schema, Error> {
        infer::infer(survey, choices)
    }

    /// Returns the features, in the order of the table.
    pub fn features(&self) -> impl Iterator<Item = &Plan> {
        self.columns.iter().filter(|plan| plan.role == Role::Feature)
    }

    /// Returns the targets, in the order of the table.
    pub fn targets(&self) -> impl Iterator<Item = &Plan> {
        self.columns.iter().filter(|plan| plan.role == Role::Target)
    }

    /// Returns the rows in which every target is there.
    ///
    /// # Errors
    /// If the table lacks a target column.
    pub fn labelled(&self, table: &Table) -> Result<Vec<u32>, Error> {
        let mut there = vec![true; table.rows()];
        for target in self.targets() {
            let cells = &find(table, &target.name)?.cells;
            for (row, there) in there.iter_mut().enumerate() {
                *there &= !cells.is_missing(row);
            }
        }
        Ok((0..).zip(there).filter_map(|(row, there)| there.then_some(row)).collect())
    }

    /// Returns for each of some rows the number of its class, so that a split
    /// can keep their shares; nothing where no single class is learned.
    ///
    /// # Errors
    /// If the table lacks a target column.
    pub fn classes(&self, table: &Table, rows: &[u32]) -> Result<Option<Vec<u32>>, Error> {
        if self.task != Task::Classification {
            return Ok(None);
        }
        if !self.one_hot {
            let Some(target) = self.targets().next() else { return Ok(None) };
            return Ok(Some(numbered(&find(table, &target.name)?.cells, rows)));
        }
        let mut classes = vec![0; rows.len()];
        for (number, target) in (0..).zip(self.targets()) {
            let cells = &find(table, &target.name)?.cells;
            for (class, &row) in classes.iter_mut().zip(rows) {
                if cells.number(row as usize) == Some(1.0) {
                    *class = number;
                }
            }
        }
        Ok(Some(classes))
    }

    /// Returns for each of some rows the number of its group, where a group
    /// column was named. Rows without a group are one each.
    ///
    /// # Errors
    /// If the table lacks the column.
    pub fn groups(&self, table: &Table, rows: &[u32]) -> Result<Option<Vec<u32>>, Error> {
        let Some(group) = self.columns.iter().find(|plan| plan.role == Role::Group) else {
            return Ok(None);
        };
        let cells = &find(table, &group.name)?.cells;
        let mut numbers = numbered(cells, rows);
        let mut next = numbers.iter().max().map_or(0, |&most| most + 1);
        for (number, &row) in numbers.iter_mut().zip(rows) {
            if cells.is_missing(row as usize) {
                *number = next;
                next += 1;
            }
        }
        Ok(Some(numbers))
    }

    /// Returns what should be said of the columns: which are left out and why,
    /// what the target was taken for, which rows do not count.
    pub fn remarks(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let constant = |plan: &&Plan| matches!(plan.reason, Reason::Constant { .. });
        let quiet = |plan: &&Plan| matches!(plan.reason, Reason::Asked);
        let one_hot: Vec<&Plan> =
            self.targets().filter(|plan| matches!(plan.reason, Reason::OneOf { .. })).collect();
        if one_hot.is_empty() {
            remarks.extend(self.targets().map(|plan| Remark::Column(plan.clone())));
        } else {
            let columns = one_hot.iter().map(|plan| plan.name.clone()).collect();
            remarks.push(Remark::OneHotTargets { columns });
        }
        // Images have hundreds of constant pixels: one remark for all.
        let dropped = || self.columns.iter().filter(|plan| plan.role == Role::Dropped);
        let constants: Vec<&Plan> = dropped().filter(constant).collect();
        let together = constants.len() > 3;
        if together {
            let columns = constants.iter().map(|plan| plan.name.clone()).collect();
            remarks.push(Remark::ConstantColumns { columns });
        }
        for plan in dropped().filter(|plan| !(quiet(plan) || together && constant(plan))) {
            remarks.push(Remark::Column(plan.clone()));
        }
        if let Some((count, first)) = &self.unlabelled {
            remarks.push(Remark::Unlabelled { count: *count, first: first.clone() });
        }
        for (column, place, value) in &self.huge {
            let (column, place) = (column.clone(), place.clone());
            remarks.push(Remark::Huge { column, place, value: *value });
        }
        remarks
    }
}

/// Finds a column that a model or schema needs.
pub(crate) fn find<'a>(table: &'a Table, name: &str) -> Result<&'a Column, Error> {
    table.column(name).ok_or_else(|| missing(table, name))
}

/// Finds many columns of a table, which may have thousands.
pub(crate) struct Finder<'a> {
    table: &'a Table,
    places: HashMap<&'a str, usize>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(table: &'a Table) -> Finder<'a> {
        let names = table.columns.iter().enumerate();
        Finder { table, places: names.map(|(place, column)| (&*column.name, place)).collect() }
    }

    pub(crate) fn find(&self, name: &str) -> Result<&'a Column, Error> {
        let place = self.places.get(name).ok_or_else(|| missing(self.table, name))?;
        Ok(&self.table.columns[*place])
    }
}

fn missing(table: &Table, name: &str) -> Error {
    let columns = table.columns.iter().map(|column| column.name.clone()).collect();
    Error::missing(table.name.clone(), name.to_string(), columns)
}

/// Numbers the values of a column from 0 in the order in which rows show them;
/// missing cells are a value, too.
fn numbered(cells: &Cells, rows: &[u32]) -> Vec<u32> {
    let mut seen = HashMap::new();
    rows.iter()
        .map(|&row| {
            let next = u32::try_from(seen.len()).expect("rows are numbered with 32 bits");
            *seen.entry(cells.key(row as usize)).or_insert(next)
        })
        .collect()
}
