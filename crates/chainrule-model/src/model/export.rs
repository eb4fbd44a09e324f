//! A model in other formats.
//!
//! To add one: a file beside `json.rs` with a function `write`, a variant of
//! [`Format`], and one arm in each `match` below. Nothing else knows the list.

use std::io::Write;

use super::Model;

mod json;

/// A format that a model can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// All of the model as one JSON object.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 1] = [Format::Json];

    /// Returns the name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
        }
    }

    /// Returns what a file of this format ends in, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Json => "json",
        }
    }

    /// Returns what it is, in a line.
    pub fn summary(self) -> &'static str {
        match self {
            Format::Json => "one JSON object: architecture, weights, encoder, training record",
        }
    }
}

impl Model {
    /// Writes the model in another format.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn export(&self, format: Format, out: &mut dyn Write) -> std::io::Result<()> {
        match format {
            Format::Json => json::write(self, out),
        }
    }
}
