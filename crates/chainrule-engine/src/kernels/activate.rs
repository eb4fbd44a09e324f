//! Activation functions on whole buffers, with their derivatives.
//!
//! The formulas are those of [`chainrule::activation`], which the tests compare
//! with; softmax, a function of a whole row, is in [`output`](super::output).

use chainrule::activation::Activation;

use super::math::{exp, exp_minus_one, normal, sigmoid, softplus, tanh};
use super::vector::Vector;
use crate::real::Real;

/// The slope of leaky `ReLU` below zero, and the constants of SELU, as in
/// [`chainrule::activation`].
const LEAK: f64 = 0.01;
const SELU_LAMBDA: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

kernel! {
    /// Replaces pre-activations by activations, `a = f(z)`; writes the slopes
    /// `f′(z)` too, unless `slopes` is empty.
    ///
    /// # Panics
    /// If the lengths are no multiple of a vector, or differ, or for softmax.
    pub(crate) fn activate<T>(activation: Activation, values: &mut [T], slopes: &mut [T])
        = activate_body
}

/// Computes with every vector of a buffer: value, and value and slope.
macro_rules! each {
    ($token:ident, $values:ident, $slopes:ident, |$z:ident| $value:expr, $both:expr) => {{
        let (values, slopes) = ($values.as_mut_ptr(), $slopes.as_mut_ptr());
        let mut at = 0;
        // SAFETY: the numbers are a multiple of LANES, as many as the slopes.
        unsafe {
            if $slopes.is_empty() {
                while at < $values.len() {
                    let $z = V::load($token, values.add(at));
                    let value: V = $value;
                    value.store(values.add(at));
                    at += V::LANES;
                }
            } else {
                while at < $values.len() {
                    let $z = V::load($token, values.add(at));
                    let (value, slope): (V, V) = $both;
                    value.store(values.add(at));
                    slope.store(slopes.add(at));
                    at += V::LANES;
                }
            }
        }
    }};
}

#[inline(always)]
pub(super) fn activate_body<V: Vector>(
    token: V::Token,
    activation: Activation,
    values: &mut [V::Element],
    slopes: &mut [V::Element],
) {
    assert!(values.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    assert!(slopes.is_empty() || slopes.len() == values.len(), "every value has a slope");
    let zero = V::splat(token, V::Element::ZERO);
    let one = V::splat(token, V::Element::ONE);
    let constant = |value| one.constant(value);
    match activation {
        Activation::Sigmoid => each!(token, values, slopes, |z| sigmoid(z), {
            let a = sigmoid(z);
            (a, a * (one - a))
        }),
        Activation::Tanh => each!(token, values, slopes, |z| tanh(z), {
            let a = tanh(z);
            (a, one - a * a)
        }),
        // This order keeps what is not a number.
        Activation::Relu => each!(token, values, slopes, |z| zero.or_greater(z), {
            (zero.or_greater(z), z.when_positive(one, zero))
        }),
        Activation::LeakyRelu => {
            let leak = constant(LEAK);
            each!(token, values, slopes, |z| z.when_positive(z, z * leak), {
                (z.when_positive(z, z * leak), z.when_positive(one, leak))
            });
        }
        Activation::Elu => {
            each!(token, values, slopes, |z| z.when_positive(z, exp_minus_one(z)), {
                (z.when_positive(z, exp_minus_one(z)), z.when_positive(one, exp(z)))
            });
        }
        Activation::Selu => {
            let (above, below) = (constant(SELU_LAMBDA), constant(SELU_LAMBDA * SELU_ALPHA));
            each!(
                token,
                values,
                slopes,
                |z| z.when_positive(above * z, below * exp_minus_one(z)),
                {
                    let value = z.when_positive(above * z, below * exp_minus_one(z));
                    (value, z.when_positive(above, below * exp(z)))
                }
            );
        }
        Activation::Gelu => each!(token, values, slopes, |z| z * normal(z).0, {
            let (distribution, density) = normal(z);
            (z * distribution, z.mul_add(density, distribution))
        }),
        // z·σ(z), and 0 rather than −∞·0 far below.
        Activation::Silu => each!(token, values, slopes, |z| z / (one + exp(-z)), {
            let divisor = one + exp(-z);
            let a = z / divisor;
            (a, a + (one - a) / divisor)
        }),
        Activation::Softplus => {
            each!(token, values, slopes, |z| softplus(z), { (softplus(z), sigmoid(z)) });
        }
        Activation::Softsign => each!(token, values, slopes, |z| z / (one + z.abs()), {
            let divisor = one + z.abs();
            (z / divisor, one / (divisor * divisor))
        }),
        Activation::Identity => slopes.fill(V::Element::ONE),
        Activation::Softmax => unreachable!("softmax is a function of the whole layer"),
    }
}

kernel! {
    /// Multiplies numbers by factors, one by one.
    ///
    /// # Panics
    /// If the lengths are no multiple of a vector, or differ.
    pub(crate) fn multiply<T>(values: &mut [T], factors: &[T]) = multiply_body
}

#[inline(always)]
fn multiply_body<V: Vector>(token: V::Token, values: &mut [V::Element], factors: &[V::Element]) {
    assert!(values.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    assert_eq!(values.len(), factors.len(), "every value has a factor");
    let factors = factors.chunks_exact(V::LANES);
    for (values, factors) in values.chunks_exact_mut(V::LANES).zip(factors) {
        // SAFETY: both chunks have one vector.
        unsafe {
            let product = V::load(token, values.as_ptr()) * V::load(token, factors.as_ptr());
            product.store(values.as_mut_ptr());
        }
    }
}
