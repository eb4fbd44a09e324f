//! A line's formula as a tree that can be changed and evaluated again.
//!
//! The trees come from the algorithm: [`Expression::of`] reads one off the page
//! that a run with worked numbers wrote. A chain of additions is one
//! [`Sum`](Expression::Sum) and a chain of multiplications one
//! [`Product`](Expression::Product), so that a term or a factor can be left out.
//! A mistake is a changed tree; evaluated with a person's own earlier numbers
//! it gives the number that the mistake leads to.

use crate::quantity::Quantity;
use crate::scalar::Scalar;
use crate::scalar::interval::Interval;
use crate::scalar::worked::{Function, Node, NodeId, Page};

/// A formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// The value of a quantity.
    Quantity(Quantity),
    /// A number of the formula itself.
    Constant(f64),
    /// Terms to add or subtract, at least one.
    Sum(Vec<Term>),
    /// Factors, at least one.
    Product(Vec<Expression>),
    /// `x / y`
    Quotient(Box<Expression>, Box<Expression>),
    /// `f(x)`
    Apply(Function, Box<Expression>),
    /// A choice by the sign of a number.
    Case {
        /// The number whose sign decides.
        condition: Box<Expression>,
        /// What is chosen above zero.
        positive: Box<Expression>,
        /// What is chosen at zero and below.
        otherwise: Box<Expression>,
    },
}

/// A term of a sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Whether it is subtracted.
    pub is_negative: bool,
    /// What is added or subtracted.
    pub value: Expression,
}

impl Expression {
    /// Reads the formula at a node of a page.
    pub fn of(page: &Page, node: NodeId) -> Expression {
        let boxed = |node| Box::new(Expression::of(page, node));
        match page.node(node) {
            Node::Named(entry) => Expression::Quantity(page.entry(entry).quantity),
            Node::Constant(value) => Expression::Constant(value),
            Node::Negate(_) | Node::Add(..) | Node::Subtract(..) => sum(page, node),
            Node::Multiply(x, y) => {
                let mut factors = Vec::new();
                for part in [x, y] {
                    match Expression::of(page, part) {
                        Expression::Product(inner) => factors.extend(inner),
                        other => factors.push(other),
                    }
                }
                Expression::Product(factors)
            }
            Node::Divide(x, y) => Expression::Quotient(boxed(x), boxed(y)),
            Node::Apply(function, x) => Expression::Apply(function, boxed(x)),
            Node::Case { condition, is_positive, chosen, other } => {
                let (positive, otherwise) =
                    if is_positive { (chosen, other) } else { (other, chosen) };
                Expression::Case {
                    condition: boxed(condition),
                    positive: boxed(positive),
                    otherwise: boxed(otherwise),
                }
            }
        }
    }

    /// Evaluates the formula; `value` gives the quantities, `some` is any
    /// number of the kind wanted.
    pub fn evaluate<S: Scalar>(&self, some: S, value: &dyn Fn(Quantity) -> S) -> S {
        match self {
            Expression::Quantity(quantity) => value(*quantity),
            Expression::Constant(constant) => some.constant(*constant),
            Expression::Sum(terms) => {
                let mut sum: Option<S> = None;
                for term in terms {
                    let x = term.value.evaluate(some, value);
                    sum = Some(match (sum, term.is_negative) {
                        (None, false) => x,
                        (None, true) => -x,
                        (Some(sum), false) => sum + x,
                        (Some(sum), true) => sum - x,
                    });
                }
                sum.unwrap_or_else(|| some.constant(0.0))
            }
            Expression::Product(factors) => {
                let mut factors = factors.iter().map(|factor| factor.evaluate(some, value));
                let first = factors.next().unwrap_or_else(|| some.constant(1.0));
                factors.fold(first, |product, factor| product * factor)
            }
            Expression::Quotient(x, y) => x.evaluate(some, value) / y.evaluate(some, value),
            Expression::Apply(function, x) => apply(*function, x.evaluate(some, value)),
            Expression::Case { condition, positive, otherwise } => {
                condition.evaluate(some, value).when_positive(
                    || positive.evaluate(some, value),
                    || otherwise.evaluate(some, value),
                )
            }
        }
    }

    /// Tells whether one of some functions is applied in the formula.
    pub fn applies(&self, is_wanted: &dyn Fn(Function) -> bool) -> bool {
        match self {
            Expression::Quantity(_) | Expression::Constant(_) => false,
            Expression::Sum(terms) => terms.iter().any(|term| term.value.applies(is_wanted)),
            Expression::Product(factors) => factors.iter().any(|factor| factor.applies(is_wanted)),
            Expression::Quotient(x, y) => x.applies(is_wanted) || y.applies(is_wanted),
            Expression::Apply(function, x) => is_wanted(*function) || x.applies(is_wanted),
            Expression::Case { condition, positive, otherwise } => {
                [condition, positive, otherwise].iter().any(|part| part.applies(is_wanted))
            }
        }
    }

    /// Evaluates the formula with plain numbers.
    pub fn point(&self, value: &dyn Fn(Quantity) -> f64) -> f64 {
        self.evaluate(0.0, value)
    }

    /// Returns bounds of the formula for quantities within bounds.
    ///
    /// Interval arithmetic takes a quantity that stands twice for two
    /// independent ones, and `a·(1 − a)` for wider than it is. Quantities that
    /// stand more than once are therefore cut into pieces.
    pub fn bounds(&self, value: &dyn Fn(Quantity) -> Interval) -> Interval {
        let mut counts: Vec<(Quantity, usize)> = Vec::new();
        self.for_each_quantity(&mut |quantity| match counts
            .iter_mut()
            .find(|(known, _)| *known == quantity)
        {
            Some((_, count)) => *count += 1,
            None => counts.push((quantity, 1)),
        });
        let wide: Vec<(Quantity, Interval)> = counts
            .into_iter()
            .filter(|&(_, count)| count > 1)
            .map(|(quantity, _)| (quantity, value(quantity)))
            .filter(|(_, x)| x.high() > x.low() && x.low().is_finite() && x.high().is_finite())
            .collect();
        let pieces = match wide.len() {
            1 => 16,
            2 => 6,
            3 => 3,
            _ => 1,
        };
        self.in_pieces(&wide, pieces, value)
    }

    fn in_pieces(
        &self,
        wide: &[(Quantity, Interval)],
        pieces: u32,
        value: &dyn Fn(Quantity) -> Interval,
    ) -> Interval {
        let Some((&(quantity, whole), rest)) = wide.split_first() else {
            return self.evaluate(Interval::exact(0.0, None), value);
        };
        let edge = |place: u32| {
            let share = f64::from(place) / f64::from(pieces);
            if place == pieces {
                whole.high()
            } else {
                whole.low() + (whole.high() - whole.low()) * share
            }
        };
        let mut all: Option<Interval> = None;
        for place in 0..pieces {
            let piece = Interval::new(edge(place), edge(place + 1).max(edge(place)));
            let with_piece = |wanted| if wanted == quantity { piece } else { value(wanted) };
            let part = self.in_pieces(rest, pieces, &with_piece);
            all = Some(all.map_or(part, |all| all.hull(part)));
        }
        all.expect("there is at least one piece")
    }

    /// Calls a function with every quantity in the formula, as often as it
    /// stands there.
    pub fn for_each_quantity(&self, found: &mut dyn FnMut(Quantity)) {
        if let Expression::Quantity(quantity) = self {
            found(*quantity);
        }
        for part in self.parts() {
            part.for_each_quantity(found);
        }
    }

    /// Returns the quantities in the formula, each once, in the order they
    /// stand in it.
    pub fn quantities(&self) -> Vec<Quantity> {
        let mut all = Vec::new();
        self.for_each_quantity(&mut |quantity| {
            if !all.contains(&quantity) {
                all.push(quantity);
            }
        });
        all
    }

    /// Tells whether a quantity of some kind is in the formula.
    pub fn has(&self, wanted: &dyn Fn(Quantity) -> bool) -> bool {
        let mut found = false;
        self.for_each_quantity(&mut |quantity| found |= wanted(quantity));
        found
    }

    /// Returns the formula with quantities replaced, wherever they stand.
    #[must_use]
    pub fn replaced(&self, by: &dyn Fn(Quantity) -> Option<Expression>) -> Expression {
        if let Expression::Quantity(quantity) = self {
            return by(*quantity).unwrap_or_else(|| self.clone());
        }
        self.with_parts(|part| part.replaced(by))
    }

    /// Returns the formula with one quantity exchanged for another, wherever
    /// it stands.
    #[must_use]
    pub fn exchanged(&self, from: Quantity, to: Quantity) -> Expression {
        self.replaced(&|quantity| (quantity == from).then_some(Expression::Quantity(to)))
    }

    /// Returns the formula with the sign turned around.
    #[must_use]
    pub fn negated(&self) -> Expression {
        Expression::Sum(vec![Term { is_negative: true, value: self.clone() }])
    }

    /// Returns the formula times a number.
    #[must_use]
    pub fn times(&self, factor: f64) -> Expression {
        Expression::Product(vec![Expression::Constant(factor), self.clone()])
    }

    /// Returns every formula that comes about when `change` is applied at one
    /// place; it gets each part, and returns what may stand there instead.
    pub fn changed_at_one_place<T>(
        &self,
        change: &dyn Fn(&Expression) -> Vec<(T, Expression)>,
    ) -> Vec<(T, Expression)> {
        let mut all = change(self);
        for (place, part) in self.parts().iter().enumerate() {
            for (what, changed) in part.changed_at_one_place(change) {
                let mut changed = Some(changed);
                let mut at = 0;
                let whole = self.with_parts(|part| {
                    at += 1;
                    if at == place + 1 {
                        changed.take().unwrap_or_else(|| part.clone())
                    } else {
                        part.clone()
                    }
                });
                all.push((what, whole));
            }
        }
        all
    }

    /// Returns the factors of a product; anything else is its only factor.
    pub fn factors(&self) -> &[Expression] {
        match self {
            Expression::Product(factors) => factors,
            other => std::slice::from_ref(other),
        }
    }

    fn parts(&self) -> Vec<&Expression> {
        match self {
            Expression::Quantity(_) | Expression::Constant(_) => Vec::new(),
            Expression::Sum(terms) => terms.iter().map(|term| &term.value).collect(),
            Expression::Product(factors) => factors.iter().collect(),
            Expression::Quotient(x, y) => vec![x, y],
            Expression::Apply(_, x) => vec![x],
            Expression::Case { condition, positive, otherwise } => {
                vec![condition, positive, otherwise]
            }
        }
    }

    /// Makes the same formula with other parts, in the order of `parts`.
    fn with_parts(&self, mut part: impl FnMut(&Expression) -> Expression) -> Expression {
        let mut boxed = |x: &Expression| Box::new(part(x));
        match self {
            Expression::Quantity(_) | Expression::Constant(_) => self.clone(),
            Expression::Sum(terms) => Expression::Sum(
                terms
                    .iter()
                    .map(|term| Term { is_negative: term.is_negative, value: part(&term.value) })
                    .collect(),
            ),
            Expression::Product(factors) => Expression::Product(factors.iter().map(part).collect()),
            Expression::Quotient(x, y) => Expression::Quotient(boxed(x), boxed(y)),
            Expression::Apply(function, x) => Expression::Apply(*function, boxed(x)),
            Expression::Case { condition, positive, otherwise } => Expression::Case {
                condition: boxed(condition),
                positive: boxed(positive),
                otherwise: boxed(otherwise),
            },
        }
    }
}

/// Reads a chain of additions, subtractions and a leading minus sign; it goes
/// down the left side only, where sums are as long as a layer is wide.
fn sum(page: &Page, node: NodeId) -> Expression {
    let mut terms = Vec::new();
    let mut first = node;
    loop {
        let (rest, is_negative, last) = match page.node(first) {
            Node::Add(x, y) => (Some(x), false, y),
            Node::Subtract(x, y) => (Some(x), true, y),
            Node::Negate(x) => (None, true, x),
            _ => (None, false, first),
        };
        terms.push(Term { is_negative, value: Expression::of(page, last) });
        match rest {
            Some(rest) => first = rest,
            None => break,
        }
    }
    terms.reverse();
    Expression::Sum(terms)
}

fn apply<S: Scalar>(function: Function, x: S) -> S {
    match function {
        Function::Square => x.squared(),
        Function::Exp => x.exp(),
        Function::ExpMinusOne => x.exp_minus_one(),
        Function::Ln => x.ln(),
        Function::Tanh => x.tanh(),
        Function::Softplus => x.softplus(),
        Function::NormalCdf => x.normal_cdf(),
        Function::NormalDensity => x.normal_density(),
    }
}
