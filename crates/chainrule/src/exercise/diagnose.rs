//! Which mistake explains a wrong number.
//!
//! Every usual mistake is tried in turn. Those that give exactly the number
//! written, from the numbers written before it, come first; then those that
//! reach it if digits were carried on that are not on the sheet; then two
//! mistakes at once. All that explain the number equally well are said.

use std::collections::HashMap;

use super::expression::Expression;
use super::judge::{Judged, Verdict, as_seen};
use super::mistakes::variations::of_formula;
use super::mistakes::{Mistake, Named, Variation};
use super::slips;
use super::working::{Line, Working};
use super::written::Written;
use crate::example::Example;
use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

/// One explanation of a wrong number: a mistake, or two.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The mistakes, in the order they happened.
    pub mistakes: Vec<Named>,
    /// How well it fits.
    pub fit: Fit,
}

/// How well an explanation fits; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fit {
    /// It gives the number from those written before.
    Exact,
    /// It gives the number if digits were carried on that are not written.
    WithinRounding,
    /// It resembles the number.
    Resemblance,
    /// Two mistakes give the number.
    Pair,
}

/// Lines of more formulas than this are not searched for pairs.
const MOST_IN_PAIRS: usize = 150;

/// So many digits that hardly a wrong one makes one mistake look like another.
const DIGITS_FOR_ONE_WRONG: usize = 5;

/// Finds what explains a wrong number; nothing where no usual mistake does.
pub(super) fn diagnose(
    example: &Example,
    working: &Working,
    judged: &Judged<'_>,
    line: &Line,
    written: &Written,
) -> Vec<Explanation> {
    let search = Search::new(example, working, judged, line, written);
    let near = |quantity| judged.near(quantity);
    let reach = |quantity| judged.reach(quantity);
    let levels: [&dyn Fn() -> Vec<Vec<Named>>; 7] = [
        &|| search.exact(),
        &|| search.bounded(&near),
        &|| search.bounded(&reach),
        &|| search.between(&near),
        &|| search.resembling(),
        &|| search.between(&reach),
        &|| search.pairs(),
    ];
    let fits = [
        Fit::Exact,
        Fit::WithinRounding,
        Fit::WithinRounding,
        Fit::WithinRounding,
        Fit::Resemblance,
        Fit::Resemblance,
        Fit::Pair,
    ];
    for (level, fit) in levels.into_iter().zip(fits) {
        let mut found: Vec<Explanation> =
            level().into_iter().map(|mistakes| Explanation { mistakes, fit }).collect();
        if !found.is_empty() {
            sort(&mut found, &HashMap::new());
            return found;
        }
    }
    Vec::new()
}

/// Counts the wrong lines in which one mistake gives the number from those
/// written before it.
pub(super) fn explained(example: &Example, working: &Working, judged: &Judged<'_>) -> usize {
    let is_explained = |line: &&Line| {
        let is_wrong =
            judged.own(line.quantity).is_some_and(|own| own.verdict == Some(Verdict::Wrong));
        is_wrong
            && judged.answers.get(&line.quantity).is_some_and(|written| {
                !Search::new(example, working, judged, line, written).exact().is_empty()
            })
    };
    working.lines().iter().filter(is_explained).count()
}

/// Puts the explanations in order: mistakes that were made elsewhere too, then
/// the more plausible ones.
pub(super) fn sort(explanations: &mut [Explanation], made: &HashMap<Mistake, usize>) {
    let key = |one: &Explanation| {
        let kinds: Vec<Mistake> = one.mistakes.iter().map(|named| named.mistake).collect();
        let often: usize = kinds.iter().map(|kind| made.get(kind).copied().unwrap_or(0)).sum();
        (std::cmp::Reverse(often), kinds)
    };
    explanations.sort_by_cached_key(key);
}

struct Search<'a> {
    example: &'a Example,
    working: &'a Working,
    judged: &'a Judged<'a>,
    line: &'a Line,
    written: &'a Written,
    places: Rounding,
    variations: Vec<Variation>,
}

impl<'a> Search<'a> {
    fn new(
        example: &'a Example,
        working: &'a Working,
        judged: &'a Judged<'a>,
        line: &'a Line,
        written: &'a Written,
    ) -> Search<'a> {
        let variations = judged
            .ways(line)
            .flat_map(|expression| of_formula(example, working, line.quantity, expression))
            .collect();
        let places = judged.places(written);
        Search { example, working, judged, line, written, places, variations }
    }

    fn own(&self, quantity: Quantity) -> f64 {
        self.judged.point(quantity)
    }

    fn fits(&self, value: f64) -> bool {
        self.fits_in(as_seen(value))
    }

    fn fits_in(&self, bounds: Interval) -> bool {
        bounds.low().is_finite()
            && bounds.high().is_finite()
            && bounds.rounded(self.places).contains(self.written.value)
    }

    /// The right values by the numbers written before.
    fn right_values(&self) -> Vec<f64> {
        self.judged.ways(self.line).map(|way| way.point(&|q| self.own(q))).collect()
    }

    /// The slips of the pen between some right values and the number.
    fn slips(&self, right_values: &[f64]) -> Vec<Named> {
        let all =
            right_values.iter().flat_map(|&right| slips::between(right, self.written, self.places));
        all.map(Named::plain).collect()
    }

    /// One mistake, with the numbers as they are written.
    fn exact(&self) -> Vec<Vec<Named>> {
        let mut found: Vec<Named> = Vec::new();
        for variation in &self.variations {
            if self.fits(variation.expression.point(&|quantity| self.own(quantity))) {
                add(&mut found, variation.named.clone());
            }
        }
        let right_values = self.right_values();
        for slip in self.slips(&right_values) {
            add(&mut found, slip);
        }
        let is_turned = |&right: &f64| slips::is_negative_of(right, self.written, self.places);
        let is_sign =
            |named: &Named| matches!(named.mistake, Mistake::TargetSign | Mistake::SignLost);
        if right_values.iter().any(is_turned) && !found.iter().any(is_sign) {
            add(&mut found, Named::plain(Mistake::SignLost));
        }
        if self.judged.ways(self.line).any(|way| self.is_rounded_too_early(way)) {
            add(&mut found, Named::plain(Mistake::RoundedTooEarly));
        }
        found.into_iter().map(|named| vec![named]).collect()
    }

    /// Tells whether a formula gives the number when something in it is rounded
    /// that is no result.
    fn is_rounded_too_early(&self, formula: &Expression) -> bool {
        // Where no places were asked for, they may be meant as digits.
        let digits = u8::try_from(self.written.digits()).ok().filter(|&digits| digits > 0);
        let digits = digits.filter(|_| !self.judged.has_stated_places()).map(Rounding::Digits);
        let places: Vec<Rounding> = [Some(self.places), digits].into_iter().flatten().collect();
        slips::rounded_too_early(formula, &places, &|q| self.own(q))
            .into_iter()
            .any(|value| self.fits(value))
    }

    /// One mistake, with numbers that may have had more digits than written.
    fn bounded(&self, value: &dyn Fn(Quantity) -> Interval) -> Vec<Vec<Named>> {
        let mut found: Vec<Named> = Vec::new();
        for variation in &self.variations {
            if self.fits_in(variation.expression.bounds(value)) {
                add(&mut found, variation.named.clone());
            }
        }
        for slip in self.slips(&[self.line.exact]) {
            add(&mut found, slip);
        }
        found.into_iter().map(|named| vec![named]).collect()
    }

    /// Between the numbers as written and as they were before: no one way of
    /// carrying them on gives it, but something was rounded that is no result.
    fn between(&self, value: &dyn Fn(Quantity) -> Interval) -> Vec<Vec<Named>> {
        let is_between = self.judged.ways(self.line).any(|way| self.fits_in(way.bounds(value)));
        Vec::from_iter(is_between.then(|| vec![Named::plain(Mistake::RoundedTooEarly)]))
    }

    /// The number of the other update order or of another line, or one digit
    /// different.
    fn resembling(&self) -> Vec<Vec<Named>> {
        let mut found = Vec::new();
        let other_order = self.working.in_other_order(self.line.quantity);
        if self.written.digits() > 1 && other_order.is_some_and(|value| self.fits(value)) {
            let mistake = Mistake::of_other_order(self.example.convention.update_order);
            add(&mut found, Named::plain(mistake));
        }
        if self.written.digits() > 1 {
            // A later line may hold this very number, by what follows from it.
            let own_place = self.working.place(self.line.quantity);
            let others = self.working.lines().iter().enumerate().filter(|&(place, line)| {
                line.quantity != self.line.quantity
                    && (self.fits(line.exact)
                        || (Some(place) < own_place && self.fits(self.own(line.quantity))))
            });
            for (_, line) in others {
                add(
                    &mut found,
                    Named { used: Some(line.quantity), ..Named::plain(Mistake::OtherLine) },
                );
            }
        }
        let is_near = |&right: &f64| slips::has_wrong_digit(right, self.written, self.places);
        if self.right_values().iter().any(is_near) || is_near(&self.line.exact) {
            add(&mut found, Named::plain(Mistake::WrongDigit));
        }
        found.into_iter().map(|named| vec![named]).collect()
    }

    /// Two mistakes, with the numbers as they are written.
    fn pairs(&self) -> Vec<Vec<Named>> {
        // One digit alone is explained by some pair whatever it is.
        if self.written.digits() < 2 || self.variations.len() > MOST_IN_PAIRS {
            return Vec::new();
        }
        let mut found: Vec<Vec<Named>> = Vec::new();
        for first in &self.variations {
            let value = first.expression.point(&|quantity| self.own(quantity));
            let with = |mistake| vec![first.named.clone(), Named::plain(mistake)];
            found.extend(slips::between(value, self.written, self.places).into_iter().map(with));
            if slips::is_negative_of(value, self.written, self.places) {
                found.push(with(Mistake::SignLost));
            }
            if self.is_rounded_too_early(&first.expression) {
                found.push(with(Mistake::RoundedTooEarly));
            }
            let (example, working) = (self.example, self.working);
            for second in of_formula(example, working, self.line.quantity, &first.expression) {
                if self.fits(second.expression.point(&|quantity| self.own(quantity))) {
                    found.push(vec![first.named.clone(), second.named]);
                }
            }
        }
        for right in self.right_values() {
            for slip in slips::between(-right, self.written, self.places) {
                found.push(vec![Named::plain(Mistake::SignLost), Named::plain(slip)]);
            }
        }
        // One digit of few may be different by chance.
        if found.is_empty() && self.written.digits() >= DIGITS_FOR_ONE_WRONG {
            let is_near = |value| slips::has_wrong_digit(value, self.written, self.places);
            let wrong_digit = Named::plain(Mistake::WrongDigit);
            for first in &self.variations {
                if is_near(first.expression.point(&|quantity| self.own(quantity))) {
                    found.push(vec![first.named.clone(), wrong_digit.clone()]);
                }
            }
            if self.right_values().into_iter().any(|right| is_near(-right)) {
                found.push(vec![Named::plain(Mistake::SignLost), wrong_digit]);
            }
        }
        // In either order it is the same pair.
        for pair in &mut found {
            pair.sort_by_key(|named| named.mistake);
        }
        let mut once: Vec<Vec<Named>> = Vec::new();
        for pair in found {
            let kinds = |pair: &[Named]| [pair[0].mistake, pair[1].mistake];
            if !once.iter().any(|known| kinds(known) == kinds(&pair)) {
                once.push(pair);
            }
        }
        once
    }
}

/// Adds a mistake unless it is there; of one kind, two are enough to name.
fn add(found: &mut Vec<Named>, named: Named) {
    let of_kind = found.iter().filter(|known| known.mistake == named.mistake).count();
    if !found.contains(&named) && of_kind < 2 {
        found.push(named);
    }
}
