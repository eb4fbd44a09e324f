//! CSV in chunks of rows, with memory that does not grow with the file.
//!
//! [`Stream::new`] reads the file once to find what its columns are, so that
//! all chunks agree; [`Stream::chunks`] reads it again, as often as is asked
//! for. Where the columns are known beforehand (a model knows its own), one
//! reading is enough, of something that can be read only once:
//! [`Chunks::of_known_columns`].

use std::borrow::Cow;
use std::ops::Range;

use crate::read::problem::{Problem, ReadError};
use crate::read::{Found, Options, Source};
use crate::remark::Remark;
use crate::table::Table;

use super::decide::{self, Declared, Kind};
use super::growing::Growing;
use super::layout::Layout;
use super::piece::{Counts, ReadAs};
use super::{BLOCK, Opened, table};

/// A CSV file that is read in chunks.
#[derive(Debug)]
pub(in crate::read) struct Stream<'a> {
    pub(in crate::read) source: &'a Source<'a>,
    options: Options,
    layout: Layout,
    columns: Vec<ReadAs>,
    chunk: usize,
    /// The number of rows.
    pub(in crate::read) rows: u64,
    /// What the user should know, though nothing is wrong.
    pub(in crate::read) remarks: Vec<Remark>,
}

/// What a column of a stream is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers; any other cell is a problem.
    Numbers,
    /// Text.
    Text,
    /// It is left out of the tables.
    LeftOut,
}

/// Some rows of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// The rows, with the columns that are read. Each chunk counts its own
    /// words.
    pub table: Table,
    /// The text of the file from which the rows are, as UTF-8.
    pub text: Vec<u8>,
    /// Where in `text` each row stands, without its line end.
    pub records: Vec<Range<usize>>,
}

/// Reads a stream, chunk by chunk. After an error there are no more.
#[derive(Debug)]
pub struct Chunks {
    opened: Opened<'static>,
    columns: Vec<ReadAs>,
    /// The next block, once one was fetched.
    next: Option<Vec<u8>>,
    has_started: bool,
    has_ended: bool,
    rows: u64,
    expected_rows: Option<u64>,
}

impl<'a> Stream<'a> {
    /// Reads a file once and finds what its columns are, by the same rule as
    /// for a file that is read whole.
    ///
    /// # Errors
    /// As for [`read`](crate::read::read).
    pub(in crate::read) fn new(
        source: &'a Source<'a>,
        options: &Options,
    ) -> Result<Stream<'a>, ReadError> {
        Stream::sized(source, options, BLOCK)
    }

    /// The same with chunks of some number of bytes.
    pub(super) fn sized(
        source: &'a Source<'a>,
        options: &Options,
        chunk: usize,
    ) -> Result<Stream<'a>, ReadError> {
        let mut opened = Opened::of_source(source, options, chunk)?;
        let declared = opened.declared(options);
        let guessed = opened.guessed(&declared);
        let mut counts = vec![Counts::default(); declared.len()];
        let (mut rows, mut line) = (0, opened.line);
        opened.each_block(&guessed, false, |block, _, _| {
            for mut piece in block.pieces {
                for (all, counts) in counts.iter_mut().zip(&mut piece.counts) {
                    all.append(std::mem::take(counts), line);
                }
                rows += piece.rows as u64;
                line += piece.lines;
            }
            Ok(())
        })?;
        let layout = opened.layout;
        if rows == 0 {
            let problem = Problem::NoRows { columns: layout.names.len() };
            return Err(ReadError::new(&source.name, problem));
        }
        let (kinds, remarks) = decide::kinds(&source.name, &layout.names, &counts, &declared)?;
        let read_as = |kind: &Kind| match kind {
            Kind::Numbers => ReadAs::Numbers,
            Kind::Text => ReadAs::Text,
        };
        Ok(Stream {
            source,
            options: options.clone(),
            columns: kinds.iter().map(read_as).collect(),
            chunk,
            rows,
            remarks: layout.remarks.iter().cloned().chain(remarks).collect(),
            layout,
        })
    }

    /// Leaves columns out of the chunks that follow.
    pub(in crate::read) fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
        for (name, read_as) in self.layout.names.iter().zip(&mut self.columns) {
            if is_left_out(name) {
                *read_as = ReadAs::Nothing;
            }
        }
    }

    /// Reads the file from its start.
    ///
    /// # Errors
    /// If it cannot be opened, or is laid out in another way than before.
    pub(in crate::read) fn chunks(&self) -> Result<Chunks, ReadError> {
        let opened = Opened::of_source(self.source, &self.options, self.chunk)?;
        if opened.layout != self.layout {
            return Err(ReadError::new(&self.source.name, Problem::Changed));
        }
        Ok(Chunks::new(opened, self.columns.clone(), Some(self.rows)))
    }
}

impl Chunks {
    /// Opens a file whose columns are known: `kind` tells for each name what
    /// it is read as. The file is read once.
    ///
    /// # Errors
    /// As for [`read`](crate::read::read), of what the start shows.
    pub fn of_known_columns(
        source: &Source<'_>,
        options: &Options,
        kind: impl Fn(&str) -> ColumnKind,
    ) -> Result<Chunks, ReadError> {
        let opened = Opened::of_source(source, options, BLOCK)?;
        let read_as = |name: &String| match kind(name) {
            ColumnKind::Numbers => ReadAs::Numbers,
            ColumnKind::Text => ReadAs::Text,
            ColumnKind::LeftOut => ReadAs::Nothing,
        };
        let columns = opened.layout.names.iter().map(read_as).collect();
        Ok(Chunks::new(opened, columns, None))
    }

    fn new(opened: Opened<'static>, columns: Vec<ReadAs>, expected_rows: Option<u64>) -> Chunks {
        Chunks {
            opened,
            columns,
            next: None,
            has_started: false,
            has_ended: false,
            rows: 0,
            expected_rows,
        }
    }

    /// Returns the names of all columns.
    pub fn names(&self) -> &[String] {
        &self.opened.layout.names
    }

    /// Returns what was found out about the file.
    pub fn found(&self) -> Found {
        self.opened.found
    }

    fn chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        if !self.has_started {
            self.has_started = true;
            self.next = self.opened.fetch()?.map(Cow::into_owned);
        }
        while let Some(text) = self.next.take() {
            let mut growing = Growing::new(&self.columns, self.opened.line);
            let (block, next) = self.opened.parse(&text, &self.columns, true);
            let block = block?;
            self.next = next?.map(Cow::into_owned);
            if block.rows == 0 {
                continue;
            }
            self.rows += block.rows as u64;
            let records = block.records();
            growing.append(block, &self.opened.missing);
            // The kinds are known: any other cell is a problem.
            let declared: Vec<Declared> =
                self.columns.iter().map(|column| column.declared()).collect();
            let Opened { file, layout, .. } = &self.opened;
            let (kinds, _) = decide::kinds(file, &layout.names, &growing.counts, &declared)?;
            let lines = growing.lines();
            let cells = growing.into_cells(&kinds, layout.decimal);
            let mut table = table(file, &layout.names, cells, lines);
            let mut columns = self.columns.iter();
            table.columns.retain(|_| columns.next() != Some(&ReadAs::Nothing));
            return Ok(Some(Chunk { table, text, records }));
        }
        match self.expected_rows {
            Some(expected) if expected != self.rows => {
                Err(ReadError::new(&self.opened.file, Problem::Changed))
            }
            _ => Ok(None),
        }
    }
}

impl ReadAs {
    fn declared(self) -> Declared {
        match self {
            ReadAs::Numbers => Declared::Numbers,
            ReadAs::Text => Declared::Text,
            ReadAs::Nothing => Declared::Nothing,
        }
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = self.chunk().transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}
