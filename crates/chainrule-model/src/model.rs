//! A model: a trained network, the encoder in front of it, and how it was
//! trained; what it predicts, and the file it is kept in.
//!
//! Not for training: that is the engine's, and what calls it.

use chainrule::loss::Loss;
use chainrule_engine::architecture::Architecture;
use chainrule_engine::network::Network;

use crate::encoder::Encoder;

pub use compare::{Compared, Truth};
pub use error::Error;
pub use importance::{ColumnImportance, Importance, Permutations};
pub use predict::Predictions;
pub use record::{Data, Fingerprint, History, Training};
pub use worked::WorkedRow;

mod compare;
mod error;
pub mod export;
pub mod file;
mod importance;
pub mod inspect;
mod predict;
pub mod record;
mod stored;
mod worked;

/// A network with all it takes to use it on a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    weights: Weights,
    loss: Loss,
    encoder: Encoder,
    /// How it was trained. Predictions do not depend on it.
    pub training: Training,
}

/// A network of one of the two kinds of number.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// Of 32 bits, the default.
    Single(Network<f32>),
    /// Of 64 bits.
    Double(Network<f64>),
}

impl Model {
    /// Puts a model together.
    ///
    /// # Errors
    /// If the encoder has another number of inputs or outputs than the network.
    pub fn new(
        weights: Weights,
        loss: Loss,
        encoder: Encoder,
        training: Training,
    ) -> Result<Model, Error> {
        let architecture = weights.architecture();
        let checks = [
            ("inputs", encoder.width(), architecture.inputs()),
            ("outputs", encoder.target().outputs(), architecture.outputs()),
        ];
        for (what, encoder, network) in checks {
            if encoder != network {
                return Err(Error::Widths { what, encoder, network });
            }
        }
        Ok(Model { weights, loss, encoder, training })
    }

    /// Returns the network.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Returns the loss it was trained with.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// Returns the encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Returns the architecture of the network.
    pub fn architecture(&self) -> &Architecture {
        self.weights.architecture()
    }
}

impl Weights {
    /// Returns the architecture.
    pub fn architecture(&self) -> &Architecture {
        match self {
            Weights::Single(network) => network.architecture(),
            Weights::Double(network) => network.architecture(),
        }
    }

    /// Returns the name of the kind of number, `f32` or `f64`.
    pub fn numbers(&self) -> &'static str {
        match self {
            Weights::Single(_) => "f32",
            Weights::Double(_) => "f64",
        }
    }
}
