//! The formulas of an exercise, without its numbers: they are the same for
//! every sheet, so that numbers can be tried by the thousand.

use std::collections::HashMap;

use crate::example::Example;
use crate::exercise::expression::Expression;
use crate::exercise::judge::noted;
use crate::exercise::mistakes::{Variation, variations};
use crate::exercise::working::Working;
use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

/// The lines of a step, in the order of the work.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) lines: Vec<FrameLine>,
    places: HashMap<Quantity, usize>,
}

/// A line with its formula, and with every usual mistake in it.
#[derive(Debug)]
pub(super) struct FrameLine {
    pub(super) quantity: Quantity,
    pub(super) expression: Expression,
    pub(super) variations: Vec<Variation>,
}

/// Given numbers.
pub(super) type Givens = HashMap<Quantity, f64>;

impl Frame {
    /// Reads the formulas off a step of an example; mistakes are made in the
    /// lines that `is_asked` names.
    pub(super) fn new(
        example: &Example,
        sample: usize,
        is_asked: &dyn Fn(Quantity) -> bool,
    ) -> Frame {
        let working = Working::of_step(example, &example.network, 1, sample);
        let lines: Vec<FrameLine> = working
            .lines()
            .iter()
            .map(|line| FrameLine {
                quantity: line.quantity,
                expression: line.expression.clone(),
                variations: if is_asked(line.quantity) {
                    variations(example, &working, line.quantity)
                } else {
                    Vec::new()
                },
            })
            .collect();
        let places = lines.iter().enumerate().map(|(at, line)| (line.quantity, at)).collect();
        Frame { lines, places }
    }

    /// Returns the place of a quantity's line.
    pub(super) fn place(&self, quantity: Quantity) -> Option<usize> {
        self.places.get(&quantity).copied()
    }

    /// Works all lines. A rounding rounds each and carries it on so; what is
    /// returned then is each line's value before and after it is rounded.
    pub(super) fn values(&self, givens: &Givens, rounding: Option<Rounding>) -> Vec<(f64, f64)> {
        let mut values: Vec<(f64, f64)> = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let value = line.expression.point(&|quantity| self.value(givens, &values, quantity));
            values.push((value, rounding.map_or(value, |rounding| rounding.round(value))));
        }
        values
    }

    /// Returns the value of a quantity, given or worked.
    pub(super) fn value(&self, givens: &Givens, values: &[(f64, f64)], quantity: Quantity) -> f64 {
        match self.place(quantity) {
            Some(place) => values.get(place).map_or(f64::NAN, |&(_, value)| value),
            None => givens.get(&quantity).copied().unwrap_or(f64::NAN),
        }
    }

    /// Returns what rounding at every line can reach of one, after those before
    /// it: what may be written, and what may be carried on.
    pub(super) fn reach(
        &self,
        givens: &HashMap<Quantity, Interval>,
        before: &[Interval],
        place: usize,
        rounding: Rounding,
    ) -> Interval {
        let everything = Interval::new(f64::NEG_INFINITY, f64::INFINITY);
        let value = |quantity| match self.place(quantity) {
            Some(place) => before.get(place),
            None => givens.get(&quantity),
        };
        let bounds = |quantity| value(quantity).copied().unwrap_or(everything);
        noted(self.lines[place].expression.bounds(&bounds), rounding)
    }
}
