//! Pages of a Parquet column on their way to its reader: how large they are, and
//! whether it can make sense of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::ParquetError;
use parquet::file::reader::RowGroupReader;

/// What an entry of a dictionary takes, beside its bytes in the page.
const ENTRY: u64 = 32;

/// Runs what reads a file: on some damage the library panics, which is an error
/// like any other.
pub(super) fn sound<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    // What was read is dropped with the error.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(ParquetError::General("it makes no sense to its reader".into())))
}

/// Opens a column of a row group, whose pages are noted.
pub(super) fn column(
    group: &dyn RowGroupReader,
    index: usize,
    largest: &Arc<Pages>,
) -> Result<ColumnReader, ParquetError> {
    sound(|| {
        let chunk = group.metadata().column(index);
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        if start < 0 || chunk.compressed_size() < 0 {
            return Err(ParquetError::General("its place is negative".to_string()));
        }
        let (pages, largest) = (group.get_column_page_reader(index)?, Arc::clone(largest));
        let column = group.metadata().schema_descr().column(index);
        let is_text = column.physical_type() == Physical::BYTE_ARRAY;
        let noting = Noting { pages, largest, is_text, has_dictionary: false };
        Ok(get_column_reader(column, Box::new(noting)))
    })
}

/// The largest pages of a column so far, in bytes.
#[derive(Debug, Default)]
pub(super) struct Pages {
    dictionary: AtomicU64,
    data: AtomicU64,
}

impl Pages {
    /// Returns what a column holds at once: a dictionary, and a page.
    pub(super) fn held(&self) -> u64 {
        self.dictionary.load(Ordering::Relaxed) + self.data.load(Ordering::Relaxed)
    }
}

/// Notes how large pages are, and refuses those that make no sense.
struct Noting {
    pages: Box<dyn PageReader>,
    largest: Arc<Pages>,
    is_text: bool,
    has_dictionary: bool,
}

impl PageReader for Noting {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        let Some(page) = self.pages.get_next_page()? else { return Ok(None) };
        let (bytes, values) = (page.buffer().len() as u64, u64::from(page.num_values()));
        if page.is_dictionary_page() {
            // Room is made for as many entries as the page says.
            if values > bytes || self.is_text && !has_words(page.buffer(), values) {
                let message = format!("a dictionary of {values} values in {bytes} bytes");
                return Err(ParquetError::General(message));
            }
            self.has_dictionary = true;
            self.largest.dictionary.fetch_max(bytes + values * ENTRY, Ordering::Relaxed);
        } else {
            let is_coded =
                matches!(page.encoding(), Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
            if is_coded && !self.has_dictionary {
                return Err(ParquetError::General("a page without its dictionary".to_string()));
            }
            self.largest.data.fetch_max(bytes, Ordering::Relaxed);
        }
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pages.skip_next_page()
    }
}

impl Iterator for Noting {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// Tells whether a page has as many words, each behind its length.
fn has_words(mut page: &[u8], count: u64) -> bool {
    (0..count).all(|_| {
        let word = page
            .split_first_chunk()
            .and_then(|(length, rest)| rest.get(u32::from_le_bytes(*length) as usize..));
        word.map(|rest| page = rest).is_some()
    })
}
