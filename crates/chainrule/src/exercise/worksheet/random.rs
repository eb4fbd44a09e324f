//! Random numbers with few decimals. The same seed gives the same numbers on
//! every machine and in every version: `ChaCha` with 8 rounds.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Starts the stream of a seed.
    pub(super) fn new(seed: u64) -> Random {
        Random(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Returns a whole number below `bound`, which is above 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        // The product's upper half; its bias is below 2⁻³² · bound.
        let product = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// Returns one of some things.
    pub(super) fn choose<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(all.len()).ok().filter(|&count| count > 0)?;
        all.get(self.below(count) as usize)
    }

    /// Returns a number from 0 to below 1, with 53 random bits.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * 2f64.powi(-53)
    }
}

/// Derives the seed of one student from that of the class: it depends on what
/// the student is called, and not on the others in the list.
pub(super) fn derived(seed: u64, key: &str) -> u64 {
    // FNV-1a (Fowler, Noll & Vo): spreads any text over 64 bits.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(hash);
    // Nine digits at most: it is copied from paper.
    u64::from(generator.next_u32()) % 1_000_000_000
}
