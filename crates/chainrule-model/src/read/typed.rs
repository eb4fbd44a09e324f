//! Files whose header says what their columns are, block by block: arrays and
//! Parquet. Nothing is to be found out about their cells, so that one look at
//! the header does what for text takes a reading of the whole file.

use crate::read::problem::{Problem, ReadError};
use crate::read::{Format, LABEL, Source, array, finite, names_differ};
use crate::table::{Column, Lines, Table};

#[cfg(feature = "parquet")]
use crate::read::parquet;

/// The bytes of a block in memory.
const BLOCK: usize = 4 << 20;

/// A block has no more rows: what is made of a row may be much larger than it.
const MOST_ROWS: usize = 1 << 14;

/// A file that is read again and again, and maybe another one with its labels.
#[derive(Debug)]
pub(super) struct Typed<'a> {
    pub(super) table: File<'a>,
    labels: Option<File<'a>>,
    names: Vec<String>,
    left_out: Vec<bool>,
}

impl<'a> Typed<'a> {
    /// Looks at a file.
    pub(super) fn new(source: &'a Source<'a>, format: Format) -> Result<Typed<'a>, ReadError> {
        Typed::of(File::new(source, format)?, None)
    }

    /// Looks at an array and the labels of its rows, which become its last
    /// column.
    pub(super) fn with_labels(
        (source, format): (&'a Source<'a>, Format),
        (labels, labels_format): (&'a Source<'a>, Format),
    ) -> Result<Typed<'a>, ReadError> {
        for (source, format) in [(source, format), (labels, labels_format)] {
            if !matches!(format, Format::Npy | Format::Idx) {
                return Err(ReadError::new(&source.name, Problem::LabelsNotStreamed { format }));
            }
        }
        let table = File::new(source, format)?;
        let labels = File::new(labels, labels_format)?;
        super::labels_fit(
            (&source.name, table.rows),
            (&labels.source.name, labels.rows, labels.names.len()),
        )?;
        Typed::of(table, Some(labels))
    }

    fn of(table: File<'a>, labels: Option<File<'a>>) -> Result<Typed<'a>, ReadError> {
        let mut names = table.names.clone();
        names.extend(labels.as_ref().map(|_| LABEL.to_string()));
        names_differ(&names, None).map_err(|problem| table.error(problem))?;
        Ok(Typed { table, labels, left_out: vec![false; names.len()], names })
    }

    /// Returns how many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.table.rows
    }

    /// Leaves columns out of the tables that follow.
    pub(super) fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
        for (name, left_out) in self.names.iter().zip(&mut self.left_out) {
            *left_out |= is_left_out(name);
        }
    }

    /// Reads the file from its start.
    pub(super) fn tables(&self) -> Result<Tables, ReadError> {
        let labels = match &self.labels {
            None => None,
            Some(file) => Some((file.source.name.clone(), file.open()?)),
        };
        Ok(Tables {
            file: self.table.source.name.clone(),
            blocks: self.table.open()?,
            labels,
            left_out: self.left_out.clone(),
            expected: self.table.rows,
            rows: 0,
        })
    }
}

/// A file and what its header says.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) source: &'a Source<'a>,
    format: Format,
    names: Vec<String>,
    rows: u64,
    /// Its bytes without gzip, if it is an array.
    length: Option<u64>,
}

impl<'a> File<'a> {
    fn new(source: &'a Source<'a>, format: Format) -> Result<File<'a>, ReadError> {
        let (blocks, length) = Blocks::open(source, format, None)
            .map_err(|problem| ReadError::new(&source.name, problem))?;
        let (names, rows) = (blocks.names(), blocks.rows());
        let file = File { source, format, names, rows, length };
        match (file.names.len(), rows) {
            (0, _) => Err(file.error(Problem::NoColumns)),
            (columns, 0) => Err(file.error(Problem::NoRows { columns })),
            _ => Ok(file),
        }
    }

    /// Opens the file again.
    fn open(&self) -> Result<Blocks, ReadError> {
        let opened = Blocks::open(self.source, self.format, self.length);
        let (blocks, _) = opened.map_err(|problem| self.error(problem))?;
        if blocks.names() != self.names || blocks.rows() != self.rows {
            return Err(self.error(Problem::Changed));
        }
        Ok(blocks)
    }

    fn error(&self, problem: Problem) -> ReadError {
        ReadError::new(&self.source.name, problem)
    }
}

/// The rows of a file, block by block.
enum Blocks {
    Array(array::Blocks),
    #[cfg(feature = "parquet")]
    Parquet(parquet::Blocks),
}

impl Blocks {
    /// Opens a file; returns its length, too, if that is to be known when it is
    /// opened again.
    fn open(
        source: &Source<'_>,
        format: Format,
        length: Option<u64>,
    ) -> Result<(Blocks, Option<u64>), Problem> {
        match format {
            Format::Npy | Format::Idx => {
                let (blocks, length) = array::Blocks::open(source, format, length)?;
                Ok((Blocks::Array(blocks), Some(length)))
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Ok((Blocks::Parquet(parquet::Blocks::open(source)?), None)),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(super::PARQUET_LEFT_OUT),
            Format::Csv | Format::Npz | Format::Proben1 | Format::Fann => {
                Err(Problem::NotStreamed { format })
            }
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Blocks::Array(blocks) => blocks.layout.names.clone(),
            #[cfg(feature = "parquet")]
            Blocks::Parquet(blocks) => blocks.names().cloned().collect(),
        }
    }

    fn rows(&self) -> u64 {
        match self {
            Blocks::Array(blocks) => blocks.layout.rows,
            #[cfg(feature = "parquet")]
            Blocks::Parquet(blocks) => blocks.rows(),
        }
    }

    /// Reads the next rows; none at the end.
    fn next(&mut self, left_out: &[bool]) -> Result<Vec<Column>, Problem> {
        match self {
            Blocks::Array(blocks) => {
                let mut columns = blocks.next(blocks.rows_of(BLOCK).clamp(1, MOST_ROWS))?;
                let mut left_out = left_out.iter();
                columns.retain(|_| left_out.next() != Some(&true));
                Ok(columns)
            }
            #[cfg(feature = "parquet")]
            Blocks::Parquet(blocks) => blocks.next(left_out, BLOCK, MOST_ROWS),
        }
    }
}

/// Reads a file, block by block.
pub(super) struct Tables {
    file: String,
    blocks: Blocks,
    /// The labels, and what their file is called.
    labels: Option<(String, Blocks)>,
    left_out: Vec<bool>,
    expected: u64,
    rows: u64,
}

impl Tables {
    /// Returns what was in memory of the file at once, beside a block.
    pub(super) fn pages_bytes(&self) -> u64 {
        match &self.blocks {
            Blocks::Array(_) => 0,
            #[cfg(feature = "parquet")]
            Blocks::Parquet(blocks) => blocks.pages_bytes(),
        }
    }

    /// Reads the next rows; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Table>, ReadError> {
        let part = |file: &str, columns| {
            let table = Table { name: file.to_string(), columns, lines: Lines::After(self.rows) };
            finite(&table).map_err(|problem| ReadError::new(file, problem))?;
            Ok(table)
        };
        let columns = self.blocks.next(&self.left_out);
        let columns = columns.map_err(|problem| ReadError::new(&self.file, problem))?;
        let mut table = part(&self.file, columns)?;
        let count = table.rows();
        if let (Some((file, Blocks::Array(labels))), 1..) = (&mut self.labels, count) {
            let column = labels.next(count).map_err(|problem| ReadError::new(file, problem))?;
            let column = part(file, column)?.columns;
            if self.left_out.last() == Some(&false) {
                let label = |column| Column { name: LABEL.to_string(), ..column };
                table.columns.extend(column.into_iter().map(label));
            }
        }
        self.rows += count as u64;
        if count > 0 {
            return Ok(Some(table));
        }
        let counted = super::counted(self.expected, self.rows);
        counted.map_err(|problem| ReadError::new(&self.file, problem))?;
        Ok(None)
    }
}
