//! The training loop: when it ends, what it leaves, and what is told on the way.

use std::ops::ControlFlow;
use std::time::Duration;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::callback::{BatchReport, Callback, EpochReport};
use chainrule_engine::data::Samples;
use chainrule_engine::error::Error;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{Clip, EarlyStopping, Settings};
use chainrule_engine::trainer::{Ended, Trainer};

use crate::common::{Task, numbers};

/// A network with one output, for a loss that every optimizer takes.
fn shape() -> Architecture {
    let layers = [LayerSpec::new(6, Activation::Tanh), LayerSpec::new(1, Activation::Identity)];
    Architecture::new(3, layers).unwrap()
}

fn network() -> Network<f64> {
    Network::new(shape(), Initialisation::default(), 1)
}

fn settings(optimizer: Optimizer) -> Settings {
    Settings {
        optimizer,
        learning_rate: 0.01,
        batch_size: 8,
        epochs: 6,
        ..Settings::new(Loss::HalfSquared)
    }
}

struct Data {
    inputs: Vec<f64>,
    targets: Vec<f64>,
}

impl Data {
    fn new(count: usize, seed: u64) -> Data {
        Data { inputs: numbers(3 * count, seed), targets: numbers(count, seed + 100) }
    }

    fn samples(&self) -> Samples<'_, f64> {
        Samples::new(&shape(), &self.inputs, &self.targets).unwrap()
    }
}

fn bits(network: &Network<f64>) -> Vec<u64> {
    network.parameters().iter().map(|value| value.to_bits()).collect()
}

/// A state without the seconds, which are never the same.
fn state(trainer: &Trainer<f64>) -> Vec<u8> {
    let mut state = trainer.state();
    state.truncate(state.len() - 8 * trainer.history().epochs());
    state
}

/// Keeps the network of each epoch, and what was told.
#[derive(Default)]
struct Epochs {
    networks: Vec<Network<f64>>,
    losses: Vec<f64>,
    is_best: Vec<bool>,
}

impl Callback<f64> for Epochs {
    fn epoch(&mut self, report: &EpochReport<'_, f64>) -> ControlFlow<()> {
        self.networks.push(report.network());
        self.losses.push(report.validation_loss.unwrap_or(report.training_loss));
        self.is_best.push(report.is_best);
        ControlFlow::Continue(())
    }
}

#[test]
fn a_divergence_says_where_and_leaves_what_there_was() {
    let data = Data::new(24, 1);
    let validation = Data::new(8, 2);
    // So large that its loss is infinite, though every number is finite.
    let far = Data { targets: vec![1e200; 8], ..Data::new(8, 2) };
    for (name, optimizer) in Optimizer::ALL {
        let mut trainer = Trainer::new(network(), settings(optimizer)).unwrap();
        trainer.set_epochs(3);
        trainer.fit(&data.samples(), Some(&validation.samples()), &mut ()).unwrap();
        trainer.set_epochs(6);
        let good = state(&trainer);
        let error = trainer.fit(&data.samples(), Some(&far.samples()), &mut ()).unwrap_err();
        let Error::Diverged { epoch, what, pre_activation, layer, .. } = error else {
            panic!("{name}: {error}")
        };
        assert_eq!((epoch, what), (4, "the validation loss"), "{name}");
        assert!(pre_activation > 0.0 && pre_activation.is_finite(), "{name}: {pre_activation}");
        assert!((1..=2).contains(&layer), "{name}: layer {layer}");
        assert_eq!(state(&trainer), good, "{name}: the last good state");

        // And it goes on as if nothing had happened.
        trainer.fit(&data.samples(), Some(&validation.samples()), &mut ()).unwrap();
        let mut whole = Trainer::new(network(), settings(optimizer)).unwrap();
        whole.fit(&data.samples(), Some(&validation.samples()), &mut ()).unwrap();
        assert_eq!(bits(&trainer.network()), bits(&whole.network()), "{name}");
    }
}

#[test]
fn a_divergence_in_training_leaves_what_the_epoch_began_with() {
    let data = Data::new(24, 1);
    // The first batch is far (its loss is infinite), or a later one.
    let mut far = [Data::new(24, 1), Data::new(24, 1)];
    far[0].targets[..8].fill(1e200);
    far[1].targets[16..].fill(1e200);
    for (name, optimizer) in Optimizer::ALL {
        if optimizer.is_of_whole_set() {
            continue;
        }
        let settings = Settings { shuffle: false, ..settings(optimizer) };
        let clipped = Settings { clip: Clip::Norm(0.1), ..settings.clone() };
        let single = Settings { batch_size: 1, ..settings.clone() };
        for (way, settings) in [settings, clipped, single].into_iter().enumerate() {
            for (number, far) in far.iter().enumerate() {
                let mut trainer = Trainer::new(network(), settings.clone()).unwrap();
                trainer.set_epochs(3);
                trainer.fit(&data.samples(), None, &mut ()).unwrap();
                trainer.set_epochs(6);
                let good = state(&trainer);
                let error = trainer.fit(&far.samples(), None, &mut ()).unwrap_err();
                let Error::Diverged { epoch, batch, what, .. } = error else {
                    panic!("{name}: {error}")
                };
                assert_eq!((epoch, what), (4, "the loss"), "{name}, way {way}");
                assert_eq!(batch > 1, number > 0, "{name}, way {way}: batch {batch}");
                assert_eq!(state(&trainer), good, "{name}, way {way}, far {number}");
            }
        }
    }
}

#[test]
fn the_last_step_of_an_epoch_looks_at_its_weights() {
    for batch_size in [1, 24] {
        // One such step is more than a double holds; the loss before is finite.
        let settings = Settings { learning_rate: 1e308, batch_size, ..settings(Optimizer::SGD) };
        let data = Data { targets: vec![1e10; batch_size], ..Data::new(batch_size, 1) };
        let mut trainer = Trainer::new(network(), settings).unwrap();
        let error = trainer.fit(&data.samples(), None, &mut ()).unwrap_err();
        let Error::Diverged { epoch, batch, what, .. } = error else { panic!("{error}") };
        assert_eq!((epoch, batch, what), (1, 1, "a weight"));
        assert_eq!(trainer.network(), network());
    }
}

#[test]
fn training_that_ends_within_an_epoch_looks_at_its_weights() {
    let settings = Settings {
        learning_rate: 1e308,
        batch_size: 8,
        step_limit: Some(1),
        ..settings(Optimizer::SGD)
    };
    let data = Data { targets: vec![1e10; 24], ..Data::new(24, 1) };
    let mut trainer = Trainer::new(network(), settings).unwrap();
    let error = trainer.fit(&data.samples(), None, &mut ()).unwrap_err();
    let Error::Diverged { batch: 1, what: "a weight", .. } = error else { panic!("{error}") };
    assert_eq!(bits(&trainer.network()), bits(&network()), "the last good state");
}

#[test]
fn what_diverges_after_a_restore_leaves_frozen_biases_as_restored() {
    let shape = || {
        let hidden = LayerSpec::new(3, Activation::Tanh).with_bias(Bias::Frozen);
        Architecture::new(3, [hidden, LayerSpec::new(1, Activation::Identity)]).unwrap()
    };
    let settings = || Settings { epochs: 1, shuffle: false, ..settings(Optimizer::SGD) };
    let made = |value: f64| {
        let count = shape().parameter_count();
        Network::from_parameters(shape(), vec![value; count]).unwrap()
    };
    let data = Data::new(24, 1);
    let mut first = Trainer::new(made(0.25), settings()).unwrap();
    first.fit(&data.samples(), None, &mut ()).unwrap();
    let mut second = Trainer::new(made(-0.5), settings()).unwrap();
    second.restore(&first.state()).unwrap();
    second.set_epochs(2);
    // Not the first batch: a step is made before.
    let mut far = Data::new(24, 1);
    far.targets[16..].fill(1e200);
    second.fit(&far.samples(), None, &mut ()).unwrap_err();
    assert_eq!(bits(&second.network()), bits(&first.network()));
}

#[test]
fn a_rate_too_large_diverges_and_a_smaller_one_goes_on() {
    let data = Data::new(24, 1);
    let wild = Settings { learning_rate: 1e6, epochs: 100, ..settings(Optimizer::SGD) };
    let mut trainer = Trainer::new(network(), wild).unwrap();
    let error = trainer.fit(&data.samples(), None, &mut ()).unwrap_err();
    let Error::Diverged { epoch, batch, what, pre_activation, .. } = error else {
        panic!("{error}")
    };
    // 24 samples are three batches; 1e6 to the power of some 50 steps is needed
    // to overflow doubles: the epoch is not the first.
    assert!(epoch > 1 && (1..=3).contains(&batch), "{error}");
    assert_eq!(what, "the loss");
    assert!(pre_activation > 1e100, "{error}");
    let message = error.to_string();
    assert!(message.contains(&format!("epoch {epoch}, batch {batch}")), "{message}");

    assert_eq!(trainer.epoch(), epoch - 1);
    assert_eq!(trainer.step(), 3 * (epoch as u64 - 1), "the steps of the epoch are undone");
    assert!(trainer.network().parameters().iter().all(|w| w.is_finite()));
    assert!(trainer.set_learning_rate(0.0).is_err());
    trainer.set_learning_rate(1e-300).unwrap();
    assert_eq!(trainer.learning_rate(), 1e-300);
    assert_eq!(trainer.fit(&data.samples(), None, &mut ()), Ok(Ended::Epochs));
}

#[test]
fn early_stopping_restores_the_epoch_that_was_best() {
    let (data, validation) = (Data::new(24, 1), Data::new(16, 5));
    for (name, optimizer) in Optimizer::ALL {
        let stopping = EarlyStopping { patience: 4, min_improvement: 0.0 };
        let early = Settings {
            early_stopping: Some(stopping),
            epochs: 400,
            learning_rate: 0.05,
            ..settings(optimizer)
        };
        let mut trainer = Trainer::new(network(), early).unwrap();
        let mut epochs = Epochs::default();
        let ended = trainer.fit(&data.samples(), Some(&validation.samples()), &mut epochs).unwrap();
        let best = (0..epochs.losses.len())
            .min_by(|&x, &y| epochs.losses[x].total_cmp(&epochs.losses[y]))
            .unwrap();
        assert_eq!(bits(&trainer.network()), bits(&epochs.networks[best]), "{name}");
        assert_eq!(epochs.is_best.iter().rposition(|is_best| *is_best), Some(best), "{name}");
        if ended == Ended::Converged && !optimizer.is_of_whole_set() {
            assert_eq!(epochs.losses.len(), best + 1 + 4, "{name}: the patience");
        }
        // Noise as targets: each is better at the start than at the end.
        assert!(best + 1 < epochs.losses.len(), "{name}: epoch {best} of {}", epochs.losses.len());
        // It has ended for good.
        assert_eq!(trainer.fit(&data.samples(), Some(&validation.samples()), &mut ()), Ok(ended));
        assert_eq!(bits(&trainer.network()), bits(&epochs.networks[best]), "{name}");
    }
}

#[test]
fn the_least_loss_is_restored_even_if_it_was_no_improvement() {
    let data = Data::new(24, 1);
    let stopping = EarlyStopping { patience: 5, min_improvement: 100.0 };
    let early = Settings { early_stopping: Some(stopping), ..settings(Optimizer::ADAM) };
    let mut trainer = Trainer::new(network(), early).unwrap();
    let mut epochs = Epochs::default();
    let ended = trainer.fit(&data.samples(), None, &mut epochs);
    assert_eq!(ended, Ok(Ended::Converged));
    assert_eq!(epochs.losses.len(), 6, "the first epoch, and the patience");
    assert!(epochs.losses.is_sorted_by(|before, after| after < before), "{:?}", epochs.losses);
    assert_eq!(bits(&trainer.network()), bits(&epochs.networks[5]));
}

#[test]
fn more_epochs_go_on_from_the_last_not_from_the_best() {
    let (data, validation) = (Data::new(24, 1), Data::new(16, 5));
    let stopping = EarlyStopping { patience: 50, min_improvement: 0.0 };
    for (name, optimizer) in Optimizer::ALL {
        let early = Settings {
            early_stopping: Some(stopping),
            epochs: 40,
            learning_rate: 0.05,
            ..settings(optimizer)
        };
        let mut whole = Trainer::new(network(), early.clone()).unwrap();
        let end = whole.fit(&data.samples(), Some(&validation.samples()), &mut ()).unwrap();
        let mut parts = Trainer::new(network(), Settings { epochs: 25, ..early.clone() }).unwrap();
        parts.fit(&data.samples(), Some(&validation.samples()), &mut ()).unwrap();
        // One goes on itself, the other from its state.
        let mut restored = Trainer::new(network(), early).unwrap();
        restored.restore(&parts.state()).unwrap();
        parts.set_epochs(40);
        for trainer in [&mut parts, &mut restored] {
            let found = trainer.fit(&data.samples(), Some(&validation.samples()), &mut ());
            assert_eq!(found, Ok(end), "{name}");
            assert_eq!(bits(&trainer.network()), bits(&whole.network()), "{name}");
            assert_eq!(trainer.history().validation_loss, whole.history().validation_loss);
        }
    }
}

/// Stops at a step or an epoch, and counts both.
#[derive(Default)]
struct Stop {
    step: Option<u64>,
    epoch: Option<usize>,
    steps: u64,
    epochs: usize,
}

impl Callback<f64> for Stop {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        self.steps += 1;
        assert_eq!(report.step, self.steps);
        assert_eq!((report.step - 1) / report.batches as u64, report.epoch as u64 - 1);
        assert_eq!((report.step - 1) % report.batches as u64, report.batch as u64 - 1);
        if self.step == Some(report.step) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn epoch(&mut self, report: &EpochReport<'_, f64>) -> ControlFlow<()> {
        self.epochs += 1;
        assert_eq!((report.epoch, report.epochs), (self.epochs, 6));
        if self.epoch == Some(report.epoch) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[test]
fn budgets_and_callbacks_stop_where_they_say() {
    let data = Data::new(24, 1);
    for (name, optimizer) in Optimizer::ALL {
        let batches = if optimizer.is_of_whole_set() { 1 } else { 3 };
        let mut whole = Trainer::new(network(), settings(optimizer)).unwrap();
        let mut all = Stop::default();
        assert_eq!(whole.fit(&data.samples(), None, &mut all), Ok(Ended::Epochs), "{name}");
        assert_eq!((all.steps, all.epochs), (6 * batches, 6), "{name}");

        // By steps, then by a callback after a step, after an epoch, by the
        // clock after every step; and on to the end.
        let mut trainer = Trainer::new(network(), settings(optimizer)).unwrap();
        trainer.set_step_limit(Some(1));
        let mut stop = Stop { step: Some(2), epoch: Some(3), ..Stop::default() };
        assert_eq!(trainer.fit(&data.samples(), None, &mut stop), Ok(Ended::Steps), "{name}");
        assert_eq!(trainer.step(), 1, "{name}");
        trainer.set_step_limit(None);
        assert_eq!(trainer.fit(&data.samples(), None, &mut stop), Ok(Ended::Callback), "{name}");
        assert_eq!(trainer.step(), 2, "{name}");
        assert_eq!(trainer.fit(&data.samples(), None, &mut stop), Ok(Ended::Callback), "{name}");
        assert_eq!((trainer.epoch(), trainer.step()), (3, 3 * batches), "{name}");
        let hurried = Settings { time_limit: Some(Duration::ZERO), ..settings(optimizer) };
        let mut timed = Trainer::new(network(), hurried).unwrap();
        let error = timed.restore(&trainer.state());
        assert_eq!(error, Ok(()), "{name}: the limit of time may differ");
        for step in 3 * batches + 1..=4 * batches {
            assert_eq!(timed.fit(&data.samples(), None, &mut stop), Ok(Ended::Time), "{name}");
            assert_eq!(timed.step(), step, "{name}");
        }
        assert_eq!(trainer.fit(&data.samples(), None, &mut ()), Ok(Ended::Epochs), "{name}");
        assert_eq!(bits(&trainer.network()), bits(&whole.network()), "{name}");
        assert_eq!(trainer.history().training_loss, whole.history().training_loss, "{name}");
    }
}

/// Lets ten steps pass at once.
#[derive(Default)]
struct Tenth(Vec<u64>);

impl Callback<f64> for Tenth {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        assert_eq!(report.step, ((report.epoch - 1) * report.batches + report.batch) as u64);
        self.0.push(report.step);
        ControlFlow::Continue(())
    }

    fn steps_at_once(&self) -> usize {
        10
    }
}

#[test]
fn a_callback_that_lets_steps_pass_is_told_of_the_last() {
    let data = Data::new(24, 1);
    let fit = |batch_size, callback: &mut dyn Callback<f64>| {
        let settings = Settings { batch_size, epochs: 2, ..settings(Optimizer::ADAM) };
        let mut trainer = Trainer::new(network(), settings).unwrap();
        trainer.fit(&data.samples(), None, callback).unwrap();
        state(&trainer)
    };
    let mut tenth = Tenth::default();
    let passed = fit(1, &mut tenth);
    // The runs of an epoch end with it.
    assert_eq!(tenth.0, [10, 20, 24, 34, 44, 48]);
    assert!(passed == fit(1, &mut Epochs::default()), "the same as step by step");
    let mut batches = Tenth::default();
    fit(8, &mut batches);
    assert_eq!(batches.0, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn the_columns_of_the_history_are_as_long_as_there_were_epochs() {
    let (data, validation) = (Data::new(24, 1), Data::new(8, 2));
    for with_validation in [false, true] {
        let samples = validation.samples();
        let held_out = with_validation.then_some(&samples);
        let mut trainer = Trainer::new(network(), settings(Optimizer::ADAM)).unwrap();
        let mut epochs = Epochs::default();
        trainer.fit(&data.samples(), held_out, &mut epochs).unwrap();
        let history = trainer.history().clone();
        assert_eq!(history.epochs(), 6);
        assert_eq!(history.validation_loss.len(), if with_validation { 6 } else { 0 });
        assert_eq!((history.learning_rate.len(), history.seconds.len()), (6, 6));
        if with_validation {
            // Each is the loss of the network as it was then.
            for (network, loss) in epochs.networks.iter().zip(history.validation_loss) {
                let (expected, _) = network.loss_and_gradient(&samples, Loss::HalfSquared).unwrap();
                assert!((loss / expected - 1.0).abs() < 1e-14, "{loss}, expected {expected}");
            }
        }
        // The columns would no longer stand beside each other.
        trainer.set_epochs(7);
        let other = if with_validation { None } else { Some(&samples) };
        let error = trainer.fit(&data.samples(), other, &mut ()).unwrap_err();
        assert!(matches!(error, Error::Conflict { .. }), "{error}");
    }
}

#[test]
fn frozen_biases_keep_their_bits() {
    let layers = [
        LayerSpec::new(5, Activation::Tanh).with_bias(Bias::Frozen),
        LayerSpec::new(1, Activation::Identity).with_bias(Bias::Frozen),
    ];
    let shape = Architecture::new(3, layers).unwrap();
    let parameters = numbers(shape.parameter_count(), 9);
    let data = Data::new(24, 1);
    let samples = Samples::new(&shape, &data.inputs, &data.targets).unwrap();
    for (name, optimizer) in Optimizer::ALL {
        let network = Network::from_parameters(shape.clone(), parameters.clone()).unwrap();
        let decay = if optimizer.is_of_whole_set() { 0.0 } else { 0.1 };
        let settings = Settings { l2: 0.01, l1: decay, decay, ..settings(optimizer) };
        let mut trainer = Trainer::new(network, settings).unwrap();
        trainer.fit(&samples, None, &mut ()).unwrap();
        let trained = trainer.network();
        let is_bias = |place: usize| (15..20).contains(&place) || place == 25;
        for (place, (before, after)) in parameters.iter().zip(trained.parameters()).enumerate() {
            assert_eq!(before == after, is_bias(place), "{name}: parameter {place}");
        }
    }
}

#[test]
fn dropped_activations_have_no_part_in_the_step() {
    // Wide enough to count.
    let (width, share) = (200, 0.3);
    let hidden = LayerSpec::new(width, Activation::Tanh);
    let output = LayerSpec::new(2, Activation::Softmax);
    let with = |layer| Architecture::new(3, [layer, output]).unwrap();
    let shape = with(hidden.with_dropout(share));
    let task = Task::new(30, 3, 2, 4);
    let samples = Samples::new(&shape, &task.inputs, &task.targets).unwrap();
    let loss = Loss::CategoricalCrossEntropy;
    let settings = Settings {
        optimizer: Optimizer::SGD,
        // A power of two: the gradient is found again without rounding.
        learning_rate: 1.0 / 64.0,
        batch_size: 1,
        shuffle: false,
        epochs: 1,
        ..Settings::new(loss)
    };
    let network = Network::new(shape.clone(), Initialisation::default(), 1);
    let mut trainer = Trainer::new(network, settings).unwrap();
    let mut masks = Vec::new();
    for step in 0..30 {
        let before = trainer.network();
        trainer.set_step_limit(Some(step as u64 + 1));
        trainer.fit(&samples, None, &mut ()).unwrap();
        let after = trainer.network();
        // Whatever was dropped leaves the weights out of it as they were.
        let outgoing = 3 * width + width;
        let changed =
            |k: usize| before.parameters()[outgoing + k] != after.parameters()[outgoing + k];
        let mask: Vec<bool> = (0..width).map(changed).collect();
        // The network without the dropped neurons, the others made up for.
        let factor = |k: usize| if mask[k % width] { 1.0 / (1.0 - share) } else { 0.0 };
        let mut masked = before.parameters().to_vec();
        for k in 0..2 * width {
            masked[outgoing + k] *= factor(k);
        }
        let masked = Network::from_parameters(with(hidden), masked).unwrap();
        let one = Samples::new(&shape, samples.inputs(step), samples.targets(step)).unwrap();
        let (_, mut gradient) = masked.loss_and_gradient(&one, loss).unwrap();
        for k in 0..2 * width {
            gradient[outgoing + k] *= factor(k);
        }
        for (place, expected) in gradient.into_iter().enumerate() {
            let found = 64.0 * (before.parameters()[place] - after.parameters()[place]);
            // A difference of numbers up to some 1, each rounded to 1e-16.
            assert!((found - expected).abs() < 64e-15, "step {step}: {found}, expected {expected}");
        }
        masks.push(mask);
    }
    let dropped = masks.iter().flatten().filter(|is_kept| !**is_kept).count() as f64;
    let count = 30.0 * width as f64;
    let deviation = (share * (1.0 - share) / count).sqrt();
    assert!((dropped / count - share).abs() < 4.0 * deviation, "{dropped} of {count}");
    masks.sort();
    masks.dedup();
    assert_eq!(masks.len(), 30, "every step drops others");
}

/// Samples may be others than in the call before, as long as they are as many.
#[test]
fn other_samples_are_trained_on_as_they_are() {
    for optimizer in [Optimizer::SGD, Optimizer::LBFGS, Optimizer::LEVENBERG_MARQUARDT] {
        let (data, other) = (Data::new(24, 1), Data::new(24, 7));
        let epochs = 3;
        let mut trainer =
            Trainer::new(network(), Settings { epochs, ..settings(optimizer) }).unwrap();
        trainer.fit(&data.samples(), None, &mut ()).unwrap();
        let before = trainer.network();
        trainer.set_epochs(epochs + 1);

        let too_far = Data { inputs: other.inputs.clone(), targets: vec![1e200; 24] };
        let error = trainer.fit(&too_far.samples(), None, &mut ()).unwrap_err();
        assert!(matches!(error, Error::Diverged { epoch: 4, .. }), "{optimizer:?}: {error}");
        assert_eq!(bits(&trainer.network()), bits(&before), "{optimizer:?}");

        let loss = |network: &Network<f64>| {
            network.loss_and_gradient(&other.samples(), Loss::HalfSquared).unwrap().0
        };
        trainer.fit(&other.samples(), None, &mut ()).unwrap();
        let (old, new) = (loss(&before), loss(&trainer.network()));
        assert!(new < old, "{optimizer:?}: {new} after {old}");
    }
}
