//! Losses: name, formula, value, and slope, each defined once, here.
//!
//! All are of one sample: `t` are its targets, `a` the output activations, `n`
//! their number. Books differ in the factor (Bishop 2006 has ½ in the squared
//! loss, Goodfellow et al. 2016 the mean without it), so each name says which
//! it is and every page repeats the formula.

use crate::convention::DeltaSign;
use crate::scalar::Scalar;

/// A loss `E` of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// `Σ ½(t−a)²`.
    HalfSquared,
    /// `(1/n) Σ (t−a)²`.
    MeanSquared,
    /// `−Σ [t·ln a + (1−t)·ln(1−a)]`, for activations in (0, 1).
    BinaryCrossEntropy,
    /// `−Σ t·ln a`, for targets and activations that each add up to 1.
    CategoricalCrossEntropy,
    /// `Σ ½(t−a)²` where `|t−a| ≤ 1`, else `|t−a| − ½` (Huber 1964, δ = 1).
    Huber,
}

impl Loss {
    /// Every loss.
    pub const ALL: [Loss; 5] = [
        Loss::HalfSquared,
        Loss::MeanSquared,
        Loss::BinaryCrossEntropy,
        Loss::CategoricalCrossEntropy,
        Loss::Huber,
    ];

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Loss::HalfSquared => "half-squared",
            Loss::MeanSquared => "mean-squared",
            Loss::BinaryCrossEntropy => "binary-cross-entropy",
            Loss::CategoricalCrossEntropy => "categorical-cross-entropy",
            Loss::Huber => "huber",
        }
    }

    /// Returns the other names in use for the same loss.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Loss::HalfSquared => &["half-squared-error"],
            Loss::MeanSquared => &["mean-squared-error", "mse"],
            Loss::BinaryCrossEntropy => &["bce"],
            Loss::CategoricalCrossEntropy => &["cross-entropy", "cce"],
            Loss::Huber => &[],
        }
    }

    /// Returns the definition as a line of text.
    pub fn formula(self) -> &'static str {
        match self {
            Loss::HalfSquared => "Σ ½(t-a)²",
            Loss::MeanSquared => "(1/n)·Σ (t-a)²",
            Loss::BinaryCrossEntropy => "-Σ [t·ln(a) + (1-t)·ln(1-a)]",
            Loss::CategoricalCrossEntropy => "-Σ t·ln(a)",
            Loss::Huber => "Σ ½(t-a)² where |t-a| ≤ 1, else |t-a| - ½",
        }
    }

    /// Returns the definition in words, with its factor.
    pub fn sentence(self) -> &'static str {
        match self {
            Loss::HalfSquared => {
                "half the squared error, summed over the outputs (with ½, no mean)"
            }
            Loss::MeanSquared => "the squared error, averaged over the n outputs (no ½)",
            Loss::BinaryCrossEntropy => "binary cross-entropy, summed over the outputs (no mean)",
            Loss::CategoricalCrossEntropy => {
                "categorical cross-entropy, summed over the outputs (no mean)"
            }
            Loss::Huber => "the Huber loss, bent at 1, summed over the outputs (with ½, no mean)",
        }
    }

    /// Returns the loss `E` of one sample.
    ///
    /// # Shapes
    /// - `targets` and `outputs`: (outputs), at least one
    pub fn value<S: Scalar>(self, targets: &[S], outputs: &[S]) -> S {
        let some = outputs[0];
        let half = some.constant(0.5);
        let mut sum = some.constant(0.0);
        for (&t, &a) in targets.iter().zip(outputs) {
            let one = a.constant(1.0);
            let difference = t - a;
            sum = match self {
                Loss::HalfSquared => sum + half * difference.squared(),
                Loss::MeanSquared => sum + difference.squared(),
                Loss::BinaryCrossEntropy => sum + times_ln(t, a) + times_ln(one - t, one - a),
                Loss::CategoricalCrossEntropy => sum + times_ln(t, a),
                Loss::Huber => {
                    sum + bend(
                        difference,
                        || half * difference.squared(),
                        || difference - half,
                        || -difference - half,
                    )
                }
            };
        }
        match self {
            Loss::HalfSquared | Loss::Huber => sum,
            Loss::MeanSquared => sum / some.constant(outputs.len() as f64),
            Loss::BinaryCrossEntropy | Loss::CategoricalCrossEntropy => -sum,
        }
    }

    /// Returns the slope of the loss towards one output: `−∂E/∂a` with
    /// [`DeltaSign::Textbook`], `∂E/∂a` with [`DeltaSign::Gradient`].
    ///
    /// `count` is the number of outputs, `n` in the formulas.
    pub fn slope<S: Scalar>(self, sign: DeltaSign, t: S, a: S, count: usize) -> S {
        let one = a.constant(1.0);
        let difference = sign.difference(t, a);
        match self {
            Loss::HalfSquared => difference,
            Loss::MeanSquared => a.constant(2.0) / a.constant(count as f64) * difference,
            Loss::BinaryCrossEntropy => sign.difference(t / a, (one - t) / (one - a)),
            Loss::CategoricalCrossEntropy => sign.difference(t / a, a.constant(0.0)),
            Loss::Huber => bend(difference, || difference, || one, || -one),
        }
    }
}

/// Returns `factor·ln(a)`, and 0 where the factor is 0: `0·ln 0` counts as 0.
fn times_ln<S: Scalar>(factor: S, a: S) -> S {
    if factor.value() == 0.0 { a.constant(0.0) } else { factor * a.ln() }
}

/// Chooses by where `x` lies: between −1 and 1, above 1, or below −1.
fn bend<S: Scalar>(
    x: S,
    between: impl FnOnce() -> S,
    above: impl FnOnce() -> S,
    below: impl FnOnce() -> S,
) -> S {
    let one = x.constant(1.0);
    (x - one).when_positive(above, || (-x - one).when_positive(below, between))
}
