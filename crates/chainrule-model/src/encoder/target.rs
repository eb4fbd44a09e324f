//! What is predicted: how targets become a network's numbers, and outputs the
//! user's labels and units.

use chainrule::example::{Reading, Undone};
use chainrule_engine::real::Real;
use serde::{Deserialize, Serialize};

use super::has_twice;

/// The columns that are predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    /// One of several classes, named in one column.
    Classes {
        /// The column.
        column: String,
        /// The classes of the training rows, in order.
        labels: Vec<String>,
    },
    /// One of several classes, each with a column that is 1 where it is meant.
    OneHot {
        /// The columns, which are the labels.
        labels: Vec<String>,
    },
    /// Numbers.
    Numbers {
        /// A column for each.
        quantities: Vec<Quantity>,
    },
    /// Several answers of yes or no.
    YesNo {
        /// A column for each.
        answers: Vec<Answer>,
    },
}

/// A number to predict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// The column.
    pub column: String,
    /// Whether its logarithm is learned.
    pub log: Log,
    /// The mean of what is learned, in training rows.
    pub mean: f64,
    /// Its standard deviation, or 1 where that is 0.
    pub deviation: f64,
}

/// What is learned of a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Log {
    /// The number itself.
    None,
    /// `log(x)`, of what is above 0.
    Log {
        /// The least number of training rows; a lesser one counts as this.
        least: f64,
        /// The greatest number of training rows.
        #[serde(default = "unlimited")]
        greatest: f64,
    },
    /// `log(1 + x)`, of what is 0 or more; a lesser number counts as 0.
    Log1p {
        /// The greatest number of training rows.
        #[serde(default = "unlimited")]
        greatest: f64,
    },
}

/// Model files that do not name the greatest number limit no prediction.
fn unlimited() -> f64 {
    f64::MAX
}

/// An answer of yes or no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The column.
    pub column: String,
    /// The word that is 0.
    pub no: String,
    /// The word that is 1.
    pub yes: String,
}

impl Target {
    /// Returns the number of outputs a network needs: one for two classes, else
    /// one for each class, number or answer.
    pub fn outputs(&self) -> usize {
        match self {
            Target::Classes { labels, .. } | Target::OneHot { labels } => match labels.len() {
                2 => 1,
                count => count,
            },
            Target::Numbers { quantities } => quantities.len(),
            Target::YesNo { answers } => answers.len(),
        }
    }

    /// Returns the columns that are predicted.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Target::Classes { column, .. } => vec![column],
            Target::OneHot { labels } => labels.iter().map(String::as_str).collect(),
            Target::Numbers { quantities } => {
                quantities.iter().map(|quantity| quantity.column.as_str()).collect()
            }
            Target::YesNo { answers } => {
                answers.iter().map(|answer| answer.column.as_str()).collect()
            }
        }
    }

    /// Returns the classes; none where no single class is learned.
    pub fn labels(&self) -> &[String] {
        match self {
            Target::Classes { labels, .. } | Target::OneHot { labels } => labels,
            Target::Numbers { .. } | Target::YesNo { .. } => &[],
        }
    }

    /// Returns the likeliest class of a row's outputs; the first of equals.
    pub fn class<T: Real>(&self, outputs: &[T]) -> usize {
        if let [second] = *outputs {
            return usize::from(second.to_f64() > 0.5);
        }
        let mut best = 0;
        for (class, output) in outputs.iter().enumerate() {
            if *output > outputs[best] {
                best = class;
            }
        }
        best
    }

    /// Returns the probability of a class from a row's outputs.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn probability<T: Real>(&self, outputs: &[T], class: usize) -> f64 {
        match *outputs {
            [second] if class == 0 => Reading::Complement.value(second.to_f64()),
            [second] => second.to_f64(),
            _ => outputs[class].to_f64(),
        }
    }
}

impl Quantity {
    /// Returns what a network learns of a number.
    pub fn encode(&self, number: f64) -> f64 {
        super::scale::linear(self.log.encode(number), self.mean, self.deviation)
    }

    /// Returns the number, in the user's units, of an output.
    pub fn decode(&self, output: f64) -> f64 {
        self.reading().value(output).clamp(-f64::MAX, f64::MAX)
    }

    /// Returns how the number is read off an output. Where a logarithm is
    /// learned, it goes at most one deviation beyond the greatest of training.
    pub fn reading(&self) -> Reading {
        let limit = |greatest| self.encode(greatest) + 1.0;
        let undone = match self.log {
            Log::None => Undone::Nothing,
            Log::Log { greatest, .. } => Undone::Log { limit: limit(greatest) },
            Log::Log1p { greatest } => Undone::Log1p { limit: limit(greatest) },
        };
        Reading::Scaled { deviation: self.deviation, mean: self.mean, undone }
    }
}

impl Log {
    pub(super) fn encode(self, number: f64) -> f64 {
        match self {
            Log::None => number,
            Log::Log { least, .. } => number.max(least).ln(),
            Log::Log1p { .. } => number.max(0.0).ln_1p(),
        }
    }

    fn is_sound(self) -> bool {
        match self {
            Log::None => true,
            Log::Log { least, greatest } => {
                0.0 < least && least <= greatest && greatest.is_finite()
            }
            Log::Log1p { greatest } => 0.0 <= greatest && greatest.is_finite(),
        }
    }
}

impl Target {
    /// Says what no training can have made of it.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Target::Classes { labels, .. } | Target::OneHot { labels } => {
                if labels.len() < 2 {
                    Some("fewer than two classes")
                } else {
                    has_twice(labels).then_some("a class stands twice")
                }
            }
            Target::Numbers { quantities } if quantities.is_empty() => Some("no column"),
            Target::YesNo { answers } if answers.is_empty() => Some("no column"),
            Target::Numbers { quantities } => {
                let sound = |quantity: &Quantity| {
                    quantity.mean.is_finite()
                        && quantity.deviation.is_finite()
                        && quantity.deviation > 0.0
                        && quantity.log.is_sound()
                };
                (!quantities.iter().all(sound)).then_some("a scale is no number")
            }
            Target::YesNo { answers } => {
                let same = answers.iter().any(|answer| answer.no == answer.yes);
                same.then_some("yes and no are the same")
            }
        }
    }
}
