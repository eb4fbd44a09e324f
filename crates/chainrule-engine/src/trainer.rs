//! The training loop: epochs, batches, steps, and when to stop.
//!
//! ```
//! use chainrule::activation::Activation;
//! use chainrule::loss::Loss;
//! use chainrule_engine::architecture::{Architecture, LayerSpec};
//! use chainrule_engine::data::Samples;
//! use chainrule_engine::initialise::Initialisation;
//! use chainrule_engine::network::Network;
//! use chainrule_engine::optimizer::Optimizer;
//! use chainrule_engine::settings::Settings;
//! use chainrule_engine::trainer::Trainer;
//!
//! // Exclusive or.
//! let inputs = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0_f64];
//! let targets = [0.0, 1.0, 1.0, 0.0];
//! let shape = Architecture::new(
//!     2,
//!     [LayerSpec::new(4, Activation::Tanh), LayerSpec::new(1, Activation::Sigmoid)],
//! )?;
//! let samples = Samples::new(&shape, &inputs, &targets)?;
//! let network = Network::new(shape, Initialisation::default(), 1);
//! let mut settings = Settings::new(Loss::BinaryCrossEntropy);
//! settings.optimizer = Optimizer::LBFGS;
//! let mut trainer = Trainer::new(network, settings)?;
//! trainer.fit(&samples, None, &mut ())?;
//! let outputs = trainer.network().predict(&inputs)?;
//! assert!(outputs.iter().zip(targets).all(|(a, t)| (a - t).abs() < 0.1));
//! # Ok::<(), chainrule_engine::error::Error>(())
//! ```

use std::ops::ControlFlow;

use crate::aligned::Aligned;
use crate::architecture::Architecture;
use crate::batch::Plan;
use crate::callback::{BatchReport, Callback, EpochReport};
use crate::clock::Clock;
use crate::data::Samples;
use crate::error::Error;
use crate::evaluation::{Evaluator, LossSum, Rows};
use crate::history::History;
use crate::kernels::{Adjustment, Isa, StepRule, sum_of_squares, update};
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::lbfgs::Lbfgs;
use crate::optimizer::levenberg::Levenberg;
use crate::optimizer::{Memory, Optimizer, Step, quickprop, rprop};
use crate::random::Stream;
use crate::real::Real;
use crate::schedule::{Plateau, Progress, Schedule};
use crate::settings::{Clip, Settings};

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// All epochs were made.
    Epochs,
    /// The loss no longer fell, or an optimizer of the whole set found no
    /// further step.
    Converged,
    /// The time ran out.
    Time,
    /// All steps were made.
    Steps,
    /// A callback said so.
    Callback,
}

impl Ended {
    /// Tells whether [`Trainer::fit`] would go on if it were called again with
    /// a larger budget.
    pub fn is_interrupted(self) -> bool {
        matches!(self, Ended::Time | Ended::Steps | Ended::Callback)
    }
}

/// A network in training.
#[derive(Debug)]
pub struct Trainer<T: Real> {
    core: Core<T>,
    /// The order of the samples in this epoch.
    order: Vec<u32>,
    /// The gradient, where an optimizer or clipping needs all of it at once.
    gradient: Aligned<T>,
    /// What there was at the last epoch's start, when all was well.
    good: Snapshot<T>,
}

/// What training changes: all of it is in a saved state.
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
    next_shuffle: u128,
    pub(crate) plateau: Plateau,
    /// What early stopping restores.
    pub(crate) best: Option<Best<T>>,
    pub(crate) has_ended: bool,
    pub(crate) history: History,
    /// How many samples there are, once known.
    pub(crate) samples: usize,
}

/// The best parameters so far.
#[derive(Clone, Debug)]
pub(crate) struct Best<T> {
    pub(crate) loss: f64,
    /// Epochs since.
    pub(crate) waited: usize,
    pub(crate) parameters: Aligned<T>,
}

/// A copy of what an epoch changes.
#[derive(Debug)]
struct Snapshot<T> {
    parameters: Aligned<T>,
    memory: Memory<T>,
    step: u64,
    rows: u64,
    /// 0, but for a state restored in the middle of an epoch.
    batch: usize,
    running: LossSum,
}

impl<T: Real> Trainer<T> {
    /// Makes everything ready to train a network.
    ///
    /// # Errors
    /// If a setting is out of its range, or settings do not go together.
    #[expect(clippy::needless_pass_by_value, reason = "the trainer takes the network over")]
    pub fn new(network: Network<T>, settings: Settings) -> Result<Trainer<T>, Error> {
        Trainer::with_isa(&network, settings, Isa::detect())
    }

    pub(crate) fn with_isa(
        network: &Network<T>,
        settings: Settings,
        isa: Isa,
    ) -> Result<Trainer<T>, Error> {
        let architecture = network.architecture();
        settings.check(architecture)?;
        let plan = Plan::new::<T>(architecture, isa);
        let last = architecture.output_layer();
        let objective = Objective::new(last.activation, settings.loss, last.width);
        let parameters = plan.layout.packed(network.parameters());
        let length = parameters.len();
        let threads = settings.thread_count();
        let mut evaluator =
            Evaluator::new(plan, objective, settings.batch_size, threads, settings.seed);
        if let Some(share) = settings.smoothing_target(last.width) {
            evaluator.smooth_targets(settings.label_smoothing, share);
        }
        if let Optimizer::LevenbergMarquardt { .. } = settings.optimizer {
            evaluator.prepare_jacobian();
        }
        let memory = Memory::new(settings.optimizer, settings.learning_rate, length);
        let needs_gradient =
            matches!(settings.clip, Clip::Norm(_)) || settings.optimizer.is_of_whole_set();
        let best = settings.early_stopping.map(|_| Best {
            loss: f64::INFINITY,
            waited: 0,
            parameters: parameters.clone(),
        });
        let core = Core {
            lbfgs: Lbfgs::new(settings.optimizer, length),
            levenberg: Levenberg::new(settings.optimizer, &evaluator.plan),
            epoch: 0,
            batch: 0,
            step: 0,
            rows: 0,
            running: LossSum::default(),
            shuffle_position: 0,
            next_shuffle: 0,
            plateau: Plateau::START,
            best,
            has_ended: false,
            history: History::default(),
            samples: 0,
            settings,
            evaluator,
            parameters,
            memory,
        };
        let good = Snapshot {
            parameters: core.parameters.clone(),
            memory: core.memory.clone(),
            step: 0,
            rows: 0,
            batch: 0,
            running: LossSum::default(),
        };
        let gradient = Aligned::new(if needs_gradient { length } else { 0 });
        Ok(Trainer { core, order: Vec::new(), gradient, good })
    }

    /// Returns the architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.core.evaluator.plan.architecture
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.core.settings
    }

    /// Returns the network as it is now; after training with early stopping has
    /// ended, the best one.
    pub fn network(&self) -> Network<T> {
        self.core.network()
    }

    /// Returns what happened so far.
    pub fn history(&self) -> &History {
        &self.core.history
    }

    /// Returns the number of epochs done.
    pub fn epoch(&self) -> usize {
        self.core.epoch
    }

    /// Returns the number of steps done.
    pub fn step(&self) -> u64 {
        self.core.step
    }

    /// Returns the learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        let size = self.core.settings.batch_size;
        self.core.rate(self.core.batch, self.core.samples.div_ceil(size).max(1))
    }

    pub(crate) fn core(&self) -> &Core<T> {
        &self.core
    }

    pub(crate) fn core_mut(&mut self) -> &mut Core<T> {
        &mut self.core
    }

    /// Changes how many epochs there are in all, to go on where training ended
    /// because all were made.
    pub fn set_epochs(&mut self, epochs: usize) {
        self.core.settings.epochs = epochs;
        self.core.has_ended &= self.core.epoch >= epochs;
    }

    /// Changes how many steps there may be in all.
    pub fn set_step_limit(&mut self, limit: Option<u64>) {
        self.core.settings.step_limit = limit;
    }

    /// Trains until there is a reason to end. Called again after an
    /// interruption, it goes on with the batch that comes next, as if there had
    /// been none.
    ///
    /// Between its first step and its last, it allocates nothing.
    ///
    /// # Errors
    /// If the samples do not fit the network, or are not as many as before;
    /// [`Error::Diverged`] when loss or weights are no longer finite: the
    /// trainer then holds what there was at the start of that epoch.
    pub fn fit(
        &mut self,
        samples: &Samples<'_, T>,
        validation: Option<&Samples<'_, T>>,
        callback: &mut dyn Callback<T>,
    ) -> Result<Ended, Error> {
        self.prepare(samples, validation)?;
        let clock = Clock::start();
        let result = self.run(samples, validation, callback, &clock);
        if let Err(Error::Diverged { .. }) = result {
            self.restore_good();
        }
        result
    }

    /// Checks the samples and makes room for what depends on their number.
    fn prepare(
        &mut self,
        samples: &Samples<'_, T>,
        validation: Option<&Samples<'_, T>>,
    ) -> Result<(), Error> {
        samples.check(self.architecture())?;
        if let Some(validation) = validation {
            validation.check(self.architecture())?;
        }
        let count = samples.count();
        let core = &mut self.core;
        if core.samples != 0 && core.samples != count {
            let (found, expected) = (count, core.samples);
            return Err(Error::Length { what: "samples", found, expected });
        }
        core.samples = count;
        self.order.clear();
        self.order.extend((0..count).map(|sample| u32::try_from(sample).expect("checked")));
        if core.batch > 0 {
            self.shuffle();
        }
        let core = &mut self.core;
        core.history.reserve(core.settings.epochs.saturating_sub(core.epoch));
        Ok(())
    }

    fn run(
        &mut self,
        samples: &Samples<'_, T>,
        validation: Option<&Samples<'_, T>>,
        callback: &mut dyn Callback<T>,
        clock: &Clock,
    ) -> Result<Ended, Error> {
        let mut epoch_started = 0.0;
        loop {
            if self.core.has_ended || self.core.epoch >= self.core.settings.epochs {
                return Ok(self.end(Ended::Epochs));
            }
            if self.core.batch == 0 {
                self.begin_epoch();
            }
            let mut has_converged = false;
            if self.core.settings.optimizer.is_of_whole_set() {
                has_converged = self.whole_set_step(samples)?;
            } else if let Some(ended) = self.batches(samples, callback, clock)? {
                return Ok(ended);
            }
            if !self.core.parameters.iter().all(|value| value.is_finite()) {
                return Err(self.core.diverged(samples, "a weight", self.core.batch));
            }
            let now = clock.seconds();
            let flow = self.end_epoch(samples, validation, callback, now - epoch_started)?;
            epoch_started = now;
            if has_converged || self.core.has_waited_enough() {
                return Ok(self.end(Ended::Converged));
            }
            if flow.is_break() {
                return Ok(Ended::Callback);
            }
            if self.core.is_out_of_time(clock) {
                return Ok(Ended::Time);
            }
        }
    }

    /// Keeps what there is, and brings the samples into a new order.
    fn begin_epoch(&mut self) {
        self.keep_good();
        self.core.running = LossSum::default();
        self.shuffle();
    }

    /// Keeps what there is, to come back to when training diverges.
    pub(crate) fn keep_good(&mut self) {
        let Trainer { core, good, .. } = self;
        good.parameters.copy_from_slice(&core.parameters);
        good.memory.first.copy_from_slice(&core.memory.first);
        good.memory.second.copy_from_slice(&core.memory.second);
        (good.memory.steps, good.memory.product) = (core.memory.steps, core.memory.product);
        (good.step, good.rows, good.batch) = (core.step, core.rows, core.batch);
        good.running = core.running;
    }

    /// Brings the samples into the order of this epoch. It depends on the seed
    /// and the epoch, not on how training came here.
    fn shuffle(&mut self) {
        if !self.core.settings.shuffle || self.core.settings.optimizer.is_of_whole_set() {
            return;
        }
        for (number, sample) in (0..).zip(&mut self.order) {
            *sample = number;
        }
        let mut stream = Stream::shuffle(self.core.settings.seed);
        stream.go_to(self.core.shuffle_position);
        stream.shuffle_slice(&mut self.order);
        self.core.next_shuffle = stream.position();
    }

    /// Makes the steps that remain of an epoch.
    fn batches(
        &mut self,
        samples: &Samples<'_, T>,
        callback: &mut dyn Callback<T>,
        clock: &Clock,
    ) -> Result<Option<Ended>, Error> {
        let size = self.core.settings.batch_size;
        let batches = self.order.len().div_ceil(size);
        while self.core.batch < batches {
            if self.core.settings.step_limit.is_some_and(|limit| self.core.step >= limit) {
                return Ok(Some(Ended::Steps));
            }
            let start = self.core.batch * size;
            let end = self.order.len().min(start + size);
            let rows = if self.core.settings.shuffle {
                Rows::Listed(&self.order[start..end])
            } else {
                Rows::Range(start, end)
            };
            let (loss, learning_rate) =
                self.core.batch_step(samples, rows, batches, &mut self.gradient)?;
            let core = &mut self.core;
            core.batch += 1;
            let report = BatchReport {
                epoch: core.epoch + 1,
                batch: core.batch,
                batches,
                step: core.step,
                loss,
                learning_rate,
            };
            if callback.batch(&report).is_break() {
                return Ok(Some(Ended::Callback));
            }
            if core.is_out_of_time(clock) {
                return Ok(Some(Ended::Time));
            }
        }
        Ok(None)
    }

    /// Makes one iteration of an optimizer of the whole set; returns whether it
    /// found no further step.
    fn whole_set_step(&mut self, samples: &Samples<'_, T>) -> Result<bool, Error> {
        let Trainer { core, gradient, .. } = self;
        let Core { evaluator, parameters, lbfgs, levenberg, settings, .. } = core;
        let outcome = if let Some(lbfgs) = lbfgs {
            lbfgs.iterate(evaluator, samples, settings.l2, parameters, gradient)
        } else {
            let levenberg = levenberg.as_mut().expect("the other optimizer of the whole set");
            levenberg.iterate(evaluator, samples, settings, parameters)
        };
        core.step += 1;
        core.running = outcome.loss;
        if !outcome.loss.loss.is_finite() {
            return Err(core.diverged(samples, "the loss", 1));
        }
        Ok(outcome.has_converged)
    }

    /// Computes the validation loss, writes the history, and tells the callback.
    fn end_epoch(
        &mut self,
        samples: &Samples<'_, T>,
        validation: Option<&Samples<'_, T>>,
        callback: &mut dyn Callback<T>,
        seconds: f64,
    ) -> Result<ControlFlow<()>, Error> {
        let core = &mut self.core;
        let training_loss = core.running.mean();
        let learning_rate = core.rate(core.batch.saturating_sub(1), core.batch.max(1));
        let validation_loss = match validation {
            None => None,
            Some(validation) => {
                let loss = core.evaluator.loss(&core.parameters, validation).mean();
                if !loss.is_finite() {
                    return Err(core.diverged(samples, "the validation loss", core.batch));
                }
                Some(loss)
            }
        };
        let watched = validation_loss.unwrap_or(training_loss);
        core.plateau.end_epoch(core.settings.schedule, watched);
        let is_best = core.keep_best(watched);
        core.history.training_loss.push(training_loss);
        core.history.validation_loss.extend(validation_loss);
        core.history.learning_rate.push(learning_rate);
        core.history.seconds.push(seconds);
        core.epoch += 1;
        core.batch = 0;
        core.shuffle_position = core.next_shuffle;
        let report = EpochReport {
            epoch: core.epoch,
            epochs: core.settings.epochs,
            training_loss,
            validation_loss,
            learning_rate,
            seconds,
            is_best,
            core,
        };
        Ok(callback.epoch(&report))
    }

    /// Ends training for good, and restores the best parameters.
    fn end(&mut self, ended: Ended) -> Ended {
        let core = &mut self.core;
        if !core.has_ended
            && let Some(best) = &core.best
            && best.loss.is_finite()
        {
            core.parameters.copy_from_slice(&best.parameters);
        }
        core.has_ended = true;
        ended
    }

    /// Goes back to the start of the epoch, or to where it was restored.
    fn restore_good(&mut self) {
        let Trainer { core, good, .. } = self;
        core.parameters.copy_from_slice(&good.parameters);
        core.memory.first.copy_from_slice(&good.memory.first);
        core.memory.second.copy_from_slice(&good.memory.second);
        (core.memory.steps, core.memory.product) = (good.memory.steps, good.memory.product);
        (core.step, core.rows) = (good.step, good.rows);
        (core.batch, core.running) = (good.batch, good.running);
    }
}

impl<T: Real> Core<T> {
    /// Returns the network as it is now.
    pub(crate) fn network(&self) -> Network<T> {
        let Plan { architecture, layout, .. } = &self.evaluator.plan;
        Network::from_fitting(architecture.clone(), layout.unpack(&self.parameters))
    }

    /// Returns the learning rate of a step.
    fn rate(&self, batch: usize, batches: usize) -> f64 {
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

    /// Makes one step; returns the batch's mean loss and the learning rate.
    fn batch_step(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        batches: usize,
        gradient: &mut [T],
    ) -> Result<(f64, f64), Error> {
        let rate = self.rate(self.batch, batches);
        let Core { evaluator, parameters, memory, settings, .. } = self;
        let limit = match settings.clip {
            Clip::Value(limit) => limit,
            Clip::Off | Clip::Norm(_) => f64::INFINITY,
        };
        let of_weights = Adjustment {
            limit,
            l2: settings.l2,
            l1: settings.l1,
            keep: 1.0 - rate * settings.whole_decay(),
            ..Adjustment::NONE
        };
        let of_biases = Adjustment { limit, ..Adjustment::NONE };
        let step = memory.begin_step(settings.optimizer, rate);
        let online = match step {
            Step::Rule(rule) if !matches!(settings.clip, Clip::Norm(_)) => {
                let step = StepRule { rule, of_weights, of_biases };
                let buffers = [&mut **parameters, &mut *memory.first, &mut *memory.second];
                evaluator.step_online(samples, rows, &step, buffers)
            }
            _ => None,
        };
        let adjustments = [of_weights, of_biases];
        let sum = online
            .unwrap_or_else(|| self.step_in_parts(samples, rows, step, adjustments, gradient));
        if !sum.loss.is_finite() {
            return Err(self.diverged(samples, "the loss", self.batch + 1));
        }
        self.step += 1;
        self.rows += rows.len() as u64;
        self.running.add(sum);
        Ok((sum.mean(), rate))
    }

    /// Makes a step pass by pass, unless the loss is not finite; returns it.
    fn step_in_parts(
        &mut self,
        samples: &Samples<'_, T>,
        rows: Rows<'_>,
        step: Step,
        [mut of_weights, mut of_biases]: [Adjustment; 2],
        gradient: &mut [T],
    ) -> LossSum {
        let Core { evaluator, parameters, memory, settings, .. } = self;
        let sum = evaluator.forward_backward(parameters, samples, rows, None, Some(self.rows));
        if !sum.loss.is_finite() {
            return sum;
        }
        let isa = evaluator.plan.isa;
        let Memory { first, second, .. } = memory;
        if let Clip::Norm(limit) = settings.clip {
            evaluator.add_gradient(false, gradient);
            let norm = sum_of_squares(isa, gradient).to_f64().sqrt();
            // PyTorch's 1e-6 keeps the quotient finite.
            let scale = (limit / (norm + 1e-6)).min(1.0);
            (of_weights.scale, of_biases.scale) = (scale, scale);
            let buffers = [&mut **parameters, gradient, &mut **first, &mut **second];
            evaluator.update_in_parts(buffers, |[w, g, first, second], is_bias| {
                let adjustment = if is_bias { of_biases } else { of_weights };
                apply(isa, step, adjustment, w, g, first, second);
            });
        } else {
            let buffers = [&mut **parameters, &mut **first, &mut **second];
            evaluator.update_by_gradient(buffers, |[w, first, second], g, is_bias| {
                let adjustment = if is_bias { of_biases } else { of_weights };
                apply(isa, step, adjustment, w, g, first, second);
            });
        }
        sum
    }

    /// Keeps the parameters if the loss is the least so far.
    fn keep_best(&mut self, loss: f64) -> bool {
        let (Some(stopping), Some(best)) = (self.settings.early_stopping, &mut self.best) else {
            return false;
        };
        let is_best = loss < best.loss - stopping.min_improvement
            || (best.loss.is_infinite() && loss.is_finite());
        if is_best {
            best.loss = loss;
            best.waited = 0;
            best.parameters.copy_from_slice(&self.parameters);
        } else {
            best.waited += 1;
        }
        is_best
    }

    fn has_waited_enough(&self) -> bool {
        match (self.settings.early_stopping, &self.best) {
            (Some(stopping), Some(best)) => best.waited >= stopping.patience.max(1),
            _ => false,
        }
    }

    fn is_out_of_time(&self, clock: &Clock) -> bool {
        self.settings.time_limit.is_some_and(|limit| clock.seconds() >= limit.as_secs_f64())
    }

    /// Describes what went wrong in the last batch.
    fn diverged(&mut self, samples: &Samples<'_, T>, what: &'static str, batch: usize) -> Error {
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
    weights: &mut [T],
    gradient: &mut [T],
    first: &mut [T],
    second: &mut [T],
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
