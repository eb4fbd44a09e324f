//! `chainrule evaluate`: how well a model predicts.

use std::process::ExitCode;

use chainrule_model::metrics::Resampling;
use chainrule_model::report::{Measured, Subject};

use crate::args::{EvaluateArgs, ListFormat};
use crate::failure::Failure;
use crate::{json, model_file, report, scores, shell, source, table, terminal};

pub(crate) fn run(args: &EvaluateArgs) -> Result<ExitCode, Failure> {
    args.report.check(&[Some(&args.data), Some(&args.model), args.labels.as_deref()])?;
    let model = model_file::read(&args.model)?;
    let options = model.reading(&table::options(&args.read));
    let data = table::read(&args.data, args.labels.as_deref(), &options)?;
    let seed = model.training.seed;
    let resampling = Some(Resampling { resamples: args.resamples, seed, ..Resampling::default() })
        .filter(|resampling| resampling.resamples > 0);
    let (evaluation, remarks) = model.evaluate(&data.table, resampling)?;
    let remarks: Vec<String> = remarks.iter().map(ToString::to_string).collect();
    for remark in &remarks {
        terminal::remark(remark);
    }
    if args.report.is_wanted() {
        let subject = Subject {
            model: &model,
            name: source::name(&args.model),
            measured: Measured::Table,
            table: &data.table,
            evaluation: Some(evaluation.clone()),
            resampling: None,
            described: &data.table,
            plans: None,
            remarks,
            choices: Vec::new(),
            notes: Vec::new(),
            commands: vec![("Measure again".to_string(), command(args))],
        };
        report::write(&args.report, subject, &terminal::remark)?;
    }
    terminal::deliver(None, |out, _| match args.format {
        ListFormat::Text => scores::write(&evaluation, out),
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &json::versioned(&evaluation)?)?;
            writeln!(out)
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the command as it is typed.
fn command(args: &EvaluateArgs) -> String {
    let mut words =
        vec!["chainrule evaluate".to_string(), shell::quoted(&args.model.to_string_lossy())];
    words.push(shell::option("data", &args.data.to_string_lossy()));
    let labels = args.labels.as_ref();
    words.extend(labels.map(|path| shell::option("labels", &path.to_string_lossy())));
    if args.resamples != Resampling::default().resamples {
        words.push(shell::option("resamples", &args.resamples.to_string()));
    }
    words.extend(args.report.words());
    words.extend(table::words(&args.read));
    words.join(" ")
}
