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
use crate::model::Weights;
use crate::recipe::{Choice, Precision, Problem, Recipe};
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

/// A network in training on a table, in the numbers that its recipe asks for.
#[derive(Debug)]
pub struct Course {
    encoder: Encoder,
    remarks: Vec<Remark>,
    choices: Vec<Choice>,
    run: Run,
}

/// Its trainer, of one of the two kinds of number. That a course is not generic
/// itself lets the engine be compiled here, and not once more for each caller.
#[derive(Debug)]
pub(crate) enum Run {
    Single(Rows<f32>),
    Double(Rows<f64>),
}

/// A trainer and its rows.
#[derive(Debug)]
pub(crate) struct Rows<T: Real> {
    training: Part<T>,
    validation: Option<Part<T>>,
    trainer: Trainer<T>,
}

/// Does the same with either kind of number.
macro_rules! either {
    ($run:expr, $rows:ident => $result:expr) => {
        match $run {
            Run::Single($rows) => $result,
            Run::Double($rows) => $result,
        }
    };
}

/// A callback that takes either kind of number.
pub trait EitherCallback: Callback<f32> + Callback<f64> {}

impl<C: Callback<f32> + Callback<f64>> EitherCallback for C {}

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

impl Course {
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
    ) -> Result<Course, Error> {
        match recipe.precision {
            Precision::F32 => {
                let rows = Encoded::new(schema, encoding, recipe, selection)?;
                let problem = rows.problem();
                Course::of_rows(rows, recipe, problem, Run::Single)
            }
            Precision::F64 => {
                let rows = Encoded::new(schema, encoding, recipe, selection)?;
                let problem = rows.problem();
                Course::of_rows(rows, recipe, problem, Run::Double)
            }
        }
    }

    /// Makes a course of encoded rows, which may be a sample of those that the
    /// problem speaks of.
    pub(crate) fn of_rows<T: Real>(
        rows: Encoded<T>,
        recipe: &Recipe,
        problem: Problem,
        run: impl FnOnce(Rows<T>) -> Run,
    ) -> Result<Course, Error> {
        let Encoded { encoder, training, validation, remarks } = rows;
        let mut settled = recipe.settle(problem)?;
        let network = first_network(&settled.architecture, recipe, &encoder)?;
        if recipe.learning_rate.is_none() {
            let trials = rate::Trials { network: &network, training: &training };
            let choice = trials.choose(&mut settled.settings)?;
            settled.choices.extend(choice);
        }
        let trainer = Trainer::new(network, settled.settings)?;
        let run = run(Rows { training, validation, trainer });
        Ok(Course { encoder, remarks, choices: settled.choices, run })
    }

    /// Trains until there is a reason to end.
    ///
    /// # Errors
    /// If training diverges; the network is then the one of the last epoch
    /// that was well.
    pub fn fit(&mut self, callback: &mut dyn EitherCallback) -> Result<Ended, Error> {
        either!(&mut self.run, rows => rows.fit(callback))
    }

    /// Returns trainer and rows, to train on rows that come in windows.
    pub(crate) fn run_mut(&mut self) -> &mut Run {
        &mut self.run
    }

    /// Lets go of the training rows, of which there are so many elsewhere;
    /// returns the encoder.
    pub(crate) fn forget_training(&mut self, count: usize) -> Encoder {
        either!(&mut self.run, rows => rows.training = Part::empty(count));
        self.encoder.clone()
    }

    /// Returns the network as it is now.
    pub fn weights(&self) -> Weights {
        match &self.run {
            Run::Single(rows) => Weights::Single(rows.trainer.network()),
            Run::Double(rows) => Weights::Double(rows.trainer.network()),
        }
    }

    /// Returns the architecture of the network.
    pub fn architecture(&self) -> &Architecture {
        either!(&self.run, rows => rows.trainer.architecture())
    }

    /// Returns the encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Returns the settings of the trainer.
    pub fn settings(&self) -> &Settings {
        either!(&self.run, rows => rows.trainer.settings())
    }

    /// Returns what was left to the data, and what it became.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Returns what the encoder has to say of the training rows.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Returns what happened so far.
    pub fn history(&self) -> &History {
        either!(&self.run, rows => rows.trainer.history())
    }

    /// Returns how many rows train and how many validate.
    pub fn counts(&self) -> (usize, usize) {
        either!(&self.run, rows => {
            (rows.training.count, rows.validation.as_ref().map_or(0, |part| part.count))
        })
    }

    /// Returns all that a restored course needs to go on, beside table, recipe
    /// and split.
    pub fn state(&self) -> Vec<u8> {
        either!(&self.run, rows => rows.trainer.state())
    }

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// If the state is of another course.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), Error> {
        Ok(either!(&mut self.run, rows => rows.trainer.restore(state))?)
    }
}

impl<T: Real> Rows<T> {
    fn fit(&mut self, callback: &mut dyn Callback<T>) -> Result<Ended, Error> {
        let architecture = self.trainer.architecture().clone();
        let training = self.training.samples(&architecture)?;
        let validation = match &self.validation {
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
        let validation = match &self.validation {
            None => None,
            Some(part) => Some(part.samples(&architecture)?),
        };
        self.trainer.fit_windows(windows, count, validation.as_ref(), callback)
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
