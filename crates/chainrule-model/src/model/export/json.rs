//! A model as one JSON object, complete: a program that reads it needs nothing
//! else to predict. `docs/model-file.md` describes it.
//!
//! Numbers have the shortest digits that read back as the same number, of 32
//! or 64 bits as `numbers` says.

use std::io::Write;

use chainrule_engine::architecture::Bias;
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use serde::Serialize;

use crate::encoder::Encoder;
use crate::model::file::{FORMAT, VERSION};
use crate::model::stored::{Stored, StoredBias, StoredLoss};
use crate::model::{Model, Training, Weights};

#[derive(Serialize)]
struct Exported<'a, T> {
    format: &'static str,
    version: u64,
    numbers: &'static str,
    inputs: Vec<String>,
    layers: Vec<Layer<'a, T>>,
    loss: StoredLoss,
    encoder: &'a Encoder,
    training: &'a Training,
}

#[derive(Serialize)]
struct Layer<'a, T> {
    activation: &'static str,
    /// `weights[j][i]` leads into neuron `j` from `i`.
    weights: Vec<&'a [T]>,
    /// Empty where there are none.
    biases: &'a [T],
    bias: StoredBias,
    dropout: f64,
}

pub(super) fn write(model: &Model, out: &mut dyn Write) -> std::io::Result<()> {
    match &model.weights {
        Weights::Single(network) => write_network(model, network, out),
        Weights::Double(network) => write_network(model, network, out),
    }
}

fn write_network<T: Real + Serialize>(
    model: &Model,
    network: &Network<T>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let architecture = network.architecture();
    let layers = network.layers().enumerate().map(|(index, view)| Layer {
        activation: view.spec.activation.name(),
        weights: view.weights.chunks_exact(architecture.input_width(index)).collect(),
        biases: view.biases,
        bias: match view.spec.bias {
            Bias::Trained => StoredBias::Trained,
            Bias::Frozen => StoredBias::Frozen,
            Bias::Absent => StoredBias::Absent,
        },
        dropout: view.spec.dropout,
    });
    let exported = Exported {
        format: FORMAT,
        version: VERSION,
        numbers: T::NAME,
        inputs: model.encoder.input_names(),
        layers: layers.collect(),
        loss: Stored::new(architecture, model.loss, T::NAME).loss,
        encoder: &model.encoder,
        training: &model.training,
    };
    let mut out = std::io::BufWriter::new(out);
    serde_json::to_writer(&mut out, &exported)?;
    out.write_all(b"\n")?;
    out.flush()
}
