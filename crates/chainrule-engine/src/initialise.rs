//! First values of the weights. Biases begin at 0.

use chainrule::activation::Activation;

use crate::architecture::{Architecture, Bias};
use crate::random::Stream;
use crate::real::Real;

/// How weights are drawn. `in` and `out` are the widths before and after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Initialisation {
    /// By the activation: He normal for the `ReLU` family, GELU and `SiLU`, `LeCun`
    /// normal for SELU, Glorot uniform for all others.
    #[default]
    Automatic,
    /// Uniform within `±√(6/(in+out))` (Glorot & Bengio 2010, eq. 16).
    GlorotUniform,
    /// Normal with variance `2/(in+out)`.
    GlorotNormal,
    /// Uniform within `±√(6/in)` (He et al. 2015).
    HeUniform,
    /// Normal with variance `2/in` (He et al. 2015, eq. 10).
    HeNormal,
    /// Uniform within `±√(3/in)` (`LeCun` et al. 1998, §4.6).
    LecunUniform,
    /// Normal with variance `1/in`.
    LecunNormal,
    /// Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014).
    Orthogonal,
}

impl Initialisation {
    /// Every way.
    pub const ALL: [Initialisation; 8] = [
        Initialisation::Automatic,
        Initialisation::GlorotUniform,
        Initialisation::GlorotNormal,
        Initialisation::HeUniform,
        Initialisation::HeNormal,
        Initialisation::LecunUniform,
        Initialisation::LecunNormal,
        Initialisation::Orthogonal,
    ];

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Initialisation::Automatic => "automatic",
            Initialisation::GlorotUniform => "glorot-uniform",
            Initialisation::GlorotNormal => "glorot-normal",
            Initialisation::HeUniform => "he-uniform",
            Initialisation::HeNormal => "he-normal",
            Initialisation::LecunUniform => "lecun-uniform",
            Initialisation::LecunNormal => "lecun-normal",
            Initialisation::Orthogonal => "orthogonal",
        }
    }

    /// Returns what is drawn for a layer of the given activation.
    #[must_use]
    pub fn for_activation(self, activation: Activation) -> Initialisation {
        match (self, activation) {
            (
                Initialisation::Automatic,
                Activation::Relu
                | Activation::LeakyRelu
                | Activation::Elu
                | Activation::Gelu
                | Activation::Silu,
            ) => Initialisation::HeNormal,
            (Initialisation::Automatic, Activation::Selu) => Initialisation::LecunNormal,
            (Initialisation::Automatic, _) => Initialisation::GlorotUniform,
            (given, _) => given,
        }
    }
}

/// Draws all parameters of a network, in the order of the network.
pub(crate) fn initialise<T: Real>(
    architecture: &Architecture,
    initialisation: Initialisation,
    random: &mut Stream,
) -> Vec<T> {
    let mut parameters = Vec::with_capacity(architecture.parameter_count());
    for (index, layer) in architecture.layers().iter().enumerate() {
        let inputs = architecture.input_width(index);
        let way = initialisation.for_activation(layer.activation);
        for weight in weights(way, inputs, layer.width, random) {
            parameters.push(T::from_f64(weight));
        }
        if layer.bias != Bias::Absent {
            parameters.resize(parameters.len() + layer.width, T::ZERO);
        }
    }
    parameters
}

fn weights(way: Initialisation, inputs: usize, outputs: usize, random: &mut Stream) -> Vec<f64> {
    let (fan_in, fan_out) = (inputs as f64, outputs as f64);
    let count = inputs * outputs;
    let mut uniform = |bound: f64| -> Vec<f64> {
        (0..count).map(|_| bound * (2.0 * random.uniform() - 1.0)).collect()
    };
    match way {
        Initialisation::Automatic | Initialisation::GlorotUniform => {
            uniform((6.0 / (fan_in + fan_out)).sqrt())
        }
        Initialisation::HeUniform => uniform((6.0 / fan_in).sqrt()),
        Initialisation::LecunUniform => uniform((3.0 / fan_in).sqrt()),
        Initialisation::GlorotNormal => normal(count, 2.0 / (fan_in + fan_out), random),
        Initialisation::HeNormal => normal(count, 2.0 / fan_in, random),
        Initialisation::LecunNormal => normal(count, 1.0 / fan_in, random),
        Initialisation::Orthogonal => orthogonal(outputs, inputs, random),
    }
}

fn normal(count: usize, variance: f64, random: &mut Stream) -> Vec<f64> {
    let deviation = variance.sqrt();
    (0..count).map(|_| deviation * random.normal()).collect()
}

/// Draws a matrix of normal numbers and makes its rows (or columns, if they
/// are fewer) orthonormal, each against those before it (Gram & Schmidt, twice
/// for the digits that the first pass loses).
fn orthogonal(rows: usize, columns: usize, random: &mut Stream) -> Vec<f64> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    while vectors.len() < count {
        let mut vector = normal(length, 1.0, random);
        for _ in 0..2 {
            for other in &vectors {
                let along: f64 = vector.iter().zip(other).map(|(x, y)| x * y).sum();
                for (x, y) in vector.iter_mut().zip(other) {
                    *x -= along * y;
                }
            }
        }
        let size = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        // A vector inside the span of the others is drawn anew.
        if size > 1e-8 {
            vectors.push(vector.into_iter().map(|x| x / size).collect());
        }
    }
    if rows <= columns {
        vectors.concat()
    } else {
        (0..length).flat_map(|row| vectors.iter().map(move |column| column[row])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> (f64, f64, f64) {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let largest = values.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        (mean, variance, largest)
    }

    #[test]
    fn every_way_has_the_variance_of_its_paper() {
        // 200 inputs, 100 outputs; 20 000 weights: the variance is known to
        // ±√(2/20000) = 1 % of itself, one standard deviation.
        let table = [
            (Initialisation::GlorotUniform, 2.0 / 300.0),
            (Initialisation::GlorotNormal, 2.0 / 300.0),
            (Initialisation::HeUniform, 2.0 / 200.0),
            (Initialisation::HeNormal, 2.0 / 200.0),
            (Initialisation::LecunUniform, 1.0 / 200.0),
            (Initialisation::LecunNormal, 1.0 / 200.0),
            (Initialisation::Orthogonal, 1.0 / 200.0),
        ];
        for (way, expected) in table {
            let values = weights(way, 200, 100, &mut Stream::initialisation(7));
            assert_eq!(values.len(), 20_000);
            let (mean, variance, largest) = moments(&values);
            assert!((variance / expected - 1.0).abs() < 0.04, "{way:?}: variance {variance}");
            assert!(mean.abs() < 4.0 * (expected / 20_000.0).sqrt(), "{way:?}: mean {mean}");
            let is_bounded = largest <= (3.0 * expected).sqrt();
            let is_uniform = way.name().ends_with("uniform");
            assert_eq!(is_bounded, is_uniform, "{way:?}: largest {largest}");
        }
    }

    #[test]
    fn orthogonal_rows_or_columns_are_orthonormal() {
        for (rows, columns) in [(5, 8), (8, 5), (6, 6), (1, 4), (4, 1)] {
            let w = orthogonal(rows, columns, &mut Stream::initialisation(3));
            let product = |one: usize, other: usize| -> f64 {
                if rows <= columns {
                    (0..columns).map(|i| w[one * columns + i] * w[other * columns + i]).sum()
                } else {
                    (0..rows).map(|j| w[j * columns + one] * w[j * columns + other]).sum()
                }
            };
            for one in 0..rows.min(columns) {
                for other in 0..=one {
                    let expected = if one == other { 1.0 } else { 0.0 };
                    let found = product(one, other);
                    // A sum of eight products, each rounded to 1e-16.
                    assert!((found - expected).abs() < 1e-14, "{rows}×{columns}: {found}");
                }
            }
        }
    }
}
