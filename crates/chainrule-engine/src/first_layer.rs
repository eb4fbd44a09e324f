//! The first layer on several threads: each computes a part of the neurons, of
//! all samples of a batch.
//!
//! With a part of the samples each, as in the layers behind it, every thread
//! would read all weights, of which the others have just changed theirs: in a
//! small batch they are more than the inputs, and they would move from one
//! core's cache to the other's in every step. So each thread keeps its weights,
//! and copies the inputs of all samples for itself: a table's rows come from far,
//! but its multiply-adds hide what it waits for them, and neither forward pass nor
//! gradient reads what another core has just written.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::batch::{Plan, weighted_sums};
use crate::data::Table;
use crate::kernels::{Left, Panels, PanelsMut, activate};
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
    /// The inputs of all samples.
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
        let shares = layer.panels.div_ceil(threads) * threads;
        let is_even = layer.panels >= threads && shares * 6 <= layer.panels * 7;
        let bytes = input_numbers(plan, rows) * T::BYTES;
        threads > 1 && plan.layout.layers.len() > 1 && is_even && bytes <= MOST_BYTES
    }

    /// Makes room for `rows` samples and some panels of neurons.
    pub(crate) fn new(plan: &Plan, rows: usize, panels: Range<usize>) -> FirstLayer<T> {
        let width = plan.layout.width;
        let neurons = panels.len() * width;
        FirstLayer {
            panels,
            rows: 0,
            inputs: Aligned::new(input_numbers(plan, rows)),
            activations: Aligned::new(neurons * rows),
            slopes: Aligned::new(if plan.is_rectified(0) { 0 } else { neurons * rows }),
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.inputs.bytes() + self.activations.bytes() + self.slopes.bytes()
    }

    /// Takes all rows of a batch, and computes their activations and slopes.
    pub(crate) fn forward(&mut self, plan: &Plan, parameters: &[T], table: Table<'_, T>) {
        self.rows = table.rows.len();
        let stride = self.rows * plan.layout.width;
        let FirstLayer { panels, inputs, activations, slopes, .. } = self;
        let inputs = Left::Copied(table, PanelsMut { values: inputs, stride });
        let out = PanelsMut { values: activations, stride };
        let end = plan.end(0);
        weighted_sums(plan, parameters, 0, panels.clone(), inputs, out, self.rows, end);
        if !plan.is_rectified(0) {
            let used = panels.len() * stride;
            let (values, slopes) = (&mut activations[..used], &mut slopes[..used]);
            activate(plan.isa, plan.architecture.layers()[0].activation, values, slopes);
        }
    }

    /// Returns the inputs of all samples.
    pub(crate) fn inputs(&self, plan: &Plan) -> Panels<'_, T> {
        Panels { values: &self.inputs, stride: self.rows * plan.layout.width }
    }

    /// Copies the inputs of some samples.
    pub(crate) fn copy_inputs(&self, plan: &Plan, rows: Range<usize>, to: &mut [T]) {
        let panels = plan.architecture.inputs().div_ceil(plan.layout.width);
        self.copy_panels(plan, &self.inputs, panels, rows, to);
    }

    /// Copies activations and slopes of some samples to where they stand among
    /// those of all neurons.
    pub(crate) fn copy_outputs(
        &self,
        plan: &Plan,
        rows: Range<usize>,
        activations: &mut [T],
        slopes: &mut [T],
    ) {
        let start = self.panels.start * rows.len() * plan.layout.width;
        let panels = self.panels.len();
        for (from, to) in [(&self.activations, activations), (&self.slopes, slopes)] {
            if !to.is_empty() {
                self.copy_panels(plan, from, panels, rows.clone(), &mut to[start..]);
            }
        }
    }

    /// Copies some rows of a matrix in panels to one that has these alone.
    fn copy_panels(
        &self,
        plan: &Plan,
        from: &[T],
        panels: usize,
        rows: Range<usize>,
        to: &mut [T],
    ) {
        let width = plan.layout.width;
        let count = rows.len() * width;
        for (panel, to) in to.chunks_exact_mut(count.max(1)).take(panels).enumerate() {
            let start = (panel * self.rows + rows.start) * width;
            to.copy_from_slice(&from[start..][..count]);
        }
    }
}

/// Returns how many numbers the inputs of `rows` samples take in panels.
fn input_numbers(plan: &Plan, rows: usize) -> usize {
    plan.architecture.inputs().next_multiple_of(plan.layout.width) * rows
}
