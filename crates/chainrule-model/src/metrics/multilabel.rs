//! Scores of labels that do not exclude each other: each is a question of yes
//! or no to every row.

use serde::{Deserialize, Serialize};

use super::bootstrap::intervals;
use super::calibration::Claims;
use super::classification::log_loss;
use super::counts::{Average, Counts, average, averages};
use super::ranking::Ranking;
use super::{
    Detail, Error, Evaluation, Metric, Options, Undefined, assemble, check_length, finite,
};

/// The scores of one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelScores {
    /// The label.
    pub label: String,
    /// How many rows have it.
    pub support: u64,
    /// How many rows are predicted to have it.
    pub predicted: u64,
    /// How many rows have it and are predicted to.
    pub hits: u64,
    /// The share of rows predicted to have it that have it.
    pub precision: Option<f64>,
    /// The share of rows that have it that are predicted to.
    pub recall: Option<f64>,
    /// The harmonic mean of the two.
    pub f1: Option<f64>,
    /// The area under its ROC curve.
    pub roc_auc: Option<f64>,
    /// Its average precision.
    pub average_precision: Option<f64>,
}

/// What every score is computed from.
struct Prepared {
    labels: usize,
    /// (rows, labels)
    is_true: Vec<bool>,
    /// (rows, labels)
    is_predicted: Vec<bool>,
    /// For each row the mean over the labels.
    log_losses: Vec<f64>,
    briers: Vec<f64>,
    claims: Claims,
    rankings: Vec<Ranking>,
}

pub(super) fn evaluate(
    labels: &[String],
    targets: &[f64],
    probabilities: &[f64],
    options: &Options<'_>,
) -> Result<Evaluation, Error> {
    let width = labels.len().max(1);
    let rows = targets.len() / width;
    if rows == 0 {
        return Err(Error::NoRows);
    }
    check_length("targets", targets.len(), rows * labels.len())?;
    check_length("probabilities", probabilities.len(), rows * labels.len())?;
    if let Some(index) = targets.iter().position(|&target| target != 0.0 && target != 1.0) {
        return Err(Error::NoLabel { row: index / width, found: targets[index] });
    }
    let of_row = |row: usize| &probabilities[row * width..][..width];
    let prepared = Prepared::new(width, targets, of_row);
    let ones = vec![1; rows];
    let values = prepared.scores(&ones);
    let baseline = match options.baseline {
        None => None,
        Some(shares) => {
            check_length("shares of the baseline", shares.len(), width)?;
            Some(Prepared::new(width, targets, |_| shares).scores(&ones))
        }
    };
    let intervals = options
        .resampling
        .map(|resampling| intervals(rows, resampling, |weights| prepared.scores(weights)));
    Ok(Evaluation {
        rows,
        scores: assemble(&metrics(), &values, baseline.as_deref(), intervals.as_deref()),
        resampling: options.resampling,
        detail: Detail::MultiLabel {
            labels: prepared.per_label(labels, &ones),
            calibration: prepared.claims.calibration(),
        },
    })
}

/// Returns the scores in the order in which [`Prepared::scores`] has them.
fn metrics() -> Vec<Metric> {
    let mut metrics = vec![Metric::Accuracy, Metric::HammingLoss];
    for average in [Average::Macro, Average::Weighted, Average::Micro] {
        metrics.extend(averages(average));
    }
    metrics.extend([
        Metric::RocAuc,
        Metric::AveragePrecision,
        Metric::LogLoss,
        Metric::BrierScore,
        Metric::CalibrationError,
    ]);
    metrics
}

impl Prepared {
    fn new<'p>(
        labels: usize,
        targets: &[f64],
        probabilities: impl Fn(usize) -> &'p [f64],
    ) -> Prepared {
        let rows = targets.len() / labels;
        let is_true: Vec<bool> = targets.iter().map(|&target| target == 1.0).collect();
        let mut prepared = Prepared {
            labels,
            is_predicted: Vec::with_capacity(is_true.len()),
            is_true,
            log_losses: Vec::with_capacity(rows),
            briers: Vec::with_capacity(rows),
            claims: Claims::default(),
            rankings: Vec::new(),
        };
        for row in 0..rows {
            let (mut losses, mut squares) = (0.0, 0.0);
            for (label, &share) in probabilities(row).iter().enumerate() {
                let is_true = prepared.is_true[row * labels + label];
                prepared.is_predicted.push(share > 0.5);
                prepared.claims.push(share, is_true);
                losses += log_loss(if is_true { share } else { 1.0 - share });
                let off = if is_true { 1.0 - share } else { share };
                squares += off * off;
            }
            prepared.log_losses.push(losses / labels as f64);
            prepared.briers.push(squares / labels as f64);
        }
        let ranking = |label: usize| {
            let probability = |row: usize| probabilities(row)[label];
            Ranking::new(rows, probability, |row| prepared.is_true[row * labels + label])
        };
        let rankings = (0..labels).map(ranking).collect();
        Prepared { rankings, ..prepared }
    }

    /// Computes all scores, each row counted as often as `weights` says.
    fn scores(&self, weights: &[u32]) -> Vec<Result<f64, Undefined>> {
        let rows: u64 = weights.iter().copied().map(u64::from).sum();
        let (rows, decisions) = (rows as f64, rows as f64 * self.labels as f64);
        let (mut right_rows, mut right) = (0_u64, 0_u64);
        for ((truth, predicted), &weight) in self.rows().zip(weights) {
            let same = truth.iter().zip(predicted).filter(|(x, y)| x == y).count();
            right += u64::from(weight) * same as u64;
            right_rows += if same == self.labels { u64::from(weight) } else { 0 };
        }
        let wrong = (decisions - right as f64) / decisions;
        let mut scores = vec![Ok(right_rows as f64 / rows), Ok(wrong)];
        let counts = self.counts(weights);
        for kind in [Average::Macro, Average::Weighted, Average::Micro] {
            scores.extend(average(&counts.iter().copied(), kind));
        }
        let areas: Vec<[Result<f64, Undefined>; 2]> =
            self.rankings.iter().map(|ranking| ranking.areas(weights)).collect();
        let of_all = |which: usize| {
            let sum: Result<f64, Undefined> = areas.iter().map(|areas| areas[which]).sum();
            match sum {
                Ok(sum) => Ok(sum / self.labels as f64),
                Err(undefined) if self.labels == 1 => Err(undefined),
                Err(_) => Err(Undefined::ConstantLabel),
            }
        };
        scores.extend([of_all(0), of_all(1)]);
        let mean = |values: &[f64]| {
            let sum: f64 = values.iter().zip(weights).map(|(x, &w)| x * f64::from(w)).sum();
            finite(sum / rows)
        };
        scores.extend([mean(&self.log_losses), mean(&self.briers)]);
        scores.push(finite(self.claims.error(weights, self.labels)));
        scores
    }

    fn rows(&self) -> impl Iterator<Item = (&[bool], &[bool])> {
        self.is_true.chunks(self.labels).zip(self.is_predicted.chunks(self.labels))
    }

    fn counts(&self, weights: &[u32]) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); self.labels];
        for ((truth, predicted), &weight) in self.rows().zip(weights) {
            let weight = u64::from(weight);
            for ((counts, &truth), &predicted) in counts.iter_mut().zip(truth).zip(predicted) {
                counts.support += if truth { weight } else { 0 };
                counts.predicted += if predicted { weight } else { 0 };
                counts.hits += if truth && predicted { weight } else { 0 };
            }
        }
        counts
    }

    fn per_label(&self, labels: &[String], ones: &[u32]) -> Vec<LabelScores> {
        let counts = self.counts(ones).into_iter().zip(&self.rankings);
        let of_label = |(label, (counts, ranking)): (&String, (Counts, &Ranking))| {
            let [roc_auc, average_precision] = ranking.areas(ones);
            LabelScores {
                label: label.clone(),
                support: counts.support,
                predicted: counts.predicted,
                hits: counts.hits,
                precision: counts.precision().ok(),
                recall: counts.recall().ok(),
                f1: counts.f1().ok(),
                roc_auc: roc_auc.ok(),
                average_precision: average_precision.ok(),
            }
        };
        labels.iter().zip(counts).map(of_label).collect()
    }
}
