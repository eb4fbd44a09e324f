//! Comma-separated values and their relatives.
//!
//! A file is read in three steps: a look at its start finds how it is laid out
//! ([`layout`]); blocks of whole records are parsed, in pieces on all cores
//! ([`piece`]), while the next block is fetched; what the columns are is
//! decided from what was found in all of them ([`decide`]). The result does
//! not depend on where blocks and pieces were cut, nor on the number of
//! threads.

use std::borrow::Cow;

use crate::read::problem::{Problem, ReadError};
use crate::read::{
    Data, Decimal, Encoding, Format, Found, Hints, Missing, Options, Source, detect,
};
use crate::table::{Cells, Column, Lines, Table};

use block::Block;
use blocks::Blocks;
use decide::{Declared, Kind};
use growing::Growing;
use layout::Layout;
use piece::{Plan, ReadAs};

mod block;
mod blocks;
mod cut;
mod decide;
mod growing;
mod layout;
mod number;
mod piece;
pub(super) mod stream;
#[cfg(test)]
mod tests;

/// The delimiters that are looked for, the usual ones first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The bytes from which a file's layout is found.
const LOOK: usize = 1 << 18;

/// The bytes of a block: they should stay in a cache that all cores share.
const BLOCK: usize = 8 << 20;

/// Reads a table from text in UTF-8 without a byte order mark.
pub(super) fn read(file: &str, bytes: &[u8], options: &Options) -> Result<Data, ReadError> {
    let opened = Opened::new(file, Blocks::of_bytes(bytes, BLOCK), options)?;
    let rows = Blocks::of_bytes(&bytes[opened.layout.start..], BLOCK);
    whole(opened, options, || Ok(rows))
}

/// Reads a table from a source, block by block.
pub(super) fn read_source(source: &Source<'_>, options: &Options) -> Result<Data, ReadError> {
    let opened = Opened::of_source(source, options, BLOCK)?;
    whole(opened, options, || Ok(Opened::of_source(source, options, BLOCK)?.blocks))
}

/// Reads all blocks; `again` starts anew, after the header.
fn whole<'a>(
    mut opened: Opened<'a>,
    options: &Options,
    again: impl FnOnce() -> Result<Blocks<'a>, ReadError>,
) -> Result<Data, ReadError> {
    let declared = opened.declared(options);
    let guessed = opened.guessed(&declared);
    let mut growing = Growing::new(&guessed, opened.layout.line + 1);
    opened.each_block(&guessed, false, |block, _, missing| {
        growing.append(block, missing);
        Ok(())
    })?;
    let names = opened.layout.names.clone();
    if growing.rows == 0 {
        let problem = Problem::NoRows { columns: names.len() };
        return Err(ReadError::new(&opened.file, problem));
    }
    let (kinds, remarks) = decide::kinds(&opened.file, &names, &growing.counts, &declared)?;
    let decimal = opened.layout.decimal;
    let (rows, lines) = (growing.rows, growing.lines());
    let mut cells = growing.into_cells(&kinds, decimal);

    // Columns whose start looked like numbers, but which are text: again.
    let wrong = |(guess, kind): (&ReadAs, &Kind)| match (guess, kind) {
        (ReadAs::Numbers, Kind::Text) => ReadAs::Text,
        _ => ReadAs::Nothing,
    };
    let wrong: Vec<ReadAs> = guessed.iter().zip(&kinds).map(wrong).collect();
    if wrong.contains(&ReadAs::Text) {
        opened.blocks = again()?;
        opened.line = opened.layout.line + 1;
        let mut growing = Growing::new(&wrong, opened.line);
        opened.each_block(&wrong, false, |block, _, missing| {
            growing.append(block, missing);
            Ok(())
        })?;
        if growing.rows != rows {
            return Err(ReadError::new(&opened.file, Problem::Changed));
        }
        let texts = growing.into_cells(&kinds, decimal);
        for ((cells, text), read_as) in cells.iter_mut().zip(texts).zip(&wrong) {
            if *read_as == ReadAs::Text {
                *cells = text;
            }
        }
    }
    let remarks = opened.layout.remarks.iter().cloned().chain(remarks).collect();
    let table = table(&opened.file, &names, cells, lines);
    Ok(Data { table, hints: Hints::default(), found: opened.found, remarks })
}

fn table(file: &str, names: &[String], cells: Vec<Cells>, lines: Lines) -> Table {
    let column = |(name, cells): (&String, Cells)| Column { name: name.clone(), cells };
    Table { name: file.to_string(), columns: names.iter().zip(cells).map(column).collect(), lines }
}

/// A file of known layout whose rows are read next.
#[derive(Debug)]
struct Opened<'a> {
    file: String,
    blocks: Blocks<'a>,
    missing: Missing,
    layout: Layout,
    found: Found,
    /// The line on which the next block starts, from 1.
    line: u64,
}

impl<'a> Opened<'a> {
    fn new(file: &str, mut blocks: Blocks<'a>, options: &Options) -> Result<Opened<'a>, ReadError> {
        let missing = Missing::new(options);
        let layout = blocks.head(LOOK).and_then(|head| look(head, options, &missing));
        let layout = layout.map_err(|problem| ReadError::new(file, problem))?;
        blocks.skip(layout.start);
        let decimal = if layout.decimal == b',' { Decimal::Comma } else { Decimal::Point };
        let found = Found {
            format: Format::Csv,
            encoding: Some(Encoding::Utf8),
            delimiter: Some(char::from(layout.cut.delimiter)),
            header: Some(layout.has_header),
            decimal: Some(decimal),
            ..Found::default()
        };
        let line = layout.line + 1;
        Ok(Opened { file: file.to_string(), blocks, missing, layout, found, line })
    }

    /// Opens a source, which must be CSV.
    fn of_source(
        source: &Source<'_>,
        options: &Options,
        size: usize,
    ) -> Result<Opened<'static>, ReadError> {
        let one = |problem| ReadError::new(&source.name, problem);
        let text = source.text(options.encoding).map_err(one)?;
        let mut blocks = Blocks::of_reader(text.reader, size);
        let (head, _) = blocks.head(LOOK).map_err(one)?;
        if head.is_empty() {
            return Err(one(Problem::Empty));
        }
        let format = match options.format {
            Some(format) => format,
            None => detect::found(&source.name, &text.start, head).map_err(one)?,
        };
        if format != Format::Csv {
            return Err(one(Problem::NotStreamed { format }));
        }
        detect::text(&text.start).map_err(one)?;
        let mut opened = Opened::new(&source.name, blocks, options)?;
        opened.found = Found { encoding: Some(text.encoding), gzip: text.gzip, ..opened.found };
        Ok(opened)
    }

    /// Returns what the user declared of each column.
    fn declared(&self, options: &Options) -> Vec<Declared> {
        self.layout.names.iter().map(|name| Declared::of(name, options)).collect()
    }

    /// Returns what each column is read as until all of it has been seen.
    fn guessed(&self, declared: &[Declared]) -> Vec<ReadAs> {
        let guess = |(&look_numeric, declared): (&bool, &Declared)| match declared {
            Declared::Numbers => ReadAs::Numbers,
            Declared::Text => ReadAs::Text,
            Declared::Nothing if look_numeric => ReadAs::Numbers,
            Declared::Nothing => ReadAs::Text,
        };
        self.layout.look_numeric.iter().zip(declared).map(guess).collect()
    }

    /// Shows all blocks that follow; each is parsed while the next is fetched.
    fn each_block(
        &mut self,
        columns: &[ReadAs],
        keeps_records: bool,
        mut show: impl FnMut(Block, Cow<'a, [u8]>, &Missing) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut next = self.fetch();
        while let Some(bytes) = next? {
            let (block, following) = self.parse(&bytes, columns, keeps_records);
            show(block?, bytes, &self.missing)?;
            next = following;
        }
        Ok(())
    }

    /// Fetches a block.
    fn fetch(&mut self) -> Result<Option<Cow<'a, [u8]>>, ReadError> {
        fetched(self.blocks.next(self.layout.cut), &self.file, self.line)
    }

    /// Parses a block while the next is fetched.
    #[expect(
        clippy::type_complexity,
        reason = "two results, of which the second may be used later"
    )]
    fn parse(
        &mut self,
        bytes: &[u8],
        columns: &[ReadAs],
        keeps_records: bool,
    ) -> (Result<Block, ReadError>, Result<Option<Cow<'a, [u8]>>, ReadError>) {
        let plan = Plan {
            cut: self.layout.cut,
            decimal: self.layout.decimal,
            missing: &self.missing,
            columns,
            keeps_records,
        };
        let (blocks, cut) = (&mut self.blocks, self.layout.cut);
        let (next, block) = rayon::join(|| blocks.next(cut), || Block::parse(bytes, &plan));
        let sound = block.sound(&self.file, &self.layout.names, self.line);
        self.line += block.pieces.iter().map(|piece| piece.lines).sum::<u64>();
        (sound.map(|()| block), fetched(next, &self.file, self.line))
    }
}

/// Gives an error its file and line.
fn fetched<T>(result: Result<T, Problem>, file: &str, line: u64) -> Result<T, ReadError> {
    result.map_err(|problem| {
        let problem = match problem {
            Problem::LongRecord { most, .. } => Problem::LongRecord { line, most },
            problem => problem,
        };
        ReadError::new(file, problem)
    })
}

/// Finds how a file is laid out from its first bytes.
fn look(
    (head, is_all): (&[u8], bool),
    options: &Options,
    missing: &Missing,
) -> Result<Layout, Problem> {
    let mut look = &head[..head.len().min(LOOK)];
    if look.len() < head.len() || !is_all {
        // Whole records, or what is nearest to them.
        let end = memchr::memrchr2(b'\n', b'\r', look).map_or(look.len(), |end| end + 1);
        look = &look[..end];
    }
    layout::layout(look, options, missing)
}
