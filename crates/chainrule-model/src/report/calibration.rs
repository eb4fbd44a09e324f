//! How far probabilities can be believed.

use super::{Cell, DataTable, Report, Section};
use crate::metrics::{Bin, Calibration, Detail, Metric};
use crate::plot::{Axis, Chart, Figure, Mark, Picture, Series, rounded};

pub(super) fn section(report: &Report<'_>) -> Section {
    let mut section = Section::new("calibration", "Calibration");
    let (calibration, of_what) = match &report.evaluation.detail {
        Detail::Classification { calibration, positive: Some(positive), .. } => {
            (calibration, format!("the probability of `{positive}`"))
        }
        Detail::Classification { calibration, .. } => {
            (calibration, "the probability of the predicted class".to_string())
        }
        Detail::MultiLabel { calibration, .. } => {
            (calibration, "the probabilities of all labels".to_string())
        }
        Detail::Regression { .. } => return section,
    };
    let error = report.evaluation.value(Metric::CalibrationError);
    let error = error.map_or("undefined".to_string(), rounded);
    section.say(format!(
        "When the model says 0.8, is it so in 8 of 10 rows? Here is {of_what}, in ten bins of equal \
         width. The expected calibration error (ECE) is {error}: the mean distance from the dashed \
         line, each bin weighted by its rows."
    ));
    section.show(
        curve(calibration, &error),
        "Below the dashed line the model is too sure of itself, above it not sure enough.",
        Some(table(calibration)),
    );
    section.show(
        confidence(calibration),
        "How many probabilities each bin holds: where there are few, the curve is chance.",
        None,
    );
    section
}

fn filled(calibration: &Calibration) -> impl Iterator<Item = &Bin> {
    calibration.bins.iter().filter(|bin| bin.rows > 0)
}

fn curve(calibration: &Calibration, error: &str) -> Figure {
    let points: Vec<(f64, f64)> =
        filled(calibration).map(|bin| (bin.mean_probability, bin.share_true)).collect();
    let marks = vec![
        Mark::Reference { points: vec![(0.0, 0.0), (1.0, 1.0)], name: Some("as it says".into()) },
        Mark::Line {
            points: points.clone(),
            series: Series::named(0, &format!("this model (ECE {error})")),
        },
        Mark::Points { points, series: Series::unnamed(0) },
    ];
    Figure {
        name: "calibration".to_string(),
        title: "Calibration".to_string(),
        description: format!(
            "How often what is predicted comes true, against its probability. The expected \
             calibration error is {error}."
        ),
        picture: Picture::Chart(Chart {
            x: Axis::between("mean probability", 0.0, 1.0),
            y: Axis::between("share that came true", 0.0, 1.0),
            is_square: true,
            marks,
        }),
    }
}

/// Returns the ends of a bin.
fn ends(calibration: &Calibration, index: usize) -> (f64, f64) {
    let count = calibration.bins.len().max(1) as f64;
    (index as f64 / count, (index + 1) as f64 / count)
}

fn confidence(calibration: &Calibration) -> Figure {
    let columns: Vec<(f64, f64, f64)> = calibration
        .bins
        .iter()
        .enumerate()
        .map(|(index, bin)| {
            let (low, high) = ends(calibration, index);
            (low, high, bin.rows as f64)
        })
        .collect();
    let most = calibration.bins.iter().map(|bin| bin.rows).max().unwrap_or(0);
    Figure {
        name: "confidence".to_string(),
        title: "Probabilities".to_string(),
        description: format!("How many probabilities lie in each of ten bins, at most {most}."),
        picture: Picture::Chart(Chart {
            x: Axis::between("probability", 0.0, 1.0),
            y: Axis::around("count", [0.0, most as f64]),
            is_square: true,
            marks: vec![Mark::Columns { columns, series: Series::unnamed(0) }],
        }),
    }
}

fn table(calibration: &Calibration) -> DataTable {
    let mut table = DataTable::new(
        "Bins of probability",
        &["bin", "#count", "#mean probability", "#share that came true"],
    );
    let bins = calibration.bins.iter().enumerate().filter(|(_, bin)| bin.rows > 0);
    table.rows = bins
        .map(|(index, bin)| {
            let (low, high) = ends(calibration, index);
            vec![
                Cell::text(format!("{low:.1} to {high:.1}")),
                Cell::count(bin.rows),
                Cell::score(bin.mean_probability),
                Cell::score(bin.share_true),
            ]
        })
        .collect();
    table
}
