//! A row of a table and what a model makes of it, as a worked example.

use std::path::Path;

use chainrule::example::Example;
use chainrule::explain::{Explanation, Part as Shown, Settings};
use chainrule::quantity::Phase;
use chainrule::spelling;
use chainrule_model::model::WorkedRow;

use crate::args::{ExplainArgs, Format, Part};
use crate::failure::Failure;
use crate::{model_file, source, table, terminal};

/// Says that a network file has no use for a table.
pub(super) fn refuse_data(args: &ExplainArgs, path: &Path) -> Result<(), Failure> {
    match &args.row.data {
        None => Ok(()),
        Some(_) => Err(Failure::Usage {
            message: format!("{} is no model, so that `--data` has no use", source::name(path)),
            help: Some("a network file has its own samples: `--sample N` chooses one".to_string()),
        }),
    }
}

/// Returns the row as an example, and what is explained of it.
pub(super) fn explained(
    args: &ExplainArgs,
    path: &Path,
    bytes: &[u8],
    format: Format,
) -> Result<(Example, Settings), Failure> {
    let model = model_file::of_bytes(path, bytes)?;
    let Some(data) = &args.row.data else {
        return Err(Failure::Usage {
            message: format!("{} is a model: it takes a row to explain it", source::name(path)),
            help: Some("name a table and a row: `--data FILE --row N`".to_string()),
        });
    };
    if args.change.sample.is_some() {
        return Err(Failure::Usage {
            message: "a model has no samples of its own".to_string(),
            help: Some("`--row N` chooses a row of the table".to_string()),
        });
    }
    if source::is_stdin(path) && source::is_stdin(data) {
        return Err(Failure::Usage {
            message: "standard input cannot be the model and the table".to_string(),
            help: None,
        });
    }
    let options = model.reading(&table::options(&args.row.read));
    let table = table::read(data, args.row.labels.as_deref(), &options)?.table;
    let number = args.row.row.unwrap_or(1);
    let row = usize::try_from(number).unwrap_or(usize::MAX) - 1;
    let worked = model.worked_row(&table, row)?;
    // What is odd in the row, such as a category that training never met.
    if let Ok(row) = u32::try_from(row) {
        for remark in model.predict(&table.select(&[row]))?.1 {
            terminal::remark(&remark.to_string());
        }
    }
    let mut settings = super::settings(args);
    settings.why = match &args.why {
        None => None,
        Some(text) => Some(quantity(&worked, text)?),
    };
    if !worked.has_target {
        let columns = model.encoder().target().columns();
        let without = Without { row: number, columns: &columns };
        without.refuse_steps(args, format)?;
        settings.only = Some(Shown::Prediction);
        let explanation = Explanation::new(&worked.example, settings.clone())?;
        let phase = explanation.why().and_then(|(_, quantity)| quantity.phase());
        if !matches!(phase, None | Some(Phase::Forward | Phase::Answer)) {
            return Err(without.failure("nothing to compare the prediction with"));
        }
    }
    Ok((source::changed(worked.example, &args.change)?, settings))
}

/// Returns the identifier of a quantity that is named in the words of the
/// table or as the example has it, with the step behind it, if any.
fn quantity(worked: &WorkedRow, text: &str) -> Result<String, Failure> {
    let id = worked.identifier(text);
    if id != text {
        return Ok(id.to_string());
    }
    if let Some((name, step)) = text.rsplit_once('@')
        && step.parse::<usize>().is_ok()
    {
        return Ok(format!("{}@{step}", quantity(worked, name)?));
    }
    if text.starts_with("p(") {
        let answers = || worked.answers.iter().map(|(name, _)| name.clone());
        let near = spelling::nearest(text, answers());
        let help = if near.is_empty() {
            format!("the model answers `{}`", answers().collect::<Vec<_>>().join("`, `"))
        } else {
            format!("did you mean `{}`?", near.join("`, `"))
        };
        let message = format!("the model has no answer `{text}`");
        return Err(Failure::Usage { message, help: Some(help) });
    }
    Ok(text.to_string())
}

/// A row whose answer is not known.
struct Without<'a> {
    row: u64,
    columns: &'a [&'a str],
}

impl Without<'_> {
    /// Refuses what needs an answer.
    fn refuse_steps(&self, args: &ExplainArgs, format: Format) -> Result<(), Failure> {
        if matches!(args.only, Some(Part::Backward | Part::Update)) {
            Err(self.failure("no step to explain"))
        } else if args.steps > 1 {
            Err(self.failure("no step to take"))
        } else if args.compare {
            Err(self.failure("nothing to compare"))
        } else if format == Format::Svg {
            Err(self.failure("no target to draw"))
        } else {
            Ok(())
        }
    }

    fn failure(&self, lack: &str) -> Failure {
        Failure::Work {
            message: format!(
                "row {} has no answer in `{}`, so that there is {lack}",
                self.row,
                self.columns.join("`, `")
            ),
            help: Some(
                "its prediction can be explained, as a page or with `--why`; so can the step of \
                 a row that has an answer"
                    .to_string(),
            ),
        }
    }
}
