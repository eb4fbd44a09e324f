//! Online steps of several networks side by side: a lane for each.
//!
//! One small network waits for itself: each number for the one before. Here
//! every operation is done for the networks of a *group* at once, a
//! [pair](super::pair) of vectors, and groups do not wait for each other. The sums of a lane run in the
//! order of a network alone (see [`online`](super::online)), so that its bits
//! are the same. Not for dropped activations, nor for losses by the textbook's
//! formulas.
//!
//! Numbers lie in the order of the network, each of them as many times as a
//! group has networks: parameter after parameter, neuron after neuron.

use std::mem::MaybeUninit;

use chainrule::activation::Activation;

use super::activate::value_and_slope;
use super::math::exp;
use super::online::{Run, STEPS};
use super::output::{Ending, Term};
use super::pair::Pair;
use super::update::{Adjustment, Gradient, Rule, Weights};
use super::vector::Vector;
use crate::aligned::Aligned;
use crate::architecture::{Architecture, Bias};
use crate::real::Real;

/// Networks of one architecture, laid out in groups.
#[derive(Clone, Debug)]
pub(crate) struct Lanes<T> {
    layers: Vec<Layer>,
    /// The networks of a group.
    width: usize,
    groups: usize,
    /// How many parameters a network has.
    length: usize,
    /// Of all groups: parameters, and what the optimizer remembers of each.
    pub(crate) parameters: Aligned<T>,
    first: Aligned<T>,
    second: Aligned<T>,
    /// The inputs of a sample, then its targets, the same in every lane; then 1.
    sample: Aligned<T>,
    /// Of all neurons of one group: activations, slopes, deltas.
    activations: Aligned<T>,
    slopes: Aligned<T>,
    deltas: Aligned<T>,
    /// The losses of each step.
    losses: Aligned<T>,
}

#[derive(Clone, Copy, Debug)]
struct Layer {
    activation: Activation,
    inputs: usize,
    outputs: usize,
    bias: Bias,
    /// The number of its first parameter, and of its first neuron.
    parameter: usize,
    neuron: usize,
}

impl Layer {
    /// Returns the number of the first weight into a neuron.
    #[inline(always)]
    fn weights(&self, neuron: usize) -> usize {
        self.parameter + neuron * self.inputs
    }

    /// Returns the number of the first bias.
    #[inline(always)]
    fn biases(&self) -> usize {
        self.weights(self.outputs)
    }
}

impl<T: Real> Lanes<T> {
    /// Makes room for networks, in groups of `width`.
    pub(crate) fn new(
        architecture: &Architecture,
        width: usize,
        networks: usize,
        [has_first, has_second]: [bool; 2],
    ) -> Lanes<T> {
        let (mut parameter, mut neuron) = (0, 0);
        let layers = architecture.layers().iter().enumerate().map(|(index, spec)| {
            let inputs = architecture.input_width(index);
            let (activation, outputs, bias) = (spec.activation, spec.width, spec.bias);
            let layer = Layer { activation, inputs, outputs, bias, parameter, neuron };
            parameter += outputs * (inputs + usize::from(bias != Bias::Absent));
            neuron += outputs;
            layer
        });
        let layers: Vec<Layer> = layers.collect();
        let groups = networks.div_ceil(width);
        let all = groups * width * parameter;
        let of_neurons = || Aligned::new(neuron * width);
        Lanes {
            layers,
            width,
            groups,
            length: parameter,
            parameters: Aligned::new(all),
            first: Aligned::new(if has_first { all } else { 0 }),
            second: Aligned::new(if has_second { all } else { 0 }),
            sample: Aligned::new((architecture.inputs() + architecture.outputs() + 1) * width),
            activations: of_neurons(),
            slopes: of_neurons(),
            deltas: of_neurons(),
            losses: Aligned::new(STEPS * groups * width),
        }
    }

    /// Returns the place of a network's parameter.
    pub(crate) fn place(&self, network: usize, parameter: usize) -> usize {
        let (group, lane) = (network / self.width, network % self.width);
        (group * self.length + parameter) * self.width + lane
    }

    /// Returns the losses of all networks in a step of the last run.
    pub(crate) fn losses(&self, step: usize) -> &[T] {
        let count = self.groups * self.width;
        &self.losses[step * count..][..count]
    }
}

kernel! {
    /// Makes a step of every network on each row, with a rule for each, or one
    /// for all.
    ///
    /// # Panics
    /// If a length does not fit the networks, or they are laid out for another
    /// set.
    pub(crate) fn steps_side_by_side<T>(
        lanes: &mut Lanes<T>,
        ending: Ending,
        run: &Run<'_, T>,
        rules: &[Rule],
    ) = steps_side_by_side_body
}

#[inline(always)]
fn steps_side_by_side_body<V: Vector>(
    token: V::Token,
    lanes: &mut Lanes<V::Element>,
    ending: Ending,
    run: &Run<'_, V::Element>,
    rules: &[Rule],
) {
    let width = Pair::<V>::LANES;
    let steps = run.rows.len();
    assert!(steps <= STEPS && (rules.len() == 1 || rules.len() == steps), "a rule for each step");
    assert!(lanes.width == width, "the networks are laid out for this set");
    let (inputs, outputs) = (run.samples.inputs(0).len(), run.samples.targets(0).len());
    let ends = [lanes.layers.first().map(|l| l.inputs), lanes.layers.last().map(|l| l.outputs)];
    assert!(ends == [Some(inputs), Some(outputs)], "samples are for the networks");
    for rule in rules {
        let has_states = (!rule.has_first() || lanes.first.len() == lanes.parameters.len())
            && (!rule.has_second() || lanes.second.len() == lanes.parameters.len());
        assert!(has_states, "every parameter has its state");
    }
    let is_adjusted = [run.of_weights, run.of_biases].map(|one| one != Adjustment::NONE);
    let sample = Numbers::<Pair<V>>::new(token, &mut lanes.sample);
    let one = Pair::<V>::splat(token, V::Element::ONE);
    for step in 0..steps {
        let rule = if rules.len() == 1 { rules[0] } else { rules[step] };
        let row = run.rows.sample(step);
        let numbers = run.samples.inputs(row).iter().chain(run.samples.targets(row));
        // SAFETY: `sample` has room for as many numbers, and one more.
        unsafe {
            for (index, &value) in numbers.enumerate() {
                sample.store(index, Pair::splat(token, value));
            }
            sample.store(inputs + outputs, one);
        }
        let is_counted = run.samples.weight(row) > V::Element::ZERO;
        for group in 0..lanes.groups {
            let parameter = group * lanes.length;
            let group = Group::<V> {
                token,
                layers: &lanes.layers,
                ending,
                factor: if is_counted { one } else { Pair::splat(token, V::Element::ZERO) },
                rule,
                run,
                is_adjusted,
                parameters: Numbers::new(token, &mut lanes.parameters).from(parameter),
                first: Numbers::new(token, &mut lanes.first).from(parameter),
                second: Numbers::new(token, &mut lanes.second).from(parameter),
                inputs: sample,
                targets: sample.from(inputs),
                one: sample.from(inputs + outputs),
                activations: Numbers::new(token, &mut lanes.activations),
                slopes: Numbers::new(token, &mut lanes.slopes),
                deltas: Numbers::new(token, &mut lanes.deltas),
                loss: Numbers::new(token, &mut lanes.losses).from(step * lanes.groups + group),
            };
            // SAFETY: `Lanes::new` made every buffer as long as the layers need,
            // and what comes with the run was checked above.
            unsafe { group.step() };
        }
    }
}

/// Numbers that each network of a group has.
#[derive(Clone, Copy)]
struct Numbers<P: Vector> {
    token: P::Token,
    start: *mut P::Element,
}

impl<P: Vector> Numbers<P> {
    #[inline(always)]
    fn new(token: P::Token, buffer: &mut [P::Element]) -> Self {
        Numbers { token, start: buffer.as_mut_ptr() }
    }

    /// Returns those from an index on. Wrapping, because a state that the rule
    /// does not use has no numbers.
    #[inline(always)]
    fn from(self, index: usize) -> Self {
        Numbers { start: self.start.wrapping_add(index * P::LANES), ..self }
    }

    /// Returns the number at an index.
    ///
    /// # Safety
    /// It must be there.
    #[inline(always)]
    unsafe fn load(self, index: usize) -> P {
        // SAFETY: granted by the caller.
        unsafe { P::load(self.token, self.start.add(index * P::LANES)) }
    }

    /// Writes the number at an index.
    ///
    /// # Safety
    /// There must be room.
    #[inline(always)]
    unsafe fn store(self, index: usize, number: P) {
        // SAFETY: granted by the caller.
        unsafe { number.store(self.start.add(index * P::LANES)) };
    }
}

/// What a step of a group of networks needs.
struct Group<'a, V: Vector> {
    token: V::Token,
    layers: &'a [Layer],
    ending: Ending,
    factor: Pair<V>,
    rule: Rule,
    run: &'a Run<'a, V::Element>,
    /// Whether weights, whether biases have an adjustment.
    is_adjusted: [bool; 2],
    parameters: Numbers<Pair<V>>,
    first: Numbers<Pair<V>>,
    second: Numbers<Pair<V>>,
    inputs: Numbers<Pair<V>>,
    targets: Numbers<Pair<V>>,
    one: Numbers<Pair<V>>,
    activations: Numbers<Pair<V>>,
    slopes: Numbers<Pair<V>>,
    deltas: Numbers<Pair<V>>,
    loss: Numbers<Pair<V>>,
}

impl<V: Vector> Group<'_, V> {
    /// Makes the step.
    ///
    /// # Safety
    /// All buffers must have what the layers and the rule need.
    #[inline(always)]
    unsafe fn step(&self) {
        let count = self.layers.len();
        // SAFETY: as the caller grants.
        unsafe {
            let mut sources = self.inputs;
            for (number, layer) in self.layers.iter().enumerate() {
                let is_activated = number + 1 < count || self.ending.needs_activations();
                self.forward(layer, sources, is_activated);
                sources = self.activations.from(layer.neuron);
            }
            let Some(last) = self.layers.last() else { unreachable!("there is a layer") };
            let loss = match self.ending {
                Ending::SoftmaxCrossEntropy => self.softmax_cross_entropy(last),
                Ending::Terms(term) => self.sum_of_terms(term, last),
            };
            self.loss.store(0, loss);
            for (number, layer) in self.layers.iter().enumerate().rev() {
                let mut sources = self.inputs;
                if number > 0 {
                    let before = self.layers.get_unchecked(number - 1);
                    self.hidden_deltas(layer, before);
                    sources = self.activations.from(before.neuron);
                }
                self.update(layer, sources);
            }
        }
    }

    /// `z_j = b_j + Σ_i w_ji·a_i`, then `f(z_j)` and `f′(z_j)`.
    ///
    /// # Safety
    /// As for [`step`](Self::step); `sources` are the layer's inputs.
    #[inline(always)]
    unsafe fn forward(&self, layer: &Layer, sources: Numbers<Pair<V>>, is_activated: bool) {
        // SAFETY: as the caller grants.
        unsafe {
            for j in 0..layer.outputs {
                let mut z = Pair::splat(self.token, V::Element::ZERO);
                if layer.bias != Bias::Absent {
                    z = self.parameters.load(layer.biases() + j);
                }
                let weights = self.parameters.from(layer.weights(j));
                for i in 0..layer.inputs {
                    z = sources.load(i).mul_add(weights.load(i), z);
                }
                let (a, slope) =
                    if is_activated { value_and_slope(layer.activation, z) } else { (z, z) };
                self.activations.store(layer.neuron + j, a);
                self.slopes.store(layer.neuron + j, slope);
            }
        }
    }

    /// The deltas of a loss that is a sum over the outputs; returns the loss.
    ///
    /// # Safety
    /// As for [`step`](Self::step).
    #[inline(always)]
    unsafe fn sum_of_terms(&self, term: Term, last: &Layer) -> Pair<V> {
        let mut sum = Sum::<V>::new(self.token);
        // SAFETY: as the caller grants.
        unsafe {
            for j in 0..last.outputs {
                let neuron = last.neuron + j;
                let (value, slope) =
                    term.value_and_slope(self.activations.load(neuron), self.targets.load(j));
                let is_of_activation = term.is_of_activation();
                let slope = if is_of_activation { slope * self.slopes.load(neuron) } else { slope };
                sum.add(j, value);
                self.deltas.store(neuron, slope * self.factor);
            }
        }
        sum.total()
    }

    /// The deltas of softmax with categorical cross-entropy; returns the loss.
    ///
    /// # Safety
    /// As for [`step`](Self::step).
    #[inline(always)]
    unsafe fn softmax_cross_entropy(&self, last: &Layer) -> Pair<V> {
        let mut greatest = Pair::splat(self.token, V::Element::from_f64(f64::NEG_INFINITY));
        let [mut t_sum, mut tz_sum, mut sum] = std::array::from_fn(|_| Sum::<V>::new(self.token));
        let z = self.activations.from(last.neuron);
        // SAFETY: as the caller grants; a pair has no more than 32 lanes.
        unsafe {
            for j in 0..last.outputs {
                greatest = greatest.or_greater(z.load(j));
            }
            for j in 0..last.outputs {
                let (t, shifted) = (self.targets.load(j), z.load(j) - greatest);
                let e = exp(shifted);
                t_sum.add(j, t);
                tz_sum.add_product(j, t, shifted);
                sum.add(j, e);
                z.store(j, e);
            }
            let sum = sum.total();
            let mut logarithms = [V::Element::ZERO; 32];
            sum.store(logarithms.as_mut_ptr());
            logarithms[..Pair::<V>::LANES].iter_mut().for_each(|value| *value = value.ln());
            let logarithm = Pair::load(self.token, logarithms.as_ptr());
            for j in 0..last.outputs {
                let t = self.targets.load(j) * self.factor;
                self.deltas.store(last.neuron + j, z.load(j) * (self.factor / sum) - t);
            }
            t_sum.total() * logarithm - tz_sum.total()
        }
    }

    /// `δ_i = (Σ_j w_ji·δ_j)·f′(z_i)` of the layer before.
    ///
    /// # Safety
    /// As for [`step`](Self::step).
    #[inline(always)]
    unsafe fn hidden_deltas(&self, layer: &Layer, before: &Layer) {
        // SAFETY: as the caller grants.
        unsafe {
            for i in 0..layer.inputs {
                let mut sum = Pair::splat(self.token, V::Element::ZERO);
                for j in 0..layer.outputs {
                    let weight = self.parameters.load(layer.weights(j) + i);
                    sum = self.deltas.load(layer.neuron + j).mul_add(weight, sum);
                }
                let neuron = before.neuron + i;
                self.deltas.store(neuron, sum * self.slopes.load(neuron));
            }
        }
    }

    /// Makes the step of a layer's parameters: `∂E/∂w_ji = δ_j·a_i`,
    /// `∂E/∂b_j = δ_j`.
    ///
    /// # Safety
    /// As for [`step`](Self::step); `sources` are the layer's inputs.
    #[inline(always)]
    unsafe fn update(&self, layer: &Layer, sources: Numbers<Pair<V>>) {
        let rows = if layer.bias == Bias::Trained { 2 * layer.outputs } else { layer.outputs };
        // The weights into each neuron, then the biases, one a neuron.
        for row in 0..rows {
            let is_bias = row >= layer.outputs;
            let j = if is_bias { row - layer.outputs } else { row };
            let (parameter, count, sources, adjustment) = if is_bias {
                (layer.biases() + j, 1, self.one, &self.run.of_biases)
            } else {
                (layer.weights(j), layer.inputs, sources, &self.run.of_weights)
            };
            let weights = Weights::<Pair<V>> {
                values: self.parameters.from(parameter).start,
                first: self.first.from(parameter).start,
                second: self.second.from(parameter).start,
                stride: Pair::<V>::LANES,
                count,
            };
            // SAFETY: as the caller grants.
            unsafe {
                let delta = self.deltas.load(layer.neuron + j);
                let gradient = OfEach { sources, delta };
                let is_adjusted = self.is_adjusted[usize::from(is_bias)];
                weights.update(self.token, self.rule, adjustment, is_adjusted, gradient);
            }
        }
    }
}

/// The gradient of each network of a group on one sample: `δ_j·a_i` of one
/// neuron `j`.
#[derive(Clone, Copy)]
struct OfEach<P: Vector> {
    /// What leads into the neuron.
    sources: Numbers<P>,
    delta: P,
}

impl<P: Vector> Gradient<P> for OfEach<P> {
    #[inline(always)]
    unsafe fn at(self, token: P::Token, vector: usize) -> P {
        // SAFETY: the caller grants the vector.
        let source = unsafe { self.sources.load(vector) };
        // Added to zero, as the sum over more samples begins.
        source.mul_add(self.delta, P::splat(token, P::Element::ZERO))
    }
}

/// A sum over outputs in the order of a network alone: each lane of a vector
/// sums its own, then halves are added together again and again.
struct Sum<V: Vector> {
    zero: Pair<V>,
    /// Those of lanes that have an output.
    lanes: [MaybeUninit<Pair<V>>; 16],
    used: usize,
}

impl<V: Vector> Sum<V> {
    /// Begins a sum; outputs are then added in their order.
    #[inline(always)]
    fn new(token: V::Token) -> Self {
        let zero = Pair::splat(token, V::Element::ZERO);
        Sum { zero, lanes: [const { MaybeUninit::uninit() }; 16], used: 0 }
    }

    /// Returns the lane of the next output, and its sum so far.
    #[inline(always)]
    fn next(&mut self, output: usize) -> (&mut MaybeUninit<Pair<V>>, Pair<V>) {
        let lane = output % V::LANES;
        if lane == self.used {
            self.used += 1;
            return (&mut self.lanes[lane], self.zero);
        }
        // SAFETY: lanes below `used` were written.
        let sum = unsafe { self.lanes[..self.used][lane].assume_init() };
        (&mut self.lanes[lane], sum)
    }

    #[inline(always)]
    fn add(&mut self, output: usize, value: Pair<V>) {
        let (lane, sum) = self.next(output);
        lane.write(sum + value);
    }

    #[inline(always)]
    fn add_product(&mut self, output: usize, x: Pair<V>, y: Pair<V>) {
        let (lane, sum) = self.next(output);
        lane.write(x.mul_add(y, sum));
    }

    /// Lanes without an output would add 0.
    #[inline(always)]
    fn total(mut self) -> Pair<V> {
        let mut half = V::LANES / 2;
        while half > 0 {
            for lane in half..self.used.min(2 * half) {
                // SAFETY: lanes below `used` were written; `lane - half` is one.
                unsafe {
                    let sum =
                        self.lanes[lane - half].assume_init() + self.lanes[lane].assume_init();
                    self.lanes[lane - half].write(sum);
                }
            }
            half /= 2;
        }
        // SAFETY: lanes below `used` were written, and there is an output.
        unsafe { self.lanes[..self.used][0].assume_init() }
    }
}
