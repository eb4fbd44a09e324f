//! A network in training on a stream.

use std::sync::Arc;

use chainrule_engine::real::Real;
use chainrule_engine::trainer::Ended;

use super::Streamed;
use super::memory::{Plan, most_validation_rows};
use super::picker::Picker;
use super::reading::{Reading, Way};
use crate::encoder::{self, Encoder, Fitter};
use crate::model::{Data, Model};
use crate::recipe::{ClassWeights, Precision, Problem, Recipe};
use crate::remark::Remark;
use crate::table::{Gather, Table};
use crate::train::{
    Course, EitherCallback, Encoded, Error, Finished, Part, Rows, Run, activation_of,
};

/// A sample of about so many rows stands for all, where one is enough.
const SAMPLE: f64 = 20_000.0;

/// How a stream is trained on, beside the recipe.
#[derive(Clone, Copy, Debug)]
pub struct StreamSettings<'a> {
    /// The bound of what depends on the rows, in bytes.
    pub memory: u64,
    /// Whether rows are in order of time: the last ones validate.
    pub ordered: bool,
    /// A table of its own to validate on, and its rows that have a target.
    pub validation: Option<(&'a Table, &'a [u32])>,
}

/// A network in training on a stream.
pub struct StreamCourse<'a> {
    table: &'a Streamed<'a>,
    course: Course,
    way: Arc<Way>,
    plan: Plan,
    training_rows: usize,
    validation: Option<Table>,
    sample: Table,
}

impl<'a> StreamCourse<'a> {
    /// Makes a course ready: reads the file once, fits the encoder to its
    /// training rows, keeps the validation rows, decides what the recipe leaves
    /// open.
    ///
    /// # Errors
    /// If a column does not fit, settings do not go together, or the memory is
    /// too little.
    pub fn new(
        table: &'a Streamed<'a>,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        settings: StreamSettings<'_>,
    ) -> Result<StreamCourse<'a>, Error> {
        match recipe.precision {
            Precision::F32 => StreamCourse::of(table, encoding, recipe, settings, Run::Single),
            Precision::F64 => StreamCourse::of(table, encoding, recipe, settings, Run::Double),
        }
    }

    fn of<T: Real>(
        table: &'a Streamed<'a>,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        settings: StreamSettings<'_>,
        run: impl FnOnce(Rows<T>) -> Run,
    ) -> Result<StreamCourse<'a>, Error> {
        if recipe.class_weights == ClassWeights::Balanced {
            return Err(Error::NotStreamed { what: "`class_weights = balanced`" });
        }
        let Streamed { schema, stream, .. } = table;
        let unlabelled = schema.unlabelled.as_ref().map_or(0, |(count, _)| *count);
        let labelled = (stream.rows() - unlabelled).max(1) as f64;
        let most = most_validation_rows(settings.memory, table.columns) as f64;
        let share = match settings.validation {
            Some(_) => 0.0,
            None => recipe.validation.min(most / labelled),
        };
        let (seed, rows) = (recipe.seed, stream.rows());
        let sample = SAMPLE.min(most / 2.0) / labelled;
        let picker = Picker::new(schema, seed, rows, share, sample, settings.ordered)?;

        let mut fitter = Fitter::new(schema, &encoding.for_loss(recipe.loss));
        let (mut validation, mut sample) = (Gather::default(), Gather::default());
        let (mut first, mut count, mut held_back) = (0, 0, 0);
        for part in stream.tables()? {
            let part = part?;
            let numbers = first..first + part.rows() as u64;
            first = numbers.end;
            let picked = picker.pick(schema, &part, numbers)?;
            if !picked.training.is_empty() {
                fitter.add(&part, &picked.training)?;
            }
            count += picked.training.len();
            held_back += picked.validation.len();
            if held_back as f64 > 2.0 * most {
                return Err(Error::LargeGroup { rows: held_back });
            }
            validation.add(&part, &picked.validation);
            sample.add(&part, &picked.sample);
        }
        let (encoder, mut remarks) = fitter.finish()?;
        let sample = sample.finish().ok_or(Error::NothingDecides)?;
        let validation = validation.finish();
        let held_back: Option<(&Table, Vec<u32>)> = match (settings.validation, &validation) {
            (Some((table, rows)), _) => Some((table, rows.to_vec())),
            (None, Some(table)) => Some((table, all(table))),
            (None, None) => None,
        };
        let held_back = match held_back {
            Some((table, rows)) if !rows.is_empty() => {
                let (part, more) = Part::of_known(&encoder, table, &rows)?;
                remarks.extend(more);
                part
            }
            _ => None,
        };
        let problem = problem(&encoder, count);
        let numbers = problem.inputs + problem.outputs;
        let row_bytes = (numbers * size_of::<T>() + size_of::<u32>()) as u64;
        // The sample is kept as read; validation rows are encoded as well.
        let read_bytes = (table.columns * size_of::<f64>()) as u64;
        let validating = held_back.as_ref().map_or(0, |part| part.count) as u64;
        let kept_bytes = validating * (row_bytes + read_bytes) + sample.rows() as u64 * read_bytes;
        let sampled = Part::encode(&encoder, &sample, &all(&sample))?;
        let rows = Encoded { encoder, training: sampled, validation: held_back, remarks };
        let mut course = Course::of_rows(rows, recipe, problem, run)?;
        let batch = course.settings().batch_size;
        let taken = (table.pages_bytes, kept_bytes);
        let plan = Plan::new(settings.memory, taken, row_bytes, batch, count)?;
        let encoder = course.forget_training(count);
        let way = Arc::new(Way { schema: schema.clone(), picker, encoder });
        Ok(StreamCourse { table, course, way, plan, training_rows: count, validation, sample })
    }

    /// Trains until there is a reason to end.
    ///
    /// # Errors
    /// If training diverges, or the file cannot be read or was changed.
    pub fn fit(&mut self, callback: &mut dyn EitherCallback) -> Result<Ended, Error> {
        let architecture = self.course.architecture().clone();
        let (table, way, count) = (self.table, Arc::clone(&self.way), self.training_rows);
        let window = self.plan.window;
        match self.course.run_mut() {
            Run::Single(rows) => {
                let mut reading = Reading::new(table, way, architecture, window);
                rows.fit_windows(&mut reading, count, callback)
            }
            Run::Double(rows) => {
                let mut reading = Reading::new(table, way, architecture, window);
                rows.fit_windows(&mut reading, count, callback)
            }
        }
    }

    /// Returns what a course on a table has as well: network, history, state.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// Returns it to be restored.
    pub fn course_mut(&mut self) -> &mut Course {
        &mut self.course
    }

    /// Returns how the memory is divided.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Returns what the encoder has to say of the training rows.
    pub fn remarks(&self) -> &[Remark] {
        self.course.remarks()
    }

    /// Returns the validation rows, where they are of the stream.
    pub fn validation(&self) -> Option<&Table> {
        self.validation.as_ref()
    }

    /// Makes the model, with a record of how it came about.
    ///
    /// # Errors
    /// If the sample does not fit the encoder.
    pub fn model(&self, recipe: &Recipe, finished: Finished) -> Result<Model, Error> {
        let (training_rows, validation_rows) = self.course.counts();
        let data = Data {
            name: self.table.name.clone(),
            fingerprint: self.table.fingerprint.clone(),
            training_rows: training_rows as u64,
            validation_rows: validation_rows as u64,
            columns: self.table.columns as u64,
        };
        let baseline = self.course.baseline(&self.sample, &all(&self.sample))?;
        Ok(self.course.recorded(recipe, data, baseline, finished))
    }
}

fn problem(encoder: &Encoder, samples: usize) -> Problem {
    Problem {
        samples,
        inputs: encoder.width(),
        outputs: encoder.target().outputs(),
        activation: activation_of(encoder.target()),
    }
}

/// Returns the numbers of all rows.
fn all(table: &Table) -> Vec<u32> {
    (0..).take(table.rows()).collect()
}
