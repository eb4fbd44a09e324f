//! Choosing a learning rate: short trainings, all from the same network.
//!
//! Each candidate makes a hundred steps or so on the training rows; the one
//! whose last epoch has the lowest training loss is taken. Validation rows are
//! not looked at: they are for stopping.

use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::real::Real;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;

use super::{Error, Part};
use crate::recipe::Choice;

/// The steps of a trial, at least.
const STEPS: usize = 150;

/// What trials are made with.
pub(super) struct Trials<'a, T: Real> {
    pub(super) network: &'a Network<T>,
    pub(super) training: &'a Part<T>,
}

impl<T: Real> Trials<'_, T> {
    /// Sets the learning rate that does best, and says so; nothing where the
    /// optimizer has no use for one.
    pub(super) fn choose(&self, settings: &mut Settings) -> Result<Option<Choice>, Error> {
        let candidates = rates(settings.optimizer);
        if candidates.is_empty() {
            return Ok(None);
        }
        let mut best = (f64::INFINITY, settings.learning_rate);
        for &rate in candidates {
            let loss = self.loss_at(rate, settings)?;
            if loss < best.0 {
                best = (loss, rate);
            }
        }
        settings.learning_rate = best.1;
        let tried: Vec<String> = candidates.iter().map(ToString::to_string).collect();
        Ok(Some(Choice {
            setting: "learning_rate",
            value: best.1.to_string(),
            reason: format!("the lowest loss after {STEPS} steps or more, of {}", tried.join(", ")),
        }))
    }

    /// Returns the training loss that a rate comes to; infinity where it
    /// diverges.
    fn loss_at(&self, rate: f64, settings: &Settings) -> Result<f64, Error> {
        let rows = self.training.count.min(STEPS * settings.batch_size);
        let mut trial = settings.clone();
        trial.learning_rate = rate;
        trial.schedule = Schedule::Constant;
        trial.early_stopping = None;
        trial.time_limit = None;
        trial.step_limit = None;
        let mut trainer = Trainer::new(self.network.clone(), trial)?;
        // The last epoch is compared; there is one before it.
        trainer.set_epochs(STEPS.div_ceil(rows.div_ceil(settings.batch_size)).max(2));
        let samples = self.training.first_samples(rows, self.network.architecture())?;
        match trainer.fit(&samples, None, &mut ()) {
            Ok(_) => {}
            Err(chainrule_engine::error::Error::Diverged { .. }) => return Ok(f64::INFINITY),
            Err(error) => return Err(error.into()),
        }
        let losses = &trainer.history().training_loss;
        Ok(losses.last().copied().unwrap_or(f64::INFINITY))
    }
}

/// Returns the rates to try, low to high.
pub(crate) fn rates(optimizer: Optimizer) -> &'static [f64] {
    match optimizer {
        Optimizer::Sgd { .. } | Optimizer::AdaGrad { .. } => &[0.003, 0.01, 0.03, 0.1, 0.3],
        Optimizer::Quickprop { .. } => &[0.001, 0.01, 0.1, 1.0],
        Optimizer::Rprop { .. } => &[0.001, 0.01, 0.1],
        Optimizer::Lbfgs { .. } | Optimizer::LevenbergMarquardt { .. } => &[],
        _ => &[0.0003, 0.001, 0.003, 0.01, 0.03],
    }
}
