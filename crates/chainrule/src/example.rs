//! A worked example: a network, its names, samples, and how a step is to be
//! computed and shown. Read from a TOML file or built in.
//!
//! Not for the algorithm: that is [`backprop`].

use crate::backprop::{self, Trace};
use crate::convention::{Convention, UpdateOrder};
use crate::loss::Loss;
use crate::names::Names;
use crate::network::{Network, Sample};
use crate::quantity::Quantity;
use crate::rounding::Rounding;

pub use answer::{Answer, Reading, Undone};
pub use reader::problem::{Problem, ProblemKind, ReadError};

mod answer;
pub mod builtin;
pub mod fit;
pub mod published;
pub mod reader;
pub mod write;

/// A network with everything a step needs.
///
/// The reader guarantees that shapes agree, that numbers are finite, and that
/// no two quantities have the same identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What the page is headed with.
    pub title: String,
    /// Where the example comes from.
    pub source: Option<String>,
    /// What a reader should know beforehand.
    pub note: Option<String>,
    /// The network before the first step.
    pub network: Network<f64>,
    /// The names of its parts.
    pub names: Names,
    /// What a person reads off the outputs, beside the outputs themselves; each
    /// has its name in `names`.
    pub answers: Vec<Answer>,
    /// The samples, at least one. Steps go through them in turn.
    pub samples: Vec<Sample<f64>>,
    /// The learning rate η.
    pub learning_rate: f64,
    /// The loss.
    pub loss: Loss,
    /// Update order and delta sign.
    pub convention: Convention,
    /// How many places computed numbers are shown with.
    pub shown: Rounding,
    /// Figures that were published for this example.
    pub published: Vec<Published>,
}

/// Figures published together: from one source, in one convention.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Where they stand.
    pub source: Option<String>,
    /// The update order that yields them.
    pub update_order: UpdateOrder,
    /// After how many steps; the figures are those of the last one.
    pub steps: usize,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// One published figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is said to be.
    pub quantity: Quantity,
    /// The number as printed, `0.690`: its places count.
    pub printed: String,
    /// The same as a number.
    pub value: f64,
    /// What is to be said of it, such as why it is wrong.
    pub note: Option<String>,
}

impl Figure {
    /// Returns half a unit of the last place printed: 0.005 for `0.69`.
    pub fn half_unit(&self) -> f64 {
        let (mantissa, exponent) =
            self.printed.split_once(['e', 'E']).unwrap_or((&self.printed, "0"));
        let places = mantissa.split_once('.').map_or(0, |(_, places)| places.len());
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let places = i32::try_from(places).unwrap_or(i32::MAX);
        0.5 * 10_f64.powi(exponent.saturating_sub(places))
    }

    /// Tells whether a computed value, rounded to the places printed, is the
    /// figure.
    ///
    /// ```
    /// # use chainrule::example::Figure;
    /// # use chainrule::quantity::{Pass, Quantity};
    /// let figure = Figure {
    ///     quantity: Quantity::Loss(Pass::Before),
    ///     printed: "0.69".to_string(),
    ///     value: 0.69,
    ///     note: None,
    /// };
    /// assert!(figure.agrees_with(0.6903));
    /// assert!(!figure.agrees_with(0.6951));
    /// ```
    pub fn agrees_with(&self, computed: f64) -> bool {
        // A tie may be rounded either way; the last bits do not decide it.
        (computed - self.value).abs() <= self.half_unit() * (1.0 + 1e-9)
    }
}

impl Example {
    /// Computes the first step on the first sample.
    pub fn step(&self) -> Trace<f64> {
        self.step_of(&self.network, 0)
    }

    /// Computes a step of another state of the network, on a sample given by
    /// its index.
    pub fn step_of(&self, network: &Network<f64>, sample: usize) -> Trace<f64> {
        backprop::step(
            network,
            &self.samples[sample],
            self.learning_rate,
            self.loss,
            self.convention,
        )
    }

    /// Returns the addresses of all quantities of a step, and of the answers.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        self.network.quantities().chain((0..self.answers.len()).map(Quantity::Answer))
    }

    /// Returns the value of a quantity that is given (of the first sample, for
    /// inputs and targets).
    pub fn given(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Input(index) => self.samples[0].inputs.get(index).copied(),
            Quantity::Target(index) => self.samples[0].targets.get(index).copied(),
            Quantity::LearningRate => Some(self.learning_rate),
            Quantity::Parameter(wanted) => self
                .network
                .parameters()
                .find(|&(parameter, _)| parameter == wanted)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}
