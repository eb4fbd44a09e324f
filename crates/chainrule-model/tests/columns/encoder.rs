//! The encoder against scikit-learn, and the laws it keeps.
//!
//! What scikit-learn gave is in `sklearn/columns.json`, with the script that
//! wrote it beside it.

use crate::tables::{data, parse, part, table, words};
use chainrule_model::encoder::{Code, Encoder, Fill, Fitter, Scaling, Settings, Target};
use chainrule_model::error::Error;
use chainrule_model::remark::Remark;
use chainrule_model::schema::{Choices, Schema, Task};
use chainrule_model::table::{Cells, Table};
use proptest::prelude::*;
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../sklearn/columns.json")).expect("it is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    value.as_array().expect("a list").iter().map(number).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a word").to_string()).collect()
}

fn choices(targets: &[&str]) -> Choices {
    let targets = targets.iter().map(ToString::to_string).collect();
    Choices { targets, ..Choices::default() }
}

/// Fits to all rows that have a target.
fn fit(table: &Table, choices: &Choices, settings: &Settings) -> (Encoder, Vec<Remark>) {
    let schema = Schema::new(table, choices).expect("the table can be learned from");
    let rows = schema.labelled(table).expect("the targets are there");
    Encoder::fit(&schema, settings, table, &rows).expect("the rows can be fitted")
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

#[test]
fn real_tables_are_encoded_by_the_names_of_their_columns() {
    let test = "real_tables_are_encoded_by_the_names_of_their_columns";
    let Some(penguins) = data(test, "penguins.csv") else { return };
    let (encoder, _) = fit(&penguins, &choices(&["species"]), &Settings::default());
    assert_eq!(encoder.target().labels(), ["Adelie", "Chinstrap", "Gentoo"]);
    assert_eq!(
        encoder.input_names(),
        [
            "island=Biscoe",
            "island=Dream",
            "island=Torgersen",
            "island=other",
            "bill_length_mm",
            "bill_length_mm missing",
            "bill_depth_mm",
            "bill_depth_mm missing",
            "flipper_length_mm",
            "flipper_length_mm missing",
            "body_mass_g",
            "body_mass_g missing",
            "sex=female",
            "sex=male",
            "sex=other",
            "sex missing",
            "year",
        ]
    );
    let columns: Vec<_> = encoder.columns().map(|(f, range)| (f.column.as_str(), range)).collect();
    assert_eq!(columns[5], ("sex", 12..16));
    // No island and no sex is rare: what stands for others was never seen.
    assert_eq!(encoder.unseen_inputs(), [3, 14]);

    let inputs: Vec<f64> =
        encoder.read_inputs(&penguins).expect("it was fitted to it").encode(0..penguins.rows());
    for input in [4, 6, 8, 10, 16] {
        let column = inputs.iter().skip(input).step_by(17);
        let (sum, squares) =
            column.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        // 2 of 344 are missing in the measured ones, which count as the mean.
        let present = if input == 16 { 344.0 } else { 342.0 };
        assert!(sum.abs() < 1e-10 && (squares - present).abs() < 1e-9, "{input}: {sum} {squares}");
    }

    let Some(unknown) = data(test, "bad/predict_unknown_category.csv") else { return };
    let read = encoder.read_inputs(&unknown).expect("an unknown island is no error");
    let said: Vec<String> = read.remarks().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["predict_unknown_category.csv:2: column `island` holds `Atlantis`, unknown from \
         training, and counts as `island=other`"]
    );
    let row: Vec<f32> = read.encode(0..1);
    assert_eq!(row[..4], [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn new_tables_may_have_their_columns_in_any_order() {
    let test = "new_tables_may_have_their_columns_in_any_order";
    let Some(iris) = data(test, "iris.csv") else { return };
    let (encoder, _) = fit(&iris, &choices(&["species"]), &Settings::default());
    let reversed = Table { columns: iris.columns.iter().rev().cloned().collect(), ..iris.clone() };
    let rows = |table: &Table| -> Vec<f64> {
        encoder.read_inputs(table).expect("all columns are there").encode(0..150)
    };
    assert_eq!(rows(&reversed), rows(&iris));

    let Some(reordered) = data(test, "bad/predict_reordered_columns.csv") else { return };
    assert!(encoder.read_inputs(&reordered).is_ok_and(|inputs| inputs.remarks().is_empty()));
    let Some(missing) = data(test, "bad/predict_missing_column.csv") else { return };
    let error = encoder.read_inputs(&missing).expect_err("a column is missing");
    assert!(matches!(&error, Error::MissingColumn { column, .. } if column == "petal_length_cm"));
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

/// A table with a bit of everything.
fn mixed() -> Table {
    parse(
        "mixed.csv",
        "age,smoker,town,dose\n30,yes,Oslo,0.5\n41,no,Bern,0.25\n,no,Oslo,1.5\n\
         63,,Bern,0.75\n25,no,Rome,2.5\n",
    )
}

#[test]
fn every_kind_of_cell_is_encoded_as_the_table_says() {
    let settings =
        Settings { scaling: Some(Scaling::MinMax), rare: Some(1), ..Settings::default() };
    let (encoder, remarks) = fit(&mixed(), &choices(&["dose"]), &settings);
    assert!(remarks.is_empty(), "{remarks:?}");
    assert_eq!(
        encoder.input_names(),
        [
            "age",
            "age missing",
            "smoker=yes",
            "smoker missing",
            "town=Bern",
            "town=Oslo",
            "town=Rome",
            "town=other",
        ]
    );
    let rows: Vec<f64> = encoder.read_inputs(&mixed()).expect("all is there").encode(0..5);
    // The mean age is (30 + 41 + 63 + 25) / 4 = 39.75; one of four smokes.
    let age = |age: f64| (age - 25.0) / (63.0 - 25.0);
    #[rustfmt::skip]
    let expected = [
        age(30.0),  0.0, 1.0, 0.0,  0.0, 1.0, 0.0, 0.0,
        age(41.0),  0.0, 0.0, 0.0,  1.0, 0.0, 0.0, 0.0,
        age(39.75), 1.0, 0.0, 0.0,  0.0, 1.0, 0.0, 0.0,
        age(63.0),  0.0, 0.25, 1.0, 1.0, 0.0, 0.0, 0.0,
        age(25.0),  0.0, 0.0, 0.0,  0.0, 0.0, 1.0, 0.0,
    ];
    for (place, (found, expected)) in rows.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() < 1e-15, "{place}: {found}, expected {expected}");
    }
    let picked: Vec<f64> =
        encoder.read_inputs(&mixed()).expect("all is there").encode(&vec![4, 0, 4]);
    assert_eq!(picked, [&rows[32..], &rows[..8], &rows[32..]].concat());
}

#[test]
fn odd_cells_in_new_rows_are_said_and_encoded() {
    let table = parse("full.csv", "age,smoker,dose\n30,yes,0.5\n41,no,0.25\n52,no,1.5\n");
    let (encoder, _) = fit(&table, &choices(&["dose"]), &Settings::default());
    let new = parse("new.csv", "smoker,age\nno,\nmaybe,41\nnever,\n");
    let inputs = encoder.read_inputs(&new).expect("all columns are there");
    let said: Vec<String> = inputs.remarks().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "new.csv:2: column `age` is missing or infinite, which training rows never were; 41 is \
         taken instead (2 such cells)",
            "new.csv:3: column `smoker` holds `maybe`, unknown from training, and counts as missing \
         (2 such cells)",
        ]
    );
    let rows: Vec<f64> = inputs.encode(0..3);
    assert_eq!(rows, [0.0, 0.0, 0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0]);

    let text = parse("text.csv", "age,smoker\n30,no\nold,no\n");
    let error = encoder.read_inputs(&text).expect_err("`old` is no number");
    assert_eq!(error.to_string(), "text.csv:3: column `age` holds `old`, expected a number");
    // Answers that training rows did not have do not count.
    let targets = parse("targets.csv", "dose\n0.5\nNA\n2\n");
    let (known, remarks) = encoder.read_targets(&targets).expect("it is there").known(0..3);
    assert_eq!(known, [0, 2]);
    assert_eq!(
        remarks[0].to_string(),
        "1 row left out, the target is missing; first targets.csv:3"
    );
    let (classes, _) =
        fit(&parse("a.csv", "x,y\n1,a\n2,b\n3,a\n"), &choices(&["y"]), &Settings::default());
    let unknown = parse("b.csv", "x,y\n1,a\n2,c\n3,c\n");
    let (known, remarks) = classes.read_targets(&unknown).expect("it is there").known(0..3);
    assert_eq!(known, [0]);
    assert_eq!(
        remarks[0].to_string(),
        "2 rows left out, training had no such class of `y`; first b.csv:3: `c`"
    );
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

#[test]
fn huge_numbers_do_not_make_an_encoder_infinite() {
    let test = "huge_numbers_do_not_make_an_encoder_infinite";
    let Some(table) = data(test, "bad/huge_1e308.csv") else { return };
    for scaling in [
        None,
        Some(Scaling::Robust),
        Some(Scaling::MinMax),
        Some(Scaling::QuantileNormal),
        Some(Scaling::Unscaled),
    ] {
        let settings = Settings { scaling, ..Settings::default() };
        let (encoder, _) = fit(&table, &choices(&["species"]), &settings);
        let rows: Vec<f32> =
            encoder.read_inputs(&table).expect("it was fitted to it").encode(0..table.rows());
        assert!(rows.iter().all(|x| x.abs() <= 1e9), "{scaling:?}");
        let json = serde_json::to_string(&encoder).expect("it can be written");
        assert!(!json.contains("null"), "{scaling:?}: {json}");
    }
}

#[test]
fn pixels_are_scaled_together() {
    let pixels = |row: u8| Cells::Bytes((0..20).rev().map(|n| n * (1 + row % 10)).collect());
    let mut columns: Vec<(String, Cells)> =
        (1..=20).map(|row| (format!("pixel {row}"), pixels(row))).collect();
    let label =
        words(&(0..20).map(|n| if n % 2 == 0 { "even" } else { "odd" }).collect::<Vec<_>>());
    columns.push(("label".to_string(), label));
    let table = table(columns.iter().map(|(name, cells)| (name.as_str(), cells.clone())).collect());
    let (encoder, _) = fit(&table, &choices(&["label"]), &Settings::default());
    let found: Vec<f64> = encoder.read_inputs(&table).expect("all is there").encode(0..20);
    let largest = 190.0;
    for (place, found) in found.iter().enumerate() {
        let (row, column) = (place / 20, place % 20);
        let Cells::Bytes(bytes) = &columns[column].1 else { panic!("these are pixels") };
        assert!((found - f64::from(bytes[row]) / largest).abs() < 1e-15, "{place}");
    }
}

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
    let damages: [(&str, Value); 7] = [
        ("/features/0/scale/over", 0.into()),
        ("/features/0/scale/over", Value::Null),
        ("/features/2/values", serde_json::json!(["Oslo", "Oslo"])),
        ("/features/1/fill", 7.into()),
        ("/features", serde_json::json!([])),
        ("/target/quantities/0/deviation", (-1).into()),
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

#[test]
fn codes_of_features_can_be_told_apart() {
    let (encoder, _) = fit(&mixed(), &choices(&["dose"]), &Settings::default());
    let kinds: Vec<&str> = encoder
        .features()
        .iter()
        .map(|feature| match feature.code {
            Code::Number { .. } => "number",
            Code::Category { .. } => "category",
            Code::YesNo { .. } => "yes/no",
        })
        .collect();
    assert_eq!(kinds, ["number", "yes/no", "category"]);
}
