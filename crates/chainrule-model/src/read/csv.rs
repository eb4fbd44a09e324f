//! Comma-separated values and their relatives.
//!
//! A file is read in three steps: a look at its start finds how it is laid out
//! ([`layout`]); pieces of whole records are parsed on all cores ([`piece`]);
//! what their columns are is decided from what was found in all of them
//! ([`decide`]). The result does not depend on where the pieces were cut, nor
//! on the number of threads.

use rayon::prelude::*;

use crate::read::problem::{Problem, ReadError};
use crate::read::{Data, Decimal, Format, Found, Hints, Missing, Options};
use crate::table::{Cells, Column, Lines, Table};

use cut::Cut;
use decide::{Declared, Kind};
use layout::Layout;
use piece::{Counts, Part, Piece, Plan, ReadAs, Trouble, TroubleKind};
use words::Words;

mod blocks;
mod cut;
mod decide;
mod layout;
mod number;
mod piece;
pub(super) mod stream;
#[cfg(test)]
mod tests;
mod words;

/// The delimiters that are looked for, the usual ones first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The bytes from which a file's layout is found.
const LOOK: usize = 1 << 18;

/// The bytes of a piece: enough to keep what is done for each piece small.
const PIECE: usize = 1 << 20;

/// The most pieces of a block: each has parts of its own for all columns.
const MOST_PIECES: usize = 256;

/// Reads a table from text in UTF-8 without a byte order mark.
pub(super) fn read(file: &str, bytes: &[u8], options: &Options) -> Result<Data, ReadError> {
    let one = |problem| ReadError::new(file, problem);
    let missing = Missing::new(options);
    let layout = look(bytes, options, &missing).map_err(one)?;
    let declared: Vec<Declared> =
        layout.names.iter().map(|name| Declared::of(name, options)).collect();
    let rows = &bytes[layout.start..];

    let guessed: Vec<ReadAs> = layout
        .look_numeric
        .iter()
        .zip(&declared)
        .map(|(&numeric, &declared)| guess(numeric, declared))
        .collect();
    let plan = Plan {
        cut: layout.cut,
        decimal: layout.decimal,
        missing: &missing,
        columns: &guessed,
        keeps_records: false,
    };
    let block = Block::parse(rows, &plan);
    block.sound(file, &layout.names, layout.line)?;
    if block.rows == 0 {
        return Err(one(Problem::NoRows { columns: layout.names.len() }));
    }
    let counts = block.counts(layout.line);
    let (kinds, mut remarks) = decide::kinds(file, &layout.names, &counts, &declared)?;
    let lines = block.lines(layout.line);

    // Columns whose start looked like numbers, but which are text: again.
    let again: Vec<ReadAs> = guessed
        .iter()
        .zip(&kinds)
        .map(|(&guess, &kind)| match (guess, kind) {
            (ReadAs::Numbers, Kind::Text) => ReadAs::Text,
            _ => ReadAs::Nothing,
        })
        .collect();
    let mut cells = block.into_cells(&kinds, &missing, layout.decimal);
    if again.contains(&ReadAs::Text) {
        let plan = Plan { columns: &again, ..plan };
        let texts = Block::parse(rows, &plan).into_cells(&kinds, &missing, layout.decimal);
        for ((cells, text), &read_as) in cells.iter_mut().zip(texts).zip(&again) {
            if read_as == ReadAs::Text {
                *cells = text;
            }
        }
    }
    remarks.splice(0..0, layout.remarks.iter().cloned());
    Ok(Data {
        table: table(file, &layout.names, cells, lines),
        hints: Hints::default(),
        found: found(&layout),
        remarks,
    })
}

fn table(file: &str, names: &[String], cells: Vec<Cells>, lines: Lines) -> Table {
    let column = |(name, cells): (&String, Cells)| Column { name: name.clone(), cells };
    Table { name: file.to_string(), columns: names.iter().zip(cells).map(column).collect(), lines }
}

/// Finds how a file is laid out.
fn look(bytes: &[u8], options: &Options, missing: &Missing) -> Result<Layout, Problem> {
    let mut head = &bytes[..bytes.len().min(LOOK)];
    if head.len() < bytes.len() {
        // Whole records, or what is nearest to them.
        let end = memchr::memrchr2(b'\n', b'\r', head).map_or(head.len(), |end| end + 1);
        head = &head[..end];
    }
    layout::layout(head, options, missing)
}

/// Says what was found out about a file.
fn found(layout: &Layout) -> Found {
    Found {
        format: Format::Csv,
        delimiter: Some(char::from(layout.cut.delimiter)),
        header: Some(layout.has_header),
        decimal: Some(if layout.decimal == b',' { Decimal::Comma } else { Decimal::Point }),
        ..Found::default()
    }
}

fn guess(look_numeric: bool, declared: Declared) -> ReadAs {
    match declared {
        Declared::Numbers => ReadAs::Numbers,
        Declared::Text => ReadAs::Text,
        Declared::Nothing if look_numeric => ReadAs::Numbers,
        Declared::Nothing => ReadAs::Text,
    }
}

/// Whole records, parsed in pieces.
struct Block {
    rows: usize,
    /// The pieces, each with the place of its first byte.
    pieces: Vec<(usize, Piece)>,
}

impl Block {
    /// Parses whole records.
    fn parse(bytes: &[u8], plan: &Plan<'_>) -> Block {
        Block::parse_in(bytes, plan, PIECE.max(bytes.len() / MOST_PIECES))
    }

    /// Parses whole records in pieces of some size.
    fn parse_in(bytes: &[u8], plan: &Plan<'_>, size: usize) -> Block {
        let bounds = bounds(bytes, plan.cut, size);
        let mut pieces: Vec<(usize, Piece)> = bounds
            .par_windows(2)
            .map(|bound| (bound[0], piece::parse(&bytes[bound[0]..bound[1]], plan)))
            .collect();
        if pieces.iter().any(|(_, piece)| piece.is_spoilt) {
            // Quotes do not fit, so pieces may have been cut inside of them:
            // only from the start is it clear where the fault is.
            pieces = vec![(0, piece::parse(bytes, plan))];
        }
        Block { rows: pieces.iter().map(|(_, piece)| piece.rows).sum(), pieces }
    }

    /// Returns the pieces, each with the line on which it starts.
    fn with_lines(&self, first: u64) -> impl Iterator<Item = (u64, &Piece)> {
        self.pieces.iter().scan(first, |line, (_, piece)| {
            let start = *line;
            *line += piece.lines;
            Some((start, piece))
        })
    }

    /// Returns where the records stand.
    fn records(&self) -> Vec<std::ops::Range<usize>> {
        let mut records = Vec::with_capacity(self.rows);
        for (start, piece) in &self.pieces {
            records.extend(piece.records.iter().map(|&(from, to)| start + from..start + to));
        }
        records
    }

    /// Returns the number of lines.
    fn line_count(&self) -> u64 {
        self.pieces.iter().map(|(_, piece)| piece.lines).sum()
    }

    /// Checks that all records could be read. `line`, the one before the first,
    /// counts from 0.
    fn sound(&self, file: &str, names: &[String], line: u64) -> Result<(), ReadError> {
        let mut problems = Vec::new();
        let mut more = 0;
        for (line, piece) in self.with_lines(line) {
            let named = |trouble: &Trouble| named(trouble, line + 1, names);
            problems.extend(piece.troubles.iter().map(named));
            more += piece.more_troubles;
            // The lines of later pieces are not known.
            if piece.is_spoilt || piece.columns.is_empty() {
                break;
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        let mut error = ReadError::of(file, problems);
        error.more += more;
        Err(error)
    }

    /// Returns what kinds of cells the columns have. `line` counts from 0.
    fn counts(&self, line: u64) -> Vec<Counts> {
        let columns = self.pieces.first().map_or(0, |(_, piece)| piece.counts.len());
        let mut all = vec![Counts::default(); columns];
        for (line, piece) in self.with_lines(line) {
            for (all, counts) in all.iter_mut().zip(&piece.counts) {
                all.append(counts.clone(), line + 1);
            }
        }
        all
    }

    /// Returns the lines of the rows. `line` counts from 0.
    fn lines(&self, line: u64) -> Lines {
        let mut expected = line;
        let follows = self.with_lines(line).all(|(line, piece)| {
            let follows = piece.rows == 0 || (piece.listed.is_none() && line == expected);
            expected += piece.rows as u64;
            follows
        });
        if follows {
            return Lines::From(line + 1);
        }
        let mut listed = Vec::with_capacity(self.rows);
        for (line, piece) in self.with_lines(line) {
            match &piece.listed {
                Some(lines) => listed.extend(lines.iter().map(|local| line + 1 + local)),
                None => listed.extend((0..piece.rows as u64).map(|row| line + 1 + row)),
            }
        }
        Lines::Listed(listed)
    }

    /// Returns the cells of all columns, the pieces joined.
    fn into_cells(self, kinds: &[Kind], missing: &Missing, decimal: u8) -> Vec<Cells> {
        let mut parts: Vec<Vec<Part>> = kinds.iter().map(|_| Vec::new()).collect();
        for (_, piece) in self.pieces {
            for (parts, part) in parts.iter_mut().zip(piece.columns) {
                parts.push(part);
            }
        }
        let rows = self.rows;
        parts
            .into_par_iter()
            .zip(kinds)
            .map(|(parts, &kind)| join(parts, rows, kind, missing, decimal))
            .collect()
    }
}

/// Joins the parts of a column.
fn join(parts: Vec<Part>, rows: usize, kind: Kind, missing: &Missing, decimal: u8) -> Cells {
    let mut numbers: Vec<f64> = Vec::new();
    let mut words: Option<Words> = None;
    for part in parts {
        match part {
            Part::Numbers(part) if numbers.is_empty() && part.len() == rows => numbers = part,
            Part::Numbers(part) => {
                if numbers.is_empty() {
                    numbers.reserve_exact(rows);
                }
                numbers.extend_from_slice(&part);
            }
            Part::Text(part) => match &mut words {
                None => words = Some(part),
                Some(words) => words.append(&part, missing),
            },
            Part::Nothing => {}
        }
    }
    match (words, kind) {
        (None, _) => Cells::Numbers(numbers),
        (Some(words), Kind::Text) => Cells::Text(words.into_text()),
        (Some(words), Kind::Numbers) => Cells::Numbers(words.numbers(decimal)),
    }
}

/// Says what keeps a file from being read, with the names of columns.
fn named(trouble: &Trouble, first_line: u64, names: &[String]) -> Problem {
    let line = first_line + trouble.line;
    let column = names.get(trouble.column).cloned();
    let column = column.unwrap_or_else(|| layout::made_up(trouble.column));
    match &trouble.kind {
        TroubleKind::FieldCount { found, delimiter } => Problem::FieldCount {
            line,
            found: *found,
            expected: names.len(),
            delimiter: delimiter.map(char::from),
        },
        TroubleKind::Unclosed => Problem::UnclosedQuote { line, column },
        TroubleKind::Stray(value) => Problem::StrayQuote { line, column, value: value.clone() },
        TroubleKind::After(value) => Problem::AfterQuote { line, column, value: value.clone() },
        TroubleKind::NotUtf8(byte) => Problem::NotUtf8 { line, column, byte: *byte },
        TroubleKind::Nul => Problem::Nul { line, column },
    }
}

/// Cuts bytes into pieces of whole records; returns where they start, and the
/// end.
fn bounds(bytes: &[u8], cut: Cut, size: usize) -> Vec<usize> {
    let starts: Vec<usize> = (0..bytes.len()).step_by(size).collect();
    let quotes: Vec<usize> = starts
        .par_iter()
        .map(|&start| {
            let piece = &bytes[start..bytes.len().min(start + size)];
            if cut.has_quotes { memchr::memchr_iter(b'"', piece).count() } else { 0 }
        })
        .collect();
    let mut bounds = vec![0];
    let mut is_inside = false;
    for (index, &start) in starts.iter().enumerate() {
        if start > *bounds.last().unwrap_or(&0)
            && let Some(next) = next_record(bytes, start, is_inside, cut)
            && next < bytes.len()
        {
            bounds.push(next);
        }
        is_inside ^= quotes[index] % 2 == 1;
    }
    bounds.push(bytes.len());
    bounds
}

/// Returns the end of the record in which a place lies, if it ends.
fn next_record(bytes: &[u8], from: usize, mut is_inside: bool, cut: Cut) -> Option<usize> {
    let quote = if cut.has_quotes { b'"' } else { cut.end };
    for place in memchr::memchr2_iter(quote, cut.end, &bytes[from..]) {
        if bytes[from + place] != cut.end {
            is_inside = !is_inside;
        } else if !is_inside {
            return Some(from + place + 1);
        }
    }
    None
}
