//! The command line.

#[cfg_attr(not(test), expect(dead_code, reason = "no command reads a file yet"))]
mod diagnostics;

fn main() {}
