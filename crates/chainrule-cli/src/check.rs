//! `chainrule check`: every gradient three ways.

use std::process::ExitCode;

use chainrule::check::Check;
use chainrule::explain::text::Text;
use chainrule::explain::{json, tables};

use crate::args::{CheckArgs, ListFormat};
use crate::failure::Failure;
use crate::{source, terminal};

pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let example = source::example(&args.source, &args.change)?;
    let sample = source::sample(&args.change).unwrap_or(0);
    chainrule::explain::check_sample(&example, sample)?;
    let check = Check::new(&example, sample);
    terminal::deliver(None, |out, colour| match args.format {
        ListFormat::Json => json::check(&example, &check, out),
        ListFormat::Text => {
            let mut text = Text::new(out, colour);
            text.paragraph(&tables::check_subject(&example, &check))?;
            text.blank()?;
            text.table(&tables::check(&example, &check))?;
            text.blank()?;
            text.paragraph(&tables::check_verdict(&example, &check))
        }
    })?;
    Ok(if check.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
