//! A table in parts, with memory that does not grow with the file.
//!
//! [`Stream::new`] finds what the columns of a file are, by the same rules as
//! for a file that is read whole, so that all parts agree; [`Stream::tables`]
//! reads it, as often as is asked for.
//!
//! ```
//! use chainrule_model::read::{Options, Source, Stream};
//!
//! let source = Source::new("tea.csv", || Ok(Box::new(&b"tea,minutes\ngreen,2\n"[..])));
//! let stream = Stream::new(&source, &Options::default())?;
//! for table in stream.tables()? {
//!     assert_eq!(table?.columns[1].name, "minutes");
//! }
//! # Ok::<(), chainrule_model::read::ReadError>(())
//! ```

use std::fmt;
use std::io::Read;

use crate::read::csv::{self, stream::Chunks};
use crate::read::problem::{Problem, ReadError};
use crate::read::typed::{self, Typed};
use crate::read::{Format, Options, Source, detect, source};
use crate::remark::Remark;
use crate::table::Table;

/// A file that is read in parts.
#[derive(Debug)]
pub struct Stream<'a>(Kind<'a>);

#[derive(Debug)]
enum Kind<'a> {
    Text(csv::stream::Stream<'a>),
    Typed(Typed<'a>),
}

/// Reads a stream, part by part. After an error there are no more.
pub struct Tables {
    parts: Parts,
    has_ended: bool,
}

enum Parts {
    Text(Chunks),
    Typed(typed::Tables),
}

impl<'a> Stream<'a> {
    /// Finds what the columns of a file are. CSV is read once for that.
    ///
    /// # Errors
    /// As for [`read`](crate::read::read), of all of CSV and of the header of
    /// other formats; if the format is one that is only read whole.
    pub fn new(source: &'a Source<'a>, options: &Options) -> Result<Stream<'a>, ReadError> {
        Ok(Stream(match format(source, options)? {
            Format::Csv => Kind::Text(csv::stream::Stream::new(source, options)?),
            format => Kind::Typed(Typed::new(source, format)?),
        }))
    }

    /// Finds the same of an array whose labels are in a file of their own: they
    /// become its last column, [`LABEL`](crate::read::LABEL).
    ///
    /// # Errors
    /// As for [`Stream::new`] and
    /// [`read_with_labels`](crate::read::read_with_labels); if one of both is
    /// no array.
    pub fn with_labels(
        source: &'a Source<'a>,
        labels: &'a Source<'a>,
        options: &Options,
    ) -> Result<Stream<'a>, ReadError> {
        let table = (source, format(source, options)?);
        let labels = (labels, format(labels, options)?);
        Ok(Stream(Kind::Typed(Typed::with_labels(table, labels)?)))
    }

    /// Returns what messages call the file.
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Text(stream) => &stream.source.name,
            Kind::Typed(typed) => &typed.table.source.name,
        }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> u64 {
        match &self.0 {
            Kind::Text(stream) => stream.rows,
            Kind::Typed(typed) => typed.rows(),
        }
    }

    /// Returns what the user should know, though nothing is wrong.
    pub fn remarks(&self) -> &[Remark] {
        match &self.0 {
            Kind::Text(stream) => &stream.remarks,
            Kind::Typed(_) => &[],
        }
    }

    /// Leaves columns out of the tables that follow.
    pub fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
        match &mut self.0 {
            Kind::Text(stream) => stream.leave_out(is_left_out),
            Kind::Typed(typed) => typed.leave_out(is_left_out),
        }
    }

    /// Reads the file from its start.
    ///
    /// # Errors
    /// If it cannot be opened, or has changed.
    pub fn tables(&self) -> Result<Tables, ReadError> {
        let parts = match &self.0 {
            Kind::Text(stream) => Parts::Text(stream.chunks()?),
            Kind::Typed(typed) => Parts::Typed(typed.tables()?),
        };
        Ok(Tables { parts, has_ended: false })
    }
}

/// The bytes that show a format.
const LOOK: u64 = 1 << 18;

/// Finds the format of a file, from the bytes that [`read`](super::read) would.
fn format(source: &Source<'_>, options: &Options) -> Result<Format, ReadError> {
    let one = |problem| ReadError::new(&source.name, problem);
    let mut head = Vec::new();
    source
        .plain()
        .and_then(|(reader, _)| reader.take(LOOK).read_to_end(&mut head))
        .map_err(|error| one(source::problem(&error)))?;
    if head.is_empty() {
        return Err(one(Problem::Empty));
    }
    detect::format(&source.name, &head, options).map_err(one)
}

impl Tables {
    /// Returns what the pages of Parquet took at once, at most, as far as was
    /// read: that depends on the file, while other formats have blocks of a
    /// size of ours.
    pub fn pages_bytes(&self) -> u64 {
        match &self.parts {
            Parts::Text(_) => 0,
            Parts::Typed(tables) => tables.pages_bytes(),
        }
    }
}

impl Iterator for Tables {
    type Item = Result<Table, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = match &mut self.parts {
            Parts::Text(chunks) => chunks.next().map(|chunk| chunk.map(|chunk| chunk.table)),
            Parts::Typed(tables) => tables.next().transpose(),
        };
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("has_ended", &self.has_ended).finish_non_exhaustive()
    }
}
