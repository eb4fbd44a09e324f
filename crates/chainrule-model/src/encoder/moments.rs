//! Mean, deviation and skewness of numbers that come one after another.
//!
//! The sums are those of Welford (1962), with the third of Terriberry (2007):
//! the same numbers in the same order give the same bits, however they were cut
//! into parts. They are of the differences from the first number, so that an
//! offset costs no digits. Numbers whose squares are beyond doubles are scaled down by a
//! power of two, which is exact.

/// The running sums.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    count: u64,
    /// The first number; all else is of what is left without it.
    first: f64,
    mean: f64,
    /// The sum of squared differences from the mean.
    squares: f64,
    /// The sum of their cubes.
    cubes: f64,
    /// What numbers are multiplied with: 1, or [`DOWN`] once one was large.
    scale: f64,
}

/// Numbers from here on have cubes that leave the range of doubles.
const LARGE: f64 = 1e90;
/// Brings every double below 1e68: a power of two.
const DOWN: f64 = f64::from_bits((1023 - 800) << 52);

impl Moments {
    pub(super) fn new() -> Moments {
        Moments { count: 0, first: 0.0, mean: 0.0, squares: 0.0, cubes: 0.0, scale: 1.0 }
    }

    /// Adds a finite number.
    #[inline]
    pub(super) fn add(&mut self, number: f64) {
        if number.abs() > LARGE && self.scale == 1.0 {
            self.scale = DOWN;
            self.first *= DOWN;
            self.mean *= DOWN;
            self.squares *= DOWN * DOWN;
            self.cubes = 0.0;
        }
        if self.count == 0 {
            self.first = number * self.scale;
        }
        self.count += 1;
        let count = self.count as f64;
        let delta = (number * self.scale - self.first) - self.mean;
        let part = delta / count;
        let term = delta * part * (count - 1.0);
        self.mean += part;
        self.cubes += term * part * (count - 2.0) - 3.0 * part * self.squares;
        self.squares += term;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the mean; 0 of nothing.
    pub(super) fn mean(&self) -> f64 {
        (self.first + self.mean) / self.scale
    }

    /// Returns the standard deviation, with `count` below the root.
    pub(super) fn deviation(&self) -> f64 {
        (self.squares / self.count.max(1) as f64).sqrt() / self.scale
    }

    /// Returns the skewness, `m₃ / m₂^1.5`; 0 of equal numbers.
    pub(super) fn skewness(&self) -> f64 {
        let count = self.count.max(1) as f64;
        let variance = self.squares / count;
        if variance > 0.0 { self.cubes / count / variance.powf(1.5) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Moments {
        let mut moments = Moments::new();
        for &number in numbers {
            moments.add(number);
        }
        moments
    }

    #[test]
    fn moments_of_few_numbers_are_those_found_by_hand() {
        let moments = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(moments.mean(), 5.0);
        assert!((moments.deviation() - 2.0).abs() < 1e-15);
        // Differences −3, −1 (3×), 0 (2×), 2, 4: cubes −27 − 3 + 8 + 64 = 42.
        assert!((moments.skewness() - 42.0 / 8.0 / 8.0).abs() < 1e-15);
        assert_eq!(of(&[3.0, 3.0]).skewness(), 0.0);
    }

    #[test]
    fn neither_size_nor_offset_costs_digits() {
        for factor in [1e-100, 1.0, 1e200, 1e307] {
            let moments = of(&[-factor, 2.0 * factor, 5.0 * factor]);
            let exact = 6_f64.sqrt() * factor;
            assert!((moments.mean() / (2.0 * factor) - 1.0).abs() < 1e-15, "{factor}");
            assert!((moments.deviation() / exact - 1.0).abs() < 1e-15, "{factor}");
        }
        let moments = of(&[1e9 - 1.0, 1e9, 1e9 + 1.0]);
        assert!((moments.deviation() - (2_f64 / 3.0).sqrt()).abs() < 1e-15);
        // The sum and the squares of these are infinite.
        let moments = of(&[1e308, -1e308, 1.7e308, 1.7e308]);
        assert!((moments.mean() / 0.85e308 - 1.0).abs() < 1e-15);
        assert!(moments.deviation() > 1e308 && moments.deviation() < 1.2e308);
    }
}
