//! Arrays: a header, then rows of as many numbers each, as NPY and IDX have
//! them; whole, or block by block.

use std::io::{self, Cursor, Read, SeekFrom};

use crate::read::problem::Problem;
use crate::read::source::{self, Places};
use crate::read::{Data, Format, Found, Hints, Source, finite, idx, npy};
use crate::table::{Cells, Column, Lines, Table};

/// The bytes in which a header must end; a longer one is refused.
pub(super) const HEAD: usize = 1 << 20;

/// What a header says, found to agree with the length of the file.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    /// The names of the columns.
    pub(super) names: Vec<String>,
    pub(super) rows: u64,
    /// Where the numbers begin, in bytes.
    pub(super) start: usize,
    /// Whether the numbers of a column, not of a row, stand together.
    pub(super) is_by_columns: bool,
    pub(super) elements: Elements,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Elements {
    Npy(npy::Element),
    Idx(idx::Kind),
}

/// Reads a table whole.
pub(super) fn read(file: &str, bytes: &[u8], format: Format) -> Result<Data, Problem> {
    let layout = Layout::of(format, bytes, bytes.len() as u64)?;
    let columns = layout.columns(&bytes[layout.start..]);
    let table = Table { name: file.to_string(), columns, lines: Lines::None };
    finite(&table)?;
    Ok(Data {
        table,
        hints: Hints::default(),
        found: Found { format, ..Found::default() },
        remarks: Vec::new(),
    })
}

impl Layout {
    /// Reads the header of a file of some length, of which the start is given.
    fn of(format: Format, start: &[u8], length: u64) -> Result<Layout, Problem> {
        match format {
            Format::Idx => idx::layout(start, length),
            _ => npy::layout("", ("x", "y"), start, length),
        }
    }

    /// Returns the columns of numbers that stand as in the file.
    pub(super) fn columns(&self, body: &[u8]) -> Vec<Column> {
        let width = self.names.len();
        let columns: Vec<Cells> = match self.elements {
            Elements::Npy(element) => element.columns(body, width, self.is_by_columns),
            Elements::Idx(kind) => kind.columns(body, width),
        };
        let column = |(name, cells): (&String, Cells)| Column { name: name.clone(), cells };
        self.names.iter().zip(columns).map(column).collect()
    }

    /// Returns the bytes of a number.
    fn size(&self) -> usize {
        match self.elements {
            Elements::Npy(element) => usize::try_from(element.size).unwrap_or(usize::MAX),
            Elements::Idx(kind) => kind.size(),
        }
    }
}

/// The rows of an array, block by block.
pub(super) struct Blocks {
    pub(super) layout: Layout,
    reader: Reader,
    /// How many rows were read.
    rows: u64,
}

/// Where bytes come from.
enum Reader {
    /// The next ones are the next rows.
    Forward(Box<dyn Read + Send>),
    /// Those of each column are at a place of their own.
    Anywhere(Box<dyn Places>),
}

impl Blocks {
    /// Opens an array whose numbers come next. The length without gzip is
    /// found anew where it is not known, so that no header is trusted.
    pub(super) fn open(
        source: &Source<'_>,
        format: Format,
        length: Option<u64>,
    ) -> Result<(Blocks, u64), Problem> {
        let io = |error: io::Error| source::problem(&error);
        let places = source.places().map_err(io)?;
        let length = match (&places, &length) {
            (Some((_, length)), _) | (None, Some(length)) => *length,
            (None, None) => {
                let (mut reader, _) = source.plain().map_err(io)?;
                io::copy(&mut reader, &mut io::sink()).map_err(io)?
            }
        };
        let (mut reader, _) = source.plain().map_err(io)?;
        let mut head = Vec::new();
        reader.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(io)?;
        let layout = Layout::of(format, &head, length)?;
        let reader = if layout.is_by_columns && layout.names.len() > 1 {
            let Some((places, _)) = places else { return Err(Problem::NotStreamed { format }) };
            Reader::Anywhere(places)
        } else {
            let rest = head.split_off(layout.start);
            Reader::Forward(Box::new(Cursor::new(rest).chain(reader)))
        };
        Ok((Blocks { layout, reader, rows: 0 }, length))
    }

    /// Returns the rows that fit into a block of some bytes.
    pub(super) fn rows_of(&self, bytes: usize) -> usize {
        let row = self.layout.names.len().saturating_mul(self.layout.size().max(size_of::<f64>()));
        bytes / row
    }

    /// Reads the next rows, at most so many; none at the end.
    pub(super) fn next(&mut self, most: usize) -> Result<Vec<Column>, Problem> {
        let left = usize::try_from(self.layout.rows - self.rows).unwrap_or(usize::MAX);
        let count = most.min(left);
        if count == 0 {
            return Ok(Vec::new());
        }
        let (size, width) = (self.layout.size(), self.layout.names.len());
        let mut bytes = Vec::new();
        let read = match &mut self.reader {
            Reader::Forward(reader) => {
                reader.take((count * width * size) as u64).read_to_end(&mut bytes).map(|_| ())
            }
            Reader::Anywhere(places) => (0..width as u64).try_for_each(|column| {
                let before = (column * self.layout.rows + self.rows) * size as u64;
                places.seek(SeekFrom::Start(self.layout.start as u64 + before))?;
                places.take((count * size) as u64).read_to_end(&mut bytes).map(|_| ())
            }),
        };
        read.map_err(|error| source::problem(&error))?;
        if bytes.len() != count * width * size {
            return Err(Problem::Changed);
        }
        self.rows += count as u64;
        Ok(self.layout.columns(&bytes))
    }
}
