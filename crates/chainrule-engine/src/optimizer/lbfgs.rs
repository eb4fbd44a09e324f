//! L-BFGS with a line search for the strong Wolfe conditions.
//!
//! Source: Nocedal & Wright, "Numerical Optimization", 2nd ed. 2006: the
//! direction is algorithm 7.4 with the scaling (7.20), the line search
//! algorithms 3.5 and 3.6 with cubic interpolation (3.59).

use crate::aligned::Aligned;
use crate::data::Samples;
use crate::evaluation::{Evaluator, LossSum};
use crate::optimizer::Optimizer;
use crate::real::Real;

/// What an iteration over the whole set came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// The losses after it.
    pub(crate) loss: LossSum,
    /// Whether no further step was found.
    pub(crate) has_converged: bool,
}

/// The first Wolfe condition: the loss falls by at least this share of what
/// the slope promises.
const ENOUGH_DECREASE: f64 = 1e-4;

/// The second: the slope has flattened to this share.
const ENOUGH_FLATTENING: f64 = 0.9;

/// The most evaluations of a line search.
const LINE_STEPS: usize = 25;

/// What L-BFGS remembers, and its working space.
#[derive(Clone, Debug)]
pub(crate) struct Lbfgs<T> {
    /// Differences of parameters and of gradients, in a ring.
    pub(crate) pairs: Vec<Pair<T>>,
    /// How many pairs there are.
    pub(crate) count: usize,
    /// Where the next pair goes.
    pub(crate) next: usize,
    /// The losses at the parameters and what is minimized, while the gradient
    /// there is known too.
    pub(crate) known: Option<(LossSum, f64)>,
    direction: Aligned<T>,
    start: Aligned<T>,
    start_gradient: Aligned<T>,
}

/// A step `s` and the change `y` of the gradient over it.
#[derive(Clone, Debug)]
pub(crate) struct Pair<T> {
    pub(crate) s: Aligned<T>,
    pub(crate) y: Aligned<T>,
}

/// A point on the line.
#[derive(Clone, Copy, Debug)]
struct Point {
    /// How far along the direction.
    step: f64,
    /// What is minimized, there.
    value: f64,
    /// Its slope along the direction.
    slope: f64,
    loss: LossSum,
}

impl<T: Real> Lbfgs<T> {
    /// Makes room, if the optimizer is this one.
    pub(crate) fn new(optimizer: Optimizer, length: usize) -> Option<Lbfgs<T>> {
        let Optimizer::Lbfgs { history } = optimizer else { return None };
        let pair = || Pair { s: Aligned::new(length), y: Aligned::new(length) };
        Some(Lbfgs {
            pairs: (0..history).map(|_| pair()).collect(),
            count: 0,
            next: 0,
            known: None,
            direction: Aligned::new(length),
            start: Aligned::new(length),
            start_gradient: Aligned::new(length),
        })
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let pairs = self.pairs.iter().map(|pair| pair.s.bytes() + pair.y.bytes());
        let others = [&self.direction, &self.start, &self.start_gradient];
        pairs.sum::<usize>() + others.iter().map(|buffer| buffer.bytes()).sum::<usize>()
    }

    /// Goes one step; `gradient` must be kept from call to call.
    pub(crate) fn iterate(
        &mut self,
        evaluator: &mut Evaluator<T>,
        samples: &Samples<'_, T>,
        l2: f64,
        parameters: &mut [T],
        gradient: &mut [T],
    ) -> Outcome {
        let mut evaluate = |parameters: &[T], gradient: &mut [T]| {
            let loss = evaluator.loss_and_gradient(parameters, samples, gradient);
            (loss, loss.mean() + evaluator.penalty(l2, parameters, gradient))
        };
        // A restored state has no gradient; computed anew it has the same bits.
        let (loss, value) = match self.known {
            Some(known) => known,
            None => evaluate(parameters, gradient),
        };
        let largest = gradient.iter().fold(0.0, |largest: f64, g| largest.max(g.abs().to_f64()));
        let smallest = if T::BYTES == 4 { 1e-6 } else { 1e-10 };
        if largest <= smallest || !value.is_finite() {
            return Outcome { loss, has_converged: true };
        }
        self.find_direction(gradient);
        let mut slope = dot(gradient, &self.direction);
        if slope >= 0.0 {
            // Rounding has spoilt the memory: begin anew, straight down.
            self.count = 0;
            self.find_direction(gradient);
            slope = dot(gradient, &self.direction);
        }
        self.start.copy_from_slice(parameters);
        self.start_gradient.copy_from_slice(gradient);
        let first_step = if self.count == 0 { (1.0 / largest).min(1.0) } else { 1.0 };
        let origin = Point { step: 0.0, value, slope, loss };
        let Lbfgs { direction, start, .. } = self;
        let found = line_search(origin, first_step, |step| {
            for ((w, &from), &along) in parameters.iter_mut().zip(&**start).zip(&**direction) {
                *w = from + T::from_f64(step) * along;
            }
            let (loss, value) = evaluate(parameters, gradient);
            Point { step, value, slope: dot(gradient, direction), loss }
        });
        let Some(found) = found else {
            parameters.copy_from_slice(&self.start);
            gradient.copy_from_slice(&self.start_gradient);
            self.known = Some((loss, value));
            return Outcome { loss, has_converged: true };
        };
        self.known = Some((found.loss, found.value));
        self.remember(parameters, gradient);
        Outcome { loss: found.loss, has_converged: false }
    }

    /// `direction = −H·gradient`, H by the pairs (algorithm 7.4).
    fn find_direction(&mut self, gradient: &[T]) {
        let Lbfgs { pairs, count, next, direction, .. } = self;
        for (d, &g) in direction.iter_mut().zip(gradient) {
            *d = -g;
        }
        let place = |age: usize| (*next + pairs.len() - 1 - age) % pairs.len();
        // At most as many pairs as there were iterations: a small number.
        let mut alphas = [0.0; MOST_PAIRS];
        for age in 0..*count {
            let Pair { s, y } = &pairs[place(age)];
            let alpha = dot(s, direction) / dot(s, y);
            alphas[age] = alpha;
            add(direction, -alpha, y);
        }
        if *count > 0 {
            let Pair { s, y } = &pairs[place(0)];
            let scale = T::from_f64(dot(s, y) / dot(y, y));
            direction.iter_mut().for_each(|d| *d *= scale);
        }
        for age in (0..*count).rev() {
            let Pair { s, y } = &pairs[place(age)];
            let beta = dot(y, direction) / dot(s, y);
            add(direction, alphas[age] - beta, s);
        }
    }

    /// Keeps the step just made, unless the gradient did not grow along it.
    fn remember(&mut self, parameters: &[T], gradient: &[T]) {
        let Lbfgs { pairs, count, next, start, start_gradient, .. } = self;
        let Pair { s, y } = &mut pairs[*next];
        for ((s, &to), &from) in s.iter_mut().zip(parameters).zip(&**start) {
            *s = to - from;
        }
        for ((y, &to), &from) in y.iter_mut().zip(gradient).zip(&**start_gradient) {
            *y = to - from;
        }
        if dot(s, y) > f64::from(f32::EPSILON) * f64::EPSILON * dot(y, y) {
            *next = (*next + 1) % pairs.len();
            *count = (*count + 1).min(pairs.len());
        }
    }
}

/// The most pairs there can be.
pub(crate) const MOST_PAIRS: usize = 100;

/// Finds a point that fulfils the strong Wolfe conditions, or failing that one
/// whose value is lower enough (algorithm 3.5).
fn line_search(
    origin: Point,
    first_step: f64,
    mut evaluate: impl FnMut(f64) -> Point,
) -> Option<Point> {
    let is_low_enough =
        |point: &Point| point.value <= origin.value + ENOUGH_DECREASE * point.step * origin.slope;
    let is_flat_enough = |point: &Point| point.slope.abs() <= -ENOUGH_FLATTENING * origin.slope;
    let mut last = origin;
    let mut step = first_step;
    let mut evaluations = 0;
    // Go on until the minimum is passed …
    let (mut low, mut high) = loop {
        let point = evaluate(step);
        evaluations += 1;
        if !point.value.is_finite() {
            // Too far: come nearer, and count that as passed.
            step = 0.5 * (last.step + point.step);
            if evaluations >= LINE_STEPS {
                return None;
            }
            continue;
        }
        if !is_low_enough(&point) || (evaluations > 1 && point.value >= last.value) {
            break (last, point);
        }
        if is_flat_enough(&point) {
            return Some(point);
        }
        if point.slope >= 0.0 {
            break (point, last);
        }
        if evaluations >= LINE_STEPS {
            return Some(point);
        }
        last = point;
        step = 2.0 * point.step;
    };
    // … then narrow the interval that holds it (algorithm 3.6).
    while evaluations < LINE_STEPS {
        let point = evaluate(between(&low, &high));
        evaluations += 1;
        if !is_low_enough(&point) || point.value >= low.value {
            high = point;
        } else {
            if is_flat_enough(&point) {
                return Some(point);
            }
            if point.slope * (high.step - low.step) >= 0.0 {
                high = low;
            }
            low = point;
        }
        if (high.step - low.step).abs() <= f64::EPSILON * low.step.abs().max(1.0) {
            break;
        }
    }
    // The last point tried is not the lowest: go there again.
    if low.step > 0.0 { Some(evaluate(low.step)) } else { None }
}

/// Returns the minimum of the cubic through two points (eq. 3.59), kept away
/// from both ends.
fn between(one: &Point, other: &Point) -> f64 {
    let width = other.step - one.step;
    let d1 = one.slope + other.slope - 3.0 * (one.value - other.value) / (one.step - other.step);
    let root = (d1 * d1 - one.slope * other.slope).sqrt().copysign(width);
    let share = (other.slope + root - d1) / (other.slope - one.slope + 2.0 * root);
    let step = other.step - width * share;
    let (low, high) = (one.step + 0.1 * width, other.step - 0.1 * width);
    let (low, high) = (low.min(high), low.max(high));
    if step.is_finite() { step.clamp(low, high) } else { 0.5 * (one.step + other.step) }
}

/// `Σ x·y`, in doubles, in order.
fn dot<T: Real>(x: &[T], y: &[T]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x.to_f64() * y.to_f64()).sum()
}

/// `x += factor·y`
fn add<T: Real>(x: &mut [T], factor: f64, y: &[T]) {
    let factor = T::from_f64(factor);
    for (x, &y) in x.iter_mut().zip(y) {
        *x += factor * y;
    }
}
