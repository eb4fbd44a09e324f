//! A number as a person wrote it: its places count.

use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

/// A written number.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// As it was written, in plain signs: `-2.406e-3`.
    pub text: String,
    /// Its value.
    pub value: f64,
    /// The places it was written with; `None` for a whole number, whose places
    /// the writing does not tell.
    pub places: Option<Rounding>,
}

/// More digits than this are no number a person wrote.
const LONGEST: usize = 400;

impl Written {
    /// Reads a number such as `0.69`, `-.0406`, `−2,5`, `-2.406e-3` or
    /// `-2.406·10⁻³`.
    ///
    /// ```
    /// use chainrule::exercise::written::Written;
    /// use chainrule::rounding::Rounding;
    ///
    /// let number = Written::read("−2.406 * 10^-3").expect("a number");
    /// assert_eq!(number.value, -0.002406);
    /// assert_eq!(number.places, Some(Rounding::Digits(4)));
    /// assert!(Written::read("0.69 or so").is_none());
    /// ```
    pub fn read(text: &str) -> Option<Written> {
        let text = plain(text)?;
        let (mantissa, exponent) = match text.split_once('e') {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text.as_str(), None),
        };
        let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let is_number = digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && digits.bytes().filter(|&byte| byte == b'.').count() <= 1;
        if !is_number {
            return None;
        }
        if let Some(exponent) = exponent {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
        }
        let value: f64 = text.parse().ok()?;
        if !value.is_finite() {
            return None;
        }
        let count = |text: &str| {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            u8::try_from(digits).unwrap_or(u8::MAX)
        };
        let places = match (exponent, digits.split_once('.')) {
            (Some(_), _) => {
                Some(Rounding::Digits(count(digits.trim_start_matches(['0', '.'])).max(1)))
            }
            (None, Some((_, decimals))) => Some(Rounding::Decimals(count(decimals))),
            (None, None) => None,
        };
        Some(Written { text: text.strip_prefix('+').unwrap_or(&text).to_string(), value, places })
    }

    /// Makes the number that a computed value is when written with some places.
    pub fn rounded(value: f64, places: Rounding) -> Written {
        Written { text: places.show(value), value: places.round(value), places: Some(places) }
    }

    /// Returns all that may have been rounded to this number at some places.
    pub fn reach(&self, places: Rounding) -> Interval {
        let half = half_unit(self.value, places);
        Interval::new(self.value - half, self.value + half)
    }

    /// Returns how many digits stand behind the leading zeros.
    pub fn digits(&self) -> usize {
        let mantissa = self.text.split('e').next().unwrap_or("");
        mantissa.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count()
    }
}

/// Returns half a unit of the last place of a number, a trifle more: ties are
/// inside.
pub fn half_unit(value: f64, places: Rounding) -> f64 {
    0.5 * unit(value, places) * (1.0 + 1e-9)
}

/// Returns a unit of the last place of a number.
pub fn unit(value: f64, places: Rounding) -> f64 {
    match places {
        Rounding::Decimals(places) => 10_f64.powi(-i32::from(places)),
        Rounding::Digits(digits) => {
            // The exponent as it is written; 0 has none, and counts as exact.
            let text = format!("{value:e}");
            match text.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()) {
                Some(exponent) if value != 0.0 => 10_f64.powi(exponent + 1 - i32::from(digits)),
                _ => 0.0,
            }
        }
    }
}

/// Returns the finer of two roundings of a value.
pub fn finer(value: f64, x: Rounding, y: Rounding) -> Rounding {
    if unit(value, y) < unit(value, x) { y } else { x }
}

/// Writes a number in plain signs, without blanks: `−2,406 · 10⁻³` is
/// `-2.406e-3`.
fn plain(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut is_raised = false;
    if text.len() > LONGEST {
        return None;
    }
    for letter in text.trim().chars() {
        let raised = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|one| one == letter);
        match letter {
            '−' | '–' | '‒' | '﹣' | '－' => plain.push('-'),
            '⁻' => {
                is_raised = true;
                plain.push_str("^-");
            }
            ',' => plain.push('.'),
            '·' | '×' | '⋅' | '*' | '∙' => plain.push('*'),
            'E' => plain.push('e'),
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '{' | '}' | '(' | ')' | '$' | '`' => {}
            _ => match raised {
                Some(digit) => {
                    if !is_raised {
                        plain.push('^');
                    }
                    is_raised = true;
                    plain.push_str(&digit.to_string());
                }
                None => plain.push(letter),
            },
        }
    }
    Some(plain.replacen("*10^", "e", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written() {
        let table = [
            ("0.69", 0.69, Some(Rounding::Decimals(2))),
            ("-.0406", -0.0406, Some(Rounding::Decimals(4))),
            ("−0,5", -0.5, Some(Rounding::Decimals(1))),
            ("+1.50", 1.5, Some(Rounding::Decimals(2))),
            ("2.4E-3", 0.0024, Some(Rounding::Digits(2))),
            ("-2.406*10^(-3)", -0.002_406, Some(Rounding::Digits(4))),
            ("7 × 10⁻³", 0.007, Some(Rounding::Digits(1))),
            ("$-7.9 \u{b7} 10^{-3}$", -0.0079, None),
            ("3", 3.0, None),
            ("0", 0.0, None),
        ];
        for (text, value, places) in table {
            let number = Written::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(number.value, value, "{text}");
            if places.is_some() || !text.contains('$') {
                assert_eq!(number.places, places, "{text}");
            }
        }
        for text in ["", "-", ".", "1.2.3", "e5", "1e", "x", "0.3 + 0.4", "NaN", "inf", "1e999"] {
            assert!(Written::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_unit_of_the_last_place_is_that_of_the_writing() {
        assert_eq!(unit(0.69, Rounding::Decimals(2)), 0.01);
        assert!((unit(-0.002_406, Rounding::Digits(4)) - 1e-6).abs() < 1e-20);
        assert_eq!(unit(0.0, Rounding::Digits(4)), 0.0);
    }
}
