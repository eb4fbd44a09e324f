//! The weights the other way round, for the deltas.

use super::panels::Panels;
use super::vector::{Vector, panel_width};
use crate::real::Real;

kernel! {
    /// Writes columns of a matrix in panels as rows of one panel:
    /// `out[c][r] = matrix[first_row + r][first_column + c]`, 0 where there is
    /// no such row.
    ///
    /// # Shapes
    /// - `matrix`: (rows, any)
    /// - `out`: (columns, panel width); both firsts are multiples of that width
    ///
    /// # Panics
    /// If a matrix does not lie inside its buffer.
    pub(crate) fn transpose<T>(
        matrix: Panels<'_, T>,
        rows: usize,
        first_row: usize,
        first_column: usize,
        columns: usize,
        out: &mut [T],
    ) = transpose_body
}

#[inline(always)]
fn transpose_body<V: Vector>(
    token: V::Token,
    matrix: Panels<'_, V::Element>,
    rows: usize,
    first_row: usize,
    first_column: usize,
    columns: usize,
    out: &mut [V::Element],
) {
    let width = panel_width::<V>();
    let count = width.min(rows - first_row);
    for (block, out) in out[..columns * width].chunks_mut(width * width).enumerate() {
        let from = (first_column / width + block) * matrix.stride + first_row * width;
        let from = &matrix.values[from..][..count * width];
        if count == width && out.len() == width * width {
            for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let (row, column) = (row * V::LANES, column * V::LANES);
                // SAFETY: both slices were just cut to `width²` numbers, four
                // squares of LANES rows and columns.
                unsafe {
                    let from = from.as_ptr().add(row * width + column);
                    let to = out.as_mut_ptr().add(column * width + row);
                    V::transpose(token, from, width, to, width);
                }
            }
        } else {
            for (column, out) in out.chunks_exact_mut(width).enumerate() {
                out.fill(V::Element::ZERO);
                for row in 0..count {
                    out[row] = from[row * width + column];
                }
            }
        }
    }
}
