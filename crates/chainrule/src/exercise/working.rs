//! What a sheet is held against: every line of a step as a formula, with its
//! exact value.
//!
//! The formulas are those that the algorithm wrote when it ran with worked
//! numbers; none is stated here a second time.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::expression::{Expression, Term};
use super::written::Written;
use crate::example::Example;
use crate::explain::{Settings, Step};
use crate::network::Network;
use crate::quantity::{Parameter, Quantity};
use crate::rounding::Rounding;

/// A step, ready to be evaluated with other numbers.
#[derive(Clone, Debug)]
pub struct Working {
    lines: Vec<Line>,
    places: HashMap<Quantity, usize>,
    given: HashMap<Quantity, f64>,
    /// The exact values in the other update order, where they differ.
    in_other_order: HashMap<Quantity, f64>,
    /// How frozen biases would be updated if they were trained.
    if_trained: OnceLock<HashMap<Parameter, Expression>>,
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
        let places = places(&lines);
        for place in 0..lines.len() {
            if let Quantity::Updated(parameter) = lines[place].quantity
                && let Some(&gradient) = places.get(&Quantity::Gradient(parameter))
            {
                let by = by_gradient(&lines[place].expression, &lines[gradient]);
                lines[place].alternatives.extend(by);
            }
        }
        Working {
            lines,
            places,
            given,
            in_other_order: HashMap::new(),
            if_trained: OnceLock::new(),
        }
    }

    /// Makes the lines those of a sheet. A sum of exponentials that is not
    /// written out is a part of the lines that it stands in, and a frozen bias
    /// that was answered has a line: it stays.
    pub(super) fn of_sheet(mut self, answers: &HashMap<Quantity, Written>) -> Working {
        let sums: Vec<(Quantity, Expression)> = self
            .lines
            .iter()
            .filter(|line| matches!(line.quantity, Quantity::ExponentialSum(..)))
            .filter(|line| !answers.contains_key(&line.quantity))
            .map(|line| (line.quantity, line.expression.clone()))
            .collect();
        if !sums.is_empty() {
            for line in &mut self.lines {
                line.expression = line.expression.replaced(&|quantity| {
                    sums.iter().find(|(sum, _)| *sum == quantity).map(|(_, sum)| sum.clone())
                });
            }
        }
        let mut frozen: Vec<(Quantity, Quantity, f64)> = answers
            .keys()
            .filter(|quantity| !self.places.contains_key(quantity))
            .filter_map(|&quantity| match quantity {
                Quantity::Updated(bias) => {
                    let old = Quantity::Parameter(bias);
                    Some((quantity, old, self.given(old)?))
                }
                _ => None,
            })
            .collect();
        frozen.sort_unstable_by_key(|&(quantity, ..)| quantity);
        let is_update = |line: &Line| matches!(line.quantity, Quantity::Updated(_));
        let behind = self.lines.iter().rposition(is_update).map_or(0, |place| place + 1);
        let lines = frozen.into_iter().map(|(quantity, old, exact)| Line {
            quantity,
            expression: Expression::Quantity(old),
            alternatives: Vec::new(),
            exact,
        });
        self.lines.splice(behind..behind, lines);
        self.places = places(&self.lines);
        self
    }

    /// Returns the formula of a frozen bias's new value, if it were trained: as
    /// the algorithm writes it for a network in which it is.
    pub(super) fn if_trained(&self, example: &Example, bias: Parameter) -> Option<&Expression> {
        let all = self.if_trained.get_or_init(|| {
            let mut example = example.clone();
            for layer in &mut example.network.layers {
                layer.biases_trained = true;
            }
            let lines = Working::new(&example).lines.into_iter();
            let new = lines.filter_map(|line| match line.quantity {
                Quantity::Updated(parameter) => Some((parameter, line.expression)),
                _ => None,
            });
            new.collect()
        });
        all.get(&bias)
    }

    /// Notes the values that the other update order leads to.
    pub(super) fn compare(&mut self, other: &Working) {
        let values = other.lines.iter().map(|line| (line.quantity, line.exact));
        self.in_other_order =
            values.filter(|&(quantity, value)| self.exact(quantity) != Some(value)).collect();
    }

    /// Returns the exact value of a quantity in the other update order, where
    /// it was compared and differs.
    pub(super) fn in_other_order(&self, quantity: Quantity) -> Option<f64> {
        self.in_other_order.get(&quantity).copied()
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

    /// Works all lines, rounded and carried on where `rounding` says so; the
    /// formula of one quantity may be another, such as one with a mistake.
    ///
    /// ```
    /// use chainrule::example::Example;
    /// use chainrule::exercise::mistakes::{Mistake, variations};
    /// use chainrule::exercise::working::Working;
    /// use chainrule::rounding::Rounding;
    ///
    /// let example = Example::builtin("first-example").expect("it is built in");
    /// let working = Working::new(&example);
    /// let delta = working.lines()[7].quantity;
    /// assert_eq!(example.names.id(delta), "delta_out");
    /// let all = variations(&example, &working, delta);
    /// let wrong = all.iter().find(|one| one.named.mistake == Mistake::DerivativeForgotten);
    /// let planted = wrong.map(|one| (delta, &one.expression));
    /// let sheet = working.values(Some(Rounding::Decimals(4)), planted);
    /// assert_eq!(sheet[7], (delta, -0.1903));
    /// ```
    pub fn values(
        &self,
        rounding: Option<Rounding>,
        planted: Option<(Quantity, &Expression)>,
    ) -> Vec<(Quantity, f64)> {
        let mut values: Vec<(Quantity, f64)> = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let expression = match planted {
                Some((quantity, changed)) if quantity == line.quantity => changed,
                _ => &line.expression,
            };
            values.push((line.quantity, self.work(expression, &values, rounding)));
        }
        values
    }

    /// Returns the value of a formula after the numbers worked so far. A mistake
    /// may take one whose line comes later: it is then worked first.
    fn work(
        &self,
        expression: &Expression,
        values: &[(Quantity, f64)],
        rounding: Option<Rounding>,
    ) -> f64 {
        let value = expression.point(&|quantity| match self.place(quantity) {
            None => self.given(quantity).unwrap_or(f64::NAN),
            Some(place) => match values.get(place) {
                Some(&(_, value)) => value,
                None => self.work(&self.lines[place].expression, values, rounding),
            },
        });
        rounding.map_or(value, |rounding| rounding.round(value))
    }

    /// Returns the exact value of a quantity, given or computed.
    pub fn exact(&self, quantity: Quantity) -> Option<f64> {
        self.line(quantity).map(|line| line.exact).or_else(|| self.given(quantity))
    }
}

fn places(lines: &[Line]) -> HashMap<Quantity, usize> {
    lines.iter().enumerate().map(|(place, line)| (line.quantity, place)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::builtin;
    use crate::explain::Explanation;

    #[test]
    fn the_formulas_give_what_the_algorithm_gives() {
        for builtin in builtin::ALL {
            let example = builtin.example();
            let working = Working::new(&example);
            for round_each in [false, true] {
                let settings = Settings { round_each, ..Settings::default() };
                let explanation =
                    Explanation::new(&example, settings).expect("one step can be explained");
                let rounding = round_each.then_some(example.shown);
                let step = explanation.steps().next().expect("there is a step");
                for (line, (quantity, value)) in step.lines().zip(working.values(rounding, None)) {
                    assert_eq!(line.quantity(), quantity, "{}", builtin.name);
                    let difference = (line.value() - value).abs();
                    assert!(difference <= 1e-15 * value.abs().max(1.0), "{}", builtin.name);
                }
            }
        }
    }
}
