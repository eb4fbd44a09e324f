//! Training on samples that do not fit in memory: they come window by window,
//! in the same order in each epoch, and are shuffled within a window.
//!
//! Shuffled in this way, a file whose neighbours are alike (sorted by class,
//! say) gives batches that are alike: a window must be large, or the file in a
//! random order.

use super::{Clock, Core, Ended, Trainer};
use crate::callback::Callback;
use crate::data::{Rows, Samples};
use crate::error::Error;
use crate::evaluation::LossSum;
use crate::random::Stream;
use crate::real::Real;

/// Samples that come window by window, as often as there are epochs.
///
/// What is learned depends on where one window ends and the next begins. All
/// but the last should have a multiple of the batch size, so that no batch but
/// the last is smaller.
pub trait Windows<T> {
    /// What can go wrong.
    type Error: From<Error>;

    /// Begins with the first window again.
    ///
    /// # Errors
    /// If the samples cannot be had.
    fn rewind(&mut self) -> Result<(), Self::Error>;

    /// Returns the next window; nothing after the last.
    ///
    /// # Errors
    /// If the samples cannot be had.
    fn next(&mut self) -> Result<Option<Samples<'_, T>>, Self::Error>;
}

impl<T: Real> Trainer<T> {
    /// Trains as [`fit`](Trainer::fit) does, on samples that come in windows.
    /// Called again after an interruption, it reads up to where it was, and
    /// goes on as if there had been none.
    ///
    /// # Errors
    /// As `fit`; if the windows have other than `count` samples in all; and for
    /// optimizers of the whole set, which need all samples in each step.
    pub fn fit_windows<W: Windows<T>>(
        &mut self,
        windows: &mut W,
        count: usize,
        validation: Option<&Samples<'_, T>>,
        callback: &mut dyn Callback<T>,
    ) -> Result<Ended, W::Error> {
        if self.core.settings.optimizer.is_of_whole_set() {
            let one = "an optimizer of the whole set".to_string();
            return Err(Error::Conflict { one, other: "samples in windows".to_string() }.into());
        }
        if let Some(validation) = validation {
            validation.check(self.architecture())?;
            validation.check_targets(self.core.settings.loss)?;
        }
        self.core.begin(count, validation.is_some())?;
        self.core.history.reserve(self.core.settings.epochs.saturating_sub(self.core.epoch));
        let clock = Clock::start();
        let mut epoch_started = 0.0;
        loop {
            if let Some(ended) = self.core.ended {
                return Ok(ended);
            }
            if self.core.epoch >= self.core.settings.epochs {
                return Ok(self.core.end(Ended::Epochs));
            }
            if self.core.batch == 0 {
                self.core.mark_good();
                self.core.running = LossSum::default();
            }
            windows.rewind()?;
            if let Some(ended) = self.epoch_of(windows, count, callback, &clock)? {
                return Ok(ended);
            }
            let now = clock.seconds();
            let flow = self.end_epoch(validation, callback, now - epoch_started);
            let flow = flow.inspect_err(|_| self.core.restore_good())?;
            epoch_started = now;
            if self.core.has_waited_enough() {
                return Ok(self.core.end(Ended::Converged));
            }
            if flow.is_break() {
                return Ok(Ended::Callback);
            }
            if self.core.is_out_of_time(&clock) {
                return Ok(Ended::Time);
            }
        }
    }

    /// Makes the steps that remain of an epoch.
    fn epoch_of<W: Windows<T>>(
        &mut self,
        windows: &mut W,
        count: usize,
        callback: &mut dyn Callback<T>,
        clock: &Clock,
    ) -> Result<Option<Ended>, W::Error> {
        let mut stream = Stream::shuffle(self.core.settings.seed);
        stream.go_to(self.core.shuffle_position);
        let (mut batch, mut found) = (0, 0);
        while let Some(samples) = windows.next()? {
            found += samples.count();
            if found > count {
                break;
            }
            let ended = self.window(&samples, count, &mut batch, &mut stream, callback, clock);
            if let Some(ended) = ended.inspect_err(|_| self.core.restore_good())? {
                return Ok(Some(ended));
            }
        }
        if found != count {
            return Err(Error::Length { what: "samples", found, expected: count }.into());
        }
        self.core.next_shuffle = stream.position();
        Ok(None)
    }

    /// Makes the steps of a window, but for those that were made before an
    /// interruption; `batch` counts all of them.
    fn window(
        &mut self,
        samples: &Samples<'_, T>,
        count: usize,
        batch: &mut usize,
        stream: &mut Stream,
        callback: &mut dyn Callback<T>,
        clock: &Clock,
    ) -> Result<Option<Ended>, Error> {
        let Trainer { core, order, gradient, .. } = self;
        let Core { settings, evaluator, .. } = core;
        samples.check(&evaluator.plan.architecture)?;
        samples.check_targets(settings.loss)?;
        let size = settings.batch_size;
        order.clear();
        order.extend((0..samples.count()).map(|row| u32::try_from(row).expect("checked")));
        if settings.shuffle {
            stream.shuffle_slice(order);
        }
        for rows in order.chunks(size) {
            *batch += 1;
            if *batch <= core.batch {
                continue;
            }
            let batches = count.div_ceil(size);
            let ended = core.told_steps(
                samples,
                Rows::Listed(rows),
                1,
                batches,
                gradient,
                callback,
                clock,
            )?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
        if !core.has_finite_parameters() {
            return Err(core.diverged(samples, "a weight", core.batch));
        }
        Ok(None)
    }
}
