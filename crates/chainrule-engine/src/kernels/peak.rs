//! Work that meets nothing but one limit of the processor.

use std::hint::black_box;

use super::math::sigmoid;
use super::vector::Vector;
use crate::real::Real;

kernel! {
    /// Makes `rounds` rounds of independent multiply-adds; returns how many
    /// operations these were.
    pub(crate) fn multiply_adds<T>(rounds: usize) -> usize = multiply_adds_body
}

#[inline(always)]
fn multiply_adds_body<V: Vector>(token: V::Token, rounds: usize) -> usize {
    let one = V::splat(token, V::Element::from_f64(1.0));
    let factor = black_box(one);
    // Ten chains hide the four cycles that each link takes.
    let mut chains = [one; 10];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, factor);
        }
    }
    black_box(chains);
    2 * V::LANES * chains.len() * rounds
}

kernel! {
    /// Takes square roots; returns how many these were.
    pub(crate) fn roots<T>(rounds: usize) -> usize = roots_body
}

#[inline(always)]
fn roots_body<V: Vector>(token: V::Token, rounds: usize) -> usize {
    let one = V::splat(token, V::Element::from_f64(1.0));
    let mut chains = [black_box(one); 10];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = chain.sqrt();
        }
    }
    black_box(chains);
    V::LANES * chains.len() * rounds
}

kernel! {
    /// Reads all numbers; returns something made of them.
    pub(crate) fn read<T>(numbers: &[T]) -> T = read_body
}

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "vectors of the chunk and sums go together")]
fn read_body<V: Vector>(token: V::Token, numbers: &[V::Element]) -> V::Element {
    let mut sums = [V::splat(token, V::Element::ZERO); 8];
    for chunk in numbers.chunks_exact(sums.len() * V::LANES) {
        for n in 0..sums.len() {
            // SAFETY: the chunk has that many numbers.
            sums[n] = sums[n] + unsafe { V::load(token, chunk.as_ptr().add(n * V::LANES)) };
        }
    }
    let mut total = sums[0];
    for sum in &sums[1..] {
        total = total + *sum;
    }
    total.sum()
}

/// The network of [`sigmoids`]: inputs, hidden neurons, outputs.
const SHAPE: [usize; 3] = [4, 16, 3];

kernel! {
    /// Computes the outputs of a network of sigmoids, for sample after sample, as
    /// a program would that was written for its [`SHAPE`] alone; returns how many
    /// samples these were.
    pub(crate) fn sigmoids<T>(rounds: usize) -> usize = sigmoids_body
}

#[inline(always)]
fn sigmoids_body<V: Vector>(token: V::Token, rounds: usize) -> usize {
    // Rows of weights as long as the longest layer; the last is the biases.
    let weights = [[V::Element::from_f64(0.25); SHAPE[1]]; SHAPE[0] + 1];
    let of_outputs = [[V::Element::from_f64(-0.5); SHAPE[1]]; SHAPE[1] + 1];
    let inputs = [V::Element::from_f64(0.75); SHAPE[0]];
    let (mut hidden, mut outputs) = ([V::Element::ZERO; SHAPE[1]], [V::Element::ZERO; SHAPE[1]]);
    let (weights, of_outputs) = (black_box(&weights), black_box(&of_outputs));
    for _ in 0..rounds {
        let inputs = black_box(&inputs);
        layer::<V>(token, inputs, weights, SHAPE[1], &mut hidden);
        layer::<V>(token, &hidden, of_outputs, SHAPE[2], &mut outputs);
        black_box(&mut outputs);
    }
    rounds
}

/// Computes the first `neurons` activations of a layer.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "only the first sums are used")]
fn layer<V: Vector>(
    token: V::Token,
    inputs: &[V::Element],
    weights: &[[V::Element; SHAPE[1]]],
    neurons: usize,
    activations: &mut [V::Element; SHAPE[1]],
) {
    let vectors = neurons.div_ceil(V::LANES);
    let mut sums = [V::splat(token, V::Element::ZERO); SHAPE[1]];
    // SAFETY: every row and the activations have `SHAPE[1]` numbers, whole vectors.
    unsafe {
        for n in 0..vectors {
            sums[n] = V::load(token, weights[inputs.len()].as_ptr().add(n * V::LANES));
        }
        for (&input, row) in inputs.iter().zip(weights) {
            for n in 0..vectors {
                let weights = V::load(token, row.as_ptr().add(n * V::LANES));
                sums[n] = V::splat(token, input).mul_add(weights, sums[n]);
            }
        }
        for n in 0..vectors {
            sigmoid(sums[n]).store(activations.as_mut_ptr().add(n * V::LANES));
        }
    }
}
