//! What can go wrong, with the place and the remedy.

/// Why a network, a data set or a training run cannot be made or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An architecture without layers.
    #[error("the network has no layers")]
    NoLayers,
    /// A layer without neurons, or a network without inputs.
    #[error("{place} has width 0")]
    NoWidth {
        /// `the input`, or `layer 2`.
        place: String,
    },
    /// Softmax in a hidden layer.
    #[error("layer {layer} of {count} has softmax, which is for the last layer")]
    HiddenSoftmax {
        /// The layer, from 1.
        layer: usize,
        /// How many there are.
        count: usize,
    },
    /// A setting outside of its range.
    #[error("{setting} is {found}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it is.
        found: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// Numbers of the wrong count.
    #[error("{what}: found {found} numbers, expected {expected}")]
    Length {
        /// What they are.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A number that is infinite or NaN.
    #[error("{what}: number {index} is {value}")]
    NotFinite {
        /// What it belongs to.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
        /// The number itself.
        value: f64,
    },
    /// Targets for which a loss is not defined.
    #[error("sample {sample} has target {found}, expected {expected} for the loss `{loss}`")]
    Target {
        /// The sample, from 0.
        sample: usize,
        /// The target, or the sum of the sample's targets.
        found: f64,
        /// The name of the loss.
        loss: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// Two settings that do not go together.
    #[error("{one} does not go with {other}")]
    Conflict {
        /// One of them.
        one: String,
        /// The other.
        other: String,
    },
    /// Something the textbook has and the engine has not.
    #[error("layer {layer}: the engine has no {what}")]
    Unsupported {
        /// The layer, from 1.
        layer: usize,
        /// What it has.
        what: &'static str,
    },
    /// There is no such sample.
    #[error("there is no sample {index}: the data has {count}")]
    NoSuchSample {
        /// What was asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Training left the range of numbers.
    #[error(
        "training diverged in epoch {epoch}, batch {batch}: {what} is not finite; \
         the largest pre-activation is {pre_activation:e}, in layer {layer}"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The batch in the epoch, from 1.
        batch: usize,
        /// `the loss`, `the validation loss`, or `a weight`.
        what: &'static str,
        /// The largest magnitude of a pre-activation in that batch.
        pre_activation: f64,
        /// The layer it is in, from 1.
        layer: usize,
    },
    /// A saved state that is no state of this trainer.
    #[error("this is not a saved state of this training run: {reason}")]
    State {
        /// What does not fit.
        reason: String,
    },
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Error::NoLayers => "give at least one layer, the output",
            Error::NoWidth { .. } => "every layer has at least one neuron",
            Error::HiddenSoftmax { .. } => "use another activation function there",
            Error::Setting { .. } | Error::Conflict { .. } => "choose another value",
            Error::Length { .. } => {
                "a table has rows × columns numbers, row after row, without gaps"
            }
            Error::NotFinite { .. } => "correct or leave out that row",
            Error::Target { .. } => "correct the targets, or use another loss",
            Error::Unsupported { .. } => "use biases of their own, one for each neuron",
            Error::NoSuchSample { .. } => "samples count from 0",
            Error::Diverged { .. } => {
                "the trainer holds the last good state; continue with a smaller learning rate, \
                 or with the gradient clipped"
            }
            Error::State { .. } => {
                "restore into a trainer made with the same architecture, settings and data"
            }
        })
    }
}
