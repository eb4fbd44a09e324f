//! A stream is the table that is read whole, in every format that is streamed,
//! and a model that is trained on it does not depend on the format.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "parquet")]
mod parquet;

use std::io::{Cursor, Write};

use chainrule_model::encoder;
use chainrule_model::read::{LABEL, Options, Source, Stream, read, read_with_labels};
use chainrule_model::recipe::Recipe;
use chainrule_model::schema::Choices;
use chainrule_model::stream::{StreamCourse, StreamSettings, Streamed};
use chainrule_model::table::{Cells, Table};
use chainrule_model::train::Finished;
use common::own;
use flate2::Compression;
use flate2::write::GzEncoder;

/// More rows than a block has.
const ROWS: usize = 40_000;

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}

/// Numbers of all sizes, some of them missing, and two classes: a rule and
/// noise by a hash.
fn rows() -> Vec<[f64; 5]> {
    let noise = |row: usize, column: u64| {
        let hash = (row as u64 * 5 + column).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash >> 40) as f64 / f64::from(1 << 24)
    };
    (0..ROWS)
        .map(|row| {
            let [a, b, c] = [0, 1, 2].map(|column| noise(row, column));
            let c = if row % 17 == 3 { f64::NAN } else { c * 1e-7 };
            let class = f64::from(a + 0.2 * noise(row, 3) > 0.5 + b * b);
            [a - 0.5, b.exp() * 1e5, c, (row % 12) as f64, class]
        })
        .collect()
}

fn csv(rows: &[[f64; 5]]) -> Vec<u8> {
    let mut text = "x1,x2,x3,x4,x5\n".to_string();
    for row in rows {
        let cells = row.map(|cell| if cell.is_nan() { String::new() } else { cell.to_string() });
        text += &(cells.join(",") + "\n");
    }
    text.into_bytes()
}

/// What `numpy.save` writes.
fn npy(rows: &[[f64; 5]], is_fortran: bool) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': ({}, 5), }}", rows.len());
    header += &" ".repeat(63 - (header.len() + 10) % 64);
    header.push('\n');
    let length = u16::try_from(header.len()).expect("a short header");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.as_bytes());
    if is_fortran {
        bytes.extend((0..5).flat_map(|c| rows.iter().flat_map(move |row| row[c].to_le_bytes())));
    } else {
        bytes.extend(rows.iter().flatten().flat_map(|cell| cell.to_le_bytes()));
    }
    bytes
}

/// Images of 3 × 4 pixels, and their labels.
fn idx() -> (Vec<u8>, Vec<u8>) {
    let count = u32::try_from(ROWS).expect("it is small").to_be_bytes();
    let images = [&[0, 0, 8, 3][..], &count, &[0, 0, 0, 3, 0, 0, 0, 4]].concat();
    let labels = [&[0, 0, 8, 1][..], &count].concat();
    let byte = |number: usize| u8::try_from(number % 251).expect("it is less than 256");
    (
        images.into_iter().chain((0..ROWS * 12).map(byte)).collect(),
        labels.into_iter().chain((0..ROWS).map(|row| byte(row % 10))).collect(),
    )
}

fn source<'a>(name: &str, bytes: &'a [u8]) -> Source<'a> {
    Source::seekable(name, || Ok(Cursor::new(bytes.to_vec())))
}

/// Returns cells as text: the same for the same values.
fn cells(table: &Table) -> Vec<(String, Vec<String>)> {
    let words = |cells: &Cells| match cells {
        Cells::Numbers(numbers) => numbers.iter().map(f64::to_string).collect(),
        Cells::Bytes(bytes) => bytes.iter().map(|byte| format!("byte {byte}")).collect(),
        Cells::Text(text) => {
            (0..text.codes.len()).map(|row| format!("{:?}", text.word(row))).collect()
        }
    };
    table.columns.iter().map(|column| (column.name.clone(), words(&column.cells))).collect()
}

/// Checks that a stream is a whole table, in parts.
fn assert_same(stream: &Stream<'_>, whole: &Table, parts: std::ops::RangeInclusive<usize>) {
    let name = &whole.name;
    assert_eq!((stream.name(), stream.rows()), (name.as_str(), whole.rows() as u64));
    let mut all: Vec<(String, Vec<String>)> =
        whole.columns.iter().map(|column| (column.name.clone(), Vec::new())).collect();
    let (mut first, mut count) = (0, 0);
    for part in stream.tables().expect("it is there") {
        let part = part.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(part.number(0), first, "{name}");
        for (all, (column, cells)) in all.iter_mut().zip(cells(&part)) {
            assert_eq!(all.0, column, "{name}");
            all.1.extend(cells);
        }
        first += part.rows();
        count += 1;
    }
    assert!(all == cells(whole), "{name}");
    assert!(parts.contains(&count), "{name}: {count} parts");
}

#[test]
fn a_stream_of_an_array_is_the_whole_table() {
    let rows = rows();
    let files = [
        ("rows.npy", npy(&rows, false), 2..=9),
        ("fortran.npy", npy(&rows, true), 2..=9),
        ("rows.npy.gz", gzipped(&npy(&rows, false)), 2..=9),
        ("images-idx3-ubyte", idx().0, 2..=9),
        ("images-idx3-ubyte.gz", gzipped(&idx().0), 2..=9),
        ("iris_X_fortran.npy", own("formats/iris_X_fortran.npy"), 1..=1),
        ("digits_y.npy", own("formats/digits_y.npy"), 1..=1),
        ("good-50-images-idx3-ubyte", own("bad/idx/good-50-images-idx3-ubyte"), 1..=1),
    ];
    for (name, bytes, parts) in files {
        let whole = read(name, &bytes, &Options::default()).expect("it is whole").table;
        let source = source(name, &bytes);
        let stream = Stream::new(&source, &Options::default()).expect("it is whole");
        assert_same(&stream, &whole, parts);
    }
}

#[test]
fn labels_of_a_file_of_their_own_are_the_last_column() {
    let (images, labels) = idx();
    let options = Options::default();
    for (images, labels) in [(images.clone(), labels.clone()), (gzipped(&images), gzipped(&labels))]
    {
        let whole = read_with_labels(("images", &images), ("labels", &labels), &options);
        let (images, labels) = (source("images", &images), source("labels", &labels));
        let mut stream = Stream::with_labels(&images, &labels, &options).expect("both are whole");
        let mut whole = whole.expect("both are whole").table;
        assert_same(&stream, &whole, 2..=9);
        stream.leave_out(|name| name == "pixel_0_0");
        whole.columns.remove(0);
        assert_same(&stream, &whole, 2..=9);
        stream.leave_out(|name| name == LABEL);
        whole.columns.pop();
        assert_same(&stream, &whole, 2..=9);
    }
}

#[test]
fn labels_that_do_not_fit_are_refused_as_in_memory() {
    let (images, labels) = idx();
    let short = [&labels[..4], &[0, 0, 0, 1, 7]].concat();
    let options = Options::default();
    for bad in [&short, &images, &labels[..labels.len() - 1].to_vec(), &Vec::new()] {
        let whole = read_with_labels(("images", &images), ("labels", bad), &options);
        let (images, labels) = (source("images", &images), source("labels", bad));
        let stream = Stream::with_labels(&images, &labels, &options);
        assert_eq!(stream.err(), Some(whole.expect_err("they do not fit")));
    }
    let (images, labels) = (source("images", &images), source("labels.csv", b"label\n1\n2\n"));
    let error = Stream::with_labels(&images, &labels, &options).expect_err("it is no array");
    assert_eq!(
        error.to_string(),
        "labels.csv: labels in a file of their own are streamed with arrays only; this is CSV"
    );
}

#[test]
fn an_infinite_number_has_its_row_in_the_file() {
    let mut rows = rows();
    rows[33_333][1] = f64::NEG_INFINITY;
    for bytes in [npy(&rows, false), npy(&rows, true)] {
        let whole = read("rows.npy", &bytes, &Options::default()).expect_err("it is infinite");
        let source = source("rows.npy", &bytes);
        let stream = Stream::new(&source, &Options::default()).expect("its header is good");
        let error = stream.tables().expect("it is there").find_map(Result::err);
        assert_eq!(error, Some(whole.clone()));
        assert!(whole.to_string().contains("row 33334, column `x2` holds `-inf`"), "{whole}");
    }
}

#[test]
fn what_is_only_read_whole_says_why_and_what_to_do() {
    let rows = rows();
    let table = [
        ("digits.npz", own("formats/digits.npz"), "NPZ", "as NPY"),
        ("xor.train", b"2 2 1\n0 1\n1\n1 1\n0\n".to_vec(), "FANN", "as CSV"),
        ("fortran.npy.gz", gzipped(&npy(&rows, true)), "NPY", "ascontiguousarray"),
    ];
    for (name, bytes, format, way_out) in table {
        let source = source(name, &bytes);
        let error = Stream::new(&source, &Options::default()).expect_err(name);
        let start = format!("{name}: this {format} file cannot be streamed: ");
        assert!(error.to_string().starts_with(&start), "{error}");
        let help = error.help().join(" ");
        assert!(help.contains(way_out) && help.contains("leave `--stream` away"), "{help}");
    }
}

/// Returns the file of a model that is trained on a stream.
fn model(bytes: &[u8]) -> Vec<u8> {
    let source = source("rows", bytes);
    let choices = Choices { targets: vec!["x5".to_string()], ..Choices::default() };
    let stream = Stream::new(&source, &Options::default()).expect("it is whole");
    let streamed = Streamed::new(stream, &choices).expect("it can be learned from");
    let mut recipe = Recipe::default();
    for (name, value) in [("hidden", "8"), ("epochs", "3"), ("learning_rate", "0.003")] {
        recipe.set(name, value).expect("there is such a setting");
    }
    // So little that there are several windows.
    let settings = StreamSettings { memory: 102_500_000, ordered: false, validation: None };
    let encoding = encoder::Settings::default();
    let mut course = StreamCourse::new(&streamed, &encoding, &recipe, settings).expect("it fits");
    assert!(course.plan().window < ROWS / 2, "{:?}", course.plan());
    course.fit(&mut ()).expect("it does not diverge");
    let model = course.model(&recipe, Finished::default()).expect("it has learned");
    model.to_bytes().expect("it can be written")
}

#[test]
fn a_model_has_the_same_bits_in_each_format() {
    let rows = rows();
    let of_text = model(&csv(&rows));
    assert!(of_text == model(&npy(&rows, false)), "NPY");
    assert!(of_text == model(&npy(&rows, true)), "NPY in Fortran order");
    #[cfg(feature = "parquet")]
    assert!(of_text == model(&parquet::numbers(&rows)), "Parquet");
}
