//! The engine through its public functions, one file for each law.
//!
//! One program, because each would compile the kernels anew: the smallest takes
//! 35 s of it on the machine where all of them together take 80 s.

mod common;
mod encoder;
mod levenberg;
mod losses;
mod plain_loop;
mod pytorch;
mod resume;
mod same_bits;
mod textbook;
mod training;
mod windows;
mod worked_view;
