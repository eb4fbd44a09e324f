//! Every way to get one line wrong, as changes of its formula.
//!
//! Each rule below looks at the formula and at the address of its quantity
//! only; what activation or loss the network has does not matter to it.

use super::{Mistake, Named, Variation};
use crate::activation::Activation;
use crate::example::Example;
use crate::exercise::expression::{Expression, Term};
use crate::exercise::working::Working;
use crate::quantity::{Neuron, Parameter, Pass, Quantity};
use crate::scalar::worked::{Function, Page};

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

    // The rules for each kind of line.

    fn pre_activation(&mut self, pass: Pass, neuron: Neuron) {
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

    fn activation(&mut self, pass: Pass, neuron: Neuron) {
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

    fn loss(&mut self, pass: Pass) {
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

    fn delta(&mut self, neuron: Neuron) {
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

    /// What can go wrong in `δ·a`, which is a gradient and part of an update.
    fn change(&mut self, parameter: Parameter) {
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

    fn updated(&mut self, parameter: Parameter) {
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

    // The mistakes that several kinds of lines share.

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

    /// Leaves out every factor of every product, save those that another rule
    /// is about.
    fn forgotten_factors(&mut self, skip: &dyn Fn(&Expression) -> bool) {
        let all = self.expression.changed_at_one_place(&|part| {
            let factors = part.factors();
            if factors.len() < 2 {
                return Vec::new();
            }
            (0..factors.len())
                .filter(|&place| !skip(&factors[place]))
                .map(|place| {
                    let mut rest = factors.to_vec();
                    (rest.remove(place), product(rest))
                })
                .collect()
        });
        for (left_out, expression) in all {
            let named = match left_out {
                Expression::Quantity(rate @ Quantity::LearningRate) => {
                    Named::without(Mistake::RateForgotten, rate)
                }
                Expression::Quantity(other) => Named::without(Mistake::FactorForgotten, other),
                Expression::Constant(_) => continue,
                _ => Named::plain(Mistake::FactorForgotten),
            };
            self.add(named, expression);
        }
    }

    /// Leaves out every term of a sum over neurons, and all terms but one.
    fn forgotten_terms(&mut self) {
        self.forgotten(Mistake::SumLeftOut, &|term| {
            term.value.has(&|quantity| {
                matches!(
                    quantity,
                    Quantity::Parameter(_) | Quantity::Updated(_) | Quantity::Delta(_)
                )
            })
        });
    }

    /// Leaves out deltas of the sum that changes a shared bias.
    fn forgotten_deltas(&mut self) {
        self.forgotten(Mistake::BiasNotShared, &|term: &Term| {
            matches!(term.value, Expression::Quantity(Quantity::Delta(_)))
        });
    }

    fn forgotten(&mut self, mistake: Mistake, is_term: &dyn Fn(&Term) -> bool) {
        let all = self.expression.changed_at_one_place(&|part| match part {
            Expression::Sum(terms) if terms.len() > 1 && terms.iter().all(is_term) => {
                let without = (0..terms.len()).map(|place| {
                    let mut rest = terms.clone();
                    (Some(rest.remove(place)), Expression::Sum(rest))
                });
                // All but one, with the bias or without it.
                let is_bias_of = |term: &Term| bias_of(term).is_some();
                let only = terms.iter().filter(|_| terms.len() > 2).flat_map(|term| {
                    let alone = vec![term.clone()];
                    let mut with_bias = alone.clone();
                    with_bias.extend(terms.iter().filter(|one| is_bias_of(one)).cloned());
                    let all = if is_bias_of(term) { vec![alone] } else { vec![alone, with_bias] };
                    all.into_iter().map(|kept| (None, Expression::Sum(kept)))
                });
                without.chain(only).collect()
            }
            _ => Vec::new(),
        });
        for (left_out, expression) in all {
            let bias = left_out.as_ref().and_then(bias_of);
            let named = match bias {
                Some(bias) => Named::without(Mistake::BiasForgotten, bias),
                None => Named::plain(mistake),
            };
            self.add(named, expression);
        }
    }

    fn signs_of_terms(&mut self) {
        if let Expression::Sum(terms) = self.expression {
            for place in 0..terms.len() {
                let mut turned = terms.clone();
                turned[place].is_negative = !turned[place].is_negative;
                self.add(Named::plain(Mistake::SignLost), Expression::Sum(turned));
            }
        }
    }

    fn factors_of_two(&mut self) {
        let (half, twice) = (self.expression.times(0.5), self.expression.times(2.0));
        self.add(Named::plain(Mistake::FactorHalf), half);
        self.add(Named::plain(Mistake::FactorTwo), twice);
    }

    /// Exchanges rows and columns, where a layer has all of them.
    fn swapped_indices(&mut self) {
        let layers = &self.example.network.layers;
        let is_square = |layer: usize| layers[layer].width() == layers[layer].input_width();
        let turned = |parameter| match parameter {
            Parameter::Weight { layer, to, from } if is_square(layer) => {
                Some(Parameter::Weight { layer, to: from, from: to })
            }
            _ => None,
        };
        self.exchange_all(Named::plain(Mistake::IndicesSwapped), &|quantity| match quantity {
            Quantity::Parameter(parameter) => turned(parameter).map(Quantity::Parameter),
            Quantity::Updated(parameter) => turned(parameter).map(Quantity::Updated),
            _ => None,
        });
    }

    /// Takes the delta of another neuron: of the same layer, or another.
    fn other_deltas(&mut self, layer: usize) {
        let is_delta = |quantity| matches!(quantity, Quantity::Delta(_));
        for delta in self.used(is_delta) {
            for (other, one) in self.example.network.layers.iter().enumerate() {
                let mistake =
                    if other == layer { Mistake::NeighbourDelta } else { Mistake::OtherLayerDelta };
                let all = (0..one.width())
                    .map(|index| Quantity::Delta(Neuron { layer: other, index }))
                    // A line cannot use itself.
                    .filter(|&quantity| quantity != self.quantity);
                let all: Vec<Quantity> = all.collect();
                self.exchange(mistake, delta, all);
            }
        }
    }

    /// Puts the updated value of a frozen bias where its own belongs.
    fn trained_bias(&mut self) {
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

    // What there is to take for something else.

    fn used(&self, wanted: impl Fn(Quantity) -> bool) -> Vec<Quantity> {
        let mut all = self.expression.quantities();
        all.retain(|&quantity| wanted(quantity));
        all
    }

    fn width(&self, layer: usize) -> usize {
        self.example.network.layers[layer].width()
    }

    /// Returns all that leads into a layer.
    fn sources(&self, layer: usize, pass: Pass) -> Vec<Quantity> {
        let count = self.example.network.layers[layer].input_width();
        (0..count)
            .map(|index| match layer.checked_sub(1) {
                None => Quantity::Input(index),
                Some(layer) => Quantity::Activation(pass, Neuron { layer, index }),
            })
            .collect()
    }

    /// Returns the other weights of the layer, old or new as the one given.
    fn weights_like(&self, quantity: Quantity) -> Vec<Quantity> {
        self.parameters_like(quantity, is_weight)
    }

    fn biases_like(&self, quantity: Quantity) -> Vec<Quantity> {
        let network = &self.example.network;
        let all = network.parameters().map(|(parameter, _)| parameter).filter(|&one| is_bias(one));
        match quantity {
            Quantity::Updated(_) => {
                all.filter(|&one| network.is_trained(one)).map(Quantity::Updated).collect()
            }
            _ => all.map(Quantity::Parameter).collect(),
        }
    }

    fn parameters_like(&self, quantity: Quantity, wanted: fn(Parameter) -> bool) -> Vec<Quantity> {
        let Some(like) = parameter_of(quantity) else { return Vec::new() };
        let all = self.example.network.parameters().map(|(parameter, _)| parameter);
        let all = all.filter(|one| one.layer() == like.layer() && wanted(*one));
        match quantity {
            Quantity::Updated(_) => all.map(Quantity::Updated).collect(),
            _ => all.map(Quantity::Parameter).collect(),
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

/// Returns the bias that a term consists of.
fn bias_of(term: &Term) -> Option<Quantity> {
    match term.value {
        Expression::Quantity(quantity) if parameter_of(quantity).is_some_and(is_bias) => {
            Some(quantity)
        }
        _ => None,
    }
}

fn is_source(quantity: Quantity, layer: usize) -> bool {
    match quantity {
        Quantity::Input(_) => layer == 0,
        Quantity::Activation(_, neuron) => neuron.layer + 1 == layer,
        _ => false,
    }
}

fn parameter_of(quantity: Quantity) -> Option<Parameter> {
    match quantity {
        Quantity::Parameter(parameter) | Quantity::Updated(parameter) => Some(parameter),
        _ => None,
    }
}

fn is_weight(parameter: Parameter) -> bool {
    matches!(parameter, Parameter::Weight { .. })
}

fn is_bias(parameter: Parameter) -> bool {
    !is_weight(parameter)
}

/// The weight before the step where the one after it stands.
fn old(quantity: Quantity) -> Option<Quantity> {
    match quantity {
        Quantity::Updated(parameter) => Some(Quantity::Parameter(parameter)),
        _ => None,
    }
}

/// The number of the first forward pass where that of the second stands.
fn before(quantity: Quantity) -> Option<Quantity> {
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
fn product(mut factors: Vec<Expression>) -> Expression {
    if factors.len() == 1 { factors.remove(0) } else { Expression::Product(factors) }
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
    let page = Page::new(None);
    let value = activation.value(page.given(z, 1.0));
    Expression::of(&page, value.node())
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
