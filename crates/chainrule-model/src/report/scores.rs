//! Every score, its interval, and the baseline beside it.

use super::{Block, Cell, DataTable, Report, Section};
use crate::metrics::Score;
use crate::plot::rounded;

pub(super) fn section(report: &Report<'_>) -> Section {
    let evaluation = &report.evaluation;
    let mut section = Section::new("scores", "Scores");
    let mut table = DataTable::new(
        &format!("Scores on {}", report.rows_in_words()),
        &["score", "#value", "#interval", "#baseline", "better"],
    );
    if let Some(resampling) = evaluation.resampling {
        table.headings[2].title = format!("{}% interval", 100.0 * resampling.confidence);
    }
    table.rows = evaluation.scores.iter().map(row).collect();
    section.blocks.push(Block::Table(table));
    if let Some(resampling) = evaluation.resampling {
        section.say(format!(
            "The intervals come from {} resamples of the rows (bootstrap, percentiles, seed {}): so \
             much would the score vary with other rows of the same kind.",
            resampling.resamples, resampling.seed
        ));
    }
    if evaluation.scores.iter().any(|score| score.baseline.is_some()) {
        section.say(
            "The baseline looks at no input: it always says what is most frequent among the training \
             rows, with their shares as probabilities, or their mean. A model is worth what it is \
             better.",
        );
    }
    section
}

fn row(score: &Score) -> Vec<Cell> {
    let value = match score.value {
        Ok(value) => Cell::score(value),
        Err(reason) => Cell::text(format!("undefined: {reason}")),
    };
    let interval = match score.interval {
        Some(interval) => format!("{} to {}", rounded(interval.low), rounded(interval.high)),
        None => "–".to_string(),
    };
    let baseline = match score.baseline {
        Some(Ok(value)) => Cell::score(value),
        Some(Err(reason)) => Cell::text(format!("undefined: {reason}")),
        None => Cell::text("–"),
    };
    let better = if score.metric.is_higher_better() { "higher" } else { "lower" };
    vec![
        Cell::text(score.metric.title()),
        value,
        Cell::text(interval),
        baseline,
        Cell::text(better),
    ]
}
