//! A network: an architecture and its parameters in one flat buffer.
//!
//! The order of the parameters is that of
//! [`chainrule::network::Network::parameters`]: layer by layer, the weights row
//! by row (`weights[j][i]` leads into neuron `j` from `i`), then the layer's
//! biases. Not for speed: trainer and predictor lay the numbers out for the
//! kernels once, and keep them so.

use chainrule::loss::Loss;
use chainrule::network::{Biases, Layer, Network as Textbook};

use crate::aligned::Aligned;
use crate::architecture::{Architecture, Bias, LayerSpec};
use crate::batch::Plan;
use crate::data::Samples;
use crate::error::Error;
use crate::evaluation::Evaluator;
use crate::initialise::{Initialisation, initialise};
use crate::kernels::Isa;
use crate::objective::Objective;
use crate::predictor::Predictor;
use crate::random::Stream;
use crate::real::Real;
use crate::settings::check_loss;

/// An architecture with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network<T> {
    architecture: Architecture,
    parameters: Vec<T>,
}

/// The parameters of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerView<'a, T> {
    /// What kind of layer it is.
    pub spec: LayerSpec,
    /// (outputs, inputs), row by row.
    pub weights: &'a [T],
    /// (outputs), or empty where there are none.
    pub biases: &'a [T],
}

impl<T: Real> Network<T> {
    /// Makes a network with random weights, and biases 0.
    ///
    /// The numbers are drawn from the stream of initialisation of `seed`:
    /// training with the same seed draws from others.
    pub fn new(
        architecture: Architecture,
        initialisation: Initialisation,
        seed: u64,
    ) -> Network<T> {
        let mut random = Stream::initialisation(seed);
        let parameters = initialise(&architecture, initialisation, &mut random);
        Network { architecture, parameters }
    }

    /// Makes a network of given parameters, in the order this module says.
    ///
    /// # Errors
    /// If their number is another, or one is not finite.
    pub fn from_parameters(
        architecture: Architecture,
        parameters: Vec<T>,
    ) -> Result<Network<T>, Error> {
        let expected = architecture.parameter_count();
        if parameters.len() != expected {
            return Err(Error::Length { what: "parameters", found: parameters.len(), expected });
        }
        if let Some(index) = parameters.iter().position(|value| !value.is_finite()) {
            let value = parameters[index].to_f64();
            return Err(Error::NotFinite { what: "parameters", index, value });
        }
        Ok(Network { architecture, parameters })
    }

    /// Wraps parameters that are known to fit.
    pub(crate) fn from_fitting(architecture: Architecture, parameters: Vec<T>) -> Network<T> {
        debug_assert_eq!(parameters.len(), architecture.parameter_count());
        Network { architecture, parameters }
    }

    /// Returns the architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Returns all parameters.
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// Returns the layers with their parameters, first to last.
    pub fn layers(&self) -> impl Iterator<Item = LayerView<'_, T>> {
        let mut rest = self.parameters.as_slice();
        self.architecture.layers().iter().enumerate().map(move |(index, &spec)| {
            let (weights, after) = rest.split_at(spec.width * self.architecture.input_width(index));
            let count = if spec.bias == Bias::Absent { 0 } else { spec.width };
            let (biases, after) = after.split_at(count);
            rest = after;
            LayerView { spec, weights, biases }
        })
    }

    /// Returns the outputs for rows of inputs: activations, of a softmax layer
    /// probabilities. A row's outputs do not depend on the rows beside it, not
    /// in a single bit.
    ///
    /// Lays the parameters out anew each time: for many calls, make a
    /// [`predictor`](Self::predictor).
    ///
    /// # Shapes
    /// - `inputs`: (rows, inputs), the result: (rows, outputs)
    ///
    /// # Errors
    /// If the length is no multiple of the number of inputs.
    pub fn predict(&self, inputs: &[T]) -> Result<Vec<T>, Error> {
        self.predictor().predict(inputs)
    }

    /// Makes what computes outputs fast.
    pub fn predictor(&self) -> Predictor<T> {
        Predictor::new(self)
    }

    /// Returns the mean loss of samples and its gradient, in the order of the
    /// parameters; 0 for biases that are not trained. No activation is dropped.
    ///
    /// # Errors
    /// If the samples are for another architecture, or the loss is not defined
    /// for the activation of the last layer or for the targets.
    pub fn loss_and_gradient(
        &self,
        samples: &Samples<'_, T>,
        loss: Loss,
    ) -> Result<(f64, Vec<T>), Error> {
        check_loss(loss, &self.architecture)?;
        samples.check_targets(loss)?;
        self.loss_and_gradient_with(samples, loss, Isa::of_network::<T>(&self.architecture), 1)
    }

    /// The same on a chosen instruction set, with a chosen number of threads.
    pub(crate) fn loss_and_gradient_with(
        &self,
        samples: &Samples<'_, T>,
        loss: Loss,
        isa: Isa,
        threads: usize,
    ) -> Result<(f64, Vec<T>), Error> {
        samples.check(&self.architecture)?;
        let plan = Plan::new::<T>(&self.architecture, isa);
        let parameters = plan.layout.packed(&self.parameters);
        let mut gradient = Aligned::new(parameters.len());
        let last = self.architecture.output_layer();
        let objective = Objective::new(last.activation, loss, last.width);
        let capacity = samples.count().min(256);
        let mut evaluator = Evaluator::with_threads(plan, objective, capacity, threads, 0);
        let sum = evaluator.loss_and_gradient(&parameters, samples, &mut gradient);
        Ok((sum.mean(), evaluator.plan.layout.unpack(&gradient)))
    }

    /// Takes over a network of the textbook; numbers are rounded to `T`.
    ///
    /// # Errors
    /// If a layer's neurons share one bias, if the shape is not one the engine
    /// has, or if a number is not finite.
    pub fn from_textbook(network: &Textbook<f64>) -> Result<Network<T>, Error> {
        let specs = network.layers.iter().enumerate().map(|(index, layer)| {
            let bias = match (&layer.biases, layer.biases_trained) {
                (Biases::Absent, _) => Bias::Absent,
                (Biases::PerNeuron(_), true) => Bias::Trained,
                (Biases::PerNeuron(_), false) => Bias::Frozen,
                (Biases::Shared(_), _) => {
                    return Err(Error::Unsupported { layer: index + 1, what: "shared bias" });
                }
            };
            Ok(LayerSpec::new(layer.width(), layer.activation).with_bias(bias))
        });
        let specs = specs.collect::<Result<Vec<_>, Error>>()?;
        let architecture = Architecture::new(network.input_width(), specs)?;
        let parameters = network.parameters().map(|(_, value)| T::from_f64(value)).collect();
        Network::from_parameters(architecture, parameters)
    }

    /// Returns the same network for the textbook. It has no dropout there.
    pub fn to_textbook(&self) -> Textbook<f64> {
        let layers = self.layers().enumerate().map(|(index, view)| {
            let doubles = |row: &[T]| row.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
            Layer {
                activation: view.spec.activation,
                weights: view
                    .weights
                    .chunks_exact(self.architecture.input_width(index))
                    .map(doubles)
                    .collect(),
                biases: match view.spec.bias {
                    Bias::Absent => Biases::Absent,
                    Bias::Trained | Bias::Frozen => Biases::PerNeuron(doubles(view.biases)),
                },
                biases_trained: view.spec.bias == Bias::Trained,
            }
        });
        Textbook { layers: layers.collect() }
    }
}
