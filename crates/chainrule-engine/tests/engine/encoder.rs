//! Fahlman's encoder: ten inputs, five hidden neurons, ten outputs, each sample
//! has one 1 and is to come out as it went in.
//!
//! Source: Fahlman (1988), "An empirical study of learning speed in
//! back-propagation networks", CMU-CS-88-162. There it takes plain
//! backpropagation 129 epochs, Quickprop some 20.

use std::ops::ControlFlow;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::callback::{Callback, EpochReport};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;

/// Stops when every output is on the right side: below 0.4 for 0, above 0.6
/// for 1 (Fahlman's 40-20-40).
struct UntilLearnt<'a> {
    table: &'a [f64],
}

impl Callback<f64> for UntilLearnt<'_> {
    fn epoch(&mut self, report: &EpochReport<'_, f64>) -> ControlFlow<()> {
        let outputs = report.network().predict(self.table).expect("they are its own inputs");
        let is_right = |(a, t): (&f64, &f64)| if *t == 1.0 { *a > 0.6 } else { *a < 0.4 };
        if outputs.iter().zip(self.table).all(is_right) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Returns the epochs that it takes, for each of ten seeds. The loss is the
/// cross-entropy: Fahlman met its gradient halfway by adding 0.1 to σ′.
fn epochs(optimizer: Optimizer, learning_rate: f64) -> Vec<usize> {
    let table: Vec<f64> = (0..100).map(|k| f64::from(u8::from(k % 11 == 0))).collect();
    let layer = |width| LayerSpec::new(width, Activation::Sigmoid);
    let shape = Architecture::new(10, [layer(5), layer(10)]).unwrap();
    let samples = Samples::new(&shape, &table, &table).unwrap();
    let one = |seed| {
        let network = Network::new(shape.clone(), Initialisation::default(), seed);
        let settings = Settings {
            optimizer,
            learning_rate,
            batch_size: 10,
            epochs: 1000,
            ..Settings::new(Loss::BinaryCrossEntropy)
        };
        let mut trainer = Trainer::new(network, settings).unwrap();
        trainer.fit(&samples, None, &mut UntilLearnt { table: &table }).unwrap();
        trainer.epoch()
    };
    (0..10).map(one).collect()
}

#[test]
fn quickprop_and_rprop_learn_the_encoder_much_faster_than_descent() {
    let mean = |optimizer, rate| epochs(optimizer, rate).iter().sum::<usize>() as f64 / 10.0;
    let rates = [1.0, 3.0, 10.0];
    let descent = rates.map(|rate| mean(Optimizer::SGD, rate)).into_iter().fold(1e9, f64::min);
    for (optimizer, rate) in [(Optimizer::QUICKPROP, 1.0), (Optimizer::RPROP, 0.1)] {
        let found = mean(optimizer, rate);
        assert!(found < 30.0, "{optimizer:?}: {found} epochs");
        assert!(3.0 * found < descent, "{optimizer:?}: {found} epochs, descent {descent}");
    }
}
