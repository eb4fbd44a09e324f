//! Holds published figures against what the example really yields.

use crate::example::{Example, Figure, Published};
use crate::explain::{Settings, Step};
use crate::rounding::Rounding;

/// A published figure beside the exact one.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The figure.
    pub figure: &'a Figure,
    /// The exact value, in the update order of its group.
    pub exact: f64,
    /// Whether the exact value, rounded to the places printed, is the figure.
    pub agrees: bool,
}

impl Published {
    /// Computes each figure of the group.
    pub fn compare(&self, example: &Example) -> Vec<Comparison<'_>> {
        let mut example = example.clone();
        example.convention.update_order = self.update_order;
        let mut network = example.network.clone();
        for number in 1..self.steps {
            network = example.step_of(&network, (number - 1) % example.samples.len()).updated;
        }
        let sample = (self.steps - 1) % example.samples.len();
        let last = Step::compute(&example, &Settings::default(), &network, self.steps, sample);
        self.figures
            .iter()
            .map(|figure| Comparison::new(figure, last.value(figure.quantity)))
            .collect()
    }
}

impl<'a> Comparison<'a> {
    fn new(figure: &'a Figure, exact: Option<f64>) -> Comparison<'a> {
        let exact = exact.expect("the reader takes figures of computed quantities only");
        Comparison { figure, exact, agrees: figure.agrees_with(exact) }
    }
}

impl Figure {
    /// Returns the places the figure was printed with: decimals, or significant
    /// digits where it was printed with an exponent.
    pub fn rounding(&self) -> Rounding {
        let (mantissa, exponent) = match self.printed.split_once(['e', 'E']) {
            Some((mantissa, _)) => (mantissa, true),
            None => (self.printed.as_str(), false),
        };
        let count = |text: &str| {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            u8::try_from(digits).unwrap_or(u8::MAX)
        };
        if exponent {
            Rounding::Digits(count(mantissa.trim_start_matches(['-', '+', '0', '.'])))
        } else {
            Rounding::Decimals(mantissa.split_once('.').map_or(0, |(_, decimals)| count(decimals)))
        }
    }
}
