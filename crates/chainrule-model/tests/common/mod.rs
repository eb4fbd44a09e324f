//! Tables for tests: from the repository, from the folder of data sets, from
//! columns.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};

use chainrule_model::read::{Data, Options, ReadError, read};
use chainrule_model::table::{Cells, Column, Lines, MISSING, Table, Text};

/// Says that a test was skipped, and why: on standard error, and in the file
/// that `CHAINRULE_SKIPPED` names, for the summary at the end of `make test`.
pub(crate) fn skip(test: &str, missing: &str) {
    let line = format!("SKIPPED: {test}: {missing}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("CHAINRULE_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let mut file = file.expect("the file for skipped tests can be opened");
        writeln!(file, "{line}").expect("the file for skipped tests can be written");
    }
}

/// Returns a table of the repository.
pub(crate) fn own(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tables").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns a table that may not be passed on: from the folder that
/// `CHAINRULE_DATA` names, or `../shared/data` beside the workspace. Where it
/// is missing, the test is skipped by name.
pub(crate) fn shared(test: &str, file: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CHAINRULE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join(file)).ok();
    if bytes.is_none() {
        skip(test, &format!("{file} is not in the folder that CHAINRULE_DATA names"));
    }
    bytes
}

/// Reads a table of the repository; messages call it by its file's own name.
pub(crate) fn read_own(file: &str) -> Result<Data, ReadError> {
    let name = file.rsplit('/').next().expect("a name has a last part");
    read(name, &own(file), &Options::default())
}

/// Reads a table of the folder of data sets; `None`, and the test skipped by
/// name, where there is none.
pub(crate) fn data(test: &str, name: &str) -> Option<Table> {
    shared(test, name).map(|bytes| parse_bytes(name, &bytes))
}

/// Makes a table of comma-separated text, whose first line is its header.
pub(crate) fn parse(name: &str, text: &str) -> Table {
    parse_bytes(name, text.as_bytes())
}

fn parse_bytes(name: &str, bytes: &[u8]) -> Table {
    read(name, bytes, &Options::default()).expect("a table that can be read").table
}

/// Makes a table of columns.
pub(crate) fn table(columns: Vec<(&str, Cells)>) -> Table {
    let columns =
        columns.into_iter().map(|(name, cells)| Column { name: name.to_string(), cells }).collect();
    Table { name: "rows.csv".to_string(), columns, lines: Lines::From(2) }
}

/// Makes a column of text.
pub(crate) fn words<S: AsRef<str>>(words: &[S]) -> Cells {
    let mut text = Text::default();
    for word in words {
        let word = word.as_ref();
        let place = text.words.iter().position(|known| known == word).unwrap_or_else(|| {
            text.words.push(word.to_string());
            text.words.len() - 1
        });
        text.codes.push(u32::try_from(place).expect("few words"));
    }
    Cells::Text(text)
}

/// Returns some rows of a table, as a table.
pub(crate) fn part(table: &Table, rows: std::ops::Range<usize>) -> Table {
    let columns = table.columns.iter().map(|column| {
        let cells = match &column.cells {
            Cells::Numbers(numbers) => Cells::Numbers(numbers[rows.clone()].to_vec()),
            Cells::Bytes(bytes) => Cells::Bytes(bytes[rows.clone()].to_vec()),
            Cells::Text(text) => {
                // Another order of words, as another part of a file has.
                let words: Vec<String> = text.words.iter().rev().cloned().collect();
                let last = u32::try_from(words.len() - 1).expect("few words");
                let code = |&code: &u32| if code == MISSING { code } else { last - code };
                Cells::Text(Text {
                    words,
                    codes: text.codes[rows.clone()].iter().map(code).collect(),
                })
            }
        };
        Column { name: column.name.clone(), cells }
    });
    let lines = Lines::From(2 + rows.start as u64);
    Table { name: table.name.clone(), columns: columns.collect(), lines }
}
