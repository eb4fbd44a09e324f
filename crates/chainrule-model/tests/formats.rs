//! The same table in another format is the same table.

mod common;

use std::collections::BTreeMap;

use chainrule_model::read::{
    Data, Found, Options, Parts, Source, Stream, read, read_source, read_with_labels,
};
use chainrule_model::table::{Cells, Table};
use common::{own, read_own, shared};

/// Returns cells as text, whatever holds them: the same for the same values.
fn cells(cells: &Cells) -> Vec<String> {
    match cells {
        Cells::Numbers(numbers) => numbers.iter().map(f64::to_string).collect(),
        Cells::Bytes(bytes) => bytes.iter().map(u8::to_string).collect(),
        Cells::Text(text) => {
            let rows = 0..text.codes.len();
            rows.map(|row| text.word(row).unwrap_or("NaN").to_string()).collect()
        }
    }
}

fn all(table: &Table) -> Vec<(String, Vec<String>)> {
    table.columns.iter().map(|column| (column.name.clone(), cells(&column.cells))).collect()
}

/// The cells without names.
fn bare(table: &Table) -> Vec<Vec<String>> {
    table.columns.iter().map(|column| cells(&column.cells)).collect()
}

fn read_shared(test: &str, file: &str) -> Option<Data> {
    let bytes = shared(test, file)?;
    Some(read(file, &bytes, &Options::default()).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn tables_of_text_are_the_same_in_each_way_of_writing() {
    let iris = read_own("iris.csv").expect("it is whole").table;
    for file in ["iris.tsv", "iris_semicolon.csv", "iris.csv.gz"] {
        let other = read_own(&format!("formats/{file}")).expect("it is whole");
        assert_eq!(all(&other.table), all(&iris), "{file}");
    }
    let other = read_own("formats/iris_noheader.csv").expect("it is whole");
    assert_eq!(bare(&other.table), bare(&iris));
    assert_eq!(other.found.header, Some(false));
    assert_eq!(other.table.columns[4].name, "column 5");
    assert_eq!((other.table.line(0), iris.line(0)), (Some(1), Some(2)));
}

#[test]
fn what_was_found_out_is_told() {
    let found = |file: &str| -> Found { read_own(file).expect("it is whole").found };
    assert!(found("formats/iris.csv.gz").gzip);
    assert!(!found("iris.csv").gzip);
    let table =
        [("iris.csv", ','), ("formats/iris.tsv", '\t'), ("formats/iris_semicolon.csv", ';')];
    for (file, delimiter) in table {
        assert_eq!(found(file).delimiter, Some(delimiter), "{file}");
        assert_eq!(found(file).header, Some(true), "{file}");
    }
}

#[test]
fn arrays_of_numpy_are_the_tables_they_were_made_from() {
    let iris = read_own("iris.csv").expect("it is whole").table;
    let fortran = read_own("formats/iris_X_fortran.npy").expect("it is whole").table;
    assert_eq!(bare(&fortran), bare(&iris)[..4]);
    let digits = read_own("digits.csv").expect("it is whole").table;
    let labels = read_own("formats/digits_y.npy").expect("it is whole").table;
    assert_eq!(bare(&labels), bare(&digits)[64..]);
    let both = read_own("formats/digits.npz").expect("it is whole");
    assert_eq!(bare(&both.table), bare(&digits));
    assert_eq!(both.hints.targets, ["y"]);
    assert_eq!((&both.table.columns[0].name[..], &both.table.columns[63].name[..]), ("x1", "x64"));
}

#[test]
fn features_and_labels_in_two_arrays_become_one_table() {
    let test = "features_and_labels_in_two_arrays_become_one_table";
    let Some(features) = shared(test, "formats/digits_X.npy") else { return };
    let labels = own("formats/digits_y.npy");
    let data = read_with_labels(("X", &features), ("y", &labels), &Options::default());
    let digits = read_own("digits.csv").expect("it is whole").table;
    assert_eq!(bare(&data.expect("1797 rows each").table), bare(&digits));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_the_table_it_was_made_from() {
    let penguins = read_own("penguins.csv").expect("it is whole").table;
    let other = read_own("formats/penguins.parquet").expect("it is whole").table;
    assert_eq!(all(&other), all(&penguins));
    let test = "parquet_is_the_table_it_was_made_from";
    let Some(diamonds) = read_shared(test, "csv/diamonds.csv.gz") else { return };
    let Some(other) = read_shared(test, "formats/diamonds.parquet") else { return };
    assert!(all(&other.table) == all(&diamonds.table));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_refused_with_the_way_to_get_it() {
    let error = read_own("formats/penguins.parquet").expect_err("it was left out");
    assert_eq!(
        error.to_string(),
        "penguins.parquet: this program was built without the reader of Parquet files"
    );
    assert!(error.help()[0].contains("--features parquet"), "{:?}", error.help());
    let bytes = own("formats/penguins.parquet");
    let source =
        Source::new("penguins.parquet", || Ok(Box::new(std::io::Cursor::new(bytes.clone()))));
    assert_eq!(Stream::new(&source, &Options::default()).err(), Some(error));
}

/// Rows, columns and targets are those of the data's own description.
#[test]
fn proben1_knows_its_targets_and_its_parts() {
    let test = "proben1_knows_its_targets_and_its_parts";
    let table = [
        ("cancer1.dt", 699, 9, 2, [350, 175, 174], true),
        ("card1.dt", 690, 51, 2, [345, 173, 172], true),
        ("hearta1.dt", 920, 35, 1, [460, 230, 230], false),
        ("flare1.dt", 1066, 24, 3, [533, 267, 266], false),
        ("soybean1.dt.gz", 683, 82, 19, [342, 171, 170], true),
    ];
    for (file, rows, inputs, outputs, [training, validation, test_rows], classes) in table {
        let Some(data) = read_shared(test, &format!("proben1/{file}")) else { return };
        assert_eq!(
            (data.table.rows(), data.table.columns.len()),
            (rows, inputs + outputs),
            "{file}"
        );
        let targets: Vec<String> = (1..=outputs).map(|i| format!("y{i}")).collect();
        assert_eq!(data.hints.targets, targets, "{file}");
        assert_eq!(data.hints.targets_are_classes, classes, "{file}");
        let parts = Parts { training, validation, test: test_rows };
        assert_eq!(data.hints.parts, Some(parts), "{file}");
        assert_eq!(data.table.line(0), Some(8), "{file}: seven lines of header");
    }
}

#[test]
fn fann_is_read_pair_by_pair() {
    let text = "3 2 1\n0 0.5\n1\n\n1 1\n0\n  -1e1 7 0.25\n";
    let data = read("small.train", text.as_bytes(), &Options::default()).expect("three pairs");
    let numbers = |name: &str| cells(&data.table.column(name).expect("it is there").cells);
    assert_eq!(numbers("x1"), ["0", "1", "-10"]);
    assert_eq!(numbers("x2"), ["0.5", "1", "7"]);
    assert_eq!(numbers("y1"), ["1", "0", "0.25"]);
    assert_eq!(data.hints.targets, ["y1"]);
    assert_eq!([0, 1, 2].map(|row| data.table.line(row)), [Some(2), Some(5), Some(7)]);

    let table = [
        ("2 2 1\n0 1\n1\n0 1\n", "a.train: the header counts 2 examples, the file has 1"),
        ("2 2 1\n0 1\n1\n0\n0\n", "a.train:4: found 1 number, expected 2"),
        ("1 2 1\n0 1\nnan\n", "a.train:3: column `y1` holds `nan`, expected a number"),
        (
            "1 2 1\n0 1e999\n1\n",
            "a.train:2: column `x2` holds `1e999`, which is too large for a number",
        ),
        (
            "9999999999999 2 1\n0 1\n1\n",
            "a.train: the header counts 9999999999999 examples, the file has 1",
        ),
    ];
    for (text, message) in table {
        let error = read("a.train", text.as_bytes(), &Options::default()).expect_err(message);
        assert_eq!(error.to_string(), message);
    }
    let test = "fann_is_read_pair_by_pair";
    for (file, rows, columns) in [("robot.train", 374, 51), ("two-spiral.test", 193, 3)] {
        let Some(data) = read_shared(test, &format!("fann/{file}")) else { return };
        assert_eq!((data.table.rows(), data.table.columns.len()), (rows, columns), "{file}");
    }
}

#[test]
fn the_two_formats_of_text_are_known_in_each_encoding() {
    let fann = "2 2 1\n0 1\n1\n1 1\n0\n";
    let proben1 = "bool_in=0\nreal_in=2\nbool_out=1\nreal_out=0\ntraining_examples=1\n\
                   validation_examples=0\ntest_examples=1\n0 1 1\n1 1 0\n";
    let utf16 = |text: &str| -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
    };
    for text in [fann, proben1] {
        let plain = read("a.txt", text.as_bytes(), &Options::default()).expect("two pairs");
        for bytes in [utf16(text), format!("\u{FEFF}{text}").into_bytes()] {
            let data = read("a.txt", &bytes, &Options::default()).expect("two pairs");
            assert_eq!((&data.table, &data.hints), (&plain.table, &plain.hints), "{text}");
            assert_eq!(data.found.format, plain.found.format);
            let source = Source::new("a.txt", || Ok(Box::new(std::io::Cursor::new(bytes.clone()))));
            let again = read_source(&source, &Options::default()).expect("two pairs");
            assert_eq!(again, data);
            let error = Stream::new(&source, &Options::default()).expect_err("it is read whole");
            assert!(error.to_string().contains("such tables are small"), "{error}");
        }
    }
}

/// The first ten test images are known by their digits, as everybody shows
/// them; how often each digit comes is in the description of the data.
#[test]
fn mnist_is_images_and_labels() {
    let test = "mnist_is_images_and_labels";
    let Some(images) = shared(test, "mnist/t10k-images-idx3-ubyte.gz") else { return };
    let Some(labels) = shared(test, "mnist/t10k-labels-idx1-ubyte.gz") else { return };
    let data = read_with_labels(("images", &images), ("labels", &labels), &Options::default());
    let data = data.expect("10,000 each");
    assert_eq!((data.table.rows(), data.table.columns.len()), (10_000, 785));
    let digits = cells(&data.table.column("label").expect("it is there").cells);
    assert_eq!(digits[..10], ["7", "2", "1", "0", "4", "1", "4", "9", "5", "9"]);
    let mut counts = BTreeMap::new();
    for digit in &digits {
        *counts.entry(digit.as_str()).or_insert(0) += 1;
    }
    let expected = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
    assert_eq!(counts.into_values().collect::<Vec<i32>>(), expected);
}

#[test]
fn a_stream_of_real_rows_is_the_whole_table() {
    let test = "a_stream_of_real_rows_is_the_whole_table";
    let own_files =
        ["penguins.csv", "digits.csv", "bad/spaces.csv", "bad/utf16.csv", "formats/iris.csv.gz"];
    let mut files: Vec<(String, Vec<u8>)> =
        own_files.iter().map(|file| ((*file).to_string(), own(file))).collect();
    for file in ["csv/titanic.csv", "csv/california_housing.csv.gz"] {
        if let Some(bytes) = shared(test, file) {
            files.push((file.to_string(), bytes));
        }
    }
    for (file, bytes) in files {
        let whole = read(&file, &bytes, &Options::default()).expect("it is whole");
        let source = Source::new(&file, || Ok(Box::new(std::io::Cursor::new(bytes.clone()))));
        let stream = Stream::new(&source, &Options::default()).expect("it is whole");
        assert_eq!(stream.rows(), whole.table.rows() as u64, "{file}");
        let mut rows: Vec<Vec<String>> = vec![Vec::new(); whole.table.columns.len()];
        for part in stream.tables().expect("it is still there") {
            let part = part.expect("it was read before");
            for (all, column) in rows.iter_mut().zip(&part.columns) {
                all.extend(cells(&column.cells));
            }
        }
        assert!(rows == bare(&whole.table), "{file}");
    }
}
