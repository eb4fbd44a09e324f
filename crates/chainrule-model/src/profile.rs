//! What the columns of a table look like: how many cells are missing, and how
//! the others are spread.
//!
//! For people to look at; nothing is trained by it.
//!
//! ```
//! use chainrule_model::profile::{Distribution, Profile};
//! use chainrule_model::table::{Cells, Column};
//!
//! let weight = Column {
//!     name: "weight".to_string(),
//!     cells: Cells::Numbers(vec![75.0, 180.0, f64::NAN, 166.0]),
//! };
//! let profile = Profile::of(&weight, &[0, 1, 2, 3], true);
//! assert_eq!(profile.missing, 1);
//! let Distribution::Numbers(numbers) = profile.distribution else { unreachable!() };
//! assert_eq!((numbers.least, numbers.median, numbers.greatest), (75.0, 166.0, 180.0));
//! ```

use std::collections::HashMap;

use crate::cell::Words;
use crate::table::Column;

/// What a column looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// How many cells are missing; in a column of numbers also those that are
    /// infinite, or no numbers.
    pub missing: u64,
    /// How the others are spread.
    pub distribution: Distribution,
}

/// How cells are spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// There is none.
    Empty,
    /// Cells that say how much.
    Numbers(Numbers),
    /// Cells that are names.
    Words(Counts),
}

/// How numbers are spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// The least.
    pub least: f64,
    /// A quarter is below.
    pub lower_quartile: f64,
    /// Half is below.
    pub median: f64,
    /// A quarter is above.
    pub upper_quartile: f64,
    /// The greatest.
    pub greatest: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample; 0 for a single number.
    pub deviation: f64,
    /// How many there are from where to where.
    pub histogram: Histogram,
}

/// Counts of numbers in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub low: f64,
    /// Where the last bin ends; it holds its end, the others do not.
    pub high: f64,
    /// How many numbers each bin holds.
    pub counts: Vec<u64>,
}

/// How often which word occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The words, the most frequent first, equals by their first row.
    pub words: Vec<(String, u64)>,
}

impl Profile {
    /// Looks at some rows of a column: at its cells as numbers, or as names.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn of(column: &Column, rows: &[u32], as_numbers: bool) -> Profile {
        let (count, distribution) = if as_numbers {
            let number = |&row: &u32| column.cells.number(row as usize);
            let numbers = rows.iter().filter_map(number).filter(|number| number.is_finite());
            let mut numbers: Vec<f64> = numbers.collect();
            numbers.sort_unstable_by(f64::total_cmp);
            (numbers.len(), Numbers::of_sorted(&numbers).map(Distribution::Numbers))
        } else {
            let counts = Counts::of(column, rows);
            let count: u64 = counts.words.iter().map(|(_, count)| count).sum();
            let count = usize::try_from(count).expect("rows are counted with 32 bits");
            (count, (count > 0).then_some(Distribution::Words(counts)))
        };
        let distribution = distribution.unwrap_or(Distribution::Empty);
        Profile { missing: (rows.len() - count) as u64, distribution }
    }
}

impl Numbers {
    /// Describes numbers in order; nothing where there is none.
    pub fn of_sorted(numbers: &[f64]) -> Option<Numbers> {
        /// So many bars still tell a shape in the width of a word.
        const MOST_BINS: usize = 24;
        let (&least, &greatest) = (numbers.first()?, numbers.last()?);
        let count = numbers.len() as f64;
        // Each divided by itself: a sum of large numbers may be infinite.
        let mean: f64 = numbers.iter().map(|number| number / count).sum();
        // Scaled, so that no square leaves the range of doubles.
        let unit = (greatest - mean).abs().max((mean - least).abs()).max(f64::MIN_POSITIVE);
        let squares: f64 = numbers.iter().map(|number| ((number - mean) / unit).powi(2)).sum();
        let deviation = unit * (squares / (count - 1.0).max(1.0)).sqrt();
        Some(Numbers {
            least,
            lower_quartile: quantile(numbers, 0.25),
            median: quantile(numbers, 0.5),
            upper_quartile: quantile(numbers, 0.75),
            greatest,
            mean,
            deviation: if least == greatest { 0.0 } else { deviation },
            histogram: Histogram::of(numbers, least, greatest, bins(numbers, MOST_BINS)),
        })
    }
}

/// Returns as many bins as the numbers ask for: the root of their count, but
/// one for each where they are few whole numbers.
fn bins(sorted: &[f64], most: usize) -> usize {
    let range = sorted[sorted.len() - 1] - sorted[0];
    let are_whole = sorted.iter().all(|number| number.fract() == 0.0);
    if range == 0.0 {
        return 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most `most`")]
    let whole = |number: f64| number.min(most as f64) as usize;
    if are_whole && range < most as f64 {
        return whole(range + 1.0);
    }
    whole((sorted.len() as f64).sqrt().ceil()).max(1)
}

/// Returns a quantile, interpolated between neighbours as numpy does.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and the number of values"
    )]
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = place - below as f64;
    // Not the difference of the two: that may be infinite.
    sorted[below] * (1.0 - part) + sorted[above] * part
}

impl Histogram {
    /// Returns the bins: from, to, and how many numbers each holds.
    pub fn columns(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let count = self.counts.len() as f64;
        // Shares of the ends: their distance may be infinite.
        let end = move |index: usize| {
            let share = index as f64 / count;
            self.low * (1.0 - share) + self.high * share
        };
        let columns = self.counts.iter().enumerate();
        columns.map(move |(index, &count)| (end(index), end(index + 1), count as f64))
    }

    /// Counts numbers in bins between two ends; numbers beyond them are left
    /// out.
    pub fn of(numbers: &[f64], low: f64, high: f64, bins: usize) -> Histogram {
        let mut counts = vec![0; bins.max(1)];
        let last = counts.len() - 1;
        // Halves: the distance of the ends may be infinite.
        let width = high / 2.0 - low / 2.0;
        for &number in numbers.iter().filter(|&&number| number >= low && number <= high) {
            let share = if width > 0.0 { (number / 2.0 - low / 2.0) / width } else { 0.0 };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it lies between 0 and the number of bins"
            )]
            let bin = (share * counts.len() as f64) as usize;
            counts[bin.min(last)] += 1;
        }
        Histogram { low, high, counts }
    }
}

impl Counts {
    fn of(column: &Column, rows: &[u32]) -> Counts {
        let words = Words::new(&column.cells);
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut counts: Vec<(usize, u64)> = Vec::new();
        for &row in rows {
            let Some(code) = words.code(row as usize) else { continue };
            let place = *places.entry(code).or_insert_with(|| {
                counts.push((code, 0));
                counts.len() - 1
            });
            counts[place].1 += 1;
        }
        // A stable sort: equals stay in the order of their first row.
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let named = counts.into_iter().map(|(code, count)| (words.list[code].clone(), count));
        Counts { words: named.collect() }
    }

    /// Returns how often a word occurs.
    pub fn count(&self, word: &str) -> u64 {
        self.words.iter().find(|(own, _)| own == word).map_or(0, |(_, count)| *count)
    }
}
