//! The number types the algorithm runs with.
//!
//! [`backprop`](crate::backprop) is written once over [`Scalar`]. What a run
//! yields depends on the type put in:
//!
//! | type | yields |
//! |---|---|
//! | `f64` | the numbers |
//! | [`Worked`](worked::Worked) | the numbers and the expression behind each |
//! | [`Rounded`](rounded::Rounded) | the numbers of a person who rounds every line |
//! | [`Interval`](interval::Interval) | bounds that hold whatever was rounded, and how |
//! | [`Dual`](dual::Dual) | the numbers and one exact derivative |
//!
//! Not for: fast arithmetic on many numbers at once.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::quantity::Quantity;
use crate::special;

pub mod dual;
pub mod interval;
pub mod rounded;
pub mod worked;

/// A number that backpropagation can be computed with.
///
/// There are no constants such as `Scalar::ONE`: a worked number must know
/// which page it is written on, a rounded one how many places it keeps. A
/// constant is made from a number at hand with [`constant`](Self::constant).
pub trait Scalar:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Returns the plain number (of an interval, a point inside it).
    fn value(self) -> f64;

    /// Makes a constant of the same kind as this number.
    #[must_use]
    fn constant(self, value: f64) -> Self;

    /// Ends a line of working: from here on, the number is the quantity `quantity`.
    ///
    /// A plain number stays as it is, a rounded one is rounded here and only
    /// here, a worked one writes its line.
    #[must_use]
    fn named(self, quantity: Quantity) -> Self {
        let _ = quantity;
        self
    }

    /// Gives a number inside a line a name, for who asks for it; the line goes
    /// on, and nothing is rounded.
    fn noted(self, quantity: Quantity) {
        let _ = quantity;
    }

    /// Returns `self²`.
    #[must_use]
    fn squared(self) -> Self;

    /// Returns `e^self`.
    #[must_use]
    fn exp(self) -> Self;

    /// Returns `e^self − 1`, exact near zero.
    #[must_use]
    fn exp_minus_one(self) -> Self;

    /// Returns the natural logarithm.
    #[must_use]
    fn ln(self) -> Self;

    /// Returns the hyperbolic tangent.
    #[must_use]
    fn tanh(self) -> Self;

    /// Returns `ln(1 + e^self)`, without overflow.
    #[must_use]
    fn softplus(self) -> Self;

    /// Returns `Φ(self)`, the standard normal distribution function.
    #[must_use]
    fn normal_cdf(self) -> Self;

    /// Returns `φ(self)`, the standard normal density.
    #[must_use]
    fn normal_density(self) -> Self;

    /// Returns `then()` where this number is above zero and `otherwise()`
    /// where it is not.
    #[must_use]
    fn when_positive(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self;
}

impl Scalar for f64 {
    fn value(self) -> f64 {
        self
    }

    fn constant(self, value: f64) -> f64 {
        value
    }

    fn squared(self) -> f64 {
        self * self
    }

    fn exp(self) -> f64 {
        f64::exp(self)
    }

    fn exp_minus_one(self) -> f64 {
        f64::exp_m1(self)
    }

    fn ln(self) -> f64 {
        f64::ln(self)
    }

    fn tanh(self) -> f64 {
        f64::tanh(self)
    }

    fn softplus(self) -> f64 {
        // ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|): the exponent never overflows.
        self.max(0.0) + f64::ln_1p(f64::exp(-self.abs()))
    }

    fn normal_cdf(self) -> f64 {
        special::normal_cdf(self)
    }

    fn normal_density(self) -> f64 {
        special::normal_density(self)
    }

    fn when_positive(self, then: impl FnOnce() -> f64, otherwise: impl FnOnce() -> f64) -> f64 {
        if self > 0.0 { then() } else { otherwise() }
    }
}
