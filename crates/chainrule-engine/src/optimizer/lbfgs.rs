//! L-BFGS with a line search for the strong Wolfe conditions.
//!
//! Source: Nocedal & Wright, "Numerical Optimization", 2nd ed. 2006: the
//! direction is algorithm 7.4 with the scaling (7.20), the line search
//! algorithms 3.5 and 3.6 with cubic interpolation (3.59).

use crate::aligned::Aligned;
use crate::evaluation::LossSum;
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
    known: Option<(LossSum, f64)>,
    /// `count` and `next` before the last iteration, and whether that kept a
    /// pair: the one it displaced is then in `spare`.
    before: (usize, usize, bool),
    spare: Pair<T>,
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
            before: (0, 0, false),
            spare: pair(),
            direction: Aligned::new(length),
            start: Aligned::new(length),
            start_gradient: Aligned::new(length),
        })
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let pairs =
            self.pairs.iter().chain([&self.spare]).map(|pair| pair.s.bytes() + pair.y.bytes());
        let others = [&self.direction, &self.start, &self.start_gradient];
        pairs.sum::<usize>() + others.iter().map(|buffer| buffer.bytes()).sum::<usize>()
    }

    /// Forgets loss and gradient: the samples may be others now. Computed anew they
    /// have the same bits if not.
    pub(crate) fn forget_gradient(&mut self) {
        self.known = None;
    }

    /// Goes one step. `evaluate` writes the gradient and returns the loss and
    /// what is minimized; `gradient` must be kept from call to call.
    pub(crate) fn iterate(
        &mut self,
        mut evaluate: impl FnMut(&[T], &mut [T]) -> (LossSum, f64),
        parameters: &mut [T],
        gradient: &mut [T],
    ) -> Outcome {
        self.before = (self.count, self.next, false);
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
        let Lbfgs { pairs, count, next, start, start_gradient, spare: Pair { s, y }, .. } = self;
        for ((s, &to), &from) in s.iter_mut().zip(parameters).zip(&**start) {
            *s = to - from;
        }
        for ((y, &to), &from) in y.iter_mut().zip(gradient).zip(&**start_gradient) {
            *y = to - from;
        }
        if dot(s, y) > LEAST_GROWTH * dot(y, y) {
            std::mem::swap(&mut self.spare, &mut pairs[*next]);
            *next = (*next + 1) % pairs.len();
            *count = (*count + 1).min(pairs.len());
            self.before.2 = true;
        }
    }

    /// Forgets the last iteration; once only.
    pub(crate) fn undo(&mut self) {
        let (count, next, has_kept) = self.before;
        if has_kept {
            std::mem::swap(&mut self.spare, &mut self.pairs[next]);
        }
        (self.count, self.next, self.known) = (count, next, None);
        self.before.2 = false;
    }
}

/// A pair whose `sᵀy/yᵀy` is smaller is not kept: the quotient is the size of
/// the next step, and a step of less than the last bit of a double's last bit
/// leads nowhere.
const LEAST_GROWTH: f64 = f64::EPSILON * f64::EPSILON;

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
        // A value that is not a number is not low enough either.
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
/// from both ends; their middle, if a number is infinite or none.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley in any even number of dimensions; the minimum is 0,
    /// where all are 1.
    fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (x, g) in x.chunks_exact(2).zip(gradient.chunks_exact_mut(2)) {
            let (bend, rest) = (x[1] - x[0] * x[0], 1.0 - x[0]);
            sum += 100.0 * bend * bend + rest * rest;
            g[0] = -400.0 * x[0] * bend - 2.0 * rest;
            g[1] = 200.0 * bend;
        }
        sum
    }

    /// `½ Σ k·x_k²`, k from 1.
    fn bowl(x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for ((k, x), g) in (1..).map(f64::from).zip(x).zip(gradient) {
            sum += 0.5 * k * x * x;
            *g = k * x;
        }
        sum
    }

    /// Minimizes a function; checks the strong Wolfe conditions of each step,
    /// and returns the values and where it got to.
    fn minimize(
        function: impl Fn(&[f64], &mut [f64]) -> f64,
        start: &[f64],
        history: usize,
    ) -> (Vec<f64>, Vec<f64>) {
        let optimizer = Optimizer::Lbfgs { history };
        let mut lbfgs = Lbfgs::<f64>::new(optimizer, start.len()).expect("it is this one");
        let (mut x, mut gradient) = (start.to_vec(), vec![0.0; start.len()]);
        let mut values = Vec::new();
        loop {
            let mut slopes = vec![0.0; x.len()];
            let (from, value) = (x.clone(), function(&x, &mut slopes));
            let evaluate = |x: &[f64], gradient: &mut [f64]| {
                let value = function(x, gradient);
                (LossSum { loss: value, weight: 1.0 }, value)
            };
            let outcome = lbfgs.iterate(evaluate, &mut x, &mut gradient);
            if outcome.has_converged {
                return (values, x);
            }
            let step: Vec<f64> = x.iter().zip(&from).map(|(to, from)| to - from).collect();
            let (slope, after) = (dot(&slopes, &step), dot(&gradient, &step));
            let reached = outcome.loss.loss;
            // Near the minimum the last bit of the value is larger than the
            // decrease asked for.
            let rounding = 1e-15 * value.abs();
            assert!(reached <= value + ENOUGH_DECREASE * slope + rounding, "it falls enough");
            assert!(after.abs() <= -ENOUGH_FLATTENING * slope, "{after} is flat after {slope}");
            values.push(reached);
            assert!(values.len() < 1000, "it ends");
        }
    }

    #[test]
    fn rosenbrocks_valley_is_gone_through() {
        for count in [2, 10, 50] {
            let start: Vec<f64> = [-1.2, 1.0].into_iter().cycle().take(count).collect();
            let (values, x) = minimize(rosenbrock, &start, 10);
            assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-9), "{count}: {x:?}");
            assert!(values.len() <= 50, "{count}: {} iterations", values.len());
        }
    }

    #[test]
    fn a_quadratic_takes_hardly_more_iterations_than_dimensions() {
        for count in [2, 5, 10, 20] {
            let start: Vec<f64> = (0..count).map(|k| if k % 2 == 0 { 1.0 } else { -0.5 }).collect();
            let (values, x) = minimize(bowl, &start, 30);
            // With exact line searches, as many as dimensions; ours stops when
            // the slope has become smaller, and takes gradients of 1e-10 for 0.
            assert!(values.len() <= count + 10, "{count}: {} iterations", values.len());
            assert!(x.iter().all(|x| x.abs() < 1e-10), "{count}: {x:?}");
        }
    }

    #[test]
    fn infinite_values_on_the_way_are_walked_around() {
        // A logarithm's barrier: nothing below 0. The minimum of x − ln x is at 1.
        let barrier = |x: &[f64], gradient: &mut [f64]| {
            gradient[0] = 1.0 - 1.0 / x[0];
            if x[0] > 0.0 { x[0] - x[0].ln() } else { f64::NAN }
        };
        for start in [1e-3, 0.5, 40.0] {
            let (_, x) = minimize(barrier, &[start], 5);
            assert!((x[0] - 1.0).abs() < 1e-9, "from {start}: {x:?}");
        }
    }

    #[test]
    fn an_undone_iteration_leaves_no_trace() {
        // With a memory of one, two and three pairs: full and not.
        for history in 1..=3 {
            let run = |undone: Option<usize>| {
                let optimizer = Optimizer::Lbfgs { history };
                let mut lbfgs = Lbfgs::<f64>::new(optimizer, 2).expect("it is this one");
                let (mut x, mut gradient) = (vec![-1.2, 1.0], vec![0.0; 2]);
                let evaluate = |x: &[f64], gradient: &mut [f64]| {
                    let value = rosenbrock(x, gradient);
                    (LossSum { loss: value, weight: 1.0 }, value)
                };
                for iteration in 0..8 {
                    let from = x.clone();
                    lbfgs.iterate(evaluate, &mut x, &mut gradient);
                    if undone == Some(iteration) {
                        lbfgs.undo();
                        x = from;
                        lbfgs.iterate(evaluate, &mut x, &mut gradient);
                    }
                }
                x
            };
            for iteration in 0..8 {
                assert_eq!(run(Some(iteration)), run(None), "{history} pairs, {iteration} undone");
            }
        }
    }
}
