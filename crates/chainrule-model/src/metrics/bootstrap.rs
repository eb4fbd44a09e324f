//! Confidence intervals: scores of rows drawn again and again from the rows
//! there are.
//!
//! Each resample draws as many rows as there are, with replacement, from all
//! of them (not class by class: how many rows a class has is part of the
//! chance). The interval is that between two percentiles of the scores (Efron &
//! Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13). Resamples in
//! which a score is undefined, because a rare class was not drawn, are left
//! out; where they are more than one in twenty, there is no interval.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Interval, Undefined};

/// How intervals are found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resampling {
    /// How many resamples are drawn.
    pub resamples: usize,
    /// The share of resamples whose score lies in the interval.
    pub confidence: f64,
    /// The seed of the draws: the same gives the same intervals, on any number
    /// of threads.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Resampling {
        Resampling { resamples: 1000, confidence: 0.95, seed: 0 }
    }
}

/// The share of resamples that may be undefined.
const MOST_UNDEFINED: f64 = 0.05;

/// Returns an interval for each of the scores that `scores` computes from how
/// often each row was drawn.
pub(super) fn intervals(
    rows: usize,
    resampling: Resampling,
    scores: impl Fn(&[u32]) -> Vec<Result<f64, Undefined>> + Sync,
) -> Vec<Option<Interval>> {
    let drawn: Vec<Vec<Result<f64, Undefined>>> = (0..resampling.resamples)
        .into_par_iter()
        .map_init(
            || vec![0; rows],
            |counts, number| {
                draw(counts, resampling.seed, number);
                scores(counts)
            },
        )
        .collect();
    let count = drawn.first().map_or(0, Vec::len);
    (0..count)
        .map(|index| {
            let defined = drawn.iter().filter_map(|scores| scores[index].ok());
            percentiles(defined.collect(), resampling)
        })
        .collect()
}

/// Draws as many rows as there are; each resample has a stream of its own.
fn draw(counts: &mut [u32], seed: u64, number: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number as u64);
    counts.fill(0);
    let rows = counts.len() as u64;
    for _ in 0..counts.len() {
        // The upper half of a product; among n rows some are likelier than
        // others by n in 2³², which no interval can show.
        let row = (u64::from(random.next_u32()) * rows) >> 32;
        counts[row as usize] += 1;
    }
}

/// Returns the two percentiles, interpolated between neighbours as numpy does.
fn percentiles(mut values: Vec<f64>, resampling: Resampling) -> Option<Interval> {
    let least = (1.0 - MOST_UNDEFINED) * resampling.resamples as f64;
    if values.is_empty() || (values.len() as f64) < least {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share.clamp(0.0, 1.0) * (values.len() - 1) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and the number of values"
        )]
        let below = place.floor() as usize;
        let above = (below + 1).min(values.len() - 1);
        values[below] + (place - below as f64) * (values[above] - values[below])
    };
    let tail = (1.0 - resampling.confidence) / 2.0;
    Some(Interval { low: at(tail), high: at(1.0 - tail) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[u32]) -> Vec<Result<f64, Undefined>> + Sync + '_ {
        |weights| {
            let sum: f64 = values.iter().zip(weights).map(|(x, &w)| x * f64::from(w)).sum();
            vec![Ok(sum / values.len() as f64)]
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_distribution() {
        // Four in five are 1: the standard error is √(0.8·0.2/n).
        let values: Vec<f64> = (0..2000).map(|row| f64::from(u8::from(row % 5 > 0))).collect();
        for (confidence, deviations) in [(0.5, 0.674_49), (0.95, 1.959_96)] {
            let resampling = Resampling { resamples: 4000, confidence, seed: 3 };
            let Interval { low, high } =
                intervals(values.len(), resampling, mean(&values))[0].unwrap();
            let expected = deviations * (0.8_f64 * 0.2 / 2000.0).sqrt();
            // A percentile of 4000 draws is off by some hundredths of a
            // standard error.
            for off in [0.8 - low, high - 0.8] {
                assert!((off / expected - 1.0).abs() < 0.08, "{off}, expected {expected}");
            }
        }
    }

    #[test]
    fn a_resample_has_as_many_rows_and_each_seed_its_own() {
        let mut counts = vec![0; 100];
        draw(&mut counts, 1, 0);
        assert_eq!(counts.iter().sum::<u32>(), 100);
        // Of n rows a share of 1/e is not drawn, 37 of 100.
        let absent = counts.iter().filter(|&&count| count == 0).count();
        assert!((25..50).contains(&absent), "{absent} are not drawn");
        let first = counts.clone();
        for (seed, number) in [(1, 1), (2, 0)] {
            draw(&mut counts, seed, number);
            assert_ne!(counts, first, "seed {seed}, resample {number}");
        }
        draw(&mut counts, 1, 0);
        assert_eq!(counts, first);
    }

    #[test]
    fn threads_change_no_bit() {
        let values: Vec<f64> = (0..57).map(|row| f64::from(row).sin()).collect();
        let resampling = Resampling { resamples: 101, ..Resampling::default() };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| intervals(values.len(), resampling, mean(&values)))
        };
        let one = on(1);
        for threads in [2, 3, 8] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    fn a_score_that_is_often_undefined_has_no_interval() {
        let resampling = Resampling { resamples: 200, ..Resampling::default() };
        // A certain row is in 63 of 100 resamples; one of ten rows in all.
        let with = |needed: usize| {
            let score = move |weights: &[u32]| {
                let drawn: u32 = weights[..needed].iter().sum();
                vec![if drawn > 0 { Ok(1.0) } else { Err(Undefined::NoPositive) }]
            };
            intervals(50, resampling, score)[0]
        };
        assert_eq!(with(1), None);
        assert_eq!(with(10), Some(Interval { low: 1.0, high: 1.0 }));
    }

    #[test]
    fn percentiles_lie_between_neighbours() {
        let resampling = Resampling { resamples: 5, confidence: 0.5, seed: 0 };
        let found = percentiles(vec![5.0, 1.0, 2.0, 4.0, 3.0], resampling);
        assert_eq!(found, Some(Interval { low: 2.0, high: 4.0 }));
        let resampling = Resampling { confidence: 0.75, ..resampling };
        let found = percentiles(vec![5.0, 1.0, 2.0, 4.0, 3.0], resampling);
        assert_eq!(found, Some(Interval { low: 1.5, high: 4.5 }));
    }
}
