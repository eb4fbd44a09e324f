//! Round numbers along an axis, and how they are written.

use super::number::{raised, with_minus};

/// The numbers of an axis, and their texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    pub(super) values: Vec<f64>,
    pub(super) texts: Vec<String>,
    /// What the texts are times a power of ten; 0 mostly.
    pub(super) power: i32,
}

/// Returns the distance of round numbers, 1, 2 or 5 times a power of ten, of
/// which at most about `most` lie in a range.
pub(super) fn step(range: f64, most: usize) -> f64 {
    let raw = range / most as f64;
    let magnitude = 10_f64.powf(raw.log10().floor());
    let factor =
        [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| raw <= factor * magnitude * 1.000_001);
    factor.unwrap_or(10.0) * magnitude
}

/// Widens a range to round numbers.
pub(super) fn widened(low: f64, high: f64, most: usize) -> (f64, f64) {
    let step = step(high - low, most);
    let (first, last) = ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step);
    if first.is_finite() && last.is_finite() && first < last { (first, last) } else { (low, high) }
}

/// Returns the round numbers of a range.
pub(super) fn linear(low: f64, high: f64, most: usize) -> Ticks {
    let step = step(high - low, most);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    // Ends so close or so far that no step lies between them as a double.
    let is_sound = step.is_finite() && step > 0.0 && first.abs() < 1e12 && last - first < 1e3;
    let values: Vec<f64> = if is_sound {
        let count = (last - first).max(0.0);
        std::iter::successors(Some(0.0), |place| (*place < count).then_some(place + 1.0))
            .map(|place| (first + place) * step)
            .collect()
    } else {
        vec![low, high]
    };
    let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let power = power_of(largest);
    let unit = 10_f64.powi(power);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 12")]
    let decimals = (-(step / unit).log10() - 1e-9).ceil().clamp(0.0, 12.0) as usize;
    let texts =
        values.iter().map(|value| with_minus(&format!("{:.decimals$}", value / unit + 0.0)));
    Ticks { texts: texts.collect(), values, power }
}

/// Returns the power of ten to divide by, where numbers would be long.
fn power_of(largest: f64) -> i32 {
    if largest == 0.0 || (1e-3..1e5).contains(&largest) || !largest.is_finite() {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "doubles have powers of three digits")]
    let power = largest.log10().floor() as i32;
    power.clamp(-300, 300)
}

/// Returns powers of ten, and 2 and 5 times them where they are few.
pub(super) fn logarithmic(low: f64, high: f64) -> Ticks {
    let (first, last) = (low.log10().floor(), high.log10().ceil());
    let decades = (high / low).log10();
    let factors: &[f64] = if decades < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    // Over many decades each third or so.
    let every = (decades / 8.0).ceil().max(1.0);
    let mut ticks = Ticks::default();
    let mut exponent = first;
    while exponent <= last {
        for factor in factors {
            let value = factor * 10_f64.powf(exponent);
            if value >= low * 0.999_999 && value <= high * 1.000_001 {
                ticks.values.push(value);
                ticks.texts.push(decade(value, *factor, exponent));
            }
        }
        exponent += every;
    }
    ticks
}

fn decade(value: f64, factor: f64, exponent: f64) -> String {
    if (1e-3..1e5).contains(&value) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 3")]
        let decimals = (-exponent).max(0.0) as usize;
        return format!("{value:.decimals$}");
    }
    #[expect(clippy::cast_possible_truncation, reason = "doubles have powers of three digits")]
    let power = raised(exponent as i32);
    if factor == 1.0 { power } else { format!("{factor}·{power}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        linear(low, high, 5).texts
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(1.0, 43.0), ["10", "20", "30", "40"]);
        assert_eq!(texts(-0.03, 0.02), ["−0.03", "−0.02", "−0.01", "0.00", "0.01", "0.02"]);
        assert_eq!(texts(25.0, 346.0), ["100", "200", "300"]);
        let ticks = linear(0.0, 2_500_000.0, 5);
        assert_eq!((ticks.texts[1].as_str(), ticks.power), ("0.5", 6));
    }

    #[test]
    fn a_range_is_widened_to_round_numbers() {
        assert_eq!(widened(0.13, 0.71, 5), (0.0, 0.8));
        assert_eq!(widened(25.0, 346.0, 5), (0.0, 400.0));
        assert_eq!(widened(0.0, 10.0, 5), (0.0, 10.0));
    }

    #[test]
    fn odd_ranges_have_ticks() {
        for (low, high) in [
            (1e300, 1.7e308),
            (-1.7e308, 1.7e308),
            (5e-324, 1e-323),
            (1e15, 1e15 + 1.0),
            (3.0, 3.0 + 1e-15),
        ] {
            let ticks = linear(low, high, 5);
            assert!(ticks.values.len() < 20, "{low} to {high}: {ticks:?}");
            assert_eq!(ticks.values.len(), ticks.texts.len());
        }
    }

    #[test]
    fn powers_of_ten_stand_on_a_logarithmic_axis() {
        assert_eq!(logarithmic(0.01, 10.0).texts, ["0.01", "0.1", "1", "10"]);
        assert_eq!(logarithmic(0.1, 1.0).texts, ["0.1", "0.2", "0.5", "1"]);
        assert_eq!(logarithmic(1e-9, 1e-6).texts, ["10⁻⁹", "10⁻⁸", "10⁻⁷", "10⁻⁶"]);
    }
}
