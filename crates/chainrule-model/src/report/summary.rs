//! The first view: what the model is, and how good.

use super::{Block, Cell, Measured, Report, Section, Tile, counted, data};
use crate::encoder::Target;
use crate::metrics::{Detail, Metric, Score};
use crate::place::listed;
use crate::plot::rounded;

/// Returns the title of the page and the line below it.
pub(super) fn head(report: &Report<'_>) -> [String; 2] {
    let model = report.subject.model;
    let data = &model.training.data;
    let lead = match report.subject.measured {
        Measured::Table => format!(
            "{}, trained on {}, measured on {}",
            report.subject.name, data.name, report.subject.table.name
        ),
        _ => format!("{}, trained on {}", report.subject.name, data.name),
    };
    [format!("Predicting {}", names(model.encoder().target())), lead]
}

/// Names what is predicted, without marks.
fn names(target: &Target) -> String {
    const SHOWN: usize = 3;
    let columns = match target {
        Target::OneHot { labels } => return format!("one of {} classes", labels.len()),
        target => target.columns(),
    };
    match columns.len() {
        0..=SHOWN => columns.join(", "),
        count => format!("{} and {} more", columns[..SHOWN].join(", "), count - SHOWN),
    }
}

pub(super) fn section(report: &Report<'_>) -> Section {
    let mut section = Section::new("summary", "Summary");
    section.say(what(report));
    let tiles = main_scores(&report.evaluation.detail)
        .iter()
        .filter_map(|&metric| Some(tile(report, report.evaluation.score(metric)?)));
    section.blocks.push(Block::Tiles(tiles.collect()));
    section.say(measured(report));
    for note in &report.subject.notes {
        section.say(format!("Also measured: {note}."));
    }
    data::remarks(report, &mut section);
    section
}

fn what(report: &Report<'_>) -> String {
    let model = report.subject.model;
    let architecture = model.architecture();
    let widths = architecture.layers().iter().map(|layer| layer.width.to_string());
    let widths: Vec<String> =
        [architecture.inputs().to_string()].into_iter().chain(widths).collect();
    let what = match model.encoder().target() {
        Target::Classes { column, labels } => {
            format!("`{column}`, one of {} classes ({})", labels.len(), listed(labels))
        }
        Target::OneHot { labels } => {
            format!("one of {} classes ({})", labels.len(), listed(labels))
        }
        Target::Numbers { quantities } => {
            let names: Vec<String> = quantities.iter().map(|one| one.column.clone()).collect();
            listed(&names)
        }
        Target::YesNo { answers } => {
            let names: Vec<String> = answers.iter().map(|one| one.column.clone()).collect();
            format!("{}, each yes or no", listed(&names))
        }
    };
    format!(
        "A dense neural network of {} neurons (inputs first) with {} weights and biases. From {} it \
         predicts {what}.",
        widths.join("-"),
        architecture.parameter_count(),
        counted(model.encoder().features().len(), "column"),
    )
}

/// Says what the scores are worth.
fn measured(report: &Report<'_>) -> String {
    let rows = report.rows_in_words();
    match report.subject.measured {
        Measured::Validation => format!(
            "Measured on {rows}, which were not trained on; but they told when to stop, so that new \
             rows may be predicted a little worse."
        ),
        Measured::Training => format!(
            "Measured on {rows}: this says how well the network fits, and nothing about new rows. \
             Hold rows back with `--validation 0.2`."
        ),
        Measured::Table => format!("Measured on {rows}."),
    }
}

/// Returns the scores that people of the field ask for first.
fn main_scores(detail: &Detail) -> &'static [Metric] {
    match detail {
        Detail::Classification { positive: Some(_), .. } => {
            &[Metric::Accuracy, Metric::F1, Metric::RocAuc, Metric::LogLoss]
        }
        Detail::Classification { .. } => {
            &[Metric::Accuracy, Metric::F1Macro, Metric::RocAucOvr, Metric::LogLoss]
        }
        Detail::MultiLabel { .. } => {
            &[Metric::F1Macro, Metric::HammingLoss, Metric::RocAuc, Metric::LogLoss]
        }
        Detail::Regression { quantile: Some(_), .. } => {
            &[Metric::PinballLoss, Metric::Mae, Metric::Rmse, Metric::R2]
        }
        Detail::Regression { .. } => &[Metric::R2, Metric::Rmse, Metric::Mae, Metric::MaxError],
    }
}

fn tile(report: &Report<'_>, score: &Score) -> Tile {
    let value = match score.value {
        Ok(value) => Cell::score(value),
        Err(_) => Cell::text("undefined"),
    };
    let mut below = Vec::new();
    if let (Some(interval), Some(resampling)) = (score.interval, report.evaluation.resampling) {
        let share = 100.0 * resampling.confidence;
        below.push(format!("{share}%: {} to {}", rounded(interval.low), rounded(interval.high)));
    }
    if let Some(Ok(baseline)) = score.baseline {
        below.push(format!("baseline {}", rounded(baseline)));
    }
    Tile { label: score.metric.title().to_string(), value, below }
}
