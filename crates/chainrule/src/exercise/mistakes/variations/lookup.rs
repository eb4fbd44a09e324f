//! What there is in a formula and in the network to take for something else.

use super::Rules;
use crate::exercise::expression::{Expression, Term};
use crate::quantity::{Neuron, Parameter, Pass, Quantity};

impl Rules<'_> {
    pub(super) fn used(&self, wanted: impl Fn(Quantity) -> bool) -> Vec<Quantity> {
        let mut all = self.expression.quantities();
        all.retain(|&quantity| wanted(quantity));
        all
    }

    pub(super) fn width(&self, layer: usize) -> usize {
        self.example.network.layers[layer].width()
    }

    /// Returns all that leads into a layer.
    pub(super) fn sources(&self, layer: usize, pass: Pass) -> Vec<Quantity> {
        let count = self.example.network.layers[layer].input_width();
        (0..count)
            .map(|index| match layer.checked_sub(1) {
                None => Quantity::Input(index),
                Some(layer) => Quantity::Activation(pass, Neuron { layer, index }),
            })
            .collect()
    }

    /// Returns the other weights of the layer, old or new as the one given.
    pub(super) fn weights_like(&self, quantity: Quantity) -> Vec<Quantity> {
        self.parameters_like(quantity, is_weight)
    }

    pub(super) fn biases_like(&self, quantity: Quantity) -> Vec<Quantity> {
        let network = &self.example.network;
        let all = network.parameters().map(|(parameter, _)| parameter).filter(|&one| is_bias(one));
        match quantity {
            Quantity::Updated(_) => {
                all.filter(|&one| network.is_trained(one)).map(Quantity::Updated).collect()
            }
            _ => all.map(Quantity::Parameter).collect(),
        }
    }

    pub(super) fn parameters_like(
        &self,
        quantity: Quantity,
        wanted: fn(Parameter) -> bool,
    ) -> Vec<Quantity> {
        let Some(like) = parameter_of(quantity) else { return Vec::new() };
        let all = self.example.network.parameters().map(|(parameter, _)| parameter);
        let all = all.filter(|one| one.layer() == like.layer() && wanted(*one));
        match quantity {
            Quantity::Updated(_) => all.map(Quantity::Updated).collect(),
            _ => all.map(Quantity::Parameter).collect(),
        }
    }
}

/// Returns the bias that a term consists of.
pub(super) fn bias_of(term: &Term) -> Option<Quantity> {
    match term.value {
        Expression::Quantity(quantity) if parameter_of(quantity).is_some_and(is_bias) => {
            Some(quantity)
        }
        _ => None,
    }
}

pub(super) fn is_source(quantity: Quantity, layer: usize) -> bool {
    match quantity {
        Quantity::Input(_) => layer == 0,
        Quantity::Activation(_, neuron) => neuron.layer + 1 == layer,
        _ => false,
    }
}

pub(super) fn parameter_of(quantity: Quantity) -> Option<Parameter> {
    match quantity {
        Quantity::Parameter(parameter) | Quantity::Updated(parameter) => Some(parameter),
        _ => None,
    }
}

pub(super) fn is_weight(parameter: Parameter) -> bool {
    matches!(parameter, Parameter::Weight { .. })
}

pub(super) fn is_bias(parameter: Parameter) -> bool {
    !is_weight(parameter)
}

/// The weight before the step where the one after it stands.
pub(super) fn old(quantity: Quantity) -> Option<Quantity> {
    match quantity {
        Quantity::Updated(parameter) => Some(Quantity::Parameter(parameter)),
        _ => None,
    }
}

/// The number of the first forward pass where that of the second stands.
pub(super) fn before(quantity: Quantity) -> Option<Quantity> {
    match quantity {
        Quantity::Activation(Pass::After, neuron) => {
            Some(Quantity::Activation(Pass::Before, neuron))
        }
        Quantity::PreActivation(Pass::After, neuron) => {
            Some(Quantity::PreActivation(Pass::Before, neuron))
        }
        _ => None,
    }
}

/// Makes a product of at least one factor.
pub(super) fn product(mut factors: Vec<Expression>) -> Expression {
    if factors.len() == 1 { factors.remove(0) } else { Expression::Product(factors) }
}
