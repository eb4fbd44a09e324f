//! Exports hold what the model holds, and the summary counts it right.

use chainrule_model::model::export::Format;
use serde_json::Value;

use crate::support::{KINDS, Kind, model, table};

/// Computes a network of an export as its description says.
fn forward(layers: &[Value], inputs: &[f64]) -> Vec<f64> {
    let mut a = inputs.to_vec();
    for layer in layers {
        let floats = |value: &Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let biases = floats(&layer["biases"]);
        let rows = layer["weights"].as_array().unwrap().iter().enumerate();
        let z = rows.map(|(j, row)| {
            let sum: f64 = floats(row).iter().zip(&a).map(|(w, a)| w * a).sum();
            sum + biases.get(j).copied().unwrap_or(0.0)
        });
        let z: Vec<f64> = z.collect();
        a = match layer["activation"].as_str().unwrap() {
            "silu" => z.iter().map(|z| z / (1.0 + (-z).exp())).collect(),
            "tanh" => z.iter().map(|z| z.tanh()).collect(),
            "sigmoid" => z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect(),
            "identity" => z,
            "softmax" => {
                let sum: f64 = z.iter().map(|z| z.exp()).sum();
                z.iter().map(|z| z.exp() / sum).collect()
            }
            other => panic!("the models have no {other}"),
        };
    }
    a
}

#[test]
fn the_json_alone_is_enough_to_predict() {
    let table = table(9);
    for kind in KINDS {
        let model = model(kind, true);
        let mut out = Vec::new();
        model.export(Format::Json, &mut out).unwrap();
        let exported: Value = serde_json::from_slice(&out).unwrap();
        let reader = model.encoder().read_inputs(&table).unwrap();
        for row in 0..table.rows() {
            let inputs: Vec<f64> = reader.encode(row..row + 1);
            assert_eq!(exported["inputs"].as_array().unwrap().len(), inputs.len());
            let found = forward(exported["layers"].as_array().unwrap(), &inputs);
            let worked = model.worked_row(&table, row).unwrap();
            let expected = worked.example.step().before.a.pop().unwrap();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{kind:?}, row {row}");
            }
        }
    }
}

#[test]
fn exported_singles_are_short_and_exact() {
    let model = model(Kind::ThreeClasses, false);
    let mut out = Vec::new();
    model.export(Format::Json, &mut out).unwrap();
    let exported: Value = serde_json::from_slice(&out).unwrap();
    let chainrule_model::model::Weights::Single(network) = model.weights() else {
        panic!("it has numbers of 32 bits");
    };
    let first = exported["layers"][0]["weights"][0][0].to_string();
    assert!(first.len() <= 14, "{first}");
    assert_eq!(first.parse::<f32>().unwrap().to_bits(), network.parameters()[0].to_bits());
    assert!(Format::ALL.iter().all(|format| !format.summary().is_empty()));
}

#[test]
fn the_summary_counts_what_is_there() {
    let model = model(Kind::ThreeClasses, false);
    let summary = model.summary();
    // Two numbers, three islands, one for others, one for missing.
    let inputs: usize = summary.columns.iter().map(|column| column.inputs).sum();
    assert_eq!(inputs, 2 + 3 + 1 + 1);
    let parameters = (inputs * 7 + 7) + 7 * 4 + (4 * 3 + 3);
    assert_eq!(summary.parameters, parameters);
    assert_eq!(summary.memory.parameters, 4 * parameters);
    assert_eq!(summary.layers.iter().map(|layer| layer.parameters).sum::<usize>(), parameters);
    assert_eq!(summary.layers[1].bias, "absent");
    assert_eq!(summary.columns[1].values, ["Biscoe", "Dream", "Torgersen"]);
    assert!(summary.columns[1].has_indicator);
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["training"]["data"]["training_rows"], 72);
}
