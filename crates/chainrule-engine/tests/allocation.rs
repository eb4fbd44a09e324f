//! Nothing is allocated while training runs.
#![expect(unsafe_code, reason = "an allocator is unsafe by its nature")]

#[path = "engine/common.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::callback::{BatchReport, Callback};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{Clip, EarlyStopping, Settings};
use chainrule_engine::trainer::Trainer;

use common::{Task, classifier};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller grants.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Remembers how many allocations there had been at the first and last step.
#[derive(Default)]
struct Watch {
    first: Option<usize>,
    last: usize,
}

impl Callback<f32> for Watch {
    fn batch(&mut self, _: &BatchReport) -> ControlFlow<()> {
        self.last = ALLOCATIONS.load(Ordering::Relaxed);
        self.first.get_or_insert(self.last);
        ControlFlow::Continue(())
    }
}

// One test only: another one beside it would allocate too.
#[test]
fn no_step_and_no_epoch_allocates() {
    let shape = classifier(&[64, 96, 50, 10], Activation::Gelu, 0.25);
    let task = Task::new(200, 64, 10, 1);
    let (inputs, targets) = task.singles();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    for (_, optimizer) in Optimizer::ALL.into_iter().filter(|(_, one)| !one.is_of_whole_set()) {
        for (threads, clip) in [(1, Clip::Off), (2, Clip::Norm(1.0))] {
            let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
            (settings.optimizer, settings.clip, settings.threads) = (optimizer, clip, threads);
            (settings.epochs, settings.batch_size) = (3, 128);
            settings.early_stopping = Some(EarlyStopping { patience: 9, min_improvement: 0.0 });
            settings.learning_rate = 1e-4;
            let network = Network::new(shape.clone(), Initialisation::default(), 5);
            let mut trainer = Trainer::new(network, settings).unwrap();
            let mut watch = Watch::default();
            trainer.fit(&samples, Some(&samples), &mut watch).unwrap();
            assert_eq!(watch.last - watch.first.unwrap(), 0, "{optimizer:?}, {threads} threads");
        }
    }
}
