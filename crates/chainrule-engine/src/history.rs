//! What happened in training, as columns: one number for each epoch.

/// The columns of a training run; all have the same length, or are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The mean loss over the samples of training, each taken when its batch
    /// came: the network changed meanwhile. Of an optimizer of the whole set, the loss
    /// after its step.
    pub training_loss: Vec<f64>,
    /// The mean loss over the validation set at the end of the epoch; empty
    /// without such a set.
    pub validation_loss: Vec<f64>,
    /// The learning rate of the epoch's last step.
    pub learning_rate: Vec<f64>,
    /// The seconds the epoch took. They are the only numbers of a run that are
    /// not the same each time; where there is no clock, 0.
    pub seconds: Vec<f64>,
}

impl History {
    /// Returns the number of epochs.
    pub fn epochs(&self) -> usize {
        self.training_loss.len()
    }

    /// Makes room for more epochs.
    pub(crate) fn reserve(&mut self, epochs: usize) {
        // A limit of epochs that is never meant to be reached needs no room.
        let epochs = epochs.min(1 << 20);
        self.training_loss.reserve(epochs);
        self.validation_loss.reserve(epochs);
        self.learning_rate.reserve(epochs);
        self.seconds.reserve(epochs);
    }
}
