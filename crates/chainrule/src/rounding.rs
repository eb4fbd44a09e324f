//! Rounding as a person does it by hand, and how numbers are shown.

use std::fmt::Write;

/// How many places a number keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// This many digits after the decimal point.
    Decimals(u8),
    /// This many significant digits.
    Digits(u8),
}

/// A double has no more than 17 significant digits to show.
pub const MOST_DIGITS: u8 = 17;

impl Rounding {
    /// Returns `x` rounded, halves away from zero.
    ///
    /// What counts as a half is decided on the decimal number a person sees,
    /// not on the binary one behind it: 0.345 becomes 0.35 although the nearest
    /// double is a little below. Fifteen significant digits stand for the
    /// number, or all seventeen where that many are asked for.
    ///
    /// ```
    /// use chainrule::rounding::Rounding;
    /// assert_eq!(Rounding::Decimals(2).round(0.345), 0.35);
    /// assert_eq!(Rounding::Digits(3).round(-0.0026545), -0.00265);
    /// ```
    pub fn round(self, x: f64) -> f64 {
        self.round_with(x, Half::AwayFromZero)
    }

    /// Returns `x` rounded, halves upward.
    pub fn round_half_up(self, x: f64) -> f64 {
        self.round_with(x, Half::Up)
    }

    /// Returns `x` rounded, halves downward.
    pub fn round_half_down(self, x: f64) -> f64 {
        self.round_with(x, Half::Down)
    }

    /// Returns `x` rounded, halves one way or the other.
    ///
    /// ```
    /// use chainrule::rounding::{Half, Rounding};
    /// let rounded = [Half::AwayFromZero, Half::TowardsZero, Half::Even];
    /// assert_eq!(rounded.map(|half| Rounding::Decimals(1).round_with(-0.25, half)), [-0.3, -0.2, -0.2]);
    /// ```
    pub fn round_with(self, x: f64, half: Half) -> f64 {
        if x.is_finite() && x != 0.0 {
            let mut text = String::with_capacity(32);
            self.decimal(x, half, &mut text);
            text.parse().expect("a decimal number is a number")
        } else {
            x
        }
    }

    /// Returns `x` rounded and written out.
    ///
    /// With significant digits, numbers below 1e-5 or from 1e15 up are written
    /// with an exponent, `2.4e-9`.
    ///
    /// ```
    /// use chainrule::rounding::Rounding;
    /// assert_eq!(Rounding::Decimals(3).show(0.68), "0.680");
    /// assert_eq!(Rounding::Digits(3).show(0.68), "0.680");
    /// assert_eq!(Rounding::Digits(2).show(2.351e-9), "2.4e-9");
    /// ```
    pub fn show(self, x: f64) -> String {
        let mut out = String::new();
        self.write(x, &mut out);
        out
    }

    /// Writes `x` as [`show`](Self::show) does.
    pub fn write(self, x: f64, out: &mut String) {
        if x.is_nan() {
            out.push_str("NaN");
        } else if x.is_infinite() {
            out.push_str(if x > 0.0 { "∞" } else { "-∞" });
        } else if x == 0.0 {
            match self {
                Rounding::Decimals(places) => {
                    let _ = write!(out, "{:.*}", usize::from(places), 0.0);
                }
                Rounding::Digits(_) => out.push('0'),
            }
        } else {
            self.decimal(x, Half::AwayFromZero, out);
        }
    }

    /// Writes a finite number other than 0, rounded, as a decimal number.
    fn decimal(self, x: f64, half: Half, out: &mut String) {
        // d.ddd…e±x, rounded from the exact binary value.
        let wanted = match self {
            Rounding::Digits(digits) => digits.clamp(1, MOST_DIGITS),
            Rounding::Decimals(_) => 15,
        };
        let mut digits = String::with_capacity(32);
        let _ = write!(digits, "{:.*e}", usize::from(wanted.max(15)) - 1, x.abs());
        let end = digits.find('e').expect("written with an exponent");
        let mut exponent: i32 = digits[end + 1..].parse().expect("an exponent is an integer");
        digits.truncate(end);
        digits.remove(1);
        // Digits to keep; none or fewer than none where all of them are too small.
        let keep = match self {
            Rounding::Digits(_) => i32::from(wanted),
            Rounding::Decimals(places) => exponent + 1 + i32::from(places),
        };
        match usize::try_from(keep) {
            Err(_) => digits.clear(),
            Ok(keep) if keep < digits.len() => {
                let rest = &digits.as_bytes()[keep..];
                let is_tie = rest[0] == b'5' && rest[1..].iter().all(|&digit| digit == b'0');
                let last = digits[..keep].bytes().last().map_or(0, |digit| digit - b'0');
                let up = if is_tie { half.moves_away(x, last) } else { rest[0] >= b'5' };
                digits.truncate(keep);
                if up && add_one(&mut digits) {
                    exponent += 1;
                    if matches!(self, Rounding::Digits(_)) {
                        digits.pop();
                    }
                }
            }
            Ok(_) => {}
        }
        if x < 0.0 && digits.bytes().any(|digit| digit != b'0') {
            out.push('-');
        }
        let places = match self {
            Rounding::Decimals(places) => usize::from(places),
            Rounding::Digits(_) if (-5..15).contains(&exponent) => {
                usize::try_from(i32::from(wanted) - 1 - exponent).unwrap_or(0)
            }
            Rounding::Digits(_) => {
                let (first, rest) = digits.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                let _ = write!(out, "{first}{point}{rest}e{exponent}");
                return;
            }
        };
        // The digits before the point, and the zeros behind it before the first.
        let (whole, zeros) = match usize::try_from(exponent) {
            Ok(exponent) => (exponent + 1, 0),
            Err(_) => (0, usize::try_from(-1 - exponent).unwrap_or(0)),
        };
        let (before, behind) = digits.split_at(whole.min(digits.len()));
        out.push_str(if whole == 0 { "0" } else { before });
        push_zeros(whole - before.len(), out);
        if places > 0 {
            out.push('.');
            let zeros = zeros.min(places);
            push_zeros(zeros, out);
            let behind = &behind[..behind.len().min(places - zeros)];
            out.push_str(behind);
            push_zeros(places - zeros - behind.len(), out);
        }
    }
}

/// What becomes of a number halfway between two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The greater magnitude, as is taught first.
    AwayFromZero,
    /// The lesser magnitude.
    TowardsZero,
    /// The neighbour whose last digit is even.
    Even,
    /// The greater number.
    Up,
    /// The lesser number.
    Down,
}

impl Half {
    /// Tells whether the magnitude grows, where `last` is the last digit kept.
    fn moves_away(self, x: f64, last: u8) -> bool {
        match self {
            Half::AwayFromZero => true,
            Half::TowardsZero => false,
            Half::Even => last % 2 == 1,
            Half::Up => x > 0.0,
            Half::Down => x < 0.0,
        }
    }
}

/// Adds one to the last digit; tells whether a new leading digit came up.
fn add_one(digits: &mut String) -> bool {
    let kept = digits.trim_end_matches('9').len();
    let nines = digits.len() - kept;
    digits.truncate(kept);
    let last = digits.pop();
    digits.push(last.map_or('1', |digit| char::from(digit as u8 + 1)));
    push_zeros(nines, digits);
    last.is_none()
}

fn push_zeros(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n('0', count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_a_person_rounds_them() {
        let table = [
            (Rounding::Decimals(4), 0.69028, "0.6903"),
            (Rounding::Decimals(2), 0.345, "0.35"),
            (Rounding::Decimals(2), 0.344_999_999, "0.34"),
            (Rounding::Decimals(2), -0.345, "-0.35"),
            (Rounding::Decimals(0), 0.5, "1"),
            (Rounding::Decimals(0), 0.49, "0"),
            (Rounding::Decimals(1), 0.04, "0.0"),
            (Rounding::Decimals(1), -0.04, "0.0"),
            (Rounding::Decimals(1), 0.05, "0.1"),
            (Rounding::Decimals(3), 9.9996, "10.000"),
            (Rounding::Decimals(2), 123.456, "123.46"),
            (Rounding::Decimals(3), 1e-30, "0.000"),
            (Rounding::Decimals(1), 1e22, "10000000000000000000000.0"),
            (Rounding::Digits(3), 0.002_654_489, "0.00265"),
            (Rounding::Digits(3), 0.9996, "1.00"),
            (Rounding::Digits(3), 99.96, "100"),
            (Rounding::Digits(2), 123.0, "120"),
            (Rounding::Digits(6), 0.8, "0.800000"),
            (Rounding::Digits(3), -4.385e-7, "-4.39e-7"),
            (Rounding::Digits(1), 9.6e-9, "1e-8"),
            (Rounding::Digits(17), 0.1, "0.10000000000000001"),
        ];
        for (rounding, x, expected) in table {
            assert_eq!(rounding.show(x), expected, "{rounding:?} of {x}");
            let shown: f64 = expected.parse().expect("a number");
            assert_eq!(rounding.round(x), shown, "{rounding:?} of {x}");
        }
    }
}
