//! One step of an optimizer, in one pass over weights, gradient and state.
//!
//! The rules that need more than a few multiply-adds a weight, or look at all
//! of them, are in [`optimizer`](crate::optimizer), where the sources of all
//! rules are named too.

use super::vector::Vector;
use crate::real::Real;

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
    ) = update_body
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
    assert!(weights.len().is_multiple_of(V::LANES), "a buffer holds whole vectors");
    assert_eq!(weights.len(), gradient.len(), "every weight has a gradient");
    if adjustment == Adjustment::NONE {
        apply::<V>(token, rule, |w, g| (w, g), weights, gradient, first, second);
    } else {
        let constant = |value| V::splat(token, V::Element::from_f64(value));
        let Adjustment { limit, scale, l2, l1, keep } = adjustment;
        let [limit, scale, l2, l1, keep] = [limit, scale, l2, l1, keep].map(constant);
        let zero = constant(0.0);
        let adjust = |w: V, g: V| {
            // This order keeps a gradient that is not a number.
            let g = limit.or_smaller((-limit).or_greater(g)) * scale;
            let g = l2.mul_add(w, g);
            let sign = w.when_positive(l1, (-w).when_positive(-l1, zero));
            (w * keep, g + sign)
        };
        apply::<V>(token, rule, adjust, weights, gradient, first, second);
    }
}

#[inline(always)]
fn apply<V: Vector>(
    token: V::Token,
    rule: Rule,
    adjust: impl Fn(V, V) -> (V, V),
    weights: &mut [V::Element],
    gradient: &[V::Element],
    first: &mut [V::Element],
    second: &mut [V::Element],
) {
    let constant = |value| V::splat(token, V::Element::from_f64(value));
    match rule {
        Rule::Descent { rate } => {
            let rate = constant(-rate);
            let pairs = gradient.chunks_exact(V::LANES);
            for (weights, gradient) in weights.chunks_exact_mut(V::LANES).zip(pairs) {
                // SAFETY: both chunks have one vector.
                unsafe {
                    let w = V::load(token, weights.as_ptr());
                    let (w, g) = adjust(w, V::load(token, gradient.as_ptr()));
                    rate.mul_add(g, w).store(weights.as_mut_ptr());
                }
            }
        }
        Rule::Momentum { rate, momentum } => {
            let (rate, momentum) = (constant(-rate), constant(momentum));
            with_one(token, adjust, weights, gradient, first, |w, g, m| {
                let m = momentum.mul_add(m, g);
                (rate.mul_add(m, w), m)
            });
        }
        Rule::Nesterov { rate, momentum } => {
            let (rate, momentum) = (constant(-rate), constant(momentum));
            with_one(token, adjust, weights, gradient, first, |w, g, m| {
                let m = momentum.mul_add(m, g);
                (rate.mul_add(momentum.mul_add(m, g), w), m)
            });
        }
        Rule::AdaGrad { rate, epsilon } => {
            let (rate, epsilon) = (constant(-rate), constant(epsilon));
            with_one(token, adjust, weights, gradient, first, |w, g, v| {
                let v = g.mul_add(g, v);
                ((rate * g / (v.sqrt() + epsilon)) + w, v)
            });
        }
        Rule::RmsProp { rate, decay, epsilon } => {
            let (rate, epsilon) = (constant(-rate), constant(epsilon));
            let (decay, rest) = (constant(decay), constant(1.0 - decay));
            with_one(token, adjust, weights, gradient, first, |w, g, v| {
                let v = decay.mul_add(v, rest * g * g);
                ((rate * g / (v.sqrt() + epsilon)) + w, v)
            });
        }
        Rule::Adam { beta1, beta2, of_gradient, of_mean, root, epsilon } => {
            let (beta1, rest1) = (constant(beta1), constant(1.0 - beta1));
            let (beta2, rest2) = (constant(beta2), constant(1.0 - beta2));
            let (root, epsilon) = (constant(root), constant(epsilon));
            let (of_gradient, of_mean) = (constant(-of_gradient), constant(-of_mean));
            assert_eq!(weights.len(), second.len(), "every weight has its state");
            let mut second = second.chunks_exact_mut(V::LANES);
            with_one(token, adjust, weights, gradient, first, |w, g, m| {
                let second = second.next().expect("every weight has its state");
                // SAFETY: the chunk has one vector.
                let v = unsafe { V::load(token, second.as_ptr()) };
                let m = beta1.mul_add(m, rest1 * g);
                let v = beta2.mul_add(v, rest2 * g * g);
                // SAFETY: as above.
                unsafe { v.store(second.as_mut_ptr()) };
                let numerator = of_gradient.mul_add(g, of_mean * m);
                (numerator / root.mul_add(v.sqrt(), epsilon) + w, m)
            });
        }
    }
}

/// Applies a rule that has one number of state for each weight.
#[inline(always)]
fn with_one<V: Vector>(
    token: V::Token,
    adjust: impl Fn(V, V) -> (V, V),
    weights: &mut [V::Element],
    gradient: &[V::Element],
    state: &mut [V::Element],
    mut rule: impl FnMut(V, V, V) -> (V, V),
) {
    assert_eq!(weights.len(), state.len(), "every weight has its state");
    let gradient = gradient.chunks_exact(V::LANES);
    let state = state.chunks_exact_mut(V::LANES);
    for ((weights, gradient), state) in weights.chunks_exact_mut(V::LANES).zip(gradient).zip(state)
    {
        // SAFETY: all three chunks have one vector.
        unsafe {
            let w = V::load(token, weights.as_ptr());
            let (w, g) = adjust(w, V::load(token, gradient.as_ptr()));
            let (w, s) = rule(w, g, V::load(token, state.as_ptr()));
            w.store(weights.as_mut_ptr());
            s.store(state.as_mut_ptr());
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
