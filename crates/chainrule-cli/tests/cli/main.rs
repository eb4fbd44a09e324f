//! The command line as its users meet it: the real program is run, and its
//! exit status and what it prints on both streams are looked at.
//!
//! The snapshots are read by a person before they are accepted; the other
//! tests hold for any text.

mod check;
mod examples;
mod explain;
mod json;
mod mark;
mod mistakes;
mod output;
mod support;
mod tables;
mod terminal;
mod worksheet;
