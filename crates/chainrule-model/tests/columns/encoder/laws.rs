//! Laws of all encoders: they do not depend on how a table is cut, see training
//! rows only, come back from their file, and what they encode comes back.

use super::{choices, fit, mixed};
use crate::tables::{data, part, table, words};
use chainrule_model::encoder::{Encoder, Fill, Fitter, Scaling, Settings, Target};
use chainrule_model::schema::{Choices, Schema, Task};
use chainrule_model::table::{Cells, Table};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn the_encoder_is_the_same_however_the_table_is_cut() {
    let test = "the_encoder_is_the_same_however_the_table_is_cut";
    for (name, target) in [("penguins.csv", "species"), ("titanic.csv", "Survived")] {
        let Some(table) = data(test, name) else { continue };
        for scaling in [None, Some(Scaling::QuantileNormal)] {
            let settings = Settings { scaling, fill: Fill::Median, ..Settings::default() };
            let (whole, _) = fit(&table, &choices(&[target]), &settings);
            let schema = Schema::new(&table, &choices(&[target])).expect("as before");
            let mut fitter = Fitter::new(&schema, &settings);
            for start in (0..table.rows()).step_by(37) {
                let piece = part(&table, start..table.rows().min(start + 37));
                fitter.add(&piece, 0..piece.rows()).expect("it is as the whole");
            }
            let (parts, _) = fitter.finish().expect("it is as the whole");
            assert_eq!(parts, whole, "{name} {scaling:?}");
        }
    }
}

#[test]
fn damaged_encoders_are_refused() {
    let (encoder, _) = fit(&mixed(), &choices(&["dose"]), &Settings::default());
    let good = serde_json::to_value(&encoder).expect("it can be written");
    let number = &good["features"][0];
    assert_eq!((&number["kind"], &number["column"]), (&"number".into(), &"age".into()));
    let damages: [(&str, Value); 8] = [
        ("/features/0/scale/over", 0.into()),
        ("/features/0/scale/over", Value::Null),
        ("/features/2/values", serde_json::json!(["Oslo", "Oslo"])),
        ("/features/1/fill", 7.into()),
        ("/features", serde_json::json!([])),
        ("/target/quantities/0/deviation", (-1).into()),
        ("/target/quantities/0/log", serde_json::json!({"by": "log", "least": 2, "greatest": 1})),
        ("/target", serde_json::json!({"kind": "classes", "column": "y", "labels": ["one"]})),
    ];
    for (place, value) in damages {
        let mut damaged = good.clone();
        *damaged.pointer_mut(place).expect(place) = value;
        assert!(serde_json::from_value::<Encoder>(damaged).is_err(), "{place}");
    }
    assert_eq!(serde_json::from_value::<Encoder>(good).expect("it is sound"), encoder);
}

/// A column of numbers of every size, with some missing.
fn any_numbers(rows: usize) -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![
        4 => -1e3..1e3,
        1 => Just(f64::NAN),
        1 => proptest::num::f64::NORMAL,
    ];
    proptest::collection::vec(number, rows)
}

fn any_table() -> impl Strategy<Value = Table> {
    (2_usize..40).prop_flat_map(|rows| {
        let towns = proptest::collection::vec("[a-e1-3]{0,2}", rows);
        let target = proptest::collection::vec(-1e6..1e6_f64, rows);
        (any_numbers(rows), any_numbers(rows), towns, target).prop_map(|(a, b, c, y)| {
            table(vec![
                ("a", Cells::Numbers(a)),
                ("b", Cells::Numbers(b)),
                ("c", words(&c)),
                ("y", Cells::Numbers(y)),
            ])
        })
    })
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let scaling = prop_oneof![
        Just(None),
        Just(Some(Scaling::Standard)),
        Just(Some(Scaling::Robust)),
        Just(Some(Scaling::MinMax)),
        Just(Some(Scaling::QuantileUniform)),
        Just(Some(Scaling::QuantileNormal)),
        Just(Some(Scaling::Unscaled)),
    ];
    let fill = prop_oneof![Just(Fill::Mean), Just(Fill::Median)];
    (scaling, fill, any::<bool>()).prop_map(|(scaling, fill, log_target)| Settings {
        scaling,
        fill,
        rare: None,
        log_target,
        scale_target: true,
    })
}

proptest! {
    #[test]
    fn encoders_come_back_from_json_bit_for_bit(table in any_table(), settings in any_settings()) {
        let regression = Choices {
            task: Some(Task::Regression),
            categorical: vec!["c".to_string()],
            ..choices(&["y"])
        };
        let Ok(schema) = Schema::new(&table, &regression) else { return Ok(()) };
        let (encoder, _) = Encoder::fit(&schema, &settings, &table, 0..table.rows()).expect("it fits");
        let json = serde_json::to_string(&encoder).expect("it can be written");
        let back: Encoder = serde_json::from_str(&json).expect(&json);
        prop_assert_eq!(serde_json::to_string(&back).expect("it can be written"), json);
        let rows = |encoder: &Encoder| -> Vec<u32> {
            let inputs = encoder.read_inputs(&table).expect("it was fitted to it");
            inputs.encode::<f32>(0..table.rows()).into_iter().map(f32::to_bits).collect()
        };
        prop_assert_eq!(rows(&back), rows(&encoder));
        let finite = rows(&encoder).into_iter().all(|bits| f32::from_bits(bits).abs() <= 1e9);
        prop_assert!(finite, "{}", serde_json::to_string(&encoder).expect("it can be written"));
    }

    #[test]
    fn numbers_to_predict_come_back(values in proptest::collection::vec(0.0..1e6_f64, 2..40), power in 1..6) {
        let values: Vec<f64> = values.iter().map(|value| value.powi(power)).collect();
        let x = (0..values.len()).map(|row| (row as f64).cos()).collect();
        let table = table(vec![("x", Cells::Numbers(x)), ("y", Cells::Numbers(values.clone()))]);
        let regression = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
        let Ok(schema) = Schema::new(&table, &regression) else { return Ok(()) };
        let rows: Vec<u32> = (0..).take(values.len()).collect();
        let (encoder, _) = Encoder::fit(&schema, &Settings::default(), &table, &rows).expect("it fits");
        let Target::Numbers { quantities } = encoder.target() else { panic!("it is a number") };
        let targets = encoder.read_targets(&table).expect("it was fitted to it");
        let encoded: Vec<f64> = targets.encode(&rows);
        let largest = values.iter().copied().fold(0.0, f64::max);
        for (z, &value) in encoded.iter().zip(&values) {
            // A few roundings, magnified by the logarithm at most 70-fold.
            let off = (quantities[0].decode(*z) - value).abs();
            prop_assert!(off <= 1e-13 * largest, "{value} comes back off by {off:e}");
        }
        prop_assert_eq!(targets.numbers(&rows), values);
    }

    #[test]
    fn labels_come_back(labels in proptest::collection::vec("[a-c]|-?[0-9]{1,2}", 4..60)) {
        let x = (0..labels.len()).map(|row| (row as f64).cos()).collect();
        let table = table(vec![("x", Cells::Numbers(x)), ("y", words(&labels))]);
        let declared = Choices { task: Some(Task::Classification), ..choices(&["y"]) };
        let Ok(schema) = Schema::new(&table, &declared) else { return Ok(()) };
        let (encoder, _) =
            Encoder::fit(&schema, &Settings::default(), &table, 0..labels.len()).expect("it fits");
        let target = encoder.target();
        let encoded: Vec<f32> =
            encoder.read_targets(&table).expect("it was fitted to it").encode(0..labels.len());
        for (row, label) in encoded.chunks(target.outputs()).zip(&labels) {
            prop_assert_eq!(&target.labels()[target.class(row)], label);
        }
    }

    #[test]
    fn only_training_rows_are_seen(
        table in any_table(), settings in any_settings(), cell in any::<f64>(), row in any::<prop::sample::Index>(),
    ) {
        let regression = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
        let Ok(schema) = Schema::new(&table, &regression) else { return Ok(()) };
        let changed = row.index(table.rows());
        let rows: Vec<u32> = (0..).take(table.rows()).filter(|&row| row as usize != changed).collect();
        let (before, _) = Encoder::fit(&schema, &settings, &table, &rows).expect("it fits");
        let mut other = table.clone();
        for column in &mut other.columns {
            match &mut column.cells {
                Cells::Numbers(numbers) => numbers[changed] = cell,
                Cells::Text(text) => {
                    text.words.push("a new word".to_string());
                    text.codes[changed] = u32::try_from(text.words.len() - 1).expect("few words");
                }
                Cells::Bytes(_) => {}
            }
        }
        let (after, _) = Encoder::fit(&schema, &settings, &other, &rows).expect("it fits");
        prop_assert_eq!(before, after);
    }
}
