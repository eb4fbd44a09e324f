//! What a student is given to work: a network and a sample, made of chance,
//! and the rows of the sheet.

use chainrule::activation::Activation;
use chainrule::loss::Loss;

/// A fixed sequence of numbers that look random (Knuth's MMIX generator).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF0);
        for _ in 0..4 {
            dice.below(2);
        }
        dice
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).expect("a small number")
    }

    /// Picks one.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number of two decimals, from 0.05 to 1.5, of either sign.
    fn number(&mut self) -> f64 {
        let hundredths = (5 + self.below(146)) as f64;
        (if self.below(2) == 0 { hundredths } else { -hundredths }) / 100.0
    }
}

/// Biases of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bias {
    None,
    Trained,
    Frozen,
    Shared,
}

/// A layer: `w[j][i]` leads into neuron j.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    pub(crate) w: Vec<Vec<f64>>,
    pub(crate) b: Vec<f64>,
    pub(crate) f: Activation,
}

/// A network with one to three hidden layers, and one sample.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) x: Vec<f64>,
    pub(crate) t: Vec<f64>,
    pub(crate) layers: Vec<Dense>,
    pub(crate) bias: Bias,
    pub(crate) eta: f64,
    pub(crate) loss: Loss,
    /// Hidden deltas by the updated weights.
    pub(crate) updated: bool,
    /// δ = ∂E/∂z.
    pub(crate) gradient: bool,
}

/// The functions of hidden neurons.
const HIDDEN: [Activation; 11] = [
    Activation::Sigmoid,
    Activation::Tanh,
    Activation::Relu,
    Activation::LeakyRelu,
    Activation::Elu,
    Activation::Selu,
    Activation::Gelu,
    Activation::Silu,
    Activation::Softplus,
    Activation::Softsign,
    Activation::Identity,
];

impl Task {
    pub(crate) fn random(dice: &mut Dice) -> Task {
        // Half of the sheets are those of a first lesson.
        let is_plain = dice.below(2) == 0;
        let (loss, last) = if is_plain {
            (Loss::HalfSquared, Activation::Sigmoid)
        } else {
            let loss = dice.pick(&Loss::ALL);
            let loss = match loss {
                Loss::Quantile { .. } => Loss::Quantile { tau: dice.pick(&[0.1, 0.3, 0.5, 0.8]) },
                loss => loss,
            };
            let any = [HIDDEN.as_slice(), &[Activation::Softmax]].concat();
            let last = match loss {
                Loss::BinaryCrossEntropy => Activation::Sigmoid,
                Loss::CategoricalCrossEntropy => Activation::Softmax,
                Loss::Poisson => Activation::Softplus,
                _ => dice.pick(&any),
            };
            (loss, last)
        };
        let depth = 1 + [1, 1, 2, 3][dice.below(4)];
        let inputs = 2 + dice.below(2);
        let mut widths = vec![inputs];
        for layer in 0..depth {
            let is_last = layer + 1 == depth;
            let least = if is_last && last != Activation::Softmax { 1 } else { 2 };
            widths.push(least + dice.below(2));
        }
        let bias = dice.pick(&[Bias::None, Bias::Trained, Bias::Frozen, Bias::Shared]);
        let mut row = |n: usize| -> Vec<f64> { (0..n).map(|_| dice.number()).collect() };
        let x = row(inputs);
        let mut layers: Vec<Dense> = (0..depth)
            .map(|layer| {
                let (n, m) = (widths[layer], widths[layer + 1]);
                let mut b = row(m);
                if bias == Bias::Shared {
                    b = vec![b[0]; m];
                }
                Dense { w: (0..m).map(|_| row(n)).collect(), b, f: last }
            })
            .collect();
        for layer in &mut layers[..depth - 1] {
            let plain = [Activation::Sigmoid, Activation::Sigmoid, Activation::Tanh];
            layer.f = if is_plain { dice.pick(&plain) } else { dice.pick(&HIDDEN) };
        }
        let outputs = widths[depth];
        let t = match loss {
            Loss::CategoricalCrossEntropy => {
                let right = dice.below(outputs);
                (0..outputs).map(|k| f64::from(u8::from(k == right))).collect()
            }
            Loss::Poisson => (0..outputs).map(|_| dice.below(4) as f64).collect(),
            _ => (0..outputs).map(|_| dice.below(100) as f64 / 100.0).collect(),
        };
        // Not 1, which can be left out, nor a half or two, which are factors.
        let eta = dice.pick(&[0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]);
        let (updated, gradient) = (dice.below(2) == 0, dice.below(2) == 0);
        Task { x, t, layers, bias, eta, loss, updated, gradient }
    }

    pub(crate) fn width(&self, layer: usize) -> usize {
        self.layers[layer].w.len()
    }

    pub(crate) fn input_width(&self, layer: usize) -> usize {
        self.layers[layer].w[0].len()
    }

    pub(crate) fn last(&self) -> usize {
        self.layers.len() - 1
    }

    pub(crate) fn has_bias(&self) -> bool {
        self.bias != Bias::None
    }

    /// Whether the slopes of loss and activation cancel.
    pub(crate) fn cancels(&self) -> bool {
        matches!(
            (self.loss, self.layers[self.last()].f),
            (Loss::BinaryCrossEntropy, Activation::Sigmoid)
                | (Loss::CategoricalCrossEntropy, Activation::Softmax)
        )
    }
}

/// A line of the sheet: of layer l, neuron j, from neuron i. The second pass
/// is the one after the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    Z(usize, usize),
    A(usize, usize),
    Loss,
    Delta(usize, usize),
    Weight(usize, usize, usize),
    Bias(usize, usize),
    ZAfter(usize, usize),
    AAfter(usize, usize),
    LossAfter,
}

/// The rows of a sheet, in the order they are worked.
pub(crate) fn rows(task: &Task) -> Vec<Row> {
    let pass = |z: fn(usize, usize) -> Row, a: fn(usize, usize) -> Row, loss: Row| {
        let mut rows = Vec::new();
        for l in 0..task.layers.len() {
            rows.extend((0..task.width(l)).map(|j| z(l, j)));
            rows.extend((0..task.width(l)).map(|j| a(l, j)));
        }
        rows.push(loss);
        rows
    };
    let update = |l: usize| -> Vec<Row> {
        let (n, m) = (task.input_width(l), task.width(l));
        let biases = match task.bias {
            Bias::None | Bias::Frozen => 0,
            Bias::Shared => 1,
            Bias::Trained => m,
        };
        let weights = (0..m).flat_map(|j| (0..n).map(move |i| Row::Weight(l, j, i)));
        weights.chain((0..biases).map(|j| Row::Bias(l, j))).collect()
    };
    let mut rows = pass(Row::Z, Row::A, Row::Loss);
    for l in (0..task.layers.len()).rev() {
        rows.extend((0..task.width(l)).map(|j| Row::Delta(l, j)));
        if task.updated {
            rows.extend(update(l));
        }
    }
    if !task.updated {
        rows.extend((0..task.layers.len()).rev().flat_map(update));
    }
    rows.extend(pass(Row::ZAfter, Row::AAfter, Row::LossAfter));
    rows
}
