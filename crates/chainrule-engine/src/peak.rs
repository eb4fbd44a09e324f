//! What one thread of this processor does at most, and the kernels that take most of
//! the time do alone: what benchmarks compare with. Measured in a few milliseconds each,
//! but for [`kernels`], which takes steps of a whole network.

use std::hint::black_box;

use chainrule::loss::Loss;

use crate::aligned::Aligned;
use crate::batch::{Plan, TASK_INPUTS};
use crate::clock::Clock;
use crate::data::{Rows, Samples};
use crate::evaluation::Evaluator;
use crate::kernels::{
    Adjustment, End, Isa, Left, Panels, PanelsMut, Rule, Start, gradient, multiply_adds, product,
    read, roots, sigmoids, update,
};
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::{Memory, Optimizer, Step};
use crate::real::Real;

/// Returns the operations a second of multiply-adds, each counted as two.
pub fn operations<T: Real>() -> f64 {
    fastest(|| multiply_adds::<T>(Isa::detect(), 1_000_000))
}

/// Returns the square roots a second: an optimizer with second moments takes one for
/// each parameter.
pub fn square_roots<T: Real>() -> f64 {
    fastest(|| roots::<T>(Isa::detect(), 100_000))
}

/// Returns the numbers a second that can be read again and again from so many
/// in a row.
///
/// # Panics
/// If there are none.
pub fn reads<T: Real>(count: usize) -> f64 {
    assert!(count > 0, "there is something to read");
    let numbers = written::<T>(count);
    let times = 10_000_000 / count + 1;
    fastest(|| {
        for _ in 0..times {
            black_box(read(Isa::detect(), black_box(&numbers)));
        }
        times * count
    })
}

/// Returns the samples a second that a network of 4 inputs, 16 hidden neurons and
/// 3 outputs, all sigmoids, could take if a program were written for it alone, on
/// whichever instruction set of the machine is best for that.
pub fn samples_of_sigmoids<T: Real>() -> f64 {
    let sets = Isa::all().into_iter().flatten();
    sets.map(|isa| fastest(|| sigmoids::<T>(isa, 100_000))).fold(0.0, f64::max)
}

/// Returns the operations a second of this engine's product alone, of `rows` rows of
/// `inner` numbers and a matrix for `outputs` columns, filled up to whole panels.
///
/// # Panics
/// If there are none.
pub fn products<T: Real>(rows: usize, inner: usize, outputs: usize) -> f64 {
    let isa = Isa::detect();
    let operations = operations_of::<T>(isa, rows, inner, outputs) as f64;
    operations / seconds_of_product::<T>(isa, rows, inner, outputs)
}

/// Returns the operations a second of this engine's gradient of a layer alone, task
/// after task; with `has_update`, weights and momentum of a task are changed after it.
///
/// # Panics
/// If there are no samples, inputs or neurons.
pub fn gradients<T: Real>(samples: usize, inputs: usize, neurons: usize, has_update: bool) -> f64 {
    let isa = Isa::detect();
    let operations = operations_of::<T>(isa, samples, inputs, neurons) as f64;
    operations / seconds_of_gradient::<T>(isa, samples, inputs, neurons, has_update)
}

/// Returns the seconds a sample that the kernels of training take alone: products,
/// gradients and updates, in the order of training, with everything where it lies there.
/// No softmax, no loss, no targets. `None` for optimizers whose step is no kernel.
///
/// # Panics
/// If there are fewer samples than a batch has, or they are for another network; for an
/// optimizer whose step is a whole epoch.
pub fn kernels<T: Real>(
    network: &Network<T>,
    optimizer: Optimizer,
    samples: &Samples<'_, T>,
    batch: usize,
    threads: usize,
) -> Option<f64> {
    let (architecture, isa) =
        (network.architecture(), Isa::of_network::<T>(network.architecture()));
    samples.check(architecture).expect("the samples are for this network");
    let plan = Plan::new::<T>(architecture, isa);
    let mut parameters = plan.layout.packed(network.parameters());
    let mut memory = Memory::<T>::new(optimizer, 0.0, parameters.len());
    // A rate of 0, since the gradient leads nowhere.
    let Step::Rule(rule) = memory.begin_step(optimizer, 0.0) else { return None };
    let Memory { first, second, .. } = &mut memory;
    let last = architecture.output_layer();
    let objective = Objective::new(last.activation, Loss::HalfSquared, last.width);
    let mut evaluator = Evaluator::new(plan, objective, batch, threads, 0);
    let batches = samples.count() / batch;
    assert!(batches > 0, "there is a whole batch");
    let mut number = 0;
    let step = || {
        let start = number % batches * batch;
        number += 1;
        evaluator.products(&parameters, samples, Rows::Range(start, start + batch));
        let buffers = [&mut *parameters, first, second, &mut [], &mut [], &mut []];
        evaluator.update_by_gradient(buffers, |[weights, first, second, ..], gradient, _| {
            update(isa, rule, Adjustment::NONE, weights, gradient, first, second);
        });
    };
    Some(seconds(batch * network.architecture().parameter_count(), step) / batch as f64)
}

/// Returns the operations of a product, its columns filled up to whole panels.
fn operations_of<T: Real>(isa: Isa, rows: usize, inner: usize, outputs: usize) -> usize {
    2 * rows * inner * outputs.next_multiple_of(isa.panel_width::<T>())
}

fn seconds_of_product<T: Real>(isa: Isa, rows: usize, inner: usize, outputs: usize) -> f64 {
    let width = isa.panel_width::<T>();
    let panels = outputs.div_ceil(width);
    let (stride_a, stride_b) = (rows * width, inner * width);
    let a = written::<T>(inner.div_ceil(width) * stride_a);
    let b = written::<T>(panels * stride_b);
    let mut out = Aligned::<T>::new(panels * stride_a);
    seconds(operations_of::<T>(isa, rows, inner, outputs), || {
        let a = Left::Panels(Panels { values: &a, stride: stride_a });
        let b = Panels { values: &b, stride: stride_b };
        let out = PanelsMut { values: &mut out, stride: stride_a };
        product(isa, a, b, out, rows, inner, panels, Start::Zero, End::Sums, None);
    })
}

fn seconds_of_gradient<T: Real>(
    isa: Isa,
    samples: usize,
    inputs: usize,
    neurons: usize,
    has_update: bool,
) -> f64 {
    let width = isa.panel_width::<T>();
    let (panels, stride) = (neurons.div_ceil(width), samples * width);
    let a = written::<T>(inputs.div_ceil(width) * stride);
    let deltas = written::<T>(panels * stride);
    let [mut weights, mut momentum] = [(); 2].map(|()| Aligned::<T>::new(panels * inputs * width));
    let mut out = Aligned::<T>::new(TASK_INPUTS * width);
    let rule = Rule::Momentum { rate: 1e-3, momentum: 0.9 };
    seconds(operations_of::<T>(isa, samples, inputs, neurons), || {
        for panel in 0..panels {
            let deltas = &deltas[panel * stride..][..stride];
            for first in (0..inputs).step_by(TASK_INPUTS) {
                let count = TASK_INPUTS.min(inputs - first);
                let place =
                    (panel * inputs + first) * width..(panel * inputs + first + count) * width;
                let (w, m) = (&mut weights[place.clone()], &mut momentum[place]);
                let ahead = [&*w, &*m, &[], &[], &[], &[], &[]];
                let ahead = has_update.then_some(&ahead);
                let a = Panels { values: &a[first / width * stride..], stride };
                let out = &mut out[..count * width];
                gradient(isa, a, deltas, samples, count, false, out, ahead);
                if has_update {
                    update(isa, rule, Adjustment::NONE, w, out, m, &mut []);
                }
            }
        }
    })
}

/// Makes a buffer to be read. Zeros that nobody wrote would all lie in one page, near
/// however large the buffer is.
fn written<T: Real>(length: usize) -> Aligned<T> {
    let mut numbers = Aligned::new(length);
    numbers.fill(T::ONE);
    numbers
}

/// Returns the seconds that some work takes, which makes so many operations, done often
/// enough for the clock.
fn seconds(operations: usize, mut work: impl FnMut()) -> f64 {
    let times = 20_000_000 / operations + 1;
    let rate = fastest(|| {
        for _ in 0..times {
            work();
        }
        times
    });
    1.0 / rate
}

/// Returns how many a second come out of some work, the best of five times.
fn fastest(mut work: impl FnMut() -> usize) -> f64 {
    let runs = (0..5).map(|_| {
        let clock = Clock::start();
        let count = black_box(work());
        count as f64 / clock.seconds()
    });
    runs.fold(0.0, f64::max)
}
