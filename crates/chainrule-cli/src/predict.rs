//! `chainrule predict`: new rows, with answers.

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule_model::encoder::{Code, Target};
use chainrule_model::model::{Error as ModelError, Model, Predictions};
use chainrule_model::read::{self, Chunks, ColumnKind, Data, Decimal, Source};
use chainrule_model::remark::Remark;
use chainrule_model::table::Column;

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::{model_file, source, table, terminal};

pub(crate) fn run(args: &PredictArgs) -> Result<ExitCode, Failure> {
    if let Some(output) = &args.output {
        source::keep(output, &[Some(&args.model), Some(&args.data)])?;
    }
    let model = model_file::read(&args.model)?;
    let options = model.reading(&table::options(&args.read));
    let name = source::name(&args.data);
    let path = args.data.clone();
    let is_stdin = source::is_stdin(&path);
    let rows = Source::new(&name, move || {
        if is_stdin {
            return Ok(Box::new(io::stdin()) as Box<dyn io::Read + Send>);
        }
        Ok(Box::new(std::fs::File::open(&path)?))
    });
    let mut failure = None;
    let delivered = terminal::deliver(args.output.as_deref(), |out, _| {
        let done = match Chunks::of_known_columns(&rows, &options, |name| kind(&model, name)) {
            Ok(chunks) => of_text(&model, chunks, out),
            // A table of another format is read whole; standard input has gone.
            Err(error) if !is_stdin && is_other_format(&error) => {
                rows.bytes().map_err(Failure::from).and_then(|bytes| {
                    let data = read::read(&name, &bytes, &options)?;
                    of_table(&model, &data, out)
                })
            }
            Err(error) if is_other_format(&error) => Err(Failure::Work {
                message: "standard input is no CSV, and other formats are read from files only"
                    .to_string(),
                help: Some("write it to a file".to_string()),
            }),
            Err(error) => Err(error.into()),
        };
        done.map_err(|error| match error {
            Failure::File { error, .. } => error,
            error => {
                failure = Some(error);
                io::Error::other("told below")
            }
        })
    });
    match failure {
        Some(failure) => Err(failure),
        None => delivered.map(|()| ExitCode::SUCCESS),
    }
}

fn is_other_format(error: &read::ReadError) -> bool {
    matches!(error.problems.first(), Some(read::Problem::NotStreamed { .. }))
}

/// Returns what a column is read as: the encoder's columns as they were
/// trained, no other.
fn kind(model: &Model, name: &str) -> ColumnKind {
    let feature = model.encoder().features().iter().find(|feature| feature.column == name);
    match feature.map(|feature| &feature.code) {
        Some(Code::Number { .. }) => ColumnKind::Numbers,
        Some(Code::Category { .. } | Code::YesNo { .. }) => ColumnKind::Text,
        None => ColumnKind::LeftOut,
    }
}

/// Predicts the rows of a text, chunk by chunk; each record is copied as it
/// stands.
fn of_text(model: &Model, chunks: Chunks, out: &mut dyn Write) -> Result<(), Failure> {
    let style = Style {
        delimiter: chunks.found().delimiter.unwrap_or(','),
        decimal: chunks.found().decimal.unwrap_or(Decimal::Point),
    };
    let delimiter = style.delimiter;
    refuse_repeated(model, chunks.names())?;
    let writing = |error| Failure::writing(None, error);
    let header = chunks.names().iter().cloned().chain(headings(model));
    let header: Vec<String> = header.map(|name| quoted(&name, delimiter)).collect();
    let names = chunks.names().to_vec();
    let mut line = header.join(&delimiter.to_string()).into_bytes();
    line.push(b'\n');
    let mut said: Vec<Remark> = Vec::new();
    for chunk in chunks {
        let chunk = chunk?;
        let (predictions, remarks) = model.predict(&chunk.table).map_err(|error| match error {
            ModelError::Columns(error) => ModelError::Columns(error.among(&names)),
            error => error,
        })?;
        for remark in remarks {
            if !said.iter_mut().any(|before| before.take_up(&remark)) {
                said.push(remark);
            }
        }
        for (row, record) in chunk.records.iter().enumerate() {
            line.extend_from_slice(&chunk.text[record.clone()]);
            answers(&predictions, row, style, &mut line);
            line.push(b'\n');
        }
        out.write_all(&line).map_err(writing)?;
        line.clear();
    }
    say(&said);
    out.write_all(&line).map_err(writing)
}

/// Predicts the rows of a table that is no text. Columns that have names of
/// their own are kept; of an array, each row has its number.
fn of_table(model: &Model, data: &Data, out: &mut dyn Write) -> Result<(), Failure> {
    let writing = |error| Failure::writing(None, error);
    let table = &data.table;
    let (predictions, remarks) = model.predict(table)?;
    say(&remarks);
    let kept: &[Column] =
        if data.found.format == read::Format::Parquet { &table.columns } else { &[] };
    let mut names: Vec<String> = kept.iter().map(|column| column.name.clone()).collect();
    if kept.is_empty() {
        names.push("row".to_string());
    }
    refuse_repeated(model, &names)?;
    names.extend(headings(model));
    let header: Vec<String> = names.iter().map(|name| quoted(name, ',')).collect();
    writeln!(out, "{}", header.join(",")).map_err(writing)?;
    for row in 0..table.rows() {
        let mut cells: Vec<String> =
            kept.iter().map(|column| quoted(&column.cells.word(row), ',')).collect();
        if kept.is_empty() {
            cells.push((row + 1).to_string());
        }
        let mut line = cells.join(",").into_bytes();
        answers(&predictions, row, Style::default(), &mut line);
        line.push(b'\n');
        out.write_all(&line).map_err(writing)?;
    }
    Ok(())
}

fn say(remarks: &[Remark]) {
    for remark in remarks {
        terminal::remark(&remark.to_string());
    }
}

/// Returns the names of the columns with answers.
fn headings(model: &Model) -> Vec<String> {
    let target = model.encoder().target();
    let predicted = |name: &str| format!("predicted_{name}");
    let of_label = |label: &String| format!("p({label})");
    match target {
        Target::Classes { column, labels } => {
            [predicted(column)].into_iter().chain(labels.iter().map(of_label)).collect()
        }
        Target::OneHot { labels } => {
            [predicted("class")].into_iter().chain(labels.iter().map(of_label)).collect()
        }
        Target::Numbers { .. } => target.columns().into_iter().map(predicted).collect(),
        Target::YesNo { answers } => answers
            .iter()
            .flat_map(|answer| [predicted(&answer.column), format!("p({})", answer.column)])
            .collect(),
    }
}

/// Says that a column of answers is there already: nobody could tell the two apart.
fn refuse_repeated(model: &Model, names: &[String]) -> Result<(), Failure> {
    match headings(model).into_iter().find(|heading| names.contains(heading)) {
        None => Ok(()),
        Some(heading) => Err(Failure::Work {
            message: format!("the table has a column `{heading}` already"),
            help: Some("leave it out, or give it another name".to_string()),
        }),
    }
}

/// How numbers are written beside those of a table.
#[derive(Clone, Copy)]
struct Style {
    delimiter: char,
    decimal: Decimal,
}

impl Default for Style {
    fn default() -> Style {
        Style { delimiter: ',', decimal: Decimal::Point }
    }
}

impl Style {
    /// Writes a number with the decimal mark of the table.
    fn number(self, text: &str) -> String {
        match self.decimal {
            Decimal::Point => text.to_string(),
            Decimal::Comma => quoted(&text.replace('.', ","), self.delimiter),
        }
    }
}

/// Writes the answers of a row, a delimiter before each.
fn answers(predictions: &Predictions, row: usize, style: Style, line: &mut Vec<u8>) {
    let delimiter = style.delimiter;
    let mut add = |text: &str| {
        line.push(u8::try_from(delimiter).unwrap_or(b','));
        line.extend_from_slice(text.as_bytes());
    };
    match predictions {
        Predictions::Classes { labels, classes, probabilities } => {
            add(&quoted(&labels[classes[row] as usize], delimiter));
            for p in &probabilities[row * labels.len()..][..labels.len()] {
                add(&style.number(&rounded(*p)));
            }
        }
        Predictions::Answers { answers, probabilities } => {
            for (answer, p) in answers.iter().zip(&probabilities[row * answers.len()..]) {
                let word = if *p > 0.5 { &answer.yes } else { &answer.no };
                add(&quoted(word, delimiter));
                add(&style.number(&rounded(*p)));
            }
        }
        Predictions::Numbers { names, values } => {
            for value in &values[row * names.len()..][..names.len()] {
                add(&style.number(&value.to_string()));
            }
        }
        _ => {}
    }
}

/// Writes a probability with as many digits as a network has.
fn rounded(probability: f64) -> String {
    format!("{probability:.6}")
}

/// Quotes a field where a reader would take it apart.
fn quoted(field: &str, delimiter: char) -> String {
    let needs = |letter: char| letter == delimiter || matches!(letter, '"' | '\n' | '\r');
    if field.contains(needs) || field.trim() != field {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_string()
    }
}
