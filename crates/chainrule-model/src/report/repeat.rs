//! What it takes to do it again: settings, data, commands.

use super::{Block, Cell, DataTable, Report, Section};

pub(super) fn section(report: &Report<'_>) -> Section {
    let subject = &report.subject;
    let training = &subject.model.training;
    let mut section = Section::new("repeat", "Settings, and how to repeat it");
    for (label, command) in &subject.commands {
        let (label, command) = (label.clone(), command.clone());
        section.blocks.push(Block::Command { label, command });
    }
    let is_told = |command: &&String| {
        subject.commands.iter().any(|(_, told)| told.starts_with(command.as_str()))
    };
    if let Some(command) = training.command.as_ref().filter(|command| !is_told(command)) {
        section.blocks.push(Block::Command {
            label: "Train the same model again, to the last bit, on any number of threads".into(),
            command: command.clone(),
        });
    }
    let time = training.settings.get("time").and_then(|time| time.as_str());
    if time.is_some_and(|time| time != "off") {
        section.say(format!(
            "There was a limit of time: `--epochs {} --time off` in its place repeats the run on any \
             machine.",
            training.history.training_loss.len()
        ));
    }
    let mut data = DataTable::new("Where it comes from", &["", ""]);
    let rows = [
        ("program", training.program.clone()),
        ("data", training.data.name.clone()),
        ("fingerprint of the data", training.data.fingerprint.clone()),
        ("rows that trained", training.data.training_rows.to_string()),
        ("rows that validated", training.data.validation_rows.to_string()),
        ("columns of the table", training.data.columns.to_string()),
        ("seed", training.seed.to_string()),
        ("kind of numbers", subject.model.weights().numbers().to_string()),
    ];
    data.rows =
        rows.into_iter().map(|(name, value)| vec![Cell::text(name), Cell::Name(value)]).collect();
    section.blocks.push(Block::Table(data));
    if !subject.choices.is_empty() {
        section.blocks.push(Block::Heading("Left to the data".to_string()));
        section.blocks.push(Block::List(subject.choices.clone()));
    }
    let mut settings = DataTable::new("Settings", &["setting", "value"]);
    settings.rows = training
        .settings
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            vec![Cell::name(name), Cell::Name(value)]
        })
        .collect();
    section.blocks.push(Block::Table(settings));
    section
}
