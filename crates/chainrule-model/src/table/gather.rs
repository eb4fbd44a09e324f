//! A table made of rows of other tables.

use std::collections::HashMap;

use super::{Cells, Column, Lines, MISSING, Table, Text};

/// Takes rows of tables with the same columns, each of one kind in all of
/// them, as the parts of a stream have.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    table: Option<Table>,
    /// The codes of each column's words.
    codes: Vec<HashMap<String, u32>>,
}

impl Gather {
    /// Adds rows.
    pub(crate) fn add(&mut self, table: &Table, rows: &[u32]) {
        if rows.is_empty() {
            return;
        }
        let codes = &mut self.codes;
        let all = self.table.get_or_insert_with(|| {
            codes.resize_with(table.columns.len(), HashMap::new);
            empty_of(table)
        });
        for ((column, more), codes) in all.columns.iter_mut().zip(&table.columns).zip(codes) {
            match (&mut column.cells, &more.cells) {
                (Cells::Numbers(all), Cells::Numbers(more)) => {
                    all.extend(rows.iter().map(|&row| more[row as usize]));
                }
                (Cells::Bytes(all), Cells::Bytes(more)) => {
                    all.extend(rows.iter().map(|&row| more[row as usize]));
                }
                (Cells::Text(all), Cells::Text(more)) => {
                    all.codes.extend(rows.iter().map(|&row| match more.word(row as usize) {
                        None => MISSING,
                        Some(word) => code_of(word, &mut all.words, codes),
                    }));
                }
                // One kind in all parts: the reader sees to it.
                _ => {}
            }
        }
        if let Lines::Listed(lines) = &mut all.lines {
            lines.extend(rows.iter().filter_map(|&row| table.line(row as usize)));
        }
    }

    /// Returns the table; nothing where there were no rows.
    pub(crate) fn finish(self) -> Option<Table> {
        self.table
    }
}

fn empty_of(table: &Table) -> Table {
    let columns = table.columns.iter().map(|column| {
        let cells = match &column.cells {
            Cells::Numbers(_) => Cells::Numbers(Vec::new()),
            Cells::Bytes(_) => Cells::Bytes(Vec::new()),
            Cells::Text(_) => Cells::Text(Text::default()),
        };
        Column { name: column.name.clone(), cells }
    });
    let lines = match table.lines {
        Lines::None | Lines::After(_) => Lines::None,
        Lines::From(_) | Lines::Listed(_) => Lines::Listed(Vec::new()),
    };
    Table { name: table.name.clone(), columns: columns.collect(), lines }
}

fn code_of(word: &str, words: &mut Vec<String>, codes: &mut HashMap<String, u32>) -> u32 {
    if let Some(&code) = codes.get(word) {
        return code;
    }
    // Fewer than 2³² words: each takes several bytes of memory.
    let code = u32::try_from(words.len()).expect("fewer words than 2³²");
    words.push(word.to_string());
    codes.insert(word.to_string(), code);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_parts_get_one_code() {
        let part = |words: [&str; 2], first: u64| {
            let words = words.map(String::from).to_vec();
            let text = Cells::Text(Text { words, codes: vec![0, 1, MISSING] });
            let columns = [("n", Cells::Numbers(vec![1.0, 2.0, f64::NAN])), ("w", text)];
            let column = |(name, cells): (&str, Cells)| Column { name: name.to_string(), cells };
            Table {
                name: "t.csv".to_string(),
                columns: columns.map(column).into(),
                lines: Lines::From(first),
            }
        };
        let mut gather = Gather::default();
        gather.add(&part(["a", "b"], 2), &[1, 2]);
        gather.add(&part(["b", "c"], 5), &[0, 1]);
        let table = gather.finish().expect("there are rows");
        let words: Vec<Option<&str>> = (0..4)
            .map(|row| match &table.columns[1].cells {
                Cells::Text(text) => text.word(row),
                _ => None,
            })
            .collect();
        assert_eq!(words, [Some("b"), None, Some("b"), Some("c")]);
        let lines: Vec<Option<u64>> = (0..4).map(|row| table.line(row)).collect();
        assert_eq!(lines, [Some(3), Some(4), Some(5), Some(6)]);
    }
}
