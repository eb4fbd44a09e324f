//! `chainrule examples`: the built-in worked examples.

use std::process::ExitCode;

use chainrule::example::builtin::{self, Builtin};

use crate::args::{ExamplesArgs, ListFormat};
use crate::failure::Failure;
use crate::{source, terminal};

pub(crate) fn run(args: &ExamplesArgs) -> Result<ExitCode, Failure> {
    if let Some(name) = &args.show {
        let example = Builtin::find(name).ok_or_else(|| source::unknown(name))?;
        terminal::deliver(None, |out, _| write!(out, "{}", example.toml))?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::deliver(None, |out, _| match args.format {
        ListFormat::Text => {
            let width = builtin::ALL.iter().map(|one| one.name.len()).max().unwrap_or(0);
            for one in builtin::ALL {
                writeln!(out, "{:width$}  {}", one.name, one.summary())?;
            }
            writeln!(out, "\nexplain one:           chainrule explain --example NAME")?;
            writeln!(out, "start your own file:   chainrule examples --show NAME > my.toml")
        }
        ListFormat::Json => chainrule::explain::json::examples(&builtin::ALL, out),
    })?;
    Ok(ExitCode::SUCCESS)
}
