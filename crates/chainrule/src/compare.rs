//! Both update orders side by side, and where they can be told apart.

use std::collections::HashMap;

use crate::convention::UpdateOrder;
use crate::example::Example;
use crate::explain::{Error, Explanation, Settings};
use crate::quantity::{Phase, Quantity};
use crate::rounding::Rounding;

/// The last step explained, in both update orders.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The number of the step, from 1.
    pub step: usize,
    /// Every quantity of the step, in the order of the work.
    pub rows: Vec<Row>,
    /// Whether every line was rounded, and only that makes both orders the same.
    pub is_hidden_by_rounding: bool,
}

/// One quantity in both update orders.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is.
    pub quantity: Quantity,
    /// Its value with the old weights.
    pub old_weights: f64,
    /// Its value with the updated weights.
    pub updated_weights: f64,
    /// At how many decimals the two first differ when rounded; `None` where
    /// they are equal.
    pub told_apart_at: Option<u8>,
}

impl Comparison {
    /// Computes the steps in both orders and sets the last ones side by side.
    ///
    /// # Errors
    /// As [`Explanation::new`].
    pub fn new(example: &Example, settings: &Settings) -> Result<Comparison, Error> {
        let [old, updated] = UpdateOrder::ALL.map(|order| {
            let mut example = example.clone();
            example.convention.update_order = order;
            let explanation = Explanation::new(&example, settings.clone())?;
            let last = explanation.steps().last();
            Ok(last.map_or((0, Vec::new()), |step| {
                (step.number, step.lines().map(|line| (line.quantity(), line.value())).collect())
            }))
        });
        let (step, old) = old?;
        let updated: HashMap<Quantity, f64> = updated?.1.into_iter().collect();
        let rows = old
            .into_iter()
            .filter_map(|(quantity, old_weights)| {
                let updated_weights = *updated.get(&quantity)?;
                Some(Row {
                    quantity,
                    old_weights,
                    updated_weights,
                    told_apart_at: first_decimal_apart(old_weights, updated_weights),
                })
            })
            .collect();
        let mut comparison = Comparison { step, rows, is_hidden_by_rounding: false };
        if settings.round_each && !comparison.differs() {
            let exact = Settings { round_each: false, ..settings.clone() };
            comparison.is_hidden_by_rounding = Comparison::new(example, &exact)?.differs();
        }
        Ok(comparison)
    }

    /// Returns the least number of decimals at which a quantity of a phase
    /// differs between the orders.
    pub fn told_apart_at(&self, phase: Phase) -> Option<u8> {
        self.rows
            .iter()
            .filter(|row| row.quantity.phase() == Some(phase))
            .filter_map(|row| row.told_apart_at)
            .min()
    }

    /// Tells whether the orders differ anywhere.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|row| row.told_apart_at.is_some())
    }
}

/// Returns the least number of decimals, up to 17, at which two numbers differ
/// when rounded.
fn first_decimal_apart(x: f64, y: f64) -> Option<u8> {
    if x == y {
        return None;
    }
    (0..=17).find(|&places| {
        let rounding = Rounding::Decimals(places);
        rounding.show(x) != rounding.show(y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_where_their_rounded_digits_differ() {
        let table = [
            (0.797_831_3, 0.797_610_9, Some(4)),
            (0.099_156_6, 0.099_070_9, Some(4)),
            (1.0, 1.0, None),
            (0.4, 0.6, Some(0)),
        ];
        for (x, y, expected) in table {
            assert_eq!(first_decimal_apart(x, y), expected, "{x} and {y}");
        }
    }
}
