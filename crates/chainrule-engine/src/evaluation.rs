//! Loss and gradient of samples, at given parameters.
//!
//! This is where threads come in: each has a block of rows for the forward and
//! backward pass, unless the first layer's forward pass is [shared by
//! neurons](crate::first_layer); then each computes the gradient of a part of
//! the weights, from all rows. Which thread does what changes no bit: a row's
//! numbers do not depend on the rows beside it, and every gradient is summed
//! over the rows in their order.

use std::ops::Range;

use crate::aligned::Aligned;
use crate::batch::{Begin, Block, Next, Plan, Task, even_part, largest_task, task_gradient, tasks};
use crate::data::{Rows, Samples};
use crate::first_layer::FirstLayer;
use crate::kernels::{NEAR_BYTES, Online, Pool, Ranges, Rule, Run, online_steps};
use crate::layout::Layout;
use crate::objective::Objective;
use crate::real::Real;

/// What the losses of a batch add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LossSum {
    /// `Σ weight·E`
    pub(crate) loss: f64,
    /// `Σ weight`
    pub(crate) weight: f64,
}

impl LossSum {
    /// Returns the mean, 0 where nothing counts.
    pub(crate) fn mean(self) -> f64 {
        if self.weight > 0.0 { self.loss / self.weight } else { 0.0 }
    }

    /// Adds another batch.
    #[inline]
    pub(crate) fn add(&mut self, other: LossSum) {
        self.loss += other.loss;
        self.weight += other.weight;
    }
}

/// What computes loss and gradient of batches; everything it needs is there
/// before the first.
#[derive(Debug)]
pub(crate) struct Evaluator<T> {
    pub(crate) plan: Plan,
    pub(crate) objective: Objective,
    pool: Pool,
    blocks: Vec<Block<T>>,
    capacity: usize,
    tasks: Vec<Task>,
    ranges: Ranges,
    /// What belongs to each thread.
    locals: Vec<Local<T>>,
    /// For steps on one sample, if a single kernel can make them.
    pub(crate) online: Option<Online<T>>,
    /// The sample of the last batch, if it was one of these.
    last_online: Option<usize>,
    /// The smoothing of targets, and what they move towards.
    smoothing: Option<(T, T)>,
    /// The derivatives of one output.
    jacobian_row: Aligned<T>,
}

/// What belongs to one thread.
#[derive(Debug)]
struct Local<T> {
    /// Room for the gradient of one task.
    gradient: Aligned<T>,
    /// Its neurons of the first layer, if the threads share these.
    first_layer: Option<FirstLayer<T>>,
}

/// The multiply-adds of a batch from which on a thread more pays.
const WORTH_A_THREAD: usize = 500_000;

impl<T: Real> Evaluator<T> {
    /// Makes room for batches of up to `capacity` samples.
    pub(crate) fn new(
        plan: Plan,
        objective: Objective,
        capacity: usize,
        threads: usize,
        seed: u64,
    ) -> Evaluator<T> {
        let work = capacity.saturating_mul(plan.layout.length);
        let useful = threads.min(work / WORTH_A_THREAD);
        Evaluator::with_threads(plan, objective, capacity, useful, seed)
    }

    /// Makes room as [`new`](Self::new), with that many threads whether they
    /// pay or not.
    pub(crate) fn with_threads(
        plan: Plan,
        objective: Objective,
        capacity: usize,
        threads: usize,
        seed: u64,
    ) -> Evaluator<T> {
        let capacity = capacity.max(1);
        let pool = Pool::new(threads.clamp(1, capacity));
        let rows = capacity.div_ceil(pool.count());
        let blocks = (0..capacity.div_ceil(rows)).map(|_| Block::for_training(&plan, rows, seed));
        let blocks = blocks.collect();
        let threads = pool.count();
        let tasks = tasks(&plan.layout, threads, capacity);
        let places = |tasks: &Vec<Task>| tasks.iter().map(|task| task.place.clone()).collect();
        let ranges = Ranges::new(tasks.iter().map(places));
        let shares_first_layer = FirstLayer::<T>::is_worth_it(&plan, capacity, threads);
        let locals = (0..threads).map(|thread| {
            let first_layer = shares_first_layer.then(|| {
                let panels = even_part(plan.layout.layers[0].panels, thread, threads);
                FirstLayer::new(&plan, capacity, panels)
            });
            Local { gradient: Aligned::new(largest_task(&plan.layout)), first_layer }
        });
        let locals = locals.collect();
        let is_simple = objective.ending().is_some() && !plan.architecture.has_dropout();
        let online = (is_simple && pool.count() == 1).then(|| Online::new(&plan.layout, true));
        Evaluator {
            plan,
            objective,
            pool,
            blocks,
            capacity,
            tasks: tasks.into_iter().flatten().collect(),
            ranges,
            locals,
            online,
            last_online: None,
            smoothing: None,
            jacobian_row: Aligned::new(0),
        }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Block::bytes).sum();
        let locals = self.locals.iter().map(|Local { gradient, first_layer }| {
            gradient.bytes() + first_layer.as_ref().map_or(0, FirstLayer::bytes)
        });
        let online = self.online.as_ref().map_or(0, Online::bytes);
        blocks + locals.sum::<usize>() + online + self.jacobian_row.bytes()
    }

    /// Moves the targets of training towards `share` by `smoothing`.
    pub(crate) fn smooth_targets(&mut self, smoothing: f64, share: f64) {
        self.smoothing = (smoothing > 0.0).then(|| (T::from_f64(smoothing), T::from_f64(share)));
    }

    /// Computes activations and deltas of a batch, of at most as many samples
    /// as there is room for.
    ///
    /// Deltas are divided by `divisor`, or by the weight of the batch. With
    /// `first_row`, the number of the batch's first row since training began,
    /// activations are dropped and targets smoothed.
    pub(crate) fn forward_backward(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        divisor: Option<f64>,
        first_row: Option<u64>,
    ) -> LossSum {
        self.last_online = None;
        let weight = weight_of(samples, rows);
        let divisor = divisor.unwrap_or(weight);
        // Divided, not multiplied by an inverse: the weight of a single row over itself
        // is 1, as in the kernel of one sample.
        let share = |weight: f64| if divisor > 0.0 { weight / divisor } else { 0.0 };
        let (objective, smoothing) = (self.objective, self.smoothing);
        let targets = samples.target_table(rows);
        self.pass(parameters, samples, rows, first_row, |plan, block, part, begin| {
            let factor = |sample| T::from_f64(share(samples.weight(sample).to_f64()));
            block.set_targets(plan, targets.part(part), factor);
            if let (Some((smoothing, share)), Some(_)) = (smoothing, first_row) {
                block.smooth_targets(plan, smoothing, share);
            }
            block.forward_backward(plan, &objective, parameters, begin);
        });
        let losses = self.blocks.iter().flat_map(Block::losses).enumerate();
        let loss = losses.map(|(row, loss)| weighted(samples.weight(rows.sample(row)), *loss));
        LossSum { loss: loss.sum(), weight }
    }

    /// Computes the [products](Block::products) of a batch alone.
    pub(crate) fn products(&mut self, parameters: &[T], samples: &Samples<'_, T>, rows: Rows<'_>) {
        self.pass(parameters, samples, rows, None, |plan, block, _, begin| {
            block.products(plan, parameters, begin);
        });
    }

    /// Calls `work` with each thread's block, those of the batch's rows that are in it,
    /// and where the pass begins.
    fn pass(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        first_row: Option<u64>,
        work: impl Fn(&Plan, &mut Block<T>, Range<usize>, Begin<'_, T>) + Sync,
    ) {
        let share = rows.len().div_ceil(self.blocks.len());
        let Evaluator { plan, pool, blocks, locals, .. } = self;
        let (plan, inputs) = (&*plan, samples.input_table(rows));
        let shares_first_layer = locals[0].first_layer.is_some();
        if shares_first_layer {
            pool.for_each(locals, |_, local| {
                let part = local.first_layer.as_mut().expect("every thread has its part");
                part.forward(plan, parameters, inputs);
            });
        }
        let parts = locals.iter().filter_map(|local| local.first_layer.as_ref());
        pool.for_each(blocks, |index, block| {
            let start = rows.len().min(index * share);
            let end = rows.len().min(start + share);
            block.begin(end - start, first_row.map(|first| first + start as u64));
            if start == end {
                return;
            }
            let inputs = inputs.part(start..end);
            let begin = if shares_first_layer {
                block.take_first_layer(plan, parts.clone(), start);
                Begin::BehindFirst
            } else if size_of_val(inputs.values) > NEAR_BYTES {
                Begin::Table(inputs)
            } else {
                block.set_inputs(plan, inputs);
                Begin::Inputs
            };
            work(plan, block, start..end, begin);
        });
    }

    /// Tells whether steps on one sample can be made by a single kernel.
    pub(crate) fn makes_online_steps(&self) -> bool {
        self.online.is_some() && self.smoothing.is_none()
    }

    /// Says what each of the next steps on one sample does with its gradient, or
    /// what all do.
    pub(crate) fn plan_online_steps(&mut self, rules: impl Iterator<Item = Rule>) {
        if let Some(online) = &mut self.online {
            online.plan_steps(rules);
        }
    }

    /// Makes the planned steps on one sample each in one go, forward, backward
    /// and update, and adds up their losses; returns how many, and the last
    /// loss. Where a loss is not finite, its step is not made.
    ///
    /// # Panics
    /// If a single kernel cannot make them, or not as many were planned.
    pub(crate) fn online_steps(
        &mut self,
        run: &Run<'_, T>,
        [parameters, first, second]: [&mut [T]; 3],
        running: &mut LossSum,
    ) -> (usize, LossSum) {
        let Evaluator { plan, objective, online, .. } = self;
        let (online, ending) = online.as_mut().zip(objective.ending()).expect("a kernel can");
        let made = online_steps(plan.isa, online, ending, run, parameters, first, second);
        let mut last = LossSum::default();
        for (step, loss) in online.losses().iter().enumerate().take(run.rows.len().min(made + 1)) {
            let sample = run.rows.sample(step);
            let weight = run.samples.weight(sample).to_f64();
            last = LossSum { loss: weighted(run.samples.weight(sample), *loss), weight };
            if step < made {
                running.add(last);
            }
            self.last_online = Some(sample);
        }
        (made, last)
    }

    /// Computes the loss of samples, however many there are.
    pub(crate) fn loss(&mut self, parameters: &[T], samples: &Samples<'_, T>) -> LossSum {
        let mut sum = LossSum::default();
        let mut start = 0;
        while start < samples.count() {
            let end = samples.count().min(start + self.capacity);
            let rows = Rows::Range(start, end);
            sum.add(self.forward_backward(parameters, samples, rows, None, None));
            start = end;
        }
        sum
    }

    /// Computes the mean loss of all samples, and its gradient.
    pub(crate) fn loss_and_gradient(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        gradient: &mut [T],
    ) -> LossSum {
        let weight = weight_of(samples, Rows::Range(0, samples.count()));
        let mut sum = LossSum::default();
        let mut start = 0;
        gradient.fill(T::ZERO);
        while start < samples.count() {
            let end = samples.count().min(start + self.capacity);
            let rows = Rows::Range(start, end);
            sum.add(self.forward_backward(parameters, samples, rows, Some(weight), None));
            self.add_gradient(start > 0, gradient);
            start = end;
        }
        sum
    }

    /// Computes the gradient of the last batch, or adds it to what is there.
    pub(crate) fn add_gradient(&mut self, is_added: bool, gradient: &mut [T]) {
        let Evaluator { plan, pool, blocks, tasks, ranges, locals, .. } = self;
        let (plan, blocks, tasks) = (&*plan, &**blocks, &**tasks);
        pool.for_each_range(ranges, [gradient], locals, |local, index, [out]| {
            let part = local.first_layer.as_ref();
            task_gradient(plan, blocks, part, &tasks[index], is_added, out, None);
        });
    }

    /// Computes the gradient of the last batch piece by piece, and calls
    /// `update` with each piece while it is in the cache: with the buffers'
    /// parts that belong to it, the gradient, and how many of them are weights;
    /// biases follow.
    pub(crate) fn update_by_gradient(
        &mut self,
        buffers: [&mut [T]; 6],
        update: impl Fn([&mut [T]; 6], &mut [T], usize) + Sync,
    ) {
        let Evaluator { plan, pool, blocks, tasks, ranges, locals, .. } = self;
        let bytes: usize = buffers.iter().map(|buffer| buffer.len() * T::BYTES).sum();
        let is_far = bytes > NEAR_BYTES;
        let (plan, blocks, tasks) = (&*plan, &**blocks, &**tasks);
        pool.for_each_range(ranges, buffers, locals, |local, index, parts| {
            let task = &tasks[index];
            let gradient = &mut local.gradient[..task.place.len()];
            let next = is_far.then(|| Next {
                parts: parts.each_ref().map(|part| &**part),
                task: tasks.get(index + 1),
            });
            let part = local.first_layer.as_ref();
            task_gradient(plan, blocks, part, task, false, gradient, next.as_ref());
            update(parts, gradient, task.weights);
        });
    }

    /// Calls `update` with parts of buffers that belong to trained parameters, and
    /// how many of them are weights; biases follow.
    pub(crate) fn update_in_parts<const N: usize>(
        &mut self,
        buffers: [&mut [T]; N],
        update: impl Fn([&mut [T]; N], usize) + Sync,
    ) {
        let Evaluator { pool, tasks, ranges, locals, .. } = self;
        let tasks = &**tasks;
        pool.for_each_range(ranges, buffers, locals, |_, index, parts| {
            update(parts, tasks[index].weights);
        });
    }

    /// Returns `½·l2·Σw²` over all weights (biases have no part in it), and adds
    /// its gradient `l2·w`, unless `gradient` is empty.
    pub(crate) fn penalty(&self, l2: f64, parameters: &[T], gradient: &mut [T]) -> f64 {
        if l2 == 0.0 {
            return 0.0;
        }
        let mut sum = 0.0;
        let Layout { width, layers, .. } = &self.plan.layout;
        for layer in layers {
            for panel in 0..layer.panels {
                let start = layer.offset + panel * layer.stride;
                let place = start..start + layer.inputs * width;
                let weights = &parameters[place.clone()];
                sum += weights.iter().map(|w| w.to_f64() * w.to_f64()).sum::<f64>();
                if !gradient.is_empty() {
                    for (g, &w) in gradient[place].iter_mut().zip(weights) {
                        *g += T::from_f64(l2) * w;
                    }
                }
            }
        }
        0.5 * l2 * sum
    }

    /// Calls `visit` for each sample and output, with their numbers, the
    /// output itself, and its derivatives by all parameters.
    pub(crate) fn jacobian(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
        mut visit: impl FnMut(usize, usize, T, &[T]),
    ) {
        let Evaluator { plan, blocks, jacobian_row, .. } = self;
        let block = &mut blocks[0];
        for sample in 0..samples.count() {
            block.begin(1, None);
            block.set_inputs(plan, samples.input_table(Rows::Range(sample, sample + 1)));
            block.linearize(plan, parameters);
            let count = plan.architecture.outputs();
            for output in 0..count {
                // The first output's deltas replace all outputs.
                if output > 0 {
                    block.linearize(plan, parameters);
                }
                let activation = block.output(plan, 0, output);
                block.deltas_of_output(plan, parameters, output);
                block.derivatives(plan, 0, jacobian_row);
                visit(sample, output, activation, jacobian_row);
            }
        }
    }

    /// Makes room for [`jacobian`](Self::jacobian).
    pub(crate) fn prepare_jacobian(&mut self) {
        self.jacobian_row = Aligned::new(self.plan.layout.length);
    }

    /// Returns the largest magnitude of a pre-activation in the last batch, and
    /// its layer from 0.
    pub(crate) fn largest_pre_activation(
        &mut self,
        parameters: &[T],
        samples: &Samples<'_, T>,
    ) -> (f64, usize) {
        if let Some(sample) = self.last_online {
            self.blocks[0].begin(1, None);
            let rows = Rows::Range(sample, sample + 1);
            self.blocks[0].set_inputs(&self.plan, samples.input_table(rows));
        }
        let (mut largest, mut first_row) = ((0.0, 0), 0);
        for block in self.blocks.iter_mut().filter(|block| block.rows() > 0) {
            if let Some(part) = &self.locals[0].first_layer {
                block.take_inputs(&self.plan, part, first_row);
                first_row += block.rows();
            }
            let (z, layer) = block.largest_pre_activation(&self.plan, parameters);
            let z = z.to_f64();
            if z > largest.0 || z.is_nan() {
                largest = (z, layer);
            }
            if z.is_nan() {
                break;
            }
        }
        largest
    }
}

/// Returns what a sample adds to the loss: nothing without weight, however far it is.
fn weighted<T: Real>(weight: T, loss: T) -> f64 {
    if weight == T::ZERO { 0.0 } else { weight.to_f64() * loss.to_f64() }
}

/// Returns `Σ weight` of samples.
fn weight_of<T: Real>(samples: &Samples<'_, T>, rows: Rows<'_>) -> f64 {
    if samples.has_weights() {
        (0..rows.len()).map(|row| samples.weight(rows.sample(row)).to_f64()).sum()
    } else {
        rows.len() as f64
    }
}
