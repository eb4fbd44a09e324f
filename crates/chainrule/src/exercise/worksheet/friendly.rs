//! Numbers that are good to work with: drawn, and drawn again until nothing
//! speaks against them.
//!
//! A sheet's numbers have few decimals; no neuron is saturated; no result lies
//! at a half, where two people round it differently; and at the decimals asked
//! for, no mistake gives a number that is right, and no usual mistake that of
//! another. Where two are the same whatever numbers are drawn, as
//! with a learning rate of 1 that is left out, no number tells them apart: that
//! speaks against none, and is said instead.

use std::collections::HashMap;
use std::fmt;

use super::frame::{Frame, Givens};
use super::random::Random;
use super::template::Template;
use crate::activation::Activation;
use crate::example::Example;
use crate::exercise::expression::Expression;
use crate::exercise::mistakes::{Mistake, Named, Variation};
use crate::explain::symbol;
use crate::names::Names;
use crate::network::Network;
use crate::quantity::{Neuron, Quantity};
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

/// A neuron whose slope is below this is saturated, or dead.
const LEAST_SLOPE: f64 = 0.04;
/// The sign of a pre-activation decides between cases: it is clear.
const LEAST_PRE_ACTIVATION: f64 = 0.05;
/// How far from a half a number lies, in units of its last place.
const CLEAR_OF_TIES: f64 = 0.01;
/// How many units of the last place a result has at least.
const LEAST_UNITS: f64 = 10.0;

/// The mistakes that are told apart from each other: those of method that are
/// usual. Those that [`Mistake::ALL`] has behind them are told from what is
/// right only: `mark` names them last.
pub(super) const LAST_USUAL: Mistake = Mistake::NotUpdated;

/// What speaks against some numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Objection {
    /// A neuron is saturated, or dead.
    Saturated(Neuron),
    /// A number lies at a half of its last place.
    Tie(Quantity),
    /// A number has hardly a digit at the decimals asked for.
    Small(Quantity),
    /// A mistake gives a number that is right.
    LikeRight(Quantity, Named),
    /// Two mistakes give the same number.
    Alike(Quantity, Named, Named),
}

impl Objection {
    /// Says what it is.
    pub fn sentence(&self, names: &Names) -> String {
        let of = |quantity| symbol::of(names, quantity);
        match self {
            Objection::Saturated(neuron) => {
                format!("neuron {} is saturated", names.neuron(*neuron))
            }
            Objection::Tie(quantity) => format!("{} lies at a half", of(*quantity)),
            Objection::Small(quantity) => format!("{} has hardly a digit", of(*quantity)),
            Objection::LikeRight(quantity, named) => {
                format!("{} comes out right although {}", of(*quantity), named.sentence(names))
            }
            Objection::Alike(quantity, one, other) => format!(
                "{} is the same whether {} or {}",
                of(*quantity),
                one.sentence(names),
                other.sentence(names)
            ),
        }
    }

    /// Tells what kind it is.
    fn kind(&self) -> usize {
        match self {
            Objection::Saturated(_) => 0,
            Objection::Tie(_) => 1,
            Objection::Small(_) => 2,
            Objection::LikeRight(..) => 3,
            Objection::Alike(..) => 4,
        }
    }
}

/// No friendly numbers were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfriendly {
    /// How many were tried.
    pub tried: usize,
    /// What most of them had against them, in words, with how many.
    pub objections: Vec<(String, usize)>,
    /// The decimals asked for.
    pub decimals: u8,
    /// More decimals that would do.
    pub enough: Option<u8>,
}

impl std::error::Error for Unfriendly {}

impl fmt::Display for Unfriendly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unfriendly { tried, decimals, objections, .. } = self;
        write!(f, "no friendly numbers at {decimals} decimals among {tried} tries")?;
        if let Some((most, count)) = objections.first() {
            write!(f, ": in {count} of them {most}")?;
        }
        Ok(())
    }
}

impl Unfriendly {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> String {
        match self.enough {
            Some(decimals) => format!("{decimals} decimals would do: `--decimals {decimals}`"),
            None => "more decimals do not help; open more places, widen their ranges, or choose a \
                     smaller network"
                .to_string(),
        }
    }
}

/// A mistake that no numbers of a template show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blind {
    /// The mistake.
    pub mistake: Mistake,
    /// The one that gives the same number; `None` where it is right.
    pub other: Option<Mistake>,
    /// In how many lines.
    pub lines: usize,
}

impl Blind {
    /// Says what it is.
    pub fn sentence(&self) -> String {
        let lines = match self.lines {
            1 => "one line".to_string(),
            lines => format!("{lines} lines"),
        };
        let mistake = self.mistake.words();
        match self.other {
            None => format!("in {lines} the number is right although {mistake}"),
            Some(other) => {
                format!("in {lines} it makes no difference whether {mistake} or {}", other.words())
            }
        }
    }
}

/// How many numbers are tried for a sheet.
const TRIES: usize = 40_000;
/// How many are tried to find out whether other decimals would do.
const TRIES_ELSEWHERE: usize = 10_000;
/// After so many tries that lead no further, all numbers are drawn anew.
const PATIENCE: usize = 400;
/// More decimals than this nobody works with.
const MOST_DECIMALS: u8 = 10;

/// Looks for friendly numbers of one exercise.
pub(super) struct Search<'a> {
    template: &'a Template,
    asked: Vec<Quantity>,
    steps: usize,
    /// By which targets are zero: formulas leave out their logarithms.
    frames: HashMap<Vec<bool>, Frame>,
}

impl<'a> Search<'a> {
    /// Makes a search for the numbers of some steps in which some quantities are
    /// asked for.
    pub(super) fn new(template: &'a Template, asked: Vec<Quantity>, steps: usize) -> Search<'a> {
        Search { template, asked, steps, frames: HashMap::new() }
    }

    /// Draws numbers from the stream of a seed until some are friendly.
    ///
    /// # Errors
    /// None are.
    pub(super) fn find(&mut self, seed: u64, decimals: u8) -> Result<Vec<f64>, Unfriendly> {
        let objections = match self.draw(seed, decimals, TRIES) {
            Ok(numbers) => return Ok(numbers),
            Err(objections) => objections,
        };
        let enough = (decimals + 1..=MOST_DECIMALS)
            .find(|&decimals| self.draw(seed, decimals, TRIES_ELSEWHERE).is_ok());
        let mut counts: Vec<(usize, String)> = Vec::new();
        for kind in 0..5 {
            let of_kind: Vec<&Objection> =
                objections.iter().filter(|one| one.kind() == kind).collect();
            if let Some(first) = of_kind.last() {
                let sentence = first.sentence(&self.template.first().names);
                counts.push((of_kind.len(), sentence));
            }
        }
        counts.sort_by(|x, y| y.cmp(x));
        Err(Unfriendly {
            tried: TRIES,
            objections: counts.into_iter().map(|(count, text)| (text, count)).collect(),
            decimals,
            enough,
        })
    }

    /// Draws numbers, and then one of them anew at a time: what moves the first
    /// objection further down the sheet, or leaves it there, is kept.
    fn draw(&mut self, seed: u64, decimals: u8, tries: usize) -> Result<Vec<f64>, Vec<Objection>> {
        let mut random = Random::new(seed);
        let mut objections = Vec::new();
        let mut best: Option<(usize, Vec<f64>)> = None;
        let mut patience = PATIENCE;
        for _ in 0..tries {
            let numbers = match &best {
                Some((_, numbers)) => self.template.change_one(numbers, &mut random),
                None => self.template.draw(&mut random),
            };
            let Some((place, objection)) = self.objection(&numbers, decimals) else {
                return Ok(numbers);
            };
            objections.push(objection);
            let before = best.as_ref().map(|&(place, _)| place);
            patience -= 1;
            if before.is_none_or(|before| place > before) {
                patience = PATIENCE;
            }
            if before.is_none_or(|before| place >= before) {
                best = Some((place, numbers));
            }
            if patience == 0 {
                (best, patience) = (None, PATIENCE);
            }
        }
        Err(objections)
    }

    /// Returns what no numbers tell apart.
    pub(super) fn blind(&mut self, numbers: &[f64], decimals: u8) -> Vec<Blind> {
        let mut all = Vec::new();
        self.examine(numbers, decimals, Some(&mut all));
        all.sort_by_key(|one: &Blind| (one.other, one.mistake));
        all
    }

    /// Returns what speaks first against some numbers, with its place in the
    /// order of the work.
    fn objection(&mut self, numbers: &[f64], decimals: u8) -> Option<(usize, Objection)> {
        self.examine(numbers, decimals, None)
    }

    fn examine(
        &mut self,
        numbers: &[f64],
        decimals: u8,
        mut blind: Option<&mut Vec<Blind>>,
    ) -> Option<(usize, Objection)> {
        let template = self.template;
        let example = template.first();
        let rounding = Rounding::Decimals(decimals);
        // The weights that a step starts from: exact, as worked by hand, and
        // what rounding can reach.
        let mut start: Option<[Givens; 2]> = None;
        let mut reach_start: HashMap<Quantity, Interval> = HashMap::new();
        let mut lines = 0;
        for step in 0..self.steps {
            let sample = step % example.samples.len();
            let givens = template.givens(numbers, sample);
            let [exact, hand] = [0, 1].map(|which| {
                let mut givens = givens.clone();
                givens.extend(start.iter().flat_map(|start| &start[which]));
                givens
            });
            let zeros: Vec<bool> = (0..example.network.output_width())
                .map(|index| givens.get(&Quantity::Target(index)) == Some(&0.0))
                .collect();
            let asked = &self.asked;
            let frame = self.frames.entry(zeros).or_insert_with(|| {
                let example = Example::from_toml(&template.fill(numbers))
                    .expect("a template with its numbers is whole");
                Frame::new(&example, sample, &|quantity| asked.contains(&quantity))
            });
            let nearby = std::cell::LazyCell::new(|| {
                let near = template.near(numbers, &mut Random::new(1));
                let givens = template.givens(&near, sample);
                let values = frame.values(&givens, None);
                (givens, values)
            });
            let mut reach_givens: HashMap<Quantity, Interval> = exact
                .iter()
                .map(|(&quantity, &value)| (quantity, Interval::exact(value, None)))
                .collect();
            reach_givens.extend(reach_start);
            let trial = Trial {
                network: &example.network,
                asked,
                frame,
                rounding,
                exact: frame.values(&exact, None),
                hand: frame.values(&hand, Some(rounding)),
                exact_givens: exact,
                givens: hand,
                nearby: &|| (*nearby).clone(),
            };
            let mut reach = Vec::with_capacity(frame.lines.len());
            for place in 0..frame.lines.len() {
                reach.push(frame.reach(&reach_givens, &reach, place, rounding));
                if let Some(objection) = trial.objection(place, reach[place]) {
                    return Some((lines + place, objection));
                }
                if let Some(all) = blind.as_deref_mut() {
                    trial.add_blind(place, all);
                }
            }
            lines += frame.lines.len();
            let updated = |place: &dyn Fn(usize) -> f64| -> Givens {
                trial.updated().map(|(quantity, at)| (quantity, place(at))).collect()
            };
            start = Some([
                updated(&|place| trial.exact[place].1),
                updated(&|place| trial.hand[place].1),
            ]);
            reach_start = trial.updated().map(|(quantity, at)| (quantity, reach[at])).collect();
        }
        None
    }
}

/// One step with some numbers.
struct Trial<'a> {
    network: &'a Network<f64>,
    asked: &'a [Quantity],
    frame: &'a Frame,
    rounding: Rounding,
    exact_givens: Givens,
    /// What a person starts from who rounds at every line.
    givens: Givens,
    exact: Vec<(f64, f64)>,
    hand: Vec<(f64, f64)>,
    /// Numbers near these, which have all their digits, and what comes of them.
    nearby: &'a dyn Fn() -> (Givens, Vec<(f64, f64)>),
}

impl Trial<'_> {
    /// Returns each parameter with the place of the line that updates it.
    fn updated(&self) -> impl Iterator<Item = (Quantity, usize)> {
        self.network.parameters().filter_map(|(parameter, _)| {
            let place = self.frame.place(Quantity::Updated(parameter))?;
            Some((Quantity::Parameter(parameter), place))
        })
    }

    /// Returns what speaks against the number of a line.
    fn objection(&self, place: usize, reach: Interval) -> Option<Objection> {
        let quantity = self.frame.lines[place].quantity;
        let saturated = self.saturated(quantity);
        if saturated.is_some() || !self.asked.contains(&quantity) {
            return saturated;
        }
        self.badly_rounded(place, quantity).or_else(|| self.confused(place, reach))
    }

    fn saturated(&self, quantity: Quantity) -> Option<Objection> {
        let Quantity::Activation(pass, neuron) = quantity else { return None };
        let value = |quantity| self.frame.value(&self.exact_givens, &self.exact, quantity);
        let z = value(Quantity::PreActivation(pass, neuron));
        let a = value(quantity);
        let activation = self.network.layers[neuron.layer].activation;
        let slope = match activation {
            Activation::Softmax => a * (1.0 - a),
            other => other.derivative(z, a),
        };
        let is_smooth = matches!(
            activation,
            Activation::Sigmoid
                | Activation::Tanh
                | Activation::Identity
                | Activation::Softmax
                | Activation::Softplus
        );
        let is_clear = is_smooth || z.abs() >= LEAST_PRE_ACTIVATION;
        (slope.is_nan() || slope.abs() < LEAST_SLOPE || !is_clear)
            .then_some(Objection::Saturated(neuron))
    }

    /// Finds a number at a half, or with hardly a digit.
    fn badly_rounded(&self, place: usize, quantity: Quantity) -> Option<Objection> {
        let Rounding::Decimals(decimals) = self.rounding else { return None };
        let scale = 10_f64.powi(i32::from(decimals));
        for (value, _) in [self.exact[place], self.hand[place]] {
            let units = value.abs() * scale;
            if (units.fract() - 0.5).abs() < CLEAR_OF_TIES {
                return Some(Objection::Tie(quantity));
            }
            if units < LEAST_UNITS {
                return Some(Objection::Small(quantity));
            }
        }
        None
    }

    /// Finds a mistake that gives a right number, or that of another mistake.
    fn confused(&self, place: usize, reach: Interval) -> Option<Objection> {
        let line = &self.frame.lines[place];
        let by_hand = |quantity| self.frame.value(&self.givens, &self.hand, quantity);
        let mistaken: Vec<(&Variation, f64)> = line
            .variations
            .iter()
            .map(|one| (one, self.rounding.round(one.expression.point(&by_hand))))
            .filter(|(_, value)| value.is_finite())
            .collect();
        for (one, value) in &mistaken {
            if reach.contains(*value) && !self.are_same(&one.expression, &line.expression) {
                return Some(Objection::LikeRight(line.quantity, one.named.clone()));
            }
        }
        let is_usual = |(one, _): &&(&Variation, f64)| one.named.mistake <= LAST_USUAL;
        let usual: Vec<_> = mistaken.iter().filter(is_usual).collect();
        for (at, (one, value)) in usual.iter().enumerate() {
            for (other, also) in &usual[..at] {
                if value == also
                    && one.named.mistake != other.named.mistake
                    && !self.are_same(&one.expression, &other.expression)
                {
                    let (one, other) = (one.named.clone(), other.named.clone());
                    return Some(Objection::Alike(line.quantity, other, one));
                }
            }
        }
        None
    }

    /// Adds the mistakes of a line that no numbers show.
    fn add_blind(&self, place: usize, all: &mut Vec<Blind>) {
        let line = &self.frame.lines[place];
        if !self.asked.contains(&line.quantity) {
            return;
        }
        let mut here: Vec<(Mistake, Option<Mistake>)> = Vec::new();
        for (at, one) in line.variations.iter().enumerate() {
            let mistake = one.named.mistake;
            if self.are_same(&one.expression, &line.expression) {
                here.push((mistake, None));
            }
            for other in &line.variations[..at] {
                let also = other.named.mistake;
                let are_usual = also.max(mistake) <= LAST_USUAL;
                if are_usual && also != mistake && self.are_same(&one.expression, &other.expression)
                {
                    here.push((also.min(mistake), Some(also.max(mistake))));
                }
            }
        }
        here.sort_unstable();
        here.dedup();
        for (mistake, other) in here {
            match all.iter_mut().find(|one| (one.mistake, one.other) == (mistake, other)) {
                Some(known) => known.lines += 1,
                None => all.push(Blind { mistake, other, lines: 1 }),
            }
        }
    }

    /// Tells whether two formulas are the same whatever the numbers are.
    fn are_same(&self, x: &Expression, y: &Expression) -> bool {
        let (givens, values) = (self.nearby)();
        let value = |quantity| self.frame.value(&givens, &values, quantity);
        let (x, y) = (x.point(&value), y.point(&value));
        (x - y).abs() <= 1e-9 * x.abs().max(y.abs())
    }
}
