//! The reader takes any text: what it reads can be used, what it refuses it
//! explains.

use chainrule::example::{Example, builtin};
use chainrule::explain::formula::{Notation, View};
use chainrule::explain::{Explanation, Settings};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Splits a file where a person's slip would change it: words, numbers and
/// single characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || "_.-+".contains(c);
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// What is put in the place of a token, or beside it.
const SLIPS: [&str; 44] = [
    "",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "=",
    ",",
    ".",
    "#",
    "\n",
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e999",
    "1e-999",
    "nan",
    "-inf",
    "0x10",
    "1_000",
    "99999999999999999999",
    "true",
    "\"softmax\"",
    "\"relu\"",
    "\"binary-cross-entropy\"",
    "\"A\"",
    "\"loss\"",
    "weights",
    "biases",
    "shared-bias",
    "digits",
    "decimals",
    "[published.figures]",
    "Ω",
    "−",
    "\u{0}",
    "\u{301}",
    "\u{feff}",
    "2024-01-01",
];

#[derive(Clone, Debug)]
enum Slip {
    Delete(Index),
    Insert(Index, &'static str),
    Replace(Index, &'static str),
    Double(Index),
    Swap(Index, Index),
}

fn slip() -> impl Strategy<Value = Slip> {
    let place = any::<Index>;
    prop_oneof![
        place().prop_map(Slip::Delete),
        (place(), select(&SLIPS[..])).prop_map(|(place, text)| Slip::Insert(place, text)),
        (place(), select(&SLIPS[..])).prop_map(|(place, text)| Slip::Replace(place, text)),
        place().prop_map(Slip::Double),
        (place(), place()).prop_map(|(one, two)| Slip::Swap(one, two)),
    ]
}

fn with_slips(text: &str, slips: &[Slip]) -> String {
    let mut tokens = tokens(text);
    for slip in slips {
        let length = tokens.len();
        match slip {
            _ if length < 2 => {}
            Slip::Delete(place) => drop(tokens.remove(place.index(length))),
            Slip::Insert(place, text) => tokens.insert(place.index(length), text),
            Slip::Replace(place, text) => tokens[place.index(length)] = text,
            Slip::Double(place) => tokens.insert(place.index(length), tokens[place.index(length)]),
            Slip::Swap(one, two) => tokens.swap(one.index(length), two.index(length)),
        }
    }
    tokens.concat()
}

/// Reads a text and uses what comes of it.
fn read(text: &str) {
    match Example::from_toml(text) {
        Ok(example) => {
            let settings = Settings { steps: 2, ..Settings::default() };
            let explanation = Explanation::new(&example, settings).expect("two steps exist");
            for step in explanation.steps() {
                for line in step.lines() {
                    assert!(!line.id().is_empty());
                    assert!(!line.formula(View::Numbers, Notation::Text).is_empty());
                }
            }
        }
        Err(error) => {
            assert!(!error.problems.is_empty());
            let lines = text.split('\n').count();
            for problem in &error.problems {
                assert!(text.get(problem.span.clone()).is_some(), "{:?}", problem.span);
                assert!((1..=lines).contains(&problem.line), "line {} of {lines}", problem.line);
                assert!(problem.column >= 1);
                assert!(!problem.to_string().contains('\n'), "a message is one line");
                let (_, _) = (problem.label(), problem.help());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn slips_in_the_built_in_files(
        file in select(&builtin::ALL[..]),
        slips in proptest::collection::vec(slip(), 1..6),
    ) {
        read(&with_slips(file.toml, &slips));
    }

    #[test]
    fn any_text(text in any::<String>()) {
        read(&text);
    }
}

#[test]
fn tokens_lose_nothing() {
    for file in builtin::ALL {
        assert_eq!(tokens(file.toml).concat(), file.toml);
        assert!(Example::from_toml(&with_slips(file.toml, &[])).is_ok());
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]")] {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        read(&format!("weights = {open}1{close}"));
        read(&format!("weights = {open}"));
    }
    read(&format!("{}a = 1", "a.".repeat(100_000)));
    read(&format!("[{}a]", "a.".repeat(100_000)));
}

#[test]
fn huge_counts_do_not_allocate() {
    for count in ["1000000000000", "18446744073709551615", "99999999999999999999999"] {
        let text =
            format!("inputs = {count}\n[[layers]]\nneurons = {count}\nweights = 1\nbiases = 1");
        read(&text);
    }
}
