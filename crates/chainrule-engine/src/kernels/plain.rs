//! The vector every processor has: an array, one lane after the other.
//!
//! It is the twin that the others are tested against, and what runs on
//! architectures whose vectors the engine does not know. Where the processor
//! has no fused multiply-add, [`FUSED`](Plain) is off: emulating it would cost
//! some hundred instructions a product.

use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::{PlainToken, Vector};
use crate::real::Real;

/// `N` numbers in an array.
#[derive(Clone, Copy, Debug)]
pub struct Plain<T, const N: usize, const FUSED: bool>([T; N]);

impl<T: Real, const N: usize, const FUSED: bool> Plain<T, N, FUSED> {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(T, T) -> T) -> Self {
        Plain(from_fn(|lane| operation(self.0[lane], other.0[lane])))
    }

    /// Joins halves, then halves of these, to one number: the order in which
    /// the wide instruction sets do it.
    #[inline(always)]
    fn fold(mut self, operation: impl Fn(T, T) -> T) -> T {
        let mut half = N / 2;
        while half > 0 {
            for lane in 0..half {
                self.0[lane] = operation(self.0[lane], self.0[lane + half]);
            }
            half /= 2;
        }
        self.0[0]
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $symbol:tt) => {
        impl<T: Real, const N: usize, const FUSED: bool> $trait for Plain<T, N, FUSED> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |x, y| x $symbol y)
            }
        }
    };
}

operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl<T: Real, const N: usize, const FUSED: bool> Neg for Plain<T, N, FUSED> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Plain(self.0.map(|x| -x))
    }
}

impl<T: Real, const N: usize, const FUSED: bool> Vector for Plain<T, N, FUSED> {
    type Element = T;
    type Token = PlainToken;
    const LANES: usize = N;

    #[inline(always)]
    fn splat(_: PlainToken, value: T) -> Self {
        Plain([value; N])
    }

    #[inline(always)]
    unsafe fn load(_: PlainToken, from: *const T) -> Self {
        // SAFETY: the caller grants N numbers.
        Plain(from_fn(|lane| unsafe { *from.add(lane) }))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        for (lane, value) in self.0.into_iter().enumerate() {
            // SAFETY: the caller grants N numbers.
            unsafe { *to.add(lane) = value };
        }
    }

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Plain([T::from_f64(value); N])
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Plain(from_fn(|lane| {
            let (x, y, z) = (self.0[lane], factor.0[lane], summand.0[lane]);
            if FUSED { x.mul_add(y, z) } else { x * y + z }
        }))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Plain(self.0.map(Real::sqrt))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Plain(self.0.map(Real::abs))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        self.zip(sign, Real::copysign)
    }

    #[inline(always)]
    fn or_greater(self, other: Self) -> Self {
        self.zip(other, |x, y| if x > y { x } else { y })
    }

    #[inline(always)]
    fn or_smaller(self, other: Self) -> Self {
        self.zip(other, |x, y| if x < y { x } else { y })
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        Plain(from_fn(|lane| if self.0[lane] > T::ZERO { yes.0[lane] } else { no.0[lane] }))
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        Plain(self.0.map(Real::power_of_two))
    }

    #[inline(always)]
    fn rough_minus_reciprocal(self) -> Self {
        Plain(self.0.map(Real::rough_minus_reciprocal))
    }

    #[inline(always)]
    fn sum(self) -> T {
        self.fold(|x, y| x + y)
    }

    #[inline(always)]
    fn greatest(self) -> T {
        self.fold(|x, y| if x > y { x } else { y })
    }
}
