//! The rows of a Parquet file, row group by row group, and those of a large one
//! block by block: of each column a page is in memory, and its dictionary.

use std::sync::Arc;

use parquet::column::reader::ColumnReader;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;

use super::pages::{self, Pages};
use super::places::Places;
use super::{Described, Growing, damage, same_rows};
use crate::read::problem::Problem;
use crate::read::{Format, Source, source};
use crate::table::Column;

/// The rows of a Parquet file, block by block.
pub(crate) struct Blocks {
    reader: SerializedFileReader<Places>,
    columns: Vec<Described>,
    /// The row group that is read, or is next.
    group: usize,
    /// Its columns, without those that are left out; empty before its start.
    readers: Vec<Option<ColumnReader>>,
    /// How many rows of it a block has.
    most: usize,
    /// The largest pages of each column so far.
    pages: Vec<Arc<Pages>>,
}

impl Blocks {
    pub(crate) fn open(source: &Source<'_>) -> Result<Blocks, Problem> {
        let places = source.places().map_err(|error| source::problem(&error))?;
        let Some((file, length)) = places else {
            return Err(Problem::NotStreamed { format: Format::Parquet });
        };
        let reader = super::opened(Places::new(file, length))?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let columns: Result<Vec<Described>, Problem> =
            schema.columns().iter().map(|column| Described::of(column)).collect();
        let columns = columns?;
        let pages = columns.iter().map(|_| Arc::default()).collect();
        Ok(Blocks { reader, columns, group: 0, readers: Vec::new(), most: 0, pages })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.columns.iter().map(|column| &column.name)
    }

    /// Returns the rows that the file says it has.
    pub(crate) fn rows(&self) -> u64 {
        super::rows(self.reader.metadata())
    }

    /// Returns what pages of all columns took at once, at most.
    pub(crate) fn pages_bytes(&self) -> u64 {
        self.pages.iter().map(|pages| pages.held()).sum()
    }

    /// Reads the next rows, as many as fit into a block of some bytes and at
    /// most so many; none at the end.
    pub(crate) fn next(
        &mut self,
        left_out: &[bool],
        bytes: usize,
        rows: usize,
    ) -> Result<Vec<Column>, Problem> {
        while self.group < self.reader.num_row_groups() {
            if self.readers.is_empty() {
                self.open_group(left_out, bytes, rows)?;
            }
            let (group, most) = (self.group, self.most);
            let read = |(reader, described): (&mut Option<ColumnReader>, &Described)| {
                let reader = reader.as_mut()?;
                let mut growing = Growing::new(described.meaning);
                let appended = growing.append(reader, described, most);
                let name = described.name.clone();
                Some(match appended {
                    Ok(()) => Ok(Column { name, cells: growing.into_cells() }),
                    Err(error) => Err(described.damage(group, &error)),
                })
            };
            // Which of several errors is told does not depend on threads.
            let columns: Vec<Result<Column, Problem>> =
                self.readers.par_iter_mut().zip(&self.columns).filter_map(read).collect();
            let columns = columns.into_iter().collect::<Result<Vec<Column>, Problem>>()?;
            if same_rows(&columns)? > 0 {
                return Ok(columns);
            }
            self.readers.clear();
            self.group += 1;
        }
        Ok(Vec::new())
    }

    fn open_group(&mut self, left_out: &[bool], bytes: usize, rows: usize) -> Result<(), Problem> {
        let group = self.reader.get_row_group(self.group).map_err(|error| damage(&error))?;
        let row = row_bytes(group.metadata(), self.columns.len());
        self.most = (bytes / row).clamp(1, rows);
        for (index, described) in self.columns.iter().enumerate() {
            let reader = if left_out[index] {
                None
            } else {
                let reader = pages::column(&*group, index, &self.pages[index]);
                Some(reader.map_err(|error| described.damage(self.group, &error))?)
            };
            self.readers.push(reader);
        }
        Ok(())
    }
}

/// Returns what a row takes in memory: about so many bytes in the file, or
/// its numbers.
fn row_bytes(group: &RowGroupMetaData, columns: usize) -> usize {
    let rows = group.num_rows().max(1);
    let in_file = usize::try_from(group.total_byte_size() / rows).unwrap_or(0);
    in_file.max(columns * size_of::<f64>())
}
