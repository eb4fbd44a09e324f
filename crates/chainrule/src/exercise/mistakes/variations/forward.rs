//! What goes wrong in a forward pass: weighted sums, activations, the loss.

use super::lookup::{before, is_bias, is_source, is_weight, old, parameter_of};
use super::{Mistake, Named, Rules};
use crate::activation::Activation;
use crate::exercise::expression::Expression;
use crate::quantity::{Neuron, Pass, Quantity};
use crate::scalar::worked::{Draft, Function};

impl Rules<'_> {
    pub(super) fn pre_activation(&mut self, pass: Pass, neuron: Neuron) {
        let layer = neuron.layer;
        self.forgotten_terms();
        self.signs_of_terms();
        self.swapped_indices();
        self.forgotten_factors(&|_| false);
        let sources: Vec<Quantity> = self.used(|quantity| is_source(quantity, layer));
        for &source in &sources {
            let others = self.sources(layer, pass);
            self.exchange(Mistake::NeighbourActivation, source, others);
        }
        if layer > 0 {
            let z = |quantity| match quantity {
                Quantity::Activation(pass, of) => Some(Quantity::PreActivation(pass, of)),
                _ => None,
            };
            self.exchange_all(Named::plain(Mistake::PreActivationUsed), &z);
            let inputs = self.example.network.input_width();
            self.exchange_all(
                Named::plain(Mistake::InputForActivation),
                &|quantity| match quantity {
                    Quantity::Activation(_, of) if of.index < inputs => {
                        Some(Quantity::Input(of.index))
                    }
                    _ => None,
                },
            );
        }
        for weight in self.used(|quantity| parameter_of(quantity).is_some_and(is_weight)) {
            let others = self.weights_like(weight);
            self.exchange(Mistake::OtherWeight, weight, others);
        }
        for bias in self.used(|quantity| parameter_of(quantity).is_some_and(is_bias)) {
            let others = self.biases_like(bias);
            self.exchange(Mistake::NeighbourBias, bias, others);
        }
        if pass == Pass::After {
            self.exchange_all(Named::plain(Mistake::OldWeights), &old);
            self.exchange_all(Named::plain(Mistake::StaleActivation), &before);
            self.trained_bias();
        }
    }

    pub(super) fn activation(&mut self, pass: Pass, neuron: Neuron) {
        let z = Quantity::PreActivation(pass, neuron);
        self.add(Named::plain(Mistake::ActivationForgotten), Expression::Quantity(z));
        let exponent = self.expression.changed_at_one_place(&|part| match part {
            Expression::Apply(function @ (Function::Exp | Function::ExpMinusOne), x) => {
                let x = Box::new(without_sign(x));
                vec![((), Expression::Apply(*function, x))]
            }
            _ => Vec::new(),
        });
        for ((), expression) in exponent {
            self.add(Named::plain(Mistake::ExponentSign), expression);
        }
        let own = self.example.network.layers[neuron.layer].activation;
        for other in [Activation::Sigmoid, Activation::Tanh, Activation::Relu] {
            if other != own {
                let expression = function_of(other, z);
                self.add(Named::plain(Mistake::OtherActivationFunction), expression);
            }
        }
        let others = (0..self.width(neuron.layer))
            .map(|index| Quantity::PreActivation(pass, Neuron { layer: neuron.layer, index }));
        self.exchange(Mistake::NeighbourActivation, z, others);
        if pass == Pass::After {
            self.exchange_all(Named::plain(Mistake::StaleActivation), &before);
        }
    }

    pub(super) fn loss(&mut self, pass: Pass) {
        // What an output adds holds its target or its output, and is neither
        // alone: not the two of `t − a`.
        self.forgotten(Mistake::SumLeftOut, &|term| {
            !matches!(term.value, Expression::Quantity(_))
                && term.value.has(&|quantity| {
                    matches!(quantity, Quantity::Target(_) | Quantity::Activation(..))
                })
        });
        self.factors_of_two();
        let squares = self.expression.replaced_squares();
        self.add(Named::plain(Mistake::SquareForgotten), squares);
        let z = |quantity| match quantity {
            Quantity::Activation(pass, of) => Some(Quantity::PreActivation(pass, of)),
            _ => None,
        };
        self.exchange_all(Named::plain(Mistake::PreActivationUsed), &z);
        if pass == Pass::After {
            self.exchange_all(Named::plain(Mistake::StaleActivation), &before);
        }
        let negated = self.expression.negated();
        self.add(Named::plain(Mistake::SignLost), negated);
    }
}

/// Returns the formula with the sign in front taken away, or put there.
fn without_sign(expression: &Expression) -> Expression {
    match expression {
        Expression::Sum(terms) if terms.len() == 1 && terms[0].is_negative => {
            terms[0].value.clone()
        }
        other => other.negated(),
    }
}

/// Returns the formula of an activation function of `z`.
fn function_of(activation: Activation, z: Quantity) -> Expression {
    let draft = Draft::new(None);
    let node = activation.value(draft.given(z, 1.0)).node();
    Expression::of(&draft.page(), node)
}

impl Expression {
    /// Returns the formula with every square taken away.
    fn replaced_squares(&self) -> Expression {
        let mut whole = self.clone();
        loop {
            let found = whole.changed_at_one_place(&|part| match part {
                Expression::Apply(Function::Square, x) => vec![((), (**x).clone())],
                _ => Vec::new(),
            });
            match found.into_iter().next() {
                Some(((), changed)) => whole = changed,
                None => return whole,
            }
        }
    }
}
