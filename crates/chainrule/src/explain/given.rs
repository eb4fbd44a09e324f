//! The given numbers of a step, in groups, as a page lists them before the
//! first line.
//!
//! Not for the numbers inside formulas: each line puts in its own.

use super::formula::plain;
use super::{Explanation, Step};
use crate::quantity::Quantity;
use crate::scalar::worked::{Entry, Origin};

/// More numbers than this are counted, not listed: each stands in the lines
/// that use it.
const MOST_LISTED: usize = 60;

/// Given numbers of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they are.
    pub label: &'static str,
    /// The numbers, written out; none where there are too many.
    pub numbers: Vec<(Quantity, String)>,
    /// How many there are.
    pub count: usize,
}

impl Group {
    /// Returns what stands in place of numbers that are too many.
    pub fn instead(&self) -> Option<String> {
        self.numbers
            .is_empty()
            .then(|| format!("{} numbers, each in the lines that use it", self.count))
    }
}

/// Returns the given numbers that the shown lines of a step use, without those
/// that an earlier step computed.
pub fn groups(explanation: &Explanation<'_>, step: &Step<'_>) -> Vec<Group> {
    let givens: Box<dyn Iterator<Item = Entry>> = if explanation.is_whole() {
        Box::new(step.givens())
    } else {
        Box::new(step.givens_in_use())
    };
    let mut groups: Vec<Group> = Vec::new();
    for given in givens {
        let label = match given.quantity {
            Quantity::Input(_) => "Inputs",
            Quantity::Target(_) => "Targets",
            Quantity::Parameter(_) if given.origin == Origin::Given => "Weights and biases",
            // The learning rate stands among the conventions.
            _ => continue,
        };
        if groups.last().is_none_or(|group| group.label != label) {
            groups.push(Group { label, numbers: Vec::new(), count: 0 });
        }
        let Some(group) = groups.last_mut() else { continue };
        group.count += 1;
        if group.count <= MOST_LISTED {
            group.numbers.push((given.quantity, plain(given.value)));
        } else {
            group.numbers.clear();
        }
    }
    groups
}
