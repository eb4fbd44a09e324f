//! Predicted numbers against true ones, and what is left between them.

use super::{Block, Cell, DataTable, Report, Section};
use crate::metrics::{Detail, TargetScores};
use crate::model::{Predictions, Truth};
use crate::plot::{Axis, Chart, Figure, Mark, Picture, Series, significant};
use crate::profile::Numbers;

/// More targets are in the table only.
pub(super) const MOST_TARGETS: usize = 6;
/// More points are not told apart, and make a page large.
const MOST_POINTS: usize = 1500;

pub(super) fn section(report: &Report<'_>) -> Section {
    let mut section = Section::new("numbers", "Predicted and true");
    let (
        Detail::Regression { targets, quantile },
        Predictions::Numbers { names, values },
        Truth::Numbers(truth),
    ) = (&report.evaluation.detail, &report.compared.predictions, &report.compared.truth)
    else {
        return section;
    };
    let width = names.len().max(1);
    if let Some(tau) = quantile {
        section.say(format!(
            "It predicts the {tau} quantile: a share of {tau} of the true numbers should be at most \
             the predicted one."
        ));
    }
    let shown = report.compared.sample(MOST_POINTS, report.subject.model.training.seed);
    let rows = report.compared.rows.len();
    let some = if shown.len() < rows {
        format!(" Shown are {} of the {rows} rows, drawn at random.", shown.len())
    } else {
        String::new()
    };
    for (index, name) in names.iter().enumerate().take(MOST_TARGETS) {
        let pair = |row: usize| (truth[row * width + index], values[row * width + index]);
        let pairs: Vec<(f64, f64)> = shown.iter().map(|&row| pair(row as usize)).collect();
        let all = (0..rows).map(pair).map(|(truth, predicted)| truth - predicted);
        let mut left: Vec<f64> = all.filter(|left| left.is_finite()).collect();
        left.sort_unstable_by(f64::total_cmp);
        let target = Target { name, suffix: suffix(index, width) };
        section.show(
            target.predicted(&pairs),
            format!("In the unit of `{name}`; on the dashed line a prediction is right.{some}"),
            None,
        );
        section.show(
            target.residuals(&pairs),
            format!("What is left, true minus predicted, against the prediction.{some}"),
            None,
        );
        if let Some(numbers) = Numbers::of_sorted(&left) {
            section.show(
                target.spread(&numbers),
                "How often a prediction is off by how much, true minus predicted.",
                Some(left_table(&numbers)),
            );
        }
    }
    if names.len() > MOST_TARGETS {
        section.say(format!("Plots are of the first {MOST_TARGETS} targets."));
    }
    section.blocks.push(Block::Table(target_table(targets, quantile.is_some())));
    section
}

fn suffix(index: usize, width: usize) -> String {
    if width == 1 { String::new() } else { format!("-{}", index + 1) }
}

/// A target and how files of it are told apart.
struct Target<'a> {
    name: &'a str,
    suffix: String,
}

impl Target<'_> {
    fn predicted(&self, pairs: &[(f64, f64)]) -> Figure {
        let all = || pairs.iter().flat_map(|&(truth, predicted)| [truth, predicted]);
        let least = all().fold(f64::INFINITY, f64::min);
        let most = all().fold(f64::NEG_INFINITY, f64::max);
        let points = pairs.to_vec();
        Figure {
            name: format!("predicted{}", self.suffix),
            title: format!("{}: predicted and true", self.name),
            description: format!(
                "{} predictions of {} against the true numbers, from {} to {}.",
                pairs.len(),
                self.name,
                significant(least, 4),
                significant(most, 4)
            ),
            picture: Picture::Chart(Chart {
                x: Axis::around(&format!("true {}", self.name), all()),
                y: Axis::around(&format!("predicted {}", self.name), all()),
                is_square: true,
                marks: vec![
                    Mark::Points { points, series: Series::unnamed(0) },
                    Mark::Reference { points: vec![(least, least), (most, most)], name: None },
                ],
            }),
        }
    }

    fn residuals(&self, pairs: &[(f64, f64)]) -> Figure {
        let points: Vec<(f64, f64)> =
            pairs.iter().map(|&(truth, predicted)| (predicted, truth - predicted)).collect();
        let xs = || points.iter().map(|point| point.0);
        let least = xs().fold(f64::INFINITY, f64::min);
        let most = xs().fold(f64::NEG_INFINITY, f64::max);
        Figure {
            name: format!("residuals{}", self.suffix),
            title: format!("{}: residuals", self.name),
            description: format!(
                "{} residuals of {}, true minus predicted, against the prediction.",
                pairs.len(),
                self.name
            ),
            picture: Picture::Chart(Chart {
                x: Axis::around(&format!("predicted {}", self.name), xs()),
                y: Axis::around(
                    "true − predicted",
                    points.iter().map(|point| point.1).chain([0.0]),
                ),
                is_square: true,
                marks: vec![
                    Mark::Points { points, series: Series::unnamed(0) },
                    Mark::Reference { points: vec![(least, 0.0), (most, 0.0)], name: None },
                ],
            }),
        }
    }

    fn spread(&self, numbers: &Numbers) -> Figure {
        let histogram = &numbers.histogram;
        let columns: Vec<(f64, f64, f64)> = histogram.columns().collect();
        let most = histogram.counts.iter().max().copied().unwrap_or(0);
        Figure {
            name: format!("residual-spread{}", self.suffix),
            title: format!("{}: spread of residuals", self.name),
            description: format!(
                "Half of the residuals lie between {} and {}.",
                significant(numbers.lower_quartile, 4),
                significant(numbers.upper_quartile, 4)
            ),
            picture: Picture::Chart(Chart {
                x: Axis::around("true − predicted", [numbers.least, numbers.greatest]),
                y: Axis::around("rows", [0.0, most as f64]),
                is_square: true,
                marks: vec![
                    Mark::Columns { columns, series: Series::unnamed(0) },
                    Mark::Upright { x: 0.0, label: String::new() },
                ],
            }),
        }
    }
}

fn left_table(numbers: &Numbers) -> DataTable {
    let mut table = DataTable::new("Residuals, true minus predicted", &["", "#residual"]);
    let rows = [
        ("mean", numbers.mean),
        ("standard deviation", numbers.deviation),
        ("least", numbers.least),
        ("lower quartile", numbers.lower_quartile),
        ("median", numbers.median),
        ("upper quartile", numbers.upper_quartile),
        ("greatest", numbers.greatest),
    ];
    let row = |(name, value): (&str, f64)| vec![Cell::text(name), Cell::quantity(value)];
    table.rows = rows.into_iter().map(row).collect();
    table
}

fn target_table(targets: &[TargetScores], has_quantile: bool) -> DataTable {
    let mut table = DataTable::new(
        "Each target, in its own unit",
        &["target", "#R²", "#RMSE", "#MAE", "#MAPE", "#largest error"],
    );
    if has_quantile {
        table.headings.push(super::Heading { title: "pinball loss".into(), is_number: true });
    }
    let row = |target: &TargetScores| {
        let mut row = vec![Cell::name(&target.name)];
        let scores = [target.r2, target.rmse, target.mae, target.mape, target.max_error];
        row.extend(scores.into_iter().map(Cell::defined));
        if has_quantile {
            row.push(Cell::defined(target.pinball_loss));
        }
        row
    };
    table.rows = targets.iter().map(row).collect();
    table
}
