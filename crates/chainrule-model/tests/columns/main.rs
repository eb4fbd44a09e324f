//! What columns mean, how they are encoded, how rows are divided, and what is
//! said of them.

#[path = "../common/mod.rs"]
mod common;
mod encoder;
mod quality;
mod schema;
mod split;
mod tables;
