//! Sums over the outputs of each network of a group.

use std::mem::MaybeUninit;

use crate::kernels::pair::Pair;
use crate::kernels::vector::Vector;
use crate::real::Real;

/// A sum over outputs in the order of a network alone: each lane of its vectors
/// sums its own, then halves are added together again and again.
pub(super) struct Sum<V: Vector> {
    zero: Pair<V>,
    /// Over how many lanes a network alone sums.
    sums_alone: usize,
    /// Those of lanes that have an output.
    lanes: [MaybeUninit<Pair<V>>; 16],
    used: usize,
}

impl<V: Vector> Sum<V> {
    /// Begins a sum; outputs are then added in their order.
    #[inline(always)]
    pub(super) fn new(token: V::Token, sums_alone: usize) -> Self {
        let zero = Pair::splat(token, V::Element::ZERO);
        Sum { zero, sums_alone, lanes: [const { MaybeUninit::uninit() }; 16], used: 0 }
    }

    /// Returns the lane of the next output, and its sum so far.
    #[inline(always)]
    fn next(&mut self, output: usize) -> (&mut MaybeUninit<Pair<V>>, Pair<V>) {
        let lane = output & (self.sums_alone - 1);
        if lane == self.used {
            self.used += 1;
            return (&mut self.lanes[lane], self.zero);
        }
        // SAFETY: lanes below `used` were written.
        let sum = unsafe { self.lanes[..self.used][lane].assume_init() };
        (&mut self.lanes[lane], sum)
    }

    #[inline(always)]
    pub(super) fn add(&mut self, output: usize, value: Pair<V>) {
        let (lane, sum) = self.next(output);
        lane.write(sum + value);
    }

    #[inline(always)]
    pub(super) fn add_product(&mut self, output: usize, x: Pair<V>, y: Pair<V>) {
        let (lane, sum) = self.next(output);
        lane.write(x.mul_add(y, sum));
    }

    /// Lanes without an output would add 0.
    #[inline(always)]
    pub(super) fn total(mut self) -> Pair<V> {
        let mut half = if self.used > 1 { self.sums_alone / 2 } else { 0 };
        while half > 0 {
            for lane in half..self.used.min(2 * half) {
                // SAFETY: lanes below `used` were written; `lane - half` is one.
                unsafe {
                    let sum =
                        self.lanes[lane - half].assume_init() + self.lanes[lane].assume_init();
                    self.lanes[lane - half].write(sum);
                }
            }
            half /= 2;
        }
        // SAFETY: lanes below `used` were written, and there is an output.
        unsafe { self.lanes[..self.used][0].assume_init() }
    }
}
