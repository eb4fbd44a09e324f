//! Where a row stands, for messages: `penguins.csv:4`, or `iris.npy, row 3`.

use std::fmt;

use serde::Serialize;

use crate::table::Table;

/// The file of a row, and its line or number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What the table is called.
    pub file: String,
    /// The line, in a format that has lines.
    pub line: Option<u64>,
    /// The row, the first being 0; of the file where it has no lines.
    pub row: usize,
}

impl Place {
    /// Returns the place of a table's row, the first being 0.
    pub fn new(table: &Table, row: usize) -> Place {
        Place { file: table.name.clone(), line: table.line(row), row: table.number(row) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => write!(f, "{}, row {}", self.file, self.row + 1),
        }
    }
}

/// Shortens a cell for a message: the first 40 characters of it.
pub(crate) fn shown(cell: &str) -> String {
    const MOST: usize = 40;
    match cell.char_indices().nth(MOST) {
        None => cell.to_string(),
        Some((end, _)) => format!("{}…", &cell[..end]),
    }
}

/// Lists names for a message, at most five of them: `` `a`, `b` and 7 more ``.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let first: Vec<String> =
        names.iter().take(MOST).map(|name| format!("`{}`", shown(name))).collect();
    match names.len().saturating_sub(MOST) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_and_long_lists_are_cut() {
        assert_eq!(shown("oops"), "oops");
        assert_eq!(shown(&"é".repeat(200_000)), format!("{}…", "é".repeat(40)));
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f", "g"].map(String::from).to_vec();
        assert_eq!(listed(&names[..2]), "`a`, `b`");
        assert_eq!(listed(&names), "`a`, `b`, `c`, `d`, `e` and 2 more");
    }
}
