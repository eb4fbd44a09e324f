//! A run that was saved, killed and restored goes on as if it had not been.

use std::ops::ControlFlow;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::callback::{BatchReport, Callback, EpochReport};
use chainrule_engine::data::Samples;
use chainrule_engine::error::Error;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::{Clip, EarlyStopping, Settings};
use chainrule_engine::trainer::{Ended, Trainer};
use proptest::prelude::*;

use crate::common::{Task, classifier};

/// Stops after a step.
struct After(u64);

impl Callback<f64> for After {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Keeps the state of every epoch, and stops for none.
#[derive(Default)]
struct States(Vec<Vec<u8>>);

impl Callback<f64> for States {
    fn epoch(&mut self, report: &EpochReport<'_, f64>) -> ControlFlow<()> {
        self.0.push(report.state());
        ControlFlow::Continue(())
    }
}

fn settings(optimizer: Optimizer) -> Settings {
    let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
    settings.optimizer = optimizer;
    settings.learning_rate = 0.01;
    settings.batch_size = 7;
    settings.epochs = 5;
    settings.seed = 11;
    settings
}

fn cases() -> Vec<Settings> {
    let mut all: Vec<Settings> =
        Optimizer::ALL[..11].iter().map(|(_, optimizer)| settings(*optimizer)).collect();
    let mut more = settings(Optimizer::NADAM);
    more.schedule = Schedule::Plateau { factor: 0.5, patience: 0 };
    more.clip = Clip::Norm(0.1);
    more.early_stopping = Some(EarlyStopping { patience: 2, min_improvement: 0.05 });
    more.label_smoothing = 0.1;
    more.l1 = 1e-3;
    // So large that the loss rises now and then.
    more.learning_rate = 0.5;
    all.push(more.clone());
    more.early_stopping = None;
    all.push(more);
    all
}

fn trainer(settings: &Settings, seed: u64) -> Trainer<f64> {
    let dropout = if settings.optimizer.is_of_whole_set() { 0.0 } else { 0.3 };
    let shape = if settings.loss == Loss::HalfSquared {
        // Least squares: there is a minimum to arrive at.
        Architecture::new(5, [LayerSpec::new(3, Activation::Identity)]).unwrap()
    } else {
        classifier(&[5, 9, 6, 3], Activation::Tanh, dropout)
    };
    let network = Network::new(shape, Initialisation::default(), seed);
    Trainer::new(network, settings.clone()).unwrap()
}

fn bits(trainer: &Trainer<f64>) -> Vec<u64> {
    trainer.network().parameters().iter().map(|value| value.to_bits()).collect()
}

/// Also the last one, that of a run which is about to end early.
#[test]
fn a_state_kept_by_a_callback_goes_on_to_the_same_end() {
    let task = Task::new(40, 5, 3, 2);
    let validation = Task::new(10, 5, 3, 4);
    let mut kept_at_the_end = 0;
    let converging = [Optimizer::LBFGS, Optimizer::LEVENBERG_MARQUARDT].map(|optimizer| {
        let mut settings = settings(optimizer);
        // The second works with squared errors.
        settings.loss = Loss::HalfSquared;
        settings.epochs = 200;
        settings
    });
    for settings in cases().into_iter().chain(converging) {
        let mut whole = trainer(&settings, 1);
        let samples = Samples::new(whole.architecture(), &task.inputs, &task.targets).unwrap();
        let validation =
            Samples::new(whole.architecture(), &validation.inputs, &validation.targets).unwrap();
        let mut states = States::default();
        let end = whole.fit(&samples, Some(&validation), &mut states).unwrap();
        kept_at_the_end += usize::from(end == Ended::Converged);
        assert_eq!(states.0.len(), whole.epoch());
        let first = states.0.len().saturating_sub(6);
        for state in &states.0[first..] {
            let mut resumed = trainer(&settings, 9);
            resumed.restore(state).unwrap();
            assert_eq!(resumed.fit(&samples, Some(&validation), &mut ()).unwrap(), end);
            let optimizer = &settings.optimizer;
            assert_eq!(resumed.epoch(), whole.epoch(), "{optimizer:?}");
            assert_eq!(bits(&resumed), bits(&whole), "{optimizer:?}");
            assert_eq!(resumed.history().training_loss, whole.history().training_loss);
        }
    }
    assert!(kept_at_the_end >= 2, "only {kept_at_the_end} runs ended early");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn cut_anywhere_it_ends_with_the_same_bits(
        settings in prop::sample::select(cases()),
        cuts in prop::collection::btree_set(1..30_u64, 1..4),
    ) {
        let task = Task::new(40, 5, 3, 2);
        let mut whole = trainer(&settings, 1);
        let samples = Samples::new(whole.architecture(), &task.inputs, &task.targets).unwrap();
        let validation = Task::new(10, 5, 3, 4);
        let validation = Samples::new(whole.architecture(), &validation.inputs, &validation.targets);
        let validation = validation.unwrap();
        let end = whole.fit(&samples, Some(&validation), &mut ()).unwrap();

        let mut parts = trainer(&settings, 1);
        for cut in cuts {
            let ended = if settings.optimizer.is_of_whole_set() {
                parts.set_epochs(1 + usize::try_from(cut / 7).unwrap());
                let ended = parts.fit(&samples, Some(&validation), &mut ()).unwrap();
                parts.set_epochs(5);
                ended
            } else {
                parts.fit(&samples, Some(&validation), &mut After(cut)).unwrap()
            };
            let state = parts.state();
            // Another process: other first weights, other threads.
            let mut restored = Trainer::new(
                trainer(&settings, 77).network(),
                Settings { threads: 2, ..settings.clone() },
            ).unwrap();
            restored.restore(&state).unwrap();
            prop_assert_eq!(restored.state(), state);
            parts = restored;
            if ended == Ended::Converged {
                break;
            }
        }
        let found = parts.fit(&samples, Some(&validation), &mut ()).unwrap();
        prop_assert!(found == end || end == Ended::Converged, "{:?}, expected {:?}", found, end);
        prop_assert_eq!(bits(&parts), bits(&whole));
        let (parts, whole) = (parts.history(), whole.history());
        prop_assert_eq!(&parts.training_loss, &whole.training_loss);
        prop_assert_eq!(&parts.validation_loss, &whole.validation_loss);
        prop_assert_eq!(&parts.learning_rate, &whole.learning_rate);
    }

    #[test]
    fn no_bytes_make_it_panic(
        mut changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut trainer = trainer(&settings(Optimizer::ADAM), 1);
        let mut state = trainer.state();
        if is_cut {
            state.truncate(length.index(state.len()));
            changes.clear();
        }
        for (place, byte) in changes {
            let place = place.index(state.len());
            state[place] = byte;
        }
        let before = trainer.state();
        if trainer.restore(&state).is_err() {
            prop_assert_eq!(trainer.state(), before);
        } else {
            let task = Task::new(8, 5, 3, 2);
            let shape = trainer.architecture().clone();
            let samples = Samples::new(&shape, &task.inputs, &task.targets).unwrap();
            let _ = trainer.fit(&samples, None, &mut After(trainer.step() + 2));
        }
    }
}

#[test]
fn a_state_of_other_settings_is_refused() {
    let state = trainer(&settings(Optimizer::ADAM), 1).state();
    let error = trainer(&settings(Optimizer::SGD), 1).restore(&state).unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
}

#[test]
fn other_threads_go_on_with_the_same_bits() {
    // 64·128 + 128·64 weights by 128 samples: work for four threads.
    let shape = classifier(&[64, 128, 64, 3], Activation::Relu, 0.1);
    let task = Task::new(300, 64, 3, 2);
    let samples = Samples::new(&shape, &task.inputs, &task.targets).unwrap();
    for (name, optimizer) in Optimizer::ALL.into_iter().filter(|(_, one)| !one.is_of_whole_set()) {
        let on = |threads| {
            let settings = Settings { threads, batch_size: 128, epochs: 3, ..settings(optimizer) };
            let network = Network::new(shape.clone(), Initialisation::default(), 1);
            Trainer::new(network, settings).unwrap()
        };
        let mut whole = on(1);
        whole.fit(&samples, None, &mut ()).unwrap();
        let mut trainer = on(4);
        for (threads, step) in [(1, 2), (3, 4), (2, 7)] {
            trainer.fit(&samples, None, &mut After(step)).unwrap();
            let state = trainer.state();
            trainer = on(threads);
            trainer.restore(&state).unwrap();
        }
        trainer.fit(&samples, None, &mut ()).unwrap();
        assert_eq!(bits(&trainer), bits(&whole), "{name}");
    }
}

#[test]
fn a_plateau_is_remembered() {
    // A rate so large that the loss often rises: the factor changes in most
    // epochs, before and after every cut.
    let plateau = Settings {
        schedule: Schedule::Plateau { factor: 0.7, patience: 0 },
        learning_rate: 3.0,
        epochs: 12,
        ..settings(Optimizer::SGD)
    };
    let task = Task::new(40, 5, 3, 2);
    let mut whole = trainer(&plateau, 1);
    let shape = whole.architecture().clone();
    let samples = Samples::new(&shape, &task.inputs, &task.targets).unwrap();
    whole.fit(&samples, None, &mut ()).unwrap();
    let rates = &whole.history().learning_rate;
    let changes = rates.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes >= 3, "{rates:?}");
    for cut in 1..=72 {
        let mut parts = trainer(&plateau, 1);
        parts.fit(&samples, None, &mut After(cut)).unwrap();
        let mut restored = trainer(&plateau, 77);
        restored.restore(&parts.state()).unwrap();
        restored.fit(&samples, None, &mut ()).unwrap();
        assert_eq!(&restored.history().learning_rate, rates, "cut after step {cut}");
        assert_eq!(bits(&restored), bits(&whole), "cut after step {cut}");
    }
}
