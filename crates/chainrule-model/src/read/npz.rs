//! NPZ, several NPY arrays in a ZIP archive, as columns of one table.
//!
//! An array `X` of two dimensions gives the columns `x1`, `x2` …, any other of
//! two dimensions the columns `name1`, `name2` …, one of a single dimension a
//! column of its own name. An array `y` beside others is the target.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::read::problem::Problem;
use crate::read::{Data, Format, Found, Hints, npy};
use crate::table::{Lines, Table};

/// Names of arrays that are targets, where there are other arrays.
const TARGETS: [&str; 5] = ["y", "Y", "target", "label", "labels"];

/// Reads a table.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Data, Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| problem(&error))?;
    let mut columns = Vec::new();
    let mut targets = Vec::new();
    let mut arrays = 0;
    let mut first: Option<(String, usize)> = None;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| problem(&error))?;
        let name = entry.name().map_err(|error| problem(&error))?.into_owned();
        let Some(name) = name.strip_suffix(".npy") else { continue };
        let mut array = Vec::new();
        entry.read_to_end(&mut array).map_err(|error| damage(&error))?;
        arrays += 1;
        let many = if name == "X" { "x" } else { name };
        let named = npy::columns(name, many, &array)?;
        let (array_name, rows) = (|| format!("array `{name}`"), named[0].cells.len());
        let (one, one_rows) = first.get_or_insert_with(|| (array_name(), rows)).clone();
        if one_rows != rows {
            let (other, other_rows) = (array_name(), rows);
            return Err(Problem::RowsDiffer { one, one_rows, other, other_rows });
        }
        if TARGETS.contains(&name) {
            targets.extend(named.iter().map(|column| column.name.clone()));
        }
        columns.extend(named);
    }
    if columns.is_empty() {
        return Err(Problem::NoArrays);
    }
    if arrays == 1 {
        targets.clear();
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    super::names_differ(&names, None)?;
    let table = Table { name: file.to_string(), columns, lines: Lines::None };
    super::finite(&table)?;
    Ok(Data {
        table,
        hints: Hints { targets, ..Hints::default() },
        found: Found { format: Format::Npz, ..Found::default() },
        remarks: Vec::new(),
    })
}

fn problem(error: &ZipError) -> Problem {
    match error {
        ZipError::Io(error) => damage(error),
        error => Problem::Zip { message: error.to_string() },
    }
}

fn damage(error: &std::io::Error) -> Problem {
    Problem::Zip { message: error.to_string() }
}
