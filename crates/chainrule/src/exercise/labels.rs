//! What a person may call a quantity: `w1_new`, `w1+`, `w1'`, `new w1`,
//! `δ top`, `net_top`, `output of top neuron` …
//!
//! Identifiers and symbols come first; another spelling counts only where one
//! quantity is meant by it.

use std::collections::HashMap;

use crate::example::Example;
use crate::explain::formula::Notation;
use crate::explain::symbol;
use crate::quantity::{Neuron, Pass, Quantity};
use crate::spelling;

/// All spellings of an example's quantities.
#[derive(Debug)]
pub struct Labels {
    /// From the strictest to the loosest.
    levels: [HashMap<String, Vec<Quantity>>; 4],
    ids: Vec<String>,
}

impl Labels {
    /// Collects the spellings.
    pub fn new(example: &Example) -> Labels {
        let mut labels = Labels { levels: Default::default(), ids: Vec::new() };
        let network = &example.network;
        let frozen = network
            .parameters()
            .map(|(parameter, _)| parameter)
            .filter(|&parameter| !network.is_trained(parameter))
            .map(Quantity::Updated);
        for quantity in network.quantities().chain(frozen) {
            let id = example.names.id(quantity);
            labels.add(0, &id, quantity);
            labels.add(0, &symbol::of(&example.names, quantity), quantity);
            labels.add(1, &latex(example, quantity), quantity);
            for spelling in spellings(example, quantity) {
                labels.add(1, &spelling, quantity);
                labels.add(2, &spelling.to_lowercase(), quantity);
            }
            labels.add(2, &id.to_lowercase(), quantity);
            for number in numbered(example, quantity) {
                labels.add(3, &number, quantity);
            }
            if quantity.phase().is_some() {
                labels.ids.push(id);
            }
        }
        labels
    }

    fn add(&mut self, level: usize, label: &str, quantity: Quantity) {
        let all = self.levels[level].entry(normal(label)).or_default();
        if !all.contains(&quantity) {
            all.push(quantity);
        }
    }

    /// Finds the quantity that a label means.
    pub fn find(&self, label: &str) -> Option<Quantity> {
        let label = normal(label);
        let lower = label.to_lowercase();
        let found = |level: usize, label: &str| match self.levels[level].get(label) {
            Some(all) if all.len() == 1 => Some(all[0]),
            _ => None,
        };
        found(0, &label)
            .or_else(|| found(1, &label))
            .or_else(|| found(2, &lower))
            .or_else(|| found(3, &lower))
    }

    /// Returns the identifiers nearest to a label that is not known.
    pub fn nearest(&self, label: &str) -> Vec<String> {
        const LONGEST: usize = 60;
        if label.chars().count() > LONGEST {
            return Vec::new();
        }
        spelling::nearest(label, self.ids.iter().cloned())
    }
}

/// Returns the symbol as LaTeX sets it, and our Markdown sheets.
fn latex(example: &Example, quantity: Quantity) -> String {
    let mut latex = String::new();
    symbol::write(&example.names.symbol(quantity), Notation::Latex, &mut latex);
    latex
}

/// Returns a label without what only sets it: blanks, lines below, marks of
/// Markdown and LaTeX, filling words.
fn normal(label: &str) -> String {
    let is_filling = |word: &str| {
        let word = word.trim_end_matches(':').to_lowercase();
        matches!(word.as_str(), "the" | "neuron" | "unit" | "node")
    };
    // `w_{\mathrm{h1}}^{+}`, as our own sheets set it.
    let label = ["\\mathrm", "\\text", "\\operatorname"]
        .iter()
        .fold(label.to_string(), |label, command| label.replace(command, ""));
    let words: Vec<&str> = label.split_whitespace().filter(|word| !is_filling(word)).collect();
    words
        .concat()
        .chars()
        .filter(|letter| !"_{}\\$`*:^\"".contains(*letter))
        .map(|letter| match letter {
            '’' | '′' | '´' => '\'',
            '⁺' => '+',
            '₀'..='₉' => {
                char::from_digit(u32::from(letter) - u32::from('₀'), 10).unwrap_or('0')
            }
            _ => letter,
        })
        .collect()
}

/// Returns other names of a quantity.
fn spellings(example: &Example, quantity: Quantity) -> Vec<String> {
    let names = &example.names;
    let mut all = Vec::new();
    let mut of_neuron = |prefixes: &[&str], neuron: Neuron, pass: Pass| {
        for name in neuron_names(example, neuron) {
            for prefix in prefixes {
                match pass {
                    Pass::Before => all.push(format!("{prefix}{name}")),
                    Pass::After => {
                        for end in ["after", "'", "+", "new"] {
                            all.push(format!("{prefix}{name}{end}"));
                        }
                        all.push(format!("new{prefix}{name}"));
                    }
                }
            }
        }
    };
    match quantity {
        Quantity::PreActivation(pass, neuron) => of_neuron(
            &["z", "net", "in", "input", "inputto", "inputof", "netinputto", "netinputof", "sum"],
            neuron,
            pass,
        ),
        Quantity::Activation(pass, neuron) => of_neuron(
            &["a", "out", "o", "y", "output", "outputof", "outputfrom", "activationof"],
            neuron,
            pass,
        ),
        Quantity::Delta(neuron) => of_neuron(
            &["δ", "delta", "d", "err", "error", "errorof", "deltaof", "erroroutput"],
            neuron,
            Pass::Before,
        ),
        Quantity::Gradient(parameter) => {
            let name = names.id(Quantity::Parameter(parameter));
            for prefix in
                ["grad", "gradient", "∂E/∂", "dE/d", "dEd", "partialE/partial", "∂L/∂", "dL/d"]
            {
                all.push(format!("{prefix}{name}"));
            }
        }
        Quantity::Updated(parameter) => {
            let name = names.id(Quantity::Parameter(parameter));
            for end in ["new", "+", "'", "after", "neu", "next", "updated"] {
                all.push(format!("{name}{end}"));
            }
            all.push(format!("new{name}"));
            all.push(format!("updated{name}"));
            if let Some((base, subscript)) = name.split_once('_') {
                all.push(format!("{base}+{subscript}"));
                all.push(format!("{base}'{subscript}"));
            }
        }
        Quantity::Loss(pass) => {
            for name in ["loss", "E", "error", "Etotal", "totalerror", "totalloss"] {
                match pass {
                    Pass::Before => all.push(name.to_string()),
                    Pass::After => {
                        for end in ["after", "'", "+", "new"] {
                            all.push(format!("{name}{end}"));
                        }
                        all.push(format!("new{name}"));
                    }
                }
            }
        }
        Quantity::LearningRate => {
            all.extend(["η", "eta", "learningrate", "rate"].map(String::from));
        }
        Quantity::Parameter(parameter) => {
            let name = names.id(Quantity::Parameter(parameter));
            all.extend([format!("{name}old"), format!("old{name}")]);
        }
        Quantity::Target(_) if example.network.output_width() == 1 => {
            all.extend(["t", "target"].map(String::from));
        }
        _ => {}
    }
    all
}

/// Returns the names of a neuron; the only output has some more, the empty one
/// among them: `δ`.
fn neuron_names(example: &Example, neuron: Neuron) -> Vec<String> {
    let mut all = vec![example.names.neuron(neuron).to_string()];
    let is_output = neuron.layer + 1 == example.network.layers.len();
    if is_output && example.network.output_width() == 1 {
        all.extend(["", "final", "output", "out", "last"].map(String::from));
    }
    all
}

/// Returns names by number, `δ1`: the neurons of the only hidden layer.
fn numbered(example: &Example, quantity: Quantity) -> Vec<String> {
    let prefixes: (&[&str], Neuron) = match quantity {
        Quantity::PreActivation(Pass::Before, neuron) => (&["z", "net", "in"], neuron),
        Quantity::Activation(Pass::Before, neuron) => (&["a", "out"], neuron),
        Quantity::Delta(neuron) => (&["δ", "delta"], neuron),
        _ => return Vec::new(),
    };
    let (prefixes, neuron) = prefixes;
    let is_hidden = example.network.layers.len() == 2 && neuron.layer == 0;
    if !is_hidden {
        return Vec::new();
    }
    prefixes.iter().map(|prefix| format!("{prefix}{}", neuron.index + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_found_however_they_are_called() {
        let example = Example::builtin("first-example").expect("it is built in");
        let labels = Labels::new(&example);
        let table = [
            ("w1_new", "w1_new"),
            ("w1+", "w1_new"),
            ("w1⁺", "w1_new"),
            ("w1'", "w1_new"),
            ("new w1", "w1_new"),
            ("**w1 new**", "w1_new"),
            ("δ", "delta_out"),
            ("δ_top", "delta_top"),
            ("δ1", "delta_top"),
            ("δ2", "delta_bottom"),
            ("$\\delta_{bottom}$", "delta_bottom"),
            ("input to top neuron:", "z_top"),
            ("output of final neuron", "a_out"),
            ("input to final neuron", "z_out"),
            ("net_bottom", "z_bottom"),
            ("E", "loss"),
            ("∂E/∂w3", "grad_w3"),
            ("Z_TOP", "z_top"),
        ];
        for (label, expected) in table {
            let found = labels.find(label).map(|quantity| example.names.id(quantity));
            assert_eq!(found.as_deref(), Some(expected), "{label}");
        }
        for label in ["", "w9_new", "something", "w1w2"] {
            assert_eq!(labels.find(label), None, "{label}");
        }
        let general = Example::builtin("general").expect("it is built in");
        let labels = Labels::new(&general);
        for (label, expected) in [("W+_Aα", "W_Aα_new"), ("δ_α", "delta_α"), ("out_B", "a_B")]
        {
            let found = labels.find(label).map(|quantity| general.names.id(quantity));
            assert_eq!(found.as_deref(), Some(expected), "{label}");
        }
    }

    #[test]
    fn every_identifier_and_symbol_is_found() {
        for builtin in crate::example::builtin::ALL {
            let example = builtin.example();
            let labels = Labels::new(&example);
            for quantity in example.network.quantities() {
                let id = example.names.id(quantity);
                assert_eq!(labels.find(&id), Some(quantity), "{}: {id}", builtin.name);
                let latex = latex(&example, quantity);
                assert_eq!(labels.find(&latex), Some(quantity), "{}: {latex}", builtin.name);
            }
        }
    }
}
