//! Training is the plain loop: batch after batch a mean gradient, a step, and
//! the losses of the epoch; whatever the sizes of batches and layers are.
//!
//! The trainer keeps its buffers from batch to batch. Here every gradient and
//! every loss is computed by something new, that has seen nothing before.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{Clip, Settings};
use chainrule_engine::trainer::Trainer;
use proptest::prelude::*;

use crate::common::numbers;

/// So small that no case goes astray.
const RATE: f64 = 0.002;
const MOMENTUM: f64 = 0.9;
const EPOCHS: usize = 3;

#[derive(Clone, Debug)]
struct Case {
    widths: Vec<usize>,
    inputs: usize,
    loss: Loss,
    samples: usize,
    validation: usize,
    batch: usize,
    clip: Option<f64>,
    is_weighted: bool,
    smoothing: f64,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let losses = vec![Loss::CategoricalCrossEntropy, Loss::BinaryCrossEntropy, Loss::HalfSquared];
    let shape = (prop::collection::vec(1..=40_usize, 1..=3), 1..=20_usize);
    let counts = (1..=80_usize, 1..=50_usize, 1..=40_usize);
    let smoothing = prop::sample::select(vec![0.0, 0.1]);
    let choices =
        (prop::sample::select(losses), prop::option::of(0.01..1.0), any::<bool>(), smoothing);
    (shape, counts, choices, any::<u64>()).prop_map(
        |(
            (mut widths, inputs),
            (samples, validation, batch),
            (loss, clip, is_weighted, smoothing),
            seed,
        )| {
            if loss == Loss::CategoricalCrossEntropy {
                // One class alone is none.
                *widths.last_mut().unwrap() += 1;
            }
            let smoothing = if loss == Loss::HalfSquared { 0.0 } else { smoothing };
            Case {
                widths,
                inputs,
                loss,
                samples,
                validation,
                batch,
                clip,
                is_weighted,
                smoothing,
                seed,
            }
        },
    )
}

impl Case {
    fn architecture(&self) -> Architecture {
        let output = match self.loss {
            Loss::CategoricalCrossEntropy => Activation::Softmax,
            Loss::BinaryCrossEntropy => Activation::Sigmoid,
            _ => Activation::Identity,
        };
        let last = self.widths.len() - 1;
        let activation = |index| if index == last { output } else { Activation::Tanh };
        let layers = self.widths.iter().enumerate();
        let layers = layers.map(|(index, &width)| LayerSpec::new(width, activation(index)));
        Architecture::new(self.inputs, layers).unwrap()
    }
}

/// Inputs, targets that add up to 1 in every sample, and weights.
struct Data {
    inputs: Vec<f64>,
    targets: Vec<f64>,
    weights: Vec<f64>,
}

impl Data {
    fn new(case: &Case, count: usize, seed: u64) -> Data {
        let outputs = *case.widths.last().unwrap();
        let mut targets: Vec<f64> =
            numbers(count * outputs, seed ^ 1).iter().map(|x| x.abs() + 0.01).collect();
        for targets in targets.chunks_exact_mut(outputs) {
            let sum: f64 = targets.iter().sum();
            for t in targets.iter_mut() {
                *t /= sum;
            }
        }
        let weight = |x: &f64| if case.is_weighted { x.abs() + 0.1 } else { 1.0 };
        let weights = numbers(count, seed ^ 2).iter().map(weight).collect();
        Data { inputs: numbers(count * case.inputs, seed), targets, weights }
    }

    fn samples(&self, shape: &Architecture) -> Samples<'_, f64> {
        let samples = Samples::new(shape, &self.inputs, &self.targets).unwrap();
        samples.with_weights(&self.weights).unwrap()
    }

    /// Of some samples: the mean loss, its gradient, and their weight.
    fn evaluate(
        &self,
        network: &Network<f64>,
        loss: Loss,
        rows: std::ops::Range<usize>,
    ) -> (f64, Vec<f64>, f64) {
        let shape = network.architecture();
        let part =
            |values: &[f64], width: usize| values[rows.start * width..rows.end * width].to_vec();
        let data = Data {
            inputs: part(&self.inputs, shape.inputs()),
            targets: part(&self.targets, shape.outputs()),
            weights: part(&self.weights, 1),
        };
        let (mean, gradient) = network.loss_and_gradient(&data.samples(shape), loss).unwrap();
        (mean, gradient, data.weights.iter().sum())
    }
}

/// Returns the parameters after some epochs, and the losses of each.
fn plain_loop(
    case: &Case,
    mut network: Network<f64>,
    training: &Data,
    validation: &Data,
) -> (Vec<f64>, Vec<[f64; 2]>) {
    let shape = network.architecture().clone();
    let mut momenta = vec![0.0; shape.parameter_count()];
    let mut losses = Vec::new();
    let share = match case.loss {
        Loss::BinaryCrossEntropy => 0.5,
        _ => 1.0 / shape.outputs() as f64,
    };
    let smooth = |t: &f64| (1.0 - case.smoothing) * t + case.smoothing * share;
    let training = Data {
        inputs: training.inputs.clone(),
        targets: training.targets.iter().map(smooth).collect(),
        weights: training.weights.clone(),
    };
    for _ in 0..EPOCHS {
        let (mut sum, mut weight) = (0.0, 0.0);
        for start in (0..case.samples).step_by(case.batch) {
            let rows = start..case.samples.min(start + case.batch);
            let (mean, mut gradient, of_batch) = training.evaluate(&network, case.loss, rows);
            (sum, weight) = (sum + mean * of_batch, weight + of_batch);
            if let Some(limit) = case.clip {
                let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
                let scale = (limit / (norm + 1e-6)).min(1.0);
                for g in &mut gradient {
                    *g *= scale;
                }
            }
            let mut parameters = network.parameters().to_vec();
            for ((w, m), g) in parameters.iter_mut().zip(&mut momenta).zip(gradient) {
                *m = MOMENTUM * *m + g;
                *w -= RATE * *m;
            }
            network = Network::from_parameters(shape.clone(), parameters).unwrap();
        }
        // One sample after the other: each has seen nothing before.
        let (mut validated, mut validation_weight) = (0.0, 0.0);
        for row in 0..case.validation {
            let (loss, _, weight) = validation.evaluate(&network, case.loss, row..row + 1);
            (validated, validation_weight) =
                (validated + loss * weight, validation_weight + weight);
        }
        losses.push([sum / weight, validated / validation_weight]);
    }
    (network.parameters().to_vec(), losses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn training_is_the_plain_loop(case in case()) {
        let shape = case.architecture();
        let network = Network::<f64>::new(shape.clone(), Initialisation::default(), case.seed);
        let training = Data::new(&case, case.samples, case.seed);
        let validation = Data::new(&case, case.validation, case.seed ^ 4);
        let mut settings = Settings::new(case.loss);
        settings.optimizer = Optimizer::MOMENTUM;
        settings.learning_rate = RATE;
        settings.batch_size = case.batch;
        settings.epochs = EPOCHS;
        settings.shuffle = false;
        settings.label_smoothing = case.smoothing;
        settings.clip = case.clip.map_or(Clip::Off, Clip::Norm);
        let (parameters, losses) = plain_loop(&case, network.clone(), &training, &validation);

        let mut trainer = Trainer::new(network, settings).unwrap();
        let (samples, validation) = (training.samples(&shape), validation.samples(&shape));
        trainer.fit(&samples, Some(&validation), &mut ()).unwrap();
        let history = trainer.history();
        for (epoch, [of_training, of_validation]) in losses.into_iter().enumerate() {
            let found = [history.training_loss[epoch], history.validation_loss[epoch]];
            for (found, expected) in found.into_iter().zip([of_training, of_validation]) {
                prop_assert!(
                    (found - expected).abs() <= 1e-10 * expected.abs().max(1.0),
                    "epoch {}: {found}, expected {expected}", epoch + 1
                );
            }
        }
        for (found, expected) in trainer.network().parameters().iter().zip(&parameters) {
            prop_assert!((found - expected).abs() <= 1e-9, "{found}, expected {expected}");
        }
    }
}
