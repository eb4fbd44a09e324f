//! `chainrule export`: a model in another format.

use std::process::ExitCode;

use chainrule_model::model::export::Format;

use crate::args::ExportArgs;
use crate::failure::Failure;
use crate::{model_file, terminal};

pub(crate) fn run(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let model = model_file::read(&args.model)?;
    let format = Format::ALL.into_iter().find(|format| format.name() == args.to);
    let format = format.expect("clap takes the names of the formats only");
    terminal::deliver(args.output.as_deref(), |out, _| model.export(format, out))?;
    Ok(ExitCode::SUCCESS)
}
