//! Classes and labels: what is taken for what, and the curves.

use super::{Block, Cell, DataTable, Report, Section, counted};
use crate::metrics::{ClassScores, Curves, Detail, LabelScores};
use crate::plot::{Axis, Chart, Figure, Mark, Matrix, Picture, Series, rounded};

/// More curves in one plot cannot be told apart.
const MOST_CURVES: usize = 8;
/// A larger matrix is not also a table.
const MOST_IN_TABLE: usize = 30;
/// How many mistakes are listed.
const MOST_MISTAKES: usize = 8;

pub(super) fn section(report: &Report<'_>) -> Section {
    let mut section = Section::new("classes", "Classes");
    match &report.evaluation.detail {
        Detail::Classification { classes, confusion, .. } => {
            let labels: Vec<String> = classes.iter().map(|class| class.label.clone()).collect();
            section.show(
                matrix(&labels, confusion),
                "Rows are the true classes, columns the predicted ones; a cell is as dark as its \
                 share of the row.",
                (labels.len() <= MOST_IN_TABLE).then(|| matrix_table(&labels, confusion)),
            );
            curves(report, &mut section);
            section.blocks.push(Block::Table(class_table(classes)));
            section.blocks.extend(mistakes(&labels, confusion).map(Block::Table));
        }
        Detail::MultiLabel { labels, .. } => {
            section.title = "Labels".to_string();
            curves(report, &mut section);
            section.blocks.push(Block::Table(label_table(labels)));
        }
        Detail::Regression { .. } => {}
    }
    section
}

fn matrix(labels: &[String], confusion: &[Vec<u64>]) -> Figure {
    let rows: u64 = confusion.iter().flatten().sum();
    let right: u64 = confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
    let worst = pairs(labels, confusion).into_iter().next();
    let worst = worst.map(|(truth, predicted, count)| {
        format!(" Most often {truth} is taken for {predicted}: {count}.")
    });
    Figure {
        name: "confusion".to_string(),
        title: "Confusion matrix".to_string(),
        description: format!(
            "{right} of {rows} rows are predicted right.{}",
            worst.unwrap_or_default()
        ),
        picture: Picture::Matrix(Matrix {
            labels: labels.to_vec(),
            counts: confusion.to_vec(),
            row_title: "true class".to_string(),
            column_title: "predicted class".to_string(),
        }),
    }
}

/// Returns true class, predicted class and count of all mistakes, the most
/// frequent first.
fn pairs<'a>(labels: &'a [String], confusion: &[Vec<u64>]) -> Vec<(&'a str, &'a str, u64)> {
    let mut pairs = Vec::new();
    for (truth, row) in confusion.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            if truth != predicted && count > 0 {
                pairs.push((labels[truth].as_str(), labels[predicted].as_str(), count));
            }
        }
    }
    pairs.sort_by_key(|&(_, _, count)| std::cmp::Reverse(count));
    pairs
}

fn matrix_table(labels: &[String], confusion: &[Vec<u64>]) -> DataTable {
    let mut table = DataTable::new("Counts: rows are the true classes", &["true"]);
    for label in labels {
        table.headings.push(super::Heading { title: label.clone(), is_number: true });
    }
    let row = |(label, counts): (&String, &Vec<u64>)| {
        let counts = counts.iter().map(|&count| Cell::count(count));
        [Cell::name(label)].into_iter().chain(counts).collect()
    };
    table.rows = labels.iter().zip(confusion).map(row).collect();
    table
}

/// Lists the most frequent mistakes, where a matrix has many cells.
fn mistakes(labels: &[String], confusion: &[Vec<u64>]) -> Option<DataTable> {
    let pairs = pairs(labels, confusion);
    if labels.len() <= 3 || pairs.is_empty() {
        return None;
    }
    let mut table =
        DataTable::new("The most frequent mistakes", &["true class", "taken for", "#rows"]);
    let shown = pairs.iter().take(MOST_MISTAKES);
    table.rows = shown
        .map(|&(truth, predicted, count)| {
            vec![Cell::name(truth), Cell::name(predicted), Cell::count(count)]
        })
        .collect();
    Some(table)
}

fn class_table(classes: &[ClassScores]) -> DataTable {
    let mut table = DataTable::new(
        "Each class against the rest",
        &["class", "#precision", "#recall", "#F1", "#support", "#predicted", "#ROC-AUC", "#PR-AUC"],
    );
    let row = |class: &ClassScores| {
        vec![
            Cell::name(&class.label),
            Cell::defined(class.precision),
            Cell::defined(class.recall),
            Cell::defined(class.f1),
            Cell::count(class.support),
            Cell::count(class.predicted),
            Cell::defined(class.roc_auc),
            Cell::defined(class.average_precision),
        ]
    };
    table.rows = classes.iter().map(row).collect();
    table
}

fn label_table(labels: &[LabelScores]) -> DataTable {
    let mut table = DataTable::new(
        "Each label",
        &[
            "label",
            "#precision",
            "#recall",
            "#F1",
            "#support",
            "#predicted",
            "#right",
            "#ROC-AUC",
            "#PR-AUC",
        ],
    );
    let row = |label: &LabelScores| {
        vec![
            Cell::name(&label.label),
            Cell::defined(label.precision),
            Cell::defined(label.recall),
            Cell::defined(label.f1),
            Cell::count(label.support),
            Cell::count(label.predicted),
            Cell::count(label.hits),
            Cell::defined(label.roc_auc),
            Cell::defined(label.average_precision),
        ]
    };
    table.rows = labels.iter().map(row).collect();
    table
}

/// Shows ROC curves and those of precision and recall.
fn curves(report: &Report<'_>, section: &mut Section) {
    let all = report.compared.curves();
    let mut shown: Vec<&Curves> = all.iter().filter(|curves| !curves.roc.is_empty()).collect();
    if shown.is_empty() {
        section.say(
            "There is no ROC curve, nor one of precision and recall: only one side of each question \
             occurs in these rows.",
        );
        return;
    }
    let mut which = match (&report.evaluation.detail, all.len()) {
        (Detail::Classification { positive: Some(positive), .. }, _) => {
            format!("Of the class `{positive}`.")
        }
        (Detail::MultiLabel { .. }, _) => "Of each label.".to_string(),
        _ => "Of each class against the rest.".to_string(),
    };
    if shown.len() > MOST_CURVES {
        which = format!(
            "Of each against the rest: of {} the {MOST_CURVES} with the least area.",
            counted(all.len(), "curve")
        );
        shown.sort_by(|one, other| {
            one.roc_auc.unwrap_or(0.0).total_cmp(&other.roc_auc.unwrap_or(0.0))
        });
        shown.truncate(MOST_CURVES);
    }
    section.show(
        roc(&shown),
        format!("{which} The dashed line is guessing; AUC is the area below a curve."),
        None,
    );
    section.show(
        precision_recall(&shown),
        format!("{which} AP is the average precision, the area without interpolation."),
        None,
    );
}

fn named(curves: &Curves, what: &str, value: Option<f64>) -> String {
    format!("{} ({what} {})", curves.label, value.map_or("–".to_string(), rounded))
}

fn described(shown: &[&Curves], what: &str, value: impl Fn(&Curves) -> Option<f64>) -> String {
    let each: Vec<String> = shown
        .iter()
        .map(|curves| format!("{} {}", curves.label, value(curves).map_or("–".into(), rounded)))
        .collect();
    format!("{what}: {}.", each.join(", "))
}

fn roc(shown: &[&Curves]) -> Figure {
    let reference =
        Mark::Reference { points: vec![(0.0, 0.0), (1.0, 1.0)], name: Some("guessing".into()) };
    let lines = shown.iter().enumerate().map(|(index, curves)| Mark::Line {
        points: curves
            .roc
            .iter()
            .map(|point| (point.false_positive_rate, point.true_positive_rate))
            .collect(),
        series: Series::named(index, &named(curves, "AUC", curves.roc_auc)),
    });
    Figure {
        name: "roc".to_string(),
        title: "ROC curve".to_string(),
        description: described(shown, "Areas below the ROC curves", |curves| curves.roc_auc),
        picture: Picture::Chart(Chart {
            x: Axis::between("false positive rate", 0.0, 1.0),
            y: Axis::between("true positive rate", 0.0, 1.0),
            is_square: true,
            marks: [reference].into_iter().chain(lines).collect(),
        }),
    }
}

fn precision_recall(shown: &[&Curves]) -> Figure {
    let mut marks = Vec::new();
    if let [curves] = shown {
        let points = vec![(0.0, curves.share), (1.0, curves.share)];
        marks.push(Mark::Reference { points, name: Some("guessing".to_string()) });
    }
    for (index, curves) in shown.iter().enumerate() {
        // Steps: between two thresholds nothing is known.
        let mut points = Vec::with_capacity(2 * curves.precision_recall.len());
        let mut before = 0.0;
        for point in &curves.precision_recall {
            points.extend([(before, point.precision), (point.recall, point.precision)]);
            before = point.recall;
        }
        let name = named(curves, "AP", curves.average_precision);
        marks.push(Mark::Line { points, series: Series::named(index, &name) });
    }
    Figure {
        name: "precision-recall".to_string(),
        title: "Precision and recall".to_string(),
        description: described(shown, "Average precisions", |curves| curves.average_precision),
        picture: Picture::Chart(Chart {
            x: Axis::between("recall", 0.0, 1.0),
            y: Axis::between("precision", 0.0, 1.0),
            is_square: true,
            marks,
        }),
    }
}
