//! One step of a group of networks: forward, loss, backward and update.

use super::Layer;
use super::numbers::Numbers;
use super::sum::Sum;
use crate::architecture::Bias;
use crate::kernels::activate::value_and_slope;
use crate::kernels::math::exp;
use crate::kernels::online::Run;
use crate::kernels::output::{Ending, Term};
use crate::kernels::pair::Pair;
use crate::kernels::update::{Gradient, Rule, Weights};
use crate::kernels::vector::Vector;
use crate::real::Real;

/// What a step of a group of networks needs.
pub(super) struct Group<'a, V: Vector> {
    pub(super) token: V::Token,
    pub(super) layers: &'a [Layer],
    pub(super) sums_alone: usize,
    pub(super) ending: Ending,
    pub(super) factor: Pair<V>,
    pub(super) rule: Rule,
    pub(super) run: &'a Run<'a, V::Element>,
    /// Whether weights, whether biases have an adjustment.
    pub(super) is_adjusted: [bool; 2],
    pub(super) parameters: Numbers<Pair<V>>,
    pub(super) first: Numbers<Pair<V>>,
    pub(super) second: Numbers<Pair<V>>,
    pub(super) inputs: Numbers<Pair<V>>,
    pub(super) targets: Numbers<Pair<V>>,
    pub(super) one: Numbers<Pair<V>>,
    pub(super) activations: Numbers<Pair<V>>,
    pub(super) slopes: Numbers<Pair<V>>,
    pub(super) deltas: Numbers<Pair<V>>,
    pub(super) loss: Numbers<Pair<V>>,
}

impl<V: Vector> Group<'_, V> {
    /// Makes the step.
    ///
    /// # Safety
    /// All buffers must have what the layers and the rule need.
    #[inline(always)]
    pub(super) unsafe fn step(&self) {
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
        let mut sum = Sum::<V>::new(self.token, self.sums_alone);
        // SAFETY: as the caller grants.
        unsafe {
            for j in 0..last.outputs {
                let neuron = last.neuron + j;
                let (value, slope) =
                    term.value_and_slope(self.activations.load(neuron), self.targets.load(j));
                let is_of_activation = term.is_of_activation();
                let slope = if is_of_activation { slope * self.slopes.load(neuron) } else { slope };
                sum.add(j, value);
                self.deltas.store(neuron, slope.flushed_product(self.factor));
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
        let [mut t_sum, mut tz_sum, mut sum] =
            std::array::from_fn(|_| Sum::<V>::new(self.token, self.sums_alone));
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
                let a = z.load(j).flushed_product(self.factor / sum);
                self.deltas.store(last.neuron + j, a - t);
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
                self.deltas.store(neuron, sum.flushed_product(self.slopes.load(neuron)));
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
