//! Any text as a sheet for a built-in example, in any format: it is read and
//! marked, and written in every format.
//!
//! The first byte chooses the example, the format and the rounding.

#![no_main]

use chainrule::example::builtin;
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::class::Class;
use chainrule::exercise::mark::{Marked, Settings, Stated};
use chainrule::exercise::report;
use chainrule::rounding::Rounding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let choice = usize::from(choice);
    let example = builtin::ALL[choice % builtin::ALL.len()].example();
    let format = match choice / 5 % 5 {
        4 => Format::guess(text),
        place => Format::ALL[place],
    };
    let rounding = [None, Some(Rounding::Decimals(3)), Some(Rounding::Digits(4))][choice / 25 % 3];
    let stated = if choice / 75 == 0 { Stated::ALL } else { Stated::default() };
    let sheet = Sheet::read(&example, text, format);
    for problem in &sheet.problems {
        assert!(!problem.to_string().is_empty(), "a problem says what is wrong");
        let _ = problem.help();
    }
    let settings = Settings { rounding, stated, ..Settings::default() };
    let marked = Marked::new(&example, &sheet, &settings);
    assert!(marked.points() <= marked.worth(), "no sheet is worth more than all");
    let out = &mut std::io::sink();
    report::text(&marked, true, out).expect("a sink takes it");
    report::write_markdown(&marked, out).expect("a sink takes it");
    report::write_html(&marked, out).expect("a sink takes it");
    report::write_csv(&marked, out).expect("a sink takes it");
    let class = Class { sheets: vec![("one".to_string(), marked)], ..Class::default() };
    let mut json = Vec::new();
    report::write_class_json(&class, &mut json).expect("a vector takes it");
    let _: serde_json::Value = serde_json::from_slice(&json).expect("it is JSON");
});
