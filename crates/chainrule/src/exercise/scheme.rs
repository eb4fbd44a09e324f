//! How many points a line is worth, and what is left of them after a slip.
//!
//! ```toml
//! each = 1             # points of a line, the default
//! carried = 1          # share for a line right from one's own earlier numbers
//! slip = 0.5           # share where a slip of rounding or copying explains it
//! mistake = 0          # share where a mistake of method explains it
//! asked = ["w1_new"]   # the lines asked for; without it, all of the kinds answered
//! steps = 1            # in how many steps they are asked for, at least
//!
//! [points]             # by kind of line, or for a single one
//! delta = 2
//! w1_new = 3
//! ```
//!
//! Kinds are `z`, `a`, `loss`, `delta`, `gradient`, `new` and `after`.

use std::collections::HashSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnose::Explanation;
use super::in_step::MOST_STEPS;
use super::judge::Verdict;
use super::labels::Labels;
use super::mistakes::Kind;
use crate::example::Example;
use crate::quantity::{Phase, Quantity};

/// The points of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The points of a line that nothing else is said of.
    pub each: f64,
    /// The share for a line that is right from earlier numbers.
    pub carried: f64,
    /// The share for a slip of rounding or copying.
    pub slip: f64,
    /// The share for a mistake of method.
    pub mistake: f64,
    /// The lines asked for; without them, all lines of the kinds that were
    /// answered.
    pub asked: Option<HashSet<Quantity>>,
    /// In how many steps they are asked for, at least.
    pub steps: usize,
    /// Points of single lines.
    pub single: Vec<(Quantity, f64)>,
    /// Points of kinds of lines, by name.
    pub kinds: Vec<(String, f64)>,
}

impl Default for Scheme {
    fn default() -> Scheme {
        Scheme {
            each: 1.0,
            carried: 1.0,
            slip: 0.5,
            mistake: 0.0,
            asked: None,
            steps: 1,
            single: Vec::new(),
            kinds: Vec::new(),
        }
    }
}

/// Why a scheme cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeError {
    /// The text is not TOML.
    #[error("line {line}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the reader says.
        message: String,
    },
    /// A key means nothing.
    #[error("line {line}: a scheme has no `{key}`")]
    UnknownKey {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// What is known there.
        known: String,
    },
    /// A value is no number of its range.
    #[error("line {line}: `{key}` is `{found}`, expected {expected}")]
    OutOfRange {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
}

impl SchemeError {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            SchemeError::UnknownKey { known, .. } => Some(format!("known are {known}")),
            _ => None,
        }
    }
}

/// The kinds of lines that points are given by.
const KINDS: [&str; 7] = ["z", "a", "loss", "delta", "gradient", "new", "after"];

impl Scheme {
    /// Reads a scheme for an exercise.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(example: &Example, text: &str) -> Result<Scheme, SchemeError> {
        let line_at = |offset: usize| text.get(..offset).unwrap_or("").matches('\n').count() + 1;
        let document = DeTable::parse(text).map_err(|error| SchemeError::Syntax {
            line: line_at(error.span().map_or(0, |span| span.start)),
            message: error.message().to_string(),
        })?;
        let mut scheme = Scheme::default();
        let labels = Labels::new(example);
        for (key, value) in document.get_ref() {
            let line = line_at(key.span().start);
            let name = key.get_ref().to_string();
            let share = |value| number(value, line, &name, 1.0, "a share from 0 to 1");
            match (name.as_str(), value.get_ref()) {
                ("each", value) => {
                    scheme.each = number(value, line, &name, f64::MAX, "points, 0 or above")?;
                }
                ("carried", value) => scheme.carried = share(value)?,
                ("slip", value) => scheme.slip = share(value)?,
                ("mistake", value) => scheme.mistake = share(value)?,
                ("asked", DeValue::Array(all)) => {
                    scheme.asked = Some(asked(&labels, all, line)?);
                }
                ("steps", value) => {
                    const EXPECTED: &str = "a number of steps, 1 to 10";
                    let steps = number(value, line, &name, MOST_STEPS as f64, EXPECTED)?;
                    scheme.steps = (1..=MOST_STEPS)
                        .find(|&count| count as f64 == steps)
                        .ok_or_else(|| out_of_range(value, line, &name, EXPECTED))?;
                }
                ("points", DeValue::Table(points)) => {
                    for (key, value) in points {
                        let line = line_at(key.span().start);
                        let name = key.get_ref().to_string();
                        let value = value.get_ref();
                        let points = number(value, line, &name, f64::MAX, "points, 0 or above")?;
                        if KINDS.contains(&name.as_str()) {
                            scheme.kinds.push((name, points));
                        } else if let Some(quantity) = labels.find(&name) {
                            scheme.single.push((quantity, points));
                        } else {
                            let mut known: Vec<String> =
                                KINDS.iter().map(|kind| format!("`{kind}`")).collect();
                            known.extend(
                                labels.nearest(&name).iter().map(|near| format!("`{near}`")),
                            );
                            let known = known.join(", ");
                            return Err(SchemeError::UnknownKey { line, key: name, known });
                        }
                    }
                }
                _ => {
                    let known =
                        "`each`, `carried`, `slip`, `mistake`, `asked`, `steps`, `[points]`"
                            .to_string();
                    return Err(SchemeError::UnknownKey { line, key: name, known });
                }
            }
        }
        Ok(scheme)
    }

    /// Returns the points that a line is worth.
    pub fn worth(&self, quantity: Quantity) -> f64 {
        let single = self.single.iter().find(|(one, _)| *one == quantity);
        let kind = self.kinds.iter().find(|(kind, _)| Some(kind.as_str()) == kind_of(quantity));
        single.map(|&(_, points)| points).or(kind.map(|&(_, points)| points)).unwrap_or(self.each)
    }

    /// Returns the points that a line gets.
    pub fn points(&self, quantity: Quantity, verdict: Verdict, explained: &[Explanation]) -> f64 {
        let share = match verdict {
            Verdict::Right => 1.0,
            Verdict::Carried => self.carried,
            Verdict::CarriedTrivially | Verdict::Missing => 0.0,
            // Equal explanations: in doubt, the lighter one.
            Verdict::Wrong => explained
                .iter()
                .map(|one| {
                    let is_slip =
                        one.mistakes.iter().all(|named| named.mistake.kind() == Kind::Slip);
                    if is_slip { self.slip } else { self.mistake }
                })
                .fold(0.0, f64::max),
        };
        self.worth(quantity) * share
    }
}

/// Reads the lines asked for.
fn asked(
    labels: &Labels,
    all: &[Spanned<DeValue<'_>>],
    line: usize,
) -> Result<HashSet<Quantity>, SchemeError> {
    let one = |value: &Spanned<DeValue<'_>>| {
        let name = value.get_ref().as_str().unwrap_or("").to_string();
        labels.find(&name).ok_or_else(|| {
            let near = labels.nearest(&name);
            let known = near.iter().map(|near| format!("`{near}`")).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "the names of `explain`".to_string() } else { known };
            SchemeError::UnknownKey { line, key: name.clone(), known }
        })
    };
    all.iter().map(one).collect()
}

fn number(
    value: &DeValue<'_>,
    line: usize,
    key: &str,
    most: f64,
    expected: &'static str,
) -> Result<f64, SchemeError> {
    match text_of(value).replace('_', "").parse::<f64>() {
        Ok(number) if (0.0..=most).contains(&number) => Ok(number),
        _ => Err(out_of_range(value, line, key, expected)),
    }
}

fn out_of_range(
    value: &DeValue<'_>,
    line: usize,
    key: &str,
    expected: &'static str,
) -> SchemeError {
    let found = text_of(value).to_string();
    SchemeError::OutOfRange { line, key: key.to_string(), found, expected }
}

fn text_of<'a>(value: &'a DeValue<'_>) -> &'a str {
    match value {
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(integer) => integer.as_str(),
        DeValue::String(string) => string,
        _ => "",
    }
}

fn kind_of(quantity: Quantity) -> Option<&'static str> {
    Some(match quantity.phase()? {
        Phase::After => "after",
        Phase::Answer => return None,
        Phase::Loss => "loss",
        Phase::Backward => "delta",
        Phase::Gradient => "gradient",
        Phase::Update => "new",
        Phase::Forward => match quantity {
            Quantity::Activation(..) => "a",
            _ => "z",
        },
    })
}
