//! One step of an optimizer, in one pass over weights, gradient and state.
//!
//! Quotients are products with reciprocals [by Newton's method](minus_reciprocals): a
//! division would wait for the root before it, in the one divider of a processor.
//!
//! The rules that need more than a few multiply-adds a weight, or look at all
//! of them, are in [`optimizer`](crate::optimizer), where the sources of all
//! rules are named too.

use super::math::minus_reciprocals;
use super::vector::Vector;
use crate::real::Real;

/// The vectors whose roots and reciprocals are computed side by side.
const SIDE_BY_SIDE: usize = 4;

/// What a step does with each weight `w`, its gradient `g`, and its state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    /// `w −= rate·g`
    Descent { rate: f64 },
    /// `m = momentum·m + g`, `w −= rate·m`
    Momentum { rate: f64, momentum: f64 },
    /// `m = momentum·m + g`, `w −= rate·(g + momentum·m)`
    Nesterov { rate: f64, momentum: f64 },
    /// `v += g²`, `w −= rate·g / (√v + epsilon)`
    AdaGrad { rate: f64, epsilon: f64 },
    /// `v = decay·v + (1−decay)·g²`, `w −= rate·g / (√v + epsilon)`
    RmsProp { rate: f64, decay: f64, epsilon: f64 },
    /// `m = β₁·m + (1−β₁)·g`, `v = β₂·v + (1−β₂)·g²`,
    /// `w −= (of_gradient·g + of_mean·m) / (root·√v + epsilon)`
    Adam { beta1: f64, beta2: f64, of_gradient: f64, of_mean: f64, root: f64, epsilon: f64 },
}

/// What is done to gradient and weight before the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Adjustment {
    /// The gradient is cut to ± this, if it is finite …
    pub(crate) limit: f64,
    /// … then multiplied by this,
    pub(crate) scale: f64,
    /// then `l2·w` is added,
    pub(crate) l2: f64,
    /// and `l1·sign(w)`; and the weight is multiplied
    pub(crate) l1: f64,
    /// by this.
    pub(crate) keep: f64,
}

impl Adjustment {
    /// Nothing is done.
    pub(crate) const NONE: Adjustment =
        Adjustment { limit: f64::INFINITY, scale: 1.0, l2: 0.0, l1: 0.0, keep: 1.0 };

    /// Does it to weights and gradient, for rules that are not kernels.
    pub(crate) fn apply<T: Real>(&self, weights: &mut [T], gradient: &mut [T]) {
        let [limit, scale, l2, l1, keep] =
            [self.limit, self.scale, self.l2, self.l1, self.keep].map(T::from_f64);
        for (w, g) in weights.iter_mut().zip(gradient) {
            let cut = if *g > limit { limit } else { *g };
            let cut = if cut < -limit { -limit } else { cut };
            let sign = if *w > T::ZERO { l1 } else { -l1 };
            let sign = if *w == T::ZERO { T::ZERO } else { sign };
            *g = cut * scale + l2 * *w + sign;
            *w *= keep;
        }
    }
}

kernel! {
    /// Applies a rule to weights. `first` holds the state `m` (or `v`, where
    /// there is no `m`), `second` the state `v`; empty where the rule has none.
    ///
    /// # Panics
    /// If the lengths are no multiple of a vector, or differ.
    pub(crate) fn update<T>(
        rule: Rule,
        adjustment: Adjustment,
        weights: &mut [T],
        gradient: &[T],
        first: &mut [T],
        second: &mut [T],
    ) = update_body of flat
}

#[inline(always)]
fn update_body<V: Vector>(
    token: V::Token,
    rule: Rule,
    adjustment: Adjustment,
    weights: &mut [V::Element],
    gradient: &[V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) {
    assert_eq!(weights.len(), gradient.len(), "every weight has a gradient");
    let count = weights.len() / V::LANES;
    assert_eq!(weights.len(), count * V::LANES, "a buffer holds whole vectors");
    assert!(!rule.has_first() || first.len() == weights.len(), "every weight has its state");
    assert!(!rule.has_second() || second.len() == weights.len(), "every weight has its state");
    let gradient = Stored::<V>(gradient.as_ptr());
    let weights = Weights::<V> {
        values: weights.as_mut_ptr(),
        first: first.as_mut_ptr(),
        second: second.as_mut_ptr(),
        stride: V::LANES,
        count,
    };
    let is_adjusted = adjustment != Adjustment::NONE;
    // SAFETY: all buffers that the rule uses have as many numbers.
    unsafe { weights.update(token, rule, &adjustment, is_adjusted, gradient) };
}

impl Rule {
    /// Tells whether the rule has a first state.
    #[inline(always)]
    pub(super) fn has_first(self) -> bool {
        !matches!(self, Rule::Descent { .. })
    }

    /// Tells whether the rule has a second state.
    #[inline(always)]
    pub(super) fn has_second(self) -> bool {
        matches!(self, Rule::Adam { .. })
    }
}

/// The gradient of vectors of weights.
pub(super) trait Gradient<V: Vector>: Copy {
    /// Returns that of a vector, by its number.
    ///
    /// # Safety
    /// There must be such a vector.
    unsafe fn at(self, token: V::Token, vector: usize) -> V;
}

/// A gradient in memory.
#[derive(Clone, Copy)]
struct Stored<V: Vector>(*const V::Element);

impl<V: Vector> Gradient<V> for Stored<V> {
    #[inline(always)]
    unsafe fn at(self, token: V::Token, vector: usize) -> V {
        // SAFETY: the caller grants the vector.
        unsafe { V::load(token, self.0.add(vector * V::LANES)) }
    }
}

/// The gradient of one sample: `δ_j·a_i`, of some neurons `j`, vector after
/// vector of `i`.
#[derive(Clone, Copy)]
pub(super) struct OfOneSample<V: Vector> {
    /// What leads into the layer; as many as there are vectors.
    pub(super) sources: *const V::Element,
    /// The deltas of the neurons.
    pub(super) delta: V,
}

impl<V: Vector> Gradient<V> for OfOneSample<V> {
    #[inline(always)]
    unsafe fn at(self, token: V::Token, vector: usize) -> V {
        // SAFETY: the caller grants the vector.
        let source = V::splat(token, unsafe { *self.sources.add(vector) });
        // Added to zero, as the sum over more samples begins.
        source.mul_add(self.delta, V::splat(token, V::Element::ZERO))
    }
}

/// An adjustment in vectors.
#[derive(Clone, Copy)]
struct Adjust<V> {
    limit: V,
    scale: V,
    l2: V,
    l1: V,
    keep: V,
}

impl<V: Vector> Adjust<V> {
    /// Returns weight and gradient as the rule sees them.
    #[inline(always)]
    fn of(self, w: V, g: V) -> (V, V) {
        // This order keeps a gradient that is not a number.
        let g = self.limit.or_smaller((-self.limit).or_greater(g)) * self.scale;
        let g = self.l2.mul_add(w, g);
        let none = w.constant(0.0);
        let sign = w.when_positive(self.l1, (-w).when_positive(-self.l1, none));
        (w * self.keep, g + sign)
    }
}

/// Vectors of weights with their state.
pub(super) struct Weights<V: Vector> {
    pub(super) values: *mut V::Element,
    /// The states, if the rule has them.
    pub(super) first: *mut V::Element,
    pub(super) second: *mut V::Element,
    /// The numbers from one vector to the next.
    pub(super) stride: usize,
    pub(super) count: usize,
}

impl<V: Vector> Weights<V> {
    /// Applies a rule, and first the adjustment if there is one.
    ///
    /// # Safety
    /// Weights, states that the rule has, and gradient must have these vectors.
    #[inline(always)]
    pub(super) unsafe fn update<G: Gradient<V>>(
        self,
        token: V::Token,
        rule: Rule,
        adjustment: &Adjustment,
        is_adjusted: bool,
        gradient: G,
    ) {
        // SAFETY: the caller grants the vectors.
        unsafe {
            if is_adjusted {
                self.apply::<G, true>(token, rule, adjustment, gradient);
            } else {
                self.apply::<G, false>(token, rule, adjustment, gradient);
            }
        }
    }

    /// The same, with the choice made.
    ///
    /// # Safety
    /// As for [`update`](Self::update).
    #[inline(always)]
    unsafe fn apply<G: Gradient<V>, const IS_ADJUSTED: bool>(
        self,
        token: V::Token,
        rule: Rule,
        adjustment: &Adjustment,
        gradient: G,
    ) {
        let one = V::splat(token, V::Element::ONE);
        let adjust = Adjust {
            limit: one.constant(adjustment.limit),
            scale: one.constant(adjustment.scale),
            l2: one.constant(adjustment.l2),
            l1: one.constant(adjustment.l1),
            keep: one.constant(adjustment.keep),
        };
        let (weights, first) = (self.values, self.first);
        // Where no gradient comes any more, means fade into subnormal numbers and
        // stay there for good. Flushed, m ends as one that is normal, also times a
        // rate; and the root of the least v is far below any ε.
        let least = one.constant(V::Element::SMALL[1]);

        // A macro, because a closure would not be compiled for the instruction set.
        macro_rules! each {
            (|$w:ident, $g:ident, $at:ident| $body:block) => {
                let mut vector = 0;
                while vector < self.count {
                    let $at = vector * self.stride;
                    // SAFETY: the caller grants the vectors.
                    unsafe {
                        let $w = V::load(token, weights.add($at));
                        let $g = gradient.at(token, vector);
                        let ($w, $g) = if IS_ADJUSTED { adjust.of($w, $g) } else { ($w, $g) };
                        let changed: V = $body;
                        changed.store(weights.add($at));
                    }
                    vector += 1;
                }
            };
        }

        match rule {
            Rule::Descent { rate } => {
                let rate = one.constant(-rate);
                each!(|w, g, at| { rate.mul_add(g, w) });
            }
            Rule::Momentum { rate, momentum } => {
                let (rate, momentum) = (one.constant(-rate), one.constant(momentum));
                each!(|w, g, at| {
                    let m = momentum.mul_add(V::load(token, first.add(at)), g).flushed();
                    m.store(first.add(at));
                    rate.mul_add(m, w)
                });
            }
            Rule::Nesterov { rate, momentum } => {
                let (rate, momentum) = (one.constant(-rate), one.constant(momentum));
                each!(|w, g, at| {
                    let m = momentum.mul_add(V::load(token, first.add(at)), g).flushed();
                    m.store(first.add(at));
                    rate.mul_add(momentum.mul_add(m, g), w)
                });
            }
            Rule::AdaGrad { rate, epsilon } => {
                let by_root = ByRoot::new(least, [0.0, 1.0, 1.0, rate, 0.0, 1.0, epsilon]);
                // SAFETY: as the caller grants.
                unsafe { self.by_root::<G, IS_ADJUSTED, false>(token, gradient, &adjust, &by_root) }
            }
            Rule::RmsProp { rate, decay, epsilon } => {
                let rest = 1.0 - decay;
                let by_root = ByRoot::new(least, [0.0, decay, rest, rate, 0.0, 1.0, epsilon]);
                // SAFETY: as the caller grants.
                unsafe { self.by_root::<G, IS_ADJUSTED, false>(token, gradient, &adjust, &by_root) }
            }
            Rule::Adam { beta1, beta2, of_gradient, of_mean, root, epsilon } => {
                let rest = 1.0 - beta2;
                let constants = [beta1, beta2, rest, of_gradient, of_mean, root, epsilon];
                let by_root = ByRoot::new(least, constants);
                // SAFETY: as the caller grants.
                unsafe { self.by_root::<G, IS_ADJUSTED, true>(token, gradient, &adjust, &by_root) }
            }
        }
    }

    /// Applies a rule that divides by a root, to some vectors side by side: each is a
    /// chain of waits. Without a mean of gradients, the first state is that of squares.
    ///
    /// # Safety
    /// As for [`update`](Self::update).
    #[inline(always)]
    unsafe fn by_root<G: Gradient<V>, const IS_ADJUSTED: bool, const HAS_MEAN: bool>(
        &self,
        token: V::Token,
        gradient: G,
        adjust: &Adjust<V>,
        rule: &ByRoot<V>,
    ) {
        // A macro, because a closure would not be compiled for the instruction set.
        macro_rules! side_by_side {
            ($from:expr, $count:expr) => {
                let [mut weights, mut numerators, mut divisors] = [[rule.epsilon; $count]; 3];
                for k in 0..$count {
                    let at = ($from + k) * self.stride;
                    let (w, g) =
                        (V::load(token, self.values.add(at)), gradient.at(token, $from + k));
                    let (w, g) = if IS_ADJUSTED { adjust.of(w, g) } else { (w, g) };
                    let (m, v) = if HAS_MEAN {
                        (Some(self.first.add(at)), self.second.add(at))
                    } else {
                        (None, self.first.add(at))
                    };
                    weights[k] = w;
                    (numerators[k], divisors[k]) = rule.quotient(token, g, m, v);
                }
                let reciprocals = minus_reciprocals(divisors);
                for k in 0..$count {
                    let changed = numerators[k].mul_add(reciprocals[k], weights[k]);
                    changed.store(self.values.add(($from + k) * self.stride));
                }
            };
        }
        let mut vector = 0;
        // SAFETY: the caller grants the vectors.
        unsafe {
            while vector + SIDE_BY_SIDE <= self.count {
                side_by_side!(vector, SIDE_BY_SIDE);
                vector += SIDE_BY_SIDE;
            }
            while vector < self.count {
                side_by_side!(vector, 1);
                vector += 1;
            }
        }
    }
}

/// A rule `w −= (of_gradient·g + of_mean·m) / (root·√v + epsilon)` in vectors, where
/// `m = β₁·m + (1−β₁)·g`, if there is one, and `v = decay·v + share·g²`.
struct ByRoot<V> {
    beta1: V,
    rest1: V,
    decay: V,
    share: V,
    of_gradient: V,
    of_mean: V,
    root: V,
    epsilon: V,
    /// The least `v`.
    least: V,
}

impl<V: Vector> ByRoot<V> {
    #[inline(always)]
    fn new(least: V, constants: [f64; 7]) -> Self {
        let [beta1, decay, share, of_gradient, of_mean, root, epsilon] = constants;
        ByRoot {
            beta1: least.constant(beta1),
            rest1: least.constant(1.0 - beta1),
            decay: least.constant(decay),
            share: least.constant(share),
            of_gradient: least.constant(of_gradient),
            of_mean: least.constant(of_mean),
            root: least.constant(root),
            epsilon: least.constant(epsilon),
            least,
        }
    }

    /// Changes the states of a vector of weights; returns what is divided by what.
    ///
    /// # Safety
    /// Both must lead to a vector.
    #[inline(always)]
    unsafe fn quotient(
        &self,
        token: V::Token,
        g: V,
        m: Option<*mut V::Element>,
        v: *mut V::Element,
    ) -> (V, V) {
        // SAFETY: the caller grants the vectors.
        unsafe {
            let squares = (self.share * g).mul_add(g, self.decay * V::load(token, v));
            let squares = self.least.or_greater(squares);
            squares.store(v);
            let divisor = self.root.mul_add(squares.sqrt(), self.epsilon);
            let Some(m) = m else { return (self.of_gradient * g, divisor) };
            let mean = self.beta1.mul_add(V::load(token, m), self.rest1 * g).flushed();
            mean.store(m);
            (self.of_gradient.mul_add(g, self.of_mean * mean), divisor)
        }
    }
}

kernel! {
    /// Returns the sum of the squares of all numbers.
    ///
    /// # Panics
    /// If their count is no multiple of a vector.
    pub(crate) fn sum_of_squares<T>(values: &[T]) -> T = sum_of_squares_body
}

#[inline(always)]
fn sum_of_squares_body<V: Vector>(token: V::Token, values: &[V::Element]) -> V::Element {
    assert!(values.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    let mut sum = V::splat(token, V::Element::ZERO);
    for chunk in values.chunks_exact(V::LANES) {
        // SAFETY: the chunk has one vector.
        let x = unsafe { V::load(token, chunk.as_ptr()) };
        sum = x.mul_add(x, sum);
    }
    sum.sum()
}

kernel! {
    /// Tells whether all numbers are finite.
    ///
    /// # Panics
    /// If their count is no multiple of a vector.
    pub(crate) fn all_finite<T>(values: &[T]) -> bool = all_finite_body
}

#[inline(always)]
fn all_finite_body<V: Vector>(token: V::Token, values: &[V::Element]) -> bool {
    assert!(values.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    let zero = V::splat(token, V::Element::ZERO);
    // Infinity times zero is not a number, nor is a sum with what is none. Four
    // sums side by side, because each waits for itself.
    let mut sums = [zero; 4];
    for (number, chunk) in values.chunks_exact(V::LANES).enumerate() {
        // SAFETY: the chunk has one vector.
        let x = unsafe { V::load(token, chunk.as_ptr()) };
        sums[number % 4] = x.mul_add(zero, sums[number % 4]);
    }
    (sums[0] + sums[1] + sums[2] + sums[3]).sum() == V::Element::ZERO
}
