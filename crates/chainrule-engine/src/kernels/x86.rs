//! The vectors of x86-64 processors: AVX2 with FMA, AVX-512, and what all have.

use std::arch::x86_64::{
    __cpuid, __m256, __m256d, __m512, __m512d, _CMP_GT_OQ, _mm_add_pd, _mm_add_ps, _mm_add_sd,
    _mm_add_ss, _mm_cvtsd_f64, _mm_cvtss_f32, _mm_max_pd, _mm_max_ps, _mm_max_sd, _mm_max_ss,
    _mm_movehl_ps, _mm_shuffle_ps, _mm_unpackhi_pd, _mm256_add_pd, _mm256_add_ps, _mm256_andnot_pd,
    _mm256_andnot_ps, _mm256_blendv_pd, _mm256_blendv_ps, _mm256_castpd_ps, _mm256_castpd_si256,
    _mm256_castpd256_pd128, _mm256_castps_si256, _mm256_castps256_ps128, _mm256_castsi256_pd,
    _mm256_castsi256_ps, _mm256_cmp_pd, _mm256_cmp_ps, _mm256_div_pd, _mm256_div_ps,
    _mm256_extractf128_pd, _mm256_extractf128_ps, _mm256_fmadd_pd, _mm256_fmadd_ps,
    _mm256_loadu_pd, _mm256_loadu_ps, _mm256_max_pd, _mm256_max_ps, _mm256_min_pd, _mm256_min_ps,
    _mm256_mul_pd, _mm256_mul_ps, _mm256_or_pd, _mm256_or_ps, _mm256_permute2f128_pd,
    _mm256_permute2f128_ps, _mm256_set1_pd, _mm256_set1_ps, _mm256_setr_pd, _mm256_setr_ps,
    _mm256_setzero_pd, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_slli_epi32, _mm256_slli_epi64,
    _mm256_sqrt_pd, _mm256_sqrt_ps, _mm256_storeu_pd, _mm256_storeu_ps, _mm256_sub_epi32,
    _mm256_sub_epi64, _mm256_sub_pd, _mm256_sub_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps,
    _mm256_unpacklo_pd, _mm256_unpacklo_ps, _mm256_xor_pd, _mm256_xor_ps, _mm512_abs_pd,
    _mm512_abs_ps, _mm512_add_pd, _mm512_add_ps, _mm512_and_si512, _mm512_andnot_si512,
    _mm512_castpd_si512, _mm512_castpd512_pd256, _mm512_castps_pd, _mm512_castps_si512,
    _mm512_castps512_ps256, _mm512_castsi512_pd, _mm512_castsi512_ps, _mm512_cmp_pd_mask,
    _mm512_cmp_ps_mask, _mm512_div_pd, _mm512_div_ps, _mm512_extractf64x4_pd, _mm512_fmadd_pd,
    _mm512_fmadd_ps, _mm512_loadu_pd, _mm512_loadu_ps, _mm512_mask_blend_pd, _mm512_mask_blend_ps,
    _mm512_max_pd, _mm512_max_ps, _mm512_min_pd, _mm512_min_ps, _mm512_mul_pd, _mm512_mul_ps,
    _mm512_or_si512, _mm512_set1_pd, _mm512_set1_ps, _mm512_setzero_pd, _mm512_setzero_ps,
    _mm512_slli_epi32, _mm512_slli_epi64, _mm512_sqrt_pd, _mm512_sqrt_ps, _mm512_storeu_pd,
    _mm512_storeu_ps, _mm512_sub_epi32, _mm512_sub_epi64, _mm512_sub_pd, _mm512_sub_ps,
    _mm512_xor_si512,
};
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::OnceLock;

use super::vector::Vector;

/// The proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// The proof that the processor has AVX-512 F, AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx2 {
    /// Returns the token if the processor (and the system) has the set.
    pub(crate) fn detect() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
    }
}

impl Avx512 {
    /// Returns the token if the processor (and the system) has the set.
    pub(crate) fn detect() -> Option<Avx512> {
        (is_x86_feature_detected!("avx512f") && Avx2::detect().is_some()).then_some(Avx512(()))
    }

    /// Tells whether the processor makes 512 bits in halves, one after the other,
    /// as AMD's family 19h (Zen 4) does: no faster than AVX2, and panels twice
    /// as wide have more columns that nobody asked for. (256 bits in the upper 16
    /// registers are slower there: 100 GFLOP/s where the others reach 118.)
    pub(crate) fn is_halved() -> bool {
        // Asked once: a virtual machine answers slowly.
        static IS_HALVED: OnceLock<bool> = OnceLock::new();
        *IS_HALVED.get_or_init(|| {
            // SAFETY: every processor of this architecture has the instruction.
            #[allow(unused_unsafe, reason = "later compilers call it safe")]
            let [vendor, version] = unsafe { [__cpuid(0), __cpuid(1)] };
            let vendor = [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes).concat();
            let family = (version.eax >> 8 & 0xf) + (version.eax >> 20 & 0xff);
            vendor == b"AuthenticAMD" && family == 0x19
        })
    }
}

impl From<Avx512> for Avx2 {
    /// AVX2 is part of the set.
    fn from(_: Avx512) -> Avx2 {
        Avx2(())
    }
}

/// Eight singles of AVX2.
#[derive(Clone, Copy, Debug)]
pub struct F32x8(__m256);

/// Four doubles of AVX2.
#[derive(Clone, Copy, Debug)]
pub struct F64x4(__m256d);

/// Sixteen singles of AVX-512.
#[derive(Clone, Copy, Debug)]
pub struct F32x16(__m512);

/// Eight doubles of AVX-512.
#[derive(Clone, Copy, Debug)]
pub struct F64x8(__m512d);

/// Evaluates intrinsics on values of a vector type.
macro_rules! with_set {
    ($($body:tt)*) => {
        // SAFETY: a vector of this type is made only with the token of its
        // instruction set, and the token only where the set was detected; SSE2
        // is in every processor of this architecture.
        unsafe { $($body)* }
    };
}

macro_rules! operators {
    ($type:ident, $add:ident, $sub:ident, $mul:ident, $div:ident) => {
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
    };
}

operators!(F32x8, _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps);
operators!(F64x4, _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd, _mm256_div_pd);
operators!(F32x16, _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps);
operators!(F64x8, _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_div_pd);

impl Neg for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm256_xor_ps(self.0, _mm256_set1_ps(-0.0))))
    }
}

impl Neg for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm256_xor_pd(self.0, _mm256_set1_pd(-0.0))))
    }
}

// AVX-512 F has no bitwise operation on floats; their integer twins do it.

impl Neg for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm512_castsi512_ps(_mm512_xor_si512(
            _mm512_castps_si512(self.0),
            _mm512_castps_si512(_mm512_set1_ps(-0.0)),
        ))))
    }
}

impl Neg for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        with_set!(Self(_mm512_castsi512_pd(_mm512_xor_si512(
            _mm512_castpd_si512(self.0),
            _mm512_castpd_si512(_mm512_set1_pd(-0.0)),
        ))))
    }
}

/// The methods whose intrinsics differ by name only.
macro_rules! common {
    (
        $element:ident, $token:ident, $lanes:literal, $splat:ident, $load:ident, $store:ident,
        $mul_add:ident, $sqrt:ident, $max:ident, $min:ident, $as_bits:ident, $of_bits:ident,
        $subtract_bits:ident
    ) => {
        type Element = $element;
        type Token = $token;
        const LANES: usize = $lanes;

        #[inline(always)]
        fn splat(_: $token, value: $element) -> Self {
            with_set!(Self($splat(value)))
        }

        #[inline(always)]
        unsafe fn load(_: $token, from: *const $element) -> Self {
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
            with_set!(Self($mul_add(self.0, factor.0, summand.0)))
        }

        #[inline(always)]
        fn sqrt(self) -> Self {
            with_set!(Self($sqrt(self.0)))
        }

        // Where a lane is not a number, max and min return their second operand.

        #[inline(always)]
        fn or_greater(self, other: Self) -> Self {
            with_set!(Self($max(self.0, other.0)))
        }

        #[inline(always)]
        fn or_smaller(self, other: Self) -> Self {
            with_set!(Self($min(self.0, other.0)))
        }

        #[inline(always)]
        fn rough_minus_reciprocal(self) -> Self {
            with_set!({
                let bits = $as_bits($splat(crate::kernels::math::Series::MINUS_RECIPROCAL));
                Self($of_bits($subtract_bits(bits, $as_bits(self.0))))
            })
        }
    };
}

// After the macros, which it takes.
mod sse2;

pub(super) use sse2::{F32x4, F64x2};

impl Vector for F32x8 {
    common!(
        f32,
        Avx2,
        8,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_fmadd_ps,
        _mm256_sqrt_ps,
        _mm256_max_ps,
        _mm256_min_ps,
        _mm256_castps_si256,
        _mm256_castsi256_ps,
        _mm256_sub_epi32
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!(Self(_mm256_blendv_ps(
            self.abs().0,
            _mm256_or_ps(self.0, _mm256_set1_ps(-0.0)),
            sign.0,
        )))
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, _mm256_setzero_ps());
            Self(_mm256_blendv_ps(no.0, yes.0, mask))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm256_add_ps(self.0, _mm256_set1_ps(12_582_912.0 + 127.0));
            Self(_mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        with_set!({
            let four =
                _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }

    #[inline(always)]
    fn greatest(self) -> f32 {
        with_set!({
            let four =
                _mm_max_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }

    #[inline(always)]
    unsafe fn column(_: Avx2, from: *const f32, stride: usize, count: usize) -> Self {
        // SAFETY: the token proves the set; the caller grants the numbers.
        let lane = |row: usize| if row < count { unsafe { *from.add(row * stride) } } else { 0.0 };
        let [a, b, c, d] = [lane(0), lane(1), lane(2), lane(3)];
        with_set!(Self(_mm256_setr_ps(a, b, c, d, lane(4), lane(5), lane(6), lane(7))))
    }

    #[inline(always)]
    unsafe fn transpose(
        _: Avx2,
        from: *const f32,
        from_stride: usize,
        to: *mut f32,
        to_stride: usize,
    ) {
        // SAFETY: the token proves the set; the caller grants rows 0 to 7.
        unsafe {
            let row = |index: usize| _mm256_loadu_ps(from.add(index * from_stride));
            let pair = |x: usize, y: usize| {
                let (x, y) = (row(x), row(y));
                (_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y))
            };
            let (a, b) = pair(0, 1);
            let (c, d) = pair(2, 3);
            let (e, f) = pair(4, 5);
            let (g, h) = pair(6, 7);
            let low = |x, y| _mm256_shuffle_ps::<0x44>(x, y);
            let high = |x, y| _mm256_shuffle_ps::<0xee>(x, y);
            let upper = [low(a, c), high(a, c), low(b, d), high(b, d)];
            let lower = [low(e, g), high(e, g), low(f, h), high(f, h)];
            for index in 0..4 {
                let (x, y) = (upper[index], lower[index]);
                let (first, second) = (to.add(index * to_stride), to.add((index + 4) * to_stride));
                _mm256_storeu_ps(first, _mm256_permute2f128_ps::<0x20>(x, y));
                _mm256_storeu_ps(second, _mm256_permute2f128_ps::<0x31>(x, y));
            }
        }
    }
}

impl Vector for F64x4 {
    common!(
        f64,
        Avx2,
        4,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_fmadd_pd,
        _mm256_sqrt_pd,
        _mm256_max_pd,
        _mm256_min_pd,
        _mm256_castpd_si256,
        _mm256_castsi256_pd,
        _mm256_sub_epi64
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!(Self(_mm256_blendv_pd(
            self.abs().0,
            _mm256_or_pd(self.0, _mm256_set1_pd(-0.0)),
            sign.0,
        )))
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm256_cmp_pd::<_CMP_GT_OQ>(self.0, _mm256_setzero_pd());
            Self(_mm256_blendv_pd(no.0, yes.0, mask))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm256_add_pd(self.0, _mm256_set1_pd(6_755_399_441_055_744.0 + 1023.0));
            Self(_mm256_castsi256_pd(_mm256_slli_epi64::<52>(_mm256_castpd_si256(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        with_set!({
            let two =
                _mm_add_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
            _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
        })
    }

    #[inline(always)]
    fn greatest(self) -> f64 {
        with_set!({
            let two =
                _mm_max_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
            _mm_cvtsd_f64(_mm_max_sd(two, _mm_unpackhi_pd(two, two)))
        })
    }

    #[inline(always)]
    unsafe fn column(_: Avx2, from: *const f64, stride: usize, count: usize) -> Self {
        // SAFETY: the token proves the set; the caller grants the numbers.
        let lane = |row: usize| if row < count { unsafe { *from.add(row * stride) } } else { 0.0 };
        with_set!(Self(_mm256_setr_pd(lane(0), lane(1), lane(2), lane(3))))
    }

    #[inline(always)]
    unsafe fn transpose(
        _: Avx2,
        from: *const f64,
        from_stride: usize,
        to: *mut f64,
        to_stride: usize,
    ) {
        // SAFETY: the token proves the set; the caller grants rows 0 to 3.
        unsafe {
            let row = |index: usize| _mm256_loadu_pd(from.add(index * from_stride));
            let (a, b, c, d) = (row(0), row(1), row(2), row(3));
            let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (even_below, odd_below) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            _mm256_storeu_pd(to, _mm256_permute2f128_pd::<0x20>(even, even_below));
            _mm256_storeu_pd(to.add(to_stride), _mm256_permute2f128_pd::<0x20>(odd, odd_below));
            _mm256_storeu_pd(
                to.add(2 * to_stride),
                _mm256_permute2f128_pd::<0x31>(even, even_below),
            );
            _mm256_storeu_pd(to.add(3 * to_stride), _mm256_permute2f128_pd::<0x31>(odd, odd_below));
        }
    }
}

impl Vector for F32x16 {
    common!(
        f32,
        Avx512,
        16,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_sqrt_ps,
        _mm512_max_ps,
        _mm512_min_ps,
        _mm512_castps_si512,
        _mm512_castsi512_ps,
        _mm512_sub_epi32
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm512_abs_ps(self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!({
            let bits = _mm512_castps_si512(_mm512_set1_ps(-0.0));
            let sign = _mm512_and_si512(_mm512_castps_si512(sign.0), bits);
            let size = _mm512_andnot_si512(bits, _mm512_castps_si512(self.0));
            Self(_mm512_castsi512_ps(_mm512_or_si512(sign, size)))
        })
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, _mm512_setzero_ps());
            Self(_mm512_mask_blend_ps(mask, no.0, yes.0))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm512_add_ps(self.0, _mm512_set1_ps(12_582_912.0 + 127.0));
            Self(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        with_set!({
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0)));
            F32x8(_mm256_add_ps(_mm512_castps512_ps256(self.0), high)).sum()
        })
    }

    #[inline(always)]
    fn greatest(self) -> f32 {
        with_set!({
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0)));
            F32x8(_mm256_max_ps(_mm512_castps512_ps256(self.0), high)).greatest()
        })
    }
}

impl Vector for F64x8 {
    common!(
        f64,
        Avx512,
        8,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_fmadd_pd,
        _mm512_sqrt_pd,
        _mm512_max_pd,
        _mm512_min_pd,
        _mm512_castpd_si512,
        _mm512_castsi512_pd,
        _mm512_sub_epi64
    );

    #[inline(always)]
    fn abs(self) -> Self {
        with_set!(Self(_mm512_abs_pd(self.0)))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        with_set!({
            let bits = _mm512_castpd_si512(_mm512_set1_pd(-0.0));
            let sign = _mm512_and_si512(_mm512_castpd_si512(sign.0), bits);
            let size = _mm512_andnot_si512(bits, _mm512_castpd_si512(self.0));
            Self(_mm512_castsi512_pd(_mm512_or_si512(sign, size)))
        })
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        with_set!({
            let mask = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, _mm512_setzero_pd());
            Self(_mm512_mask_blend_pd(mask, no.0, yes.0))
        })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        with_set!({
            let sum = _mm512_add_pd(self.0, _mm512_set1_pd(6_755_399_441_055_744.0 + 1023.0));
            Self(_mm512_castsi512_pd(_mm512_slli_epi64::<52>(_mm512_castpd_si512(sum))))
        })
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        with_set!({
            let high = _mm512_extractf64x4_pd::<1>(self.0);
            F64x4(_mm256_add_pd(_mm512_castpd512_pd256(self.0), high)).sum()
        })
    }

    #[inline(always)]
    fn greatest(self) -> f64 {
        with_set!({
            let high = _mm512_extractf64x4_pd::<1>(self.0);
            F64x4(_mm256_max_pd(_mm512_castpd512_pd256(self.0), high)).greatest()
        })
    }
}
