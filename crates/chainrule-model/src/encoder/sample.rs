//! Rows picked from many, for medians and quantiles in bounded memory.
//!
//! All rows are kept up to a number of them. Beyond, a row stays if a hash of
//! its number is below a threshold that halves when too many have stayed: the
//! same rows are picked however the table was cut into parts. With 65,536 rows
//! or more a quantile is off by less than 1.1 % of the rows, in all but one
//! of a million samples (Dvoretzky, Kiefer & Wolfowitz 1956; Massart 1990:
//! √(ln(2·10⁶) / 2n)).

use crate::cell::mixed;

/// Values of the picked rows, column by column.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    most: usize,
    threshold: u64,
    seen: u64,
    hashes: Vec<u64>,
    columns: Vec<Vec<f64>>,
}

/// Bytes that the values may take.
const MEMORY: usize = 64 << 20;

impl Sample {
    pub(super) fn new(columns: usize) -> Sample {
        let fitting = MEMORY / size_of::<f64>() / columns.max(1);
        let most = fitting.clamp(1 << 12, 1 << 17);
        let columns = vec![Vec::new(); columns];
        Sample { most, threshold: u64::MAX, seen: 0, hashes: Vec::new(), columns }
    }

    /// Picks from the next rows: returns the places of the picked ones, whose
    /// values are to be [kept](Sample::keep) in every column.
    pub(super) fn pick(&mut self, rows: usize) -> Vec<usize> {
        let mut picked = Vec::new();
        if self.columns.is_empty() {
            return picked;
        }
        let mut hashes = Vec::new();
        for row in 0..rows {
            let hash = mixed(self.seen);
            self.seen += 1;
            if hash > self.threshold {
                continue;
            }
            picked.push(row);
            hashes.push(hash);
            while self.hashes.len() + picked.len() > self.most {
                self.halve();
                retain(&mut picked, &hashes, self.threshold);
                hashes.retain(|&hash| hash <= self.threshold);
            }
        }
        self.hashes.append(&mut hashes);
        picked
    }

    /// Keeps a column's values of the rows picked last.
    pub(super) fn keep(&mut self, column: usize, values: impl Iterator<Item = f64>) {
        self.columns[column].extend(values);
    }

    fn halve(&mut self) {
        self.threshold /= 2;
        for column in &mut self.columns {
            retain(column, &self.hashes, self.threshold);
        }
        self.hashes.retain(|&hash| hash <= self.threshold);
    }

    /// Returns the picked values of a column, in order, missing ones left out.
    pub(super) fn sorted(&mut self, column: usize) -> Vec<f64> {
        let mut values = std::mem::take(&mut self.columns[column]);
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    /// Returns how many rows were picked of how many, if not all were.
    pub(super) fn part(&self) -> Option<(usize, u64)> {
        let picked = self.hashes.len();
        (picked as u64 != self.seen).then_some((picked, self.seen))
    }
}

/// Keeps the values whose hash is not above the threshold.
fn retain<V>(values: &mut Vec<V>, hashes: &[u64], threshold: u64) {
    let mut hashes = hashes.iter();
    values.retain(|_| *hashes.next().expect("each value has a hash") <= threshold);
}

/// Returns the value below which a share of sorted values lies, interpolated
/// between neighbours (Hyndman & Fan 1996, type 7); 0 of nothing.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place between two values that exist"
    )]
    let below = (position.floor() as usize).min(last);
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = position - below as f64;
    // Halves, because the difference of two doubles may be none.
    a + 2.0 * (part * (b / 2.0 - a / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(sample: &mut Sample, values: std::ops::Range<usize>) {
        let picked = sample.pick(values.len());
        sample.keep(0, picked.into_iter().map(|row| (values.start + row) as f64));
    }

    #[test]
    fn the_same_rows_are_picked_however_they_are_cut() {
        let rows = 300_000;
        let mut whole = Sample::new(1);
        add(&mut whole, 0..rows);
        let mut parts = Sample::new(1);
        for start in (0..rows).step_by(777) {
            add(&mut parts, start..rows.min(start + 777));
        }
        let (picked, of) = whole.part().expect("these rows are too many");
        assert!((1 << 16..=1 << 17).contains(&picked) && of == 300_000, "{picked}");
        let sorted = whole.sorted(0);
        assert_eq!(sorted, parts.sorted(0));
        for share in [0.0, 0.01, 0.25, 0.5, 0.75, 1.0] {
            let off = quantile(&sorted, share) / rows as f64 - share;
            assert!(off.abs() < 0.011, "{share}: off by {off}");
        }
    }

    #[test]
    fn few_rows_are_all_kept() {
        let mut sample = Sample::new(2);
        assert_eq!(sample.pick(5), [0, 1, 2, 3, 4]);
        sample.keep(1, [10.0, 11.0, f64::NAN, 14.0, 13.0].into_iter());
        assert_eq!(sample.part(), None);
        assert_eq!(sample.sorted(1), [10.0, 11.0, 13.0, 14.0]);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (share, expected) in [(0.0, 1.0), (0.5, 3.0), (0.75, 5.0), (1.0, 8.0)] {
            assert_eq!(quantile(&sorted, share), expected, "{share}");
        }
        assert_eq!(quantile(&[-1.7e308, 1.7e308], 0.5), 0.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
