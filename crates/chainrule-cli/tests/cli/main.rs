//! The command line as its users meet it: the real program is run, and its
//! exit status and what it prints on both streams are looked at.
//!
//! The snapshots are read by a person before they are accepted; the other
//! tests hold for any text.

mod bad_tables;
mod check;
mod examples;
mod explain;
mod explain_row;
mod full_disk;
mod json;
mod json_tables;
mod lost;
mod mark;
mod mark_json;
mod mark_names;
mod mistakes;
mod output;
mod real_data;
mod reports;
mod settings;
mod stream;
mod support;
mod tables;
mod terminal;
mod tune;
mod worksheet;
