//! Numbers from text, and what looks like one.
//!
//! A number is an optional sign, digits with at most one decimal mark, and an
//! optional exponent. Up to nineteen digits are gathered in a whole number,
//! eight at a time; times or divided by a power of ten it is rounded once:
//! - where both are doubles, by the machine's own product or quotient
//!   (Clinger 1990);
//! - where it is divided, by a division of whole numbers with 62 bits or more
//!   in its quotient, the lowest of which tells of a remainder;
//! - otherwise by Eisel and Lemire's algorithm.

use crate::read::problem::NotANumber;

/// What the text of a cell is, taken as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Class {
    /// A finite number.
    Number(f64),
    /// Digits after a leading zero, `007`: a code rather than a number.
    Code(f64),
    /// Something else.
    Not(NotANumber),
}

/// The start of some text that is a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    /// Its value; infinite where it is too large.
    pub(super) value: f64,
    /// Its length in bytes.
    pub(super) length: usize,
    /// Whether it is digits after a leading zero.
    pub(super) is_code: bool,
}

/// The powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The powers of five below 2⁶⁴.
const FIVES: [u64; 28] = {
    let mut fives = [1; 28];
    let mut i = 1;
    while i < 28 {
        fives[i] = 5 * fives[i - 1];
        i += 1;
    }
    fives
};

/// Digits that a 64-bit number always holds.
const SAFE_DIGITS: usize = 19;

/// Up to here each whole number is a double.
const EXACT: u64 = 1 << 53;

/// Returns the number at the start of some text: the longest, except that an
/// exponent without digits makes it none.
#[inline]
pub(super) fn prefix(bytes: &[u8], decimal: u8) -> Option<Prefix> {
    let mut i = usize::from(matches!(bytes.first()?, b'-' | b'+'));
    let start = i;
    let mut mantissa: u64 = 0;
    let mut gather = |i: &mut usize| {
        let from = *i;
        while let Some(eight) = bytes.get(*i..).and_then(<[u8]>::first_chunk)
            && let Some(digits) = eight_digits(u64::from_le_bytes(*eight))
        {
            mantissa = mantissa.wrapping_mul(100_000_000).wrapping_add(digits);
            *i += 8;
        }
        while let Some(digit) = bytes.get(*i).map(|byte| byte.wrapping_sub(b'0'))
            && digit < 10
        {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            *i += 1;
        }
        *i - from
    };
    let whole = gather(&mut i);
    let mut fraction = 0;
    let has_mark = bytes.get(i) == Some(&decimal);
    if has_mark {
        i += 1;
        fraction = gather(&mut i);
    }
    if whole + fraction == 0 {
        return None;
    }
    let mut exponent = -i64::try_from(fraction).ok()?;
    let has_exponent = matches!(bytes.get(i), Some(b'e' | b'E'));
    if has_exponent {
        let (power, length) = exponent_of(&bytes[i + 1..])?;
        exponent = exponent.saturating_add(power);
        i += 1 + length;
    }
    let is_code = !has_mark && !has_exponent && whole > 1 && bytes[start] == b'0';
    let size = usize::try_from(exponent.unsigned_abs()).ok()?;
    let value = if whole + fraction > SAFE_DIGITS {
        None
    } else if let (true, Some(power)) = (mantissa <= EXACT, POWERS.get(size)) {
        let value = mantissa as f64;
        Some(if exponent < 0 { value / power } else { value * power })
    } else if let (true, Some(&power)) = (exponent < 0, FIVES.get(size)) {
        Some(quotient(mantissa, power, size))
    } else {
        None
    };
    let value = match value {
        Some(value) if bytes[0] == b'-' => -value,
        Some(value) => value,
        None => any_number(&bytes[..i], decimal)?,
    };
    Some(Prefix { value, length: i, is_code })
}

/// Returns the number of eight digits, the first in the lowest byte; nothing if
/// one of the bytes is no digit.
#[inline]
fn eight_digits(bytes: u64) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    // A digit has the high half 3, also after six was added: 10 to 15 have not.
    let digits = bytes.wrapping_sub(ZEROS);
    let over = bytes.wrapping_add(0x0606_0606_0606_0606);
    if (bytes & HIGH) | ((over & HIGH) >> 4) != ZEROS | (ZEROS >> 4) {
        return None;
    }
    // Neighbours are joined: to two digits, to four, to eight.
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = twos.wrapping_mul(100).wrapping_add(twos >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF)
}

/// Returns `mantissa / (five · 2^exponent)`, where `five` is `5^exponent`.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the quotient is below 2⁶⁴")]
fn quotient(mantissa: u64, five: u64, exponent: usize) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    // With their highest bits set, the quotient is between ½ and 2.
    let (up, five_up) = (mantissa.leading_zeros(), five.leading_zeros());
    let (mantissa, five) = (u128::from(mantissa << up) << 63, u128::from(five << five_up));
    let (quotient, remainder) = (mantissa / five, mantissa % five);
    // At least 62 bits, of which a double keeps 53: the lowest one is far
    // below what decides about rounding, and stands for all bits that follow.
    let bits = (quotient as u64) | u64::from(remainder != 0);
    // A power of two between 2⁻¹⁵³ and 2⁰, written as a double's exponent: it
    // changes no digit.
    let power = 1023 - 63 + u64::from(five_up) - u64::from(up) - exponent as u64;
    bits as f64 * f64::from_bits(power << 52)
}

/// Returns the exponent after its `e`, and its length.
fn exponent_of(bytes: &[u8]) -> Option<(i64, usize)> {
    let sign = usize::from(matches!(bytes.first()?, b'-' | b'+'));
    let digits = bytes[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let mut power: i64 = 0;
    for byte in &bytes[sign..sign + digits] {
        power = power.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
    }
    Some((if bytes[0] == b'-' { -power } else { power }, sign + digits))
}

/// Parses a number of any length.
#[cold]
fn any_number(bytes: &[u8], decimal: u8) -> Option<f64> {
    if decimal == b'.' {
        return fast_float2::parse(bytes).ok();
    }
    let with_point: Vec<u8> =
        bytes.iter().map(|&byte| if byte == decimal { b'.' } else { byte }).collect();
    fast_float2::parse(with_point).ok()
}

/// Tells what the text of a cell is.
pub(super) fn classify(cell: &[u8], decimal: u8) -> Class {
    match prefix(cell, decimal) {
        Some(found) if found.length == cell.len() => {
            if !found.value.is_finite() {
                Class::Not(NotANumber::TooLarge)
            } else if found.is_code {
                Class::Code(found.value)
            } else {
                Class::Number(found.value)
            }
        }
        _ => Class::Not(why_not(cell, decimal)),
    }
}

fn why_not(cell: &[u8], decimal: u8) -> NotANumber {
    let unsigned = cell.strip_prefix(b"-").or_else(|| cell.strip_prefix(b"+")).unwrap_or(cell);
    if ["inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word.as_bytes())) {
        return NotANumber::Infinite;
    }
    if has_thousands(unsigned, decimal) {
        return NotANumber::Thousands;
    }
    let other = if decimal == b'.' { b',' } else { b'.' };
    match prefix(cell, other) {
        Some(found) if found.length == cell.len() && other == b',' => NotANumber::Comma,
        Some(found) if found.length == cell.len() => NotANumber::Point,
        _ => NotANumber::Word,
    }
}

/// Tells whether text is groups of three digits with marks between them.
fn has_thousands(unsigned: &[u8], decimal: u8) -> bool {
    let whole = unsigned.split(|&byte| byte == decimal).next().unwrap_or_default();
    let rest = &unsigned[whole.len()..];
    if !rest.iter().skip(1).all(u8::is_ascii_digit) {
        return false;
    }
    let marks: &[u8] = if decimal == b'.' { b",' " } else { b".' " };
    marks.iter().any(|&mark| {
        let mut groups = whole.split(|&byte| byte == mark);
        let first = groups.next().unwrap_or_default();
        let digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
        let others: Vec<&[u8]> = groups.collect();
        !others.is_empty()
            && (1..=3).contains(&first.len())
            && digits(first)
            && others.iter().all(|group| group.len() == 3 && digits(group))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_numbers_codes_or_something_else() {
        let table = [
            ("1", Class::Number(1.0)),
            ("-1.5", Class::Number(-1.5)),
            ("+.5", Class::Number(0.5)),
            ("5.", Class::Number(5.0)),
            ("0", Class::Number(0.0)),
            ("00.5", Class::Number(0.5)),
            ("1e3", Class::Number(1000.0)),
            ("1E+03", Class::Number(1000.0)),
            ("1e-400", Class::Number(0.0)),
            ("1.7976931348623157e308", Class::Number(f64::MAX)),
            ("007", Class::Code(7.0)),
            ("00", Class::Code(0.0)),
            ("1e309", Class::Not(NotANumber::TooLarge)),
            ("-Infinity", Class::Not(NotANumber::Infinite)),
            ("1,000", Class::Not(NotANumber::Thousands)),
            ("-12'345'678.5", Class::Not(NotANumber::Thousands)),
            ("1,5", Class::Not(NotANumber::Comma)),
            ("1e", Class::Not(NotANumber::Word)),
            ("-", Class::Not(NotANumber::Word)),
            (".", Class::Not(NotANumber::Word)),
            ("1.2.3", Class::Not(NotANumber::Word)),
            ("0x10", Class::Not(NotANumber::Word)),
            ("12 kg", Class::Not(NotANumber::Word)),
            ("1,00", Class::Not(NotANumber::Comma)),
        ];
        for (cell, expected) in table {
            assert_eq!(classify(cell.as_bytes(), b'.'), expected, "{cell}");
        }
        assert_eq!(classify(b"1,5", b','), Class::Number(1.5));
        assert_eq!(classify(b"1.000,5", b','), Class::Not(NotANumber::Thousands));
        assert_eq!(classify(b"1.5", b','), Class::Not(NotANumber::Point));
    }

    /// The judge is the standard library's parser.
    fn agrees(text: &str) {
        let expected: f64 = text.parse().expect("it is a number");
        let found = prefix(text.as_bytes(), b'.').expect("it is a number");
        assert_eq!(found.length, text.len(), "{text}");
        assert_eq!(found.value.to_bits(), expected.to_bits(), "{text}");
    }

    #[test]
    fn hard_numbers_are_the_nearest_doubles() {
        for text in [
            "9007199254740992",
            "9007199254740993",
            "9007199254740992e22",
            "9007199254740993e-22",
            "9999999999999999999",
            "18446744073709551616",
            "0.000000000000000000000000000001",
            "2.2250738585072014e-308",
            "4.9e-324",
            "2.4703282292062327208e-324",
            "-0.0",
            "0.00000000000000000000000001",
            "0.3333333333333333333",
            "0.99999999999999999",
            "9007199254740993e-1",
            "18014398509481985e-1",
            "9007199254740993e-27",
            "9999999999999999999e-27",
            "1000000000000000000e-18",
            "12345678",
            "123456789012345678",
            "1e23",
            "8.5e22",
        ] {
            agrees(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn numbers_are_those_of_the_standard_library(
            text in "[-+]?([0-9]{1,22}(\\.[0-9]{0,22})?|\\.[0-9]{1,22})([eE][-+]?[0-9]{1,3})?"
        ) {
            agrees(&text);
        }

        /// As programs write them: up to nineteen digits, divided by a power.
        #[test]
        fn long_decimals_are_those_of_the_standard_library(
            mantissa in any::<u64>(), digits in 1u32..20, exponent in 0i32..30
        ) {
            let mantissa = mantissa % 10u64.pow(digits);
            agrees(&format!("{mantissa}e-{exponent}"));
        }

        /// Halfway between two doubles, or next to it.
        #[test]
        fn decimals_near_the_middle_of_doubles_round_to_the_nearest(
            bits in (1u64 << 53)..(1u64 << 54), shift in 0u32..9, near in 0u64..3
        ) {
            let middle = ((2 * bits + 1) << shift) - 1 + near;
            agrees(&format!("{middle}e-1"));
            agrees(&format!("{middle}"));
        }

        #[test]
        fn eight_bytes_are_digits_or_not(bytes in prop::array::uniform8(0x2Fu8..0x3B)) {
            let expected = std::str::from_utf8(&bytes).expect("ASCII").parse().ok();

            prop_assert_eq!(eight_digits(u64::from_le_bytes(bytes)), expected);
        }

        #[test]
        fn shortest_numbers_come_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                agrees(&format!("{value}"));
                agrees(&format!("{value:e}"));
            }
        }
    }
}
