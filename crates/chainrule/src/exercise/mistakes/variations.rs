//! Every way to get one line wrong, as changes of its formula.
//!
//! Each rule below looks at the formula and at the address of its quantity
//! only; what activation or loss the network has does not matter to it.

use super::{Mistake, Named, Variation};
use crate::example::Example;
use crate::exercise::expression::Expression;
use crate::exercise::working::Working;
use crate::quantity::Quantity;

mod backward;
mod common;
mod forward;
mod lookup;
mod update;

/// Returns the formula of a line with every usual mistake, one at a time.
pub fn variations(example: &Example, working: &Working, quantity: Quantity) -> Vec<Variation> {
    match working.line(quantity) {
        Some(line) => of_formula(example, working, quantity, &line.expression),
        None => Vec::new(),
    }
}

/// Returns a formula of a line, which may hold a mistake already, with every
/// usual mistake.
pub(in crate::exercise) fn of_formula(
    example: &Example,
    working: &Working,
    quantity: Quantity,
    expression: &Expression,
) -> Vec<Variation> {
    let rules = Rules { example, working, quantity, expression, found: Vec::new() };
    rules.apply()
}

/// The formula that is varied, and what was found so far.
struct Rules<'a> {
    example: &'a Example,
    working: &'a Working,
    quantity: Quantity,
    expression: &'a Expression,
    found: Vec<Variation>,
}

impl Rules<'_> {
    fn apply(mut self) -> Vec<Variation> {
        match self.quantity {
            Quantity::PreActivation(pass, neuron) => self.pre_activation(pass, neuron),
            Quantity::Activation(pass, neuron) => self.activation(pass, neuron),
            Quantity::Loss(pass) => self.loss(pass),
            Quantity::Delta(neuron) => self.delta(neuron),
            Quantity::Gradient(parameter) => {
                self.change(parameter);
                let negated = self.expression.negated();
                self.add(Named::plain(Mistake::SignLost), negated);
                self.forgotten_factors(&|_| false);
            }
            Quantity::Updated(parameter) => self.updated(parameter),
            Quantity::ExponentialSum(..) => self.forgotten(Mistake::SumLeftOut, &|term| {
                term.value.has(&|quantity| matches!(quantity, Quantity::PreActivation(..)))
            }),
            Quantity::Input(_)
            | Quantity::Target(_)
            | Quantity::LearningRate
            | Quantity::Answer(_)
            | Quantity::ActivationGradient(_)
            | Quantity::Parameter(_) => {}
        }
        self.found
    }

    fn add(&mut self, named: Named, expression: Expression) {
        if expression != *self.expression
            && !self
                .found
                .iter()
                .any(|known| known.named.mistake == named.mistake && known.expression == expression)
        {
            self.found.push(Variation { named, expression });
        }
    }

    /// Exchanges one quantity for each of some others.
    fn exchange(
        &mut self,
        mistake: Mistake,
        from: Quantity,
        to: impl IntoIterator<Item = Quantity>,
    ) {
        for to in to {
            if to != from {
                let expression = self.expression.exchanged(from, to);
                self.add(Named::exchange(mistake, to, from), expression);
            }
        }
    }

    /// Exchanges quantities all at once; `None` leaves one as it is.
    fn exchange_all(&mut self, named: Named, to: &dyn Fn(Quantity) -> Option<Quantity>) {
        let expression =
            self.expression.replaced(&|quantity| to(quantity).map(Expression::Quantity));
        self.add(named, expression);
    }
}
