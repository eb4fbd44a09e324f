//! Which settings were tried, where they were searched.

use super::{Block, Cell, DataTable, Report, Section, counted};
use crate::tune::{Judge, Trial, Tuning};

/// More trials are not listed.
const MOST_TRIALS: usize = 15;

pub(super) fn section(report: &Report<'_>) -> Option<Section> {
    let tuning = report.subject.model.training.tuning.as_ref()?;
    let Tuning { judge, searched, rungs, was_stopped, trials } = tuning;
    let mut section = Section::new("tuning", "Settings that were tried");
    let judge = match judge {
        Judge::ValidationRows { rows } => {
            format!("the loss on {}", counted(*rows, "validation row"))
        }
        Judge::Folds { count } => format!("the mean loss of {}", counted(*count, "fold")),
    };
    let rungs: Vec<String> = rungs.iter().map(ToString::to_string).collect();
    section.say(format!(
        "{}, to epoch {}{}; {judge} decided. Trial 1 has the settings without a search.",
        counted(trials.len(), "trial"),
        rungs.join(", "),
        if *was_stopped { ", until the search was stopped" } else { "" },
    ));
    let mut table = DataTable::new("Trials, the best first", &["#trial", "#loss", "#epochs"]);
    for name in searched {
        let title = name.replace('_', " ");
        table.headings.push(super::Heading { title, is_number: false });
    }
    table.rows = trials.iter().take(MOST_TRIALS).map(|trial| row(trial, searched)).collect();
    section.blocks.push(Block::Table(table));
    if trials.len() > MOST_TRIALS {
        let more = trials.len() - MOST_TRIALS;
        section.say(format!("{more} more are not listed; `inspect --format json` has them."));
    }
    Some(section)
}

fn row(trial: &Trial, searched: &[String]) -> Vec<Cell> {
    let loss = match trial.loss {
        Some(loss) => Cell::quantity(loss),
        None if trial.rungs == 0 => Cell::text("–"),
        None => Cell::text("diverged"),
    };
    let setting = |name: &String| {
        let value = trial.settings.get(name).and_then(|value| value.as_str());
        Cell::name(value.unwrap_or_default())
    };
    let first = [Cell::count(trial.number as u64), loss, Cell::count(trial.epochs as u64)];
    first.into_iter().chain(searched.iter().map(setting)).collect()
}
