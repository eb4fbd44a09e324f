//! Whole records, some megabytes at a time, from memory or from a reader.

use std::borrow::Cow;
use std::io::Read;

use crate::read::problem::Problem;
use crate::read::source;

use super::cut::Cut;

/// The longest record that is read, in MiB.
const LONGEST: usize = 64;

/// Text, of which whole records are taken.
pub(super) struct Blocks<'a> {
    text: Text<'a>,
    size: usize,
}

enum Text<'a> {
    Memory(&'a [u8]),
    Reader {
        reader: Box<dyn Read + Send>,
        /// Bytes that were read and not yet given.
        rest: Vec<u8>,
        has_ended: bool,
    },
}

impl<'a> Blocks<'a> {
    /// Takes blocks of about `size` bytes from memory.
    pub(super) fn of_bytes(bytes: &'a [u8], size: usize) -> Blocks<'a> {
        Blocks { text: Text::Memory(bytes), size }
    }

    /// Takes blocks of about `size` bytes from a reader.
    pub(super) fn of_reader(reader: Box<dyn Read + Send>, size: usize) -> Blocks<'static> {
        Blocks { text: Text::Reader { reader, rest: Vec::new(), has_ended: false }, size }
    }

    /// Returns the bytes at the start, at least so many if there are, and
    /// whether they are all.
    pub(super) fn head(&mut self, size: usize) -> Result<(&[u8], bool), Problem> {
        let has_ended = self.fill(size)?;
        Ok((self.rest(), has_ended))
    }

    /// Passes over bytes that [`Blocks::head`] has shown.
    pub(super) fn skip(&mut self, bytes: usize) {
        match &mut self.text {
            Text::Memory(rest) => *rest = rest.get(bytes..).unwrap_or_default(),
            Text::Reader { rest, .. } => drop(rest.drain(..bytes.min(rest.len()))),
        }
    }

    /// Returns the next records; nothing at the end. The line of a record that
    /// is too long is for the caller to fill in.
    pub(super) fn next(&mut self, cut: Cut) -> Result<Option<Cow<'a, [u8]>>, Problem> {
        let mut size = self.size;
        loop {
            let has_ended = self.fill(size)?;
            let shown = self.rest();
            let shown = &shown[..shown.len().min(size)];
            if has_ended && shown.len() == self.rest().len() {
                let end = shown.len();
                return Ok((end > 0).then(|| self.take(end)));
            }
            if let Some(end) = last_end(shown, cut) {
                return Ok(Some(self.take(end)));
            }
            if size >= LONGEST << 20 {
                return Err(Problem::LongRecord { line: 0, most: LONGEST });
            }
            size *= 2;
        }
    }

    fn rest(&self) -> &[u8] {
        match &self.text {
            Text::Memory(rest) => rest,
            Text::Reader { rest, .. } => rest,
        }
    }

    fn take(&mut self, end: usize) -> Cow<'a, [u8]> {
        match &mut self.text {
            Text::Memory(rest) => {
                let (taken, after) = rest.split_at(end);
                *rest = after;
                Cow::Borrowed(taken)
            }
            Text::Reader { rest, .. } => {
                let after = rest[end..].to_vec();
                rest.truncate(end);
                Cow::Owned(std::mem::replace(rest, after))
            }
        }
    }

    /// Makes at least so many bytes ready if there are; tells whether all are.
    fn fill(&mut self, size: usize) -> Result<bool, Problem> {
        match &mut self.text {
            Text::Memory(_) => Ok(true),
            Text::Reader { reader, rest, has_ended } => {
                let wanted = size.saturating_sub(rest.len());
                if !*has_ended && wanted > 0 {
                    rest.reserve_exact(wanted);
                    let read = reader.by_ref().take(wanted as u64).read_to_end(rest);
                    *has_ended = read.map_err(|error| source::problem(&error))? < wanted;
                }
                Ok(*has_ended)
            }
        }
    }
}

impl std::fmt::Debug for Blocks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("rest", &self.rest().len()).finish_non_exhaustive()
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
