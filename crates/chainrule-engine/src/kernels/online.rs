//! One sample through the whole network: its outputs, or a whole step.
//!
//! A batch of one has no rows to share the work of a call with, so all of it
//! is one kernel: forward, loss, backward and update. Every number has the bits
//! that the kernels for batches give it, for each sum runs in their order. Not
//! for dropped activations, nor for losses by the textbook's formulas.
//!
//! What is the same for every sample is checked once, when [`Online`] is made;
//! a step of the smallest network would spend more time on checks than on its
//! numbers.

use chainrule::activation::Activation;

use super::activate::activate_body;
use super::output::{Columns, Ending, OutputRow, softmax_of_row};
use super::update::{Adjustment, OfOneSample, Rule, Weights};
use super::vector::{Vector, panel_width};
use crate::aligned::Aligned;
use crate::architecture::Bias;
use crate::layout::Layout;
use crate::real::Real;

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
    has_bias: bool,
    is_bias_trained: bool,
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
                has_bias: place.bias != Bias::Absent,
                is_bias_trained: place.bias == Bias::Trained,
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
            layers,
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = [&self.activations, &self.slopes, &self.deltas, &self.targets, &self.squares];
        numbers.iter().map(|numbers| numbers.bytes()).sum::<usize>()
            + self.layers.len() * size_of::<Layer>()
    }

    /// Checks what comes with each sample.
    #[inline(always)]
    fn check<V: Vector>(&self, parameters: &[T], inputs: &[T], outputs: &[T]) {
        assert!(
            self.width == panel_width::<V>()
                && self.length == parameters.len()
                && self.inputs == inputs.len()
                && self.outputs == outputs.len(),
            "a sample is for the network, and its layout for the instruction set"
        );
    }
}

/// A sample, with what its deltas are multiplied by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a, T> {
    pub(crate) inputs: &'a [T],
    pub(crate) targets: &'a [T],
    pub(crate) factor: T,
}

/// What a step does with loss and gradient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepRule {
    pub(crate) rule: Rule,
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
    network.check::<V>(parameters, inputs, outputs);
    let activations = network.activations.as_mut_ptr();
    let mut sources = inputs.as_ptr();
    for layer in &network.layers {
        // SAFETY: `check` found the buffers to be as long as the layers need,
        // and `sources` are as many as the layer's inputs.
        unsafe {
            let values = activations.add(layer.column);
            weighted_sums::<V>(token, layer, parameters.as_ptr(), sources, values);
            if layer.activation == Activation::Softmax {
                let mask = Columns::<V>::new(token, layer.outputs, true);
                softmax_of_row(token, values, panel_width::<V>(), &mask);
            } else {
                let used = layer.vectors * V::LANES;
                let values = std::slice::from_raw_parts_mut(values, used);
                activate_body::<V>(token, layer.activation, values, &mut []);
            }
            sources = values;
        }
    }
    // SAFETY: the last layer has as many outputs, as `check` found.
    outputs.copy_from_slice(unsafe { std::slice::from_raw_parts(sources, outputs.len()) });
}

kernel! {
    /// Makes a step on one sample; returns its loss. If that is not finite, the
    /// parameters stay as they are.
    ///
    /// # Panics
    /// If a length does not fit the network, its layout is of another set, or
    /// there is no room for steps.
    pub(crate) fn online_step<T>(
        network: &mut Online<T>,
        ending: Ending,
        step: &StepRule,
        sample: &Sample<'_, T>,
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
    ) -> T = online_step_body
}

#[inline(always)]
fn online_step_body<V: Vector>(
    token: V::Token,
    network: &mut Online<V::Element>,
    ending: Ending,
    step: &StepRule,
    sample: &Sample<'_, V::Element>,
    parameters: &mut [V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) -> V::Element {
    let (width, rule) = (panel_width::<V>(), step.rule);
    network.check::<V>(parameters, sample.inputs, sample.targets);
    let has_states = (!rule.has_first() || first.len() == parameters.len())
        && (!rule.has_second() || second.len() == parameters.len());
    assert!(has_states, "every parameter has its state");
    assert!(network.slopes.len() == network.activations.len(), "there is room for steps");
    network.targets[..sample.targets.len()].copy_from_slice(sample.targets);

    let Online { activations, slopes, deltas, squares, targets, layers, .. } = network;
    let (activations, slopes) = (activations.as_mut_ptr(), slopes.as_mut_ptr());
    let (deltas, squares) = (deltas.as_mut_ptr(), squares.as_mut_ptr());
    let (first, second) = (first.as_mut_ptr(), second.as_mut_ptr());
    let parameters = parameters.as_mut_ptr();
    let Some((last, hidden)) = layers.split_last() else { unreachable!("there is a layer") };

    // a = f(W·a + b), and f′
    let mut sources = sample.inputs.as_ptr();
    for layer in hidden {
        // SAFETY: `Online::new` and the checks above found all buffers to be as
        // long as the layers need; `sources` are as many as a layer's inputs.
        unsafe {
            let values = activations.add(layer.column);
            weighted_sums::<V>(token, layer, parameters, sources, values);
            activate_layer::<V>(token, layer, values, slopes.add(layer.column));
            sources = values;
        }
    }

    // δ = ∂E/∂z
    // SAFETY: as above.
    let loss = unsafe {
        let (z, slopes) = (activations.add(last.column), slopes.add(last.column));
        weighted_sums::<V>(token, last, parameters, sources, z);
        if ending.needs_activations() {
            activate_layer::<V>(token, last, z, slopes);
        }
        let targets = targets.as_ptr();
        let row = OutputRow::<V> { z, slopes, stride: width, targets, targets_stride: width };
        let mask = Columns::<V>::new(token, last.outputs, true);
        row.deltas(token, ending, sample.factor, &mask)
    };
    if !loss.is_finite() {
        return loss;
    }

    // From the last layer to the first: the deltas of the layer before, with
    // the weights as they were, then the step.
    let is_adjusted = [step.of_weights, step.of_biases].map(|one| one != Adjustment::NONE);
    let update = Update::<V> { token, step, is_adjusted, parameters, first, second };
    // SAFETY: as above.
    unsafe {
        let mut of_layer = activations.add(last.column).cast_const();
        let mut index = layers.len() - 1;
        while index > 0 {
            let (layer, before) = (layers.get_unchecked(index), layers.get_unchecked(index - 1));
            let (slopes, out) = (slopes.add(before.column), deltas.add(before.column));
            hidden_deltas::<V>(token, layer, parameters, of_layer, slopes, squares, out);
            update.layer(layer, activations.add(before.column), of_layer);
            of_layer = out;
            index -= 1;
        }
        update.layer(layers.get_unchecked(0), sample.inputs.as_ptr(), of_layer);
    }
    loss
}

/// Replaces the pre-activations of a layer by activations; writes the slopes.
///
/// # Safety
/// Both must have the layer's neurons, filled up to whole panels.
#[inline(always)]
unsafe fn activate_layer<V: Vector>(
    token: V::Token,
    layer: &Layer,
    values: *mut V::Element,
    slopes: *mut V::Element,
) {
    let used = layer.vectors * V::LANES;
    // SAFETY: the caller grants whole panels, which are whole vectors.
    let (values, slopes) = unsafe {
        (std::slice::from_raw_parts_mut(values, used), std::slice::from_raw_parts_mut(slopes, used))
    };
    activate_body::<V>(token, layer.activation, values, slopes);
}

/// Computes `z_j = b_j + Σ_i w_ji·a_i`.
///
/// # Safety
/// The buffers must have what the layer needs: the network's parameters, its
/// inputs, and its neurons filled up to whole panels.
#[inline(always)]
unsafe fn weighted_sums<V: Vector>(
    token: V::Token,
    layer: &Layer,
    parameters: *const V::Element,
    sources: *const V::Element,
    out: *mut V::Element,
) {
    let sums = Sums::<V> { token, layer, parameters, sources, out };
    let mut vector = 0;
    // SAFETY: the caller grants the buffers, and all vectors are the layer's.
    unsafe {
        while vector + 8 <= layer.vectors {
            sums.run::<8>(vector);
            vector += 8;
        }
        if layer.vectors & 4 != 0 {
            sums.run::<4>(vector);
            vector += 4;
        }
        if layer.vectors & 2 != 0 {
            sums.run::<2>(vector);
            vector += 2;
        }
        if layer.vectors & 1 != 0 {
            sums.run::<1>(vector);
        }
    }
}

/// What the weighted sums of a layer are made of.
struct Sums<'a, V: Vector> {
    token: V::Token,
    layer: &'a Layer,
    parameters: *const V::Element,
    sources: *const V::Element,
    out: *mut V::Element,
}

impl<V: Vector> Sums<'_, V> {
    /// Computes `N` vectors of sums from `vector` on, side by side, so that
    /// they need not wait for each other.
    ///
    /// # Safety
    /// The layer must have these vectors.
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, vector: usize) {
        let width = panel_width::<V>();
        let &Sums { token, layer, parameters, sources, out } = self;
        // SAFETY: as the caller grants.
        unsafe {
            let weights: [*const V::Element; N] = std::array::from_fn(|n| {
                let vector = vector + n;
                parameters.add(layer.offset + vector / 2 * layer.stride + vector % 2 * V::LANES)
            });
            let mut sums = [V::splat(token, V::Element::ZERO); N];
            if layer.has_bias {
                sums = weights.map(|row| V::load(token, row.add(layer.inputs * width)));
            }
            for i in 0..layer.inputs {
                let source = V::splat(token, *sources.add(i));
                for (sum, row) in sums.iter_mut().zip(weights) {
                    *sum = source.mul_add(V::load(token, row.add(i * width)), *sum);
                }
            }
            for (n, sum) in sums.into_iter().enumerate() {
                sum.store(out.add((vector + n) * V::LANES));
            }
        }
    }
}

/// Computes `δ_i = (Σ_j w_ji·δ_j)·f′(z_i)` of the layer before.
///
/// # Safety
/// The buffers must have what the layer needs: the network's parameters, its
/// neurons' deltas, slopes and deltas of the layer before, filled up to whole
/// panels, and two squares of a vector's lanes.
#[inline(always)]
unsafe fn hidden_deltas<V: Vector>(
    token: V::Token,
    layer: &Layer,
    parameters: *const V::Element,
    deltas: *const V::Element,
    slopes: *const V::Element,
    squares: *mut V::Element,
    out: *mut V::Element,
) {
    let (width, lanes) = (panel_width::<V>(), V::LANES);
    let mut i = 0;
    while i < layer.inputs {
        let count = lanes.min(layer.inputs - i);
        let mut sum = V::splat(token, V::Element::ZERO);
        let mut j = 0;
        // SAFETY: the caller grants the buffers. Rows `i` to `i + count` and a
        // vector of columns from `j` on are weights of the layer; where there
        // are fewer rows than lanes, the rest of the square is zeros.
        unsafe {
            while j < layer.outputs {
                let column = j / width * layer.stride + j % width;
                let mut from = parameters.add(layer.offset + i * width + column);
                let mut stride = width;
                let turned = squares.add(lanes * lanes);
                if count < lanes {
                    for row in 0..lanes {
                        let weights = if row < count {
                            V::load(token, from.add(row * width))
                        } else {
                            V::splat(token, V::Element::ZERO)
                        };
                        weights.store(squares.add(row * lanes));
                    }
                    (from, stride) = (squares.cast_const(), lanes);
                }
                V::transpose(token, from, stride, turned, lanes);
                for row in 0..lanes.min(layer.outputs - j) {
                    let delta = V::splat(token, *deltas.add(j + row));
                    sum = delta.mul_add(V::load(token, turned.add(row * lanes)), sum);
                }
                j += lanes;
            }
            (sum * V::load(token, slopes.add(i))).store(out.add(i));
        }
        i += lanes;
    }
}

/// What makes the step.
struct Update<'a, V: Vector> {
    token: V::Token,
    step: &'a StepRule,
    /// Whether weights, whether biases have an adjustment.
    is_adjusted: [bool; 2],
    /// The parameters, and what of their state the rule uses.
    parameters: *mut V::Element,
    first: *mut V::Element,
    second: *mut V::Element,
}

/// The rows that are updated in one go: those of two vectors lie in the
/// first-level cache when their second half is.
const ROWS: usize = 64;

impl<V: Vector> Update<'_, V> {
    /// Makes the step of a layer's parameters: `∂E/∂w_ji = δ_j·a_i`,
    /// `∂E/∂b_j = δ_j`.
    ///
    /// # Safety
    /// The buffers must have the network's parameters, the layer's inputs, and
    /// its neurons' deltas filled up to whole panels.
    #[inline(always)]
    unsafe fn layer(&self, layer: &Layer, sources: *const V::Element, deltas: *const V::Element) {
        let width = panel_width::<V>();
        let one = V::Element::ONE;
        let rows = layer.inputs + usize::from(layer.is_bias_trained);
        let mut panel = 0;
        while panel * 2 < layer.vectors {
            let mut row = 0;
            while row < rows {
                // SAFETY: the caller grants the buffers, and panels and rows
                // are the layer's; wrapping, because a state that the rule does
                // not use has no numbers.
                unsafe {
                    let [of_weights, of_biases] = self.is_adjusted;
                    let (count, sources, adjustment, is_adjusted) = if row < layer.inputs {
                        let count = ROWS.min(layer.inputs - row);
                        (count, sources.add(row), &self.step.of_weights, of_weights)
                    } else {
                        (1, &raw const one, &self.step.of_biases, of_biases)
                    };
                    let mut vector = 2 * panel;
                    let mut place = layer.offset + panel * layer.stride + row * width;
                    loop {
                        let weights = Weights::<V> {
                            values: self.parameters.add(place),
                            first: self.first.wrapping_add(place),
                            second: self.second.wrapping_add(place),
                            stride: width,
                            count,
                        };
                        let delta = V::load(self.token, deltas.add(vector * V::LANES));
                        let gradient = OfOneSample::<V> { sources, delta };
                        let rule = self.step.rule;
                        weights.update(self.token, rule, adjustment, is_adjusted, gradient);
                        vector += 1;
                        place += V::LANES;
                        if vector % 2 == 0 || vector == layer.vectors {
                            break;
                        }
                    }
                    row += count;
                }
            }
            panel += 1;
        }
    }
}
