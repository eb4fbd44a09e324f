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
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::random::Random;
use crate::activation::Activation;
use crate::example::write::Slot;
use crate::example::{Example, ReadError};
use crate::explain::formula::plain;
use crate::loss::Loss;
use crate::names::Names;
use crate::network::{Biases, Layer, Network, Sample};
use crate::quantity::{Neuron, Parameter, Quantity};

/// A network file with open places.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    blanks: Vec<Blank>,
    first: Example,
    targets: Targets,
}

/// An open place.
#[derive(Clone, Debug, PartialEq)]
struct Blank {
    span: Range<usize>,
    slot: Slot,
    choice: Choice,
}

/// The numbers that may stand in a place: from `least` to `most` in steps of
/// the last of some decimals, both as whole numbers of such steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    least: i64,
    most: i64,
    decimals: u8,
    /// Whether a 0 would make a part of the exercise trivial.
    has_zero: bool,
}

/// What targets a loss takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Targets {
    /// Any number; from 0 to 1 unless the template says otherwise.
    Any,
    /// Yes or no.
    YesOrNo,
    /// A 1 for one output, 0 for the others.
    OneOf,
    /// Counts.
    Counts,
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
/// More decimals than this are not friendly.
const MOST_DECIMALS: i64 = 6;

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

    /// Draws numbers for all open places.
    pub(super) fn draw(&self, random: &mut Random) -> Vec<f64> {
        let mut numbers = vec![f64::NAN; self.blanks.len()];
        for place in 0..numbers.len() {
            numbers[place] = self.draw_at(place, &numbers, random);
        }
        if self.targets == Targets::OneOf {
            self.choose_class(&mut numbers, random);
        }
        numbers
    }

    /// Draws one of some numbers anew; of the targets that choose a class, all.
    pub(super) fn change_one(&self, numbers: &[f64], random: &mut Random) -> Vec<f64> {
        let mut numbers = numbers.to_vec();
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let place = random.below(count) as usize;
        if self.targets == Targets::OneOf && matches!(self.blanks[place].slot, Slot::Target { .. })
        {
            self.choose_class(&mut numbers, random);
        } else {
            numbers[place] = self.draw_at(place, &numbers, random);
        }
        numbers
    }

    /// Draws the number of one place. Two weights are not the same but for
    /// their sign, as far as the range has so many.
    fn draw_at(&self, place: usize, numbers: &[f64], random: &mut Random) -> f64 {
        const TRIES: usize = 20;
        let blank = &self.blanks[place];
        let mut number = blank.choice.draw(random);
        if matches!(blank.slot, Slot::Parameter(_)) {
            for _ in 0..TRIES {
                let is_taken = self.blanks.iter().zip(numbers).enumerate().any(|(at, (one, x))| {
                    at != place && matches!(one.slot, Slot::Parameter(_)) && x.abs() == number.abs()
                });
                if !is_taken {
                    break;
                }
                number = blank.choice.draw(random);
            }
        }
        number
    }

    /// Of the open targets of a sample, makes one a 1 and the others 0.
    fn choose_class(&self, numbers: &mut [f64], random: &mut Random) {
        let sample_of = |blank: &Blank| match blank.slot {
            Slot::Target { sample, .. } => Some(sample),
            _ => None,
        };
        let places: Vec<usize> =
            (0..numbers.len()).filter(|&at| sample_of(&self.blanks[at]).is_some()).collect();
        for group in
            places.chunk_by(|&x, &y| sample_of(&self.blanks[x]) == sample_of(&self.blanks[y]))
        {
            let Some(&chosen) = random.choose(group) else { continue };
            for &place in group {
                numbers[place] = f64::from(u8::from(place == chosen));
            }
        }
    }

    /// Returns numbers near some others, with all their digits; what the loss
    /// wants whole stays as it is.
    pub(super) fn near(&self, numbers: &[f64], random: &mut Random) -> Vec<f64> {
        const SHARE: f64 = 0.02;
        let is_whole = |blank: &Blank| {
            matches!(blank.slot, Slot::Target { .. }) && self.targets != Targets::Any
        };
        let places = self.blanks.iter().zip(numbers);
        places
            .map(|(blank, &number)| {
                let aside = SHARE * (random.uniform() - 0.5);
                if is_whole(blank) { number } else { number * (1.0 + aside) + SHARE * aside }
            })
            .collect()
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

impl Choice {
    fn draw(self, random: &mut Random) -> f64 {
        let count = u32::try_from(self.most - self.least + 1).unwrap_or(u32::MAX);
        loop {
            let steps = self.least + i64::from(random.below(count));
            if steps != 0 || self.has_zero || count == 1 {
                // Both are whole numbers below 2⁵³: the quotient is the nearest
                // double to the decimal number.
                return steps as f64 / 10_f64.powi(i32::from(self.decimals));
            }
        }
    }
}

impl Targets {
    /// Returns what the loss of a file takes.
    fn of(document: &DeTable<'_>) -> Targets {
        let loss = document
            .iter()
            .find(|(key, _)| normal(key.get_ref()) == "loss")
            .and_then(|(_, value)| value.get_ref().as_str())
            .map(str::to_lowercase)
            .and_then(|name| {
                Loss::ALL
                    .into_iter()
                    .find(|loss| loss.name() == name || loss.aliases().contains(&name.as_str()))
            });
        match loss {
            Some(Loss::BinaryCrossEntropy) => Targets::YesOrNo,
            Some(Loss::CategoricalCrossEntropy) => Targets::OneOf,
            Some(Loss::Poisson) => Targets::Counts,
            _ => Targets::Any,
        }
    }
}

/// Looks for open places.
struct Finder<'a> {
    text: &'a str,
    targets: Targets,
    /// The decimals of a weight where nothing is said.
    decimals: i64,
    blanks: Vec<Blank>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Finder<'_> {
    fn document(&mut self, document: &DeTable<'_>) -> Result<(), TemplateError> {
        for (key, value) in document {
            match normal(key.get_ref()).as_str() {
                "learning-rate" => self.number(value, Slot::LearningRate)?,
                "layers" => {
                    for (layer, table) in tables(value).enumerate() {
                        self.layer(layer, table)?;
                    }
                }
                "samples" => {
                    for (sample, table) in tables(value).enumerate() {
                        self.sample(sample, table)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn layer(&mut self, layer: usize, table: &DeTable<'_>) -> Result<(), TemplateError> {
        for (key, value) in table {
            match normal(key.get_ref()).as_str() {
                "weights" => {
                    // The only neuron of a layer needs no second brackets.
                    let rows = list(value);
                    let is_flat = !rows.iter().any(|row| row.get_ref().is_array());
                    let rows: Vec<&[Value<'_>]> =
                        if is_flat { vec![rows] } else { rows.iter().map(list).collect() };
                    for (to, row) in rows.into_iter().enumerate() {
                        for (from, value) in row.iter().enumerate() {
                            let weight = Parameter::Weight { layer, to, from };
                            self.number(value, Slot::Parameter(weight))?;
                        }
                    }
                }
                "biases" => {
                    for (index, value) in list(value).iter().enumerate() {
                        let bias = Parameter::Bias(Neuron { layer, index });
                        self.number(value, Slot::Parameter(bias))?;
                    }
                }
                "shared-bias" => {
                    self.number(value, Slot::Parameter(Parameter::SharedBias(layer)))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn sample(&mut self, sample: usize, table: &DeTable<'_>) -> Result<(), TemplateError> {
        for (key, value) in table {
            let is_input = match normal(key.get_ref()).as_str() {
                "inputs" => true,
                "targets" => false,
                _ => continue,
            };
            for (index, value) in list(value).iter().enumerate() {
                let slot = if is_input {
                    Slot::Input { sample, index }
                } else {
                    Slot::Target { sample, index }
                };
                self.number(value, slot)?;
            }
        }
        Ok(())
    }

    /// Takes a place if it is open.
    fn number(&mut self, value: &Value<'_>, slot: Slot) -> Result<(), TemplateError> {
        let choice = match value.get_ref() {
            DeValue::String(text) if text.trim() == "?" => {
                self.usual(slot).decimals(self.usual_decimals(slot))
            }
            DeValue::Table(table) => self.choice(value, table, slot)?,
            _ => return Ok(()),
        };
        self.blanks.push(Blank { span: value.span(), slot, choice });
        Ok(())
    }

    /// Returns the usual range of a place.
    fn usual(&self, slot: Slot) -> Bounds {
        let has_zero = matches!(slot, Slot::Target { .. });
        let (min, max, is_whole) = match slot {
            Slot::LearningRate => (0.1, 0.9, false),
            Slot::Parameter(_) => (-1.0, 1.0, false),
            Slot::Input { .. } => (0.1, 1.0, false),
            Slot::Target { .. } => match self.targets {
                Targets::Any => (0.0, 1.0, false),
                Targets::YesOrNo | Targets::OneOf => (0.0, 1.0, true),
                Targets::Counts => (0.0, 4.0, true),
            },
        };
        Bounds { min, max, is_whole, has_zero }
    }

    fn usual_decimals(&self, slot: Slot) -> i64 {
        if matches!(slot, Slot::Parameter(_)) { self.decimals } else { 1 }
    }

    fn choice(
        &self,
        value: &Value<'_>,
        table: &DeTable<'_>,
        slot: Slot,
    ) -> Result<Choice, TemplateError> {
        let line = self.text.get(..value.span().start).unwrap_or("").matches('\n').count() + 1;
        let wrong = |message: String| TemplateError::Place { line, message };
        let Bounds { mut min, mut max, is_whole, has_zero } = self.usual(slot);
        let mut decimals = self.usual_decimals(slot);
        for (key, value) in table {
            let name = normal(key.get_ref());
            let text = match value.get_ref() {
                DeValue::Float(float) => float.as_str(),
                DeValue::Integer(integer) => integer.as_str(),
                _ => "",
            };
            let number = text.replace('_', "").parse::<f64>().ok().filter(|x| x.abs() <= 1e6);
            let number = number.ok_or_else(|| {
                wrong(format!("`{name}` of an open place is a number, at most a million"))
            })?;
            match name.as_str() {
                "min" => min = number,
                "max" => max = number,
                "decimals" if (0..=MOST_DECIMALS).any(|count| count as f64 == number) => {
                    decimals =
                        (0..=MOST_DECIMALS).find(|&count| count as f64 == number).unwrap_or(1);
                }
                "decimals" => {
                    return Err(wrong(format!("an open place has 0 to {MOST_DECIMALS} decimals")));
                }
                _ => return Err(wrong(format!("an open place has no `{name}`"))),
            }
        }
        if slot == Slot::LearningRate && min <= 0.0 {
            return Err(wrong("a learning rate is above 0".to_string()));
        }
        let choice = Bounds { min, max, is_whole, has_zero }.decimals(decimals);
        if choice.least > choice.most {
            let message = format!("no number with {decimals} decimals lies from {min} to {max}");
            return Err(wrong(message));
        }
        Ok(choice)
    }
}

/// A range of numbers.
#[derive(Clone, Copy)]
struct Bounds {
    min: f64,
    max: f64,
    is_whole: bool,
    has_zero: bool,
}

impl Bounds {
    fn decimals(self, decimals: i64) -> Choice {
        let decimals = if self.is_whole { 0 } else { decimals };
        let decimals = u8::try_from(decimals).unwrap_or(1);
        let scale = 10_f64.powi(i32::from(decimals));
        // 0.1·10 and the like are whole but for the last bits.
        #[expect(clippy::cast_possible_truncation, reason = "at most 10⁶·10⁶")]
        let (least, most) =
            ((self.min * scale - 1e-6).ceil() as i64, (self.max * scale + 1e-6).floor() as i64);
        Choice { least, most, decimals, has_zero: self.has_zero }
    }
}

/// Returns a key as the reader of network files takes it.
fn normal(key: &str) -> String {
    key.to_lowercase().replace('_', "-")
}

/// Returns the tables of a list of tables.
fn tables<'a, 'v>(value: &'a Value<'v>) -> impl Iterator<Item = &'a DeTable<'v>> {
    list(value).iter().filter_map(|one| one.get_ref().as_table())
}

/// Returns the values of a list; anything else is a list of one.
fn list<'a, 'v>(value: &'a Value<'v>) -> &'a [Value<'v>] {
    match value.get_ref() {
        DeValue::Array(items) => items,
        _ => std::slice::from_ref(value),
    }
}
