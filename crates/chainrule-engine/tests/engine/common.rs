//! What several tests need: numbers that are always the same, and a task to
//! learn.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]

use chainrule::activation::Activation;
use chainrule_engine::architecture::{Architecture, LayerSpec};

/// Numbers from −1 to 1 (a linear congruential generator, Knuth's MMIX).
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Inputs at random, and which of the classes a sample is in: that of its
/// largest input, counted modulo the classes.
pub(crate) struct Task {
    pub inputs: Vec<f64>,
    pub targets: Vec<f64>,
}

impl Task {
    pub(crate) fn new(samples: usize, width: usize, classes: usize, seed: u64) -> Task {
        let inputs = numbers(samples * width, seed);
        let mut targets = vec![0.0; samples * classes];
        for (inputs, targets) in inputs.chunks_exact(width).zip(targets.chunks_exact_mut(classes)) {
            let largest = (0..width).max_by(|&x, &y| inputs[x].total_cmp(&inputs[y])).unwrap();
            targets[largest % classes] = 1.0;
        }
        Task { inputs, targets }
    }

    pub(crate) fn singles(&self) -> (Vec<f32>, Vec<f32>) {
        (singles(&self.inputs), singles(&self.targets))
    }
}

/// Hidden layers of some widths, softmax at the end.
pub(crate) fn classifier(widths: &[usize], activation: Activation, dropout: f64) -> Architecture {
    let (last, hidden) = widths[1..].split_last().unwrap();
    let hidden = hidden.iter().map(|&w| LayerSpec::new(w, activation).with_dropout(dropout));
    let last = LayerSpec::new(*last, Activation::Softmax);
    Architecture::new(widths[0], hidden.chain([last])).unwrap()
}

/// Rounds numbers.
pub(crate) fn singles(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&x| x as f32).collect()
}
