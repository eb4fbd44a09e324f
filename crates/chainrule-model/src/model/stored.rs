//! Architecture and loss as they stand in a file.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use serde::{Deserialize, Serialize};

/// The shape of a network and its loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// `f32` or `f64`.
    pub(super) numbers: String,
    pub(super) inputs: usize,
    pub(super) layers: Vec<Layer>,
    pub(super) loss: StoredLoss,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Layer {
    pub(super) width: usize,
    pub(super) activation: String,
    pub(super) bias: StoredBias,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) dropout: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredBias {
    Trained,
    Frozen,
    Absent,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredLoss {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tau: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Stored {
    pub(super) fn new(architecture: &Architecture, loss: Loss, numbers: &str) -> Stored {
        let layers = architecture.layers().iter().map(|spec| Layer {
            width: spec.width,
            activation: spec.activation.name().to_string(),
            bias: match spec.bias {
                Bias::Trained => StoredBias::Trained,
                Bias::Frozen => StoredBias::Frozen,
                Bias::Absent => StoredBias::Absent,
            },
            dropout: spec.dropout,
        });
        let tau = match loss {
            Loss::Quantile { tau } => Some(tau),
            _ => None,
        };
        Stored {
            numbers: numbers.to_string(),
            inputs: architecture.inputs(),
            layers: layers.collect(),
            loss: StoredLoss { name: loss.name().to_string(), tau },
        }
    }

    pub(super) fn architecture(&self) -> Result<Architecture, String> {
        let layers = self.layers.iter().map(|layer| {
            let activation = Activation::ALL
                .into_iter()
                .find(|activation| activation.name() == layer.activation)
                .ok_or_else(|| format!("there is no activation `{}`", layer.activation))?;
            let bias = match layer.bias {
                StoredBias::Trained => Bias::Trained,
                StoredBias::Frozen => Bias::Frozen,
                StoredBias::Absent => Bias::Absent,
            };
            let spec = LayerSpec::new(layer.width, activation);
            Ok(spec.with_bias(bias).with_dropout(layer.dropout))
        });
        let layers = layers.collect::<Result<Vec<_>, String>>()?;
        Architecture::new(self.inputs, layers).map_err(|error| error.to_string())
    }

    pub(super) fn loss(&self) -> Result<Loss, String> {
        let StoredLoss { name, tau } = &self.loss;
        let loss = Loss::ALL
            .into_iter()
            .find(|loss| loss.name() == name)
            .ok_or_else(|| format!("there is no loss `{name}`"))?;
        match (loss, tau) {
            (Loss::Quantile { .. }, Some(tau)) if *tau > 0.0 && *tau < 1.0 => {
                Ok(Loss::Quantile { tau: *tau })
            }
            (Loss::Quantile { .. }, _) => {
                Err("the loss `quantile` needs a τ between 0 and 1".to_string())
            }
            _ => Ok(loss),
        }
    }
}
