//! `chainrule inspect`: what is in a model.

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule_model::encoder::Target;
use chainrule_model::model::TrainingMemory;
use chainrule_model::model::inspect::Summary;

use crate::args::{InspectArgs, ListFormat};
use crate::failure::Failure;
use crate::{json, model_file, scores, terminal, tuning};

pub(crate) fn run(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let model = model_file::read(&args.model)?;
    let summary = model.summary();
    let taken = if args.memory { model.training_memory() } else { None };
    terminal::deliver(None, |out, _| match args.format {
        ListFormat::Json => {
            let mut summary = json::versioned(&summary)?;
            if let Some(taken) = taken {
                summary.insert("training_memory".to_string(), serde_json::to_value(taken)?);
            }
            serde_json::to_writer_pretty(&mut *out, &summary)?;
            writeln!(out)
        }
        ListFormat::Text => write(&summary, args.memory, taken, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn write(
    summary: &Summary<'_>,
    memory: bool,
    taken: Option<TrainingMemory>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let training = summary.training;
    writeln!(out, "Predicts {}", predicts(summary.target))?;
    writeln!(out, "\nFrom {} columns:", summary.columns.len())?;
    for column in summary.columns.iter().take(MOST) {
        let missing = if column.has_indicator { ", may be missing" } else { "" };
        let values = if column.values.is_empty() {
            String::new()
        } else {
            format!(" ({})", shortened(column.values))
        };
        writeln!(out, "  {}: {}{values}{missing}", column.name, column.kind)?;
    }
    if summary.columns.len() > MOST {
        writeln!(out, "  and {} more", summary.columns.len() - MOST)?;
    }
    writeln!(
        out,
        "\nNetwork with {} weights and biases, {}, loss {}:",
        summary.parameters, summary.numbers, summary.loss
    )?;
    for (number, layer) in summary.layers.iter().enumerate() {
        writeln!(
            out,
            "  layer {}: {} to {}, {}, biases {}",
            number + 1,
            layer.inputs,
            layer.outputs,
            layer.activation,
            layer.bias
        )?;
    }
    let data = &training.data;
    writeln!(
        out,
        "\nTrained on {} ({}): {} rows, {} more for validation",
        data.name, data.fingerprint, data.training_rows, data.validation_rows
    )?;
    let epochs = training.history.training_loss.len();
    match training.best_epoch {
        Some(best) => writeln!(out, "  {epochs} epochs, of which epoch {best} was kept")?,
        None => writeln!(out, "  {epochs} epochs")?,
    }
    writeln!(out, "  by {}", training.program)?;
    if let Some(command) = &training.command {
        writeln!(out, "  again: {command}")?;
    }
    for (name, value) in &training.settings {
        if let Some(value) = value.as_str() {
            writeln!(out, "  {name} = {value}")?;
        }
    }
    if let Some(tuning) = &training.tuning {
        writeln!(out)?;
        tuning::write(tuning, out)?;
    }
    if let Some(validation) = &training.validation {
        write!(out, "\nOn the rows kept for validation: ")?;
        scores::write(validation, out)?;
    }
    if memory {
        let memory = summary.memory;
        writeln!(out, "\nMemory: {} bytes for weights and biases,", memory.parameters)?;
        writeln!(
            out,
            "  {} for a row of inputs, {} for its activations",
            memory.row, memory.activations
        )?;
        if let Some(taken) = taken {
            let threads = match taken.threads {
                1 => "1 thread".to_string(),
                count => format!("{count} threads"),
            };
            writeln!(
                out,
                "Training, beside the table: {} bytes with {threads}, all of it before the first \
                 step:\n  {} for encoded rows, {} for weights and biases, {} for the optimizer,\n  \
                 {} for the workspace of a batch",
                taken.total, taken.data, taken.parameters, taken.optimizer, taken.workspace
            )?;
        }
    }
    Ok(())
}

/// A text page shows this many columns.
const MOST: usize = 40;

fn predicts(target: &Target) -> String {
    match target {
        Target::Classes { column, labels } => {
            format!("`{column}`, one of {} classes: {}", labels.len(), shortened(labels))
        }
        Target::OneHot { labels } => {
            format!("one of {} classes: {}", labels.len(), shortened(labels))
        }
        Target::Numbers { .. } => format!("{} (numbers)", target.columns().join(", ")),
        Target::YesNo { .. } => format!("{} (yes or no, each)", target.columns().join(", ")),
    }
}

fn shortened(values: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut text = values.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if values.len() > SHOWN {
        text += &format!(" and {} more", values.len() - SHOWN);
    }
    text
}
