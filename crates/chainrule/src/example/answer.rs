//! What a person reads off an output: the probability of the class that the
//! output leaves over, or a number in the units it was measured in.
//!
//! ```
//! use chainrule::example::{Reading, Undone};
//!
//! assert_eq!(Reading::Complement.value(0.25), 0.75);
//! let price = Reading::Scaled { deviation: 2.0, mean: 5.0, undone: Undone::Nothing };
//! assert_eq!(price.value(-1.5), 2.0);
//! ```

use crate::scalar::Scalar;

/// An answer that takes a line of arithmetic behind the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The output it is read off.
    pub output: usize,
    /// How.
    pub reading: Reading,
}

/// How an answer is read off an output `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// `1 − a`: of two classes, the one that has no output.
    Complement,
    /// `a·deviation + mean`, and the logarithm undone: what was scaled to
    /// learn it, in its own units.
    Scaled {
        /// The standard deviation.
        deviation: f64,
        /// The mean.
        mean: f64,
        /// What is done to the result.
        undone: Undone,
    },
}

/// What was done to a number before it was scaled, and has to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// Nothing was done.
    Nothing,
    /// The logarithm `ln x` was taken: `e^x`.
    Log,
    /// `ln(1 + x)` was taken: `e^x − 1`.
    Log1p,
}

impl Reading {
    /// Returns the answer.
    pub fn value<S: Scalar>(self, a: S) -> S {
        match self {
            Reading::Complement => a.constant(1.0) - a,
            Reading::Scaled { deviation, mean, undone } => {
                let learned = a * a.constant(deviation) + a.constant(mean);
                match undone {
                    Undone::Nothing => learned,
                    Undone::Log => learned.exp(),
                    Undone::Log1p => learned.exp_minus_one(),
                }
            }
        }
    }
}
