//! Being told what happens in training, and stopping it.

use std::ops::ControlFlow;

use crate::network::Network;
use crate::real::Real;
use crate::trainer::Core;

/// What is called while training runs. Every method has a default that goes on.
///
/// ```
/// use std::ops::ControlFlow;
/// use chainrule_engine::callback::{Callback, EpochReport};
///
/// struct UntilGood;
///
/// impl Callback<f32> for UntilGood {
///     fn epoch(&mut self, report: &EpochReport<'_, f32>) -> ControlFlow<()> {
///         if report.training_loss < 0.01 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
/// }
/// ```
pub trait Callback<T: Real> {
    /// Is called after each step, or after as many as
    /// [`steps_at_once`](Self::steps_at_once) allows. [`ControlFlow::Break`] ends
    /// training there; with an optimizer of the whole set, whose step is an
    /// epoch, after that.
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        let _ = report;
        ControlFlow::Continue(())
    }

    /// Returns the most steps made before [`batch`](Self::batch) is called. With
    /// more than one, steps on single samples are faster.
    fn steps_at_once(&self) -> usize {
        1
    }

    /// Is called after each epoch. [`ControlFlow::Break`] ends training there.
    fn epoch(&mut self, report: &EpochReport<'_, T>) -> ControlFlow<()> {
        let _ = report;
        ControlFlow::Continue(())
    }
}

/// Nothing is called.
impl<T: Real> Callback<T> for () {
    fn steps_at_once(&self) -> usize {
        usize::MAX
    }
}

/// The last step that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The batch in the epoch, from 1.
    pub batch: usize,
    /// The batches of an epoch.
    pub batches: usize,
    /// The steps made in all.
    pub step: u64,
    /// The mean loss of the batch, before the step; with an optimizer of the
    /// whole set, after it.
    pub loss: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
}

/// An epoch that was made.
#[derive(Clone, Copy, Debug)]
pub struct EpochReport<'a, T: Real> {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The most epochs there will be.
    pub epochs: usize,
    /// The mean loss of the epoch's batches.
    pub training_loss: f64,
    /// The mean loss of the validation set, if there is one.
    pub validation_loss: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The seconds the epoch took.
    pub seconds: f64,
    /// Whether the loss watched by early stopping was never lower.
    pub is_best: bool,
    pub(crate) core: &'a Core<T>,
}

impl<T: Real> EpochReport<'_, T> {
    /// Returns the network as it is now.
    pub fn network(&self) -> Network<T> {
        self.core.network()
    }

    /// Returns the state of training after this epoch, as
    /// [`Trainer::state`](crate::trainer::Trainer::state) would: a checkpoint
    /// does not interrupt training.
    pub fn state(&self) -> Vec<u8> {
        self.core.state()
    }
}
