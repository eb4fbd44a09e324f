//! What is in a model, as data: the command line prints it.

use serde::Serialize;

use super::stored::{Stored, StoredBias, StoredLoss};
use super::{Model, Training};
use crate::encoder::{Code, Target};

/// What is in a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary<'a> {
    /// The kind of its numbers, `f32` or `f64`.
    pub numbers: &'static str,
    /// How many weights and biases there are.
    pub parameters: usize,
    /// The columns it reads.
    pub columns: Vec<ColumnSummary<'a>>,
    /// The layers, first to last.
    pub layers: Vec<LayerSummary>,
    /// The name of the loss.
    pub loss: String,
    /// The τ of the quantile loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau: Option<f64>,
    /// What it predicts.
    pub target: &'a Target,
    /// How it was trained.
    pub training: &'a Training,
    /// The memory it takes to predict.
    pub memory: Memory,
}

/// A column that a model reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary<'a> {
    /// Its name.
    pub name: &'a str,
    /// `number`, `category` or `yes-no`.
    pub kind: &'static str,
    /// How many inputs are made of it.
    pub inputs: usize,
    /// The values of a category that have an input of their own.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub values: &'a [String],
    /// Whether an input says that it is missing.
    pub has_indicator: bool,
}

/// A layer of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerSummary {
    /// How many numbers lead into each neuron.
    pub inputs: usize,
    /// How many neurons there are.
    pub outputs: usize,
    /// The name of the activation function.
    pub activation: &'static str,
    /// What its biases are: `trained`, `frozen` or `absent`.
    pub bias: &'static str,
    /// The share of activations dropped in training.
    pub dropout: f64,
    /// How many weights and biases it has.
    pub parameters: usize,
}

/// Bytes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// All weights and biases.
    pub parameters: usize,
    /// One row of inputs, encoded.
    pub row: usize,
    /// One row of all activations.
    pub activations: usize,
}

impl Model {
    /// Returns what is in the model.
    pub fn summary(&self) -> Summary<'_> {
        let architecture = self.architecture();
        let StoredLoss { name, tau } =
            Stored::new(architecture, self.loss, self.weights.numbers()).loss;
        let layers: Vec<LayerSummary> = Stored::new(architecture, self.loss, "")
            .layers
            .iter()
            .zip(architecture.layers())
            .enumerate()
            .map(|(index, (stored, spec))| LayerSummary {
                inputs: architecture.input_width(index),
                outputs: spec.width,
                activation: spec.activation.name(),
                bias: match stored.bias {
                    StoredBias::Trained => "trained",
                    StoredBias::Frozen => "frozen",
                    StoredBias::Absent => "absent",
                },
                dropout: spec.dropout,
                parameters: architecture.parameter_count_of(index),
            })
            .collect();
        let bytes = if self.weights.numbers() == "f64" { 8 } else { 4 };
        let neurons: usize = layers.iter().map(|layer| layer.outputs).sum();
        let parameters = architecture.parameter_count();
        Summary {
            numbers: self.weights.numbers(),
            parameters,
            columns: self.columns(),
            layers,
            loss: name,
            tau,
            target: self.encoder.target(),
            training: &self.training,
            memory: Memory {
                parameters: parameters * bytes,
                row: architecture.inputs() * bytes,
                activations: neurons * bytes,
            },
        }
    }

    fn columns(&self) -> Vec<ColumnSummary<'_>> {
        let features = self.encoder.features().iter();
        let columns = features.map(|feature| {
            let (kind, values): (_, &[String]) = match &feature.code {
                Code::Number { .. } => ("number", &[]),
                Code::Category { values, .. } => ("category", values),
                Code::YesNo { .. } => ("yes-no", &[]),
            };
            ColumnSummary {
                name: &feature.column,
                kind,
                inputs: feature.width(),
                values,
                has_indicator: feature.missing,
            }
        });
        columns.collect()
    }
}
