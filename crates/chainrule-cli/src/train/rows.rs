//! The rows of a run: read, understood, and divided.

use std::io::{self, Write};

use chainrule_model::metrics::Metric;
use chainrule_model::model::Fingerprint;
use chainrule_model::quality;
use chainrule_model::read::Parts;
use chainrule_model::remark::Remark;
use chainrule_model::schema::Schema;
use chainrule_model::split::{Split, Splitter};
use chainrule_model::table::Table;
use chainrule_model::train::{Course, Finished, Selection};

use super::config::Config;
use super::{evaluate, main_score};
use crate::args::TrainArgs;
use crate::failure::Failure;
use crate::table;

/// A table, what its columns are, and which rows do what.
pub(super) struct Rows {
    pub(super) table: Table,
    validation_table: Option<Table>,
    pub(super) schema: Schema,
    labelled: Vec<u32>,
    split: Split,
    /// The rows that the file keeps for a test.
    test: Vec<u32>,
    /// What should be said of all this.
    pub(super) remarks: Vec<String>,
}

/// The scores of folds.
pub(super) struct Folds {
    metric: Metric,
    scores: Vec<f64>,
}

impl Rows {
    /// Reads the table and divides its rows. What the file says of its targets
    /// is taken where the user said nothing.
    pub(super) fn read(args: &TrainArgs, config: &mut Config) -> Result<Rows, Failure> {
        let mut options = table::options(&args.read);
        options.text.extend(config.choices.categorical.iter().cloned());
        options.numbers.extend(config.choices.numeric.iter().cloned());
        let path = args.data.as_deref().expect("clap asks for it");
        let data = table::read(path, args.labels.as_deref(), &options)?;
        let mut remarks: Vec<String> = data.remarks.iter().map(ToString::to_string).collect();
        if config.choices.targets.is_empty() {
            config.choices.targets.clone_from(&data.hints.targets);
        }
        let table = data.table;
        let schema = Schema::new(&table, &config.choices)?;
        remarks.extend(schema.remarks().iter().map(ToString::to_string));
        let labelled = schema.labelled(&table)?;
        remarks
            .extend(quality::columns(&schema, &table, &labelled)?.iter().map(ToString::to_string));
        let mut rows = Rows {
            table,
            validation_table: None,
            schema,
            labelled,
            split: Split::default(),
            test: Vec::new(),
            remarks,
        };
        if let Some(path) = &args.validation_data {
            let validation = table::read(path, None, &options)?.table;
            let known = rows.schema.labelled(&validation)?;
            rows.split = Split { training: rows.labelled.clone(), validation: known };
            rows.validation_table = Some(validation);
        } else if let Some(parts) = data.hints.parts.filter(|_| config.leaves_the_split())
            && parts.training > 0
        {
            rows.follow(parts);
        } else {
            let splitter = rows.splitter(&rows.labelled, config)?;
            let (split, said) = splitter.hold_out(config.recipe.validation)?;
            rows.remarks.extend(said.iter().map(ToString::to_string));
            rows.split = split;
        }
        let other = rows.validation_table.as_ref().unwrap_or(&rows.table);
        let twins = quality::duplicates(
            &rows.schema,
            (&rows.table, &rows.split.training),
            (other, &rows.split.validation),
        )?;
        rows.remarks.extend(twins.iter().map(ToString::to_string));
        Ok(rows)
    }

    /// Divides the rows as the file says.
    fn follow(&mut self, parts: Parts) {
        let validates = parts.training.saturating_add(parts.validation);
        let (first, last): (Vec<u32>, Vec<u32>) =
            self.labelled.iter().partition(|&&row| (row as usize) < validates);
        let (training, validation) =
            first.iter().partition(|&&row| (row as usize) < parts.training);
        self.remarks.push(format!(
            "the file says which rows train ({}), validate ({}) and test ({}); `--validation \
             SHARE` divides them anew",
            parts.training, parts.validation, parts.test
        ));
        self.split = Split { training, validation };
        (self.labelled, self.test) = (first, last);
    }

    /// Returns the rows that the file keeps for a test, if there are any.
    pub(super) fn test(&self) -> Option<Table> {
        (!self.test.is_empty()).then(|| self.table.select(&self.test))
    }

    /// Returns what divides some of the rows.
    fn splitter<'r>(&self, rows: &'r [u32], config: &Config) -> Result<Splitter<'r>, Failure> {
        let mut splitter = Splitter::of_table(&self.schema, &self.table, rows, config.recipe.seed)?;
        splitter.ordered = config.ordered;
        Ok(splitter)
    }

    /// Returns the rows that take part in training.
    pub(super) fn selection(&self) -> Selection<'_> {
        Selection {
            table: &self.table,
            split: &self.split,
            validation_table: self.validation_table.as_ref(),
        }
    }

    /// Divides all rows into folds.
    pub(super) fn folds(
        &self,
        count: usize,
        config: &Config,
    ) -> Result<(Vec<Split>, Vec<Remark>), Failure> {
        Ok(self.splitter(&self.labelled, config)?.folds(count)?)
    }

    /// Returns how many rows there are in all, validation included; nothing
    /// where the validation rows are a table of their own.
    pub(super) fn divisible(&self) -> Option<usize> {
        self.validation_table.is_none().then_some(self.labelled.len())
    }

    /// Returns what tells the table from others.
    pub(super) fn fingerprint(&self) -> String {
        fingerprint([&self.table])
    }

    /// Returns what tells this run from others: its data and its settings, but
    /// for those that a run may go on with others.
    pub(super) fn run_id(&self, config: &Config) -> String {
        let tables = [&self.table].into_iter().chain(&self.validation_table);
        config.run_id(&fingerprint(tables))
    }

    /// Trains and measures on each fold.
    pub(super) fn cross_validate(
        &self,
        count: usize,
        config: &Config,
        say: &impl Fn(&str),
    ) -> Result<Folds, Failure> {
        let (splits, remarks) = self.folds(count, config)?;
        for remark in remarks {
            say(&remark.to_string());
        }
        let mut scores = Vec::new();
        let mut named = Metric::Accuracy;
        for (fold, split) in splits.iter().enumerate() {
            // When to stop is found on a part of the fold's training rows: the
            // rows it is measured on must not tell.
            let splitter = self.splitter(&split.training, config)?;
            let (inner, _) = splitter.hold_out(config.recipe.validation)?;
            let selection = Selection { table: &self.table, split: &inner, validation_table: None };
            let mut course =
                Course::new(&self.schema, &config.encoding, &config.recipe, selection)?;
            course.fit(&mut ())?;
            let model = course.model(&config.recipe, selection, Finished::default())?;
            let evaluation = evaluate(&model, &self.table.select(&split.validation))?;
            let Some((metric, score)) = main_score(&evaluation) else { continue };
            say(&format!("fold {} of {count}: {} {score:.4}", fold + 1, metric.title()));
            named = metric;
            scores.push(score);
        }
        Ok(Folds { metric: named, scores })
    }
}

fn fingerprint<'a>(tables: impl IntoIterator<Item = &'a Table>) -> String {
    let mut fingerprint = Fingerprint::default();
    tables.into_iter().for_each(|table| fingerprint.add(table));
    fingerprint.finish()
}

impl Folds {
    fn mean(&self) -> f64 {
        self.scores.iter().sum::<f64>() / self.scores.len() as f64
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.scores.iter().map(|score| (score - mean).powi(2)).sum();
        (squares / (self.scores.len() as f64 - 1.0).max(1.0)).sqrt()
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.sentence())
    }

    pub(super) fn sentence(&self) -> String {
        format!(
            "{} over {} folds: {:.4}, standard deviation {:.4}",
            self.metric.title(),
            self.scores.len(),
            self.mean(),
            self.deviation()
        )
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "metric": self.metric.name(),
            "scores": self.scores,
            "mean": self.mean(),
            "standard_deviation": self.deviation(),
        })
    }
}
