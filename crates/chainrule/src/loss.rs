//! Losses: name, formula, value, and slope, each defined once, here.
//!
//! All are of one sample: `t` are its targets, `a` the output activations, `n`
//! their number. Books differ in the factor (Bishop 2006 has ½ in the squared
//! loss, Goodfellow et al. 2016 the mean without it), so each name says which
//! it is and every page repeats the formula.

use crate::convention::DeltaSign;
use crate::scalar::Scalar;

/// A loss `E` of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// `Σ ½(t−a)²`.
    HalfSquared,
    /// `(1/n) Σ (t−a)²`.
    MeanSquared,
    /// `Σ (t−a)²`.
    SumSquared,
    /// `(1/n) Σ |t−a|`. Slope 0 at the corner.
    MeanAbsolute,
    /// `−Σ [t·ln a + (1−t)·ln(1−a)]`, for activations in (0, 1).
    BinaryCrossEntropy,
    /// `−Σ t·ln a`, for targets and activations that each add up to 1.
    CategoricalCrossEntropy,
    /// `Σ ½(t−a)²` where `|t−a| ≤ 1`, else `|t−a| − ½` (Huber 1964, δ = 1).
    Huber,
    /// `Σ τ·(t−a)` where `t > a`, else `(1−τ)·(a−t)`: the least of it is the
    /// τ-quantile (Koenker & Bassett 1978). Slope 0 at the corner.
    Quantile {
        /// The share of targets that lie below, between 0 and 1.
        tau: f64,
    },
    /// `Σ (a − t·ln a)`, for counts `t` and rates `a` above zero: the Poisson
    /// likelihood without the terms that hold no `a`.
    Poisson,
}

impl Loss {
    /// Every loss; the quantile is the median.
    pub const ALL: [Loss; 9] = [
        Loss::HalfSquared,
        Loss::MeanSquared,
        Loss::SumSquared,
        Loss::MeanAbsolute,
        Loss::BinaryCrossEntropy,
        Loss::CategoricalCrossEntropy,
        Loss::Huber,
        Loss::Quantile { tau: 0.5 },
        Loss::Poisson,
    ];

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Loss::HalfSquared => "half-squared",
            Loss::MeanSquared => "mean-squared",
            Loss::SumSquared => "sum-squared",
            Loss::MeanAbsolute => "mean-absolute",
            Loss::BinaryCrossEntropy => "binary-cross-entropy",
            Loss::CategoricalCrossEntropy => "categorical-cross-entropy",
            Loss::Huber => "huber",
            Loss::Quantile { .. } => "quantile",
            Loss::Poisson => "poisson",
        }
    }

    /// Returns the other names in use for the same loss.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Loss::HalfSquared => &["half-squared-error"],
            Loss::MeanSquared => &["mean-squared-error", "mse"],
            Loss::BinaryCrossEntropy => &["bce"],
            Loss::CategoricalCrossEntropy => &["cross-entropy", "cce"],
            Loss::SumSquared => &["sum-squared-error", "sse"],
            Loss::MeanAbsolute => &["mean-absolute-error", "mae"],
            Loss::Quantile { .. } => &["pinball"],
            Loss::Huber | Loss::Poisson => &[],
        }
    }

    /// Returns the definition as a line of text.
    pub fn formula(self) -> &'static str {
        match self {
            Loss::HalfSquared => "Σ ½(t-a)²",
            Loss::MeanSquared => "(1/n)·Σ (t-a)²",
            Loss::SumSquared => "Σ (t-a)²",
            Loss::MeanAbsolute => "(1/n)·Σ |t-a|",
            Loss::BinaryCrossEntropy => "-Σ [t·ln(a) + (1-t)·ln(1-a)]",
            Loss::CategoricalCrossEntropy => "-Σ t·ln(a)",
            Loss::Huber => "Σ ½(t-a)² where |t-a| ≤ 1, else |t-a| - ½",
            Loss::Quantile { .. } => "Σ τ·(t-a) where t > a, else (1-τ)·(a-t)",
            Loss::Poisson => "Σ (a - t·ln(a))",
        }
    }

    /// Returns the definition in words, with its factor.
    pub fn sentence(self) -> String {
        let sentence = match self {
            Loss::HalfSquared => {
                "half the squared error, summed over the outputs (with ½, no mean)"
            }
            Loss::MeanSquared => "the squared error, averaged over the n outputs (no ½)",
            Loss::SumSquared => "the squared error, summed over the outputs (no ½, no mean)",
            Loss::MeanAbsolute => "the absolute error, averaged over the n outputs",
            Loss::BinaryCrossEntropy => "binary cross-entropy, summed over the outputs (no mean)",
            Loss::CategoricalCrossEntropy => {
                "categorical cross-entropy, summed over the outputs (no mean)"
            }
            Loss::Huber => "the Huber loss, bent at 1, summed over the outputs (with ½, no mean)",
            Loss::Quantile { tau } => {
                return format!("the quantile loss for τ = {tau}, summed over the outputs");
            }
            Loss::Poisson => "the Poisson loss, summed over the outputs (no mean)",
        };
        sentence.to_string()
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
                Loss::MeanSquared | Loss::SumSquared => sum + difference.squared(),
                Loss::MeanAbsolute => sum + difference.when_positive(|| difference, || -difference),
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
                Loss::Quantile { tau } => {
                    sum + difference.when_positive(
                        || difference.constant(tau) * difference,
                        || difference.constant(1.0 - tau) * -difference,
                    )
                }
                Loss::Poisson => sum + (a - times_ln(t, a)),
            };
        }
        match self {
            Loss::HalfSquared
            | Loss::SumSquared
            | Loss::Huber
            | Loss::Quantile { .. }
            | Loss::Poisson => sum,
            Loss::MeanSquared | Loss::MeanAbsolute => sum / some.constant(outputs.len() as f64),
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
            Loss::SumSquared => a.constant(2.0) * difference,
            Loss::MeanAbsolute => {
                let share = one / a.constant(count as f64);
                by_sign(difference, share, share)
            }
            Loss::BinaryCrossEntropy => sign.difference(t / a, (one - t) / (one - a)),
            Loss::CategoricalCrossEntropy => sign.difference(t / a, a.constant(0.0)),
            Loss::Huber => bend(difference, || difference, || one, || -one),
            Loss::Quantile { tau } => {
                let (tau, rest) = (a.constant(tau), a.constant(1.0 - tau));
                match sign {
                    DeltaSign::Textbook => by_sign(difference, tau, rest),
                    DeltaSign::Gradient => by_sign(difference, rest, tau),
                }
            }
            Loss::Poisson => sign.difference(t / a, one),
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

/// Returns `above` where `x > 0`, `−below` where `x < 0`, and else 0.
fn by_sign<S: Scalar>(x: S, above: S, below: S) -> S {
    x.when_positive(|| above, || (-x).when_positive(|| -below, || x.constant(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        // Each row by hand: loss, target, output, E, ∂E/∂a.
        let table = [
            (Loss::HalfSquared, 2.0, 5.0, 4.5, 3.0),
            (Loss::MeanSquared, 2.0, 5.0, 9.0, 6.0),
            (Loss::SumSquared, 2.0, 5.0, 9.0, 6.0),
            (Loss::MeanAbsolute, 2.0, 5.0, 3.0, 1.0),
            (Loss::MeanAbsolute, 2.0, 2.0, 0.0, 0.0),
            (Loss::Huber, 2.0, 5.0, 2.5, 1.0),
            (Loss::Huber, 2.0, 2.5, 0.125, 0.5),
            (Loss::Quantile { tau: 0.25 }, 2.0, 6.0, 3.0, 0.75),
            (Loss::Quantile { tau: 0.25 }, 6.0, 2.0, 1.0, -0.25),
            (Loss::Quantile { tau: 0.25 }, 6.0, 6.0, 0.0, 0.0),
            (Loss::Poisson, 3.0, 1.0, 1.0, -2.0),
            (Loss::Poisson, 0.0, 0.5, 0.5, 1.0),
            (Loss::BinaryCrossEntropy, 1.0, 0.5, std::f64::consts::LN_2, -2.0),
            (Loss::CategoricalCrossEntropy, 1.0, 0.5, std::f64::consts::LN_2, -2.0),
        ];
        for (loss, t, a, value, slope) in table {
            assert_eq!(loss.value(&[t], &[a]), value, "{loss:?} at t = {t}, a = {a}");
            let found = loss.slope(DeltaSign::Gradient, t, a, 1);
            assert_eq!(found, slope, "∂E/∂a of {loss:?} at t = {t}, a = {a}");
            let opposite = loss.slope(DeltaSign::Textbook, t, a, 1);
            assert_eq!(opposite, -slope, "-∂E/∂a of {loss:?} at t = {t}, a = {a}");
        }
    }

    #[test]
    fn means_divide_by_the_number_of_outputs() {
        for loss in [Loss::MeanSquared, Loss::MeanAbsolute] {
            assert_eq!(loss.value(&[0.0, 0.0], &[1.0, 0.0]), 0.5, "{loss:?}");
        }
        assert_eq!(Loss::MeanSquared.slope(DeltaSign::Gradient, 0.0, 1.0, 2), 1.0);
        assert_eq!(Loss::MeanAbsolute.slope(DeltaSign::Gradient, 0.0, 1.0, 2), 0.5);
    }
}
