//! How a sheet was worked and handed in: rounding, and what was stated.

use crate::student::{Dice, Half, Places};

/// The circumstances of a sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) places: Places,
    pub(crate) half: Half,
    /// Whether the marker is told the places.
    pub(crate) places_stated: bool,
    /// Whether the marker is told the convention; else the exercise has some
    /// other one.
    pub(crate) convention_stated: bool,
    /// The convention that the exercise has where none is stated.
    pub(crate) otherwise: usize,
}

impl Setting {
    pub(crate) fn random(dice: &mut Dice) -> Setting {
        let count = 3 + dice.below(4);
        Setting {
            places: dice.pick(&[
                Places::Decimals(count),
                Places::Decimals(count),
                Places::Digits(count),
            ]),
            half: dice.pick(&[Half::Up, Half::Even]),
            places_stated: dice.below(2) == 0,
            convention_stated: dice.below(3) > 0,
            otherwise: dice.below(4),
        }
    }
}
