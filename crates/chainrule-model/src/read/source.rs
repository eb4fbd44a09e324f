//! Bytes that can be had more than once, and what lies around text: gzip and
//! encodings.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::bufread::MultiGzDecoder;

use crate::read::problem::Problem;
use crate::read::{Encoding, ReadError, detect};

/// Something to read from, as often as needed.
///
/// ```
/// use chainrule_model::read::Source;
///
/// let source = Source::new("tea.csv", || Ok(Box::new(&b"tea,minutes\n"[..])));
/// ```
pub struct Source<'a> {
    /// What messages call it.
    pub name: String,
    open: Open<'a>,
}

type Opens<'a, T> = Box<dyn Fn() -> io::Result<Box<T>> + Send + Sync + 'a>;

/// Opens something anew, each time that it is called.
enum Open<'a> {
    Forward(Opens<'a, dyn Read + Send>),
    Anywhere(Opens<'a, dyn Places>),
}

/// What can be read from any place on.
pub(super) trait Places: Read + Seek + Send {}

impl<T: Read + Seek + Send> Places for T {}

impl<'a> Source<'a> {
    /// Makes a source of something that opens a file, or the like, anew each
    /// time.
    pub fn new(
        name: &str,
        open: impl Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync + 'a,
    ) -> Source<'a> {
        Source { name: name.to_string(), open: Open::Forward(Box::new(open)) }
    }

    /// Makes a source of something that is read from any place on, as a file
    /// is: some formats are streamed from such a source only.
    pub fn seekable<R: Read + Seek + Send + 'static>(
        name: &str,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'a,
    ) -> Source<'a> {
        let open = move || Ok(Box::new(open()?) as Box<dyn Places>);
        Source { name: name.to_string(), open: Open::Anywhere(Box::new(open)) }
    }

    /// Reads all bytes, as they are.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        let result = self.open().and_then(|mut reader| reader.read_to_end(&mut bytes));
        match result {
            Ok(_) => Ok(bytes),
            Err(error) => Err(ReadError::new(&self.name, problem(&error))),
        }
    }

    /// Opens the source as text.
    pub(super) fn text(&self, encoding: Option<Encoding>) -> Result<SourceText, Problem> {
        let open = || -> io::Result<_> {
            let (reader, gzip) = self.plain()?;
            let (start, reader) = peeked(reader, detect::LOOK)?;
            let (encoding, mark) = encoding_of(&start, encoding);
            let mut reader = Decoder::new(reader, encoding, &start);
            reader.skip(mark)?;
            Ok(SourceText { reader: Box::new(reader), start, encoding, gzip })
        };
        open().map_err(|error| problem(&error))
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.open {
            Open::Forward(open) => open()?,
            Open::Anywhere(open) => Box::new(open()?),
        })
    }

    /// Opens the source and returns its bytes without gzip, and whether they
    /// were compressed.
    pub(super) fn plain(&self) -> io::Result<(Box<dyn Read + Send>, bool)> {
        let (start, reader) = peeked(self.open()?, 2)?;
        if !is_gzip(&start) {
            return Ok((reader, false));
        }
        let reader = io::BufReader::with_capacity(BUFFER, reader);
        Ok((Box::new(MultiGzDecoder::new(reader)), true))
    }

    /// Opens the source to be read from any place on, with its length, where it
    /// can be: it is no pipe, and not compressed.
    pub(super) fn places(&self) -> io::Result<Option<(Box<dyn Places>, u64)>> {
        let Open::Anywhere(open) = &self.open else { return Ok(None) };
        let mut places = open()?;
        let mut start = Vec::new();
        places.by_ref().take(2).read_to_end(&mut start)?;
        if is_gzip(&start) {
            return Ok(None);
        }
        let length = places.seek(SeekFrom::End(0))?;
        places.seek(SeekFrom::Start(0))?;
        Ok(Some((places, length)))
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The text of a source that was opened.
pub(super) struct SourceText {
    /// It, as UTF-8.
    pub(super) reader: Box<dyn Read + Send>,
    /// The first bytes as they were written, without gzip.
    pub(super) start: Vec<u8>,
    /// How they were written.
    pub(super) encoding: Encoding,
    /// Whether they were compressed.
    pub(super) gzip: bool,
}

/// The bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// Returns the first bytes, and a reader that still has them.
fn peeked(
    mut reader: Box<dyn Read + Send>,
    count: usize,
) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut start = Vec::new();
    reader.by_ref().take(count as u64).read_to_end(&mut start)?;
    let reader = Box::new(io::Cursor::new(start.clone()).chain(reader));
    Ok((start, reader))
}

/// Tells whether bytes are compressed with gzip.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

/// Uncompresses bytes, to their end and with their checksum.
pub(super) fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut plain = Vec::new();
    match MultiGzDecoder::new(bytes).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) => Err(problem(&error)),
    }
}

/// Returns text as UTF-8 without a mark, and how it was encoded. UTF-8 itself
/// is not checked here.
pub(super) fn decode(
    bytes: &[u8],
    encoding: Option<Encoding>,
) -> Result<(Cow<'_, [u8]>, Encoding), Problem> {
    let (encoding, mark) = encoding_of(bytes, encoding);
    if encoding == Encoding::Utf8 {
        return Ok((Cow::Borrowed(&bytes[mark..]), encoding));
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut decoder = Decoder::new(bytes, encoding, bytes);
    let done = decoder.skip(mark).and_then(|()| decoder.read_to_end(&mut text));
    match done {
        Ok(_) => Ok((Cow::Owned(text), encoding)),
        Err(error) => Err(problem(&error)),
    }
}

/// Returns the start of a text as [`decode`] does, to its first damage: that
/// is told when all of it is read.
pub(super) fn start_of_text(bytes: &[u8], encoding: Option<Encoding>) -> Cow<'_, [u8]> {
    let (encoding, mark) = encoding_of(bytes, encoding);
    if encoding == Encoding::Utf8 {
        return Cow::Borrowed(&bytes[mark..]);
    }
    let decoder = Decoder::new(&bytes[mark..], encoding, bytes);
    let mut text = Vec::new();
    let _ = decoder.take(BUFFER as u64).read_to_end(&mut text);
    Cow::Owned(text)
}

/// Returns the encoding, and the length of its mark.
fn encoding_of(start: &[u8], asked: Option<Encoding>) -> (Encoding, usize) {
    let utf16 = start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]);
    let utf8 = start.starts_with(&[0xEF, 0xBB, 0xBF]);
    match asked {
        Some(Encoding::Latin1) => (Encoding::Latin1, 0),
        Some(Encoding::Utf16) => (Encoding::Utf16, if utf16 { 2 } else { 0 }),
        None if utf16 => (Encoding::Utf16, 2),
        Some(Encoding::Utf8) | None => (Encoding::Utf8, if utf8 { 3 } else { 0 }),
    }
}

/// Says what is wrong when bytes cannot be had.
pub(super) fn problem(error: &io::Error) -> Problem {
    if let Some(damage) = error.get_ref().and_then(|inner| inner.downcast_ref::<Utf16Damage>()) {
        return Problem::Utf16 { byte: damage.0 };
    }
    let message = error.to_string();
    // What comes from the system has a number; the rest is the decoder's.
    match error.kind() {
        kind if error.raw_os_error().is_some() => Problem::Io { kind, message },
        io::ErrorKind::UnexpectedEof => Problem::CompressedCut,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            if message.contains("checksum") {
                Problem::Checksum
            } else {
                Problem::Compressed { message }
            }
        }
        kind => Problem::Io { kind, message },
    }
}

/// UTF-16 that makes no sense, and where.
#[derive(Debug, thiserror::Error)]
#[error("UTF-16 is damaged at byte {0}")]
struct Utf16Damage(u64);

/// A reader that gives UTF-8.
struct Decoder<R> {
    reader: R,
    encoding: Encoding,
    is_big_endian: bool,
    /// Bytes that were read and not yet decoded.
    raw: Vec<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    /// Bytes decoded so far.
    place: u64,
    text: Vec<u8>,
    given: usize,
}

impl<R: Read> Decoder<R> {
    fn new(reader: R, encoding: Encoding, start: &[u8]) -> Decoder<R> {
        Decoder {
            reader,
            encoding,
            is_big_endian: start.starts_with(&[0xFE, 0xFF]),
            raw: Vec::new(),
            high: None,
            place: 0,
            text: Vec::new(),
            given: 0,
        }
    }

    /// Passes over the byte order mark.
    fn skip(&mut self, mark: usize) -> io::Result<()> {
        let mut bytes = [0; 3];
        self.place += mark as u64;
        self.reader.read_exact(&mut bytes[..mark])
    }

    /// Decodes some more bytes; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() {
            let kept = self.raw.len();
            self.raw.resize(BUFFER, 0);
            let count = self.reader.read(&mut self.raw[kept..]);
            self.raw.truncate(kept + *count.as_ref().unwrap_or(&0));
            let is_end = count? == 0;
            match self.encoding {
                Encoding::Utf8 => self.text.append(&mut self.raw),
                Encoding::Latin1 => {
                    let text: String = self.raw.drain(..).map(latin1).collect();
                    self.text = text.into_bytes();
                }
                Encoding::Utf16 => self.utf16(is_end)?,
            }
            if is_end {
                return Ok(!self.text.is_empty());
            }
        }
        Ok(true)
    }

    fn utf16(&mut self, is_end: bool) -> io::Result<()> {
        let damage = |place: u64| Err(io::Error::other(Utf16Damage(place)));
        let mut text = String::new();
        for pair in self.raw.chunks_exact(2) {
            let pair = [pair[0], pair[1]];
            let unit = if self.is_big_endian {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            };
            if self.high.is_none() && (0xD800..0xDC00).contains(&unit) {
                self.high = Some(unit);
            } else {
                let units = self.high.take().into_iter().chain([unit]);
                for c in char::decode_utf16(units) {
                    let Ok(c) = c else { return damage(self.place) };
                    text.push(c);
                }
            }
            self.place += 2;
        }
        let whole = self.raw.len() / 2 * 2;
        self.raw.drain(..whole);
        if is_end && (self.high.is_some() || !self.raw.is_empty()) {
            return damage(self.place);
        }
        self.text = text.into_bytes();
        Ok(())
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.encoding == Encoding::Utf8 {
            return self.reader.read(out);
        }
        if self.given == self.text.len() && !self.fill()? {
            return Ok(0);
        }
        let count = out.len().min(self.text.len() - self.given);
        out[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Returns the character of a byte in Windows-1252, which is Latin-1 with
/// characters instead of the control codes from 0x80 to 0x9F. The five codes
/// that it leaves free stay control codes.
fn latin1(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    if (0x80..0xA0).contains(&byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(byte) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
    }

    #[test]
    fn utf16_of_both_orders_is_text_again() {
        // Long enough for several buffers, so that pairs are cut.
        let text = "ő漢🙂,".repeat(40_001);
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes = utf16(&text, to_bytes);
            let (decoded, encoding) = decode(&bytes, None).expect("it is text");
            assert_eq!(encoding, Encoding::Utf16);
            assert!(decoded == text.as_bytes());
        }
    }

    #[test]
    fn half_a_pair_is_named_with_its_place() {
        let mut bytes = utf16("ab🙂", u16::to_le_bytes);
        bytes.truncate(8);
        assert_eq!(decode(&bytes, None), Err(Problem::Utf16 { byte: 8 }));
        bytes.truncate(5);
        assert_eq!(decode(&bytes, None), Err(Problem::Utf16 { byte: 4 }));
    }

    #[test]
    fn latin1_has_the_characters_of_windows_1252() {
        // From the code page's table at unicode.org.
        let (text, _) = decode(b"\x80 \x99 caf\xE9 \xFF", Some(Encoding::Latin1)).expect("always");
        assert_eq!(text, "€ ™ café ÿ".as_bytes());
    }
}
