//! Rows of a table into panels and back.

use super::panels::{Panels, PanelsMut};
use super::vector::{Vector, panel_width};
use crate::real::Real;

kernel! {
    /// Copies one row of numbers into a row of a matrix in panels; columns beyond
    /// become 0, whatever lay there when the matrix had other rows.
    ///
    /// # Panics
    /// If the row does not lie inside the matrix.
    pub(crate) fn scatter<T>(values: &[T], matrix: PanelsMut<'_, T>, row: usize) = scatter_body
}

#[inline(always)]
fn scatter_body<V: Vector>(
    token: V::Token,
    values: &[V::Element],
    matrix: PanelsMut<'_, V::Element>,
    row: usize,
) {
    let width = panel_width::<V>();
    matrix.check(values.len().div_ceil(width), row + 1, width);
    let whole = values.chunks_exact(width);
    let rest = whole.remainder();
    let mut at = row * width;
    for chunk in whole {
        // SAFETY: the chunk has two vectors, and the matrix that row.
        unsafe {
            let (low, high) =
                (V::load(token, chunk.as_ptr()), V::load(token, chunk.as_ptr().add(V::LANES)));
            let to = matrix.values.as_mut_ptr().add(at);
            low.store(to);
            high.store(to.add(V::LANES));
        }
        at += matrix.stride;
    }
    if !rest.is_empty() {
        let (to, beyond) = matrix.values[at..at + width].split_at_mut(rest.len());
        to.copy_from_slice(rest);
        beyond.fill(V::Element::ZERO);
    }
}

kernel! {
    /// Copies a row of a matrix in panels into a row of numbers.
    ///
    /// # Panics
    /// If the row does not lie inside the matrix.
    pub(crate) fn collect<T>(matrix: Panels<'_, T>, row: usize, values: &mut [T]) = collect_body
}

#[inline(always)]
fn collect_body<V: Vector>(
    _: V::Token,
    matrix: Panels<'_, V::Element>,
    row: usize,
    values: &mut [V::Element],
) {
    let width = panel_width::<V>();
    matrix.check(values.len().div_ceil(width), row + 1, width);
    let mut at = row * width;
    for chunk in values.chunks_mut(width) {
        let count = chunk.len();
        chunk.copy_from_slice(&matrix.values[at..at + count]);
        at += matrix.stride;
    }
}
