//! Rows of a table into panels and back.

use super::output::Columns;
use super::panels::{Panels, PanelsMut};
use super::vector::{Vector, panel_width};
use crate::data::Table;
use crate::real::Real;

kernel! {
    /// Copies rows of a table into the rows of a matrix in panels; columns beyond
    /// become 0, whatever lay there when the matrix had other rows.
    ///
    /// # Shapes
    /// - `table`, `matrix`: (rows, columns)
    ///
    /// # Panics
    /// If a row does not lie inside the table, or the matrix inside its buffer.
    pub(crate) fn scatter<T>(table: Table<'_, T>, matrix: PanelsMut<'_, T>) = scatter_body
}

#[inline(always)]
fn scatter_body<V: Vector>(
    token: V::Token,
    table: Table<'_, V::Element>,
    matrix: PanelsMut<'_, V::Element>,
) {
    let Table { values, columns, rows } = table;
    let width = panel_width::<V>();
    let (whole, rest) = (columns / width, columns % width);
    matrix.check(columns.div_ceil(width), rows.len(), width);
    let padded = columns.next_multiple_of(width);
    let (mask, zero) =
        (Columns::<V>::new(token, columns, false), V::splat(token, V::Element::ZERO));
    for row in 0..rows.len() {
        let from = &values[rows.sample(row) * columns..];
        let has_more = from.len() >= padded;
        let from = from[..if has_more { padded } else { columns }].as_ptr();
        // SAFETY: the row is inside the table, as it was just cut, and inside the
        // matrix, as was checked; a last panel is read whole only where the table
        // goes on.
        unsafe {
            let mut to = matrix.values.as_mut_ptr().add(row * width);
            for panel in 0..whole {
                let from = from.add(panel * width);
                let (low, high) = (V::load(token, from), V::load(token, from.add(V::LANES)));
                low.store(to);
                high.store(to.add(V::LANES));
                to = to.wrapping_add(matrix.stride);
            }
            if rest == 0 {
                continue;
            }
            let from = from.add(whole * width);
            if has_more {
                for half in 0..2 {
                    let value = V::load(token, from.add(half * V::LANES));
                    mask.mask(whole, half)
                        .when_positive(value, zero)
                        .store(to.add(half * V::LANES));
                }
            } else {
                copy_rest(from, rest, to, width);
            }
        }
    }
}

/// Copies `count` numbers into a row of a panel; columns beyond become 0.
///
/// # Safety
/// So many numbers must be readable at `from`, and `width` writable at `to`.
#[inline(always)]
pub(super) unsafe fn copy_rest<T: Real>(from: *const T, count: usize, to: *mut T, width: usize) {
    for column in 0..width {
        // SAFETY: the caller grants both.
        unsafe { *to.add(column) = if column < count { *from.add(column) } else { T::ZERO } };
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
