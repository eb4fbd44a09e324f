//! The bytes of a Parquet file, from any place on.

use std::io::{self, BufRead, BufReader, Read, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::read::source;

/// A file that columns read from by turns.
pub(super) struct Places {
    file: Arc<Mutex<Box<dyn source::Places>>>,
    length: u64,
}

impl Places {
    pub(super) fn new(file: Box<dyn source::Places>, length: u64) -> Places {
        Places { file: Arc::new(Mutex::new(file)), length }
    }
}

impl Length for Places {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Places {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<BufReader<From>, ParquetError> {
        let mut reader = BufReader::new(From { file: Arc::clone(&self.file), place: start });
        // Pages are read from here: the library would make room for what the
        // header of one claims.
        match claimed(reader.fill_buf()?) {
            Some(size) if size > MOST => {
                let message = format!("the page at byte {start} claims to have {size} bytes");
                Err(ParquetError::General(message))
            }
            _ => Ok(reader),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // What is not there is not made room for.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            let (end, place) = (self.length, start);
            let message = format!("{length} bytes at {place} are wanted of {end}");
            return Err(ParquetError::EOF(message));
        }
        let mut bytes = vec![0; length];
        From { file: Arc::clone(&self.file), place: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Pages are meant to have about 1 MiB, and some programs write 100.
const MOST: u64 = 256 << 20;

/// Returns the size without compression that the header of a page claims: the
/// second of its numbers, in Thrift's compact protocol.
///
/// Source: parquet.thrift, `PageHeader`.
fn claimed(header: &[u8]) -> Option<u64> {
    // A number, of the field after the one before.
    const NEXT: u8 = 0x15;
    let mut bytes = header.iter();
    let mut number = || {
        if *bytes.next()? != NEXT {
            return None;
        }
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = *bytes.next()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                // Zigzag: the lowest bit is the sign.
                return Some(number >> 1);
            }
        }
        None
    };
    number()?;
    number()
}

/// A reader from a place on, whatever others read in between.
pub(super) struct From {
    file: Arc<Mutex<Box<dyn source::Places>>>,
    place: u64,
}

impl Read for From {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.place))?;
        let count = file.read(out)?;
        self.place += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_size_before_it_is_read() {
        // A data page of 300 bytes, compressed to 200: numbers as in Thrift's
        // own description, twice as large for the sign.
        assert_eq!(claimed(&[0x15, 0, 0x15, 0xD8, 0x04, 0x15, 0x90, 0x03]), Some(300));
        let most = [0x15, 4, 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x15, 0x90, 0x03];
        assert_eq!(claimed(&most), Some((1 << 31) - 1));
        for other in [&b""[..], &[0x15, 0, 0x15, 0xD8], b"\x34\x12\0\0PAR1"] {
            assert_eq!(claimed(other), None, "{other:?}");
        }
        let bytes = [&b"PAR1"[..], &most, &[0; 100]].concat();
        let length = bytes.len() as u64;
        let places = Places::new(Box::new(io::Cursor::new(bytes)), length);
        let error = places.get_read(4).err().expect("it is too large").to_string();
        assert!(error.ends_with("the page at byte 4 claims to have 2147483647 bytes"), "{error}");
        assert!(places.get_bytes(100, 1 << 40).is_err(), "there is no room made for it");
    }
}
