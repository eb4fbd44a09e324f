//! How the learning rate changes while training runs.

use crate::error::Error;

/// A schedule: what the learning rate is multiplied by. `e` is the number of
/// epochs done.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Schedule {
    /// It stays.
    #[default]
    Constant,
    /// `factor^⌊e/every⌋`
    Step {
        /// The epochs from one change to the next.
        every: usize,
        /// What each change multiplies by.
        factor: f64,
    },
    /// `factor^e`
    Exponential {
        /// What each epoch multiplies by.
        factor: f64,
    },
    /// `1/(1 + decay·e)` (Robbins & Monro 1951 ask for such a decrease).
    Inverse {
        /// How fast it falls.
        decay: f64,
    },
    /// Rises from 0 in a straight line for `warm_up` epochs (Goyal et al.
    /// 2017), then falls as half a cosine to `floor` (Loshchilov & Hutter 2017,
    /// eq. 5) until the last epoch. Changes with every step.
    Cosine {
        /// The epochs it rises, broken ones too.
        warm_up: f64,
        /// Where it ends.
        floor: f64,
    },
    /// Rises from `start` to 1 for the share `rise` of all steps, then falls to
    /// `end`, which the last step has, both as half a cosine (Smith & Topin
    /// 2018, in the form that `PyTorch` has). Changes with every step.
    OneCycle {
        /// The share of steps that it rises.
        rise: f64,
        /// Where it starts.
        start: f64,
        /// Where it ends.
        end: f64,
    },
    /// Multiplies by `factor` whenever the loss (of the validation set, if
    /// there is one) has not become less for more than `patience` epochs; less
    /// than a ten-thousandth of the loss does not count (as in `PyTorch`).
    Plateau {
        /// What it multiplies by.
        factor: f64,
        /// How many epochs it waits.
        patience: usize,
    },
}

/// Where training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    /// Epochs done.
    pub(crate) epoch: usize,
    /// Epochs in all.
    pub(crate) epochs: usize,
    /// Batches done in this epoch.
    pub(crate) batch: usize,
    /// Batches of an epoch.
    pub(crate) batches: usize,
}

impl Schedule {
    /// The usual plateau: 0.3 times the rate after more than 10 epochs without
    /// a lesser loss.
    pub const PLATEAU: Schedule = Schedule::Plateau { factor: 0.3, patience: 10 };

    /// Tells whether steps of the same epoch may have different learning rates.
    pub(crate) fn changes_within_an_epoch(self) -> bool {
        matches!(self, Schedule::Cosine { .. } | Schedule::OneCycle { .. })
    }

    /// Returns what the learning rate is multiplied by; that of a plateau is
    /// kept by [`Plateau`].
    pub(crate) fn factor(self, progress: Progress) -> f64 {
        let Progress { epoch, epochs, batch, batches } = progress;
        let done = |batch: usize| epoch as f64 + batch as f64 / batches as f64;
        let end = epochs as f64;
        // Where there is nothing to fall over, it falls at once.
        let share = |part: f64, whole: f64| {
            if whole > 0.0 { part / whole } else { f64::from(u8::from(part >= 0.0)) }
        };
        // From 1 to 0, as half a cosine.
        let fall = |share: f64| 0.5 * (1.0 + (std::f64::consts::PI * share.clamp(0.0, 1.0)).cos());
        match self {
            Schedule::Constant | Schedule::Plateau { .. } => 1.0,
            Schedule::Step { every, factor } => factor.powf((epoch / every) as f64),
            Schedule::Exponential { factor } => factor.powf(epoch as f64),
            Schedule::Inverse { decay } => 1.0 / (1.0 + decay * epoch as f64),
            Schedule::Cosine { warm_up, floor } => {
                // The first step would have rate 0: it counts as done.
                if done(batch + 1) < warm_up {
                    return done(batch + 1) / warm_up;
                }
                floor + (1.0 - floor) * fall(share(done(batch) - warm_up, end - warm_up))
            }
            Schedule::OneCycle { rise, start, end } => {
                // Steps are counted from 0: the top is the last one of the rise.
                let step = epoch as f64 * batches as f64 + batch as f64;
                let steps = epochs as f64 * batches as f64;
                let (top, last) = (rise * steps - 1.0, steps - 1.0);
                if top > 0.0 && step <= top {
                    1.0 - (1.0 - start) * fall(step / top)
                } else {
                    end + (1.0 - end) * fall(share(step - top, last - top))
                }
            }
        }
    }

    /// Checks the settings.
    pub(crate) fn check(self) -> Result<(), Error> {
        let within = |setting, found: f64, low: f64, high: f64, expected| {
            if (low..=high).contains(&found) {
                Ok(())
            } else {
                Err(Error::Setting { setting, found, expected })
            }
        };
        let factor = |found| {
            within("the schedule's factor", found, f64::MIN_POSITIVE, 1.0, "above 0, at most 1")
        };
        match self {
            Schedule::Constant => Ok(()),
            Schedule::Step { every, factor: found } => {
                within("the schedule's step", every as f64, 1.0, f64::MAX, "1 epoch or more")?;
                factor(found)
            }
            Schedule::Exponential { factor: found } | Schedule::Plateau { factor: found, .. } => {
                factor(found)
            }
            Schedule::Inverse { decay } => {
                within("the schedule's decay", decay, 0.0, f64::MAX, "0 or more")
            }
            Schedule::Cosine { warm_up, floor } => {
                within("the warm-up", warm_up, 0.0, f64::MAX, "0 epochs or more")?;
                within("the schedule's floor", floor, 0.0, 1.0, "from 0 to 1")
            }
            Schedule::OneCycle { rise, start, end } => {
                within("the cycle's rise", rise, 0.0, 1.0, "from 0 to 1")?;
                within("the cycle's start", start, f64::MIN_POSITIVE, 1.0, "above 0, at most 1")?;
                within("the cycle's end", end, 0.0, 1.0, "from 0 to 1")
            }
        }
    }
}

/// What a plateau schedule remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plateau {
    /// What the learning rate is multiplied by now.
    pub(crate) factor: f64,
    /// The least loss so far.
    pub(crate) best: f64,
    /// The epochs since.
    pub(crate) waited: usize,
}

/// The share of the loss by which it must fall to have become less.
const LEAST_DECREASE: f64 = 1e-4;

impl Plateau {
    /// Nothing has happened yet.
    pub(crate) const START: Plateau = Plateau { factor: 1.0, best: f64::INFINITY, waited: 0 };

    /// Ends an epoch with a loss.
    pub(crate) fn end_epoch(&mut self, schedule: Schedule, loss: f64) {
        let Schedule::Plateau { factor, patience } = schedule else { return };
        // No less than anything is less than infinity.
        let margin = if self.best.is_finite() { LEAST_DECREASE * self.best.abs() } else { 0.0 };
        if loss < self.best - margin {
            self.best = loss;
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        if self.waited > patience {
            self.factor *= factor;
            self.waited = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        let at = |epoch, batch| Progress { epoch, epochs: 10, batch, batches: 4 };
        let cosine = Schedule::Cosine { warm_up: 2.0, floor: 0.1 };
        let cycle = Schedule::OneCycle { rise: 0.5, start: 0.04, end: 0.0 };
        // Each by hand.
        let table = [
            (Schedule::Constant, at(3, 0), 1.0),
            (Schedule::Step { every: 3, factor: 0.5 }, at(2, 3), 1.0),
            (Schedule::Step { every: 3, factor: 0.5 }, at(6, 0), 0.25),
            (Schedule::Exponential { factor: 0.5 }, at(3, 1), 0.125),
            (Schedule::Inverse { decay: 0.5 }, at(2, 0), 0.5),
            (cosine, at(0, 0), 0.125),
            (cosine, at(1, 2), 0.875),
            (cosine, at(2, 0), 1.0),
            (cosine, at(6, 0), 0.55),
            (cosine, at(10, 0), 0.1),
            (cycle, at(0, 0), 0.04),
            // Of 40 steps, number 19 is the last of the rise.
            (cycle, at(4, 3), 1.0),
            (cycle, at(7, 1), 0.5),
            (cycle, at(9, 3), 0.0),
            (Schedule::OneCycle { rise: 1.0, start: 0.1, end: 0.2 }, at(9, 3), 1.0),
            // After the end, where a rate is asked for but no step is made.
            (cycle, at(10, 0), 0.0),
            (Schedule::OneCycle { rise: 1.0, start: 0.1, end: 0.2 }, at(10, 0), 0.2),
            (Schedule::Cosine { warm_up: 10.0, floor: 0.1 }, at(9, 3), 1.0),
            (Schedule::Cosine { warm_up: 10.0, floor: 0.1 }, at(10, 0), 0.1),
        ];
        for (schedule, progress, expected) in table {
            let found = schedule.factor(progress);
            // A cosine and some products: a few roundings of 1e-16.
            assert!((found - expected).abs() < 1e-15, "{schedule:?} at {progress:?}: {found}");
        }
    }

    #[test]
    fn a_plateau_waits_longer_than_its_patience() {
        let schedule = Schedule::Plateau { factor: 0.1, patience: 1 };
        let mut plateau = Plateau::START;
        let mut factors = Vec::new();
        for loss in [3.0, 2.0, 2.0, 2.5, 2.5, 1.0, f64::NAN, 1.5] {
            plateau.end_epoch(schedule, loss);
            factors.push(plateau.factor);
        }
        let second = 0.1 * 0.1;
        assert_eq!(factors, [1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1, second]);
    }

    #[test]
    fn a_plateau_falls_slower_than_a_ten_thousandth() {
        let schedule = Schedule::Plateau { factor: 0.5, patience: 0 };
        // The Poisson loss may be negative.
        for (losses, expected) in [
            ([1.0, 0.99995, 0.9999], 0.25),
            ([1.0, 0.9998, 0.9996], 1.0),
            ([-1.0, -1.00005, -1.0001], 0.25),
            ([-1.0, -1.0002, -1.0004], 1.0),
        ] {
            let mut plateau = Plateau::START;
            for loss in losses {
                plateau.end_epoch(schedule, loss);
            }
            assert_eq!(plateau.factor, expected, "{losses:?}");
        }
    }
}
