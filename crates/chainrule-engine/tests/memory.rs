//! A trainer takes the memory it says.
#![expect(unsafe_code, reason = "an allocator is unsafe by its nature")]

#[path = "engine/common.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::settings::{Clip, EarlyStopping, Settings};
use chainrule_engine::trainer::{MemoryUse, Trainer};

use common::{Task, classifier};

struct Counting;

/// The bytes in use now.
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// One test only: another one beside it would allocate too.
#[test]
fn a_trainer_takes_the_memory_it_says() {
    for (widths, batch) in [([64, 200, 100, 10], 128), ([20, 30, 10, 3], 2048)] {
        let shape = classifier(&widths, Activation::Gelu, 0.25);
        let task = Task::new(4000, widths[0], widths[3], 1);
        let (inputs, targets) = task.singles();
        let samples = Samples::new(&shape, &inputs, &targets).unwrap();
        for (_, optimizer) in Optimizer::ALL.into_iter().filter(|(_, one)| !one.is_of_whole_set()) {
            for (threads, clip) in [(1, Clip::Off), (2, Clip::Norm(1.0))] {
                let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
                (settings.optimizer, settings.clip, settings.threads) = (optimizer, clip, threads);
                (settings.epochs, settings.batch_size) = (2, batch);
                settings.early_stopping = Some(EarlyStopping { patience: 9, min_improvement: 0.0 });
                settings.learning_rate = 1e-4;
                let before = BYTES.load(Ordering::Relaxed);
                let network = Network::<f32>::new(shape.clone(), Initialisation::default(), 5);
                let mut trainer = Trainer::new(network, settings).unwrap();
                trainer.fit(&samples, None, &mut ()).unwrap();
                let used = (BYTES.load(Ordering::Relaxed) - before) as f64;
                let said = trainer.memory().total() + samples.count() * MemoryUse::PER_SAMPLE;
                // Lists of layers and tasks are some kilobytes more.
                let off = used / said as f64 - 1.0;
                assert!((0.0..0.05).contains(&off), "{optimizer:?}: said {said}, used {used}");
            }
        }
    }
}
