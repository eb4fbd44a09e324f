//! The usual mistakes, each with a name.
//!
//! A mistake in the method is a change of a line's formula: a factor left out,
//! a sign turned, one quantity taken for another. [`variations`] makes all of
//! them for a line, from the formula that the algorithm itself wrote; what
//! number a mistake leads to is found by evaluating the changed formula. A slip
//! of the pen changes the number instead: see [`slips`](super::slips).
//!
//! ```
//! use chainrule::example::Example;
//! use chainrule::exercise::mistakes::{Mistake, mistaken_values};
//! use chainrule::exercise::working::Working;
//!
//! let example = Example::builtin("first-example").expect("it is built in");
//! let working = Working::new(&example);
//! let w4 = example.network.quantities().find(|&q| example.names.id(q) == "w4_new");
//! let values = mistaken_values(&example, &working, w4.expect("it is computed"));
//! let swapped = values.iter().find(|(named, _)| named.mistake == Mistake::StartWeight);
//! assert!((swapped.expect("w3 = 0.1 instead of 0.8").1 - 0.0978).abs() < 1e-4);
//! ```

use crate::convention::UpdateOrder;
use crate::example::Example;
use crate::explain::symbol;
use crate::names::Names;
use crate::quantity::Quantity;

use super::expression::Expression;
use super::working::Working;

pub use variations::variations;

pub(in crate::exercise) mod variations;

/// A usual mistake.
///
/// The order is that of plausibility: where two explain a number equally, the
/// one that stands first here is said first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mistake {
    /// `f′(z)` left out of a delta.
    DerivativeForgotten,
    /// The derivative computed from z where its formula takes a, or the reverse.
    DerivativeAtZ,
    /// `(o − t)` for `(t − o)`.
    TargetSign,
    /// Updated weights in a hidden delta where the old ones belong.
    UpdatedWeights,
    /// Old weights where the updated ones belong.
    OldWeights,
    /// Rows and columns of the weights exchanged.
    IndicesSwapped,
    /// The delta of another neuron of the layer.
    NeighbourDelta,
    /// η left out.
    RateForgotten,
    /// A bias left out.
    BiasForgotten,
    /// A frozen bias updated.
    BiasTrained,
    /// A bias that is trained left as it was.
    BiasNotTrained,
    /// Biases of single neurons treated as one for the layer.
    BiasShared,
    /// A bias of the whole layer updated by the delta of one neuron.
    BiasNotShared,
    /// A factor ½ too many, or a 2 left out.
    FactorHalf,
    /// A factor 2 too many, or a ½ left out.
    FactorTwo,
    /// The start weight of another connection.
    StartWeight,
    /// A network input where the output of a hidden neuron belongs.
    InputForActivation,
    /// A term of a sum left out.
    SumLeftOut,
    /// A step up the slope instead of down.
    UpdateSign,
    /// A minus sign lost, or one too many.
    SignLost,
    /// A weight left as it was.
    NotUpdated,
    /// Cut off instead of rounded.
    CutOff,
    /// Two neighbouring digits exchanged.
    DigitsTransposed,
    /// The decimal point in another place.
    DecimalPoint,
    /// Rounded before the end of the line, or too coarsely.
    RoundedTooEarly,
    /// The weight of another connection.
    OtherWeight,
    /// The delta of another layer.
    OtherLayerDelta,
    /// z where a belongs.
    PreActivationUsed,
    /// The activation function not applied.
    ActivationForgotten,
    /// The output of another neuron, or another input.
    NeighbourActivation,
    /// The output of the neuron that the connection leads into.
    OwnActivation,
    /// The target of another output.
    NeighbourTarget,
    /// The bias of another neuron.
    NeighbourBias,
    /// The change alone, without the weight it belongs to.
    OnlyTheChange,
    /// A part of the derivative left out.
    DerivativeIncomplete,
    /// A square not taken.
    SquareForgotten,
    /// The sign of the exponent.
    ExponentSign,
    /// Another activation function.
    OtherActivationFunction,
    /// Activations from before the step in the forward pass after it.
    StaleActivation,
    /// Some other factor left out.
    FactorForgotten,
    /// The number of another line.
    OtherLine,
    /// One digit different.
    WrongDigit,
}

/// What kind of mistake it is: how much is lost by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Of rounding or copying: the method is right.
    Slip,
    /// Of method.
    Method,
}

impl Mistake {
    /// All mistakes, the most plausible first.
    pub const ALL: [Mistake; 42] = [
        Mistake::DerivativeForgotten,
        Mistake::DerivativeAtZ,
        Mistake::TargetSign,
        Mistake::UpdatedWeights,
        Mistake::OldWeights,
        Mistake::IndicesSwapped,
        Mistake::NeighbourDelta,
        Mistake::RateForgotten,
        Mistake::BiasForgotten,
        Mistake::BiasTrained,
        Mistake::BiasNotTrained,
        Mistake::BiasShared,
        Mistake::BiasNotShared,
        Mistake::FactorHalf,
        Mistake::FactorTwo,
        Mistake::StartWeight,
        Mistake::InputForActivation,
        Mistake::SumLeftOut,
        Mistake::UpdateSign,
        Mistake::SignLost,
        Mistake::NotUpdated,
        Mistake::CutOff,
        Mistake::DigitsTransposed,
        Mistake::DecimalPoint,
        Mistake::RoundedTooEarly,
        Mistake::OtherWeight,
        Mistake::OtherLayerDelta,
        Mistake::PreActivationUsed,
        Mistake::ActivationForgotten,
        Mistake::NeighbourActivation,
        Mistake::OwnActivation,
        Mistake::NeighbourTarget,
        Mistake::NeighbourBias,
        Mistake::OnlyTheChange,
        Mistake::DerivativeIncomplete,
        Mistake::SquareForgotten,
        Mistake::ExponentSign,
        Mistake::OtherActivationFunction,
        Mistake::StaleActivation,
        Mistake::FactorForgotten,
        Mistake::OtherLine,
        Mistake::WrongDigit,
    ];

    /// Returns the word that stands for it in JSON and in tables.
    pub fn id(self) -> &'static str {
        self.texts().0
    }

    /// Returns what it is, in words.
    pub fn words(self) -> &'static str {
        self.texts().1
    }

    /// Returns what it is to follow another update order than the one wanted.
    pub(in crate::exercise) fn of_other_order(wanted: UpdateOrder) -> Mistake {
        match wanted {
            UpdateOrder::OldWeights => Mistake::UpdatedWeights,
            UpdateOrder::UpdatedWeights => Mistake::OldWeights,
        }
    }

    /// Returns what kind it is.
    pub fn kind(self) -> Kind {
        match self {
            Mistake::CutOff
            | Mistake::RoundedTooEarly
            | Mistake::DigitsTransposed
            | Mistake::DecimalPoint
            | Mistake::OtherLine
            | Mistake::WrongDigit => Kind::Slip,
            _ => Kind::Method,
        }
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Mistake::DerivativeForgotten => ("derivative-forgotten", "the derivative is left out"),
            Mistake::DerivativeAtZ => {
                ("derivative-at-z", "the derivative is taken at z instead of a, or the reverse")
            }
            Mistake::TargetSign => {
                ("target-sign", "the difference of target and output has the wrong sign")
            }
            Mistake::UpdatedWeights => {
                ("updated-weights", "updated weights are used instead of the old ones")
            }
            Mistake::OldWeights => {
                ("old-weights", "old weights are used instead of the updated ones")
            }
            Mistake::IndicesSwapped => {
                ("indices-swapped", "rows and columns of the weights are exchanged")
            }
            Mistake::NeighbourDelta => {
                ("neighbour-delta", "the delta of another neuron of the layer is used")
            }
            Mistake::RateForgotten => ("rate-forgotten", "the learning rate η is left out"),
            Mistake::BiasForgotten => ("bias-forgotten", "the bias is left out"),
            Mistake::BiasTrained => ("bias-trained", "a frozen bias is updated"),
            Mistake::BiasNotTrained => ("bias-not-trained", "the bias is not updated"),
            Mistake::BiasShared => {
                ("bias-shared", "the bias of one neuron is treated as one for the layer")
            }
            Mistake::BiasNotShared => {
                ("bias-not-shared", "the shared bias is updated by the delta of one neuron only")
            }
            Mistake::FactorHalf => ("factor-half", "a factor ½ too many, or a 2 left out"),
            Mistake::FactorTwo => ("factor-two", "a factor 2 too many, or a ½ left out"),
            Mistake::StartWeight => ("start-weight", "it starts at another connection's weight"),
            Mistake::InputForActivation => {
                ("input-for-activation", "an input is used instead of a hidden neuron's output")
            }
            Mistake::SumLeftOut => ("sum-left-out", "a term of the sum is left out"),
            Mistake::UpdateSign => ("update-sign", "the step goes up the slope instead of down"),
            Mistake::SignLost => ("sign-lost", "a sign is wrong"),
            Mistake::OtherWeight => ("other-weight", "the weight of another connection is used"),
            Mistake::OtherLayerDelta => ("other-layer-delta", "the delta of another layer is used"),
            Mistake::PreActivationUsed => ("z-for-a", "z is used instead of a"),
            Mistake::ActivationForgotten => {
                ("activation-forgotten", "the activation function is not applied")
            }
            Mistake::NeighbourActivation => {
                ("neighbour-activation", "the output of another neuron or another input is used")
            }
            Mistake::OwnActivation => (
                "own-activation",
                "the output of the neuron itself is used instead of what leads into it",
            ),
            Mistake::NeighbourTarget => {
                ("neighbour-target", "the target of another output is used")
            }
            Mistake::NeighbourBias => ("neighbour-bias", "the bias of another neuron is used"),
            Mistake::NotUpdated => ("not-updated", "the weight is not updated"),
            Mistake::OnlyTheChange => {
                ("only-the-change", "it is the change alone, without the start weight")
            }
            Mistake::DerivativeIncomplete => {
                ("derivative-incomplete", "a part of the derivative is left out")
            }
            Mistake::SquareForgotten => ("square-forgotten", "the square is left out"),
            Mistake::ExponentSign => ("exponent-sign", "the sign of the exponent is wrong"),
            Mistake::OtherActivationFunction => {
                ("other-activation-function", "another activation function is used")
            }
            Mistake::StaleActivation => {
                ("stale-activation", "an activation from before the step is used")
            }
            Mistake::FactorForgotten => ("factor-forgotten", "a factor is left out"),
            Mistake::CutOff => ("cut-off", "it is cut off instead of rounded"),
            Mistake::RoundedTooEarly => {
                ("rounded-too-early", "it is rounded too early, or in mixed ways")
            }
            Mistake::DigitsTransposed => ("digits-transposed", "two digits are exchanged"),
            Mistake::DecimalPoint => ("decimal-point", "the decimal point has slipped"),
            Mistake::OtherLine => ("other-line", "it is the number of another line"),
            Mistake::WrongDigit => ("wrong-digit", "one digit is different"),
        }
    }
}

/// A mistake with what it was about.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The mistake.
    pub mistake: Mistake,
    /// What was used or left out.
    pub used: Option<Quantity>,
    /// What belongs there.
    pub instead_of: Option<Quantity>,
}

impl Named {
    /// Makes a mistake about nothing in particular.
    pub fn plain(mistake: Mistake) -> Named {
        Named { mistake, used: None, instead_of: None }
    }

    /// Makes a mistake of leaving something out.
    pub fn without(mistake: Mistake, left_out: Quantity) -> Named {
        Named { mistake, used: None, instead_of: Some(left_out) }
    }

    /// Makes a mistake of taking one quantity for another.
    pub fn exchange(mistake: Mistake, used: Quantity, instead_of: Quantity) -> Named {
        Named { mistake, used: Some(used), instead_of: Some(instead_of) }
    }

    /// Says what it is, with the names of the quantities.
    pub fn sentence(&self, names: &Names) -> String {
        let words = self.mistake.words();
        let symbol = |quantity| symbol::of(names, quantity);
        match (self.used, self.instead_of) {
            (Some(used), Some(instead)) => {
                format!("{words}: {} instead of {}", symbol(used), symbol(instead))
            }
            (Some(used), None) => format!("{words}: {}", symbol(used)),
            (None, Some(left_out)) => format!("{words}: {} is missing", symbol(left_out)),
            (None, None) => words.to_string(),
        }
    }
}

/// A line's formula with a mistake in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// The mistake.
    pub named: Named,
    /// The formula that comes of it.
    pub expression: Expression,
}

/// Returns the value that every mistake of method gives for a quantity, from
/// exact earlier numbers; those that change nothing are left out.
///
/// A generator of exercises holds them against the right value and against each
/// other, at the places asked for.
pub fn mistaken_values(
    example: &Example,
    working: &Working,
    quantity: Quantity,
) -> Vec<(Named, f64)> {
    let Some(line) = working.line(quantity) else { return Vec::new() };
    let value = |wanted| working.exact(wanted).unwrap_or(f64::NAN);
    variations(example, working, quantity)
        .into_iter()
        .map(|variation| (variation.named, variation.expression.point(&value)))
        .filter(|(_, mistaken)| mistaken.is_finite() && *mistaken != line.exact)
        .collect()
}
