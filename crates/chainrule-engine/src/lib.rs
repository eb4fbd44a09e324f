//! The engine: trains dense networks in batches, fast, and computes the same
//! as the textbook.
#![deny(unsafe_code)]

mod aligned;
pub mod architecture;
mod batch;
pub mod callback;
mod clock;
pub mod data;
mod dropout;
pub mod error;
mod evaluation;
pub mod history;
pub mod initialise;
mod inspect;
mod kernels;
mod layout;
pub mod network;
mod objective;
pub mod optimizer;
pub mod predictor;
pub mod random;
pub mod real;
pub mod schedule;
pub mod settings;
mod state;
pub mod trainer;
