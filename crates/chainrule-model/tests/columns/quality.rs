//! Warnings come where they should, and nowhere else.

use crate::tables::{data, parse, table, words};
use chainrule_model::encoder::{Encoder, Settings};
use chainrule_model::quality::{columns, duplicates, size};
use chainrule_model::remark::{Giveaway, Remark};
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::split::{Split, Splitter};
use chainrule_model::table::{Cells, Column, Table};

fn schema(table: &Table, target: &str) -> Schema {
    let choices = Choices { targets: vec![target.to_string()], ..Choices::default() };
    Schema::new(table, &choices).expect("it can be learned from")
}

fn rows(table: &Table) -> Vec<u32> {
    (0..).take(table.rows()).collect()
}

fn leaks(table: &Table, target: &str) -> Vec<(String, Giveaway)> {
    let remarks = columns(&schema(table, target), table, &rows(table)).expect("all is there");
    let leak = |remark| match remark {
        Remark::Leak { feature, how, .. } => Some((feature, how)),
        _ => None,
    };
    remarks.into_iter().filter_map(leak).collect()
}

#[test]
fn real_tables_have_no_leaks() {
    let tables = [
        ("iris.csv", "species"),
        ("wine.csv", "cultivar"),
        ("penguins.csv", "species"),
        ("titanic.csv", "Survived"),
        ("auto_mpg.csv", "mpg"),
        ("diabetes.csv", "progression"),
        ("digits.csv", "digit"),
    ];
    for (name, target) in tables {
        let Some(table) = data("real_tables_have_no_leaks", name) else { continue };
        assert_eq!(leaks(&table, target), [], "{name}");
    }
}

#[test]
fn targets_in_other_clothes_are_found() {
    let test = "targets_in_other_clothes_are_found";
    let Some(mut iris) = data(test, "iris.csv") else { return };
    let species = iris.column("species").expect("the target").cells.clone();
    let Cells::Text(text) = &species else { panic!("species are words") };
    let numbers: Vec<f64> = text.codes.iter().map(|&code| f64::from(10 - 3 * code)).collect();
    // One row in disagreement is no leak.
    let mut nearly = numbers.clone();
    nearly[149] = nearly[0];
    // A value for each row tells classes apart, as any number does.
    let unique = (0..150).map(|row| f64::from(row).sin()).collect();
    let mut add = |name: &str, cells| {
        iris.columns.push(Column { name: name.to_string(), cells });
    };
    add("copy", species.clone());
    add("code", Cells::Numbers(numbers));
    add("nearly", Cells::Numbers(nearly));
    add("unique", Cells::Numbers(unique));
    let found = leaks(&iris, "species");
    let expected =
        [("copy".to_string(), Giveaway::Equal), ("code".to_string(), Giveaway::OneToOne)];
    assert_eq!(found, expected);

    let Some(mut cars) = data(test, "auto_mpg.csv") else { return };
    let Cells::Numbers(mpg) = cars.column("mpg").expect("the target").cells.clone() else {
        panic!("they are numbers")
    };
    let mut add = |name: &str, f: fn(f64) -> f64| {
        let cells = Cells::Numbers(mpg.iter().map(|&mpg| f(mpg)).collect());
        cars.columns.push(Column { name: name.to_string(), cells });
    };
    add("same", |mpg| mpg);
    add("km per litre", |mpg| 0.425_144 * mpg + 1e6);
    add("downwards", |mpg| -1e300 * mpg);
    // What a litre gets is not a line in what a kilometre takes.
    add("litres", |mpg| 235.215 / mpg);
    let found = leaks(&cars, "mpg");
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], ("same".to_string(), Giveaway::Equal));
    for (place, name, expected) in [(1, "km per litre", 1.0), (2, "downwards", -1.0)] {
        let (feature, Giveaway::Correlated { correlation }) = &found[place] else {
            panic!("{found:?}")
        };
        assert!(feature == name && (correlation - expected).abs() < 1e-6, "{found:?}");
    }
}

#[test]
fn classes_with_one_row_or_nearly_all_rows_are_named() {
    let test = "classes_with_one_row_or_nearly_all_rows_are_named";
    if let Some(rare) = data(test, "bad/rare_class.csv") {
        let remarks = columns(&schema(&rare, "species"), &rare, &rows(&rare)).expect("it is there");
        let said: Vec<String> = remarks.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("rare_class.csv:102: the only row in which `species` is"));
    }
    let y: Vec<&str> = (0..20).map(|row| if row % 10 == 3 { "ill" } else { "well" }).collect();
    let x = (0..20).map(|row| f64::from(row).sin()).collect();
    let table = table(vec![("x", Cells::Numbers(x)), ("y", words(&y))]);
    let remarks = columns(&schema(&table, "y"), &table, &rows(&table)).expect("it is there");
    assert_eq!(
        remarks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`y` is `well` in 90.0 % of the rows: always saying so is right as often"]
    );
}

#[test]
fn equal_rows_on_both_sides_are_counted() {
    let text = "id,a,b,y\n1,1,x,p\n2,2,x,q\n3,1,y,p\n4,1,x,p\n5,,x,q\n6,,x,q\n7,1,x,q\n";
    let table = parse("twins.csv", text);
    let schema = schema(&table, "y");
    let split = Split { training: vec![0, 1, 2, 4], validation: vec![3, 5, 6] };
    let (training, validation) = (&split.training[..], &split.validation[..]);
    let found =
        duplicates(&schema, (&table, training), (&table, validation)).expect("all is there");
    // Rows 3 and 5 equal rows 0 and 4 but for the identifier, which is left out.
    let said = found.expect("there are two").to_string();
    assert_eq!(
        said,
        "2 rows of the validation part also among the training rows; first twins.csv:5, equal to \
         twins.csv:2"
    );
    let none = duplicates(&schema, (&table, training), (&table, &[6])).expect("all is there");
    assert_eq!(none, None);

    // Another file has other codes for the same words.
    let other = parse("other.csv", "b,y,a\ny,q,9\nx,p,1\n");
    let found = duplicates(&schema, (&table, training), (&other, &[0, 1])).expect("all is there");
    assert!(matches!(found, Some(Remark::DuplicateRows { count: 1, validation, training })
        if validation.line == Some(3) && training.line == Some(2)));
}

#[test]
fn iris_has_one_pair_of_equal_rows() {
    // Rows 102 and 143 of the data set, a fact of its literature.
    let Some(iris) = data("iris_has_one_pair_of_equal_rows", "iris.csv") else { return };
    let schema = schema(&iris, "species");
    let find = |training: &[u32], validation: &[u32]| {
        duplicates(&schema, (&iris, training), (&iris, validation)).expect("all is there")
    };
    let (first, second): (Vec<u32>, Vec<u32>) = (0..150).partition(|row| *row < 120);
    let Some(Remark::DuplicateRows { count, validation, training }) = find(&first, &second) else {
        panic!("there is one")
    };
    assert_eq!((count, training.row + 1, validation.row + 1), (1, 102, 143));
}

#[test]
fn more_inputs_than_rows_are_said() {
    let test = "more_inputs_than_rows_are_said";
    let Some(wide) = data(test, "bad/wide_5000_columns.csv") else { return };
    let target = wide.columns.last().expect("columns").name.clone();
    let schema = schema(&wide, &target);
    let rows = schema.labelled(&wide).expect("it is there");
    let (split, _) = Splitter::of_table(&schema, &wide, &rows, 1)
        .and_then(|splitter| splitter.hold_out(0.2))
        .expect("it can be divided");
    let (encoder, _) =
        Encoder::fit(&schema, &Settings::default(), &wide, &split.training).expect("it fits");
    assert!(encoder.width() > 1000);
    assert!(size(&encoder, split.training.len()).is_some());
    assert_eq!(size(&encoder, encoder.width()), None);
}
