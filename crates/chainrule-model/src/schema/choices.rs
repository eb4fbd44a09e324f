//! What the user says about columns; all else is inferred.

use serde::{Deserialize, Serialize};

/// The user's say about columns and task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// The columns to predict.
    pub targets: Vec<String>,
    /// What kind of answer to learn, instead of reading it off the targets.
    pub task: Option<Task>,
    /// Columns to take as categories, whatever they look like.
    pub categorical: Vec<String>,
    /// Columns to take as numbers, whatever they look like.
    pub numeric: Vec<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// A column whose equal cells name rows that must not be divided between
    /// training and validation.
    pub group: Option<String>,
}

/// What kind of answer is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of several classes. Two classes take one sigmoid output, more take a
    /// softmax with an output for each.
    Classification,
    /// One or several numbers.
    Regression,
    /// Several answers of yes or no, a sigmoid for each.
    MultiLabel,
}
