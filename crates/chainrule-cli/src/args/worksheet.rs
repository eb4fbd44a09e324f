//! The arguments of `chainrule worksheet`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::names;

/// Makes exercises with numbers of their own for everyone: a sheet to fill in,
/// its solution, a marking scheme, and what `mark` needs to mark it.
#[derive(Debug, Args)]
pub(crate) struct WorksheetArgs {
    /// A network file with open places, `"?"`, for the numbers of each sheet
    #[arg(conflicts_with_all = ["shape", "example"])]
    pub(crate) template: Option<PathBuf>,
    /// The widths of a network, inputs first: `2-2-1` [default, without a template or example]
    #[arg(long, value_name = "WIDTHS", conflicts_with = "example", value_parser = widths)]
    pub(crate) shape: Option<Widths>,
    /// A built-in example, with other numbers
    #[arg(long, value_name = "NAME")]
    pub(crate) example: Option<String>,
    /// The activation function of a shape [default: sigmoid]
    #[arg(long, value_name = "NAME", value_parser = names::ACTIVATION,
          conflicts_with_all = ["template", "example"])]
    pub(crate) activation: Option<chainrule::activation::Activation>,
    /// That of its last layer, if it is another one
    #[arg(long, value_name = "NAME", value_parser = names::ACTIVATION,
          conflicts_with_all = ["template", "example"])]
    pub(crate) output_activation: Option<chainrule::activation::Activation>,
    /// Give every neuron of a shape a bias
    #[arg(long, conflicts_with_all = ["template", "example"])]
    pub(crate) biases: bool,
    /// The loss
    #[arg(long, value_name = "LOSS", value_parser = names::LOSS, conflicts_with = "template")]
    pub(crate) loss: Option<chainrule::loss::Loss>,
    /// The weights that hidden deltas are computed with
    #[arg(long, value_name = "ORDER", value_parser = names::UPDATE_ORDER,
          conflicts_with = "template")]
    pub(crate) update_order: Option<chainrule::convention::UpdateOrder>,
    /// The sign of a delta
    #[arg(long, value_name = "SIGN", value_parser = names::DELTA_SIGN, conflicts_with = "template")]
    pub(crate) delta_sign: Option<chainrule::convention::DeltaSign>,
    /// What is asked for
    #[arg(long, value_name = "LEVEL", default_value = "step", value_parser = names::LEVEL)]
    pub(crate) level: chainrule::exercise::worksheet::Level,
    /// How many steps are to be worked; each starts with the new weights of the one before
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub(crate) steps: u8,
    /// Every line is rounded to N decimals
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u8).range(1..=10))]
    pub(crate) decimals: u8,
    /// The seed of the numbers; the same one makes the same sheet
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// A list of students as CSV, with a column `name`, `id` or both: each has numbers of their own
    #[arg(long, value_name = "FILE")]
    pub(crate) students: Option<PathBuf>,
    /// What to write, where one thing is written
    #[arg(long, value_name = "PART", default_value = "sheet")]
    pub(crate) part: WorksheetPart,
    /// The format [default: by the ending of the file written to, else markdown; pdf in a folder]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<WorksheetFormat>,
    /// Write to a file; or to a folder, with all that belongs to the exercise
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}

/// The widths of a network.
#[derive(Clone, Debug)]
pub(crate) struct Widths(pub(crate) Vec<usize>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorksheetPart {
    /// The sheet to fill in
    Sheet,
    /// The full solution
    Solution,
    /// What every line is worth, and what mistakes give
    Scheme,
    /// A sheet of answers to fill in, for `mark`
    Answers,
    /// The network file, for `mark --exercise`
    Exercise,
    /// The points, for `mark --scheme`
    Points,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorksheetFormat {
    Markdown,
    Latex,
    Typst,
    Pdf,
    /// A page to fill in that marks itself, offline
    Html,
    /// Cloze questions in Moodle XML
    Moodle,
    /// A table of all answers with what is accepted; or answers to fill in
    Csv,
    Toml,
    Json,
}

/// Reads widths.
fn widths(text: &str) -> Result<Widths, String> {
    const WIDEST: usize = 12;
    const MOST: usize = 6;
    let widths: Option<Vec<usize>> =
        text.split(['-', 'x', ',']).map(|one| one.trim().parse().ok()).collect();
    match widths {
        Some(widths)
            if (2..=MOST).contains(&widths.len())
                && widths.iter().all(|width| (1..=WIDEST).contains(width)) =>
        {
            Ok(Widths(widths))
        }
        Some(_) => Err(format!("a shape worked by hand has 2 to {MOST} widths from 1 to {WIDEST}")),
        None => Err("a shape is a list of widths, such as `2-2-1`".to_string()),
    }
}
