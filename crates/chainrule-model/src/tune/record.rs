//! What was tried, as data: it is kept in the model file.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::halving::Entry;

/// What a search tried, and by what it decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// What decided.
    pub judge: Judge,
    /// The names of the settings that were searched; all others were kept.
    pub searched: Vec<String>,
    /// The epoch that each rung goes to.
    pub rungs: Vec<usize>,
    /// Whether the search ended early.
    pub was_stopped: bool,
    /// All trials, the best one first.
    pub trials: Vec<Trial>,
}

/// What decides between settings: always a loss on rows that did not train.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Judge {
    /// The rows kept for validation.
    ValidationRows {
        /// How many there are.
        rows: usize,
    },
    /// The mean over folds, each judged by the rows that it leaves out.
    Folds {
        /// How many there are.
        count: usize,
    },
}

/// Settings that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its number, from 1; the first has the settings without tuning.
    pub number: usize,
    /// What the searched settings were.
    pub settings: Map<String, Value>,
    /// How many rungs it went through.
    pub rungs: usize,
    /// The most epochs that one of its trainings made.
    pub epochs: usize,
    /// The loss that decided; nothing where training diverged or never began.
    pub loss: Option<f64>,
}

impl Trial {
    pub(super) fn new(entry: &Entry, names: &[&'static str]) -> Trial {
        let spelled = |name: &&'static str| {
            let value = entry.recipe.spell(name).expect("every setting is spelt");
            (name.to_string(), Value::String(value))
        };
        let outcome = &entry.outcome;
        Trial {
            number: entry.number,
            settings: names.iter().map(spelled).collect(),
            rungs: outcome.rungs,
            epochs: outcome.epochs,
            loss: Some(outcome.loss).filter(|loss| loss.is_finite()),
        }
    }
}
