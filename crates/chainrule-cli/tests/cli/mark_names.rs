//! Every usual mistake, made on one line of a sheet that is right but for it:
//! `chainrule mark` names it.
//!
//! The numbers are worked here, line by line from those written before.

use std::collections::BTreeMap;

use crate::support::{folder, run};

const EXERCISE: &str = r#"
title = "Two hidden neurons and two outputs"
learning-rate = 0.6
delta-sign = "textbook"
loss = "half-squared"
inputs = ["x1", "x2"]
[[layers]]
weights = [[0.1, 0.8], [0.4, 0.6]]
biases = [0.1, -0.2]
train-biases = TRAINED
[[layers]]
weights = [[0.3, 0.9], [-0.5, 0.7]]
biases = [0.25, -0.15]
train-biases = TRAINED
[[samples]]
inputs = [0.35, 0.9]
targets = [0.2, 0.7]
"#;

/// The numbers of a sheet, each rounded to six decimals, by name.
#[derive(Clone, Default)]
struct Numbers(BTreeMap<String, f64>);

impl Numbers {
    fn put(&mut self, name: &str, value: f64) -> f64 {
        let written: f64 = format!("{value:.6}").parse().expect("a number");
        self.0.insert(name.to_string(), written);
        written
    }

    fn of(&self, name: &str) -> f64 {
        self.0[name]
    }
}

const X: [f64; 2] = [0.35, 0.9];
const T: [f64; 2] = [0.2, 0.7];
const V: [[f64; 2]; 2] = [[0.1, 0.8], [0.4, 0.6]];
const W: [[f64; 2]; 2] = [[0.3, 0.9], [-0.5, 0.7]];
const C: [f64; 2] = [0.1, -0.2];
const B: [f64; 2] = [0.25, -0.15];
const ETA: f64 = 0.6;

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Works the whole step, with the old or the updated weights.
fn right(updated: bool) -> Numbers {
    let mut all = Numbers::default();
    let mut a = [0.0; 2];
    for j in 0..2 {
        let z = V[j][0] * X[0] + V[j][1] * X[1] + C[j];
        let z = all.put(&format!("z_h{}", j + 1), z);
        a[j] = all.put(&format!("a_h{}", j + 1), sigmoid(z));
    }
    let (mut o, mut delta) = ([0.0; 2], [0.0; 2]);
    for k in 0..2 {
        let z = W[k][0] * a[0] + W[k][1] * a[1] + B[k];
        let z = all.put(&format!("z_o{}", k + 1), z);
        o[k] = all.put(&format!("a_o{}", k + 1), sigmoid(z));
    }
    all.put("loss", 0.5 * (T[0] - o[0]).powi(2) + 0.5 * (T[1] - o[1]).powi(2));
    let mut new = W;
    for k in 0..2 {
        let value = (T[k] - o[k]) * o[k] * (1.0 - o[k]);
        delta[k] = all.put(&format!("delta_o{}", k + 1), value);
        for j in 0..2 {
            let value = W[k][j] + ETA * delta[k] * a[j];
            new[k][j] = all.put(&format!("w_h{}_o{}_new", j + 1, k + 1), value);
        }
    }
    let w = if updated { new } else { W };
    for j in 0..2 {
        let value = (w[0][j] * delta[0] + w[1][j] * delta[1]) * a[j] * (1.0 - a[j]);
        let delta = all.put(&format!("delta_h{}", j + 1), value);
        for i in 0..2 {
            let value = V[j][i] + ETA * delta * X[i];
            all.put(&format!("w_x{}_h{}_new", i + 1, j + 1), value);
        }
        all.put(&format!("b_h{}_new", j + 1), C[j] + ETA * delta);
    }
    all
}

/// Marks a sheet with one number exchanged; returns what is said of its line.
fn said(name: &str, text: &str, trained: bool, updated: bool) -> Vec<String> {
    let folder = folder(&format!("mark-names-{name}"));
    let path = |file: &str| folder.join(file).to_str().expect("a plain path").to_string();
    let (exercise, sheet) = (path("exercise.toml"), path("sheet.csv"));
    let toml = EXERCISE.replace("TRAINED", if trained { "true" } else { "false" });
    std::fs::write(&exercise, toml).expect("written");
    let mut numbers = right(updated);
    if !trained && !name.starts_with("b_") {
        numbers.0.retain(|name, _| !name.starts_with("b_"));
    }
    let rows = numbers.0.iter().map(|(id, value)| {
        if id == name { format!("{id},{text}\n") } else { format!("{id},{value:.6}\n") }
    });
    std::fs::write(&sheet, rows.collect::<String>()).expect("written");
    let order = if updated { "updated-weights" } else { "old-weights" };
    let arguments = ["mark", &sheet, "--exercise", &exercise, "--format", "json"];
    let stated = ["--decimals", "6", "--update-order", order];
    let output = run(&[arguments.as_slice(), &stated].concat()).success();
    let value: serde_json::Value = serde_json::from_str(&output).expect("it is JSON");
    let lines = value["sheets"][0]["lines"].as_array().expect("there are lines");
    let line = lines.iter().find(|line| line["id"] == name).expect("the line is there");
    assert_eq!(line["verdict"], "wrong", "{name} = {text}");
    let one = |all: &serde_json::Value| -> String {
        let ids = all.as_array().into_iter().flatten().filter_map(|one| one["mistake"].as_str());
        ids.collect::<Vec<&str>>().join("+")
    };
    line["explanations"].as_array().into_iter().flatten().map(one).collect()
}

#[test]
fn every_mistake_is_named() {
    let old = right(false);
    let new = right(true);
    let of = |name: &str| old.of(name);
    let slope = |a: f64| a * (1.0 - a);
    let (d1, d2) = (of("delta_o1"), of("delta_o2"));
    let (a1, a2, o1) = (of("a_h1"), of("a_h2"), of("a_o1"));
    let miss = T[0] - o1;
    let (w11, w21) = (of("w_h1_o1_new"), of("w_h1_o2_new"));
    let hidden = of("delta_h1");
    let old_weights = (W[0][0] * new.of("delta_o1") + W[1][0] * new.of("delta_o2")) * slope(a1);
    let table: [(&str, &str, f64, bool, bool); 22] = [
        ("derivative-forgotten", "delta_o1", miss, true, false),
        ("derivative-at-z", "delta_o1", miss * slope(of("z_o1")), true, false),
        ("target-sign", "delta_o1", -d1, true, false),
        ("updated-weights", "delta_h1", (w11 * d1 + w21 * d2) * slope(a1), true, false),
        ("old-weights", "delta_h1", old_weights, true, true),
        ("indices-swapped", "z_h1", V[0][0] * X[0] + V[1][0] * X[1] + C[0], true, false),
        ("neighbour-delta", "w_h1_o1_new", W[0][0] + ETA * d2 * a1, true, false),
        ("rate-forgotten", "w_h1_o1_new", W[0][0] + d1 * a1, true, false),
        ("bias-forgotten", "z_h1", of("z_h1") - C[0], true, false),
        ("bias-trained", "b_h1_new", of("b_h1_new"), false, false),
        ("bias-shared", "b_h1_new", C[0] + ETA * (hidden + of("delta_h2")), true, false),
        ("bias-not-trained", "b_h1_new", C[0], true, false),
        ("factor-half", "loss", of("loss") / 2.0, true, false),
        ("factor-two", "delta_o1", 2.0 * d1, true, false),
        ("start-weight", "w_h1_o1_new", W[0][1] + ETA * d1 * a1, true, false),
        ("input-for-activation", "w_h1_o1_new", W[0][0] + ETA * d1 * X[0], true, false),
        ("sum-left-out", "delta_h1", W[0][0] * d1 * slope(a1), true, false),
        ("update-sign", "w_h1_o1_new", W[0][0] - ETA * d1 * a1, true, false),
        ("not-updated", "w_h1_o1_new", W[0][0], true, false),
        ("neighbour-activation", "w_h1_o1_new", W[0][0] + ETA * d1 * a2, true, false),
        ("rate-forgotten+neighbour-delta", "w_h1_o1_new", W[0][0] + d2 * a1, true, false),
        ("derivative-forgotten+factor-two", "delta_o1", 2.0 * miss, true, false),
    ];
    for (mistake, name, value, trained, updated) in table {
        let found = said(name, &format!("{value:.6}"), trained, updated);
        let sorted = |text: &str| {
            let mut all: Vec<String> = text.split('+').map(String::from).collect();
            all.sort();
            all
        };
        let first = found.first().map(|first| sorted(first));
        assert_eq!(first, Some(sorted(mistake)), "{mistake}: {found:?}");
    }
}

#[test]
fn every_slip_of_the_pen_is_named() {
    // z_o1 to six decimals, and what the pen made of it.
    let right = right(false);
    let exact = W[0][0] * right.of("a_h1") + W[0][1] * right.of("a_h2") + B[0];
    let seen = format!("{exact:.9}");
    let rounded = format!("{exact:.6}");
    let cut = &seen[..seen.len() - 3];
    assert_ne!(cut, rounded, "the number tells cutting off from rounding");
    let coarse = format!("{:.6}", format!("{exact:.4}").parse::<f64>().expect("a number"));
    let mut letters: Vec<char> = rounded.chars().collect();
    letters.swap(3, 4);
    let transposed: String = letters.into_iter().collect();
    assert_ne!(transposed, rounded);
    let slipped = format!("{:.6}", exact / 10.0);
    for (mistake, text) in [
        ("cut-off", cut),
        ("rounded-too-early", &coarse),
        ("digits-transposed", &transposed),
        ("decimal-point", &slipped),
    ] {
        let found = said("z_o1", text, true, false);
        assert_eq!(found.first().map(String::as_str), Some(mistake), "{text}: {found:?}");
    }
}
