//! A network file with open places, which every sheet fills with numbers of
//! its own.
//!
//! Wherever a weight, bias, input, target or the learning rate may stand, a
//! template may have `"?"`, or `{ min = -1, max = 1, decimals = 1 }`; what is
//! left out there has a usual value. All else stays as it is.
//!
//! ```
//! use chainrule::exercise::worksheet::template::Template;
//!
//! let template = Template::read(
//!     "[[layers]]\nweights = [[\"?\", { min = 0.5, max = 0.9 }]]\n\
//!      [[samples]]\ninputs = [1, \"?\"]\ntargets = [0.5]\n",
//! )?;
//! assert_eq!(template.open(), 3);
//! # Ok::<(), chainrule::exercise::worksheet::template::TemplateError>(())
//! ```

use std::collections::HashMap;

use places::{Blank, Finder, Targets};
use toml::de::DeTable;

use super::random::Random;
use crate::activation::Activation;
use crate::example::write::Slot;
use crate::example::{Example, ReadError};
use crate::explain::formula::plain;
use crate::names::Names;
use crate::network::{Biases, Layer, Network, Sample};
use crate::quantity::{Neuron, Parameter, Quantity};

mod draw;
mod places;

/// A network file with open places.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    blanks: Vec<Blank>,
    first: Example,
    targets: Targets,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The file is not right, apart from its open places.
    #[error("{error}")]
    File {
        /// The text, with numbers in its open places.
        text: String,
        /// All that is wrong.
        error: ReadError,
    },
    /// An open place says something that means nothing.
    #[error("line {line}: {message}")]
    Place {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// There is no open place.
    #[error("the template has no open place: all sheets would have the same numbers")]
    NothingOpen,
    /// A softmax layer has no neuron that stands by itself.
    #[error("one neuron of a softmax layer is no exercise by itself: its output needs the others")]
    Softmax,
}

impl TemplateError {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            TemplateError::Place { .. } => Some(
                "an open place is `\"?\"`, or `{ min = -1, max = 1, decimals = 1 }`".to_string(),
            ),
            TemplateError::NothingOpen => {
                Some("write `\"?\"` for every number that each sheet has of its own".to_string())
            }
            TemplateError::Softmax => Some("choose another level, or sigmoid outputs".to_string()),
            TemplateError::File { .. } => None,
        }
    }
}

/// With more open places than this, weights have two decimals.
const MOST_WITH_ONE_DECIMAL: usize = 10;

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with the file or with an open place.
    pub fn read(text: &str) -> Result<Template, TemplateError> {
        let as_file = |text: String| {
            Example::from_toml(&text).map_err(|error| TemplateError::File { text, error })
        };
        let Ok(document) = DeTable::parse(text) else {
            return Err(match as_file(text.to_string()) {
                Err(error) => error,
                Ok(_) => TemplateError::NothingOpen,
            });
        };
        let targets = Targets::of(document.get_ref());
        // With few weights, one decimal is enough to tell them apart.
        let count = text.matches(OPEN).count();
        let decimals = if count <= MOST_WITH_ONE_DECIMAL { 1 } else { 2 };
        let mut finder = Finder { text, targets, decimals, blanks: Vec::new() };
        finder.document(document.get_ref())?;
        let mut blanks = finder.blanks;
        blanks.sort_by_key(|blank| blank.span.start);
        let mut template = Template {
            text: text.to_string(),
            blanks,
            first: Example::from_toml(SOME).expect("it is whole"),
            targets,
        };
        let numbers = template.draw(&mut Random::new(0));
        template.first = as_file(template.fill(&numbers))?;
        if template.blanks.is_empty() {
            return Err(TemplateError::NothingOpen);
        }
        Ok(template)
    }

    /// Makes a template of an example: all weights, biases, inputs and targets
    /// are open; the learning rate stays.
    ///
    /// # Errors
    /// None that an example can cause.
    pub fn of_example(example: &Example) -> Result<Template, TemplateError> {
        let mut example = example.clone();
        // Both speak of the numbers that are replaced.
        (example.source, example.note) = (None, None);
        Template::read(&example.to_toml_with(&|slot, value| match slot {
            Slot::LearningRate => plain(value),
            _ => OPEN.to_string(),
        }))
    }

    /// Makes a template of a network that has a shape and no numbers: all are
    /// open, the learning rate too.
    ///
    /// # Errors
    /// A loss that does not fit the output.
    pub fn of_shape(shape: &Example) -> Result<Template, TemplateError> {
        Template::read(&shape.to_toml_with(&|_, _| OPEN.to_string()))
    }

    /// Makes the template of one output neuron by itself: what leads into it
    /// are its inputs.
    ///
    /// # Errors
    /// A softmax output.
    pub fn output_neuron(&self) -> Result<Template, TemplateError> {
        let whole = &self.first;
        let last = whole.network.layers.len() - 1;
        let output = &whole.network.layers[last];
        if output.activation == Activation::Softmax {
            return Err(TemplateError::Softmax);
        }
        let biases = match &output.biases {
            Biases::Absent => Biases::Absent,
            Biases::PerNeuron(values) => Biases::PerNeuron(vec![values[0]]),
            Biases::Shared(value) => Biases::PerNeuron(vec![*value]),
        };
        let network = Network {
            layers: vec![Layer {
                activation: output.activation,
                weights: vec![output.weights[0].clone()],
                biases,
                biases_trained: output.biases_trained,
            }],
        };
        let names = Names {
            inputs: (0..output.input_width())
                .map(|from| whole.names.source(last, from).to_string())
                .collect(),
            neurons: vec![vec![whole.names.neurons[last][0].clone()]],
            weights: vec![whole.names.weights[last].iter().take(1).cloned().collect()],
            biases: vec![whole.names.biases[last].iter().take(1).cloned().collect()],
            answers: Vec::new(),
        };
        let sample = Sample {
            inputs: vec![0.5; output.input_width()],
            targets: vec![whole.samples[0].targets[0]],
        };
        let example = Example {
            title: format!("{}: one output neuron", whole.title),
            network,
            names,
            samples: vec![sample],
            published: Vec::new(),
            ..whole.clone()
        };
        // The one neuron's places are those of the first of the last layer.
        let there = |slot| match slot {
            Slot::Parameter(Parameter::Weight { from, .. }) => {
                Slot::Parameter(Parameter::Weight { layer: last, to: 0, from })
            }
            Slot::Parameter(_) if matches!(output.biases, Biases::Shared(_)) => {
                Slot::Parameter(Parameter::SharedBias(last))
            }
            Slot::Parameter(_) => {
                Slot::Parameter(Parameter::Bias(Neuron { layer: last, index: 0 }))
            }
            other => other,
        };
        Template::read(&example.to_toml_with(&|slot, value| {
            if let (Slot::Input { .. }, true) = (slot, last > 0) {
                return OPEN.to_string();
            }
            match self.blanks.iter().find(|blank| blank.slot == there(slot)) {
                Some(blank) => self.text[blank.span.clone()].to_string(),
                None => plain(value),
            }
        }))
    }

    /// Returns how many places are open.
    pub fn open(&self) -> usize {
        self.blanks.len()
    }

    /// Returns the example with some numbers in its open places.
    pub fn first(&self) -> &Example {
        &self.first
    }

    /// Returns the text with numbers in its open places.
    pub(super) fn fill(&self, numbers: &[f64]) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut end = 0;
        for (blank, &number) in self.blanks.iter().zip(numbers) {
            text.push_str(&self.text[end..blank.span.start]);
            text.push_str(&plain(number));
            end = blank.span.end;
        }
        text.push_str(&self.text[end..]);
        text
    }

    /// Returns the given numbers of a sample, with `numbers` in the open places.
    pub(super) fn givens(&self, numbers: &[f64], sample: usize) -> HashMap<Quantity, f64> {
        let example = &self.first;
        let one = &example.samples[sample];
        let inputs = one.inputs.iter().enumerate();
        let targets = one.targets.iter().enumerate();
        let mut givens: HashMap<Quantity, f64> = inputs
            .map(|(index, &x)| (Quantity::Input(index), x))
            .chain(targets.map(|(index, &t)| (Quantity::Target(index), t)))
            .chain([(Quantity::LearningRate, example.learning_rate)])
            .chain(
                example
                    .network
                    .parameters()
                    .map(|(parameter, w)| (Quantity::Parameter(parameter), w)),
            )
            .collect();
        for (blank, &number) in self.blanks.iter().zip(numbers) {
            let quantity = match blank.slot {
                Slot::LearningRate => Quantity::LearningRate,
                Slot::Parameter(parameter) => Quantity::Parameter(parameter),
                Slot::Input { sample: of, index } if of == sample => Quantity::Input(index),
                Slot::Target { sample: of, index } if of == sample => Quantity::Target(index),
                Slot::Input { .. } | Slot::Target { .. } => continue,
            };
            givens.insert(quantity, number);
        }
        givens
    }
}

/// What stands in an open place.
const OPEN: &str = "\"?\"";

/// Any whole file: it stands in until the template's own is read.
const SOME: &str = "[[layers]]\nweights = [[1]]\n[[samples]]\ninputs = [1]\ntargets = [1]\n";
