//! Scores of predicted classes: from how often which was predicted, from the
//! probability of the right one, and from the order of rows.

use serde::{Deserialize, Serialize};

use super::bootstrap::intervals;
use super::calibration::Claims;
use super::counts::{Average, Counts, average, averages, balanced_accuracy, matthews};
use super::ranking::Ranking;
use super::{
    Detail, Error, Evaluation, Metric, Options, Undefined, assemble, check_length, finite,
};

/// The scores of one class against the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The class.
    pub label: String,
    /// How many rows are of it.
    pub support: u64,
    /// How many rows are predicted so.
    pub predicted: u64,
    /// The share of rows predicted so that are so; nothing where none is.
    pub precision: Option<f64>,
    /// The share of its rows that are predicted so; nothing where it has none.
    pub recall: Option<f64>,
    /// The harmonic mean of the two; nothing where there is neither.
    pub f1: Option<f64>,
    /// The area under the ROC curve against the rest; nothing where only one
    /// side occurs.
    pub roc_auc: Option<f64>,
    /// The average precision; nothing where the class does not occur.
    pub average_precision: Option<f64>,
}

/// What every score is computed from, for each row once.
struct Prepared<'a> {
    classes: usize,
    targets: &'a [u32],
    predicted: Vec<u32>,
    log_losses: Vec<f64>,
    briers: Vec<f64>,
    claims: Claims,
    /// One for each class; with two classes, that of the second only.
    rankings: Vec<Ranking>,
}

pub(super) fn evaluate(
    labels: &[String],
    targets: &[u32],
    probabilities: &[f64],
    options: &Options<'_>,
) -> Result<Evaluation, Error> {
    let (classes, rows) = (labels.len(), targets.len());
    if rows == 0 {
        return Err(Error::NoRows);
    }
    check_length("probabilities", probabilities.len(), rows * classes)?;
    if let Some(row) = targets.iter().position(|&class| class as usize >= classes) {
        return Err(Error::NoSuchClass { row, found: targets[row], classes });
    }
    let of_row = |row: usize| &probabilities[row * classes..][..classes];
    let prepared = Prepared::new(classes, targets, of_row);
    let ones = vec![1; rows];
    let values = prepared.scores(&ones);
    let baseline = match options.baseline {
        None => None,
        Some(shares) => {
            check_length("shares of the baseline", shares.len(), classes)?;
            Some(Prepared::new(classes, targets, |_| shares).scores(&ones))
        }
    };
    let intervals = options
        .resampling
        .map(|resampling| intervals(rows, resampling, |weights| prepared.scores(weights)));
    Ok(Evaluation {
        rows,
        scores: assemble(&metrics(classes), &values, baseline.as_deref(), intervals.as_deref()),
        resampling: options.resampling,
        detail: Detail::Classification {
            positive: (classes == 2).then(|| labels[1].clone()),
            classes: prepared.per_class(labels, &ones, of_row),
            confusion: prepared.confusion(),
            calibration: prepared.claims.calibration(),
        },
    })
}

/// Returns the scores in the order in which [`Prepared::scores`] has them.
fn metrics(classes: usize) -> Vec<Metric> {
    let mut metrics = vec![Metric::Accuracy, Metric::BalancedAccuracy];
    if classes == 2 {
        metrics.extend([Metric::Precision, Metric::Recall, Metric::F1]);
    }
    metrics.extend(averages(Average::Macro));
    metrics.extend(averages(Average::Weighted));
    if classes == 2 {
        metrics.push(Metric::RocAuc);
    } else {
        metrics.extend([Metric::RocAucOvr, Metric::RocAucOvrWeighted]);
    }
    metrics.extend([
        Metric::AveragePrecision,
        Metric::LogLoss,
        Metric::BrierScore,
        Metric::CalibrationError,
        Metric::MatthewsCorrcoef,
    ]);
    metrics
}

impl<'a> Prepared<'a> {
    fn new<'p>(
        classes: usize,
        targets: &'a [u32],
        probabilities: impl Fn(usize) -> &'p [f64],
    ) -> Prepared<'a> {
        let rows = targets.len();
        let mut prepared = Prepared {
            classes,
            targets,
            predicted: Vec::with_capacity(rows),
            log_losses: Vec::with_capacity(rows),
            briers: Vec::with_capacity(rows),
            claims: Claims::default(),
            rankings: Vec::new(),
        };
        for (row, &target) in targets.iter().enumerate() {
            let shares = probabilities(row);
            let predicted = likeliest(shares);
            prepared.predicted.push(predicted);
            prepared.log_losses.push(log_loss(shares[target as usize]));
            prepared.briers.push(brier(shares, target));
            if classes == 2 {
                prepared.claims.push(shares[1], target == 1);
            } else {
                prepared.claims.push(shares[predicted as usize], target == predicted);
            }
        }
        let ranked = if classes == 2 { 1..2 } else { 0..classes };
        prepared.rankings = ranked.map(|class| ranking(targets, class, &probabilities)).collect();
        prepared
    }

    fn counts(&self, weights: &[u32]) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); self.classes];
        for ((&target, &predicted), &weight) in
            self.targets.iter().zip(&self.predicted).zip(weights)
        {
            let weight = u64::from(weight);
            counts[target as usize].support += weight;
            counts[predicted as usize].predicted += weight;
            if target == predicted {
                counts[target as usize].hits += weight;
            }
        }
        counts
    }

    /// Computes all scores, each row counted as often as `weights` says.
    fn scores(&self, weights: &[u32]) -> Vec<Result<f64, Undefined>> {
        let counts = self.counts(weights);
        let rows: u64 = counts.iter().map(|class| class.support).sum();
        let rows = rows as f64;
        let hits: u64 = counts.iter().map(|class| class.hits).sum();
        let mut scores = vec![Ok(hits as f64 / rows), Ok(balanced_accuracy(&counts))];
        if let [_, positive] = *counts {
            scores.extend([positive.precision(), positive.recall(), positive.f1()]);
        }
        // As in scikit-learn, classes that neither occur nor are predicted do
        // not count.
        let present = counts.iter().copied().filter(|class| class.support + class.predicted > 0);
        scores.extend(average(&present, Average::Macro));
        scores.extend(average(&present, Average::Weighted));
        let areas: Vec<[Result<f64, Undefined>; 2]> =
            self.rankings.iter().map(|ranking| ranking.areas(weights)).collect();
        if let [[area, precision]] = *areas {
            scores.extend([area, precision]);
        } else {
            scores.extend(areas_of_classes(&areas, &counts));
        }
        let mean = |values: &[f64]| {
            let sum: f64 = values.iter().zip(weights).map(|(x, &w)| x * f64::from(w)).sum();
            finite(sum / rows)
        };
        scores.extend([mean(&self.log_losses), mean(&self.briers)]);
        scores.push(finite(self.claims.error(weights, 1)));
        scores.push(Ok(matthews(&counts)));
        scores
    }

    fn confusion(&self) -> Vec<Vec<u64>> {
        let mut confusion = vec![vec![0; self.classes]; self.classes];
        for (&target, &predicted) in self.targets.iter().zip(&self.predicted) {
            confusion[target as usize][predicted as usize] += 1;
        }
        confusion
    }

    fn per_class<'p>(
        &self,
        labels: &[String],
        ones: &[u32],
        probabilities: impl Fn(usize) -> &'p [f64],
    ) -> Vec<ClassScores> {
        let counts = self.counts(ones);
        let of_class = |(class, label): (usize, &String)| {
            let [roc_auc, average_precision] = match (self.classes, class) {
                (2, 0) => ranking(self.targets, 0, &probabilities).areas(ones),
                (2, _) => self.rankings[0].areas(ones),
                _ => self.rankings[class].areas(ones),
            };
            ClassScores {
                label: label.clone(),
                support: counts[class].support,
                predicted: counts[class].predicted,
                precision: counts[class].precision().ok(),
                recall: counts[class].recall().ok(),
                f1: counts[class].f1().ok(),
                roc_auc: roc_auc.ok(),
                average_precision: average_precision.ok(),
            }
        };
        labels.iter().enumerate().map(of_class).collect()
    }
}

/// Returns the means over the classes: area, weighted area, average precision.
fn areas_of_classes(
    areas: &[[Result<f64, Undefined>; 2]],
    counts: &[Counts],
) -> [Result<f64, Undefined>; 3] {
    let occurring = counts.iter().filter(|class| class.support > 0).count();
    let undefined = match occurring {
        0 | 1 => Some(Undefined::OneClass),
        count if count < counts.len() => Some(Undefined::AbsentClass),
        _ => None,
    };
    let mean = |which: usize, weight: fn(&Counts) -> f64| {
        let pairs = areas.iter().zip(counts).filter(|(_, class)| class.support > 0);
        let (sum, whole) = pairs.fold((0.0, 0.0), |(sum, whole), (area, class)| {
            (sum + weight(class) * area[which].unwrap_or(0.0), whole + weight(class))
        });
        sum / whole
    };
    let all = |which: usize| match undefined {
        None => Ok(mean(which, |_| 1.0)),
        Some(undefined) => Err(undefined),
    };
    // A class without rows has weight 0 and does not keep the others from
    // having a mean.
    let weighted = match undefined {
        Some(Undefined::OneClass) => Err(Undefined::OneClass),
        _ => Ok(mean(0, |class| class.support as f64)),
    };
    [all(0), weighted, all(1)]
}

fn ranking<'p>(
    targets: &[u32],
    class: usize,
    probabilities: impl Fn(usize) -> &'p [f64],
) -> Ranking {
    let probability = |row: usize| probabilities(row)[class];
    Ranking::new(targets.len(), probability, |row| targets[row] as usize == class)
}

/// Returns the first of the largest.
fn likeliest(shares: &[f64]) -> u32 {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, &share) in (0_u32..).zip(shares) {
        if share > best.1 {
            best = (class, share);
        }
    }
    best.0
}

/// Returns −ln of a probability, kept as far from 0 and 1 as scikit-learn does.
pub(super) fn log_loss(probability: f64) -> f64 {
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

/// Returns the squared distance of probabilities from what is true (Brier
/// 1950), half of it with two classes.
fn brier(shares: &[f64], target: u32) -> f64 {
    let squares = (0_u32..).zip(shares).map(|(class, share)| {
        let truth = if class == target { 1.0 } else { 0.0 };
        (truth - share) * (truth - share)
    });
    let sum: f64 = squares.sum();
    if shares.len() == 2 { sum * 0.5 } else { sum }
}
