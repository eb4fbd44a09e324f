//! Whatever names a file gives: if it is read, no two quantities of a step
//! have the same identifier, and no two look the same on a page.

use std::collections::HashMap;

use chainrule::example::Example;
use chainrule::explain::formula::Notation;
use chainrule::explain::symbol;
use proptest::prelude::*;
use proptest::sample::select;

/// Names that could be mistaken for others, and for automatic ones.
const NAMES: [&str; 36] = [
    "x1",
    "x2",
    "h1",
    "h2",
    "h1_1",
    "h2_1",
    "o1",
    "a",
    "b",
    "c",
    "a_b",
    "b_c",
    "p_q",
    "q_r",
    "q",
    "p",
    "r",
    "w1",
    "w_1",
    "w_x1_h1",
    "w_p_q_r",
    "w_a_b_c",
    "w_h1_1_h2_1",
    "b1",
    "b_1",
    "b2",
    "b_h1",
    "b_a",
    "t",
    "z",
    "S",
    "S1",
    "S_2",
    "sum",
    "new",
    "after",
];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(|name| format!("\"{name}\""))
}

/// A key with a list of names in it, or nothing.
fn names(key: &'static str, count: usize) -> impl Strategy<Value = String> {
    let list = proptest::collection::vec(name(), count);
    proptest::option::of(list).prop_map(move |names| {
        names.map_or(String::new(), |names| format!("{key} = [{}]\n", names.join(", ")))
    })
}

fn layer(neurons: usize) -> impl Strategy<Value = String> {
    let biases = prop_oneof![
        Just(String::new()).boxed(),
        names("bias-names", neurons).prop_map(|names| format!("biases = 0.1\n{names}")).boxed(),
        proptest::option::of(name())
            .prop_map(|name| {
                let name = name.map_or(String::new(), |name| format!("bias-name = {name}\n"));
                format!("shared-bias = 0.1\n{name}")
            })
            .boxed(),
    ];
    let rows = vec!["[0.1, 0.2]"; neurons].join(", ");
    let weight_names = proptest::option::of(proptest::collection::vec(name(), 2 * neurons));
    (names("neurons", neurons), weight_names, biases).prop_map(move |(names, weights, biases)| {
        let weights = weights.map_or(String::new(), |names| {
            let rows: Vec<String> =
                names.chunks(2).map(|row| format!("[{}]", row.join(", "))).collect();
            format!("weight-names = [{}]\n", rows.join(", "))
        });
        format!("[[layers]]\nweights = [{rows}]\n{names}{weights}{biases}")
    })
}

fn file() -> impl Strategy<Value = String> {
    let hidden = proptest::collection::vec(layer(2), 0..3);
    let softmax = select(&["", "activation = \"softmax\"\n"][..]);
    (names("inputs", 2), hidden, layer(1), softmax).prop_map(|(inputs, hidden, last, softmax)| {
        format!(
            "{inputs}{}{last}{softmax}[[samples]]\ninputs = [1, 2]\ntargets = 1\n",
            hidden.concat()
        )
    })
}

fn repeated(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    texts.for_each(|text| *counts.entry(text).or_default() += 1);
    counts.into_iter().filter(|&(_, count)| count > 1).map(|(text, _)| text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_read_has_no_name_twice(text in file()) {
        if let Ok(example) = Example::from_toml(&text) {
            let ids = example.network.quantities().map(|quantity| example.names.id(quantity));
            prop_assert_eq!(repeated(ids), Vec::<String>::new());
            let symbols = example.network.quantities().map(|quantity| {
                let mut out = String::new();
                symbol::write(&example.names.symbol(quantity), Notation::Text, &mut out);
                out
            });
            prop_assert_eq!(repeated(symbols), Vec::<String>::new());
        }
    }
}

#[test]
fn names_that_differ_are_accepted() {
    // The property above would also hold for a reader that refuses everything.
    let text = "
        inputs = [\"a\", \"b\"]
        [[layers]]
        neurons = [\"p_q\", \"r\"]
        weights = [[0.1, 0.2], [0.3, 0.4]]
        weight-names = [[\"p_q\", \"w2\"], [\"W_1\", \"w_a_b\"]]
        biases = 0.1
        [[layers]]
        weights = [[0.1, 0.2]]
        shared-bias = 0.1
        [[samples]]
        inputs = [1, 2]
        targets = 1
    ";
    if let Err(error) = Example::from_toml(text) {
        panic!("{error}");
    }
}
