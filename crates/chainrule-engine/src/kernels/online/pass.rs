//! Forward and backward of one sample, but for the step.

use super::sums::{NARROW, Sums};
use super::{Layer, Online};
use crate::kernels::activate::{activate_body, value_and_slope};
use crate::kernels::output::{Columns, Ending, OutputRow};
use crate::kernels::vector::{Vector, panel_width};
use crate::real::Real;

kernel! {
    /// Computes activations and deltas of one sample; returns its loss. Deltas
    /// are multiplied by `factor`; where the loss is not finite, there are none
    /// but those of the last layer.
    ///
    /// # Panics
    /// If a length does not fit the network, its layout is of another set, or
    /// it has no room for steps.
    pub(super) fn pass<T>(
        network: &mut Online<T>,
        ending: Ending,
        parameters: &[T],
        inputs: &[T],
        targets: &[T],
        factor: T,
    ) -> T = pass_body
}

#[inline(always)]
fn pass_body<V: Vector>(
    token: V::Token,
    network: &mut Online<V::Element>,
    ending: Ending,
    parameters: &[V::Element],
    inputs: &[V::Element],
    targets: &[V::Element],
    factor: V::Element,
) -> V::Element {
    network.check::<V>(parameters, inputs);
    assert!(network.outputs == targets.len(), "every output has a target");
    assert!(network.slopes.len() == network.activations.len(), "there is room for steps");
    network.targets[..targets.len()].copy_from_slice(targets);
    let Some(last) = network.layers.last() else { unreachable!("there is a layer") };
    let layers = &network.layers;
    let (activations, slopes) = (network.activations.as_mut_ptr(), network.slopes.as_mut_ptr());
    let parameters = parameters.as_ptr();
    let last_takes_activations = ending.needs_activations();

    // a = f(W·a + b), and f′
    let mut sources = inputs.as_ptr();
    for (number, layer) in layers.iter().enumerate() {
        let is_activated = last_takes_activations || number + 1 < layers.len();
        // SAFETY: `check` found the buffers to be as long as the layers need,
        // and `sources` are as many as the layer's inputs.
        unsafe {
            let (values, slopes) = (activations.add(layer.column), slopes.add(layer.column));
            let sums = Sums::<V> { token, layer, parameters, sources, out: values };
            if layer.vectors > NARROW {
                sums.store();
                if is_activated {
                    activate_layer::<V>(token, layer, values, slopes);
                }
            } else {
                for vector in 0..layer.vectors {
                    let z = sums.vector(vector);
                    let (a, slope) =
                        if is_activated { value_and_slope(layer.activation, z) } else { (z, z) };
                    a.store(values.add(vector * V::LANES));
                    slope.store(slopes.add(vector * V::LANES));
                }
            }
            sources = values;
        }
    }

    // δ = ∂E/∂z
    let stride = panel_width::<V>();
    let columns = Columns::<V>::new(token, targets.len(), true);
    let targets = network.targets.as_ptr();
    // SAFETY: as above; the targets are as many as the last layer's neurons,
    // filled up to whole panels.
    let loss = unsafe {
        let (z, slopes) = (activations.add(last.column), slopes.add(last.column));
        let row = OutputRow::<V> { z, slopes, stride, targets, targets_stride: stride };
        row.deltas(token, ending, factor, &columns)
    };
    if !loss.is_finite() {
        return loss;
    }

    // From the last layer to the second: the deltas of the layer before.
    let (deltas, squares) = (network.deltas.as_mut_ptr(), network.squares.as_mut_ptr());
    // SAFETY: as above; the deltas of the last layer are in `activations`.
    unsafe {
        let mut of_layer = activations.add(last.column).cast_const();
        for pair in layers.windows(2).rev() {
            let [before, layer] = pair else { unreachable!("windows of two") };
            let (slopes, out) = (slopes.add(before.column), deltas.add(before.column));
            hidden_deltas::<V>(token, layer, parameters, of_layer, slopes, squares, out);
            of_layer = out;
        }
    }
    loss
}

/// Replaces the pre-activations of a layer by activations; writes the slopes.
///
/// # Safety
/// Both must have the layer's neurons, filled up to whole panels.
#[inline(always)]
unsafe fn activate_layer<V: Vector>(
    token: V::Token,
    layer: &Layer,
    values: *mut V::Element,
    slopes: *mut V::Element,
) {
    let used = layer.vectors * V::LANES;
    // SAFETY: the caller grants whole panels, which are whole vectors.
    let (values, slopes) = unsafe {
        (std::slice::from_raw_parts_mut(values, used), std::slice::from_raw_parts_mut(slopes, used))
    };
    activate_body::<V>(token, layer.activation, values, slopes);
}

/// The most neurons whose weights are not worth to be turned in a square.
const FEW: usize = 2;

/// Computes `δ_i = (Σ_j w_ji·δ_j)·f′(z_i)` of the layer before.
///
/// # Safety
/// The buffers must have what the layer needs: the network's parameters, its
/// neurons' deltas, slopes and deltas of the layer before, filled up to whole
/// panels, and two squares of a vector's lanes.
#[inline(always)]
unsafe fn hidden_deltas<V: Vector>(
    token: V::Token,
    layer: &Layer,
    parameters: *const V::Element,
    deltas: *const V::Element,
    slopes: *const V::Element,
    squares: *mut V::Element,
    out: *mut V::Element,
) {
    let (width, lanes) = (panel_width::<V>(), V::LANES);
    let mut i = 0;
    while i < layer.inputs {
        let count = lanes.min(layer.inputs - i);
        let mut sum = V::splat(token, V::Element::ZERO);
        let mut j = 0;
        // SAFETY: the caller grants the buffers. Rows `i` to `i + count` and a
        // vector of columns from `j` on are weights of the layer; where there
        // are fewer rows than lanes, the rest of the square is zeros.
        unsafe {
            while j < layer.outputs {
                let column = j / width * layer.stride + j % width;
                let mut from = parameters.add(layer.offset + i * width + column);
                let columns = lanes.min(layer.outputs - j);
                if columns <= FEW {
                    for column in 0..columns {
                        let weights = V::column(token, from.add(column), width, count);
                        sum = V::splat(token, *deltas.add(j + column)).mul_add(weights, sum);
                    }
                    break;
                }
                let mut stride = width;
                let turned = squares.add(lanes * lanes);
                if count < lanes {
                    for row in 0..lanes {
                        let weights = if row < count {
                            V::load(token, from.add(row * width))
                        } else {
                            V::splat(token, V::Element::ZERO)
                        };
                        weights.store(squares.add(row * lanes));
                    }
                    (from, stride) = (squares.cast_const(), lanes);
                }
                V::transpose(token, from, stride, turned, lanes);
                for row in 0..columns {
                    let delta = V::splat(token, *deltas.add(j + row));
                    sum = delta.mul_add(V::load(token, turned.add(row * lanes)), sum);
                }
                j += lanes;
            }
            (sum * V::load(token, slopes.add(i))).store(out.add(i));
        }
        i += lanes;
    }
}
