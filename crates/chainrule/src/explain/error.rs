//! What can be wrong with what was asked for: a sample, a step or a quantity
//! that is not there. Not for what is wrong with a file: that is
//! [`ReadError`](crate::example::ReadError).

/// Why an explanation cannot be given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No step was asked for.
    #[error("there is no step to explain")]
    NoSteps,
    /// The sample is not there.
    #[error("there is no sample {number}: the example has {count}")]
    NoSuchSample {
        /// The number asked for, from 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The step of a quantity is not among the steps explained.
    #[error("there is no step {step} for `{quantity}`: the last one explained is step {count}")]
    NoSuchStep {
        /// What was asked for.
        quantity: String,
        /// The step it names.
        step: usize,
        /// How many steps there are.
        count: usize,
    },
    /// The quantity is not there.
    #[error("there is no quantity `{quantity}` in this step")]
    NoSuchQuantity {
        /// What was asked for.
        quantity: String,
        /// The identifiers nearest to it, best first.
        nearest: Vec<String>,
    },
    /// The quantity is given, not computed.
    #[error("`{quantity}` is given, not computed: it is {value}")]
    Given {
        /// What was asked for.
        quantity: String,
        /// Its value.
        value: f64,
    },
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::NoSteps => Some("ask for at least one step".to_string()),
            Error::NoSuchSample { count: 1, .. } => Some("its only sample is number 1".to_string()),
            Error::NoSuchSample { count, .. } => Some(format!("choose a number from 1 to {count}")),
            Error::NoSuchStep { step: 0, .. } => Some("the first step is number 1".to_string()),
            Error::NoSuchStep { step, .. } => {
                Some(format!("explain more steps, with `--steps {step}`"))
            }
            Error::NoSuchQuantity { nearest, .. } if nearest.is_empty() => {
                Some("a page in JSON has all of them: `--format json`".to_string())
            }
            Error::NoSuchQuantity { nearest, .. } => {
                Some(format!("did you mean `{}`?", nearest.join("`, `")))
            }
            Error::Given { .. } => {
                Some("ask for a quantity of the step, such as `loss`".to_string())
            }
        }
    }
}
