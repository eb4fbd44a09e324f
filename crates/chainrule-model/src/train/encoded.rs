//! Rows of a table as a network takes them.

use chainrule::activation::Activation;
use chainrule_engine::architecture::Architecture;
use chainrule_engine::data::Samples;
use chainrule_engine::real::Real;

use super::{Error, Selection};
use crate::encoder::{self, Encoder, Target};
use crate::recipe::{ClassWeights, Problem, Recipe};
use crate::remark::Remark;
use crate::schema::Schema;
use crate::table::Table;

/// Encoded rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    /// (rows, inputs).
    pub inputs: Vec<T>,
    /// (rows, outputs).
    pub targets: Vec<T>,
    /// What each row counts; empty where all count the same.
    pub weights: Vec<T>,
    /// How many rows there are.
    pub count: usize,
}

/// An encoder fitted to training rows, and all rows encoded.
#[derive(Debug)]
pub(crate) struct Encoded<T> {
    pub(crate) encoder: Encoder,
    pub(crate) training: Part<T>,
    pub(crate) validation: Option<Part<T>>,
    /// What the encoder has to say of the training rows.
    pub(crate) remarks: Vec<Remark>,
}

impl<T: Real> Encoded<T> {
    /// Fits the encoder to the training rows, and encodes.
    ///
    /// # Errors
    /// If a column does not fit.
    pub(crate) fn new(
        schema: &Schema,
        encoding: &encoder::Settings,
        recipe: &Recipe,
        selection: Selection<'_>,
    ) -> Result<Encoded<T>, Error> {
        let Selection { table, split, validation_table } = selection;
        let encoding = &encoding.for_loss(recipe.loss);
        let (encoder, mut remarks) = Encoder::fit(schema, encoding, table, &split.training)?;
        let mut training = Part::encode(&encoder, table, &split.training)?;
        if recipe.class_weights == ClassWeights::Balanced {
            training.balance(&encoder, table, &split.training)?;
        }
        let validation = if split.validation.is_empty() {
            None
        } else {
            let table = validation_table.unwrap_or(table);
            let (part, more) = Part::of_known(&encoder, table, &split.validation)?;
            remarks.extend(more);
            part
        };
        Ok(Encoded { encoder, training, validation, remarks })
    }

    /// Returns what is to be learned.
    pub(crate) fn problem(&self) -> Problem {
        Problem {
            samples: self.training.count,
            inputs: self.encoder.width(),
            outputs: self.encoder.target().outputs(),
            activation: activation_of(self.encoder.target()),
        }
    }
}

impl<T: Real> Part<T> {
    /// Returns no rows, where there are so many elsewhere.
    pub(crate) fn empty(count: usize) -> Part<T> {
        Part { inputs: Vec::new(), targets: Vec::new(), weights: Vec::new(), count }
    }

    /// Encodes rows of a table.
    ///
    /// # Errors
    /// If a column is missing or holds text where numbers were trained.
    pub fn encode(
        encoder: &Encoder,
        table: &Table,
        rows: &[u32],
    ) -> Result<Part<T>, crate::error::Error> {
        Ok(Part {
            inputs: encoder.read_inputs(table)?.encode(rows),
            targets: encoder.read_targets(table)?.encode(rows),
            weights: Vec::new(),
            count: rows.len(),
        })
    }

    /// Encodes those of some rows that have an answer which training knows; nothing if
    /// there are none. Also returns what there is to say of the others.
    ///
    /// # Errors
    /// As for [`encode`](Part::encode).
    pub(crate) fn of_known(
        encoder: &Encoder,
        table: &Table,
        rows: &[u32],
    ) -> Result<(Option<Part<T>>, Vec<Remark>), crate::error::Error> {
        let (known, remarks) = encoder.read_targets(table)?.known(rows);
        let part =
            if known.is_empty() { None } else { Some(Part::encode(encoder, table, &known)?) };
        Ok((part, remarks))
    }

    /// Lets every class count the same: a row weighs `rows / (classes · rows of
    /// its class)`.
    fn balance(
        &mut self,
        encoder: &Encoder,
        table: &Table,
        rows: &[u32],
    ) -> Result<(), crate::error::Error> {
        let target = encoder.target();
        if !matches!(target, Target::Classes { .. } | Target::OneHot { .. }) {
            return Ok(());
        }
        let classes = encoder.read_targets(table)?.classes(rows);
        let mut counts = vec![0_usize; target.labels().len()];
        for &class in &classes {
            counts[class] += 1;
        }
        let present = counts.iter().filter(|&&count| count > 0).count();
        let all = classes.len() as f64;
        let weight = |class: usize| all / (present as f64 * counts[class] as f64);
        self.weights = classes.iter().map(|&class| T::from_f64(weight(class))).collect();
        Ok(())
    }

    pub(crate) fn samples(&self, architecture: &Architecture) -> Result<Samples<'_, T>, Error> {
        self.first_samples(self.count, architecture)
    }

    /// Returns the first rows alone.
    pub(super) fn first_samples(
        &self,
        rows: usize,
        architecture: &Architecture,
    ) -> Result<Samples<'_, T>, Error> {
        let inputs = &self.inputs[..rows * architecture.inputs()];
        let targets = &self.targets[..rows * architecture.outputs()];
        let samples = Samples::new(architecture, inputs, targets)?;
        match self.weights.get(..rows) {
            Some(weights) if rows > 0 => Ok(samples.with_weights(weights)?),
            _ => Ok(samples),
        }
    }
}

/// Returns the output activation that fits a target.
pub(crate) fn activation_of(target: &Target) -> Activation {
    match target {
        Target::Classes { .. } | Target::OneHot { .. } if target.outputs() > 1 => {
            Activation::Softmax
        }
        Target::Classes { .. } | Target::OneHot { .. } | Target::YesNo { .. } => {
            Activation::Sigmoid
        }
        Target::Numbers { .. } => Activation::Identity,
    }
}
