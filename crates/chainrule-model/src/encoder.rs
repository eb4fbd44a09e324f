//! From columns to numbers for a network, and back: fitted on training rows,
//! kept in the model file, applied to any table by the names of its columns.
//!
//! | column   | inputs                                                          |
//! |----------|-----------------------------------------------------------------|
//! | number   | one, scaled; missing: the mean (or median), and an indicator    |
//! | category | one for each value, one for all others, and an indicator        |
//! | yes/no   | one, 0 or 1; missing: the share of yes, and an indicator        |
//!
//! The indicator (`age missing`) is there if training rows had missing cells.
//! The slot for others (`city=other`) takes the values that are rare in
//! training and those that training never saw; if training had no rare ones,
//! [`Encoder::unseen_inputs`] names the slot: its weights are never trained,
//! and a trainer should set them to 0.
//!
//! ```
//! use chainrule_model::encoder::{Encoder, Settings};
//! use chainrule_model::quality;
//! use chainrule_model::schema::{Choices, Schema};
//! use chainrule_model::split::Splitter;
//! # use chainrule_model::table::{Cells, Column, Lines, Table, Text};
//! # let column = |name: &str, cells| Column { name: name.to_string(), cells };
//! # let text = |words: [&str; 2], codes| {
//! #     Cells::Text(Text { words: words.map(String::from).to_vec(), codes })
//! # };
//! # let table = Table {
//! #     name: "fruit.csv".to_string(),
//! #     columns: vec![
//! #         column("weight", Cells::Numbers(vec![75.0, 180.0, 80.0, 166.0, f64::NAN, 174.0])),
//! #         column("colour", text(["brown", "green"], vec![0, 1, 0, 1, 0, 1])),
//! #         column("fruit", text(["kiwi", "pear"], vec![0, 1, 0, 1, 0, 1])),
//! #     ],
//! #     lines: Lines::From(2),
//! # };
//! // table: weight, colour, fruit
//! let choices = Choices { targets: vec!["fruit".to_string()], ..Choices::default() };
//! let schema = Schema::new(&table, &choices)?;
//! let rows = schema.labelled(&table)?;
//!
//! let mut remarks = schema.remarks();
//! remarks.extend(quality::columns(&schema, &table, &rows)?);
//!
//! let splitter = Splitter::of_table(&schema, &table, &rows, 7)?;
//! let (split, said) = splitter.hold_out(0.33)?;
//! assert_eq!(split.validation.len(), 2);
//! remarks.extend(said);
//! let (training, validation) = ((&table, &split.training[..]), (&table, &split.validation[..]));
//! remarks.extend(quality::duplicates(&schema, training, validation)?);
//!
//! let settings = Settings::default();
//! let (encoder, said) = Encoder::fit(&schema, &settings, &table, &split.training)?;
//! remarks.extend(said);
//! remarks.extend(quality::size(&encoder, split.training.len()));
//! let inputs = encoder.read_inputs(&table)?;
//! let x: Vec<f32> = inputs.encode(&split.training);
//! assert_eq!(x.len(), split.training.len() * encoder.width());
//! let targets = encoder.read_targets(&table)?;
//! let t: Vec<f32> = targets.encode(&split.training);
//! assert_eq!(t.len(), split.training.len() * encoder.target().outputs());
//!
//! // … print the remarks, set the weights of `encoder.unseen_inputs()` to 0,
//! // train, then for new rows:
//! let outputs = [0.9_f32];
//! assert_eq!(encoder.target().labels()[encoder.target().class(&outputs)], "pear");
//! let json = serde_json::to_string(&encoder)?;
//! assert_eq!(serde_json::from_str::<Encoder>(&json)?, encoder);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fit;
mod inputs;
mod moments;
mod rows;
mod sample;
mod scale;
mod target;
mod targets;

use chainrule::loss::Loss;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::remark::Remark;
use crate::schema::Schema;
use crate::table::Table;

pub use fit::Fitter;
pub use inputs::Inputs;
pub use rows::Rows;
pub use scale::{Scale, Scaling};
pub use target::{Answer, Log, Quantity, Target};
pub use targets::Targets;

/// How columns become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How numbers are scaled; nothing: the standard way, or, where all columns
    /// are pixels, all of them by the largest.
    pub scaling: Option<Scaling>,
    /// What takes the place of a missing number.
    pub fill: Fill,
    /// A category in fewer training rows is rare; nothing: in fewer than one
    /// row in 500, but at least 2 and at most 10.
    pub rare: Option<u64>,
    /// Whether a skewed target is learned by its logarithm.
    pub log_target: bool,
    /// Whether targets that are numbers are scaled. No choice of a person: it
    /// follows from the loss.
    #[serde(skip)]
    pub scale_target: bool,
}

impl Settings {
    /// Returns the settings for a loss: rates are learned of the counts as they
    /// are.
    #[must_use]
    pub fn for_loss(self, loss: Option<Loss>) -> Settings {
        Settings { scale_target: loss != Some(Loss::Poisson), ..self }
    }
}

/// What takes the place of a missing number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// The mean of the training rows.
    #[default]
    Mean,
    /// Their median.
    Median,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            scaling: None,
            fill: Fill::Mean,
            rare: None,
            log_target: true,
            scale_target: true,
        }
    }
}

/// A fitted encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Encoder {
    features: Vec<Feature>,
    target: Target,
}

/// A column and how it is encoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column.
    pub column: String,
    /// How it becomes inputs.
    #[serde(flatten)]
    pub code: Code,
    /// Whether there is an indicator of missing cells.
    pub missing: bool,
}

/// How a column becomes inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Code {
    /// One scaled number.
    Number {
        /// How it is scaled.
        scale: Scale,
        /// What takes the place of a missing one, in the column's own units.
        fill: f64,
    },
    /// A slot for each value, and one for all others.
    Category {
        /// The values with a slot of their own, in order.
        values: Vec<String>,
        /// How many training rows had a value without one.
        rare: u64,
    },
    /// 0 or 1.
    YesNo {
        /// The word that is 0.
        no: String,
        /// The word that is 1.
        yes: String,
        /// The share of yes, which takes the place of a missing one.
        fill: f64,
    },
}

impl Encoder {
    /// Fits an encoder to rows of a table in memory: to training rows, each of
    /// which has its targets ([`Schema::labelled`]).
    ///
    /// # Errors
    /// If a column is missing or holds what its kind forbids, or if no row has
    /// a target.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn fit<'r>(
        schema: &Schema,
        settings: &Settings,
        table: &Table,
        rows: impl Into<Rows<'r>>,
    ) -> Result<(Encoder, Vec<Remark>), Error> {
        let mut fitter = Fitter::new(schema, settings);
        fitter.add(table, rows)?;
        fitter.finish()
    }

    /// Returns the encoded columns.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Returns what is predicted, and how outputs become answers.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the number of inputs.
    pub fn width(&self) -> usize {
        self.features.iter().map(Feature::width).sum()
    }

    /// Returns the inputs' names, in order: `age`, `age missing`,
    /// `sex=female`.
    pub fn input_names(&self) -> Vec<String> {
        self.features.iter().flat_map(Feature::input_names).collect()
    }

    /// Returns each column with the inputs that are made of it.
    pub fn columns(&self) -> impl Iterator<Item = (&Feature, Range<usize>)> {
        self.features.iter().scan(0, |start, feature| {
            let range = *start..*start + feature.width();
            *start = range.end;
            Some((feature, range))
        })
    }

    /// Returns the inputs that are 0 in every training row. What they weigh is
    /// not trained, and should be 0.
    pub fn unseen_inputs(&self) -> Vec<usize> {
        let unseen = |(feature, range): (&Feature, Range<usize>)| match &feature.code {
            Code::Category { values, rare: 0 } => Some(range.start + values.len()),
            _ => None,
        };
        self.columns().filter_map(unseen).collect()
    }

    /// Finds the columns of a table, to encode its rows.
    ///
    /// Their order does not matter, nor do columns that the encoder does not
    /// know.
    ///
    /// # Errors
    /// If a column is missing, or holds text where numbers were trained.
    pub fn read_inputs<'a>(&'a self, table: &'a Table) -> Result<Inputs<'a>, Error> {
        Inputs::new(&self.features, table)
    }

    /// Finds the target columns of a table.
    ///
    /// # Errors
    /// If a column is missing, or holds text where numbers were trained.
    pub fn read_targets<'a>(&'a self, table: &'a Table) -> Result<Targets<'a>, Error> {
        Targets::new(&self.target, table)
    }
}

impl Feature {
    /// Returns how many inputs are made of the column.
    pub fn width(&self) -> usize {
        let values = match &self.code {
            Code::Category { values, .. } => values.len() + 1,
            Code::Number { .. } | Code::YesNo { .. } => 1,
        };
        values + usize::from(self.missing)
    }

    /// Returns the names of these inputs.
    pub fn input_names(&self) -> Vec<String> {
        let name = &self.column;
        let mut names = match &self.code {
            Code::Number { .. } => vec![name.clone()],
            Code::YesNo { yes, .. } => vec![format!("{name}={yes}")],
            Code::Category { values, .. } => {
                let own = values.iter().map(|value| format!("{name}={value}"));
                own.chain([format!("{name}=other")]).collect()
            }
        };
        if self.missing {
            names.push(format!("{name} missing"));
        }
        names
    }
}

/// An encoder as it stands in a file, before anybody has looked at it.
#[derive(Deserialize)]
struct Stored {
    features: Vec<Feature>,
    target: Target,
}

impl TryFrom<Stored> for Encoder {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Encoder, Error> {
        let Stored { features, target } = stored;
        let fault = match features.iter().find_map(|f| f.fault().map(|fault| (f, fault))) {
            Some((feature, fault)) => Some(format!("column `{}`: {fault}", feature.column)),
            None if features.is_empty() => Some("it has no columns".to_string()),
            None => target.fault().map(|fault| format!("target: {fault}")),
        };
        match fault {
            Some(reason) => Err(Error::Stored { reason }),
            None => Ok(Encoder { features, target }),
        }
    }
}

impl Feature {
    fn fault(&self) -> Option<&'static str> {
        match &self.code {
            Code::Number { fill, .. } if !fill.is_finite() => Some("the fill is no number"),
            Code::Number { scale, .. } => scale.fault(),
            Code::Category { values, .. } if has_twice(values) => Some("a value stands twice"),
            Code::YesNo { fill, .. } if !(0.0..=1.0).contains(fill) => Some("a share is none"),
            Code::YesNo { no, yes, .. } if no == yes => Some("yes and no are the same"),
            Code::Category { .. } | Code::YesNo { .. } => None,
        }
    }
}

/// Tells whether a word stands in a list more than once.
fn has_twice(words: &[String]) -> bool {
    let mut seen = std::collections::HashSet::new();
    !words.iter().all(|word| seen.insert(word))
}

/// Brings words into the order of slots and labels: numbers by size, then words
/// by their letters.
fn put_in_order(words: &mut [String]) {
    words.sort_by(|one, other| {
        let key = |word: &str| crate::schema::number(word).ok_or(());
        match (key(one), key(other)) {
            (Ok(a), Ok(b)) => a.total_cmp(&b).then_with(|| one.cmp(other)),
            (Ok(_), Err(())) => std::cmp::Ordering::Less,
            (Err(()), Ok(_)) => std::cmp::Ordering::Greater,
            (Err(()), Err(())) => one.cmp(other),
        }
    });
}
