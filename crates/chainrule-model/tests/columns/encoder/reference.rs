//! Scales, fills, slots and logarithms against scikit-learn.
//!
//! What scikit-learn gave is in `sklearn/columns.json`, with the script that
//! wrote it beside it.

use super::{choices, fit};
use crate::tables::{table, words};
use chainrule_model::encoder::{Fill, Scaling, Settings};
use chainrule_model::remark::Remark;
use chainrule_model::schema::{Choices, Task};
use chainrule_model::table::{Cells, Table};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../../sklearn/columns.json")).expect("it is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    value.as_array().expect("a list").iter().map(number).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a word").to_string()).collect()
}

/// A table of one feature and a target that is of no matter.
fn with_target(cells: Cells) -> Table {
    let target = (0..cells.len()).map(|row| (row as f64).sin()).collect();
    table(vec![("x", cells), ("y", Cells::Numbers(target))])
}

fn encoded(table: &Table, settings: &Settings) -> Vec<f64> {
    let (encoder, _) = fit(table, &choices(&["y"]), settings);
    encoder.read_inputs(table).expect("it was fitted to it").encode(0..table.rows())
}

#[test]
fn scales_are_those_of_scikit_learn() {
    let reference = reference();
    let scalings = [
        ("standard", Scaling::Standard),
        ("robust", Scaling::Robust),
        ("min-max", Scaling::MinMax),
        ("quantile-uniform", Scaling::QuantileUniform),
        ("quantile-normal", Scaling::QuantileNormal),
    ];
    let columns = reference["columns"].as_object().expect("columns by name");
    for (name, scaling) in scalings {
        for (column, values) in columns {
            let table = with_target(Cells::Numbers(numbers(values)));
            let settings = Settings { scaling: Some(scaling), ..Settings::default() };
            let found = encoded(&table, &settings);
            let expected = numbers(&reference["scaled"][name][column]);
            if (name, column.as_str()) == ("quantile-normal", "small") {
                // scikit-learn takes all numbers within 1e-7 of the least for the
                // least, and these are all.
                assert!(expected.iter().all(|z| z.abs() > 5.19));
                continue;
            }
            // Numbers near 1e9 keep 7 digits behind the point, and their mean no
            // more; at the ends of a normal distribution scikit-learn goes to
            // the next double below 1e-7.
            let tolerance = match (column.as_str(), scaling) {
                ("offset", _) => 2e-7,
                (_, Scaling::QuantileNormal) => 1e-8,
                _ => 1e-12,
            };
            assert_eq!(expected.len(), 40);
            for (place, expected) in expected.iter().enumerate() {
                let off = (found[31 * place] - expected).abs();
                assert!(off <= tolerance, "{name} {column} {place}: off by {off:e}");
            }
        }
    }
}

#[test]
fn missing_numbers_are_imputed_as_scikit_learn_does() {
    let reference = reference();
    let table = with_target(Cells::Numbers(numbers(&reference["holes"])));
    for (name, fill) in [("mean", Fill::Mean), ("median", Fill::Median)] {
        let settings = Settings { scaling: Some(Scaling::Unscaled), fill, ..Settings::default() };
        let found = encoded(&table, &settings);
        let expected = reference["imputed"][name].as_array().expect("rows");
        assert!(expected.iter().any(|row| numbers(row)[1] == 1.0), "some are missing");
        for (place, row) in expected.iter().enumerate() {
            let row = numbers(row);
            let ours = &found[62 * place..][..2];
            assert!((ours[0] - row[0]).abs() < 1e-14 && ours[1] == row[1], "{name} {place}");
        }
    }
}

#[test]
fn categories_have_the_slots_of_scikit_learn() {
    let reference = reference();
    let table = with_target(words(&strings(&reference["towns"])));
    let settings = Settings { rare: Some(5), ..Settings::default() };
    let (encoder, remarks) = fit(&table, &choices(&["y"]), &settings);
    let names: Vec<String> = strings(&reference["one_hot_names"])
        .iter()
        .map(|name| name.replace("town_", "x=").replace("infrequent_sklearn", "other"))
        .collect();
    assert_eq!(encoder.input_names(), names);
    assert!(
        matches!(&remarks[..], [Remark::RareValues { values: 2, least: 5, .. }]),
        "{remarks:?}"
    );
    assert!(encoder.unseen_inputs().is_empty());

    let new = with_target(words(&strings(&reference["new_towns"])));
    let inputs = encoder.read_inputs(&new).expect("the column is there");
    let found: Vec<f64> = inputs.encode(0..new.rows());
    let rows = reference["one_hot"].as_array().expect("rows");
    assert_eq!(found, rows.iter().flat_map(numbers).collect::<Vec<f64>>());
}

#[test]
fn skewed_targets_are_learned_by_their_logarithm() {
    let reference = reference();
    let columns = reference["columns"].as_object().expect("columns by name");
    for (name, values) in columns {
        let values = numbers(values);
        let x = (0..values.len()).map(|row| (row as f64).cos()).collect();
        let table = table(vec![("x", Cells::Numbers(x)), ("y", Cells::Numbers(values))]);
        let numeric = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
        let (_, remarks) = fit(&table, &numeric, &Settings::default());
        let said = remarks.iter().find_map(|remark| match remark {
            Remark::LogTarget { skewness, formula, .. } => Some((*skewness, *formula)),
            _ => None,
        });
        if name == "skewed" {
            let (skewness, formula) = said.expect("a lognormal distribution is skewed");
            let expected = reference["skewness"][name].as_f64().expect("a number");
            assert!((skewness - expected).abs() < 1e-10 && formula == "log(x)", "{skewness}");
            let off = Settings { log_target: false, ..Settings::default() };
            assert!(fit(&table, &numeric, &off).1.is_empty());
        } else {
            assert_eq!(said, None, "{name}");
        }
    }
}
