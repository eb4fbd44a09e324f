//! Training on a table that does not fit in memory: it is read again in each
//! epoch, and its rows are shuffled within windows.
//!
//! ```text
//! file ── Streamed: columns, survey ──> schema
//!      ── StreamCourse::new: encoder, validation rows, a sample ──> network
//!      ── fit, in each epoch: blocks ──> encoded rows ──> windows ──> steps
//! ```
//!
//! What is computed from all training rows (means, deviations, categories,
//! labels) is exact; medians and quantiles come of a sample, as for tables in
//! memory. The learning rate, where it is not given, and the baseline come of a
//! sample of rows drawn all over the file. Which rows validate follows from the
//! seed and a row's number (or its group), or they are the last ones. All of it
//! is the same for any number of threads.
//!
//! Giveaways and twins of rows are not looked for: that takes all rows at once.

mod course;
mod memory;
mod picker;
mod reading;

pub use course::{StreamCourse, StreamSettings};
pub use memory::Plan;

use crate::model::Fingerprint;
use crate::read::Stream;
use crate::remark::Remark;
use crate::schema::{Choices, Role, Schema, Survey};
use crate::train::Error;

/// A table that is read again and again, and what its columns are.
#[derive(Debug)]
pub struct Streamed<'a> {
    stream: Stream<'a>,
    schema: Schema,
    name: String,
    fingerprint: String,
    columns: usize,
    /// What reading takes beside blocks of our own size.
    pages_bytes: u64,
}

impl<'a> Streamed<'a> {
    /// Reads the stream and finds what its columns are, by the rules for
    /// tables in memory.
    ///
    /// # Errors
    /// If it is malformed, or cannot be learned from.
    pub fn new(mut stream: Stream<'a>, choices: &Choices) -> Result<Streamed<'a>, Error> {
        let mut survey = Survey::new(choices);
        let mut fingerprint = Fingerprint::default();
        let mut tables = stream.tables()?;
        for table in &mut tables {
            let table = table?;
            survey.add(&table)?;
            fingerprint.add(&table);
        }
        let schema = Schema::of_survey(&survey, choices)?;
        let is_dropped = |name: &str| {
            schema.columns.iter().any(|plan| plan.name == name && plan.role == Role::Dropped)
        };
        stream.leave_out(is_dropped);
        Ok(Streamed {
            name: stream.name().to_string(),
            fingerprint: fingerprint.finish(),
            columns: schema.columns.len(),
            pages_bytes: tables.pages_bytes(),
            stream,
            schema,
        })
    }

    /// Returns what the columns are.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the [`Fingerprint`] of the whole table.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns how many rows there are, those without a target among them.
    pub fn rows(&self) -> u64 {
        self.stream.rows()
    }

    /// Returns what should be said of the file and its columns.
    pub fn remarks(&self) -> Vec<Remark> {
        self.stream.remarks().iter().cloned().chain(self.schema.remarks()).collect()
    }
}
