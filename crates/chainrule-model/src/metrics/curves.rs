//! The curves of one class against the rest.

use super::ranking::{PrecisionRecallPoint, Ranking, RocPoint};

/// How one class is told from the rest, for every threshold of its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The class or label.
    pub label: String,
    /// The ROC curve; empty where only one side occurs.
    pub roc: Vec<RocPoint>,
    /// The curve of precision and recall, from the highest threshold down;
    /// empty where the class does not occur.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// The area under the ROC curve.
    pub roc_auc: Option<f64>,
    /// The average precision.
    pub average_precision: Option<f64>,
    /// The share of rows that are of the class: the precision of guessing.
    pub share: f64,
}

impl Curves {
    /// Finds the curves.
    ///
    /// # Shapes
    /// - `probability` and `is_positive` are asked for rows from 0 to below
    ///   `rows`, of which there are at most 2³².
    pub fn new(
        label: &str,
        rows: usize,
        probability: impl Fn(usize) -> f64,
        is_positive: impl Fn(usize) -> bool,
    ) -> Curves {
        let ranking = Ranking::new(rows, &probability, &is_positive);
        let [roc_auc, average_precision] = ranking.areas(&vec![1; rows]);
        let positives = (0..rows).filter(|&row| is_positive(row)).count();
        Curves {
            label: label.to_string(),
            roc: ranking.roc(&probability),
            precision_recall: ranking.precision_recall(&probability),
            roc_auc: roc_auc.ok(),
            average_precision: average_precision.ok(),
            share: positives as f64 / rows.max(1) as f64,
        }
    }
}
