//! The gradient check: every gradient of a step three ways.
//!
//! 1. backpropagation, as the step computes it;
//! 2. [dual numbers](crate::scalar::dual), exact to rounding, one forward pass
//!    for each weight;
//! 3. central differences, extrapolated to step size zero (Ridders 1982), with
//!    an estimate of their own error.
//!
//! The three share the forward pass and nothing else: a wrong rule in the
//! backward pass cannot hide.
//!
//! Source: C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)",
//! Advances in Engineering Software 4(2), 1982; Press et al., "Numerical
//! Recipes", 3rd ed. 2007, §5.7.

use crate::backprop;
use crate::example::Example;
use crate::network::{Biases, Network, Sample};
use crate::quantity::{Neuron, Parameter, Pass};
use crate::scalar::Scalar;
use crate::scalar::dual::Dual;
use crate::scalar::interval::Interval;

/// Beyond this many weights and biases, an evenly spread part is checked.
const MOST_CHECKED: usize = 2000;

/// Backpropagation and dual numbers both err by rounding only. Sums of a few
/// thousand terms lose five of sixteen digits at the most; where more are lost,
/// as in the slope 1 − a² of a saturated neuron, intervals bound the loss.
const TOLERANCE: f64 = 1e-10;

/// A gradient is compared with the largest of the network where it is smaller
/// than this part of it, and no bound on rounding that is wider counts.
const SMALL: f64 = 1e-3;

/// Where terms of order 1 cancel, as those of softmax outputs do in a shared
/// bias, rounding of one in 10¹⁶ is left: this times TOLERANCE.
const CANCELLED: f64 = 1e-6;

/// The error that a central difference admits is an estimate, at times too
/// small by far; this much more of a gradient is let pass.
const ESTIMATED: f64 = 1e-7;

/// The outcome of a gradient check.
#[derive(Clone, Debug)]
pub struct Check {
    /// The checked weights and biases.
    pub rows: Vec<Row>,
    /// How many trained weights and biases there are in all.
    pub count: usize,
    /// The index of the sample.
    pub sample: usize,
    /// Its loss. Where it is not a finite number, no gradient can be compared.
    pub loss: f64,
}

/// One weight or bias, and its gradient three ways.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The weight or bias.
    pub parameter: Parameter,
    /// `∂E/∂w` by backpropagation, in the update order of the example.
    pub backpropagation: f64,
    /// `∂E/∂w` by dual numbers.
    pub dual: f64,
    /// `∂E/∂w` by central differences.
    pub difference: Difference,
    /// |backpropagation − dual|, relative to the larger of the two; where
    /// both are tiny, to a thousandth of the network's largest gradient or a
    /// millionth of the loss or of 1.
    pub relative: f64,
    /// Whether backpropagation and dual numbers agree.
    pub agrees_with_dual: bool,
    /// Whether backpropagation and central differences agree, within ten times
    /// the error they admit and a ten-millionth of the gradient; a loss with a
    /// corner there has no difference to agree with.
    pub agrees_with_difference: bool,
}

/// A derivative by central differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The derivative.
    pub value: f64,
    /// An estimate of its error.
    pub error: f64,
    /// Whether the function has a corner here, so that the slopes on its two
    /// sides differ.
    pub is_corner: bool,
}

impl Check {
    /// Checks all gradients of the first step on one sample.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn new(example: &Example, sample: usize) -> Check {
        let trace = example.step_of(&example.network, sample);
        Check::of_gradients(example, sample, &trace.gradients)
    }

    /// Checks gradients of one sample that were computed elsewhere.
    ///
    /// `gradients` holds them in the places of the network's weights and
    /// biases; layers whose biases are not trained have none.
    ///
    /// # Panics
    /// If there is no such sample, or a gradient has no weight in the network.
    pub fn of_gradients(example: &Example, sample: usize, gradients: &Network<f64>) -> Check {
        let gradients: Vec<(Parameter, f64)> = gradients.parameters().collect();
        let stride = gradients.len().div_ceil(MOST_CHECKED).max(1);
        let mut duals = Duals::new(example, sample);
        let mut losses = Losses::new(example, sample);
        let three: Vec<(Parameter, f64, f64, Difference)> = gradients
            .iter()
            .step_by(stride)
            .map(|&(parameter, gradient)| {
                (parameter, gradient, duals.derivative(parameter), losses.derivative(parameter))
            })
            .collect();
        let largest = three.iter().map(|&(_, _, dual, _)| dual.abs()).fold(0.0, f64::max);
        let forward = backprop::forward(
            &example.network,
            &example.samples[sample],
            example.loss,
            Pass::Before,
        );
        let least_scale = f64::max(SMALL * largest, CANCELLED * forward.loss.abs().max(1.0));
        let rounding = rounding_errors(example, sample);
        let rows = three
            .into_iter()
            .zip(rounding.into_iter().step_by(stride))
            .map(|((parameter, backpropagation, dual, difference), rounding)| {
                let scale = backpropagation.abs().max(dual.abs()).max(least_scale);
                let off = |other: f64| (backpropagation - other).abs();
                // Dual numbers round in other places, by more or less as much.
                let allowed = if rounding <= SMALL * scale { 10.0 * rounding } else { 0.0 };
                let allowed = allowed + TOLERANCE * scale;
                Row {
                    parameter,
                    backpropagation,
                    dual,
                    difference,
                    relative: if off(dual) == 0.0 { 0.0 } else { off(dual) / scale },
                    agrees_with_dual: off(dual) <= allowed,
                    agrees_with_difference: difference.is_corner
                        || off(difference.value)
                            <= 10.0 * difference.error + allowed + ESTIMATED * scale,
                }
            })
            .collect();
        Check { rows, count: gradients.len(), sample, loss: forward.loss }
    }

    /// Tells whether all three ways agree on every gradient checked.
    pub fn holds(&self) -> bool {
        self.loss.is_finite() && self.rows.iter().all(Row::holds)
    }

    /// Returns the row with the largest relative difference from dual numbers.
    pub fn worst(&self) -> Option<&Row> {
        self.rows.iter().max_by(|x, y| x.relative.total_cmp(&y.relative))
    }
}

impl Row {
    /// Tells whether all three ways agree. What is not a number never does.
    pub fn holds(&self) -> bool {
        self.agrees_with_dual && self.agrees_with_difference
    }
}

/// Returns how much rounding may change each gradient of backpropagation: the
/// width of the interval that contains it.
fn rounding_errors(example: &Example, sample: usize) -> Vec<f64> {
    let exact = |value: f64| Interval::exact(value, None);
    let numbers = |values: &[f64]| values.iter().map(|&value| exact(value)).collect();
    let sample = &example.samples[sample];
    let trace = backprop::step(
        &example.network.map(|_, value| exact(value)),
        &Sample { inputs: numbers(&sample.inputs), targets: numbers(&sample.targets) },
        exact(example.learning_rate),
        example.loss,
        example.convention,
    );
    trace.gradients.parameters().map(|(_, gradient)| gradient.high() - gradient.low()).collect()
}

/// Derivatives of the loss by dual numbers.
struct Duals<'a> {
    example: &'a Example,
    network: Network<Dual>,
    sample: Sample<Dual>,
}

impl<'a> Duals<'a> {
    fn new(example: &'a Example, sample: usize) -> Duals<'a> {
        let fixed = |values: &[f64]| values.iter().map(|&value| Dual::fixed(value)).collect();
        let sample = &example.samples[sample];
        Duals {
            example,
            network: example.network.map(|_, value| Dual::fixed(value)),
            sample: Sample { inputs: fixed(&sample.inputs), targets: fixed(&sample.targets) },
        }
    }

    fn derivative(&mut self, parameter: Parameter) -> f64 {
        let value = parameter_mut(&mut self.network, parameter);
        let fixed = *value;
        *value = Dual::variable(fixed.value);
        let forward =
            backprop::forward(&self.network, &self.sample, self.example.loss, Pass::Before);
        *parameter_mut(&mut self.network, parameter) = fixed;
        forward.loss.derivative
    }
}

/// The loss as a function of one weight.
struct Losses<'a> {
    example: &'a Example,
    network: Network<f64>,
    sample: &'a Sample<f64>,
}

impl<'a> Losses<'a> {
    fn new(example: &'a Example, sample: usize) -> Losses<'a> {
        Losses { example, network: example.network.clone(), sample: &example.samples[sample] }
    }

    fn derivative(&mut self, parameter: Parameter) -> Difference {
        let at = *parameter_mut(&mut self.network, parameter);
        let difference = central_difference(at, |w| {
            *parameter_mut(&mut self.network, parameter) = w;
            backprop::forward(&self.network, self.sample, self.example.loss, Pass::Before).loss
        });
        *parameter_mut(&mut self.network, parameter) = at;
        difference
    }
}

fn parameter_mut<S: Scalar>(network: &mut Network<S>, parameter: Parameter) -> &mut S {
    let layer = &mut network.layers[parameter.layer()];
    match (parameter, &mut layer.biases) {
        (Parameter::Weight { to, from, .. }, _) => &mut layer.weights[to][from],
        (Parameter::Bias(Neuron { index, .. }), Biases::PerNeuron(biases)) => &mut biases[index],
        (Parameter::SharedBias(_), Biases::Shared(bias)) => bias,
        _ => unreachable!("a parameter's address comes from its own network"),
    }
}

/// Computes a derivative by central differences at step sizes that halve, and
/// Richardson's extrapolation between them; keeps the value whose error looks
/// smallest.
fn central_difference(at: f64, mut f: impl FnMut(f64) -> f64) -> Difference {
    const LEVELS: usize = 14;
    let first_step = 0.05 * at.abs().max(1.0);
    let mut best = Difference { value: f64::NAN, error: f64::INFINITY, is_corner: false };
    let mut table: Vec<Vec<f64>> = Vec::new();
    for level in 0..LEVELS {
        let h = first_step * 0.5_f64.powi(i32::try_from(level).expect("few levels"));
        let (above, below) = (f(at + h), f(at - h));
        let mut row = vec![(above - below) / (2.0 * h)];
        // What rounding of the two losses does to the quotient.
        let rounding = f64::EPSILON * (above.abs() + below.abs()) / (2.0 * h);
        for k in 0..level {
            // The error is a series in h²: each column removes one term.
            let power = 4.0_f64.powi(i32::try_from(k).expect("few levels") + 1);
            row.push(row[k] + (row[k] - table[level - 1][k]) / (power - 1.0));
            let value = row[k + 1];
            let error = (value - row[k]).abs().max((value - table[level - 1][k]).abs()) + rounding;
            if error < best.error {
                best = Difference { value, error, ..best };
            }
        }
        table.push(row);
    }
    let here = f(at);
    let mut gap = |h: f64| ((f(at + h) - here) / h - (here - f(at - h)) / h).abs();
    // Where the function is smooth, the slopes of the two sides approach each
    // other as fast as h shrinks; at a corner they keep their distance.
    let (wide, narrow) = (gap(1e-3), gap(1e-5));
    best.is_corner = narrow > 0.5 * wide && narrow > 1e-8;
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn central_difference_is_as_good_as_it_says() {
        type Row = (fn(f64) -> f64, f64, f64);
        let table: [Row; 4] = [
            (f64::exp, 1.0, std::f64::consts::E),
            (f64::sin, 0.5, 0.5_f64.cos()),
            (|x| x.powi(5), -2.0, 80.0),
            (f64::tanh, 3.0, 1.0 / 3.0_f64.cosh().powi(2)),
        ];
        for (f, at, expected) in table {
            let found = central_difference(at, f);
            let off = (found.value - expected).abs();
            assert!(off <= found.error, "off by {off:e}, says {:e}", found.error);
            assert!(found.error <= 1e-9 * expected.abs(), "says {:e}", found.error);
            assert!(!found.is_corner);
        }
    }

    #[test]
    fn corners_are_seen() {
        assert!(central_difference(0.0, f64::abs).is_corner);
        assert!(central_difference(0.0, |x| x.max(0.0)).is_corner);
        assert!(!central_difference(0.3, |x: f64| x.max(0.0)).is_corner);
    }

    #[test]
    fn a_saturated_neuron_is_no_disagreement() {
        let example = Example::from_toml(
            "[[layers]]\nactivation = 'tanh'\nweights = [[9]]\n[[samples]]\ninputs = [1]\ntargets = [0]",
        )
        .expect("it is a good file");
        let check = Check::new(&example, 0);
        // 1 − a² has lost eight digits of the slope, dual numbers have not.
        let Row { backpropagation, dual, .. } = check.rows[0];
        assert!((backpropagation - dual).abs() > TOLERANCE * dual.abs(), "{:?}", check.rows[0]);
        assert!(check.holds(), "{:?}", check.rows[0]);
    }
}
