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
use crate::callback::{Callback, EpochReport};
use crate::clock::Clock;
use crate::data::{Rows, Samples};
use crate::error::Error;
use crate::evaluation::{Evaluator, LossSum};
use crate::history::History;
use crate::kernels::Isa;
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::lbfgs::Lbfgs;
use crate::optimizer::levenberg::Levenberg;
use crate::optimizer::{Memory, Optimizer};
use crate::random::Stream;
use crate::real::Real;
use crate::schedule::Plateau;
use crate::settings::{Clip, Settings};

mod core;
mod memory;
mod snapshot;
mod windows;

pub(crate) use self::core::{Best, Core};
pub use self::memory::MemoryUse;
use self::snapshot::Snapshot;
pub use self::windows::Windows;

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
}

impl<T: Real> Trainer<T> {
    /// Makes everything ready to train a network.
    ///
    /// # Errors
    /// If a setting is out of its range, or settings do not go together.
    #[expect(clippy::needless_pass_by_value, reason = "the trainer takes the network over")]
    pub fn new(network: Network<T>, settings: Settings) -> Result<Trainer<T>, Error> {
        let isa = Isa::of_network::<T>(network.architecture());
        Trainer::with_isa(&network, settings, isa)
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
        let good = Snapshot::new(&parameters, &memory);
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
            ended: None,
            has_converged: false,
            history: History::default(),
            samples: 0,
            settings,
            evaluator,
            parameters,
            memory,
            good,
            are_finite: None,
        };
        let gradient = Aligned::new(if needs_gradient { length } else { 0 });
        Ok(Trainer { core, order: Vec::new(), gradient })
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
        self.core.go_on();
    }

    /// Changes the learning rate η, after a divergence for instance. Saved
    /// states then have the new one. Plays no part where the optimizer has steps
    /// of its own (Rprop, L-BFGS, Levenberg–Marquardt).
    ///
    /// # Errors
    /// If it is not above 0.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), Error> {
        let settings = Settings { learning_rate, ..self.core.settings.clone() };
        settings.check(self.architecture())?;
        self.core.settings = settings;
        Ok(())
    }

    /// Changes how many steps there may be in all.
    pub fn set_step_limit(&mut self, limit: Option<u64>) {
        self.core.settings.step_limit = limit;
    }

    /// Trains until there is a reason to end. Called again after an
    /// interruption, it goes on with the batch that comes next, as if there had
    /// been none; if with other samples, then on those. After training has ended
    /// for good it does nothing.
    ///
    /// Between its first step and its last, it allocates nothing.
    ///
    /// # Errors
    /// If the samples do not fit network and loss, or are not as many as
    /// before, or there was a validation set before and now is none (or the
    /// other way round); [`Error::Diverged`] when loss or weights are no longer
    /// finite: the trainer then holds what there was at the start of that epoch
    /// (where a state was restored in the middle of it, what that state had).
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
            self.core.restore_good();
        }
        result
    }

    /// Checks the samples and makes room for what depends on their number.
    fn prepare(
        &mut self,
        samples: &Samples<'_, T>,
        validation: Option<&Samples<'_, T>>,
    ) -> Result<(), Error> {
        let loss = self.core.settings.loss;
        for samples in [Some(samples), validation].into_iter().flatten() {
            samples.check(self.architecture())?;
            samples.check_targets(loss)?;
        }
        let count = samples.count();
        self.core.begin(count, validation.is_some())?;
        self.order.clear();
        self.order.extend((0..count).map(|sample| u32::try_from(sample).expect("checked")));
        if self.core.batch > 0 {
            self.shuffle();
        }
        let core = &mut self.core;
        if let Some(lbfgs) = &mut core.lbfgs {
            lbfgs.forget_gradient();
        }
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
            if let Some(ended) = self.core.ended {
                return Ok(ended);
            }
            if self.core.has_converged {
                return Ok(self.core.end(Ended::Converged));
            }
            if self.core.epoch >= self.core.settings.epochs {
                return Ok(self.core.end(Ended::Epochs));
            }
            if self.core.batch == 0 {
                self.begin_epoch();
            }
            let mut is_stopped = false;
            if self.core.settings.optimizer.is_of_whole_set() {
                if self.core.is_out_of_steps() {
                    return Ok(Ended::Steps);
                }
                self.core.has_converged = self.whole_set_step(samples)?;
                // The step is an epoch: it is ended before training stops.
                is_stopped = callback.batch(&self.core.whole_set_report()).is_break();
            } else if let Some(ended) = self.batches(samples, callback, clock)? {
                return Ok(ended);
            }
            if !self.core.has_finite_parameters() {
                return Err(self.core.diverged(samples, "a weight", self.core.batch));
            }
            let now = clock.seconds();
            let flow = self.end_epoch(validation, callback, now - epoch_started)?;
            epoch_started = now;
            if self.core.has_converged {
                return Ok(self.core.end(Ended::Converged));
            }
            if is_stopped || flow.is_break() {
                return Ok(Ended::Callback);
            }
            if self.core.is_out_of_time(clock) {
                return Ok(Ended::Time);
            }
        }
    }

    /// Remembers what there is, and brings the samples into a new order.
    fn begin_epoch(&mut self) {
        self.core.mark_good();
        self.core.running = LossSum::default();
        self.shuffle();
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
            let core = &mut self.core;
            let count = core.steps_at_once(batches).min(callback.steps_at_once()).max(1);
            let start = core.batch * size;
            let end = self.order.len().min(start + count * size);
            let rows = if core.settings.shuffle {
                Rows::Listed(&self.order[start..end])
            } else {
                Rows::Range(start, end)
            };
            let gradient = &mut self.gradient;
            let ended =
                core.told_steps(samples, rows, count, batches, gradient, callback, clock)?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
        Ok(None)
    }

    /// Makes one iteration of an optimizer of the whole set; returns whether it
    /// found no further step.
    fn whole_set_step(&mut self, samples: &Samples<'_, T>) -> Result<bool, Error> {
        let Trainer { core, gradient, .. } = self;
        core.keep_buffers();
        let Core { evaluator, parameters, lbfgs, levenberg, settings, .. } = core;
        let outcome = if let Some(lbfgs) = lbfgs {
            let evaluate = |parameters: &[T], gradient: &mut [T]| {
                let loss = evaluator.loss_and_gradient(parameters, samples, gradient);
                (loss, loss.mean() + evaluator.penalty(settings.l2, parameters, gradient))
            };
            lbfgs.iterate(evaluate, parameters, gradient)
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
                    return Err(core.diverged(validation, "the validation loss", core.batch));
                }
                Some(loss)
            }
        };
        let watched = validation_loss.unwrap_or(training_loss);
        core.plateau.end_epoch(core.settings.schedule, watched);
        let is_best = core.keep_best(watched);
        core.has_converged |= core.has_waited_enough();
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
}
