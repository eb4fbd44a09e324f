//! What is to be said of a line beside the verdict.

use crate::exercise::diagnose::Explanation;
use crate::explain::symbol;
use crate::names::Names;
use crate::quantity::Quantity;
use crate::rounding::Rounding;

/// A remark on a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// The number is right by the rounding before it, and not the exact one.
    Rounding {
        /// The exact number, to the same places.
        exact: String,
    },
    /// The arithmetic has no result.
    NoResult {
        /// What it gives.
        gives: String,
    },
    /// The arithmetic does not give its result.
    DoesNotFollow {
        /// The arithmetic.
        arithmetic: String,
        /// What it gives.
        gives: String,
        /// Whether it gives the result if it is cut off.
        is_cut: bool,
        /// What explains the arithmetic, where it is wrong itself.
        explained: Vec<Explanation>,
    },
    /// A number of the arithmetic is not the one that belongs there.
    WrongOperand {
        /// The number.
        found: String,
        /// What belongs there.
        instead_of: Quantity,
        /// Its number.
        expected: String,
        /// What the number found is of.
        belongs_to: Option<Quantity>,
    },
}

impl Remark {
    /// The digits that the value of arithmetic without a result is carried on
    /// with: all but the last, which depend on the order of operations.
    pub(crate) const PLACES_OF_ARITHMETIC: Rounding = Rounding::Digits(13);

    /// Returns the word that stands for it in JSON.
    pub fn id(&self) -> &'static str {
        match self {
            Remark::Rounding { .. } => "rounding",
            Remark::NoResult { .. } => "no-result",
            Remark::DoesNotFollow { .. } => "does-not-follow",
            Remark::WrongOperand { .. } => "wrong-operand",
        }
    }

    /// Says it in a sentence, without a full stop.
    pub fn sentence(&self, names: &Names) -> String {
        match self {
            Remark::Rounding { exact } => {
                format!("right by the rounding before it; without rounding it is {exact}")
            }
            Remark::NoResult { gives } => format!("no result is written; it gives {gives}"),
            Remark::DoesNotFollow { arithmetic, gives, is_cut, explained } => {
                let mut text = format!("{arithmetic} gives {gives}");
                if *is_cut {
                    text.push_str(", and was cut off");
                }
                if let Some(first) = explained.first() {
                    let mistakes: Vec<String> =
                        first.mistakes.iter().map(|named| named.sentence(names)).collect();
                    text.push_str(&format!("; {}", mistakes.join(", and ")));
                }
                text
            }
            Remark::WrongOperand { found, instead_of, expected, belongs_to } => {
                let symbol = |quantity| symbol::of(names, quantity);
                let owner = match belongs_to {
                    Some(owner) => format!(", which is {},", symbol(*owner)),
                    None => String::new(),
                };
                format!("{found}{owner} stands where {} = {expected} belongs", symbol(*instead_of))
            }
        }
    }
}
