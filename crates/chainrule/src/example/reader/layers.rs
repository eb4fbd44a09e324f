//! The layers of a file: what it says of each, whether the shapes agree, and
//! the network they make.

use toml::de::DeValue;

use super::fields::{Field, Fields, Problems, numbers};
use super::naming::{self, Given, GivenName};
use super::problem::{Each, List, ProblemKind, Role};
use super::samples::SampleDraft;
use super::shape::{Nodes, Rows, Width, each};
use crate::activation::Activation;
use crate::network::{Biases, Layer, Network};

/// What the file says of a layer.
#[derive(Debug)]
pub(super) struct LayerDraft<'a> {
    pub(super) fields: Fields<'a>,
    /// Its number, from 1.
    number: usize,
    neurons: Option<Nodes>,
    pub(super) activation: Activation,
    weights: Option<Rows<'a>>,
    weight_names: Option<Rows<'a>>,
}

impl<'a> LayerDraft<'a> {
    pub(super) fn read(fields: Fields<'a>, number: usize, problems: &mut Problems) -> Self {
        let neurons =
            fields.find("neurons").and_then(|field| Nodes::read(field, Role::Neuron, problems));
        let activation = fields
            .choice(
                "activation",
                "activation",
                &Activation::ALL,
                |one| (one.name(), one.aliases()),
                problems,
            )
            .unwrap_or(Activation::Sigmoid);
        let weights =
            fields.require("weights", problems).and_then(|field| Rows::read(field, problems));
        let weight_names =
            fields.find("weight-names").and_then(|field| Rows::read(field, problems));
        fields.exclude("biases", "shared-bias", problems);
        fields.needs("bias-names", "biases", problems);
        fields.needs("bias-name", "shared-bias", problems);
        if fields.find("shared-bias").is_none() {
            fields.needs("train-biases", "biases", problems);
        }
        LayerDraft { fields, number, neurons, activation, weights, weight_names }
    }

    /// Returns the number of neurons.
    fn width(&self) -> Option<Width> {
        let names = self.neurons.as_ref().map_or(&[][..], |nodes| &nodes.names);
        let each = each(names, format!("neuron of layer {}", self.number));
        match (&self.neurons, &self.weights) {
            (Some(Nodes { count, span, .. }), _) => {
                Some(Width { count: *count, span: span.clone(), noun: "neuron", each })
            }
            (None, Some(rows)) => {
                Some(Width { count: rows.list.len(), span: rows.span.clone(), noun: "row", each })
            }
            (None, None) => None,
        }
    }

    /// Returns what a neuron is called in a message.
    fn neuron(&self, index: usize) -> String {
        match self.neurons.as_ref().and_then(|nodes| nodes.names.get(index)) {
            Some(name) => format!("neuron `{}`", name.text),
            None => format!("neuron {} of layer {}", index + 1, self.number),
        }
    }

    /// Reports rows whose number or length is wrong.
    fn check_rows(&self, rows: &Rows<'_>, sources: Option<&Width>, problems: &mut Problems) {
        let Some(width) = self.width() else { return };
        let mut add = |kind, span, width: &Width| {
            problems.add_related(kind, span, width.span.clone(), width.label());
        };
        if rows.is_flat && width.count != 1 && rows.key == "weights" {
            let kind = ProblemKind::FlatWeights { layer: self.number, expected: width.count };
            add(kind, rows.span.clone(), &width);
            return;
        }
        if rows.list.len() != width.count {
            let kind = ProblemKind::WrongCount {
                list: List::Rows(rows.key, self.number),
                found: rows.list.len(),
                expected: width.count,
                each: width.each.clone(),
            };
            add(kind, rows.span.clone(), &width);
        }
        let Some(sources) = sources else { return };
        for (index, row) in rows.list.iter().enumerate() {
            if row.items.len() != sources.count && !row.items.is_empty() {
                let noun = if rows.key == "weights" { "weight" } else { "weight name" };
                let kind = ProblemKind::WrongCount {
                    list: List::Row(noun, self.neuron(index)),
                    found: row.items.len(),
                    expected: sources.count,
                    each: sources.each.clone(),
                };
                add(kind, row.span.clone(), sources);
            }
        }
    }

    /// Reports a list whose length is not that of the layer.
    fn check_length(&self, field: &Field<'_>, found: usize, problems: &mut Problems) {
        let Some(width) = self.width() else { return };
        if found != width.count {
            let kind = ProblemKind::WrongCount {
                list: List::Biases(field.key, self.number),
                found,
                expected: width.count,
                each: width.each.clone(),
            };
            problems.add_related(kind, field.value.span(), width.span.clone(), width.label());
        }
    }

    /// Returns the biases. A single number stands for all neurons.
    fn biases(&self, problems: &mut Problems) -> Biases<f64> {
        if let Some(field) = self.fields.find("biases") {
            let values = field.numbers(problems);
            match (field.value.get_ref(), &self.weights) {
                (DeValue::Array(_), _) => self.check_length(field, values.len(), problems),
                (DeValue::Integer(_) | DeValue::Float(_), Some(rows)) => {
                    return Biases::PerNeuron(vec![values[0]; rows.list.len()]);
                }
                _ => {}
            }
            Biases::PerNeuron(values)
        } else if let Some(field) = self.fields.find("shared-bias") {
            Biases::Shared(field.number(problems).unwrap_or(f64::NAN))
        } else {
            Biases::Absent
        }
    }

    fn bias_names(&self, problems: &mut Problems) -> Vec<GivenName> {
        if let Some(field) = self.fields.find("bias-names") {
            let (count, names) = naming::read_list(field, Role::Bias, problems);
            self.check_length(field, count, problems);
            names
        } else if let Some(field) = self.fields.find("bias-name") {
            naming::read_one(field, Role::Bias, problems).into_iter().collect()
        } else {
            Vec::new()
        }
    }

    fn weight_names(&self, problems: &mut Problems) -> Vec<Vec<GivenName>> {
        let Some(rows) = &self.weight_names else { return Vec::new() };
        rows.list
            .iter()
            .map(|row| naming::read_items(row.items, Role::Weight, &rows.place, problems))
            .collect()
    }

    fn layer(&self, problems: &mut Problems) -> Layer<f64> {
        let mut weights = Vec::new();
        if let Some(rows) = &self.weights {
            for row in &rows.list {
                weights.push(numbers(row.items, &rows.place, problems));
            }
        }
        let biases = self.biases(problems);
        let trained = self.fields.find("train-biases").and_then(|field| field.flag(problems));
        let biases_trained = trained.unwrap_or(true);
        Layer { activation: self.activation, weights, biases, biases_trained }
    }
}

/// Checks the shapes of all layers and samples. Returns the network, which is
/// whole only where no problem is found, and the names given.
pub(super) fn network(
    inputs: Option<Nodes>,
    drafts: Vec<LayerDraft<'_>>,
    samples: &[SampleDraft<'_>],
    problems: &mut Problems,
) -> (Network<f64>, Given) {
    let mut given = Given::default();
    let mut layers = Vec::new();
    let count = drafts.len();
    let inputs_width = input_width(inputs.as_ref(), &drafts, samples);
    let mut sources = inputs_width.clone();
    if drafts.is_empty() {
        // Without layers nobody knows how many outputs there are.
        sources = None;
    }
    for draft in drafts {
        for rows in draft.weights.iter().chain(&draft.weight_names) {
            draft.check_rows(rows, sources.as_ref(), problems);
        }
        if draft.activation == Activation::Softmax && draft.number < count {
            let span = draft.fields.find("activation").map(|field| field.value.span());
            problems.add(
                ProblemKind::HiddenSoftmax { layer: draft.number },
                span.unwrap_or(draft.fields.span.clone()),
            );
        }
        layers.push(draft.layer(problems));
        given.weights.push(draft.weight_names(problems));
        given.biases.push(draft.bias_names(problems));
        sources = draft.width();
        given.neurons.push(draft.neurons.map_or(Vec::new(), |nodes| nodes.names));
    }
    for sample in samples {
        sample.check_length("inputs", inputs_width.as_ref(), problems);
        sample.check_length("targets", sources.as_ref(), problems);
    }
    given.inputs = inputs.map_or(Vec::new(), |nodes| nodes.names);
    (Network { layers }, given)
}

/// Returns the number of inputs: as said, or else as the weights of the first
/// layer or the first sample have it.
fn input_width(
    inputs: Option<&Nodes>,
    drafts: &[LayerDraft<'_>],
    samples: &[SampleDraft<'_>],
) -> Option<Width> {
    let of_input = || Each::Of("input".to_string());
    if let Some(Nodes { count, span, names }) = inputs {
        let each = each(names, "input".to_string());
        return Some(Width { count: *count, span: span.clone(), noun: "input", each });
    }
    let weights = drafts.first().and_then(|draft| draft.weights.as_ref());
    if let Some(row) = weights.and_then(|rows| rows.list.first())
        && !row.items.is_empty()
    {
        return Some(Width {
            count: row.items.len(),
            span: row.span.clone(),
            noun: "weight",
            each: of_input(),
        });
    }
    let (count, span) = samples.first().and_then(|sample| sample.length("inputs"))?;
    Some(Width { count, span, noun: "input", each: of_input() })
}
