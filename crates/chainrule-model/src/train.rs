//! Training a network on rows of a table.
//!
//! ```text
//! table, schema ── split ──> encoder (training rows) ──> matrices ── Course ──> network
//! recipe ─────────────────── settle ──> architecture, settings ──────┘
//! ```
//!
//! A [`Course`] is a run that may be interrupted, saved and restored; what it
//! computes depends on table, recipe and split alone.

mod encoded;
mod finish;
mod rate;

pub use encoded::Part;
pub(crate) use encoded::{Encoded, activation_of};
pub use finish::Finished;
pub(crate) use rate::rates;

use chainrule_engine::architecture::Architecture;
use chainrule_engine::callback::Callback;
use chainrule_engine::history::History;
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::{Ended, Trainer, Windows};

use crate::encoder::{self, Encoder};
use crate::recipe::{Choice, Problem, Recipe};
use crate::remark::Remark;
use crate::schema::Schema;
use crate::split::Split;
use crate::table::Table;

/// Why training cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table does not fit.
    #[error(transparent)]
    Table(#[from] crate::error::Error),
    /// The engine refused, or diverged.
    #[error(transparent)]
    Engine(#[from] chainrule_engine::error::Error),
    /// A search has no rows to decide by.
    #[error("no rows are left to decide between settings")]
    NothingDecides,
    /// A file cannot be read, or is malformed.
    #[error(transparent)]
    Read(#[from] crate::read::ReadError),
    /// Something that takes all rows at once.
    #[error("{what} cannot be had with a stream")]
    NotStreamed {
        /// What it is.
        what: &'static str,
    },
    /// A bound of memory that leaves no room for rows.
    #[error("{bound} bytes of memory are too little for this table, {needed} are needed")]
    LittleMemory {
        /// The bound.
        bound: u64,
        /// The least that will do.
        needed: u64,
    },
    /// Groups so large that too many rows would validate.
    #[error("{rows} rows of a few groups would validate, more than fit in memory")]
    LargeGroup {
        /// How many rows there are.
        rows: usize,
    },
    /// The system refuses a thread.
    #[error("cannot start a thread: {reason}")]
    Thread {
        /// What it says.
        reason: String,
    },
    /// All that could be searched is given.
    #[error("all settings that could be searched are given")]
    NothingToTune,
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::Table(error) => error.help(),
            Error::Engine(chainrule_engine::error::Error::Diverged { .. }) => {
                Some("lower the learning rate, or cut gradients with `--clip norm`".to_string())
            }
            Error::Engine(_) => None,
            Error::Read(error) => Some(error.help().join("\nhelp: ")),
            Error::NotStreamed { .. } => Some("leave it or `--stream` away".to_string()),
            Error::LittleMemory { needed, .. } => {
                let megabytes = needed.div_ceil(1_000_000);
                Some(format!("give it more: `--memory {megabytes}MB`"))
            }
            Error::LargeGroup { .. } => {
                Some("give more `--memory`, or another `--seed`".to_string())
            }
            Error::Thread { .. } => None,
            Error::NothingDecides => {
                Some("keep some for validation, such as `--validation 0.2`".to_string())
            }
            Error::NothingToTune => {
                let names = crate::tune::SEARCHED.join("`, `");
                Some(format!("leave one of `{names}` open that the optimizer has a use for"))
            }
        }
    }
}

/// A network in training on a table.
#[derive(Debug)]
pub struct Course<T: Real> {
    rows: Encoded<T>,
    trainer: Trainer<T>,
    choices: Vec<Choice>,
}

/// The rows that take part: which table they stand in, and which they are.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The table of the training rows.
    pub table: &'a Table,
    /// Training and validation rows.
    pub split: &'a Split,
    /// The table of the validation rows, where they stand in one of their own.
    pub validation_table: Option<&'a Table>,
}

impl<T: Real> Course<T> {
    /// Makes a course ready: fits the encoder to the training rows, encodes,
    /// decides what the recipe leaves open.
    ///
    /// # Errors
    /// If a column does not fit, or settings do not go together.
    pub fn new(
        schema: &Schema,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        selection: Selection<'_>,
    ) -> Result<Course<T>, Error> {
        let rows = Encoded::new(schema, encoding, recipe, selection)?;
        let problem = rows.problem();
        Course::of_rows(rows, recipe, problem)
    }

    /// Makes a course of encoded rows, which may be a sample of those that the
    /// problem speaks of.
    pub(crate) fn of_rows(
        rows: Encoded<T>,
        recipe: &Recipe,
        problem: Problem,
    ) -> Result<Course<T>, Error> {
        let mut settled = recipe.settle(problem)?;
        let network = first_network(&settled.architecture, recipe, &rows.encoder)?;
        if recipe.learning_rate.is_none() {
            let trials = rate::Trials { network: &network, training: &rows.training };
            let choice = trials.choose(&mut settled.settings)?;
            settled.choices.extend(choice);
        }
        let trainer = Trainer::new(network, settled.settings)?;
        Ok(Course { rows, trainer, choices: settled.choices })
    }

    /// Trains until there is a reason to end.
    ///
    /// # Errors
    /// If training diverges; the network is then the one of the last epoch
    /// that was well.
    pub fn fit(&mut self, callback: &mut dyn Callback<T>) -> Result<Ended, Error> {
        let architecture = self.trainer.architecture().clone();
        let training = self.rows.training.samples(&architecture)?;
        let validation = match &self.rows.validation {
            None => None,
            Some(part) => Some(part.samples(&architecture)?),
        };
        Ok(self.trainer.fit(&training, validation.as_ref(), callback)?)
    }

    /// Trains on rows that come in windows.
    pub(crate) fn fit_windows<W: Windows<T, Error = Error>>(
        &mut self,
        windows: &mut W,
        count: usize,
        callback: &mut dyn Callback<T>,
    ) -> Result<Ended, Error> {
        let architecture = self.trainer.architecture().clone();
        let validation = match &self.rows.validation {
            None => None,
            Some(part) => Some(part.samples(&architecture)?),
        };
        self.trainer.fit_windows(windows, count, validation.as_ref(), callback)
    }

    /// Lets go of the training rows, of which there are so many elsewhere;
    /// returns the encoder.
    pub(crate) fn forget_training(&mut self, count: usize) -> Encoder {
        self.rows.training =
            Part { inputs: Vec::new(), targets: Vec::new(), weights: Vec::new(), count };
        self.rows.encoder.clone()
    }

    /// Returns the network as it is now.
    pub fn network(&self) -> Network<T> {
        self.trainer.network()
    }

    /// Returns the encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.rows.encoder
    }

    /// Returns the settings of the trainer.
    pub fn settings(&self) -> &Settings {
        self.trainer.settings()
    }

    /// Returns what was left to the data, and what it became.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Returns what the encoder has to say of the training rows.
    pub fn remarks(&self) -> &[Remark] {
        &self.rows.remarks
    }

    /// Returns what happened so far.
    pub fn history(&self) -> &History {
        self.trainer.history()
    }

    /// Returns how many rows train and how many validate.
    pub fn counts(&self) -> (usize, usize) {
        (self.rows.training.count, self.rows.validation.as_ref().map_or(0, |part| part.count))
    }

    /// Returns all that a restored course needs to go on, beside table, recipe
    /// and split.
    pub fn state(&self) -> Vec<u8> {
        self.trainer.state()
    }

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// If the state is of another course.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), Error> {
        Ok(self.trainer.restore(state)?)
    }
}

/// Makes the network that training begins with. Inputs that no training row
/// has weigh nothing, so that they change no prediction.
pub(crate) fn first_network<T: Real>(
    architecture: &Architecture,
    recipe: &Recipe,
    encoder: &Encoder,
) -> Result<Network<T>, Error> {
    let network = Network::new(architecture.clone(), recipe.initialisation, recipe.seed);
    let unseen = encoder.unseen_inputs();
    if unseen.is_empty() {
        return Ok(network);
    }
    let mut parameters: Vec<T> = network.parameters().to_vec();
    let inputs = architecture.inputs();
    for neuron in 0..architecture.layers()[0].width {
        for &input in &unseen {
            parameters[neuron * inputs + input] = T::ZERO;
        }
    }
    Ok(Network::from_parameters(architecture.clone(), parameters)?)
}
