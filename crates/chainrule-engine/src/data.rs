//! Samples: tables of inputs and targets, as they lie in memory.
//!
//! Nothing is copied: a batch reads the rows it needs.

use std::ops::Range;

use chainrule::loss::Loss;

use crate::architecture::Architecture;
use crate::error::Error;
use crate::real::Real;

/// Rows of inputs and targets, and what each row counts.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a, T> {
    inputs: &'a [T],
    targets: &'a [T],
    weights: &'a [T],
    input_width: usize,
    target_width: usize,
}

impl<'a, T: Real> Samples<'a, T> {
    /// Checks tables against an architecture.
    ///
    /// # Shapes
    /// - `inputs`: (samples, inputs), `targets`: (samples, outputs)
    ///
    /// # Errors
    /// If there is no sample, a length does not fit, or a number is not finite.
    pub fn new(
        architecture: &Architecture,
        inputs: &'a [T],
        targets: &'a [T],
    ) -> Result<Samples<'a, T>, Error> {
        let (input_width, target_width) = (architecture.inputs(), architecture.outputs());
        let count = (inputs.len() / input_width).max(1);
        let checks = [("inputs", inputs, input_width), ("targets", targets, target_width)];
        for (what, values, width) in checks {
            let expected = count.saturating_mul(width);
            if values.len() != expected {
                return Err(Error::Length { what, found: values.len(), expected });
            }
            check_finite(what, values)?;
        }
        Ok(Samples { inputs, targets, weights: &[], input_width, target_width })
    }

    /// Gives each sample a weight: what it counts in loss and gradient. The
    /// loss of a batch is `Σ weight·E / Σ weight`, so that weight 2 counts as
    /// the sample twice.
    ///
    /// # Shapes
    /// - `weights`: (samples), none below 0
    ///
    /// # Errors
    /// If the length does not fit, or a number is negative or not finite.
    pub fn with_weights(self, weights: &'a [T]) -> Result<Samples<'a, T>, Error> {
        if weights.len() != self.count() {
            return Err(Error::Length {
                what: "sample weights",
                found: weights.len(),
                expected: self.count(),
            });
        }
        check_finite("sample weights", weights)?;
        if let Some(weight) = weights.iter().find(|&&weight| weight < T::ZERO) {
            return Err(Error::Setting {
                setting: "a sample weight",
                found: weight.to_f64(),
                expected: "0 or more",
            });
        }
        Ok(Samples { weights, ..self })
    }

    /// Returns the number of samples.
    pub fn count(&self) -> usize {
        self.inputs.len() / self.input_width
    }

    /// Returns the inputs of a sample, by its index.
    ///
    /// # Panics
    /// If there is no such sample.
    #[inline]
    pub fn inputs(&self, index: usize) -> &'a [T] {
        &self.inputs[index * self.input_width..][..self.input_width]
    }

    /// Returns the inputs of some samples.
    pub(crate) fn input_table(&self, rows: Rows<'a>) -> Table<'a, T> {
        Table { values: self.inputs, columns: self.input_width, rows }
    }

    /// Returns the targets of some samples.
    pub(crate) fn target_table(&self, rows: Rows<'a>) -> Table<'a, T> {
        Table { values: self.targets, columns: self.target_width, rows }
    }

    /// Returns the targets of a sample, by its index.
    ///
    /// # Panics
    /// If there is no such sample.
    #[inline]
    pub fn targets(&self, index: usize) -> &'a [T] {
        &self.targets[index * self.target_width..][..self.target_width]
    }

    /// Tells whether samples have weights of their own.
    pub(crate) fn has_weights(&self) -> bool {
        !self.weights.is_empty()
    }

    /// Returns the weight of a sample, by its index.
    ///
    /// # Panics
    /// If there is no such sample.
    #[inline]
    pub fn weight(&self, index: usize) -> T {
        if self.weights.is_empty() { T::ONE } else { self.weights[index] }
    }

    /// Checks that the tables have the widths of an architecture.
    pub(crate) fn check(&self, architecture: &Architecture) -> Result<(), Error> {
        let checks = [
            ("inputs of a sample", self.input_width, architecture.inputs()),
            ("targets of a sample", self.target_width, architecture.outputs()),
        ];
        for (what, found, expected) in checks {
            if found != expected {
                return Err(Error::Length { what, found, expected });
            }
        }
        if u32::try_from(self.count()).is_err() {
            return Err(Error::Setting {
                setting: "the number of samples",
                found: self.count() as f64,
                expected: "below 2³²",
            });
        }
        Ok(())
    }

    /// Checks that a loss is defined for the targets. The rule is that of the
    /// textbook's examples.
    pub(crate) fn check_targets(&self, loss: Loss) -> Result<(), Error> {
        let (most, expected) = match loss {
            Loss::BinaryCrossEntropy | Loss::CategoricalCrossEntropy => (T::ONE, "from 0 to 1"),
            Loss::Poisson => (T::from_f64(f64::INFINITY), "0 or more"),
            _ => return Ok(()),
        };
        let targets = self.targets.chunks_exact(self.target_width);
        for (sample, targets) in targets.enumerate() {
            let fault = |found: f64, expected| {
                Err(Error::Target { sample, found, loss: loss.name(), expected })
            };
            if let Some(t) = targets.iter().find(|&&t| !(t >= T::ZERO && t <= most)) {
                return fault(t.to_f64(), expected);
            }
            let sum: f64 = targets.iter().map(|t| t.to_f64()).sum();
            if loss == Loss::CategoricalCrossEntropy && (sum - 1.0).abs() > SUM_TOLERANCE {
                return fault(sum, "a sum of 1");
            }
        }
        Ok(())
    }
}

/// Which samples a batch has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'a> {
    /// Those with these numbers.
    Listed(&'a [u32]),
    /// Those from the first number to before the second.
    Range(usize, usize),
}

impl<'a> Rows<'a> {
    /// Returns some of them.
    pub(crate) fn part(self, range: Range<usize>) -> Rows<'a> {
        match self {
            Rows::Listed(list) => Rows::Listed(&list[range]),
            Rows::Range(start, _) => Rows::Range(start + range.start, start + range.end),
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Rows::Listed(list) => list.len(),
            Rows::Range(start, end) => end - start,
        }
    }

    #[inline]
    pub(crate) fn sample(&self, index: usize) -> usize {
        match self {
            Rows::Listed(list) => list[index] as usize,
            Rows::Range(start, _) => start + index,
        }
    }
}

/// Rows of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a, T> {
    /// All rows, one after the other.
    pub(crate) values: &'a [T],
    /// How many numbers each has.
    pub(crate) columns: usize,
    /// Those that are meant.
    pub(crate) rows: Rows<'a>,
}

impl<T> Table<'_, T> {
    /// Returns some of its rows.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        Table { rows: self.rows.part(range), ..*self }
    }

    /// Checks that `rows` rows of `columns` numbers are meant, and lie inside.
    ///
    /// # Panics
    /// If not.
    #[inline]
    pub(crate) fn check(&self, rows: usize, columns: usize) {
        assert!(self.rows.len() == rows && self.columns == columns, "the table is as large");
        let count = self.values.len() / columns;
        let are_inside = (0..rows).all(|row| self.rows.sample(row) < count);
        assert!(are_inside, "rows lie inside their table");
    }
}

/// How far from 1 the targets of a sample may add up: shares of singles are
/// rounded to 6e-8 each.
const SUM_TOLERANCE: f64 = 1e-5;

fn check_finite<T: Real>(what: &'static str, values: &[T]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite { what, index, value: values[index].to_f64() }),
    }
}

/// Returns a weight for each sample from weights of the classes.
///
/// With several outputs, targets are shares of classes (one 1 and zeros, as a
/// rule), and a sample weighs `Σ_k class_weights[k]·t_k`. With one output, its
/// target is the share of the second of two classes.
///
/// # Shapes
/// - `targets`: (samples, outputs)
/// - `class_weights`: (outputs), or two for one output
///
/// # Errors
/// If a length does not fit.
pub fn weights_of_classes<T: Real>(
    targets: &[T],
    outputs: usize,
    class_weights: &[T],
) -> Result<Vec<T>, Error> {
    let expected = if outputs == 1 { 2 } else { outputs };
    if class_weights.len() != expected || outputs == 0 {
        let found = class_weights.len();
        return Err(Error::Length { what: "class weights", found, expected });
    }
    if !targets.len().is_multiple_of(outputs) {
        let (found, expected) = (targets.len(), targets.len() / outputs * outputs);
        return Err(Error::Length { what: "targets", found, expected });
    }
    Ok(targets
        .chunks_exact(outputs)
        .map(|targets| {
            if let [t] = *targets {
                class_weights[0] * (T::ONE - t) + class_weights[1] * t
            } else {
                targets.iter().zip(class_weights).map(|(&t, &weight)| t * weight).sum()
            }
        })
        .collect())
}
