//! All kinds of numbers run the same algorithm to compatible results.

use crate::random;
use chainrule::backprop::{self, Trace};
use chainrule::example::Example;
use chainrule::network::Sample;
use chainrule::rounding::Rounding;
use chainrule::scalar::Scalar;
use chainrule::scalar::dual::Dual;
use chainrule::scalar::interval::Interval;
use chainrule::scalar::rounded::Rounded;
use proptest::prelude::*;

fn step<S: Scalar>(example: &Example, number: impl Fn(f64) -> S) -> Trace<S> {
    let sample = &example.samples[0];
    let numbers = |values: &[f64]| values.iter().map(|&value| number(value)).collect();
    backprop::step(
        &example.network.map(|_, value| number(value)),
        &Sample { inputs: numbers(&sample.inputs), targets: numbers(&sample.targets) },
        number(example.learning_rate),
        example.loss,
        example.convention,
    )
}

/// Returns all numbers of a step, in a fixed order.
fn numbers<S: Scalar>(trace: &Trace<S>) -> Vec<S> {
    let mut all = Vec::new();
    for pass in [&trace.before, &trace.after] {
        all.extend(pass.z.iter().chain(&pass.a).flatten().copied());
        all.push(pass.loss);
    }
    all.extend(trace.deltas.iter().flatten().copied());
    all.extend(trace.gradients.parameters().map(|(_, value)| value));
    all.extend(trace.updated.parameters().map(|(_, value)| value));
    all
}

proptest! {
    #![proptest_config(random::config())]

    #[test]
    fn dual_numbers_carry_the_plain_value(example in random::example()) {
        let plain = numbers(&step(&example, |value| value));
        let dual = numbers(&step(&example, Dual::fixed));
        for (x, y) in plain.iter().zip(&dual) {
            prop_assert!(x == &y.value || x.is_nan() && y.value.is_nan(), "{x} and {y:?}");
            // Of an infinite slope times 0, none is left.
            prop_assert!(y.derivative == 0.0 || y.derivative.is_nan(), "{y:?}");
        }
    }

    #[test]
    fn intervals_contain_the_plain_value(example in random::example()) {
        let plain = numbers(&step(&example, |value| value));
        let bounds = numbers(&step(&example, |value| Interval::exact(value, None)));
        for (x, bound) in plain.iter().zip(&bounds) {
            prop_assert!(bound.contains(*x) || x.is_nan(), "{x} in {bound:?}");
        }
    }

    /// Bounds with rounding hold the plain result and that of a person who
    /// rounds every line.
    #[test]
    fn intervals_contain_the_rounded_chain(
        example in random::example(),
        rounding in prop_oneof![
            (2..=8_u8).prop_map(Rounding::Decimals),
            (3..=8_u8).prop_map(Rounding::Digits),
        ],
    ) {
        let plain = numbers(&step(&example, |value| value));
        let rounded = numbers(&step(&example, |value| Rounded::new(value, rounding)));
        let bounds = numbers(&step(&example, |value| Interval::exact(value, Some(rounding))));
        for ((x, y), bound) in plain.iter().zip(&rounded).zip(&bounds) {
            prop_assert!(bound.contains(*x) || x.is_nan(), "plain {x} in {bound:?}");
            // Rounded to 0 in a denominator, a chain may end in no number at all.
            let y = y.value();
            prop_assert!(y.is_nan() || bound.contains(y), "rounded {y} in {bound:?}");
        }
    }

    #[test]
    fn many_digits_round_to_the_plain_value(example in random::example()) {
        let plain = numbers(&step(&example, |value| value));
        let rounded =
            numbers(&step(&example, |value| Rounded::new(value, Rounding::Digits(17))));
        for (x, y) in plain.iter().zip(&rounded) {
            prop_assert!(x == &y.value() || x.is_nan(), "{x} and {y:?}");
        }
    }
}

/// Bounds that hold everything would be no bounds. Some forty operations on
/// numbers below 1 widen by a bit each.
#[test]
fn intervals_are_narrow() {
    let example = Example::builtin("first-example").expect("it is built in");
    for bound in numbers(&step(&example, |value| Interval::exact(value, None))) {
        assert!(bound.high() - bound.low() < 1e-14, "{bound:?}");
    }
    let rounding = Rounding::Decimals(4);
    for bound in numbers(&step(&example, |value| Interval::exact(value, Some(rounding)))) {
        assert!(bound.high() - bound.low() < 4e-4, "{bound:?}");
    }
}
