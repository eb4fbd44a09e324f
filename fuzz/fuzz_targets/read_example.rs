//! Any bytes: the reader gives an example or says what is wrong, both of which
//! can be used without a panic.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! fuzz/run 600        # seconds
//! ```

#![no_main]

use chainrule::example::Example;
use chainrule::explain::formula::{Notation, View};
use chainrule::explain::{Explanation, Settings};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/chainrule-cli/src/diagnostics.rs"]
mod diagnostics;

/// Weights beyond which an explanation is too slow to fuzz.
const SMALL: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Example::from_toml(text) {
        Err(error) => {
            assert!(!error.problems.is_empty(), "an error says what is wrong");
            let report = diagnostics::render(&error, "network.toml", text, false);
            assert!(report.starts_with("error: "));
            let _ = diagnostics::render(&error, "network.toml", text, true);
        }
        Ok(example) => use_it(&example),
    }
});

fn use_it(example: &Example) {
    for sample in 0..example.samples.len().min(3) {
        let _ = example.step_of(&example.network, sample);
    }
    for figure in example.published.iter().flat_map(|group| &group.figures) {
        let _ = figure.agrees_with(figure.value);
    }
    if example.network.parameters().take(SMALL).count() == SMALL {
        return;
    }
    for round_each in [false, true] {
        let settings = Settings { round_each, steps: 2, ..Settings::default() };
        let explanation = Explanation::new(example, settings).expect("two steps can be explained");
        for step in explanation.steps() {
            for line in step.lines() {
                for notation in [Notation::Text, Notation::Latex, Notation::MathMl] {
                    let _ = line.symbol(notation);
                    let _ = line.formula(View::Symbols, notation);
                    let _ = line.formula(View::Numbers, notation);
                    let _ = line.conditions(View::Numbers, notation);
                }
                let _ = (line.id(), line.shown(), line.depends_on());
            }
        }
    }
}
