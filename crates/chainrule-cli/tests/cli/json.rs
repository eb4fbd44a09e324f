//! JSON for programs: what `docs/json.md` promises.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::support::{EXAMPLES, json, testdata};

/// One step: a dozen operations in a row, each with a relative error of 1e-16.
const ONE_STEP: f64 = 1e-14;

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn ids(page: &Value) -> Vec<&str> {
    list(&page["steps"]).iter().map(|step| text(&step["id"])).collect()
}

/// Returns the ids that each line depends on, by the line's id.
fn dependencies(page: &Value) -> HashMap<&str, Vec<&str>> {
    list(&page["steps"])
        .iter()
        .map(|step| (text(&step["id"]), list(&step["depends_on"]).iter().map(text).collect()))
        .collect()
}

#[test]
fn an_explanation_has_the_promised_keys() {
    for name in EXAMPLES {
        let page = json(&["explain", "--example", name]);
        assert_eq!(page["schema"], 1, "{name}");
        let keys: Vec<&str> =
            page.as_object().expect("an object").keys().map(String::as_str).collect();
        let expected: BTreeSet<&str> = BTreeSet::from([
            "schema",
            "title",
            "source",
            "note",
            "convention",
            "network",
            "samples",
            "steps",
            "losses",
        ]);
        assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), expected, "{name}");
        for step in list(&page["steps"]) {
            let what = format!("{name}: {step}");
            for key in ["id", "phase", "symbol", "formula", "substitution", "shown"] {
                assert!(!text(&step[key]).is_empty(), "{key} of {what}");
            }
            let phases = ["forward", "loss", "backward", "gradient", "update", "after"];
            assert!(phases.contains(&text(&step["phase"])), "{what}");
            assert!(step["value"].is_f64(), "{what}");
            assert!(step["depends_on"].is_array() && step["conditions"].is_array(), "{what}");
            assert!(step["given"].is_object(), "{what}");
            assert_eq!(step["step"], 1, "{what}");
        }
    }
}

#[test]
fn the_phase_follows_from_the_id() {
    for name in EXAMPLES {
        for step in list(&json(&["explain", "--example", name])["steps"]) {
            let id = text(&step["id"]);
            let expected = match id {
                _ if id.ends_with("_after") => "after",
                _ if id.ends_with("_new") => "update",
                "loss" => "loss",
                _ if id.starts_with("delta_") => "backward",
                _ if id.starts_with("grad_") => "gradient",
                _ => "forward",
            };
            assert_eq!(step["phase"], expected, "{name}: {id}");
        }
    }
}

#[test]
fn the_first_example_has_its_lines_in_order() {
    let expected = "z_top z_bottom a_top a_bottom z_out a_out loss \
        delta_out grad_w1 grad_w2 w1_new w2_new \
        delta_top delta_bottom grad_w3 grad_w4 grad_w5 grad_w6 w3_new w4_new w5_new w6_new \
        z_top_after z_bottom_after a_top_after a_bottom_after z_out_after a_out_after loss_after";
    assert_eq!(ids(&json(&["explain"])).join(" "), expected);
}

/// The values of the first example by id, from the 30 digits of
/// `testdata/reference`, and what follows from them by the equations.
fn reference(order: &str) -> Vec<(&'static str, f64)> {
    let file = std::fs::read_to_string(testdata().join("reference/worked_examples.json"));
    let all: Value = serde_json::from_str(&file.expect("the file is there")).expect("it is JSON");
    let get =
        |name: &str| -> f64 { text(&all["first_example"][order][name]).parse().expect("a number") };
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (a, b) = (0.35, 0.9);
    let z_top_after = get("w3") * a + get("w4") * b;
    let z_bottom_after = get("w5") * a + get("w6") * b;
    let (a_top_after, a_bottom_after) = (sigmoid(z_top_after), sigmoid(z_bottom_after));
    vec![
        ("z_top", get("net_top")),
        ("z_bottom", get("net_bottom")),
        ("a_top", get("out_top")),
        ("a_bottom", get("out_bottom")),
        ("z_out", get("net_out")),
        ("a_out", get("out")),
        ("loss", get("loss")),
        ("delta_out", get("delta_out")),
        ("delta_top", get("delta_top")),
        ("delta_bottom", get("delta_bottom")),
        // δ = −∂E/∂z here.
        ("grad_w1", -get("delta_out") * get("out_top")),
        ("grad_w2", -get("delta_out") * get("out_bottom")),
        ("grad_w3", -get("delta_top") * a),
        ("grad_w4", -get("delta_top") * b),
        ("grad_w5", -get("delta_bottom") * a),
        ("grad_w6", -get("delta_bottom") * b),
        ("w1_new", get("w1")),
        ("w2_new", get("w2")),
        ("w3_new", get("w3")),
        ("w4_new", get("w4")),
        ("w5_new", get("w5")),
        ("w6_new", get("w6")),
        ("z_top_after", z_top_after),
        ("z_bottom_after", z_bottom_after),
        ("a_top_after", a_top_after),
        ("a_bottom_after", a_bottom_after),
        ("z_out_after", get("w1") * a_top_after + get("w2") * a_bottom_after),
        ("a_out_after", get("out_after")),
        ("loss_after", get("loss_after")),
    ]
}

#[test]
fn values_have_full_double_precision() {
    let orders = [("NEW", "updated-weights"), ("OLD", "old-weights")];
    for (key, order) in orders {
        let page = json(&["explain", "--update-order", order]);
        let values: HashMap<&str, f64> = list(&page["steps"])
            .iter()
            .map(|step| (text(&step["id"]), step["value"].as_f64().expect("a number")))
            .collect();
        let expected = reference(key);
        assert_eq!(values.len(), expected.len(), "every line is looked at");
        for (id, expected) in expected {
            let value = values[id];
            let off = (value - expected).abs();
            assert!(off <= ONE_STEP * expected.abs(), "{order} {id}: {value} is not {expected}");
        }
        assert_eq!(page["losses"][0]["loss"], values["loss"]);
        assert_eq!(page["losses"][0]["loss_after"], values["loss_after"]);
    }
}

#[test]
fn lines_depend_on_earlier_lines_and_ids_are_unique() {
    for name in EXAMPLES {
        for order in ["old-weights", "updated-weights"] {
            let arguments = ["explain", "--example", name, "--steps", "3", "--update-order", order];
            let page = json(&arguments);
            let mut earlier = HashSet::new();
            for step in list(&page["steps"]) {
                let id = text(&step["id"]);
                for used in list(&step["depends_on"]) {
                    assert!(earlier.contains(text(used)), "{name}: {id} uses {used}");
                }
                assert!(earlier.insert(id), "{name}: {id} is there twice");
                let number = id.rsplit_once('@').map_or("1", |(_, number)| number);
                assert_eq!(step["step"].to_string(), number, "{name}: {id}");
            }
        }
    }
}

#[test]
fn a_weight_of_a_later_step_is_the_new_weight_of_the_one_before() {
    let page = json(&["explain", "--steps", "3"]);
    let dependencies = dependencies(&page);
    assert_eq!(dependencies["z_top"], [""; 0]);
    assert_eq!(dependencies["z_top@2"], ["w3_new", "w4_new"]);
    assert_eq!(dependencies["w3_new@3"], ["w3_new@2", "delta_top@3"]);
    for name in EXAMPLES {
        let page = json(&["explain", "--example", name, "--steps", "2"]);
        let ids: HashSet<&str> = ids(&page).into_iter().collect();
        for step in list(&page["steps"]).iter().filter(|step| step["step"] == 2) {
            for given in step["given"].as_object().expect("an object").keys() {
                assert!(
                    !ids.contains(format!("{given}_new").as_str()),
                    "{name}: {given} in {step}"
                );
            }
        }
    }
}

/// Names in a formula are given numbers or lines it depends on: what is listed
/// is all there is.
#[test]
fn a_line_lists_all_that_its_formula_names() {
    for name in EXAMPLES {
        let page = json(&["explain", "--example", name]);
        let symbols: HashMap<&str, &str> = list(&page["steps"])
            .iter()
            .map(|step| (text(&step["symbol"]), text(&step["id"])))
            .collect();
        for step in list(&page["steps"]) {
            let named: HashSet<&str> = text(&step["formula"])
                .split(|letter: char| "·+-*/()^² ½".contains(letter))
                .filter_map(|word| symbols.get(word).copied())
                .collect();
            let listed: HashSet<&str> = list(&step["depends_on"]).iter().map(text).collect();
            assert_eq!(listed, named, "{name}: {step}");
        }
    }
}

/// Returns all that a line depends on, over any number of lines, and itself.
fn closure<'a>(dependencies: &HashMap<&'a str, Vec<&'a str>>, id: &'a str) -> HashSet<&'a str> {
    let mut found = HashSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(&dependencies[id]);
        }
    }
    found
}

/// Checks that `--why` shows the lines a line depends on, in the page's order,
/// and no others.
fn check_why(arguments: &[&str], every: usize) {
    let whole = json(arguments);
    let dependencies = dependencies(&whole);
    let all = ids(&whole);
    for &id in all.iter().step_by(every).chain(all.last()) {
        let why = if id.contains('@') { id.to_string() } else { format!("{id}@1") };
        let page = json(&[arguments, &["--why", &why]].concat());
        let expected = closure(&dependencies, id);
        let in_order: Vec<&str> = all.iter().copied().filter(|id| expected.contains(id)).collect();
        assert_eq!(ids(&page), in_order, "{arguments:?} --why {why}");
        // The lines are those of the whole page.
        let lines: HashSet<String> = list(&whole["steps"]).iter().map(Value::to_string).collect();
        let is_there = |line: &Value| lines.contains(&line.to_string());
        assert!(list(&page["steps"]).iter().all(is_there), "{arguments:?} --why {why}");
    }
}

#[test]
fn why_shows_exactly_what_a_quantity_depends_on() {
    for name in EXAMPLES {
        check_why(&["explain", "--example", name], 2);
    }
}

#[test]
fn why_reaches_back_over_steps() {
    for name in EXAMPLES {
        check_why(&["explain", "--example", name, "--steps", "3"], 9);
    }
    let changed = ["explain", "--steps", "3", "--update-order", "old-weights", "--round-each"];
    check_why(&changed, 5);
}

#[test]
fn a_symbol_and_an_id_ask_for_the_same() {
    for (symbol, id) in
        [("δ_top", "delta_top"), ("∂E/∂w3", "grad_w3"), ("w3⁺", "w3_new"), ("E⁺", "loss_after")]
    {
        assert_eq!(json(&["explain", "--why", symbol]), json(&["explain", "--why", id]));
    }
    let steps = ["explain", "--steps", "2", "--why"];
    let json = |why| json(&[&steps[..], &[why]].concat());
    assert_eq!(json("loss"), json("loss@2"), "the last step, where none is named");
    // In a later step, a weight is what the step before made of it.
    assert_eq!(json("w3@2"), json("w3_new@1"));
}

#[test]
fn what_is_not_finite_is_null() {
    let page = json(&["explain", "--learning-rate", "1e308", "--steps", "3"]);
    let endless = list(&page["steps"]).iter().find(|step| step["value"].is_null());
    let shown = endless.map(|step| text(&step["shown"]));
    assert!(matches!(shown, Some("∞" | "-∞" | "NaN")), "{shown:?}");
}

/// Collects all keys, except where they are names of the network.
fn keys<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.insert(key);
                if key != "given" {
                    keys(value, found);
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| keys(element, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_described() {
    let path = testdata().join("../docs/json.md");
    let docs = std::fs::read_to_string(path).expect("the description is there");
    let mut outputs = vec![json(&["examples"]), json(&["explain", "--steps", "2"])];
    for name in EXAMPLES {
        for command in [&["explain"][..], &["explain", "--compare"], &["check"]] {
            outputs.push(json(&[command, &["--example", name]].concat()));
        }
    }
    let mut found = BTreeSet::new();
    for output in &outputs {
        keys(output, &mut found);
    }
    assert!(found.len() > 40, "{found:?}");
    for key in found {
        assert!(docs.contains(&format!("| `{key}` |")), "docs/json.md does not describe `{key}`");
    }
}

#[test]
fn the_other_outputs_have_the_promised_schema() {
    for arguments in [&["examples"][..], &["check"], &["explain", "--compare"]] {
        assert_eq!(json(arguments)["schema"], 1, "{arguments:?}");
    }
    let comparison = json(&["explain", "--compare", "--steps", "3"]);
    assert_eq!(comparison["step"], 3);
    for row in list(&json(&["explain", "--compare"])["comparison"]) {
        let is_same = row["old_weights"] == row["updated_weights"];
        assert_eq!(row["told_apart_at"].is_null(), is_same, "{row}");
    }
}
