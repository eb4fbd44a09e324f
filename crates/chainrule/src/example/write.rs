//! Writes an example as a network file, which reads back as the same example.
//!
//! A number may be written as something else, such as the `"?"` of a template.
//! Published figures are left out: they belong to the numbers they were printed
//! with.

use std::fmt::Write;

use super::Example;
use crate::explain::formula::plain;
use crate::network::{Biases, Layer};
use crate::quantity::{Neuron, Parameter};
use crate::rounding::Rounding;

/// The place of a given number in a network file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The learning rate η.
    LearningRate,
    /// A weight or bias.
    Parameter(Parameter),
    /// An input of a sample.
    Input {
        /// The index of the sample.
        sample: usize,
        /// The index of the input.
        index: usize,
    },
    /// A target of a sample.
    Target {
        /// The index of the sample.
        sample: usize,
        /// The index of the output.
        index: usize,
    },
}

impl Example {
    /// Writes the example as a network file.
    ///
    /// ```
    /// use chainrule::example::Example;
    ///
    /// let mut example = Example::builtin("first-example").expect("it is built in");
    /// example.published.clear();
    /// assert_eq!(Example::from_toml(&example.to_toml()), Ok(example));
    /// ```
    pub fn to_toml(&self) -> String {
        self.to_toml_with(&|_, value| plain(value))
    }

    /// Writes the example as a network file, its given numbers as `number`
    /// writes them.
    pub fn to_toml_with(&self, number: &dyn Fn(Slot, f64) -> String) -> String {
        let mut out = String::new();
        self.head(number, &mut out);
        for (index, layer) in self.network.layers.iter().enumerate() {
            self.layer(index, layer, number, &mut out);
        }
        for (sample, one) in self.samples.iter().enumerate() {
            let inputs =
                one.inputs.iter().enumerate().map(|(index, &x)| (Slot::Input { sample, index }, x));
            let targets = one
                .targets
                .iter()
                .enumerate()
                .map(|(index, &t)| (Slot::Target { sample, index }, t));
            line(&mut out, format_args!("\n[[samples]]"));
            line(&mut out, format_args!("inputs = {}", numbers(inputs, number)));
            line(&mut out, format_args!("targets = {}", numbers(targets, number)));
        }
        out
    }

    fn head(&self, number: &dyn Fn(Slot, f64) -> String, out: &mut String) {
        line(out, format_args!("title = {}", quoted(&self.title)));
        for (key, text) in [("source", &self.source), ("note", &self.note)] {
            if let Some(text) = text {
                line(out, format_args!("{key} = {}", quoted(text)));
            }
        }
        let rate = number(Slot::LearningRate, self.learning_rate);
        line(out, format_args!("loss = {}", quoted(self.loss.name())));
        line(out, format_args!("learning-rate = {rate}"));
        let convention = self.convention;
        line(out, format_args!("update-order = {}", quoted(convention.update_order.name())));
        line(out, format_args!("delta-sign = {}", quoted(convention.delta_sign.name())));
        match self.shown {
            Rounding::Decimals(places) => line(out, format_args!("decimals = {places}")),
            Rounding::Digits(digits) => line(out, format_args!("digits = {digits}")),
        }
        line(out, format_args!("inputs = {}", strings(&self.names.inputs)));
    }

    fn layer(
        &self,
        index: usize,
        layer: &Layer<f64>,
        number: &dyn Fn(Slot, f64) -> String,
        out: &mut String,
    ) {
        line(out, format_args!("\n[[layers]]"));
        line(out, format_args!("neurons = {}", strings(&self.names.neurons[index])));
        line(out, format_args!("activation = {}", quoted(layer.activation.name())));
        line(out, format_args!("weights = ["));
        for (to, row) in layer.weights.iter().enumerate() {
            let row = row.iter().enumerate().map(|(from, &w)| {
                (Slot::Parameter(Parameter::Weight { layer: index, to, from }), w)
            });
            line(out, format_args!("    {},", numbers(row, number)));
        }
        line(out, format_args!("]"));
        if !self.names.weights[index].is_empty() {
            line(out, format_args!("weight-names = ["));
            for row in &self.names.weights[index] {
                line(out, format_args!("    {},", strings(row)));
            }
            line(out, format_args!("]"));
        }
        let names = &self.names.biases[index];
        match &layer.biases {
            Biases::Absent => return,
            Biases::PerNeuron(values) => {
                let values = values.iter().enumerate().map(|(at, &b)| {
                    (Slot::Parameter(Parameter::Bias(Neuron { layer: index, index: at })), b)
                });
                line(out, format_args!("biases = {}", numbers(values, number)));
                if !names.is_empty() {
                    line(out, format_args!("bias-names = {}", strings(names)));
                }
            }
            Biases::Shared(value) => {
                let slot = Slot::Parameter(Parameter::SharedBias(index));
                line(out, format_args!("shared-bias = {}", number(slot, *value)));
                if let Some(name) = names.first() {
                    line(out, format_args!("bias-name = {}", quoted(name)));
                }
            }
        }
        line(out, format_args!("train-biases = {}", layer.biases_trained));
    }
}

fn line(out: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(out, "{content}").expect("a string takes everything");
}

fn numbers(
    values: impl Iterator<Item = (Slot, f64)>,
    number: &dyn Fn(Slot, f64) -> String,
) -> String {
    let values: Vec<String> = values.map(|(slot, value)| number(slot, value)).collect();
    format!("[{}]", values.join(", "))
}

fn strings(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|one| quoted(one)).collect();
    format!("[{}]", all.join(", "))
}

/// Writes a basic string of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => {
                out.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::builtin;

    #[test]
    fn what_is_written_reads_back_as_the_same_example() {
        for builtin in builtin::ALL {
            let mut example = builtin.example();
            example.published.clear();
            example.title = "A \"title\" of \\ letters".to_string();
            let text = example.to_toml();
            let back = Example::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(back, example, "{}", builtin.name);
        }
    }
}
