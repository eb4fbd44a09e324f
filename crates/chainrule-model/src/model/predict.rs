//! Predictions for the rows of a table, in the user's labels and units.
//!
//! How good they are: [`compare`](super::Compared).

use chainrule_engine::network::Network;
use chainrule_engine::predictor::Predictor;
use chainrule_engine::real::Real;
use rayon::prelude::*;

use super::{Error, Model, Weights};
use crate::encoder::{Code, Inputs, Rows, Target};
use crate::read;
use crate::remark::Remark;
use crate::table::Table;

/// What a model says of rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Predictions {
    /// One of several classes.
    Classes {
        /// The classes, in order.
        labels: Vec<String>,
        /// (rows): the likeliest class, the first of equals.
        classes: Vec<u32>,
        /// (rows, classes)
        probabilities: Vec<f64>,
    },
    /// Several answers of yes or no.
    Answers {
        /// The columns, with the words for no and yes.
        answers: Vec<crate::encoder::Answer>,
        /// (rows, answers): the probability of yes.
        probabilities: Vec<f64>,
    },
    /// Numbers, in the user's units.
    Numbers {
        /// The columns.
        names: Vec<String>,
        /// (rows, names)
        values: Vec<f64>,
    },
}

/// How many rows are encoded at once: they stay in the cache until the network
/// has them.
const BLOCK: usize = 480;

/// How many rows a thread takes at once.
const PART: usize = 20 * BLOCK;

impl Model {
    /// Returns how a table for this model is to be read: its columns are what
    /// they were in training, whatever new rows look like.
    pub fn reading(&self, options: &read::Options) -> read::Options {
        let mut options = options.clone();
        for feature in self.encoder.features() {
            let column = feature.column.clone();
            match feature.code {
                Code::Number { .. } => options.numbers.push(column),
                Code::Category { .. } => options.text.push(column),
                Code::YesNo { .. } => {}
            }
        }
        options
    }

    /// Predicts the rows of a table; says what is odd in them.
    ///
    /// A row's prediction does not depend on the rows beside it, nor on how
    /// many threads there are, not in a single bit.
    ///
    /// # Errors
    /// If a column that the model was trained on is missing, or holds text
    /// where there were numbers.
    pub fn predict(&self, table: &Table) -> Result<(Predictions, Vec<Remark>), Error> {
        let inputs = self.encoder.read_inputs(table)?;
        let predictions = self.predictions(&inputs, &Rows::Range(0..table.rows()));
        Ok((predictions, inputs.remarks(0..table.rows())))
    }

    pub(super) fn predictions(&self, inputs: &Inputs<'_>, rows: &Rows<'_>) -> Predictions {
        match &self.weights {
            Weights::Single(network) => {
                decode(self.encoder.target(), &outputs(network, inputs, rows))
            }
            Weights::Double(network) => {
                decode(self.encoder.target(), &outputs(network, inputs, rows))
            }
        }
    }
}

impl Predictions {
    /// Returns how many numbers there are for each row.
    pub fn width(&self) -> usize {
        match self {
            Predictions::Classes { labels, .. } => labels.len(),
            Predictions::Answers { answers, .. } => answers.len(),
            Predictions::Numbers { names, .. } => names.len(),
        }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Predictions::Classes { classes, .. } => classes.len(),
            Predictions::Answers { probabilities: numbers, .. }
            | Predictions::Numbers { values: numbers, .. } => {
                numbers.len().checked_div(self.width()).unwrap_or(0)
            }
        }
    }
}

/// Computes the outputs of rows, (rows, outputs).
fn outputs<T: Real>(network: &Network<T>, inputs: &Inputs<'_>, rows: &Rows<'_>) -> Vec<T> {
    let width = network.architecture().outputs();
    let mut outputs = vec![T::ZERO; rows.len() * width];
    let predictor = network.predictor();
    outputs.par_chunks_mut(PART * width).enumerate().for_each_init(
        || (predictor.clone(), Vec::new()),
        |(predictor, matrix), (part, outputs)| {
            predict_part(predictor, matrix, inputs, rows, part * PART, outputs);
        },
    );
    outputs
}

/// Computes the outputs of rows from `start` on; `matrix` is room for inputs.
fn predict_part<T: Real>(
    predictor: &mut Predictor<T>,
    matrix: &mut Vec<T>,
    inputs: &Inputs<'_>,
    rows: &Rows<'_>,
    start: usize,
    outputs: &mut [T],
) {
    let (width, output_width) =
        (predictor.architecture().inputs(), predictor.architecture().outputs());
    for (block, outputs) in outputs.chunks_mut(BLOCK * output_width).enumerate() {
        let first = start + block * BLOCK;
        let end = first + outputs.len() / output_width;
        matrix.resize((end - first) * width, T::ZERO);
        match rows {
            Rows::Range(range) => {
                inputs.encode_into(range.start + first..range.start + end, matrix);
            }
            Rows::Listed(list) => inputs.encode_into(&list[first..end], matrix),
        }
        predictor.predict_into(matrix, outputs).expect("a model's encoder fits its network");
    }
}

/// Turns outputs into answers.
pub(super) fn decode<T: Real>(target: &Target, outputs: &[T]) -> Predictions {
    let rows = outputs.chunks_exact(target.outputs().max(1));
    match target {
        Target::Classes { labels, .. } | Target::OneHot { labels } => {
            let mut classes = Vec::with_capacity(rows.len());
            let mut probabilities = Vec::with_capacity(rows.len() * labels.len());
            for row in rows {
                let class = u32::try_from(target.class(row));
                classes.push(class.expect("labels have codes of 32 bits"));
                let each = (0..labels.len()).map(|class| target.probability(row, class));
                probabilities.extend(each);
            }
            Predictions::Classes { labels: labels.clone(), classes, probabilities }
        }
        Target::YesNo { answers } => Predictions::Answers {
            answers: answers.clone(),
            probabilities: outputs.iter().map(|output| output.to_f64()).collect(),
        },
        Target::Numbers { quantities } => {
            let names = quantities.iter().map(|quantity| quantity.column.clone()).collect();
            let decode = |row: &[T]| -> Vec<f64> {
                let pairs = row.iter().zip(quantities);
                pairs.map(|(output, quantity)| quantity.decode(output.to_f64())).collect()
            };
            Predictions::Numbers { names, values: rows.flat_map(decode).collect() }
        }
    }
}
