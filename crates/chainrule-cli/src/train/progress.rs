//! What is seen of training while it runs.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use chainrule_engine::callback::{BatchReport, Callback, EpochReport};
use chainrule_engine::real::Real;
use chainrule_engine::trainer::Ended;
use chainrule_model::recipe::Recipe;
use indicatif::{ProgressBar, ProgressStyle};

use super::checkpoint::{Checkpoint, Folder};
use super::interrupt::Interrupt;
use crate::args::{ListFormat, TrainArgs};
use crate::failure::Failure;
use crate::json::SCHEMA;

/// Shows epochs as they pass, keeps checkpoints, and stops at the user's wish.
pub(super) struct Progress<'a> {
    bar: ProgressBar,
    json: bool,
    samples: usize,
    started: Instant,
    first_epoch: Option<usize>,
    folder: Option<&'a Folder>,
    learning_rate: f64,
    /// Why a checkpoint could not be written.
    failure: Option<Failure>,
    interrupt: Interrupt,
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        args: &TrainArgs,
        recipe: &Recipe,
        samples: usize,
        folder: Option<&'a Folder>,
        learning_rate: f64,
        interrupt: Interrupt,
    ) -> Progress<'a> {
        let json = args.format == ListFormat::Json;
        let shows = !json && !args.quiet && io::stderr().is_terminal();
        let bar =
            if shows { ProgressBar::new(recipe.epochs as u64) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template(
            "epoch {pos}/{len} {bar:24} {msg}  {elapsed} (at most {eta} more)",
        );
        bar.set_style(style.expect("the template is valid"));
        Progress {
            bar,
            json,
            samples,
            started: Instant::now(),
            first_epoch: None,
            folder,
            learning_rate,
            failure: None,
            interrupt,
        }
    }

    /// Takes the bar away, and fails if a checkpoint could not be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        self.failure.map_or(Ok(()), Err)
    }

    /// Writes a checkpoint if one is due; tells whether all is well.
    fn keep<T: Real>(&mut self, report: &EpochReport<'_, T>) -> bool {
        let Some(folder) = self.folder.filter(|folder| report.epoch.is_multiple_of(folder.every()))
        else {
            return true;
        };
        let (epoch, learning_rate) = (report.epoch, self.learning_rate);
        let written = folder.write(&Checkpoint { epoch, learning_rate, state: report.state() });
        self.failure = written.err();
        self.failure.is_none()
    }
}

impl<T: Real> Callback<T> for Progress<'_> {
    fn batch(&mut self, _: &BatchReport) -> ControlFlow<()> {
        stop_if(self.interrupt.is_set())
    }

    fn steps_at_once(&self) -> usize {
        // A person who interrupts does not notice the time these take.
        usize::MAX
    }

    fn epoch(&mut self, report: &EpochReport<'_, T>) -> ControlFlow<()> {
        let first = *self.first_epoch.get_or_insert(report.epoch - 1);
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = ((report.epoch - first) * self.samples) as f64 / seconds.max(1e-9);
        if self.json {
            let line = serde_json::json!({
                "schema": SCHEMA,
                "event": "epoch",
                "epoch": report.epoch,
                "training_loss": report.training_loss,
                "validation_loss": report.validation_loss,
                "learning_rate": report.learning_rate,
                "seconds": report.seconds,
                "samples_per_second": rate,
            });
            let mut out = io::stdout().lock();
            // A reader that has gone wants no more of it.
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return ControlFlow::Break(());
            }
        } else {
            let validation = report.validation_loss;
            let validation = validation.map(|loss| format!("  validation {loss:.4}"));
            self.bar.set_message(format!(
                "loss {:.4}{}  {:.0} samples/s",
                report.training_loss,
                validation.unwrap_or_default(),
                rate
            ));
            self.bar.set_position(report.epoch as u64);
        }
        let is_well = self.keep(report);
        stop_if(!is_well || self.interrupt.is_set())
    }
}

fn stop_if(condition: bool) -> ControlFlow<()> {
    if condition { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Says why training ended.
pub(super) fn reason(ended: Ended) -> &'static str {
    match ended {
        Ended::Epochs => "all epochs were made",
        Ended::Converged => "the loss no longer fell",
        Ended::Time => "the time ran out",
        Ended::Steps => "all steps were made",
        _ => "it was stopped",
    }
}
