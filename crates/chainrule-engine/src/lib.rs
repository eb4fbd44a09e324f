//! The engine: trains dense networks in batches, fast, and computes the same
//! as the textbook.
#![deny(unsafe_code)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::needless_pass_by_value,
    clippy::needless_range_loop,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "shares of counts and halves of a position fit; kernels take tokens by value and \
              keep sums in registers by index; `!(z <= largest)` lets what is not a number through"
)]

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
#[expect(
    clippy::excessive_precision,
    clippy::inline_always,
    clippy::too_many_arguments,
    clippy::transmute_ptr_to_ptr,
    reason = "coefficients are printed as computed; what is not inlined into a function with \
              its instruction set is compiled without it"
)]
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
