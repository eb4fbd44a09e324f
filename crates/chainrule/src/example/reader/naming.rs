//! The names a file gives, and whether they can be used.
//!
//! A name must be one that every format can print, must not look like the
//! identifier of something else, and must belong to one thing only.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use toml::de::DeValue;

use super::fields::{Field, Problems, Value, shortened, wrong_item};
use super::problem::{MOST_CHARACTERS, NameFault, Place, ProblemKind, Role};
use crate::activation::Activation;
use crate::names::Names;
use crate::network::{Layer, Network};
use crate::quantity::{Neuron, Parameter, Quantity};

/// A name that the file gives.
#[derive(Clone, Debug)]
pub(super) struct GivenName {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// The names that the file gives, in the places of [`Names`]; where it gives
/// none, the lists are empty.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) inputs: Vec<GivenName>,
    pub(super) neurons: Vec<Vec<GivenName>>,
    pub(super) weights: Vec<Vec<Vec<GivenName>>>,
    pub(super) biases: Vec<Vec<GivenName>>,
}

/// What has a name.
#[derive(Clone, Copy, Debug)]
enum Holder {
    Input(usize),
    Neuron(Neuron),
    Parameter(Parameter),
}

/// Returns the name that a text gives; reports one that cannot be used.
fn read(item: &Value<'_>, role: Role, problems: &mut Problems) -> Option<GivenName> {
    let DeValue::String(text) = item.get_ref() else { return None };
    if let Some(fault) = fault(text, role) {
        let name = shortened(text);
        problems.add(ProblemKind::BadName { role, name, fault }, item.span());
        return None;
    }
    Some(GivenName { text: text.to_string(), span: item.span() })
}

/// Returns the name that a field gives.
pub(super) fn read_one(
    field: &Field<'_>,
    role: Role,
    problems: &mut Problems,
) -> Option<GivenName> {
    if let DeValue::String(_) = field.value.get_ref() {
        read(field.value, role, problems)
    } else {
        field.wrong_type("a name", problems);
        None
    }
}

/// Returns the number of names of a list, and those that can be used; a single
/// name is a list of one.
pub(super) fn read_list(
    field: &Field<'_>,
    role: Role,
    problems: &mut Problems,
) -> (usize, Vec<GivenName>) {
    let items = match field.value.get_ref() {
        DeValue::Array(items) => items,
        DeValue::String(_) => std::slice::from_ref(field.value),
        _ => {
            field.wrong_type("a list of names", problems);
            return (0, Vec::new());
        }
    };
    (items.len(), read_items(items, role, &field.place, problems))
}

/// Returns the names of items that can be used. Of a list of numbers, say, one
/// complaint is enough.
pub(super) fn read_items(
    items: &[Value<'_>],
    role: Role,
    place: &Place,
    problems: &mut Problems,
) -> Vec<GivenName> {
    let is_text = |item: &&Value<'_>| matches!(item.get_ref(), DeValue::String(_));
    if let Some(item) = items.iter().find(|item| !is_text(item)) {
        wrong_item(item, place, "names", problems);
    }
    items.iter().filter(is_text).filter_map(|item| read(item, role, problems)).collect()
}

/// Tells whether a name can be used.
pub(crate) fn is_usable(name: &str, role: Role) -> bool {
    fault(name, role).is_none()
}

/// Returns why a name cannot be used, if so.
fn fault(name: &str, role: Role) -> Option<NameFault> {
    const BEGINNINGS: [(&str, &str); 7] = [
        ("z_", "h1"),
        ("a_", "h1"),
        ("t_", "o1"),
        ("delta_", "h1"),
        ("δ_", "h1"),
        ("grad_", "w1"),
        ("sum_", "1"),
    ];
    const TAKEN: [(&str, &str); 4] = [
        ("loss", "the loss"),
        ("E", "the loss"),
        ("eta", "the learning rate"),
        ("η", "the learning rate"),
    ];
    let Some(first) = name.chars().next() else {
        return Some(NameFault::Empty);
    };
    if let Some(character) =
        name.chars().find(|&c| !(c.is_alphanumeric() || matches!(c, '_' | '\'')))
    {
        return Some(NameFault::Character(character));
    }
    if !first.is_alphabetic() {
        return Some(NameFault::Start);
    }
    if name.chars().count() > MOST_CHARACTERS {
        return Some(NameFault::Long);
    }
    // A neuron `new` would have the target `t_new`, which is also a weight `t`
    // after the step.
    let ends_like = |ending: &&str| name.ends_with(ending) || name == &ending[1..];
    if let Some(ending) = ["_new", "_after"].into_iter().find(ends_like) {
        return Some(NameFault::Ending(ending));
    }
    // Neurons appear behind such a beginning only: `z_top`.
    if role == Role::Neuron {
        return None;
    }
    if let Some(&(_, what)) = TAKEN.iter().find(|(taken, _)| *taken == name) {
        return Some(NameFault::Taken(what));
    }
    BEGINNINGS
        .iter()
        .find(|(beginning, _)| name.starts_with(beginning))
        .map(|&(beginning, example)| NameFault::Beginning(beginning, example))
}

impl Given {
    /// Returns the names of all parts of a network, automatic ones where the
    /// file gives none.
    pub(super) fn complete(&self, network: &Network<f64>) -> Names {
        let texts = |given: &[GivenName]| given.iter().map(|name| name.text.clone()).collect();
        let mut names = Names::automatic(network);
        if !self.inputs.is_empty() {
            names.inputs = texts(&self.inputs);
        }
        for layer in 0..network.layers.len() {
            if !self.neurons[layer].is_empty() {
                names.neurons[layer] = texts(&self.neurons[layer]);
            }
            names.weights[layer] = self.weights[layer].iter().map(|row| texts(row)).collect();
            names.biases[layer] = texts(&self.biases[layer]);
        }
        names
    }

    /// Reports names that two things have: two inputs or neurons, or two
    /// inputs, weights or biases.
    pub(super) fn check_unique(
        &self,
        names: &Names,
        network: &Network<f64>,
        problems: &mut Problems,
    ) {
        // Automatic names differ from each other.
        if self.is_empty() {
            return;
        }
        self.check_sum(network, problems);
        let inputs = (0..names.inputs.len()).map(Holder::Input);
        let neurons = names.neurons.iter().enumerate().flat_map(|(layer, row)| {
            (0..row.len()).map(move |index| Holder::Neuron(Neuron { layer, index }))
        });
        self.check_group(inputs.clone().chain(neurons), names, problems);
        let all = self.can_be_automatic();
        let parameters = network
            .parameters()
            .map(|(parameter, _)| Holder::Parameter(parameter))
            .filter(|&holder| all || self.span(holder).is_some());
        self.check_group(inputs.chain(parameters), names, problems);
    }

    /// Reports names that look like `S2`, the sum over a softmax layer.
    fn check_sum(&self, network: &Network<f64>, problems: &mut Problems) {
        let is_softmax = |layer: &Layer<f64>| layer.activation == Activation::Softmax;
        let Some(layer) = network.layers.iter().position(is_softmax) else { return };
        let symbol = format!("S{}", layer + 1);
        let inputs = self.inputs.iter().map(|name| (Role::Input, name));
        let weights = self.weights.iter().flatten().flatten().map(|name| (Role::Weight, name));
        let biases = self.biases.iter().flatten().map(|name| (Role::Bias, name));
        for (role, name) in inputs.chain(weights).chain(biases) {
            if on_paper(Cow::Borrowed(&name.text)) == symbol {
                let fault = NameFault::Taken("the sum over the softmax layer");
                let kind = ProblemKind::BadName { role, name: name.text.clone(), fault };
                problems.add(kind, name.span.clone());
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.inputs.is_empty()
            && self.neurons.iter().all(Vec::is_empty)
            && self.weights.iter().all(Vec::is_empty)
            && self.biases.iter().all(Vec::is_empty)
    }

    /// Tells whether an automatic name of a weight or bias could be the name of
    /// something else. In a large network, making them all takes longer than
    /// reading it.
    fn can_be_automatic(&self) -> bool {
        let parameters =
            self.weights.iter().flatten().flatten().chain(self.biases.iter().flatten());
        // Automatic names are `w_x_y`, `b_y` and `b1` …
        let looks_automatic =
            |name: &GivenName| name.text.starts_with("w_") || name.text.starts_with('b');
        // … and `w_x_y` can be read in one way only where `x` has no `_`.
        let is_ambiguous = |name: &GivenName| name.text.contains('_');
        let hidden = self.neurons.iter().rev().skip(1).flatten();
        self.inputs.iter().chain(parameters).any(looks_automatic)
            || self.inputs.iter().chain(hidden).any(is_ambiguous)
    }

    fn check_group(
        &self,
        holders: impl Iterator<Item = Holder>,
        names: &Names,
        problems: &mut Problems,
    ) {
        let mut seen: HashMap<Cow<'_, str>, Holder> = HashMap::new();
        for holder in holders {
            match seen.entry(on_paper(name_of(holder, names))) {
                Entry::Vacant(place) => {
                    place.insert(holder);
                }
                Entry::Occupied(place) => self.report(*place.get(), holder, names, problems),
            }
        }
    }

    /// Reports that two things have one name, at the later of the two places.
    fn report(&self, one: Holder, two: Holder, names: &Names, problems: &mut Problems) {
        let (first, last) = match (self.span(one), self.span(two)) {
            (Some(a), Some(b)) if b.start < a.start => (two, one),
            (Some(_), None) => (two, one),
            _ => (one, two),
        };
        let name = name_of(last, names).into_owned();
        let other_name = name_of(first, names).into_owned();
        let kind = ProblemKind::RepeatedName {
            other_name: (other_name != name).then_some(other_name),
            name,
            role: last.role(),
            other: first.describe(names),
            is_automatic: self.span(first).is_none(),
        };
        match (self.span(first), self.span(last)) {
            (Some(first), Some(last)) => {
                problems.add_related(kind, last, first, "used here first".to_string());
            }
            (None, Some(last)) => problems.add(kind, last),
            // Two automatic names of weights, made of names of their ends.
            (_, None) => problems.add(kind, self.span_of_end(last).unwrap_or(0..0)),
        }
    }

    /// Returns where the file gives the name of something.
    fn span(&self, holder: Holder) -> Option<Range<usize>> {
        let name = match holder {
            Holder::Input(index) => self.inputs.get(index),
            Holder::Neuron(neuron) => self.neurons[neuron.layer].get(neuron.index),
            Holder::Parameter(Parameter::Weight { layer, to, from }) => {
                self.weights[layer].get(to).and_then(|row| row.get(from))
            }
            Holder::Parameter(Parameter::Bias(neuron)) => {
                self.biases[neuron.layer].get(neuron.index)
            }
            Holder::Parameter(Parameter::SharedBias(layer)) => self.biases[layer].first(),
        };
        name.map(|name| name.span.clone())
    }

    /// Returns where the file names the neuron a weight leads into, or else
    /// what it comes from.
    fn span_of_end(&self, holder: Holder) -> Option<Range<usize>> {
        let Holder::Parameter(Parameter::Weight { layer, to, from }) = holder else {
            return None;
        };
        let source = match layer {
            0 => Holder::Input(from),
            _ => Holder::Neuron(Neuron { layer: layer - 1, index: from }),
        };
        self.span(Holder::Neuron(Neuron { layer, index: to })).or_else(|| self.span(source))
    }
}

impl Holder {
    fn role(self) -> Role {
        match self {
            Holder::Input(_) => Role::Input,
            Holder::Neuron(_) => Role::Neuron,
            Holder::Parameter(Parameter::Weight { .. }) => Role::Weight,
            Holder::Parameter(_) => Role::Bias,
        }
    }

    fn describe(self, names: &Names) -> String {
        match self {
            Holder::Input(index) => format!("input {}", index + 1),
            Holder::Neuron(Neuron { layer, index }) => {
                format!("neuron {} of layer {}", index + 1, layer + 1)
            }
            Holder::Parameter(Parameter::Weight { layer, to, from }) => format!(
                "the weight from `{}` to `{}`",
                names.source(layer, from),
                names.neurons[layer][to]
            ),
            Holder::Parameter(Parameter::Bias(neuron)) => {
                format!("the bias of `{}`", names.neuron(neuron))
            }
            Holder::Parameter(Parameter::SharedBias(layer)) => {
                format!("the shared bias of layer {}", layer + 1)
            }
        }
    }
}

fn name_of(holder: Holder, names: &Names) -> Cow<'_, str> {
    match holder {
        Holder::Input(index) => Cow::Borrowed(names.inputs[index].as_str()),
        Holder::Neuron(neuron) => Cow::Borrowed(names.neuron(neuron)),
        Holder::Parameter(parameter) => Cow::Owned(names.id(Quantity::Parameter(parameter))),
    }
}

/// Returns the name without what cannot be seen on paper: `w_1` is set as `w1`.
pub(crate) fn on_paper(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.split_once('_') {
        Some((letter, digits))
            if letter.chars().count() == 1
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Cow::Owned(format!("{letter}{digits}"))
        }
        _ => name,
    }
}
