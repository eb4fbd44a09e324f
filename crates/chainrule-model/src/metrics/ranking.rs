//! Scores and curves that follow from the order of rows by their probability.
//!
//! Rows of equal probability are one step of a curve.

use super::Undefined;

/// Rows in the order of falling probability.
#[derive(Clone, Debug)]
pub struct Ranking {
    rows: Vec<Ranked>,
}

#[derive(Clone, Copy, Debug)]
struct Ranked {
    row: u32,
    is_positive: bool,
    /// Whether the next row has a lower probability.
    is_last_of_equals: bool,
}

/// A point of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// Rows of this probability and above are taken for positive; infinite at
    /// the first point, where none is.
    pub threshold: f64,
    /// The share of negative rows taken for positive.
    pub false_positive_rate: f64,
    /// The share of positive rows taken for positive.
    pub true_positive_rate: f64,
}

/// A point of the curve of precision and recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecallPoint {
    /// Rows of this probability and above are taken for positive.
    pub threshold: f64,
    /// The share of positive rows among those.
    pub precision: f64,
    /// The share of those among positive rows.
    pub recall: f64,
}

impl Ranking {
    /// Orders rows.
    ///
    /// # Shapes
    /// - `probability` and `is_positive` are asked for rows from 0 to below
    ///   `rows`, of which there are at most 2³².
    pub fn new(
        rows: usize,
        probability: impl Fn(usize) -> f64,
        is_positive: impl Fn(usize) -> bool,
    ) -> Ranking {
        let mut order: Vec<(f64, u32)> =
            (0..rows).zip(0_u32..).map(|(row, number)| (probability(row), number)).collect();
        // Equal rows have no order among them: their sums are taken together.
        order.sort_unstable_by(|x, y| y.0.total_cmp(&x.0));
        let rows = order.iter().enumerate().map(|(index, &(value, row))| Ranked {
            row,
            is_positive: is_positive(row as usize),
            is_last_of_equals: order.get(index + 1).is_none_or(|next| next.0 != value),
        });
        Ranking { rows: rows.collect() }
    }

    /// Returns the area under the ROC curve, and the average precision, with
    /// each row counted as often as `weights` says.
    ///
    /// The area is that of the trapezoids: half of the equal pairs count. The
    /// average precision is `Σ (R_n − R_(n−1))·P_n` over the thresholds.
    pub(super) fn areas(&self, weights: &[u32]) -> [Result<f64, Undefined>; 2] {
        let (mut positives, mut negatives) = (0_u64, 0_u64);
        let (mut positives_before, mut negatives_before) = (0_u64, 0_u64);
        let (mut pairs, mut precisions) = (0.0, 0.0);
        for ranked in &self.rows {
            let weight = u64::from(weights[ranked.row as usize]);
            let as_positive = if ranked.is_positive { weight } else { 0 };
            positives += as_positive;
            negatives += weight - as_positive;
            if ranked.is_last_of_equals {
                // Twice the trapezoid: a whole number, exact below 2⁵³.
                pairs += ((negatives - negatives_before) * (positives + positives_before)) as f64;
                negatives_before = negatives;
                if positives > positives_before {
                    let found = (positives - positives_before) as f64;
                    precisions += found * (positives as f64 / (positives + negatives) as f64);
                    positives_before = positives;
                }
            }
        }
        let area = if positives == 0 || negatives == 0 {
            Err(Undefined::OneClass)
        } else {
            Ok(pairs / (2.0 * positives as f64 * negatives as f64))
        };
        let precision = if positives == 0 {
            Err(Undefined::NoPositive)
        } else {
            Ok(precisions / positives as f64)
        };
        [area, precision]
    }

    /// Returns the counts of positive and negative rows down to each threshold.
    fn steps<'a>(
        &'a self,
        probability: impl Fn(usize) -> f64 + 'a,
    ) -> impl Iterator<Item = (f64, u64, u64)> + 'a {
        let (mut positives, mut negatives) = (0, 0);
        self.rows.iter().filter_map(move |ranked| {
            *(if ranked.is_positive { &mut positives } else { &mut negatives }) += 1;
            ranked
                .is_last_of_equals
                .then(|| (probability(ranked.row as usize), positives, negatives))
        })
    }

    /// Returns the ROC curve, without the points in the middle of straight
    /// pieces; nothing where only one class occurs.
    pub fn roc(&self, probability: impl Fn(usize) -> f64) -> Vec<RocPoint> {
        let steps: Vec<(f64, u64, u64)> = self.steps(probability).collect();
        let Some(&(_, positives, negatives)) = steps.last() else { return Vec::new() };
        if positives == 0 || negatives == 0 {
            return Vec::new();
        }
        let is_corner = |index: usize| {
            if index == 0 || index + 1 == steps.len() {
                return true;
            }
            let [(_, p0, n0), (_, p1, n1), (_, p2, n2)] = [-1, 0, 1].map(|offset: isize| {
                steps[index.checked_add_signed(offset).expect("there is a step on both sides")]
            });
            p1 - p0 != p2 - p1 || n1 - n0 != n2 - n1
        };
        let start = RocPoint {
            threshold: f64::INFINITY,
            false_positive_rate: 0.0,
            true_positive_rate: 0.0,
        };
        let corners = steps.iter().enumerate().filter(|&(index, _)| is_corner(index));
        let corners = corners.map(|(_, &(threshold, p, n))| RocPoint {
            threshold,
            false_positive_rate: n as f64 / negatives as f64,
            true_positive_rate: p as f64 / positives as f64,
        });
        std::iter::once(start).chain(corners).collect()
    }

    /// Returns the curve of precision and recall, from the highest threshold
    /// down; nothing where no row is positive.
    pub fn precision_recall(
        &self,
        probability: impl Fn(usize) -> f64,
    ) -> Vec<PrecisionRecallPoint> {
        let all = self.rows.iter().filter(|ranked| ranked.is_positive).count();
        if all == 0 {
            return Vec::new();
        }
        let points =
            self.steps(probability).map(|(threshold, positives, negatives)| PrecisionRecallPoint {
                threshold,
                precision: positives as f64 / (positives + negatives) as f64,
                recall: positives as f64 / all as f64,
            });
        points.collect()
    }
}
