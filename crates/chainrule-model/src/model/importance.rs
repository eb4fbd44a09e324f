//! Which columns a model needs: how much worse it predicts when the cells of
//! one column are dealt out to the rows anew (Breiman 2001, §10; Fisher,
//! Rudin & Dominici 2019).
//!
//! A column of the table is permuted as a whole: all inputs made of it, the
//! slots of a category and the indicator of missing cells, move together. What
//! two columns both say is not missed when one of them is permuted: a column
//! may be unimportant here and yet be related to the answer.

use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::compare::Truth;
use super::predict::decode;
use super::{Compared, Error, Model, Predictions, Weights};
use crate::encoder::Inputs;
use crate::metrics::{Evaluation, Metric, Options};
use crate::table::Table;

/// How much each column matters.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// On how many rows it was measured.
    pub rows: usize,
    /// The scores that get worse; the first is the one to order columns by.
    pub metrics: Vec<Metric>,
    /// The scores with every column as it is.
    pub scores: Vec<f64>,
    /// The columns of the table that the model reads, in its order.
    pub columns: Vec<ColumnImportance>,
}

/// How much one column matters.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnImportance {
    /// The column.
    pub column: String,
    /// How many inputs are made of it.
    pub inputs: usize,
    /// (metrics, repeats): how much worse each score is, above 0 where it is
    /// worse.
    pub worse: Vec<Vec<f64>>,
}

/// How the columns are permuted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permutations {
    /// (repeats, rows): which row each row gets its cell from.
    pub each: Vec<Vec<u32>>,
}

impl Permutations {
    /// Draws permutations. All columns get the same, so that columns differ by
    /// themselves and not by chance.
    pub fn draw(rows: usize, repeats: usize, seed: u64) -> Permutations {
        let draw = |repeat: usize| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(repeat as u64);
            let mut order: Vec<u32> = (0_u32..).take(rows).collect();
            shuffle(&mut order, &mut random);
            order
        };
        Permutations { each: (0..repeats).map(draw).collect() }
    }
}

/// Shuffles (Fisher & Yates).
fn shuffle(order: &mut [u32], random: &mut ChaCha8Rng) {
    for last in (1..order.len()).rev() {
        // The upper half of a product: uneven by n in 2³².
        let other = (u64::from(random.next_u32()) * (last as u64 + 1)) >> 32;
        order.swap(last, usize::try_from(other).expect("it is at most `last`"));
    }
}

impl Compared {
    /// Returns places of some rows, at most `most`, the same for the same seed:
    /// a large table says no more of columns than a part.
    pub fn sample(&self, most: usize, seed: u64) -> Vec<u32> {
        let mut places: Vec<u32> = (0_u32..).take(self.rows.len()).collect();
        if places.len() > most {
            shuffle(&mut places, &mut ChaCha8Rng::seed_from_u64(seed));
            places.truncate(most);
            places.sort_unstable();
        }
        places
    }
}

impl Model {
    /// Measures how much each column matters, on some rows of a comparison.
    ///
    /// Nothing where a score is undefined, as of predictions that are not
    /// finite.
    ///
    /// # Shapes
    /// - `places`: places in the rows of `compared`
    /// - each of `permutations`: (places)
    ///
    /// # Errors
    /// If the table lacks a column.
    ///
    /// # Panics
    /// If there is no such place, or a permutation has another length.
    pub fn importance(
        &self,
        table: &Table,
        compared: &Compared,
        places: &[u32],
        permutations: &Permutations,
    ) -> Result<Option<Importance>, Error> {
        let inputs = self.encoder.read_inputs(table)?;
        let rows: Vec<u32> = places.iter().map(|&place| compared.rows[place as usize]).collect();
        let truth = compared.truth.part(places, compared.predictions.width());
        let measured = Measured {
            model: self,
            truth,
            metrics: metrics(&compared.predictions, self.quantile()),
        };
        Ok(match &self.weights {
            Weights::Single(network) => measured.importance(network, &inputs, &rows, permutations),
            Weights::Double(network) => measured.importance(network, &inputs, &rows, permutations),
        })
    }
}

/// Returns the scores to measure by. Log loss tells more than accuracy: it
/// also moves where no decision falls the other way.
fn metrics(predictions: &Predictions, quantile: Option<f64>) -> Vec<Metric> {
    match predictions {
        Predictions::Classes { .. } => vec![Metric::LogLoss, Metric::Accuracy],
        Predictions::Answers { .. } => vec![Metric::LogLoss, Metric::HammingLoss],
        Predictions::Numbers { .. } if quantile.is_some() => {
            vec![Metric::PinballLoss, Metric::Mae]
        }
        Predictions::Numbers { .. } => vec![Metric::R2, Metric::Rmse],
    }
}

/// A model and the answers it is held against.
struct Measured<'a> {
    model: &'a Model,
    truth: Truth,
    metrics: Vec<Metric>,
}

impl Measured<'_> {
    fn importance<T: Real>(
        &self,
        network: &Network<T>,
        inputs: &Inputs<'_>,
        rows: &[u32],
        permutations: &Permutations,
    ) -> Option<Importance> {
        let matrix: Vec<T> = inputs.encode(rows);
        let scores = self.scores(network, &matrix)?;
        let width = network.architecture().inputs();
        let columns: Vec<_> = self.model.encoder.columns().collect();
        let columns: Option<Vec<ColumnImportance>> = columns
            .into_par_iter()
            .map_init(
                || matrix.clone(),
                |permuted, (feature, range)| {
                    let mut worse = vec![Vec::new(); self.metrics.len()];
                    for order in &permutations.each {
                        assert_eq!(order.len(), rows.len(), "a permutation is of all rows");
                        for (row, &from) in permuted.chunks_exact_mut(width).zip(order) {
                            let from = &matrix[from as usize * width..][range.clone()];
                            row[range.clone()].copy_from_slice(from);
                        }
                        let found = self.scores(network, permuted)?;
                        for ((metric, worse), (was, is)) in
                            self.metrics.iter().zip(&mut worse).zip(scores.iter().zip(found))
                        {
                            let lost = was - is;
                            worse.push(if metric.is_higher_better() { lost } else { -lost });
                        }
                    }
                    let own = permuted.chunks_exact_mut(width).zip(matrix.chunks_exact(width));
                    for (row, own) in own {
                        row[range.clone()].copy_from_slice(&own[range.clone()]);
                    }
                    let column = feature.column.clone();
                    Some(ColumnImportance { column, inputs: range.len(), worse })
                },
            )
            .collect();
        Some(Importance {
            rows: rows.len(),
            metrics: self.metrics.clone(),
            scores,
            columns: columns?,
        })
    }

    fn scores<T: Real>(&self, network: &Network<T>, matrix: &[T]) -> Option<Vec<f64>> {
        let outputs = network.predict(matrix).expect("a model's encoder fits its network");
        let predictions = decode(self.model.encoder.target(), &outputs);
        let options = Options { quantile: self.model.quantile(), ..Options::default() };
        let evaluation: Evaluation = self.truth.evaluate(&predictions, &options);
        self.metrics.iter().map(|&metric| evaluation.value(metric)).collect()
    }
}

impl ColumnImportance {
    /// Returns the mean over the repeats, by the number of the score.
    ///
    /// # Panics
    /// If there is no such score.
    pub fn mean(&self, metric: usize) -> f64 {
        let worse = &self.worse[metric];
        worse.iter().sum::<f64>() / worse.len() as f64
    }

    /// Returns the standard deviation over the repeats (of the population, as
    /// scikit-learn's), by the number of the score.
    ///
    /// # Panics
    /// If there is no such score.
    pub fn deviation(&self, metric: usize) -> f64 {
        let (mean, worse) = (self.mean(metric), &self.worse[metric]);
        let squares: f64 = worse.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / worse.len() as f64).sqrt()
    }
}

impl Truth {
    /// Returns the answers of some rows alone.
    fn part(&self, places: &[u32], width: usize) -> Truth {
        match self {
            Truth::Classes(classes) => {
                Truth::Classes(places.iter().map(|&place| classes[place as usize]).collect())
            }
            Truth::Numbers(numbers) => {
                let row = |&place: &u32| numbers[place as usize * width..][..width].iter();
                Truth::Numbers(places.iter().flat_map(row).copied().collect())
            }
        }
    }
}
