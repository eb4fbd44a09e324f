//! Which columns the predictions depend on.

use super::{Block, Cell, DataTable, Report, Section, counted};
use crate::metrics::Metric;
use crate::model::{ColumnImportance, Importance};
use crate::plot::{Bars, Figure, Group, Picture, rounded};

/// More columns are not drawn, nor listed.
const MOST_BARS: usize = 20;

pub(super) fn section(report: &Report<'_>) -> Option<Section> {
    let mut section = Section::new("importance", "What it depends on");
    let Some(importance) = &report.importance else {
        section.say(
            "Permutation importance was left out: with so many columns and so large a network it \
             would take longer than the report is worth, or a score is undefined.",
        );
        return Some(section);
    };
    let (&first, columns) = (importance.metrics.first()?, ordered(importance));
    let repeats = columns.first()?.worse.first()?.len();
    section.say(format!(
        "Permutation importance: the cells of one column are dealt out to the rows anew, {repeats} \
         times, and the predictions get worse. Measured on {} of {}; {} is {} with all columns as \
         they are. All inputs made of a column move together.",
        counted(importance.rows, "row"),
        match report.subject.measured {
            super::Measured::Training => "those it was trained on",
            super::Measured::Validation => "those held back",
            super::Measured::Table => "the table",
        },
        title(first),
        rounded(importance.scores[0]),
    ));
    let shown = &columns[..columns.len().min(MOST_BARS)];
    section.show(
        figure(first, shown),
        format!(
            "The mean of {repeats} permutations; the line at the end is the standard deviation to \
             both sides.{}",
            rest(columns.len() - shown.len())
        ),
        None,
    );
    section.blocks.push(Block::Table(table(importance, shown)));
    section.say(
        "What two columns both say is not missed when one of them is permuted: a column may stand low \
         here and yet be related to the answer.",
    );
    Some(section)
}

fn rest(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(" {} with less are left out.", counted(count, "column")),
    }
}

/// Returns the columns, the one that matters most first.
fn ordered(importance: &Importance) -> Vec<&ColumnImportance> {
    let mut columns: Vec<&ColumnImportance> = importance.columns.iter().collect();
    columns.sort_by(|one, other| other.mean(0).total_cmp(&one.mean(0)));
    columns
}

fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::LogLoss => "the log loss",
        metric => metric.title(),
    }
}

/// Says which way is worse.
fn change(metric: Metric) -> String {
    let way = if metric.is_higher_better() { "drop" } else { "rise" };
    format!("{way} of {}", title(metric))
}

fn figure(metric: Metric, shown: &[&ColumnImportance]) -> Figure {
    let values: Vec<f64> = shown.iter().map(|column| column.mean(0)).collect();
    let first: Vec<String> = shown.iter().take(3).map(|column| column.column.clone()).collect();
    Figure {
        name: "importance".to_string(),
        title: "Permutation importance".to_string(),
        description: format!("Most depends on: {}.", first.join(", ")),
        picture: Picture::Bars(Bars {
            labels: shown.iter().map(|column| column.column.clone()).collect(),
            title: change(metric),
            groups: vec![Group {
                name: None,
                texts: values.iter().map(|value| rounded(*value)).collect(),
                values,
                spreads: shown.iter().map(|column| column.deviation(0)).collect(),
            }],
        }),
    }
}

fn table(importance: &Importance, shown: &[&ColumnImportance]) -> DataTable {
    let mut table = DataTable::new("How much worse without a column", &["column", "#inputs"]);
    for metric in &importance.metrics {
        let titles = [change(*metric), "± deviation".to_string()];
        let headings = titles.map(|title| super::Heading { title, is_number: true });
        table.headings.extend(headings);
    }
    let row = |column: &&ColumnImportance| {
        let scores = (0..importance.metrics.len()).flat_map(|metric| {
            [Cell::score(column.mean(metric)), Cell::score(column.deviation(metric))]
        });
        [Cell::name(&column.column), Cell::count(column.inputs as u64)]
            .into_iter()
            .chain(scores)
            .collect()
    };
    table.rows = shown.iter().map(row).collect();
    table
}
