//! From a number in the user's units to one that a network likes.

use serde::{Deserialize, Serialize};

use super::sample::quantile;

/// How numbers are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Mean 0 and standard deviation 1.
    Standard,
    /// Median 0 and distance 1 between the quartiles; where the quartiles are
    /// equal, the standard deviation takes the place of their distance.
    Robust,
    /// From 0 to 1.
    MinMax,
    /// By rank, evenly from 0 to 1.
    QuantileUniform,
    /// By rank, as a standard normal distribution.
    QuantileNormal,
    /// Left as they are.
    #[serde(rename = "none")]
    Unscaled,
}

/// A fitted scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Scale {
    /// `(x − minus) / over`.
    Linear {
        /// Becomes 0.
        minus: f64,
        /// Above 0.
        over: f64,
    },
    /// By rank among values of training rows.
    Rank {
        /// Quantiles in equal steps, the least and the greatest value at the
        /// ends; at most a thousand.
        points: Vec<f64>,
        /// Whether ranks become a normal distribution.
        normal: bool,
    },
}

/// The most quantiles that a scale keeps.
const MOST_POINTS: usize = 1000;
/// No encoded number is beyond, so that no cell makes a network infinite; no
/// scaled cell of training rows comes near.
const LIMIT: f64 = 1e9;
/// How far ranks go as a normal distribution: to those of 1 in 10 million.
const LEAST_RANK: f64 = 1e-7;

impl Scale {
    /// Scales by two fixed numbers; `over` is mended where it is no divisor.
    pub(super) fn linear(minus: f64, over: f64) -> Scale {
        let over = if over > 0.0 { over.min(f64::MAX) } else { 1.0 };
        Scale::Linear { minus, over }
    }

    /// Scales by the ranks among sorted values.
    pub(super) fn rank(sorted: &[f64], normal: bool) -> Scale {
        let count = sorted.len().clamp(2, MOST_POINTS);
        let share = |point: usize| point as f64 / (count - 1) as f64;
        let points = (0..count).map(|point| quantile(sorted, share(point))).collect();
        Scale::Rank { points, normal }
    }

    /// Scales a finite number.
    #[inline]
    pub fn encode(&self, number: f64) -> f64 {
        match self {
            Scale::Linear { minus, over } => linear(number, *minus, *over),
            Scale::Rank { points, normal } => {
                let rank = rank(points, number);
                if *normal {
                    normal_quantile(rank.clamp(LEAST_RANK, 1.0 - LEAST_RANK))
                } else {
                    rank
                }
            }
        }
    }

    /// Says what no training can have made of it.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Scale::Linear { minus, over } => {
                let sound = minus.is_finite() && over.is_finite() && *over > 0.0;
                (!sound).then_some("a scale is no number")
            }
            Scale::Rank { points, .. } => {
                let sound = points.len() >= 2
                    && points.iter().all(|point| point.is_finite())
                    && points.is_sorted();
                (!sound).then_some("quantiles are not in order")
            }
        }
    }
}

/// `(x − minus) / over` within ±10⁹; in halves, because the difference of two
/// doubles may be none.
#[inline]
pub(super) fn linear(number: f64, minus: f64, over: f64) -> f64 {
    ((number * 0.5 - minus * 0.5) / (over * 0.5)).clamp(-LIMIT, LIMIT)
}

/// Returns the share of values below a number: between points interpolated, and
/// the middle of those that equal it.
fn rank(points: &[f64], number: f64) -> f64 {
    let last = points.len() - 1;
    let below = points.partition_point(|&point| point < number);
    if below == 0 && number < points[0] {
        return 0.0;
    }
    if below > last {
        return 1.0;
    }
    if number == points[0] {
        // The ends stay the ends, however many values equal them.
        return if number == points[last] { 0.5 } else { 0.0 };
    }
    if number == points[last] {
        return 1.0;
    }
    let equal = points[below..].partition_point(|&point| point <= number);
    let position = if equal > 0 {
        below as f64 + (equal - 1) as f64 / 2.0
    } else {
        let (a, b) = (points[below - 1] * 0.5, points[below] * 0.5);
        (below - 1) as f64 + (number * 0.5 - a) / (b - a)
    };
    position / last as f64
}

/// Returns the number below which a share of a standard normal distribution
/// lies, to about 16 digits.
///
/// Source: Wichura (1988), Algorithm AS 241, PPND16.
fn normal_quantile(share: f64) -> f64 {
    const NEAR: ([f64; 8], [f64; 8]) = (
        [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ],
        [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_545,
        ],
    );
    const MIDDLE: ([f64; 8], [f64; 8]) = (
        [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ],
        [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ],
    );
    const FAR: ([f64; 8], [f64; 8]) = (
        [
            6.657_904_643_501_103,
            5.463_784_911_164_114,
            1.784_826_539_917_291_3,
            0.296_560_571_828_504_87,
            0.026_532_189_526_576_124,
            0.001_242_660_947_388_078_4,
            2.711_555_568_743_487_6e-5,
            2.010_334_399_292_288_1e-7,
        ],
        [
            1.0,
            0.599_832_206_555_888,
            0.136_929_880_922_735_8,
            0.014_875_361_290_850_615,
            7.868_691_311_456_133e-4,
            1.846_318_317_510_054_8e-5,
            1.421_511_758_316_446e-7,
            2.044_263_103_389_939_8e-15,
        ],
    );
    let ratio = |(above, below): ([f64; 8], [f64; 8]), x: f64| {
        let value = |factors: [f64; 8]| factors.iter().rev().fold(0.0, |sum, &f| sum * x + f);
        value(above) / value(below)
    };
    let from_middle = share - 0.5;
    if from_middle.abs() <= 0.425 {
        return from_middle * ratio(NEAR, 0.180_625 - from_middle * from_middle);
    }
    let tail = if from_middle < 0.0 { share } else { 1.0 - share };
    let root = (-tail.ln()).sqrt();
    let size = if root <= 5.0 { ratio(MIDDLE, root - 1.6) } else { ratio(FAR, root - 5.0) };
    size.copysign(from_middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_are_those_of_scipy() {
        let reference: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/sklearn/columns.json"))
                .expect("it is JSON");
        let pairs = reference["normal_quantiles"].as_array().expect("pairs");
        assert!(pairs.len() > 60);
        for pair in pairs {
            let [share, expected] = [&pair[0], &pair[1]].map(|n| n.as_f64().expect("a number"));
            let off = (normal_quantile(share) - expected).abs();
            assert!(off <= 1e-15 * expected.abs(), "{share}: off by {off:e}");
        }
        // Wichura's own check value, beyond where SciPy was asked.
        assert!((normal_quantile(1e-20) + 9.262_340_089_798_408).abs() < 1e-14);
    }

    #[test]
    fn ends_and_ties_have_ranks() {
        let scale = Scale::rank(&[1.0, 2.0, 2.0, 2.0, 3.0], false);
        let table = [(0.0, 0.0), (1.0, 0.0), (1.5, 0.125), (2.0, 0.5), (3.0, 1.0), (9.0, 1.0)];
        for (number, expected) in table {
            assert_eq!(scale.encode(number), expected, "{number}");
        }
        assert_eq!(Scale::rank(&[5.0], false).encode(5.0), 0.5);
        assert_eq!(Scale::rank(&[], true).encode(0.0), 0.0);
    }

    #[test]
    fn no_number_becomes_infinite() {
        let huge = Scale::linear(1e308, 1e-300);
        for number in [-1.7e308, 0.0, 1.7e308] {
            assert!(huge.encode(number).abs() <= LIMIT, "{number}");
        }
        assert_eq!(Scale::linear(-1.7e308, f64::INFINITY).fault(), None);
        // The difference of these two is no double.
        let wide = Scale::linear(-1e308, 1e308);
        assert!((wide.encode(1.7e308) - 2.7).abs() < 1e-15);
        assert_eq!(Scale::linear(0.0, 0.0).encode(3.0), 3.0);
    }
}
