//! What goes wrong in a delta.

use super::lookup::{is_weight, old, parameter_of, product};
use super::{Mistake, Named, Rules};
use crate::exercise::expression::Expression;
use crate::quantity::{Neuron, Pass, Quantity};
use crate::scalar::worked::Function;

impl Rules<'_> {
    pub(super) fn delta(&mut self, neuron: Neuron) {
        let layer = neuron.layer;
        let is_output = layer + 1 == self.example.network.layers.len();
        self.derivative(neuron);
        let negated = self.expression.negated();
        let sign = if is_output { Mistake::TargetSign } else { Mistake::SignLost };
        self.add(Named::plain(sign), negated);
        let z = Quantity::PreActivation(Pass::Before, neuron);
        let a = Quantity::Activation(Pass::Before, neuron);
        self.exchange(Mistake::PreActivationUsed, a, [z]);
        if is_output {
            self.factors_of_two();
            let outputs = self.width(layer);
            let target = Quantity::Target(neuron.index);
            self.exchange(Mistake::NeighbourTarget, target, (0..outputs).map(Quantity::Target));
        } else {
            self.forgotten_terms();
            self.swapped_indices();
            self.exchange_all(Named::plain(Mistake::UpdatedWeights), &|quantity| match quantity {
                Quantity::Parameter(weight) => Some(Quantity::Updated(weight)),
                _ => None,
            });
            self.exchange_all(Named::plain(Mistake::OldWeights), &old);
            for weight in self.used(|quantity| parameter_of(quantity).is_some_and(is_weight)) {
                let others = self.weights_like(weight);
                self.exchange(Mistake::OtherWeight, weight, others);
            }
            self.other_deltas(layer + 1);
        }
        let others = (0..self.width(layer))
            .map(|index| Quantity::Activation(Pass::Before, Neuron { layer, index }));
        self.exchange(Mistake::NeighbourActivation, a, others);
        let own = |factor: &Expression| is_derivative(factor, neuron);
        self.forgotten_factors(&own);
    }

    /// Leaves out the derivative of a delta, or a part of it, or takes it at
    /// the wrong place.
    fn derivative(&mut self, neuron: Neuron) {
        let is_own = |factor: &Expression| is_derivative(factor, neuron);
        let factors = self.expression.factors();
        let (derivative, rest): (Vec<_>, Vec<_>) =
            factors.iter().cloned().partition(|factor| is_own(factor));
        if derivative.is_empty() || rest.is_empty() {
            return;
        }
        self.add(Named::plain(Mistake::DerivativeForgotten), product(rest.clone()));
        let z = Quantity::PreActivation(Pass::Before, neuron);
        let a = Quantity::Activation(Pass::Before, neuron);
        for (from, to) in [(a, z), (z, a)] {
            let moved = derivative.iter().map(|factor| factor.exchanged(from, to));
            let expression = product(rest.iter().cloned().chain(moved).collect());
            self.add(Named::plain(Mistake::DerivativeAtZ), expression);
        }
        if derivative.len() > 1 {
            for left_out in 0..derivative.len() {
                let mut kept = derivative.clone();
                kept.remove(left_out);
                let expression = product(rest.iter().cloned().chain(kept).collect());
                self.add(Named::plain(Mistake::DerivativeIncomplete), expression);
            }
        }
        // 1 − a, 1 − a²: without the 1, or without the square.
        let whole = product(derivative);
        let parts = whole.changed_at_one_place(&|part| match part {
            Expression::Sum(terms) if terms.len() > 1 => (0..terms.len())
                .map(|left_out| {
                    let mut kept = terms.clone();
                    kept.remove(left_out);
                    ((), Expression::Sum(kept))
                })
                .collect(),
            Expression::Apply(Function::Square, x) => vec![((), (**x).clone())],
            _ => Vec::new(),
        });
        for ((), changed) in parts {
            let expression = product(rest.iter().cloned().chain([changed]).collect());
            self.add(Named::plain(Mistake::DerivativeIncomplete), expression);
        }
    }
}

/// Tells whether a factor of a delta belongs to the derivative of its neuron.
fn is_derivative(factor: &Expression, neuron: Neuron) -> bool {
    let z = Quantity::PreActivation(Pass::Before, neuron);
    let a = Quantity::Activation(Pass::Before, neuron);
    let quantities = factor.quantities();
    !quantities.is_empty() && quantities.iter().all(|&quantity| quantity == z || quantity == a)
}
