//! The arguments of the commands that work on tables and models.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chainrule_model::encoder::{Fill, Scaling};
use chainrule_model::read;
use chainrule_model::recipe::{self, SETTINGS};
use chainrule_model::schema::Task;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::ListFormat;

/// How a table is read; what is not said is found out.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadArgs {
    /// The format of the table [default: by its first bytes]
    #[arg(long, value_name = "FORMAT", value_parser = data_format())]
    pub(crate) data_format: Option<read::Format>,
    /// What stands between the values of a CSV file: a character, or `tab`
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub(crate) delimiter: Option<u8>,
    /// The first line of a CSV file is data
    #[arg(long)]
    pub(crate) no_header: bool,
    /// The decimal mark of numbers in a CSV file
    #[arg(long, value_name = "MARK", value_parser = ["point", "comma"])]
    pub(crate) decimal: Option<String>,
    /// The encoding of text
    #[arg(long, value_name = "NAME", value_parser = ["utf8", "utf16", "latin1"])]
    pub(crate) encoding: Option<String>,
    /// Quotes in a CSV file are plain characters
    #[arg(long)]
    pub(crate) no_quotes: bool,
    /// What counts as missing, beside the empty cell and `NA`, `NaN`, `null`, `?` and the like
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub(crate) missing: Vec<String>,
}

/// Trains a network on a table: finds out what its columns are, keeps a part
/// of the rows for validation, trains until the validation loss no longer
/// falls, and writes one file with all it takes to predict new rows.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is given or not")]
pub(crate) struct TrainArgs {
    /// A table: CSV, TSV, Parquet, NPY, NPZ, IDX, Proben1 or FANN, also with gzip; `-` for
    /// standard input
    #[arg(required_unless_present = "print_config")]
    pub(crate) data: Option<PathBuf>,
    /// The labels of the rows, where they are in a file of their own, as MNIST's
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The columns to predict
    #[arg(short, long, value_name = "COLUMN", value_delimiter = ',')]
    pub(crate) target: Vec<String>,
    /// What kind of answer to learn [default: by the target]
    #[arg(long, value_name = "TASK", value_parser = task())]
    pub(crate) task: Option<Task>,
    /// Where to write the model [default: the data's name with `.model`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Take these settings, before those of the command line
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print all settings as a file for `--config`, and do no more
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Print JSON, a line for each epoch, instead of text
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
    /// Say nothing of what is chosen, only what goes wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Read the file (CSV, Parquet, NPY or IDX) anew in each epoch instead of keeping it in memory;
    /// its rows are shuffled within windows, so that it should not be sorted by its target
    #[arg(long, help_heading = "Streaming",
          conflicts_with_all = ["folds", "tune", "report", "plots"])]
    pub(crate) stream: bool,
    /// What windows, validation rows and reading may take together: `256MB`, `2GB`
    #[arg(long, value_name = "SIZE", default_value = "256MB", value_parser = bytes,
          help_heading = "Streaming", requires = "stream")]
    pub(crate) memory: u64,
    /// Columns to take as categories
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Columns")]
    pub(crate) categorical: Vec<String>,
    /// Columns to take as numbers
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Columns")]
    pub(crate) numeric: Vec<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Columns")]
    pub(crate) drop: Vec<String>,
    /// A column whose equal cells name rows that stay together
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(crate) group: Option<String>,
    /// How numbers are scaled [default: standard]
    #[arg(long, value_name = "WAY", value_parser = scaling(), help_heading = "Columns")]
    pub(crate) scaling: Option<Scaling>,
    /// What takes the place of a missing number [default: mean]
    #[arg(long, value_name = "WHAT", value_parser = fill(), help_heading = "Columns")]
    pub(crate) fill: Option<Fill>,
    /// Group categories with fewer training rows
    #[arg(long, value_name = "ROWS", help_heading = "Columns")]
    pub(crate) rare: Option<u64>,
    /// Learn skewed targets as they are, not their logarithm
    #[arg(long, help_heading = "Columns")]
    pub(crate) no_log_target: bool,
    /// A table to validate on, instead of a share of the rows
    #[arg(long, value_name = "FILE", help_heading = "Validation")]
    pub(crate) validation_data: Option<PathBuf>,
    /// The rows are in order of time: the last ones validate
    #[arg(long, help_heading = "Validation")]
    pub(crate) ordered: bool,
    /// Also train and measure on K folds, for scores of all rows
    #[arg(long, value_name = "K", help_heading = "Validation")]
    pub(crate) folds: Option<usize>,
    /// Search widths, learning rate, weight decay and dropout first, but for those that are given:
    /// N trials, or as many as there is time for, such as `60s`; with `--time` the search has at
    /// most half of it
    #[arg(long, value_name = "N|TIME", help_heading = "Validation")]
    pub(crate) tune: Option<Budget>,
    /// Write checkpoints into this folder, to go on with after an interruption
    #[arg(long, value_name = "DIR", help_heading = "Checkpoints")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// How many epochs there are from one checkpoint to the next
    #[arg(long, value_name = "EPOCHS", default_value_t = 10, requires = "checkpoint",
          value_parser = clap::value_parser!(u64).range(1..), help_heading = "Checkpoints")]
    pub(crate) every: u64,
    /// Go on with the last checkpoint, with the same data and settings
    #[arg(long, requires = "checkpoint", help_heading = "Checkpoints")]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,
}

/// Where a report goes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// Write a report: data, losses, curves, calibration, importance, as one page of HTML
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write the plots of the report as files, SVG and PNG
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
}

/// How long a search may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Budget {
    /// So many trials.
    Trials(usize),
    /// So much time.
    Time(Duration),
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Budget, String> {
        /// More are a slip of the finger; all of them are held in memory.
        const MOST: usize = 10_000;
        match text.trim().parse() {
            Ok(trials @ 2..=MOST) => Ok(Budget::Trials(trials)),
            Ok(_) => Err(format!("expected 2 to {MOST} trials, or a time such as `60s`")),
            Err(_) => match recipe::duration(text) {
                Ok(time) => Ok(Budget::Time(time)),
                Err(_) => Err("expected a number of trials, or a time such as `60s`".to_string()),
            },
        }
    }
}

/// Settings of a recipe, as typed: name and value.
#[derive(Debug, Default)]
pub(crate) struct RecipeArgs(pub(crate) Vec<(&'static str, String)>);

impl Args for RecipeArgs {
    fn augment_args(command: Command) -> Command {
        SETTINGS.iter().fold(command, |command, setting| {
            let arg = Arg::new(setting.name)
                .long(setting.name.replace('_', "-"))
                .value_name(setting.value)
                .help(setting.about)
                .allow_negative_numbers(true)
                .help_heading("Network and training");
            command.arg(arg)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        RecipeArgs::augment_args(command)
    }
}

impl FromArgMatches for RecipeArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<RecipeArgs, clap::Error> {
        let given = SETTINGS.iter().filter_map(|setting| {
            let value = matches.get_one::<String>(setting.name)?;
            Some((setting.name, value.clone()))
        });
        Ok(RecipeArgs(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = RecipeArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Measures how well a model predicts the rows of a table whose answers are
/// known, beside a baseline that always says the same.
#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A model file
    pub(crate) model: PathBuf,
    /// A table with the columns the model was trained on, and their answers
    #[arg(long, value_name = "FILE")]
    pub(crate) data: PathBuf,
    /// The labels of the rows, where they are in a file of their own
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
    /// How many resamples the intervals are found with; 0 for none
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = RangedU64ValueParser::<usize>::new().range(..=1_000_000))]
    pub(crate) resamples: usize,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// Predicts the rows of a table. The columns of the table are kept; columns
/// with predictions and probabilities follow them.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// A model file
    pub(crate) model: PathBuf,
    /// A table with the columns the model was trained on, in any order
    pub(crate) data: PathBuf,
    /// Where to write the table [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// Shows what is in a model, how it was trained, and on what.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A model file
    pub(crate) model: PathBuf,
    /// Show the memory it takes as well
    #[arg(long)]
    pub(crate) memory: bool,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}

/// Writes a model in another format.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A model file
    pub(crate) model: PathBuf,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = ["json"])]
    pub(crate) to: String,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The names of the formats of tables, as they are typed.
pub(crate) const DATA_FORMATS: [(&str, read::Format); 7] = [
    ("csv", read::Format::Csv),
    ("parquet", read::Format::Parquet),
    ("npy", read::Format::Npy),
    ("npz", read::Format::Npz),
    ("idx", read::Format::Idx),
    ("proben1", read::Format::Proben1),
    ("fann", read::Format::Fann),
];

fn data_format() -> impl TypedValueParser<Value = read::Format> {
    PossibleValuesParser::new(DATA_FORMATS.map(|(name, _)| name)).map(|name| {
        let found = DATA_FORMATS.iter().find(|(known, _)| *known == name);
        found.expect("clap takes the names of the formats only").1
    })
}

/// Reads a size of memory.
fn bytes(text: &str) -> Result<u64, String> {
    let end = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    let unit = match text[end..].to_ascii_uppercase().as_str() {
        "B" | "" => 1.0,
        "K" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        _ => return Err("a size of memory is a number with MB or GB".to_string()),
    };
    match text[..end].trim().parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 on")]
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * unit) as u64),
        _ => Err("a size of memory is a number such as `256MB`".to_string()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err("a delimiter is one ASCII character, or `tab`".to_string()),
    }
}

fn task() -> impl TypedValueParser<Value = Task> {
    PossibleValuesParser::new(["classification", "regression", "multi-label"]).map(
        |name| match name.as_str() {
            "classification" => Task::Classification,
            "regression" => Task::Regression,
            _ => Task::MultiLabel,
        },
    )
}

fn scaling() -> impl TypedValueParser<Value = Scaling> {
    let names = ["standard", "robust", "min-max", "quantile-uniform", "quantile-normal", "none"];
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "standard" => Scaling::Standard,
        "robust" => Scaling::Robust,
        "min-max" => Scaling::MinMax,
        "quantile-uniform" => Scaling::QuantileUniform,
        "quantile-normal" => Scaling::QuantileNormal,
        _ => Scaling::Unscaled,
    })
}

fn fill() -> impl TypedValueParser<Value = Fill> {
    PossibleValuesParser::new(["mean", "median"])
        .map(|name| if name == "mean" { Fill::Mean } else { Fill::Median })
}
