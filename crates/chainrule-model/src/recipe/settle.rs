//! From a recipe to what the engine is given: what `auto` becomes.

use std::fmt;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::error::Error;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{EarlyStopping, Settings};

use super::Recipe;

/// What is to be learned, as far as the choice of settings goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Problem {
    /// The samples to train on.
    pub samples: usize,
    /// The inputs of the network.
    pub inputs: usize,
    /// The outputs.
    pub outputs: usize,
    /// The activation of the outputs, which follows from the task.
    pub activation: Activation,
}

/// A setting that was chosen, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The name of the setting.
    pub setting: &'static str,
    /// What it became.
    pub value: String,
    /// Why, in words.
    pub reason: String,
}

impl fmt::Display for Choice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Choice { setting, value, reason } = self;
        write!(out, "{setting} = {value}: {reason}")
    }
}

/// A recipe with nothing left to decide but the learning rate, which trials
/// may choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The shape of the network.
    pub architecture: Architecture,
    /// What the trainer is given.
    pub settings: Settings,
    /// What was chosen.
    pub choices: Vec<Choice>,
}

/// More parameters than this take tens of gigabytes in training, with state and copies.
const MOST_PARAMETERS: usize = 500_000_000;

impl Recipe {
    /// Decides what was left to the data.
    ///
    /// # Errors
    /// If the settings do not fit the network.
    pub fn settle(&self, problem: Problem) -> Result<Settled, Error> {
        let mut choices = Vec::new();
        let mut choose = |setting, value: String, reason| {
            choices.push(Choice { setting, value, reason });
        };
        let widths = self.hidden.clone().unwrap_or_else(|| {
            let widths = hidden(problem);
            let (samples, inputs) = (problem.samples, problem.inputs);
            let reason = format!("{samples} samples with {inputs} inputs");
            choose("hidden", super::spell_widths(&widths), reason);
            widths
        });
        let loss = self.loss.unwrap_or(match problem.activation {
            Activation::Softmax => Loss::CategoricalCrossEntropy,
            Activation::Sigmoid => Loss::BinaryCrossEntropy,
            _ => Loss::MeanSquared,
        });
        let batch = self.batch.unwrap_or_else(|| {
            let size = batch(problem.samples);
            choose("batch", size.to_string(), format!("{} samples", problem.samples));
            size
        });
        let decay = self.weight_decay.unwrap_or_else(|| {
            let decay = decay(problem.samples, self.optimizer);
            if decay > 0.0 {
                choose("weight_decay", decay.to_string(), format!("{} samples", problem.samples));
            }
            decay
        });
        let layers = widths.iter().map(|&width| {
            LayerSpec::new(width, self.activation).with_bias(self.bias).with_dropout(self.dropout)
        });
        let activation = match (loss, problem.activation) {
            // A rate is above 0.
            (Loss::Poisson, Activation::Identity) => Activation::Softplus,
            (_, activation) => activation,
        };
        let last = LayerSpec::new(problem.outputs, activation).with_bias(self.bias);
        let architecture = Architecture::new(problem.inputs, layers.chain([last]))?;
        let parameters = architecture.parameter_count();
        if parameters > MOST_PARAMETERS {
            return Err(Error::Setting {
                setting: "the number of weights and biases",
                found: parameters as f64,
                expected: "at most 500 million",
            });
        }
        let mut settings = Settings::new(loss);
        settings.optimizer = self.optimizer;
        settings.learning_rate = self.learning_rate.unwrap_or(settings.learning_rate);
        settings.schedule = self.schedule;
        // Room is made for so many rows.
        settings.batch_size = batch.min(problem.samples.max(1));
        settings.epochs = self.epochs;
        settings.shuffle = self.shuffle;
        settings.seed = self.seed;
        settings.threads = self.threads;
        settings.l2 = self.l2;
        settings.l1 = self.l1;
        settings.decay = decay;
        settings.clip = self.clip;
        settings.label_smoothing = self.label_smoothing;
        settings.early_stopping = self
            .patience
            .map(|patience| EarlyStopping { patience, min_improvement: self.min_improvement });
        settings.time_limit = self.time;
        settings.step_limit = self.steps;
        Ok(Settled { architecture, settings, choices })
    }
}

/// Returns widths for hidden layers: one for a small table, two for a larger
/// one, wider with more inputs; such networks have a few weights for each
/// sample at most, and early stopping does the rest.
fn hidden(problem: Problem) -> Vec<usize> {
    let widest: usize = match problem.samples {
        0..500 => 32,
        500..20_000 => 64,
        _ => 128,
    };
    let most = if problem.inputs > 256 { 2 * widest } else { widest };
    if problem.samples < 500 { vec![most] } else { vec![most, most / 2] }
}

/// Returns a weight decay: few samples need a firm hand, many say themselves
/// what the weights should be. Only for Adam's steps, which are of one size
/// whatever the gradient's; `AdamW` has a decay of its own.
///
/// Of 0, 0.03, 0.1, 0.3, 0.5 and 1, five folds of nine small tables of Proben1
/// and of Auto MPG do best with 0.3 to 0.5; from 4,000 samples on, Proben1's
/// thyroid and California housing with 0.03.
fn decay(samples: usize, optimizer: Optimizer) -> f64 {
    const MOST: f64 = 0.3;
    const FEW: f64 = 2000.0;
    if !matches!(optimizer, Optimizer::Adam { .. } | Optimizer::Nadam { .. }) {
        return 0.0;
    }
    let decay = MOST * (FEW / (samples as f64).max(FEW)).powi(2);
    // Three decimals are enough, and read better.
    (decay * 1000.0).round() / 1000.0
}

/// Returns a size of batch that gives about fifty steps an epoch.
fn batch(samples: usize) -> usize {
    (samples / 50).next_power_of_two().clamp(8, 128)
}
