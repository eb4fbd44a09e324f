//! An axis: from where to where, and which numbers stand along it.

use super::number::raised;
use super::ticks::{self, Ticks};

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    title: String,
    low: f64,
    high: f64,
    is_logarithmic: bool,
}

/// About how many numbers stand along an axis.
const MOST: usize = 6;

impl Axis {
    /// Makes an axis between two ends.
    pub fn between(title: &str, low: f64, high: f64) -> Axis {
        let (low, high) = apart(low, high);
        Axis { title: title.to_string(), low, high, is_logarithmic: false }
    }

    /// Makes an axis that holds all finite values, between round numbers.
    pub fn around(title: &str, values: impl IntoIterator<Item = f64>) -> Axis {
        let (low, high) = ends(values).unwrap_or((0.0, 1.0));
        let (low, high) = apart(low, high);
        let (low, high) = ticks::widened(low, high, MOST);
        Axis { title: title.to_string(), low, high, is_logarithmic: false }
    }

    /// Makes a logarithmic axis that holds all values, which are above 0.
    pub fn logarithmic(title: &str, values: impl IntoIterator<Item = f64>) -> Axis {
        let values = values.into_iter().filter(|value| *value > 0.0);
        let (low, high) = ends(values).unwrap_or((1.0, 10.0));
        let (low, high) = (low * 0.9, high * 1.1);
        Axis { title: title.to_string(), low, high: high.max(low * 2.0), is_logarithmic: true }
    }

    /// Returns the share of the way from the lower end to the higher.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
        } else {
            // Halves: the distance of the ends may be infinite.
            (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
        };
        share.clamp(-0.5, 1.5)
    }

    pub(super) fn ticks(&self) -> Ticks {
        if self.is_logarithmic {
            ticks::logarithmic(self.low, self.high)
        } else {
            ticks::linear(self.low, self.high, MOST)
        }
    }

    /// Returns the title, with the power of ten that its numbers lack.
    pub(super) fn title(&self, ticks: &Ticks) -> String {
        match ticks.power {
            0 => self.title.clone(),
            power => format!("{} (×{})", self.title, raised(power)),
        }
    }
}

fn ends(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.into_iter().filter(|value| value.is_finite());
    finite.fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

/// Makes room where two ends are one.
fn apart(low: f64, high: f64) -> (f64, f64) {
    // Beyond this, squares and halves leave the range of doubles.
    let (low, high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
    let least = 1e-9 * low.abs().max(high.abs()).max(1e-290);
    if high - low > least {
        (low, high)
    } else {
        (low - 0.5 * low.abs().max(1.0), high + 0.5 * high.abs().max(1.0))
    }
}
