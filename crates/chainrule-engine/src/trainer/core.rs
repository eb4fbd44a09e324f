//! What training changes, and one step of it.
//!
//! Not for deciding what comes next: that is the [`trainer`](crate::trainer)'s.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::aligned::Aligned;
use crate::batch::Plan;
use crate::callback::{BatchReport, Callback};
use crate::clock::Clock;
use crate::data::{Rows, Samples};
use crate::error::Error;
use crate::evaluation::{Evaluator, LossSum};
use crate::history::History;
use crate::kernels::{Adjustment, Isa, Run, STEPS, all_finite, sum_of_squares, update};
use crate::network::Network;
use crate::optimizer::lbfgs::Lbfgs;
use crate::optimizer::levenberg::Levenberg;
use crate::optimizer::{Memory, Step, quickprop, rprop};
use crate::real::Real;
use crate::schedule::{Plateau, Progress, Schedule};
use crate::settings::{Clip, Settings};
use crate::trainer::Ended;
use crate::trainer::snapshot::{Snapshot, keep};

/// What training changes: all that the next step needs is in a saved state.
#[derive(Debug)]
pub(crate) struct Core<T: Real> {
    pub(crate) settings: Settings,
    pub(crate) evaluator: Evaluator<T>,
    pub(crate) parameters: Aligned<T>,
    pub(crate) memory: Memory<T>,
    pub(crate) lbfgs: Option<Lbfgs<T>>,
    pub(crate) levenberg: Option<Levenberg>,
    /// Epochs done.
    pub(crate) epoch: usize,
    /// Batches done in this epoch.
    pub(crate) batch: usize,
    /// Steps done in all.
    pub(crate) step: u64,
    /// Samples of all steps: the rows of dropout are counted through.
    pub(crate) rows: u64,
    /// The losses of this epoch's batches.
    pub(crate) running: LossSum,
    /// The stream of shuffling, where it was at the epoch's start.
    pub(crate) shuffle_position: u128,
    /// Where it is after this epoch's order.
    pub(crate) next_shuffle: u128,
    pub(crate) plateau: Plateau,
    /// What early stopping restores.
    pub(crate) best: Option<Best<T>>,
    /// Why training ended for good, if it has: after all epochs, or because it
    /// converged. `best` and `parameters` have then changed places.
    pub(crate) ended: Option<Ended>,
    /// Whether the last epoch told that training is to end, and it has not yet.
    pub(crate) has_converged: bool,
    pub(crate) history: History,
    /// How many samples there are, once known.
    pub(crate) samples: usize,
    /// What there was at the last epoch's start, when all was well.
    pub(crate) good: Snapshot<T>,
    /// Whether the epoch's last step left finite parameters, if it looked.
    pub(crate) are_finite: Option<bool>,
}

/// The best parameters so far.
#[derive(Clone, Debug)]
pub(crate) struct Best<T> {
    pub(crate) loss: f64,
    /// Epochs since.
    pub(crate) waited: usize,
    pub(crate) parameters: Aligned<T>,
}

impl<T: Real> Core<T> {
    /// Returns the network as it is now.
    pub(crate) fn network(&self) -> Network<T> {
        let Plan { architecture, layout, .. } = &self.evaluator.plan;
        Network::from_fitting(architecture.clone(), layout.unpack(&self.parameters))
    }

    /// Returns the learning rate of a step.
    pub(crate) fn rate(&self, batch: usize, batches: usize) -> f64 {
        if self.settings.schedule == Schedule::Constant {
            return self.settings.learning_rate;
        }
        let progress = Progress { epoch: self.epoch, epochs: self.settings.epochs, batch, batches };
        let factor = self.settings.schedule.factor(progress);
        let factor = match self.settings.schedule {
            Schedule::Plateau { .. } => factor * self.plateau.factor,
            _ => factor,
        };
        self.settings.learning_rate * factor
    }

    /// Tells whether a step on one sample is made by a single kernel.
    fn is_online(&self) -> bool {
        let needs_whole_gradient = matches!(self.settings.clip, Clip::Norm(_));
        let has_rule = self.settings.optimizer.has_rule();
        has_rule && !needs_whole_gradient && self.evaluator.makes_online_steps()
    }

    /// Returns how many of the next batches, at least one, can be gone through in
    /// one go: those of one sample each, with the same learning rate.
    pub(crate) fn steps_at_once(&self, batches: usize) -> usize {
        let is_single = self.settings.batch_size == 1 && self.is_online();
        if !is_single || self.settings.schedule.changes_within_an_epoch() {
            return 1;
        }
        let left =
            self.settings.step_limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.step));
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        STEPS.min(batches - self.batch).min(left).max(1)
    }

    /// Makes the steps of the next batches, as many as
    /// [`steps_at_once`](Self::steps_at_once) says at most; returns the last
    /// batch's mean loss, and the learning rate.
    pub(crate) fn make_steps(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        count: usize,
        batches: usize,
        gradient: &mut [T],
    ) -> Result<(f64, f64), Error> {
        let rate = self.rate(self.batch, batches);
        let is_online = rows.len() == count && self.is_online();
        let (made, sum) = if is_online {
            self.are_finite = None;
            self.keep_buffers();
            self.online_steps(samples, rows, rate)
        } else {
            let is_last = self.batch + 1 == batches;
            self.step_in_parts(samples, rows, rate, gradient, is_last)
        };
        self.batch += made;
        self.step += made as u64;
        self.rows += (made * (rows.len() / count)) as u64;
        if made < count {
            return Err(self.diverged(samples, "the loss", self.batch + 1));
        }
        Ok((sum.mean(), rate))
    }

    /// Makes steps on one sample each, until a loss is not finite; returns how
    /// many, and the last loss.
    fn online_steps(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        rate: f64,
    ) -> (usize, LossSum) {
        let [of_weights, of_biases] = self.settings.adjustments(rate);
        let Core { evaluator, parameters, memory, settings, running, .. } = self;
        let is_constant = !settings.optimizer.has_changing_rule();
        let rules = if is_constant { 1 } else { rows.len() };
        evaluator.plan_online_steps((0..rules).map(|_| {
            match memory.begin_step(settings.optimizer, rate) {
                Step::Rule(rule) => rule,
                Step::Rprop { .. } | Step::Quickprop { .. } => unreachable!("made in parts"),
            }
        }));
        memory.steps += (rows.len() - rules) as u64;
        let run = Run { samples: *samples, rows, of_weights, of_biases };
        let buffers = [&mut **parameters, &mut *memory.first, &mut *memory.second];
        evaluator.online_steps(&run, buffers, running)
    }

    /// Makes a step pass by pass, unless the loss is not finite; returns how many
    /// steps that were, and the loss. The last of an epoch looks at the parameters
    /// it makes.
    fn step_in_parts(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        rate: f64,
        gradient: &mut [T],
        is_last: bool,
    ) -> (usize, LossSum) {
        let [mut of_weights, mut of_biases] = self.settings.adjustments(rate);
        let Core { evaluator, parameters, memory, settings, running, good, .. } = self;
        let sum = evaluator.forward_backward(parameters, samples, rows, None, Some(self.rows));
        if !sum.loss.is_finite() {
            return (0, sum);
        }
        let step = memory.begin_step(settings.optimizer, rate);
        let isa = evaluator.plan.isa;
        let Memory { first, second, .. } = memory;
        if let Clip::Norm(limit) = settings.clip {
            evaluator.add_gradient(false, gradient);
            let norm = sum_of_squares(isa, gradient).to_f64().sqrt();
            // PyTorch's 1e-6 keeps the quotient finite.
            let scale = (limit / (norm + 1e-6)).min(1.0);
            (of_weights.scale, of_biases.scale) = (scale, scale);
        }
        let are_finite = AtomicBool::new(true);
        let change =
            |[w, first, second, missing @ ..]: [&mut [T]; 6], g: &mut [T], weights: usize| {
                keep(missing, [w, first, second]);
                if of_weights == of_biases {
                    apply(isa, step, of_weights, [w, g, first, second]);
                } else {
                    let [w, g, first, second] = [&mut *w, g, first, second]
                        .map(|buffer| buffer.split_at_mut(weights.min(buffer.len())));
                    apply(isa, step, of_weights, [w.0, g.0, first.0, second.0]);
                    apply(isa, step, of_biases, [w.1, g.1, first.1, second.1]);
                }
                if is_last && !all_finite(isa, w) {
                    are_finite.store(false, Ordering::Relaxed);
                }
            };
        let [good_parameters, good_first, good_second] = good.missing_buffers();
        let (w, m, v) = (&mut **parameters, &mut **first, &mut **second);
        if let Clip::Norm(_) = settings.clip {
            let buffers = [gradient, w, m, v, good_parameters, good_first, good_second];
            evaluator.update_in_parts(buffers, |[g, rest @ ..], weights| change(rest, g, weights));
        } else {
            let buffers = [w, m, v, good_parameters, good_first, good_second];
            evaluator.update_by_gradient(buffers, change);
        }
        self.are_finite = is_last.then(|| are_finite.into_inner());
        running.add(sum);
        (1, sum)
    }

    /// Tells whether all parameters are finite.
    pub(crate) fn has_finite_parameters(&mut self) -> bool {
        let isa = self.evaluator.plan.isa;
        self.are_finite.take().unwrap_or_else(|| all_finite(isa, &self.parameters))
    }

    /// Checks that samples are as many as before, and validated as before.
    pub(crate) fn begin(&mut self, count: usize, has_validation: bool) -> Result<(), Error> {
        if count == 0 {
            return Err(Error::Length { what: "samples", found: 0, expected: 1 });
        }
        if self.samples != 0 && self.samples != count {
            let (found, expected) = (count, self.samples);
            return Err(Error::Length { what: "samples", found, expected });
        }
        let had_validation = !self.history.validation_loss.is_empty();
        if self.epoch > 0 && had_validation != has_validation {
            let (with, without) = ("with a validation set", "without one");
            let (one, other) = if had_validation { (without, with) } else { (with, without) };
            let one = format!("training {one}");
            return Err(Error::Conflict { one, other: format!("epochs that were made {other}") });
        }
        self.samples = count;
        Ok(())
    }

    /// Makes the steps of the next `count` batches, as [`make_steps`](Self::make_steps)
    /// does, and tells of them; returns why training ends, if it does.
    #[expect(clippy::too_many_arguments, reason = "what an epoch is made of")]
    pub(crate) fn told_steps(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        count: usize,
        batches: usize,
        gradient: &mut [T],
        callback: &mut dyn Callback<T>,
        clock: &Clock,
    ) -> Result<Option<Ended>, Error> {
        if self.is_out_of_steps() {
            return self.ended_within(samples, Ended::Steps);
        }
        let (loss, learning_rate) = self.make_steps(samples, rows, count, batches, gradient)?;
        let (epoch, batch, step) = (self.epoch + 1, self.batch, self.step);
        let report = BatchReport { epoch, batch, batches, step, loss, learning_rate };
        if callback.batch(&report).is_break() {
            return self.ended_within(samples, Ended::Callback);
        }
        if self.is_out_of_time(clock) {
            return self.ended_within(samples, Ended::Time);
        }
        Ok(None)
    }

    /// Ends training within an epoch, if it left finite parameters.
    fn ended_within(
        &mut self,
        samples: &Samples<'_, T>,
        ended: Ended,
    ) -> Result<Option<Ended>, Error> {
        if self.has_finite_parameters() {
            return Ok(Some(ended));
        }
        Err(self.diverged(samples, "a weight", self.batch))
    }

    /// Describes a step that was a whole epoch.
    pub(crate) fn whole_set_report(&self) -> BatchReport {
        BatchReport {
            epoch: self.epoch + 1,
            batch: 1,
            batches: 1,
            step: self.step,
            loss: self.running.mean(),
            learning_rate: self.rate(0, 1),
        }
    }

    /// Keeps the parameters if the loss is the least so far, and counts the
    /// epochs without enough of an improvement.
    pub(crate) fn keep_best(&mut self, loss: f64) -> bool {
        let (Some(stopping), Some(best)) = (self.settings.early_stopping, &mut self.best) else {
            return false;
        };
        let has_improved = loss < best.loss - stopping.min_improvement;
        best.waited = if has_improved { 0 } else { best.waited + 1 };
        let is_best = loss < best.loss;
        if is_best {
            best.loss = loss;
            best.parameters.copy_from_slice(&self.parameters);
        }
        is_best
    }

    /// Ends training for good, with the best parameters.
    pub(crate) fn end(&mut self, ended: Ended) -> Ended {
        self.exchange_best();
        self.ended = Some(ended);
        self.has_converged = false;
        ended
    }

    /// Goes on with the last parameters, if there are more epochs now.
    pub(crate) fn go_on(&mut self) {
        if self.ended == Some(Ended::Epochs) && self.epoch < self.settings.epochs {
            self.exchange_best();
            self.ended = None;
        }
    }

    fn exchange_best(&mut self) {
        if let Some(best) = &mut self.best
            && best.loss.is_finite()
        {
            std::mem::swap(&mut self.parameters, &mut best.parameters);
        }
    }

    pub(crate) fn has_waited_enough(&self) -> bool {
        match (self.settings.early_stopping, &self.best) {
            (Some(stopping), Some(best)) => best.waited >= stopping.patience.max(1),
            _ => false,
        }
    }

    pub(crate) fn is_out_of_steps(&self) -> bool {
        self.settings.step_limit.is_some_and(|limit| self.step >= limit)
    }

    pub(crate) fn is_out_of_time(&self, clock: &Clock) -> bool {
        self.settings.time_limit.is_some_and(|limit| clock.seconds() >= limit.as_secs_f64())
    }

    /// Describes what went wrong in the last batch.
    pub(crate) fn diverged(
        &mut self,
        samples: &Samples<'_, T>,
        what: &'static str,
        batch: usize,
    ) -> Error {
        let (pre_activation, layer) =
            self.evaluator.largest_pre_activation(&self.parameters, samples);
        Error::Diverged {
            epoch: self.epoch + 1,
            batch: batch.max(1),
            what,
            pre_activation,
            layer: layer + 1,
        }
    }
}

/// Makes a step of some parameters.
fn apply<T: Real>(
    isa: Isa,
    step: Step,
    adjustment: Adjustment,
    [weights, gradient, first, second]: [&mut [T]; 4],
) {
    match step {
        Step::Rule(rule) => update(isa, rule, adjustment, weights, gradient, first, second),
        Step::Rprop { growth, shrink, smallest, largest } => {
            adjustment.apply(weights, gradient);
            rprop([growth, shrink, smallest, largest], weights, gradient, first, second);
        }
        Step::Quickprop { rate, growth } => {
            adjustment.apply(weights, gradient);
            quickprop(rate, growth, weights, gradient, first, second);
        }
    }
}
