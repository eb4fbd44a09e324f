//! A piece of a CSV file: whole records, parsed in one go.
//!
//! Pieces are parsed apart, by as many threads as there are; each says what it
//! found in its columns, and what they are is decided when all are done.

use crate::read::problem::NotANumber;
use crate::read::words::Words;
use crate::read::{Missing, problem};
use crate::table::MISSING;

use super::cut::{Cut, Fault};
use super::number::{self, Class};

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadAs {
    /// Numbers; what is none is listed.
    Numbers,
    /// Words.
    Text,
    /// It is not read.
    Nothing,
}

/// What all pieces have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    pub(super) cut: Cut,
    pub(super) decimal: u8,
    pub(super) missing: &'a Missing,
    pub(super) columns: &'a [ReadAs],
    /// Whether the places of records are kept.
    pub(super) keeps_records: bool,
}

/// What was found in a piece. Lines are counted from 0 at its start.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) rows: usize,
    /// The line ends in it.
    pub(super) lines: u64,
    /// The line of each row, where they do not simply follow each other.
    pub(super) listed: Option<Vec<u64>>,
    pub(super) columns: Vec<Part>,
    pub(super) counts: Vec<Counts>,
    /// The first records of wrong width, and other faults.
    pub(super) troubles: Vec<Trouble>,
    pub(super) more_troubles: u64,
    /// Whether its end was not reached, so that its lines are not counted.
    pub(super) is_unread: bool,
    /// Whether quotes do not fit: what follows may have been cut wrongly.
    pub(super) is_spoilt: bool,
    /// The bytes of each record, without its line end.
    pub(super) records: Vec<(usize, usize)>,
}

/// The cells of a column in a piece.
#[derive(Debug)]
pub(super) enum Part {
    Numbers(Vec<f64>),
    Text(Words),
    Nothing,
}

/// How many cells of which kind a column has.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) numbers: u64,
    /// Digits after a leading zero.
    pub(super) codes: u64,
    /// Infinite, too large, with marks between thousands, with the other
    /// decimal mark.
    pub(super) odd: u64,
    pub(super) words: u64,
    /// The first cells that are not numbers.
    pub(super) bad: Vec<Bad>,
    /// The first code.
    pub(super) code: Option<Bad>,
}

/// A cell that is not a number.
#[derive(Clone, Debug)]
pub(super) struct Bad {
    pub(super) line: u64,
    pub(super) value: String,
    pub(super) why: NotANumber,
}

/// Something that keeps a piece from being read.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) line: u64,
    pub(super) column: usize,
    pub(super) kind: TroubleKind,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum TroubleKind {
    FieldCount { found: usize, delimiter: Option<u8> },
    Unclosed,
    Stray(String),
    After(String),
    NotUtf8(u8),
    Nul,
}

impl Counts {
    fn add(&mut self, class: Class, line: u64, cell: &[u8]) {
        let bad = |why| Bad { line, value: problem::shown(cell), why };
        match class {
            Class::Number(_) => self.numbers += 1,
            Class::Code(_) => {
                self.codes += 1;
                self.code.get_or_insert_with(|| bad(NotANumber::Word));
            }
            Class::Not(why) => {
                *if why == NotANumber::Word { &mut self.words } else { &mut self.odd } += 1;
                if self.bad.len() < problem::MOST_PROBLEMS {
                    self.bad.push(bad(why));
                }
            }
        }
    }

    /// Adds the counts of a later piece, which starts on some line.
    pub(super) fn append(&mut self, later: Counts, line: u64) {
        let shifted = |bad: Bad| Bad { line: bad.line + line, ..bad };
        self.numbers += later.numbers;
        self.codes += later.codes;
        self.odd += later.odd;
        self.words += later.words;
        let room = problem::MOST_PROBLEMS - self.bad.len().min(problem::MOST_PROBLEMS);
        self.bad.extend(later.bad.into_iter().take(room).map(shifted));
        self.code = self.code.take().or(later.code.map(shifted));
    }
}

/// Parses a piece.
pub(super) fn parse(bytes: &[u8], plan: &Plan<'_>) -> Piece {
    let mut piece =
        Piece { counts: vec![Counts::default(); plan.columns.len()], ..Piece::default() };
    if let Some(trouble) = not_text(bytes, plan.cut) {
        piece.troubles.push(trouble);
        piece.is_unread = true;
        return piece;
    }
    piece.columns = plan.columns.iter().map(|column| column.part()).collect();
    let (mut at, mut line) = (0, 0);
    while at < bytes.len() {
        if bytes[at] <= b' '
            && let Some(next) = plan.cut.blank_line(bytes, at)
        {
            (at, line) = (next, line + 1);
            continue;
        }
        let Some(next) = piece.record(bytes, at, &mut line, plan) else { break };
        if piece.rows == 1 {
            piece.reserve(bytes.len() / (next - at));
        }
        at = next;
        line += 1;
    }
    piece.lines = line;
    // After a trouble, cells do not stand in rows, and nobody asks for counts.
    if piece.troubles.is_empty() {
        piece.count_words(plan);
    }
    piece
}

impl ReadAs {
    /// Returns an empty column.
    pub(super) fn part(self) -> Part {
        match self {
            ReadAs::Numbers => Part::Numbers(Vec::new()),
            ReadAs::Text => Part::Text(Words::default()),
            ReadAs::Nothing => Part::Nothing,
        }
    }
}

impl Piece {
    /// Makes room for about so many rows.
    fn reserve(&mut self, rows: usize) {
        for part in &mut self.columns {
            match part {
                Part::Numbers(numbers) => numbers.reserve(rows),
                Part::Text(words) => words.codes.reserve(rows),
                Part::Nothing => {}
            }
        }
    }

    /// Reads a record and returns the start of the next; nothing if quotes do
    /// not fit.
    #[inline]
    fn record(
        &mut self,
        bytes: &[u8],
        start: usize,
        line: &mut u64,
        plan: &Plan<'_>,
    ) -> Option<usize> {
        let first = *line;
        let mut at = start;
        let mut is_last = false;
        let mut width = 0;
        while !is_last {
            if let (Some(Part::Numbers(numbers)), Some(counts)) =
                (self.columns.get_mut(width), self.counts.get_mut(width))
                && let Some((value, next, last)) = plan.number(bytes, at)
            {
                numbers.push(value);
                counts.numbers += 1;
                (at, is_last) = (next, last);
            } else {
                let field = match plan.cut.field(bytes, at) {
                    Ok(field) => field,
                    Err(fault) => {
                        self.fault(fault, bytes, *line, width);
                        return None;
                    }
                };
                let content = field.content(bytes);
                match self.columns.get_mut(width) {
                    Some(Part::Numbers(numbers)) => {
                        numbers.push(if plan.missing.holds(&content) {
                            f64::NAN
                        } else {
                            let class = number::classify(&content, plan.decimal);
                            self.counts[width].add(class, first, &content);
                            match class {
                                Class::Number(value) | Class::Code(value) => value,
                                Class::Not(_) => f64::NAN,
                            }
                        });
                    }
                    Some(Part::Text(words)) => words.push(&content, plan.missing),
                    Some(Part::Nothing) | None => {}
                }
                *line += field.lines;
                (at, is_last) = (field.next, field.is_last);
            }
            width += 1;
        }
        if width != plan.columns.len() {
            self.wrong_width(bytes, (start, at), first, width, plan);
        }
        self.place(first);
        if plan.keeps_records {
            self.records.push((start, trimmed(bytes, start, at)));
        }
        self.rows += 1;
        Some(at)
    }

    /// Notes the line of a row.
    fn place(&mut self, line: u64) {
        if let Some(listed) = &mut self.listed {
            listed.push(line);
        } else if line != self.rows as u64 {
            let mut listed: Vec<u64> = (0..self.rows as u64).collect();
            listed.push(line);
            self.listed = Some(listed);
        }
    }

    fn trouble(&mut self, line: u64, column: usize, kind: TroubleKind) {
        if self.troubles.len() < problem::MOST_PROBLEMS {
            self.troubles.push(Trouble { line, column, kind });
        } else {
            self.more_troubles += 1;
        }
    }

    fn fault(&mut self, fault: Fault, bytes: &[u8], line: u64, column: usize) {
        self.is_spoilt = true;
        self.is_unread = true;
        let (line, kind) = match fault {
            Fault::Unclosed => (line, TroubleKind::Unclosed),
            Fault::Stray(from, to) => (line, TroubleKind::Stray(problem::shown(&bytes[from..to]))),
            Fault::After(from, to, lines) => {
                (line + lines, TroubleKind::After(problem::shown(&bytes[from..to])))
            }
        };
        self.trouble(line, column, kind);
    }

    /// Notes a record of wrong width, and a delimiter that would make it right.
    #[cold]
    fn wrong_width(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        line: u64,
        found: usize,
        plan: &Plan<'_>,
    ) {
        let fits = |&delimiter: &u8| {
            let cut = Cut { delimiter, ..plan.cut };
            let sample = cut.sample(&bytes[start..end], 1);
            delimiter != plan.cut.delimiter
                && sample.records.first().is_some_and(|record| record.len() == plan.columns.len())
        };
        let delimiter = super::DELIMITERS.iter().copied().find(fits);
        self.trouble(line, 0, TroubleKind::FieldCount { found, delimiter });
    }

    /// Counts what the cells of text columns are, by their distinct words.
    fn count_words(&mut self, plan: &Plan<'_>) {
        for (part, counts) in self.columns.iter().zip(&mut self.counts) {
            let Part::Text(words) = part else { continue };
            let mut cells = vec![0u64; words.words().count()];
            for &code in words.codes.iter().filter(|&&code| code != MISSING) {
                cells[code as usize] += 1;
            }
            let mut room = problem::MOST_PROBLEMS;
            let classes: Vec<Class> =
                words.words().map(|word| number::classify(word, plan.decimal)).collect();
            for (class, cells) in classes.iter().zip(cells) {
                match class {
                    Class::Number(_) => counts.numbers += cells,
                    Class::Code(_) => counts.codes += cells,
                    Class::Not(NotANumber::Word) => counts.words += cells,
                    Class::Not(_) => counts.odd += cells,
                }
            }
            // The first few places, for messages.
            for (row, &code) in words.codes.iter().enumerate() {
                let Some(class) = classes.get(code as usize) else { continue };
                let line = self.listed.as_ref().map_or(row as u64, |lines| lines[row]);
                let value = || {
                    let word = words.words().nth(code as usize).unwrap_or_default();
                    problem::shown(word)
                };
                match class {
                    Class::Number(_) => {}
                    Class::Code(_) => {
                        let why = NotANumber::Word;
                        counts.code.get_or_insert_with(|| Bad { line, value: value(), why });
                    }
                    Class::Not(why) if room > 0 => {
                        room -= 1;
                        counts.bad.push(Bad { line, value: value(), why: *why });
                    }
                    Class::Not(_) => {}
                }
                if room == 0 && (counts.codes == 0 || counts.code.is_some()) {
                    break;
                }
            }
        }
    }
}

impl Plan<'_> {
    /// Reads a field that is a number and nothing else: its value, the start
    /// of the next field, and whether it is the last of its record.
    #[inline]
    fn number(&self, bytes: &[u8], at: usize) -> Option<(f64, usize, bool)> {
        let found = number::prefix(&bytes[at..], self.decimal)?;
        if found.is_code || !found.value.is_finite() || self.missing.has_numbers {
            return None;
        }
        let end = at + found.length;
        match bytes.get(end) {
            None => Some((found.value, end, true)),
            Some(&byte) if byte == self.cut.delimiter => Some((found.value, end + 1, false)),
            Some(&byte) if byte == self.cut.end => Some((found.value, end + 1, true)),
            Some(b'\r') if bytes.get(end + 1) == Some(&self.cut.end) => {
                Some((found.value, end + 2, true))
            }
            Some(_) => None,
        }
    }
}

/// Returns the end of a record without its line end.
fn trimmed(bytes: &[u8], start: usize, next: usize) -> usize {
    let mut end = next;
    while end > start && matches!(bytes[end - 1], b'\n' | b'\r') {
        end -= 1;
    }
    end
}

/// Finds the first byte that is no UTF-8, or NUL.
pub(super) fn not_text(bytes: &[u8], cut: Cut) -> Option<Trouble> {
    let (at, kind) = match (std::str::from_utf8(bytes), memchr::memchr(0, bytes)) {
        (Err(error), nul) if nul.is_none_or(|nul| error.valid_up_to() < nul) => {
            let at = error.valid_up_to();
            (at, TroubleKind::NotUtf8(bytes[at]))
        }
        (_, Some(at)) => (at, TroubleKind::Nul),
        _ => return None,
    };
    let line = memchr::memchr_iter(cut.end, &bytes[..at]).count() as u64;
    // The column: as many fields as are complete before it.
    let sample = cut.sample(&bytes[..at], usize::MAX);
    let complete = match sample.fault {
        Some((_, _, fields)) => fields,
        None if at > 0 && bytes[at - 1] == cut.end => 0,
        None => sample.records.last().map_or(0, |record| record.len().saturating_sub(1)),
    };
    Some(Trouble { line, column: complete, kind })
}
