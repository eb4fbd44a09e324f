//! What a search tried, as a text for people.

use std::io::{self, Write};

use chainrule_model::tune::{Judge, Trial, Tuning};

use crate::scores;

/// A text page shows so many trials.
const MOST: usize = 10;

/// Writes which settings did best, and by what that was decided.
pub(crate) fn write(tuning: &Tuning, out: &mut dyn Write) -> io::Result<()> {
    let Tuning { judge, searched, rungs, was_stopped, trials } = tuning;
    let judge = match judge {
        Judge::ValidationRows { rows } => format!("the loss on {rows} validation rows"),
        Judge::Folds { count } => format!("the mean loss of {count} folds"),
    };
    let count = trials.len();
    let stopped = if *was_stopped { ", until the search was stopped" } else { "" };
    let rungs: Vec<String> = rungs.iter().map(ToString::to_string).collect();
    writeln!(
        out,
        "Tried {count} settings, to epoch {}{stopped}; {judge} decided, no other rows were \
         looked at:\n",
        rungs.join(", ")
    )?;
    let mut lines = vec![["trial", "rung", "loss", "epochs"].map(String::from).to_vec()];
    lines[0].extend(searched.iter().map(|name| name.replace('_', " ")));
    lines.extend(trials.iter().take(MOST).map(|trial| line(trial, searched)));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..lines[0].len()).filter_map(width).collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
        writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  "))?;
    }
    if count > MOST {
        writeln!(out, "  and {} more; `--format json` has them all", count - MOST)?;
    }
    if let Some(place) = trials.iter().position(|trial| trial.number == 1) {
        let one_of = if place == 0 { "they did best" } else { "beaten" };
        writeln!(out, "Trial 1 has the settings without tuning: {one_of}.")?;
    }
    Ok(())
}

fn line(trial: &Trial, searched: &[String]) -> Vec<String> {
    let loss = match trial.loss {
        Some(loss) => scores::number(loss),
        None if trial.rungs == 0 => "-".to_string(),
        None => "diverged".to_string(),
    };
    let setting = |name: &String| {
        let value = trial.settings.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_string()
    };
    let [number, rung, epochs] = [trial.number, trial.rungs, trial.epochs].map(|n| n.to_string());
    let first = [number, rung, loss, epochs];
    first.into_iter().chain(searched.iter().map(setting)).collect()
}
