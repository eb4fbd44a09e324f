//! How good predictions are: the scores a person of the field expects, with
//! intervals, beside those of a baseline.
//!
//! Not for losses of training: those are in [`chainrule::loss`].
//!
//! Names and values are those of scikit-learn on the same predictions: of its
//! scorers, without `neg_`, and `rmse`, `mae`, `mape` for the long names. Where
//! scikit-learn gives a number without a warning, the number is the same, also
//! where it is a convention (the Matthews coefficient of a constant prediction
//! is 0, R² of a constant target 0 or 1). Where it warns or fails because a
//! score has no meaning, the score is [`Undefined`] here, and says why.
//!
//! ```
//! use chainrule_model::metrics::{Evaluation, Metric, Options};
//!
//! let labels = ["no".to_string(), "yes".to_string()];
//! let probabilities = [0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.8, 0.2];
//! let evaluation =
//!     Evaluation::of_classes(&labels, &[0, 0, 1, 1], &probabilities, &Options::default())?;
//! assert_eq!(evaluation.value(Metric::Accuracy), Some(0.75));
//! assert_eq!(evaluation.value(Metric::RocAuc), Some(0.75));
//! # Ok::<(), chainrule_model::metrics::Error>(())
//! ```

use serde::{Deserialize, Serialize};

pub use bootstrap::Resampling;
pub use calibration::{Bin, Calibration};
pub use classification::ClassScores;
pub use curves::Curves;
pub use multilabel::LabelScores;
pub use names::Metric;
pub use regression::TargetScores;

pub mod baseline;
mod bootstrap;
mod calibration;
mod classification;
mod counts;
mod curves;
mod json;
mod multilabel;
mod names;
pub mod ranking;
mod regression;

/// The scores of predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "json::Written", try_from = "json::Written")]
pub struct Evaluation {
    /// How many rows were predicted.
    pub rows: usize,
    /// The scores of all rows, in the order to show them.
    pub scores: Vec<Score>,
    /// How the intervals were found, if there are any.
    pub resampling: Option<Resampling>,
    /// What there is beyond, for the task.
    pub detail: Detail,
}

/// One score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Which score it is.
    pub metric: Metric,
    /// Its value.
    pub value: Result<f64, Undefined>,
    /// Where the value lies with the confidence of the resampling; nothing
    /// where it was not asked for or cannot be told.
    pub interval: Option<Interval>,
    /// The score of the baseline on the same rows, if there is a baseline.
    pub baseline: Option<Result<f64, Undefined>>,
}

/// Two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower one.
    pub low: f64,
    /// The higher one.
    pub high: f64,
}

/// What there is beyond scores, for each task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Detail {
    /// One of several classes.
    Classification {
        /// The class that `precision`, `recall`, `f1`, `roc_auc` and
        /// `average_precision` are of, where there are two: the second.
        positive: Option<String>,
        /// The scores of each class.
        classes: Vec<ClassScores>,
        /// `confusion[true][predicted]`, in the order of the classes.
        confusion: Vec<Vec<u64>>,
        /// How far probabilities can be believed: that of the positive class,
        /// or with more than two classes that of the predicted one.
        calibration: Calibration,
    },
    /// Any number of labels.
    MultiLabel {
        /// The scores of each label.
        labels: Vec<LabelScores>,
        /// How far probabilities can be believed, of all labels together.
        calibration: Calibration,
    },
    /// Numbers.
    Regression {
        /// The scores of each target, in its own unit.
        targets: Vec<TargetScores>,
        /// The τ of the pinball loss, if there is one.
        quantile: Option<f64>,
    },
}

/// What to compute besides the scores themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options<'a> {
    /// The constant prediction to compare with: shares of the classes or of
    /// the labels, or a number for each target; see [`baseline`].
    pub baseline: Option<&'a [f64]>,
    /// How to find intervals; without it there are none.
    pub resampling: Option<Resampling>,
    /// The τ of the pinball loss, for predictions of a quantile.
    pub quantile: Option<f64>,
}

/// Why a score has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Undefined {
    /// It compares rows of a class with the others.
    #[error("only one class occurs")]
    OneClass,
    /// It is a mean over classes, and one has no score of its own.
    #[error("a class does not occur")]
    AbsentClass,
    /// It is a mean over labels, and one has no score of its own.
    #[error("a label is the same in every row")]
    ConstantLabel,
    /// It asks which positive rows were found.
    #[error("no row is positive")]
    NoPositive,
    /// It asks which of the found rows are positive.
    #[error("no row is predicted positive")]
    NonePredicted,
    /// It compares with the spread of the targets.
    #[error("there is only one row")]
    OneRow,
    /// A prediction, or a sum of them, is infinite or not a number.
    #[error("a prediction is not finite")]
    NotFinite,
}

/// Why predictions cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to evaluate.
    #[error("there is no row to evaluate")]
    NoRows,
    /// Numbers of the wrong count.
    #[error("{what}: found {found}, expected {expected}")]
    Length {
        /// What they are.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A class that does not exist.
    #[error("row {row} is of class {found}, expected one of {classes}")]
    NoSuchClass {
        /// The row, from 0.
        row: usize,
        /// The class, from 0.
        found: u32,
        /// How many there are.
        classes: usize,
    },
    /// A target that is neither 0 nor 1.
    #[error("row {row} has the target {found} for a label, expected 0 or 1")]
    NoLabel {
        /// The row, from 0.
        row: usize,
        /// The target.
        found: f64,
    },
    /// A target that is infinite or not a number.
    #[error("row {row} has the target {found}, expected a finite number")]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The target.
        found: f64,
    },
}

impl Evaluation {
    /// Evaluates probabilities of classes; the class predicted is the likeliest,
    /// the first of equals.
    ///
    /// # Shapes
    /// - `targets`: (rows), numbers of the classes from 0
    /// - `probabilities`: (rows, classes), each row adding up to 1
    ///
    /// # Errors
    /// If there is no row, a length does not fit, or there is no such class.
    pub fn of_classes(
        labels: &[String],
        targets: &[u32],
        probabilities: &[f64],
        options: &Options<'_>,
    ) -> Result<Evaluation, Error> {
        classification::evaluate(labels, targets, probabilities, options)
    }

    /// Evaluates probabilities of labels that do not exclude each other; a
    /// label is predicted where its probability is above ½.
    ///
    /// # Shapes
    /// - `targets`: (rows, labels), each 0 or 1
    /// - `probabilities`: (rows, labels)
    ///
    /// # Errors
    /// If there is no row, a length does not fit, or a target is not 0 or 1.
    pub fn of_labels(
        labels: &[String],
        targets: &[f64],
        probabilities: &[f64],
        options: &Options<'_>,
    ) -> Result<Evaluation, Error> {
        multilabel::evaluate(labels, targets, probabilities, options)
    }

    /// Evaluates predicted numbers, each target in its own unit; the scores of
    /// all are the means over the targets.
    ///
    /// # Shapes
    /// - `targets`, `predictions`: (rows, names)
    ///
    /// # Errors
    /// If there is no row, a length does not fit, or a target is not finite.
    pub fn of_numbers(
        names: &[String],
        targets: &[f64],
        predictions: &[f64],
        options: &Options<'_>,
    ) -> Result<Evaluation, Error> {
        regression::evaluate(names, targets, predictions, options)
    }

    /// Returns the score of a name, if the task has it.
    pub fn score(&self, metric: Metric) -> Option<&Score> {
        self.scores.iter().find(|score| score.metric == metric)
    }

    /// Returns the value of a score, if the task has it and it is defined.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        self.score(metric)?.value.ok()
    }
}

/// Returns the number, or that it is none.
fn finite(value: f64) -> Result<f64, Undefined> {
    if value.is_finite() { Ok(value) } else { Err(Undefined::NotFinite) }
}

/// Checks how many numbers there are.
fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
}

/// Puts scores together with their intervals and the baseline's.
fn assemble(
    metrics: &[Metric],
    values: &[Result<f64, Undefined>],
    baseline: Option<&[Result<f64, Undefined>]>,
    intervals: Option<&[Option<Interval>]>,
) -> Vec<Score> {
    let scores = metrics.iter().enumerate().map(|(index, &metric)| Score {
        metric,
        value: values[index],
        // Resamples never hold a row beyond the largest that is there: they
        // say nothing about a maximum (Efron & Tibshirani 1993, §7.4).
        interval: intervals
            .and_then(|intervals| intervals[index])
            .filter(|_| metric != Metric::MaxError && values[index].is_ok()),
        baseline: baseline.map(|baseline| baseline[index]),
    });
    scores.collect()
}
