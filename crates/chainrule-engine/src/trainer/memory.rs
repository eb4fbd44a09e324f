//! How much memory training takes: all of it is there before the first step.

use super::Trainer;
use crate::optimizer::lbfgs::Lbfgs;
use crate::optimizer::levenberg::Levenberg;
use crate::real::Real;

/// Bytes of memory of a trainer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryUse {
    /// The parameters, the best so far, and those of the last epoch's start.
    pub parameters: usize,
    /// Gradient and what the optimizer remembers, twice where the last epoch's
    /// start is kept.
    pub optimizer: usize,
    /// What a batch is computed in.
    pub workspace: usize,
}

impl MemoryUse {
    /// The bytes a sample takes beside its inputs and targets: its place in the
    /// order of an epoch.
    pub const PER_SAMPLE: usize = size_of::<u32>();

    /// Returns all of it.
    pub fn total(&self) -> usize {
        self.parameters + self.optimizer + self.workspace
    }
}

impl<T: Real> Trainer<T> {
    /// Returns how much memory it takes, without samples and history. Wider vectors
    /// take more: a panel of weights is as wide as a few of them.
    ///
    /// ```
    /// use chainrule::activation::Activation;
    /// use chainrule::loss::Loss;
    /// use chainrule_engine::architecture::{Architecture, LayerSpec};
    /// use chainrule_engine::initialise::Initialisation;
    /// use chainrule_engine::network::Network;
    /// use chainrule_engine::settings::Settings;
    /// use chainrule_engine::trainer::Trainer;
    ///
    /// let shape = Architecture::new(16, [LayerSpec::new(3, Activation::Softmax)])?;
    /// let network = Network::<f32>::new(shape, Initialisation::default(), 1);
    /// let trainer = Trainer::new(network, Settings::new(Loss::CategoricalCrossEntropy))?;
    /// assert!(trainer.memory().total() < 100_000);
    /// # Ok::<(), chainrule_engine::error::Error>(())
    /// ```
    pub fn memory(&self) -> MemoryUse {
        let core = &self.core;
        let best = core.best.as_ref().map_or(0, |best| best.parameters.bytes());
        let [good, good_state] = core.good.bytes();
        let state = core.memory.first.bytes() + core.memory.second.bytes() + good_state;
        let whole_set = core.lbfgs.as_ref().map_or(0, Lbfgs::bytes)
            + core.levenberg.as_ref().map_or(0, Levenberg::bytes);
        MemoryUse {
            parameters: core.parameters.bytes() + good + best,
            optimizer: self.gradient.bytes() + state + whole_set,
            workspace: core.evaluator.bytes(),
        }
    }
}
