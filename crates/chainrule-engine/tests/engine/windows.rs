//! Samples that come in windows train as samples in memory do.

use std::ops::ControlFlow;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::Architecture;
use chainrule_engine::callback::{BatchReport, Callback};
use chainrule_engine::data::Samples;
use chainrule_engine::error::Error;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{EarlyStopping, Settings};
use chainrule_engine::trainer::{Ended, Trainer, Windows};

use crate::common::{Task, classifier};

const ROWS: usize = 100;

/// Rows of a task, so many at a time.
struct Cut<'a> {
    shape: &'a Architecture,
    task: &'a Task,
    size: usize,
    next: usize,
}

impl Windows<f64> for Cut<'_> {
    type Error = Error;

    fn rewind(&mut self) -> Result<(), Error> {
        self.next = 0;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Samples<'_, f64>>, Error> {
        let (start, end) = (self.next, ROWS.min(self.next + self.size));
        self.next = end;
        if start == end {
            return Ok(None);
        }
        let inputs = &self.task.inputs[start * 5..end * 5];
        Samples::new(self.shape, inputs, &self.task.targets[start * 3..end * 3]).map(Some)
    }
}

fn settings() -> Settings {
    let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
    settings.learning_rate = 0.01;
    settings.batch_size = 8;
    settings.epochs = 6;
    settings.seed = 3;
    settings.early_stopping = Some(EarlyStopping { patience: 4, min_improvement: 0.0 });
    settings
}

fn trainer(settings: &Settings) -> Trainer<f64> {
    let shape = classifier(&[5, 7, 3], Activation::Tanh, 0.2);
    Trainer::new(Network::new(shape, Initialisation::default(), 1), settings.clone()).unwrap()
}

struct After(u64);

impl Callback<f64> for After {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Trains on windows, with a validation set.
fn windows(
    trainer: &mut Trainer<f64>,
    size: usize,
    count: usize,
    callback: &mut dyn Callback<f64>,
) -> Result<Ended, Error> {
    let (task, held_back) = (Task::new(ROWS, 5, 3, 1), Task::new(20, 5, 3, 2));
    let shape = trainer.architecture().clone();
    let validation = Samples::new(&shape, &held_back.inputs, &held_back.targets)?;
    let mut cut = Cut { shape: &shape, task: &task, size, next: 0 };
    trainer.fit_windows(&mut cut, count, Some(&validation), callback)
}

fn whole(trainer: &mut Trainer<f64>) {
    let (task, held_back) = (Task::new(ROWS, 5, 3, 1), Task::new(20, 5, 3, 2));
    let shape = trainer.architecture().clone();
    let samples = Samples::new(&shape, &task.inputs, &task.targets).unwrap();
    let validation = Samples::new(&shape, &held_back.inputs, &held_back.targets).unwrap();
    trainer.fit(&samples, Some(&validation), &mut ()).unwrap();
}

/// Compares all but the seconds.
fn assert_same(one: &Trainer<f64>, other: &Trainer<f64>, what: &str) {
    assert_eq!(one.network(), other.network(), "{what}");
    assert_eq!(one.history().training_loss, other.history().training_loss, "{what}");
    assert_eq!(one.history().validation_loss, other.history().validation_loss, "{what}");
}

#[test]
fn one_window_with_all_rows_trains_bit_for_bit_as_memory_does() {
    let (mut one, mut other) = (trainer(&settings()), trainer(&settings()));
    whole(&mut one);
    windows(&mut other, ROWS, ROWS, &mut ()).unwrap();
    assert_same(&one, &other, "a window of all rows");
}

#[test]
fn without_shuffling_windows_are_of_no_matter() {
    let settings = Settings { shuffle: false, ..settings() };
    let mut one = trainer(&settings);
    whole(&mut one);
    for size in [8, 24, 96] {
        let mut other = trainer(&settings);
        windows(&mut other, size, ROWS, &mut ()).unwrap();
        assert_same(&one, &other, &format!("windows of {size}"));
    }
}

#[test]
fn rows_are_shuffled_within_a_window_and_anew_in_each_epoch() {
    let losses = |size, epochs| {
        let mut trainer = trainer(&Settings { epochs, ..settings() });
        windows(&mut trainer, size, ROWS, &mut ()).unwrap();
        trainer.history().training_loss.clone()
    };
    let ordered = {
        let mut trainer = trainer(&Settings { shuffle: false, ..settings() });
        windows(&mut trainer, 24, ROWS, &mut ()).unwrap();
        trainer.history().training_loss.clone()
    };
    assert_ne!(losses(24, 6), ordered);
    assert_ne!(losses(24, 6), losses(48, 6));
    assert_eq!(losses(24, 6), losses(24, 6));
}

#[test]
fn an_interrupted_run_goes_on_within_a_window() {
    let mut straight = trainer(&settings());
    windows(&mut straight, 24, ROWS, &mut ()).unwrap();
    // 13 steps an epoch: before, at and after the end of windows and epochs.
    for step in [1, 2, 3, 4, 12, 13, 14, 30, 39, 77] {
        let mut first = trainer(&settings());
        let ended = windows(&mut first, 24, ROWS, &mut After(step)).unwrap();
        assert_eq!(ended, Ended::Callback, "step {step}");
        let mut second = trainer(&settings());
        second.restore(&first.state()).unwrap();
        windows(&mut second, 24, ROWS, &mut ()).unwrap();
        assert_same(&straight, &second, &format!("stopped after step {step}"));
        // The same process, without saving.
        windows(&mut first, 24, ROWS, &mut ()).unwrap();
        assert_same(&straight, &first, &format!("stopped after step {step}"));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for count in [ROWS - 1, ROWS + 1] {
        let found = windows(&mut trainer(&settings()), 24, count, &mut ());
        assert!(matches!(found, Err(Error::Length { what: "samples", .. })), "{found:?}");
    }
    let mut whole_set = settings();
    whole_set.optimizer = Optimizer::LBFGS;
    let shape = classifier(&[5, 7, 3], Activation::Tanh, 0.0);
    let network = Network::new(shape, Initialisation::default(), 1);
    let mut trainer = Trainer::new(network, whole_set).unwrap();
    let found = windows(&mut trainer, 24, ROWS, &mut ());
    assert!(matches!(found, Err(Error::Conflict { .. })), "{found:?}");
}

#[test]
fn a_divergence_leaves_what_the_epoch_began_with() {
    let mut bad = settings();
    // Two such steps are more than a double holds.
    bad.learning_rate = 1e308;
    bad.optimizer = Optimizer::SGD;
    let mut trainer = trainer(&bad);
    let before = trainer.network();
    let found = windows(&mut trainer, 24, ROWS, &mut ());
    assert!(matches!(found, Err(Error::Diverged { .. })), "{found:?}");
    assert_eq!(trainer.network(), before);
}
