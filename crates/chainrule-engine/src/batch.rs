//! The algorithm on many samples at once: forward, backward, gradient.
//!
//! This file stands beside [`chainrule::backprop`] and computes the same, with
//! the delta sign of [`DeltaSign::Gradient`] and the true gradient
//! ([`UpdateOrder::OldWeights`]); each function names the equation it speeds
//! up. One sample is one row of every matrix:
//!
//! ```text
//! forward    Z = A·Wᵀ + b          A′ = f(Z)
//! backward   D = (D′·W) ∘ f′(Z)    D, D′: of this layer and the next
//! gradient   ∂E/∂W = Dᵀ·A          ∂E/∂b = Σ rows of D
//! ```
//!
//! Not for deciding: batches, rates and when to stop are the
//! [`trainer`](crate::trainer)'s.
//!
//! [`DeltaSign::Gradient`]: chainrule::convention::DeltaSign::Gradient
//! [`UpdateOrder::OldWeights`]: chainrule::convention::UpdateOrder::OldWeights

use std::ops::Range;

use chainrule::activation::Activation;

use crate::aligned::Aligned;
use crate::architecture::{Architecture, Bias};
use crate::data::Table;
use crate::dropout::Dropout;
use crate::first_layer::FirstLayer;
use crate::kernels::{
    End, INNER_BLOCK, Isa, Left, Panels, PanelsMut, Start, activate, column_sums, gradient,
    multiply, product, scatter, transpose,
};
use crate::layout::Layout;
use crate::objective::{Objective, OutputRow};
use crate::real::Real;

/// What stays the same for every batch.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) isa: Isa,
    pub(crate) architecture: Architecture,
    pub(crate) layout: Layout,
}

impl Plan {
    /// Lays out an architecture for an instruction set.
    pub(crate) fn new<T: Real>(architecture: &Architecture, isa: Isa) -> Plan {
        let layout = Layout::new(architecture, isa.panel_width::<T>());
        Plan { isa, architecture: architecture.clone(), layout }
    }

    /// Tells whether a layer's weighted sums end as their `ReLU`, from which its slopes
    /// follow, so that none are kept. Where activations are dropped they do not.
    pub(crate) fn is_rectified(&self, layer: usize) -> bool {
        let is_hidden = layer + 1 < self.architecture.layers().len();
        let spec = &self.architecture.layers()[layer];
        is_hidden && spec.activation == Activation::Relu && spec.dropout == 0.0
    }

    /// Returns how the weighted sums of a layer end: as its activations, or as they are.
    pub(crate) fn end<T>(&self, layer: usize) -> End<'static, T> {
        if self.is_rectified(layer) { End::Relu } else { End::Sums }
    }
}

/// A block of samples with room for all that a pass computes of them.
///
/// Matrices lie in panels without gaps: `rows·width` numbers from one panel to
/// the next, whatever the block could hold.
#[derive(Clone, Debug)]
pub(crate) struct Block<T> {
    /// How many samples it holds now.
    rows: usize,
    inputs: Aligned<T>,
    layers: Vec<LayerBuffers<T>>,
    targets: Aligned<T>,
    /// What each row's deltas are multiplied by.
    factors: Vec<T>,
    /// The loss of each row.
    losses: Vec<T>,
    /// A part of the weights, the other way round.
    turned: Aligned<T>,
    output_row: OutputRow,
    dropout: Option<Dropout<T>>,
    /// Whether activations are dropped in this pass.
    is_dropping: bool,
}

/// Where a pass begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begin<'a, T> {
    /// With the inputs that were [set](Block::set_inputs).
    Inputs,
    /// With rows of a table, which become the inputs while the first layer multiplies.
    Table(Table<'a, T>),
    /// Behind the first layer, which was [taken](Block::take_first_layer).
    BehindFirst,
}

impl<'a, T> Begin<'a, T> {
    /// Returns the first layer whose sums are computed, and rows that it copies.
    fn parts(self) -> (usize, Option<Table<'a, T>>) {
        match self {
            Begin::Inputs => (0, None),
            Begin::Table(table) => (0, Some(table)),
            Begin::BehindFirst => (1, None),
        }
    }
}

/// What a pass computes in one layer.
#[derive(Clone, Debug)]
struct LayerBuffers<T> {
    /// Pre-activations, then activations; of the last layer, then deltas.
    activations: Aligned<T>,
    /// `f′(z)`; where activations are dropped, 0. Of [rectified](Plan::is_rectified)
    /// layers empty.
    slopes: Aligned<T>,
    /// Deltas; of the last layer empty.
    deltas: Aligned<T>,
}

impl<T: Real> Block<T> {
    /// Makes room for `rows` samples in training.
    pub(crate) fn for_training(plan: &Plan, rows: usize, seed: u64) -> Block<T> {
        let mut block = Block::new(plan, rows, true);
        if plan.architecture.has_dropout() {
            block.dropout = Some(Dropout::new(&plan.architecture, rows, plan.layout.width, seed));
        }
        block
    }

    /// Makes room for `rows` samples in prediction.
    pub(crate) fn for_prediction(plan: &Plan, rows: usize) -> Block<T> {
        Block::new(plan, rows, false)
    }

    fn new(plan: &Plan, rows: usize, is_trained: bool) -> Block<T> {
        let width = plan.layout.width;
        let numbers = |columns: usize| columns.next_multiple_of(width) * rows;
        let count = plan.layout.layers.len();
        let layers = plan.layout.layers.iter().enumerate().map(|(index, layer)| {
            let size = numbers(layer.outputs);
            let (slopes, deltas) = match (is_trained, index + 1 == count) {
                (false, _) => (0, 0),
                (true, true) => (size, 0),
                (true, false) if plan.is_rectified(index) => (0, size),
                (true, false) => (size, size),
            };
            LayerBuffers {
                activations: Aligned::new(size),
                slopes: Aligned::new(slopes),
                deltas: Aligned::new(deltas),
            }
        });
        let outputs = plan.architecture.outputs();
        let kept = if is_trained { rows } else { 0 };
        Block {
            rows: 0,
            inputs: Aligned::new(numbers(plan.architecture.inputs())),
            layers: layers.collect(),
            targets: Aligned::new(if is_trained { numbers(outputs) } else { 0 }),
            factors: vec![T::ZERO; kept],
            losses: vec![T::ZERO; kept],
            turned: Aligned::new(if is_trained { INNER_BLOCK * width } else { 0 }),
            output_row: OutputRow::new(outputs),
            dropout: None,
            is_dropping: false,
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let layers = self
            .layers
            .iter()
            .map(|layer| layer.activations.bytes() + layer.slopes.bytes() + layer.deltas.bytes());
        let rows = (self.factors.len() + self.losses.len()) * T::BYTES;
        let dropout = self.dropout.as_ref().map_or(0, Dropout::bytes);
        let matrices = self.inputs.bytes() + self.targets.bytes() + self.turned.bytes();
        layers.sum::<usize>() + matrices + rows + dropout
    }

    /// Returns how many samples it holds.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Says how many samples come next; with the number of the first of them
    /// since training began, activations are dropped.
    pub(crate) fn begin(&mut self, rows: usize, first_row: Option<u64>) {
        self.rows = rows;
        self.is_dropping = first_row.is_some() && self.dropout.is_some();
        if let (Some(dropout), Some(first_row)) = (&mut self.dropout, first_row) {
            dropout.begin(first_row);
        }
    }

    /// Takes rows of a table as the inputs of its samples.
    pub(crate) fn set_inputs(&mut self, plan: &Plan, table: Table<'_, T>) {
        let matrix = PanelsMut { values: &mut self.inputs, stride: self.rows * plan.layout.width };
        scatter(plan.isa, table, matrix);
    }

    /// Takes rows of a table as the targets of its samples; `factor` says what the
    /// deltas of one are multiplied by.
    pub(crate) fn set_targets(
        &mut self,
        plan: &Plan,
        table: Table<'_, T>,
        factor: impl Fn(usize) -> T,
    ) {
        let matrix = PanelsMut { values: &mut self.targets, stride: self.rows * plan.layout.width };
        scatter(plan.isa, table, matrix);
        for (row, to) in self.factors[..self.rows].iter_mut().enumerate() {
            *to = factor(table.rows.sample(row));
        }
    }

    /// Moves targets towards the mean of what they could be:
    /// `t = (1−smoothing)·t + smoothing·share` (Szegedy et al. 2016, §7).
    pub(crate) fn smooth_targets(&mut self, plan: &Plan, smoothing: T, share: T) {
        let width = plan.layout.width;
        let columns = plan.architecture.outputs();
        let stride = self.rows * width;
        for row in 0..self.rows {
            for column in 0..columns {
                let target =
                    &mut self.targets[column / width * stride + row * width + column % width];
                *target = (T::ONE - smoothing) * *target + smoothing * share;
            }
        }
    }

    /// Takes the inputs of its samples, which begin at `first_row`, from a part of the
    /// first layer.
    pub(crate) fn take_inputs(&mut self, plan: &Plan, part: &FirstLayer<T>, first_row: usize) {
        part.copy_inputs(plan, first_row..first_row + self.rows, &mut self.inputs);
    }

    /// Takes activations and slopes of the first layer from what computed them:
    /// those of this block's samples, which begin at `first_row`.
    pub(crate) fn take_first_layer<'a>(
        &mut self,
        plan: &Plan,
        parts: impl Iterator<Item = &'a FirstLayer<T>>,
        first_row: usize,
    ) where
        T: 'a,
    {
        let rows = first_row..first_row + self.rows;
        let LayerBuffers { activations, slopes, .. } = &mut self.layers[0];
        for part in parts {
            part.copy_outputs(plan, rows.clone(), activations, slopes);
        }
    }

    /// Returns the losses of the samples.
    pub(crate) fn losses(&self) -> &[T] {
        &self.losses[..self.rows]
    }

    /// Returns the outputs, after [`predict`](Self::predict).
    pub(crate) fn outputs(&self, plan: &Plan) -> Panels<'_, T> {
        self.activations(plan, plan.layout.layers.len() - 1)
    }

    /// Returns the inputs of its samples.
    fn inputs(&self, plan: &Plan) -> Panels<'_, T> {
        Panels { values: &self.inputs, stride: self.rows * plan.layout.width }
    }

    /// Returns what leads into a layer: inputs or activations.
    fn sources(&self, plan: &Plan, layer: usize) -> Panels<'_, T> {
        if layer == 0 { self.inputs(plan) } else { self.activations(plan, layer - 1) }
    }

    fn activations(&self, plan: &Plan, layer: usize) -> Panels<'_, T> {
        let stride = self.rows * plan.layout.width;
        Panels { values: &self.layers[layer].activations, stride }
    }

    /// Returns the deltas of a layer, after [`backward`](Self::backward).
    fn deltas(&self, plan: &Plan, layer: usize) -> Panels<'_, T> {
        let LayerBuffers { activations, deltas, .. } = &self.layers[layer];
        let is_last = layer + 1 == self.layers.len();
        let values = if is_last { activations } else { deltas };
        Panels { values, stride: self.rows * plan.layout.width }
    }

    /// Returns the deltas of a task's panel of neurons.
    fn deltas_of(&self, plan: &Plan, task: &Task) -> &[T] {
        let deltas = self.deltas(plan, task.layer);
        &deltas.values[task.panel * deltas.stride..][..deltas.stride]
    }

    /// Computes the [weighted sums](weighted_sums) of one layer; those of the first may
    /// take a table's rows as its inputs.
    fn weighted_sums(
        &mut self,
        plan: &Plan,
        parameters: &[T],
        layer: usize,
        inputs: Option<Table<'_, T>>,
        end: End<'_, T>,
    ) {
        let stride = self.rows * plan.layout.width;
        let panels = 0..plan.layout.layers[layer].panels;
        let (before, after) = self.layers.split_at_mut(layer);
        let sources = match (before.last(), inputs) {
            (Some(before), _) => Left::Panels(Panels { values: &before.activations, stride }),
            (None, None) => Left::Panels(Panels { values: &self.inputs, stride }),
            (None, Some(table)) => {
                Left::Copied(table, PanelsMut { values: &mut self.inputs, stride })
            }
        };
        let out = PanelsMut { values: &mut after[0].activations, stride };
        weighted_sums(plan, parameters, layer, panels, sources, out, self.rows, end);
    }

    /// Computes the outputs of all rows: `Z = A·Wᵀ + b`, `A′ = f(Z)`.
    pub(crate) fn predict(&mut self, plan: &Plan, objective: &Objective, parameters: &[T]) {
        let count = self.layers.len();
        for layer in 0..count {
            self.weighted_sums(plan, parameters, layer, None, plan.end(layer));
            let place = &plan.layout.layers[layer];
            let stride = self.rows * plan.layout.width;
            let values = &mut self.layers[layer].activations[..place.panels * stride];
            if layer + 1 == count {
                let mut z = PanelsMut { values, stride };
                objective.outputs(plan.isa, &mut z, self.rows, place.outputs);
            } else if !plan.is_rectified(layer) {
                let activation = plan.architecture.layers()[layer].activation;
                activate(plan.isa, activation, values, &mut []);
            }
        }
    }

    /// Computes activations, losses and deltas of all rows.
    pub(crate) fn forward_backward(
        &mut self,
        plan: &Plan,
        objective: &Objective,
        parameters: &[T],
        begin: Begin<'_, T>,
    ) {
        self.forward(plan, parameters, begin);
        self.output_deltas(plan, objective);
        for layer in (0..self.layers.len() - 1).rev() {
            self.hidden_deltas(plan, parameters, layer);
        }
    }

    /// The products of a pass alone, for benchmarks: the weighted sums of the last layer
    /// stand for its deltas.
    pub(crate) fn products(&mut self, plan: &Plan, parameters: &[T], begin: Begin<'_, T>) {
        let (first, inputs) = begin.parts();
        for layer in first..self.layers.len() {
            self.weighted_sums(plan, parameters, layer, inputs, plan.end(layer));
        }
        for layer in (0..self.layers.len() - 1).rev() {
            self.hidden_deltas(plan, parameters, layer);
        }
    }

    /// `a_j = f(z_j)` in hidden layers, with the slopes `f′(z_j)`; in the last
    /// layer `z_j` only.
    fn forward(&mut self, plan: &Plan, parameters: &[T], begin: Begin<'_, T>) {
        let (first, inputs) = begin.parts();
        let hidden = self.layers.len() - 1;
        for layer in 0..hidden {
            let is_given = layer < first;
            if !is_given {
                self.weighted_sums(plan, parameters, layer, inputs, plan.end(layer));
            }
            if plan.is_rectified(layer) {
                continue;
            }
            let spec = &plan.architecture.layers()[layer];
            let used = plan.layout.layers[layer].panels * self.rows * plan.layout.width;
            let LayerBuffers { activations, slopes, .. } = &mut self.layers[layer];
            let (values, slopes) = (&mut activations[..used], &mut slopes[..used]);
            if !is_given {
                activate(plan.isa, spec.activation, values, slopes);
            }
            if spec.dropout > 0.0
                && self.is_dropping
                && let Some(dropout) = &mut self.dropout
            {
                // What is dropped has activation 0 and slope 0.
                let factors = dropout.draw(layer, spec.dropout, self.rows, plan.layout.width, used);
                multiply(plan.isa, values, factors);
                multiply(plan.isa, slopes, factors);
            }
        }
        self.weighted_sums(plan, parameters, hidden, inputs, End::Sums);
    }

    /// `δ_j = ∂E/∂a_j · f′(z_j)` of the last layer, times the row's factor.
    fn output_deltas(&mut self, plan: &Plan, objective: &Objective) {
        let last = self.layers.len() - 1;
        let place = &plan.layout.layers[last];
        let stride = self.rows * plan.layout.width;
        let used = place.panels * stride;
        let LayerBuffers { activations, slopes, .. } = &mut self.layers[last];
        objective.deltas(
            plan.isa,
            PanelsMut { values: &mut activations[..used], stride },
            &mut slopes[..used],
            Panels { values: &self.targets, stride },
            &self.factors[..self.rows],
            &mut self.losses[..self.rows],
            place.outputs,
            &mut self.output_row,
        );
    }

    /// `δ_j = (Σ_k w_kj·δ_k) · f′(z_j)`, k over the next layer, for all rows:
    /// `D = (D′·W) ∘ f′(Z)`.
    fn hidden_deltas(&mut self, plan: &Plan, parameters: &[T], layer: usize) {
        let width = plan.layout.width;
        let stride = self.rows * width;
        let next = &plan.layout.layers[layer + 1];
        let weights = next.view(parameters);
        let (before, after) = self.layers.split_at_mut(layer + 1);
        let LayerBuffers { activations, slopes, deltas } = &mut before[layer];
        let next_deltas = if after.len() == 1 { &after[0].activations } else { &after[0].deltas };
        // The sum over k in parts: a part's deltas of all rows stay in the
        // second-level cache while the panels of j pass by.
        let part = (65_536 / self.rows.max(1)).clamp(64, INNER_BLOCK) / width * width;
        let panels = next.inputs.div_ceil(width);
        let mut k = 0;
        while k < next.outputs {
            let count = part.min(next.outputs - k);
            let from = Panels { values: &next_deltas[k / width * stride..], stride };
            let rows = count.next_multiple_of(width);
            let square = rows * width;
            // Short sums: several panels in one product, since a call costs as much
            // as the sums of one.
            let group = (self.turned.len() / 4 / square).max(1);
            let mut panel = 0;
            while panel < panels {
                let end = panels.min(panel + group);
                // W the other way round: row k, column j of these panels.
                for (j, turned) in (panel..end).zip(self.turned.chunks_exact_mut(square)) {
                    transpose(plan.isa, weights, next.inputs, j * width, k, rows, turned);
                }
                let times_slopes = plan.is_rectified(layer) && k + count == next.outputs;
                let slopes = Panels { values: &activations[panel * stride..], stride };
                let after = (end < panels).then(|| weights.part(k / width, end * width, width));
                product(
                    plan.isa,
                    Left::Panels(from),
                    Panels { values: &self.turned, stride: square },
                    PanelsMut { values: &mut deltas[panel * stride..], stride },
                    self.rows,
                    count,
                    end - panel,
                    if k == 0 { Start::Zero } else { Start::Given },
                    if times_slopes { End::TimesSlopesOfRelu(slopes) } else { End::Sums },
                    after,
                );
                panel = end;
            }
            k += count;
        }
        let used = next.inputs.div_ceil(width) * stride;
        if !plan.is_rectified(layer) {
            multiply(plan.isa, &mut deltas[..used], &slopes[..used]);
        }
    }

    /// Computes activations and slopes of all layers, the last one too, for
    /// [`derivatives`](Self::derivatives).
    pub(crate) fn linearize(&mut self, plan: &Plan, parameters: &[T]) {
        self.forward(plan, parameters, Begin::Inputs);
        let last = self.layers.len() - 1;
        let used = plan.layout.layers[last].panels * self.rows * plan.layout.width;
        let LayerBuffers { activations, slopes, .. } = &mut self.layers[last];
        let activation = plan.architecture.layers()[last].activation;
        activate(plan.isa, activation, &mut activations[..used], &mut slopes[..used]);
    }

    /// Returns an output of a row, after [`linearize`](Self::linearize).
    pub(crate) fn output(&self, plan: &Plan, row: usize, output: usize) -> T {
        let last = self.layers.len() - 1;
        self.layers[last].activations[self.place(plan, row, output)]
    }

    fn place(&self, plan: &Plan, row: usize, column: usize) -> usize {
        let width = plan.layout.width;
        column / width * self.rows * width + row * width + column % width
    }

    /// Computes for all rows `∂z/∂z_out · f′` of one output: its own delta if
    /// the loss were the output itself. The outputs are lost.
    pub(crate) fn deltas_of_output(&mut self, plan: &Plan, parameters: &[T], output: usize) {
        let last = self.layers.len() - 1;
        let used = plan.layout.layers[last].panels * self.rows * plan.layout.width;
        self.layers[last].activations[..used].fill(T::ZERO);
        for row in 0..self.rows {
            let place = self.place(plan, row, output);
            let LayerBuffers { activations, slopes, .. } = &mut self.layers[last];
            activations[place] = slopes[place];
        }
        for layer in (0..last).rev() {
            self.hidden_deltas(plan, parameters, layer);
        }
    }

    /// Writes the derivative of one row by every parameter, `δ_j·a_i` and
    /// `δ_j`, into the layout of the parameters.
    pub(crate) fn derivatives(&self, plan: &Plan, row: usize, out: &mut [T]) {
        let width = plan.layout.width;
        for (index, layer) in plan.layout.layers.iter().enumerate() {
            let (sources, deltas) = (self.sources(plan, index), self.deltas(plan, index));
            for panel in 0..layer.panels {
                let deltas = &deltas.values[panel * deltas.stride + row * width..][..width];
                let out = &mut out[layer.offset + panel * layer.stride..][..layer.stride];
                for (i, out) in out.chunks_exact_mut(width).enumerate() {
                    let a = if i == layer.inputs {
                        T::ONE
                    } else {
                        sources.values[self.place(plan, row, i)]
                    };
                    for (out, &delta) in out.iter_mut().zip(deltas) {
                        *out = delta * a;
                    }
                }
            }
        }
    }

    /// Returns the largest magnitude of a pre-activation, and its layer from 0:
    /// another forward pass, for the message when training diverges.
    pub(crate) fn largest_pre_activation(&mut self, plan: &Plan, parameters: &[T]) -> (T, usize) {
        let mut largest = (T::ZERO, 0);
        let count = self.layers.len();
        for layer in 0..count {
            self.weighted_sums(plan, parameters, layer, None, End::Sums);
            let used = plan.layout.layers[layer].panels * self.rows * plan.layout.width;
            let values = &mut self.layers[layer].activations[..used];
            for z in values.iter().map(|z| z.abs()) {
                // A z that is not a number ends the search: what led to it is
                // in this layer or before.
                if z > largest.0 || !z.is_finite() {
                    largest = (z, layer);
                }
                if !z.is_finite() {
                    return largest;
                }
            }
            if layer + 1 < count {
                activate(plan.isa, plan.architecture.layers()[layer].activation, values, &mut []);
            }
        }
        largest
    }
}

/// `z_j = Σ_i w_ji·a_i + b_j` of some panels of a layer's neurons, for all rows:
/// `Z = A·Wᵀ + b`; or `f(z_j)`, if that is how they end.
#[expect(clippy::too_many_arguments, reason = "each is a matrix or a size of its own")]
pub(crate) fn weighted_sums<T: Real>(
    plan: &Plan,
    parameters: &[T],
    layer: usize,
    panels: Range<usize>,
    sources: Left<'_, T>,
    out: PanelsMut<'_, T>,
    rows: usize,
    end: End<'_, T>,
) {
    let place = &plan.layout.layers[layer];
    let weights = place.view(parameters);
    let weights = Panels { values: &weights.values[panels.start * weights.stride..], ..weights };
    let (inputs, start) = (place.inputs, place.start());
    product(plan.isa, sources, weights, out, rows, inputs, panels.len(), start, end, None);
}

/// Parameters whose gradient is computed in one go: the weights of some inputs of
/// one panel of neurons, with the last of them the biases of the panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    /// The layer.
    layer: usize,
    /// The panel of its neurons.
    panel: usize,
    /// The inputs.
    inputs: Range<usize>,
    /// Where the parameters lie in the flat buffer.
    pub(crate) place: Range<usize>,
    /// How many of them are weights; biases, if there are any, follow.
    pub(crate) weights: usize,
}

/// The inputs that one task takes: with AVX2 or AVX-512, 4 or 8 kB of singles.
pub(crate) const TASK_INPUTS: usize = 64;

/// The activations that are gone through again for each panel of neurons: of singles,
/// a quarter of a megabyte.
const GROUP_ACTIVATIONS: usize = 1 << 16;

/// Cuts all trained parameters into tasks, for each thread those it begins
/// with, in the order they are best done for batches of `rows` samples: some
/// neurons of a layer, or of narrow layers some inputs.
pub(crate) fn tasks(layout: &Layout, threads: usize, rows: usize) -> Vec<Vec<Task>> {
    let mut tasks = vec![Vec::new(); threads];
    let group = (GROUP_ACTIVATIONS / rows).max(1).next_multiple_of(TASK_INPUTS);
    for (index, layer) in layout.layers.iter().enumerate() {
        for (part, tasks) in tasks.iter_mut().enumerate() {
            let (panels, inputs) = if layer.panels < threads {
                let panels = even_part(layer.inputs.div_ceil(layout.width), part, threads);
                let end = layer.inputs.min(panels.end * layout.width);
                (0..layer.panels, panels.start * layout.width..end)
            } else {
                (even_part(layer.panels, part, threads), 0..layer.inputs)
            };
            layer_tasks(layout, index, panels, inputs, group, tasks);
        }
    }
    tasks
}

/// Returns a part of `count` things that are shared out evenly.
pub(crate) fn even_part(count: usize, part: usize, parts: usize) -> Range<usize> {
    count * part / parts..count * (part + 1) / parts
}

/// Adds the tasks of some neurons and inputs of a layer, a group of inputs after
/// the other.
fn layer_tasks(
    layout: &Layout,
    index: usize,
    panels: Range<usize>,
    inputs: Range<usize>,
    group: usize,
    tasks: &mut Vec<Task>,
) {
    let width = layout.width;
    let layer = &layout.layers[index];
    let mut start = inputs.start;
    while start < inputs.end {
        let group_end = inputs.end.min(start + group);
        for panel in panels.clone() {
            let offset = layer.offset + panel * layer.stride;
            let mut input = start;
            while input < group_end {
                let end = group_end.min(input + TASK_INPUTS);
                let has_biases = layer.bias == Bias::Trained && end == layer.inputs;
                let last_row = end + usize::from(has_biases);
                tasks.push(Task {
                    layer: index,
                    panel,
                    inputs: input..end,
                    place: offset + input * width..offset + last_row * width,
                    weights: (end - input) * width,
                });
                input = end;
            }
        }
        start = group_end;
    }
}

/// Returns the largest number of parameters of a task.
pub(crate) fn largest_task(layout: &Layout) -> usize {
    (TASK_INPUTS + 1) * layout.width
}

/// What is read soon after the gradient of a task, and may lie far.
pub(crate) struct Next<'a, T> {
    /// The task's part of each buffer that the step reads or writes.
    pub(crate) parts: [&'a [T]; 6],
    /// The task that comes next.
    pub(crate) task: Option<&'a Task>,
}

/// `∂E/∂w_ji = Σ δ_j·a_i` and `∂E/∂b_j = Σ δ_j` over the rows of all blocks,
/// for the parameters of one task.
///
/// `is_added` adds to what is there. Where a thread has its part of the first layer,
/// that has the inputs of all blocks. What comes `next` is asked for.
pub(crate) fn task_gradient<T: Real>(
    plan: &Plan,
    blocks: &[Block<T>],
    first_layer: Option<&FirstLayer<T>>,
    task: &Task,
    is_added: bool,
    out: &mut [T],
    next: Option<&Next<'_, T>>,
) {
    let width = plan.layout.width;
    let (of_weights, of_biases) = out.split_at_mut(task.weights);
    let mut first_row = 0;
    for (number, block) in blocks.iter().filter(|block| block.rows > 0).enumerate() {
        let is_added = is_added || number > 0;
        let deltas = block.deltas_of(plan, task);
        let (sources, row) = match first_layer {
            Some(part) if task.layer == 0 => (part.inputs(plan), first_row),
            _ => (block.sources(plan, task.layer), 0),
        };
        let inputs = sources.part(task.inputs.start / width, row, width);
        first_row += block.rows;
        let ahead = next.map(|next| {
            let mut ahead = [&[][..]; 7];
            if number == 0 {
                ahead[..6].copy_from_slice(&next.parts);
            }
            let comes_new = |next: &&Task| (next.layer, next.panel) != (task.layer, task.panel);
            let deltas = next.task.filter(comes_new).map(|task| block.deltas_of(plan, task));
            ahead[6] = deltas.unwrap_or_default();
            ahead
        });
        let ahead = ahead.as_ref();
        let (rows, count) = (block.rows, task.inputs.len());
        gradient(plan.isa, inputs, deltas, rows, count, is_added, of_weights, ahead);
        if !of_biases.is_empty() {
            column_sums(plan.isa, deltas, rows, is_added, of_biases);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::LayerSpec;

    #[test]
    fn tasks_take_every_parameter_once_whatever_the_batch() {
        let layers = [150, 40, 3].map(|width| LayerSpec::new(width, Activation::Tanh));
        let architecture = Architecture::new(700, layers.to_vec()).expect("the widths are above 0");
        let layout = Layout::new(&architecture, 16);
        for (threads, rows) in [(1, 1), (2, 64), (3, 512), (5, 100_000), (1, usize::MAX)] {
            let mut places: Vec<Range<usize>> = tasks(&layout, threads, rows)
                .into_iter()
                .flatten()
                .map(|task| task.place)
                .collect();
            places.sort_unstable_by_key(|place| place.start);
            assert_eq!((places[0].start, places[places.len() - 1].end), (0, layout.length));
            assert!(
                places.windows(2).all(|pair| pair[0].end == pair[1].start),
                "{threads}, {rows}"
            );
            assert!(places.iter().all(|place| place.len() <= largest_task(&layout)));
        }
    }
}
