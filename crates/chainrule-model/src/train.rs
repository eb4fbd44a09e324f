//! Training a network on rows of a table.
//!
//! ```text
//! table, schema ── split ──> encoder (training rows) ──> matrices ── Course ──> network
//! recipe ─────────────────── settle ──> architecture, settings ──────┘
//! ```
//!
//! A [`Course`] is a run that may be interrupted, saved and restored; what it
//! computes depends on table, recipe and split alone.

mod finish;
mod rate;

pub use finish::Finished;

use chainrule::activation::Activation;
use chainrule_engine::architecture::Architecture;
use chainrule_engine::callback::Callback;
use chainrule_engine::data::Samples;
use chainrule_engine::history::History;
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::{Ended, Trainer};

use crate::encoder::{self, Encoder, Target};
use crate::recipe::{Choice, ClassWeights, Problem, Recipe};
use crate::remark::Remark;
use crate::schema::Schema;
use crate::split::Split;
use crate::table::Table;

/// Why training cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table does not fit.
    #[error(transparent)]
    Table(#[from] crate::error::Error),
    /// The engine refused, or diverged.
    #[error(transparent)]
    Engine(#[from] chainrule_engine::error::Error),
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::Table(error) => error.help(),
            Error::Engine(chainrule_engine::error::Error::Diverged { .. }) => {
                Some("lower the learning rate, or cut gradients with `--clip norm`".to_string())
            }
            Error::Engine(_) => None,
        }
    }
}

/// Encoded rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    /// (rows, inputs).
    pub inputs: Vec<T>,
    /// (rows, outputs).
    pub targets: Vec<T>,
    /// What each row counts; empty where all count the same.
    pub weights: Vec<T>,
    /// How many rows there are.
    pub count: usize,
}

/// A network in training on a table.
#[derive(Debug)]
pub struct Course<T: Real> {
    encoder: Encoder,
    training: Part<T>,
    validation: Option<Part<T>>,
    trainer: Trainer<T>,
    choices: Vec<Choice>,
    remarks: Vec<Remark>,
}

/// The rows that take part: which table they stand in, and which they are.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The table of the training rows.
    pub table: &'a Table,
    /// Training and validation rows.
    pub split: &'a Split,
    /// The table of the validation rows, where they stand in one of their own.
    pub validation_table: Option<&'a Table>,
}

impl<T: Real> Course<T> {
    /// Makes a course ready: fits the encoder to the training rows, encodes,
    /// decides what the recipe leaves open.
    ///
    /// # Errors
    /// If a column does not fit, or settings do not go together.
    pub fn new(
        schema: &Schema,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        selection: Selection<'_>,
    ) -> Result<Course<T>, Error> {
        let Selection { table, split, validation_table } = selection;
        let (encoder, remarks) = Encoder::fit(schema, encoding, table, &split.training)?;
        let mut training = Part::encode(&encoder, table, &split.training)?;
        if recipe.class_weights == ClassWeights::Balanced {
            training.balance(&encoder, table, &split.training)?;
        }
        let validation = if split.validation.is_empty() {
            None
        } else {
            let table = validation_table.unwrap_or(table);
            Some(Part::encode(&encoder, table, &split.validation)?)
        };
        let problem = Problem {
            samples: training.count,
            inputs: encoder.width(),
            outputs: encoder.target().outputs(),
            activation: activation_of(encoder.target()),
        };
        let mut settled = recipe.settle(problem)?;
        let network = first_network(&settled.architecture, recipe, &encoder)?;
        if recipe.learning_rate.is_none() {
            let trials = rate::Trials { network: &network, training: &training };
            let choice = trials.choose(&mut settled.settings)?;
            settled.choices.extend(choice);
        }
        let trainer = Trainer::new(network, settled.settings)?;
        Ok(Course { encoder, training, validation, trainer, choices: settled.choices, remarks })
    }

    /// Trains until there is a reason to end.
    ///
    /// # Errors
    /// If training diverges; the network is then the one of the last epoch
    /// that was well.
    pub fn fit(&mut self, callback: &mut dyn Callback<T>) -> Result<Ended, Error> {
        let architecture = self.trainer.architecture().clone();
        let training = self.training.samples(&architecture)?;
        let validation = match &self.validation {
            None => None,
            Some(part) => Some(part.samples(&architecture)?),
        };
        Ok(self.trainer.fit(&training, validation.as_ref(), callback)?)
    }

    /// Returns the network as it is now.
    pub fn network(&self) -> Network<T> {
        self.trainer.network()
    }

    /// Returns the encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Returns the settings of the trainer.
    pub fn settings(&self) -> &Settings {
        self.trainer.settings()
    }

    /// Returns what was left to the data, and what it became.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Returns what the encoder has to say of the training rows.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Returns what happened so far.
    pub fn history(&self) -> &History {
        self.trainer.history()
    }

    /// Returns how many rows train and how many validate.
    pub fn counts(&self) -> (usize, usize) {
        (self.training.count, self.validation.as_ref().map_or(0, |part| part.count))
    }

    /// Returns all that a restored course needs to go on, beside table, recipe
    /// and split.
    pub fn state(&self) -> Vec<u8> {
        self.trainer.state()
    }

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// If the state is of another course.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), Error> {
        Ok(self.trainer.restore(state)?)
    }
}

impl<T: Real> Part<T> {
    /// Encodes rows of a table.
    ///
    /// # Errors
    /// If a column is missing or holds text where numbers were trained.
    pub fn encode(
        encoder: &Encoder,
        table: &Table,
        rows: &[u32],
    ) -> Result<Part<T>, crate::error::Error> {
        Ok(Part {
            inputs: encoder.read_inputs(table)?.encode(rows),
            targets: encoder.read_targets(table)?.encode(rows),
            weights: Vec::new(),
            count: rows.len(),
        })
    }

    /// Lets every class count the same: a row weighs `rows / (classes · rows of
    /// its class)`.
    fn balance(
        &mut self,
        encoder: &Encoder,
        table: &Table,
        rows: &[u32],
    ) -> Result<(), crate::error::Error> {
        let target = encoder.target();
        if !matches!(target, Target::Classes { .. } | Target::OneHot { .. }) {
            return Ok(());
        }
        let classes = encoder.read_targets(table)?.classes(rows);
        let mut counts = vec![0_usize; target.labels().len()];
        for &class in &classes {
            counts[class] += 1;
        }
        let present = counts.iter().filter(|&&count| count > 0).count();
        let all = classes.len() as f64;
        let weight = |class: usize| all / (present as f64 * counts[class] as f64);
        self.weights = classes.iter().map(|&class| T::from_f64(weight(class))).collect();
        Ok(())
    }

    fn samples(&self, architecture: &Architecture) -> Result<Samples<'_, T>, Error> {
        self.first_samples(self.count, architecture)
    }

    /// Returns the first rows alone.
    fn first_samples(
        &self,
        rows: usize,
        architecture: &Architecture,
    ) -> Result<Samples<'_, T>, Error> {
        let inputs = &self.inputs[..rows * architecture.inputs()];
        let targets = &self.targets[..rows * architecture.outputs()];
        let samples = Samples::new(architecture, inputs, targets)?;
        match self.weights.get(..rows) {
            Some(weights) if rows > 0 => Ok(samples.with_weights(weights)?),
            _ => Ok(samples),
        }
    }
}

/// Returns the output activation that fits a target.
fn activation_of(target: &Target) -> Activation {
    match target {
        Target::Classes { .. } | Target::OneHot { .. } if target.outputs() > 1 => {
            Activation::Softmax
        }
        Target::Classes { .. } | Target::OneHot { .. } | Target::YesNo { .. } => {
            Activation::Sigmoid
        }
        Target::Numbers { .. } => Activation::Identity,
    }
}

/// Makes the network that training begins with. Inputs that no training row
/// has weigh nothing, so that they change no prediction.
fn first_network<T: Real>(
    architecture: &Architecture,
    recipe: &Recipe,
    encoder: &Encoder,
) -> Result<Network<T>, Error> {
    let network = Network::new(architecture.clone(), recipe.initialisation, recipe.seed);
    let unseen = encoder.unseen_inputs();
    if unseen.is_empty() {
        return Ok(network);
    }
    let mut parameters: Vec<T> = network.parameters().to_vec();
    let inputs = architecture.inputs();
    for neuron in 0..architecture.layers()[0].width {
        for &input in &unseen {
            parameters[neuron * inputs + input] = T::ZERO;
        }
    }
    Ok(Network::from_parameters(architecture.clone(), parameters)?)
}
