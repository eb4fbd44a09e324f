//! One sample through the whole network: its outputs, or a whole step.
//!
//! A batch of one has no rows to share the work of a call with, so all of it
//! is one kernel: forward, loss, backward and update. Every number has the bits
//! that the kernels for batches give it, for each sum runs in their order. Not
//! for layers that need more than a vector at a time: dropped activations, and
//! losses by the textbook's formulas.
//!
//! The numbers of one sample lie one after the other, those of a layer from
//! [`LayerLayout::column`] on, filled up to whole panels with zeros.

use super::activate::activate_body;
use super::output::{Ending, output_deltas_body, softmax_body};
use super::panels::{Panels, PanelsMut};
use super::update::{Adjustment, OfOneSample, Rule, update_by};
use super::vector::{Vector, panel_width};
use crate::aligned::Aligned;
use crate::architecture::Bias;
use crate::layout::{LayerLayout, Layout};
use crate::real::Real;
use chainrule::activation::Activation;

/// Room for what is computed of one sample.
#[derive(Clone, Debug)]
pub(crate) struct Room<T> {
    /// The inputs of the last step, for the message when training diverges.
    inputs: Vec<T>,
    /// Pre-activations, then activations; of the last layer, then deltas.
    activations: Aligned<T>,
    /// `f′(z)`
    slopes: Aligned<T>,
    /// Deltas of the hidden layers.
    deltas: Aligned<T>,
    /// The targets, filled up to whole panels.
    targets: Aligned<T>,
    /// A square of weights, the other way round, and before it was turned.
    square: Aligned<T>,
}

impl<T: Real> Room<T> {
    /// Makes room for outputs only.
    pub(crate) fn for_prediction(layout: &Layout) -> Room<T> {
        let activations = Aligned::new(layout.columns());
        let [slopes, deltas, targets, square] = [0; 4].map(Aligned::new);
        Room { inputs: Vec::new(), activations, slopes, deltas, targets, square }
    }

    /// Makes room for steps.
    pub(crate) fn for_training(layout: &Layout) -> Room<T> {
        let [activations, slopes, deltas, targets] = [layout.columns(); 4].map(Aligned::new);
        // Two squares of half a panel's width.
        let square = Aligned::new(layout.width * layout.width / 2);
        let inputs = vec![T::ZERO; layout.layers.first().map_or(0, |layer| layer.inputs)];
        Room { inputs, activations, slopes, deltas, targets, square }
    }

    /// Returns the inputs of the last step.
    pub(crate) fn inputs(&self) -> &[T] {
        &self.inputs
    }
}

/// What a step does with the gradient.
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
    /// If a length does not fit the layout, or that is not of the set's panels.
    pub(crate) fn predict_one<T>(
        layout: &Layout,
        parameters: &[T],
        inputs: &[T],
        room: &mut Room<T>,
        outputs: &mut [T],
    ) = predict_one_body
}

#[inline(always)]
fn predict_one_body<V: Vector>(
    token: V::Token,
    layout: &Layout,
    parameters: &[V::Element],
    inputs: &[V::Element],
    room: &mut Room<V::Element>,
    outputs: &mut [V::Element],
) {
    assert_eq!(layout.width, panel_width::<V>(), "the layout is of the set's panels");
    let mut sources = inputs;
    let mut rest = &mut *room.activations;
    for layer in &layout.layers {
        let (values, after) = rest.split_at_mut(layer.panels * layout.width);
        weighted_sums::<V>(token, layer, parameters, sources, values);
        let vectors = layer.outputs.div_ceil(V::LANES);
        if layer.activation == Activation::Softmax {
            let z = PanelsMut { stride: layout.width, values: &mut *values };
            softmax_body::<V>(token, z, 1, layer.outputs, true);
        } else {
            let values = &mut values[..vectors * V::LANES];
            activate_body::<V>(token, layer.activation, values, &mut []);
        }
        (sources, rest) = (values, after);
    }
    outputs.copy_from_slice(&sources[..outputs.len()]);
}

kernel! {
    /// Makes a step on one sample; returns its loss. If that is not finite, the
    /// parameters stay as they are. Deltas are multiplied by `factor`.
    ///
    /// # Panics
    /// If a length does not fit the layout, or that is not of the set's panels.
    pub(crate) fn online_step<T>(
        layout: &Layout,
        ending: Ending,
        step: &StepRule,
        inputs: &[T],
        targets: &[T],
        factor: T,
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
        room: &mut Room<T>,
    ) -> T = online_step_body
}

#[inline(always)]
fn online_step_body<V: Vector>(
    token: V::Token,
    layout: &Layout,
    ending: Ending,
    step: &StepRule,
    inputs: &[V::Element],
    targets: &[V::Element],
    factor: V::Element,
    parameters: &mut [V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
    room: &mut Room<V::Element>,
) -> V::Element {
    let width = panel_width::<V>();
    assert_eq!(layout.width, width, "the layout is of the set's panels");
    let Room { inputs: kept, activations, slopes, deltas, targets: filled, square } = room;
    kept.copy_from_slice(inputs);
    filled[..targets.len()].copy_from_slice(targets);

    // a = f(W·a + b)
    let (last, hidden) = layout.layers.split_last().expect("a network has a layer");
    let mut sources = inputs;
    let (mut rest, mut rest_slopes) = (&mut **activations, &mut **slopes);
    for layer in hidden {
        let (values, after) = rest.split_at_mut(layer.panels * width);
        let (slopes, after_slopes) = rest_slopes.split_at_mut(layer.panels * width);
        weighted_sums::<V>(token, layer, parameters, sources, values);
        let used = layer.outputs.div_ceil(V::LANES) * V::LANES;
        activate_body::<V>(token, layer.activation, &mut values[..used], &mut slopes[..used]);
        (sources, rest, rest_slopes) = (values, after, after_slopes);
    }
    let values = &mut rest[..last.panels * width];
    weighted_sums::<V>(token, last, parameters, sources, values);

    // δ = ∂E/∂z
    let mut loss = [V::Element::ZERO];
    output_deltas_body::<V>(
        token,
        ending,
        last.activation,
        PanelsMut { stride: width, values },
        &mut rest_slopes[..last.panels * width],
        Panels { stride: width, values: filled },
        &[factor],
        &mut loss,
        last.outputs,
        true,
    );
    if !loss[0].is_finite() {
        return loss[0];
    }

    // From the last layer to the first: the deltas of the layer before, with
    // the weights as they were, then the step.
    for (index, layer) in layout.layers.iter().enumerate().rev() {
        let columns = layer.column..layer.column + layer.panels * width;
        let previous = index.checked_sub(1).map(|index| &layout.layers[index]);
        let sources = previous.map_or(inputs, |previous| &activations[previous.column..]);
        let (before, after) = deltas.split_at_mut(layer.column);
        let of_layer = if index + 1 == layout.layers.len() {
            &activations[columns]
        } else {
            &after[..layer.panels * width]
        };
        if let Some(previous) = previous {
            let place = previous.column..previous.column + previous.panels * width;
            let (slopes, out) = (&slopes[place.clone()], &mut before[place]);
            hidden_deltas::<V>(token, layer, parameters, of_layer, slopes, square, out);
        }
        update_layer::<V>(token, layer, step, sources, of_layer, parameters, first, second);
    }
    loss[0]
}

/// Computes `z_j = b_j + Σ_i w_ji·a_i`.
#[inline(always)]
fn weighted_sums<V: Vector>(
    token: V::Token,
    layer: &LayerLayout,
    parameters: &[V::Element],
    sources: &[V::Element],
    out: &mut [V::Element],
) {
    let width = panel_width::<V>();
    let has_bias = layer.bias != Bias::Absent;
    let weights = layer.view(parameters);
    weights.check(layer.panels, layer.inputs + usize::from(has_bias), width);
    let vectors = layer.outputs.div_ceil(V::LANES);
    assert!(vectors <= 2 * layer.panels, "the panels hold all neurons");
    let sums = Sums::<V> {
        token,
        weights: weights.values.as_ptr(),
        stride: weights.stride,
        sources: &sources[..layer.inputs],
        has_bias,
        out: out[..layer.panels * width].as_mut_ptr(),
    };
    let mut vector = 0;
    while vector < vectors {
        // SAFETY: the vectors are below `vectors`, which was checked.
        unsafe {
            vector += match vectors - vector {
                1 => sums.run::<1>(vector),
                2 | 3 => sums.run::<2>(vector),
                4..8 => sums.run::<4>(vector),
                _ => sums.run::<8>(vector),
            };
        }
    }
}

/// What the weighted sums of a layer are made of.
struct Sums<'a, V: Vector> {
    token: V::Token,
    weights: *const V::Element,
    stride: usize,
    sources: &'a [V::Element],
    has_bias: bool,
    out: *mut V::Element,
}

impl<V: Vector> Sums<'_, V> {
    /// Computes `N` vectors of sums from `vector` on, side by side, so that
    /// they need not wait for each other. Returns `N`.
    ///
    /// # Safety
    /// Weights (a row for each source, and one of biases) and `out` must have
    /// these vectors.
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, vector: usize) -> usize {
        let width = panel_width::<V>();
        // SAFETY: as the caller grants.
        unsafe {
            let weights: [*const V::Element; N] = std::array::from_fn(|n| {
                let vector = vector + n;
                self.weights.add(vector / 2 * self.stride + vector % 2 * V::LANES)
            });
            let mut sums = [V::splat(self.token, V::Element::ZERO); N];
            if self.has_bias {
                let biases = self.sources.len() * width;
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = V::load(self.token, weights.add(biases));
                }
            }
            for (i, &source) in self.sources.iter().enumerate() {
                let source = V::splat(self.token, source);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = source.mul_add(V::load(self.token, weights.add(i * width)), *sum);
                }
            }
            for (n, sum) in sums.into_iter().enumerate() {
                sum.store(self.out.add((vector + n) * V::LANES));
            }
        }
        N
    }
}

/// Computes `δ_j = (Σ_k w_kj·δ_k)·f′(z_j)` of the layer before.
#[inline(always)]
fn hidden_deltas<V: Vector>(
    token: V::Token,
    layer: &LayerLayout,
    parameters: &[V::Element],
    deltas: &[V::Element],
    slopes: &[V::Element],
    square: &mut [V::Element],
    out: &mut [V::Element],
) {
    let (width, lanes) = (panel_width::<V>(), V::LANES);
    let weights = layer.view(parameters);
    weights.check(layer.panels, layer.inputs, width);
    assert!(layer.outputs <= layer.panels * width, "the panels hold all neurons");
    let deltas = &deltas[..layer.outputs];
    let (turned, copy) = square.split_at_mut(lanes * lanes);
    let copy = &mut copy[..lanes * lanes];
    let rows = slopes.chunks_exact(lanes).zip(out.chunks_exact_mut(lanes));
    for (block, (slopes, out)) in rows.enumerate().take(layer.inputs.div_ceil(lanes)) {
        let count = lanes.min(layer.inputs - block * lanes);
        let mut sum = V::splat(token, V::Element::ZERO);
        for (k, deltas) in deltas.chunks(lanes).enumerate() {
            let from = k / 2 * weights.stride + block * lanes * width + k % 2 * lanes;
            // SAFETY: `count` rows of a vector from there on are in the panel,
            // as `check` found; rows that are missing are zeros. `turned` and
            // `copy` are squares of a vector's lanes, `out` and `slopes` are
            // vectors, and `deltas` are at most the rows of the square.
            unsafe {
                let mut from = weights.values.as_ptr().add(from);
                let mut stride = width;
                if count < lanes {
                    for row in 0..lanes {
                        let to = copy.as_mut_ptr().add(row * lanes);
                        if row < count {
                            V::load(token, from.add(row * width)).store(to);
                        } else {
                            V::splat(token, V::Element::ZERO).store(to);
                        }
                    }
                    (from, stride) = (copy.as_ptr(), lanes);
                }
                V::transpose(token, from, stride, turned.as_mut_ptr(), lanes);
                for (row, &delta) in deltas.iter().enumerate() {
                    let weights = V::load(token, turned.as_ptr().add(row * lanes));
                    sum = V::splat(token, delta).mul_add(weights, sum);
                }
            }
        }
        // SAFETY: both are vectors.
        unsafe { (sum * V::load(token, slopes.as_ptr())).store(out.as_mut_ptr()) };
    }
}

/// Makes the step of a layer's parameters: `∂E/∂w_ji = δ_j·a_i`,
/// `∂E/∂b_j = δ_j`.
#[inline(always)]
fn update_layer<V: Vector>(
    token: V::Token,
    layer: &LayerLayout,
    step: &StepRule,
    sources: &[V::Element],
    deltas: &[V::Element],
    parameters: &mut [V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) {
    let width = panel_width::<V>();
    let one = [V::Element::ONE];
    let sources = &sources[..layer.inputs];
    for (panel, deltas) in deltas.chunks_exact(width).enumerate().take(layer.panels) {
        // SAFETY: the chunk has two vectors.
        let deltas =
            unsafe { [V::load(token, deltas.as_ptr()), V::load(token, deltas.as_ptr().add(V::LANES))] };
        for (sources, from, adjustment) in
            [(sources, 0, step.of_weights), (&one[..], layer.inputs, step.of_biases)]
        {
            if from > 0 && layer.bias != Bias::Trained {
                continue;
            }
            let start = layer.offset + panel * layer.stride + from * width;
            let place = start..start + sources.len() * width;
            let [first, second] =
                [&mut *first, &mut *second].map(|state| state.get_mut(place.clone()).unwrap_or(&mut []));
            let gradient = OfOneSample::<V> { sources: sources.as_ptr(), deltas };
            // SAFETY: there is a row of weights for each source.
            unsafe {
                let weights = &mut parameters[place];
                update_by(token, step.rule, adjustment, weights, gradient, first, second);
            }
        }
    }
}
