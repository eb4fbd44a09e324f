//! The algorithm: forward pass, loss, backward pass, update.
//!
//! This file is the specification. It is written once, over any kind of
//! number: with `f64` it computes, with [worked](crate::scalar::worked) numbers
//! it writes the explanation, with [dual](crate::scalar::dual) numbers it
//! checks itself. Read it from top to bottom; the equations are
//!
//! ```text
//! forward    z_j = Σ_i w_ji·a_i + b_j          a_j = f(z_j)
//! loss       E, a function of the targets t and the outputs a
//! backward   δ_j = −∂E/∂a_j · f′(z_j)          output neurons
//!            δ_j = (Σ_k w_kj·δ_k) · f′(z_j)    hidden neurons
//! gradient   ∂E/∂w_ji = −δ_j·a_i               ∂E/∂b_j = −δ_j
//! update     w_ji⁺ = w_ji + η·δ_j·a_i          b_j⁺ = b_j + η·δ_j
//! ```
//!
//! with the delta sign of [`DeltaSign::Textbook`]; [`DeltaSign::Gradient`]
//! turns the sign of every δ around. A line of working ends where
//! [`named`](Scalar::named) is called.
//!
//! Not for speed: it goes neuron by neuron and allocates as it goes.
//!
//! Source: Rumelhart, Hinton & Williams, "Learning representations by
//! back-propagating errors", Nature 323, 1986, equations 1–9; the same in
//! Nielsen, "Neural Networks and Deep Learning", 2015, ch. 2.
//!
//! [`DeltaSign::Textbook`]: crate::convention::DeltaSign::Textbook
//! [`DeltaSign::Gradient`]: crate::convention::DeltaSign::Gradient

use crate::activation::{self, Activation};
use crate::convention::{Convention, DeltaSign, UpdateOrder};
use crate::loss::Loss;
use crate::network::{Biases, Layer, Network, Sample};
use crate::quantity::{Neuron, Parameter, Pass, Quantity};
use crate::scalar::Scalar;

/// What one step computes, as data.
#[derive(Clone, Debug)]
pub struct Trace<S> {
    /// The forward pass with the weights as they were.
    pub before: Forward<S>,
    /// `deltas[layer][j]`, with the sign the convention asks for.
    pub deltas: Vec<Vec<S>>,
    /// The gradients of all weights and biases, in the places of the network.
    pub gradients: Network<S>,
    /// The network after the step.
    pub updated: Network<S>,
    /// The forward pass with the new weights.
    pub after: Forward<S>,
}

/// One forward pass through a network, and its loss.
#[derive(Clone, Debug)]
pub struct Forward<S> {
    /// Pre-activations, `z[layer][j]`.
    pub z: Vec<Vec<S>>,
    /// Activations, `a[layer][j]`.
    pub a: Vec<Vec<S>>,
    /// The loss of the outputs.
    pub loss: S,
}

impl<S: Scalar> Forward<S> {
    /// Returns the activations of the last layer.
    pub fn outputs(&self) -> &[S] {
        self.a.last().expect("a network has at least one layer")
    }
}

/// Computes one step of gradient descent on one sample: forward, loss,
/// backward, update, and forward again.
///
/// # Panics
/// If the shapes disagree or a layer is empty; a checked
/// [`Example`](crate::example::Example) rules this out.
pub fn step<S: Scalar>(
    network: &Network<S>,
    sample: &Sample<S>,
    learning_rate: S,
    loss: Loss,
    convention: Convention,
) -> Trace<S> {
    let sign = convention.delta_sign;
    let before = forward(network, sample, loss, Pass::Before);
    let inputs = |l: usize| if l == 0 { &sample.inputs } else { &before.a[l - 1] };
    let gradient =
        |l: usize, deltas: &[S]| layer_gradients(&network.layers[l], l, deltas, inputs(l), sign);
    let update = |l: usize, deltas: &[S]| {
        update_layer(&network.layers[l], l, deltas, inputs(l), learning_rate, sign)
    };

    let mut deltas = vec![Vec::new(); network.layers.len()];
    let mut gradients = network.clone();
    let mut updated = network.clone();
    // Backwards: the last layer first, each from the one after it.
    for l in (0..network.layers.len()).rev() {
        let Layer { activation, .. } = network.layers[l];
        let (z, a) = (&before.z[l], &before.a[l]);
        let next = match convention.update_order {
            UpdateOrder::OldWeights => network.layers.get(l + 1),
            UpdateOrder::UpdatedWeights => updated.layers.get(l + 1),
        };
        let slopes = match next {
            None => output_deltas(activation, loss, sign, &sample.targets, z, a),
            Some(next) => hidden_deltas(activation, l, next, &deltas[l + 1], sign, z, a),
        };
        deltas[l] = name(&slopes, |index| Quantity::Delta(Neuron { layer: l, index }));
        if convention.update_order == UpdateOrder::UpdatedWeights {
            gradients.layers[l] = gradient(l, &deltas[l]);
            updated.layers[l] = update(l, &deltas[l]);
        }
    }
    if convention.update_order == UpdateOrder::OldWeights {
        for l in (0..network.layers.len()).rev() {
            gradients.layers[l] = gradient(l, &deltas[l]);
        }
        for l in (0..network.layers.len()).rev() {
            updated.layers[l] = update(l, &deltas[l]);
        }
    }

    let after = forward(&updated, sample, loss, Pass::After);
    Trace { before, deltas, gradients, updated, after }
}

/// Computes the activations of every layer, `a = f(W·x + b)`, and the loss.
///
/// # Panics
/// If the shapes disagree or a layer is empty.
pub fn forward<S: Scalar>(
    network: &Network<S>,
    sample: &Sample<S>,
    loss: Loss,
    pass: Pass,
) -> Forward<S> {
    let mut z: Vec<Vec<S>> = Vec::new();
    let mut a: Vec<Vec<S>> = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        let inputs = a.last().unwrap_or(&sample.inputs);
        let sums = name(&weighted_sums(layer, inputs), |index| {
            Quantity::PreActivation(pass, Neuron { layer: l, index })
        });
        let values = match layer.activation {
            Activation::Softmax => activation::softmax(&sums, Quantity::ExponentialSum(pass, l)),
            activation => sums.iter().map(|&z_j| activation.value(z_j)).collect(),
        };
        a.push(name(&values, |index| Quantity::Activation(pass, Neuron { layer: l, index })));
        z.push(sums);
    }
    let outputs = a.last().expect("a network has at least one layer");
    let loss = loss.value(&sample.targets, outputs).named(Quantity::Loss(pass));
    Forward { z, a, loss }
}

/// `z_j = Σ_i w_ji·a_i + b_j`
fn weighted_sums<S: Scalar>(layer: &Layer<S>, inputs: &[S]) -> Vec<S> {
    let mut sums = Vec::new();
    for (j, weights) in layer.weights.iter().enumerate() {
        let mut z = inputs[0].constant(0.0);
        for (&w, &a) in weights.iter().zip(inputs) {
            z = z + w * a;
        }
        if let Some(b) = layer.bias(j) {
            z = z + b;
        }
        sums.push(z);
    }
    sums
}

/// `δ_j = −∂E/∂z_j = −∂E/∂a_j · f′(z_j)`
fn output_deltas<S: Scalar>(
    activation: Activation,
    loss: Loss,
    sign: DeltaSign,
    targets: &[S],
    z: &[S],
    a: &[S],
) -> Vec<S> {
    let outputs = || targets.iter().zip(a);
    match (activation, loss) {
        // These two losses undo their activation: the product is t − a
        // (Bishop 2006, eqs. 4.91 and 4.109).
        (Activation::Sigmoid, Loss::BinaryCrossEntropy)
        | (Activation::Softmax, Loss::CategoricalCrossEntropy) => {
            outputs().map(|(&t, &a)| sign.difference(t, a)).collect()
        }
        // Every output depends on every z: ∂a_k/∂z_j = a_k·((1 if k = j) − a_j).
        (Activation::Softmax, _) => {
            let slopes: Vec<S> =
                outputs().map(|(&t, &a_k)| loss.slope(sign, t, a_k, a.len())).collect();
            let mut mean = a[0].constant(0.0);
            for (&slope, &a_k) in slopes.iter().zip(a) {
                mean = mean + slope * a_k;
            }
            slopes.iter().zip(a).map(|(&slope, &a_j)| a_j * (slope - mean)).collect()
        }
        _ => outputs()
            .zip(z)
            .map(|((&t, &a_j), &z_j)| {
                loss.slope(sign, t, a_j, a.len()) * activation.derivative(z_j, a_j)
            })
            .collect(),
    }
}

/// `δ_j = (Σ_k w_kj·δ_k) · f′(z_j)`, k over the neurons of the next layer; the
/// sum is `−∂E/∂a_j`
fn hidden_deltas<S: Scalar>(
    activation: Activation,
    l: usize,
    next: &Layer<S>,
    next_deltas: &[S],
    sign: DeltaSign,
    z: &[S],
    a: &[S],
) -> Vec<S> {
    let mut deltas = Vec::new();
    for (j, (&z_j, &a_j)) in z.iter().zip(a).enumerate() {
        let mut sum = z_j.constant(0.0);
        for (weights, &delta) in next.weights.iter().zip(next_deltas) {
            sum = sum + weights[j] * delta;
        }
        sign.gradient(sum).noted(Quantity::ActivationGradient(Neuron { layer: l, index: j }));
        deltas.push(sum * activation.derivative(z_j, a_j));
    }
    deltas
}

/// `∂E/∂w_ji = −δ_j·a_i`, `∂E/∂b_j = −δ_j`; frozen biases have none
fn layer_gradients<S: Scalar>(
    layer: &Layer<S>,
    l: usize,
    deltas: &[S],
    inputs: &[S],
    sign: DeltaSign,
) -> Layer<S> {
    let mut gradients = change_trained(layer, l, deltas, inputs, |parameter, _, product| {
        sign.gradient(product).named(Quantity::Gradient(parameter))
    });
    if !layer.biases_trained {
        gradients.biases = Biases::Absent;
    }
    gradients
}

/// `w_ji⁺ = w_ji + η·δ_j·a_i`, `b_j⁺ = b_j + η·δ_j`; frozen biases stay
fn update_layer<S: Scalar>(
    layer: &Layer<S>,
    l: usize,
    deltas: &[S],
    inputs: &[S],
    learning_rate: S,
    sign: DeltaSign,
) -> Layer<S> {
    change_trained(layer, l, deltas, inputs, |parameter, old, product| {
        sign.descend(old, learning_rate * product).named(Quantity::Updated(parameter))
    })
}

/// Computes a number for every trained weight and bias from its old value and
/// from `δ_j·a_i` (a weight), `δ_j` (a bias) or `Σ_j δ_j` (a shared bias).
fn change_trained<S: Scalar>(
    layer: &Layer<S>,
    l: usize,
    deltas: &[S],
    inputs: &[S],
    change: impl Fn(Parameter, S, S) -> S,
) -> Layer<S> {
    let mut changed = layer.clone();
    for (j, &delta) in deltas.iter().enumerate() {
        for (i, &a) in inputs.iter().enumerate() {
            let weight = Parameter::Weight { layer: l, to: j, from: i };
            changed.weights[j][i] = change(weight, layer.weights[j][i], delta * a);
        }
    }
    match &mut changed.biases {
        Biases::PerNeuron(biases) if layer.biases_trained => {
            for (index, (b, &delta)) in biases.iter_mut().zip(deltas).enumerate() {
                *b = change(Parameter::Bias(Neuron { layer: l, index }), *b, delta);
            }
        }
        Biases::Shared(b) if layer.biases_trained => {
            let mut sum = b.constant(0.0);
            for &delta in deltas {
                sum = sum + delta;
            }
            *b = change(Parameter::SharedBias(l), *b, sum);
        }
        _ => {}
    }
    changed
}

/// Ends a line of working for each number of a layer.
fn name<S: Scalar>(values: &[S], quantity: impl Fn(usize) -> Quantity) -> Vec<S> {
    values.iter().enumerate().map(|(index, value)| value.named(quantity(index))).collect()
}
