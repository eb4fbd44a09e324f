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

impl Term {
    /// Tells whether it is a function of the activation `a`; else it is one of
    /// the pre-activation `z`.
    #[inline(always)]
    pub(super) fn is_of_activation(self) -> bool {
        self != Term::SigmoidCrossEntropy
    }

    /// Returns `E` and `∂E/∂x` of one output, `x` being `a` or `z`.
    #[inline(always)]
    pub(super) fn value_and_slope<V: Vector>(self, x: V, t: V) -> (V, V) {
        let (zero, one) = (x.constant(0.0), x.constant(1.0));
        let difference = x - t;
        match self {
            Term::SigmoidCrossEntropy => {
                let e = exp(-x.abs());
                let value = zero.or_greater(x) - x * t + ln_one_plus(e);
                let inverse = one / (one + e);
                (value, x.when_positive(inverse, e * inverse) - t)
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
                let value = difference.when_positive(above * difference, -(below * difference));
                (value, by_sign(difference, above, below))
            }
        }
    }
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

/// Which lanes of a row's panels are columns: there, a number above zero.
pub(super) struct Columns<V> {
    last: usize,
    /// How many vectors of a row are looked at.
    vectors: usize,
    inner: V,
    outer: [V; 2],
}

impl<V: Vector> Columns<V> {
    /// Of a row alone, vectors without a column are not looked at.
    #[inline(always)]
    pub(super) fn new(token: V::Token, columns: usize, is_alone: bool) -> Self {
        let panels = columns.div_ceil(panel_width::<V>());
        let vectors = if is_alone { columns.div_ceil(V::LANES) } else { 2 * panels };
        let last = panels - 1;
        let left = V::splat(token, V::Element::from_count(columns - last * panel_width::<V>()));
        // SAFETY: no vector has more than 16 lanes.
        let lanes = unsafe { V::load(token, V::Element::LANES.as_ptr()) };
        let outer = [left - lanes, left - lanes.constant(V::LANES as f64) - lanes];
        Columns { last, vectors, inner: lanes.constant(1.0), outer }
    }

    /// Returns the mask of a half of a panel.
    #[inline(always)]
    pub(super) fn mask(&self, panel: usize, half: usize) -> V {
        if panel == self.last { self.outer[half] } else { self.inner }
    }
}

kernel! {
    /// Replaces the pre-activations of each row by their softmax; columns
    /// beyond become 0.
    ///
    /// # Panics
    /// If the matrix does not lie inside its buffer.
    pub(crate) fn softmax<T>(z: PanelsMut<'_, T>, rows: usize, columns: usize) = softmax_body
}

#[inline(always)]
fn softmax_body<V: Vector>(
    token: V::Token,
    z: PanelsMut<'_, V::Element>,
    rows: usize,
    columns: usize,
) {
    z.check(columns.div_ceil(panel_width::<V>()), rows, panel_width::<V>());
    let mask = Columns::<V>::new(token, columns, false);
    for row in 0..rows {
        // SAFETY: the row was checked to lie inside.
        unsafe {
            let row = z.values.as_mut_ptr().add(row * panel_width::<V>());
            softmax_of_row(token, row, z.stride, &mask);
        }
    }
}

/// Computes the softmax of one row.
///
/// # Safety
/// The row must lie inside a matrix with these columns and this stride.
#[inline(always)]
pub(super) unsafe fn softmax_of_row<V: Vector>(
    token: V::Token,
    row: *mut V::Element,
    stride: usize,
    mask: &Columns<V>,
) {
    // SAFETY: the caller grants the row.
    unsafe {
        let shift = V::splat(token, greatest(token, row, stride, mask));
        let sum = shifted_exponentials(token, row, stride, mask, shift);
        let inverse = V::splat(token, V::Element::ONE / sum);
        for_each!(row, stride, mask, |at, _place| {
            (V::load(token, at) * inverse).store(at);
        });
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
    ) = output_deltas_body
}

#[inline(always)]
fn output_deltas_body<V: Vector>(
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
    let width = panel_width::<V>();
    let rows = factors.len();
    assert_eq!(rows, losses.len(), "every row has a loss");
    z.check(columns.div_ceil(width), rows, width);
    targets.check(columns.div_ceil(width), rows, width);
    assert!(slopes.len() >= z.values.len(), "there is room for the slopes");
    if ending.needs_activations() {
        let slopes = &mut slopes[..z.values.len()];
        activate_body::<V>(token, activation, z.values, slopes);
    }
    let mask = Columns::<V>::new(token, columns, false);
    let rows = OutputRows::<V> {
        z: z.values.as_mut_ptr(),
        slopes: slopes.as_ptr(),
        stride: z.stride,
        targets: targets.values.as_ptr(),
        targets_stride: targets.stride,
    };
    // SAFETY: the rows were checked to lie inside the matrices; the slopes are as
    // many as the pre-activations.
    unsafe {
        if columns <= width {
            // Written out, so that the compiler knows it.
            let mask = Columns { last: 0, vectors: 2, ..mask };
            rows.all_deltas(token, ending, factors, &mask, losses);
        } else {
            rows.all_deltas(token, ending, factors, &mask, losses);
        }
    }
}

impl Ending {
    /// Tells whether the deltas follow from activations and their slopes, which
    /// then replace the pre-activations first.
    #[inline(always)]
    pub(super) fn needs_activations(self) -> bool {
        matches!(self, Ending::Terms(term) if term.is_of_activation())
    }
}

/// The rows that are computed side by side: a row's numbers are a chain of waits.
const ROW_BLOCK: usize = 8;

/// Rows of the output layer, from one on.
pub(super) struct OutputRows<V: Vector> {
    /// Pre-activations, or activations where the ending needs them.
    pub(super) z: *mut V::Element,
    pub(super) slopes: *const V::Element,
    /// The numbers from one panel to the next, of `z` and `slopes`.
    pub(super) stride: usize,
    pub(super) targets: *const V::Element,
    pub(super) targets_stride: usize,
}

#[expect(clippy::needless_range_loop, reason = "rows index matrices and numbers alike")]
impl<V: Vector> OutputRows<V> {
    /// Returns the rows after so many of them.
    ///
    /// # Safety
    /// There must be such a row.
    #[inline(always)]
    unsafe fn after(&self, row: usize) -> Self {
        let at = row * panel_width::<V>();
        // SAFETY: as the caller grants.
        unsafe {
            OutputRows {
                z: self.z.add(at),
                slopes: self.slopes.add(at),
                targets: self.targets.add(at),
                ..*self
            }
        }
    }

    /// Replaces `z` of as many rows as there are factors by the deltas.
    ///
    /// # Safety
    /// As for [`deltas`](Self::deltas).
    #[inline(always)]
    unsafe fn all_deltas(
        &self,
        token: V::Token,
        ending: Ending,
        factors: &[V::Element],
        mask: &Columns<V>,
        losses: &mut [V::Element],
    ) {
        let (blocks, last_factors) = factors.as_chunks::<ROW_BLOCK>();
        let (losses, last_losses) = losses.as_chunks_mut::<ROW_BLOCK>();
        // SAFETY: as the caller grants.
        unsafe {
            for (block, (&factors, losses)) in blocks.iter().zip(losses).enumerate() {
                let rows = self.after(block * ROW_BLOCK);
                *losses = rows.deltas(token, ending, factors, mask);
            }
            for (row, (&factor, loss)) in last_factors.iter().zip(last_losses).enumerate() {
                let row = self.after(blocks.len() * ROW_BLOCK + row);
                [*loss] = row.deltas(token, ending, [factor], mask);
            }
        }
    }

    /// Replaces `z` of `R` rows by the deltas; returns their losses.
    ///
    /// # Safety
    /// The rows must lie inside matrices with these strides and the columns of
    /// the mask; slopes only where the ending needs them.
    #[inline(always)]
    pub(super) unsafe fn deltas<const R: usize>(
        &self,
        token: V::Token,
        ending: Ending,
        factors: [V::Element; R],
        mask: &Columns<V>,
    ) -> [V::Element; R] {
        let mut losses = [V::Element::ZERO; R];
        // SAFETY: as the caller grants.
        unsafe {
            match ending {
                Ending::SoftmaxCrossEntropy => {
                    return self.softmax_cross_entropy(token, factors, mask);
                }
                Ending::Terms(term) => {
                    for row in 0..R {
                        let factor = factors[row];
                        losses[row] = self.after(row).sum_of_terms(token, term, factor, mask);
                    }
                }
            }
        }
        losses
    }

    /// Softmax with categorical cross-entropy.
    ///
    /// # Safety
    /// As for [`deltas`](Self::deltas).
    #[inline(always)]
    unsafe fn softmax_cross_entropy<const R: usize>(
        &self,
        token: V::Token,
        factors: [V::Element; R],
        mask: &Columns<V>,
    ) -> [V::Element; R] {
        let width = panel_width::<V>();
        let zero = V::splat(token, V::Element::ZERO);
        let mut shifts = [V::Element::ZERO; R];
        let [mut sums, mut t_sums, mut tz_sums] = [shifts; 3];
        // SAFETY: as the caller grants.
        unsafe {
            for row in 0..R {
                shifts[row] = greatest(token, self.z.add(row * width), self.stride, mask);
            }
            for row in 0..R {
                let (z, targets) = (self.z.add(row * width), self.targets.add(row * width));
                let shift = V::splat(token, shifts[row]);
                let (mut t_sum, mut tz_sum) = (zero, zero);
                for_each!(z, self.stride, mask, |at, place| {
                    let t = V::load(token, targets.add(place.offset(self.targets_stride)));
                    t_sum = t_sum + t;
                    tz_sum = t.mul_add(V::load(token, at) - shift, tz_sum);
                });
                (t_sums[row], tz_sums[row]) = (t_sum.sum(), tz_sum.sum());
                sums[row] = shifted_exponentials(token, z, self.stride, mask, shift);
            }
            for row in 0..R {
                let (z, targets) = (self.z.add(row * width), self.targets.add(row * width));
                let inverse = V::splat(token, factors[row] / sums[row]);
                let factor = V::splat(token, factors[row]);
                for_each!(z, self.stride, mask, |at, place| {
                    let t = V::load(token, targets.add(place.offset(self.targets_stride)));
                    (V::load(token, at).flushed_product(inverse) - t * factor).store(at);
                });
            }
        }
        let mut losses = shifts;
        for row in 0..R {
            losses[row] = t_sums[row] * sums[row].ln() - tz_sums[row];
        }
        losses
    }

    /// A loss that is a sum over the outputs.
    ///
    /// # Safety
    /// As for [`deltas`](Self::deltas).
    #[inline(always)]
    unsafe fn sum_of_terms(
        self,
        token: V::Token,
        term: Term,
        factor: V::Element,
        mask: &Columns<V>,
    ) -> V::Element {
        let zero = V::splat(token, V::Element::ZERO);
        let factor = V::splat(token, factor);
        let mut sum = zero;
        // SAFETY: as the caller grants.
        unsafe {
            for_each!(self.z, self.stride, mask, |at, place| {
                let a = V::load(token, at);
                let t = V::load(token, self.targets.add(place.offset(self.targets_stride)));
                let (value, slope) = term.value_and_slope(a, t);
                let mask = mask.mask(place.panel, place.half);
                sum = mask.when_positive(value, zero) + sum;
                let slope = if term.is_of_activation() {
                    slope * V::load(token, self.slopes.add(place.offset(self.stride)))
                } else {
                    slope
                };
                mask.when_positive(slope.flushed_product(factor), zero).store(at);
            });
        }
        sum.sum()
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
