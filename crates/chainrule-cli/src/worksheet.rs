//! `chainrule worksheet`: exercises for a class, with all that marks them.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

use chainrule::activation::Activation;
use chainrule::example::Example;
use chainrule::exercise::answers::Format as AnswerFormat;
use chainrule::exercise::worksheet::document::{Document, Part};
use chainrule::exercise::worksheet::files::key;
use chainrule::exercise::worksheet::students::Student;
use chainrule::exercise::worksheet::template::{Template, TemplateError};
use chainrule::exercise::worksheet::{
    Level, Maker, Order, Worksheet, html, latex, markdown, moodle, shape, typst,
};
use chainrule::explain::formula::Notation;
use chainrule::loss::Loss;

use crate::args::{WorksheetArgs, WorksheetFormat as Format, WorksheetPart};
use crate::failure::Failure;
use crate::{pdf, source, terminal};

/// More students than this are no class.
const MOST_STUDENTS: usize = 2000;
/// Nobody works more by hand.
const MOST_PARAMETERS: usize = 60;

pub(crate) fn run(args: &WorksheetArgs) -> Result<ExitCode, Failure> {
    let template = template(args)?;
    let sheets = sheets(args, &template)?;
    match args.output.as_deref() {
        Some(path) if format_of(path).is_none() => folder(args, &sheets, path)?,
        path => one(args, &sheets, path)?,
    }
    remark(args, &sheets);
    Ok(ExitCode::SUCCESS)
}

/// Says what makes the sheets again, and what they cannot show.
fn remark(args: &WorksheetArgs, sheets: &[Worksheet]) {
    let [first, ..] = sheets else { return };
    terminal::remark(&if args.students.is_some() {
        let word = if sheets.len() == 1 { "sheet" } else { "sheets" };
        format!("{} {word} of seed {}; each has a seed of its own", sheets.len(), args.seed)
    } else {
        format!("seed {}", args.seed)
    });
    for blind in &first.blind {
        terminal::remark(&format!("note: {}", blind.sentence()));
    }
}

/// Reads or makes the template.
fn template(args: &WorksheetArgs) -> Result<Template, Failure> {
    let whole = if let Some(path) = &args.template {
        let text = source::read_text(path)?;
        Template::read(&text).map_err(|error| wrong(error, &source::name(path)))?
    } else if let Some(name) = &args.example {
        let mut example = source::named(name)?;
        change(args, &mut example)?;
        Template::of_example(&example).map_err(|error| wrong(error, name))?
    } else {
        let widths = args.shape.as_ref().map_or_else(|| vec![2, 2, 1], |shape| shape.0.clone());
        let hidden = args.activation.unwrap_or(Activation::Sigmoid);
        let output = args.output_activation.unwrap_or(hidden);
        if hidden == Activation::Softmax && widths.len() > 2 {
            return Err(Failure::Usage {
                message: "`softmax` is for the last layer only".to_string(),
                help: Some("state it with `--output-activation softmax`".to_string()),
            });
        }
        let mut example = shape(&widths, hidden, output, args.biases);
        if output == Activation::Softmax {
            example.loss = Loss::CategoricalCrossEntropy;
        }
        if let Some(targets) = example.samples.first_mut().map(|sample| &mut sample.targets)
            && output == Activation::Softmax
        {
            targets.fill(0.0);
            targets[0] = 1.0;
        }
        change(args, &mut example)?;
        Template::of_shape(&example).map_err(|error| wrong(error, "the shape"))?
    };
    let template = if args.level == Level::Neuron {
        whole.output_neuron().map_err(|error| wrong(error, "the output neuron"))?
    } else {
        whole
    };
    let parameters = template.first().network.parameters().count();
    let steps = usize::from(args.steps);
    if steps > 1 && !matches!(args.level, Level::Step | Level::Neuron) {
        return Err(Failure::Usage {
            message: format!("level `{}` has one step", args.level.name()),
            help: Some("several steps are asked for by `--level step` or `neuron`".to_string()),
        });
    }
    if parameters * steps > MOST_PARAMETERS {
        let times = if steps > 1 { format!(", {steps} times") } else { String::new() };
        return Err(Failure::Usage {
            message: format!(
                "the network has {parameters} weights and biases{times}: too many to work"
            ),
            help: Some(format!("sheets are worked by hand: at most {MOST_PARAMETERS}")),
        });
    }
    Ok(template)
}

/// Changes an example as the arguments say.
fn change(args: &WorksheetArgs, example: &mut Example) -> Result<(), Failure> {
    if let Some(loss) = args.loss {
        example.check_loss(loss)?;
        example.loss = loss;
    }
    if let Some(order) = args.update_order {
        example.convention.update_order = order;
    }
    if let Some(sign) = args.delta_sign {
        example.convention.delta_sign = sign;
    }
    Ok(())
}

fn wrong(error: TemplateError, name: &str) -> Failure {
    let help = error.help();
    match error {
        TemplateError::File { text, error } => {
            Failure::BadFile { name: name.to_string(), text, error }
        }
        error => Failure::Work { message: format!("{name}: {error}"), help },
    }
}

/// Makes a sheet, or one for each student.
fn sheets(args: &WorksheetArgs, template: &Template) -> Result<Vec<Worksheet>, Failure> {
    let order =
        Order { level: args.level, decimals: args.decimals, steps: usize::from(args.steps) };
    let mut maker = Maker::new(template, order);
    let failed = |error: chainrule::exercise::worksheet::Error| Failure::Work {
        message: error.to_string(),
        help: error.help(),
    };
    let Some(path) = &args.students else {
        return Ok(vec![maker.sheet(args.seed).map_err(failed)?]);
    };
    let text = source::read_text(path)?;
    let students = Student::list(&text).map_err(|error| Failure::Work {
        message: format!("{}: {error}", source::name(path)),
        help: error.help(),
    })?;
    if students.len() > MOST_STUDENTS {
        return Err(Failure::Usage {
            message: format!("{} students, at most {MOST_STUDENTS} are taken", students.len()),
            help: Some("cut the list into classes".to_string()),
        });
    }
    students.iter().map(|student| maker.sheet_of(student, args.seed).map_err(failed)).collect()
}

/// Returns the format that the ending of a file's name asks for; `None` for a
/// folder.
fn format_of(path: &Path) -> Option<Format> {
    if path.is_dir() {
        return None;
    }
    let ending = path.extension()?.to_ascii_lowercase();
    Some(match ending.to_str()? {
        "md" | "markdown" | "txt" => Format::Markdown,
        "tex" | "latex" => Format::Latex,
        "typ" | "typst" => Format::Typst,
        "pdf" => Format::Pdf,
        "html" | "htm" => Format::Html,
        "xml" => Format::Moodle,
        "csv" => Format::Csv,
        "toml" => Format::Toml,
        "json" => Format::Json,
        _ => return None,
    })
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Markdown => "md",
        Format::Latex => "tex",
        Format::Typst => "typ",
        Format::Pdf => "pdf",
        Format::Html => "html",
        Format::Moodle => "xml",
        Format::Csv => "csv",
        Format::Toml => "toml",
        Format::Json => "json",
    }
}

/// Writes one part, of all sheets.
fn one(args: &WorksheetArgs, sheets: &[Worksheet], path: Option<&Path>) -> Result<(), Failure> {
    let format = args.format.or(path.and_then(format_of));
    let bytes = match args.part {
        WorksheetPart::Sheet if format == Some(Format::Html) => page(single(args, sheets)?)?,
        WorksheetPart::Sheet if format == Some(Format::Moodle) => moodle(sheets)?,
        WorksheetPart::Solution | WorksheetPart::Scheme if format == Some(Format::Csv) => {
            key(sheets).into_bytes()
        }
        WorksheetPart::Sheet => pages(sheets, Part::Sheet, format.unwrap_or(Format::Markdown))?,
        WorksheetPart::Solution => {
            pages(sheets, Part::Solution, format.unwrap_or(Format::Markdown))?
        }
        WorksheetPart::Scheme => pages(sheets, Part::Scheme, format.unwrap_or(Format::Markdown))?,
        WorksheetPart::Answers => {
            let format = answer_format(format.unwrap_or(Format::Csv))?;
            single(args, sheets)?.answers(format).into_bytes()
        }
        WorksheetPart::Exercise => single(args, sheets)?.exercise().into_bytes(),
        WorksheetPart::Points => single(args, sheets)?.scheme_file().into_bytes(),
    };
    terminal::deliver(path, |out, _| out.write_all(&bytes))
}

/// Makes the page that a sheet is filled in on.
fn page(sheet: &Worksheet) -> Result<Vec<u8>, Failure> {
    if !sheet.can_mark_itself() {
        return Err(Failure::Work {
            message: "a page cannot compute `gelu`".to_string(),
            help: Some("choose another activation function, or another format".to_string()),
        });
    }
    let mut out = Vec::new();
    sheet.write_html(&mut out).map_err(|error| Failure::writing(None, error))?;
    Ok(out)
}

fn moodle(sheets: &[Worksheet]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    moodle::write(sheets, &mut out).map_err(|error| Failure::writing(None, error))?;
    Ok(out)
}

/// Returns the only sheet.
fn single<'a>(args: &WorksheetArgs, sheets: &'a [Worksheet]) -> Result<&'a Worksheet, Failure> {
    match sheets {
        [only] if args.students.is_none() => Ok(only),
        _ => Err(Failure::Usage {
            message: "every student has a file of this part".to_string(),
            help: Some("write to a folder: `-o sheets`".to_string()),
        }),
    }
}

fn answer_format(format: Format) -> Result<AnswerFormat, Failure> {
    match format {
        Format::Csv => Ok(AnswerFormat::Csv),
        Format::Toml => Ok(AnswerFormat::Toml),
        Format::Json => Ok(AnswerFormat::Json),
        Format::Markdown => Ok(AnswerFormat::Markdown),
        Format::Latex | Format::Typst | Format::Pdf | Format::Html | Format::Moodle => {
            Err(Failure::Usage {
                message: "answers are read as CSV, TOML, JSON or Markdown".to_string(),
                help: Some("choose one of these: `--format csv`".to_string()),
            })
        }
    }
}

/// Lays out a part of all sheets.
fn pages(sheets: &[Worksheet], part: Part, format: Format) -> Result<Vec<u8>, Failure> {
    let documents = |notation| -> Vec<Document> {
        sheets.iter().map(|sheet| Document::new(sheet, part, notation)).collect()
    };
    let mut out = Vec::new();
    let written = match format {
        Format::Markdown => markdown::write(&documents(Notation::Latex), &mut out),
        Format::Latex => latex::write(&documents(Notation::Latex), &mut out),
        Format::Typst => typst::write(&documents(Notation::Typst), &mut out),
        Format::Pdf => {
            typst::write(&documents(Notation::Typst), &mut out)
                .map_err(|error| Failure::writing(None, error))?;
            let text = String::from_utf8_lossy(&out).into_owned();
            return pdf::of_typst(text);
        }
        Format::Html => html::write(&documents(Notation::MathMl), &mut out),
        Format::Moodle | Format::Csv | Format::Toml | Format::Json => {
            return Err(Failure::Usage {
                message: format!("this part is not written as {}", ending(format).to_uppercase()),
                help: Some(
                    "pages are Markdown, HTML, LaTeX, Typst or PDF; a sheet is Moodle XML too, a \
                     solution CSV"
                        .to_string(),
                ),
            });
        }
    };
    written.map_err(|error| Failure::writing(None, error))?;
    Ok(out)
}

/// Writes a folder with all that belongs to an exercise.
fn folder(args: &WorksheetArgs, sheets: &[Worksheet], path: &Path) -> Result<(), Failure> {
    let usual = if pdf::IS_BUILT_IN { Format::Pdf } else { Format::Markdown };
    // These are there anyway.
    let pages_format = args
        .format
        .filter(|format| !matches!(format, Format::Moodle | Format::Csv))
        .unwrap_or(usual);
    let parts = [
        ("sheets", pages(sheets, Part::Sheet, pages_format)?),
        ("solutions", pages(sheets, Part::Solution, pages_format)?),
        ("scheme", pages(sheets, Part::Scheme, pages_format)?),
    ];
    let make = |path: &Path| {
        std::fs::create_dir_all(path).map_err(|error| Failure::File {
            action: "make",
            path: Some(path.into()),
            error,
        })
    };
    let [exercises, answers, points, html] =
        ["exercises", "answers", "points", "pages"].map(|name| path.join(name));
    for one in [path, &exercises, &answers, &points, &html] {
        make(one)?;
    }
    terminal::write_file(&path.join("moodle.xml"), &moodle(sheets)?)?;
    terminal::write_file(&path.join("key.csv"), key(sheets).as_bytes())?;
    for (name, bytes) in parts {
        let file = path.join(format!("{name}.{}", ending(pages_format)));
        terminal::write_file(&file, &bytes)?;
    }
    let mut list = String::from("file,student,id,seed\n");
    for (sheet, name) in sheets.iter().zip(file_names(sheets)) {
        terminal::write_file(&exercises.join(format!("{name}.toml")), sheet.exercise().as_bytes())?;
        terminal::write_file(&points.join(format!("{name}.toml")), sheet.scheme_file().as_bytes())?;
        if sheet.can_mark_itself() {
            terminal::write_file(&html.join(format!("{name}.html")), &page(sheet)?)?;
        }
        let filled = sheet.answers(AnswerFormat::Csv);
        terminal::write_file(&answers.join(format!("{name}.csv")), filled.as_bytes())?;
        let (student, id) = match &sheet.student {
            None => ("", ""),
            Some(student) => (student.name.as_str(), student.id.as_deref().unwrap_or("")),
        };
        list.push_str(&format!("{name},{},{},{}\n", cell(student), cell(id), sheet.seed));
    }
    terminal::write_file(&path.join("list.csv"), list.as_bytes())
}

/// Returns a name for the files of each sheet; no two are the same.
fn file_names(sheets: &[Worksheet]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    sheets
        .iter()
        .map(|sheet| {
            let wanted = sheet.student.as_ref().map_or("sheet".to_string(), Student::file_name);
            let mut name = wanted.clone();
            let mut count = 1;
            while !taken.insert(name.clone()) {
                count += 1;
                name = format!("{wanted}-{count}");
            }
            name
        })
        .collect()
}

/// Writes a cell of CSV.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}
