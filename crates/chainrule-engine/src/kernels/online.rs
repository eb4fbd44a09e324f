//! One sample through the whole network: its outputs, or a whole step.
//!
//! A batch of one has no rows to share the work of a call with, so all of it
//! is one kernel: forward, loss, backward and update, and then the next sample.
//! Every number has the bits that the kernels for batches give it, for each sum
//! runs in their order. Not for dropped activations, nor for losses by the
//! textbook's formulas.
//!
//! What is the same for every sample is checked once, when [`Online`] is made
//! or when a run of steps begins; a step of the smallest network would spend
//! more time on checks than on its numbers.

use chainrule::activation::Activation;

use super::activate::{activate_body, value, value_and_slope};
use super::output::{Columns, Ending, OutputRows, softmax_of_row};
use super::update::{Adjustment, OfOneSample, Rule, Weights};
use super::vector::{Vector, panel_width};
use crate::aligned::Aligned;
use crate::architecture::Bias;
use crate::data::{Rows, Samples};
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
            rules: Vec::with_capacity(if is_trained { STEPS } else { 0 }),
            losses: vec![T::ZERO; if is_trained { STEPS } else { 0 }],
            layers,
        }
    }

    /// Tells whether these are the inputs of one sample, and room for its outputs.
    #[inline(always)]
    pub(crate) fn is_of(&self, inputs: &[T], outputs: &[T]) -> bool {
        self.inputs == inputs.len() && self.outputs == outputs.len()
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
    fn check<V: Vector>(&self, parameters: &[T], inputs: &[T], outputs: &[T]) {
        assert!(
            self.width == panel_width::<V>()
                && self.length == parameters.len()
                && self.is_of(inputs, outputs),
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
    network.check::<V>(parameters, inputs, outputs);
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
            } else if layer.vectors == 2 {
                let [low, high] = sums.vectors::<2>(0);
                value(layer.activation, low).store(values);
                value(layer.activation, high).store(values.add(V::LANES));
            } else {
                value(layer.activation, sums.vector(0)).store(values);
            }
            sources = values;
        }
    }
    // SAFETY: the last layer has as many outputs, as `check` found.
    copy(unsafe { std::slice::from_raw_parts(sources, outputs.len()) }, outputs);
}

/// Copies numbers; a few of them without the call that `copy_from_slice` is.
#[inline(always)]
fn copy<T: Real>(from: &[T], to: &mut [T]) {
    let count = to.len();
    if count >= 8 {
        to.copy_from_slice(from);
        return;
    }
    let mut at = 0;
    if count & 4 != 0 {
        to[..4].copy_from_slice(&from[..4]);
        at = 4;
    }
    if count & 2 != 0 {
        to[at..at + 2].copy_from_slice(&from[at..at + 2]);
        at += 2;
    }
    if count & 1 != 0 {
        to[at] = from[at];
    }
}

kernel! {
    /// Makes the planned steps, one for each row; returns how many. Where a loss
    /// is not finite, its step is not made, nor are those after it.
    ///
    /// # Panics
    /// If a length does not fit the network, its layout is of another set, or
    /// other steps were planned.
    pub(crate) fn online_steps<T>(
        network: &mut Online<T>,
        ending: Ending,
        run: &Run<'_, T>,
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
    ) -> usize = online_steps_body
}

#[inline(always)]
fn online_steps_body<V: Vector>(
    token: V::Token,
    network: &mut Online<V::Element>,
    ending: Ending,
    run: &Run<'_, V::Element>,
    parameters: &mut [V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) -> usize {
    let (steps, rules) = (run.rows.len(), network.rules.len());
    assert!(steps <= STEPS && (rules == 1 || rules == steps), "every step was planned");
    assert!(network.slopes.len() == network.activations.len(), "there is room for steps");
    network.check::<V>(parameters, run.samples.inputs(0), run.samples.targets(0));
    let Online { activations, slopes, deltas, squares, targets, layers, rules, losses, .. } =
        network;
    let is_adjusted = [run.of_weights, run.of_biases].map(|one| one != Adjustment::NONE);
    let update = Update::<V> {
        token,
        run,
        is_adjusted,
        parameters: parameters.as_mut_ptr(),
        first: first.as_mut_ptr(),
        second: second.as_mut_ptr(),
    };
    let pass = Pass::<V> {
        token,
        layers,
        ending,
        columns: Columns::new(token, run.samples.targets(0).len(), true),
        activations: activations.as_mut_ptr(),
        slopes: slopes.as_mut_ptr(),
        deltas: deltas.as_mut_ptr(),
        squares: squares.as_mut_ptr(),
        targets: targets.as_mut_ptr(),
    };
    for &rule in &*rules {
        let has_states = (!rule.has_first() || first.len() == parameters.len())
            && (!rule.has_second() || second.len() == parameters.len());
        assert!(has_states, "every parameter has its state");
    }
    let mut rule = rules[0];
    for step in 0..steps {
        if rules.len() > 1 {
            rule = rules[step];
        }
        let sample = run.rows.sample(step);
        let weight = run.samples.weight(sample);
        let factor = if weight > V::Element::ZERO { V::Element::ONE } else { V::Element::ZERO };
        let inputs = run.samples.inputs(sample).as_ptr();
        // SAFETY: `Online::new` and the checks above found all buffers to be as
        // long as the layers need; all samples have as many inputs and targets.
        let loss = unsafe {
            for (output, &t) in run.samples.targets(sample).iter().enumerate() {
                *pass.targets.add(output) = t;
            }
            pass.step(inputs, factor, rule, &update)
        };
        losses[step] = loss;
        if !loss.is_finite() && factor > V::Element::ZERO {
            return step;
        }
    }
    steps
}

/// What a step computes in, beside the parameters.
struct Pass<'a, V: Vector> {
    token: V::Token,
    layers: &'a [Layer],
    ending: Ending,
    /// Of the last layer.
    columns: Columns<V>,
    activations: *mut V::Element,
    slopes: *mut V::Element,
    deltas: *mut V::Element,
    squares: *mut V::Element,
    targets: *mut V::Element,
}

impl<V: Vector> Pass<'_, V> {
    /// Makes a step, unless the loss is not finite; returns the loss. Deltas are
    /// multiplied by `factor`.
    ///
    /// # Safety
    /// All buffers must have what the layers need: parameters and, if the rule
    /// has them, states; their neurons, filled up to whole panels; two squares
    /// of a vector's lanes; the inputs of the first.
    #[inline(always)]
    unsafe fn step(
        &self,
        inputs: *const V::Element,
        factor: V::Element,
        rule: Rule,
        update: &Update<'_, V>,
    ) -> V::Element {
        let &Pass { token, layers, ending, activations, slopes, deltas, squares, .. } = self;
        let width = panel_width::<V>();
        let Some(last) = layers.last() else { unreachable!("there is a layer") };
        let parameters = update.parameters.cast_const();

        // a = f(W·a + b), and f′
        let mut sources = inputs;
        let last_takes_activations = ending.needs_activations();
        for (number, layer) in layers.iter().enumerate() {
            let is_activated = last_takes_activations || number + 1 < layers.len();
            // SAFETY: as the caller grants; `sources` are as many as a layer's
            // inputs.
            unsafe {
                let values = activations.add(layer.column);
                let slopes = slopes.add(layer.column);
                let sums = Sums::<V> { token, layer, parameters, sources, out: values };
                if layer.vectors > NARROW {
                    sums.store();
                    if is_activated {
                        activate_layer::<V>(token, layer, values, slopes);
                    }
                } else {
                    for vector in 0..layer.vectors {
                        let z = sums.vector(vector);
                        let (a, slope) = if is_activated {
                            value_and_slope(layer.activation, z)
                        } else {
                            (z, z)
                        };
                        a.store(values.add(vector * V::LANES));
                        slope.store(slopes.add(vector * V::LANES));
                    }
                }
                sources = values;
            }
        }

        // δ = ∂E/∂z
        // SAFETY: as above.
        let loss = unsafe {
            let (z, slopes) = (activations.add(last.column), slopes.add(last.column));
            let targets = self.targets.cast_const();
            let row = OutputRows::<V> { z, slopes, stride: width, targets, targets_stride: width };
            let [loss] = row.deltas(token, ending, [factor], &self.columns);
            loss
        };
        if !loss.is_finite() {
            return loss;
        }

        // From the last layer to the first: the deltas of the layer before, with
        // the weights as they were, then the step.
        // SAFETY: as above.
        unsafe {
            let mut of_layer = activations.add(last.column).cast_const();
            for (number, layer) in layers.iter().enumerate().rev() {
                let (mut sources, mut of_layer_before) = (inputs, of_layer);
                if number > 0 {
                    let before = layers.get_unchecked(number - 1);
                    let (slopes, out) = (slopes.add(before.column), deltas.add(before.column));
                    hidden_deltas::<V>(token, layer, parameters, of_layer, slopes, squares, out);
                    (sources, of_layer_before) = (activations.add(before.column), out);
                }
                update.layer(rule, layer, sources, of_layer);
                of_layer = of_layer_before;
            }
        }
        loss
    }
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

/// The most vectors of a layer that are computed one after the other, without
/// a way through memory.
const NARROW: usize = 2;

/// The weighted sums of a layer, `z_j = b_j + Σ_i w_ji·a_i`.
///
/// To compute them, the buffers must have what the layer needs: the network's
/// parameters, its inputs, and its neurons filled up to whole panels.
struct Sums<'a, V: Vector> {
    token: V::Token,
    layer: &'a Layer,
    parameters: *const V::Element,
    sources: *const V::Element,
    out: *mut V::Element,
}

impl<V: Vector> Sums<'_, V> {
    /// Computes all of them.
    ///
    /// # Safety
    /// The buffers must be as described.
    #[inline(always)]
    unsafe fn store(&self) {
        let vectors = self.layer.vectors;
        let mut vector = 0;
        // SAFETY: all vectors are the layer's.
        unsafe {
            while vector + 8 <= vectors {
                self.run::<8>(vector);
                vector += 8;
            }
            if vectors & 4 != 0 {
                self.run::<4>(vector);
                vector += 4;
            }
            if vectors & 2 != 0 {
                self.run::<2>(vector);
                vector += 2;
            }
            if vectors & 1 != 0 {
                self.run::<1>(vector);
            }
        }
    }

    /// Computes `N` vectors of sums from `vector` on, side by side, so that
    /// they need not wait for each other.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have these vectors.
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, vector: usize) {
        // SAFETY: as the caller grants.
        unsafe {
            let sums = self.vectors::<N>(vector);
            for (n, sum) in sums.into_iter().enumerate() {
                sum.store(self.out.add((vector + n) * V::LANES));
            }
        }
    }

    /// Returns one vector of sums.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have this vector.
    #[inline(always)]
    unsafe fn vector(&self, vector: usize) -> V {
        // SAFETY: as the caller grants.
        let [sum] = unsafe { self.vectors::<1>(vector) };
        sum
    }

    /// Returns `N` vectors of sums from `vector` on.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have these vectors.
    #[inline(always)]
    unsafe fn vectors<const N: usize>(&self, vector: usize) -> [V; N] {
        let width = panel_width::<V>();
        let &Sums { token, layer, parameters, sources, .. } = self;
        // SAFETY: as the caller grants.
        unsafe {
            let mut weights = [parameters; N];
            let mut sums = [V::splat(token, V::Element::ZERO); N];
            for n in 0..N {
                // A panel is two vectors.
                let (panel, half) = ((vector + n) >> 1, (vector + n) & 1);
                weights[n] = parameters.add(layer.offset + panel * layer.stride + half * V::LANES);
                if layer.has_bias {
                    sums[n] = V::load(token, weights[n].add(layer.inputs * width));
                }
            }
            for i in 0..layer.inputs {
                let source = V::splat(token, *sources.add(i));
                for n in 0..N {
                    sums[n] = source.mul_add(V::load(token, weights[n]), sums[n]);
                    weights[n] = weights[n].wrapping_add(width);
                }
            }
            sums
        }
    }
}

/// The most neurons whose weights are not worth to be turned in a square.
const FEW: usize = 2;

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
                let columns = lanes.min(layer.outputs - j);
                if columns <= FEW {
                    for column in 0..columns {
                        let weights = V::column(token, from.add(column), width, count);
                        sum = V::splat(token, *deltas.add(j + column)).mul_add(weights, sum);
                    }
                    j += lanes;
                    continue;
                }
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
                for row in 0..columns {
                    let delta = V::splat(token, *deltas.add(j + row));
                    sum = delta.mul_add(V::load(token, turned.add(row * lanes)), sum);
                }
                j += lanes;
            }
            sum.flushed_product(V::load(token, slopes.add(i))).store(out.add(i));
        }
        i += lanes;
    }
}

/// What makes the step.
struct Update<'a, V: Vector> {
    token: V::Token,
    run: &'a Run<'a, V::Element>,
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
    unsafe fn layer(
        &self,
        rule: Rule,
        layer: &Layer,
        sources: *const V::Element,
        deltas: *const V::Element,
    ) {
        let [of_weights, of_biases] = self.is_adjusted;
        let mut row = 0;
        // SAFETY: the caller grants the buffers, and vectors and rows are the
        // layer's.
        unsafe {
            while row < layer.inputs {
                let count = ROWS.min(layer.inputs - row);
                for vector in 0..layer.vectors {
                    let delta = V::load(self.token, deltas.add(vector * V::LANES));
                    let gradient = OfOneSample::<V> { sources: sources.add(row), delta };
                    let weights = self.weights(layer, vector, row, count);
                    let adjustment = &self.run.of_weights;
                    weights.update(self.token, rule, adjustment, of_weights, gradient);
                }
                row += count;
            }
            if layer.is_bias_trained {
                let one = V::Element::ONE;
                for vector in 0..layer.vectors {
                    let delta = V::load(self.token, deltas.add(vector * V::LANES));
                    let gradient = OfOneSample::<V> { sources: &raw const one, delta };
                    let weights = self.weights(layer, vector, row, 1);
                    let adjustment = &self.run.of_biases;
                    weights.update(self.token, rule, adjustment, of_biases, gradient);
                }
            }
        }
    }

    /// Returns `count` vectors of weights, one a row, with their states.
    ///
    /// # Safety
    /// The layer must have this vector and these rows.
    #[inline(always)]
    unsafe fn weights(&self, layer: &Layer, vector: usize, row: usize, count: usize) -> Weights<V> {
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
