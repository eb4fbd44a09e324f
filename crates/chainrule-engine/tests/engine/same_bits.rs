//! Same seed and data, same bits: on any number of threads, and of a row alone
//! or among others.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::error::Error;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{Clip, Settings};
use chainrule_engine::trainer::Trainer;

use crate::common::{Task, classifier, numbers, singles};

#[test]
fn training_gives_the_same_bits_on_1_2_3_and_8_threads() {
    // Wide enough that eight threads are used, and no width a multiple of
    // anything.
    let shape = classifier(&[101, 301, 197, 21], Activation::Relu, 0.2);
    let task = Task::new(130, 101, 21, 1);
    let (inputs, targets) = task.singles();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::new(shape.clone(), Initialisation::default(), 5);
    for (optimizer, clip) in [
        (Optimizer::ADAM, Clip::Off),
        (Optimizer::MOMENTUM, Clip::Norm(0.5)),
        (Optimizer::LBFGS, Clip::Off),
    ] {
        let train = |threads| {
            let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
            (settings.optimizer, settings.clip) = (optimizer, clip);
            (settings.threads, settings.epochs, settings.batch_size) = (threads, 2, 61);
            let shape = classifier(&[101, 301, 197, 21], Activation::Relu, 0.0);
            let network = if optimizer.is_of_whole_set() {
                Network::from_parameters(shape, network.parameters().to_vec()).unwrap()
            } else {
                network.clone()
            };
            let mut trainer = Trainer::new(network, settings).unwrap();
            trainer.fit(&samples, None, &mut ()).unwrap();
            (trainer.network(), trainer.history().training_loss.clone())
        };
        let (expected, losses) = train(1);
        assert_ne!(expected.parameters(), network.parameters(), "{optimizer:?} trains");
        for threads in [2, 3, 8] {
            let (found, found_losses) = train(threads);
            assert_eq!(found_losses, losses, "{optimizer:?} on {threads} threads");
            let is_same = |(x, y): (&f32, &f32)| x.to_bits() == y.to_bits();
            let pairs = found.parameters().iter().zip(expected.parameters());
            assert!(pairs.clone().all(is_same), "{optimizer:?} on {threads} threads");
        }
    }
}

#[test]
fn a_table_that_lies_far_gives_the_same_bits_on_any_number_of_threads() {
    // More than half a megabyte: rows are copied while the first layer multiplies, which
    // several threads share, each with copies of its own; not 7, where it has 6 panels.
    let shape = classifier(&[701, 192, 5], Activation::Tanh, 0.0);
    let task = Task::new(250, 701, 5, 3);
    let (inputs, targets) = task.singles();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::new(shape, Initialisation::default(), 6);
    let bits = |network: &Network<f32>| -> Vec<u32> {
        network.parameters().iter().map(|w| w.to_bits()).collect()
    };
    let train = |threads| {
        let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
        (settings.threads, settings.epochs, settings.batch_size) = (threads, 2, 37);
        let mut trainer = Trainer::new(network.clone(), settings).unwrap();
        trainer.fit(&samples, None, &mut ()).unwrap();
        bits(&trainer.network())
    };
    let expected = train(1);
    assert_ne!(expected, bits(&network));
    for threads in [2, 3, 7, 8] {
        assert_eq!(train(threads), expected, "{threads} threads");
    }
}

#[test]
fn weights_of_samples_give_the_same_bits_on_any_number_of_threads() {
    // The last batch is a single row, whose weight is no power of two: 49·(1/49) is not 1.
    let shape = classifier(&[101, 301, 21], Activation::Tanh, 0.0);
    let task = Task::new(2 * 61 + 1, 101, 21, 1);
    let (inputs, targets) = (numbers(task.inputs.len(), 3), task.targets.clone());
    let weights: Vec<f64> = (0..=2 * 61).map(|row| f64::from(49 - row % 2)).collect();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap().with_weights(&weights).unwrap();
    let network = Network::<f64>::new(shape, Initialisation::default(), 5);
    let train = |threads| {
        let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
        (settings.threads, settings.epochs, settings.batch_size) = (threads, 2, 61);
        settings.shuffle = false;
        let mut trainer = Trainer::new(network.clone(), settings).unwrap();
        trainer.fit(&samples, None, &mut ()).unwrap();
        let bits = |w: &f64| w.to_bits();
        trainer.network().parameters().iter().map(bits).collect::<Vec<u64>>()
    };
    let expected = train(1);
    for threads in [2, 3, 8] {
        assert!(train(threads) == expected, "{threads} threads");
    }
}

#[test]
fn a_divergence_names_the_same_pre_activation_on_any_number_of_threads() {
    let layers = [(192, Activation::Relu), (5, Activation::Identity)];
    let layers = layers.map(|(width, activation)| LayerSpec::new(width, activation));
    let shape = Architecture::new(701, layers).unwrap();
    let task = Task::new(120, 701, 5, 3);
    let (inputs, targets) = task.singles();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::new(shape, Initialisation::default(), 6);
    let train = |threads| {
        let mut settings = Settings::new(Loss::MeanSquared);
        (settings.threads, settings.batch_size) = (threads, 37);
        // The square of what the second batch predicts is infinite, itself it is not.
        (settings.optimizer, settings.learning_rate) = (Optimizer::SGD, 1e10);
        let mut trainer = Trainer::new(network.clone(), settings).unwrap();
        let error = trainer.fit(&samples, None, &mut ()).unwrap_err();
        let Error::Diverged { batch: 2, pre_activation, layer: 2, .. } = error else {
            panic!("{error}")
        };
        assert!(pre_activation > 1e19 && pre_activation < 1e38, "{error}");
        error.to_string()
    };
    let expected = train(1);
    for threads in [2, 3, 8] {
        assert_eq!(train(threads), expected, "{threads} threads");
    }
}

#[test]
fn a_row_alone_has_all_outputs_it_has_in_a_batch() {
    for outputs in 1..=20 {
        let shape = classifier(&[4, 9, outputs], Activation::Tanh, 0.0);
        let mut predictor = Network::<f32>::new(shape, Initialisation::default(), 3).predictor();
        let inputs = singles(&numbers(4 * 2, 9));
        let batch = predictor.predict(&inputs).unwrap();
        let alone = inputs.chunks(4).flat_map(|row| predictor.predict(row).unwrap());
        assert_eq!(alone.collect::<Vec<f32>>(), batch, "{outputs} outputs");
    }
}

#[test]
fn a_row_alone_has_the_bits_it_has_in_a_batch() {
    for activation in &Activation::ALL[..11] {
        // Long sums, so that their order shows.
        let shape = classifier(&[777, 130, 33, 19], *activation, 0.0);
        let network = Network::<f32>::new(shape, Initialisation::default(), 3);
        let inputs = singles(&numbers(777 * 300, 9));
        let mut predictor = network.predictor();
        for rows in [1, 2, 3, 5, 7, 64, 300] {
            let batch = predictor.predict(&inputs[..777 * rows]).unwrap();
            for row in [0, rows / 2, rows - 1] {
                let alone = network.predict(&inputs[777 * row..][..777]).unwrap();
                let in_batch = &batch[19 * row..][..19];
                let is_same = alone.iter().zip(in_batch).all(|(x, y)| x.to_bits() == y.to_bits());
                assert!(is_same, "{activation:?}: row {row} of {rows}");
            }
        }
    }
}
