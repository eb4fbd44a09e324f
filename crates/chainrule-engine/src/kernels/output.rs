//! The output layer, row by row: softmax, and losses with their deltas.
//!
//! Cross-entropies are computed from the pre-activations, so that they are
//! finite and have their gradient however far out those are. Each row has a
//! factor, its share in the mean over the batch; deltas come out multiplied by
//! it, losses do not.

use chainrule::activation::Activation;

use super::activate::activate_body;
use super::math::{exp, ln_one_plus};
use super::panels::{Panels, PanelsMut};
use super::vector::{Vector, panel_width};
use crate::real::Real;

/// The widest vector there is has 16 lanes, the widest panel 32 columns.
const WIDEST_PANEL: usize = 32;

/// A loss that is a sum over the outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Term {
    /// Binary cross-entropy of `σ(z)`, from `z`.
    SigmoidCrossEntropy,
    /// `value·(t−a)²`.
    Squared { value: f64 },
    /// `value·|t−a|`.
    Absolute { value: f64 },
    /// Huber's, bent at 1.
    Huber,
    /// Of a quantile.
    Quantile { tau: f64 },
}

/// How loss and deltas of the output layer follow from its pre-activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ending {
    /// Softmax with categorical cross-entropy: `E = Σ t·(ln Σe^z − z)`,
    /// `δ = softmax(z) − t`.
    SoftmaxCrossEntropy,
    /// A loss that is a sum over the outputs.
    Terms(Term),
}

/// Visits the vectors of a row: a pointer to each, and its place.
///
/// A macro, because a closure would not be compiled for the instruction set.
/// The row must lie inside a matrix with these columns and this stride.
macro_rules! for_each {
    ($row:expr, $stride:expr, $columns:expr, |$at:ident, $place:ident| $body:block) => {
        for vector in 0..$columns.vectors {
            let $place = Place { panel: vector / 2, half: vector % 2, lanes: V::LANES };
            let $at = $row.add($place.offset($stride));
            $body
        }
    };
}

/// Which lanes of a row's panels are columns: ones and zeros.
struct Columns<V> {
    last: usize,
    /// How many vectors of a row are looked at.
    vectors: usize,
    inner: [V; 2],
    outer: [V; 2],
}

impl<V: Vector> Columns<V> {
    #[inline(always)]
    fn new(token: V::Token, columns: usize, is_alone: bool) -> Self {
        let width = panel_width::<V>();
        let last = columns.div_ceil(width) - 1;
        let mut ones = [V::Element::ZERO; WIDEST_PANEL];
        ones[..columns - last * width].fill(V::Element::ONE);
        let one = V::splat(token, V::Element::ONE);
        // SAFETY: a panel has at most `WIDEST_PANEL` columns.
        let outer =
            unsafe { [V::load(token, ones.as_ptr()), V::load(token, ones.as_ptr().add(V::LANES))] };
        Columns { last, vectors: vectors::<V>(columns, is_alone), inner: [one; 2], outer }
    }

    /// Returns the mask of a half of a panel.
    #[inline(always)]
    fn mask(&self, panel: usize, half: usize) -> V {
        if panel == self.last { self.outer[half] } else { self.inner[half] }
    }
}

kernel! {
    /// Replaces the pre-activations of each row by their softmax; columns
    /// beyond become 0.
    ///
    /// # Panics
    /// If the matrix does not lie inside its buffer.
    pub(crate) fn softmax<T>(z: PanelsMut<'_, T>, rows: usize, columns: usize) = softmax_rows
}

#[inline(always)]
fn softmax_rows<V: Vector>(
    token: V::Token,
    z: PanelsMut<'_, V::Element>,
    rows: usize,
    columns: usize,
) {
    softmax_body::<V>(token, z, rows, columns, false);
}

/// Returns how many vectors of a row are looked at: those of its panels; of a
/// row alone, those with a column in them.
#[inline(always)]
fn vectors<V: Vector>(columns: usize, is_alone: bool) -> usize {
    if is_alone { columns.div_ceil(V::LANES) } else { 2 * columns.div_ceil(panel_width::<V>()) }
}

/// Computes the softmax of each row. Of a row alone, vectors without a column
/// are not touched.
#[inline(always)]
pub(super) fn softmax_body<V: Vector>(
    token: V::Token,
    z: PanelsMut<'_, V::Element>,
    rows: usize,
    columns: usize,
    is_alone: bool,
) {
    z.check(columns.div_ceil(panel_width::<V>()), rows, panel_width::<V>());
    let mask = Columns::<V>::new(token, columns, is_alone);
    for row in 0..rows {
        // SAFETY: the row was checked to lie inside.
        unsafe {
            let row = z.values.as_mut_ptr().add(row * panel_width::<V>());
            let shift = V::splat(token, greatest(token, row, z.stride, &mask));
            let sum = shifted_exponentials(token, row, z.stride, &mask, shift);
            let inverse = V::splat(token, V::Element::ONE / sum);
            for_each!(row, z.stride, mask, |at, _place| {
                (V::load(token, at) * inverse).store(at);
            });
        }
    }
}

kernel! {
    /// Computes the loss of each row, and replaces its pre-activations by its
    /// deltas times its factor; columns beyond become 0.
    ///
    /// # Shapes
    /// - `z`, `targets`: (rows, columns), targets beyond the columns 0
    /// - `slopes`: room for as many numbers as `z` has
    /// - `factors`, `losses`: (rows)
    ///
    /// # Panics
    /// If a matrix does not lie inside its buffer, or for terms of softmax.
    pub(crate) fn output_deltas<T>(
        ending: Ending,
        activation: Activation,
        z: PanelsMut<'_, T>,
        slopes: &mut [T],
        targets: Panels<'_, T>,
        factors: &[T],
        losses: &mut [T],
        columns: usize,
    ) = output_deltas_rows
}

#[inline(always)]
fn output_deltas_rows<V: Vector>(
    token: V::Token,
    ending: Ending,
    activation: Activation,
    z: PanelsMut<'_, V::Element>,
    slopes: &mut [V::Element],
    targets: Panels<'_, V::Element>,
    factors: &[V::Element],
    losses: &mut [V::Element],
    columns: usize,
) {
    let all = output_deltas_body::<V>;
    all(token, ending, activation, z, slopes, targets, factors, losses, columns, false);
}

/// Computes losses and deltas of each row. Of a row alone, vectors without a
/// column are not touched.
#[inline(always)]
pub(super) fn output_deltas_body<V: Vector>(
    token: V::Token,
    ending: Ending,
    activation: Activation,
    z: PanelsMut<'_, V::Element>,
    slopes: &mut [V::Element],
    targets: Panels<'_, V::Element>,
    factors: &[V::Element],
    losses: &mut [V::Element],
    columns: usize,
    is_alone: bool,
) {
    let width = panel_width::<V>();
    let rows = factors.len();
    assert_eq!(rows, losses.len(), "every row has a loss");
    z.check(columns.div_ceil(width), rows, width);
    targets.check(columns.div_ceil(width), rows, width);
    let mask = Columns::<V>::new(token, columns, is_alone);
    match ending {
        Ending::SoftmaxCrossEntropy => {
            softmax_cross_entropy(token, z, targets, factors, losses, &mask);
        }
        Ending::Terms(term) => {
            if term != Term::SigmoidCrossEntropy {
                let used = if is_alone { mask.vectors * V::LANES } else { z.values.len() };
                let (values, slopes) = (&mut z.values[..used], &mut slopes[..used]);
                activate_body::<V>(token, activation, values, slopes);
            }
            let slopes = Panels { values: &*slopes, stride: z.stride };
            sum_of_terms(token, term, z, slopes, targets, factors, losses, &mask);
        }
    }
}

/// Computes losses and deltas of softmax with categorical cross-entropy.
#[inline(always)]
fn softmax_cross_entropy<V: Vector>(
    token: V::Token,
    z: PanelsMut<'_, V::Element>,
    targets: Panels<'_, V::Element>,
    factors: &[V::Element],
    losses: &mut [V::Element],
    mask: &Columns<V>,
) {
    let width = panel_width::<V>();
    for (row, (&factor, loss)) in factors.iter().zip(losses).enumerate() {
        // SAFETY: the row was checked to lie inside both matrices.
        unsafe {
            let z_row = z.values.as_mut_ptr().add(row * width);
            let t_row = targets.values.as_ptr().add(row * width);
            let zero = V::splat(token, V::Element::ZERO);
            let (mut t_sum, mut tz_sum) = (zero, zero);
            let shift = V::splat(token, greatest(token, z_row, z.stride, mask));
            for_each!(z_row, z.stride, mask, |at, place| {
                let t = V::load(token, t_row.add(place.offset(targets.stride)));
                t_sum = t_sum + t;
                tz_sum = t.mul_add(V::load(token, at) - shift, tz_sum);
            });
            let sum = shifted_exponentials(token, z_row, z.stride, mask, shift);
            *loss = t_sum.sum() * sum.ln() - tz_sum.sum();
            let inverse = V::splat(token, factor / sum);
            let factor = V::splat(token, factor);
            for_each!(z_row, z.stride, mask, |at, place| {
                let t = V::load(token, t_row.add(place.offset(targets.stride)));
                (V::load(token, at) * inverse - t * factor).store(at);
            });
        }
    }
}

/// The same for a loss that is a sum over the outputs: `outputs` are
/// activations, or for [`Term::SigmoidCrossEntropy`], which needs no slopes,
/// pre-activations.
#[inline(always)]
fn sum_of_terms<V: Vector>(
    token: V::Token,
    term: Term,
    outputs: PanelsMut<'_, V::Element>,
    slopes: Panels<'_, V::Element>,
    targets: Panels<'_, V::Element>,
    factors: &[V::Element],
    losses: &mut [V::Element],
    mask: &Columns<V>,
) {
    let width = panel_width::<V>();
    let has_slopes = term != Term::SigmoidCrossEntropy;
    if has_slopes {
        slopes.check(mask.last + 1, factors.len(), width);
    }
    let zero = V::splat(token, V::Element::ZERO);
    let one = V::splat(token, V::Element::ONE);
    for (row, (&factor, loss)) in factors.iter().zip(losses).enumerate() {
        // SAFETY: the row was checked to lie inside the matrices.
        unsafe {
            let out = outputs.values.as_mut_ptr().add(row * width);
            let t_row = targets.values.as_ptr().add(row * width);
            let mut sum = zero;
            let factor = V::splat(token, factor);
            for_each!(out, outputs.stride, mask, |at, place| {
                let a = V::load(token, at);
                let t = V::load(token, t_row.add(place.offset(targets.stride)));
                let difference = a - t;
                // E, and ∂E/∂a or ∂E/∂z.
                let (value, slope) = match term {
                    Term::SigmoidCrossEntropy => {
                        let e = exp(-a.abs());
                        let value = zero.or_greater(a) - a * t + ln_one_plus(e);
                        let inverse = one / (one + e);
                        (value, a.when_positive(inverse, e * inverse) - t)
                    }
                    Term::Squared { value } => {
                        let scaled = difference * one.constant(value);
                        (scaled * difference, scaled + scaled)
                    }
                    Term::Absolute { value } => {
                        let value = one.constant(value);
                        (difference.abs() * value, by_sign(difference, value, value))
                    }
                    Term::Huber => {
                        let size = difference.abs();
                        let half = one.constant(0.5);
                        let bent = size - one;
                        (
                            bent.when_positive(size - half, half * difference * difference),
                            bent.when_positive(one.with_sign_of(difference), difference),
                        )
                    }
                    Term::Quantile { tau } => {
                        let (below, above) = (one.constant(tau), one.constant(1.0 - tau));
                        let value =
                            difference.when_positive(above * difference, -(below * difference));
                        (value, by_sign(difference, above, below))
                    }
                };
                let mask = mask.mask(place.panel, place.half);
                sum = mask.when_positive(value, zero) + sum;
                let slope = if has_slopes {
                    let at = slopes.values.as_ptr().add(row * width + place.offset(slopes.stride));
                    slope * V::load(token, at)
                } else {
                    slope
                };
                mask.when_positive(slope * factor, zero).store(at);
            });
            *loss = sum.sum();
        }
    }
}

/// Returns `above` where `x > 0`, `−below` where `x < 0`, and else 0.
#[inline(always)]
fn by_sign<V: Vector>(x: V, above: V, below: V) -> V {
    let zero = x.constant(0.0);
    x.when_positive(above, (-x).when_positive(-below, zero))
}

/// A vector's place in a row.
#[derive(Clone, Copy)]
struct Place {
    panel: usize,
    half: usize,
    lanes: usize,
}

impl Place {
    /// Returns the offset from the row's first number.
    #[inline(always)]
    fn offset(self, stride: usize) -> usize {
        self.panel * stride + self.half * self.lanes
    }
}

/// Returns the greatest number of a row.
///
/// # Safety
/// The row must lie inside a matrix with these columns and this stride.
#[inline(always)]
unsafe fn greatest<V: Vector>(
    token: V::Token,
    row: *mut V::Element,
    stride: usize,
    columns: &Columns<V>,
) -> V::Element {
    let lowest = V::splat(token, V::Element::from_f64(f64::NEG_INFINITY));
    let mut greatest = lowest;
    // SAFETY: the caller grants the row.
    unsafe {
        for_each!(row, stride, columns, |at, place| {
            let mask = columns.mask(place.panel, place.half);
            let z = mask.when_positive(V::load(token, at), lowest);
            greatest = greatest.or_greater(z);
        });
    }
    greatest.greatest()
}

/// Replaces `z` by `e^(z − shift)`, 0 beyond the columns; returns the sum.
///
/// # Safety
/// The row must lie inside a matrix with these columns and this stride.
#[inline(always)]
unsafe fn shifted_exponentials<V: Vector>(
    token: V::Token,
    row: *mut V::Element,
    stride: usize,
    columns: &Columns<V>,
    shift: V,
) -> V::Element {
    let zero = V::splat(token, V::Element::ZERO);
    let mut sum = zero;
    // SAFETY: the caller grants the row.
    unsafe {
        for_each!(row, stride, columns, |at, place| {
            let mask = columns.mask(place.panel, place.half);
            let e = mask.when_positive(exp(V::load(token, at) - shift), zero);
            e.store(at);
            sum = sum + e;
        });
    }
    sum.sum()
}
