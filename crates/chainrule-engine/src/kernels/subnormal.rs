//! Training leaves no subnormal numbers behind: where it has come to its end they
//! would be everywhere, and on some processors each product with one costs a
//! hundred cycles.

use chainrule::activation::Activation;
use chainrule::loss::Loss;

use super::{Adjustment, Isa, Rule, update};
use crate::architecture::{Architecture, LayerSpec};
use crate::data::Samples;
use crate::network::Network;
use crate::real::Real;

fn is_normal<T: Real>(x: T) -> bool {
    let smallest = if T::BYTES == 4 { f64::from(f32::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
    x == T::ZERO || x.abs().to_f64() >= smallest
}

/// Makes 9000 steps without a gradient from states of 1, looking at each.
fn states_fade_to_normal_numbers<T: Real>(rule: Rule, rate: f64) {
    for isa in Isa::all().into_iter().flatten() {
        let ones = || vec![T::ONE; 32];
        let (mut weights, mut first) = (ones(), ones());
        let mut second = if rule.has_second() { ones() } else { Vec::new() };
        for step in 0..9000 {
            let none = [T::ZERO; 32];
            update(isa, rule, Adjustment::NONE, &mut weights, &none, &mut first, &mut second);
            let products = first.iter().map(|&mean| mean * T::from_f64(rate));
            for number in products.chain(second.iter().copied()) {
                let name = isa.name();
                assert!(is_normal(number), "{number:?} after {step}, {rule:?}, {name}");
            }
        }
        let has_faded = first.iter().chain(&second).all(|&state| state < T::from_f64(1e-15));
        assert!(has_faded, "{rule:?}, {}", isa.name());
    }
}

#[test]
fn states_without_a_gradient_fade_to_normal_numbers() {
    let (rate, momentum, epsilon) = (1e-4, 0.9, 1e-8);
    for rule in [
        Rule::Momentum { rate, momentum },
        Rule::Nesterov { rate, momentum },
        Rule::RmsProp { rate, decay: 0.9, epsilon },
        Rule::Adam { beta1: 0.9, beta2: 0.9, of_gradient: 0.0, of_mean: rate, root: 1.0, epsilon },
    ] {
        // Of RMSprop's state the square root is multiplied.
        let rate = if matches!(rule, Rule::RmsProp { .. }) { 1.0 } else { rate };
        states_fade_to_normal_numbers::<f32>(rule, rate);
        states_fade_to_normal_numbers::<f64>(rule, rate);
    }
}

/// Makes a step from nothing, with a gradient whose square is a subnormal number.
fn first_squares_are_normal_numbers<T: Real>(gradient: f64) {
    let (rate, epsilon) = (1e-4, 1e-8);
    for isa in Isa::all().into_iter().flatten() {
        for rule in [Rule::AdaGrad { rate, epsilon }, Rule::RmsProp { rate, decay: 0.9, epsilon }] {
            let (mut weights, mut squares) = (vec![T::ONE; 32], vec![T::ZERO; 32]);
            let gradient = [T::from_f64(gradient); 32];
            let none = Adjustment::NONE;
            update(isa, rule, none, &mut weights, &gradient, &mut squares, &mut []);
            let is_so = squares.iter().all(|&square| square > T::ZERO && is_normal(square));
            assert!(is_so, "{:?}, {rule:?}, {}", squares[0], isa.name());
        }
    }
}

#[test]
fn squares_of_a_tiny_gradient_become_normal_numbers() {
    first_squares_are_normal_numbers::<f32>(1e-20);
    first_squares_are_normal_numbers::<f64>(1e-158);
}

/// Looks at all gradients of a network that is the surer the larger its weights.
fn gradients_are_normal_numbers<T: Real>(output: Activation, loss: Loss, most: f64) {
    let layers = [LayerSpec::new(3, Activation::Identity), LayerSpec::new(5, output)];
    let shape = Architecture::new(1, layers).expect("the widths are above 0");
    let mut targets = [T::ZERO; 5];
    targets[4] = T::ONE;
    let inputs = [T::ONE];
    let samples = Samples::new(&shape, &inputs, &targets).expect("the lengths fit");
    let mut has_flushed = false;
    for share in 1..=2000 {
        // Pre-activations 0, s, 2s, 3s, 4s.
        let s = most * f64::from(share) / 2000.0 / 4.0;
        let mut parameters = vec![1.0, 0.5, 0.1, 0.0, 0.0, 0.0];
        parameters.extend((0..5).flat_map(|k| [s * f64::from(k), 0.01, 0.0]));
        parameters.extend([0.0; 5]);
        let parameters = parameters.into_iter().map(T::from_f64).collect();
        let network = Network::from_parameters(shape.clone(), parameters).expect("as many");
        for isa in Isa::all().into_iter().flatten() {
            let (_, gradient) =
                network.loss_and_gradient_with(&samples, loss, isa, 1).expect("the samples fit");
            // Of a weight into the first output, the least likely of classes, and into
            // the last, as sure as it is right.
            has_flushed |= gradient[6] == T::ZERO || gradient[18] == T::ZERO;
            for (place, &g) in gradient.iter().enumerate() {
                assert!(is_normal(g), "{g:?} at {place}, {output:?}, s = {s}, {}", isa.name());
            }
        }
    }
    assert!(has_flushed, "numbers did not become that small");
}

#[test]
fn gradients_of_a_sure_network_are_normal_numbers() {
    let (softmax, sigmoid) = (Activation::Softmax, Activation::Sigmoid);
    let (categorical, binary) = (Loss::CategoricalCrossEntropy, Loss::BinaryCrossEntropy);
    gradients_are_normal_numbers::<f32>(softmax, categorical, 500.0);
    gradients_are_normal_numbers::<f64>(softmax, categorical, 4000.0);
    gradients_are_normal_numbers::<f32>(sigmoid, binary, 500.0);
    gradients_are_normal_numbers::<f64>(sigmoid, binary, 4000.0);
}
