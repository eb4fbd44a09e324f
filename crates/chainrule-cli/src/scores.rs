//! Scores as a text for people.

use std::io::{self, Write};

use chainrule_model::metrics::{Detail, Evaluation};

/// Writes scores, their intervals, and the baseline beside them.
pub(crate) fn write(evaluation: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    let has_baseline = evaluation.scores.iter().any(|score| score.baseline.is_some());
    let has_interval = evaluation.scores.iter().any(|score| score.interval.is_some());
    let rows = evaluation.rows;
    writeln!(out, "{rows} {}", if rows == 1 { "row" } else { "rows" })?;
    writeln!(out)?;
    let interval = match evaluation.resampling {
        Some(resampling) => format!("{}% interval", resampling.confidence * 100.0),
        None => String::new(),
    };
    if has_baseline || has_interval {
        let baseline = if has_baseline { "baseline" } else { "" };
        let heading = format!("{:<28} {:>10}  {interval:<21} {baseline:>10}", "", "score");
        writeln!(out, "{}", heading.trim_end())?;
    }
    for score in &evaluation.scores {
        let interval = match score.interval {
            Some(interval) => format!("{} to {}", number(interval.low), number(interval.high)),
            None => String::new(),
        };
        let baseline = match score.baseline {
            None => String::new(),
            Some(Ok(value)) => number(value),
            Some(Err(_)) => "undefined".to_string(),
        };
        let line = match score.value {
            Ok(value) => format!(
                "{:<28} {:>10}  {interval:<21} {baseline:>10}",
                score.metric.title(),
                number(value)
            ),
            Err(reason) => format!("{:<28} undefined: {reason}", score.metric.title()),
        };
        writeln!(out, "{}", line.trim_end())?;
    }
    detail(&evaluation.detail, out)
}

fn detail(detail: &Detail, out: &mut dyn Write) -> io::Result<()> {
    match detail {
        Detail::Classification { classes, confusion, .. } => {
            if classes.len() > MOST_CLASSES {
                return Ok(());
            }
            let longest = classes.iter().map(|class| class.label.chars().count()).max();
            let width = longest.unwrap_or(0).clamp(9, 24);
            let label = |text: &str| -> String { text.chars().take(width).collect() };
            writeln!(out, "\n{:<width$} precision   recall       f1   rows", "class")?;
            for class in classes {
                writeln!(
                    out,
                    "{:<width$} {:>9} {:>8} {:>8} {:>6}",
                    label(&class.label),
                    defined(class.precision),
                    defined(class.recall),
                    defined(class.f1),
                    class.support
                )?;
            }
            writeln!(out, "\nRows are the true classes, columns the predicted ones:")?;
            let cell = classes.iter().map(|class| class.label.chars().count().min(10)).max();
            let cell = cell.unwrap_or(0).max(6);
            write!(out, "{:<width$}", "")?;
            for class in classes {
                let name: String = class.label.chars().take(cell).collect();
                write!(out, " {name:>cell$}")?;
            }
            writeln!(out)?;
            for (class, counts) in classes.iter().zip(confusion) {
                write!(out, "{:<width$}", label(&class.label))?;
                for count in counts {
                    write!(out, " {count:>cell$}")?;
                }
                writeln!(out)?;
            }
            Ok(())
        }
        Detail::Regression { targets, quantile } if targets.len() > 1 => {
            let mut heads = vec!["R²", "RMSE", "MAE", "MAPE"];
            heads.extend(quantile.map(|_| "pinball"));
            let rows = targets.iter().map(|target| {
                let mut cells = vec![target.r2, target.rmse, target.mae, target.mape];
                cells.extend(quantile.map(|_| target.pinball_loss));
                (&target.name, cells)
            });
            table("target", &heads, rows, out)
        }
        Detail::MultiLabel { labels, .. } => {
            let heads = ["precision", "recall", "F1", "ROC-AUC", "PR-AUC"];
            let rows = labels.iter().map(|label| {
                let ranks = [label.roc_auc, label.average_precision];
                (&label.label, [&[label.precision, label.recall, label.f1][..], &ranks].concat())
            });
            table("label", &heads, rows, out)
        }
        _ => Ok(()),
    }
}

/// Writes scores of each of several targets.
fn table<'a>(
    what: &str,
    heads: &[&str],
    rows: impl Iterator<Item = (&'a String, Vec<Option<f64>>)> + Clone,
    out: &mut dyn Write,
) -> io::Result<()> {
    let longest = rows.clone().map(|(name, _)| name.chars().count()).max();
    let width = longest.unwrap_or(0).clamp(9, 24);
    write!(out, "\n{what:<width$}")?;
    for head in heads {
        write!(out, " {head:>10}")?;
    }
    writeln!(out)?;
    for (name, cells) in rows {
        let name: String = name.chars().take(width).collect();
        write!(out, "{name:<width$}")?;
        for cell in cells {
            write!(out, " {:>10}", cell.map_or("-".to_string(), number))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A table of more classes is for programs.
const MOST_CLASSES: usize = 12;

fn defined(value: Option<f64>) -> String {
    value.map_or("-".to_string(), |value| format!("{value:.4}"))
}

/// Writes a score with four decimals, or with five digits where it is large.
pub(crate) fn number(value: f64) -> String {
    if value.abs() < 1000.0 { format!("{value:.4}") } else { format!("{value:.1}") }
}
