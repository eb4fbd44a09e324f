//! A dense network as the algorithm sees it: layers of weights and biases.
//!
//! Not for names, samples or settings: those are in
//! [`example`](crate::example).

use crate::activation::Activation;
use crate::quantity::{Neuron, Parameter, Pass, Quantity};
use crate::scalar::Scalar;

/// Layers, first to last.
#[derive(Clone, Debug, PartialEq)]
pub struct Network<S> {
    /// The layers that compute; the inputs are not one of them.
    pub layers: Vec<Layer<S>>,
}

/// One dense layer, `a = f(W·x + b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer<S> {
    /// The activation function `f` of all its neurons.
    pub activation: Activation,
    /// (outputs, inputs): `weights[j][i]` leads into neuron `j` from `i`.
    pub weights: Vec<Vec<S>>,
    /// The biases `b`.
    pub biases: Biases<S>,
    /// Whether the biases are trained; frozen ones keep their value.
    pub biases_trained: bool,
}

/// The biases of a layer.
#[derive(Clone, Debug, PartialEq)]
pub enum Biases<S> {
    /// None.
    Absent,
    /// One for each neuron.
    PerNeuron(Vec<S>),
    /// One number, added in every neuron of the layer.
    Shared(S),
}

/// One pair of inputs and targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<S> {
    /// (inputs)
    pub inputs: Vec<S>,
    /// (outputs)
    pub targets: Vec<S>,
}

impl<S: Scalar> Layer<S> {
    /// Returns the number of neurons.
    pub fn width(&self) -> usize {
        self.weights.len()
    }

    /// Returns the number of neurons or inputs that lead into the layer.
    pub fn input_width(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }

    /// Returns the bias of neuron `j`, if it has one.
    pub fn bias(&self, j: usize) -> Option<S> {
        match &self.biases {
            Biases::Absent => None,
            Biases::PerNeuron(values) => Some(values[j]),
            Biases::Shared(value) => Some(*value),
        }
    }
}

impl<S: Scalar> Network<S> {
    /// Returns the number of inputs.
    pub fn input_width(&self) -> usize {
        self.layers.first().map_or(0, Layer::input_width)
    }

    /// Returns the number of outputs.
    pub fn output_width(&self) -> usize {
        self.layers.last().map_or(0, Layer::width)
    }

    /// Returns the addresses and values of all weights and biases: layer by
    /// layer, row by row, a layer's biases after its weights.
    pub fn parameters(&self) -> impl Iterator<Item = (Parameter, S)> + '_ {
        self.layers.iter().enumerate().flat_map(|(layer, one)| {
            let weights = one.weights.iter().enumerate().flat_map(move |(to, row)| {
                row.iter()
                    .enumerate()
                    .map(move |(from, &w)| (Parameter::Weight { layer, to, from }, w))
            });
            let biases: Vec<_> = match &one.biases {
                Biases::Absent => Vec::new(),
                Biases::PerNeuron(values) => values
                    .iter()
                    .enumerate()
                    .map(|(index, &b)| (Parameter::Bias(Neuron { layer, index }), b))
                    .collect(),
                Biases::Shared(b) => vec![(Parameter::SharedBias(layer), *b)],
            };
            weights.chain(biases)
        })
    }

    /// Returns the addresses of all quantities of a step: the given ones first,
    /// then those of neurons, then those of weights and biases.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        let given = (0..self.input_width())
            .map(Quantity::Input)
            .chain((0..self.output_width()).map(Quantity::Target))
            .chain([Quantity::LearningRate])
            .chain(self.parameters().map(|(parameter, _)| Quantity::Parameter(parameter)));
        let passes = [Pass::Before, Pass::After].into_iter().flat_map(move |pass| {
            let layers = self.layers.iter().enumerate().flat_map(move |(layer, one)| {
                let sum = (one.activation == Activation::Softmax)
                    .then_some(Quantity::ExponentialSum(pass, layer));
                let neurons = (0..one.width()).flat_map(move |index| {
                    let neuron = Neuron { layer, index };
                    let is_before = pass == Pass::Before;
                    let is_hidden = layer + 1 < self.layers.len();
                    let delta = is_before.then_some(Quantity::Delta(neuron));
                    let gradient =
                        (is_before && is_hidden).then_some(Quantity::ActivationGradient(neuron));
                    [Quantity::PreActivation(pass, neuron), Quantity::Activation(pass, neuron)]
                        .into_iter()
                        .chain(gradient)
                        .chain(delta)
                });
                sum.into_iter().chain(neurons)
            });
            layers.chain([Quantity::Loss(pass)])
        });
        let trained = self
            .parameters()
            .map(|(parameter, _)| parameter)
            .filter(|&parameter| self.is_trained(parameter))
            .flat_map(|parameter| [Quantity::Gradient(parameter), Quantity::Updated(parameter)]);
        given.chain(passes).chain(trained)
    }

    /// Tells whether a weight or bias is trained: all are but frozen biases.
    pub fn is_trained(&self, parameter: Parameter) -> bool {
        match parameter {
            Parameter::Weight { .. } => true,
            Parameter::Bias(_) | Parameter::SharedBias(_) => {
                self.layers[parameter.layer()].biases_trained
            }
        }
    }

    /// Returns the same network in another kind of number.
    pub fn map<T>(&self, mut convert: impl FnMut(Parameter, S) -> T) -> Network<T> {
        let layers = self
            .layers
            .iter()
            .enumerate()
            .map(|(layer, one)| Layer {
                activation: one.activation,
                weights: one
                    .weights
                    .iter()
                    .enumerate()
                    .map(|(to, row)| {
                        row.iter()
                            .enumerate()
                            .map(|(from, &w)| convert(Parameter::Weight { layer, to, from }, w))
                            .collect()
                    })
                    .collect(),
                biases: match &one.biases {
                    Biases::Absent => Biases::Absent,
                    Biases::PerNeuron(values) => Biases::PerNeuron(
                        values
                            .iter()
                            .enumerate()
                            .map(|(index, &b)| convert(Parameter::Bias(Neuron { layer, index }), b))
                            .collect(),
                    ),
                    Biases::Shared(b) => Biases::Shared(convert(Parameter::SharedBias(layer), *b)),
                },
                biases_trained: one.biases_trained,
            })
            .collect();
        Network { layers }
    }
}
