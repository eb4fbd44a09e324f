//! What is seen of training while it runs.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use chainrule_engine::callback::{BatchReport, Callback, EpochReport};
use chainrule_engine::real::Real;
use chainrule_engine::trainer::Ended;
use chainrule_model::recipe::Recipe;
use indicatif::{ProgressBar, ProgressStyle};

use super::checkpoint::Folder;
use super::interrupt::Interrupt;
use crate::args::{ListFormat, TrainArgs};

/// Shows epochs as they pass, and stops at the user's wish or for a checkpoint.
pub(super) struct Progress {
    bar: ProgressBar,
    json: bool,
    samples: usize,
    started: Instant,
    first_epoch: Option<usize>,
    every: Option<usize>,
    is_due: bool,
    interrupt: Interrupt,
}

impl Progress {
    pub(super) fn new(
        args: &TrainArgs,
        recipe: &Recipe,
        samples: usize,
        folder: Option<&Folder>,
        interrupt: Interrupt,
    ) -> Progress {
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
            every: folder.map(Folder::every),
            is_due: false,
            interrupt,
        }
    }

    /// Tells whether training stopped for a checkpoint, and not for good.
    pub(super) fn take_due(&mut self) -> bool {
        let is_due = self.is_due && !self.interrupt.is_set();
        self.is_due = false;
        is_due
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl<T: Real> Callback<T> for Progress {
    fn batch(&mut self, _: &BatchReport) -> ControlFlow<()> {
        stop_if(self.interrupt.is_set())
    }

    fn epoch(&mut self, report: &EpochReport<'_, T>) -> ControlFlow<()> {
        let first = *self.first_epoch.get_or_insert(report.epoch - 1);
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = ((report.epoch - first) * self.samples) as f64 / seconds.max(1e-9);
        if self.json {
            let line = serde_json::json!({
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
        self.is_due = self.every.is_some_and(|every| report.epoch.is_multiple_of(every));
        stop_if(self.is_due || self.interrupt.is_set())
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
