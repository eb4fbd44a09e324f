//! How a network is trained.

use std::time::Duration;

use chainrule::activation::Activation;
use chainrule::loss::Loss;

use crate::architecture::Architecture;
use crate::error::Error;
use crate::kernels::Adjustment;
use crate::optimizer::Optimizer;
use crate::schedule::Schedule;

/// Everything training needs besides network and samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The loss of a sample; that of a batch is the mean.
    pub loss: Loss,
    /// The optimizer.
    pub optimizer: Optimizer,
    /// The learning rate η.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// How many samples a step looks at; the last batch of an epoch has what
    /// remains. For optimizers of the whole set, how many are computed at once.
    pub batch_size: usize,
    /// How many times all samples are gone through, at most.
    pub epochs: usize,
    /// Whether each epoch goes through the samples in a new order.
    pub shuffle: bool,
    /// The seed of shuffling and dropout.
    pub seed: u64,
    /// How many threads may be used, 0 for as many as the machine runs at once.
    /// Their number changes no bit of any result.
    pub threads: usize,
    /// `l2·w` is added to the gradient of each weight, not of biases: coupled
    /// weight decay, the gradient of `½·l2·Σw²`.
    pub l2: f64,
    /// `l1·sign(w)` is added to the gradient of each weight, not of biases.
    pub l1: f64,
    /// `η·decay·w` is subtracted from each weight, not from biases, before a
    /// step: decoupled weight decay (Loshchilov & Hutter 2019).
    pub decay: f64,
    /// What is done with large gradients.
    pub clip: Clip,
    /// How far the targets of cross-entropies are moved towards the mean in
    /// training, from 0 to below 1 (Szegedy et al. 2016, §7).
    pub label_smoothing: f64,
    /// When training ends because nothing gets better.
    pub early_stopping: Option<EarlyStopping>,
    /// How long one call of `fit` may take; it ends after the step in which the
    /// time runs out.
    pub time_limit: Option<Duration>,
    /// How many steps there may be in all.
    pub step_limit: Option<u64>,
}

/// What is done with large gradients, before any weight decay.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Clip {
    /// Nothing.
    #[default]
    Off,
    /// A gradient whose Euclidean norm is larger is scaled down to it (Pascanu
    /// et al. 2013).
    Norm(f64),
    /// Each element is cut to ± this.
    Value(f64),
}

/// Ends training when the loss of the validation set (of the training set, if
/// there is none) no longer falls, and restores the parameters that were best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// After this many epochs without an improvement training ends.
    pub patience: usize,
    /// A smaller decrease is no improvement; what is restored is the least loss
    /// all the same.
    pub min_improvement: f64,
}

impl Settings {
    /// Makes the usual settings: Adam with learning rate 0.001, batches of 32,
    /// 100 epochs, shuffled, one thread.
    pub fn new(loss: Loss) -> Settings {
        Settings {
            loss,
            optimizer: Optimizer::ADAM,
            learning_rate: 0.001,
            schedule: Schedule::Constant,
            batch_size: 32,
            epochs: 100,
            shuffle: true,
            seed: 0,
            threads: 1,
            l2: 0.0,
            l1: 0.0,
            decay: 0.0,
            clip: Clip::Off,
            label_smoothing: 0.0,
            early_stopping: None,
            time_limit: None,
            step_limit: None,
        }
    }

    /// Returns the number of threads meant.
    pub fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }

    /// Returns the decoupled decay: of the settings and of the optimizer.
    pub(crate) fn whole_decay(&self) -> f64 {
        match self.optimizer {
            Optimizer::AdamW { decay, .. } => self.decay + decay,
            _ => self.decay,
        }
    }

    /// Returns what is done to gradients and weights, and to biases, before a
    /// step of this learning rate.
    pub(crate) fn adjustments(&self, rate: f64) -> [Adjustment; 2] {
        let limit = if let Clip::Value(limit) = self.clip { limit } else { f64::INFINITY };
        let of_biases = Adjustment { limit, ..Adjustment::NONE };
        let keep = 1.0 - rate * self.whole_decay();
        [Adjustment { l2: self.l2, l1: self.l1, keep, ..of_biases }, of_biases]
    }

    /// Returns what smoothing moves targets towards, if it can be done.
    pub(crate) fn smoothing_target(&self, outputs: usize) -> Option<f64> {
        match self.loss {
            Loss::CategoricalCrossEntropy => Some(1.0 / outputs as f64),
            Loss::BinaryCrossEntropy => Some(0.5),
            _ => None,
        }
    }

    /// Checks the settings against an architecture.
    pub(crate) fn check(&self, architecture: &Architecture) -> Result<(), Error> {
        self.optimizer.check()?;
        self.schedule.check()?;
        let at_least = |setting, found: f64, bound: f64, expected| {
            if found.is_finite() && found >= bound {
                Ok(())
            } else {
                Err(Error::Setting { setting, found, expected })
            }
        };
        at_least("the learning rate", self.learning_rate, f64::MIN_POSITIVE, "above 0")?;
        at_least("the batch size", self.batch_size as f64, 1.0, "1 or more")?;
        at_least("l2", self.l2, 0.0, "0 or more")?;
        at_least("l1", self.l1, 0.0, "0 or more")?;
        at_least("the decay", self.decay, 0.0, "0 or more")?;
        match self.clip {
            Clip::Off => {}
            Clip::Norm(limit) | Clip::Value(limit) => {
                at_least("the gradient's limit", limit, f64::MIN_POSITIVE, "above 0")?;
            }
        }
        if !(0.0..1.0).contains(&self.label_smoothing) {
            return Err(Error::Setting {
                setting: "label smoothing",
                found: self.label_smoothing,
                expected: "from 0 to below 1",
            });
        }
        if let Some(stopping) = self.early_stopping {
            at_least("the least improvement", stopping.min_improvement, 0.0, "0 or more")?;
        }
        check_loss(self.loss, architecture)?;
        self.check_together(architecture)
    }

    /// Checks what goes together.
    fn check_together(&self, architecture: &Architecture) -> Result<(), Error> {
        let conflict = |one: String, other: String| Err(Error::Conflict { one, other });
        let loss = || format!("the loss `{}`", self.loss.name());
        if self.label_smoothing > 0.0 && self.smoothing_target(architecture.outputs()).is_none() {
            return conflict("label smoothing".to_string(), loss());
        }
        if architecture.output_layer().activation == Activation::Softmax
            && architecture.outputs() == 1
        {
            return conflict("softmax".to_string(), "a single output".to_string());
        }
        if self.optimizer.is_of_whole_set() {
            let optimizer = "an optimizer of the whole set".to_string();
            let others = [
                (self.l1 > 0.0, "l1"),
                (self.decay > 0.0, "decoupled decay"),
                (self.clip != Clip::Off, "gradient clipping"),
                (architecture.has_dropout(), "dropout"),
                (self.label_smoothing > 0.0, "label smoothing"),
            ];
            if let Some((_, other)) = others.iter().find(|(is_set, _)| *is_set) {
                return conflict(optimizer, (*other).to_string());
            }
        }
        if let Optimizer::LevenbergMarquardt { .. } = self.optimizer {
            let optimizer = "levenberg-marquardt".to_string();
            if !matches!(self.loss, Loss::HalfSquared | Loss::MeanSquared | Loss::SumSquared) {
                return conflict(optimizer, loss());
            }
            let count = architecture.parameter_count();
            if count > LARGEST_LEVENBERG {
                let other = format!("{count} parameters (at most {LARGEST_LEVENBERG})");
                return conflict(optimizer, other);
            }
            if architecture.output_layer().activation == Activation::Softmax {
                return conflict(optimizer, "softmax".to_string());
            }
        }
        Ok(())
    }
}

/// Checks whether a loss is defined for what the last layer puts out. The rule
/// is that of the textbook's examples.
pub(crate) fn check_loss(loss: Loss, architecture: &Architecture) -> Result<(), Error> {
    use Activation::{Sigmoid, Softmax, Softplus};
    if let Loss::Quantile { tau } = loss
        && !(tau > 0.0 && tau < 1.0)
    {
        let expected = "between 0 and 1";
        return Err(Error::Setting { setting: "the quantile's tau", found: tau, expected });
    }
    let activation = architecture.output_layer().activation;
    let fits = match loss {
        Loss::BinaryCrossEntropy => matches!(activation, Sigmoid | Softmax),
        Loss::CategoricalCrossEntropy => activation == Softmax,
        Loss::Poisson => matches!(activation, Softplus | Sigmoid | Softmax),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let one = format!("the loss `{}`", loss.name());
    let other = format!("the output activation `{}`", activation.name());
    Err(Error::Conflict { one, other })
}

/// The most parameters of Levenberg–Marquardt: its matrix then has 32 MB.
const LARGEST_LEVENBERG: usize = 2000;
