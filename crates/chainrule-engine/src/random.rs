//! Random numbers: named streams of one seed, each with its own position.
//!
//! Initialisation, shuffling, dropout and splitting draw from streams of their
//! own, so that one of them can change without moving the others. A stream is
//! `ChaCha` with 8 rounds; its position is a number that a checkpoint keeps.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    fn new(seed: u64, name: u64) -> Stream {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(name);
        Stream(generator)
    }

    /// Returns the stream that weights are drawn from.
    pub(crate) fn initialisation(seed: u64) -> Stream {
        Stream::new(seed, 1)
    }

    /// Returns the stream that shuffles samples.
    pub(crate) fn shuffle(seed: u64) -> Stream {
        Stream::new(seed, 2)
    }

    /// Returns the stream that drops activations.
    pub(crate) fn dropout(seed: u64) -> Stream {
        Stream::new(seed, 3)
    }

    /// Returns the position, in words of 32 bits.
    pub(crate) fn position(&self) -> u128 {
        self.0.get_word_pos()
    }

    /// Goes to a position.
    pub(crate) fn go_to(&mut self, position: u128) {
        self.0.set_word_pos(position);
    }

    /// Returns 32 random bits.
    pub(crate) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Returns a number from 0 to below 1, with 53 random bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * 2f64.powi(-53)
    }

    /// Returns a number of the standard normal distribution (Box & Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        // 1 − u is above zero, so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Returns a whole number below `bound`, each equally likely.
    fn below(&mut self, bound: u32) -> u32 {
        // Lemire 2019: the upper half of a product, and again where the lower
        // half would make some numbers likelier.
        loop {
            let product = u64::from(self.word()) * u64::from(bound);
            let low = product & 0xffff_ffff;
            if low >= u64::from(bound.wrapping_neg() % bound) {
                return u32::try_from(product >> 32).expect("half of 64 bits are 32");
            }
        }
    }

    /// Brings numbers into a random order (Fisher & Yates; Durstenfeld 1964).
    pub(crate) fn shuffle_slice(&mut self, values: &mut [u32]) {
        for end in (1..values.len()).rev() {
            let bound = u32::try_from(end + 1).expect("samples are numbered with 32 bits");
            values.swap(end, self.below(bound) as usize);
        }
    }
}

/// Brings the numbers below `count` into a random order.
///
/// It draws from the stream of splitting of the seed; training draws from
/// others.
pub fn order(count: u32, seed: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    Stream::new(seed, 4).shuffle_slice(&mut order);
    order
}

/// Splits samples into two parts at random: returns the numbers of both, each
/// in order. The second part has `share` of them, rounded.
///
/// It draws as [`order`] does.
pub fn split(count: u32, share: f64, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut order = order(count, seed);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 32 bits has at most 32"
    )]
    let held_out = (f64::from(count) * share.clamp(0.0, 1.0)).round() as usize;
    let mut second = order.split_off(order.len() - held_out);
    order.sort_unstable();
    second.sort_unstable();
    (order, second)
}
