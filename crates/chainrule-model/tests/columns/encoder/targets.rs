//! What targets become, and come back as.

use super::{choices, fit};
use crate::tables::{data, table, words};
use chainrule_model::encoder::{Quantity, Settings, Target};
use chainrule_model::remark::Remark;
use chainrule_model::schema::{Choices, Task};
use chainrule_model::table::Cells;
use serde_json::json;

#[test]
fn a_skewed_target_with_zeros_is_learned_as_one_plus_it() {
    // Many small numbers and few large ones: 0, 1, 3, 7, …, 2⁹ − 1.
    let y: Vec<f64> = (0..100).map(|row| f64::from((1 << (row % 10)) - 1)).collect();
    let x = (0..100).map(|row| f64::from(row).cos()).collect();
    let table = table(vec![("x", Cells::Numbers(x)), ("y", Cells::Numbers(y.clone()))]);
    let numeric = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
    let (encoder, remarks) = fit(&table, &numeric, &Settings::default());
    let formula = |remark: &Remark| matches!(remark, Remark::LogTarget { formula, .. } if *formula == "log(1 + x)");
    assert!(remarks.iter().any(formula), "{remarks:?}");
    let Target::Numbers { quantities } = encoder.target() else { panic!("it is a number") };
    for y in y {
        let back = quantities[0].decode(quantities[0].encode(y));
        assert!((back - y).abs() < 1e-12 * (1.0 + y), "{y} comes back as {back}");
    }
    // Its logarithms are (0 … 9)·log 2, evenly spread: 4.5 steps above the mean.
    let deviation = (99.0 / 12.0_f64).sqrt();
    assert!((quantities[0].encode(511.0) - 4.5 / deviation).abs() < 1e-12);
}

/// A network that has learnt prices up to 1,000 makes an absurd logarithm of a
/// row unlike all others; its exponential would outweigh every other error.
#[test]
fn a_prediction_by_its_logarithm_stays_near_those_of_training() {
    for least in [0.0, 1.0] {
        let y: Vec<f64> = (0..100).map(|row| least + f64::from((1 << (row % 10)) - 1)).collect();
        let x = (0..100).map(|row| f64::from(row).cos()).collect();
        let table = table(vec![("x", Cells::Numbers(x)), ("y", Cells::Numbers(y))]);
        let numeric = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
        let (encoder, _) = fit(&table, &numeric, &Settings::default());
        let Target::Numbers { quantities } = encoder.target() else { panic!("it is a number") };
        // Both are learned as (0 … 9)·log 2: in deviations, and one beyond.
        let deviation = (99.0 / 12.0_f64).sqrt();
        let greatest = 512.0 * 2.0_f64.powf(deviation) - (1.0 - least);
        let off = |output: f64| (quantities[0].decode(output) / greatest - 1.0).abs();
        let limit = 4.5 / deviation + 1.0;
        assert!(off(limit) < 1e-12 && off(limit + 1e-3) < 1e-12 && off(1e30) < 1e-12);
        assert!(off(limit - 1e-3) > 1e-3);
    }
}

#[test]
fn without_a_greatest_number_no_prediction_is_limited() {
    for log in [json!({"by": "log", "least": 0.5}), json!({"by": "log1p"})] {
        let quantity = json!({"column": "y", "log": log, "mean": 2.0, "deviation": 3.0});
        let quantity: Quantity = serde_json::from_value(quantity).expect("it is one");
        let decoded = quantity.decode(100.0).ln();
        assert!((decoded - 302.0).abs() < 1e-9, "{decoded}");
    }
}

#[test]
fn labels_that_are_numbers_come_back_as_they_were() {
    let test = "labels_that_are_numbers_come_back_as_they_were";
    let Some(table) = data(test, "bad/numeric_class_labels.csv") else { return };
    let (encoder, _) = fit(&table, &choices(&["y"]), &Settings::default());
    assert_eq!(encoder.target().labels(), ["3", "7", "11"]);
    let targets = encoder.read_targets(&table).expect("the target is there");
    let rows: Vec<f64> = targets.encode(0..table.rows());
    let Cells::Numbers(truth) = &table.column("y").expect("it is there").cells else {
        panic!("they are numbers")
    };
    for (row, truth) in rows.chunks(3).zip(truth) {
        assert_eq!(encoder.target().labels()[encoder.target().class(row)], truth.to_string());
    }
}

#[test]
fn two_classes_take_one_output_and_more_take_one_each() {
    let of = |labels: &[&str], rows: usize| {
        let y: Vec<&str> = (0..rows).map(|row| labels[row % labels.len()]).collect();
        let x = (0..rows).map(|row| row as f64 / 7.0).collect();
        let table = table(vec![("x", Cells::Numbers(x)), ("y", words(&y))]);
        let (encoder, _) = fit(&table, &choices(&["y"]), &Settings::default());
        let targets: Vec<f64> = encoder.read_targets(&table).expect("it is there").encode(0..rows);
        (encoder, targets)
    };
    let (encoder, targets) = of(&["pear", "kiwi"], 4);
    assert_eq!(targets, [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(encoder.target().class(&[0.75_f32]), 1);
    assert_eq!(encoder.target().probability(&[0.75_f32], 0), 0.25);
    let (encoder, targets) = of(&["b", "c", "a"], 3);
    assert_eq!(targets, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(encoder.target().class(&[0.25_f32, 0.25, 0.5]), 2);
}

#[test]
fn one_hot_targets_and_answers_are_encoded() {
    let bits = |bits: &[f64]| Cells::Numbers(bits.to_vec());
    let table = table(vec![
        ("x", bits(&[0.5, 1.5, 2.5, 3.5])),
        ("a", bits(&[1.0, 0.0, 0.0, 1.0])),
        ("b", bits(&[0.0, 1.0, 0.0, 0.0])),
        ("c", bits(&[0.0, 0.0, 1.0, 0.0])),
    ]);
    let (encoder, _) = fit(&table, &choices(&["a", "b", "c"]), &Settings::default());
    assert_eq!(encoder.target().labels(), ["a", "b", "c"]);
    let targets = encoder.read_targets(&table).expect("all are there");
    assert_eq!(targets.classes(0..4), [0, 1, 2, 0]);
    let apart = Choices { task: Some(Task::MultiLabel), ..choices(&["a", "b"]) };
    let (encoder, _) = fit(&table, &apart, &Settings::default());
    let targets = encoder.read_targets(&table).expect("all are there");
    assert_eq!(targets.encode::<f32>(0..4), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
}
