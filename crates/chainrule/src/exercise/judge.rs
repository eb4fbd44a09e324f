//! Which lines of a sheet are right, and which follow from earlier slips.
//!
//! Three numbers stand behind every line: what rounding at each line may reach
//! from the exact start, what it may reach from the person's own earlier
//! numbers, and what those numbers give when taken exactly as written. No
//! tolerance is involved: only what rounding can do is accepted.

use std::collections::HashMap;

use super::expression::Expression;
use super::working::{Line, Working};
use super::written::{Written, finer};
use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;
use crate::scalar::worked::Function;

/// What a line is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Within reach of rounding from the exact start.
    Right,
    /// Wrong, but right from the person's own earlier numbers.
    Carried,
    /// The same, where an earlier slip has left nothing to do: a zero.
    CarriedTrivially,
    /// Wrong.
    Wrong,
    /// No number is there.
    Missing,
}

impl Verdict {
    /// Returns the word that stands for it in JSON and in tables.
    pub fn id(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Carried => "carried",
            Verdict::CarriedTrivially => "carried-trivially",
            Verdict::Wrong => "wrong",
            Verdict::Missing => "missing",
        }
    }
}

/// The numbers behind one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    /// The person's number, or what their earlier ones give.
    pub(super) point: f64,
    /// What may have been carried on from the line: the number as written, or
    /// before it was rounded.
    pub(super) near: Interval,
    /// What stood on the calculator before the number was written.
    unrounded: Option<Interval>,
    /// What rounding may reach from the exact start.
    pub(super) reach: Interval,
    /// What the earlier numbers give, as written.
    pub(super) gives: f64,
    /// The verdict; `None` where nothing was written.
    pub(super) verdict: Option<Verdict>,
    /// Whether a slip is carried on from here.
    is_tainted: bool,
}

/// A sheet's numbers, held against a working.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    working: &'a Working,
    /// What was written, by quantity.
    pub(super) answers: &'a HashMap<Quantity, Written>,
    places: Places,
    own: Vec<Own>,
    /// What an earlier step has made of the weights.
    start: HashMap<Quantity, Own>,
}

/// To what places numbers are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// What was asked for; without it, every number counts as it is written.
    pub stated: Option<Rounding>,
    /// What most numbers have: it holds for whole numbers, which do not tell.
    pub usual: Rounding,
}

impl Places {
    /// Finds the usual places of some numbers.
    pub fn of<'a>(
        stated: Option<Rounding>,
        numbers: impl Iterator<Item = &'a Written>,
        otherwise: Rounding,
    ) -> Places {
        let mut counts: Vec<(Rounding, usize)> = Vec::new();
        for places in numbers.filter_map(|number| number.places) {
            match counts.iter_mut().find(|(known, _)| *known == places) {
                Some((_, count)) => *count += 1,
                None => counts.push((places, 1)),
            }
        }
        let size = |rounding| match rounding {
            Rounding::Decimals(places) | Rounding::Digits(places) => places,
        };
        let most = counts.into_iter().max_by_key(|&(rounding, count)| (count, size(rounding)));
        let usual = stated.or(most.map(|(rounding, _)| rounding)).unwrap_or(otherwise);
        Places { stated, usual }
    }

    /// Returns the places of a number.
    pub fn of_number(self, written: &Written) -> Rounding {
        match (self.stated, written.places) {
            (Some(stated), Some(own)) => finer(written.value, stated, own),
            // 2221207 is more than six digits, and nobody is the worse for it.
            (Some(stated), None) if stated.round(written.value) != written.value => {
                Rounding::Decimals(0)
            }
            (Some(stated), None) => stated,
            (None, Some(own)) => own,
            // 1000 may have been rounded to a whole number or to tens; 1 tells
            // nothing.
            (None, None) => match written.digits() {
                0..=2 => self.usual,
                digits => {
                    let zeros = written.text.len() - written.text.trim_end_matches('0').len();
                    let digits = digits.saturating_sub(zeros).max(3);
                    Rounding::Digits(u8::try_from(digits).unwrap_or(u8::MAX))
                }
            },
        }
    }
}

impl<'a> Judged<'a> {
    /// Judges every line.
    pub(super) fn new(
        working: &'a Working,
        answers: &'a HashMap<Quantity, Written>,
        places: Places,
    ) -> Judged<'a> {
        Judged::starting_with(HashMap::new(), working, answers, places)
    }

    /// Judges every line of a step that starts with the person's own weights.
    pub(super) fn starting_with(
        start: HashMap<Quantity, Own>,
        working: &'a Working,
        answers: &'a HashMap<Quantity, Written>,
        places: Places,
    ) -> Judged<'a> {
        let own = Vec::with_capacity(working.lines().len());
        let mut judged = Judged { working, answers, places, own, start };
        for line in working.lines() {
            let own = judged.judge(line);
            judged.own.push(own);
        }
        judged
    }

    /// Returns the numbers behind a line, or behind a weight that an earlier step
    /// has made.
    pub(super) fn own(&self, quantity: Quantity) -> Option<&Own> {
        match self.working.place(quantity) {
            Some(place) => self.own.get(place),
            None => self.start.get(&quantity),
        }
    }

    /// Returns what the next step starts with.
    pub(super) fn updated(&self) -> HashMap<Quantity, Own> {
        let lines = self.working.lines().iter().zip(&self.own);
        lines
            .filter_map(|(line, &own)| match line.quantity {
                Quantity::Updated(parameter) => Some((Quantity::Parameter(parameter), own)),
                _ => None,
            })
            .collect()
    }

    /// Returns how many answers are right, and how many are carried.
    pub(super) fn counts(&self) -> (usize, usize) {
        let count = |wanted| self.own.iter().filter(|own| own.verdict == Some(wanted)).count();
        (count(Verdict::Right), count(Verdict::Carried))
    }

    /// Returns the person's own number for a quantity.
    pub(super) fn point(&self, quantity: Quantity) -> f64 {
        match self.own(quantity) {
            Some(own) => own.point,
            None => self.working.given(quantity).unwrap_or(f64::NAN),
        }
    }

    /// Returns what may have been carried on from a quantity.
    pub(super) fn near(&self, quantity: Quantity) -> Interval {
        match self.own(quantity) {
            Some(own) => own.near,
            None => self.given(quantity),
        }
    }

    /// Returns what rounding may reach for a quantity.
    pub(super) fn reach(&self, quantity: Quantity) -> Interval {
        match self.own(quantity) {
            Some(own) => own.reach,
            None => self.given(quantity),
        }
    }

    /// Tells whether it was said what to round to.
    pub(super) fn has_stated_places(&self) -> bool {
        self.places.stated.is_some()
    }

    /// Returns the places of a number.
    pub(super) fn places(&self, written: &Written) -> Rounding {
        self.places.of_number(written)
    }

    /// Returns the ways to a line's number: the formula, and the others where
    /// the person wrote down what they start from.
    pub(super) fn ways<'l>(&self, line: &'l Line) -> impl Iterator<Item = &'l Expression> {
        let others = line.alternatives.iter().filter(|expression| {
            expression.has(&|quantity| {
                matches!(quantity, Quantity::Gradient(_)) && self.answers.contains_key(&quantity)
            })
        });
        let others: Vec<&Expression> = others.collect();
        std::iter::once(&line.expression).chain(others)
    }

    fn given(&self, quantity: Quantity) -> Interval {
        match self.working.given(quantity) {
            Some(value) => Interval::exact(value, None),
            None => Interval::new(f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    fn judge(&self, line: &Line) -> Own {
        let hull = |value: &dyn Fn(Quantity) -> Interval| {
            self.ways(line)
                .map(|expression| expression.bounds(value))
                .reduce(Interval::hull)
                .expect("there is at least one way")
        };
        let reach = hull(&|quantity| self.reach(quantity));
        let computed = hull(&|quantity| self.near(quantity));
        let mut is_tainted = false;
        line.expression.for_each_quantity(&mut |quantity| {
            is_tainted |= self.own(quantity).is_some_and(|own| own.is_tainted);
        });
        let gives = line.expression.point(&|quantity| self.point(quantity));
        let Some(written) = self.answers.get(&line.quantity) else {
            let rounded = |x: Interval| match self.places.stated {
                Some(stated) => noted(x, stated),
                None => x,
            };
            return Own {
                point: gives,
                near: rounded(computed),
                unrounded: None,
                reach: rounded(reach),
                gives,
                verdict: None,
                is_tainted,
            };
        };
        let places = self.places(written);
        let reach_rounded = seen(reach).rounded(places);
        let value = written.value;
        let is_own = as_worked(&line.expression, gives).rounded(places).contains(value)
            || (seen(computed).rounded(places).contains(value)
                && self.reaches(line, value, places));
        // Without a slip before it, the person's own numbers are the right ones,
        // and what is written of them leaves less room than what might be.
        let is_right = if is_tainted { reach_rounded.contains(value) } else { is_own };
        let before = if is_own {
            Some(computed)
        } else if is_right {
            Some(reach)
        } else {
            None
        };
        let unrounded = before.and_then(|before| unrounded(before, written, places));
        let number = Interval::exact(value, None);
        let near = match (before, unrounded) {
            (None, _) => written.reach(places),
            (Some(_), None) => number,
            (Some(_), Some(unrounded)) => unrounded.hull(number),
        };
        let verdict = if is_right {
            Verdict::Right
        } else if !is_own {
            Verdict::Wrong
        } else if self.is_trivial(line, gives) {
            Verdict::CarriedTrivially
        } else {
            Verdict::Carried
        };
        let is_tainted = verdict != Verdict::Right;
        let verdict = Some(verdict);
        let reach = reach_rounded.hull(guarded(reach, places));
        Own { point: value, near, unrounded, reach, gives, verdict, is_tainted }
    }

    /// Tells whether a number is within reach when each earlier number is taken
    /// either as written or as it was before: what lies between the two was on
    /// no paper and on no calculator.
    fn reaches(&self, line: &Line, value: f64, places: Rounding) -> bool {
        const MOST: usize = 7;
        self.ways(line).any(|way| {
            let open: Vec<(Quantity, Interval)> = way
                .quantities()
                .into_iter()
                .filter_map(|quantity| Some((quantity, self.own(quantity)?.unrounded?)))
                .collect();
            if open.len() > MOST {
                return seen(way.bounds(&|q| self.near(q))).rounded(places).contains(value);
            }
            (0..1_usize << open.len()).any(|choice| {
                let bounds = way.bounds(&|quantity| match open
                    .iter()
                    .position(|&(one, _)| one == quantity)
                {
                    Some(place) if choice >> place & 1 == 1 => open[place].1,
                    Some(_) => Interval::exact(self.point(quantity), None),
                    None => self.near(quantity),
                });
                seen(bounds).rounded(places).contains(value)
            })
        })
    }

    /// Tells whether an earlier slip has left nothing to do in a line: its
    /// value, or all its products, are zero, and would not be with the right
    /// numbers.
    fn is_trivial(&self, line: &Line, gives: f64) -> bool {
        if gives == 0.0 && line.exact != 0.0 {
            return true;
        }
        let mut products = Vec::new();
        outer_products(&line.expression, &mut products);
        let own = |quantity| self.point(quantity);
        let exact = |quantity| self.working.exact(quantity).unwrap_or(f64::NAN);
        let is_zero = |product: &&Expression| product.point(&own) == 0.0;
        let was_not = |product: &&Expression| product.point(&exact) != 0.0;
        !products.is_empty() && products.iter().all(is_zero) && products.iter().any(was_not)
    }
}

/// Half a unit of the last digit of a calculator, for a number near 1.
const SLACK: f64 = 1e-11;

/// Returns what a calculator may show for a value: it has some ten digits, and
/// what is a half there need not be one in a double.
pub(super) fn as_seen(value: f64) -> Interval {
    seen(Interval::exact(value, None))
}

/// The same for all that a value may be.
fn seen(bounds: Interval) -> Interval {
    let [low, high] = [bounds.low(), bounds.high()].map(|end| SLACK * end.abs());
    if low.is_finite() && high.is_finite() {
        Interval::new(bounds.low() - low, bounds.high() + high)
    } else {
        bounds
    }
}

/// Returns what a calculator may show for a formula of some value. Where the
/// formula adds 1 and takes it away again, as `ln(1 + e^z)` does, what is far
/// smaller than 1 is lost.
fn as_worked(expression: &Expression, value: f64) -> Interval {
    let adds_one = |function| matches!(function, Function::Softplus | Function::ExpMinusOne);
    if expression.applies(&adds_one) && value.abs() < 1.0 {
        Interval::new(value - SLACK, value + SLACK)
    } else {
        as_seen(value)
    }
}

/// Returns what may have been carried on from a line: what was computed, as it
/// was or noted down with some digits more than on the sheet.
fn guarded(computed: Interval, places: Rounding) -> Interval {
    let with_more = |more: u8| match places {
        Rounding::Decimals(places) => Rounding::Decimals(places.saturating_add(more)),
        Rounding::Digits(digits) => Rounding::Digits(digits.saturating_add(more)),
    };
    (1..=3).fold(computed, |all, more| all.hull(computed.rounded(with_more(more))))
}

/// Returns what may be written of a line, or carried on from it.
pub(super) fn noted(computed: Interval, places: Rounding) -> Interval {
    computed.rounded(places).hull(guarded(computed, places))
}

/// Returns what stood on the calculator before a number was written.
fn unrounded(before: Interval, written: &Written, places: Rounding) -> Option<Interval> {
    guarded(before, places).intersection(written.reach(places))
}

/// Collects the products that are in no other product.
fn outer_products<'e>(expression: &'e Expression, found: &mut Vec<&'e Expression>) {
    match expression {
        Expression::Product(_) => found.push(expression),
        Expression::Sum(terms) => {
            for term in terms {
                outer_products(&term.value, found);
            }
        }
        _ => {}
    }
}
