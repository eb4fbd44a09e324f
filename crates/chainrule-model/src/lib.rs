//! From a table to a trained model, and from new rows to predictions.
//!
//! Nothing here opens a file or prints: readers take bytes, writers take a
//! place to write to.
#![forbid(unsafe_code)]

pub mod read;
pub mod table;
