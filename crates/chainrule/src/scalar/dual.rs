//! The dual number: a value and one derivative, exact to rounding.
//!
//! `x + x′ε` with `ε² = 0`: computing with it carries the derivative along by
//! the rules of calculus. Give one weight the derivative 1 and all else 0, and
//! the loss comes out with `∂E/∂w`, without a backward pass and without a step
//! size: an independent check of backpropagation.
//!
//! Source: W. K. Clifford 1873; Griewank & Walther, "Evaluating Derivatives",
//! 2nd ed. 2008, ch. 3.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::scalar::Scalar;

/// A value and its derivative towards one variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The value.
    pub value: f64,
    /// The derivative.
    pub derivative: f64,
}

impl Dual {
    /// Makes a number that does not depend on the variable.
    pub fn fixed(value: f64) -> Dual {
        Dual { value, derivative: 0.0 }
    }

    /// Makes the variable itself.
    pub fn variable(value: f64) -> Dual {
        Dual { value, derivative: 1.0 }
    }

    /// Applies a function with its derivative at this value: the chain rule.
    fn chain(self, value: f64, slope: f64) -> Dual {
        Dual { value, derivative: slope * self.derivative }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Dual { value: self.value + other.value, derivative: self.derivative + other.derivative }
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Dual { value: self.value - other.value, derivative: self.derivative - other.derivative }
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Dual {
            value: self.value * other.value,
            derivative: self.derivative * other.value + self.value * other.derivative,
        }
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        // (x/y)′ = (x′ − (x/y)·y′) / y, which does not square y.
        Dual { value, derivative: (self.derivative - value * other.derivative) / other.value }
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Dual { value: -self.value, derivative: -self.derivative }
    }
}

impl Scalar for Dual {
    fn value(self) -> f64 {
        self.value
    }

    fn constant(self, value: f64) -> Self {
        Dual::fixed(value)
    }

    fn squared(self) -> Self {
        self.chain(self.value.squared(), 2.0 * self.value)
    }

    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    fn exp_minus_one(self) -> Self {
        self.chain(self.value.exp_minus_one(), self.value.exp())
    }

    fn ln(self) -> Self {
        self.chain(self.value.ln(), 1.0 / self.value)
    }

    fn tanh(self) -> Self {
        // 1/cosh² keeps its digits where 1 − tanh² has lost them.
        let cosh = self.value.cosh();
        self.chain(self.value.tanh(), 1.0 / cosh / cosh)
    }

    fn softplus(self) -> Self {
        self.chain(self.value.softplus(), 1.0 / (1.0 + (-self.value).exp()))
    }

    fn normal_cdf(self) -> Self {
        self.chain(self.value.normal_cdf(), self.value.normal_density())
    }

    fn normal_density(self) -> Self {
        let value = self.value.normal_density();
        self.chain(value, -self.value * value)
    }

    fn when_positive(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        if self.value > 0.0 { then() } else { otherwise() }
    }
}
