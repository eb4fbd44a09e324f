//! Drawing numbers for the open places of a template.

use super::Template;
use super::places::{Blank, Targets};
use crate::example::write::Slot;
use crate::exercise::worksheet::random::Random;

impl Template {
    /// Draws numbers for all open places.
    pub(in crate::exercise::worksheet) fn draw(&self, random: &mut Random) -> Vec<f64> {
        let mut numbers = vec![f64::NAN; self.blanks.len()];
        for place in 0..numbers.len() {
            numbers[place] = self.draw_at(place, &numbers, random);
        }
        if self.targets == Targets::OneOf {
            self.choose_class(&mut numbers, random);
        }
        numbers
    }

    /// Draws one of some numbers anew; of the targets that choose a class, all.
    pub(in crate::exercise::worksheet) fn change_one(
        &self,
        numbers: &[f64],
        random: &mut Random,
    ) -> Vec<f64> {
        let mut numbers = numbers.to_vec();
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let place = random.below(count) as usize;
        if self.targets == Targets::OneOf && matches!(self.blanks[place].slot, Slot::Target { .. })
        {
            self.choose_class(&mut numbers, random);
        } else {
            numbers[place] = self.draw_at(place, &numbers, random);
        }
        numbers
    }

    /// Draws the number of one place. Two weights are not the same but for
    /// their sign, as far as the range has so many.
    fn draw_at(&self, place: usize, numbers: &[f64], random: &mut Random) -> f64 {
        const TRIES: usize = 20;
        let blank = &self.blanks[place];
        let mut number = blank.choice.draw(random);
        if matches!(blank.slot, Slot::Parameter(_)) {
            for _ in 0..TRIES {
                let is_taken = self.blanks.iter().zip(numbers).enumerate().any(|(at, (one, x))| {
                    at != place && matches!(one.slot, Slot::Parameter(_)) && x.abs() == number.abs()
                });
                if !is_taken {
                    break;
                }
                number = blank.choice.draw(random);
            }
        }
        number
    }

    /// Of the open targets of a sample, makes one a 1 and the others 0.
    fn choose_class(&self, numbers: &mut [f64], random: &mut Random) {
        let sample_of = |blank: &Blank| match blank.slot {
            Slot::Target { sample, .. } => Some(sample),
            _ => None,
        };
        let places: Vec<usize> =
            (0..numbers.len()).filter(|&at| sample_of(&self.blanks[at]).is_some()).collect();
        for group in
            places.chunk_by(|&x, &y| sample_of(&self.blanks[x]) == sample_of(&self.blanks[y]))
        {
            let Some(&chosen) = random.choose(group) else { continue };
            for &place in group {
                numbers[place] = f64::from(u8::from(place == chosen));
            }
        }
    }

    /// Returns numbers near some others, with all their digits; what the loss
    /// wants whole stays as it is.
    pub(in crate::exercise::worksheet) fn near(
        &self,
        numbers: &[f64],
        random: &mut Random,
    ) -> Vec<f64> {
        const SHARE: f64 = 0.02;
        let is_whole = |blank: &Blank| {
            matches!(blank.slot, Slot::Target { .. }) && self.targets != Targets::Any
        };
        let places = self.blanks.iter().zip(numbers);
        places
            .map(|(blank, &number)| {
                let aside = SHARE * (random.uniform() - 0.5);
                if is_whole(blank) { number } else { number * (1.0 + aside) + SHARE * aside }
            })
            .collect()
    }
}
