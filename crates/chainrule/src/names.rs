//! What neurons, weights and biases are called, and the identifiers and
//! symbols of all quantities that follow from it.
//!
//! Automatic names: inputs `x1, x2 …`, neurons of the only hidden layer
//! `h1, h2 …`, of several `h1_1, h1_2 … h2_1 …`, outputs `o1, o2 …`. A weight
//! is named by its ends, from first: `w_x1_h1`; a bias by its neuron, `b_h1`;
//! a shared bias by its layer, `b1`.

use crate::network::Network;
use crate::quantity::{Neuron, Parameter, Phase, Quantity};

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
    /// Names of the answers read off the outputs, `p_Adelie`.
    pub answers: Vec<String>,
}

/// The name of a weight or bias, not yet written out: a network has a hundred
/// thousand of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterName<'a> {
    /// A name of its own.
    Given(&'a str),
    /// A weight, named by its ends, from first.
    Ends(&'a str, &'a str),
    /// A bias, named by its neuron.
    Neuron(&'a str),
    /// A shared bias, named by its layer, from 1.
    Layer(usize),
}

impl ParameterName<'_> {
    /// Writes the name out.
    pub fn write(self, out: &mut String) {
        match self {
            ParameterName::Given(name) => out.push_str(name),
            ParameterName::Ends(from, to) => {
                for part in ["w_", from, "_", to] {
                    out.push_str(part);
                }
            }
            ParameterName::Neuron(neuron) => {
                out.push_str("b_");
                out.push_str(neuron);
            }
            ParameterName::Layer(layer) => {
                out.push('b');
                out.push_str(&layer.to_string());
            }
        }
    }
}

/// A symbol, in parts that every notation sets in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// What stands before it: `∂E/∂` for a gradient.
    pub is_gradient: bool,
    /// The letter, or the name as a whole.
    pub base: &'a str,
    /// What stands below.
    pub subscript: Subscript<'a>,
    /// Whether a line stands between the two on one line, as in `z_top`; there
    /// is none in `w1`.
    pub has_line: bool,
    /// Whether it is marked `⁺`, after the step.
    pub is_after: bool,
}

/// What stands below a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscript<'a> {
    /// Nothing.
    None,
    /// A name, or a part of one.
    Name(&'a str),
    /// The two ends of a weight.
    Ends(&'a str, &'a str),
    /// The number of a layer.
    Layer(usize),
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
            answers: Vec::new(),
        }
    }

    /// Returns the name of a neuron.
    pub fn neuron(&self, neuron: Neuron) -> &str {
        &self.neurons[neuron.layer][neuron.index]
    }

    /// Returns the name of a weight or bias.
    pub fn parameter(&self, parameter: Parameter) -> ParameterName<'_> {
        let given = match parameter {
            Parameter::Weight { layer, to, from } => {
                self.weights[layer].get(to).and_then(|row| row.get(from))
            }
            Parameter::Bias(neuron) => self.biases[neuron.layer].get(neuron.index),
            Parameter::SharedBias(layer) => self.biases[layer].first(),
        };
        match (given, parameter) {
            (Some(name), _) => ParameterName::Given(name),
            (None, Parameter::Weight { layer, to, from }) => {
                ParameterName::Ends(self.source(layer, from), &self.neurons[layer][to])
            }
            (None, Parameter::Bias(neuron)) => ParameterName::Neuron(self.neuron(neuron)),
            (None, Parameter::SharedBias(layer)) => ParameterName::Layer(layer + 1),
        }
    }

    /// Returns the name of what leads into a layer: an input or a neuron.
    pub fn source(&self, layer: usize, from: usize) -> &str {
        if layer == 0 { &self.inputs[from] } else { &self.neurons[layer - 1][from] }
    }

    /// Returns the identifier of a quantity: `z_top`, `grad_w1`, `w1_new`.
    pub fn id(&self, quantity: Quantity) -> String {
        let mut out = String::new();
        self.write_id(quantity, &mut out);
        out
    }

    /// Writes the identifier of a quantity.
    pub fn write_id(&self, quantity: Quantity, out: &mut String) {
        let (before, name) = match quantity {
            Quantity::Input(index) => ("", self.inputs[index].as_str()),
            Quantity::Target(index) => ("t_", self.outputs()[index].as_str()),
            Quantity::LearningRate => ("", "eta"),
            Quantity::Answer(index) => ("", self.answers[index].as_str()),
            Quantity::PreActivation(_, neuron) => ("z_", self.neuron(neuron)),
            Quantity::Activation(_, neuron) => ("a_", self.neuron(neuron)),
            Quantity::Loss(_) => ("", "loss"),
            Quantity::Delta(neuron) => ("delta_", self.neuron(neuron)),
            Quantity::ActivationGradient(neuron) => ("grad_a_", self.neuron(neuron)),
            Quantity::ExponentialSum(..) => ("sum_", ""),
            Quantity::Gradient(_) => ("grad_", ""),
            Quantity::Parameter(_) | Quantity::Updated(_) => ("", ""),
        };
        out.push_str(before);
        out.push_str(name);
        match quantity {
            Quantity::ExponentialSum(_, layer) => out.push_str(&(layer + 1).to_string()),
            Quantity::Parameter(parameter)
            | Quantity::Gradient(parameter)
            | Quantity::Updated(parameter) => self.parameter(parameter).write(out),
            _ => {}
        }
        match quantity {
            Quantity::Updated(_) => out.push_str("_new"),
            _ if quantity.phase() == Some(Phase::After) => out.push_str("_after"),
            _ => {}
        }
    }

    /// Returns the symbol of a quantity: `z` with `top` below it.
    pub fn symbol(&self, quantity: Quantity) -> Symbol<'_> {
        let symbol = match quantity {
            Quantity::Input(index) => Symbol::of_name(&self.inputs[index]),
            Quantity::Target(index) => {
                Symbol::new("t", Subscript::Name(self.outputs()[index].as_str()))
            }
            Quantity::LearningRate => Symbol::of_name("η"),
            Quantity::Answer(index) => Symbol::of_name(&self.answers[index]),
            Quantity::Parameter(parameter)
            | Quantity::Gradient(parameter)
            | Quantity::Updated(parameter) => match self.parameter(parameter) {
                ParameterName::Given(name) => Symbol::of_name(name),
                ParameterName::Ends(from, to) => Symbol::new("w", Subscript::Ends(from, to)),
                ParameterName::Neuron(neuron) => Symbol::new("b", Subscript::Name(neuron)),
                ParameterName::Layer(layer) => Symbol::new("b", Subscript::Layer(layer)),
            },
            Quantity::PreActivation(_, neuron) => {
                Symbol::new("z", Subscript::Name(self.neuron(neuron)))
            }
            Quantity::ExponentialSum(_, layer) => Symbol::new("S", Subscript::Layer(layer + 1)),
            Quantity::Activation(_, neuron) | Quantity::ActivationGradient(neuron) => {
                Symbol::new("a", Subscript::Name(self.neuron(neuron)))
            }
            Quantity::Loss(_) => Symbol::of_name("E"),
            Quantity::Delta(neuron) => Symbol::new("δ", Subscript::Name(self.neuron(neuron))),
        };
        Symbol {
            is_gradient: matches!(
                quantity,
                Quantity::Gradient(_) | Quantity::ActivationGradient(_)
            ),
            is_after: matches!(quantity.phase(), Some(Phase::Update | Phase::After)),
            ..symbol
        }
    }

    fn outputs(&self) -> &[String] {
        self.neurons.last().map_or(&[], Vec::as_slice)
    }
}

impl<'a> Symbol<'a> {
    fn new(base: &'a str, subscript: Subscript<'a>) -> Symbol<'a> {
        let has_line = !matches!(subscript, Subscript::None | Subscript::Layer(_));
        Symbol { is_gradient: false, base, subscript, has_line, is_after: false }
    }

    /// Splits a name into letter and subscript: `w1`, `W_ΩA` and `x12` have
    /// one, `top` and `A` do not.
    fn of_name(name: &'a str) -> Symbol<'a> {
        if let Some((base, subscript)) = name.split_once('_') {
            if !base.is_empty() && !subscript.is_empty() {
                return Symbol::new(base, Subscript::Name(subscript));
            }
        } else {
            let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
            if base.len() < name.len() && base.chars().count() == 1 {
                let subscript = Subscript::Name(&name[base.len()..]);
                return Symbol { has_line: false, ..Symbol::new(base, subscript) };
            }
        }
        Symbol::new(name, Subscript::None)
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
