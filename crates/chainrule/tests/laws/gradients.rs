//! Backpropagation against dual numbers, and wrong rules against the check.

use crate::random;
use chainrule::check::Check;
use chainrule::convention::{Convention, DeltaSign, UpdateOrder};
use chainrule::example::Example;
use chainrule::network::Network;
use proptest::prelude::*;

proptest! {
    #![proptest_config(random::config())]

    /// To 1e-12 of the larger of the two, while no neuron is saturated (up to
    /// |z| = 4 the slope 1 − a² keeps 13 digits); where terms of the order of
    /// the loss cancel, as all do in a shared bias under softmax, to a few of
    /// their last bits.
    #[test]
    fn backpropagation_agrees_with_dual_numbers(mut example in random::example()) {
        example.convention.update_order = UpdateOrder::OldWeights;
        let before = example.step().before;
        let is_saturated = before.z.iter().flatten().any(|z| z.abs() > 4.0);
        for row in &Check::new(&example, 0).rows {
            let off = (row.backpropagation - row.dual).abs();
            let size = row.backpropagation.abs().max(row.dual.abs());
            let bound = 1e-12 * size + 1e-15 * before.loss.max(1.0);
            prop_assert!(off <= bound || is_saturated, "{row:?}");
            prop_assert!(row.holds(), "{row:?}");
        }
    }

    #[test]
    fn the_sign_of_delta_changes_no_weight(mut example in random::example()) {
        let steps = DeltaSign::ALL.map(|delta_sign| {
            example.convention.delta_sign = delta_sign;
            example.step()
        });
        prop_assert_eq!(&steps[0].updated, &steps[1].updated);
        prop_assert_eq!(&steps[0].gradients, &steps[1].gradients);
        for (x, y) in steps[0].deltas.iter().flatten().zip(steps[1].deltas.iter().flatten()) {
            prop_assert_eq!(*x, -*y);
        }
    }

    /// Exchanging two hidden neurons, with all that leads in and out, changes
    /// the loss by the order of summation only.
    #[test]
    fn hidden_neurons_can_be_exchanged(example in random::example()) {
        let mut exchanged = example.clone();
        let layers = &mut exchanged.network.layers;
        if layers.len() >= 2 && layers[0].weights.len() >= 2 {
            layers[0].weights.swap(0, 1);
            if let chainrule::network::Biases::PerNeuron(biases) = &mut layers[0].biases {
                biases.swap(0, 1);
            }
            for row in &mut layers[1].weights {
                row.swap(0, 1);
            }
        }
        let (one, other) = (example.step(), exchanged.step());
        for (x, y) in [(one.before.loss, other.before.loss), (one.after.loss, other.after.loss)] {
            let is_near = (x - y).abs() <= 1e-12 * x.abs().max(1.0);
            prop_assert!(x == y || is_near, "{x} and {y}");
        }
    }
}

/// A 2-3-2 network with biases on which every wrong rule shows.
fn example() -> Example {
    Example::from_toml(
        r#"
        loss = "half-squared"
        [[layers]]
        activation = "tanh"
        weights = [[0.1, 0.8], [-0.4, 0.6], [0.7, -0.2]]
        biases = [0.3, -0.1, 0.2]
        [[layers]]
        activation = "sigmoid"
        weights = [[0.3, 0.9, -0.5], [0.2, -0.7, 0.4]]
        biases = [0.1, 0.05]
        [[samples]]
        inputs = [0.35, 0.9]
        targets = [0.5, 0.1]
        "#,
    )
    .expect("it is a good file")
}

/// A wrong rule, as what it does to the gradients.
type Spoil = fn(&Example, &mut Network<f64>);

#[test]
fn a_wrong_rule_is_caught() {
    let rules: [(&str, Spoil); 7] = [
        ("one sign turned around", |_, gradients| gradients.layers[0].weights[1][0] *= -1.0),
        ("a factor of 2", |_, gradients| {
            gradients.layers[1].weights.iter_mut().flatten().for_each(|g| *g *= 2.0);
        }),
        ("the derivative left out in the hidden layer", |example, gradients| {
            let trace = example.step();
            for (row, a) in gradients.layers[0].weights.iter_mut().zip(&trace.before.a[0]) {
                row.iter_mut().for_each(|gradient| *gradient /= 1.0 - a * a);
            }
        }),
        ("two inputs mixed up", |_, gradients| {
            gradients.layers[0].weights.iter_mut().for_each(|row| row.swap(0, 1));
        }),
        ("a bias treated as if its input were 0", |_, gradients| {
            gradients.layers[1].biases = chainrule::network::Biases::PerNeuron(vec![0.0, 0.0]);
        }),
        ("off by a millionth", |_, gradients| gradients.layers[0].weights[2][1] *= 1.0 + 1e-6),
        ("not a number", |_, gradients| gradients.layers[0].weights[0][0] = f64::NAN),
    ];
    let example = example();
    let right = example.step().gradients;
    assert!(Check::of_gradients(&example, 0, &right).holds());
    for (name, spoil) in rules {
        let mut gradients = right.clone();
        spoil(&example, &mut gradients);
        assert!(!Check::of_gradients(&example, 0, &gradients).holds(), "not caught: {name}");
    }
}

#[test]
fn updated_weights_are_caught_in_the_hidden_layer_only() {
    let mut example = example();
    example.convention =
        Convention { update_order: UpdateOrder::UpdatedWeights, ..Convention::default() };
    let check = Check::new(&example, 0);
    for row in &check.rows {
        assert_eq!(row.holds(), row.parameter.layer() == 1, "{row:?}");
    }
}
