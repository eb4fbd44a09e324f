//! A CSV file in chunks of rows, with memory that does not grow with the file.
//!
//! [`Stream::new`] reads the file once to find what its columns are, so that
//! all chunks agree; [`Stream::chunks`] reads it again, as often as is asked
//! for. Where the columns are known beforehand (a model knows its own), one
//! reading is enough, of something that can be read only once:
//! [`Chunks::of_known_columns`].

use std::ops::Range;

use crate::read::problem::{Problem, ReadError};
use crate::read::{Format, Found, Missing, Options, Remark, Source, detect};
use crate::table::Table;

use super::blocks::Blocks;
use super::decide::{self, Declared, Kind};
use super::layout::Layout;
use super::piece::{Counts, Plan, ReadAs};
use super::{Block, LOOK, found, guess, look, table};

/// The bytes of a chunk.
const CHUNK: usize = 8 << 20;

/// A CSV file that is read in chunks.
#[derive(Debug)]
pub struct Stream<'a> {
    source: &'a Source<'a>,
    options: Options,
    layout: Layout,
    columns: Vec<ReadAs>,
    chunk: usize,
    /// The number of rows.
    pub rows: u64,
    /// What was found out about the file.
    pub found: Found,
    /// What the user should know, though nothing is wrong.
    pub remarks: Vec<Remark>,
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
    file: String,
    blocks: Blocks,
    missing: Missing,
    layout: Layout,
    columns: Vec<ReadAs>,
    found: Found,
    /// The lines before the next block.
    line: u64,
    rows: u64,
    expected_rows: Option<u64>,
    has_ended: bool,
}

impl<'a> Stream<'a> {
    /// Reads a file once and finds what its columns are, by the same rule as
    /// for a file that is read whole.
    ///
    /// # Errors
    /// As for [`read`](crate::read::read).
    pub fn new(source: &'a Source<'a>, options: &Options) -> Result<Stream<'a>, ReadError> {
        Stream::sized(source, options, CHUNK)
    }

    /// The same with chunks of some number of bytes.
    pub(super) fn sized(
        source: &'a Source<'a>,
        options: &Options,
        chunk: usize,
    ) -> Result<Stream<'a>, ReadError> {
        let mut chunks = Chunks::open(source, options, chunk)?;
        let names = &chunks.layout.names;
        let declared: Vec<Declared> =
            names.iter().map(|name| Declared::of(name, options)).collect();
        let columns = chunks.layout.look_numeric.iter().zip(&declared);
        chunks.columns = columns.map(|(&numeric, &declared)| guess(numeric, declared)).collect();
        let mut counts = vec![Counts::default(); declared.len()];
        let mut line = chunks.line;
        while let Some((_, block)) = chunks.block(false)? {
            for (all, part) in counts.iter_mut().zip(block.counts(line)) {
                all.append(part, 0);
            }
            line = chunks.line;
        }
        let names = &chunks.layout.names;
        if chunks.rows == 0 {
            let problem = Problem::NoRows { columns: names.len() };
            return Err(ReadError::new(&source.name, problem));
        }
        let (kinds, remarks) = decide::kinds(&source.name, names, &counts, &declared)?;
        let read_as = |kind: &Kind| match kind {
            Kind::Numbers => ReadAs::Numbers,
            Kind::Text => ReadAs::Text,
        };
        Ok(Stream {
            source,
            options: options.clone(),
            columns: kinds.iter().map(read_as).collect(),
            chunk,
            rows: chunks.rows,
            found: chunks.found,
            remarks: chunks.layout.remarks.iter().cloned().chain(remarks).collect(),
            layout: chunks.layout,
        })
    }

    /// Returns the names of the columns, and what they are.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnKind)> {
        self.layout.names.iter().zip(&self.columns).map(|(name, read_as)| {
            let kind = match read_as {
                ReadAs::Numbers => ColumnKind::Numbers,
                ReadAs::Text => ColumnKind::Text,
                ReadAs::Nothing => ColumnKind::LeftOut,
            };
            (name.as_str(), kind)
        })
    }

    /// Leaves columns out of the chunks that follow.
    pub fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
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
    pub fn chunks(&self) -> Result<Chunks, ReadError> {
        let mut chunks = Chunks::open(self.source, &self.options, self.chunk)?;
        if chunks.layout != self.layout {
            return Err(ReadError::new(&self.source.name, Problem::Changed));
        }
        chunks.columns.clone_from(&self.columns);
        chunks.expected_rows = Some(self.rows);
        Ok(chunks)
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
        let mut chunks = Chunks::open(source, options, CHUNK)?;
        let read_as = |name: &String| match kind(name) {
            ColumnKind::Numbers => ReadAs::Numbers,
            ColumnKind::Text => ReadAs::Text,
            ColumnKind::LeftOut => ReadAs::Nothing,
        };
        chunks.columns = chunks.layout.names.iter().map(read_as).collect();
        Ok(chunks)
    }

    /// Returns the names of all columns.
    pub fn names(&self) -> &[String] {
        &self.layout.names
    }

    /// Returns what was found out about the file.
    pub fn found(&self) -> Found {
        self.found
    }

    fn open(source: &Source<'_>, options: &Options, chunk: usize) -> Result<Chunks, ReadError> {
        let open = || {
            let (reader, encoding, gzip) = source.text(options.encoding)?;
            let missing = Missing::new(options);
            let mut blocks = Blocks::new(reader, chunk);
            let head = blocks.head(LOOK)?;
            if head.is_empty() {
                return Err(Problem::Empty);
            }
            let format = match options.format {
                Some(format) => format,
                None => detect::format(&source.name, head)?,
            };
            if format != Format::Csv {
                return Err(Problem::NotStreamed { format: format.name() });
            }
            detect::text(head)?;
            let layout = look(head, options, &missing)?;
            blocks.skip(layout.start);
            Ok(Chunks {
                file: source.name.clone(),
                blocks,
                missing,
                columns: Vec::new(),
                found: Found { encoding: Some(encoding), gzip, ..found(&layout) },
                line: layout.line,
                layout,
                rows: 0,
                expected_rows: None,
                has_ended: false,
            })
        };
        open().map_err(|problem| ReadError::new(&source.name, problem))
    }

    /// Reads and parses the next block.
    fn block(&mut self, keeps_records: bool) -> Result<Option<(Vec<u8>, Block)>, ReadError> {
        let next = self.blocks.next(self.layout.cut, self.line);
        let next = next.map_err(|problem| ReadError::new(&self.file, problem))?;
        let Some(bytes) = next else { return Ok(None) };
        let plan = Plan {
            cut: self.layout.cut,
            decimal: self.layout.decimal,
            missing: &self.missing,
            columns: &self.columns,
            keeps_records,
        };
        let block = Block::parse(&bytes, &plan);
        block.sound(&self.file, &self.layout.names, self.line)?;
        self.line += block.line_count();
        self.rows += block.rows as u64;
        Ok(Some((bytes, block)))
    }

    fn chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        loop {
            let line = self.line;
            let Some((text, block)) = self.block(true)? else { break };
            if block.rows == 0 {
                continue;
            }
            // The kinds are known: any other cell is a problem.
            let declared: Vec<Declared> =
                self.columns.iter().map(|column| column.declared()).collect();
            let counts = block.counts(line);
            let (kinds, _) = decide::kinds(&self.file, &self.layout.names, &counts, &declared)?;
            let records = block.records();
            let lines = block.lines(line);
            let cells = block.into_cells(&kinds, &self.missing, self.layout.decimal);
            let mut table = table(&self.file, &self.layout.names, cells, lines);
            let mut columns = self.columns.iter();
            table.columns.retain(|_| columns.next() != Some(&ReadAs::Nothing));
            return Ok(Some(Chunk { table, text, records }));
        }
        match self.expected_rows {
            Some(expected) if expected != self.rows => {
                Err(ReadError::new(&self.file, Problem::Changed))
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
