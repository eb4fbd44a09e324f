//! Which losses fit which outputs and targets.
//!
//! The cross-entropies take logarithms of the outputs: they have a meaning
//! only where outputs and targets are probabilities.

use crate::activation::Activation;
use crate::example::Example;
use crate::loss::Loss;

/// Why a loss does not fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// The outputs are not what the loss is defined for.
    #[error(
        "the loss `{}` does not fit the output activation `{}`", loss.name(), activation.name()
    )]
    Activation {
        /// The loss.
        loss: Loss,
        /// The activation of the last layer.
        activation: Activation,
    },
    /// A target is not a probability, or not a count.
    #[error(
        "sample {sample} has the target {target}, expected {} with the loss `{}`",
        range(*loss),
        loss.name()
    )]
    Target {
        /// The loss.
        loss: Loss,
        /// The sample, from 1.
        sample: usize,
        /// The index of the target.
        index: usize,
        /// The target.
        target: f64,
    },
    /// The targets of a sample are not a distribution.
    #[error("the targets of sample {sample} add up to {sum}, expected 1 with the loss `{}`", loss.name())]
    Sum {
        /// The loss.
        loss: Loss,
        /// The sample, from 1.
        sample: usize,
        /// What they add up to.
        sum: f64,
    },
}

/// Returns where the targets of a loss lie.
fn range(loss: Loss) -> &'static str {
    match loss {
        Loss::Poisson => "0 or above",
        _ => "0 to 1",
    }
}

/// How far from 1 targets may add up: thirds typed to seven places are fine.
const SUM_TOLERANCE: f64 = 1e-6;

impl Misfit {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Misfit::Activation { loss: Loss::BinaryCrossEntropy, .. } => {
                "its outputs must lie between 0 and 1: use `sigmoid` in the last layer".to_string()
            }
            Misfit::Activation { loss: Loss::Poisson, .. } => {
                "its outputs must be above 0: use `softplus` in the last layer".to_string()
            }
            Misfit::Activation { .. } => {
                "its outputs must add up to 1: use `softmax` in the last layer".to_string()
            }
            Misfit::Target { loss: Loss::Poisson, .. } => "a target is a count here".to_string(),
            Misfit::Target { .. } => "a target is a probability here".to_string(),
            Misfit::Sum { .. } => {
                "for one right class of three, write `targets = [0, 1, 0]`; for yes-or-no outputs \
                 that do not exclude each other, use `binary-cross-entropy`"
                    .to_string()
            }
        })
    }

    /// Returns what stands under the marked text.
    pub(crate) fn label(&self) -> String {
        match self {
            Misfit::Activation { .. } => "does not fit the output".to_string(),
            Misfit::Target { loss: Loss::Poisson, .. } => "below 0".to_string(),
            Misfit::Target { .. } => "not between 0 and 1".to_string(),
            Misfit::Sum { .. } => "the sum is not 1".to_string(),
        }
    }
}

impl Example {
    /// Checks whether a loss fits the last layer and the targets of all
    /// samples, such as one that replaces the example's own.
    ///
    /// # Errors
    /// The first misfit.
    pub fn check_loss(&self, loss: Loss) -> Result<(), Misfit> {
        let output = self.network.layers.last();
        if let Some(layer) = output {
            check_activation(loss, layer.activation)?;
        }
        self.samples
            .iter()
            .enumerate()
            .try_for_each(|(index, sample)| check_targets(loss, index + 1, &sample.targets))
    }
}

/// Checks whether a loss fits the activation of the last layer.
pub(crate) fn check_activation(loss: Loss, activation: Activation) -> Result<(), Misfit> {
    let fits = match loss {
        Loss::BinaryCrossEntropy => {
            matches!(activation, Activation::Sigmoid | Activation::Softmax)
        }
        Loss::CategoricalCrossEntropy => activation == Activation::Softmax,
        Loss::Poisson => {
            matches!(activation, Activation::Softplus | Activation::Sigmoid | Activation::Softmax)
        }
        _ => true,
    };
    if fits { Ok(()) } else { Err(Misfit::Activation { loss, activation }) }
}

/// Checks whether a loss fits the targets of a sample, counted from 1.
pub(crate) fn check_targets(loss: Loss, sample: usize, targets: &[f64]) -> Result<(), Misfit> {
    let most = match loss {
        Loss::BinaryCrossEntropy | Loss::CategoricalCrossEntropy => 1.0,
        Loss::Poisson => f64::INFINITY,
        _ => return Ok(()),
    };
    let outside = targets.iter().position(|target| !(0.0..=most).contains(target));
    if let Some(index) = outside {
        return Err(Misfit::Target { loss, sample, index, target: targets[index] });
    }
    let sum: f64 = targets.iter().sum();
    if loss == Loss::CategoricalCrossEntropy && (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(Misfit::Sum { loss, sample, sum });
    }
    Ok(())
}
