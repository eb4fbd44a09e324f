//! How far probabilities can be believed: bins of equal width, and how often
//! what they hold comes true.

use serde::{Deserialize, Serialize};

/// How many bins there are.
const BINS: usize = 10;

/// The bins from 0 to 1, those without rows too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The bins; each holds its upper end, and the first also 0.
    pub bins: Vec<Bin>,
}

/// The rows whose probability lies in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// How many there are.
    pub rows: u64,
    /// Their mean probability, 0 where there is none.
    pub mean_probability: f64,
    /// The share for which it came true, 0 where there is none.
    pub share_true: f64,
}

/// Probabilities and what came true, ready to be summed in bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    claims: Vec<Claim>,
}

#[derive(Clone, Copy, Debug)]
struct Claim {
    probability: f64,
    bin: u8,
    is_true: bool,
}

/// The sums of one bin.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: u64,
    hits: u64,
    probability: f64,
}

impl Claims {
    /// Adds a probability, and whether it came true.
    pub(super) fn push(&mut self, probability: f64, is_true: bool) {
        // The ends are those of numpy's `linspace`, rounded the same way.
        let above = |bin: &u8| probability > f64::from(*bin) * (1.0 / BINS as f64);
        let bin = (1..).take(BINS - 1).take_while(above).last().unwrap_or(0);
        self.claims.push(Claim { probability, bin, is_true });
    }

    fn sums(&self, weights: &[u32], each: usize) -> [Sums; BINS] {
        let mut sums = [Sums::default(); BINS];
        for (claims, &weight) in self.claims.chunks(each).zip(weights) {
            for claim in claims {
                let bin = &mut sums[usize::from(claim.bin)];
                bin.rows += u64::from(weight);
                bin.hits += if claim.is_true { u64::from(weight) } else { 0 };
                bin.probability += f64::from(weight) * claim.probability;
            }
        }
        sums
    }

    /// Returns the calibration error with `each` claims a row, each row
    /// counted as often as `weights` says.
    pub(super) fn error(&self, weights: &[u32], each: usize) -> f64 {
        let sums = self.sums(weights, each);
        let rows: u64 = sums.iter().map(|bin| bin.rows).sum();
        let off: f64 = sums.iter().map(|bin| (bin.probability - bin.hits as f64).abs()).sum();
        off / rows as f64
    }

    /// Returns the bins.
    pub(super) fn calibration(&self) -> Calibration {
        let bins = self.sums(&vec![1; self.claims.len()], 1).map(|bin| {
            let rows = bin.rows.max(1) as f64;
            Bin {
                rows: bin.rows,
                mean_probability: bin.probability / rows,
                share_true: bin.hits as f64 / rows,
            }
        });
        Calibration { bins: bins.to_vec() }
    }
}
