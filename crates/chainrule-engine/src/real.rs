//! The two kinds of number the engine computes with: `f32` and `f64`.
//!
//! Everything is written once over [`Real`]. The trait is sealed: kernels
//! depend on the bits of the two types.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::kernels::{Isa, Series, VectorTypes};

/// `f32` or `f64`.
pub trait Real:
    sealed::Sealed
    + Copy
    + Debug
    + Display
    + Default
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + VectorTypes
    + Series
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The name of the type, `f32` or `f64`.
    const NAME: &'static str;
    /// How many bytes a number has.
    const BYTES: usize;
    /// The numbers of a vector's lanes, of which there are at most 16.
    #[doc(hidden)]
    const LANES: [Self; 16];

    /// `1.5·2^k`, which rounds what is added to it to multiples of a number some
    /// 28 powers of two above the smallest normal one; and a number 6 above it.
    #[doc(hidden)]
    const SMALL: [f64; 2];

    /// Returns a small whole number.
    #[doc(hidden)]
    fn from_count(count: usize) -> Self;
    /// Rounds a double to this type.
    fn from_f64(value: f64) -> Self;
    /// Returns the number as a double, exactly.
    fn to_f64(self) -> f64;
    /// Returns the square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// Returns the absolute value.
    #[must_use]
    fn abs(self) -> Self;
    /// Returns the natural logarithm.
    #[must_use]
    fn ln(self) -> Self;
    /// Returns this magnitude with the sign of `sign`.
    #[must_use]
    fn copysign(self, sign: Self) -> Self;
    /// Returns `self·factor + summand`, rounded once.
    #[must_use]
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    /// Tells whether the number is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Returns `2^self` for a whole number whose power is a normal number.
    #[must_use]
    fn power_of_two(self) -> Self;
    /// Returns `−1/self` to within a nineteenth, for positive numbers whose reciprocal is
    /// a normal one.
    #[doc(hidden)]
    #[must_use]
    fn rough_minus_reciprocal(self) -> Self;
    /// Appends the number's bytes, the lowest first.
    fn write_bytes(self, out: &mut Vec<u8>);
    /// Reads a number from exactly [`BYTES`](Self::BYTES) bytes.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! real {
    ($type:ident, $bits:ident, $mantissa:literal, $magic:expr, $small:expr, $from_f64:expr) => {
        impl Real for $type {
            const ZERO: $type = 0.0;
            const ONE: $type = 1.0;
            const NAME: &'static str = stringify!($type);
            const BYTES: usize = size_of::<$type>();
            const LANES: [$type; 16] = [
                0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0,
                15.0,
            ];

            const SMALL: [f64; 2] = $small;

            #[inline(always)]
            fn from_count(count: usize) -> $type {
                count as $type
            }

            #[inline(always)]
            fn from_f64(value: f64) -> $type {
                $from_f64(value)
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn sqrt(self) -> $type {
                $type::sqrt(self)
            }

            #[inline(always)]
            fn abs(self) -> $type {
                $type::abs(self)
            }

            #[inline(always)]
            fn ln(self) -> $type {
                $type::ln(self)
            }

            #[inline(always)]
            fn copysign(self, sign: $type) -> $type {
                $type::copysign(self, sign)
            }

            #[inline(always)]
            fn mul_add(self, factor: $type, summand: $type) -> $type {
                $type::mul_add(self, factor, summand)
            }

            #[inline(always)]
            fn is_finite(self) -> bool {
                $type::is_finite(self)
            }

            #[inline(always)]
            fn power_of_two(self) -> $type {
                // The sum's lowest bits are the exponent field of the result.
                $type::from_bits((self + $magic).to_bits() << $mantissa)
            }

            #[inline(always)]
            fn rough_minus_reciprocal(self) -> $type {
                let bits = <$type as Series>::MINUS_RECIPROCAL.to_bits();
                $type::from_bits(bits.wrapping_sub(self.to_bits()))
            }

            fn write_bytes(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn from_bytes(bytes: &[u8]) -> Option<$type> {
                Some($type::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    };
}

/// Returns `2^exponent`, a normal number.
const fn power(exponent: i64) -> f64 {
    f64::from_bits((exponent + 1023).cast_unsigned() << 52)
}

#[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
#[inline]
const fn round_to_single(value: f64) -> f32 {
    value as f32
}

// 1.5·2^mantissa + bias: adding it leaves `n + bias` in the lowest bits.
real!(f32, u32, 23, 12_582_912.0 + 127.0, [1.5 * power(-75), power(-120)], round_to_single);
real!(
    f64,
    u64,
    52,
    6_755_399_441_055_744.0 + 1023.0,
    [1.5 * power(-942), power(-1016)],
    std::convert::identity
);

/// Returns the instruction set the engine uses on this machine, in words; for networks
/// of narrow layers it may be a narrower one.
pub fn instruction_set() -> &'static str {
    Isa::detect().name()
}
