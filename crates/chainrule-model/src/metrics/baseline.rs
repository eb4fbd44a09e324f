//! The prediction that looks at no input: what a model has to beat.
//!
//! For classes and labels it is how often each occurs among the rows of
//! training, so that the class predicted is the most frequent one and the
//! probabilities are the best a constant can be. For numbers it is the mean,
//! which no constant beats in R² and RMSE; for predictions of a quantile, that
//! quantile.

/// Returns the shares of classes among rows, all equal where there is no row.
///
/// # Shapes
/// - `targets`: (rows), numbers of the classes from 0; others are left out
pub fn class_shares(targets: &[u32], classes: usize) -> Vec<f64> {
    let mut counts = vec![0_u64; classes];
    for &target in targets {
        if let Some(count) = counts.get_mut(target as usize) {
            *count += 1;
        }
    }
    let rows: u64 = counts.iter().sum();
    let share = |count: &u64| match rows {
        0 => 1.0 / classes as f64,
        _ => *count as f64 / rows as f64,
    };
    counts.iter().map(share).collect()
}

/// Returns the mean of each column; of labels, the share of rows that have it.
///
/// # Shapes
/// - `targets`: (rows, `width`), the result: (`width`)
pub fn means(targets: &[f64], width: usize) -> Vec<f64> {
    let rows = targets.len().checked_div(width).unwrap_or(0).max(1) as f64;
    let column = |index: usize| targets.iter().skip(index).step_by(width.max(1)).sum::<f64>();
    let mean = |index: usize| {
        let sum = column(index);
        if sum.is_finite() {
            return sum / rows;
        }
        // Numbers near the largest: their sum is beyond, their mean is not.
        targets.iter().skip(index).step_by(width.max(1)).map(|target| target / rows).sum()
    };
    (0..width).map(mean).collect()
}

/// Returns the τ-quantile of each column: the number that a share τ of the rows
/// is not above.
///
/// # Shapes
/// - `targets`: (rows, `width`), the result: (`width`)
pub fn quantiles(targets: &[f64], width: usize, tau: f64) -> Vec<f64> {
    let column = |index: usize| {
        let mut values: Vec<f64> =
            targets.iter().skip(index).step_by(width.max(1)).copied().collect();
        values.sort_unstable_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "τ lies between 0 and 1"
        )]
        let place = (tau.clamp(0.0, 1.0) * values.len() as f64).ceil() as usize;
        values.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    (0..width).map(column).collect()
}
