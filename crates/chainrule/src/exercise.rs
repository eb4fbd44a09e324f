//! Exercises: the usual mistakes by name, and the marking of what a person
//! worked out by hand.
//!
//! Everything here rests on the algorithm's own run with worked numbers: the
//! right numbers, what rounding may make of them, and what every mistake leads
//! to are evaluations of the formulas that it wrote.
//!
//! ```text
//! sheet ── answers ──> numbers ── judge ──> verdicts ── diagnose ──> named mistakes ── report
//! example ── working (formulas) ──┘            mistakes, slips ──┘
//! ```
//!
//! Read [`expression`] and [`working`] first, then [`judge`], [`mistakes`] and
//! [`mark`]. A generator of exercises needs [`mistakes::mistaken_values`] and
//! [`working::Working::values`].

pub mod answers;
pub mod arithmetic;
pub mod class;
pub mod detect;
pub mod diagnose;
pub mod expression;
pub mod in_step;
pub mod judge;
pub mod labels;
pub mod mark;
pub mod mistakes;
pub mod report;
pub mod scheme;
pub mod slips;
pub mod working;
pub mod worksheet;
pub mod written;
