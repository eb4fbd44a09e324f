//! Predictions beside the answers that are known: what every score, curve and
//! plot of a model is made of.

use chainrule::loss::Loss;

use super::{Error, Model, Predictions};
use crate::encoder::Rows;
use crate::metrics::{Curves, Evaluation, Options, Resampling};
use crate::remark::Remark;
use crate::table::Table;

/// Rows with a known answer, and what a model says of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Which rows of the table they are, the first being 0.
    pub rows: Vec<u32>,
    /// What the model says of each.
    pub predictions: Predictions,
    /// What is true of each.
    pub truth: Truth,
}

/// The answers that are known.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// (rows): numbers of the classes, from 0.
    Classes(Vec<u32>),
    /// (rows, targets): numbers in the user's units, or 0 and 1 for no and yes.
    Numbers(Vec<f64>),
}

impl Model {
    /// Predicts the rows of a table that have a known answer.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and if a target column is missing or no
    /// row has an answer that training rows had.
    pub fn compare(&self, table: &Table) -> Result<(Compared, Vec<Remark>), Error> {
        let inputs = self.encoder.read_inputs(table)?;
        let targets = self.encoder.read_targets(table)?;
        let (rows, mut remarks) = targets.known(0..table.rows());
        remarks.extend(inputs.remarks(&rows));
        if rows.is_empty() {
            return Err(Error::NoAnswers { file: table.name.clone() });
        }
        let predictions = self.predictions(&inputs, &Rows::Listed(&rows));
        let truth = match &predictions {
            Predictions::Classes { .. } => Truth::Classes(
                targets
                    .classes(&rows)
                    .into_iter()
                    .map(|class| u32::try_from(class).expect("labels have codes of 32 bits"))
                    .collect(),
            ),
            Predictions::Answers { .. } | Predictions::Numbers { .. } => {
                Truth::Numbers(targets.numbers(&rows))
            }
        };
        Ok((Compared { rows, predictions, truth }, remarks))
    }

    /// Predicts the rows of a table that have a known answer, and compares.
    ///
    /// # Errors
    /// As [`compare`](Self::compare).
    pub fn evaluate(
        &self,
        table: &Table,
        resampling: Option<Resampling>,
    ) -> Result<(Evaluation, Vec<Remark>), Error> {
        let (compared, remarks) = self.compare(table)?;
        Ok((self.scores(&compared, resampling), remarks))
    }

    /// Scores predictions of this model, beside the baseline of its training
    /// rows.
    pub fn scores(&self, compared: &Compared, resampling: Option<Resampling>) -> Evaluation {
        let baseline = &self.training.baseline;
        let width = compared.predictions.width();
        let baseline = (baseline.len() == width).then_some(baseline.as_slice());
        compared.evaluate(&Options { baseline, resampling, quantile: self.quantile() })
    }

    /// Returns the τ of the quantile it predicts, if it predicts one.
    pub(super) fn quantile(&self) -> Option<f64> {
        match self.loss {
            Loss::Quantile { tau } => Some(tau),
            _ => None,
        }
    }
}

impl Compared {
    /// Scores the predictions.
    ///
    /// # Panics
    /// If predictions, truth and options are not of one task and length.
    pub fn evaluate(&self, options: &Options<'_>) -> Evaluation {
        self.truth.evaluate(&self.predictions, options)
    }

    /// Returns the curves of each class against the rest, or of each label;
    /// with two classes, those of the second. Numbers have none.
    ///
    /// # Panics
    /// If predictions and truth are not of one task and length.
    pub fn curves(&self) -> Vec<Curves> {
        let width = self.predictions.width();
        match (&self.predictions, &self.truth) {
            (Predictions::Classes { labels, probabilities, .. }, Truth::Classes(truth)) => {
                let first = usize::from(labels.len() == 2);
                (0_u32..)
                    .zip(labels)
                    .skip(first)
                    .map(|(class, label)| {
                        let probability = |row: usize| probabilities[row * width + class as usize];
                        Curves::new(label, truth.len(), probability, |row| truth[row] == class)
                    })
                    .collect()
            }
            (Predictions::Answers { answers, probabilities }, Truth::Numbers(truth)) => {
                let of_answer = |(index, answer): (usize, &crate::encoder::Answer)| {
                    let probability = |row: usize| probabilities[row * width + index];
                    let rows = self.rows.len();
                    Curves::new(&answer.column, rows, probability, |row| {
                        truth[row * width + index] == 1.0
                    })
                };
                answers.iter().enumerate().map(of_answer).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Truth {
    /// Scores predictions of the same rows.
    pub(super) fn evaluate(&self, predictions: &Predictions, options: &Options<'_>) -> Evaluation {
        let evaluation = match (predictions, self) {
            (Predictions::Classes { labels, probabilities, .. }, Truth::Classes(truth)) => {
                Evaluation::of_classes(labels, truth, probabilities, options)
            }
            (Predictions::Answers { answers, probabilities }, Truth::Numbers(truth)) => {
                let names: Vec<String> =
                    answers.iter().map(|answer| answer.column.clone()).collect();
                Evaluation::of_labels(&names, truth, probabilities, options)
            }
            (Predictions::Numbers { names, values }, Truth::Numbers(truth)) => {
                Evaluation::of_numbers(names, truth, values, options)
            }
            _ => panic!("the truth about classes is classes"),
        };
        evaluation.expect("known answers and their predictions fit together")
    }
}
