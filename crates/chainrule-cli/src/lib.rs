//! `chainrule`: the command line.
//!
//! Results go to standard output, remarks and errors to standard error. The
//! exit status is 0 when done, 1 when the work failed or its answer is "no",
//! 2 for wrong usage.
//!
//! It is a library that the program calls: so it is compiled while the crates
//! below it still are, which a program has to wait for.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

mod args;
mod check;
mod diagnostics;
mod evaluate;
mod examples;
mod explain;
mod export;
mod failure;
mod inspect;
mod json;
mod mark;
mod model_file;
mod pdf;
mod predict;
mod report;
mod scores;
mod shell;
mod source;
mod table;
mod terminal;
mod train;
mod tuning;
mod whole;
mod worksheet;

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    // Left alone, clap would colour a dumb terminal where `CI` is set.
    let colour =
        if terminal::allows_colour() { clap::ColorChoice::Auto } else { clap::ColorChoice::Never };
    let matches = args::Args::command().color(colour).get_matches();
    let args = args::Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let outcome = match args.command {
        args::Command::Explain(args) => explain::run(&args),
        args::Command::Examples(args) => examples::run(&args),
        args::Command::Check(args) => check::run(&args),
        args::Command::Train(args) => train::run(&args),
        args::Command::Evaluate(args) => evaluate::run(&args),
        args::Command::Predict(args) => predict::run(&args),
        args::Command::Inspect(args) => inspect::run(&args),
        args::Command::Export(args) => export::run(&args),
        args::Command::Mark(args) => mark::run(&args),
        args::Command::Worksheet(args) => worksheet::run(&args),
    };
    match outcome {
        Ok(answer) => answer,
        Err(failure) => terminal::report(&failure),
    }
}
