//! Laws that hold for every network, tried on random ones.

mod evaluate;
mod gradients;
mod lines_reevaluate;
mod number_types;
mod random;
