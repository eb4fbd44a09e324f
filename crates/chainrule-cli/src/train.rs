//! `chainrule train`: a network from a table.

mod checkpoint;
mod config;
mod interrupt;
mod progress;
mod report;
mod rows;
mod search;
mod stream;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use chainrule_engine::trainer::Ended;
use chainrule_model::metrics::{Evaluation, Metric, Resampling};
use chainrule_model::model::Model;
use chainrule_model::quality;
use chainrule_model::recipe::Recipe;
use chainrule_model::table::Table;
use chainrule_model::train::{Course, Finished};

use crate::args::{ListFormat, TrainArgs};
use crate::failure::Failure;
use crate::{failure, json, scores, source, terminal, tuning, whole};
use checkpoint::{Checkpoint, Folder};
use config::Config;
use interrupt::Interrupt;
use progress::Progress;
use rows::Rows;
use search::Search;

pub(crate) fn run(args: &TrainArgs) -> Result<ExitCode, Failure> {
    let config = Config::of(args)?;
    if args.print_config {
        terminal::deliver(None, |out, _| out.write_all(config.to_toml().as_bytes()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.stream { stream::train(args, config) } else { train(args, config) }
}

fn train(args: &TrainArgs, mut config: Config) -> Result<ExitCode, Failure> {
    let data = args.data.as_deref().expect("clap asks for it");
    let output = output(args, data)?;
    let say = |text: &str| {
        if !args.quiet && args.format == ListFormat::Text {
            terminal::remark(text);
        }
    };
    let rows = Rows::read(args, &mut config)?;
    for remark in &rows.remarks {
        say(remark);
    }
    let interrupt = Interrupt::listen()?;
    let started = Instant::now();
    let tuning = match args.tune {
        None => None,
        Some(budget) => {
            let search = Search { args, rows: &rows, interrupt: &interrupt, say: &say };
            Some(search.run(budget, &mut config)?)
        }
    };
    let selection = rows.selection();
    // The search was a part of the time there is.
    let time = config.recipe.time.map(|time| time.saturating_sub(started.elapsed()));
    let recipe = Recipe { time, ..config.recipe.clone() };
    let folder = match &args.checkpoint {
        None => None,
        Some(path) => Some(Folder::open(path, rows.run_id(&config), args.every)?),
    };
    let resumed = match &folder {
        Some(folder) => folder.resume(args.resume, say)?,
        None => None,
    };
    let recipe = known_rate(&recipe, resumed.as_ref());
    let mut course = Course::new(&rows.schema, &config.encoding, &recipe, selection)?;
    for remark in course.remarks() {
        say(&remark.to_string());
    }
    let (training, validation) = course.counts();
    if let Some(remark) = quality::size(course.encoder(), training) {
        say(&remark.to_string());
    }
    for choice in course.choices() {
        say(&format!("{choice}"));
    }
    say(&shape(&course, training, validation));

    if let (Some(path), Some(tuning), false) = (&args.checkpoint, &tuning, args.resume) {
        search::keep(path, tuning, &config.recipe)?;
    }
    if let Some(checkpoint) = &resumed {
        course.restore(&checkpoint.state)?;
        say(&format!("going on after epoch {}", checkpoint.epoch));
    }
    let learning_rate = course.settings().learning_rate;
    let mut progress =
        Progress::new(args, &config.recipe, training, folder.as_ref(), learning_rate, interrupt);
    let ended = course.fit(&mut progress);
    progress.finish()?;
    let ended = ended?;
    if let Some(folder) = &folder {
        let epoch = course.history().epochs();
        folder.write(&Checkpoint { epoch, learning_rate, state: course.state() })?;
    }

    let finished = Finished {
        program: concat!("chainrule ", env!("CARGO_PKG_VERSION")).to_string(),
        command: Some(config.command(args, data)),
        fingerprint: rows.fingerprint(),
    };
    let mut model = course.model(&config.recipe, selection, finished)?;
    if validation > 0 {
        let (table, split) =
            (selection.validation_table.unwrap_or(selection.table), selection.split);
        let held_back = table.select(&split.validation);
        model.training.validation = Some(evaluate(&model, &held_back)?);
    }
    model.training.tuning = tuning;
    let test = rows.test().map(|rows| evaluate(&model, &rows)).transpose()?;
    let folds = match args.folds {
        None => None,
        Some(count) => Some(rows.cross_validate(count, &config, &say)?),
    };
    write_model(args, &output, &model)?;
    tell(args, &model, &output, ended, &Measured { test, folds: folds.as_ref() })?;
    if args.report.is_wanted() {
        let trained = report::Trained { rows: &rows, course: &course, model: &model, folds };
        trained.write(&args.report, &output, &say)?;
    }
    stopped_early(args, ended, &say);
    Ok(ExitCode::SUCCESS)
}

/// Returns the recipe with the learning rate that trials found before the
/// checkpoint; they need not be made again.
fn known_rate(recipe: &Recipe, resumed: Option<&Checkpoint>) -> Recipe {
    let found = resumed.map(|checkpoint| checkpoint.learning_rate);
    Recipe { learning_rate: recipe.learning_rate.or(found), ..recipe.clone() }
}

/// Says how a run that was stopped can go on.
fn stopped_early(args: &TrainArgs, ended: Ended, say: &impl Fn(&str)) {
    if ended == Ended::Callback {
        let more = match &args.checkpoint {
            Some(_) => "the same command with `--resume` goes on",
            None => "with `--checkpoint DIR` a run can go on where it was stopped",
        };
        say(&format!("stopped early; the best network so far was written; {more}"));
    }
}

/// Writes the model; says how it is not lost where that cannot be done.
fn write_model(args: &TrainArgs, output: &Path, model: &Model) -> Result<(), Failure> {
    let written = terminal::write_file(output, &model.to_bytes()?);
    written.map_err(|failure| match failure {
        Failure::File { path: Some(path), error, .. } if args.checkpoint.is_some() => {
            Failure::Work {
                message: format!("cannot write `{}`: {}", path.display(), failure::cause(&error)),
                help: Some(
                    "the checkpoint has all of it: the same command with `--resume`, and a place \
                     where there is room, `-o FILE`, writes it at once"
                        .to_string(),
                ),
            }
        }
        failure => failure,
    })
}

/// Says what is trained, in a line.
fn shape(course: &Course, training: usize, validation: usize) -> String {
    let architecture = course.architecture();
    let widths = architecture.layers().iter().map(|layer| layer.width.to_string());
    let widths: Vec<String> =
        [architecture.inputs().to_string()].into_iter().chain(widths).collect();
    format!(
        "network {}, {} weights and biases; {training} rows train, {validation} validate",
        widths.join("-"),
        architecture.parameter_count()
    )
}

/// Scores a model on rows of a table.
fn evaluate(model: &Model, table: &Table) -> Result<Evaluation, Failure> {
    let resampling = Resampling { seed: model.training.seed, ..Resampling::default() };
    Ok(model.evaluate(table, Some(resampling))?.0)
}

/// What was measured beside the validation rows.
#[derive(Default)]
struct Measured<'a> {
    test: Option<Evaluation>,
    folds: Option<&'a rows::Folds>,
}

/// Says what came of it.
fn tell(
    args: &TrainArgs,
    model: &Model,
    output: &Path,
    ended: Ended,
    measured: &Measured<'_>,
) -> Result<(), Failure> {
    let history = &model.training.history;
    let epochs = history.training_loss.len();
    if args.format == ListFormat::Json {
        let line = serde_json::json!({
            "schema": json::SCHEMA,
            "event": "done",
            "model": output.display().to_string(),
            "ended": progress::reason(ended),
            "epochs": epochs,
            "best_epoch": model.training.best_epoch,
            "validation": model.training.validation,
            "test": measured.test,
            "folds": measured.folds.map(rows::Folds::to_json),
        });
        return terminal::deliver(None, |out, _| writeln!(out, "{line}"));
    }
    terminal::deliver(None, |out, _| {
        let kept = match model.training.best_epoch {
            Some(best) if best < epochs => format!(", of which epoch {best} was best and is kept"),
            _ => String::new(),
        };
        writeln!(out, "{epochs} epochs{kept} ({})", progress::reason(ended))?;
        if let Some(tuning) = &model.training.tuning {
            writeln!(out)?;
            tuning::write(tuning, out)?;
        }
        if let Some(validation) = &model.training.validation {
            write!(out, "\nOn the rows kept for validation: ")?;
            scores::write(validation, out)?;
            let settings = if model.training.tuning.is_some() { " and which settings" } else { "" };
            let has_more = args.stream || measured.folds.is_some();
            let more = if has_more { "" } else { "; `--folds 5` measures on all rows" };
            writeln!(out, "\nThese rows also told when to stop{settings}{more}.")?;
        }
        if let Some(test) = &measured.test {
            write!(out, "\nOn the rows that the file keeps for a test: ")?;
            scores::write(test, out)?;
        }
        if let Some(folds) = measured.folds {
            folds.write(out)?;
        }
        writeln!(out, "\nwritten: {}", output.display())
    })
}

/// Returns where the model goes, if neither it nor a report takes the place of a file
/// that is read.
fn output(args: &TrainArgs, data: &Path) -> Result<PathBuf, Failure> {
    let output = name_of_model(args.output.as_deref(), data)?;
    let [labels, validation, config] =
        [&args.labels, &args.validation_data, &args.config].map(Option::as_deref);
    source::keep(&output, &[Some(data), labels, validation, config])?;
    whole::check(&output).map_err(|error| Failure::writing(Some(&output), error))?;
    args.report.check(&[Some(data), labels, validation, config, Some(&output)])?;
    Ok(output)
}

/// Returns what the model is called if nobody says it: like the table.
fn name_of_model(given: Option<&Path>, data: &Path) -> Result<PathBuf, Failure> {
    if let Some(path) = given {
        return Ok(path.to_path_buf());
    }
    if source::is_stdin(data) {
        return Err(Failure::Usage {
            message: "the data have no name for the model to take".to_string(),
            help: Some("name the model: `-o FILE`".to_string()),
        });
    }
    let stem = data.file_name().map(|name| name.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let stem = stem.strip_suffix(".gz").unwrap_or(&stem);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    Ok(PathBuf::from(format!("{stem}.model")))
}

/// The score by which folds and people compare models of a task.
fn main_score(evaluation: &Evaluation) -> Option<(Metric, f64)> {
    let metrics = [Metric::Accuracy, Metric::R2];
    metrics.into_iter().find_map(|metric| Some((metric, evaluation.value(metric)?)))
}
