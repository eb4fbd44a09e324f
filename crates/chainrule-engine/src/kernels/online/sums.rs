//! The weighted sums of a layer, for one sample.

use super::Layer;
use crate::architecture::Bias;
use crate::kernels::vector::{Vector, panel_width};
use crate::real::Real;

/// The most vectors of a layer that are computed one after the other, without
/// a way through memory.
pub(super) const NARROW: usize = 2;

/// The weighted sums of a layer, `z_j = b_j + Σ_i w_ji·a_i`.
///
/// To compute them, the buffers must have what the layer needs: the network's
/// parameters, its inputs, and its neurons filled up to whole panels.
pub(super) struct Sums<'a, V: Vector> {
    pub(super) token: V::Token,
    pub(super) layer: &'a Layer,
    pub(super) parameters: *const V::Element,
    pub(super) sources: *const V::Element,
    pub(super) out: *mut V::Element,
}

impl<V: Vector> Sums<'_, V> {
    /// Computes all of them.
    ///
    /// # Safety
    /// The buffers must be as described.
    #[inline(always)]
    pub(super) unsafe fn store(&self) {
        let vectors = self.layer.vectors;
        let mut vector = 0;
        // SAFETY: all vectors are the layer's.
        unsafe {
            while vector + 8 <= vectors {
                self.run::<8>(vector);
                vector += 8;
            }
            if vectors & 4 != 0 {
                self.run::<4>(vector);
                vector += 4;
            }
            if vectors & 2 != 0 {
                self.run::<2>(vector);
                vector += 2;
            }
            if vectors & 1 != 0 {
                self.run::<1>(vector);
            }
        }
    }

    /// Computes `N` vectors of sums from `vector` on, side by side, so that
    /// they need not wait for each other.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have these vectors.
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, vector: usize) {
        // SAFETY: as the caller grants.
        unsafe {
            let sums = self.vectors::<N>(vector);
            for (n, sum) in sums.into_iter().enumerate() {
                sum.store(self.out.add((vector + n) * V::LANES));
            }
        }
    }

    /// Returns one vector of sums.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have this vector.
    #[inline(always)]
    pub(super) unsafe fn vector(&self, vector: usize) -> V {
        // SAFETY: as the caller grants.
        let [sum] = unsafe { self.vectors::<1>(vector) };
        sum
    }

    /// Returns `N` vectors of sums from `vector` on.
    ///
    /// # Safety
    /// The buffers must be as described, and the layer have these vectors.
    #[inline(always)]
    unsafe fn vectors<const N: usize>(&self, vector: usize) -> [V; N] {
        let width = panel_width::<V>();
        let &Sums { token, layer, parameters, sources, .. } = self;
        // SAFETY: as the caller grants.
        unsafe {
            let mut weights: [*const V::Element; N] = std::array::from_fn(|n| {
                let vector = vector + n;
                parameters.add(layer.offset + vector / 2 * layer.stride + vector % 2 * V::LANES)
            });
            let mut sums = [V::splat(token, V::Element::ZERO); N];
            if layer.bias != Bias::Absent {
                sums = weights.map(|row| V::load(token, row.add(layer.inputs * width)));
            }
            for i in 0..layer.inputs {
                let source = V::splat(token, *sources.add(i));
                for (sum, row) in sums.iter_mut().zip(&mut weights) {
                    *sum = source.mul_add(V::load(token, *row), *sum);
                    *row = row.wrapping_add(width);
                }
            }
            sums
        }
    }
}
