//! Arithmetic as it stands on a sheet: `0.3 + (-0.0406 * 0.68)`.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = power { ("*" | "/") power }
//! power   = { "-" | "+" } atom [ "²" | "^" power ]
//! atom    = number | "½" | "e" | function "(" sum ")" | "(" sum ")"
//! ```
//!
//! with `·`, `×`, `−` and `÷` for the signs, and a number right before a
//! bracket multiplying it. Names are no arithmetic: a formula is not evaluated.

use super::written::Written;

/// Arithmetic that was read and evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Arithmetic {
    /// As it was written.
    pub text: String,
    /// Its value.
    pub value: f64,
    /// The numbers in it, in order.
    pub numbers: Vec<Written>,
}

/// Brackets within brackets, more than anybody writes.
const DEEPEST: usize = 60;
/// Letters of a line, more than anybody writes.
const LONGEST: usize = 10_000;

impl Arithmetic {
    /// Reads arithmetic with at least one operation; `None` where the text is
    /// anything else.
    ///
    /// ```
    /// use chainrule::exercise::arithmetic::Arithmetic;
    ///
    /// let line = Arithmetic::read("1 / (1 + e^(-0.755))").expect("arithmetic");
    /// assert!((line.value - 0.680_267).abs() < 1e-6);
    /// assert!(Arithmetic::read("0.3 + δ * 0.68").is_none());
    /// ```
    pub fn read(text: &str) -> Option<Arithmetic> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let letters: Vec<char> = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && !"$`\\{}".contains(*letter))
            .map(plain)
            .collect();
        let mut reader =
            Reader { letters: &letters, at: 0, depth: 0, numbers: Vec::new(), operations: 0 };
        let value = reader.sum()?;
        let is_whole = reader.at == letters.len() && reader.operations > 0;
        (is_whole && value.is_finite() && !reader.numbers.is_empty()).then(|| Arithmetic {
            text: text.to_string(),
            value,
            numbers: reader.numbers,
        })
    }
}

/// Returns the plain sign for a typographic one.
fn plain(letter: char) -> char {
    match letter {
        '−' | '–' | '‒' | '﹣' | '－' => '-',
        '·' | '×' | '⋅' | '∙' | '•' => '*',
        '÷' | '∕' | '⁄' => '/',
        '[' => '(',
        ']' => ')',
        _ => letter,
    }
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
    depth: usize,
    numbers: Vec<Written>,
    operations: usize,
}

impl Reader<'_> {
    fn sum(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut sum = self.product()?;
        loop {
            if self.eat('+') {
                self.operations += 1;
                sum += self.product()?;
            } else if self.eat('-') {
                self.operations += 1;
                sum -= self.product()?;
            } else {
                self.depth -= 1;
                return Some(sum);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut product = self.power()?;
        loop {
            if self.eat('*') {
                self.operations += 1;
                product *= self.power()?;
            } else if self.eat('/') {
                self.operations += 1;
                product /= self.power()?;
            } else if self.peek() == Some('(') {
                self.operations += 1;
                product *= self.power()?;
            } else {
                return Some(product);
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        let mut is_negative = false;
        while let Some(sign @ ('-' | '+')) = self.peek() {
            self.at += 1;
            is_negative ^= sign == '-';
        }
        let base = self.atom(is_negative)?;
        let value = if self.eat('²') {
            self.operations += 1;
            base * base
        } else if self.eat('^') {
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            self.operations += 1;
            let exponent = self.power()?;
            self.depth -= 1;
            base.powf(exponent)
        } else {
            base
        };
        Some(if is_negative { -value } else { value })
    }

    fn atom(&mut self, is_negative: bool) -> Option<f64> {
        if self.eat('(') {
            let inner = self.sum()?;
            return self.eat(')').then_some(inner);
        }
        if self.eat('½') {
            return Some(0.5);
        }
        for (name, function) in [
            ("exp(", f64::exp as fn(f64) -> f64),
            ("tanh(", f64::tanh),
            ("ln(", f64::ln),
            ("log(", f64::ln),
        ] {
            if self.starts_with(name) {
                self.at += name.len();
                self.operations += 1;
                let inner = self.sum()?;
                return self.eat(')').then(|| function(inner));
            }
        }
        if self.starts_with("e^") {
            self.at += 1;
            return Some(std::f64::consts::E);
        }
        self.number(is_negative)
    }

    /// A number, with `·10^-3` or `e-3` behind it as a part of it.
    fn number(&mut self, is_negative: bool) -> Option<f64> {
        let start = self.at;
        let is_part = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
        while self.peek().is_some_and(is_part) {
            self.at += 1;
        }
        if self.at == start {
            return None;
        }
        let end = self.at;
        let is_power = if self.starts_with("*10^") {
            self.at += 4;
            self.exponent()
        } else if self.starts_with("*10") {
            // 10⁻³, with raised digits.
            self.at += 3;
            let from = self.at;
            while self.peek().is_some_and(|letter| "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".contains(letter))
            {
                self.at += 1;
            }
            self.at > from
        } else if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            self.exponent()
        } else {
            false
        };
        if !is_power {
            self.at = end;
        }
        let text: String = self.letters[start..self.at].iter().collect();
        let mut written = Written::read(&text)?;
        let value = written.value;
        if is_negative {
            written = Written::read(&format!("-{text}"))?;
        }
        self.numbers.push(written);
        Some(value)
    }

    /// A whole number with a sign, perhaps in brackets.
    fn exponent(&mut self) -> bool {
        let brackets = self.eat('(');
        if matches!(self.peek(), Some('-' | '+')) {
            self.at += 1;
        }
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start && (!brackets || self.eat(')'))
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn eat(&mut self, letter: char) -> bool {
        let is_there = self.peek() == Some(letter);
        self.at += usize::from(is_there);
        is_there
    }

    fn starts_with(&self, text: &str) -> bool {
        let rest = &self.letters[self.at.min(self.letters.len())..];
        text.chars().enumerate().all(|(place, letter)| rest.get(place) == Some(&letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_calculations_are_evaluated() {
        let e = std::f64::consts::E;
        let table = [
            ("0.3 + (-.0406 * 0.68)", 0.3 - 0.0406 * 0.68),
            ("0.1 + (-2.406 * 10^-3 * 0.35)", 0.1 - 2.406e-3 * 0.35),
            ("−2,4·10⁻³ × 2", -2.4e-3 * 2.0),
            ("1/(1+e^(-0.5))", 1.0 / (1.0 + e.powf(-0.5))),
            ("½·(0.5 − 0.69)²", 0.5 * 0.19 * 0.19),
            ("0.69(1 - 0.69)", 0.69 * 0.31),
            ("2 - -3", 5.0),
            ("-2^2", -4.0),
            ("1e-3 + 1", 1.001),
            ("tanh(0.5) * 2", 0.5_f64.tanh() * 2.0),
        ];
        for (text, expected) in table {
            let found = Arithmetic::read(text).unwrap_or_else(|| panic!("{text}"));
            assert!((found.value - expected).abs() < 1e-15, "{text}: {}", found.value);
        }
        for text in ["0.3", "-0.3", "a + 1", "1 +", "(1 + 2", "1 + 2)", "", "1/0", "2 = 3", "+"] {
            assert!(Arithmetic::read(text).is_none(), "{text}");
        }
        let deep = format!("{}1+1{}", "(".repeat(5000), ")".repeat(4000));
        assert!(Arithmetic::read(&deep).is_none());
        assert!(Arithmetic::read(&format!("1{}2", "^".repeat(3000))).is_none());
    }

    #[test]
    fn numbers_are_kept_with_their_signs() {
        let line = Arithmetic::read("0.1 + (-7.916 * 10^-3 * 0.9)").expect("arithmetic");
        let values: Vec<f64> = line.numbers.iter().map(|number| number.value).collect();
        assert_eq!(values, [0.1, -7.916e-3, 0.9]);
    }
}
