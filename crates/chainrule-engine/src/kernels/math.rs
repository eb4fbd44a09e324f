//! Exponential, logarithm and normal distribution on vectors.
//!
//! Polynomials in fused multiply-adds. That of the logarithm is Taylor's, cut
//! where the next term is below a quarter of the last bit; those of exponential
//! and normal tail are nearest in the sense of Chebyshev, because they are
//! shorter, and `scripts/` has the programs that made them. The measured errors
//! stand in the tests and are checked there.
//!
//! Not for single numbers: the standard library's functions are more exact.

use super::vector::Vector;
use crate::real::Real;

/// What differs between singles and doubles.
pub trait Series: Sized {
    /// `e^r = 1 + r + r²·Σ EXP[k]·r^k` for `|r| ≤ ½·ln 2`; made by
    /// `scripts/exponential.py`.
    const EXP: &'static [f64];
    /// `ln 2` in two parts: the first has so few bits that multiples are exact.
    const LN_2: [f64; 2];
    /// Outside of these, `e^x` is less than any normal number, or infinite.
    const EXP_RANGE: [f64; 2];
    /// Up to here, `e^x` and `e^−x` are normal numbers.
    const POWER_LIMIT: f64;
    /// `1/3, 1/5 …`: `ln(1+u) = 2s + 2s³·Σ LN[k]·s^2k`, `s = u/(2+u) ≤ 1/3`.
    const LN: &'static [f64];
    /// `(z+K)·e^(z²/2)·Φ(−z) = Σ TAIL[k]·t^k`, `t = (z−K)/(z+K)`; made by
    /// `scripts/normal_tail.py`.
    const TAIL: &'static [f64];
    /// The number from whose bits those of a positive one are subtracted to get −1 over
    /// that one, roughly: of all patterns the one whose largest error is the smallest,
    /// 0.0505.
    const MINUS_RECIPROCAL: Self;
    /// The largest number whose reciprocal is surely a normal one.
    const DIVISOR_LIMIT: f64;
}

/// The centre of the normal tail's variable.
const TAIL_CENTRE: f64 = 3.75;

impl Series for f32 {
    const EXP: &'static [f64] =
        &[0.499_999_934, 0.166_665_201, 0.041_668_394_2, 0.008_368_780_41, 0.001_381_446_7];
    // 9 bits: their product with a number up to 150 is exact.
    const LN_2: [f64; 2] = [0.693_359_375, -2.121_944_400_546_905_8e-4];
    const EXP_RANGE: [f64; 2] = [-87.336_54, 89.0];
    const POWER_LIMIT: f64 = 87.0;
    const LN: &'static [f64] =
        &[1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0];
    const TAIL: &'static [f64] = &[
        0.750_294_068,
        -0.588_188_342,
        0.352_939_93,
        -0.151_519_543,
        0.037_490_482_2,
        0.001_192_890_46,
        -0.004_167_902_66,
        0.000_521_626_436,
        0.000_450_086_499,
    ];
    const MINUS_RECIPROCAL: f32 = f32::from_bits(0xfef3_11c2);
    const DIVISOR_LIMIT: f64 = 0.25 / f32::MIN_POSITIVE as f64;
}

impl Series for f64 {
    const EXP: &'static [f64] = &[
        0.500_000_000_000_001_1,
        0.166_666_666_666_664_1,
        0.041_666_666_666_529_19,
        0.008_333_333_333_495_627,
        0.001_388_888_894_392_266,
        0.000_198_412_695_047_573_5,
        2.480_149_276_276_589_3e-5,
        2.755_758_734_977_136e-6,
        2.763_037_863_307_521_5e-7,
        2.499_996_283_818_669e-8,
    ];
    // 32 bits: their product with a number up to 1100 is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    const EXP_RANGE: [f64; 2] = [-708.396_418, 710.0];
    const POWER_LIMIT: f64 = 708.0;
    const LN: &'static [f64] = &[
        1.0 / 3.0,
        1.0 / 5.0,
        1.0 / 7.0,
        1.0 / 9.0,
        1.0 / 11.0,
        1.0 / 13.0,
        1.0 / 15.0,
        1.0 / 17.0,
        1.0 / 19.0,
        1.0 / 21.0,
        1.0 / 23.0,
        1.0 / 25.0,
        1.0 / 27.0,
        1.0 / 29.0,
        1.0 / 31.0,
        1.0 / 33.0,
    ];
    const TAIL: &'static [f64] = &[
        0.750_294_072_265_899,
        -0.588_188_417_836_281_2,
        0.352_939_857_478_096_51,
        -0.151_516_865_426_613_8,
        0.037_489_325_417_876_52,
        0.001_168_351_962_261_760_5,
        -0.004_162_868_237_940_317,
        0.000_609_910_991_028_777_9,
        0.000_469_823_713_618_814_9,
        -0.000_117_210_927_198_742_13,
        -7.007_517_731_564_742e-5,
        1.707_020_328_382_036_5e-5,
        1.330_726_965_508_803_3e-5,
        -1.655_863_056_088_982e-6,
        -2.762_140_447_382_303_6e-6,
        -1.455_723_861_510_744_5e-7,
        5.311_721_898_770_841e-7,
        1.352_205_854_115_743e-7,
        -7.716_738_599_409_859e-8,
        -3.665_771_007_496_753_5e-8,
        5.596_375_851_364_212e-9,
        4.096_708_711_368_553e-9,
    ];
    const MINUS_RECIPROCAL: f64 = f64::from_bits(0xffde_6238_0000_0000);
    const DIVISOR_LIMIT: f64 = 0.25 / f64::MIN_POSITIVE;
}

/// Returns `Σ coefficients[k]·x^k` by Estrin's scheme: pairs, then pairs of
/// pairs, so that the multiply-adds need not wait for each other.
#[inline(always)]
fn polynomial<V: Vector>(coefficients: &[f64], x: V) -> V {
    let square = x * x;
    let fourth = square * square;
    let mut index = (coefficients.len() - 1) / 4 * 4;
    let mut sum = four_terms(&coefficients[index..], x, square);
    while index > 0 {
        index -= 4;
        sum = sum.mul_add(fourth, four_terms(&coefficients[index..], x, square));
    }
    sum
}

/// Returns `c₀ + c₁·x + c₂·x² + c₃·x³`, as far as there are coefficients.
#[inline(always)]
fn four_terms<V: Vector>(coefficients: &[f64], x: V, square: V) -> V {
    let low = two_terms(coefficients, x);
    if coefficients.len() > 2 { two_terms(&coefficients[2..], x).mul_add(square, low) } else { low }
}

/// Returns `c₀ + c₁·x`, as far as there are coefficients.
#[inline(always)]
fn two_terms<V: Vector>(coefficients: &[f64], x: V) -> V {
    let low = x.constant(coefficients[0]);
    match coefficients.get(1) {
        Some(&high) => x.constant(high).mul_add(x, low),
        None => low,
    }
}

/// `e^x = e^rest·2^power`, with a rest of at most half of `ln 2`.
struct Exponential<V> {
    rest: V,
    power: V,
    /// What rounds to whole numbers when it is added.
    magic: V,
}

#[inline(always)]
fn exponential<V: Vector>(x: V) -> Exponential<V> {
    // 1.5·2^mantissa
    let magic =
        x.constant(if V::Element::BYTES == 4 { 12_582_912.0 } else { 6_755_399_441_055_744.0 });
    let power = x.mul_add(x.constant(std::f64::consts::LOG2_E), magic) - magic;
    let rest = power.mul_add(x.constant(-V::Element::LN_2[0]), x);
    let rest = power.mul_add(x.constant(-V::Element::LN_2[1]), rest);
    Exponential { rest, power, magic }
}

impl<V: Vector> Exponential<V> {
    /// Returns three numbers of which `e^rest − 1` is the first plus the product
    /// of the others: the first terms of the series, which wait for nothing, and
    /// what is added last.
    #[inline(always)]
    fn series(&self) -> [V; 3] {
        let square = self.rest * self.rest;
        let (first, others) = V::Element::EXP.split_at(2);
        let low = two_terms(first, self.rest).mul_add(square, self.rest);
        [low, polynomial(others, self.rest), square * square]
    }

    /// Returns `e^rest − 1`, exact near zero.
    #[inline(always)]
    fn tail(&self) -> V {
        let [low, high, factor] = self.series();
        high.mul_add(factor, low)
    }

    /// The same, later and rounded less.
    #[inline(always)]
    fn closer_tail(&self) -> V {
        let Exponential { rest, .. } = *self;
        polynomial(V::Element::EXP, rest).mul_add(rest * rest, rest)
    }

    /// Returns `summand + scale·(e^rest − 1)`, with nothing left to be done when
    /// the series has been summed but to add it.
    #[inline(always)]
    fn scaled(&self, scale: V, summand: V) -> V {
        let [low, high, factor] = self.series();
        high.mul_add(factor * scale, low.mul_add(scale, summand))
    }

    /// Returns two factors of `2^power`, because one may be beyond what a number
    /// can hold.
    #[inline(always)]
    fn factors(&self) -> [V; 2] {
        let &Exponential { power, magic, .. } = self;
        let half = power.mul_add(power.constant(0.5), magic) - magic;
        [half.power_of_two(), (power - half).power_of_two()]
    }
}

/// Cuts numbers to a range; keeps what is not a number.
#[inline(always)]
fn clamp<V: Vector>(x: V, low: f64, high: f64) -> V {
    x.constant(high).or_smaller(x.constant(low).or_greater(x))
}

/// Returns `e^x`, 0 where that is no normal number, infinite above what one can
/// hold.
#[inline(always)]
pub(super) fn exp<V: Vector>(x: V) -> V {
    let [low, high] = V::Element::EXP_RANGE;
    let exponential = exponential(clamp(x, low, high));
    let [scale, other] = exponential.factors();
    let e = exponential.tail().mul_add(scale, scale) * other;
    // This order keeps what is not a number.
    (x.constant(low) - x).when_positive(x.constant(0.0), e)
}

/// Returns `e^x − 1`, exact near zero.
#[inline(always)]
pub(super) fn exp_minus_one<V: Vector>(x: V) -> V {
    let [low, high] = V::Element::EXP_RANGE;
    let exponential = exponential(clamp(x, low, high));
    let [scale, other] = exponential.factors();
    let scale = scale * other;
    exponential.closer_tail().mul_add(scale, scale - x.constant(1.0))
}

/// Returns `1 + e^−x`, at most about the largest number there is.
#[inline(always)]
pub(super) fn one_plus_exp_of_minus<V: Vector>(x: V) -> V {
    let limit = V::Element::POWER_LIMIT;
    // The sign becomes part of multiply-adds.
    let exponential = exponential(-clamp(x, -limit, limit));
    let scale = exponential.power.power_of_two();
    // Not 1 + e^−x, which would wait for e^−x.
    exponential.scaled(scale, scale + x.constant(1.0))
}

/// Returns `1 / (1 + e^−x)`; where that is no normal number, about the least.
#[inline(always)]
pub(super) fn sigmoid<V: Vector>(x: V) -> V {
    x.constant(1.0) / one_plus_exp_of_minus(x)
}

/// Returns the hyperbolic tangent.
#[inline(always)]
pub(super) fn tanh<V: Vector>(x: V) -> V {
    // Beyond 20 the result is 1 in doubles too.
    let twice = x.constant(40.0).or_smaller((x + x).abs());
    let exponential = exponential(twice);
    let (one, scale) = (x.constant(1.0), exponential.power.power_of_two());
    let tail = exponential.tail();
    let quotient = tail.mul_add(scale, scale - one) / tail.mul_add(scale, scale + one);
    quotient.with_sign_of(x)
}

/// Returns `ln(1 + u)` for `u` from 0 to 1.
#[inline(always)]
pub(super) fn ln_one_plus<V: Vector>(u: V) -> V {
    let s = u / (u + u.constant(2.0));
    let twice = s + s;
    let square = s * s;
    polynomial(V::Element::LN, square).mul_add(square * twice, twice)
}

/// Returns `ln(1 + e^x)`.
#[inline(always)]
pub(super) fn softplus<V: Vector>(x: V) -> V {
    x.constant(0.0).or_greater(x) + ln_one_plus(exp(-x.abs()))
}

/// Returns `−1/x` of some vectors of positive normal numbers, side by side; of those above
/// a number that is far from any use as a divisor, the negative reciprocal of that number.
///
/// Newton's method in multiply-adds, since a division waits for the one before it, as
/// does a root. The sign is what saves turning one in each step:
/// `y ← y + y·(1 + x·y)` for `y ≈ −1/x`.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "a loop for each line of the method")]
pub(super) fn minus_reciprocals<V: Vector, const N: usize>(mut x: [V; N]) -> [V; N] {
    let one = x[0].constant(1.0);
    let limit = one.constant(V::Element::DIVISOR_LIMIT);
    let mut y = [one; N];
    for k in 0..N {
        // This order keeps what is not a number.
        x[k] = limit.or_smaller(x[k]);
        y[k] = x[k].rough_minus_reciprocal();
    }
    // An error e becomes e²; with the square of e beside it, e³.
    let mut error = [one; N];
    for k in 0..N {
        error[k] = x[k].mul_add(y[k], one);
    }
    for k in 0..N {
        y[k] = error[k].mul_add(y[k], y[k]);
    }
    let cubed = if V::Element::BYTES == 4 { 1 } else { 2 };
    for _ in 0..cubed {
        for k in 0..N {
            error[k] = x[k].mul_add(y[k], one);
        }
        for k in 0..N {
            error[k] = error[k].mul_add(error[k], error[k]);
        }
        for k in 0..N {
            y[k] = error[k].mul_add(y[k], y[k]);
        }
    }
    y
}

/// Returns `Φ(z)` and `φ(z)`, the normal distribution and density.
#[inline(always)]
pub(super) fn normal<V: Vector>(z: V) -> (V, V) {
    let one = z.constant(1.0);
    let size = z.abs();
    // e^(−z²/2), with what the rounding of z² lost put back.
    let square = size * size;
    let lost = size.mul_add(size, -square);
    let e = exp(square * z.constant(-0.5));
    let e = e.mul_add(lost * z.constant(-0.5), e);
    let inverse = one / (size + z.constant(TAIL_CENTRE));
    let t = inverse.mul_add(z.constant(-2.0 * TAIL_CENTRE), one);
    let tail = polynomial(V::Element::TAIL, t) * inverse * e;
    (z.when_positive(one - tail, tail), e * z.constant(0.398_942_280_401_432_7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    kernel! {
        fn apply<T>(function: Function, values: &mut [T]) = apply_body
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Function {
        Exp,
        ExpMinusOne,
        Sigmoid,
        Tanh,
        LnOnePlus,
        Softplus,
        NormalCdf,
        NormalDensity,
        MinusReciprocal,
    }

    #[inline(always)]
    fn apply_body<V: Vector>(token: V::Token, function: Function, values: &mut [V::Element]) {
        for chunk in values.chunks_exact_mut(V::LANES) {
            // SAFETY: the chunk has LANES numbers.
            let x = unsafe { V::load(token, chunk.as_ptr()) };
            let y = match function {
                Function::Exp => exp(x),
                Function::ExpMinusOne => exp_minus_one(x),
                Function::Sigmoid => sigmoid(x),
                Function::Tanh => tanh(x),
                Function::LnOnePlus => ln_one_plus(x),
                Function::Softplus => softplus(x),
                Function::NormalCdf => normal(x).0,
                Function::NormalDensity => normal(x).1,
                Function::MinusReciprocal => minus_reciprocals([x])[0],
            };
            // SAFETY: as above.
            unsafe { y.store(chunk.as_mut_ptr()) };
        }
    }

    /// The standard library in doubles, or the library's normal distribution.
    fn reference(function: Function, x: f64) -> f64 {
        match function {
            Function::Exp => x.exp(),
            Function::ExpMinusOne => x.exp_m1(),
            Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Function::Tanh => x.tanh(),
            Function::LnOnePlus => x.ln_1p(),
            Function::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Function::NormalCdf => chainrule::special::normal_cdf(x),
            Function::NormalDensity => chainrule::special::normal_density(x),
            Function::MinusReciprocal => -1.0 / x,
        }
    }

    /// The largest error in units of the last place, over normal results.
    fn largest_error<T: Real>(isa: Isa, function: Function, from: f64, to: f64) -> f64 {
        let count = 200_000;
        let mut values: Vec<T> = (0..count)
            .map(|k| T::from_f64(from + (to - from) * f64::from(k) / f64::from(count - 1)))
            .collect();
        let inputs = values.clone();
        apply(isa, function, &mut values);
        let (epsilon, smallest) = if T::BYTES == 4 {
            (f64::from(f32::EPSILON), f64::from(f32::MIN_POSITIVE))
        } else {
            (f64::EPSILON, f64::MIN_POSITIVE)
        };
        let mut worst: f64 = 0.0;
        for (x, y) in inputs.into_iter().zip(values) {
            let expected = reference(function, x.to_f64());
            if expected.abs() > smallest && expected.abs() < 1.0 / smallest {
                let place = expected.abs().log2().floor().exp2() * epsilon;
                worst = worst.max((y.to_f64() - expected).abs() / place);
            }
        }
        worst
    }

    #[test]
    fn errors_stay_below_their_stated_bounds() {
        // Units of the last place: singles, doubles. The references' own error
        // (below 1; of the normal distribution up to 1e-13) is in the doubles.
        let table = [
            (Function::Exp, -87.0, 88.0, 1.5, 1.5),
            (Function::Exp, -700.0, 700.0, 1.5, 2.0),
            (Function::ExpMinusOne, -20.0, 20.0, 2.0, 2.0),
            (Function::ExpMinusOne, -1e-3, 1e-3, 1.0, 2.0),
            (Function::Sigmoid, -80.0, 80.0, 2.6, 4.5),
            (Function::Tanh, -20.0, 20.0, 3.0, 3.0),
            (Function::Tanh, -1e-3, 1e-3, 3.0, 3.0),
            (Function::LnOnePlus, 0.0, 1.0, 2.5, 2.5),
            (Function::Softplus, -80.0, 80.0, 3.0, 3.0),
            (Function::NormalCdf, -9.0, 9.0, 8.0, 60.0),
            (Function::NormalDensity, -9.0, 9.0, 3.0, 45.0),
            (Function::MinusReciprocal, 1.0, 2.0, 1.0, 1.0),
            (Function::MinusReciprocal, 1e-30, 1e-25, 1.0, 1.0),
            (Function::MinusReciprocal, 1e30, 2e37, 1.0, 1.0),
        ];
        for isa in Isa::all().into_iter().flatten() {
            if matches!(isa, Isa::Plain) {
                continue; // without fused multiply-add the bounds are others
            }
            for (function, from, to, single, double) in table {
                let found = largest_error::<f32>(isa, function, from, to);
                assert!(found <= single, "{function:?} on {from}..{to}: {found} ulp in singles");
                let found = largest_error::<f64>(isa, function, from, to);
                assert!(found <= double, "{function:?} on {from}..{to}: {found} ulp in doubles");
            }
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so_and_ends_are_met() {
        for isa in Isa::all().into_iter().flatten() {
            let mut values =
                [f64::NAN, 1e4, -1e4, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0];
            apply(isa, Function::Exp, &mut values);
            assert!(values[0].is_nan());
            assert_eq!(&values[1..7], &[f64::INFINITY, 0.0, f64::INFINITY, 0.0, 1.0, 1.0]);
            let mut values =
                [f64::NAN, 1e4, -1e4, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0];
            apply(isa, Function::Tanh, &mut values);
            assert!(values[0].is_nan());
            assert_eq!(&values[1..7], &[1.0, -1.0, 1.0, -1.0, 0.0, -0.0]);
            let mut values = [f64::NAN, 1e4, -1e4, 800.0, -800.0, 0.0, -0.0, 1.0];
            apply(isa, Function::Softplus, &mut values);
            assert!(values[0].is_nan());
            assert_eq!(&values[1..4], &[1e4, 0.0, 800.0]);
            let mut values = [f64::NAN, 1e4, -1e4, 40.0, -40.0, 0.0, -0.0, 1.0];
            apply(isa, Function::NormalCdf, &mut values);
            assert!(values[0].is_nan());
            assert_eq!(&values[1..4], &[1.0, 0.0, 1.0]);
            let mut values = [f64::NAN, f64::INFINITY, 1e308, 1.0, 2.0, 0.5, 4.0, 0.25];
            apply(isa, Function::MinusReciprocal, &mut values);
            assert!(values[0].is_nan());
            let least = -4.0 * f64::MIN_POSITIVE;
            assert_eq!(&values[1..], &[least, least, -1.0, -0.5, -2.0, -0.25, -4.0]);
        }
    }

    #[test]
    fn every_instruction_set_gives_the_bits_of_plain_fused_arithmetic() {
        let inputs: Vec<f64> = (0..4096).map(|k| (f64::from(k) - 2048.0) * 0.017).collect();
        for function in [
            Function::Exp,
            Function::ExpMinusOne,
            Function::Sigmoid,
            Function::Tanh,
            Function::LnOnePlus,
            Function::Softplus,
            Function::NormalCdf,
            Function::NormalDensity,
            Function::MinusReciprocal,
        ] {
            let mut expected = inputs.clone();
            apply(Isa::PlainFused, function, &mut expected);
            let mut expected_single: Vec<f32> = inputs.iter().map(|&x| f32::from_f64(x)).collect();
            apply(Isa::PlainFused, function, &mut expected_single);
            for isa in Isa::all().into_iter().flatten().filter(|isa| !matches!(isa, Isa::Plain)) {
                let mut found = inputs.clone();
                apply(isa, function, &mut found);
                assert!(
                    found.iter().zip(&expected).all(|(x, y)| x.to_bits() == y.to_bits()),
                    "{function:?} in doubles with {}",
                    isa.name()
                );
                let mut found: Vec<f32> = inputs.iter().map(|&x| f32::from_f64(x)).collect();
                apply(isa, function, &mut found);
                assert!(
                    found.iter().zip(&expected_single).all(|(x, y)| x.to_bits() == y.to_bits()),
                    "{function:?} in singles with {}",
                    isa.name()
                );
            }
        }
    }
}
