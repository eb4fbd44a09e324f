//! The step of one sample: of every parameter, in one go.

use super::{Layer, Online};
use crate::architecture::Bias;
use crate::kernels::update::{Adjustment, OfOneSample, Rule, Weights};
use crate::kernels::vector::{Vector, panel_width};
use crate::real::Real;

/// The rows that are updated in one go: those of a panel's first vector are in
/// the first-level cache when those of its second are.
const ROWS: usize = 64;

kernel! {
    /// Makes the step of all parameters from the deltas of the last pass:
    /// `∂E/∂w_ji = δ_j·a_i`, `∂E/∂b_j = δ_j`. What is done to a gradient first
    /// differs between weights and biases.
    ///
    /// # Panics
    /// If a length does not fit the network, its layout is of another set, or
    /// it has no room for steps.
    pub(super) fn update<T>(
        network: &Online<T>,
        inputs: &[T],
        rule: Rule,
        adjustments: &[Adjustment; 2],
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
    ) = update_body
}

#[inline(always)]
fn update_body<V: Vector>(
    token: V::Token,
    network: &Online<V::Element>,
    inputs: &[V::Element],
    rule: Rule,
    adjustments: &[Adjustment; 2],
    parameters: &mut [V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) {
    network.check::<V>(parameters, inputs);
    assert!(network.slopes.len() == network.activations.len(), "there is room for steps");
    let has_states = (!rule.has_first() || first.len() == parameters.len())
        && (!rule.has_second() || second.len() == parameters.len());
    assert!(has_states, "every parameter has its state");
    let [of_weights, of_biases] = adjustments;
    let is_adjusted = [of_weights, of_biases].map(|one| *one != Adjustment::NONE);
    let all = All::<V> {
        parameters: parameters.as_mut_ptr(),
        first: first.as_mut_ptr(),
        second: second.as_mut_ptr(),
    };
    let one = V::Element::ONE;
    let mut sources = inputs.as_ptr();
    for (number, layer) in network.layers.iter().enumerate() {
        let is_last = number + 1 == network.layers.len();
        let of_layer = if is_last { &network.activations } else { &network.deltas };
        // SAFETY: `check` found the buffers to be as long as the layers need; a
        // layer has these vectors and rows, and as many sources.
        unsafe {
            let deltas = of_layer.as_ptr().add(layer.column);
            let mut row = 0;
            while row < layer.inputs {
                let count = ROWS.min(layer.inputs - row);
                for vector in 0..layer.vectors {
                    let delta = V::load(token, deltas.add(vector * V::LANES));
                    let gradient = OfOneSample::<V> { sources: sources.add(row), delta };
                    let weights = all.of_rows(layer, vector, row, count);
                    weights.update(token, rule, of_weights, is_adjusted[0], gradient);
                }
                row += count;
            }
            if layer.bias == Bias::Trained {
                for vector in 0..layer.vectors {
                    let delta = V::load(token, deltas.add(vector * V::LANES));
                    let gradient = OfOneSample::<V> { sources: &raw const one, delta };
                    let biases = all.of_rows(layer, vector, row, 1);
                    biases.update(token, rule, of_biases, is_adjusted[1], gradient);
                }
            }
            sources = network.activations.as_ptr().add(layer.column);
        }
    }
}

/// All parameters, and what of their state the rule uses.
struct All<V: Vector> {
    parameters: *mut V::Element,
    first: *mut V::Element,
    second: *mut V::Element,
}

impl<V: Vector> All<V> {
    /// Returns `count` vectors of weights, one a row, with their states.
    ///
    /// # Safety
    /// The layer must have this vector and these rows.
    #[inline(always)]
    unsafe fn of_rows(&self, layer: &Layer, vector: usize, row: usize, count: usize) -> Weights<V> {
        let width = panel_width::<V>();
        let panel = layer.offset + vector / 2 * layer.stride;
        let place = panel + row * width + vector % 2 * V::LANES;
        Weights {
            // SAFETY: granted by the caller.
            values: unsafe { self.parameters.add(place) },
            // A state that the rule does not use has no numbers.
            first: self.first.wrapping_add(place),
            second: self.second.wrapping_add(place),
            stride: width,
            count,
        }
    }
}
