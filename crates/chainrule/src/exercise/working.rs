//! What a sheet is held against: every line of a step as a formula, with its
//! exact value.
//!
//! The formulas are those that the algorithm wrote when it ran with worked
//! numbers; none is stated here a second time.

use std::collections::HashMap;

use super::expression::{Expression, Term};
use crate::example::Example;
use crate::explain::{Settings, Step};
use crate::network::Network;
use crate::quantity::Quantity;

/// A step, ready to be evaluated with other numbers.
#[derive(Clone, Debug)]
pub struct Working {
    lines: Vec<Line>,
    places: HashMap<Quantity, usize>,
    given: HashMap<Quantity, f64>,
}

/// One line of working.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it computes.
    pub quantity: Quantity,
    /// How.
    pub expression: Expression,
    /// Other ways that a person may take to the same number: a new weight by
    /// the gradient, which has a line of its own.
    pub alternatives: Vec<Expression>,
    /// The exact value.
    pub exact: f64,
}

impl Working {
    /// Works the first step of an example on its first sample.
    pub fn new(example: &Example) -> Working {
        Working::of_step(example, &example.network, 1, 0)
    }

    /// Works a step, counted from 1, of some state of the network on a sample
    /// given by its index.
    pub fn of_step(
        example: &Example,
        network: &Network<f64>,
        number: usize,
        sample: usize,
    ) -> Working {
        let step = Step::compute(example, &Settings::default(), network, number, sample);
        let page = step.page();
        let given = page
            .givens()
            .into_iter()
            .map(|id| page.entry(id))
            .map(|entry| (entry.quantity, entry.value))
            .collect();
        let mut lines: Vec<Line> = page
            .lines()
            .into_iter()
            .map(|id| {
                let entry = page.entry(id);
                let node = entry.expression().expect("lines are computed");
                Line {
                    quantity: entry.quantity,
                    expression: Expression::of(page, node),
                    alternatives: Vec::new(),
                    exact: entry.value,
                }
            })
            .collect();
        let places: HashMap<Quantity, usize> =
            lines.iter().enumerate().map(|(place, line)| (line.quantity, place)).collect();
        for place in 0..lines.len() {
            if let Quantity::Updated(parameter) = lines[place].quantity
                && let Some(&gradient) = places.get(&Quantity::Gradient(parameter))
            {
                let by = by_gradient(&lines[place].expression, &lines[gradient]);
                lines[place].alternatives.extend(by);
            }
        }
        Working { lines, places, given }
    }

    /// Returns the lines, in the order of the work.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the line of a quantity.
    pub fn line(&self, quantity: Quantity) -> Option<&Line> {
        self.places.get(&quantity).map(|&place| &self.lines[place])
    }

    /// Returns the place of a quantity's line in the order of the work.
    pub fn place(&self, quantity: Quantity) -> Option<usize> {
        self.places.get(&quantity).copied()
    }

    /// Returns the value of a given quantity.
    pub fn given(&self, quantity: Quantity) -> Option<f64> {
        self.given.get(&quantity).copied()
    }

    /// Returns the given quantities.
    pub fn givens(&self) -> impl Iterator<Item = Quantity> {
        let mut all: Vec<Quantity> = self.given.keys().copied().collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// Returns the exact value of a quantity, given or computed.
    pub fn exact(&self, quantity: Quantity) -> Option<f64> {
        self.line(quantity).map(|line| line.exact).or_else(|| self.given(quantity))
    }
}

/// Returns the new weight by the gradient, `w − η·∂E/∂w`: the product that the
/// gradient's own line computes is put in as that line's result.
fn by_gradient(updated: &Expression, gradient: &Line) -> Option<Expression> {
    let (is_negated, product) = match &gradient.expression {
        Expression::Sum(terms) if terms.len() == 1 => (terms[0].is_negative, &terms[0].value),
        other => (false, other),
    };
    let Expression::Sum(terms) = updated else { return None };
    let terms = terms
        .iter()
        .map(|term| {
            // η stands first; what is behind it is the product.
            let factors = term.value.factors();
            let (rate, rest) = factors.split_first()?;
            if factors.len() < 2 || rest != product.factors() {
                return Some(term.clone());
            }
            let line = Expression::Quantity(gradient.quantity);
            Some(Term {
                is_negative: term.is_negative != is_negated,
                value: Expression::Product(vec![rate.clone(), line]),
            })
        })
        .collect::<Option<Vec<Term>>>()?;
    let changed = Expression::Sum(terms);
    (changed != *updated).then_some(changed)
}
