//! Fields and records: where they end.
//!
//! A field that starts with a double quote ends at the next quote that is not
//! doubled, and may hold delimiters and line ends (RFC 4180). A quote anywhere
//! else is a fault: therefore the quotes before a place tell whether it lies
//! inside of them, and a file can be cut anywhere. Blanks around a field are
//! no part of it.

use std::borrow::Cow;

/// How records and fields are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Between fields.
    pub(super) delimiter: u8,
    /// After records: a line feed (a carriage return before it is a blank), or
    /// a carriage return.
    pub(super) end: u8,
    /// Whether quotes mean something.
    pub(super) has_quotes: bool,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its first byte, after blanks and a quote.
    pub(super) from: usize,
    /// The end of its bytes.
    pub(super) to: usize,
    /// Whether quotes within it are doubled.
    pub(super) is_doubled: bool,
    /// The start of the next field or record.
    pub(super) next: usize,
    /// Whether it is the last of its record.
    pub(super) is_last: bool,
    /// Line ends within it.
    pub(super) lines: u64,
}

/// Quotes that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quote that never closes.
    Unclosed,
    /// A quote inside a field that does not start with one; the field's bytes.
    Stray(usize, usize),
    /// Text after the closing quote; its bytes, and the lines before it.
    After(usize, usize, u64),
}

impl Cut {
    fn is_blank(self, byte: u8) -> bool {
        (byte == b' ' || byte == b'\t' || byte == b'\r')
            && byte != self.delimiter
            && byte != self.end
    }

    /// Returns the start of the line after this one if nothing stands on it.
    pub(super) fn blank_line(self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = &bytes[at..];
        let blanks = rest.iter().take_while(|&&byte| self.is_blank(byte)).count();
        match rest.get(blanks) {
            None => Some(bytes.len()),
            Some(&byte) if byte == self.end => Some(at + blanks + 1),
            Some(_) => None,
        }
    }

    /// Returns the field that starts at some place.
    #[inline]
    pub(super) fn field(self, bytes: &[u8], at: usize) -> Result<Field, Fault> {
        let mut from = at;
        while bytes.get(from).is_some_and(|&byte| self.is_blank(byte)) {
            from += 1;
        }
        if self.has_quotes && bytes.get(from) == Some(&b'"') {
            return self.quoted(bytes, from + 1);
        }
        let rest = &bytes[from..];
        let ends = |byte: u8| byte == self.delimiter || byte == self.end;
        // Most fields are shorter than what it takes to start a search.
        let stop = rest
            .iter()
            .take(SHORT)
            .position(|&byte| ends(byte) || byte == b'"')
            .or_else(|| {
                let long = rest.get(SHORT..)?;
                memchr::memchr3(self.delimiter, self.end, b'"', long).map(|i| i + SHORT)
            })
            .unwrap_or(rest.len());
        let mut stop = from + stop;
        if bytes.get(stop) == Some(&b'"') {
            stop += bytes[stop..].iter().position(|&byte| ends(byte)).unwrap_or(bytes.len() - stop);
            if self.has_quotes {
                return Err(Fault::Stray(from, stop));
            }
        }
        let mut to = stop;
        while to > from && self.is_blank(bytes[to - 1]) {
            to -= 1;
        }
        Ok(self.ended(
            bytes,
            Field { from, to, is_doubled: false, next: 0, is_last: false, lines: 0 },
            stop,
        ))
    }

    fn ended(self, bytes: &[u8], field: Field, stop: usize) -> Field {
        match bytes.get(stop) {
            Some(&byte) if byte == self.delimiter => Field { next: stop + 1, ..field },
            Some(_) => Field { next: stop + 1, is_last: true, ..field },
            None => Field { next: stop, is_last: true, ..field },
        }
    }

    /// Returns the field whose opening quote has just been read.
    fn quoted(self, bytes: &[u8], from: usize) -> Result<Field, Fault> {
        let mut to = from;
        let mut is_doubled = false;
        loop {
            to += memchr::memchr(b'"', &bytes[to..]).ok_or(Fault::Unclosed)?;
            if bytes.get(to + 1) != Some(&b'"') {
                break;
            }
            is_doubled = true;
            to += 2;
        }
        let lines = memchr::memchr_iter(self.end, &bytes[from..to]).count() as u64;
        let mut stop = to + 1;
        while bytes.get(stop).is_some_and(|&byte| self.is_blank(byte)) {
            stop += 1;
        }
        if bytes.get(stop).is_some_and(|&byte| byte != self.delimiter && byte != self.end) {
            let ends = |&byte: &u8| byte == self.delimiter || byte == self.end;
            let end = stop + bytes[stop..].iter().position(ends).unwrap_or(bytes.len() - stop);
            return Err(Fault::After(stop, end, lines));
        }
        Ok(self.ended(bytes, Field { from, to, is_doubled, next: 0, is_last: false, lines }, stop))
    }
}

/// Fields up to this length are searched byte by byte.
const SHORT: usize = 16;

impl Field {
    /// Returns the text of the field.
    #[inline]
    pub(super) fn content<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = &bytes[self.from..self.to];
        if self.is_doubled { Cow::Owned(undoubled(raw)) } else { Cow::Borrowed(raw) }
    }
}

fn undoubled(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut after_quote = false;
    for &byte in raw {
        after_quote = byte == b'"' && !after_quote;
        if byte != b'"' || after_quote {
            text.push(byte);
        }
    }
    text
}

/// The first records of a text, for a look at how it is made.
#[derive(Debug, Default)]
pub(super) struct Sample<'a> {
    /// The fields of each.
    pub(super) records: Vec<Vec<Cow<'a, [u8]>>>,
    /// The line on which the first starts, from 0.
    pub(super) first_line: u64,
    /// The start of the second record.
    pub(super) second: usize,
    /// The line on which the second starts, from 0; blank lines before it are
    /// not counted.
    pub(super) second_line: u64,
    /// What ended the look: a fault, and the record and field it is in.
    pub(super) fault: Option<(Fault, usize, usize)>,
}

impl Cut {
    /// Reads some records, as far as quotes fit.
    pub(super) fn sample(self, bytes: &[u8], most: usize) -> Sample<'_> {
        let mut sample = Sample::default();
        let (mut at, mut line) = (0, 0);
        while at < bytes.len() && sample.records.len() < most {
            if let Some(next) = self.blank_line(bytes, at) {
                (at, line) = (next, line + 1);
                continue;
            }
            if sample.records.is_empty() {
                sample.first_line = line;
            }
            let mut record = Vec::new();
            loop {
                match self.field(bytes, at) {
                    Ok(field) => {
                        record.push(field.content(bytes));
                        line += field.lines;
                        at = field.next;
                        if field.is_last {
                            break;
                        }
                    }
                    Err(fault) => {
                        sample.fault = Some((fault, sample.records.len(), record.len()));
                        return sample;
                    }
                }
            }
            line += 1;
            if sample.records.is_empty() {
                (sample.second, sample.second_line) = (at, line);
            }
            sample.records.push(record);
        }
        sample
    }
}
