//! The gradient of a block of weights: a product over the samples.
//!
//! ```text
//! out[i][j] = start + a[0][i]·d[0][j] + a[1][i]·d[1][j] + …
//! ```
//!
//! for the inputs `i` of some panels and the neurons `j` of one, sample after
//! sample. The block is small enough to stay in the first-level cache, where
//! the optimizer takes it at once: no gradient travels to memory and back.

use super::ahead::Ahead;
use super::panels::Panels;
use super::vector::{Vector, panel_width};
use crate::real::Real;

/// The most rows of a tile, as in the other product.
const TILE_ROWS: usize = 6;

/// The samples summed in one go: of the deltas' panel and of each of the inputs,
/// 8 kB of singles.
const SAMPLE_BLOCK: usize = 128;

kernel! {
    /// Computes `out += aᵀ·d`, or `out = aᵀ·d` if not `is_added`; asks meanwhile
    /// for what lies `ahead`.
    ///
    /// # Shapes
    /// - `a`: (samples, inputs)
    /// - `d`: (samples, panel width)
    /// - `out`: (inputs, panel width)
    ///
    /// # Panics
    /// If a matrix does not lie inside its buffer.
    pub(crate) fn gradient<T>(
        a: Panels<'_, T>,
        d: &[T],
        samples: usize,
        inputs: usize,
        is_added: bool,
        out: &mut [T],
        ahead: &[&[T]],
    ) = gradient_body
}

#[inline(always)]
fn gradient_body<V: Vector>(
    token: V::Token,
    a: Panels<'_, V::Element>,
    d: &[V::Element],
    samples: usize,
    inputs: usize,
    is_added: bool,
    out: &mut [V::Element],
    ahead: &[&[V::Element]],
) {
    let width = panel_width::<V>();
    a.check(inputs.div_ceil(width), samples, width);
    let d = &d[..samples * width];
    let out = &mut out[..inputs * width];
    // Tiles of even height, across panels.
    let tiles = inputs.div_ceil(TILE_ROWS);
    let (height, taller) = (inputs / tiles, inputs % tiles);
    let mut ahead = Ahead::new(ahead, samples.div_ceil(SAMPLE_BLOCK) * tiles);
    let mut sample = 0;
    loop {
        // The deltas of these samples stay in the first-level cache while the
        // panels of inputs pass by.
        let count = SAMPLE_BLOCK.min(samples - sample);
        let tile = Tile::<V> {
            token,
            // SAFETY: `sample ≤ samples`, the rows of both.
            a: unsafe { a.values.as_ptr().add(sample * width) },
            a_stride: a.stride,
            // SAFETY: as above.
            d: unsafe { d.as_ptr().add(sample * width) },
            out: out.as_mut_ptr(),
            count,
            is_added: is_added || sample > 0,
        };
        let mut first = 0;
        for index in 0..tiles {
            let rows = height + usize::from(index < taller);
            ahead.ask();
            // SAFETY: `first + rows ≤ inputs`, and `count` samples remain.
            unsafe {
                match rows {
                    1 => tile.run::<1>(first),
                    2 => tile.run::<2>(first),
                    3 => tile.run::<3>(first),
                    4 => tile.run::<4>(first),
                    5 => tile.run::<5>(first),
                    _ => tile.run::<6>(first),
                }
            }
            first += rows;
        }
        sample += count;
        if sample == samples {
            break;
        }
    }
}

/// The pointers of one block of samples.
struct Tile<V: Vector> {
    token: V::Token,
    a: *const V::Element,
    a_stride: usize,
    d: *const V::Element,
    out: *mut V::Element,
    count: usize,
    is_added: bool,
}

impl<V: Vector> Tile<V> {
    /// Computes `R` inputs from `first` on.
    ///
    /// # Safety
    /// The block must have these inputs, and `count` samples.
    #[inline(always)]
    unsafe fn run<const R: usize>(&self, first: usize) {
        let width = panel_width::<V>();
        let lanes = V::LANES;
        // SAFETY: every offset is of a granted sample and input.
        unsafe {
            let out = self.out.add(first * width);
            let mut sums = [[V::splat(self.token, V::Element::ZERO); 2]; R];
            if self.is_added {
                for (r, sum) in sums.iter_mut().enumerate() {
                    let from = out.add(r * width);
                    *sum = [V::load(self.token, from), V::load(self.token, from.add(lanes))];
                }
            }
            let mut a = [self.a; R];
            for (r, a) in a.iter_mut().enumerate() {
                let input = first + r;
                *a = self.a.add(input / width * self.a_stride + input % width);
            }
            let mut d = self.d;
            for sample in 0..self.count {
                let low = V::load(self.token, d);
                let high = V::load(self.token, d.add(lanes));
                for (r, sum) in sums.iter_mut().enumerate() {
                    let factor = V::splat(self.token, *a[r].add(sample * width));
                    sum[0] = factor.mul_add(low, sum[0]);
                    sum[1] = factor.mul_add(high, sum[1]);
                }
                d = d.add(width);
            }
            for (r, sum) in sums.into_iter().enumerate() {
                let to = out.add(r * width);
                sum[0].store(to);
                sum[1].store(to.add(lanes));
            }
        }
    }
}

kernel! {
    /// Adds up the rows of one panel: `out[j] = Σ d[s][j]`, added to what is
    /// there if `is_added`.
    ///
    /// # Shapes
    /// - `d`: (samples, panel width), `out`: (panel width)
    ///
    /// # Panics
    /// If a matrix does not lie inside its slice.
    pub(crate) fn column_sums<T>(d: &[T], samples: usize, is_added: bool, out: &mut [T])
        = column_sums_body
}

#[inline(always)]
fn column_sums_body<V: Vector>(
    token: V::Token,
    d: &[V::Element],
    samples: usize,
    is_added: bool,
    out: &mut [V::Element],
) {
    let width = panel_width::<V>();
    let (d, out) = (&d[..samples * width], &mut out[..width]);
    // SAFETY: `out` has two vectors, and every chunk of `d` too.
    unsafe {
        let to = out.as_mut_ptr();
        let zero = V::splat(token, V::Element::ZERO);
        let (mut low, mut high) = if is_added {
            (V::load(token, to), V::load(token, to.add(V::LANES)))
        } else {
            (zero, zero)
        };
        for row in d.chunks_exact(width) {
            low = low + V::load(token, row.as_ptr());
            high = high + V::load(token, row.as_ptr().add(V::LANES));
        }
        low.store(to);
        high.store(to.add(V::LANES));
    }
}
