//! The search for settings that comes before training.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chainrule_model::recipe::Recipe;
use chainrule_model::tune::{self, SEARCHED, Tuning, Watch};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::interrupt::Interrupt;
use super::rows::Rows;
use crate::args::{Budget, ListFormat, TrainArgs};
use crate::failure::Failure;
use crate::json::SCHEMA;
use crate::terminal;

/// Below so many rows a validation part is too small to choose by: folds are
/// taken, though nobody asked for them.
const FEW_ROWS: usize = 2000;
/// That many.
const FOLDS: usize = 5;

/// A search, and what it is made with.
pub(super) struct Search<'a, S> {
    pub(super) args: &'a TrainArgs,
    pub(super) rows: &'a Rows,
    pub(super) interrupt: &'a Interrupt,
    pub(super) say: &'a S,
}

impl<S: Fn(&str)> Search<'_, S> {
    /// Searches, and puts what did best into the recipe. A run that is resumed
    /// takes what was found before.
    pub(super) fn run(&self, budget: Budget, config: &mut Config) -> Result<Tuning, Failure> {
        let args = self.args;
        if let (Some(folder), true) = (&args.checkpoint, args.resume) {
            let found = Found::read(folder)?;
            for (name, value) in &found.settings {
                config.recipe.set(name, value).map_err(|_| Found::damaged(folder))?;
            }
            return Ok(found.tuning);
        }
        let (folds, remarks) = match self.fold_count(config) {
            None => (Vec::new(), Vec::new()),
            Some(count) => self.rows.folds(count, config)?,
        };
        for remark in remarks {
            (self.say)(&remark.to_string());
        }
        let kept: Vec<&'static str> =
            SEARCHED.into_iter().filter(|name| config.given.contains(name)).collect();
        if !kept.is_empty() {
            (self.say)(&format!("tuning keeps what is given: {}", kept.join(", ")));
        }
        let (trials, time) = match budget {
            Budget::Trials(trials) => (Some(trials), None),
            Budget::Time(time) => (None, Some(time)),
        };
        let whole = config.recipe.time.map(|time| time / 2);
        let limit = [time, whole].into_iter().flatten().min();
        let shows = args.format == ListFormat::Text && !args.quiet && io::stderr().is_terminal();
        let watcher = Watcher {
            interrupt: self.interrupt,
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
            bar: if shows { ProgressBar::new(1) } else { ProgressBar::hidden() },
            trainings: folds.len().max(1),
        };
        let search = tune::Search {
            schema: &self.rows.schema,
            encoding: &config.encoding,
            recipe: &config.recipe,
            selection: self.rows.selection(),
            folds: &folds,
            kept: &kept,
            trials,
        };
        let found = search.run(&watcher);
        watcher.bar.finish_and_clear();
        let (recipe, tuning) = found?;
        config.recipe = recipe;
        self.tell(&tuning, &config.recipe)?;
        if self.interrupt.take() {
            (self.say)("the search was stopped; training goes on with the best so far");
        }
        Ok(tuning)
    }

    /// Returns how many folds decide; nothing where the validation rows do.
    fn fold_count(&self, config: &Config) -> Option<usize> {
        let rows = self.rows.divisible()?;
        let is_small = (2 * FOLDS..FEW_ROWS).contains(&rows) && !config.ordered;
        self.args.folds.or(is_small.then_some(FOLDS))
    }

    /// Says what was tried, and what came out of it.
    fn tell(&self, tuning: &Tuning, recipe: &Recipe) -> Result<(), Failure> {
        let settings = spelled(tuning, recipe);
        if self.args.format == ListFormat::Json {
            return terminal::deliver(None, |out, _| {
                for (place, trial) in tuning.trials.iter().enumerate() {
                    let mut line = serde_json::json!({ "schema": SCHEMA, "event": "trial", "rank": place + 1 });
                    if let (Some(line), Ok(serde_json::Value::Object(trial))) =
                        (line.as_object_mut(), serde_json::to_value(trial))
                    {
                        line.extend(trial);
                    }
                    writeln!(out, "{line}")?;
                }
                let line = serde_json::json!({
                    "schema": SCHEMA,
                    "event": "tuned",
                    "judge": tuning.judge,
                    "rungs": tuning.rungs,
                    "was_stopped": tuning.was_stopped,
                    "settings": settings.iter().cloned().collect::<serde_json::Map<_, _>>(),
                });
                writeln!(out, "{line}")
            });
        }
        for (name, value) in settings {
            let value = value.as_str().unwrap_or_default();
            (self.say)(&format!("{name} = {value}: the best of {} trials", tuning.trials.len()));
        }
        Ok(())
    }
}

/// Spells the settings that were searched.
fn spelled(tuning: &Tuning, recipe: &Recipe) -> Vec<(String, serde_json::Value)> {
    let value = |name: &String| Some((name.clone(), recipe.spell(name)?.into()));
    tuning.searched.iter().filter_map(value).collect()
}

/// Shows the search on a terminal, and ends it in time.
struct Watcher<'a> {
    interrupt: &'a Interrupt,
    deadline: Option<Instant>,
    bar: ProgressBar,
    /// The trainings of a trial.
    trainings: usize,
}

impl Watch for Watcher<'_> {
    fn should_stop(&self) -> bool {
        self.interrupt.is_set() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn rung(&self, trials: usize, epoch: usize) {
        let style = ProgressStyle::with_template("tuning {pos}/{len} {bar:24} {msg}  {elapsed}");
        self.bar.set_style(style.expect("the template is valid"));
        self.bar.set_length((trials * self.trainings) as u64);
        self.bar.set_position(0);
        self.bar.set_message(format!("{trials} trials to epoch {epoch}"));
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn trained(&self) {
        self.bar.inc(1);
    }
}

/// What a search found, as it is kept beside checkpoints: a run that goes on
/// must not search again.
#[derive(Serialize, Deserialize)]
struct Found {
    settings: Vec<(String, String)>,
    tuning: Tuning,
}

/// Keeps what a search found.
pub(super) fn keep(folder: &Path, tuning: &Tuning, recipe: &Recipe) -> Result<(), Failure> {
    let settings = spelled(tuning, recipe).into_iter();
    let settings = settings.map(|(name, value)| (name, value.as_str().unwrap_or("").to_string()));
    let found = Found { settings: settings.collect(), tuning: tuning.clone() };
    let bytes = serde_json::to_vec(&found)
        .map_err(|error| Failure::writing(Some(&path(folder)), io::Error::other(error)))?;
    terminal::write_file(&path(folder), &bytes)
}

impl Found {
    fn read(folder: &Path) -> Result<Found, Failure> {
        let path = path(folder);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| Found::damaged(folder)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::Work {
                message: format!("no search has ended in `{}`", folder.display()),
                help: Some("train anew, without `--resume`".to_string()),
            }),
            Err(error) => Err(Failure::reading(&path, error)),
        }
    }

    fn damaged(folder: &Path) -> Failure {
        Failure::Work {
            message: format!("`{}` is damaged", path(folder).display()),
            help: Some("train anew, without `--resume`".to_string()),
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("tuning.json")
}
