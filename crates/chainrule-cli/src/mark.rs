//! `chainrule mark`: a sheet, a class, or the published figures of an example.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chainrule::example::{Example, builtin};
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::class::{Class, Unreadable};
use chainrule::exercise::in_step::InStep;
use chainrule::exercise::mark::{Marked, Settings, Stated};
use chainrule::exercise::report;
use chainrule::exercise::scheme::Scheme;
use chainrule::rounding::Rounding;

use crate::args::{MarkArgs, MarkFormat};
use crate::failure::Failure;
use crate::{source, terminal};

mod folder;

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
        Some(path) if path.is_dir() => return class(path, args),
        Some(path) => {
            let (example, settings) = exercise(args, Some(path))?;
            if output.is_some_and(|output| source::is_same(path, output)) {
                return Err(overwriting(path));
            }
            let sheet = read(&example, path)?;
            if sheet.asked().is_empty() {
                return Err(empty(&sheet, path));
            }
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

/// Tells whether every sheet has an exercise or points of its own.
fn has_own(args: &MarkArgs) -> bool {
    [&args.exercise, &args.scheme].into_iter().flatten().any(|path| path.is_dir())
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
            Scheme::read(&example, &text).map_err(|error| Failure::Work {
                message: format!("{}: {error}", source::name(&path)),
                help: error.help(),
            })?
        }
    };
    let rounding = args.decimals.map(Rounding::Decimals).or(args.digits.map(Rounding::Digits));
    Ok((example, Settings { rounding, stated, scheme, ..Settings::default() }))
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

/// Marks a folder of sheets. One that cannot be read is named, and the rest is
/// marked.
fn class(path: &Path, args: &MarkArgs) -> Result<ExitCode, Failure> {
    let format = args.format.unwrap_or(MarkFormat::Text);
    let output = args.output.as_deref();
    if output.is_some_and(|output| source::is_same(path, output)) {
        return Err(overwriting(path));
    }
    let sheets = folder::sheets(path, &[args.exercise.as_ref(), args.scheme.as_ref()])?;
    if sheets.is_empty() {
        return Err(Failure::Work {
            message: format!("there is no sheet in `{}`", path.display()),
            help: Some("sheets end in `.csv`, `.tsv`, `.toml`, `.json`, `.md` or `.txt`".into()),
        });
    }
    let mut class = Class::default();
    let mut read_sheets = Vec::new();
    let shared = if has_own(args) { None } else { Some(exercise(args, None)?) };
    for (name, path) in sheets {
        let exercise = match &shared {
            Some(shared) => Ok(shared.clone()),
            None => exercise(args, Some(&path)),
        };
        let sheet = exercise.and_then(|(example, settings)| {
            let sheet = read(&example, &path)?;
            Ok((example, settings, sheet))
        });
        match sheet {
            Ok(sheet) => read_sheets.push((name, sheet)),
            Err(failure) => {
                let reason = failure.reason(&path);
                class.unreadable.push(Unreadable { name, reason });
            }
        }
    }
    // What one has answered was asked of all.
    let asked: Vec<InStep> =
        read_sheets.iter().flat_map(|(_, (_, _, sheet))| sheet.asked()).collect();
    for (name, (example, settings, sheet)) in read_sheets {
        let settings = Settings { asked: asked.clone(), ..settings };
        let mut marked = Marked::new(&example, &sheet, &settings);
        marked.student.get_or_insert_with(|| name.clone());
        class.sheets.push((name, marked));
    }
    match output {
        None => terminal::deliver(None, |out, colour| write_class(&class, format, colour, out))?,
        Some(output) => write_folder(&class, format, output)?,
    }
    if class.unreadable.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let named = |one: &Unreadable| format!("{} ({})", one.name, one.reason);
    let all: Vec<String> = class.unreadable.iter().map(named).collect();
    let count = class.sheets.len() + class.unreadable.len();
    Err(Failure::Work {
        message: format!("{} of {count} sheets cannot be read: {}", all.len(), all.join(", ")),
        help: Some("the others are marked".to_string()),
    })
}

/// Writes a file for each sheet, and one for the class, which is shown too.
fn write_folder(class: &Class, format: MarkFormat, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::File {
        action: "make",
        path: Some(folder.into()),
        error,
    })?;
    let path = |name: &str| folder.join(format!("{name}.{}", ending(format)));
    for (name, marked) in &class.sheets {
        let one = std::slice::from_ref(marked);
        terminal::deliver(Some(&path(name)), |out, colour| write(one, format, colour, out))?;
    }
    let whole = path(folder::CLASS);
    terminal::deliver(Some(&whole), |out, colour| write_class(class, format, colour, out))?;
    terminal::deliver(None, |out, colour| write_class(class, MarkFormat::Text, colour, out))
}

/// Says that there is nothing to mark, and the first reasons.
fn empty(sheet: &Sheet, path: &Path) -> Failure {
    const MOST: usize = 10;
    let mut help: Vec<String> = sheet.problems.iter().take(MOST).map(ToString::to_string).collect();
    if sheet.problems.len() > MOST {
        help.push(format!("and {} more", sheet.problems.len() - MOST));
    }
    if help.is_empty() {
        help.push("write lines such as `w1_new = 0.2724`, or `w1_new,0.2724`".to_string());
    }
    Failure::Work {
        message: format!("{}: there is no answer to mark", source::name(path)),
        help: Some(help.join("\nhelp: ")),
    }
}

fn overwriting(path: &Path) -> Failure {
    Failure::Usage {
        message: format!("the result would be written over `{}`", path.display()),
        help: Some("give another place with `--output`".to_string()),
    }
}

fn ending(format: MarkFormat) -> &'static str {
    match format {
        MarkFormat::Text => "txt",
        MarkFormat::Markdown => "md",
        MarkFormat::Html => "html",
        MarkFormat::Csv => "csv",
        MarkFormat::Json => "json",
    }
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
    match format {
        MarkFormat::Text => report::write_class_text(class, colour, out),
        MarkFormat::Markdown => report::write_class_markdown(class, out),
        MarkFormat::Html => report::write_class_html(class, out),
        MarkFormat::Csv => report::write_class_csv(class, out),
        MarkFormat::Json => report::write_class_json(class, out),
    }
}
