//! Losses and their gradients are those of PyTorch, near and far out.
//!
//! The numbers are those of `testdata/losses/losses.json`, whose script says
//! how they were made.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::data::{Samples, weights_of_classes};
use chainrule_engine::error::Error;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::real::Real;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;
use serde_json::Value;

use crate::common;

fn list<T: Real>(value: &Value) -> Vec<T> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(|x| T::from_f64(x.as_f64().expect("a number"))).collect()
}

fn loss(case: &Value) -> Loss {
    if case["loss"] == "quantile" {
        return Loss::Quantile { tau: case["tau"].as_f64().unwrap() };
    }
    Loss::ALL.into_iter().find(|loss| case["loss"] == loss.name()).expect("a loss of ours")
}

/// A layer whose pre-activations are its inputs.
fn mirror<T: Real>(case: &Value) -> Network<T> {
    let columns = usize::try_from(case["columns"].as_u64().unwrap()).unwrap();
    let mut all = Activation::ALL.into_iter();
    let activation = all.find(|one| case["activation"] == one.name()).unwrap();
    let shape = Architecture::new(columns, [LayerSpec::new(columns, activation)]).unwrap();
    let mut parameters = vec![T::ZERO; shape.parameter_count()];
    for k in 0..columns {
        parameters[k * columns + k] = T::ONE;
    }
    Network::from_parameters(shape, parameters).unwrap()
}

/// Loss and slopes by the pre-activations, which are those by the biases. With
/// smoothed targets, which only training has: those of a step of size 1.
fn loss_and_slopes<T: Real>(
    network: &Network<T>,
    samples: &Samples<'_, T>,
    loss: Loss,
    smoothing: f64,
) -> (f64, Vec<f64>) {
    let columns = network.architecture().outputs();
    let (loss, gradient) = if smoothing > 0.0 {
        let settings = Settings {
            optimizer: Optimizer::SGD,
            learning_rate: 1.0,
            label_smoothing: smoothing,
            batch_size: samples.count(),
            epochs: 1,
            ..Settings::new(loss)
        };
        let mut trainer = Trainer::new(network.clone(), settings).unwrap();
        trainer.fit(samples, None, &mut ()).unwrap();
        let after = trainer.network();
        let change = network.parameters().iter().zip(after.parameters());
        let change = change.map(|(&before, &after)| before - after).collect();
        (trainer.history().training_loss[0], change)
    } else {
        network.loss_and_gradient(samples, loss).unwrap()
    };
    (loss, gradient[columns * columns..].iter().map(|x| x.to_f64()).collect())
}

fn check<T: Real>(case: &Value, tolerance: f64) {
    let name = &case["name"];
    let network = mirror::<T>(case);
    let columns = network.architecture().outputs();
    let (z, targets) = (list::<T>(&case["z"]), list::<T>(&case["targets"]));
    let mut weights = list::<T>(&case["weights"]);
    if weights.is_empty() {
        weights =
            weights_of_classes(&targets, columns, &list::<T>(&case["class_weights"])).unwrap();
    }
    let smoothing = case["smoothing"].as_f64().unwrap_or(0.0);
    let samples = Samples::new(network.architecture(), &z, &targets).unwrap();
    let samples = samples.with_weights(&weights).unwrap();
    let (found, slopes) = loss_and_slopes(&network, &samples, loss(case), smoothing);
    let expected = case["mean"].as_f64().unwrap();
    let difference = (found / expected - 1.0).abs();
    assert!(difference <= tolerance, "{name}: loss {found}, expected {expected}");

    let all: f64 = weights.iter().map(|weight| weight.to_f64()).sum();
    let expected = list::<f64>(&case["gradient"]);
    let mut sums = vec![0.0; columns];
    for (row, expected) in expected.chunks_exact(columns).enumerate() {
        let one = Samples::new(network.architecture(), samples.inputs(row), samples.targets(row));
        let (_, slopes) = loss_and_slopes(&network, &one.unwrap(), loss(case), smoothing);
        for (k, (slope, expected)) in slopes.into_iter().zip(expected).enumerate() {
            let found = slope * weights[row].to_f64() / all;
            sums[k] += found;
            // Slopes are differences of numbers up to 1 (up to 7 of counts).
            let difference = (found - expected).abs();
            assert!(difference <= tolerance, "{name}: slope {found} in row {row}, not {expected}");
        }
    }
    for (found, sum) in slopes.iter().zip(sums) {
        assert!((found - sum).abs() <= tolerance, "{name}: {found}, expected the sum {sum}");
    }
}

#[test]
fn losses_and_slopes_are_those_of_pytorch() {
    let text = include_str!("../../../../testdata/losses/losses.json");
    let reference: Value = serde_json::from_str(text).unwrap();
    let cases = reference["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 15);
    for case in cases {
        // A few roundings of 1e-16 and of 6e-8.
        check::<f64>(case, 1e-14);
        check::<f32>(case, 2e-6);
    }
}

#[test]
fn a_loss_is_refused_where_it_is_not_defined() {
    use Activation::{Sigmoid, Softmax, Softplus};
    for loss in Loss::ALL {
        for activation in Activation::ALL {
            let shape = Architecture::new(2, [LayerSpec::new(3, activation)]).unwrap();
            let parameters = vec![0.1_f64; shape.parameter_count()];
            let network = Network::from_parameters(shape, parameters).unwrap();
            let is_defined = match loss {
                Loss::BinaryCrossEntropy => [Sigmoid, Softmax].contains(&activation),
                Loss::CategoricalCrossEntropy => activation == Softmax,
                Loss::Poisson => [Sigmoid, Softmax, Softplus].contains(&activation),
                _ => true,
            };
            let made = Trainer::new(network, Settings::new(loss));
            assert_eq!(made.is_ok(), is_defined, "{loss:?} of {activation:?}");
        }
    }
    let cases = [
        (Loss::BinaryCrossEntropy, Sigmoid, [0.0, 1.5]),
        (Loss::CategoricalCrossEntropy, Softmax, [0.5, 0.25]),
        (Loss::Poisson, Softplus, [2.0, -1.0]),
    ];
    for (loss, activation, targets) in cases {
        let shape = Architecture::new(1, [LayerSpec::new(2, activation)]).unwrap();
        let network = Network::from_parameters(shape.clone(), vec![0.1; 4]).unwrap();
        let samples = Samples::new(&shape, &[1.0], &targets).unwrap();
        let error = network.loss_and_gradient(&samples, loss).unwrap_err();
        assert!(matches!(error, Error::Target { sample: 0, .. }), "{error}");
        let mut trainer = Trainer::new(network, Settings::new(loss)).unwrap();
        assert_eq!(trainer.fit(&samples, None, &mut ()).unwrap_err(), error);
    }
}

#[test]
fn a_rate_far_below_every_count_has_its_loss_and_slope() {
    // Of softplus e^z is left, and of that its logarithm z: E = −t·z, δ = −t.
    let shape = Architecture::new(1, [LayerSpec::new(1, Activation::Softplus)]).unwrap();
    let network = Network::from_parameters(shape.clone(), vec![1.0, 0.0]).unwrap();
    for (z, t, loss, slope) in [
        (-1e4, 3.0, 3e4, -3.0),
        (-1e4, 0.0, 0.0, 0.0),
        (1e4, 0.0, 1e4, 1.0),
        (1e4, 1e4, 1e4 - 1e4 * 1e4_f64.ln(), 0.0),
    ] {
        let (inputs, targets) = ([z], [t]);
        let samples = Samples::new(&shape, &inputs, &targets).unwrap();
        let (found, gradient) = network.loss_and_gradient(&samples, Loss::Poisson).unwrap();
        assert_eq!((found, gradient[1]), (loss, slope), "z = {z}, t = {t}");
    }
}

#[test]
fn outputs_that_round_to_0_or_1_have_their_loss_and_slopes() {
    use Activation::{Sigmoid, Softmax};
    // z, t, E, δ. Far from the others, softmax is 1 to the last bit, and e^−x beside it.
    let small = (-40.0_f64).exp();
    let cases = [
        (
            Loss::BinaryCrossEntropy,
            Softmax,
            [0.0, 40.0],
            [0.0, 1.0],
            2.0 * small,
            [2.0 * small, -2.0 * small],
        ),
        (Loss::BinaryCrossEntropy, Softmax, [0.0, 1e4], [0.0, 1.0], 0.0, [0.0, 0.0]),
        (Loss::BinaryCrossEntropy, Softmax, [0.0, 1e4], [1.0, 0.0], 2e4, [-2.0, 2.0]),
        (Loss::Poisson, Softmax, [0.0, 1e4], [0.0, 3.0], 1.0, [0.0, 0.0]),
        (Loss::Poisson, Softmax, [0.0, 1e4], [3.0, 0.0], 1.0 + 3e4, [-3.0, 3.0]),
        (Loss::Poisson, Sigmoid, [-1e4, 1e4], [3.0, 0.0], 1.0 + 3e4, [-3.0, 0.0]),
    ];
    for (loss, activation, z, t, value, slopes) in cases {
        let shape = Architecture::new(1, [LayerSpec::new(2, activation)]).unwrap();
        // The biases are z: the input is 0.
        let network = Network::from_parameters(shape.clone(), [[1.0; 2], z].concat()).unwrap();
        let samples = Samples::new(&shape, &[0.0], &t).unwrap();
        let (found, gradient) = network.loss_and_gradient(&samples, loss).unwrap();
        let expected = [value, slopes[0], slopes[1]];
        for (found, expected) in [found, gradient[2], gradient[3]].into_iter().zip(expected) {
            let size = if loss == Loss::BinaryCrossEntropy && z[1] < 100.0 { small } else { 1.0 };
            let difference = (found - expected).abs();
            assert!(
                difference <= 1e-12 * (size + expected.abs()),
                "{loss:?} of {activation:?}, {z:?}, {t:?}: {found}, expected {expected}"
            );
        }
    }
}

/// The engine takes many samples in blocks, of which the last has fewer; its
/// panels of targets then lie elsewhere.
#[test]
fn the_loss_of_many_samples_is_the_mean_of_theirs() {
    fn check<T: Real>(convert: impl Fn(&[f64]) -> Vec<T>, tolerance: f64) {
        const SAMPLES: usize = 300;
        for outputs in [3, 10, 20, 40] {
            let shape = common::classifier(&[5, outputs], Activation::Tanh, 0.0);
            let task = common::Task::new(SAMPLES, 5 * outputs, outputs, 1);
            let inputs: Vec<T> = convert(&common::numbers(SAMPLES * 5, 2));
            let targets: Vec<T> = convert(&task.targets);
            let network = Network::<T>::new(shape.clone(), Initialisation::default(), 3);
            let evaluate = |inputs: &[T], targets: &[T]| {
                let samples = Samples::new(&shape, inputs, targets).unwrap();
                network.loss_and_gradient(&samples, Loss::CategoricalCrossEntropy).unwrap()
            };
            let (loss, gradient) = evaluate(&inputs, &targets);
            let (mut mean, mut means) = (0.0, vec![0.0; gradient.len()]);
            for (inputs, targets) in inputs.chunks(5).zip(targets.chunks(outputs)) {
                let (loss, gradient) = evaluate(inputs, targets);
                mean += loss / SAMPLES as f64;
                for (sum, part) in means.iter_mut().zip(&gradient) {
                    *sum += part.to_f64() / SAMPLES as f64;
                }
            }
            assert!((loss - mean).abs() <= tolerance, "{outputs} outputs: {loss}, {mean}");
            for (one, mean) in gradient.iter().zip(&means) {
                assert!((one.to_f64() - mean).abs() <= tolerance, "{outputs} outputs: gradient");
            }
        }
    }
    check::<f64>(<[f64]>::to_vec, 1e-13);
    check::<f32>(common::singles, 1e-6);
}
