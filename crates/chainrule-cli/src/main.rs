//! The program `chainrule`; what it does is in `lib.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    chainrule_cli::main()
}
