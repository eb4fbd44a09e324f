//! What books do differently, and every page must therefore state.

use crate::scalar::Scalar;

/// How a step is computed and written, where books differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Convention {
    /// Which weights the hidden deltas are computed with.
    pub update_order: UpdateOrder,
    /// The sign of a delta.
    pub delta_sign: DeltaSign,
}

/// Which weights the hidden deltas are computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum UpdateOrder {
    /// The weights as they were: the true gradient (Rumelhart et al. 1986).
    #[default]
    OldWeights,
    /// The next layer's weights after their update, as some worked examples
    /// do (MacLeod, "Practical Neural Networks", ch. 3). Not the gradient.
    UpdatedWeights,
}

/// The sign of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum DeltaSign {
    /// `δ = −∂E/∂z`, so `w⁺ = w + η·δ·a` (Rumelhart et al. 1986).
    #[default]
    Textbook,
    /// `δ = ∂E/∂z`, so `w⁺ = w − η·δ·a` (Nielsen 2015).
    Gradient,
}

impl UpdateOrder {
    /// Both orders.
    pub const ALL: [UpdateOrder; 2] = [UpdateOrder::OldWeights, UpdateOrder::UpdatedWeights];

    /// Returns the other one.
    #[must_use]
    pub fn other(self) -> UpdateOrder {
        match self {
            UpdateOrder::OldWeights => UpdateOrder::UpdatedWeights,
            UpdateOrder::UpdatedWeights => UpdateOrder::OldWeights,
        }
    }

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            UpdateOrder::OldWeights => "old-weights",
            UpdateOrder::UpdatedWeights => "updated-weights",
        }
    }

    /// Returns the convention as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            UpdateOrder::OldWeights => {
                "hidden deltas use the weights as they were before the step (the true gradient)"
            }
            UpdateOrder::UpdatedWeights => {
                "hidden deltas use the next layer's weights after their update (not the gradient)"
            }
        }
    }
}

impl DeltaSign {
    /// Both signs.
    pub const ALL: [DeltaSign; 2] = [DeltaSign::Textbook, DeltaSign::Gradient];

    /// Returns the name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            DeltaSign::Textbook => "textbook",
            DeltaSign::Gradient => "gradient",
        }
    }

    /// Returns the convention as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            DeltaSign::Textbook => "δ = -∂E/∂z, so a new weight is w⁺ = w + η·δ·a",
            DeltaSign::Gradient => "δ = ∂E/∂z, so a new weight is w⁺ = w - η·δ·a",
        }
    }

    /// Returns `x − y`, or `y − x` with the gradient sign.
    pub(crate) fn difference<S: Scalar>(self, x: S, y: S) -> S {
        match self {
            DeltaSign::Textbook => x - y,
            DeltaSign::Gradient => y - x,
        }
    }

    /// Returns `start` moved downhill by `amount`, which has the sign of a delta.
    pub(crate) fn descend<S: Scalar>(self, start: S, amount: S) -> S {
        match self {
            DeltaSign::Textbook => start + amount,
            DeltaSign::Gradient => start - amount,
        }
    }

    /// Returns the gradient that belongs to `product`, which has the sign of a delta.
    pub(crate) fn gradient<S: Scalar>(self, product: S) -> S {
        match self {
            DeltaSign::Textbook => -product,
            DeltaSign::Gradient => product,
        }
    }
}
