//! All that decides on a training run: from a file, then from the command line.

use std::path::Path;

use chainrule_model::encoder;
use chainrule_model::recipe::{Recipe, SETTINGS};
use chainrule_model::schema::Choices;
use serde::Deserialize;

use crate::args::TrainArgs;
use crate::failure::Failure;
use crate::shell::{self, quoted};
use crate::table;

/// What is trained, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Config {
    pub(super) recipe: Recipe,
    pub(super) choices: Choices,
    pub(super) encoding: encoder::Settings,
    pub(super) ordered: bool,
    /// The settings that the user named, with a value and not `auto`.
    pub(super) given: Vec<&'static str>,
}

/// The tables of a configuration file beside the recipe.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Columns {
    ordered: bool,
    #[serde(flatten)]
    rest: toml::Table,
}

impl Config {
    /// Returns the settings of a file, if one is named, changed as the
    /// arguments say.
    pub(super) fn of(args: &TrainArgs) -> Result<Config, Failure> {
        let mut config = match &args.config {
            None => Config::default(),
            Some(path) => Config::read(path)?,
        };
        for (name, value) in &args.recipe.0 {
            config.note_given(name, value);
            config.recipe.set(name, value).map_err(|fault| Failure::Usage {
                message: format!("`--{}`: {}", name.replace('_', "-"), fault.fault),
                help: None,
            })?;
        }
        let choices = &mut config.choices;
        let lists = [
            (&args.target, &mut choices.targets),
            (&args.categorical, &mut choices.categorical),
            (&args.numeric, &mut choices.numeric),
            (&args.drop, &mut choices.drop),
        ];
        for (given, to) in lists {
            if !given.is_empty() {
                to.clone_from(given);
            }
        }
        choices.task = args.task.or(choices.task);
        if args.group.is_some() {
            choices.group.clone_from(&args.group);
        }
        let encoding = &mut config.encoding;
        encoding.scaling = args.scaling.or(encoding.scaling);
        encoding.fill = args.fill.unwrap_or(encoding.fill);
        encoding.rare = args.rare.or(encoding.rare);
        encoding.log_target &= !args.no_log_target;
        config.ordered |= args.ordered;
        Ok(config)
    }

    /// Tells whether nobody says how rows are to be divided.
    pub(super) fn leaves_the_split(&self) -> bool {
        !self.ordered && self.choices.group.is_none() && !self.given.contains(&"validation")
    }

    /// Notes that a setting has a value, which a search leaves alone.
    fn note_given(&mut self, name: &str, value: &str) {
        let known = SETTINGS.iter().find(|setting| setting.name == name);
        let Some(setting) = known else { return };
        self.given.retain(|given| *given != name);
        if value.trim() != "auto" {
            self.given.push(setting.name);
        }
    }

    fn read(path: &Path) -> Result<Config, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::reading(path, error))?;
        let fault = |message: String| Failure::Work {
            message: format!("{}: {message}", path.display()),
            help: Some("`chainrule train --print-config` prints a valid file".to_string()),
        };
        let file: toml::Table =
            text.parse().map_err(|error: toml::de::Error| fault(error.to_string()))?;
        let mut config = Config::default();
        for (name, value) in file {
            match name.as_str() {
                "columns" => {
                    let columns: Columns =
                        value.try_into().map_err(|error| fault(format!("[columns]: {error}")))?;
                    config.ordered = columns.ordered;
                    config.choices = toml::Value::Table(columns.rest)
                        .try_into()
                        .map_err(|error| fault(format!("[columns]: {error}")))?;
                }
                "encoding" => {
                    config.encoding =
                        value.try_into().map_err(|error| fault(format!("[encoding]: {error}")))?;
                }
                _ => {
                    let set = config.recipe.set_toml(&name, &value);
                    set.map_err(|error| fault(error.to_string()))?;
                    config.note_given(&name, value.as_str().unwrap_or_default());
                }
            }
        }
        Ok(config)
    }

    /// Writes all settings as a file to start from.
    pub(super) fn to_toml(&self) -> String {
        let table = |value: Result<toml::Value, _>| -> toml::Table {
            match value {
                Ok(toml::Value::Table(table)) => table,
                _ => toml::Table::new(),
            }
        };
        let mut columns = table(toml::Value::try_from(&self.choices));
        columns.insert("ordered".to_string(), self.ordered.into());
        let encoding = table(toml::Value::try_from(self.encoding));
        // What the data decide has no value; its line shows how it is written.
        let open = |table: &toml::Table, lines: &[(&str, &str)]| -> String {
            let lines = lines.iter().filter(|(name, _)| !table.contains_key(*name));
            let lines = lines.map(|(name, example)| format!("# {name} = {example}\n"));
            lines.collect::<Vec<_>>().concat()
        };
        let (columns_open, encoding_open) = (
            open(&columns, &[("task", "\"regression\""), ("group", "\"person\"")]),
            open(&encoding, &[("scaling", "\"robust\""), ("rare", "5")]),
        );
        format!(
            "# Settings for `chainrule train --config`.\n\n{}[columns]\n{columns}{columns_open}\n\
             [encoding]\n{encoding}{encoding_open}",
            self.recipe.to_toml()
        )
    }

    /// Returns what tells a run on some data from others, but for what a run
    /// may go on with others.
    pub(super) fn run_id(&self, data: &str) -> String {
        let mut config = self.clone();
        config.recipe.threads = 0;
        config.recipe.epochs = 0;
        config.recipe.time = None;
        config.recipe.steps = None;
        format!("data {data}\n{}", config.to_toml())
    }

    /// Returns the command that trains with these settings on the same files.
    pub(super) fn command(&self, args: &TrainArgs, data: &Path) -> String {
        let mut words = vec!["chainrule train".to_string(), quoted(&data.display().to_string())];
        let mut add = |name: &str, value: &str| words.push(shell::option(name, value));
        let files = [("labels", &args.labels), ("validation-data", &args.validation_data)];
        for (name, path) in files {
            if let Some(path) = path {
                add(name, &path.to_string_lossy());
            }
        }
        if args.stream {
            add("memory", &format!("{}B", args.memory));
        }
        let choices = &self.choices;
        let lists = [
            ("target", &choices.targets),
            ("categorical", &choices.categorical),
            ("numeric", &choices.numeric),
            ("drop", &choices.drop),
        ];
        for (option, values) in lists {
            if !values.is_empty() {
                add(option, &values.join(","));
            }
        }
        if let Some(group) = &choices.group {
            add("group", group);
        }
        // The names in a file of settings are those of the options.
        let spelled = |value: Result<toml::Value, _>| match value {
            Ok(toml::Value::String(name)) => Some(name),
            Ok(value) => Some(value.to_string()),
            Err::<_, toml::ser::Error>(_) => None,
        };
        if let Some(task) = self.choices.task.and_then(|task| spelled(toml::Value::try_from(task)))
        {
            add("task", &task);
        }
        let (encoding, default) = (self.encoding, encoder::Settings::default());
        let scaling = encoding.scaling.and_then(|one| spelled(toml::Value::try_from(one)));
        let fill = (encoding.fill != default.fill).then_some(encoding.fill);
        let fill = fill.and_then(|one| spelled(toml::Value::try_from(one)));
        let rare = encoding.rare.map(|rows| rows.to_string());
        for (name, value) in [("scaling", scaling), ("fill", fill), ("rare", rare)] {
            if let Some(value) = value {
                add(name, &value);
            }
        }
        let usual = Recipe::default();
        for setting in SETTINGS.iter().filter(|setting| setting.name != "threads") {
            let value = self.recipe.spell(setting.name);
            if value != usual.spell(setting.name) {
                add(&setting.name.replace('_', "-"), &value.unwrap_or_default());
            }
        }
        let flags = [
            ("--ordered", self.ordered),
            ("--no-log-target", !encoding.log_target),
            ("--stream", args.stream),
        ];
        words.extend(
            flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| (*flag).to_string()),
        );
        words.extend(table::words(&args.read));
        words.join(" ")
    }
}
