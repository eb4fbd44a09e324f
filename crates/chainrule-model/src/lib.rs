//! From a table to a trained model, and from new rows to predictions.
//!
//! Nothing here opens a file or prints: readers take bytes, writers take a
//! place to write to.
#![forbid(unsafe_code)]

mod cell;
pub mod encoder;
pub mod error;
pub mod metrics;
pub mod model;
pub mod place;
pub mod plot;
pub mod profile;
pub mod quality;
pub mod read;
pub mod recipe;
pub mod remark;
pub mod report;
pub mod schema;
pub mod split;
pub mod stream;
pub mod table;
pub mod train;
pub mod tune;
