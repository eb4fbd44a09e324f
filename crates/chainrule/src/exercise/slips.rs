//! Slips of the pen: the method was right, the number is not.
//!
//! A slip is found by holding the written number against the right one, digit
//! by digit. Mistakes in the method are in [`mistakes`](super::mistakes).

use std::iter::once;

use super::expression::{Expression, Term};
use super::mistakes::Mistake;
use super::written::{Written, half_unit, unit};
use crate::quantity::Quantity;
use crate::rounding::{Half, Rounding};

/// Tells which slips make a right value into the written number, which has the
/// given places.
pub fn between(right: f64, written: &Written, places: Rounding) -> Vec<Mistake> {
    let mut found = Vec::new();
    if !right.is_finite() {
        return found;
    }
    let is = |x: f64| same(x, written.value);
    if is(cut_off(right, places)) && !is(places.round(right)) {
        found.push(Mistake::CutOff);
    }
    if coarser(places).any(|coarse| {
        // A result of no digits is no rounding.
        let rounded = coarse.round(right);
        rounded != 0.0 && is(rounded) && !is(places.round(right))
    }) {
        found.push(Mistake::RoundedTooEarly);
    }
    // A half may have been rounded either way.
    let shown = [places.round_half_up(right), places.round_half_down(right)]
        .map(|rounded| Written::rounded(rounded, places));
    if written.digits().max(shown[0].digits()) > 1 {
        if shown.iter().any(|shown| transpositions(&shown.text).any(is)) {
            found.push(Mistake::DigitsTransposed);
        }
        if has_slipped(right, written, places) {
            found.push(Mistake::DecimalPoint);
        }
    }
    found
}

/// Tells whether the written number differs from the right one by its sign
/// only.
pub fn is_negative_of(right: f64, written: &Written, places: Rounding) -> bool {
    right != 0.0 && same(places.round(-right), written.value)
}

/// Tells whether exactly one digit is different, of four or more.
pub fn has_wrong_digit(right: f64, written: &Written, places: Rounding) -> bool {
    let (right, found) = (Written::rounded(right, places), Written::rounded(written.value, places));
    let (right, found): (Vec<char>, Vec<char>) =
        (right.text.chars().collect(), found.text.chars().collect());
    right.len() == found.len()
        && written.digits() > 3
        && right.iter().zip(&found).filter(|(x, y)| x != y).count() == 1
}

/// The ways to round a half that people have.
const HALVES: [Half; 3] = [Half::AwayFromZero, Half::Even, Half::TowardsZero];

/// Returns what a person gets who rounds within the line or before it: each
/// formula value with some numbers rounded more coarsely than the result.
///
/// Rounded are computed numbers and the network's inputs: all, or one of them.
///
/// `value` gives the numbers the line starts from; `places` are what it may be
/// that is rounded to.
pub fn rounded_too_early(
    expression: &Expression,
    places: &[Rounding],
    value: &dyn Fn(Quantity) -> f64,
) -> Vec<f64> {
    let mut values = Vec::new();
    let is_rounded =
        |quantity: Quantity| quantity.phase().is_some() || matches!(quantity, Quantity::Input(_));
    let rounded: Vec<Quantity> =
        expression.quantities().into_iter().filter(|&quantity| is_rounded(quantity)).collect();
    let with = |coarse: Rounding, rounds: &dyn Fn(Quantity) -> bool| {
        // A person rounds all halves alike.
        HALVES.map(|half| {
            expression.point(&|quantity| {
                let exact = value(quantity);
                if rounds(quantity) { coarse.round_with(exact, half) } else { exact }
            })
        })
    };
    for coarse in places.iter().copied().flat_map(coarser) {
        values.extend(with(coarse, &is_rounded));
        for &one in rounded.iter().filter(|_| rounded.len() > 1) {
            values.extend(with(coarse, &|quantity| quantity == one));
        }
    }
    for inner in places.iter().flat_map(|&places| once(places).chain(coarser(places))) {
        for steps in [Steps::Results, Steps::Factors, Steps::Products] {
            values.push(in_steps(expression, inner, value, true, steps));
        }
    }
    values
}

/// What is rounded on the way to a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Steps {
    /// Every intermediate result; of a product the whole.
    Results,
    /// Every intermediate result, and products after every factor.
    Factors,
    /// Products inside the formula.
    Products,
}

/// Evaluates a formula as a person does who rounds in between.
fn in_steps(
    expression: &Expression,
    places: Rounding,
    value: &dyn Fn(Quantity) -> f64,
    is_whole: bool,
    steps: Steps,
) -> f64 {
    let inner = |part: &Expression| in_steps(part, places, value, false, steps);
    let is_product = matches!(expression, Expression::Product(_));
    let is_kept = is_whole || (steps == Steps::Products && !is_product);
    let rounded = |x: f64| if is_kept { x } else { places.round(x) };
    match expression {
        Expression::Quantity(_) | Expression::Constant(_) => expression.point(value),
        Expression::Sum(terms) => {
            rounded(terms.iter().fold(0.0, |sum, Term { is_negative, value }| {
                let x = inner(value);
                if *is_negative { sum - x } else { sum + x }
            }))
        }
        Expression::Product(factors) if steps == Steps::Factors => {
            let (last, rest) = factors.split_last().expect("a product has a factor");
            let step = |product: f64, factor| places.round(product * inner(factor));
            let product = rest.iter().skip(1).fold(rest.first().map_or(1.0, &inner), step);
            rounded(product * inner(last))
        }
        Expression::Product(factors) => rounded(factors.iter().map(inner).product()),
        Expression::Quotient(x, y) => rounded(inner(x) / inner(y)),
        Expression::Apply(function, x) => {
            let x = Box::new(Expression::Constant(inner(x)));
            rounded(Expression::Apply(*function, x).point(value))
        }
        Expression::Case { .. } => rounded(expression.point(value)),
    }
}

/// Returns up to three coarser roundings, the finest first.
fn coarser(places: Rounding) -> impl Iterator<Item = Rounding> {
    (1..=3).filter_map(move |less: u8| match places {
        Rounding::Decimals(places) => {
            places.checked_sub(less).filter(|&places| places > 0).map(Rounding::Decimals)
        }
        Rounding::Digits(digits) => {
            digits.checked_sub(less).filter(|&digits| digits > 0).map(Rounding::Digits)
        }
    })
}

/// Returns the value with the digits behind the last place dropped.
pub fn cut_off(value: f64, places: Rounding) -> f64 {
    let nearest = places.round(value);
    // A value that is its own rounding but for the last bits loses nothing.
    if nearest.abs() <= value.abs() || same(nearest, value) {
        return nearest;
    }
    places.round(nearest - unit(value, places).copysign(value))
}

/// Tells whether two numbers are the same decimal number, but for the last
/// bits of a double.
pub fn same(x: f64, y: f64) -> bool {
    x == y || (x - y).abs() <= 1e-12 * x.abs().max(y.abs())
}

/// Returns the numbers that come about when two neighbouring digits of a
/// number are exchanged, also across the decimal point.
fn transpositions(text: &str) -> impl Iterator<Item = f64> {
    let letters: Vec<char> = text.chars().collect();
    let end = letters.iter().position(|&letter| letter == 'e').unwrap_or(letters.len());
    let digits: Vec<usize> = (0..end).filter(|&at| letters[at].is_ascii_digit()).collect();
    let pairs: Vec<(usize, usize)> = digits.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().filter_map(move |(first, second)| {
        if letters[first] == letters[second] {
            return None;
        }
        let mut letters = letters.clone();
        letters.swap(first, second);
        letters.into_iter().collect::<String>().parse().ok()
    })
}

/// Tells whether the written number has the right digits with the point up to
/// three places off.
fn has_slipped(right: f64, written: &Written, places: Rounding) -> bool {
    if written.value == 0.0 || right == 0.0 {
        return false;
    }
    [-3, -2, -1, 1, 2, 3].into_iter().any(|shift: i32| {
        let factor = 10_f64.powi(shift);
        // Either the right number was rounded and then miswritten, or it slipped
        // before it was rounded.
        let half = half_unit(written.value, places);
        let is_near = |x: f64| (x - written.value).abs() <= half;
        let rounded = places.round(right) * factor;
        same(rounded, written.value) || is_near(right * factor) || is_near(rounded)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_the_digits() {
        // Each row by hand: the right value, what was written, and the slip.
        let table = [
            (0.592_875_6, "0.5928", Mistake::CutOff),
            (-0.038_098_236_5, "-0.038098236", Mistake::CutOff),
            (0.592_875_6, "0.593", Mistake::RoundedTooEarly),
            (0.592_875_6, "0.9529", Mistake::DigitsTransposed),
            (0.592_875_6, "5.929", Mistake::DecimalPoint),
            (0.592_875_6, "0.0593", Mistake::DecimalPoint),
        ];
        for (right, text, expected) in table {
            let written = Written::read(text).expect("a number");
            let places = Rounding::Decimals(if text.len() > 8 { 9 } else { 4 });
            let found = between(right, &written, places);
            assert!(found.contains(&expected), "{right} as {text}: {found:?}");
        }
        let right = Written::read("0.5929").expect("a number");
        assert_eq!(between(0.592_875_6, &right, Rounding::Decimals(4)), []);
    }

    #[test]
    fn cutting_off_goes_towards_zero() {
        assert_eq!(cut_off(0.5929, Rounding::Decimals(4)), 0.5929);
        assert_eq!(cut_off(0.592_98, Rounding::Decimals(4)), 0.5929);
        assert_eq!(cut_off(-0.592_98, Rounding::Decimals(4)), -0.5929);
        assert_eq!(cut_off(0.592_91, Rounding::Decimals(4)), 0.5929);
        assert_eq!(cut_off(-7.919e-3, Rounding::Digits(3)), -7.91e-3);
    }

    #[test]
    fn neighbouring_digits_are_exchanged() {
        let all: Vec<f64> = transpositions("-0.123").collect();
        assert_eq!(all, [-1.023, -0.213, -0.132]);
    }
}
