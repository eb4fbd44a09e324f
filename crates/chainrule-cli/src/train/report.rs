//! What a report says of a run.

use std::path::Path;

use chainrule_model::metrics::Resampling;
use chainrule_model::model::Model;
use chainrule_model::quality;
use chainrule_model::report::{Measured, Subject};
use chainrule_model::train::Course;

use super::rows::{Folds, Rows};
use crate::args::ReportArgs;
use crate::failure::Failure;
use crate::{report, shell};

/// A run that has ended.
pub(super) struct Trained<'a> {
    pub(super) rows: &'a Rows,
    pub(super) course: &'a Course,
    pub(super) model: &'a Model,
    pub(super) folds: Option<Folds>,
}

impl Trained<'_> {
    /// Writes the report; the model went to `output`.
    pub(super) fn write(
        &self,
        args: &ReportArgs,
        output: &Path,
        say: &impl Fn(&str),
    ) -> Result<(), Failure> {
        let selection = self.rows.selection();
        let split = selection.split;
        let (measured, table) = if split.validation.is_empty() {
            (Measured::Training, selection.table.select(&split.training))
        } else {
            let table = selection.validation_table.unwrap_or(selection.table);
            (Measured::Validation, table.select(&split.validation))
        };
        let training = &self.model.training;
        let command = training.command.clone().unwrap_or_default();
        let to = shell::option("output", &output.to_string_lossy());
        let command = [vec![command, to], args.words()].concat().join(" ");
        let subject = Subject {
            model: self.model,
            name: name(output),
            measured,
            table: &table,
            evaluation: training.validation.clone(),
            resampling: Some(Resampling { seed: training.seed, ..Resampling::default() }),
            described: &self.rows.table,
            plans: Some(&self.rows.schema.columns),
            remarks: self.remarks(),
            choices: self.course.choices().iter().map(ToString::to_string).collect(),
            notes: self.folds.iter().map(Folds::sentence).collect(),
            commands: vec![("Train the same model again and write this report".into(), command)],
        };
        report::write(args, subject, say)
    }

    /// Returns all that was said of data and rows.
    fn remarks(&self) -> Vec<String> {
        let (training, _) = self.course.counts();
        let course = self.course.remarks().iter().map(ToString::to_string);
        let size = quality::size(self.course.encoder(), training);
        let size = size.iter().map(ToString::to_string);
        self.rows.remarks.iter().cloned().chain(course).chain(size).collect()
    }
}

/// Returns the name of a file without its folders.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
