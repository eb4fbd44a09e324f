//! Scores of predicted numbers: each target by itself, in its own unit, and
//! the means over the targets.

use serde::{Deserialize, Serialize};

use super::bootstrap::intervals;
use super::{
    Detail, Error, Evaluation, Metric, Options, Undefined, assemble, check_length, finite,
};

/// The scores of one target, in its own unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetScores {
    /// The target.
    pub name: String,
    /// The share of its spread that is explained; nothing for a single row.
    pub r2: Option<f64>,
    /// The root of the mean squared difference.
    pub rmse: Option<f64>,
    /// The mean absolute difference.
    pub mae: Option<f64>,
    /// The mean of the difference relative to the target.
    pub mape: Option<f64>,
    /// The mean pinball loss, for predictions of a quantile.
    pub pinball_loss: Option<f64>,
    /// The largest absolute difference.
    pub max_error: Option<f64>,
}

/// Targets and predictions of one target.
struct Prepared {
    /// The target minus the mean of all rows: sums of its squares then keep
    /// their digits.
    targets: Vec<f64>,
    /// Target minus prediction.
    differences: Vec<f64>,
    /// The difference relative to the target.
    shares: Vec<f64>,
    quantile: Option<f64>,
}

pub(super) fn evaluate(
    names: &[String],
    targets: &[f64],
    predictions: &[f64],
    options: &Options<'_>,
) -> Result<Evaluation, Error> {
    let width = names.len().max(1);
    let rows = targets.len() / width;
    if rows == 0 {
        return Err(Error::NoRows);
    }
    check_length("targets", targets.len(), rows * names.len())?;
    check_length("predictions", predictions.len(), rows * names.len())?;
    if let Some(index) = targets.iter().position(|target| !target.is_finite()) {
        return Err(Error::NotFinite { row: index / width, found: targets[index] });
    }
    let quantile = options.quantile;
    let prepare = |prediction: &dyn Fn(usize, usize) -> f64| -> Vec<Prepared> {
        let of_target = |column: usize| {
            let pairs =
                (0..rows).map(|row| (targets[row * width + column], prediction(row, column)));
            Prepared::new(pairs, quantile)
        };
        (0..width).map(of_target).collect()
    };
    let prepared = prepare(&|row, column| predictions[row * width + column]);
    let ones = vec![1; rows];
    let baseline = match options.baseline {
        None => None,
        Some(numbers) => {
            check_length("numbers of the baseline", numbers.len(), width)?;
            Some(scores(&prepare(&|_, column| numbers[column]), &ones))
        }
    };
    let intervals = options
        .resampling
        .map(|resampling| intervals(rows, resampling, |weights| scores(&prepared, weights)));
    let values = scores(&prepared, &ones);
    let metrics = metrics(quantile);
    Ok(Evaluation {
        rows,
        scores: assemble(&metrics, &values, baseline.as_deref(), intervals.as_deref()),
        resampling: options.resampling,
        detail: Detail::Regression {
            targets: names
                .iter()
                .zip(&prepared)
                .map(|(name, prepared)| TargetScores::new(name, &prepared.scores(&ones), quantile))
                .collect(),
            quantile,
        },
    })
}

/// Returns the scores in the order in which [`Prepared::scores`] has them.
fn metrics(quantile: Option<f64>) -> Vec<Metric> {
    let mut metrics = vec![Metric::R2, Metric::Rmse, Metric::Mae, Metric::Mape, Metric::MaxError];
    metrics.extend(quantile.map(|_| Metric::PinballLoss));
    metrics
}

/// Returns the means over the targets.
fn scores(prepared: &[Prepared], weights: &[u32]) -> Vec<Result<f64, Undefined>> {
    let each: Vec<_> = prepared.iter().map(|target| target.scores(weights)).collect();
    let mean = |index: usize| {
        let sum: Result<f64, Undefined> = each.iter().map(|scores| scores[index]).sum();
        sum.map(|sum| sum / each.len() as f64)
    };
    (0..each[0].len()).map(mean).collect()
}

impl TargetScores {
    fn new(name: &str, scores: &[Result<f64, Undefined>], quantile: Option<f64>) -> TargetScores {
        let metrics = metrics(quantile);
        let of = |wanted: Metric| {
            let index = metrics.iter().position(|&metric| metric == wanted)?;
            scores[index].ok()
        };
        TargetScores {
            name: name.to_string(),
            r2: of(Metric::R2),
            rmse: of(Metric::Rmse),
            mae: of(Metric::Mae),
            mape: of(Metric::Mape),
            pinball_loss: of(Metric::PinballLoss),
            max_error: of(Metric::MaxError),
        }
    }
}

impl Prepared {
    fn new(pairs: impl Iterator<Item = (f64, f64)> + Clone, quantile: Option<f64>) -> Prepared {
        let (sum, count) = pairs.clone().fold((0.0, 0.0), |(sum, n), (t, _)| (sum + t, n + 1.0));
        let mean = sum / count;
        Prepared {
            targets: pairs.clone().map(|(target, _)| target - mean).collect(),
            differences: pairs.clone().map(|(target, prediction)| target - prediction).collect(),
            // A target 0 counts as 2.2e-16, as in scikit-learn.
            shares: pairs.map(|(t, a)| (a - t).abs() / t.abs().max(f64::EPSILON)).collect(),
            quantile,
        }
    }

    /// Computes all scores, each row counted as often as `weights` says.
    fn scores(&self, weights: &[u32]) -> Vec<Result<f64, Undefined>> {
        let rows = weights.iter().map(|&weight| f64::from(weight)).sum::<f64>();
        let sum = |values: &[f64], f: fn(f64) -> f64| -> f64 {
            values.iter().zip(weights).map(|(&x, &weight)| f64::from(weight) * f(x)).sum()
        };
        let squares = sum(&self.differences, |x| x * x);
        let mut scores = vec![
            self.r2(weights, rows, squares),
            finite((squares / rows).sqrt()),
            finite(sum(&self.differences, f64::abs) / rows),
            finite(sum(&self.shares, |x| x) / rows),
            finite(largest(&self.differences, weights)),
        ];
        scores.extend(self.quantile.map(|tau| {
            let losses = self.differences.iter().zip(weights).map(|(&difference, &weight)| {
                let slope = if difference >= 0.0 { tau } else { tau - 1.0 };
                f64::from(weight) * slope * difference
            });
            finite(losses.sum::<f64>() / rows)
        }));
        scores
    }

    /// `1 − Σ(t−a)² / Σ(t−mean)²`; for targets without spread 1 if all are
    /// right, else 0
    fn r2(&self, weights: &[u32], rows: f64, squares: f64) -> Result<f64, Undefined> {
        if self.targets.len() < 2 {
            return Err(Undefined::OneRow);
        }
        let weighted = self.targets.iter().zip(weights).map(|(&t, &w)| (t, f64::from(w)));
        let mut drawn = weighted.clone().filter(|&(_, w)| w > 0.0).map(|(t, _)| t);
        let first = drawn.next();
        // Not by the spread: the mean of equal numbers may be off by a rounding,
        // and R² then is any number.
        if drawn.all(|target| Some(target) == first) {
            return Ok(if squares == 0.0 { 1.0 } else { 0.0 });
        }
        let mean = weighted.clone().map(|(t, w)| w * t).sum::<f64>() / rows;
        let spread: f64 = weighted.map(|(t, w)| w * (t - mean) * (t - mean)).sum();
        finite(1.0 - squares / spread)
    }
}

/// Returns the largest absolute value of the rows that count.
fn largest(differences: &[f64], weights: &[u32]) -> f64 {
    let counted = differences.iter().zip(weights).filter(|&(_, &weight)| weight > 0);
    // NaN is not lost, as it would be with `f64::max`.
    let abs = counted.map(|(difference, _)| difference.abs());
    abs.fold(0.0, |x, y| if y > x || y.is_nan() { y } else { x })
}
