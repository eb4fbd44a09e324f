//! Any bytes: the reader gives an example, which can be explained in every
//! format, or says what is wrong, which can be shown.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! fuzz/run 600        # seconds
//! ```

#![no_main]

use chainrule::example::Example;
use chainrule::explain::{Explanation, Settings, html, json, latex, markdown, text};
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
        Ok(example) => use_it(example),
    }
});

/// Steps of published figures that are computed: with checks in place, ten
/// thousand take seconds.
const FEW: usize = 20;

fn use_it(mut example: Example) {
    for sample in 0..example.samples.len().min(3) {
        let _ = example.step_of(&example.network, sample);
    }
    for figure in example.published.iter().flat_map(|group| &group.figures) {
        let _ = figure.agrees_with(figure.value);
    }
    if example.network.parameters().take(SMALL).count() == SMALL {
        return;
    }
    example.published.retain(|group| group.steps <= FEW);
    for round_each in [false, true] {
        let settings = Settings { round_each, steps: 2, ..Settings::default() };
        let explanation = Explanation::new(&example, settings).expect("two steps can be explained");
        let out = &mut std::io::sink();
        text::write(&explanation, true, out).expect("a sink takes it");
        json::write(&explanation, out).expect("a sink takes it");
        markdown::write(&explanation, out).expect("a sink takes it");
        latex::write(&explanation, out).expect("a sink takes it");
        html::write(&explanation, out).expect("a sink takes it");
    }
}
