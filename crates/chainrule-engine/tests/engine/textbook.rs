//! The engine computes what the textbook computes.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chainrule::activation::Activation;
use chainrule::convention::Convention;
use chainrule::loss::Loss;
use chainrule::network::{Biases, Network as Textbook, Sample};
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};

/// A network, samples, and a loss.
#[derive(Clone, Debug)]
struct Case {
    inputs: usize,
    layers: Vec<LayerSpec>,
    loss: Loss,
    samples: usize,
    seed: u64,
    is_weighted: bool,
}

/// Every loss with every output activation that it is defined for.
fn pairs() -> impl Iterator<Item = (Loss, Activation)> {
    let all = Loss::ALL.into_iter().flat_map(|loss| Activation::ALL.map(|one| (loss, one)));
    all.filter(|&(loss, activation)| is_defined(activation, loss))
}

fn case(loss: Loss, output: Activation) -> impl Strategy<Value = Case> {
    let hidden = prop::sample::select(&Activation::ALL[..11]);
    let bias = prop::sample::select(vec![Bias::Trained, Bias::Frozen, Bias::Absent]);
    let layers = prop::collection::vec((1..=70_usize, hidden, bias.clone()), 0..=5);
    let output = (1..=70_usize, Just(output), bias);
    (1..=70_usize, layers, output, 1..=33_usize, any::<u64>(), any::<bool>()).prop_map(
        move |(inputs, mut layers, output, samples, seed, is_weighted)| {
            layers.push(output);
            let layers = layers
                .into_iter()
                .map(|(width, activation, bias)| LayerSpec::new(width, activation).with_bias(bias))
                .collect();
            Case { inputs, layers, loss, samples, seed, is_weighted }
        },
    )
}

/// Numbers from 0 to 1 (a multiplicative congruential generator, Lehmer's).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// What the loss asks of targets: shares that add up to 1, one share each, or
/// counts. Those of softmax always add up to 1: were all above their outputs,
/// the slopes of some losses would all be equal, and the gradient nothing but
/// rounding.
fn targets(output: LayerSpec, loss: Loss, numbers: &mut Numbers) -> Vec<f64> {
    let LayerSpec { width: outputs, activation, .. } = output;
    let mut targets: Vec<f64> = (0..outputs).map(|_| numbers.between(0.0, 1.0)).collect();
    match (loss, activation) {
        (Loss::CategoricalCrossEntropy, _) | (_, Activation::Softmax) => {
            let sum: f64 = targets.iter().sum();
            for t in &mut targets {
                *t /= sum;
            }
        }
        (Loss::Poisson, _) => targets.iter_mut().for_each(|t| *t = (*t * 5.0).floor()),
        _ => {}
    }
    targets
}

/// Whether the output activation has the values that the loss asks for.
fn is_defined(activation: Activation, loss: Loss) -> bool {
    use Activation::{Sigmoid, Softmax, Softplus};
    match loss {
        Loss::BinaryCrossEntropy => matches!(activation, Sigmoid | Softmax),
        Loss::CategoricalCrossEntropy => activation == Softmax,
        Loss::Poisson => matches!(activation, Sigmoid | Softmax | Softplus),
        _ => true,
    }
}

/// Loss and gradient by the textbook: the mean over the samples, weighted, in
/// the order of the parameters; 0 for biases that are not trained. And the
/// smallest distance of a pre-activation or a loss from a corner.
fn by_the_textbook(
    network: &Textbook<f64>,
    samples: &[Sample<f64>],
    weights: &[f64],
    loss: Loss,
) -> (f64, Vec<f64>, f64) {
    let total: f64 = weights.iter().sum();
    let mut mean = 0.0;
    let mut sum = vec![0.0; network.parameters().count()];
    let mut corner = f64::INFINITY;
    for (sample, weight) in samples.iter().zip(weights) {
        let trace = chainrule::backprop::step(network, sample, 1.0, loss, Convention::default());
        mean += weight / total * trace.before.loss;
        let mut gradients = trace.gradients;
        for (layer, one) in gradients.layers.iter_mut().zip(&network.layers) {
            if let (false, Biases::PerNeuron(biases)) = (one.biases_trained, &one.biases) {
                layer.biases = Biases::PerNeuron(vec![0.0; biases.len()]);
            }
        }
        for (sum, (_, gradient)) in sum.iter_mut().zip(gradients.parameters()) {
            *sum += weight / total * gradient;
        }
        for z in trace.before.z.iter().flatten() {
            corner = corner.min(z.abs());
        }
        for (t, a) in sample.targets.iter().zip(trace.before.outputs()) {
            corner = corner.min((t - a).abs()).min(((t - a).abs() - 1.0).abs());
        }
    }
    (mean, sum, corner)
}

/// The largest difference of an array, relative to its largest number: the
/// sums that lead to an element have terms as large as those of its
/// neighbours, and their rounding is relative to these terms.
fn relative_difference(found: &[f64], expected: &[f64]) -> f64 {
    let largest = expected.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(x, y)| (x - y).abs());
    let difference = differences.fold(0.0, |worst: f64, x| if x <= worst { worst } else { x });
    if difference == 0.0 { 0.0 } else { difference / largest }
}

/// The relative weight of the last bit.
fn last_bit<T: Real>() -> f64 {
    if T::BYTES == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// Compares every gradient of a case; returns how many arrays there were, and
/// how many of them missed the tolerance because their terms cancel.
fn check<T: Real>(
    case: &Case,
    tolerance: f64,
    nearest_corner: f64,
) -> Result<(usize, usize), TestCaseError> {
    let output = case.layers.last().expect("a case has layers");
    let architecture = Architecture::new(case.inputs, case.layers.clone()).unwrap();
    let mut numbers = Numbers(case.seed);
    let network = Network::<T>::new(architecture.clone(), Initialisation::GlorotUniform, case.seed);
    // Biases begin at 0; give them values.
    let mut parameters = network.parameters().to_vec();
    for parameter in parameters.iter_mut().filter(|parameter| **parameter == T::ZERO) {
        *parameter = T::from_f64(numbers.between(-0.5, 0.5));
    }
    let network = Network::from_parameters(architecture.clone(), parameters).unwrap();
    // Both get the same numbers: those that fit into a `T`.
    let mut rounded = |value: f64| T::from_f64(value).to_f64();
    let samples: Vec<Sample<f64>> = (0..case.samples)
        .map(|_| Sample {
            inputs: (0..case.inputs).map(|_| rounded(numbers.between(-1.0, 1.0))).collect(),
            targets: targets(*output, case.loss, &mut numbers)
                .into_iter()
                .map(&mut rounded)
                .collect(),
        })
        .collect();
    let weights: Vec<f64> = (0..case.samples)
        .map(|_| if case.is_weighted { rounded(numbers.between(0.1, 2.0)) } else { 1.0 })
        .collect();
    let (loss, expected, corner) =
        by_the_textbook(&network.to_textbook(), &samples, &weights, case.loss);
    // At a corner the slope depends on the last bit of z.
    prop_assume!(corner > nearest_corner);
    // What the last bit of every parameter does to the gradient.
    let mut changed = |value: f64| value * (1.0 + last_bit::<T>() * numbers.between(-1.0, 1.0));
    let nearby = network.to_textbook().map(|_, value| changed(value));
    let (_, nearby, _) = by_the_textbook(&nearby, &samples, &weights, case.loss);

    let narrow = |values: &[f64]| values.iter().map(|&x| T::from_f64(x)).collect::<Vec<T>>();
    let inputs: Vec<T> = samples.iter().flat_map(|sample| narrow(&sample.inputs)).collect();
    let targets: Vec<T> = samples.iter().flat_map(|sample| narrow(&sample.targets)).collect();
    let weights = narrow(&weights);
    let data = Samples::new(&architecture, &inputs, &targets).unwrap();
    let data = if case.is_weighted { data.with_weights(&weights).unwrap() } else { data };
    let (found_loss, found) = network.loss_and_gradient(&data, case.loss).unwrap();

    let difference = (found_loss - loss).abs() / loss.abs().max(1.0);
    prop_assert!(difference <= tolerance, "loss {found_loss}, expected {loss}");
    let found: Vec<f64> = found.into_iter().map(Real::to_f64).collect();
    let (mut start, mut arrays) = (0, (0, 0));
    for (index, spec) in case.layers.iter().enumerate() {
        let weights = spec.width * architecture.input_width(index);
        let biases = architecture.parameter_count_of(index) - weights;
        for (name, count) in [("weights", weights), ("biases", biases)] {
            let range = start..start + count;
            let difference = relative_difference(&found[range.clone()], &expected[range.clone()]);
            // Where terms cancel, no way of computing is better than that: a
            // pass rounds some ten times where the parameter was rounded once.
            let condition = relative_difference(&nearby[range.clone()], &expected[range]);
            let allowed = tolerance.max(10.0 * condition);
            prop_assert!(
                difference <= allowed,
                "{name} of layer {}: relative difference {difference:e}, allowed {allowed:e}",
                index + 1
            );
            start += count;
            arrays.0 += 1;
            arrays.1 += usize::from(difference > tolerance);
        }
    }
    Ok(arrays)
}

/// What was compared, to see that nothing was left out.
#[derive(Default)]
struct Covered {
    pairs: BTreeSet<String>,
    hidden: BTreeSet<&'static str>,
    depths: BTreeSet<usize>,
    widths: BTreeSet<usize>,
    batches: BTreeSet<usize>,
    biases: BTreeSet<String>,
    weighted: usize,
    cases: usize,
    arrays: usize,
    cancelled: usize,
}

impl Covered {
    fn add(&mut self, case: &Case) {
        let (output, hidden) = case.layers.split_last().expect("a case has layers");
        self.pairs.insert(format!("{} of {}", case.loss.name(), output.activation.name()));
        self.hidden.extend(hidden.iter().map(|layer| layer.activation.name()));
        self.depths.insert(case.layers.len());
        self.widths.extend(case.layers.iter().map(|layer| layer.width));
        self.biases.extend(case.layers.iter().map(|layer| format!("{:?}", layer.bias)));
        self.batches.insert(case.samples);
        self.weighted += usize::from(case.is_weighted);
        self.cases += 1;
    }
}

/// Compares some random networks for each pair of loss and output activation;
/// the same ones each time.
fn check_all<T: Real>(tolerance: f64, nearest_corner: f64) {
    const CASES: u32 = 5;
    let covered = RefCell::new(Covered::default());
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        max_global_rejects: 1000,
        ..ProptestConfig::default()
    };
    for (number, (loss, activation)) in (0..).zip(pairs()) {
        let rng = TestRng::from_seed(config.rng_algorithm, &[number; 32]);
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        let outcome = runner.run(&case(loss, activation), |case| {
            let (arrays, cancelled) = check::<T>(&case, tolerance, nearest_corner)?;
            let mut covered = covered.borrow_mut();
            covered.add(&case);
            (covered.arrays, covered.cancelled) =
                (covered.arrays + arrays, covered.cancelled + cancelled);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{loss:?} of {activation:?}: {error}");
        }
    }
    let covered = covered.into_inner();
    // Six losses of all twelve activations, and two, one and three of the others.
    assert_eq!(covered.pairs.len(), 6 * 12 + 2 + 1 + 3);
    assert!(covered.cases >= covered.pairs.len() * CASES as usize, "{} cases", covered.cases);
    assert_eq!(covered.hidden.len(), 11, "{:?}", covered.hidden);
    assert!(covered.depths.iter().copied().eq(1..=6), "{:?}", covered.depths);
    assert!(covered.widths.iter().copied().eq(1..=70), "{:?}", covered.widths);
    assert!(covered.batches.iter().copied().eq(1..=33), "{:?}", covered.batches);
    assert_eq!(covered.biases.len(), 3, "{:?}", covered.biases);
    // In doubles none; in singles hardly one in a thousand.
    let most = if T::BYTES == 8 { 0 } else { covered.arrays / 1000 };
    assert!(covered.cancelled <= most, "{} of {}", covered.cancelled, covered.arrays);
    let weighted = covered.weighted * 10 / covered.cases;
    assert!((3..=6).contains(&weighted), "{} of {}", covered.weighted, covered.cases);
}

/// Cases that failed once.
#[test]
fn a_chain_of_single_neurons_loses_no_more_digits_than_it_must() {
    let layers = vec![
        LayerSpec::new(1, Activation::Silu),
        LayerSpec::new(1, Activation::LeakyRelu).with_bias(Bias::Absent),
    ];
    let (loss, seed) = (Loss::HalfSquared, 12_665_555_664_210_252_269);
    let case = Case { inputs: 46, layers, loss, samples: 1, seed, is_weighted: false };
    check::<f64>(&case, 1e-12, 1e-12).unwrap();
    check::<f32>(&case, 1e-5, 1e-5).unwrap();
}

#[test]
fn gradients_in_doubles_are_those_of_the_textbook() {
    check_all::<f64>(1e-12, 1e-12);
}

#[test]
fn gradients_in_singles_are_those_of_the_textbook() {
    check_all::<f32>(1e-5, 1e-5);
}
