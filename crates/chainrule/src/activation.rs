//! Activation functions: name, value, derivative, and the formula in words,
//! each defined once, here.
//!
//! To add one: a variant of [`Activation`], its row in [`Activation::ALL`], and
//! one arm in each `match` below. Nothing else knows the list.

use crate::quantity::Quantity;
use crate::scalar::Scalar;

/// An activation function, `a = f(z)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `1 / (1 + e^(−z))`, the logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `max(0, z)`. Slope 0 at the corner.
    Relu,
    /// `z` above zero, `0.01·z` below (Maas et al. 2013).
    LeakyRelu,
    /// `z` above zero, `e^z − 1` below (Clevert et al. 2016, α = 1).
    Elu,
    /// `λ·z` above zero, `λα·(e^z − 1)` below, with λ ≈ 1.0507, α ≈ 1.6733
    /// (Klambauer et al. 2017).
    Selu,
    /// `z·Φ(z)` (Hendrycks & Gimpel 2016, the exact form).
    Gelu,
    /// `z / (1 + e^(−z))`, also called swish (Elfwing et al. 2018).
    Silu,
    /// `ln(1 + e^z)`.
    Softplus,
    /// `z / (1 + |z|)` (Bergstra et al. 2009).
    Softsign,
    /// `z` itself.
    Identity,
    /// `e^z / Σ e^z` over the layer; for the output layer.
    Softmax,
}

/// The slope of leaky ReLU below zero.
const LEAK: f64 = 0.01;

/// The two constants of SELU (Klambauer et al. 2017, eq. 14).
const SELU_LAMBDA: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

impl Activation {
    /// Every activation function.
    pub const ALL: [Activation; 12] = [
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Elu,
        Activation::Selu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Softplus,
        Activation::Softsign,
        Activation::Identity,
        Activation::Softmax,
    ];

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::LeakyRelu => "leaky-relu",
            Activation::Elu => "elu",
            Activation::Selu => "selu",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Softplus => "softplus",
            Activation::Softsign => "softsign",
            Activation::Identity => "identity",
            Activation::Softmax => "softmax",
        }
    }

    /// Returns the other names in use for the same function.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Activation::Sigmoid => &["logistic"],
            Activation::LeakyRelu => &["lrelu"],
            Activation::Silu => &["swish"],
            Activation::Identity => &["linear", "none"],
            _ => &[],
        }
    }

    /// Returns the definition as a line of text.
    pub fn formula(self) -> &'static str {
        match self {
            Activation::Sigmoid => "1/(1 + e^(-z))",
            Activation::Tanh => "tanh(z)",
            Activation::Relu => "z where z > 0, else 0",
            Activation::LeakyRelu => "z where z > 0, else 0.01·z",
            Activation::Elu => "z where z > 0, else e^z - 1",
            Activation::Selu => "1.0507·z where z > 0, else 1.0507·1.6733·(e^z - 1)",
            Activation::Gelu => "z·Φ(z), Φ the standard normal distribution function",
            Activation::Silu => "z/(1 + e^(-z))",
            Activation::Softplus => "ln(1 + e^z)",
            Activation::Softsign => "z/(1 + |z|)",
            Activation::Identity => "z",
            Activation::Softmax => "e^z / Σ e^z over the layer",
        }
    }

    /// Returns `f(z)`.
    ///
    /// # Panics
    /// For softmax, whose value depends on the whole layer: see
    /// [`softmax`].
    pub fn value<S: Scalar>(self, z: S) -> S {
        let one = z.constant(1.0);
        match self {
            Activation::Sigmoid => one / (one + (-z).exp()),
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.when_positive(|| z, || z.constant(0.0)),
            Activation::LeakyRelu => z.when_positive(|| z, || z.constant(LEAK) * z),
            Activation::Elu => z.when_positive(|| z, || z.exp_minus_one()),
            Activation::Selu => z.when_positive(
                || z.constant(SELU_LAMBDA) * z,
                || z.constant(SELU_LAMBDA * SELU_ALPHA) * z.exp_minus_one(),
            ),
            Activation::Gelu => z * z.normal_cdf(),
            Activation::Silu => z / (one + (-z).exp()),
            Activation::Softplus => z.softplus(),
            Activation::Softsign => z.when_positive(|| z / (one + z), || z / (one - z)),
            Activation::Identity => z,
            Activation::Softmax => panic!("softmax is a function of the whole layer"),
        }
    }

    /// Returns `f′(z)`, written with `a = f(z)` where books do so.
    ///
    /// # Panics
    /// For softmax, as [`value`](Self::value).
    pub fn derivative<S: Scalar>(self, z: S, a: S) -> S {
        let one = z.constant(1.0);
        match self {
            Activation::Sigmoid => a * (one - a),
            Activation::Tanh => one - a.squared(),
            Activation::Relu => z.when_positive(|| one, || z.constant(0.0)),
            Activation::LeakyRelu => z.when_positive(|| one, || z.constant(LEAK)),
            // Clevert et al. write f(z) + α; e^z keeps its digits far below zero.
            Activation::Elu => z.when_positive(|| one, || z.exp()),
            Activation::Selu => z.when_positive(
                || z.constant(SELU_LAMBDA),
                || z.constant(SELU_LAMBDA * SELU_ALPHA) * z.exp(),
            ),
            Activation::Gelu => z.normal_cdf() + z * z.normal_density(),
            // a + σ·(1 − a), with σ the logistic function (Elfwing et al., eq. 6).
            Activation::Silu => a + (one - a) / (one + (-z).exp()),
            Activation::Softplus => one / (one + (-z).exp()),
            Activation::Softsign => {
                one / z.when_positive(|| (one + z).squared(), || (one - z).squared())
            }
            Activation::Identity => one,
            Activation::Softmax => panic!("softmax is a function of the whole layer"),
        }
    }
}

/// Returns `e^(z_j) / Σ_k e^(z_k)` for every neuron of a layer; the sum ends a
/// line of working as `sum_name`.
///
/// # Shapes
/// - `z` and the result: (outputs), at least one
pub fn softmax<S: Scalar>(z: &[S], sum_name: Quantity) -> Vec<S> {
    // The quotient does not change when every z moves by the same amount.
    // Books leave that out; it is needed only where e^z would overflow or vanish.
    let largest = z.iter().copied().fold(z[0], |x, y| if y.value() > x.value() { y } else { x });
    let is_far_out = largest.value().abs() > 300.0;
    let exponentials: Vec<S> =
        z.iter().map(|&z_j| if is_far_out { (z_j - largest).exp() } else { z_j.exp() }).collect();
    let mut sum = z[0].constant(0.0);
    for &exponential in &exponentials {
        sum = sum + exponential;
    }
    let sum = sum.named(sum_name);
    exponentials.iter().map(|&exponential| exponential / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        let table = [
            (Activation::Sigmoid, 0.0, 0.5, 0.25),
            (Activation::Tanh, 0.0, 0.0, 1.0),
            (Activation::Relu, -1.0, 0.0, 0.0),
            (Activation::Relu, 0.0, 0.0, 0.0),
            (Activation::Relu, 2.0, 2.0, 1.0),
            (Activation::LeakyRelu, -2.0, -0.02, 0.01),
            (Activation::Elu, 0.0, 0.0, 1.0),
            (Activation::Gelu, 0.0, 0.0, 0.5),
            (Activation::Selu, 0.0, 0.0, SELU_LAMBDA * SELU_ALPHA),
            (Activation::Silu, 0.0, 0.0, 0.5),
            (Activation::Softsign, -1.0, -0.5, 0.25),
            (Activation::Softsign, 3.0, 0.75, 0.0625),
            (Activation::Softplus, 0.0, std::f64::consts::LN_2, 0.5),
            (Activation::Identity, -3.0, -3.0, 1.0),
        ];
        for (f, z, value, derivative) in table {
            assert_eq!(f.value(z), value, "{f:?} at z = {z}");
            assert_eq!(f.derivative(z, f.value(z)), derivative, "{f:?}′ at z = {z}");
        }
    }

    #[test]
    fn far_out_values_stay_finite() {
        for f in Activation::ALL {
            if f == Activation::Softmax {
                continue;
            }
            for z in [-1e4, -745.0, -40.0, 40.0, 745.0, 1e4] {
                let a = f.value(z);
                assert!(a.is_finite(), "{f:?} at z = {z} is {a}");
                assert!(f.derivative(z, a).is_finite(), "{f:?}′ at z = {z}");
            }
        }
    }
}
