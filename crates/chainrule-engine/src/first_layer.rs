//! The first layer on several threads: each computes a part of the neurons, of
//! all samples of a batch.
//!
//! With a part of the samples each, as in the layers behind it, every thread
//! would read all weights, of which the others have just changed theirs: in a
//! small batch they are more than the inputs, and they would move from one
//! core's cache to the other's in every step. So each thread keeps its weights,
//! and reads the inputs that the others put together.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::batch::{Block, Plan, weighted_sums};
use crate::kernels::{Left, PanelsMut, activate};
use crate::real::Real;

/// The most bytes that the inputs of a batch may take: half of a second-level
/// cache of 1 MB.
const MOST_BYTES: usize = 512 * 1024;

/// One thread's part of the first layer.
#[derive(Debug)]
pub(crate) struct FirstLayer<T> {
    /// The panels of its neurons.
    panels: Range<usize>,
    /// How many samples it holds now.
    rows: usize,
    activations: Aligned<T>,
    slopes: Aligned<T>,
}

impl<T: Real> FirstLayer<T> {
    /// Tells whether it is worth it: for a hidden layer whose neurons can be
    /// shared out evenly enough, and batches of up to `rows` samples that leave
    /// room in the cache.
    pub(crate) fn is_worth_it(plan: &Plan, rows: usize, threads: usize) -> bool {
        let Some(layer) = plan.layout.layers.first() else { return false };
        let shares = layer.panels.div_ceil(threads) * threads;
        let is_even = layer.panels >= threads && shares * 6 <= layer.panels * 7;
        let bytes = layer.inputs.next_multiple_of(plan.layout.width) * rows * T::BYTES;
        threads > 1 && plan.layout.layers.len() > 1 && is_even && bytes <= MOST_BYTES
    }

    /// Makes room for `rows` samples and some panels of neurons.
    pub(crate) fn new(plan: &Plan, rows: usize, panels: Range<usize>) -> FirstLayer<T> {
        let width = plan.layout.width;
        let neurons = panels.len() * width;
        FirstLayer {
            panels,
            rows: 0,
            activations: Aligned::new(neurons * rows),
            slopes: Aligned::new(neurons * rows),
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.activations.bytes() + self.slopes.bytes()
    }

    /// Computes activations and slopes of the samples of all blocks.
    pub(crate) fn forward(&mut self, plan: &Plan, parameters: &[T], blocks: &[Block<T>]) {
        let width = plan.layout.width;
        self.rows = blocks.iter().map(Block::rows).sum();
        let stride = self.rows * width;
        let FirstLayer { panels, activations, slopes, .. } = self;
        let mut row = 0;
        for block in blocks.iter().filter(|block| block.rows() > 0) {
            let out = PanelsMut { values: &mut activations[row * width..], stride };
            let (panels, rows) = (panels.clone(), block.rows());
            let sources = Left::Panels(block.inputs(plan));
            weighted_sums(plan, parameters, 0, panels, sources, out, rows);
            row += rows;
        }
        let used = panels.len() * stride;
        let (values, slopes) = (&mut activations[..used], &mut slopes[..used]);
        activate(plan.isa, plan.architecture.layers()[0].activation, values, slopes);
    }

    /// Copies activations and slopes of some samples to where they stand among
    /// those of all neurons.
    pub(crate) fn copy_rows(
        &self,
        plan: &Plan,
        rows: Range<usize>,
        activations: &mut [T],
        slopes: &mut [T],
    ) {
        let width = plan.layout.width;
        let stride = self.rows * width;
        for (from, to) in [(&self.activations, activations), (&self.slopes, slopes)] {
            let count = rows.len() * width;
            let to = to[self.panels.start * count..].chunks_exact_mut(count.max(1));
            for (panel, to) in to.take(self.panels.len()).enumerate() {
                to.copy_from_slice(&from[panel * stride + rows.start * width..][..count]);
            }
        }
    }
}
