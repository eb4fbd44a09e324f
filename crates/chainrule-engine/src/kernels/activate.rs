//! Activation functions on whole buffers, with their derivatives.
//!
//! The formulas are those of [`chainrule::activation`], which the tests compare
//! with; softmax, a function of a whole row, is in [`output`](super::output).

use chainrule::activation::Activation;

use super::math::{exp, exp_minus_one, normal, one_plus_exp_of_minus, sigmoid, softplus, tanh};
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
        = activate_body of flat
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
    let has_slopes = !slopes.is_empty();
    // A loop for each function, so that the choice is made once.
    macro_rules! each {
        ($($name:ident)*) => {
            match activation {
                $(Activation::$name => {
                    let (values, slopes, count) =
                        (values.as_mut_ptr(), slopes.as_mut_ptr(), values.len());
                    let mut at = 0;
                    while at < count {
                        // SAFETY: the numbers are a multiple of LANES, and as
                        // many as the slopes if there are any.
                        unsafe {
                            let z = V::load(token, values.add(at));
                            if has_slopes {
                                let (a, slope) = value_and_slope(Activation::$name, z);
                                a.store(values.add(at));
                                slope.store(slopes.add(at));
                            } else {
                                value(Activation::$name, z).store(values.add(at));
                            }
                        }
                        at += V::LANES;
                    }
                })*
                Activation::Identity => slopes.fill(V::Element::ONE),
                Activation::Softmax => unreachable!("softmax is a function of the whole layer"),
            }
        };
    }
    each!(Sigmoid Tanh Relu LeakyRelu Elu Selu Gelu Silu Softplus Softsign);
}

/// Returns `f(z)`.
///
/// # Panics
/// For softmax, a function of the whole layer.
#[inline(always)]
pub(super) fn value<V: Vector>(activation: Activation, z: V) -> V {
    let (zero, one) = (z.constant(0.0), z.constant(1.0));
    match activation {
        Activation::Sigmoid => sigmoid(z),
        Activation::Tanh => tanh(z),
        // This order keeps what is not a number.
        Activation::Relu => zero.or_greater(z),
        Activation::LeakyRelu => z.when_positive(z, z * z.constant(LEAK)),
        Activation::Elu => z.when_positive(z, exp_minus_one(z)),
        Activation::Selu => {
            let (above, below) = (z.constant(SELU_LAMBDA), z.constant(SELU_LAMBDA * SELU_ALPHA));
            z.when_positive(above * z, below * exp_minus_one(z))
        }
        Activation::Gelu => z * normal(z).0,
        // z·σ(z), and 0 rather than −∞·0 far below.
        Activation::Silu => z / one_plus_exp_of_minus(z),
        Activation::Softplus => softplus(z),
        Activation::Softsign => z / (one + z.abs()),
        Activation::Identity => z,
        Activation::Softmax => unreachable!("softmax is a function of the whole layer"),
    }
}

/// Returns `f(z)` and `f′(z)`.
///
/// # Panics
/// For softmax, a function of the whole layer.
#[inline(always)]
pub(super) fn value_and_slope<V: Vector>(activation: Activation, z: V) -> (V, V) {
    let (zero, one) = (z.constant(0.0), z.constant(1.0));
    match activation {
        Activation::Sigmoid => {
            let a = sigmoid(z);
            (a, a * (one - a))
        }
        Activation::Tanh => {
            let a = tanh(z);
            (a, one - a * a)
        }
        Activation::Relu => (value(activation, z), z.when_positive(one, zero)),
        Activation::LeakyRelu => (value(activation, z), z.when_positive(one, z.constant(LEAK))),
        Activation::Elu => (value(activation, z), z.when_positive(one, exp(z))),
        Activation::Selu => {
            let (above, below) = (z.constant(SELU_LAMBDA), z.constant(SELU_LAMBDA * SELU_ALPHA));
            (value(activation, z), z.when_positive(above, below * exp(z)))
        }
        Activation::Gelu => {
            let (distribution, density) = normal(z);
            (z * distribution, z.mul_add(density, distribution))
        }
        Activation::Silu => {
            let divisor = one_plus_exp_of_minus(z);
            let a = z / divisor;
            (a, a + (one - a) / divisor)
        }
        Activation::Softplus => (softplus(z), sigmoid(z)),
        Activation::Softsign => {
            let divisor = one + z.abs();
            (z / divisor, one / (divisor * divisor))
        }
        Activation::Identity => (z, one),
        Activation::Softmax => unreachable!("softmax is a function of the whole layer"),
    }
}

kernel! {
    /// Multiplies numbers by factors, one by one; the products are
    /// [flushed](Vector::flushed).
    ///
    /// # Panics
    /// If the lengths are no multiple of a vector, or differ.
    pub(crate) fn multiply<T>(values: &mut [T], factors: &[T]) = multiply_body of flat
}

#[inline(always)]
fn multiply_body<V: Vector>(token: V::Token, values: &mut [V::Element], factors: &[V::Element]) {
    assert!(values.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    assert_eq!(values.len(), factors.len(), "every value has a factor");
    let (count, values, factors) = (values.len(), values.as_mut_ptr(), factors.as_ptr());
    let mut at = 0;
    while at < count {
        // SAFETY: the numbers are a multiple of LANES, and as many as the factors.
        unsafe {
            let value = V::load(token, values.add(at));
            value.flushed_product(V::load(token, factors.add(at))).store(values.add(at));
        }
        at += V::LANES;
    }
}
