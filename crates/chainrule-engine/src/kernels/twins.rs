//! Every instruction set of this machine gives the bits of its plain twin.
//!
//! The twin is [`Isa::PlainFused`], where panels are as wide; elsewhere sums
//! over lanes are added up in another order, and results agree to rounding.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use proptest::prelude::*;

use super::{
    Adjustment, End, Isa, Left, Panels, PanelsMut, Rule, Start, all_finite, product, scatter,
    sum_of_squares, transpose, update,
};
use crate::architecture::{Architecture, Bias, LayerSpec};
use crate::data::{Rows, Samples, Table};
use crate::ensemble::Ensemble;
use crate::initialise::Initialisation;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::predictor::Predictor;
use crate::random::Stream;
use crate::real::Real;
use crate::schedule::Schedule;
use crate::settings::{Clip, Settings};
use crate::trainer::Trainer;

fn others() -> impl Iterator<Item = Isa> {
    Isa::all().into_iter().flatten().filter(|isa| !matches!(isa, Isa::PlainFused))
}

fn numbers<T: Real>(count: usize, seed: u64) -> Vec<T> {
    let mut random = Stream::initialisation(seed);
    (0..count).map(|_| T::from_f64(random.normal())).collect()
}

/// Tells whether numbers are the twin's: to the bit where they must, else to
/// `tolerance` of the largest.
fn agree<T: Real>(isa: Isa, found: &[T], twin: &[T], tolerance: f64) -> bool {
    let is_twin =
        isa.panel_width::<T>() == Isa::PlainFused.panel_width::<T>() && !matches!(isa, Isa::Plain);
    let largest = twin.iter().fold(0.0, |largest: f64, x| largest.max(x.abs().to_f64()));
    found.len() == twin.len()
        && found.iter().zip(twin).all(|(x, y)| {
            let (x, y) = (x.to_f64(), y.to_f64());
            if is_twin {
                x.to_bits() == y.to_bits()
            } else {
                x == y || (x - y).abs() <= tolerance * largest
            }
        })
}

fn passes_agree<T: Real>(
    widths: &[usize],
    activation: Activation,
    output: Activation,
    loss: Loss,
    rows: usize,
    tolerance: f64,
) -> Result<(), TestCaseError> {
    let mut layers: Vec<LayerSpec> =
        widths[1..].iter().map(|&width| LayerSpec::new(width, activation)).collect();
    layers.last_mut().expect("there is a layer").activation = output;
    let shape = Architecture::new(widths[0], layers).expect("the widths are above 0");
    let network = Network::<T>::new(shape.clone(), Initialisation::default(), 1);
    let inputs = numbers::<T>(widths[0] * rows, 2);
    let targets: Vec<T> = numbers::<T>(shape.outputs() * rows, 3);
    let targets: Vec<T> =
        targets.iter().map(|t| T::from_f64(1.0 / (1.0 + t.abs().to_f64()))).collect();
    let samples = Samples::new(&shape, &inputs, &targets).expect("the lengths fit");
    let pass = |isa, threads| {
        network.loss_and_gradient_with(&samples, loss, isa, threads).expect("the samples fit")
    };
    let twin = pass(Isa::PlainFused, 1);
    let twin_outputs = Predictor::with_isa(&network, Isa::PlainFused).predict(&inputs);
    for isa in others() {
        let (found_loss, found) = pass(isa, 3);
        let is_close = (found_loss - twin.0).abs() <= tolerance * twin.0.abs().max(1.0);
        prop_assert!(is_close, "loss {found_loss}, twin {}, {}", twin.0, isa.name());
        prop_assert!(agree(isa, &found, &twin.1, tolerance), "gradient, {}", isa.name());
        let outputs = Predictor::with_isa(&network, isa).predict(&inputs);
        let (outputs, twin_outputs) = (outputs.as_ref().expect("fits"), twin_outputs.as_ref());
        let twin_outputs = twin_outputs.expect("fits");
        prop_assert!(agree(isa, outputs, twin_outputs, tolerance), "outputs, {}", isa.name());
    }
    Ok(())
}

fn updates_agree<T: Real>(rule: Rule, adjustment: Adjustment, count: usize) {
    let count = count * 32;
    let run = |isa| {
        let mut weights = numbers::<T>(count, 4);
        weights[0] = T::ZERO;
        let gradient = numbers::<T>(count, 5);
        let mut first: Vec<T> = numbers::<T>(count, 6).iter().map(|x| x.abs()).collect();
        let mut second = first.clone();
        update(isa, rule, adjustment, &mut weights, &gradient, &mut first, &mut second);
        [weights, first, second].concat()
    };
    let twin = run(Isa::PlainFused);
    for isa in others() {
        let found = run(isa);
        // Lane by lane, whatever the width; unfused, a product rounds twice.
        let is_same = found.iter().zip(&twin).all(|(x, y)| {
            if matches!(isa, Isa::Plain) {
                (x.to_f64() - y.to_f64()).abs() <= 1e-5 * y.to_f64().abs().max(1.0)
            } else {
                x.to_f64().to_bits() == y.to_f64().to_bits()
            }
        });
        assert!(is_same, "{rule:?}, {adjustment:?}, {}", isa.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn passes(
        widths in prop::collection::vec(1..70_usize, 2..5),
        activation in prop::sample::select(&Activation::ALL[..11]),
        output in prop::sample::select(&Activation::ALL[..]),
        loss in prop::sample::select(vec![
            Loss::HalfSquared, Loss::MeanAbsolute, Loss::Huber, Loss::Quantile { tau: 0.3 },
        ]),
        rows in 1..40_usize,
    ) {
        // The corner of a loss may fall to either side, where bits differ.
        prop_assume!(loss == Loss::HalfSquared || !others().any(|isa| matches!(isa, Isa::Plain))
            || output != Activation::Softmax);
        passes_agree::<f64>(&widths, activation, output, loss, rows, 1e-9)?;
        passes_agree::<f32>(&widths, activation, output, loss, rows, 1e-2)?;
        passes_agree::<f64>(&widths, activation, Activation::Softmax,
            Loss::CategoricalCrossEntropy, rows, 1e-9)?;
        passes_agree::<f64>(&widths, activation, Activation::Sigmoid,
            Loss::BinaryCrossEntropy, rows, 1e-9)?;
    }
}

/// Targets above 0 whose sum is 1, for each of some samples.
fn shares<T: Real>(outputs: usize, samples: usize) -> Vec<T> {
    let numbers = numbers::<f64>(outputs * samples, 3);
    let of_sample = numbers.chunks_exact(outputs).flat_map(|row| {
        let sum: f64 = row.iter().map(|t| t.abs()).sum();
        row.iter().map(move |t| T::from_f64(t.abs() / sum))
    });
    of_sample.collect()
}

/// Trains with batches of one, in one kernel and pass by pass.
fn online_agrees<T: Real>(
    shape: &Architecture,
    loss: Loss,
    optimizer: Optimizer,
    weights: &[T],
) -> Result<(), TestCaseError> {
    let network = Network::<T>::new(shape.clone(), Initialisation::default(), 1);
    let count = weights.len();
    let inputs = numbers::<T>(shape.inputs() * count, 2);
    let targets = shares::<T>(shape.outputs(), count);
    let samples = Samples::new(shape, &inputs, &targets).expect("the lengths fit");
    let samples = samples.with_weights(weights).expect("the weights are above 0");
    let mut settings = Settings::new(loss);
    (settings.optimizer, settings.learning_rate) = (optimizer, 0.01);
    (settings.batch_size, settings.epochs) = (1, 2);
    (settings.l2, settings.clip) = (0.01, Clip::Value(0.5));
    for isa in Isa::all().into_iter().flatten() {
        let train = |in_one: bool| {
            let mut trainer =
                Trainer::with_isa(&network, settings.clone(), isa).expect("the settings fit");
            prop_assert!(trainer.core().evaluator.online.is_some());
            if !in_one {
                trainer.core_mut().evaluator.online = None;
            }
            let ended = trainer.fit(&samples, None, &mut ());
            prop_assert!(ended.is_ok(), "{:?}", ended);
            let losses = trainer.history().training_loss.clone();
            Ok((trainer.core().parameters.to_vec(), losses))
        };
        let ((found, losses), (expected, expected_losses)) = (train(true)?, train(false)?);
        let is_same =
            found.iter().zip(&expected).all(|(x, y)| x.to_f64().to_bits() == y.to_f64().to_bits());
        prop_assert!(is_same, "parameters, {}", isa.name());
        prop_assert_eq!(losses, expected_losses, "{}", isa.name());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_step_in_one_kernel_has_the_bits_of_a_step_pass_by_pass(
        inputs in 1..40_usize,
        widths in prop::collection::vec(1..70_usize, 1..4),
        activation in prop::sample::select(&Activation::ALL[..11]),
        bias in prop::sample::select(vec![Bias::Trained, Bias::Frozen, Bias::Absent]),
        ending in prop::sample::select(vec![
            (Activation::Softmax, Loss::CategoricalCrossEntropy),
            (Activation::Sigmoid, Loss::BinaryCrossEntropy),
            (Activation::Sigmoid, Loss::HalfSquared),
            (Activation::Identity, Loss::Huber),
            (Activation::Tanh, Loss::MeanAbsolute),
            (Activation::Softplus, Loss::Quantile { tau: 0.3 }),
        ]),
        optimizer in prop::sample::select(vec![
            Optimizer::SGD, Optimizer::NESTEROV, Optimizer::ADAM, Optimizer::RMSPROP,
        ]),
    ) {
        let mut layers: Vec<LayerSpec> = widths
            .iter()
            .map(|&width| LayerSpec::new(width, activation).with_bias(bias))
            .collect();
        let last = layers.last_mut().expect("there is a layer");
        last.activation = ending.0;
        if ending.0 == Activation::Softmax {
            last.width = last.width.max(2);
        }
        let shape = Architecture::new(inputs, layers).expect("the widths are above 0");
        online_agrees::<f64>(&shape, ending.1, optimizer, &[1.0, 0.5, 2.0, 0.0, 1.0])?;
        online_agrees::<f32>(&shape, ending.1, optimizer, &[1.0; 4])?;
    }
}

/// Trains networks side by side, and each alone.
fn ensemble_agrees<T: Real>(
    shape: &Architecture,
    settings: &Settings,
    weights: &[T],
    count: u64,
) -> Result<(), TestCaseError> {
    let networks: Vec<Network<T>> = (0..count)
        .map(|seed| Network::new(shape.clone(), Initialisation::default(), seed))
        .collect();
    let samples = weights.len();
    let inputs = numbers::<T>(shape.inputs() * samples, 2);
    let targets = shares::<T>(shape.outputs(), samples);
    let samples = Samples::new(shape, &inputs, &targets).expect("the lengths fit");
    let samples = samples.with_weights(weights).expect("the weights are above 0");
    let is_fused = |isa| !matches!(isa, Isa::Plain);
    let sets = || Isa::all().into_iter().flatten();
    let pairs = sets().flat_map(|isa| sets().map(move |alone| [isa, alone]));
    for [isa, alone] in pairs.filter(|&[isa, alone]| is_fused(isa) == is_fused(alone)) {
        let ensemble = Ensemble::with_sets(&networks, settings.clone(), [isa, alone]);
        let mut ensemble = ensemble.expect("the settings fit");
        prop_assert!(ensemble.fit(&samples).is_ok());
        for (number, network) in networks.iter().enumerate() {
            let trainer = Trainer::with_isa(network, settings.clone(), alone);
            let mut trainer = trainer.expect("the settings fit");
            prop_assert!(trainer.fit(&samples, None, &mut ()).is_ok());
            let (alone, found) = (trainer.network(), ensemble.network(number));
            let mut pairs = found.parameters().iter().zip(alone.parameters());
            let is_same = pairs.all(|(x, y)| x.to_f64().to_bits() == y.to_f64().to_bits());
            prop_assert!(is_same, "network {number} of {count}, {}", isa.name());
            prop_assert!(found != *network, "network {number} was trained");
            prop_assert_eq!(ensemble.training_loss(number), &trainer.history().training_loss[..]);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_network_side_by_side_has_the_bits_of_the_network_alone(
        inputs in 1..9_usize,
        widths in prop::collection::vec(1..20_usize, 1..4),
        activation in prop::sample::select(&Activation::ALL[..11]),
        bias in prop::sample::select(vec![Bias::Trained, Bias::Frozen, Bias::Absent]),
        ending in prop::sample::select(vec![
            (Activation::Softmax, Loss::CategoricalCrossEntropy),
            (Activation::Sigmoid, Loss::BinaryCrossEntropy),
            (Activation::Sigmoid, Loss::HalfSquared),
            (Activation::Tanh, Loss::Huber),
        ]),
        optimizer in prop::sample::select(vec![
            Optimizer::SGD, Optimizer::MOMENTUM, Optimizer::NADAM, Optimizer::RMSPROP,
        ]),
        schedule in prop::sample::select(vec![
            Schedule::Constant, Schedule::Cosine { warm_up: 0.5, floor: 0.1 },
        ]),
        count in 1..20_u64,
    ) {
        let mut layers: Vec<LayerSpec> = widths
            .iter()
            .map(|&width| LayerSpec::new(width, activation).with_bias(bias))
            .collect();
        let last = layers.last_mut().expect("there is a layer");
        last.activation = ending.0;
        if ending.0 == Activation::Softmax {
            last.width = last.width.max(2);
        }
        let shape = Architecture::new(inputs, layers).expect("the widths are above 0");
        let mut settings = Settings::new(ending.1);
        (settings.optimizer, settings.learning_rate) = (optimizer, 0.01);
        (settings.batch_size, settings.epochs, settings.schedule) = (1, 2, schedule);
        (settings.l2, settings.clip) = (0.01, Clip::Value(0.5));
        ensemble_agrees::<f64>(&shape, &settings, &[1.0, 0.5, 2.0, 0.0, 1.0], count)?;
        // More samples than steps of a run.
        ensemble_agrees::<f32>(&shape, &settings, &[1.0; 70], count)?;
    }
}

#[test]
fn long_sums() {
    // Longer than one part of the inner index and of the rows, in all products.
    for widths in [[530, 270, 20], [20, 530, 270]] {
        let half = Loss::HalfSquared;
        passes_agree::<f32>(&widths, Activation::Tanh, Activation::Identity, half, 250, 1e-4)
            .expect("the twins agree");
    }
}

/// Compares hidden layers that end as their `ReLU` with such whose slopes are kept, as
/// they are where activations may be dropped; none are, where nothing is trained.
fn relu_agrees<T: Real>(widths: [usize; 4], rows: usize) {
    let shape = |dropout| {
        let hidden = LayerSpec::new(1, Activation::Relu).with_dropout(dropout);
        let layers = widths[1..].iter().map(|&width| LayerSpec { width, ..hidden });
        let mut layers: Vec<LayerSpec> = layers.collect();
        layers[2] = LayerSpec::new(widths[3], Activation::Identity);
        Architecture::new(widths[0], layers).expect("the widths are above 0")
    };
    let network = Network::<T>::new(shape(0.0), Initialisation::default(), 1);
    let other = Network::from_parameters(shape(0.5), network.parameters().to_vec());
    let other = other.expect("as many parameters");
    let (inputs, targets) = (numbers(widths[0] * rows, 2), numbers(widths[3] * rows, 3));
    let samples = Samples::new(network.architecture(), &inputs, &targets).expect("they fit");
    for isa in Isa::all().into_iter().flatten() {
        let [found, expected] = [&network, &other].map(|network| {
            let pass =
                |threads| network.loss_and_gradient_with(&samples, Loss::Huber, isa, threads);
            [1, 2, 3].map(|threads| pass(threads).expect("the samples fit"))
        });
        assert_eq!(found, expected, "{}", isa.name());
        let outputs = |network| Predictor::with_isa(network, isa).predict(&inputs);
        assert_eq!(outputs(&network).expect("fits"), outputs(&other).expect("fits"));
    }
}

#[test]
fn relu_at_the_end_of_a_product_has_the_bits_of_relu_after_it() {
    // The long ones take several parts of the inner index, forward and backward.
    for (widths, rows) in [([530, 270, 550, 20], 100), ([5, 70, 33, 3], 33), ([1, 1, 2, 1], 1)] {
        relu_agrees::<f32>(widths, rows);
        relu_agrees::<f64>(widths, rows);
    }
}

#[test]
fn updates() {
    let adjusted = Adjustment { limit: 0.7, scale: 0.9, l2: 0.01, l1: 0.02, keep: 0.99 };
    let value = Adjustment { limit: 0.5, ..Adjustment::NONE };
    for adjustment in [Adjustment::NONE, adjusted, value] {
        let (rate, momentum, epsilon) = (0.1, 0.9, 1e-8);
        for rule in [
            Rule::Descent { rate },
            Rule::Momentum { rate, momentum },
            Rule::Nesterov { rate, momentum },
            Rule::AdaGrad { rate, epsilon },
            Rule::RmsProp { rate, decay: 0.99, epsilon },
            Rule::Adam {
                beta1: 0.9,
                beta2: 0.999,
                of_gradient: 0.3,
                of_mean: 0.7,
                root: 1.1,
                epsilon,
            },
        ] {
            updates_agree::<f32>(rule, adjustment, 3);
            updates_agree::<f64>(rule, adjustment, 3);
        }
    }
}

#[test]
fn adjustments_of_rules_outside_the_kernels() {
    let adjustment = Adjustment { limit: 0.7, scale: 0.9, l2: 0.01, l1: 0.02, keep: 0.99 };
    let (weights, gradient) = (numbers::<f64>(64, 7), numbers::<f64>(64, 8));
    let (mut one, mut changed) = (weights.clone(), gradient.clone());
    adjustment.apply(&mut one, &mut changed);
    for (w, g) in one.iter_mut().zip(&changed) {
        *w -= 0.5 * g;
    }
    let mut other = weights;
    let rule = Rule::Descent { rate: 0.5 };
    update(Isa::PlainFused, rule, adjustment, &mut other, &gradient, &mut [], &mut []);
    // A few roundings of numbers of about 1.
    assert!(one.iter().zip(&other).all(|(x, y)| (x - y).abs() < 1e-14));
}

#[test]
fn sums_and_transposes() {
    for isa in Isa::all().into_iter().flatten() {
        let values = numbers::<f32>(960, 9);
        let expected: f64 = values.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let found = f64::from(sum_of_squares(isa, &values));
        assert!((found / expected - 1.0).abs() < 1e-5, "{}", isa.name());

        let width = isa.panel_width::<f32>();
        let (rows, columns) = (3 * width - 5, 2 * width);
        let matrix = numbers::<f32>(rows * columns, 10);
        let panels = Panels { values: &matrix, stride: rows * width };
        for first_row in [0, width, 2 * width] {
            let mut turned = vec![7.0; columns * width];
            transpose(isa, panels, rows, first_row, 0, columns, &mut turned);
            for (place, &value) in turned.iter().enumerate() {
                let (column, row) = (place / width, first_row + place % width);
                let at = column / width * rows * width + row * width + column % width;
                let expected = if row < rows { matrix[at] } else { 0.0 };
                assert_eq!(value.to_bits(), f32::to_bits(expected), "{}", isa.name());
            }
        }
    }
}

/// Multiplies rows of a table that are copied before, and meanwhile.
fn products_agree<T: Real>(count: usize, columns: usize, outputs: usize) {
    let table = numbers::<T>(50 * columns, 11);
    let listed: Vec<u32> = (0..50).map(|row| row * 17 % 50).take(count).collect();
    for isa in Isa::all().into_iter().flatten() {
        let width = isa.panel_width::<T>();
        let panels = outputs.div_ceil(width);
        let weights = numbers::<T>((columns + 1) * panels * width, 12);
        let b = Panels { values: &weights, stride: (columns + 1) * width };
        for rows in [Rows::Listed(&listed), Rows::Range(50 - count, 50)] {
            let stride = count * width;
            let run = |meanwhile: bool| {
                // What lay there before must not matter.
                let mut a = vec![T::from_f64(7.0); columns.div_ceil(width) * stride];
                let mut out = vec![T::ZERO; panels * stride];
                let matrix = PanelsMut { values: &mut a, stride };
                let table = Table { values: &table, columns, rows };
                let left = if meanwhile {
                    Left::Copied(table, matrix)
                } else {
                    scatter(isa, table, matrix);
                    Left::Panels(Panels { values: &a, stride })
                };
                let to = PanelsMut { values: &mut out, stride };
                product(isa, left, b, to, count, columns, panels, Start::LastRow, End::Sums, None);
                (a, out)
            };
            let is_same = run(true) == run(false);
            assert!(is_same, "{count} rows of {columns}, {outputs} outputs, {}", isa.name());
        }
    }
}

#[test]
fn rows_copied_meanwhile_are_those_copied_before() {
    for (count, columns, outputs) in
        [(1, 5, 70), (2, 64, 70), (3, 33, 3), (7, 256, 16), (33, 300, 40), (50, 783, 100)]
    {
        products_agree::<f32>(count, columns, outputs);
        products_agree::<f64>(count, columns, outputs);
    }
}

#[test]
#[should_panic(expected = "rows lie inside their table")]
fn a_row_outside_of_its_table_is_refused() {
    let (values, isa) = ([1.0; 10], Isa::detect());
    let mut a = [0.0; 256];
    let (mut out, weights) = (a, a);
    let table = Table { values: &values, columns: 3, rows: Rows::Range(2, 4) };
    let left = Left::Copied(table, PanelsMut { values: &mut a, stride: 64 });
    let b = Panels { values: &weights, stride: 128 };
    let to = PanelsMut { values: &mut out, stride: 64 };
    product(isa, left, b, to, 2, 3, 1, Start::Zero, End::Sums, None);
}

#[test]
fn narrow_networks_take_narrow_panels() {
    let width = |inputs, widths: &[usize]| {
        let layers = widths.iter().map(|&width| LayerSpec::new(width, Activation::Tanh));
        let network = Architecture::new(inputs, layers).expect("the widths are above 0");
        Isa::of_network::<f32>(&network).panel_width::<f32>()
    };
    let widest = Isa::detect().panel_width::<f32>();
    assert_eq!(width(784, &[128, 10]), widest);
    assert_eq!(width(64, &[128, 64, 10]), widest);
    assert_eq!(width(64, &[64, 10]), widest.min(16));
    assert_eq!(width(4, &[16, 3]), widest.min(16));
    assert_eq!(width(30, &[64, 2]), widest.min(16));
}

/// Puts what is not finite into each place of a buffer.
fn no_place_is_overlooked<T: Real>() {
    for isa in Isa::all().into_iter().flatten() {
        let mut values = vec![T::from_f64(-1e30); 7 * isa.panel_width::<T>()];
        assert!(all_finite(isa, &values), "{}", isa.name());
        for place in 0..values.len() {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let was = std::mem::replace(&mut values[place], T::from_f64(bad));
                assert!(!all_finite(isa, &values), "{bad} at {place}, {}", isa.name());
                values[place] = was;
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_found() {
    no_place_is_overlooked::<f32>();
    no_place_is_overlooked::<f64>();
}
