//! What there was when all was well: an epoch begins there, and training that
//! diverges comes back to it.
//!
//! Parameters and state are not copied at the epoch's start, but by its first
//! step, which has each part of them at hand when it changes it: a pass through
//! the memory less.

use super::core::Core;
use crate::aligned::Aligned;
use crate::evaluation::LossSum;
use crate::optimizer::Memory;
use crate::real::Real;

/// A copy of what an epoch changes.
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    pub(crate) parameters: Aligned<T>,
    pub(crate) memory: Memory<T>,
    /// Whether parameters and state were copied; before, nothing changed them.
    has_buffers: bool,
    step: u64,
    rows: u64,
    /// 0, but for a state restored in the middle of an epoch.
    batch: usize,
    running: LossSum,
}

impl<T: Real> Snapshot<T> {
    /// Copies what there is before the first epoch.
    pub(crate) fn new(parameters: &Aligned<T>, memory: &Memory<T>) -> Snapshot<T> {
        Snapshot {
            parameters: parameters.clone(),
            memory: memory.clone(),
            has_buffers: true,
            step: 0,
            rows: 0,
            batch: 0,
            running: LossSum::default(),
        }
    }

    /// Returns how many bytes parameters and state take.
    pub(crate) fn bytes(&self) -> [usize; 2] {
        [self.parameters.bytes(), self.memory.first.bytes() + self.memory.second.bytes()]
    }

    /// Returns where a step copies the parameters and the state before it changes
    /// them: nowhere if they have been.
    pub(crate) fn missing_buffers(&mut self) -> [&mut [T]; 3] {
        if std::mem::replace(&mut self.has_buffers, true) {
            return [&mut [], &mut [], &mut []];
        }
        [&mut self.parameters, &mut self.memory.first, &mut self.memory.second]
    }
}

/// Copies parameters and states, or parts of them, to where they are missing.
pub(super) fn keep<T: Real>(missing: [&mut [T]; 3], from: [&[T]; 3]) {
    for (to, from) in missing.into_iter().zip(from) {
        if !to.is_empty() {
            to.copy_from_slice(from);
        }
    }
}

impl<T: Real> Core<T> {
    /// Says that all is well now.
    pub(crate) fn mark_good(&mut self) {
        let Core { good, memory, .. } = self;
        good.has_buffers = false;
        (good.memory.steps, good.memory.product) = (memory.steps, memory.product);
        (good.step, good.rows, good.batch) = (self.step, self.rows, self.batch);
        good.running = self.running;
    }

    /// Copies what the next step changes, unless that was done.
    pub(crate) fn keep_buffers(&mut self) {
        let Core { good, parameters, memory, .. } = self;
        keep(good.missing_buffers(), [parameters, &memory.first, &memory.second]);
    }

    /// Goes back to where all was well.
    pub(crate) fn restore_good(&mut self) {
        let Core { good, parameters, memory, .. } = self;
        if good.has_buffers {
            parameters.copy_from_slice(&good.parameters);
            memory.first.copy_from_slice(&good.memory.first);
            memory.second.copy_from_slice(&good.memory.second);
        }
        (memory.steps, memory.product) = (good.memory.steps, good.memory.product);
        (self.step, self.rows) = (good.step, good.rows);
        (self.batch, self.running) = (good.batch, good.running);
        if let Some(lbfgs) = &mut self.lbfgs {
            lbfgs.undo();
        }
        if let Some(levenberg) = &mut self.levenberg {
            levenberg.undo();
        }
    }
}
