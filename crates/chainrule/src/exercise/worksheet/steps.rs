//! The steps of a sheet, one after the other: each starts with what the one
//! before has made of the weights.

use std::collections::HashMap;

use super::{LAST_USUAL, Worksheet};
use crate::exercise::in_step::InStep;
use crate::exercise::mistakes::{Mistake, variations};
use crate::exercise::working::Working;
use crate::network::Network;
use crate::quantity::Quantity;
use crate::scalar::interval::Interval;

/// One step of a sheet: exact, as worked by hand, and what rounding can reach.
pub(super) struct SheetStep {
    /// Its number, from 1.
    pub(super) number: usize,
    /// The exact step.
    pub(super) exact: Working,
    /// The step with the weights that a person starts from who rounds at every
    /// line.
    by_hand: Working,
    /// What that person writes.
    numbers: Vec<(Quantity, f64)>,
    /// What rounding at every line can reach.
    reach: HashMap<Quantity, Interval>,
}

impl Worksheet {
    /// Works all steps; the first one with the planted mistake, if it is wanted.
    pub(super) fn steps(&self, with_mistake: bool) -> Vec<SheetStep> {
        let planted = self.planted.as_ref().filter(|_| with_mistake);
        let planted = planted.map(|one| (one.quantity, &one.variation.expression));
        let example = &self.example;
        let mut exact_start = example.network.clone();
        let mut hand_start = example.network.clone();
        let mut reach_start: HashMap<Quantity, Interval> = HashMap::new();
        let mut steps: Vec<SheetStep> = Vec::new();
        for number in 1..=self.order.steps {
            let sample = self.sample(number);
            let work = |start: &Network<f64>| Working::of_step(example, start, number, sample);
            let (exact, by_hand) = (work(&exact_start), work(&hand_start));
            let numbers = by_hand.values(Some(self.rounding()), planted.filter(|_| number == 1));
            let mut reach = reach_start;
            for line in exact.lines() {
                let bounds = line.expression.bounds(&|used| {
                    let given = || exact.given(used).map(|value| Interval::exact(value, None));
                    let unknown = Interval::new(f64::NEG_INFINITY, f64::INFINITY);
                    reach.get(&used).copied().or_else(given).unwrap_or(unknown)
                });
                reach.insert(line.quantity, bounds.rounded(self.rounding()));
            }
            let updated = |value: &dyn Fn(Quantity) -> Option<f64>, start: &Network<f64>| {
                start.map(|parameter, old| value(Quantity::Updated(parameter)).unwrap_or(old))
            };
            exact_start = updated(&|quantity| exact.exact(quantity), &exact_start);
            let written: HashMap<Quantity, f64> = numbers.iter().copied().collect();
            hand_start = updated(&|quantity| written.get(&quantity).copied(), &hand_start);
            reach_start = reach
                .iter()
                .filter_map(|(&quantity, &bounds)| match quantity {
                    Quantity::Updated(parameter) => Some((Quantity::Parameter(parameter), bounds)),
                    _ => None,
                })
                .collect();
            steps.push(SheetStep { number, exact, by_hand, numbers, reach });
        }
        steps
    }

    /// Returns the index of the sample that a step works with.
    pub(super) fn sample(&self, step: usize) -> usize {
        (step - 1) % self.example.samples.len()
    }

    /// Returns the numbers of the solution, or those with the planted mistake,
    /// for all lines that are asked for.
    pub fn numbers(&self, with_mistake: bool) -> Vec<(InStep, f64)> {
        let steps = self.steps(with_mistake);
        let all = steps.iter().flat_map(|step| {
            step.numbers.iter().map(|&(quantity, number)| (step.at(quantity), number))
        });
        all.filter(|(at, _)| self.asked.contains(&at.quantity)).collect()
    }

    /// Returns the range of numbers that rounding at every line can reach, for
    /// every line that is asked for.
    pub fn accepted(&self) -> Vec<(InStep, Interval)> {
        let steps = self.steps(false);
        steps.iter().flat_map(|step| step.accepted(self)).collect()
    }

    /// Returns the exact value of every line that is asked for.
    pub fn exact(&self) -> HashMap<InStep, f64> {
        let steps = self.steps(false);
        let of_step = |step: &SheetStep| -> Vec<(InStep, f64)> {
            let exact = |&quantity| Some((step.at(quantity), step.exact.exact(quantity)?));
            self.asked.iter().filter_map(exact).collect()
        };
        steps.iter().flat_map(of_step).collect()
    }

    /// Returns the numbers that the usual mistakes give where all before was
    /// right, each once, with the most plausible mistake that gives it.
    pub fn mistaken_numbers(&self) -> Vec<(InStep, f64, Mistake)> {
        let steps = self.steps(false);
        steps.iter().flat_map(|step| step.mistaken_numbers(self)).collect()
    }
}

impl SheetStep {
    pub(super) fn at(&self, quantity: Quantity) -> InStep {
        InStep { step: self.number, quantity }
    }

    fn accepted(&self, sheet: &Worksheet) -> Vec<(InStep, Interval)> {
        // Only numbers of so many decimals are written.
        let rounding = sheet.rounding();
        let range = |bounds: Interval| {
            let low = rounding.round_half_down(bounds.low());
            Interval::new(low, rounding.round_half_up(bounds.high()))
        };
        let reached = |&quantity: &Quantity| {
            self.reach.get(&quantity).map(|&bounds| (self.at(quantity), range(bounds)))
        };
        sheet.asked.iter().filter_map(reached).collect()
    }

    fn mistaken_numbers(&self, sheet: &Worksheet) -> Vec<(InStep, f64, Mistake)> {
        let value = |wanted: Quantity| {
            let line = self.numbers.iter().find(|(quantity, _)| *quantity == wanted);
            line.map(|&(_, value)| value).or(self.by_hand.given(wanted)).unwrap_or(f64::NAN)
        };
        let mut all: Vec<(InStep, f64, Mistake)> = Vec::new();
        for (at, right) in self.accepted(sheet) {
            let mut here: Vec<(InStep, f64, Mistake)> = Vec::new();
            let mut usual = variations(&sheet.example, &self.by_hand, at.quantity);
            usual.sort_by_key(|one| one.named.mistake);
            for one in usual.iter().filter(|one| one.named.mistake <= LAST_USUAL) {
                let number = sheet.rounding().round(one.expression.point(&value));
                let is_new = here.iter().all(|&(_, known, _)| known != number);
                if number.is_finite() && !right.contains(number) && is_new {
                    here.push((at, number, one.named.mistake));
                }
            }
            all.extend(here);
        }
        all
    }
}
