//! Some megabytes of whole records, parsed in pieces on all cores.

use std::ops::Range;

use rayon::prelude::*;

use crate::read::problem::{Problem, ReadError};

use super::cut::Cut;
use super::layout;
use super::piece::{self, Piece, Plan, Trouble, TroubleKind};

/// The bytes of a piece: few enough to stay in a core's cache from the search
/// for its end to its numbers, enough to keep small what is done for a piece.
const PIECE: usize = 1 << 19;

/// Whole records, parsed.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) rows: usize,
    pub(super) pieces: Vec<Piece>,
    /// Where the pieces start.
    starts: Vec<usize>,
}

impl Block {
    /// Parses whole records.
    pub(super) fn parse(bytes: &[u8], plan: &Plan<'_>) -> Block {
        Block::parse_in(bytes, plan, PIECE)
    }

    /// Parses whole records in pieces of some size.
    pub(super) fn parse_in(bytes: &[u8], plan: &Plan<'_>, size: usize) -> Block {
        let mut starts = bounds(bytes, plan.cut, size);
        let parse = |bound: &[usize]| piece::parse(&bytes[bound[0]..bound[1]], plan);
        let mut pieces: Vec<Piece> = starts.par_windows(2).map(parse).collect();
        if pieces.iter().any(|piece| piece.is_spoilt) {
            // Quotes do not fit, so pieces may have been cut inside of them:
            // only from the start is it clear where the fault is.
            pieces = vec![piece::parse(bytes, plan)];
            starts = vec![0];
        }
        Block { rows: pieces.iter().map(|piece| piece.rows).sum(), pieces, starts }
    }

    /// Checks that all records could be read. `line`, that of the first
    /// record, counts from 1.
    pub(super) fn sound(&self, file: &str, names: &[String], line: u64) -> Result<(), ReadError> {
        let mut problems = Vec::new();
        let mut more = 0;
        let mut line = line;
        for piece in &self.pieces {
            problems.extend(piece.troubles.iter().map(|trouble| named(trouble, line, names)));
            more += piece.more_troubles;
            // The lines of later pieces are not known.
            if piece.is_unread {
                break;
            }
            line += piece.lines;
        }
        if problems.is_empty() {
            return Ok(());
        }
        let mut error = ReadError::of(file, problems);
        error.more += more;
        Err(error)
    }

    /// Returns where the records stand.
    pub(super) fn records(&self) -> Vec<Range<usize>> {
        let mut records = Vec::with_capacity(self.rows);
        for (start, piece) in self.starts.iter().zip(&self.pieces) {
            records.extend(piece.records.iter().map(|&(from, to)| start + from..start + to));
        }
        records
    }
}

/// Says what keeps a file from being read, with the names of columns. `line`,
/// that of the piece, counts from 1.
pub(super) fn named(trouble: &Trouble, line: u64, names: &[String]) -> Problem {
    let line = line + trouble.line;
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
    let quotes = |&start: &usize| {
        let piece = &bytes[start..bytes.len().min(start.saturating_add(size))];
        if cut.has_quotes { memchr::memchr_iter(b'"', piece).count() } else { 0 }
    };
    let quotes: Vec<usize> = starts.par_iter().map(quotes).collect();
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
