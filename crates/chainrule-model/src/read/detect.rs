//! Which format some bytes are.

use crate::read::problem::{Problem, first_bytes};
use crate::read::{Format, Options, source};

/// Returns the format that is asked for, or that the bytes have.
pub(super) fn format(file: &str, bytes: &[u8], options: &Options) -> Result<Format, Problem> {
    if let Some(format) = options.format {
        return Ok(format);
    }
    found(file, bytes, &source::start_of_text(bytes, options.encoding))
}

/// Finds the format from the first bytes as they were written, or from the
/// start of their text, or from the name's ending.
pub(super) fn found(file: &str, bytes: &[u8], text: &[u8]) -> Result<Format, Problem> {
    if bytes.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if bytes.starts_with(b"\x93NUMPY") {
        return Ok(Format::Npy);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Format::Npz);
    }
    // Text does not start with two NULs; a header in the wrong byte order is
    // told by its reader.
    if bytes.starts_with(&[0, 0]) || matches!(bytes, [1..=9, 8..=14, 0, 0, ..]) {
        return Ok(Format::Idx);
    }
    if crate::read::proben1::is(text) {
        return Ok(Format::Proben1);
    }
    if crate::read::fann::is(text) {
        return Ok(Format::Fann);
    }
    match promised(file) {
        None => Ok(Format::Csv),
        Some(format) => {
            Err(Problem::NotOfFormat { format: format.name(), found: first_bytes(bytes) })
        }
    }
}

/// Returns the format that a name promises, if it is one whose first bytes
/// would show it.
fn promised(file: &str) -> Option<Format> {
    let name = file.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".parquet"]) {
        Some(Format::Parquet)
    } else if ends(&[".npy"]) {
        Some(Format::Npy)
    } else if ends(&[".npz"]) {
        Some(Format::Npz)
    } else if ends(&["-ubyte", ".idx", "-idx1", "-idx2", "-idx3", ".ubyte"]) {
        Some(Format::Idx)
    } else {
        None
    }
}

impl Format {
    /// Returns what the format is called.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::Parquet => "Parquet",
            Format::Npy => "NPY",
            Format::Npz => "NPZ",
            Format::Idx => "IDX",
            Format::Proben1 => "Proben1",
            Format::Fann => "FANN",
        }
    }

    /// Returns why a file is only read whole.
    pub(super) fn why_whole(self) -> &'static str {
        match self {
            Format::Parquet => "within gzip, its columns cannot be read side by side",
            Format::Npy => {
                "within gzip, columns that stand one after the other (Fortran order) cannot be \
                 read side by side"
            }
            Format::Npz => "an archive is unpacked array by array",
            Format::Proben1 | Format::Fann => "such tables are small",
            Format::Csv | Format::Idx => "it is read from its start",
        }
    }
}

/// Well-known files that are no tables, by their first bytes.
const KNOWN: [(&[u8], &str); 16] = [
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x7FELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"BZh", "data compressed with bzip2"),
    (b"\xFD7zXZ\0", "data compressed with xz"),
    (b"\x28\xB5\x2F\xFD", "data compressed with zstd"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
];

/// Bytes that are looked at to tell text from other things.
pub(super) const LOOK: usize = 1024;

/// Checks that bytes, as they were written, may be text.
pub(super) fn text(bytes: &[u8]) -> Result<(), Problem> {
    if let Some((_, found)) = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(Problem::NotATable { found });
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Ok(());
    }
    let head = &bytes[..bytes.len().min(LOOK)];
    let nul = |offset: usize| head.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    if nul(0).max(nul(1)) * 4 > head.len() && nul(0).min(nul(1)) == 0 {
        return Err(Problem::NotATable { found: "UTF-16 text without its byte order mark" });
    }
    let control = |&&byte: &&u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    if head.iter().filter(control).count() * 10 > head.len() {
        return Err(Problem::NotATable { found: "binary data" });
    }
    Ok(())
}
