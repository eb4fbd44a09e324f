//! Work that meets nothing but one limit of the processor.

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
    let factor = std::hint::black_box(one);
    // Ten chains hide the four cycles that each link takes.
    let mut chains = [one; 10];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, factor);
        }
    }
    std::hint::black_box(chains);
    2 * V::LANES * chains.len() * rounds
}

kernel! {
    /// Takes square roots and quotients; returns how many pairs these were.
    pub(crate) fn roots<T>(rounds: usize) -> usize = roots_body
}

#[inline(always)]
fn roots_body<V: Vector>(token: V::Token, rounds: usize) -> usize {
    let one = V::splat(token, V::Element::from_f64(1.0));
    let mut chains = [std::hint::black_box(one); 10];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = one / chain.sqrt();
        }
    }
    std::hint::black_box(chains);
    V::LANES * chains.len() * rounds
}

kernel! {
    /// Reads all numbers; returns something made of them.
    pub(crate) fn read<T>(numbers: &[T]) -> T = read_body
}

#[inline(always)]
fn read_body<V: Vector>(token: V::Token, numbers: &[V::Element]) -> V::Element {
    let mut sums = [V::splat(token, V::Element::ZERO); 8];
    for chunk in numbers.chunks_exact(sums.len() * V::LANES) {
        for (sum, from) in sums.iter_mut().zip(chunk.chunks_exact(V::LANES)) {
            // SAFETY: the chunk has that many numbers.
            *sum = *sum + unsafe { V::load(token, from.as_ptr()) };
        }
    }
    sums.into_iter().reduce(|sum, other| sum + other).map_or(V::Element::ZERO, V::sum)
}
