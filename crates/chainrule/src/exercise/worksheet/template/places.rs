//! The open places of a template: where they are, and which numbers may stand
//! there.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::TemplateError;
use crate::example::write::Slot;
use crate::exercise::worksheet::random::Random;
use crate::loss::Loss;
use crate::quantity::{Neuron, Parameter};

/// More decimals than this are not friendly.
const MOST_DECIMALS: i64 = 6;

/// An open place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blank {
    pub(super) span: Range<usize>,
    pub(super) slot: Slot,
    pub(super) choice: Choice,
}

/// The numbers that may stand in a place: from `least` to `most` in steps of
/// the last of some decimals, both as whole numbers of such steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    least: i64,
    most: i64,
    decimals: u8,
    /// Whether a 0 would make a part of the exercise trivial.
    has_zero: bool,
}

/// What targets a loss takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Targets {
    /// Any number; from 0 to 1 unless the template says otherwise.
    Any,
    /// Yes or no.
    YesOrNo,
    /// A 1 for one output, 0 for the others.
    OneOf,
    /// Counts.
    Counts,
}
impl Choice {
    pub(super) fn draw(self, random: &mut Random) -> f64 {
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
    pub(super) fn of(document: &DeTable<'_>) -> Targets {
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
pub(super) struct Finder<'a> {
    pub(super) text: &'a str,
    pub(super) targets: Targets,
    /// The decimals of a weight where nothing is said.
    pub(super) decimals: i64,
    /// What was found.
    pub(super) blanks: Vec<Blank>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Finder<'_> {
    /// Looks through a file.
    pub(super) fn document(&mut self, document: &DeTable<'_>) -> Result<(), TemplateError> {
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
