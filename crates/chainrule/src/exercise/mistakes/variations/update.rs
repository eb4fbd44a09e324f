//! What goes wrong in a gradient and in a new weight or bias.

use super::lookup::{is_bias, parameter_of};
use super::{Mistake, Named, Rules};
use crate::exercise::expression::{Expression, Term};
use crate::quantity::{Neuron, Parameter, Pass, Quantity};

impl Rules<'_> {
    /// What can go wrong in `δ·a`, which is a gradient and part of an update.
    pub(super) fn change(&mut self, parameter: Parameter) {
        let layer = parameter.layer();
        self.other_deltas(layer);
        match parameter {
            Parameter::Weight { to, from, .. } => {
                let source = if layer == 0 {
                    Quantity::Input(from)
                } else {
                    Quantity::Activation(Pass::Before, Neuron { layer: layer - 1, index: from })
                };
                if layer > 0 {
                    let inputs = (0..self.example.network.input_width()).map(Quantity::Input);
                    self.exchange(Mistake::InputForActivation, source, inputs);
                    let of = Neuron { layer: layer - 1, index: from };
                    let z = Quantity::PreActivation(Pass::Before, of);
                    self.exchange(Mistake::PreActivationUsed, source, [z]);
                }
                let others = self.sources(layer, Pass::Before);
                self.exchange(Mistake::NeighbourActivation, source, others);
                let own = Quantity::Activation(Pass::Before, Neuron { layer, index: to });
                self.exchange(Mistake::OwnActivation, source, [own]);
            }
            Parameter::Bias(Neuron { layer, index }) => {
                let delta = Quantity::Delta(Neuron { layer, index });
                let all = (0..self.width(layer))
                    .map(|index| Quantity::Delta(Neuron { layer, index }))
                    .map(|quantity| Term {
                        is_negative: false,
                        value: Expression::Quantity(quantity),
                    });
                let sum = Expression::Sum(all.collect());
                let expression =
                    self.expression.replaced(&|quantity| (quantity == delta).then(|| sum.clone()));
                if self.width(layer) > 1 {
                    self.add(Named::plain(Mistake::BiasShared), expression);
                }
            }
            Parameter::SharedBias(_) => self.forgotten_deltas(),
        }
    }

    pub(super) fn updated(&mut self, parameter: Parameter) {
        if !self.example.network.is_trained(parameter) {
            self.trained_bias();
        }
        self.change(parameter);
        let start = Quantity::Parameter(parameter);
        let others: Vec<Quantity> = self
            .example
            .network
            .parameters()
            .map(|(other, _)| Quantity::Parameter(other))
            .collect();
        self.exchange(Mistake::StartWeight, start, others);
        if let Expression::Sum(terms) = self.expression {
            for (place, term) in terms.iter().enumerate() {
                let is_start = term.value == Expression::Quantity(start);
                let mut turned = terms.clone();
                turned[place].is_negative = !term.is_negative;
                let mut rest = terms.clone();
                rest.remove(place);
                let (sign, without) = match (is_start, is_bias(parameter)) {
                    (true, _) => (Mistake::SignLost, Mistake::OnlyTheChange),
                    (false, true) => (Mistake::UpdateSign, Mistake::BiasNotTrained),
                    (false, false) => (Mistake::UpdateSign, Mistake::NotUpdated),
                };
                self.add(Named::plain(sign), Expression::Sum(turned));
                if !rest.is_empty() {
                    self.add(Named::plain(without), Expression::Sum(rest));
                }
            }
        }
        self.forgotten_factors(&|_| false);
    }

    /// Puts the updated value of a frozen bias where its own belongs.
    pub(super) fn trained_bias(&mut self) {
        for bias in self.used(|quantity| parameter_of(quantity).is_some_and(is_bias)) {
            let Quantity::Parameter(parameter) = bias else { continue };
            let deltas = match parameter {
                Parameter::Bias(neuron) => vec![neuron],
                Parameter::SharedBias(layer) => {
                    (0..self.width(layer)).map(|index| Neuron { layer, index }).collect()
                }
                Parameter::Weight { .. } => continue,
            };
            let Some(updated) = self.working.if_trained(self.example, parameter) else {
                continue;
            };
            let expression =
                self.expression.replaced(&|quantity| (quantity == bias).then(|| updated.clone()));
            self.add(Named::plain(Mistake::BiasTrained), expression);
            if deltas.len() > 1 {
                for neuron in deltas {
                    let own = updated.only_delta(neuron);
                    let expression = self
                        .expression
                        .replaced(&|quantity| (quantity == bias).then(|| own.clone()));
                    self.add(Named::plain(Mistake::BiasTrained), expression);
                }
            }
        }
    }
}

impl Expression {
    /// Returns the formula with the delta of one neuron in place of a sum of
    /// deltas.
    fn only_delta(&self, neuron: Neuron) -> Expression {
        let is_sum = |part: &Expression| {
            matches!(part, Expression::Sum(terms) if terms.len() > 1
                && terms.iter().all(|term| matches!(
                    term.value, Expression::Quantity(Quantity::Delta(_)))))
        };
        let changed = self.changed_at_one_place(&|part| {
            if is_sum(part) {
                vec![((), Expression::Quantity(Quantity::Delta(neuron)))]
            } else {
                Vec::new()
            }
        });
        changed.into_iter().next().map_or_else(|| self.clone(), |((), changed)| changed)
    }
}
