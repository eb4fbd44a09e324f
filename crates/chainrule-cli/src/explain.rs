//! `chainrule explain`: a step of backpropagation, line by line; of a built-in
//! example, a network in a file, or a model and a row.

mod row;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use chainrule::compare::Comparison;
use chainrule::example::Example;
use chainrule::explain::text::Text;
use chainrule::explain::{
    self, Explanation, Settings, html, json, latex, markdown, svg, tables, text, words,
};
use chainrule::rounding::Rounding;

use crate::args::{ExplainArgs, Format, Part};
use crate::failure::Failure;
use crate::{model_file, source, terminal};

pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let format = match args.format {
        Some(format) => format,
        None => format_of(args.output.as_deref())?,
    };
    if let Some(output) = &args.output {
        let read = [&args.source.file, &args.row.data, &args.row.labels];
        source::keep(output, &read.map(Option::as_deref))?;
    }
    let (example, settings) = match &args.source.file {
        None => (source::example(&args.source, &args.change)?, settings(args)),
        Some(path) => {
            let bytes = source::read_bytes(path)?;
            if model_file::is_model(&bytes) {
                row::explained(args, path, &bytes, format)?
            } else {
                row::refuse_data(args, path)?;
                let example = source::of_text(path, &source::text(path, bytes)?)?;
                (source::changed(example, &args.change)?, settings(args))
            }
        }
    };
    let example = shown(example, args);
    let path = args.output.as_deref();
    let explanation = Explanation::new(&example, settings)?;
    if args.compare {
        if format == Format::Svg {
            return Err(Failure::Usage {
                message: "a comparison is a table, which SVG does not hold".to_string(),
                help: Some("choose another format, such as `--format html`".to_string()),
            });
        }
        let comparison = Comparison::new(&example, &explanation.settings)?;
        compare(&explanation, &comparison, format, path)?;
    } else {
        terminal::deliver(path, |out, colour| write(&explanation, format, colour, out))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Changes an example in what is for `explain` alone.
fn shown(mut example: Example, args: &ExplainArgs) -> Example {
    if let Some(sign) = args.delta_sign {
        example.convention.delta_sign = sign;
    }
    if let Some(rate) = args.learning_rate
        && rate != example.learning_rate
    {
        example.learning_rate = rate;
        example.published.clear();
    }
    if let Some(places) = args.decimals {
        example.shown = Rounding::Decimals(places);
    }
    if let Some(digits) = args.digits {
        example.shown = Rounding::Digits(digits);
    }
    example
}

fn settings(args: &ExplainArgs) -> Settings {
    Settings {
        round_each: args.round_each,
        steps: usize::try_from(args.steps).unwrap_or(usize::MAX),
        sample: source::sample(&args.change),
        only: args.only.map(|part| match part {
            Part::Forward => explain::Part::Forward,
            Part::Backward => explain::Part::Backward,
            Part::Update => explain::Part::Update,
        }),
        why: args.why.clone(),
    }
}

/// Returns the format that the ending of a file's name asks for.
fn format_of(path: Option<&Path>) -> Result<Format, Failure> {
    let ending = path.and_then(Path::extension).map(std::ffi::OsStr::to_ascii_lowercase);
    Ok(match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("md" | "markdown") => Format::Markdown,
        Some("tex") => Format::Latex,
        Some("html" | "htm") => Format::Html,
        Some("json") => Format::Json,
        Some("svg") => Format::Svg,
        Some(ending @ ("pdf" | "png" | "docx" | "odt" | "doc")) => {
            return Err(Failure::Usage {
                message: format!("an explanation cannot be written as `.{ending}`"),
                help: Some(
                    "endings are `.txt`, `.md`, `.tex`, `.html`, `.json` and `.svg`; a browser \
                     prints HTML, and LaTeX makes a PDF"
                        .to_string(),
                ),
            });
        }
        _ => Format::Text,
    })
}

fn write(
    explanation: &Explanation,
    format: Format,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(explanation, colour, out),
        Format::Markdown => markdown::write(explanation, out),
        Format::Latex => latex::write(explanation, out),
        Format::Html => html::write(explanation, out),
        Format::Json => json::write(explanation, out),
        Format::Svg => svg::write(explanation, out),
    }
}

fn compare(
    explanation: &Explanation,
    comparison: &Comparison,
    format: Format,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let example = explanation.example;
    let table = tables::comparison(example, comparison);
    let outcome = format!("{}.", tables::comparison_outcome(comparison));
    let title = words::heading(explanation);
    terminal::deliver(path, |out, colour| match format {
        Format::Text => {
            let mut text = Text::new(out, colour);
            text.table(&table)?;
            text.blank()?;
            text.paragraph(&outcome)
        }
        Format::Json => json::comparison(example, comparison, out),
        Format::Markdown => {
            writeln!(out, "# {}\n", markdown::escape(&title))?;
            markdown::write_table(&table, out)?;
            markdown::write_paragraph(&outcome, out)
        }
        Format::Latex => {
            latex::begin(&title, out)?;
            latex::write_table(&table, out)?;
            latex::write_paragraph(&outcome, out)?;
            latex::end(out)
        }
        Format::Html => {
            html::begin(&title, out)?;
            html::write_table(&table, out)?;
            html::write_paragraph(&outcome, out)?;
            html::end(out)
        }
        Format::Svg => unreachable!("refused before"),
    })
}
