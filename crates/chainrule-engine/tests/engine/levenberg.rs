//! Levenberg–Marquardt on problems whose solution is known.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::{Ended, Trainer};
use serde_json::Value;

use crate::common::numbers;

fn settings(epochs: usize, damping: f64) -> Settings {
    Settings {
        optimizer: Optimizer::LevenbergMarquardt { damping, factor: 10.0 },
        epochs,
        ..Settings::new(Loss::HalfSquared)
    }
}

/// Inputs, hidden neurons of tanh, one output.
fn curve(hidden: usize) -> Architecture {
    let layers =
        [LayerSpec::new(hidden, Activation::Tanh), LayerSpec::new(1, Activation::Identity)];
    Architecture::new(1, layers).unwrap()
}

#[test]
fn linear_least_squares_take_one_step() {
    let shape = Architecture::new(4, [LayerSpec::new(2, Activation::Identity)]).unwrap();
    let (inputs, targets) = (numbers(20 * 4, 1), numbers(20 * 2, 2));
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::new(shape, Initialisation::default(), 3);
    let slope = |network: &Network<f64>| {
        let (_, gradient) = network.loss_and_gradient(&samples, Loss::HalfSquared).unwrap();
        gradient.iter().fold(0.0, |largest: f64, g| largest.max(g.abs()))
    };
    let before = slope(&network);
    let mut trainer = Trainer::new(network, settings(1, 1e-12)).unwrap();
    trainer.fit(&samples, None, &mut ()).unwrap();
    let after = slope(&trainer.network());
    // The damping keeps back 1e-12 of the way, rounding some 1e-16.
    assert!(after < 1e-11 * before, "{before} before, {after} after");
}

#[test]
fn it_ends_where_minpack_ends() {
    let text = include_str!("../../../../testdata/optimizers/least_squares.json");
    let reference: Value = serde_json::from_str(text).unwrap();
    let list = |name: &str| -> Vec<f64> {
        let list = reference[name].as_array().expect("a list").iter();
        list.map(|x| x.as_f64().expect("a number")).collect()
    };
    let (inputs, targets) = (list("inputs"), list("targets"));
    let shape = curve(3);
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::from_parameters(shape, list("start")).unwrap();
    let mut trainer = Trainer::new(network, settings(500, 0.01)).unwrap();
    let ended = trainer.fit(&samples, None, &mut ()).unwrap();
    let losses = &trainer.history().training_loss;
    let expected = reference["half_sum_of_squares"].as_f64().unwrap() / inputs.len() as f64;
    let difference = losses.last().unwrap() / expected - 1.0;
    assert_eq!(ended, Ended::Converged);
    assert!(difference.abs() < 1e-10, "{difference}");
    assert!(losses.is_sorted_by(|before, after| after <= before), "no step goes up");
}

#[test]
fn near_a_loss_of_zero_the_digits_multiply() {
    // Targets that the network can have exactly, from a start not far away.
    let shape = curve(3);
    let inputs: Vec<f64> = (0..25).map(|x| f64::from(x) / 12.0 - 1.0).collect();
    let goal = vec![2.5, -1.5, 4.0, 1.0, 0.5, -2.0, 1.0, -0.8, 0.6, 0.2];
    let goal = Network::from_parameters(shape.clone(), goal).unwrap();
    let targets = goal.predict(&inputs).unwrap();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let start = goal.parameters().iter().zip(numbers(10, 6)).map(|(w, x)| w + 0.1 * x).collect();
    let network = Network::from_parameters(shape, start).unwrap();
    let mut trainer = Trainer::new(network, settings(100, 1e-3)).unwrap();
    trainer.fit(&samples, None, &mut ()).unwrap();
    let losses = &trainer.history().training_loss;
    println!("{losses:?}");
    assert!(*losses.last().unwrap() < 1e-24, "{losses:?}");
}
