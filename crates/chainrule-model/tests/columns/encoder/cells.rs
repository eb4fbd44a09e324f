//! What the cells of new rows become: of real tables, of every kind, and odd
//! ones.

use super::{choices, fit, mixed};
use crate::tables::{data, parse, table, words};
use chainrule_model::encoder::{Code, Scaling, Settings};
use chainrule_model::error::Error;
use chainrule_model::table::{Cells, Table};

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
    let said: Vec<String> =
        read.remarks(0..unknown.rows()).iter().map(ToString::to_string).collect();
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
    assert!(
        encoder
            .read_inputs(&reordered)
            .is_ok_and(|inputs| inputs.remarks(0..reordered.rows()).is_empty())
    );
    let Some(missing) = data(test, "bad/predict_missing_column.csv") else { return };
    let error = encoder.read_inputs(&missing).expect_err("a column is missing");
    assert!(matches!(&error, Error::MissingColumn { column, .. } if column == "petal_length_cm"));
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

#[test]
fn odd_cells_in_new_rows_are_said_and_encoded() {
    let table = parse("full.csv", "age,smoker,dose\n30,yes,0.5\n41,no,0.25\n52,no,1.5\n");
    let (encoder, _) = fit(&table, &choices(&["dose"]), &Settings::default());
    let new = parse("new.csv", "smoker,age\nno,\nmaybe,41\nnever,\n");
    let inputs = encoder.read_inputs(&new).expect("all columns are there");
    let said: Vec<String> = inputs.remarks(0..new.rows()).iter().map(ToString::to_string).collect();
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
