//! Tables for tests: from the folder of data sets, from text, from columns.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};

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

/// Reads a comma-separated file of the folder of data sets; `None`, and the
/// test skipped by name, where there is none.
pub(crate) fn data(test: &str, name: &str) -> Option<Table> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("CHAINRULE_DATA")
        .map_or_else(|| workspace.join("../shared/data"), PathBuf::from);
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(parse(name, &text)),
        Err(_) => {
            skip(test, &format!("no file {}", path.display()));
            None
        }
    }
}

/// Makes a table of comma-separated text, whose first line is its header.
pub(crate) fn parse(name: &str, text: &str) -> Table {
    let mut lines = text.lines();
    let header = fields(lines.next().expect("a header"));
    let rows: Vec<Vec<String>> = lines.map(fields).collect();
    let columns = header.into_iter().enumerate().map(|(number, name)| {
        let words = rows.iter().map(|row| row[number].as_str());
        Column { name, cells: cells(words) }
    });
    Table { name: name.to_string(), columns: columns.collect(), lines: Lines::From(2) }
}

/// Splits a line at commas outside of quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => fields.last_mut().expect("one field at least").push(letter),
        }
    }
    fields
}

fn cells<'a>(words: impl Iterator<Item = &'a str> + Clone) -> Cells {
    let is_missing = |word: &str| ["", "NA", "NaN", "?", "null"].contains(&word);
    let number = |word: &str| if is_missing(word) { Ok(f64::NAN) } else { word.parse::<f64>() };
    if let Ok(numbers) = words.clone().map(number).collect() {
        return Cells::Numbers(numbers);
    }
    let mut text = Text::default();
    for word in words {
        let known = text.words.iter().position(|known| known == word);
        let code = match known {
            _ if is_missing(word) => MISSING,
            Some(code) => u32::try_from(code).expect("few words"),
            None => {
                text.words.push(word.to_string());
                u32::try_from(text.words.len() - 1).expect("few words")
            }
        };
        text.codes.push(code);
    }
    Cells::Text(text)
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
