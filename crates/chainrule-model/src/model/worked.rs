//! A row of a table as a worked example: every number of its prediction, and
//! of a step of training on it, with the names of the columns.

use chainrule::convention::Convention;
use chainrule::example::Example;
use chainrule::names::Names;
use chainrule::network::Sample;
use chainrule::quantity::{Neuron, Pass, Quantity};
use chainrule::rounding::Rounding;
use chainrule_engine::real::Real;

use super::{Error, Model, Weights};
use crate::encoder::Target;
use crate::table::Table;

/// A row, ready to be explained.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkedRow {
    /// The network with the row's inputs and targets, as the network sees them.
    pub example: Example,
    /// What the inputs are called in the table, `island=Biscoe`, and in the
    /// example, `island_Biscoe`.
    pub inputs: Vec<(String, String)>,
    /// What the answers are called, `p(Gentoo)` or `price`, and the identifiers
    /// of their quantities, `a_Gentoo`.
    pub answers: Vec<(String, String)>,
    /// Whether the row's own answer is the target. Else the network's own
    /// answer stands in for it, and only the forward pass means something.
    pub has_target: bool,
}

impl Model {
    /// Makes a worked example of a row, the first being 0.
    ///
    /// Its numbers are those that the network computes with: inputs scaled as
    /// the encoder does it. They are doubles, where the network may have
    /// numbers of 32 bits.
    ///
    /// # Errors
    /// If there is no such row, or a column is missing.
    pub fn worked_row(&self, table: &Table, row: usize) -> Result<WorkedRow, Error> {
        let rows = table.rows();
        if row >= rows {
            return Err(Error::NoSuchRow { file: table.name.clone(), row: row + 1, rows });
        }
        let reader = self.encoder.read_inputs(table)?;
        let target = self.encoder.target();
        let (network, inputs, outputs) = match &self.weights {
            Weights::Single(network) => {
                let inputs: Vec<f32> = reader.encode(row..row + 1);
                let outputs = network.predict(&inputs).expect("an encoder fits its network");
                (network.to_textbook(), doubles(&inputs), doubles(&outputs))
            }
            Weights::Double(network) => {
                let inputs: Vec<f64> = reader.encode(row..row + 1);
                let outputs = network.predict(&inputs).expect("an encoder fits its network");
                (network.to_textbook(), inputs, outputs)
            }
        };
        let known = match self.encoder.read_targets(table) {
            Ok(reader) if !reader.known(row..row + 1).0.is_empty() => {
                Some(reader.encode(row..row + 1))
            }
            _ => None,
        };
        let has_target = known.is_some();
        let targets = known.unwrap_or_else(|| own_answer(target, &outputs));
        let labels = output_labels(target);
        let input_labels = self.encoder.input_names();
        let names = Names::of_labels(&network, &input_labels, &labels);
        let last = network.layers.len() - 1;
        let id = |index: usize| {
            names.id(Quantity::Activation(Pass::Before, Neuron { layer: last, index }))
        };
        let answers = answer_names(target).into_iter();
        let answers = answers.map(|(answer, output)| (answer, id(output))).collect();
        Ok(WorkedRow {
            inputs: input_labels.into_iter().zip(names.inputs.iter().cloned()).collect(),
            answers,
            has_target,
            example: Example {
                title: title(table, row),
                source: None,
                note: Some(note(target, has_target)),
                network,
                names,
                samples: vec![Sample { inputs, targets }],
                learning_rate: self.training.learning_rate,
                loss: self.loss,
                convention: Convention::default(),
                shown: Rounding::Digits(6),
                published: Vec::new(),
            },
        })
    }
}

impl WorkedRow {
    /// Returns the identifier of what a person names in the words of the table:
    /// of an answer, `p(Gentoo)`, or an input, `island=Biscoe`. Any other text
    /// is returned as it is: it may be an identifier already.
    pub fn identifier<'a>(&'a self, text: &'a str) -> &'a str {
        let mut all = self.answers.iter().chain(&self.inputs);
        all.find(|(name, _)| name == text).map_or(text, |(_, id)| id)
    }
}

fn doubles<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}

/// Returns the text each output neuron is named by.
fn output_labels(target: &Target) -> Vec<&str> {
    match target {
        Target::Classes { labels, .. } | Target::OneHot { labels } if labels.len() == 2 => {
            vec![&labels[1]]
        }
        Target::Classes { labels, .. } | Target::OneHot { labels } => {
            labels.iter().map(String::as_str).collect()
        }
        Target::Numbers { .. } | Target::YesNo { .. } => target.columns(),
    }
}

/// Returns what people call the answers, and the output each is read from.
fn answer_names(target: &Target) -> Vec<(String, usize)> {
    let labels = output_labels(target).into_iter().enumerate();
    match target {
        Target::Numbers { .. } => labels.map(|(index, name)| (name.to_string(), index)).collect(),
        _ => labels.map(|(index, name)| (format!("p({name})"), index)).collect(),
    }
}

/// Returns what the network itself would have as targets.
fn own_answer(target: &Target, outputs: &[f64]) -> Vec<f64> {
    let one_if = |condition: bool| if condition { 1.0 } else { 0.0 };
    match target {
        Target::Numbers { .. } => outputs.to_vec(),
        Target::Classes { .. } | Target::OneHot { .. } if outputs.len() > 1 => {
            let class = target.class(outputs);
            (0..outputs.len()).map(|index| one_if(index == class)).collect()
        }
        _ => outputs.iter().map(|&output| one_if(output > 0.5)).collect(),
    }
}

fn title(table: &Table, row: usize) -> String {
    match table.line(row) {
        Some(line) => format!("Row {} of {} (line {line})", row + 1, table.name),
        None => format!("Row {} of {}", row + 1, table.name),
    }
}

/// Returns what a reader must know about the numbers.
fn note(target: &Target, has_target: bool) -> String {
    let mut note = "inputs are as the network sees them: scaled numbers, and 0 or 1 for categories"
        .to_string();
    match target {
        Target::Classes { labels, .. } | Target::OneHot { labels } if labels.len() == 2 => {
            note += &format!(
                "; the output is the probability of `{}`, that of `{}` is 1 minus it",
                labels[1], labels[0]
            );
        }
        Target::Numbers { .. } => note += "; so are the outputs and targets",
        _ => {}
    }
    if !has_target {
        note += "; the row has no answer: the network's own stands in for it, so that loss, deltas \
                 and gradients say nothing";
    }
    note
}
