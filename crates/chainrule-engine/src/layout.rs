//! Where each parameter lies in the buffer that training works on.
//!
//! The parameters of all layers are one flat buffer in the layout of the
//! kernels (see [`kernels`](crate::kernels)), and so are their gradients and
//! the optimizer's state. Columns that fill up the last panel of a layer hold
//! zeros and stay so: their gradient is 0.

use chainrule::activation::Activation;

use crate::aligned::Aligned;
use crate::architecture::{Architecture, Bias};
use crate::kernels::{Panels, Start};
use crate::real::Real;

/// The places of all layers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// The columns of a panel.
    pub(crate) width: usize,
    /// The layers, first to last.
    pub(crate) layers: Vec<LayerLayout>,
    /// How many numbers the buffer has.
    pub(crate) length: usize,
}

/// The place of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LayerLayout {
    /// How many numbers lead into each neuron.
    pub(crate) inputs: usize,
    /// How many neurons there are.
    pub(crate) outputs: usize,
    /// Their activation function.
    pub(crate) activation: Activation,
    /// Its biases.
    pub(crate) bias: Bias,
    /// How many panels its neurons take.
    pub(crate) panels: usize,
    /// Where its first panel begins.
    pub(crate) offset: usize,
    /// How many numbers lie from one panel to the next.
    pub(crate) stride: usize,
}

impl LayerLayout {
    /// Returns the layer's weights and biases.
    #[inline]
    pub(crate) fn view<'a, T>(&self, parameters: &'a [T]) -> Panels<'a, T> {
        let values = &parameters[self.offset..self.offset + self.panels * self.stride];
        Panels { values, stride: self.stride }
    }

    /// Returns what the sums of a forward pass start with.
    #[inline]
    pub(crate) fn start(&self) -> Start {
        if self.bias == Bias::Absent { Start::Zero } else { Start::LastRow }
    }
}

impl Layout {
    /// Lays out an architecture in panels of `width` columns.
    pub(crate) fn new(architecture: &Architecture, width: usize) -> Layout {
        let mut length = 0;
        let layers = architecture.layers().iter().enumerate().map(|(index, spec)| {
            let inputs = architecture.input_width(index);
            let layer = LayerLayout {
                inputs,
                outputs: spec.width,
                activation: spec.activation,
                bias: spec.bias,
                panels: spec.width.div_ceil(width),
                offset: length,
                stride: (inputs + usize::from(spec.bias != Bias::Absent)) * width,
            };
            length += layer.panels * layer.stride;
            layer
        });
        let layers = layers.collect();
        Layout { width, layers, length }
    }

    /// Returns the place of every parameter, in the order of the network.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.layers.iter().flat_map(move |layer| {
            let at = move |j: usize, row: usize| {
                layer.offset + j / self.width * layer.stride + row * self.width + j % self.width
            };
            let weights =
                (0..layer.outputs).flat_map(move |j| (0..layer.inputs).map(move |i| at(j, i)));
            let biases = if layer.bias == Bias::Absent { 0 } else { layer.outputs };
            weights.chain((0..biases).map(move |j| at(j, layer.inputs)))
        })
    }

    /// Returns how many parameters the network has.
    pub(crate) fn parameter_count(&self) -> usize {
        self.layers
            .iter()
            .map(|layer| layer.outputs * (layer.inputs + usize::from(layer.bias != Bias::Absent)))
            .sum()
    }

    /// Copies the parameters of a network into the layout.
    pub(crate) fn pack<T: Real>(&self, parameters: &[T], buffer: &mut [T]) {
        for (place, &value) in self.places().zip(parameters) {
            buffer[place] = value;
        }
    }

    /// Makes a buffer of the parameters of a network.
    pub(crate) fn packed<T: Real>(&self, parameters: &[T]) -> Aligned<T> {
        let mut buffer = Aligned::new(self.length);
        self.pack(parameters, &mut buffer);
        buffer
    }

    /// Returns the parameters in the order of the network.
    pub(crate) fn unpack<T: Real>(&self, buffer: &[T]) -> Vec<T> {
        self.places().map(|place| buffer[place]).collect()
    }

    /// Returns the place of every trained parameter, in the order of the
    /// network, and whether it is a weight.
    pub(crate) fn trained(&self) -> Vec<(usize, bool)> {
        let kinds = self.layers.iter().flat_map(|layer| {
            let biases = if layer.bias == Bias::Absent { 0 } else { layer.outputs };
            let weights = std::iter::repeat_n((true, true), layer.outputs * layer.inputs);
            let is_trained = layer.bias == Bias::Trained;
            weights.chain(std::iter::repeat_n((is_trained, false), biases))
        });
        let places = self.places().zip(kinds);
        places
            .filter(|(_, (is_trained, _))| *is_trained)
            .map(|(place, (_, is_weight))| (place, is_weight))
            .collect()
    }
}
