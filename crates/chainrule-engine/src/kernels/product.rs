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

use chainrule::activation::Activation;

use super::activate::value;
use super::ahead::{Ahead, NEAR_BYTES, prefetch};
use super::panels::{Panels, PanelsMut};
use super::rows::copy_rest;
use super::tile::{has_32_registers, load_row, of_height, panels_at_once, store_row, tile_rows};
use super::vector::Vector;
use crate::data::Table;
use crate::real::Real;

/// The inner indices computed in one go: a panel of 256 rows has 16 kB of
/// singles, half of a first-level cache. A multiple of every panel width.
pub(crate) const INNER_BLOCK: usize = 256;

/// The same where several panels are computed at once: of 4 vectors, 48 kB of singles, a
/// first-level cache of those processors.
const INNER_BLOCK_OF_MANY: usize = 192;

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

/// The products that are added in one go, without a look at whether more are to come.
const UNROLLED: usize = 4;

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

/// What becomes of the sums when they are written: what costs less than reading them
/// again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a, T> {
    /// Nothing.
    Sums,
    /// Their `ReLU`.
    Relu,
    /// They are multiplied by the slopes of `ReLU`, which follow from its values: these.
    /// The products are [flushed](Vector::flushed).
    TimesSlopesOfRelu(Panels<'a, T>),
}

kernel! {
    /// Computes `out = end(start + a·b)`; asks meanwhile for the first rows, as many as a
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
        end: End<'_, T>,
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
    end: End<'_, V::Element>,
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
    if let End::TimesSlopesOfRelu(activations) = end {
        activations.check(panels, rows, width);
    }
    let bytes = |numbers: usize| numbers * V::Element::BYTES;
    let is_far = bytes(panels * b.stride) > NEAR_BYTES || bytes(rows * width) >= FAR_PANEL_BYTES;
    let at_once = panels_at_once::<V>(N);
    let block = if at_once > 1 { INNER_BLOCK_OF_MANY } else { INNER_BLOCK };
    let mut from = 0;
    while from < inner {
        let count = block.min(inner - from);
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
            end: if from + count == inner { end } else { End::Sums },
            at_once,
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

/// What is read after a tile: outputs, and parts of panels.
type Next<V> = Ahead<<V as Vector>::Element, 4>;

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
    end: End<'a, V::Element>,
    /// How many panels are computed at once, of many rows.
    at_once: usize,
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
        let mut panel = 0;
        while panel < panels {
            // Several panels at once: of few rows, so that enough sums run side by side; of
            // many, where that is better.
            let group = match (count, panels - panel) {
                (1, 4..) => 4,
                (2 | 3, 2..) => 2,
                (4.., left) if self.at_once <= left => self.at_once,
                (4.., 2..) if self.at_once > 1 => 2,
                _ => 1,
            };
            // Tiles of even height: 32 rows are 6, 6, 5, 5, 5, 5, not five times 6
            // and a slow rest of 2.
            let tiles = count.div_ceil(tile_rows::<V>(N, group));
            let (height, taller) = (count / tiles, count % tiles);
            let mut first = row;
            for tile in 0..tiles {
                let rows = height + usize::from(tile < taller);
                let next = if self.is_far {
                    self.next(row..end, first..first + rows, panel..panel + group)
                } else {
                    Ahead::nothing()
                };
                // SAFETY: `first + rows ≤ end`, and the panels are below `panels`.
                unsafe {
                    match group {
                        4 => of_height!(rows, R => self.tile::<R, 4>(first, panel, next)),
                        2 => of_height!(rows, R => self.tile::<R, 2>(first, panel, next)),
                        _ => of_height!(rows, R => self.tile::<R, 1>(first, panel, next)),
                    }
                }
                first += rows;
            }
            panel += group;
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

    /// Returns what comes after a tile of some panels: the outputs of the next one, and a
    /// tile's share of the next panels.
    #[inline(always)]
    fn next(&self, rows: Range<usize>, tile: Range<usize>, panels: Range<usize>) -> Next<V> {
        let width = N * V::LANES;
        // In squares: a panel's lie one after the other.
        let (squares, square) = (self.inner.div_ceil(width), width * width);
        let share = |row: usize| squares * (row - rows.start) / rows.len();
        let (first, end) = (share(tile.start), share(tile.end));
        // Outputs first: they are needed sooner.
        let (panel, row) =
            if tile.end < rows.end { (panels.start, tile.end) } else { (panels.end, rows.start) };
        let out = |number: usize| {
            let out = self.out.wrapping_add((panel + number) * self.out_stride + row * width);
            (out.cast_const(), if number < panels.len() { tile.len() * width } else { 0 })
        };
        let b = |number: usize| {
            // Squares that lie apart: as many as there are buffers for.
            if let Some((next, stride)) = self.next {
                let count = usize::from(first + number < end);
                return (next.wrapping_add((first + number) * stride), count * square);
            }
            let panel = self.b.wrapping_add((panels.end + number) * self.b_stride);
            let count = if number < panels.len() { end - first } else { 0 };
            (panel.wrapping_add(first * square), count * square)
        };
        // Of four panels only two: such are narrow, and of networks that are near.
        Ahead::new([out(0), out(1), b(0), b(1)], self.inner.div_ceil(ask_each::<V>(N)))
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
        if const { R > tile_rows::<V>(N, P) } {
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
                let mut i = 0;
                while i + UNROLLED <= end {
                    if i % ask_each::<V>(N) == 0 {
                        next.ask();
                    }
                    for i in i..i + UNROLLED {
                        self.add::<R, P>(a_panel.add(i), b_rows.add(i * width), &mut sums);
                    }
                    i += UNROLLED;
                }
                while i < end {
                    self.add::<R, P>(a_panel.add(i), b_rows.add(i * width), &mut sums);
                    i += 1;
                }
                a_panel = a_panel.add(self.a_stride);
                k += end;
            }
            match self.end {
                End::Sums => {}
                End::Relu => {
                    for r in 0..R {
                        for p in 0..P {
                            for n in 0..N {
                                sums[r][p][n] = value(Activation::Relu, sums[r][p][n]);
                            }
                        }
                    }
                }
                End::TimesSlopesOfRelu(activations) => {
                    let Panels { values, stride } = activations;
                    let values = values.as_ptr().add(panel * stride + row * width);
                    for r in 0..R {
                        for p in 0..P {
                            let from = values.add(p * stride + r * width);
                            for n in 0..N {
                                let a = V::load(self.token, from.add(n * V::LANES));
                                sums[r][p][n] = a.when_positive(sums[r][p][n].flushed(), zero);
                            }
                        }
                    }
                }
            }
            for r in 0..R {
                for p in 0..P {
                    let to = out.add(p * self.out_stride + r * width);
                    store_row(sums[r][p], to);
                }
            }
        }
    }

    /// Adds one product to each sum: of rows of `a`, and a row of `b` in each panel.
    ///
    /// # Safety
    /// The matrices must have them.
    #[inline(always)]
    unsafe fn add<const R: usize, const P: usize>(
        &self,
        a: *const V::Element,
        b: *const V::Element,
        sums: &mut [[[V; N]; P]; R],
    ) {
        let width = N * V::LANES;
        for p in 0..P {
            // SAFETY: granted by the caller.
            let b: [V; N] = unsafe { load_row(self.token, b.add(p * self.b_stride)) };
            for r in 0..R {
                // SAFETY: granted by the caller.
                let factor = V::splat(self.token, unsafe { *a.add(r * width) });
                for n in 0..N {
                    sums[r][p][n] = factor.mul_add(b[n], sums[r][p][n]);
                }
            }
        }
    }
}
