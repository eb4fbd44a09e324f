//! Activation functions and losses as a student knows them from a book.

use chainrule::activation::Activation;
use chainrule::loss::Loss;

/// The logistic function.
pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// The standard normal density.
fn density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The standard normal distribution function: by its series near zero, by its
/// continued fraction far out.
fn distribution(z: f64) -> f64 {
    if z.abs() > 3.0 {
        let tail = (1..=200).rev().fold(0.0, |rest, k| f64::from(k) / (z.abs() + rest));
        let tail = density(z) / (z.abs() + tail);
        return if z < 0.0 { tail } else { 1.0 - tail };
    }
    let (mut term, mut sum) = (z, z);
    for k in 1..100 {
        term *= z * z / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 + density(z) * sum
}

const LAMBDA: f64 = 1.050_700_987_355_480_5;
const ALPHA: f64 = 1.673_263_242_354_377_2;

/// The value of any activation function but softmax.
pub(super) fn value(f: Activation, z: f64) -> f64 {
    match f {
        Activation::Sigmoid => sigmoid(z),
        Activation::Tanh => z.tanh(),
        Activation::Relu => z.max(0.0),
        Activation::LeakyRelu => z.max(0.01 * z),
        Activation::Elu if z > 0.0 => z,
        Activation::Elu => z.exp() - 1.0,
        Activation::Selu if z > 0.0 => LAMBDA * z,
        Activation::Selu => LAMBDA * ALPHA * (z.exp() - 1.0),
        Activation::Gelu => z * distribution(z),
        Activation::Silu => z * sigmoid(z),
        Activation::Softplus => (1.0 + z.exp()).ln(),
        Activation::Softsign => z / (1.0 + z.abs()),
        Activation::Identity => z,
        Activation::Softmax => f64::NAN,
    }
}

/// The slope, from `z` and from the output `a`, as books write it.
pub(super) fn slope(f: Activation, z: f64, a: f64) -> f64 {
    match f {
        Activation::Sigmoid => a * (1.0 - a),
        Activation::Tanh => 1.0 - a * a,
        Activation::Relu => f64::from(u8::from(z > 0.0)),
        Activation::LeakyRelu => {
            if z > 0.0 {
                1.0
            } else {
                0.01
            }
        }
        Activation::Elu => {
            if z > 0.0 {
                1.0
            } else {
                z.exp()
            }
        }
        Activation::Selu => {
            if z > 0.0 {
                LAMBDA
            } else {
                LAMBDA * ALPHA * z.exp()
            }
        }
        Activation::Gelu => distribution(z) + z * density(z),
        Activation::Silu => a + sigmoid(z) * (1.0 - a),
        Activation::Softplus => sigmoid(z),
        Activation::Softsign => 1.0 / ((1.0 + z.abs()) * (1.0 + z.abs())),
        Activation::Identity => 1.0,
        Activation::Softmax => f64::NAN,
    }
}

/// Whether the slope is written with z, and with a.
pub(super) fn slope_uses(f: Activation) -> (bool, bool) {
    match f {
        Activation::Sigmoid | Activation::Tanh => (false, true),
        Activation::Silu => (true, true),
        Activation::Identity | Activation::Softmax => (false, false),
        _ => (true, false),
    }
}

/// The slope with a part of it left out, in up to three ways.
pub(super) fn slope_in_part(f: Activation, z: f64, a: f64, variant: usize) -> Option<f64> {
    let ways = match f {
        Activation::Sigmoid => vec![a, 1.0 - a],
        Activation::Tanh => vec![1.0 - a],
        Activation::Gelu => vec![distribution(z), z * density(z)],
        Activation::Silu => vec![a],
        Activation::Softsign => vec![1.0 / (1.0 + z.abs())],
        _ => Vec::new(),
    };
    ways.get(variant).copied()
}

/// The value with the sign of the exponent wrong.
pub(super) fn value_with_sign(f: Activation, z: f64) -> Option<f64> {
    match f {
        Activation::Sigmoid => Some(sigmoid(-z)),
        Activation::Silu => Some(z * sigmoid(-z)),
        _ => None,
    }
}

/// Whether a loss is made of squares.
pub(super) fn is_squared(loss: Loss) -> bool {
    matches!(loss, Loss::HalfSquared | Loss::MeanSquared | Loss::SumSquared)
}

/// What one output adds to the loss, before any mean.
pub(super) fn loss_of_one(loss: Loss, t: f64, a: f64) -> f64 {
    let d = t - a;
    let times_ln = |factor: f64, x: f64| if factor == 0.0 { 0.0 } else { factor * x.ln() };
    match loss {
        Loss::HalfSquared => d * d / 2.0,
        Loss::MeanSquared | Loss::SumSquared => d * d,
        Loss::MeanAbsolute => d.abs(),
        Loss::BinaryCrossEntropy => -times_ln(t, a) - times_ln(1.0 - t, 1.0 - a),
        Loss::CategoricalCrossEntropy => -times_ln(t, a),
        Loss::Huber => {
            if d.abs() <= 1.0 {
                d * d / 2.0
            } else {
                d.abs() - 0.5
            }
        }
        Loss::Quantile { tau } => {
            if d > 0.0 {
                tau * d
            } else {
                (tau - 1.0) * d
            }
        }
        Loss::Poisson => a - times_ln(t, a),
    }
}

/// What becomes of the sum over the outputs.
pub(super) fn mean(loss: Loss, sum: f64, outputs: usize) -> f64 {
    match loss {
        Loss::MeanSquared | Loss::MeanAbsolute => sum / outputs as f64,
        _ => sum,
    }
}

/// `−∂E/∂a` of one output.
pub(super) fn pull(loss: Loss, t: f64, a: f64, outputs: usize) -> f64 {
    let d = t - a;
    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    match loss {
        Loss::HalfSquared => d,
        Loss::MeanSquared => 2.0 / outputs as f64 * d,
        Loss::SumSquared => 2.0 * d,
        Loss::MeanAbsolute => sign(d) / outputs as f64,
        Loss::BinaryCrossEntropy => t / a - (1.0 - t) / (1.0 - a),
        Loss::CategoricalCrossEntropy => t / a,
        Loss::Huber => d.clamp(-1.0, 1.0),
        Loss::Quantile { tau } => match sign(d) {
            s if s > 0.0 => tau,
            s if s < 0.0 => tau - 1.0,
            _ => 0.0,
        },
        Loss::Poisson => t / a - 1.0,
    }
}
