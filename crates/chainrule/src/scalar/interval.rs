//! The interval: bounds that contain every result of honest rounding.
//!
//! Every operation returns an interval that contains all results for operands
//! inside their intervals; the last bit is widened outward, so that the
//! rounding of the machine is covered too. With a [`Rounding`], a line that
//! ends widens to what a person may write down there: the number rounded, with
//! halves up or down, or the number as it is.
//!
//! Source: R. E. Moore, "Interval Analysis", 1966, ch. 2.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::Scalar;

/// A closed interval of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
    rounding: Option<Rounding>,
}

impl Interval {
    /// Makes the interval that holds just `value`.
    pub fn exact(value: f64, rounding: Option<Rounding>) -> Interval {
        Interval { low: value, high: value, rounding }
    }

    /// Makes the interval between two bounds; `low` is at most `high`.
    pub fn new(low: f64, high: f64) -> Interval {
        Interval { low, high, rounding: None }
    }

    /// Returns the lower bound.
    pub fn low(self) -> f64 {
        self.low
    }

    /// Returns the upper bound.
    pub fn high(self) -> f64 {
        self.high
    }

    /// Tells whether `x` lies in the interval.
    pub fn contains(self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// Returns the interval between two computed bounds, widened by `ulps`
    /// units in the last place; a bound that is not a number becomes infinite.
    fn between(self, low: f64, high: f64, ulps: u32) -> Interval {
        let (mut low, mut high) = (low, high);
        for _ in 0..ulps {
            low = low.next_down();
            high = high.next_up();
        }
        Interval {
            low: if low.is_nan() { f64::NEG_INFINITY } else { low },
            high: if high.is_nan() { f64::INFINITY } else { high },
            rounding: self.rounding,
        }
    }

    /// Applies a function that never falls. The standard library's functions
    /// err by less than two units in the last place.
    fn rising(self, f: impl Fn(f64) -> f64) -> Interval {
        self.between(f(self.low), f(self.high), 2)
    }

    /// Returns the smallest interval that contains both.
    #[must_use]
    pub fn hull(self, other: Interval) -> Interval {
        self.between(self.low.min(other.low), self.high.max(other.high), 0)
    }

    /// Returns what both have in common.
    pub fn intersection(self, other: Interval) -> Option<Interval> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Interval { low, high, rounding: self.rounding })
    }

    /// Returns the interval with all that its numbers may be rounded to,
    /// halves up or down.
    #[must_use]
    pub fn rounded(self, rounding: Rounding) -> Interval {
        self.between(
            self.low.min(rounding.round_half_down(self.low)),
            self.high.max(rounding.round_half_up(self.high)),
            0,
        )
    }

    fn hull_of_corners(self, corners: [f64; 4]) -> Interval {
        if corners.iter().any(|corner| corner.is_nan()) {
            return self.between(f64::NAN, f64::NAN, 0);
        }
        let low = corners.iter().copied().fold(f64::INFINITY, f64::min);
        let high = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.between(low, high, 1)
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.between(self.low + other.low, self.high + other.high, 1)
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.between(self.low - other.high, self.high - other.low, 1)
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.hull_of_corners([
            self.low * other.low,
            self.low * other.high,
            self.high * other.low,
            self.high * other.high,
        ])
    }
}

impl Div for Interval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.contains(0.0) {
            return self.between(f64::NAN, f64::NAN, 0);
        }
        self.hull_of_corners([
            self.low / other.low,
            self.low / other.high,
            self.high / other.low,
            self.high / other.high,
        ])
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        self.between(-self.high, -self.low, 0)
    }
}

impl Scalar for Interval {
    fn value(self) -> f64 {
        if self.low == self.high { self.low } else { self.low + (self.high - self.low) / 2.0 }
    }

    fn constant(self, value: f64) -> Self {
        Interval::exact(value, self.rounding)
    }

    fn named(self, _quantity: Quantity) -> Self {
        match self.rounding {
            None => self,
            Some(rounding) => self.rounded(rounding),
        }
    }

    fn squared(self) -> Self {
        let (low, high) = (self.low.squared(), self.high.squared());
        if self.contains(0.0) {
            self.between(0.0, low.max(high).next_up(), 0)
        } else {
            self.between(low.min(high), low.max(high), 1)
        }
    }

    fn exp(self) -> Self {
        self.rising(f64::exp)
    }

    fn exp_minus_one(self) -> Self {
        self.rising(f64::exp_m1)
    }

    fn ln(self) -> Self {
        // Below zero the logarithm has no value: NaN, an open bound.
        self.rising(f64::ln)
    }

    fn tanh(self) -> Self {
        self.rising(f64::tanh)
    }

    fn softplus(self) -> Self {
        self.rising(Scalar::softplus)
    }

    fn normal_cdf(self) -> Self {
        // Its error is larger: 1e-14 relative is 64 units in the last place.
        self.between(self.low.normal_cdf(), self.high.normal_cdf(), 64)
    }

    fn normal_density(self) -> Self {
        let (low, high) = (self.low.normal_density(), self.high.normal_density());
        let top = if self.contains(0.0) { 0.0_f64.normal_density() } else { low.max(high) };
        // exp() doubles the relative error of its argument z²/2, at most 745.
        self.between(low.min(high), top, 1024)
    }

    fn when_positive(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        if self.low > 0.0 {
            then()
        } else if self.high <= 0.0 {
            otherwise()
        } else {
            then().hull(otherwise())
        }
    }
}
