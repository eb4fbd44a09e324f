//! A line of one of several steps: `w1_new` of the first one, `w1_new@2` of the
//! second.
//!
//! ```
//! use chainrule::exercise::in_step::InStep;
//!
//! assert_eq!(InStep::split("w1_new@2"), Some((2, "w1_new")));
//! assert_eq!(InStep::split("w1_new"), Some((1, "w1_new")));
//! assert_eq!(InStep::split("w1_new@0"), None);
//! ```

use crate::explain::symbol;
use crate::names::Names;
use crate::quantity::Quantity;

/// Nobody works more steps by hand.
pub const MOST_STEPS: usize = 10;

/// A line of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InStep {
    /// The step, from 1.
    pub step: usize,
    /// What the line is about.
    pub quantity: Quantity,
}

impl InStep {
    /// Returns a line of the first step.
    pub fn first(quantity: Quantity) -> InStep {
        InStep { step: 1, quantity }
    }

    /// Cuts a name into the step, 1 where nothing is said, and the rest; `None`
    /// where there is no such step.
    pub fn split(name: &str) -> Option<(usize, &str)> {
        let Some((rest, step)) = name.rsplit_once('@') else { return Some((1, name)) };
        let step: usize = step.trim().parse().ok()?;
        (1..=MOST_STEPS).contains(&step).then_some((step, rest.trim_end()))
    }

    /// Returns its identifier.
    pub fn id(self, names: &Names) -> String {
        self.with_step(names.id(self.quantity))
    }

    /// Returns its symbol in plain text.
    pub fn symbol(self, names: &Names) -> String {
        self.with_step(symbol::of(names, self.quantity))
    }

    fn with_step(self, name: String) -> String {
        if self.step == 1 { name } else { format!("{name}@{}", self.step) }
    }
}
