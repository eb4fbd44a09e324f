//! The first layer on several threads: each computes a part of the neurons, of
//! all samples of a batch.
//!
//! With a part of the samples each, as in the layers behind it, every thread
//! would read all weights, of which the others have just changed theirs: in a
//! small batch they are more than the inputs, and they would move from one
//! core's cache to the other's in every step. So each thread keeps its weights,
//! and puts together all inputs for itself.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::batch::{Plan, weighted_sums};
use crate::data::Rows;
use crate::kernels::{Panels, PanelsMut, activate, scatter};
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
    inputs: Aligned<T>,
    activations: Aligned<T>,
    slopes: Aligned<T>,
}

impl<T: Real> FirstLayer<T> {
    /// Tells whether it is worth it: for a hidden layer whose neurons can be
    /// shared out evenly enough, and batches of up to `rows` samples that leave
    /// room in the cache.
    pub(crate) fn is_worth_it(plan: &Plan, rows: usize, threads: usize) -> bool {
        let Some(layer) = plan.layout.layers.first() else { return false };
        let is_even = layer.panels.div_ceil(threads) * threads * 6 <= layer.panels * 7;
        let bytes = layer.inputs.next_multiple_of(plan.layout.width) * rows * T::BYTES;
        threads > 1 && plan.layout.layers.len() > 1 && is_even && bytes <= MOST_BYTES
    }

    /// Makes room for `rows` samples and some panels of neurons.
    pub(crate) fn new(plan: &Plan, rows: usize, panels: Range<usize>) -> FirstLayer<T> {
        let width = plan.layout.width;
        let inputs = plan.architecture.inputs().next_multiple_of(width);
        let neurons = panels.len() * width;
        FirstLayer {
            panels,
            rows: 0,
            inputs: Aligned::new(inputs * rows),
            activations: Aligned::new(neurons * rows),
            slopes: Aligned::new(neurons * rows),
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.inputs.bytes() + self.activations.bytes() + self.slopes.bytes()
    }

    /// Computes activations and slopes of samples: rows of a table of inputs.
    pub(crate) fn forward(&mut self, plan: &Plan, parameters: &[T], table: &[T], rows: Rows<'_>) {
        self.rows = rows.len();
        let stride = rows.len() * plan.layout.width;
        let matrix = PanelsMut { values: &mut self.inputs, stride };
        scatter(plan.isa, table, plan.architecture.inputs(), rows, matrix);
        let FirstLayer { panels, inputs, activations, slopes, .. } = self;
        let used = panels.len() * stride;
        let (values, slopes) = (&mut activations[..used], &mut slopes[..used]);
        let sources = Panels { values: inputs, stride };
        let out = PanelsMut { values, stride };
        weighted_sums(plan, parameters, 0, panels.clone(), sources, out, rows.len());
        activate(plan.isa, plan.architecture.layers()[0].activation, values, slopes);
    }

    /// Returns the inputs of all samples.
    pub(crate) fn inputs(&self, plan: &Plan) -> Panels<'_, T> {
        Panels { values: &self.inputs, stride: self.rows * plan.layout.width }
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
            let to = &mut to[self.panels.start * rows.len() * width..];
            copy_rows(Panels { values: from, stride }, width, rows.clone(), self.panels.len(), to);
        }
    }
}

/// Copies some rows of a matrix in panels into one without gaps.
pub(crate) fn copy_rows<T: Copy>(
    from: Panels<'_, T>,
    width: usize,
    rows: Range<usize>,
    panels: usize,
    to: &mut [T],
) {
    let count = rows.len() * width;
    for (panel, to) in to.chunks_exact_mut(count.max(1)).take(panels).enumerate() {
        to.copy_from_slice(&from.values[panel * from.stride + rows.start * width..][..count]);
    }
}
