//! One sample through the whole network: its outputs, or a whole step.
//!
//! A batch of one has no rows to share the work of a call with, so a step is two
//! kernels: [forward and backward](pass), then the [update]. Every number has the
//! bits that the kernels for batches give it, for each sum runs in their order.
//! Not for dropped activations, nor for losses by the textbook's formulas.
//!
//! What is the same for every sample is checked once, when [`Online`] is made:
//! a step of the smallest network would spend more time on checks than on its
//! numbers.

use chainrule::activation::Activation;

use self::pass::pass;
use self::sums::{NARROW, Sums};
use self::update::update;
use super::Isa;
use super::activate::{activate_body, value};
use super::output::{Columns, Ending, softmax_of_row};
use super::update::{Adjustment, Rule};
use super::vector::{Vector, panel_width};
use crate::aligned::Aligned;
use crate::architecture::Bias;
use crate::data::{Rows, Samples};
use crate::layout::Layout;
use crate::real::Real;

mod pass;
mod sums;
mod update;

/// A network laid out for one sample at a time, with room for what is computed
/// of it.
///
/// The numbers of all layers lie one after the other, each layer's filled up to
/// whole panels. What fills them up is zero, and stays so.
#[derive(Clone, Debug)]
pub(crate) struct Online<T> {
    layers: Vec<Layer>,
    /// The columns of a panel.
    width: usize,
    inputs: usize,
    outputs: usize,
    /// How many parameters there are, with what fills up panels.
    length: usize,
    /// Pre-activations, then activations; of the last layer, then deltas.
    activations: Aligned<T>,
    /// `f′(z)`
    slopes: Aligned<T>,
    /// Deltas; those of the last layer are in `activations`.
    deltas: Aligned<T>,
    /// The targets, filled up to whole panels.
    targets: Aligned<T>,
    /// Two squares of a vector's lanes: weights as they are, and turned.
    squares: Aligned<T>,
    /// What each of the next steps does with its gradient, or one for all.
    rules: Vec<Rule>,
    /// Their losses.
    losses: Vec<T>,
}

/// One layer.
///
/// Its parameters, `panels` panels of `rows` rows, lie inside the buffer of
/// parameters; its neurons inside the other buffers.
#[derive(Clone, Copy, Debug)]
struct Layer {
    activation: Activation,
    inputs: usize,
    outputs: usize,
    /// How many vectors hold its neurons.
    vectors: usize,
    bias: Bias,
    /// Where its parameters begin.
    offset: usize,
    /// How many numbers lie from one panel to the next.
    stride: usize,
    /// Where its neurons begin.
    column: usize,
}

impl<T: Real> Online<T> {
    /// Lays out a network, with room for outputs or for steps.
    pub(crate) fn new(layout: &Layout, is_trained: bool) -> Online<T> {
        let lanes = layout.width / 2;
        let width = layout.width;
        let mut column = 0;
        let layers = layout.layers.iter().map(|place| {
            let rows = place.inputs + usize::from(place.bias != Bias::Absent);
            // These are what the kernels rely on.
            assert!(0 < place.outputs && place.outputs <= place.panels * width);
            assert!(rows * width <= place.stride);
            assert!(place.offset + place.panels * place.stride <= layout.length);
            let layer = Layer {
                activation: place.activation,
                inputs: place.inputs,
                outputs: place.outputs,
                vectors: place.outputs.div_ceil(lanes),
                bias: place.bias,
                offset: place.offset,
                stride: place.stride,
                column,
            };
            column += place.panels * width;
            layer
        });
        let layers: Vec<Layer> = layers.collect();
        let pairs = layers.windows(2);
        assert!(pairs.into_iter().all(|pair| pair[0].outputs == pair[1].inputs));
        let (first, last) = (layers.first(), layers.last());
        let trained = if is_trained { column } else { 0 };
        Online {
            width,
            inputs: first.expect("a network has a layer").inputs,
            outputs: last.expect("a network has a layer").outputs,
            length: layout.length,
            activations: Aligned::new(column),
            slopes: Aligned::new(trained),
            deltas: Aligned::new(trained),
            targets: Aligned::new(trained),
            squares: Aligned::new(width * width / 2),
            rules: Vec::with_capacity(if is_trained { STEPS } else { 0 }),
            losses: vec![T::ZERO; if is_trained { STEPS } else { 0 }],
            layers,
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = [&self.activations, &self.slopes, &self.deltas, &self.targets, &self.squares];
        numbers.iter().map(|numbers| numbers.bytes()).sum::<usize>()
            + self.layers.len() * size_of::<Layer>()
            + self.rules.capacity() * size_of::<Rule>()
            + self.losses.len() * T::BYTES
    }

    /// Says what each of the next steps does with its gradient, or what all do.
    pub(crate) fn plan_steps(&mut self, rules: impl Iterator<Item = Rule>) {
        self.rules.clear();
        self.rules.extend(rules.take(STEPS));
    }

    /// Returns the losses of the last run, as far as its steps were made.
    pub(crate) fn losses(&self) -> &[T] {
        &self.losses
    }

    /// Checks what comes with each sample.
    #[inline(always)]
    fn check<V: Vector>(&self, parameters: &[T], inputs: &[T]) {
        assert!(
            self.width == panel_width::<V>()
                && self.length == parameters.len()
                && self.inputs == inputs.len(),
            "a sample is for the network, and its layout for the instruction set"
        );
    }
}

/// The most steps of a run: what a call costs no longer counts then, and what is
/// written down for each of them stays in the first-level cache.
pub(crate) const STEPS: usize = 64;

/// Steps one after the other, on one sample each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a, T> {
    pub(crate) samples: Samples<'a, T>,
    /// The samples of the steps, at most [`STEPS`].
    pub(crate) rows: Rows<'a>,
    pub(crate) of_weights: Adjustment,
    pub(crate) of_biases: Adjustment,
}

kernel! {
    /// Computes the outputs of one sample.
    ///
    /// # Panics
    /// If a length does not fit the network, or its layout is of another set.
    pub(crate) fn predict_one<T>(
        network: &mut Online<T>,
        parameters: &[T],
        inputs: &[T],
        outputs: &mut [T],
    ) = predict_one_body
}

#[inline(always)]
fn predict_one_body<V: Vector>(
    token: V::Token,
    network: &mut Online<V::Element>,
    parameters: &[V::Element],
    inputs: &[V::Element],
    outputs: &mut [V::Element],
) {
    network.check::<V>(parameters, inputs);
    assert!(network.outputs == outputs.len(), "every output has room");
    let activations = network.activations.as_mut_ptr();
    let mut sources = inputs.as_ptr();
    for layer in &network.layers {
        // SAFETY: `check` found the buffers to be as long as the layers need,
        // and `sources` are as many as the layer's inputs.
        unsafe {
            let values = activations.add(layer.column);
            let parameters = parameters.as_ptr();
            let sums = Sums::<V> { token, layer, parameters, sources, out: values };
            if layer.activation == Activation::Softmax {
                sums.store();
                let mask = Columns::<V>::new(token, layer.outputs, true);
                softmax_of_row(token, values, panel_width::<V>(), &mask);
            } else if layer.vectors > NARROW {
                sums.store();
                let used = layer.vectors * V::LANES;
                let values = std::slice::from_raw_parts_mut(values, used);
                activate_body::<V>(token, layer.activation, values, &mut []);
            } else {
                for vector in 0..layer.vectors {
                    value(layer.activation, sums.vector(vector))
                        .store(values.add(vector * V::LANES));
                }
            }
            sources = values;
        }
    }
    // SAFETY: the last layer has as many outputs, as `check` found.
    outputs.copy_from_slice(unsafe { std::slice::from_raw_parts(sources, outputs.len()) });
}

/// Makes the planned steps, one for each row; returns how many. Where a loss
/// is not finite, its step is not made, nor are those after it.
///
/// # Panics
/// If a length does not fit the network, its layout is of another set, or
/// other steps were planned.
pub(crate) fn online_steps<T: Real>(
    isa: Isa,
    network: &mut Online<T>,
    ending: Ending,
    run: &Run<'_, T>,
    parameters: &mut [T],
    first: &mut [T],
    second: &mut [T],
) -> usize {
    let (steps, rules) = (run.rows.len(), network.rules.len());
    assert!(steps <= STEPS && (rules == 1 || rules == steps), "every step was planned");
    for step in 0..steps {
        let sample = run.rows.sample(step);
        let (inputs, targets) = (run.samples.inputs(sample), run.samples.targets(sample));
        let factor = if run.samples.weight(sample) > T::ZERO { T::ONE } else { T::ZERO };
        let loss = pass(isa, network, ending, parameters, inputs, targets, factor);
        network.losses[step] = loss;
        if !loss.is_finite() {
            return step;
        }
        let rule = network.rules[if rules > 1 { step } else { 0 }];
        let adjustments = &[run.of_weights, run.of_biases];
        update(isa, network, inputs, rule, adjustments, parameters, first, second);
    }
    steps
}
