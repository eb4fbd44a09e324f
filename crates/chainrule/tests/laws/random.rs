//! Random examples: every activation, loss, kind of bias and convention.

use chainrule::activation::Activation;
use chainrule::convention::{Convention, DeltaSign, UpdateOrder};
use chainrule::example::{Answer, Example, Reading, Undone};
use chainrule::loss::Loss;
use chainrule::names::Names;
use chainrule::network::{Biases, Layer, Network, Sample};
use chainrule::rounding::Rounding;
use proptest::prelude::*;

/// The same networks at every run: a law that fails, fails for everyone.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1986),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Examples of up to three layers of up to four neurons. Numbers are moderate,
/// so that no neuron is saturated until its digits are gone.
pub(crate) fn example() -> impl Strategy<Value = Example> {
    (prop::collection::vec(1..=4_usize, 2..=4), outputs(), hidden()).prop_flat_map(
        |(widths, (loss, last), activation)| {
            // Softmax of one neuron is 1, whose other side has no logarithm.
            let last = match loss {
                Loss::BinaryCrossEntropy if widths.ends_with(&[1]) => Activation::Sigmoid,
                _ => last,
            };
            let layers: Vec<_> = widths
                .windows(2)
                .enumerate()
                .map(|(index, pair)| {
                    let is_last = index + 2 == widths.len();
                    layer(pair[0], pair[1], if is_last { last } else { activation })
                })
                .collect();
            let inputs = prop::collection::vec(number(), widths[0]);
            let targets = targets(loss, widths[widths.len() - 1]);
            let answers = answers(widths[widths.len() - 1]);
            (layers, inputs, targets, answers, convention(), learning_rate()).prop_map(
                move |(layers, inputs, targets, answers, convention, learning_rate)| {
                    let network = Network { layers };
                    let named = vec![('p', "left over"); answers.len()];
                    Example {
                        title: "random".to_string(),
                        source: None,
                        note: None,
                        names: Names::automatic(&network).with_answers(&named),
                        answers,
                        network,
                        samples: vec![Sample { inputs, targets }],
                        learning_rate,
                        loss,
                        convention,
                        shown: Rounding::Digits(6),
                        published: Vec::new(),
                    }
                },
            )
        },
    )
}

fn hidden() -> impl Strategy<Value = Activation> {
    let hidden: Vec<_> =
        Activation::ALL.into_iter().filter(|&f| f != Activation::Softmax).collect();
    prop::sample::select(hidden)
}

/// A loss, and an output activation it goes with.
fn outputs() -> impl Strategy<Value = (Loss, Activation)> {
    let mut pairs = vec![
        (Loss::BinaryCrossEntropy, Activation::Sigmoid),
        (Loss::BinaryCrossEntropy, Activation::Softmax),
        (Loss::CategoricalCrossEntropy, Activation::Softmax),
        (Loss::Poisson, Activation::Softplus),
        (Loss::Poisson, Activation::Sigmoid),
    ];
    let distances = [
        Loss::HalfSquared,
        Loss::MeanSquared,
        Loss::SumSquared,
        Loss::MeanAbsolute,
        Loss::Huber,
        Loss::Quantile { tau: 0.25 },
    ];
    for loss in distances {
        pairs.extend(Activation::ALL.map(|activation| (loss, activation)));
    }
    prop::sample::select(pairs)
}

/// What is read off each output.
fn answers(width: usize) -> impl Strategy<Value = Vec<Answer>> {
    let undone = prop_oneof![
        Just(Undone::Nothing),
        number().prop_map(|limit| Undone::Log { limit }),
        number().prop_map(|limit| Undone::Log1p { limit }),
    ];
    let scaled = (0.1..3.0_f64, number(), undone)
        .prop_map(|(deviation, mean, undone)| Reading::Scaled { deviation, mean, undone });
    let reading = prop_oneof![Just(Reading::Complement), scaled];
    prop::collection::vec(reading, width).prop_map(|readings| {
        let each = readings.into_iter().enumerate();
        each.map(|(output, reading)| Answer { output, reading }).collect()
    })
}

fn targets(loss: Loss, width: usize) -> BoxedStrategy<Vec<f64>> {
    match loss {
        Loss::CategoricalCrossEntropy => (0..width)
            .prop_map(move |hot| (0..width).map(|k| f64::from(u8::from(k == hot))).collect())
            .boxed(),
        Loss::BinaryCrossEntropy => {
            prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.05..0.95_f64], width).boxed()
        }
        Loss::Poisson => prop::collection::vec((0..6_i32).prop_map(f64::from), width).boxed(),
        _ => prop::collection::vec(number(), width).boxed(),
    }
}

fn layer(inputs: usize, width: usize, activation: Activation) -> impl Strategy<Value = Layer<f64>> {
    let weights = prop::collection::vec(prop::collection::vec(number(), inputs), width);
    let biases = prop_oneof![
        Just(Biases::Absent),
        prop::collection::vec(number(), width).prop_map(Biases::PerNeuron),
        number().prop_map(Biases::Shared),
    ];
    (weights, biases, any::<bool>()).prop_map(move |(weights, biases, biases_trained)| Layer {
        activation,
        weights,
        biases,
        biases_trained,
    })
}

fn convention() -> impl Strategy<Value = Convention> {
    (prop::sample::select(&UpdateOrder::ALL[..]), prop::sample::select(&DeltaSign::ALL[..]))
        .prop_map(|(update_order, delta_sign)| Convention { update_order, delta_sign })
}

/// Two decimals, as all given numbers.
fn learning_rate() -> impl Strategy<Value = f64> {
    (1..=100_i32).prop_map(|hundredths| f64::from(hundredths) / 100.0)
}

/// A number as people write them: two decimals, away from zero where relu has
/// its corner.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![-150..=-5_i32, 5..=150_i32].prop_map(|hundredths| f64::from(hundredths) / 100.0)
}
