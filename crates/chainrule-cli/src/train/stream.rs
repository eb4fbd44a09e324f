//! `chainrule train --stream`: a table that does not fit in memory.

use std::process::ExitCode;

use chainrule_model::model::Fingerprint;
use chainrule_model::read::{LABEL, Stream};
use chainrule_model::stream::{Plan, StreamCourse, StreamSettings, Streamed};
use chainrule_model::table::Table;
use chainrule_model::train::Finished;

use super::checkpoint::{Checkpoint, Folder};
use super::config::Config;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{Measured, evaluate, known_rate, output, shape, stopped_early, tell, write_model};
use crate::args::{ListFormat, TrainArgs};
use crate::failure::Failure;
use crate::{source, table, terminal};

/// Trains on a file that is read anew in each epoch.
pub(super) fn train(args: &TrainArgs, mut config: Config) -> Result<ExitCode, Failure> {
    let data = args.data.as_deref().expect("clap asks for it");
    let output = output(args, data)?;
    let say = |text: &str| {
        if !args.quiet && args.format == ListFormat::Text {
            terminal::remark(text);
        }
    };
    let mut options = table::options(&args.read);
    options.text.extend(config.choices.categorical.iter().cloned());
    options.numbers.extend(config.choices.numeric.iter().cloned());
    let labels = args.labels.as_deref();
    if source::is_stdin(data) || labels.is_some_and(source::is_stdin) {
        return Err(Failure::Usage {
            message: "standard input can be read once only, and a stream is read in each epoch"
                .to_string(),
            help: Some("write it to a file, or leave `--stream` away".to_string()),
        });
    }
    let (file, labels) = (table::opened(data), labels.map(table::opened));
    let stream = match &labels {
        None => Stream::new(&file, &options)?,
        Some(labels) => Stream::with_labels(&file, labels, &options)?,
    };
    if labels.is_some() && config.choices.targets.is_empty() {
        config.choices.targets.push(LABEL.to_string());
    }
    let streamed = Streamed::new(stream, &config.choices)?;
    for remark in streamed.remarks() {
        say(&remark.to_string());
    }
    let own = match &args.validation_data {
        None => None,
        Some(path) => {
            let own = table::read(path, None, &options)?.table;
            let rows = streamed.schema().labelled(&own)?;
            Some((own, rows))
        }
    };
    let settings = StreamSettings {
        memory: args.memory,
        ordered: config.ordered,
        validation: own.as_ref().map(|(table, rows)| (table, &rows[..])),
    };
    let interrupt = Interrupt::listen()?;
    let folder = checkpoints(args, &config, &streamed, own.as_ref().map(|(table, _)| table))?;
    let resumed = match &folder {
        Some(folder) => folder.resume(args.resume, say)?,
        None => None,
    };
    let recipe = known_rate(&config.recipe, resumed.as_ref());
    let mut course = StreamCourse::new(&streamed, &config.encoding, &recipe, settings)?;
    course.remarks().iter().for_each(|remark| say(&remark.to_string()));
    course.course().choices().iter().for_each(|choice| say(&choice.to_string()));
    let (training, validation) = course.course().counts();
    say(&shape(course.course(), training, validation));
    say(&memory(course.plan(), streamed.rows()));
    if let Some(checkpoint) = &resumed {
        course.course_mut().restore(&checkpoint.state)?;
        say(&format!("going on after epoch {}", checkpoint.epoch));
    }
    let learning_rate = course.course().settings().learning_rate;
    let mut progress =
        Progress::new(args, &config.recipe, training, folder.as_ref(), learning_rate, interrupt);
    let ended = course.fit(&mut progress);
    progress.finish()?;
    let ended = ended?;
    if let Some(folder) = &folder {
        let course = course.course();
        let epoch = course.history().epochs();
        folder.write(&Checkpoint { epoch, learning_rate, state: course.state() })?;
    }

    let finished = Finished {
        program: concat!("chainrule ", env!("CARGO_PKG_VERSION")).to_string(),
        command: Some(config.command(args, data)),
        fingerprint: String::new(),
    };
    let mut model = course.model(&config.recipe, finished)?;
    let held_back = match &own {
        Some((own, rows)) => Some(own.select(rows)),
        None => course.validation().cloned(),
    };
    if let Some(held_back) = held_back.filter(|table| table.rows() > 0) {
        model.training.validation = Some(evaluate(&model, &held_back)?);
    }
    write_model(args, &output, &model)?;
    tell(args, &model, &output, ended, &Measured::default())?;
    stopped_early(args, ended, &say);
    Ok(ExitCode::SUCCESS)
}

/// Opens the folder of checkpoints, if there is to be one.
fn checkpoints(
    args: &TrainArgs,
    config: &Config,
    streamed: &Streamed<'_>,
    own: Option<&Table>,
) -> Result<Option<Folder>, Failure> {
    let Some(path) = &args.checkpoint else { return Ok(None) };
    // Other windows are another order of the rows.
    let mut rows = format!("{} within {} bytes", streamed.fingerprint(), args.memory);
    if let Some(own) = own {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(own);
        rows += &format!(", validated by {}", fingerprint.finish());
    }
    Folder::open(path, config.run_id(&rows), args.every).map(Some)
}

/// Says how the memory is divided.
fn memory(plan: Plan, rows: u64) -> String {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    format!(
        "a stream of {rows} rows within {}: windows of {} rows are shuffled ({}), {} for rows \
         that validate and a sample, {} for reading",
        megabytes(plan.bound),
        plan.window,
        megabytes(plan.window_bytes),
        megabytes(plan.kept_bytes),
        megabytes(plan.reading_bytes)
    )
}
