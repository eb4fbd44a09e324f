//! Levenberg–Marquardt: Gauss–Newton with damping, for squared losses.
//!
//! With the residuals `e` of all samples and outputs and their derivatives
//! `J`, it solves `(JᵀJ + μI)·Δw = −Jᵀe`; the damping μ grows until the sum of
//! squares falls, and shrinks after that.
//!
//! Source: Hagan & Menhaj, "Training feedforward networks with the Marquardt
//! algorithm", IEEE Transactions on Neural Networks 5(6), 1994.

use chainrule::loss::Loss;

use crate::batch::Plan;
use crate::data::Samples;
use crate::evaluation::{Evaluator, LossSum};
use crate::optimizer::Optimizer;
use crate::optimizer::lbfgs::Outcome;
use crate::real::Real;
use crate::settings::Settings;

/// The damping from which on no step is looked for any more.
const LARGEST_DAMPING: f64 = 1e10;

/// What the method remembers, and its working space.
#[derive(Clone, Debug)]
pub(crate) struct Levenberg {
    /// The damping μ.
    pub(crate) damping: f64,
    /// What it was before the last iteration.
    damping_before: f64,
    factor: f64,
    /// Where each trained parameter lies, and whether it is a weight.
    places: Vec<(usize, bool)>,
    /// The lower triangle of `JᵀJ`, row by row.
    products: Vec<f64>,
    /// The same with damping, then its Cholesky factor.
    triangle: Vec<f64>,
    /// `Jᵀe`
    gradient: Vec<f64>,
    /// One row of `J`.
    row: Vec<f64>,
    step: Vec<f64>,
    start: Vec<f64>,
}

impl Levenberg {
    /// Makes room, if the optimizer is this one.
    pub(crate) fn new(optimizer: Optimizer, plan: &Plan) -> Option<Levenberg> {
        let Optimizer::LevenbergMarquardt { damping, factor } = optimizer else { return None };
        let places = plan.layout.trained();
        let count = places.len();
        let numbers = vec![0.0; count];
        let triangle = vec![0.0; count * (count + 1) / 2];
        Some(Levenberg {
            damping,
            damping_before: damping,
            factor,
            places,
            products: triangle.clone(),
            triangle,
            gradient: numbers.clone(),
            row: numbers.clone(),
            step: numbers.clone(),
            start: numbers,
        })
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers =
            [&self.products, &self.triangle, &self.gradient, &self.row, &self.step, &self.start];
        let numbers = numbers.iter().map(|numbers| numbers.len()).sum::<usize>();
        numbers * size_of::<f64>() + self.places.len() * size_of::<(usize, bool)>()
    }

    /// Goes one step.
    pub(crate) fn iterate<T: Real>(
        &mut self,
        evaluator: &mut Evaluator<T>,
        samples: &Samples<'_, T>,
        settings: &Settings,
        parameters: &mut [T],
    ) -> Outcome {
        self.damping_before = self.damping;
        self.linearize(evaluator, samples, settings, parameters);
        // Computed as the loss after the step: another sum may round to more.
        let before = evaluator.loss(parameters, samples);
        let l2 = settings.l2;
        let value = |evaluator: &mut Evaluator<T>, loss: LossSum, parameters: &[T]| {
            loss.mean() + evaluator.penalty(l2, parameters, &mut [])
        };
        let start_value = value(evaluator, before, parameters);
        let stay = Outcome { loss: before, has_converged: true };
        let is_at_rest = self.is_at_rest::<T>(2.0 * before.weight * start_value);
        if is_at_rest || !start_value.is_finite() {
            return stay;
        }
        for (start, &(place, _)) in self.start.iter_mut().zip(&self.places) {
            *start = parameters[place].to_f64();
        }
        while self.damping <= LARGEST_DAMPING {
            if self.solve() {
                self.move_by(parameters, 1.0);
                let loss = evaluator.loss(parameters, samples);
                if value(evaluator, loss, parameters) < start_value {
                    self.damping = (self.damping / self.factor).max(1e-20);
                    return Outcome { loss, has_converged: false };
                }
            }
            self.damping *= self.factor;
        }
        self.move_by(parameters, 0.0);
        stay
    }

    /// Forgets the last iteration.
    pub(crate) fn undo(&mut self) {
        self.damping = self.damping_before;
    }

    /// Computes `JᵀJ` and `Jᵀe`, of the sums over the samples and the penalty.
    fn linearize<T: Real>(
        &mut self,
        evaluator: &mut Evaluator<T>,
        samples: &Samples<'_, T>,
        settings: &Settings,
        parameters: &[T],
    ) {
        let outputs = evaluator.plan.architecture.outputs();
        // E = ½·share·(a−t)² for each output.
        let share = match settings.loss {
            Loss::MeanSquared => 2.0 / outputs as f64,
            Loss::SumSquared => 2.0,
            _ => 1.0,
        };
        self.products.fill(0.0);
        self.gradient.fill(0.0);
        let Levenberg { places, products, gradient, row, .. } = self;
        let mut all_weight = 0.0;
        evaluator.jacobian(parameters, samples, |sample, output, activation, derivatives| {
            let target = samples.targets(sample)[output].to_f64();
            let weight = samples.weight(sample).to_f64();
            let residual = activation.to_f64() - target;
            for (row, &(place, _)) in row.iter_mut().zip(&*places) {
                *row = derivatives[place].to_f64();
            }
            let scale = weight * share;
            let mut rest = &mut products[..];
            for (index, (&x, g)) in row.iter().zip(&mut *gradient).enumerate() {
                *g += scale * residual * x;
                let (line, after) = rest.split_at_mut(index + 1);
                for (product, &y) in line.iter_mut().zip(&row[..]) {
                    *product += scale * x * y;
                }
                rest = after;
            }
            all_weight += if output == 0 { weight } else { 0.0 };
        });
        for (index, (g, &(place, is_weight))) in gradient.iter_mut().zip(&*places).enumerate() {
            if is_weight {
                let decay = settings.l2 * all_weight;
                *g += decay * parameters[place].to_f64();
                products[diagonal(index)] += decay;
            }
        }
    }

    /// Returns whether the residuals stand at right angles to every column of
    /// `J`, but for rounding: then no step makes them shorter.
    ///
    /// Source: Moré, "The Levenberg–Marquardt algorithm: implementation and
    /// theory", 1978: MINPACK's test `gtol`.
    fn is_at_rest<T: Real>(&self, squares: f64) -> bool {
        let smallest = if T::BYTES == 4 { 1e-6 } else { 1e-10 };
        self.gradient.iter().enumerate().all(|(index, g)| {
            g.abs() <= smallest * (self.products[diagonal(index)] * squares).sqrt()
        })
    }

    /// Solves for the step by Cholesky's factors; returns whether it could.
    fn solve(&mut self) -> bool {
        let Levenberg { damping, products, triangle, gradient, step, .. } = self;
        triangle.copy_from_slice(products);
        let count = gradient.len();
        for row in 0..count {
            triangle[diagonal(row)] += *damping;
        }
        for row in 0..count {
            let (before, line) = triangle.split_at_mut(start(row));
            for column in 0..row {
                let other = &before[start(column)..=diagonal(column)];
                let sum: f64 = line[..column].iter().zip(other).map(|(x, y)| x * y).sum();
                line[column] = (line[column] - sum) / other[column];
            }
            let sum: f64 = line[..row].iter().map(|x| x * x).sum();
            let pivot = line[row] - sum;
            if !(pivot > 0.0 && pivot.is_finite()) {
                return false;
            }
            line[row] = pivot.sqrt();
        }
        for row in 0..count {
            let line = &triangle[start(row)..=diagonal(row)];
            let sum: f64 = line.iter().zip(&step[..row]).map(|(x, y)| x * y).sum();
            step[row] = (-gradient[row] - sum) / line[row];
        }
        for row in (0..count).rev() {
            step[row] /= triangle[diagonal(row)];
            let (before, rest) = step.split_at_mut(row);
            for (value, &factor) in before.iter_mut().zip(&triangle[start(row)..]) {
                *value -= factor * rest[0];
            }
        }
        step.iter().all(|value| value.is_finite())
    }

    /// Sets the parameters to where they were, plus a share of the step.
    fn move_by<T: Real>(&self, parameters: &mut [T], share: f64) {
        for ((&(place, _), start), step) in self.places.iter().zip(&self.start).zip(&self.step) {
            parameters[place] = T::from_f64(start + share * step);
        }
    }
}

/// Where a row of a lower triangle begins.
fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// Where a row of a lower triangle ends: its diagonal.
fn diagonal(row: usize) -> usize {
    start(row) + row
}
