//! Tables for tests: from files, from text, from columns.

use std::ops::Range;

use chainrule_model::read::{Options, read};
use chainrule_model::table::{Cells, Column, Lines, MISSING, Table, Text};

use crate::common;

/// Tables that may not be passed on.
const SHARED: [&str; 2] = ["titanic.csv", "auto_mpg.csv"];

/// Reads a table of the repository, or one that may not be passed on; `None`,
/// and the test skipped by name, where that is missing.
pub(crate) fn data(test: &str, file: &str) -> Option<Table> {
    if !SHARED.contains(&file) {
        return Some(common::read_own(file).expect(file).table);
    }
    let bytes = common::shared(test, &format!("csv/{file}"))?;
    Some(read(file, &bytes, &Options::default()).expect(file).table)
}

/// Reads a table of the repository with some columns taken as text.
pub(crate) fn with_text(file: &str, text: &[&str]) -> Table {
    let text = text.iter().map(ToString::to_string).collect();
    let name = file.rsplit('/').next().expect("a name has a last part");
    let options = Options { text, ..Options::default() };
    read(name, &common::own(file), &options).expect(file).table
}

/// Reads a table of comma-separated text, whose first line is its header.
pub(crate) fn parse(name: &str, text: &str) -> Table {
    let options = Options { delimiter: Some(b','), header: Some(true), ..Options::default() };
    read(name, text.as_bytes(), &options).expect(text).table
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
pub(crate) fn part(table: &Table, rows: Range<usize>) -> Table {
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
