//! Numbers as people read them.

/// Returns a power of ten: `10⁻³`.
pub fn raised(power: i32) -> String {
    let digits = power.to_string();
    let digits = digits.chars().map(|digit| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(u32::from(digit) - u32::from('0') + 0x2070).unwrap_or(digit),
    });
    format!("10{}", digits.collect::<String>())
}

/// Writes a number with some significant digits, without zeros at its end.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return with_minus(&format!("{}", value + 0.0));
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..7).contains(&exponent) {
        return with_minus(&format!("{}·{}", trimmed(mantissa), raised(exponent)));
    }
    let places = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
    let places = usize::try_from(places).unwrap_or(0);
    with_minus(trimmed(&format!("{value:.places$}")))
}

/// Writes a score with four decimals, or one where it is large.
pub fn rounded(value: f64) -> String {
    if !value.is_finite() {
        return with_minus(&value.to_string());
    }
    match value.abs() {
        0.0..1000.0 => with_minus(&format!("{:.4}", value + 0.0)),
        1000.0..1e9 => with_minus(&format!("{value:.1}")),
        _ => significant(value, 5),
    }
}

/// Returns a number with a true minus sign, and none before 0.
pub(super) fn with_minus(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_string(),
        Some(rest) => format!("−{rest}"),
        None => text.to_string(),
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let table = [
            (0.0, "0"),
            (1.0, "1"),
            (-2.5, "−2.5"),
            (1234.5678, "1235"),
            (123_456.7, "123457"),
            (0.000_123_45, "0.0001234"),
            (1.5e-9, "1.5·10⁻⁹"),
            (-6.022e23, "−6.022·10²³"),
        ];
        for (value, expected) in table {
            assert_eq!(significant(value, 4), expected, "{value}");
        }
        let table =
            [(0.98765, "0.9877"), (-0.000_01, "0.0000"), (2895.6, "2895.6"), (1e300, "1·10³⁰⁰")];
        for (value, expected) in table {
            assert_eq!(rounded(value), expected, "{value}");
        }
    }
}
