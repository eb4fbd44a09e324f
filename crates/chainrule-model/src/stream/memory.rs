//! What fits within a bound of memory.

use crate::train::Error;

/// What blocks on their way from text to encoded rows take, whatever the
/// table: some are parsed while others wait (measured, with some to spare).
const READING: u64 = 96 << 20;
/// The part of it that pages of Parquet may take: of each column a page is in
/// memory, and its dictionary. More is on top: it depends on the file.
const PAGES: u64 = 32 << 20;
/// Validation rows have this part of the bound.
const OF_VALIDATION: u64 = 8;
/// A window of fewer rows is no shuffling.
const FEWEST_ROWS: u64 = 1024;

/// How the memory of a stream is divided, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The bound.
    pub bound: u64,
    /// How many rows a window has: they are shuffled together.
    pub window: usize,
    /// What a window takes.
    pub window_bytes: u64,
    /// What validation rows and a sample of the others take.
    pub kept_bytes: u64,
    /// What blocks take on their way.
    pub reading_bytes: u64,
}

/// Returns how many rows may validate: as read, and encoded.
pub(super) fn most_validation_rows(bound: u64, columns: usize) -> u64 {
    let row = 2 * size_of::<f64>() as u64 * columns.max(1) as u64;
    bound / OF_VALIDATION / row
}

impl Plan {
    /// Divides a bound, of which the file's own pages and kept rows take some.
    ///
    /// # Errors
    /// If it is too small for windows.
    pub(super) fn new(
        bound: u64,
        (pages_bytes, kept_bytes): (u64, u64),
        row_bytes: u64,
        batch: usize,
        rows: usize,
    ) -> Result<Plan, Error> {
        let reading_bytes = READING + pages_bytes.saturating_sub(PAGES);
        let taken = reading_bytes + kept_bytes;
        let batch = batch.max(1) as u64;
        let fitting = bound.saturating_sub(taken) / row_bytes / batch * batch;
        let least = FEWEST_ROWS.max(batch).min(rows as u64);
        if fitting < least {
            return Err(Error::LittleMemory { bound, needed: taken + row_bytes * (least + batch) });
        }
        // Of a small table, one window holds all.
        let window = fitting.min((rows as u64).next_multiple_of(batch));
        Ok(Plan {
            bound,
            window: usize::try_from(window).unwrap_or(usize::MAX),
            window_bytes: window * row_bytes,
            kept_bytes,
            reading_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_bound_at_most() {
        for (bound, rows) in [(256 << 20, 10_000_000), (100 << 20, 100_000), (1 << 30, 500)] {
            let plan = Plan::new(bound, (0, 1 << 20), 104, 128, rows).expect("there is room");
            assert!(plan.window_bytes + plan.kept_bytes + plan.reading_bytes <= bound);
            assert_eq!(plan.window % 128, 0);
            assert!(plan.window >= 1024.min(rows), "{plan:?}");
        }
        let pages = |bytes| Plan::new(256 << 20, (bytes, 0), 104, 128, 10_000_000);
        let plan = pages(80 << 20).expect("there is room");
        assert_eq!(plan.reading_bytes, READING + (48 << 20));
        assert!(plan.window_bytes + plan.reading_bytes <= 256 << 20);
        assert_eq!(pages(PAGES).expect("there is room"), pages(0).expect("there is room"));
        let small = Plan::new(READING + 1000, (0, 0), 104, 128, 10_000_000);
        let Err(Error::LittleMemory { needed, .. }) = small else { panic!("{small:?}") };
        assert!(Plan::new(needed, (0, 0), 104, 128, 10_000_000).is_ok());
    }
}
