//! The product of the forward pass and of the deltas: rows times a matrix in
//! panels.
//!
//! ```text
//! out[r][j] = start[j] + a[r][0]·b[0][j] + a[r][1]·b[1][j] + …
//! ```
//!
//! one multiply-add after the other, `start` first: so the bits of an output
//! depend on its own row and column only. A tile of outputs (some rows by
//! one panel) stays in registers while the sum runs; long sums are cut so that
//! what they read again stays in the caches. What comes after a tile is asked for
//! while it runs, a little at a time.

use std::ops::Range;

use super::ahead::{Ahead, NEAR_BYTES, prefetch};
use super::panels::{Panels, PanelsMut};
use super::rows::copy_rest;
use super::tile::{
    has_32_registers, is_better_in_pairs, load_row, of_height, store_row, tile_rows,
};
use super::vector::Vector;
use crate::data::Table;
use crate::real::Real;

/// The inner indices computed in one go: a panel of 256 rows has 16 kB of
/// singles, half of a first-level cache. A multiple of every panel width.
pub(crate) const INNER_BLOCK: usize = 256;

/// The rows computed in one go: of 256 singles they fill half of a second-level
/// cache of 512 kB. 43 tiles of 6 rows, so that batches of 512 are two such blocks.
const ROW_BLOCK: usize = 258;

/// Bytes of a panel of outputs from which on the next one is asked for: half of a
/// first-level cache.
const FAR_PANEL_BYTES: usize = 1 << 14;

/// Returns how many inner indices a tile goes through before something is asked for
/// that comes later: a few lines at a time, where a tile's 24 multiply-adds for each two
/// vectors of the second matrix hide the asking.
const fn ask_each<V: Vector>(vectors: usize) -> usize {
    if has_32_registers::<V>() && vectors == 2 { 4 } else { vectors * V::LANES }
}

/// The most rows of a tile of two panels: compilers keep the factors of all rows for the
/// second panel, and 10 of them, 20 sums and two vectors fill 32 registers. What has no
/// register waits on the stack in each step.
const PAIR_ROWS: usize = 10;

/// How many numbers of a table's row are asked for ahead of those that are copied.
const COPY_AHEAD: usize = 64;

/// The rows of a product.
#[derive(Debug)]
pub(crate) enum Left<'a, T> {
    /// They lie in panels.
    Panels(Panels<'a, T>),
    /// They are copied into panels as they are needed: what far memory lets wait, the
    /// multiply-adds of the rows before hide. Columns beyond become 0.
    Copied(Table<'a, T>, PanelsMut<'a, T>),
}

/// What the sums start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Zero.
    Zero,
    /// The row after the last of `b`: the biases.
    LastRow,
    /// What `out` holds.
    Given,
}

kernel! {
    /// Computes `out = start + a·b`; asks meanwhile for the first rows, as many as a
    /// panel is wide, of the panels of the matrix that comes `next`.
    ///
    /// # Shapes
    /// - `a`: (rows, inner), `out`: (rows, panels · panel width)
    /// - `b`: (inner, panels · panel width), and one row more for
    ///   [`Start::LastRow`]
    ///
    /// # Panics
    /// If a matrix does not lie inside its buffer, or a row inside its table.
    pub(crate) fn product<T>(
        a: Left<'_, T>,
        b: Panels<'_, T>,
        out: PanelsMut<'_, T>,
        rows: usize,
        inner: usize,
        panels: usize,
        start: Start,
        next: Option<Panels<'_, T>>,
    ) = product_body of rows
}

#[inline(always)]
fn product_body<V: Vector, const N: usize>(
    token: V::Token,
    a: Left<'_, V::Element>,
    b: Panels<'_, V::Element>,
    out: PanelsMut<'_, V::Element>,
    rows: usize,
    inner: usize,
    panels: usize,
    start: Start,
    next: Option<Panels<'_, V::Element>>,
) {
    let width = N * V::LANES;
    let (a, a_stride, table) = match a {
        Left::Panels(a) => {
            a.check(inner.div_ceil(width), rows, width);
            (a.values.as_ptr().cast_mut(), a.stride, None)
        }
        Left::Copied(table, a) => {
            a.check(inner.div_ceil(width), rows, width);
            table.check(rows, inner);
            (a.values.as_mut_ptr(), a.stride, Some(table))
        }
    };
    b.check(panels, inner + usize::from(start == Start::LastRow), width);
    out.check(panels, rows, width);
    let bytes = |numbers: usize| numbers * V::Element::BYTES;
    let is_far = bytes(panels * b.stride) > NEAR_BYTES || bytes(rows * width) >= FAR_PANEL_BYTES;
    let mut from = 0;
    while from < inner {
        let count = INNER_BLOCK.min(inner - from);
        let start = match start {
            _ if from > 0 => TileStart::Given,
            Start::Zero => TileStart::Zero,
            Start::LastRow => TileStart::Row(inner),
            Start::Given => TileStart::Given,
        };
        let tiles = Tiles::<'_, V, N> {
            token,
            // SAFETY: `from` is below `inner`, and a multiple of the width.
            a: unsafe { a.add(from / width * a_stride) },
            a_stride,
            table,
            from,
            // SAFETY: row `from` is one of the checked rows of `b`.
            b: unsafe { b.values.as_ptr().add(from * width) },
            b_stride: b.stride,
            start_row: match start {
                // SAFETY: the row after the last was checked to be there.
                TileStart::Row(row) => unsafe { b.values.as_ptr().add(row * width) },
                _ => std::ptr::null(),
            },
            out: out.values.as_mut_ptr(),
            out_stride: out.stride,
            inner: count,
            start,
            in_pairs: !is_far && is_better_in_pairs::<V>(N),
            is_far,
            next: next.map(|next| (next.values.as_ptr(), next.stride)),
        };
        let mut row = 0;
        while row < rows {
            let end = rows.min(row + ROW_BLOCK);
            // SAFETY: rows, panels and inner indices are those checked above.
            unsafe { tiles.run(row, end, panels) };
            row = end;
        }
        from += count;
    }
}

/// What the sums of a tile start with.
#[derive(Clone, Copy, Debug)]
enum TileStart {
    Zero,
    Row(usize),
    Given,
}

/// What is read after a tile: outputs, and a part of a panel.
type Next<V> = Ahead<<V as Vector>::Element, 3>;

/// The pointers of one run over tiles.
struct Tiles<'a, V: Vector, const N: usize> {
    token: V::Token,
    /// Written only where rows of a table are copied.
    a: *mut V::Element,
    a_stride: usize,
    /// What is copied while the first panel is computed, from which column on.
    table: Option<Table<'a, V::Element>>,
    from: usize,
    b: *const V::Element,
    b_stride: usize,
    start_row: *const V::Element,
    out: *mut V::Element,
    out_stride: usize,
    inner: usize,
    start: TileStart,
    /// Whether many rows of two panels are computed at once.
    in_pairs: bool,
    /// Whether what comes next is asked for.
    is_far: bool,
    /// What comes after a panel, if not the next one of `b`: where the first square
    /// of it lies, and how far it is to the next.
    next: Option<(*const V::Element, usize)>,
}

#[expect(
    clippy::needless_range_loop,
    reason = "rows and panels index the sums and the matrices alike"
)]
impl<V: Vector, const N: usize> Tiles<'_, V, N> {
    /// Computes the rows from `row` to `end` in all panels.
    ///
    /// # Safety
    /// The matrices must have these rows, panels and inner indices.
    #[inline(always)]
    unsafe fn run(&self, row: usize, end: usize, panels: usize) {
        let count = end - row;
        // Several panels at once: of few rows, so that enough sums run side by side; of
        // many, where that is better.
        let group = match count {
            1 => 4,
            2 | 3 => 2,
            _ if self.in_pairs && panels > 1 => 2,
            _ => 1,
        };
        let most = match (count, group) {
            (1..=3, _) => count,
            (_, 1) => tile_rows::<V>(N),
            _ => PAIR_ROWS,
        };
        // Tiles of even height: 32 rows are 6, 6, 5, 5, 5, 5, not five times 6
        // and a slow rest of 2.
        let tiles = count.div_ceil(most);
        let (height, taller) = (count / tiles, count % tiles);
        let mut panel = 0;
        while panel < panels {
            let many = group > 1 && panel + group <= panels;
            let mut first = row;
            for tile in 0..tiles {
                let rows = height + usize::from(tile < taller);
                let next = if self.is_far && group == 1 {
                    self.next(row..end, first..first + rows, panel)
                } else {
                    Ahead::nothing()
                };
                // SAFETY: `first + rows ≤ end`, and the panels are below `panels`.
                unsafe {
                    match (rows, many) {
                        (1, true) => self.tile::<1, 4>(first, panel, next),
                        (_, true) => of_height!(rows, R => self.tile::<R, 2>(first, panel, next)),
                        _ => of_height!(rows, R => self.tile::<R, 1>(first, panel, next)),
                    }
                }
                first += rows;
            }
            panel += if many { group } else { 1 };
        }
    }

    /// Copies a square of a tile: a panel's columns, from `column` on, of `R` rows.
    ///
    /// # Safety
    /// The table must have these rows and column, and the rows lie at `to`.
    #[inline(always)]
    unsafe fn copy<const R: usize>(
        &self,
        table: &Table<'_, V::Element>,
        row: usize,
        column: usize,
        to: *mut V::Element,
    ) {
        let width = N * V::LANES;
        let count = width.min(table.columns - column);
        for r in 0..R {
            let start = table.rows.sample(row + r) * table.columns + column;
            // SAFETY: the caller grants `count` numbers there, and a row of a panel.
            unsafe {
                let from = table.values.as_ptr().add(start);
                let to = to.add(r * width);
                prefetch(from.wrapping_add(COPY_AHEAD), width);
                if count == width {
                    // Vector by vector: as a row, it goes by way of the stack.
                    for n in 0..N {
                        V::load(self.token, from.add(n * V::LANES)).store(to.add(n * V::LANES));
                    }
                } else {
                    copy_rest(from, count, to, width);
                }
            }
        }
    }

    /// Returns what comes after a tile: the outputs of the next one, and a tile's
    /// share of the next panel.
    #[inline(always)]
    fn next(&self, rows: Range<usize>, tile: Range<usize>, panel: usize) -> Next<V> {
        let width = N * V::LANES;
        // Outputs first: they are needed sooner.
        let next = if tile.end < rows.end { (panel, tile.end) } else { (panel + 1, rows.start) };
        let out = self.out.wrapping_add(next.0 * self.out_stride + next.1 * width);
        // In squares: a panel's lie one after the other.
        let (squares, square) = (self.inner.div_ceil(width), width * width);
        let (b, stride, most) = match self.next {
            // Squares that lie apart: as many as there are buffers for.
            Some((next, stride)) => (next, stride, 2),
            None => (self.b.wrapping_add((panel + 1) * self.b_stride), square, squares),
        };
        let share = |row: usize| squares * (row - rows.start) / rows.len();
        let first = share(tile.start);
        let count = (share(tile.end) - first).min(most);
        let b = |square: usize| b.wrapping_add(square * stride);
        let buffers = [
            (out.cast_const(), tile.len() * width),
            (b(first), count.min(1) * square),
            (b(first + 1), count.saturating_sub(1) * square),
        ];
        Ahead::new(buffers, self.inner.div_ceil(ask_each::<V>(N)))
    }

    /// Computes `R` rows by `P` panels.
    ///
    /// # Safety
    /// The matrices must have these rows and panels.
    #[inline(always)]
    unsafe fn tile<const R: usize, const P: usize>(
        &self,
        row: usize,
        panel: usize,
        mut next: Next<V>,
    ) {
        if const { R * P > tile_rows::<V>(N) || P > 1 && R > PAIR_ROWS } {
            unreachable!("such a tile is not even compiled");
        }
        let width = N * V::LANES;
        // SAFETY: the caller grants the rows and panels; every offset below is
        // one of theirs, with inner indices below `inner`.
        unsafe {
            let a = self.a.add(row * width);
            let b = self.b.add(panel * self.b_stride);
            let out = self.out.add(panel * self.out_stride + row * width);
            let zero = V::splat(self.token, V::Element::ZERO);
            let mut sums = [[[zero; N]; P]; R];
            match self.start {
                TileStart::Zero => {}
                TileStart::Row(_) => {
                    for p in 0..P {
                        let from = self.start_row.add((panel + p) * self.b_stride);
                        let start = load_row(self.token, from);
                        for r in 0..R {
                            sums[r][p] = start;
                        }
                    }
                }
                TileStart::Given => {
                    for r in 0..R {
                        for p in 0..P {
                            sums[r][p] =
                                load_row(self.token, out.add(p * self.out_stride + r * width));
                        }
                    }
                }
            }
            let table = if panel == 0 { self.table.as_ref() } else { None };
            let mut k = 0;
            let mut a_panel = a;
            while k < self.inner {
                let end = width.min(self.inner - k);
                let b_rows = b.add(k * width);
                if let Some(table) = table {
                    self.copy::<R>(table, row, self.from + k, a_panel);
                }
                for i in 0..end {
                    if i % ask_each::<V>(N) == 0 {
                        next.ask();
                    }
                    for p in 0..P {
                        let b: [V; N] =
                            load_row(self.token, b_rows.add(p * self.b_stride + i * width));
                        for r in 0..R {
                            let factor = V::splat(self.token, *a_panel.add(r * width + i));
                            for n in 0..N {
                                sums[r][p][n] = factor.mul_add(b[n], sums[r][p][n]);
                            }
                        }
                    }
                }
                a_panel = a_panel.add(self.a_stride);
                k += end;
            }
            for r in 0..R {
                for p in 0..P {
                    let to = out.add(p * self.out_stride + r * width);
                    store_row(sums[r][p], to);
                }
            }
        }
    }
}
