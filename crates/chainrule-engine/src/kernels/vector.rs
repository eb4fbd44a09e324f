//! One vector of numbers, whatever the processor calls it.
//!
//! Kernels are written once over [`Vector`]. A vector can be made only with
//! the [token](Vector::Token) of its instruction set, and a token only where
//! the processor was found to have that set: so the arithmetic between vectors
//! is safe. Not for lengths that are no multiple of [`Vector::LANES`]: the
//! buffers of the engine have none.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::real::Real;

/// Several numbers that are computed with at once, lane by lane.
///
/// What a lane computes is the same on every instruction set with fused
/// multiply-add, to the last bit.
pub trait Vector:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// One lane.
    type Element: Real;

    /// The proof that the processor has the instructions.
    type Token: Copy;

    /// How many lanes there are.
    const LANES: usize;

    /// Makes a vector that holds the same number in every lane.
    fn splat(token: Self::Token, value: Self::Element) -> Self;

    /// Reads [`LANES`](Self::LANES) numbers.
    ///
    /// # Safety
    /// `from` must be readable for that many.
    unsafe fn load(token: Self::Token, from: *const Self::Element) -> Self;

    /// Writes [`LANES`](Self::LANES) numbers.
    ///
    /// # Safety
    /// `to` must be writable for that many.
    unsafe fn store(self, to: *mut Self::Element);

    /// Makes a constant beside this vector.
    fn constant(self, value: f64) -> Self;

    /// Returns `self·factor + summand`, rounded once where the processor can.
    fn mul_add(self, factor: Self, summand: Self) -> Self;

    /// Returns the square root.
    fn sqrt(self) -> Self;

    /// Returns the absolute value.
    fn abs(self) -> Self;

    /// Returns this magnitude with the sign of `sign`.
    fn with_sign_of(self, sign: Self) -> Self;

    /// Returns `self > other ? self : other`; `other` where one is not a number.
    fn or_greater(self, other: Self) -> Self;

    /// Returns `self < other ? self : other`; `other` where one is not a number.
    fn or_smaller(self, other: Self) -> Self;

    /// Returns `self > 0 ? yes : no`, lane by lane.
    fn when_positive(self, yes: Self, no: Self) -> Self;

    /// Returns `2^self`, for whole numbers whose power is a normal number.
    fn power_of_two(self) -> Self;

    /// Returns `−1/self` to within a nineteenth, for positive numbers whose reciprocal
    /// is a normal one: subtracting the bits negates the exponent.
    fn rough_minus_reciprocal(self) -> Self;

    /// Returns the number as a multiple of a unit so small that only what is below 2⁻⁷³ (in
    /// doubles far less) loses digits, and nothing is left between 0 and a normal number.
    ///
    /// Subnormal numbers come where training has come to its end, and on some
    /// processors each product with one costs a hundred cycles.
    #[inline(always)]
    fn flushed(self) -> Self {
        let unit = self.constant(Self::Element::SMALL[0]);
        (self + unit) - unit
    }

    /// Returns `self·factor`, [flushed](Self::flushed).
    #[inline(always)]
    fn flushed_product(self, factor: Self) -> Self {
        let unit = self.constant(Self::Element::SMALL[0]);
        self.mul_add(factor, unit) - unit
    }

    /// Returns the sum of all lanes: halves added together again and again.
    fn sum(self) -> Self::Element;

    /// Returns the greatest of all lanes.
    fn greatest(self) -> Self::Element;

    /// Reads `count` numbers, at most [`LANES`](Self::LANES) and 16, each `stride`
    /// after the one before; the other lanes are 0.
    ///
    /// # Safety
    /// These numbers must be readable.
    #[inline(always)]
    unsafe fn column(
        token: Self::Token,
        from: *const Self::Element,
        stride: usize,
        count: usize,
    ) -> Self {
        let mut lanes = [Self::Element::ZERO; 16];
        for (row, lane) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: granted by the caller.
            *lane = unsafe { *from.add(row * stride) };
        }
        // SAFETY: no vector has more than 16 lanes.
        unsafe { Self::load(token, lanes.as_ptr()) }
    }

    /// Transposes a square of `LANES` rows and columns; the strides are the
    /// numbers from one row to the next.
    ///
    /// # Safety
    /// `LANES` rows of `LANES` numbers must be readable at `from` and writable
    /// at `to`.
    unsafe fn transpose(
        token: Self::Token,
        from: *const Self::Element,
        from_stride: usize,
        to: *mut Self::Element,
        to_stride: usize,
    ) {
        let _ = token;
        for row in 0..Self::LANES {
            for column in 0..Self::LANES {
                // SAFETY: both indices are below LANES, as the caller grants.
                unsafe {
                    *to.add(column * to_stride + row) = *from.add(row * from_stride + column);
                }
            }
        }
    }
}

/// The token of what every processor of the architecture has: nothing to prove.
#[derive(Clone, Copy, Debug)]
pub struct PlainToken;

/// Returns the width of a panel: the columns a kernel computes at once.
pub(crate) const fn panel_width<V: Vector>() -> usize {
    2 * V::LANES
}
