//! A row of a table as a worked example: every number of its prediction, and
//! of a step of training on it, with the names of the columns.

use chainrule::convention::Convention;
use chainrule::example::{Answer, Example, Reading};
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
    /// of their quantities: `a_Gentoo` where an output is the answer, `y_price`
    /// where a line of arithmetic leads there.
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
        let targets = known.clone().unwrap_or_else(|| own_answer(target, &outputs));
        let labels = output_labels(target);
        let input_labels = self.encoder.input_names();
        let read_off = read_off(target);
        let named: Vec<(char, &str)> =
            read_off.iter().map(|&(letter, text, _)| (letter, text)).collect();
        let names = Names::of_labels(&network, &input_labels, &labels).with_answers(&named);
        let last = network.layers.len() - 1;
        let output =
            |index: usize| Quantity::Activation(Pass::Before, Neuron { layer: last, index });
        let answers = match target {
            Target::Numbers { .. } => labels.iter().map(ToString::to_string).collect(),
            _ => labels.iter().map(|label| format!("p({label})")).collect::<Vec<_>>(),
        };
        let mut answers: Vec<(String, String)> = answers
            .into_iter()
            .enumerate()
            .map(|(index, answer)| (answer, names.id(output(index))))
            .collect();
        for (index, &(letter, text, _)) in read_off.iter().enumerate() {
            let id = names.id(Quantity::Answer(index));
            match letter {
                // In the words of the table, a number is meant in its units.
                'y' => answers[index].1 = id,
                _ => answers.insert(index, (format!("p({text})"), id)),
            }
        }
        let said = said(target, &outputs, known.as_deref());
        Ok(WorkedRow {
            inputs: input_labels.into_iter().zip(names.inputs.iter().cloned()).collect(),
            answers,
            has_target,
            example: Example {
                title: title(table, row),
                source: None,
                note: Some(self.note(said, has_target)),
                network,
                names,
                answers: read_off.into_iter().map(|(_, _, answer)| answer).collect(),
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

impl Model {
    /// Returns what a reader must know about the numbers.
    fn note(&self, said: Option<String>, has_target: bool) -> String {
        let mut note: Vec<String> = said.into_iter().collect();
        let mut scaled = "Inputs are as the network sees them: scaled numbers, and 0 or 1 for \
                          categories"
            .to_string();
        if let Target::Numbers { .. } = self.encoder.target() {
            scaled += "; so are its outputs and targets, and the answers are in the units of the \
                       table";
        }
        note.push(scaled + ".");
        if has_target {
            let optimizer = self.training.settings.get("optimizer").and_then(|name| name.as_str());
            let by = optimizer.map_or_else(String::new, |name| format!(" (the model used {name})"));
            note.push(format!(
                "The step is one of plain gradient descent on this row alone{by}, from the \
                 trained weights, with the last learning rate of the training."
            ));
        } else {
            note.push("The row has no answer of its own to learn from.".to_string());
        }
        note.join(" ")
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

/// Returns what takes a line of arithmetic to be read off an output: the letter
/// of its quantity, what it is an answer to, and the line.
fn read_off(target: &Target) -> Vec<(char, &str, Answer)> {
    match target {
        Target::Classes { labels, .. } | Target::OneHot { labels } if labels.len() == 2 => {
            vec![('p', &labels[0], Answer { output: 0, reading: Reading::Complement })]
        }
        Target::Numbers { quantities } => {
            let each = quantities.iter().enumerate().map(|(output, quantity)| {
                ('y', quantity.column.as_str(), Answer { output, reading: quantity.reading() })
            });
            each.collect()
        }
        Target::Classes { .. } | Target::OneHot { .. } | Target::YesNo { .. } => Vec::new(),
    }
}

/// Returns the class that is predicted, and that of the row, in a sentence.
fn said(target: &Target, outputs: &[f64], known: Option<&[f64]>) -> Option<String> {
    let labels = target.labels();
    let predicted = labels.get(target.class(outputs))?;
    let known = known.and_then(|known| labels.get(target.class(known)));
    Some(match known {
        Some(known) if known == predicted => format!("Predicted: {predicted}, as the row says."),
        Some(known) => format!("Predicted: {predicted}; the row says {known}."),
        None => format!("Predicted: {predicted}."),
    })
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
