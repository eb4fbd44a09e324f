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
use super::tile::{has_32_registers, load_row, of_height, store_row, tile_rows};
use super::vector::{Vector, panel_width};
use crate::real::Real;

/// The samples summed in one go: of the deltas' panel and of each of the inputs,
/// 8 kB of singles.
const SAMPLE_BLOCK: usize = 128;

/// Returns how many samples of a tile are gone through before something is asked
/// for that comes later.
const fn ask_each<V: Vector>() -> usize {
    if has_32_registers::<V>() { 16 } else { usize::MAX }
}

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
        ahead: Option<&[&[T]; 7]>,
    ) = gradient_body of rows
}

#[inline(always)]
fn gradient_body<V: Vector, const N: usize>(
    token: V::Token,
    a: Panels<'_, V::Element>,
    d: &[V::Element],
    samples: usize,
    inputs: usize,
    is_added: bool,
    out: &mut [V::Element],
    ahead: Option<&[&[V::Element]; 7]>,
) {
    let width = N * V::LANES;
    a.check(inputs.div_ceil(width), samples, width);
    let d = &d[..samples * width];
    let out = &mut out[..inputs * width];
    // Tiles of even height, across panels. Tall ones stay inside a panel, where one
    // pointer leads to all inputs.
    let group = if has_32_registers::<V>() { width } else { inputs };
    let group_tiles = group.div_ceil(tile_rows::<V>(N, 1));
    let parts =
        samples.div_ceil(SAMPLE_BLOCK.min(ask_each::<V>())) * inputs.div_ceil(group) * group_tiles;
    let mut ahead = match ahead {
        Some(ahead) => Ahead::new(ahead.map(|buffer| (buffer.as_ptr(), buffer.len())), parts),
        None => Ahead::nothing(),
    };
    let mut sample = 0;
    loop {
        // The deltas of these samples stay in the first-level cache while the
        // panels of inputs pass by.
        let count = SAMPLE_BLOCK.min(samples - sample);
        let tile = Tile::<V, N> {
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
        while first < inputs {
            let of_group = group.min(inputs - first);
            let tiles = of_group.div_ceil(tile_rows::<V>(N, 1));
            let (height, taller) = (of_group / tiles, of_group % tiles);
            for index in 0..tiles {
                let rows = height + usize::from(index < taller);
                // SAFETY: `first + rows ≤ inputs`, and `count` samples remain.
                unsafe { of_height!(rows, R => tile.run::<R>(first, &mut ahead)) }
                first += rows;
            }
        }
        sample += count;
        if sample == samples {
            break;
        }
    }
}

/// The pointers of one block of samples.
struct Tile<V: Vector, const N: usize> {
    token: V::Token,
    a: *const V::Element,
    a_stride: usize,
    d: *const V::Element,
    out: *mut V::Element,
    count: usize,
    is_added: bool,
}

impl<V: Vector, const N: usize> Tile<V, N> {
    /// Computes `R` inputs from `first` on.
    ///
    /// # Safety
    /// The block must have these inputs, and `count` samples.
    #[inline(always)]
    unsafe fn run<const R: usize>(&self, first: usize, ahead: &mut Ahead<V::Element, 7>) {
        let width = N * V::LANES;
        if const { R > tile_rows::<V>(N, 1) } {
            unreachable!("such a tile is not even compiled");
        }
        // SAFETY: every offset is of a granted sample and input.
        unsafe {
            let out = self.out.add(first * width);
            let mut sums = [[V::splat(self.token, V::Element::ZERO); N]; R];
            if self.is_added {
                for (r, sum) in sums.iter_mut().enumerate() {
                    *sum = load_row(self.token, out.add(r * width));
                }
            }
            let mut a = [self.a; R];
            for (r, a) in a.iter_mut().enumerate() {
                let (panel, column) = if has_32_registers::<V>() {
                    (first / width, first % width + r)
                } else {
                    ((first + r) / width, (first + r) % width)
                };
                *a = self.a.add(panel * self.a_stride + column);
            }
            let mut sample = 0;
            while sample < self.count {
                ahead.ask();
                let end = self.count.min(sample.saturating_add(ask_each::<V>()));
                while sample < end {
                    let d: [V; N] = load_row(self.token, self.d.add(sample * width));
                    for (r, sum) in sums.iter_mut().enumerate() {
                        let factor = V::splat(self.token, *a[r].add(sample * width));
                        for n in 0..N {
                            sum[n] = factor.mul_add(d[n], sum[n]);
                        }
                    }
                    sample += 1;
                }
            }
            for (r, sum) in sums.into_iter().enumerate() {
                store_row(sum, out.add(r * width));
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
