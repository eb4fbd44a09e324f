//! Optimizers: what a step does with the gradient.
//!
//! Names and formulas are those of the papers named with each; where `PyTorch`
//! has the same optimizer, it has the same numbers. `w` is a parameter, `g` its
//! gradient, `η` the learning rate, `t` the number of the step, from 1.
//!
//! Not for loops over weights: those are in `kernels`, but for the two rules
//! that decide weight by weight.

use crate::aligned::Aligned;
use crate::error::Error;
use crate::kernels::Rule;
use crate::real::Real;

pub(crate) mod lbfgs;
pub(crate) mod levenberg;

/// An optimizer with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Optimizer {
    /// `m = momentum·m + g`, `w −= η·m`; with Nesterov's momentum
    /// `w −= η·(g + momentum·m)` (Polyak 1964; Nesterov 1983, in the form of
    /// Sutskever et al. 2013). Without momentum, plain gradient descent.
    Sgd {
        /// How much of the last step is kept, from 0 to below 1.
        momentum: f64,
        /// Whether the gradient is taken ahead.
        nesterov: bool,
    },
    /// `v += g²`, `w −= η·g/(√v + epsilon)` (Duchi, Hazan & Singer 2011).
    AdaGrad {
        /// Keeps the quotient finite.
        epsilon: f64,
    },
    /// `v = decay·v + (1−decay)·g²`, `w −= η·g/(√v + epsilon)` (Hinton 2012,
    /// lecture 6e).
    RmsProp {
        /// How much of the mean square is kept.
        decay: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
    },
    /// `m = β₁·m + (1−β₁)·g`, `v = β₂·v + (1−β₂)·g²`,
    /// `w −= η·m̂/(√v̂ + epsilon)` with `m̂ = m/(1−β₁ᵗ)`, `v̂ = v/(1−β₂ᵗ)`
    /// (Kingma & Ba 2015, algorithm 1).
    Adam {
        /// How much of the mean is kept.
        beta1: f64,
        /// How much of the mean square is kept.
        beta2: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay: before the step, `w −= η·decay·w`
    /// (Loshchilov & Hutter 2019, algorithm 2).
    AdamW {
        /// How much of the mean is kept.
        beta1: f64,
        /// How much of the mean square is kept.
        beta2: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
        /// The decay of weights; biases do not decay.
        decay: f64,
    },
    /// Adam with Nesterov's momentum (Dozat 2016), with the schedule of
    /// momenta `μ_t = β₁·(1 − ½·0.96^(t·momentum_decay))`:
    /// `w −= η·(μ_(t+1)·m/(1−Πμ_(t+1)) + (1−μ_t)·g/(1−Πμ_t)) / (√v̂ + epsilon)`.
    Nadam {
        /// How much of the mean is kept.
        beta1: f64,
        /// How much of the mean square is kept.
        beta2: f64,
        /// Keeps the quotient finite.
        epsilon: f64,
        /// How fast the momentum grows to β₁.
        momentum_decay: f64,
    },
    /// iRprop⁻: every weight has a step of its own, which grows while its
    /// gradient keeps its sign, shrinks (and rests once) when it changes;
    /// the size of the gradient plays no part (Riedmiller & Braun 1993; Igel &
    /// Hüsken 2003; `PyTorch`'s `Rprop` is this variant). The first steps are
    /// `η`. For whole-set batches.
    Rprop {
        /// What a step is multiplied by when the sign stays.
        growth: f64,
        /// What a step is multiplied by when the sign changes.
        shrink: f64,
        /// The smallest step.
        smallest: f64,
        /// The largest step.
        largest: f64,
    },
    /// A parabola through this gradient and the last, weight by weight:
    /// `Δw = g/(g_last − g)·Δw_last`, at most `growth·Δw_last`, and a step of
    /// gradient descent `−η·g` where the slope still leads the same way
    /// (Fahlman 1988). For whole-set batches.
    Quickprop {
        /// The most a step may grow, Fahlman's μ.
        growth: f64,
    },
    /// Limited-memory BFGS with a line search for the strong Wolfe conditions
    /// (Nocedal & Wright 2006, algorithms 7.4, 3.5 and 3.6). One iteration is
    /// an epoch, over the whole set; the learning rate plays no part.
    Lbfgs {
        /// How many pairs of steps and gradients are kept.
        history: usize,
    },
    /// Gauss–Newton with damping `μ`: solves `(JᵀJ + μI)·Δw = −Jᵀe` (Levenberg
    /// 1944, Marquardt 1963; for networks Hagan & Menhaj 1994). For squared
    /// losses and small networks. One iteration is an epoch, over the whole
    /// set; the learning rate plays no part.
    LevenbergMarquardt {
        /// The first damping; Hagan & Menhaj take 0.01.
        damping: f64,
        /// What the damping is divided by after a good step and multiplied by
        /// after a bad one.
        factor: f64,
    },
}

impl Optimizer {
    /// Plain gradient descent.
    pub const SGD: Optimizer = Optimizer::Sgd { momentum: 0.0, nesterov: false };
    /// Gradient descent with momentum 0.9.
    pub const MOMENTUM: Optimizer = Optimizer::Sgd { momentum: 0.9, nesterov: false };
    /// Gradient descent with Nesterov's momentum 0.9.
    pub const NESTEROV: Optimizer = Optimizer::Sgd { momentum: 0.9, nesterov: true };
    /// `AdaGrad` with `PyTorch`'s epsilon.
    pub const ADAGRAD: Optimizer = Optimizer::AdaGrad { epsilon: 1e-10 };
    /// `RMSprop` with `PyTorch`'s settings.
    pub const RMSPROP: Optimizer = Optimizer::RmsProp { decay: 0.99, epsilon: 1e-8 };
    /// Adam with the settings of its paper.
    pub const ADAM: Optimizer = Optimizer::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// `AdamW` with decay 0.01, as `PyTorch` has it.
    pub const ADAM_W: Optimizer =
        Optimizer::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 };
    /// Nadam with `PyTorch`'s settings.
    pub const NADAM: Optimizer =
        Optimizer::Nadam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum_decay: 0.004 };
    /// iRprop⁻ with the settings of its paper.
    pub const RPROP: Optimizer =
        Optimizer::Rprop { growth: 1.2, shrink: 0.5, smallest: 1e-6, largest: 50.0 };
    /// Quickprop with Fahlman's limit.
    pub const QUICKPROP: Optimizer = Optimizer::Quickprop { growth: 1.75 };
    /// L-BFGS with ten pairs.
    pub const LBFGS: Optimizer = Optimizer::Lbfgs { history: 10 };
    /// Levenberg–Marquardt with Hagan & Menhaj's settings.
    pub const LEVENBERG_MARQUARDT: Optimizer =
        Optimizer::LevenbergMarquardt { damping: 0.01, factor: 10.0 };

    /// Every optimizer with its usual settings, and the name used in files and
    /// on the command line.
    pub const ALL: [(&'static str, Optimizer); 12] = [
        ("sgd", Optimizer::SGD),
        ("momentum", Optimizer::MOMENTUM),
        ("nesterov", Optimizer::NESTEROV),
        ("adagrad", Optimizer::ADAGRAD),
        ("rmsprop", Optimizer::RMSPROP),
        ("adam", Optimizer::ADAM),
        ("adamw", Optimizer::ADAM_W),
        ("nadam", Optimizer::NADAM),
        ("rprop", Optimizer::RPROP),
        ("quickprop", Optimizer::QUICKPROP),
        ("lbfgs", Optimizer::LBFGS),
        ("levenberg-marquardt", Optimizer::LEVENBERG_MARQUARDT),
    ];

    /// Tells whether one step is a whole epoch over all samples.
    pub fn is_of_whole_set(self) -> bool {
        matches!(self, Optimizer::Lbfgs { .. } | Optimizer::LevenbergMarquardt { .. })
    }

    /// Tells whether a step is a rule of the kernels, for each parameter alone.
    pub(crate) fn has_rule(self) -> bool {
        let is_other = matches!(self, Optimizer::Rprop { .. } | Optimizer::Quickprop { .. });
        !is_other && !self.is_of_whole_set()
    }

    /// Tells how many numbers are remembered of each parameter: one, and two.
    pub(crate) fn states(self) -> [bool; 2] {
        match self {
            Optimizer::Lbfgs { .. } | Optimizer::LevenbergMarquardt { .. } => [false, false],
            Optimizer::Sgd { momentum, .. } => [momentum != 0.0, false],
            Optimizer::AdaGrad { .. } | Optimizer::RmsProp { .. } => [true, false],
            Optimizer::Adam { .. }
            | Optimizer::AdamW { .. }
            | Optimizer::Nadam { .. }
            | Optimizer::Rprop { .. }
            | Optimizer::Quickprop { .. } => [true, true],
        }
    }

    /// Tells whether a step depends on how many there were.
    pub(crate) fn has_changing_rule(self) -> bool {
        matches!(self, Optimizer::Adam { .. } | Optimizer::AdamW { .. } | Optimizer::Nadam { .. })
    }

    /// Checks the settings.
    pub(crate) fn check(self) -> Result<(), Error> {
        let share = |setting, found: f64| {
            let expected = "from 0 to below 1";
            if (0.0..1.0).contains(&found) {
                Ok(())
            } else {
                Err(Error::Setting { setting, found, expected })
            }
        };
        let above = |setting, found: f64, bound: f64, expected| {
            if found.is_finite() && found > bound {
                Ok(())
            } else {
                Err(Error::Setting { setting, found, expected })
            }
        };
        let epsilon = |found| above("epsilon", found, 0.0, "above 0");
        match self {
            Optimizer::Sgd { momentum, .. } => share("momentum", momentum),
            Optimizer::AdaGrad { epsilon: found } => epsilon(found),
            Optimizer::RmsProp { decay, epsilon: found } => {
                share("decay", decay)?;
                epsilon(found)
            }
            Optimizer::Adam { beta1, beta2, epsilon: found }
            | Optimizer::AdamW { beta1, beta2, epsilon: found, .. }
            | Optimizer::Nadam { beta1, beta2, epsilon: found, .. } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                if let Optimizer::AdamW { decay, .. } = self {
                    above("decay", decay, -f64::MIN_POSITIVE, "0 or more")?;
                }
                if let Optimizer::Nadam { momentum_decay, .. } = self {
                    above("momentum decay", momentum_decay, -f64::MIN_POSITIVE, "0 or more")?;
                }
                epsilon(found)
            }
            Optimizer::Rprop { growth, shrink, smallest, largest } => {
                above("growth", growth, 1.0, "above 1")?;
                share("shrink", shrink)?;
                above("the smallest step", smallest, 0.0, "above 0")?;
                above("the largest step", largest, smallest, "above the smallest")
            }
            Optimizer::Quickprop { growth } => above("growth", growth, 0.0, "above 0"),
            Optimizer::Lbfgs { history } => {
                if (1..=lbfgs::MOST_PAIRS).contains(&history) {
                    return Ok(());
                }
                let (found, expected) = (history as f64, "from 1 to 100");
                Err(Error::Setting { setting: "history", found, expected })
            }
            Optimizer::LevenbergMarquardt { damping, factor } => {
                above("damping", damping, 0.0, "above 0")?;
                above("factor", factor, 1.0, "above 1")
            }
        }
    }
}

/// What an optimizer remembers from step to step.
#[derive(Clone, Debug)]
pub(crate) struct Memory<T> {
    /// One number a parameter: `m`, or `v` where there is no `m`; the last
    /// gradient of Rprop and Quickprop.
    pub(crate) first: Aligned<T>,
    /// Another: `v` of the Adam family; the steps of Rprop and Quickprop.
    pub(crate) second: Aligned<T>,
    /// How many steps there were.
    pub(crate) steps: u64,
    /// Nadam's `Πμ`.
    pub(crate) product: f64,
}

/// What is done to every parameter in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// A rule of the kernels.
    Rule(Rule),
    /// iRprop⁻.
    Rprop { growth: f64, shrink: f64, smallest: f64, largest: f64 },
    /// Quickprop.
    Quickprop { rate: f64, growth: f64 },
}

impl<T: Real> Memory<T> {
    /// Makes room for an optimizer of `length` parameters.
    pub(crate) fn new(optimizer: Optimizer, learning_rate: f64, length: usize) -> Memory<T> {
        let [first, second] = optimizer.states().map(|is_kept| if is_kept { length } else { 0 });
        let mut second = Aligned::new(second);
        if let Optimizer::Rprop { smallest, largest, .. } = optimizer {
            second.fill(T::from_f64(learning_rate.clamp(smallest, largest)));
        }
        Memory { first: Aligned::new(first), second, steps: 0, product: 1.0 }
    }

    /// Begins a step: counts it, and returns what is to be done.
    ///
    /// # Panics
    /// For an optimizer whose step is a whole epoch.
    pub(crate) fn begin_step(&mut self, optimizer: Optimizer, rate: f64) -> Step {
        self.steps += 1;
        let steps = self.steps as f64;
        let adam = |beta1: f64, beta2: f64, epsilon| Rule::Adam {
            beta1,
            beta2,
            of_gradient: 0.0,
            of_mean: rate / (1.0 - beta1.powf(steps)),
            root: 1.0 / (1.0 - beta2.powf(steps)).sqrt(),
            epsilon,
        };
        Step::Rule(match optimizer {
            Optimizer::Sgd { momentum: 0.0, .. } => Rule::Descent { rate },
            Optimizer::Sgd { momentum, nesterov: false } => Rule::Momentum { rate, momentum },
            Optimizer::Sgd { momentum, nesterov: true } => Rule::Nesterov { rate, momentum },
            Optimizer::AdaGrad { epsilon } => Rule::AdaGrad { rate, epsilon },
            Optimizer::RmsProp { decay, epsilon } => Rule::RmsProp { rate, decay, epsilon },
            Optimizer::Adam { beta1, beta2, epsilon }
            | Optimizer::AdamW { beta1, beta2, epsilon, .. } => adam(beta1, beta2, epsilon),
            Optimizer::Nadam { beta1, beta2, epsilon, momentum_decay } => {
                let momentum =
                    |step: f64| beta1 * (1.0 - 0.5 * 0.96_f64.powf(step * momentum_decay));
                let (now, next) = (momentum(steps), momentum(steps + 1.0));
                self.product *= now;
                Rule::Adam {
                    beta1,
                    beta2,
                    of_gradient: rate * (1.0 - now) / (1.0 - self.product),
                    of_mean: rate * next / (1.0 - self.product * next),
                    root: 1.0 / (1.0 - beta2.powf(steps)).sqrt(),
                    epsilon,
                }
            }
            Optimizer::Rprop { growth, shrink, smallest, largest } => {
                return Step::Rprop { growth, shrink, smallest, largest };
            }
            Optimizer::Quickprop { growth } => return Step::Quickprop { rate, growth },
            Optimizer::Lbfgs { .. } | Optimizer::LevenbergMarquardt { .. } => {
                unreachable!("its steps are taken elsewhere")
            }
        })
    }
}

/// One step of iRprop⁻ (Igel & Hüsken 2003, fig. 3 and §2.3).
pub(crate) fn rprop<T: Real>(
    [growth, shrink, smallest, largest]: [f64; 4],
    weights: &mut [T],
    gradient: &[T],
    last: &mut [T],
    steps: &mut [T],
) {
    let [growth, shrink, smallest, largest] = [growth, shrink, smallest, largest].map(T::from_f64);
    let state = last.iter_mut().zip(steps);
    for ((w, &g), (last, step)) in weights.iter_mut().zip(gradient).zip(state) {
        let product = g * *last;
        let mut g = g;
        if product > T::ZERO {
            *step = at_most(*step * growth, largest);
        } else if product < T::ZERO {
            *step = at_least(*step * shrink, smallest);
            g = T::ZERO;
        }
        if g > T::ZERO {
            *w -= *step;
        } else if g < T::ZERO {
            *w += *step;
        }
        *last = g;
    }
}

/// One step of Quickprop (Fahlman 1988, §3.2 and appendix).
pub(crate) fn quickprop<T: Real>(
    rate: f64,
    growth: f64,
    weights: &mut [T],
    gradient: &[T],
    last: &mut [T],
    steps: &mut [T],
) {
    let shrink = T::from_f64(growth / (1.0 + growth));
    let (rate, growth) = (T::from_f64(rate), T::from_f64(growth));
    let state = last.iter_mut().zip(steps);
    for ((w, &g), (last, step)) in weights.iter_mut().zip(gradient).zip(state) {
        // What is said for a step upwards holds for one downwards with all
        // signs turned.
        let sign = if *step > T::ZERO { -T::ONE } else { T::ONE };
        let (slope, slope_last, step_last) = (sign * g, sign * *last, sign * *step);
        let mut next = T::ZERO;
        if step_last == T::ZERO {
            next = -rate * slope;
        } else {
            // The last step went down, and the slope still leads down.
            if slope > T::ZERO {
                next -= rate * slope;
            }
            next += if slope >= shrink * slope_last {
                growth * step_last
            } else {
                slope / (slope_last - slope) * step_last
            };
        }
        *step = sign * next;
        *w += *step;
        *last = g;
    }
}

fn at_most<T: Real>(x: T, bound: T) -> T {
    if x > bound { bound } else { x }
}

fn at_least<T: Real>(x: T, bound: T) -> T {
    if x < bound { bound } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rprop_does_what_the_paper_says_step_by_step() {
        // Igel & Hüsken 2003, fig. 3, by hand: gradient, then weight and step.
        let table = [
            (3.0, -0.5, 0.5),    // the first step is η
            (0.001, -1.5, 1.0),  // same sign: twice as far, whatever the size
            (-7.0, -1.5, 0.25),  // changed: a quarter, and rest
            (-7.0, -1.25, 0.25), // as if the last gradient had been 0
            (-1.0, -0.75, 0.5),  // same sign
            (0.0, -0.75, 0.5),   // none: stay
            (-1.0, -0.25, 0.5),  // as at the first
            (-1.0, 0.75, 1.0),
            (-1.0, 2.25, 1.5), // the largest step
            (1.0, 2.25, 0.375),
            (1.0, 1.875, 0.375),
            (-1.0, 1.875, 0.125), // the smallest step
        ];
        let (mut w, mut last, mut step) = ([0.0], [0.0], [0.5]);
        for (number, (gradient, expected, size)) in table.into_iter().enumerate() {
            rprop([2.0, 0.25, 0.125, 1.5], &mut w, &[gradient], &mut last, &mut step);
            assert_eq!((w[0], step[0]), (expected, size), "step {number}");
        }
    }

    #[test]
    fn quickprop_jumps_to_the_lowest_point_of_a_parabola() {
        // E = ½·k·(w − 3)². The first step goes too far, the second to the
        // minimum, wherever the first came from.
        for (k, rate) in [(1.0, 1.75), (4.0, 0.375), (0.5, 2.5)] {
            let (mut w, mut last, mut step) = ([-5.0_f64], [0.0], [0.0]);
            for _ in 0..2 {
                let gradient = [k * (w[0] - 3.0)];
                quickprop(rate, 1.75, &mut w, &gradient, &mut last, &mut step);
            }
            assert!((w[0] - 3.0).abs() < 1e-15, "k = {k}: {w:?}");
        }
    }

    #[test]
    fn quickprop_grows_at_most_by_its_limit() {
        // A slope that stays or gets steeper: Fahlman's limit, plus a step of
        // gradient descent, since the slope still leads down.
        for second in [-2.0, -3.0] {
            let (mut w, mut last, mut step) = ([0.0_f64], [0.0], [0.0]);
            quickprop(0.5, 1.75, &mut w, &[-2.0], &mut last, &mut step);
            assert_eq!(w, [1.0], "η·2");
            quickprop(0.5, 1.75, &mut w, &[second], &mut last, &mut step);
            assert_eq!(w, [1.0 + 1.75 - 0.5 * second], "slope {second}");
        }
    }

    #[test]
    fn rprop_goes_down_a_bent_valley() {
        // Rosenbrock's, from his own start, where it is 24.2. A step for each
        // direction is no help across the axes: the last of the way is slow.
        let gradient = |x: &[f64; 2]| {
            let (bend, rest) = (x[1] - x[0] * x[0], 1.0 - x[0]);
            [-400.0 * x[0] * bend - 2.0 * rest, 200.0 * bend]
        };
        let value = |x: &[f64; 2]| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
        let (mut x, mut last, mut step) = ([-1.2, 1.0], [0.0; 2], [0.01; 2]);
        for _ in 0..2000 {
            let gradient = gradient(&x);
            rprop([1.2, 0.5, 1e-6, 50.0], &mut x, &gradient, &mut last, &mut step);
        }
        assert!(value(&x) < 1e-3, "{x:?}");
    }
}
