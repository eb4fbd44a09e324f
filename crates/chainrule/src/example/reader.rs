//! Reads an example from a TOML file.
//!
//! Forgiving in how things are written: a number may stand for a list of one,
//! names may be left out, `learning_rate` is `learning-rate`. Strict in what is
//! read: an unknown key, a wrong shape or a number that is none is an error with
//! its place, and all errors of a file come at once. The format is described in
//! `docs/network-file.md`.
//!
//! ```
//! use chainrule::example::Example;
//!
//! let text = "
//!     [[layers]]
//!     weights = [[0.1, 0.8], [0.4, 0.6]]
//!     [[layers]]
//!     weights = [0.3, 0.9]
//!     [[samples]]
//!     inputs = [0.35, 0.9]
//!     targets = 0.5
//! ";
//! let example = Example::from_toml(text)?;
//! assert_eq!(example.title, "A 2-2-1 network");
//!
//! let error = Example::from_toml(&text.replace("0.9]\n    targets", "0.9, 1]\n    targets"));
//! let problems = error.unwrap_err().problems;
//! assert_eq!(problems[0].to_string(), "7:14: sample 1 has 3 inputs, expected 2: one for each input");
//! # Ok::<(), chainrule::example::ReadError>(())
//! ```

use toml::de::DeTable;

use crate::convention::{Convention, DeltaSign, UpdateOrder};
use crate::example::{Example, fit};
use crate::loss::Loss;
use crate::network::Network;
use crate::rounding::{MOST_DIGITS, Rounding};
use fields::{Fields, Problems};
use layers::LayerDraft;
use problem::{ProblemKind, ReadError, Role, Table};
use published::PublishedDraft;
use samples::SampleDraft;
use shape::Nodes;

mod fields;
mod layers;
pub(crate) mod naming;
pub mod problem;
mod published;
mod samples;
mod shape;
mod syntax;

/// The learning rate η where a file gives none.
pub const DEFAULT_LEARNING_RATE: f64 = 0.5;

/// How computed numbers are shown where a file does not say it.
pub const DEFAULT_SHOWN: Rounding = Rounding::Digits(6);

impl Example {
    /// Reads an example.
    ///
    /// # Errors
    /// All that is wrong with the text, each with its place.
    pub fn from_toml(text: &str) -> Result<Example, ReadError> {
        let mut problems = Problems::default();
        let (document, errors) = DeTable::parse_recoverable(text);
        syntax::report(text, errors, &mut problems);
        if problems.is_empty() {
            let example = read(document.get_ref(), &mut problems);
            if problems.is_empty() {
                return Ok(example);
            }
        }
        Err(problems.into_error(text))
    }
}

/// Reads the document. Where there are problems, what is returned is not whole.
fn read(document: &DeTable<'_>, problems: &mut Problems) -> Example {
    let file = Fields::new(Table::Example, 0..0, document, problems);
    let title = file.line("title", problems);
    let source = file.line("source", problems);
    let note = file.lines("note", problems);
    let loss = file
        .choice("loss", "loss", &Loss::ALL, |one| (one.name(), one.aliases()), problems)
        .unwrap_or(Loss::HalfSquared);
    let learning_rate = learning_rate(&file, problems);
    let convention = Convention {
        update_order: update_order(&file, problems).unwrap_or_default(),
        delta_sign: file
            .choice("delta-sign", "delta sign", &DeltaSign::ALL, |one| (one.name(), &[]), problems)
            .unwrap_or_default(),
    };
    let shown = shown(&file, problems);
    let inputs = file.find("inputs").and_then(|field| Nodes::read(field, Role::Input, problems));
    let layers: Vec<LayerDraft<'_>> = tables(&file, "layers", Table::Layer, problems)
        .into_iter()
        .enumerate()
        .map(|(index, fields)| LayerDraft::read(fields, index + 1, problems))
        .collect();
    let samples: Vec<SampleDraft<'_>> = tables(&file, "samples", Table::Sample, problems)
        .into_iter()
        .enumerate()
        .map(|(index, fields)| SampleDraft::read(fields, index + 1, problems))
        .collect();
    check_loss(&file, loss, layers.last(), &samples, problems);
    let published = match file.find("published") {
        Some(field) => field
            .tables(Table::Published, problems)
            .iter()
            .enumerate()
            .map(|(index, fields)| {
                PublishedDraft::read(fields, index + 1, convention.update_order, problems)
            })
            .collect(),
        None => Vec::new(),
    };
    let (network, given) = layers::network(inputs, layers, &samples, problems);

    let mut example = Example {
        title: title.unwrap_or_else(|| automatic_title(&network)),
        source,
        note,
        network,
        names: crate::names::Names::default(),
        samples: samples.into_iter().map(|draft| draft.sample).collect(),
        learning_rate,
        loss,
        convention,
        shown,
        answers: Vec::new(),
        published: Vec::new(),
    };
    // Names belong to a network whose shape is right.
    if problems.is_empty() {
        example.names = given.complete(&example.network);
        given.check_unique(&example.names, &example.network, problems);
        example.published =
            published::resolve(published, &example.network, &example.names, problems);
    }
    example
}

fn learning_rate(file: &Fields<'_>, problems: &mut Problems) -> f64 {
    let Some(field) = file.find("learning-rate") else { return DEFAULT_LEARNING_RATE };
    let Some(rate) = field.number(problems) else { return DEFAULT_LEARNING_RATE };
    if rate <= 0.0 {
        problems.add(
            ProblemKind::OutOfRange {
                place: field.place.clone(),
                found: format!("{rate}"),
                expected: "a number above 0",
            },
            field.value.span(),
        );
    }
    rate
}

fn update_order(fields: &Fields<'_>, problems: &mut Problems) -> Option<UpdateOrder> {
    fields.choice(
        "update-order",
        "update order",
        &UpdateOrder::ALL,
        |one| (one.name(), &[]),
        problems,
    )
}

fn shown(file: &Fields<'_>, problems: &mut Problems) -> Rounding {
    let most = usize::from(MOST_DIGITS);
    let decimals = file
        .find("decimals")
        .and_then(|field| field.count(0..=most, "a whole number from 0 to 17", problems))
        .and_then(|count| u8::try_from(count).ok());
    let digits = file
        .find("digits")
        .and_then(|field| field.count(1..=most, "a whole number from 1 to 17", problems))
        .and_then(|count| u8::try_from(count).ok());
    file.exclude("decimals", "digits", problems);
    match (decimals, digits) {
        (Some(decimals), _) => Rounding::Decimals(decimals),
        (None, Some(digits)) => Rounding::Digits(digits),
        (None, None) => DEFAULT_SHOWN,
    }
}

/// Returns the tables of a list that must not be empty.
fn tables<'a>(
    file: &Fields<'a>,
    key: &'static str,
    table: impl Fn(usize) -> Table,
    problems: &mut Problems,
) -> Vec<Fields<'a>> {
    let Some(field) = file.require(key, problems) else { return Vec::new() };
    if matches!(field.value.get_ref(), toml::de::DeValue::Array(items) if items.is_empty()) {
        let place = field.place.clone();
        let item = key.strip_suffix('s').unwrap_or(key);
        problems.add(ProblemKind::Empty { place, item }, field.value.span());
    }
    field.tables(table, problems)
}

/// Reports a loss that does not fit the output or the targets.
fn check_loss(
    file: &Fields<'_>,
    loss: Loss,
    output: Option<&LayerDraft<'_>>,
    samples: &[SampleDraft<'_>],
    problems: &mut Problems,
) {
    let (Some(field), Some(output)) = (file.find("loss"), output) else { return };
    if let Err(misfit) = fit::check_activation(loss, output.activation) {
        let (span, label) = match output.fields.find("activation") {
            Some(activation) => (activation.value.span(), "the output activation".to_string()),
            None => (output.fields.span.clone(), "the output is `sigmoid` here".to_string()),
        };
        problems.add_related(ProblemKind::Misfit(misfit), field.value.span(), span, label);
    }
    for sample in samples {
        sample.check_loss(loss, problems);
    }
}

/// Returns a title made of the widths: `A 2-2-1 network`.
fn automatic_title(network: &Network<f64>) -> String {
    let widths: Vec<String> = std::iter::once(network.input_width())
        .chain(network.layers.iter().map(|layer| layer.weights.len()))
        .map(|width| width.to_string())
        .collect();
    format!("A {} network", widths.join("-"))
}
