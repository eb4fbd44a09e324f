//! A student who works a step by hand: plain loops over plain numbers, each
//! line rounded as a person does it, and a mistake in one line if asked for.
//!
//! Nothing here is the library's but names: neither its algorithm, nor the
//! formulas of its mistakes, nor its rounding.

mod functions;
mod lines;
mod task;

use std::cell::Cell;

use chainrule::exercise::mistakes::Mistake;

pub(crate) use task::{Bias, Dice, Row, Task, rows};

/// Mistakes of writing, made on a number that is otherwise right.
pub(crate) fn is_slip(mistake: Mistake) -> bool {
    matches!(
        mistake,
        Mistake::RoundedTooEarly
            | Mistake::CutOff
            | Mistake::DigitsTransposed
            | Mistake::DecimalPoint
            | Mistake::WrongDigit
            | Mistake::OtherLine
    )
}

/// Ways to make a mistake: which neighbour, which digits.
pub(crate) const VARIANTS: usize = 12;
/// More ways, rarer ones, which give a number as well.
pub(crate) const ALL_VARIANTS: usize = 46;

/// How a person rounds a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Up,
    Even,
    Down,
}

/// To what places a person rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    Decimals(usize),
    Digits(usize),
}

impl Places {
    /// Some more places, or fewer.
    fn and(self, more: isize) -> Option<Places> {
        match self {
            Places::Decimals(n) => n.checked_add_signed(more).map(Places::Decimals),
            Places::Digits(n) => n.checked_add_signed(more).filter(|&n| n > 0).map(Places::Digits),
        }
    }

    /// How many decimals that is for a number.
    fn decimals(self, x: f64) -> usize {
        match self {
            Places::Decimals(n) => n,
            Places::Digits(n) => {
                let behind = isize::try_from(n).expect("few") - 1 - exponent(x);
                // The calculator shows no more.
                usize::try_from(behind.clamp(0, 12)).expect("it is not negative")
            }
        }
    }
}

/// What a person carries on from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carry {
    /// The number as written.
    Written,
    /// What the calculator holds.
    All,
    /// Some digits more than written.
    Guarded(usize),
    /// Now this, now that.
    Mixed(u64),
}

/// The power of ten of a number's first digit.
fn exponent(x: f64) -> isize {
    let text = format!("{x:e}");
    let (_, exponent) = text.split_once('e').expect("an exponent");
    exponent.parse().expect("a whole number")
}

/// What a calculator shows of a number, without its sign: thirteen decimals, and
/// of a small one ten digits.
fn shown(x: f64) -> String {
    let decimals = usize::try_from(9 - exponent(x)).unwrap_or(0).max(13);
    format!("{:.decimals$}", x.abs())
}

/// Writes a number to some places, as a person who sees it on a calculator:
/// halves up (away from zero), to the even digit, or down.
pub(crate) fn write(x: f64, places: Places, half: Half) -> String {
    let decimals = places.decimals(x);
    let seen = shown(x);
    let (whole, decimal) = seen.split_once('.').expect("a point");
    let mut digits: Vec<u8> = whole.bytes().chain(decimal.bytes().take(decimals)).collect();
    let rest = &decimal[decimals..];
    let (next, behind) = rest.split_at(1);
    let is_half = next == "5" && behind.bytes().all(|byte| byte == b'0');
    let last = digits.last().copied().unwrap_or(b'0');
    let up = match half {
        Half::Even if is_half => (last - b'0') % 2 == 1,
        Half::Down if is_half => false,
        _ => next >= "5",
    };
    if up {
        let mut at = digits.len();
        loop {
            if at == 0 {
                digits.insert(0, b'1');
                break;
            }
            at -= 1;
            if digits[at] < b'9' {
                digits[at] += 1;
                break;
            }
            digits[at] = b'0';
        }
    }
    finish(x, digits, decimals)
}

fn finish(x: f64, mut digits: Vec<u8>, decimals: usize) -> String {
    let is_zero = digits.iter().all(|&digit| digit == b'0');
    if decimals > 0 {
        digits.insert(digits.len() - decimals, b'.');
    }
    let text = String::from_utf8(digits).expect("digits");
    if x < 0.0 && !is_zero { format!("-{text}") } else { text }
}

/// Writes a number with the digits behind the last place dropped.
fn write_cut(x: f64, places: Places) -> String {
    let decimals = places.decimals(x);
    let seen = shown(x);
    let (whole, decimal) = seen.split_once('.').expect("a point");
    let digits = whole.bytes().chain(decimal.bytes().take(decimals)).collect();
    finish(x, digits, decimals)
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

/// What is written in one row.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) row: Row,
    pub(crate) text: String,
}

/// Mistakes to make in a row.
pub(crate) type Plan<'a> = (Row, &'a [Mistake], usize);

/// A student at work.
#[derive(Clone)]
pub(crate) struct Student<'a> {
    pub(crate) task: &'a Task,
    pub(crate) places: Places,
    pub(crate) half: Half,
    pub(crate) carry: Carry,
    pub(crate) numbers: Vec<(Row, f64)>,
    /// To what places products inside a line are rounded.
    inner: Option<Places>,
}

impl<'a> Student<'a> {
    pub(crate) fn new(task: &'a Task, places: Places, half: Half, carry: Carry) -> Student<'a> {
        Student { task, places, half, carry, numbers: Vec::new(), inner: None }
    }

    /// Works the sheet; `planted` are mistakes in the row given. `None` where
    /// some line has no number: the logarithm of an output rounded to 0.
    pub(crate) fn work(&mut self, planted: Option<Plan<'_>>) -> Option<Vec<Entry>> {
        let mut sheet: Vec<Entry> = Vec::new();
        for row in rows(self.task) {
            let (mistakes, variant): (&[Mistake], usize) = match planted {
                Some((wrong, mistakes, variant)) if wrong == row => (mistakes, variant),
                _ => (&[], 0),
            };
            let (value, text) = self.line(row, mistakes, variant)?;
            let carry = match self.carry {
                Carry::Mixed(seed) => {
                    let mut dice = Dice::new(seed * 1000 + sheet.len() as u64);
                    [Carry::Written, Carry::All, Carry::Guarded(1), Carry::Guarded(2)]
                        [dice.below(4)]
                }
                carry => carry,
            };
            // A slip of the pen is what is read off the sheet again.
            let is_read_again = mistakes.iter().any(|&mistake| is_slip(mistake));
            let carried = match carry {
                Carry::All if !is_read_again => value,
                Carry::Guarded(more) if !is_read_again => {
                    let places = self.places.and(more.cast_signed()).expect("more places");
                    number(&write(value, places, self.half))
                }
                _ => number(&text),
            };
            self.numbers.push((row, carried));
            sheet.push(Entry { row, text });
        }
        Some(sheet)
    }

    /// Computes one row as it was computed when its turn came.
    pub(crate) fn line_again(
        &self,
        row: Row,
        mistakes: &[Mistake],
        variant: usize,
    ) -> Option<(f64, String)> {
        let mut before = self.clone();
        let place = self.numbers.iter().position(|(known, _)| *known == row);
        before.numbers.truncate(place.unwrap_or(self.numbers.len()));
        before.line(row, mistakes, variant)
    }

    /// Computes one row, from the numbers written so far; `None` where the
    /// mistakes cannot be made in it.
    pub(crate) fn line(
        &self,
        row: Row,
        mistakes: &[Mistake],
        variant: usize,
    ) -> Option<(f64, String)> {
        let (slips, method): (Vec<Mistake>, Vec<Mistake>) =
            mistakes.iter().copied().partition(|&mistake| is_slip(mistake));
        let is_finite = |x: &f64| x.is_finite();
        let value = self.value(row, &method, variant, &|x| x).filter(is_finite)?;
        // Nobody sets an exercise with such numbers.
        if matches!(self.places, Places::Digits(_)) && value != 0.0 && value.abs() < 1e-7 {
            return None;
        }
        let right = write(value, self.places, self.half);
        let text = match slips.as_slice() {
            [] => right,
            [Mistake::CutOff] => write_cut(value, self.places),
            [Mistake::RoundedTooEarly] => {
                let fewer = |less: usize| {
                    let places = self.places.and(-isize::try_from(less).expect("few"));
                    places.filter(|&places| places != Places::Decimals(0))
                };
                if (3..7).contains(&variant) {
                    // Every product in the line is rounded.
                    let student = Student { inner: Some(fewer(variant - 3)?), ..self.clone() };
                    let value = student.value(row, &method, variant, &|x| x).filter(is_finite)?;
                    return Some((value, write(value, self.places, self.half)));
                }
                if (7..10).contains(&variant) {
                    // The result.
                    let coarse = number(&write(value, fewer(variant - 6)?, self.half));
                    return Some((value, write(coarse, self.places, self.half)));
                }
                // All earlier numbers to some places less, or one of them.
                let one = variant.checked_sub(10).map(|rest| rest / 3);
                let coarse = fewer(if variant < 3 { variant } else { (variant - 10) % 3 } + 1)?;
                let count = Cell::new(0);
                let round = |x: f64| {
                    let number_of_it = count.replace(count.get() + 1);
                    let is_meant = one.is_none_or(|one| one == number_of_it);
                    if is_meant { number(&write(x, coarse, self.half)) } else { x }
                };
                let value = self.value(row, &method, variant, &round).filter(is_finite)?;
                write(value, self.places, self.half)
            }
            [Mistake::DigitsTransposed] => {
                // Two neighbours that differ from each other, from the last on.
                let mut letters: Vec<char> = right.chars().collect();
                let digits: Vec<usize> =
                    (0..letters.len()).filter(|&at| letters[at].is_ascii_digit()).collect();
                let is_pair = |pair: &&[usize]| letters[pair[0]] != letters[pair[1]];
                let pair = digits.windows(2).rev().filter(is_pair).nth(variant)?;
                letters.swap(pair[0], pair[1]);
                letters.into_iter().collect()
            }
            [Mistake::DecimalPoint] => {
                let factor = [10.0, 0.1, 100.0, 0.01, 1000.0, 0.001].get(variant % 6)?;
                // The number as written, or what the calculator shows.
                let seen = if variant < 6 { number(&right) } else { value };
                let text = write(seen * factor, self.places, self.half);
                // Nothing but zeros shows no slip.
                (number(&text) != 0.0).then_some(text)?
            }
            [Mistake::WrongDigit] => {
                let mut letters: Vec<char> = right.chars().collect();
                let places: Vec<usize> =
                    (0..letters.len()).filter(|&at| letters[at].is_ascii_digit()).collect();
                let from = places.iter().position(|&at| letters[at] != '0')?;
                if places.len() - from < 4 {
                    return None;
                }
                let at = *places.get(from + variant)?;
                let digit = letters[at].to_digit(10)?;
                letters[at] = char::from_digit((digit + 3) % 10, 10)?;
                letters.into_iter().collect()
            }
            [Mistake::OtherLine] => {
                let other = self.numbers.len().checked_sub(variant + 1)?;
                // Read off the sheet.
                let text = self.line_again(self.numbers[other].0, &[], 0)?.1;
                // One digit may be the same by chance.
                let digits = text.trim_start_matches(['-', '0', '.']).len();
                (method.is_empty() && digits > 1).then_some(text)?
            }
            _ => return None,
        };
        Some((value, text))
    }

    /// A product inside a line.
    fn product(&self, x: f64, y: f64) -> f64 {
        match self.inner {
            Some(places) => number(&write(x * y, places, self.half)),
            None => x * y,
        }
    }

    fn get(&self, row: Row) -> f64 {
        let found = self.numbers.iter().find(|(known, _)| *known == row);
        found.unwrap_or_else(|| panic!("{row:?} is not worked yet")).1
    }

    /// Tells whether a row was worked already.
    fn has(&self, row: Row) -> bool {
        self.numbers.iter().any(|(known, _)| *known == row)
    }
}
