//! The least time that any engine needs, by what this processor does at most.

use std::thread;

use chainrule::activation::Activation;
use chainrule_engine::architecture::Architecture;
use chainrule_engine::data::Samples;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::peak;
use chainrule_engine::real::Real;
use chainrule_engine::settings::Settings;

use crate::task::Task;

/// Returns the seconds a sample of training takes at least: its multiply-adds; then, of
/// optimizers that divide by the root of a mean of squares, a square root for each
/// parameter. And those of this engine's own products, gradients and updates, if nothing
/// came between them. `None` for steps on single samples: these are a chain of waits.
pub(crate) fn of_training<T: Real>(task: &Task, samples: &Samples<'_, T>) -> [Option<f64>; 2] {
    let Settings { optimizer, batch_size, threads, seed, .. } = task.settings;
    if batch_size == 1 {
        return [None; 2];
    }
    let least = operations(&task.architecture) as f64 / on_threads(threads, peak::operations::<T>);
    let network = Network::new(task.architecture.clone(), task.initialisation, seed);
    let kernels = peak::kernels(&network, optimizer, samples, batch_size, threads);
    [Some(least + roots::<T>(task)), kernels]
}

/// Returns the seconds of a sample that an optimizer's roots take.
fn roots<T: Real>(task: &Task) -> f64 {
    let has_roots = matches!(
        task.settings.optimizer,
        Optimizer::AdaGrad { .. }
            | Optimizer::RmsProp { .. }
            | Optimizer::Adam { .. }
            | Optimizer::AdamW { .. }
            | Optimizer::Nadam { .. }
    );
    if !has_roots {
        return 0.0;
    }
    let parameters = task.architecture.parameter_count() as f64 / task.settings.batch_size as f64;
    parameters / on_threads(task.settings.threads, peak::square_roots::<T>)
}

/// Returns the seconds that the outputs of one sample take at least: all weights
/// are read, from whichever cache holds them. Of 4-16-3 with sigmoids they are
/// nothing beside the waits, so there it is what a program for this network alone
/// takes; `None` for other small networks.
pub(crate) fn of_prediction<T: Real>(task: &Task) -> Option<f64> {
    let shape = &task.architecture;
    let count: usize = weights(shape).sum();
    if count > 10_000 {
        return Some(count as f64 / peak::reads::<T>(count));
    }
    let is_sigmoids = shape.layers().iter().all(|layer| layer.activation == Activation::Sigmoid);
    let widths: Vec<usize> = shape.layers().iter().map(|layer| layer.width).collect();
    let is_known = is_sigmoids && shape.inputs() == 4 && widths == [16, 3];
    is_known.then(|| 1.0 / peak::samples_of_sigmoids::<T>())
}

/// Returns the operations of a sample, a multiply-add counted as two: forward,
/// gradient, and deltas of all layers but the first.
pub(crate) fn operations(shape: &Architecture) -> usize {
    let all: usize = weights(shape).sum();
    let first = weights(shape).next().expect("a network has a layer");
    2 * (3 * all - first)
}

/// How many weights each layer has.
fn weights(shape: &Architecture) -> impl Iterator<Item = usize> {
    shape.layers().iter().enumerate().map(|(l, layer)| shape.input_width(l) * layer.width)
}

/// Returns what so many threads do a second at once.
fn on_threads(threads: usize, peak: fn() -> f64) -> f64 {
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(peak)).collect();
        running.into_iter().map(|thread| thread.join().expect("it does not panic")).sum()
    })
}
