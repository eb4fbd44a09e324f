//! How much memory training a model takes: the encoded rows, and one workspace
//! that is there before the first step.

use chainrule_engine::architecture::Architecture;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::real::Real;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::{MemoryUse, Trainer};
use serde::Serialize;

use super::{Model, Weights};
use crate::recipe::{Problem, Recipe};

/// No workspace of more numbers is made to be measured: 2 GB of doubles.
const MOST_NUMBERS: usize = 1 << 28;

/// Bytes of memory that training takes beside the table it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TrainingMemory {
    /// The encoded rows that train and validate, and their order.
    pub data: usize,
    /// Weights and biases: those in training, the best, those of the epoch's
    /// start.
    pub parameters: usize,
    /// Gradient and what the optimizer remembers.
    pub optimizer: usize,
    /// What batches are computed in.
    pub workspace: usize,
    /// All of it.
    pub total: usize,
    /// For how many threads: each has a part of the workspace.
    pub threads: usize,
}

impl Model {
    /// Returns the memory that training took, or would take on this machine;
    /// nothing where the model does not say how it was trained, or claims what
    /// is out of proportion: a workspace is made to be measured.
    pub fn training_memory(&self) -> Option<TrainingMemory> {
        let mut recipe = Recipe::default();
        let settings = &self.training.settings;
        if settings.is_empty() {
            return None;
        }
        for (name, value) in settings {
            recipe.set(name, value.as_str()?).ok()?;
        }
        let rows = [self.training.data.training_rows, self.training.data.validation_rows];
        let [training, validation] = rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
        let architecture = self.architecture();
        let problem = Problem {
            samples: training,
            inputs: architecture.inputs(),
            outputs: architecture.outputs(),
            activation: architecture.output_layer().activation,
        };
        let mut settings = recipe.settle(problem).ok()?.settings;
        settings.threads = 0;
        if numbers_needed(architecture, &settings) > MOST_NUMBERS {
            return None;
        }
        let threads = settings.thread_count();
        let (bytes, memory) = match &self.weights {
            Weights::Single(network) => (size_of::<f32>(), memory_of(network, settings)?),
            Weights::Double(network) => (size_of::<f64>(), memory_of(network, settings)?),
        };
        let width = architecture.inputs() + architecture.outputs();
        let data = training
            .saturating_add(validation)
            .saturating_mul(width * bytes)
            .saturating_add(training.saturating_mul(MemoryUse::PER_SAMPLE));
        let MemoryUse { parameters, optimizer, workspace } = memory;
        let total = data.saturating_add(memory.total());
        Some(TrainingMemory { data, parameters, optimizer, workspace, total, threads })
    }
}

/// Returns about how many numbers a workspace and an optimizer's memory have.
fn numbers_needed(architecture: &Architecture, settings: &Settings) -> usize {
    let neurons: usize = architecture.layers().iter().map(|layer| layer.width).sum();
    let batch = settings.batch_size.saturating_mul(architecture.inputs() + neurons);
    let parameters = architecture.parameter_count();
    let remembered = match settings.optimizer {
        Optimizer::Lbfgs { history } => history.saturating_mul(2 * parameters),
        Optimizer::LevenbergMarquardt { .. } => parameters.saturating_mul(parameters),
        _ => 2 * parameters,
    };
    batch.saturating_add(remembered)
}

fn memory_of<T: Real>(network: &Network<T>, settings: Settings) -> Option<MemoryUse> {
    Some(Trainer::new(network.clone(), settings).ok()?.memory())
}
