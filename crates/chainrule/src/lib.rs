//! Backpropagation in dense neural networks, and the working behind every number.
//!
//! Read [`backprop`] first: it is the algorithm. Then [`activation`], [`loss`]
//! and [`scalar`]; then [`explain`], which runs the algorithm with worked
//! numbers and turns what it wrote into a page.
//!
//! ```
//! use chainrule::example::Example;
//!
//! ```
//!
//! The library takes text and writers. It opens no file, prints nothing and
//! holds no `unsafe`.

#![forbid(unsafe_code)]

pub mod activation;
pub mod backprop;
pub mod check;
pub mod compare;
pub mod convention;
pub mod example;
pub mod exercise;
pub mod explain;
pub mod loss;
pub mod names;
pub mod network;
pub mod quantity;
pub mod rounding;
pub mod scalar;
pub mod special;
pub mod spelling;
