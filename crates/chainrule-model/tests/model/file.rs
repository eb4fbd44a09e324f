//! Save and load: every bit comes back.

use chainrule_model::model::{Error, Model, Predictions, Weights};
use chainrule_model::table::{Cells, Column, Lines, MISSING, Table, Text};
use serde_json::Value;

use crate::support::{KINDS, Kind, model, table};

fn bits(model: &Model) -> Vec<u64> {
    match model.weights() {
        Weights::Single(network) => {
            network.parameters().iter().map(|value| u64::from(value.to_bits())).collect()
        }
        Weights::Double(network) => network.parameters().iter().map(|x| x.to_bits()).collect(),
    }
}

#[test]
fn what_is_saved_is_loaded_bit_for_bit() {
    for kind in KINDS {
        for is_double in [false, true] {
            let model = model(kind, is_double);
            let bytes = model.to_bytes().unwrap();
            let loaded = Model::from_bytes(&bytes).unwrap();
            assert_eq!(loaded, model, "{kind:?}");
            assert_eq!(bits(&loaded), bits(&model), "{kind:?}");
            assert_eq!(loaded.to_bytes().unwrap(), bytes, "{kind:?}");
            let (predictions, _) = model.predict(&table(50)).unwrap();
            assert_eq!(loaded.predict(&table(50)).unwrap().0, predictions, "{kind:?}");
        }
    }
}

#[test]
fn tensors_begin_at_a_multiple_of_eight() {
    let bytes = model(Kind::ThreeClasses, true).to_bytes().unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    assert_eq!(header % 8, 0);
}

#[test]
fn a_file_of_the_first_version_is_still_read() {
    // Written by the first program that wrote model files. It must never be
    // made anew: files like it are out there.
    let bytes = include_bytes!("../../../../testdata/models/version-1.model");
    let model = Model::from_bytes(bytes).unwrap();
    assert_eq!(model.encoder().target().labels(), ["Adélie", "Chinstrap", "Gentoo"]);
    assert_eq!(model.training.seed, u64::MAX);
    // Rows, and what predict.py beside it makes of them from the same file.
    let expected: Value =
        serde_json::from_str(include_str!("../../../../testdata/models/version-1.json")).unwrap();
    let (predictions, _) = model.predict(&rows(&expected["rows"])).unwrap();
    let Predictions::Classes { probabilities, .. } = predictions else {
        panic!("it predicts classes");
    };
    let expected = expected["probabilities"].as_array().unwrap();
    assert_eq!(expected.len(), probabilities.len());
    for (found, expected) in probabilities.iter().zip(expected) {
        // In doubles there, in singles here.
        let expected = expected.as_f64().unwrap();
        assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
    }
}

/// Makes a table of columns of numbers or words, null where one is missing.
fn rows(columns: &Value) -> Table {
    let columns = columns.as_object().unwrap().iter().map(|(name, cells)| {
        let cells = cells.as_array().unwrap();
        let cells = if cells.iter().any(Value::is_string) {
            let word = |cell: &Value| cell.as_str().unwrap_or_default().to_string();
            let code = |(row, cell): (usize, &Value)| match cell {
                Value::Null => MISSING,
                _ => u32::try_from(row).unwrap(),
            };
            Cells::Text(Text {
                words: cells.iter().map(word).collect(),
                codes: cells.iter().enumerate().map(code).collect(),
            })
        } else {
            Cells::Numbers(cells.iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect())
        };
        Column { name: name.clone(), cells }
    });
    Table { name: "rows".to_string(), columns: columns.collect(), lines: Lines::None }
}

#[test]
fn numbers_that_json_does_not_have_come_back_as_an_error() {
    let mut model = model(Kind::Number, false);
    model.training.history.training_loss.push(f64::NAN);
    let bytes = model.to_bytes();
    let read = bytes.and_then(|bytes| Model::from_bytes(&bytes));
    assert!(matches!(read, Err(Error::Entry { entry: "training", .. })), "{read:?}");
}
