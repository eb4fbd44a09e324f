//! The shape of a network: how many inputs, which layers.
//!
//! Not for weights: those are in [`network`](crate::network).

use chainrule::activation::Activation;

use crate::error::Error;

/// One dense layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerSpec {
    /// How many neurons it has.
    pub width: usize,
    /// The activation function of all of them.
    pub activation: Activation,
    /// Whether the neurons have biases.
    pub bias: Bias,
    /// The share of the layer's activations that are dropped in training,
    /// between 0 and 1; the others are divided by what remains (Srivastava et
    /// al. 2014, the inverted form). 0 in the last layer.
    pub dropout: f64,
}

/// The biases of a layer, one for each neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bias {
    /// They are trained.
    Trained,
    /// They keep the value they were given.
    Frozen,
    /// There are none.
    Absent,
}

impl LayerSpec {
    /// Makes a layer with trained biases and without dropout.
    pub fn new(width: usize, activation: Activation) -> LayerSpec {
        LayerSpec { width, activation, bias: Bias::Trained, dropout: 0.0 }
    }

    /// Returns the layer with other biases.
    #[must_use]
    pub fn with_bias(self, bias: Bias) -> LayerSpec {
        LayerSpec { bias, ..self }
    }

    /// Returns the layer with another share of dropped activations.
    #[must_use]
    pub fn with_dropout(self, dropout: f64) -> LayerSpec {
        LayerSpec { dropout, ..self }
    }
}

/// A checked shape: at least one layer, none empty, softmax only at the end.
///
/// ```
/// use chainrule::activation::Activation;
/// use chainrule_engine::architecture::{Architecture, LayerSpec};
///
/// let digits = Architecture::new(
///     64,
///     [LayerSpec::new(64, Activation::Relu), LayerSpec::new(10, Activation::Softmax)],
/// )?;
/// assert_eq!(digits.parameter_count(), 64 * 64 + 64 + 64 * 10 + 10);
/// # Ok::<(), chainrule_engine::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    inputs: usize,
    layers: Vec<LayerSpec>,
}

impl Architecture {
    /// Checks a shape.
    ///
    /// # Errors
    /// If there is no layer, a width is 0, softmax stands in a hidden layer,
    /// or a dropout share is not from 0 to below 1 (0 in the last layer).
    pub fn new(
        inputs: usize,
        layers: impl IntoIterator<Item = LayerSpec>,
    ) -> Result<Architecture, Error> {
        let layers: Vec<LayerSpec> = layers.into_iter().collect();
        if layers.is_empty() {
            return Err(Error::NoLayers);
        }
        if inputs == 0 {
            return Err(Error::NoWidth { place: "the input".to_string() });
        }
        let count = layers.len();
        for (index, layer) in layers.iter().enumerate() {
            let is_last = index + 1 == count;
            if layer.width == 0 {
                return Err(Error::NoWidth { place: format!("layer {}", index + 1) });
            }
            if layer.activation == Activation::Softmax && !is_last {
                return Err(Error::HiddenSoftmax { layer: index + 1, count });
            }
            if !(0.0..1.0).contains(&layer.dropout) || (is_last && layer.dropout != 0.0) {
                return Err(Error::Setting {
                    setting: "dropout",
                    found: layer.dropout,
                    expected: "a share from 0 to below 1, and 0 in the last layer",
                });
            }
        }
        Ok(Architecture { inputs, layers })
    }

    /// Returns the number of inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.output_layer().width
    }

    /// Returns the layers, first to last.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Returns the last layer.
    ///
    /// # Panics
    /// Never: there is one, as [`new`](Self::new) checks.
    pub fn output_layer(&self) -> &LayerSpec {
        self.layers.last().expect("an architecture has at least one layer")
    }

    /// Returns how many numbers lead into the neurons of a layer, by its index.
    pub fn input_width(&self, layer: usize) -> usize {
        if layer == 0 { self.inputs } else { self.layers[layer - 1].width }
    }

    /// Returns the number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        (0..self.layers.len()).map(|layer| self.parameter_count_of(layer)).sum()
    }

    /// Returns the number of weights and biases of a layer, by its index.
    pub fn parameter_count_of(&self, layer: usize) -> usize {
        let LayerSpec { width, bias, .. } = self.layers[layer];
        let inputs = self.input_width(layer) + usize::from(bias != Bias::Absent);
        width.saturating_mul(inputs)
    }

    /// Tells whether any layer drops activations in training.
    pub fn has_dropout(&self) -> bool {
        self.layers.iter().any(|layer| layer.dropout > 0.0)
    }
}
