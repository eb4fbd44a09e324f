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
    /// `x = a·deviation + mean`, and the logarithm undone: what was scaled to
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
///
/// Where a logarithm is too large by 10, its exponential is 22,000 times too
/// large; a `limit` keeps one such output from outweighing all others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Undone {
    /// Nothing was done.
    Nothing,
    /// The logarithm was taken: `e^x`.
    Log {
        /// A greater output counts as this.
        limit: f64,
    },
    /// The logarithm of one more was taken: `e^x − 1`.
    Log1p {
        /// A greater output counts as this.
        limit: f64,
    },
}

impl Reading {
    /// Returns the answer.
    pub fn value<S: Scalar>(self, a: S) -> S {
        match self {
            Reading::Complement => a.constant(1.0) - a,
            Reading::Scaled { deviation, mean, undone } => {
                let learned = |a: S| a * a.constant(deviation) + a.constant(mean);
                match undone {
                    Undone::Nothing => learned(a),
                    Undone::Log { limit } => learned(at_most(a, limit)).exp(),
                    Undone::Log1p { limit } => learned(at_most(a, limit)).exp_minus_one(),
                }
            }
        }
    }
}

fn at_most<S: Scalar>(a: S, limit: f64) -> S {
    let limit = a.constant(limit);
    (a - limit).when_positive(|| limit, || a)
}
