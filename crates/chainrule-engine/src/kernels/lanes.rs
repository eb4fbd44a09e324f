//! Online steps of several networks side by side: a lane for each.
//!
//! One small network waits for itself: each number for the one before. Here
//! every operation is done for the networks of a *group* at once, a
//! [pair](super::pair) of vectors, and groups do not wait for each other. The
//! sums of a lane run in the order of a network alone (see
//! [`online`](super::online)), so that its bits are the same. Not for dropped
//! activations, nor for losses by the textbook's formulas.
//!
//! Numbers lie in the order of the network, each of them as many times as a
//! group has networks: parameter after parameter, neuron after neuron.

use chainrule::activation::Activation;

use self::numbers::Numbers;
use self::step::Group;
use super::Isa;
use super::online::{Run, STEPS};
use super::output::Ending;
use super::pair::Pair;
use super::update::{Adjustment, Rule};
use super::vector::Vector;
use crate::aligned::Aligned;
use crate::architecture::{Architecture, Bias};
use crate::real::Real;

mod numbers;
mod step;
mod sum;

/// Networks of one architecture, laid out in groups.
#[derive(Clone, Debug)]
pub(crate) struct Lanes<T> {
    layers: Vec<Layer>,
    /// The networks of a group.
    width: usize,
    /// Over how many lanes a network alone sums.
    sums_alone: usize,
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
    /// Makes room for networks, with an instruction set for them side by side
    /// and another for one alone, whose bits they are to have.
    pub(crate) fn new(
        architecture: &Architecture,
        [isa, alone]: [Isa; 2],
        networks: usize,
        [has_first, has_second]: [bool; 2],
    ) -> Lanes<T> {
        let (width, sums_alone) = (isa.panel_width::<T>(), alone.panel_width::<T>() / 2);
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
            sums_alone,
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
                sums_alone: lanes.sums_alone,
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
