//! Loss and deltas of the output layer.
//!
//! Pairs of activation and loss that belong together, and the losses that are
//! plain sums, run on vectors ([`kernels::output`](crate::kernels)); all others
//! call the textbook's formulas in doubles, number by number.

use chainrule::activation::Activation;
use chainrule::convention::DeltaSign;
use chainrule::loss::Loss;

use crate::kernels::{Ending, Isa, Panels, PanelsMut, Term, activate, output_deltas, softmax};
use crate::real::Real;

/// How the output layer's deltas are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Objective {
    activation: Activation,
    loss: Loss,
    /// By the kernels; or else number by number.
    ending: Option<Ending>,
}

/// Numbers the textbook's formulas are given: one row in doubles.
#[derive(Clone, Debug)]
pub(crate) struct OutputRow {
    targets: Vec<f64>,
    outputs: Vec<f64>,
    slopes: Vec<f64>,
}

impl OutputRow {
    /// Makes room for a row.
    pub(crate) fn new(outputs: usize) -> OutputRow {
        let row = vec![0.0; outputs];
        OutputRow { targets: row.clone(), outputs: row.clone(), slopes: row }
    }
}

impl Objective {
    /// Chooses the way for a pair; `outputs` is the number of outputs.
    pub(crate) fn new(activation: Activation, loss: Loss, outputs: usize) -> Objective {
        let share = 1.0 / outputs as f64;
        let term = match (activation, loss) {
            // δ = softmax(z) − t (Bishop 2006, eq. 4.109).
            (Activation::Softmax, Loss::CategoricalCrossEntropy) => {
                let ending = Some(Ending::SoftmaxCrossEntropy);
                return Objective { activation, loss, ending };
            }
            // δ = σ(z) − t (Bishop 2006, eq. 4.91).
            (Activation::Sigmoid, Loss::BinaryCrossEntropy) => Some(Term::SigmoidCrossEntropy),
            (Activation::Softmax, _) | (Activation::Softplus, Loss::Poisson) => None,
            (_, Loss::HalfSquared) => Some(Term::Squared { value: 0.5 }),
            (_, Loss::MeanSquared) => Some(Term::Squared { value: share }),
            (_, Loss::SumSquared) => Some(Term::Squared { value: 1.0 }),
            (_, Loss::MeanAbsolute) => Some(Term::Absolute { value: share }),
            (_, Loss::Huber) => Some(Term::Huber),
            (_, Loss::Quantile { tau }) => Some(Term::Quantile { tau }),
            (_, Loss::BinaryCrossEntropy | Loss::CategoricalCrossEntropy | Loss::Poisson) => None,
        };
        Objective { activation, loss, ending: term.map(Ending::Terms) }
    }

    /// Returns how the kernels compute it, if they do.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Replaces pre-activations by outputs.
    pub(crate) fn outputs<T: Real>(
        &self,
        isa: Isa,
        z: &mut PanelsMut<'_, T>,
        rows: usize,
        columns: usize,
    ) {
        if self.activation == Activation::Softmax {
            softmax(isa, z.reborrow(), rows, columns);
        } else {
            activate(isa, self.activation, z.values, &mut []);
        }
    }

    /// Computes the loss of each row; replaces pre-activations by deltas,
    /// `∂E/∂z` multiplied by the row's factor.
    ///
    /// # Shapes
    /// - `z`, `slopes`, `targets`: (rows, columns), in panels without gaps
    /// - `factors`, `losses`: (rows)
    #[expect(clippy::too_many_arguments, reason = "each is a matrix of its own")]
    pub(crate) fn deltas<T: Real>(
        &self,
        isa: Isa,
        mut z: PanelsMut<'_, T>,
        slopes: &mut [T],
        targets: Panels<'_, T>,
        factors: &[T],
        losses: &mut [T],
        columns: usize,
        row: &mut OutputRow,
    ) {
        if let Some(ending) = self.ending {
            let activation = self.activation;
            output_deltas(isa, ending, activation, z, slopes, targets, factors, losses, columns);
            return;
        }
        // From pre-activations, since the logarithm of an output is finite where the
        // output itself is 0.
        let of_row: Option<fn(&mut OutputRow) -> f64> = match (self.activation, self.loss) {
            (Activation::Softplus, Loss::Poisson) => Some(softplus_poisson),
            (Activation::Sigmoid, Loss::Poisson) => Some(sigmoid_poisson),
            (Activation::Softmax, Loss::Poisson) => Some(softmax_poisson),
            (Activation::Softmax, Loss::BinaryCrossEntropy) => Some(softmax_binary_cross_entropy),
            _ => None,
        };
        if let Some(of_row) = of_row {
            by_row(&mut z, targets, factors, losses, columns, row, of_row);
            return;
        }
        if self.activation == Activation::Softmax {
            softmax(isa, z.reborrow(), factors.len(), columns);
        } else {
            activate(isa, self.activation, z.values, slopes);
        }
        let slopes = Panels { values: &*slopes, stride: z.stride };
        self.by_the_textbook(&mut z, slopes, targets, factors, losses, columns, row);
    }

    /// Replaces activations by deltas, number by number.
    #[expect(clippy::too_many_arguments, reason = "each is a matrix of its own")]
    fn by_the_textbook<T: Real>(
        &self,
        a: &mut PanelsMut<'_, T>,
        slopes: Panels<'_, T>,
        targets: Panels<'_, T>,
        factors: &[T],
        losses: &mut [T],
        columns: usize,
        row: &mut OutputRow,
    ) {
        let width = a.stride / factors.len();
        let OutputRow { targets: t, outputs, slopes: slope } = row;
        for (index, (factor, loss)) in factors.iter().zip(losses).enumerate() {
            let place = |column: usize| column / width * a.stride + index * width + column % width;
            for column in 0..columns {
                t[column] = targets.values[place(column)].to_f64();
                outputs[column] = a.values[place(column)].to_f64();
                slope[column] =
                    self.loss.slope(DeltaSign::Gradient, t[column], outputs[column], columns);
            }
            *loss = T::from_f64(self.loss.value(t, outputs));
            // Of softmax, every output depends on every z:
            // ∂a_k/∂z_j = a_k·((1 if k = j) − a_j).
            let mean: f64 = slope.iter().zip(&*outputs).map(|(slope, a)| slope * a).sum();
            for column in 0..columns {
                let derivative = if self.activation == Activation::Softmax {
                    outputs[column] * (slope[column] - mean)
                } else {
                    slope[column] * slopes.values[place(column)].to_f64()
                };
                a.values[place(column)] = T::from_f64(factor.to_f64() * derivative);
            }
            for column in columns..columns.next_multiple_of(width) {
                a.values[place(column)] = T::ZERO;
            }
        }
    }
}

/// Replaces pre-activations by deltas, row by row in doubles: `of_row` is given the
/// pre-activations as outputs, leaves the deltas as slopes, and returns the loss.
fn by_row<T: Real>(
    z: &mut PanelsMut<'_, T>,
    targets: Panels<'_, T>,
    factors: &[T],
    losses: &mut [T],
    columns: usize,
    row: &mut OutputRow,
    of_row: fn(&mut OutputRow) -> f64,
) {
    let width = z.stride / factors.len();
    for (index, (factor, loss)) in factors.iter().zip(losses).enumerate() {
        let place = |column: usize| column / width * z.stride + index * width + column % width;
        for column in 0..columns {
            row.targets[column] = targets.values[place(column)].to_f64();
            row.outputs[column] = z.values[place(column)].to_f64();
        }
        *loss = T::from_f64(of_row(row));
        for column in 0..columns {
            z.values[place(column)] = T::from_f64(factor.to_f64() * row.slopes[column]);
        }
        for column in columns..columns.next_multiple_of(width) {
            z.values[place(column)] = T::ZERO;
        }
    }
}

/// Softplus with the Poisson loss: `E = Σ a − t·ln a`, `δ = σ(z)·(1 − t/a)`.
fn softplus_poisson(row: &mut OutputRow) -> f64 {
    let mut sum = 0.0;
    for ((&t, &z), slope) in row.targets.iter().zip(&row.outputs).zip(&mut row.slopes) {
        let power = z.min(0.0).exp();
        // ln(1 + e^z) is e^z to the last bit here, and its logarithm is z.
        let (a, ln_a, derivative, share) = if z < -40.0 {
            (power, z, power, 1.0)
        } else {
            let a = Activation::Softplus.value(z);
            let derivative = Activation::Sigmoid.value(z);
            (a, a.ln(), derivative, derivative / a)
        };
        // 0·ln 0 counts as 0, as everywhere.
        sum += if t == 0.0 { a } else { a - t * ln_a };
        *slope = derivative - t * share;
    }
    sum
}

/// Sigmoid with the Poisson loss: `E = Σ a − t·ln a`, `δ = (1−a)·(a − t)`.
fn sigmoid_poisson(row: &mut OutputRow) -> f64 {
    let mut sum = 0.0;
    for ((&t, &z), slope) in row.targets.iter().zip(&row.outputs).zip(&mut row.slopes) {
        let a = Activation::Sigmoid.value(z);
        // ln σ(z) = −ln(1 + e^−z)
        sum += if t == 0.0 { a } else { a + t * Activation::Softplus.value(-z) };
        *slope = Activation::Sigmoid.value(-z) * (a - t);
    }
    sum
}

/// Softmax with the Poisson loss: `E = Σ a − t·ln a`, `δ = a·Σt − t`.
fn softmax_poisson(row: &mut OutputRow) -> f64 {
    let all = log_sum_exp(&row.outputs, None);
    let total: f64 = row.targets.iter().sum();
    let mut sum = 0.0;
    for ((&t, &z), slope) in row.targets.iter().zip(&row.outputs).zip(&mut row.slopes) {
        let ln_a = z - all;
        sum += if t == 0.0 { ln_a.exp() } else { ln_a.exp() - t * ln_a };
        *slope = total * ln_a.exp() - t;
    }
    sum
}

/// Softmax with binary cross-entropy: `E = −Σ t·ln a + (1−t)·ln(1−a)`. The share of all
/// others `q_i = 1 − a_i` is computed from them; then
/// `δ_j = a_j − t_j + Σ_{i≠j} a_j·(t_i − a_i)/q_i`.
fn softmax_binary_cross_entropy(row: &mut OutputRow) -> f64 {
    let OutputRow { targets, outputs, slopes } = row;
    let all = log_sum_exp(outputs, None);
    let mut sum = 0.0;
    slopes.fill(0.0);
    for (i, &t) in targets.iter().enumerate() {
        // a = σ(ahead), q = σ(−ahead).
        let ahead = outputs[i] - log_sum_exp(outputs, Some(i));
        sum += if t == 0.0 { 0.0 } else { t * Activation::Softplus.value(-ahead) };
        sum += if t == 1.0 { 0.0 } else { (1.0 - t) * Activation::Softplus.value(ahead) };
        let (a, q) = (Activation::Sigmoid.value(ahead), Activation::Sigmoid.value(-ahead));
        for (j, slope) in slopes.iter_mut().enumerate() {
            let ln_a = outputs[j] - all;
            // A difference of what is near 1 has no digits left.
            *slope += match (i == j, ahead < 0.0) {
                (true, true) => a - t,
                (true, false) => 1.0 - t - q,
                (false, true) => ln_a.exp() * (t - a) / q,
                (false, false) => {
                    ln_a.exp() - (1.0 - t) * (ln_a + Activation::Softplus.value(ahead)).exp()
                }
            };
        }
    }
    sum
}

/// Returns `ln Σ e^z`, of all but one.
fn log_sum_exp(z: &[f64], left_out: Option<usize>) -> f64 {
    let kept = || z.iter().enumerate().filter(|&(index, _)| Some(index) != left_out);
    let greatest = kept().fold(f64::NEG_INFINITY, |greatest, (_, &z)| greatest.max(z));
    if greatest == f64::NEG_INFINITY {
        return greatest;
    }
    greatest + kept().map(|(_, &z)| (z - greatest).exp()).sum::<f64>().ln()
}
