//! Columns that grow by blocks until all of a file is there.

use rayon::prelude::*;

use crate::read::Missing;
use crate::read::words::Words;
use crate::table::{Cells, Lines};

use super::block::Block;
use super::decide::Kind;
use super::number::{self, Class};
use super::piece::{Counts, Part, Piece, ReadAs};

/// Columns, what cells they have, and the lines of their rows.
#[derive(Debug)]
pub(super) struct Growing {
    columns: Vec<Part>,
    pub(super) counts: Vec<Counts>,
    pub(super) rows: usize,
    /// The line on which the next block starts, from 1.
    pub(super) line: u64,
    /// The line of the first row, as long as the others follow it.
    first_line: u64,
    listed: Option<Vec<u64>>,
}

impl Growing {
    /// Starts on some line, from 1.
    pub(super) fn new(columns: &[ReadAs], line: u64) -> Growing {
        Growing {
            columns: columns.iter().map(|column| column.part()).collect(),
            counts: vec![Counts::default(); columns.len()],
            rows: 0,
            line,
            first_line: line,
            listed: None,
        }
    }

    /// Adds the rows of a block.
    pub(super) fn append(&mut self, mut block: Block, missing: &Missing) {
        for piece in &mut block.pieces {
            for (all, counts) in self.counts.iter_mut().zip(&mut piece.counts) {
                all.append(std::mem::take(counts), self.line);
            }
            self.place(piece);
            self.rows += piece.rows;
            self.line += piece.lines;
        }
        let pieces = &block.pieces;
        self.columns.par_iter_mut().enumerate().for_each(|(index, column)| {
            for piece in pieces {
                column.append(&piece.columns[index], missing);
            }
        });
    }

    /// Notes the lines of a piece's rows.
    fn place(&mut self, piece: &Piece) {
        let first_line = self.first_line;
        let follows = piece.listed.is_none() && self.line == first_line + self.rows as u64;
        if self.listed.is_none() && (follows || piece.rows == 0) {
            return;
        }
        let before = (0..self.rows as u64).map(|row| first_line + row);
        let listed = self.listed.get_or_insert_with(|| before.collect());
        match &piece.listed {
            Some(lines) => listed.extend(lines.iter().map(|local| self.line + local)),
            None => listed.extend((0..piece.rows as u64).map(|row| self.line + row)),
        }
    }

    /// Returns the lines of the rows.
    pub(super) fn lines(&mut self) -> Lines {
        self.listed.take().map_or(Lines::From(self.first_line), Lines::Listed)
    }

    /// Returns the finished columns.
    pub(super) fn into_cells(self, kinds: &[Kind], decimal: u8) -> Vec<Cells> {
        let cells = |(part, kind): (Part, &Kind)| match (part, kind) {
            (Part::Numbers(mut numbers), _) => {
                numbers.shrink_to_fit();
                Cells::Numbers(numbers)
            }
            (Part::Text(words), Kind::Text) => Cells::Text(words.into_text()),
            (Part::Text(words), Kind::Numbers) => Cells::Numbers(numbers_of(&words, decimal)),
            (Part::Nothing, _) => Cells::Numbers(Vec::new()),
        };
        self.columns.into_par_iter().zip(kinds).map(cells).collect()
    }
}

impl Part {
    /// Adds the cells of a later part.
    fn append(&mut self, later: &Part, missing: &Missing) {
        match (self, later) {
            (Part::Numbers(all), Part::Numbers(part)) => all.extend_from_slice(part),
            (Part::Text(all), Part::Text(part)) => all.append(part, missing),
            _ => {}
        }
    }
}

/// Returns words as numbers, which all of them are.
fn numbers_of(words: &Words, decimal: u8) -> Vec<f64> {
    let number = |word| match number::classify(word, decimal) {
        Class::Number(value) | Class::Code(value) => value,
        Class::Not(_) => f64::NAN,
    };
    let values: Vec<f64> = words.words().map(number).collect();
    words.codes.iter().map(|&code| values.get(code as usize).copied().unwrap_or(f64::NAN)).collect()
}
