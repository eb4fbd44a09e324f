//! The command line as it is typed.

use std::path::PathBuf;

mod tables;
mod worksheet;

pub(crate) use worksheet::{WorksheetArgs, WorksheetFormat, WorksheetPart};

pub(crate) use tables::{
    Budget, DATA_FORMATS, EvaluateArgs, ExportArgs, InspectArgs, PredictArgs, ReadArgs, ReportArgs,
    TrainArgs,
};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Trains dense neural networks by backpropagation and shows its work.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Explain a step of backpropagation, line by line
    Explain(ExplainArgs),
    /// List the built-in worked examples, or print one as a file to start from
    Examples(ExamplesArgs),
    /// Check every gradient three ways
    Check(CheckArgs),
    /// Train a network on a table
    Train(Box<TrainArgs>),
    /// Measure how well a model predicts a table
    Evaluate(EvaluateArgs),
    /// Predict the rows of a table
    Predict(PredictArgs),
    /// Show what is in a model and how it was trained
    Inspect(InspectArgs),
    /// Write a model in another format
    Export(ExportArgs),
    /// Mark a hand calculation, line by line, and name the mistakes
    Mark(MarkArgs),
    /// Make exercises with numbers for everyone, their solutions and marking schemes
    Worksheet(Box<WorksheetArgs>),
}

/// Where a network comes from.
#[derive(Debug, ClapArgs)]
pub(crate) struct SourceArgs {
    /// A network in a TOML file, or a model to `explain`; `-` for standard input [default: the
    /// first built-in example]
    pub(crate) file: Option<PathBuf>,
    /// A built-in example; `chainrule examples` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    pub(crate) example: Option<String>,
}

/// What to compute otherwise than the example says.
#[derive(Debug, ClapArgs)]
pub(crate) struct ChangeArgs {
    /// The weights that hidden deltas are computed with
    #[arg(long, value_name = "ORDER", value_parser = names::UPDATE_ORDER)]
    pub(crate) update_order: Option<chainrule::convention::UpdateOrder>,
    /// The loss
    #[arg(long, value_name = "LOSS", value_parser = names::LOSS)]
    pub(crate) loss: Option<chainrule::loss::Loss>,
    /// The sample, counted from 1
    #[arg(long, value_name = "I", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sample: Option<u64>,
}

/// Explains a step of backpropagation: every line with its formula, the
/// numbers put in, and the value. Of a model, it explains the prediction of a
/// row, and the step that training would take on it.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// The learning rate η
    #[arg(long, value_name = "RATE", value_parser = learning_rate, allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// The sign of a delta
    #[arg(long, value_name = "SIGN", value_parser = names::DELTA_SIGN)]
    pub(crate) delta_sign: Option<chainrule::convention::DeltaSign>,
    /// How many steps; they go through the samples in turn
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) steps: u64,
    /// Show computed numbers with N decimals
    #[arg(long, value_name = "N", conflicts_with = "digits",
          value_parser = clap::value_parser!(u8).range(0..=17))]
    pub(crate) decimals: Option<u8>,
    /// Show computed numbers with N significant digits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=17))]
    pub(crate) digits: Option<u8>,
    /// Round at every line and carry the rounded value on, as by hand
    #[arg(long)]
    pub(crate) round_each: bool,
    /// Show a part of the step only
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<Part>,
    /// Show the lines that one quantity depends on, and no others: `w3_new`, `δ_top`, `loss@2`; of
    /// a model also `p(CLASS)` and the column it predicts
    #[arg(long, value_name = "QUANTITY")]
    pub(crate) why: Option<String>,
    /// Set both update orders side by side, and say where they can first be told apart
    #[arg(long, conflicts_with_all = ["update_order", "only", "why"])]
    pub(crate) compare: bool,
    /// The format [default: by the ending of the file written to, else text]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) row: RowArgs,
}

/// The row of a table that a model is to be explained on.
#[derive(Debug, ClapArgs)]
pub(crate) struct RowArgs {
    /// A table, for a model in place of a network
    #[arg(long, value_name = "FILE", requires = "file", help_heading = "Models")]
    pub(crate) data: Option<PathBuf>,
    /// The row of the table, counted from 1, without the header [default: 1]
    #[arg(long, value_name = "N", requires = "data",
          value_parser = clap::value_parser!(u64).range(1..), help_heading = "Models")]
    pub(crate) row: Option<u64>,
    /// The labels of the rows, where they are in a file of their own
    #[arg(long, value_name = "FILE", requires = "data", help_heading = "Models")]
    pub(crate) labels: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// Lists the built-in examples.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExamplesArgs {
    /// Print this example as a TOML file
    #[arg(long, value_name = "NAME")]
    pub(crate) show: Option<String>,
    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "show")]
    pub(crate) format: ListFormat,
}

/// Computes every gradient by backpropagation, by dual numbers and by central
/// differences, and compares them.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}

/// Marks a hand calculation: every line right, right from an earlier slip, or
/// wrong with the mistake that explains it. Without a sheet, the published
/// figures of the example are marked.
#[derive(Debug, ClapArgs)]
pub(crate) struct MarkArgs {
    /// The answers, as CSV, TOML, JSON, Markdown or plain text, `-` for standard input; or a folder
    /// with the sheets of a class
    pub(crate) sheet: Option<PathBuf>,
    /// The built-in example that was worked [default: the first one]
    #[arg(long, value_name = "NAME", conflicts_with = "exercise")]
    pub(crate) example: Option<String>,
    /// The network file that was worked; or a folder with one for each sheet, called like it
    #[arg(long, value_name = "FILE")]
    pub(crate) exercise: Option<PathBuf>,
    /// State the weights that hidden deltas are computed with
    #[arg(long, value_name = "ORDER", value_parser = names::UPDATE_ORDER)]
    pub(crate) update_order: Option<chainrule::convention::UpdateOrder>,
    /// State the sign of a delta
    #[arg(long, value_name = "SIGN", value_parser = names::DELTA_SIGN)]
    pub(crate) delta_sign: Option<chainrule::convention::DeltaSign>,
    /// State the loss
    #[arg(long, value_name = "LOSS", value_parser = names::LOSS)]
    pub(crate) loss: Option<chainrule::loss::Loss>,
    /// Every line was to be rounded to N decimals [default: each number counts as it is written]
    #[arg(long, value_name = "N", conflicts_with = "digits",
          value_parser = clap::value_parser!(u8).range(0..=17))]
    pub(crate) decimals: Option<u8>,
    /// Every line was to be rounded to N significant digits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=17))]
    pub(crate) digits: Option<u8>,
    /// A TOML file with the points; or a folder with one for each sheet
    #[arg(long, value_name = "FILE")]
    pub(crate) scheme: Option<PathBuf>,
    /// The format [default: by the ending of the file written to, else text]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<MarkFormat>,
    /// Write to a file; for a class, to a folder with a file for each sheet and one for all
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MarkFormat {
    Text,
    Markdown,
    Html,
    Csv,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Markdown,
    Latex,
    Html,
    Json,
    Svg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Forward,
    Backward,
    Update,
}

/// Reads a learning rate.
fn learning_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        Ok(_) => Err("a learning rate is a finite number above zero".to_string()),
        Err(_) => Err("a learning rate is a number such as `0.5`".to_string()),
    }
}

/// Parsers of the library's names, with all of them in the help.
mod names {
    use chainrule::activation::Activation;
    use chainrule::convention::{DeltaSign, UpdateOrder};
    use chainrule::exercise::worksheet::Level;
    use chainrule::loss::Loss;
    use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

    /// A parser that takes the names of some values and returns the value.
    #[derive(Clone, Copy)]
    pub(super) struct Named<T: 'static> {
        all: &'static [T],
        name: fn(T) -> &'static str,
        aliases: fn(T) -> &'static [&'static str],
    }

    pub(super) const UPDATE_ORDER: Named<UpdateOrder> =
        Named { all: &UpdateOrder::ALL, name: UpdateOrder::name, aliases: |_| &[] };
    pub(super) const DELTA_SIGN: Named<DeltaSign> =
        Named { all: &DeltaSign::ALL, name: DeltaSign::name, aliases: |_| &[] };
    pub(super) const ACTIVATION: Named<Activation> =
        Named { all: &Activation::ALL, name: Activation::name, aliases: Activation::aliases };
    pub(super) const LEVEL: Named<Level> =
        Named { all: &Level::ALL, name: Level::name, aliases: |_| &[] };
    pub(super) const LOSS: Named<Loss> =
        Named { all: &Loss::ALL, name: Loss::name, aliases: Loss::aliases };

    impl<T: Copy + Send + Sync + 'static> Named<T> {
        fn values(self) -> impl Iterator<Item = PossibleValue> {
            self.all.iter().map(move |&value| {
                PossibleValue::new((self.name)(value)).aliases((self.aliases)(value).iter())
            })
        }
    }

    impl<T: Copy + Send + Sync + 'static> TypedValueParser for Named<T> {
        type Value = T;

        fn parse_ref(
            &self,
            command: &clap::Command,
            arg: Option<&clap::Arg>,
            value: &std::ffi::OsStr,
        ) -> Result<T, clap::Error> {
            let parser = PossibleValuesParser::new(self.values());
            let name = parser.parse_ref(command, arg, value)?;
            let found = self.all.iter().copied().find(|&value| {
                (self.name)(value) == name || (self.aliases)(value).contains(&name.as_str())
            });
            Ok(found.expect("clap takes the names of the values only"))
        }

        fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
            Some(Box::new(self.values()))
        }
    }
}
