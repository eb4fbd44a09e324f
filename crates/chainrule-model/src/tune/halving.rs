//! Trials in rungs: who does best goes on.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use chainrule_engine::callback::{BatchReport, Callback, EpochReport};
use chainrule_engine::error::Error as EngineError;
use chainrule_engine::real::Real;
use chainrule_engine::trainer::{Ended, Trainer};

use super::Watch;
use crate::encoder;
use crate::recipe::Recipe;
use crate::schema::Schema;
use crate::train::{Encoded, Error, Selection, first_network};

/// Of so many trials one goes on to the next rung, and has so many times the
/// epochs.
const THIRD: usize = 3;
/// Fewer epochs tell nothing.
const FEWEST_EPOCHS: usize = 5;

/// Encoded rows that train and rows that judge.
pub(super) struct Arena<T> {
    rows: Encoded<T>,
}

/// Settings, and what came of them.
pub(super) struct Entry {
    pub(super) number: usize,
    pub(super) recipe: Recipe,
    pub(super) outcome: Outcome,
}

/// What came of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    /// The rungs it went through.
    pub(super) rungs: usize,
    pub(super) epochs: usize,
    /// Infinite where training diverged or never began.
    pub(super) loss: f64,
    /// Whether it would have gone on.
    pub(super) was_stopped: bool,
}

/// Where trials compete.
pub(super) struct Race<'a, T> {
    pub(super) arenas: &'a [Arena<T>],
    pub(super) rungs: &'a [usize],
    pub(super) threads: usize,
    pub(super) watch: &'a dyn Watch,
}

/// A trial on its way.
struct Running<T: Real> {
    entry: Entry,
    /// One for each arena; none once the trial is out.
    trainings: Vec<Training<T>>,
}

/// A trial's training in one arena.
struct Training<T: Real> {
    trainer: Trainer<T>,
    loss: f64,
    /// Whether it has ended for good.
    has_ended: bool,
    /// Whether it got as far as the rung.
    is_through: bool,
    error: Option<Error>,
}

/// Returns the epoch that each rung goes to.
pub(super) fn rungs(trials: usize, epochs: usize) -> Vec<usize> {
    let mut rungs = vec![epochs];
    let (mut alive, mut next) = (trials / THIRD, epochs / THIRD);
    while alive > 0 && next >= FEWEST_EPOCHS {
        rungs.push(next);
        (alive, next) = (alive / THIRD, next / THIRD);
    }
    rungs.reverse();
    rungs
}

impl<T: Real> Arena<T> {
    pub(super) fn new(
        schema: &Schema,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        selection: Selection<'_>,
    ) -> Result<Arena<T>, Error> {
        let rows = Encoded::new(schema, encoding, recipe, selection)?;
        if rows.validation.is_none() || rows.training.count == 0 {
            return Err(Error::NothingDecides);
        }
        Ok(Arena { rows })
    }

    fn training(&self, recipe: &Recipe) -> Result<Training<T>, Error> {
        let mut settled = recipe.settle(self.rows.problem())?;
        settled.settings.threads = 1;
        settled.settings.time_limit = None;
        let network = first_network(&settled.architecture, recipe, &self.rows.encoder)?;
        let trainer = Trainer::new(network, settled.settings)?;
        Ok(Training {
            trainer,
            loss: f64::INFINITY,
            has_ended: false,
            is_through: false,
            error: None,
        })
    }
}

impl<T: Real> Race<'_, T> {
    /// Runs trials until one is left, or the watch ends it; returns all, in
    /// order. The first of all goes through every rung.
    pub(super) fn run(&self, before: usize, recipes: Vec<Recipe>) -> Result<Vec<Entry>, Error> {
        let mut trials = Vec::with_capacity(recipes.len());
        for (number, recipe) in (before + 1..).zip(recipes) {
            let trainings: Result<_, Error> =
                self.arenas.iter().map(|arena| arena.training(&recipe)).collect();
            let outcome = Outcome { rungs: 0, epochs: 0, loss: f64::INFINITY, was_stopped: false };
            let entry = Entry { number, recipe, outcome };
            trials.push(Running { entry, trainings: trainings? });
        }
        for (rung, &epoch) in self.rungs.iter().enumerate() {
            let alive = trials.iter().filter(|trial| !trial.trainings.is_empty()).count();
            self.watch.rung(alive, epoch);
            self.train(&mut trials, epoch);
            for trial in &mut trials {
                trial.judge()?;
            }
            if self.watch.should_stop() {
                break;
            }
            if rung + 1 < self.rungs.len() {
                keep_best(&mut trials);
            }
        }
        Ok(trials.into_iter().map(|trial| trial.entry).collect())
    }

    /// Trains all that are left to an epoch, side by side.
    fn train(&self, trials: &mut [Running<T>], epoch: usize) {
        let work = trials.iter_mut().flat_map(|trial| self.arenas.iter().zip(&mut trial.trainings));
        let work = Mutex::new(work);
        let next = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| {
                    while let Some((arena, training)) = next() {
                        training.go_to(epoch, &arena.rows, self.watch);
                        self.watch.trained();
                    }
                });
            }
        });
    }
}

impl<T: Real> Running<T> {
    /// Takes the mean loss of the trainings.
    fn judge(&mut self) -> Result<(), Error> {
        let trainings = &mut self.trainings;
        if trainings.is_empty() {
            return Ok(());
        }
        if let Some(error) = trainings.iter_mut().find_map(|training| training.error.take()) {
            return Err(error);
        }
        let outcome = &mut self.entry.outcome;
        let is_through = trainings.iter().all(|training| training.is_through);
        outcome.was_stopped = !is_through;
        outcome.epochs = trainings.iter().map(|one| one.trainer.epoch()).max().unwrap_or(0);
        // What a part of the trainings came to is not to be compared.
        if is_through {
            outcome.rungs += 1;
            let sum: f64 = trainings.iter().map(|training| training.loss).sum();
            outcome.loss = sum / trainings.len() as f64;
        }
        Ok(())
    }
}

/// Keeps a third of those that are left, and the first of all.
fn keep_best<T: Real>(trials: &mut [Running<T>]) {
    let mut alive: Vec<&mut Running<T>> =
        trials.iter_mut().filter(|trial| !trial.trainings.is_empty()).collect();
    alive.sort_by(|one, other| one.entry.outcome.order(&other.entry.outcome));
    let kept = (alive.len() / THIRD).max(1);
    for trial in alive.into_iter().skip(kept).filter(|trial| trial.entry.number != 1) {
        trial.trainings.clear();
    }
}

impl Outcome {
    /// Puts the better one first: which went through more rungs, then by loss.
    pub(super) fn order(&self, other: &Outcome) -> Ordering {
        other.rungs.cmp(&self.rungs).then(self.loss.total_cmp(&other.loss))
    }
}

impl<T: Real> Training<T> {
    /// Trains to an epoch, unless it is told to stop.
    fn go_to(&mut self, epoch: usize, rows: &Encoded<T>, watch: &dyn Watch) {
        self.is_through = self.has_ended;
        if self.has_ended || watch.should_stop() {
            return;
        }
        match self.train(epoch, rows, watch) {
            Ok(ended) => {
                self.has_ended = !ended.is_interrupted() || ended == Ended::Steps;
                self.is_through = self.has_ended || self.trainer.epoch() >= epoch;
                self.loss = self.validation_loss();
            }
            // What diverges here would end the training of the model.
            Err(Error::Engine(EngineError::Diverged { .. })) => {
                (self.has_ended, self.is_through, self.loss) = (true, true, f64::INFINITY);
            }
            Err(error) => self.error = Some(error),
        }
    }

    fn train(
        &mut self,
        epoch: usize,
        rows: &Encoded<T>,
        watch: &dyn Watch,
    ) -> Result<Ended, Error> {
        let architecture = self.trainer.architecture().clone();
        let training = rows.training.samples(&architecture)?;
        let validation = match &rows.validation {
            None => None,
            Some(part) => Some(part.samples(&architecture)?),
        };
        Ok(self.trainer.fit(&training, validation.as_ref(), &mut Until { epoch, watch })?)
    }

    /// Returns the loss of the network that training would end with: the least
    /// with early stopping, the last without.
    fn validation_loss(&self) -> f64 {
        let losses = &self.trainer.history().validation_loss;
        let loss = if self.trainer.settings().early_stopping.is_some() {
            losses.iter().copied().reduce(f64::min)
        } else {
            losses.last().copied()
        };
        loss.unwrap_or(f64::INFINITY)
    }
}

/// Ends a training at an epoch, or when it is told to stop.
struct Until<'a> {
    epoch: usize,
    watch: &'a dyn Watch,
}

impl<T: Real> Callback<T> for Until<'_> {
    fn batch(&mut self, _: &BatchReport) -> ControlFlow<()> {
        if self.watch.should_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, report: &EpochReport<'_, T>) -> ControlFlow<()> {
        // The last rung ends by itself, with the best weights.
        let is_there = report.epoch >= self.epoch && report.epoch < report.epochs;
        if is_there { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_are_thirds_of_the_epochs_as_far_as_they_tell_something() {
        let table: [(usize, usize, &[usize]); 6] = [
            (1, 500, &[500]),
            (2, 500, &[500]),
            (3, 500, &[166, 500]),
            (27, 500, &[18, 55, 166, 500]),
            (1000, 500, &[6, 18, 55, 166, 500]),
            (27, 10, &[10]),
        ];
        for (trials, epochs, expected) in table {
            assert_eq!(rungs(trials, epochs), expected, "{trials} trials, {epochs} epochs");
        }
    }

    #[test]
    fn more_rungs_come_before_a_lower_loss() {
        let outcome = |rungs, loss| Outcome { rungs, epochs: 9, loss, was_stopped: false };
        assert_eq!(outcome(2, 0.5).order(&outcome(1, 0.1)), Ordering::Less);
        assert_eq!(outcome(1, 0.5).order(&outcome(1, 0.1)), Ordering::Greater);
        assert_eq!(outcome(1, f64::INFINITY).order(&outcome(1, 0.1)), Ordering::Greater);
    }
}
