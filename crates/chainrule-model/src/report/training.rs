//! How training went: losses and learning rate, epoch by epoch.

use super::{Cell, DataTable, Report, Section, counted};
use crate::encoder::Target;
use crate::plot::{Axis, Chart, Figure, Mark, Picture, Series, significant};

/// So many epochs are listed, and the best.
const MOST_LISTED: usize = 20;
/// Losses that fall by more than this are drawn on a logarithmic axis.
const WIDE: f64 = 50.0;

pub(super) fn section(report: &Report<'_>) -> Option<Section> {
    let training = &report.subject.model.training;
    let history = &training.history;
    let epochs = history.training_loss.len();
    if epochs == 0 {
        return None;
    }
    let mut section = Section::new("training", "Training");
    let data = &training.data;
    let kept = match training.best_epoch {
        Some(best) if best < epochs => {
            format!(" The validation loss was least in epoch {best}, whose weights are kept.")
        }
        _ => String::new(),
    };
    section.say(format!(
        "{} on {} rows of `{}`, {} more to validate.{kept}",
        counted(epochs, "epoch"),
        data.training_rows,
        data.name,
        data.validation_rows
    ));
    section.show(
        losses(report),
        format!(
            "The loss ({}) of a row, on average{}. That of training rows is taken on the way, while \
             weights still change, and with what training adds (dropout, smoothing): it may lie above \
             the other.",
            report.subject.model.summary().loss,
            scaled(report)
        ),
        Some(table(report)),
    );
    let rates = &history.learning_rate;
    if rates.iter().any(|rate| Some(rate) != rates.first()) {
        section.show(rate(rates), "The learning rate of each epoch's last step.", None);
    }
    Some(section)
}

/// Says that numbers are scaled, where they are.
fn scaled(report: &Report<'_>) -> &'static str {
    match report.subject.model.encoder().target() {
        Target::Numbers { .. } => ", of targets as the network learns them, scaled",
        _ => "",
    }
}

/// Numbers the epochs.
fn numbered(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(epoch, &value)| ((epoch + 1) as f64, value)).collect()
}

fn losses(report: &Report<'_>) -> Figure {
    let training = &report.subject.model.training;
    let history = &training.history;
    let (ours, theirs) = (&history.training_loss, &history.validation_loss);
    let epochs = ours.len();
    let all = || ours.iter().chain(theirs).copied().filter(|loss| loss.is_finite());
    let least = all().fold(f64::INFINITY, f64::min);
    let most = all().fold(f64::NEG_INFINITY, f64::max);
    let y = if least > 0.0 && most / least > WIDE {
        Axis::logarithmic("loss", all())
    } else {
        Axis::around("loss", all())
    };
    let mut marks =
        vec![Mark::Line { points: numbered(ours), series: Series::named(0, "training") }];
    if !theirs.is_empty() {
        let points = numbered(theirs);
        marks.push(Mark::Line { points, series: Series::named(1, "validation") });
    }
    let best =
        training.best_epoch.and_then(|best| Some((best, *theirs.get(best.checked_sub(1)?)?)));
    if let Some((best, loss)) = best {
        let points = vec![(best as f64, loss)];
        marks.push(Mark::Upright { x: best as f64, label: format!("best: epoch {best}") });
        marks.push(Mark::Points { points, series: Series::unnamed(1) });
    }
    let first = ours.first().copied().unwrap_or_default();
    let last = ours.last().copied().unwrap_or_default();
    let best = best.map(|(best, loss)| {
        format!(" The validation loss is least in epoch {best}: {}.", significant(loss, 4))
    });
    Figure {
        name: "loss".to_string(),
        title: "Loss".to_string(),
        description: format!(
            "Over {} the training loss goes from {} to {}.{}",
            counted(epochs, "epoch"),
            significant(first, 4),
            significant(last, 4),
            best.unwrap_or_default()
        ),
        picture: Picture::Chart(Chart {
            x: Axis::between("epoch", 1.0, epochs as f64),
            y,
            is_square: false,
            marks,
        }),
    }
}

fn rate(rates: &[f64]) -> Figure {
    let most = rates.iter().copied().fold(0.0, f64::max);
    Figure {
        name: "learning-rate".to_string(),
        title: "Learning rate".to_string(),
        description: format!(
            "The learning rate, at most {}, at the end {}.",
            significant(most, 4),
            significant(rates.last().copied().unwrap_or_default(), 4)
        ),
        picture: Picture::Chart(Chart {
            x: Axis::between("epoch", 1.0, rates.len() as f64),
            y: Axis::around("learning rate", rates.iter().copied().chain([0.0])),
            is_square: false,
            marks: vec![Mark::Line { points: numbered(rates), series: Series::unnamed(0) }],
        }),
    }
}

fn table(report: &Report<'_>) -> DataTable {
    let training = &report.subject.model.training;
    let history = &training.history;
    let epochs = history.training_loss.len();
    let every = epochs.div_ceil(MOST_LISTED).max(1);
    let is_listed = |epoch: &usize| {
        epoch.is_multiple_of(every)
            || *epoch == 1
            || *epoch == epochs
            || Some(*epoch) == training.best_epoch
    };
    let mut table = DataTable::new(
        "Losses",
        &["#epoch", "#training loss", "#validation loss", "#learning rate"],
    );
    let cell = |values: &[f64], epoch: usize| match values.get(epoch - 1) {
        Some(&value) => Cell::quantity(value),
        None => Cell::text("–"),
    };
    table.rows = (1..=epochs)
        .filter(is_listed)
        .map(|epoch| {
            vec![
                Cell::count(epoch as u64),
                cell(&history.training_loss, epoch),
                cell(&history.validation_loss, epoch),
                cell(&history.learning_rate, epoch),
            ]
        })
        .collect();
    table
}
