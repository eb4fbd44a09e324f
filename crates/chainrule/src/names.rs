//! What neurons, weights and biases are called, and the identifiers and
//! symbols of all quantities that follow from it.
//!
//! Automatic names: inputs `x1, x2 …`, neurons of the only hidden layer
//! `h1, h2 …`, of several `h1_1, h1_2 … h2_1 …`, outputs `o1, o2 …`. A weight
//! is named by its ends, from first: `w_x1_h1`; a bias by its neuron, `b_h1`;
//! a shared bias by its layer, `b1`.

use std::borrow::Cow;

use crate::network::Network;
use crate::quantity::{Neuron, Parameter, Pass, Quantity};

mod of_labels;

/// The names of a network's parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Names of the neurons, `neurons[layer][j]`.
    pub neurons: Vec<Vec<String>>,
    /// Names given to weights, `weights[layer][to][from]`; a layer without
    /// names of its own is empty.
    pub weights: Vec<Vec<Vec<String>>>,
    /// Names given to biases, one for each neuron, or one for a shared bias;
    /// empty where there are none.
    pub biases: Vec<Vec<String>>,
}

/// A symbol, in parts that every notation sets in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// What stands before it: `∂E/∂` for a gradient.
    pub is_gradient: bool,
    /// The letter, or the name as a whole.
    pub base: Cow<'a, str>,
    /// What stands below.
    pub subscript: Option<Cow<'a, str>>,
    /// Whether it is marked `⁺`, after the step.
    pub is_after: bool,
}

impl Names {
    /// Makes automatic names for a network.
    pub fn automatic<S: crate::scalar::Scalar>(network: &Network<S>) -> Names {
        let widths: Vec<usize> = network.layers.iter().map(crate::network::Layer::width).collect();
        Names {
            inputs: (0..network.input_width()).map(automatic_input).collect(),
            neurons: (0..widths.len())
                .map(|layer| {
                    (0..widths[layer])
                        .map(|index| automatic_neuron(Neuron { layer, index }, widths.len()))
                        .collect()
                })
                .collect(),
            weights: vec![Vec::new(); widths.len()],
            biases: vec![Vec::new(); widths.len()],
        }
    }

    /// Returns the name of a neuron.
    pub fn neuron(&self, neuron: Neuron) -> &str {
        &self.neurons[neuron.layer][neuron.index]
    }

    /// Returns the name of a weight or bias.
    pub fn parameter(&self, parameter: Parameter) -> Cow<'_, str> {
        match parameter {
            Parameter::Weight { layer, to, from } => {
                match self.weights[layer].get(to).and_then(|row| row.get(from)) {
                    Some(name) => Cow::Borrowed(name),
                    None => Cow::Owned(format!(
                        "w_{}_{}",
                        self.source(layer, from),
                        self.neurons[layer][to]
                    )),
                }
            }
            Parameter::Bias(neuron) => match self.biases[neuron.layer].get(neuron.index) {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(format!("b_{}", self.neuron(neuron))),
            },
            Parameter::SharedBias(layer) => match self.biases[layer].first() {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(format!("b{}", layer + 1)),
            },
        }
    }

    /// Returns the name of what leads into a layer: an input or a neuron.
    pub fn source(&self, layer: usize, from: usize) -> &str {
        if layer == 0 { &self.inputs[from] } else { &self.neurons[layer - 1][from] }
    }

    /// Returns the identifier of a quantity: `z_top`, `grad_w1`, `w1_new`.
    pub fn id(&self, quantity: Quantity) -> String {
        let after = |pass| if pass == Pass::After { "_after" } else { "" };
        match quantity {
            Quantity::Input(index) => self.inputs[index].clone(),
            Quantity::Target(index) => format!("t_{}", self.outputs()[index]),
            Quantity::LearningRate => "eta".to_string(),
            Quantity::Parameter(parameter) => self.parameter(parameter).into_owned(),
            Quantity::PreActivation(pass, neuron) => {
                format!("z_{}{}", self.neuron(neuron), after(pass))
            }
            Quantity::ExponentialSum(pass, layer) => format!("sum_{}{}", layer + 1, after(pass)),
            Quantity::Activation(pass, neuron) => {
                format!("a_{}{}", self.neuron(neuron), after(pass))
            }
            Quantity::Loss(pass) => format!("loss{}", after(pass)),
            Quantity::Delta(neuron) => format!("delta_{}", self.neuron(neuron)),
            Quantity::Gradient(parameter) => format!("grad_{}", self.parameter(parameter)),
            Quantity::Updated(parameter) => format!("{}_new", self.parameter(parameter)),
        }
    }

    /// Returns the symbol of a quantity: `z` with `top` below it.
    pub fn symbol(&self, quantity: Quantity) -> Symbol<'_> {
        let with_subscript = |base: &'static str, subscript| Symbol {
            is_gradient: false,
            base: Cow::Borrowed(base),
            subscript: Some(subscript),
            is_after: false,
        };
        let symbol = match quantity {
            Quantity::Input(index) => Symbol::of_name(Cow::Borrowed(&self.inputs[index])),
            Quantity::Target(index) => {
                with_subscript("t", Cow::Borrowed(self.outputs()[index].as_str()))
            }
            Quantity::LearningRate => Symbol::of_name(Cow::Borrowed("η")),
            Quantity::Parameter(parameter)
            | Quantity::Gradient(parameter)
            | Quantity::Updated(parameter) => Symbol::of_name(self.parameter(parameter)),
            Quantity::PreActivation(_, neuron) => {
                with_subscript("z", Cow::Borrowed(self.neuron(neuron)))
            }
            Quantity::ExponentialSum(_, layer) => {
                with_subscript("S", Cow::Owned((layer + 1).to_string()))
            }
            Quantity::Activation(_, neuron) => {
                with_subscript("a", Cow::Borrowed(self.neuron(neuron)))
            }
            Quantity::Loss(_) => Symbol::of_name(Cow::Borrowed("E")),
            Quantity::Delta(neuron) => with_subscript("δ", Cow::Borrowed(self.neuron(neuron))),
        };
        Symbol {
            is_gradient: matches!(quantity, Quantity::Gradient(_)),
            is_after: matches!(
                quantity,
                Quantity::Updated(_)
                    | Quantity::PreActivation(Pass::After, _)
                    | Quantity::ExponentialSum(Pass::After, _)
                    | Quantity::Activation(Pass::After, _)
                    | Quantity::Loss(Pass::After)
            ),
            ..symbol
        }
    }

    fn outputs(&self) -> &[String] {
        self.neurons.last().map_or(&[], Vec::as_slice)
    }
}

impl<'a> Symbol<'a> {
    /// Splits a name into letter and subscript: `w1`, `W_ΩA` and `x12` have
    /// one, `top` and `A` do not.
    fn of_name(name: Cow<'a, str>) -> Symbol<'a> {
        let split = match name.find('_') {
            Some(at) if at > 0 && at + 1 < name.len() => Some((at, at + 1)),
            Some(_) => None,
            None => {
                let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
                (digits > 0 && digits < name.len() && name[..digits].chars().count() == 1)
                    .then_some((digits, digits))
            }
        };
        let (base, subscript) = match split {
            None => (name, None),
            Some((end, start)) => match name {
                Cow::Borrowed(name) => {
                    (Cow::Borrowed(&name[..end]), Some(Cow::Borrowed(&name[start..])))
                }
                Cow::Owned(name) => (
                    Cow::Owned(name[..end].to_string()),
                    Some(Cow::Owned(name[start..].to_string())),
                ),
            },
        };
        Symbol { is_gradient: false, base, subscript, is_after: false }
    }
}

/// Returns the automatic name of an input.
pub fn automatic_input(index: usize) -> String {
    format!("x{}", index + 1)
}

/// Returns the automatic name of a neuron in a network of `layers` layers.
pub fn automatic_neuron(neuron: Neuron, layers: usize) -> String {
    let Neuron { layer, index } = neuron;
    if layer + 1 == layers {
        format!("o{}", index + 1)
    } else if layers == 2 {
        format!("h{}", index + 1)
    } else {
        format!("h{}_{}", layer + 1, index + 1)
    }
}
