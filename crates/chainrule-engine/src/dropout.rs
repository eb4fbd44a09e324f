//! Dropped activations, drawn anew for every sample of every step.
//!
//! Which ones are dropped depends on the seed, the step, the sample's place in
//! the batch and the layer, never on what computes it: each row of each layer
//! has its own part of the stream of dropout.

use crate::aligned::Aligned;
use crate::architecture::Architecture;
use crate::random::Stream;
use crate::real::Real;

/// What draws for one block of rows.
#[derive(Clone, Debug)]
pub(crate) struct Dropout<T> {
    stream: Stream,
    factors: Aligned<T>,
    /// How many random words one row takes up to each layer, and in all.
    words_before: Vec<u64>,
    words: u64,
    /// The number of the block's first row, counted from the first step on.
    first_row: u64,
}

impl<T: Real> Dropout<T> {
    /// Makes room for blocks of `rows` rows; `width` is that of a panel.
    pub(crate) fn new(
        architecture: &Architecture,
        rows: usize,
        width: usize,
        seed: u64,
    ) -> Dropout<T> {
        let mut words = 0;
        let mut widest = 0;
        let words_before = architecture.layers().iter().map(|layer| {
            let before = words;
            if layer.dropout > 0.0 {
                words += layer.width as u64;
                widest = widest.max(layer.width.next_multiple_of(width));
            }
            before
        });
        let words_before = words_before.collect();
        Dropout {
            stream: Stream::dropout(seed),
            factors: Aligned::new(rows * widest),
            words_before,
            words,
            first_row: 0,
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.factors.bytes()
    }

    /// Says which rows come next.
    pub(crate) fn begin(&mut self, first_row: u64) {
        self.first_row = first_row;
    }

    /// Draws what each activation of a layer is multiplied by: 0, or
    /// `1/(1−share)`.
    ///
    /// # Shapes
    /// - the result: (rows, layer's width), in panels without gaps, `used` in all
    pub(crate) fn draw(
        &mut self,
        layer: usize,
        share: f64,
        rows: usize,
        width: usize,
        used: usize,
    ) -> &[T] {
        let kept = T::from_f64(1.0 / (1.0 - share));
        // A word below the bound drops: 32 bits give the share to 2⁻³².
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is from 0 to below 1"
        )]
        let bound = (share * 4_294_967_296.0) as u64;
        let stride = rows * width;
        let next = self.words_before.get(layer + 1).copied().unwrap_or(self.words);
        let columns = usize::try_from(next - self.words_before[layer]).expect("a layer's width");
        let factors = &mut self.factors[..used];
        for row in 0..rows {
            let number = u128::from(self.first_row) + row as u128;
            let position = number * u128::from(self.words) + u128::from(self.words_before[layer]);
            self.stream.go_to(position);
            for column in 0..columns {
                let is_dropped = u64::from(self.stream.word()) < bound;
                factors[column / width * stride + row * width + column % width] =
                    if is_dropped { T::ZERO } else { kept };
            }
        }
        factors
    }
}
