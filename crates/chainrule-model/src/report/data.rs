//! What the data look like, and what was said of them.

use super::{Block, Cell, ColumnView, DataTable, Report, Section, Sketch, Subject, percentage};
use crate::encoder::{Code, Encoder, Target};
use crate::model::{Predictions, Truth};
use crate::place::shown;
use crate::plot::{Axis, Bars, Chart, Figure, Group, Mark, Picture, Series, significant};
use crate::profile::{Counts, Distribution, Numbers, Profile};
use crate::schema::{Kind, Plan, Role};
use crate::table::{Cells, Column};

/// More columns are not listed.
const MOST_COLUMNS: usize = 60;
/// More classes are not drawn.
const MOST_CLASSES: usize = 30;
/// How many words of a column are named, and drawn.
const MOST_WORDS: (usize, usize) = (3, 12);
/// More remarks are not listed.
const MOST_REMARKS: usize = 40;

/// Looks at the columns of the described table: all targets, and others from
/// the first on.
pub(super) fn columns(subject: &Subject<'_>) -> Vec<ColumnView> {
    let rows: Vec<u32> = (0_u32..).take(subject.described.rows()).collect();
    let mut views = Vec::new();
    let mut others = 0;
    for column in &subject.described.columns {
        let known = match subject.plans {
            Some(plans) => plans.iter().find(|plan| plan.name == column.name).map(by_plan),
            None => by_encoder(subject.model.encoder(), column),
        };
        let Some((part, kind, is_target)) = known else { continue };
        others += usize::from(!is_target);
        if !is_target && others > MOST_COLUMNS {
            continue;
        }
        let as_numbers = match kind {
            "number" => true,
            "" => !matches!(column.cells, Cells::Text(_)),
            _ => false,
        };
        let kind = match (kind, as_numbers) {
            ("", true) => "number",
            ("", false) => "text",
            _ => kind,
        };
        let profile = Profile::of(column, &rows, as_numbers);
        views.push(ColumnView { name: column.name.clone(), part, kind, profile });
    }
    views
}

/// Returns part, kind and whether it is a target; no kind where it is of no
/// matter.
fn by_plan(plan: &Plan) -> (String, &'static str, bool) {
    let kind = match (plan.role, &plan.kind) {
        (Role::Dropped | Role::Group, _) => "",
        (_, Kind::Number) => "number",
        (_, Kind::Category) => "category",
        (_, Kind::YesNo { .. }) => "yes/no",
    };
    let part = match plan.role {
        Role::Feature => "input".to_string(),
        Role::Target => "target".to_string(),
        Role::Group => "group, its rows stay together".to_string(),
        Role::Dropped => format!("left out: {}", plan.why_left_out()),
    };
    (part, kind, plan.role == Role::Target)
}

fn by_encoder(encoder: &Encoder, column: &Column) -> Option<(String, &'static str, bool)> {
    let target = encoder.target();
    if target.columns().contains(&column.name.as_str()) {
        let kind = match target {
            Target::Numbers { .. } => "number",
            Target::Classes { .. } => "category",
            Target::OneHot { .. } | Target::YesNo { .. } => "yes/no",
        };
        return Some(("target".to_string(), kind, true));
    }
    let feature = encoder.features().iter().find(|feature| feature.column == column.name)?;
    let kind = match feature.code {
        Code::Number { .. } => "number",
        Code::Category { .. } => "category",
        Code::YesNo { .. } => "yes/no",
    };
    Some(("input".to_string(), kind, false))
}

/// Lists what was said of data and rows.
pub(super) fn remarks(report: &Report<'_>, section: &mut Section) {
    let remarks = &report.subject.remarks;
    if remarks.is_empty() {
        return;
    }
    section.blocks.push(Block::Heading("What was noticed".to_string()));
    let mut list: Vec<String> = remarks.iter().take(MOST_REMARKS).cloned().collect();
    if remarks.len() > MOST_REMARKS {
        list.push(format!("and {} more", remarks.len() - MOST_REMARKS));
    }
    section.blocks.push(Block::List(list));
}

pub(super) fn section(report: &Report<'_>) -> Section {
    let subject = &report.subject;
    let mut section = Section::new("data", "Data");
    let (table, data) = (subject.described, &subject.model.training.data);
    let rows = match subject.plans {
        Some(_) => format!("{} train, {} validate", data.training_rows, data.validation_rows),
        None => format!("{} have a known answer", report.evaluation.rows),
    };
    section.say(format!(
        "`{}`: {} rows, of which {rows}; {} columns.",
        table.name,
        table.rows(),
        table.columns.len()
    ));
    balance(report, &mut section);
    section.blocks.push(Block::Table(column_table(report)));
    let hidden = table.columns.len().saturating_sub(report.columns.len());
    if hidden > 0 {
        let why =
            if subject.plans.is_some() { "" } else { ", among them those the model does not read" };
        section.say(format!("{hidden} more columns are not listed{why}."));
    }
    section
}

fn column_table(report: &Report<'_>) -> DataTable {
    let mut table = DataTable::new(
        "Columns",
        &["column", "part", "kind", "#missing", "distribution", "in numbers"],
    );
    table.rows = report.columns.iter().map(row).collect();
    table
}

fn row(column: &ColumnView) -> Vec<Cell> {
    let words = match &column.profile.distribution {
        Distribution::Empty => "–".to_string(),
        Distribution::Numbers(numbers) => number_words(numbers),
        Distribution::Words(counts) => count_words(counts),
    };
    let heights = match &column.profile.distribution {
        Distribution::Empty => Vec::new(),
        Distribution::Numbers(numbers) => numbers.histogram.counts.clone(),
        Distribution::Words(counts) => {
            counts.words.iter().take(MOST_WORDS.1).map(|(_, count)| *count).collect()
        }
    };
    let sketch = match heights.is_empty() {
        true => Cell::text("–"),
        false => Cell::Sketch(Sketch { heights, words: words.clone() }),
    };
    vec![
        Cell::name(&column.name),
        Cell::text(&column.part),
        Cell::text(column.kind),
        Cell::count(column.profile.missing),
        sketch,
        Cell::Name(words),
    ]
}

fn number_words(numbers: &Numbers) -> String {
    let short = |value| significant(value, 4);
    format!(
        "{} to {}, mean {} ± {}",
        short(numbers.least),
        short(numbers.greatest),
        short(numbers.mean),
        short(numbers.deviation)
    )
}

fn count_words(counts: &Counts) -> String {
    let first = counts.words.iter().take(MOST_WORDS.0);
    let first: Vec<String> =
        first.map(|(word, count)| format!("{} {count}", shown(word))).collect();
    let rest = counts.words.len().saturating_sub(MOST_WORDS.0);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{rest}", first.join(", "))
}

/// Shows how answers are spread: among the rows of training, and among those
/// that are measured on.
fn balance(report: &Report<'_>, section: &mut Section) {
    let baseline = &report.subject.model.training.baseline;
    let measured = match report.subject.measured {
        super::Measured::Validation => "validation",
        super::Measured::Training => "training",
        super::Measured::Table => "these rows",
    };
    let (labels, here) = match (&report.compared.predictions, &report.compared.truth) {
        (Predictions::Classes { labels, .. }, Truth::Classes(classes)) => {
            (labels.clone(), crate::metrics::baseline::class_shares(classes, labels.len()))
        }
        (Predictions::Answers { answers, .. }, Truth::Numbers(truth)) => {
            let labels: Vec<String> = answers.iter().map(|answer| answer.column.clone()).collect();
            let shares = crate::metrics::baseline::means(truth, labels.len());
            (labels, shares)
        }
        (Predictions::Numbers { names, .. }, Truth::Numbers(truth)) => {
            for (index, name) in names.iter().enumerate().take(super::numbers::MOST_TARGETS) {
                let values = truth.iter().skip(index).step_by(names.len()).copied();
                let figure = target_spread(index, names, values.collect(), baseline.get(index));
                section.show(
                    figure,
                    format!("How `{name}` is spread among the {measured} rows."),
                    None,
                );
            }
            return;
        }
        _ => return,
    };
    let has_training =
        baseline.len() == labels.len() && report.subject.measured != super::Measured::Training;
    let group = |name: &str, shares: &[f64]| Group {
        name: Some(name.to_string()),
        texts: shares.iter().take(MOST_CLASSES).map(|share| percentage(*share)).collect(),
        values: shares.iter().take(MOST_CLASSES).map(|share| 100.0 * share).collect(),
        spreads: Vec::new(),
    };
    let mut groups = Vec::new();
    if has_training {
        groups.push(group("training rows", baseline));
    }
    let name =
        if measured == "these rows" { measured.to_string() } else { format!("{measured} rows") };
    groups.push(group(&name, &here));
    let rest = match labels.len().saturating_sub(MOST_CLASSES) {
        0 => String::new(),
        rest => format!(" {rest} more are not shown."),
    };
    let each: Vec<String> = labels
        .iter()
        .zip(&here)
        .take(MOST_CLASSES)
        .map(|(label, share)| format!("{label} {}", percentage(*share)))
        .collect();
    let figure = Figure {
        name: "balance".to_string(),
        title: "Balance of the answers".to_string(),
        description: format!("Shares among the rows measured on: {}.", each.join(", ")),
        picture: Picture::Bars(Bars {
            labels: labels.into_iter().take(MOST_CLASSES).collect(),
            groups,
            title: "share of rows in %".to_string(),
        }),
    };
    section.show(figure, format!("How often each answer occurs.{rest}"), None);
}

fn target_spread(
    index: usize,
    names: &[String],
    mut values: Vec<f64>,
    mean: Option<&f64>,
) -> Figure {
    let name = &names[index];
    let suffix = if names.len() == 1 { String::new() } else { format!("-{}", index + 1) };
    values.sort_unstable_by(f64::total_cmp);
    let numbers = Numbers::of_sorted(&values);
    let columns: Vec<(f64, f64, f64)> =
        numbers.iter().flat_map(|numbers| numbers.histogram.columns()).collect();
    let most = columns.iter().map(|column| column.2).fold(0.0, f64::max);
    let mut marks = vec![Mark::Columns { columns, series: Series::unnamed(0) }];
    if let Some(&mean) = mean {
        let label = format!("mean in training {}", significant(mean, 4));
        marks.push(Mark::Upright { x: mean, label });
    }
    Figure {
        name: format!("target{suffix}"),
        title: format!("{name}: spread"),
        description: numbers.as_ref().map(number_words).unwrap_or_default(),
        picture: Picture::Chart(Chart {
            x: Axis::around(name, values.iter().chain(mean).copied()),
            y: Axis::around("rows", [0.0, most * 1.12]),
            is_square: false,
            marks,
        }),
    }
}
