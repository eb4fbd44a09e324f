//! Scores that follow from three counts of each class: how often it occurs, how
//! often it is predicted, and how often both.

use super::{Metric, Undefined};

/// The counts of one class or label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Rows that are of the class.
    pub(super) support: u64,
    /// Rows that are predicted so.
    pub(super) predicted: u64,
    /// Rows that are so and are predicted so.
    pub(super) hits: u64,
}

/// How the scores of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Average {
    /// Each class counts the same.
    Macro,
    /// Each class counts as many times as it has rows.
    Weighted,
    /// The counts are added up first.
    Micro,
}

impl Counts {
    /// `hits / predicted`
    pub(super) fn precision(self) -> Result<f64, Undefined> {
        share(self.hits, self.predicted, Undefined::NonePredicted)
    }

    /// `hits / support`
    pub(super) fn recall(self) -> Result<f64, Undefined> {
        share(self.hits, self.support, Undefined::NoPositive)
    }

    /// `2·hits / (predicted + support)`, the harmonic mean of the two
    pub(super) fn f1(self) -> Result<f64, Undefined> {
        share(2 * self.hits, self.predicted + self.support, Undefined::NoPositive)
    }
}

fn share(part: u64, whole: u64, undefined: Undefined) -> Result<f64, Undefined> {
    if whole == 0 { Err(undefined) } else { Ok(part as f64 / whole as f64) }
}

/// Returns precision, recall and F1 over several classes.
///
/// A class without a score of its own counts as 0, as in scikit-learn. The
/// classes counted are all those given.
pub(super) fn average(
    counts: &(impl Iterator<Item = Counts> + Clone),
    average: Average,
) -> [Result<f64, Undefined>; 3] {
    let sum = counts.clone().fold(Counts::default(), |sum, class| Counts {
        support: sum.support + class.support,
        predicted: sum.predicted + class.predicted,
        hits: sum.hits + class.hits,
    });
    // Weights that are all 0 say nothing; scikit-learn's 0 is what is left.
    if average == Average::Micro || (average == Average::Weighted && sum.support == 0) {
        return [sum.precision(), sum.recall(), sum.f1()];
    }
    let weight = |class: Counts| match average {
        Average::Weighted => class.support as f64,
        _ => 1.0,
    };
    let whole: f64 = counts.clone().map(weight).sum();
    [Counts::precision, Counts::recall, Counts::f1].map(|score| {
        let sum: f64 =
            counts.clone().map(|class| weight(class) * score(class).unwrap_or(0.0)).sum();
        Ok(sum / whole)
    })
}

/// The names of what [`average`] returns.
pub(super) fn averages(average: Average) -> [Metric; 3] {
    match average {
        Average::Macro => [Metric::PrecisionMacro, Metric::RecallMacro, Metric::F1Macro],
        Average::Weighted => {
            [Metric::PrecisionWeighted, Metric::RecallWeighted, Metric::F1Weighted]
        }
        Average::Micro => [Metric::PrecisionMicro, Metric::RecallMicro, Metric::F1Micro],
    }
}

/// Returns the Matthews correlation coefficient; 0 where all rows are of one
/// class or predicted so (Gorodkin 2004, eq. 8).
pub(super) fn matthews(counts: &[Counts]) -> f64 {
    let sum = |f: fn(&Counts) -> f64| counts.iter().map(f).sum::<f64>();
    let rows = sum(|class| class.support as f64);
    let hits = sum(|class| class.hits as f64);
    let both = hits * rows - sum(|class| class.support as f64 * class.predicted as f64);
    let predicted = rows * rows - sum(|class| (class.predicted as f64).powi(2));
    let actual = rows * rows - sum(|class| (class.support as f64).powi(2));
    let product = predicted * actual;
    if product == 0.0 { 0.0 } else { both / product.sqrt() }
}

/// Returns the mean recall of the classes that occur.
pub(super) fn balanced_accuracy(counts: &[Counts]) -> f64 {
    let recalls = counts.iter().filter_map(|class| class.recall().ok());
    let (sum, count) = recalls.fold((0.0, 0.0), |(sum, count), recall| (sum + recall, count + 1.0));
    // Every row is of a class.
    sum / count
}
