//! The vectors of 64-bit ARM processors.

use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::math::Series;
use super::vector::Vector;

/// The proof that the processor has NEON, as every 64-bit one has.
#[derive(Clone, Copy, Debug)]
pub struct Neon(());

impl Neon {
    /// Returns the token if the processor has the set.
    pub(crate) fn detect() -> Option<Neon> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Neon(()))
    }
}

/// Four singles.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(float32x4_t);

/// Two doubles.
#[derive(Clone, Copy, Debug)]
pub struct F64x2(float64x2_t);

/// Evaluates intrinsics on values of a vector type.
macro_rules! with_set {
    ($($body:tt)*) => {
        // SAFETY: a vector of this type is made only with the token of NEON,
        // and the token only where the set was detected.
        unsafe { $($body)* }
    };
}

macro_rules! vector {
    (
        $type:ident, $element:ident, $lanes:literal, $splat:ident, $load:ident, $store:ident,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $neg:ident, $mul_add:ident, $sqrt:ident,
        $abs:ident, $greater:ident, $select:ident, $as_bits:ident, $of_bits:ident,
        $shift:ident, $subtract_bits:ident, $mantissa:literal, $magic:expr
    ) => {
        impl Add for $type {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                with_set!(Self($add(self.0, other.0)))
            }
        }
        impl Sub for $type {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                with_set!(Self($sub(self.0, other.0)))
            }
        }
        impl Mul for $type {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                with_set!(Self($mul(self.0, other.0)))
            }
        }
        impl Div for $type {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                with_set!(Self($div(self.0, other.0)))
            }
        }
        impl Neg for $type {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                with_set!(Self($neg(self.0)))
            }
        }

        impl Vector for $type {
            type Element = $element;
            type Token = Neon;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(_: Neon, value: $element) -> Self {
                with_set!(Self($splat(value)))
            }

            #[inline(always)]
            unsafe fn load(_: Neon, from: *const $element) -> Self {
                // SAFETY: the token proves the set; the caller grants the lanes.
                unsafe { Self($load(from)) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: the vector proves the set; the caller grants the lanes.
                unsafe { $store(to, self.0) }
            }

            #[inline(always)]
            fn constant(self, value: f64) -> Self {
                with_set!(Self($splat(crate::real::Real::from_f64(value))))
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, summand: Self) -> Self {
                with_set!(Self($mul_add(summand.0, self.0, factor.0)))
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                with_set!(Self($sqrt(self.0)))
            }

            #[inline(always)]
            fn abs(self) -> Self {
                with_set!(Self($abs(self.0)))
            }

            #[inline(always)]
            fn with_sign_of(self, sign: Self) -> Self {
                with_set!({
                    let mask = $as_bits($splat(-0.0));
                    Self($select(mask, sign.0, self.0))
                })
            }

            // NEON's own maximum propagates what is not a number; ours does not.

            #[inline(always)]
            fn or_greater(self, other: Self) -> Self {
                with_set!(Self($select($greater(self.0, other.0), self.0, other.0)))
            }

            #[inline(always)]
            fn or_smaller(self, other: Self) -> Self {
                with_set!(Self($select($greater(other.0, self.0), self.0, other.0)))
            }

            #[inline(always)]
            fn when_positive(self, yes: Self, no: Self) -> Self {
                with_set!(Self($select($greater(self.0, $splat(0.0)), yes.0, no.0)))
            }

            #[inline(always)]
            fn power_of_two(self) -> Self {
                with_set!({
                    let sum = $add(self.0, $splat($magic));
                    Self($of_bits($shift::<$mantissa>($as_bits(sum))))
                })
            }

            #[inline(always)]
            fn rough_minus_reciprocal(self) -> Self {
                with_set!({
                    let bits = $as_bits($splat(Series::MINUS_RECIPROCAL));
                    Self($of_bits($subtract_bits(bits, $as_bits(self.0))))
                })
            }

            #[inline(always)]
            fn sum(self) -> $element {
                fold(self, |x, y| x + y)
            }

            #[inline(always)]
            fn greatest(self) -> $element {
                fold(self, |x, y| if x > y { x } else { y })
            }
        }
    };
}

/// Joins halves, then halves of these, to one number.
#[inline(always)]
fn fold<V: Vector>(
    vector: V,
    operation: impl Fn(V::Element, V::Element) -> V::Element,
) -> V::Element {
    let mut lanes = [V::Element::default(); 4];
    // SAFETY: a vector of NEON has at most four lanes.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    let mut half = V::LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = operation(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

vector!(
    F32x4,
    f32,
    4,
    vdupq_n_f32,
    vld1q_f32,
    vst1q_f32,
    vaddq_f32,
    vsubq_f32,
    vmulq_f32,
    vdivq_f32,
    vnegq_f32,
    vfmaq_f32,
    vsqrtq_f32,
    vabsq_f32,
    vcgtq_f32,
    vbslq_f32,
    vreinterpretq_u32_f32,
    vreinterpretq_f32_u32,
    vshlq_n_u32,
    vsubq_u32,
    23,
    12_582_912.0 + 127.0
);
vector!(
    F64x2,
    f64,
    2,
    vdupq_n_f64,
    vld1q_f64,
    vst1q_f64,
    vaddq_f64,
    vsubq_f64,
    vmulq_f64,
    vdivq_f64,
    vnegq_f64,
    vfmaq_f64,
    vsqrtq_f64,
    vabsq_f64,
    vcgtq_f64,
    vbslq_f64,
    vreinterpretq_u64_f64,
    vreinterpretq_f64_u64,
    vshlq_n_u64,
    vsubq_u64,
    52,
    6_755_399_441_055_744.0 + 1023.0
);
