//! Looking inside: a sample of a live network, as the textbook works it.
//!
//! What comes out is an [`Example`]: run it, explain it, check it as any other.
//! Its gradient on one sample is the engine's; that of a batch is the mean.

use chainrule::convention::Convention;
use chainrule::example::Example;
use chainrule::loss::Loss;
use chainrule::names::Names;
use chainrule::network::Sample;
use chainrule::rounding::Rounding;

use crate::data::Samples;
use crate::error::Error;
use crate::network::Network;
use crate::real::Real;
use crate::trainer::Trainer;

impl<T: Real> Network<T> {
    /// Makes a worked example of one step of gradient descent on one sample, by
    /// its index, with the network as it is now.
    ///
    /// # Errors
    /// If the samples are for another architecture, or there is no such sample.
    pub fn example(
        &self,
        samples: &Samples<'_, T>,
        sample: usize,
        loss: Loss,
        learning_rate: f64,
    ) -> Result<Example, Error> {
        samples.check(self.architecture())?;
        if sample >= samples.count() {
            return Err(Error::NoSuchSample { index: sample, count: samples.count() });
        }
        let doubles = |values: &[T]| values.iter().map(|value| value.to_f64()).collect();
        let network = self.to_textbook();
        let note = self.architecture().has_dropout().then(|| {
            "in training, some activations are dropped at random; here all are kept".to_string()
        });
        Ok(Example {
            title: format!("Sample {}", sample + 1),
            source: None,
            note,
            names: Names::automatic(&network),
            network,
            samples: vec![Sample {
                inputs: doubles(samples.inputs(sample)),
                targets: doubles(samples.targets(sample)),
            }],
            learning_rate,
            loss,
            convention: Convention::default(),
            shown: Rounding::Digits(6),
            answers: Vec::new(),
            published: Vec::new(),
        })
    }
}

impl<T: Real> Trainer<T> {
    /// Makes a worked example of a sample with the network, the loss and the
    /// learning rate as they are now.
    ///
    /// # Errors
    /// If the samples are for another architecture, or there is no such sample.
    pub fn example(&self, samples: &Samples<'_, T>, sample: usize) -> Result<Example, Error> {
        let settings = self.settings();
        self.network().example(samples, sample, settings.loss, self.learning_rate())
    }
}
