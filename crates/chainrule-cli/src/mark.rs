//! `chainrule mark`: a sheet, a class, or the published figures of an example.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chainrule::example::{Example, builtin};
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::class::Class;
use chainrule::exercise::mark::{Marked, Settings, Stated};
use chainrule::exercise::report;
use chainrule::exercise::scheme::Scheme;
use chainrule::explain::text::Text;
use chainrule::explain::{html, markdown};
use chainrule::rounding::Rounding;

use crate::args::{MarkArgs, MarkFormat};
use crate::failure::Failure;
use crate::{source, terminal};

/// Nobody works more by hand; every mistake is tried on every line.
const MOST_PARAMETERS: usize = 200;

pub(crate) fn run(args: &MarkArgs) -> Result<ExitCode, Failure> {
    let output = args.output.as_deref();
    let format = args.format.unwrap_or_else(|| format_of(output));
    match &args.sheet {
        None => {
            let (example, settings) = exercise(args, None)?;
            published(&example, &settings, format, output)?;
        }
        Some(path) if path.is_dir() => class(path, args)?,
        Some(path) => {
            let (example, settings) = exercise(args, Some(path))?;
            let sheet = read(&example, path)?;
            let marked = Marked::new(&example, &sheet, &settings);
            terminal::deliver(output, |out, colour| write(&[marked], format, colour, out))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a file, or the one in a folder that is called like the sheet.
fn of_sheet(path: &Path, sheet: Option<&Path>) -> PathBuf {
    match sheet.and_then(Path::file_stem) {
        Some(name) if path.is_dir() => {
            let mut name = name.to_os_string();
            name.push(".toml");
            path.join(name)
        }
        _ => path.to_path_buf(),
    }
}

/// Reads the exercise of a sheet, and what the arguments and the file state of
/// it.
fn exercise(args: &MarkArgs, sheet: Option<&Path>) -> Result<(Example, Settings), Failure> {
    let (mut example, text) = match (&args.exercise, &args.example) {
        (Some(path), _) => source::read_with_text(&of_sheet(path, sheet))?,
        (None, Some(name)) => {
            let example = source::named(name)?;
            let found = builtin::Builtin::find(name).expect("it was found a moment ago");
            (example, found.toml.to_string())
        }
        (None, None) => (builtin::ALL[0].example(), builtin::ALL[0].toml.to_string()),
    };
    let parameters = example.network.parameters().count();
    if parameters > MOST_PARAMETERS {
        return Err(Failure::Usage {
            message: format!("the network has {parameters} weights and biases, too many to mark"),
            help: Some(format!("sheets are worked by hand: at most {MOST_PARAMETERS} are marked")),
        });
    }
    let mut stated = Stated::in_file(&text);
    if let Some(order) = args.update_order {
        example.convention.update_order = order;
        stated.update_order = true;
    }
    if let Some(sign) = args.delta_sign {
        example.convention.delta_sign = sign;
        stated.delta_sign = true;
    }
    if let Some(loss) = args.loss {
        example.check_loss(loss)?;
        example.loss = loss;
        stated.loss = true;
    }
    let scheme = match &args.scheme {
        None => Scheme::default(),
        Some(path) => {
            let path = of_sheet(path, sheet);
            let text = source::read_text(&path)?;
            Scheme::read(&example, &text).map_err(|error| Failure::Usage {
                message: format!("{}: {error}", path.display()),
                help: error.help(),
            })?
        }
    };
    let rounding = args.decimals.map(Rounding::Decimals).or(args.digits.map(Rounding::Digits));
    Ok((example, Settings { rounding, stated, scheme }))
}

/// Reads a sheet, in the format that its name tells, or its content.
fn read(example: &Example, path: &Path) -> Result<Sheet, Failure> {
    let text = source::read_text(path)?;
    let ending = path.extension().and_then(std::ffi::OsStr::to_str);
    let format = ending.and_then(Format::of_ending).unwrap_or_else(|| Format::guess(&text));
    Ok(Sheet::read(example, &text, format))
}

/// Marks the published figures of an example.
fn published(
    example: &Example,
    settings: &Settings,
    format: MarkFormat,
    output: Option<&Path>,
) -> Result<(), Failure> {
    if example.published.is_empty() {
        return Err(Failure::Usage {
            message: "there is no sheet to mark, and the example has no published figures"
                .to_string(),
            help: Some("give a file with answers: `chainrule mark answers.csv`".to_string()),
        });
    }
    let marked: Vec<Marked> = example
        .published
        .iter()
        .map(|group| {
            let mut marked = Marked::published(example, group, settings);
            marked.student.clone_from(&group.source);
            marked
        })
        .collect();
    terminal::deliver(output, |out, colour| write(&marked, format, colour, out))
}

/// Marks a folder of sheets.
fn class(folder: &Path, args: &MarkArgs) -> Result<(), Failure> {
    let format = args.format.unwrap_or(MarkFormat::Text);
    let failed = |error| Failure::File { action: "read", path: Some(folder.into()), error };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(std::ffi::OsStr::to_str);
        if path.is_file() && ending.and_then(Format::of_ending).is_some() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!("there is no sheet in `{}`", folder.display());
        let help = "sheets end in `.csv`, `.toml`, `.json`, `.md` or `.txt`".to_string();
        return Err(Failure::Usage { message, help: Some(help) });
    }
    let has_own = [&args.exercise, &args.scheme]
        .into_iter()
        .any(|path| path.as_ref().is_some_and(|path| path.is_dir()));
    let mut class = Class::default();
    let shared = if has_own { None } else { Some(exercise(args, None)?) };
    for path in files {
        let own = if has_own { Some(exercise(args, Some(&path))?) } else { None };
        let (example, settings) =
            own.as_ref().or(shared.as_ref()).expect("one of the two was read");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut marked = Marked::new(example, &read(example, &path)?, settings);
        marked.student.get_or_insert_with(|| name.clone());
        class.sheets.push((name, marked));
    }
    let Some(output) = args.output.as_deref() else {
        return terminal::deliver(None, |out, colour| write_class(&class, format, colour, out));
    };
    std::fs::create_dir_all(output).map_err(|error| Failure::File {
        action: "make",
        path: Some(output.into()),
        error,
    })?;
    let ending = match format {
        MarkFormat::Text => "txt",
        MarkFormat::Markdown => "md",
        MarkFormat::Html => "html",
        MarkFormat::Csv => "csv",
        MarkFormat::Json => "json",
    };
    for (name, marked) in &class.sheets {
        let path = output.join(format!("{name}.{ending}"));
        let one = std::slice::from_ref(marked);
        terminal::deliver(Some(&path), |out, colour| write(one, format, colour, out))?;
    }
    let path = output.join(format!("_class.{ending}"));
    terminal::deliver(Some(&path), |out, colour| write_class(&class, format, colour, out))?;
    terminal::deliver(None, |out, colour| write_class(&class, MarkFormat::Text, colour, out))
}

/// Returns the format that the ending of a file's name asks for.
fn format_of(path: Option<&Path>) -> MarkFormat {
    let ending = path.and_then(Path::extension).map(std::ffi::OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("md" | "markdown") => MarkFormat::Markdown,
        Some("html" | "htm") => MarkFormat::Html,
        Some("csv") => MarkFormat::Csv,
        Some("json") => MarkFormat::Json,
        _ => MarkFormat::Text,
    }
}

fn write(all: &[Marked], format: MarkFormat, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    if format == MarkFormat::Json {
        return report::write_json(all, out);
    }
    for (place, marked) in all.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        match format {
            MarkFormat::Text => report::text(marked, colour, out)?,
            MarkFormat::Markdown => report::write_markdown(marked, out)?,
            MarkFormat::Html => report::write_html(marked, out)?,
            MarkFormat::Csv => report::write_csv(marked, out)?,
            MarkFormat::Json => {}
        }
    }
    Ok(())
}

fn write_class(
    class: &Class,
    format: MarkFormat,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tables = report::class_tables(class);
    match format {
        MarkFormat::Text => {
            let mut text = Text::new(out, colour);
            text.table(&tables[0])?;
            text.blank()?;
            text.table(&tables[1])
        }
        MarkFormat::Markdown => {
            tables.iter().try_for_each(|table| markdown::write_table(table, out))
        }
        MarkFormat::Html => {
            html::begin("The class", out)?;
            tables.iter().try_for_each(|table| html::write_table(table, out))?;
            html::end(out)
        }
        MarkFormat::Csv => report::write_class_csv(class, out),
        MarkFormat::Json => {
            let all: Vec<Marked> = class.sheets.iter().map(|(_, marked)| marked.clone()).collect();
            report::write_json(&all, out)
        }
    }
}
