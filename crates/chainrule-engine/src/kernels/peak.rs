//! The limit: how many multiply-adds the processor makes.

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
