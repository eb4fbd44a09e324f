//! What the lines of a step are about: `z_top`, `δ_out`, `∂E/∂w1`, `w1⁺` …
//!
//! A quantity is an address, without a value. The algorithm gives each number
//! its address where a line ends; [`Names`](crate::names::Names) turns an
//! address into an identifier or a symbol.

/// The address of one number of a step.
///
/// Layers count from 0, the first layer that computes; `to` and `from` are
/// indices of neurons (`from` in the layer before, or of an input).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// An input of the network.
    Input(usize),
    /// The target of an output neuron.
    Target(usize),
    /// The learning rate η.
    LearningRate,
    /// A weight or bias as it is before the step.
    Parameter(Parameter),
    /// The pre-activation `z` of a neuron.
    PreActivation(Pass, Neuron),
    /// `Σ e^z` over a softmax layer.
    ExponentialSum(Pass, usize),
    /// The activation `a` of a neuron.
    Activation(Pass, Neuron),
    /// The loss `E`.
    Loss(Pass),
    /// The delta `δ` of a neuron.
    Delta(Neuron),
    /// `∂E/∂a` of a hidden neuron: no line of its own, but part of the line of
    /// its delta.
    ActivationGradient(Neuron),
    /// `∂E/∂w` or `∂E/∂b`.
    Gradient(Parameter),
    /// A weight or bias after the step.
    Updated(Parameter),
    /// What a person reads off an output; see [`Answer`](crate::example::Answer).
    Answer(usize),
}

/// The address of a neuron that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Neuron {
    /// Its layer, from 0.
    pub layer: usize,
    /// Its place in the layer, from 0.
    pub index: usize,
}

/// The address of a number that training changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parameter {
    /// The weight that leads into neuron `to` of `layer` from `from`.
    Weight {
        /// The layer it leads into.
        layer: usize,
        /// The neuron it leads into.
        to: usize,
        /// The neuron or input it comes from.
        from: usize,
    },
    /// The bias of one neuron.
    Bias(Neuron),
    /// The one bias that all neurons of a layer share.
    SharedBias(usize),
}

/// Which forward pass a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// With the weights as they were.
    Before,
    /// With the new weights.
    After,
}

/// The part of a step that a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Pre-activations and activations.
    Forward,
    /// What a person reads off the outputs.
    Answer,
    /// The loss before the step.
    Loss,
    /// Deltas.
    Backward,
    /// Gradients.
    Gradient,
    /// New weights and biases.
    Update,
    /// The forward pass and the loss after the step.
    After,
}

impl Phase {
    /// The word that stands for the phase in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Phase::Forward => "forward",
            Phase::Answer => "answer",
            Phase::Loss => "loss",
            Phase::Backward => "backward",
            Phase::Gradient => "gradient",
            Phase::Update => "update",
            Phase::After => "after",
        }
    }
}

impl Quantity {
    /// Returns the phase that computes this quantity; `None` where it is given.
    pub fn phase(self) -> Option<Phase> {
        use Pass::{After, Before};
        Some(match self {
            Quantity::Input(_)
            | Quantity::Target(_)
            | Quantity::LearningRate
            | Quantity::Parameter(_) => return None,
            Quantity::PreActivation(Before, _)
            | Quantity::ExponentialSum(Before, _)
            | Quantity::Activation(Before, _) => Phase::Forward,
            Quantity::Answer(_) => Phase::Answer,
            Quantity::Loss(Before) => Phase::Loss,
            Quantity::Delta(_) | Quantity::ActivationGradient(_) => Phase::Backward,
            Quantity::Gradient(_) => Phase::Gradient,
            Quantity::Updated(_) => Phase::Update,
            Quantity::PreActivation(After, _)
            | Quantity::ExponentialSum(After, _)
            | Quantity::Activation(After, _)
            | Quantity::Loss(After) => Phase::After,
        })
    }

    /// Returns the layer the quantity belongs to; `None` for a loss, an answer,
    /// an input, a target and the learning rate.
    pub fn layer(self) -> Option<usize> {
        match self {
            Quantity::PreActivation(_, neuron)
            | Quantity::Activation(_, neuron)
            | Quantity::Delta(neuron)
            | Quantity::ActivationGradient(neuron) => Some(neuron.layer),
            Quantity::ExponentialSum(_, layer) => Some(layer),
            Quantity::Parameter(parameter)
            | Quantity::Gradient(parameter)
            | Quantity::Updated(parameter) => Some(parameter.layer()),
            Quantity::Input(_)
            | Quantity::Target(_)
            | Quantity::LearningRate
            | Quantity::Answer(_)
            | Quantity::Loss(_) => None,
        }
    }
}

impl Parameter {
    /// Returns the layer whose neurons the parameter leads into.
    pub fn layer(self) -> usize {
        match self {
            Parameter::Weight { layer, .. } | Parameter::SharedBias(layer) => layer,
            Parameter::Bias(neuron) => neuron.layer,
        }
    }
}
