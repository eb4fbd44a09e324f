//! The explanation as JSON, for programs. The format is versioned and
//! described in `docs/json.md`.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::check::Check;
use crate::compare::Comparison;
use crate::convention::UpdateOrder;
use crate::example::Example;
use crate::example::builtin::Builtin;
use crate::explain::formula::{Notation, View};
use crate::explain::parallel::write_lines;
use crate::explain::{Explanation, Line, Step};
use crate::network::{Biases, Layer, Sample};
use crate::quantity::Quantity;
use crate::rounding::Rounding;

/// The version of the format. A reader may rely on all that `docs/json.md`
/// says of it; additions do not raise it.
pub const SCHEMA: u32 = 1;

/// Writes an explanation, one line of working to a line.
///
/// # Errors
/// Those of the writer.
pub fn write(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let example = explanation.example;
    writeln!(out, "{{\"schema\":{SCHEMA},")?;
    for (key, value) in [
        ("title", json!(example.title)),
        ("source", json!(example.source)),
        ("note", json!(example.note)),
        ("convention", convention(explanation)),
        ("network", network(example)),
        ("samples", samples(explanation)),
    ] {
        writeln!(out, "\"{key}\":{value},")?;
    }
    write!(out, "\"steps\":[")?;
    let mut losses = Vec::new();
    let mut is_first = true;
    for step in explanation.steps() {
        let mut lines = step.lines();
        if is_first && let Some(line) = lines.next() {
            writeln!(out)?;
            write_line(&step, &line, out)?;
            is_first = false;
        }
        write_lines(lines, out, |line, out| {
            writeln!(out, ",")?;
            write_line(&step, line, out)
        })?;
        if explanation.is_prediction() {
            continue;
        }
        let (before, after) = step.losses();
        losses.push(json!({
            "step": step.number,
            "sample": step.sample + 1,
            "loss": before,
            "loss_after": after,
        }));
    }
    writeln!(out, "\n],\n\"losses\":{}}}", Value::Array(losses))
}

/// Writes the comparison of the update orders.
///
/// # Errors
/// Those of the writer.
pub fn comparison(
    example: &Example,
    comparison: &Comparison,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{{\"schema\":{SCHEMA},\n\"step\":{},", comparison.step)?;
    array(out, "comparison", &comparison.rows, |row| {
        json!({
            "id": example.names.id(row.quantity),
            "old_weights": row.old_weights,
            "updated_weights": row.updated_weights,
            "told_apart_at": row.told_apart_at,
        })
    })?;
    writeln!(out, "}}")
}

/// Writes a gradient check.
///
/// # Errors
/// Those of the writer.
pub fn check(example: &Example, check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let worst = check.worst().map(|row| row.relative);
    for (start, key, value) in [
        ("{", "schema", json!(SCHEMA)),
        ("", "holds", json!(check.holds())),
        ("", "update_order", json!(example.convention.update_order.name())),
        ("", "sample", json!(check.sample + 1)),
        ("", "count", json!(check.count)),
        ("", "loss", json!(check.loss)),
        ("", "worst_relative_difference", json!(worst)),
    ] {
        writeln!(out, "{start}\"{key}\":{value},")?;
    }
    array(out, "gradients", &check.rows, |row| {
        json!({
            "id": example.names.id(Quantity::Gradient(row.parameter)),
            "backpropagation": row.backpropagation,
            "dual": row.dual,
            "central_difference": row.difference.value,
            "central_difference_error": row.difference.error,
            "is_corner": row.difference.is_corner,
            "relative_difference": row.relative,
            "holds": row.holds(),
        })
    })?;
    writeln!(out, "}}")
}

/// Writes the list of built-in examples.
///
/// # Errors
/// Those of the writer.
pub fn examples(all: &[Builtin], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{{\"schema\":{SCHEMA},")?;
    array(out, "examples", all, |one| json!({ "name": one.name, "summary": one.summary() }))?;
    writeln!(out, "}}")
}

/// Writes a key and an array, an element to a line.
fn array<T>(
    out: &mut dyn Write,
    key: &str,
    elements: &[T],
    value: impl Fn(&T) -> Value,
) -> io::Result<()> {
    write!(out, "\"{key}\":[")?;
    for (place, element) in elements.iter().enumerate() {
        write!(out, "{}\n{}", if place == 0 { "" } else { "," }, value(element))?;
    }
    write!(out, "\n]")
}

fn convention(explanation: &Explanation) -> Value {
    let example = explanation.example;
    let (decimals, digits) = match example.shown {
        Rounding::Decimals(places) => (Some(places), None),
        Rounding::Digits(digits) => (None, Some(digits)),
    };
    json!({
        "update_order": example.convention.update_order.name(),
        "is_gradient": example.convention.update_order == UpdateOrder::OldWeights,
        "delta_sign": example.convention.delta_sign.name(),
        "loss": example.loss.name(),
        "loss_formula": example.loss.formula(),
        "learning_rate": example.learning_rate,
        "round_each": explanation.settings.round_each,
        "decimals": decimals,
        "digits": digits,
    })
}

fn network(example: &Example) -> Value {
    let layers: Vec<Value> = example
        .network
        .layers
        .iter()
        .zip(&example.names.neurons)
        .map(|(layer, names)| {
            json!({
                "neurons": names,
                "activation": layer.activation.name(),
                "biases": biases(layer),
            })
        })
        .collect();
    json!({ "inputs": example.names.inputs, "layers": layers })
}

fn biases(layer: &Layer<f64>) -> &'static str {
    match (&layer.biases, layer.biases_trained) {
        (Biases::Absent, _) => "absent",
        (Biases::PerNeuron(_), true) => "trained",
        (Biases::PerNeuron(_), false) => "frozen",
        (Biases::Shared(_), true) => "shared",
        (Biases::Shared(_), false) => "shared-frozen",
    }
}

fn samples(explanation: &Explanation) -> Value {
    let samples = explanation.example.samples.iter();
    let value = |sample: &Sample<f64>| {
        let targets = (!explanation.is_prediction()).then_some(&sample.targets);
        json!({ "inputs": sample.inputs, "targets": targets })
    };
    samples.map(value).collect()
}

/// Writes a line key by key: a map of a thousand given numbers for each would
/// take longer than all else.
fn write_line(step: &Step, line: &Line, out: &mut dyn Write) -> io::Result<()> {
    let values = [
        ("{", "id", json!(line.id())),
        (",", "phase", json!(line.phase().id())),
        (",", "step", json!(step.number)),
        (",", "symbol", json!(line.symbol(Notation::Text))),
        (",", "formula", json!(line.formula(View::Symbols, Notation::Text))),
        (",", "substitution", json!(line.formula(View::Numbers, Notation::Text))),
        (",", "conditions", json!(line.conditions(View::Symbols, Notation::Text))),
        (",", "value", json!(line.value())),
        (",", "shown", json!(line.shown())),
        (",", "depends_on", json!(line.depends_on())),
    ];
    for (start, key, value) in values {
        write!(out, "{start}\"{key}\":")?;
        serde_json::to_writer(&mut *out, &value)?;
    }
    write!(out, ",\"given\":{{")?;
    for (place, (given, value)) in line.given().enumerate() {
        write!(out, "{}", if place == 0 { "" } else { "," })?;
        serde_json::to_writer(&mut *out, &step.example.names.id(given))?;
        write!(out, ":")?;
        serde_json::to_writer(&mut *out, &value)?;
    }
    write!(out, "}}}}")
}
