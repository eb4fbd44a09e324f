//! The rounded number: what a person carries on who rounds every line.
//!
//! Inside a line the arithmetic is exact, as with a pocket calculator whose
//! display is written down only at the end of the line.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::Scalar;

/// A number that is rounded wherever a line of working ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounded {
    value: f64,
    rounding: Rounding,
}

impl Rounded {
    /// Makes a number of a given value, which is not rounded itself.
    pub fn new(value: f64, rounding: Rounding) -> Rounded {
        Rounded { value, rounding }
    }

    fn with(self, value: f64) -> Rounded {
        Rounded { value, ..self }
    }
}

impl Add for Rounded {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(self.value + other.value)
    }
}

impl Sub for Rounded {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(self.value - other.value)
    }
}

impl Mul for Rounded {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.with(self.value * other.value)
    }
}

impl Div for Rounded {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.with(self.value / other.value)
    }
}

impl Neg for Rounded {
    type Output = Self;
    fn neg(self) -> Self {
        self.with(-self.value)
    }
}

impl Scalar for Rounded {
    fn value(self) -> f64 {
        self.value
    }

    fn constant(self, value: f64) -> Self {
        self.with(value)
    }

    fn named(self, _quantity: Quantity) -> Self {
        self.with(self.rounding.round(self.value))
    }

    fn squared(self) -> Self {
        self.with(self.value.squared())
    }

    fn exp(self) -> Self {
        self.with(self.value.exp())
    }

    fn exp_minus_one(self) -> Self {
        self.with(self.value.exp_minus_one())
    }

    fn ln(self) -> Self {
        self.with(self.value.ln())
    }

    fn tanh(self) -> Self {
        self.with(self.value.tanh())
    }

    fn softplus(self) -> Self {
        self.with(self.value.softplus())
    }

    fn normal_cdf(self) -> Self {
        self.with(self.value.normal_cdf())
    }

    fn normal_density(self) -> Self {
        self.with(self.value.normal_density())
    }

    fn when_positive(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        if self.value > 0.0 { then() } else { otherwise() }
    }
}
