//! Any text as a scheme of points: it is read, and points are given by it, or
//! the error says what is wrong.

#![no_main]

use chainrule::example::builtin;
use chainrule::exercise::judge::Verdict;
use chainrule::exercise::scheme::Scheme;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let example = builtin::ALL[0].example();
    match Scheme::read(&example, text) {
        Ok(scheme) => {
            for quantity in example.network.quantities() {
                let worth = scheme.worth(quantity);
                let points = scheme.points(quantity, Verdict::Carried, &[]);
                assert!(worth.is_finite() && worth >= 0.0, "points are numbers from 0 up");
                assert!((0.0..=worth).contains(&points), "a share is at most the whole");
            }
        }
        Err(error) => {
            assert!(error.to_string().starts_with("line "), "an error says where");
            let _ = error.help();
        }
    }
});
