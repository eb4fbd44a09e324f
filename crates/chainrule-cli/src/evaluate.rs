//! `chainrule evaluate`: how well a model predicts.

use std::process::ExitCode;

use chainrule_model::metrics::Resampling;

use crate::args::{EvaluateArgs, ListFormat};
use crate::failure::Failure;
use crate::{model_file, scores, table, terminal};

pub(crate) fn run(args: &EvaluateArgs) -> Result<ExitCode, Failure> {
    let model = model_file::read(&args.model)?;
    let options = model.reading(&table::options(&args.read));
    let data = table::read(&args.data, args.labels.as_deref(), &options)?;
    let seed = model.training.seed;
    let resampling = Some(Resampling { resamples: args.resamples, seed, ..Resampling::default() })
        .filter(|resampling| resampling.resamples > 0);
    let (evaluation, remarks) = model.evaluate(&data.table, resampling)?;
    for remark in remarks {
        terminal::remark(&remark.to_string());
    }
    terminal::deliver(None, |out, _| match args.format {
        ListFormat::Text => scores::write(&evaluation, out),
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &evaluation)?;
            writeln!(out)
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
