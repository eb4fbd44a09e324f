//! The vectors of any x86-64 processor: SSE2, which all of them have.
//!
//! No fused multiply-add: a product is rounded before it is added.

use std::arch::x86_64::{
    __m128, __m128d, _mm_add_pd, _mm_add_ps, _mm_add_sd, _mm_add_ss, _mm_and_pd, _mm_and_ps,
    _mm_andnot_pd, _mm_andnot_ps, _mm_castpd_si128, _mm_castps_si128, _mm_castsi128_pd,
    _mm_castsi128_ps, _mm_cmpgt_pd, _mm_cmpgt_ps, _mm_cvtsd_f64, _mm_cvtss_f32, _mm_div_pd,
    _mm_div_ps, _mm_loadu_pd, _mm_loadu_ps, _mm_max_pd, _mm_max_ps, _mm_max_sd, _mm_max_ss,
    _mm_min_pd, _mm_min_ps, _mm_movehl_ps, _mm_mul_pd, _mm_mul_ps, _mm_or_pd, _mm_or_ps,
    _mm_set1_pd, _mm_set1_ps, _mm_setzero_pd, _mm_setzero_ps, _mm_shuffle_ps, _mm_slli_epi32,
    _mm_slli_epi64, _mm_sqrt_pd, _mm_sqrt_ps, _mm_storeu_pd, _mm_storeu_ps, _mm_sub_epi32,
    _mm_sub_epi64, _mm_sub_pd, _mm_sub_ps, _mm_unpackhi_pd, _mm_xor_pd, _mm_xor_ps,
};
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::kernels::vector::{PlainToken, Vector};

/// Four singles.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(__m128);

/// Two doubles.
#[derive(Clone, Copy, Debug)]
pub struct F64x2(__m128d);

operators!(F32x4, _mm_add_ps, _mm_sub_ps, _mm_mul_ps, _mm_div_ps);
operators!(F64x2, _mm_add_pd, _mm_sub_pd, _mm_mul_pd, _mm_div_pd);

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm_xor_ps(self.0, _mm_set1_ps(-0.0))))
    }
}

impl Neg for F64x2 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm_xor_pd(self.0, _mm_set1_pd(-0.0))))
    }
}

#[target_feature(enable = "sse2")]
#[inline]
fn multiply_add_singles(x: __m128, y: __m128, z: __m128) -> __m128 {
    _mm_add_ps(_mm_mul_ps(x, y), z)
}

#[target_feature(enable = "sse2")]
#[inline]
fn multiply_add_doubles(x: __m128d, y: __m128d, z: __m128d) -> __m128d {
    _mm_add_pd(_mm_mul_pd(x, y), z)
}

impl Vector for F32x4 {
    common!(
        f32,
        PlainToken,
        4,
        _mm_set1_ps,
        _mm_loadu_ps,
        _mm_storeu_ps,
        multiply_add_singles,
        _mm_sqrt_ps,
        _mm_max_ps,
        _mm_min_ps,
        _mm_castps_si128,
        _mm_castsi128_ps,
        _mm_sub_epi32
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm_andnot_ps(_mm_set1_ps(-0.0), self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!(Self(_mm_or_ps(self.abs().0, _mm_and_ps(sign.0, _mm_set1_ps(-0.0)))))
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm_cmpgt_ps(self.0, _mm_setzero_ps());
            Self(_mm_or_ps(_mm_and_ps(mask, yes.0), _mm_andnot_ps(mask, no.0)))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm_add_ps(self.0, _mm_set1_ps(12_582_912.0 + 127.0));
            Self(_mm_castsi128_ps(_mm_slli_epi32::<23>(_mm_castps_si128(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        with_set!({
            let two = _mm_add_ps(self.0, _mm_movehl_ps(self.0, self.0));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }

    #[inline(always)]
    fn greatest(self) -> f32 {
        with_set!({
            let two = _mm_max_ps(self.0, _mm_movehl_ps(self.0, self.0));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }
}

impl Vector for F64x2 {
    common!(
        f64,
        PlainToken,
        2,
        _mm_set1_pd,
        _mm_loadu_pd,
        _mm_storeu_pd,
        multiply_add_doubles,
        _mm_sqrt_pd,
        _mm_max_pd,
        _mm_min_pd,
        _mm_castpd_si128,
        _mm_castsi128_pd,
        _mm_sub_epi64
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm_andnot_pd(_mm_set1_pd(-0.0), self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!(Self(_mm_or_pd(self.abs().0, _mm_and_pd(sign.0, _mm_set1_pd(-0.0)))))
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm_cmpgt_pd(self.0, _mm_setzero_pd());
            Self(_mm_or_pd(_mm_and_pd(mask, yes.0), _mm_andnot_pd(mask, no.0)))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm_add_pd(self.0, _mm_set1_pd(6_755_399_441_055_744.0 + 1023.0));
            Self(_mm_castsi128_pd(_mm_slli_epi64::<52>(_mm_castpd_si128(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        with_set!(_mm_cvtsd_f64(_mm_add_sd(self.0, _mm_unpackhi_pd(self.0, self.0))))
    }

    #[inline(always)]
    fn greatest(self) -> f64 {
        with_set!(_mm_cvtsd_f64(_mm_max_sd(self.0, _mm_unpackhi_pd(self.0, self.0))))
    }
}
