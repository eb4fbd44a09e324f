//! How a model was trained, and on what: kept in its file for people to read
//! and for a repetition.

use chainrule_engine::history::History as Run;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::metrics::Evaluation;
use crate::table::{Cells, MISSING, Table};
use crate::tune::Tuning;

/// The record of a training run.
///
/// It holds nothing that differs between two runs of the same thing, such as
/// times: their files are equal, byte by byte.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The program and its version: `chainrule 0.1.0`.
    pub program: String,
    /// The command that trains it again, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The seed of everything random.
    pub seed: u64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The settings, as in a configuration file.
    pub settings: Map<String, Value>,
    /// What it was trained on.
    pub data: Data,
    /// The losses of the epochs.
    pub history: History,
    /// The epoch whose weights were kept, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    /// The constant prediction to compare with, from training rows: see
    /// [`baseline`](crate::metrics::baseline). Empty where nobody made one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baseline: Vec<f64>,
    /// The scores on rows held back for validation, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Evaluation>,
    /// What was tried, where settings were searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
}

/// The table a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// What it was called: the name of a file.
    pub name: String,
    /// What tells it from other tables; see [`Fingerprint`].
    pub fingerprint: String,
    /// How many rows were trained on.
    pub training_rows: u64,
    /// How many rows were held back.
    pub validation_rows: u64,
    /// How many columns it had.
    pub columns: u64,
}

/// The columns of a training run, one number for each epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The mean loss of the training samples, each taken when its batch came.
    pub training_loss: Vec<f64>,
    /// The mean loss of the validation samples; empty without any.
    pub validation_loss: Vec<f64>,
    /// The learning rate of the epoch's last step.
    pub learning_rate: Vec<f64>,
}

impl From<&Run> for History {
    fn from(run: &Run) -> History {
        History {
            training_loss: run.training_loss.clone(),
            validation_loss: run.validation_loss.clone(),
            learning_rate: run.learning_rate.clone(),
        }
    }
}

/// A number that tells tables apart: of the names of the columns and of every
/// cell, in order. A table in parts has that of the whole, if each of its
/// columns is of one kind in all of them.
#[derive(Clone, Debug, Default)]
pub struct Fingerprint {
    columns: Vec<crc32fast::Hasher>,
    names: crc32fast::Hasher,
    rows: u64,
}

impl Fingerprint {
    /// Adds the rows of a table.
    pub fn add(&mut self, table: &Table) {
        if self.columns.is_empty() {
            self.columns = vec![crc32fast::Hasher::new(); table.columns.len()];
            for column in &table.columns {
                self.names.update(column.name.as_bytes());
                self.names.update(&[0xff]);
            }
        }
        self.rows += table.rows() as u64;
        for (hasher, column) in self.columns.iter_mut().zip(&table.columns) {
            match &column.cells {
                Cells::Numbers(numbers) => {
                    for number in numbers {
                        hasher.update(&number.to_le_bytes());
                    }
                }
                Cells::Bytes(bytes) => hasher.update(bytes),
                Cells::Text(text) => {
                    for &code in &text.codes {
                        // No text in UTF-8 holds these bytes.
                        if code == MISSING {
                            hasher.update(&[0xfe]);
                        } else {
                            hasher.update(text.words[code as usize].as_bytes());
                        }
                        hasher.update(&[0xff]);
                    }
                }
            }
        }
    }

    /// Returns the number, as it is written.
    pub fn finish(self) -> String {
        let mut all = self.names;
        for column in self.columns {
            all.update(&column.finalize().to_le_bytes());
        }
        all.update(&self.rows.to_le_bytes());
        format!("crc32:{:08x}", all.finalize())
    }
}
