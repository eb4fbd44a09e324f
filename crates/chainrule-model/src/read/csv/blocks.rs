//! Whole records, some megabytes at a time.

use std::io::Read;

use crate::read::problem::Problem;
use crate::read::source;

use super::cut::Cut;

/// The longest record that is read, in MiB.
const LONGEST: usize = 64;

/// A reader of text that gives whole records.
pub(super) struct Blocks {
    reader: Box<dyn Read + Send>,
    /// Bytes that were read and not yet given.
    rest: Vec<u8>,
    has_ended: bool,
    size: usize,
}

impl Blocks {
    pub(super) fn new(reader: Box<dyn Read + Send>, size: usize) -> Blocks {
        Blocks { reader, rest: Vec::new(), has_ended: false, size }
    }

    /// Returns the bytes at the start, at least so many if there are.
    pub(super) fn head(&mut self, size: usize) -> Result<&[u8], Problem> {
        self.fill(size)?;
        Ok(&self.rest)
    }

    /// Passes over bytes that [`Blocks::head`] has shown.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest.drain(..bytes.min(self.rest.len()));
    }

    /// Returns the next records; nothing at the end. An error tells how far
    /// the reader is: by lines it does not know of.
    pub(super) fn next(&mut self, cut: Cut, line: u64) -> Result<Option<Vec<u8>>, Problem> {
        let mut size = self.size;
        loop {
            self.fill(size)?;
            if self.has_ended {
                let all = std::mem::take(&mut self.rest);
                return Ok((!all.is_empty()).then_some(all));
            }
            if let Some(end) = last_end(&self.rest, cut) {
                let rest = self.rest.split_off(end);
                return Ok(Some(std::mem::replace(&mut self.rest, rest)));
            }
            if size >= LONGEST << 20 {
                return Err(Problem::LongRecord { line: line + 1, most: LONGEST });
            }
            size *= 2;
        }
    }

    fn fill(&mut self, size: usize) -> Result<(), Problem> {
        let wanted = size.saturating_sub(self.rest.len()) as u64;
        if self.has_ended || wanted == 0 {
            return Ok(());
        }
        let read = self.reader.by_ref().take(wanted).read_to_end(&mut self.rest);
        let count = read.map_err(|error| source::problem(&error))?;
        self.has_ended = (count as u64) < wanted;
        Ok(())
    }
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("rest", &self.rest.len()).finish_non_exhaustive()
    }
}

/// Returns the end of the last record that is complete; the bytes start
/// outside quotes.
fn last_end(bytes: &[u8], cut: Cut) -> Option<usize> {
    let quote = if cut.has_quotes { b'"' } else { cut.end };
    let mut is_inside = cut.has_quotes && memchr::memchr_iter(quote, bytes).count() % 2 == 1;
    for place in memchr::memrchr2_iter(quote, cut.end, bytes) {
        if bytes[place] != cut.end {
            is_inside = !is_inside;
        } else if !is_inside {
            return Some(place + 1);
        }
    }
    None
}
