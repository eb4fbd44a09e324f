//! Every malformed or awkward file of `testdata/tables/bad`: what it provokes.

mod common;

use std::io::Cursor;

use chainrule_model::read::{Decimal, Encoding, Options, Source, Stream, read, read_with_labels};
use chainrule_model::remark::Remark;
use chainrule_model::table::{Cells, Lines, Table};
use common::{own, read_own, shared};

/// The message of each file that is refused.
const REFUSED: [(&str, &str); 35] = [
    ("empty.csv", "empty.csv: the file is empty"),
    (
        "blank_lines_only.csv",
        "blank_lines_only.csv: no header and no rows: the file holds blank lines only",
    ),
    ("header_only.csv", "header_only.csv: the table has 5 columns but no rows"),
    ("ragged_short.csv", "ragged_short.csv:21: found 3 fields, expected 5"),
    ("ragged_long.csv", "ragged_long.csv:41: found 6 fields, expected 5"),
    (
        "nan_inf_cells.csv",
        "nan_inf_cells.csv:30: column `sepal_width_cm` holds `inf`, expected a finite number\n\
         nan_inf_cells.csv:60: column `sepal_length_cm` holds `-Infinity`, expected a finite number",
    ),
    (
        "wrong_type_midfile.csv",
        "wrong_type_midfile.csv:102: column `petal_length_cm` holds `oops`, expected a number",
    ),
    ("latin1.csv", "latin1.csv:1: column 2 holds the byte 0xF6, which is not UTF-8"),
    (
        "latin1_one_byte_line102.csv",
        "latin1_one_byte_line102.csv:102: column `species` holds the byte 0xEC, which is not UTF-8",
    ),
    (
        "duplicate_headers.csv",
        "duplicate_headers.csv:1: columns 3 and 4 are both called `petal_length_cm`",
    ),
    (
        "overflow_1e309.csv",
        "overflow_1e309.csv:12: column `petal_width_cm` holds `1e309`, which is too large for a \
         number",
    ),
    (
        "quotes_unbalanced.csv",
        "quotes_unbalanced.csv:34: a quote opens in column `species` and is never closed",
    ),
    (
        "quote_mid_field.csv",
        "quote_mid_field.csv:11: column `species` holds `set\"osa`: a quote inside a field without \
         quotes",
    ),
    ("quoted_newline.csv", "quoted_newline.csv:32: column `x` holds `oops`, expected a number"),
    ("nul_bytes.csv", "nul_bytes.csv:51: column `species` holds a NUL byte"),
    ("picture.csv", "picture.csv: this is a PNG picture, not a table"),
    ("truncated.csv.gz", "truncated.csv.gz: unexpected end of compressed data"),
    (
        "bad_crc.csv.gz",
        "bad_crc.csv.gz: the checksum of the compressed data does not match: the file is damaged",
    ),
    (
        "long_line.csv",
        "long_line.csv:3: column `a` holds `9999999999999999999999999999999999999999… (200000 \
         characters)`, which is too large for a number",
    ),
    (
        "missing_markers.csv",
        "missing_markers.csv:24: column `sepal_length_cm` holds `-`, expected a number\n\
         missing_markers.csv:90: column `sepal_length_cm` holds `.`, expected a number\n\
         missing_markers.csv:101: column `sepal_length_cm` holds `none`, expected a number\n\
         missing_markers.csv:134: column `sepal_length_cm` holds `-`, expected a number",
    ),
    (
        "idx/truncated-images-idx3-ubyte",
        "truncated-images-idx3-ubyte: expected 39216 bytes, found 38216",
    ),
    (
        "idx/trailing-images-idx3-ubyte",
        "trailing-images-idx3-ubyte: expected 39216 bytes, found 39220",
    ),
    (
        "idx/wrong-magic-images-idx3-ubyte",
        "wrong-magic-images-idx3-ubyte: this is not IDX: it starts with the bytes DE AD BE EF",
    ),
    (
        "idx/wrong-type-images-idx3-ubyte",
        "wrong-type-images-idx3-ubyte: the IDX type byte is 0x07, which does not exist",
    ),
    (
        // 2,147,483,647 images of 784 bytes, and a header of 16.
        "idx/huge-dims-images-idx3-ubyte",
        "huge-dims-images-idx3-ubyte: expected 1683627179264 bytes, found 39216",
    ),
    (
        "idx/overflow-dims-images-idx3-ubyte",
        "overflow-dims-images-idx3-ubyte: the header claims the shape 4294967295 × 4294967295 × \
         4294967295, more than any file holds",
    ),
    ("idx/zero-images-idx3-ubyte", "zero-images-idx3-ubyte: the table has 784 columns but no rows"),
    (
        "idx/header-cut-idx3-ubyte",
        "header-cut-idx3-ubyte: the IDX header is cut off: expected 16 bytes, found 7",
    ),
    (
        "idx/truncated-images-idx3-ubyte.gz",
        "truncated-images-idx3-ubyte.gz: unexpected end of compressed data",
    ),
    (
        "idx/little-endian-images-idx3-ubyte",
        "little-endian-images-idx3-ubyte: the IDX header is in little-endian byte order",
    ),
    ("truncated.npy", "truncated.npy: expected 4928 bytes, found 4828"),
    ("object.npy", "object.npy: the array holds pickled objects, which are not read"),
    ("wrong_magic.npy", "wrong_magic.npy: this is not NPY: it starts with the bytes 4E 4F 54 4E"),
    ("semicolons_comma_headers.csv", ""),
    ("thousands_separators.csv", ""),
];

/// Files that tell ten problems and count the rest: the first line, the last,
/// and the way out.
const TEN_AND_MORE: [(&str, &str, &str, &str); 2] = [
    (
        "semicolons_comma_headers.csv",
        "semicolons_comma_headers.csv:2: found 1 field, expected 5",
        "semicolons_comma_headers.csv: and 140 more cells or lines like these",
        "the delimiter may be `;`: use the same one in all lines, or set it with `--delimiter`",
    ),
    (
        "thousands_separators.csv",
        "thousands_separators.csv:2: column `price` holds `1,000`, a number with its thousands set \
         apart",
        "thousands_separators.csv: and 30 more cells or lines like these",
        "write the numbers without marks between thousands; if the column is text, `train` takes it so with \
         `--categorical 'price'`",
    ),
];

#[test]
fn refused_files_say_what_is_wrong_and_where() {
    for (file, message) in REFUSED {
        let error = read_own(&format!("bad/{file}")).expect_err(file);
        if !message.is_empty() {
            assert_eq!(error.to_string(), message);
        }
        assert!(!error.help().is_empty(), "{file}: no way out");
        assert!(error.help().iter().all(|help| !help.ends_with('.')), "{file}: {:?}", error.help());
    }
    for (file, first, last, help) in TEN_AND_MORE {
        let error = read_own(&format!("bad/{file}")).expect_err(file);
        let message = error.to_string();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines.len(), 11, "{message}");
        assert_eq!((lines[0], lines[10]), (first, last));
        assert_eq!(error.help(), [help]);
    }
}

/// A stream says the same as a file that is read whole.
#[test]
fn streams_refuse_the_same_files() {
    for (file, _) in REFUSED {
        let whole = read_own(&format!("bad/{file}")).expect_err(file);
        let bytes = own(&format!("bad/{file}"));
        let name = file.rsplit('/').next().expect("a name has a last part");
        let pipe = Source::new(name, || Ok(Box::new(Cursor::new(bytes.clone()))));
        let file = Source::seekable(name, || Ok(Cursor::new(bytes.clone())));
        for source in [pipe, file] {
            let stream = Stream::new(&source, &Options::default()).expect_err(name);
            assert_eq!(stream.to_string(), whole.to_string());
        }
    }
}

/// Reads a file that is accepted.
fn accepted(file: &str) -> Table {
    let data = read_own(&format!("bad/{file}")).unwrap_or_else(|error| panic!("{error}"));
    Table { name: String::new(), ..data.table }
}

fn iris() -> Table {
    Table { name: String::new(), ..read_own("iris.csv").expect("it is whole").table }
}

#[test]
fn other_ways_of_writing_the_same_table_give_the_same() {
    for file in [
        "bom_crlf.csv",
        "cr_only.csv",
        "no_final_newline.csv",
        "utf16.csv",
        "gzip_without_suffix.csv",
        "not_gzip.csv.gz",
        "spaces.csv",
    ] {
        assert_eq!(accepted(file), iris(), "{file}");
    }
    assert_eq!(read_own("bad/utf16.csv").expect("text").found.encoding, Some(Encoding::Utf16));
}

#[test]
fn awkward_tables_are_read_as_they_are() {
    let table = |file| accepted(file);
    let one = table("one_row.csv");
    assert_eq!((one.rows(), one.columns.len()), (1, 5));

    let names = |table: &Table| -> Vec<String> {
        table.columns.iter().map(|column| column.name.clone()).collect()
    };
    assert_eq!(names(&table("blank_header.csv"))[3], "column 4");
    let remark = Remark::MadeUpName { line: 1, name: "column 4".to_string() };
    assert_eq!(read_own("bad/blank_header.csv").expect("it is read").remarks, [remark]);

    let constant = table("constant_column.csv");
    assert_eq!(constant.column("unit").expect("it is there").cells, Cells::Numbers(vec![7.5; 150]));
    let missing = table("all_missing_column.csv");
    let Cells::Numbers(note) = &missing.column("note").expect("it is there").cells else {
        panic!("nothing in a column is no text");
    };
    assert!(note.len() == 150 && note.iter().all(|number| number.is_nan()));

    let words = |table: &Table, column: &str| match &table.column(column).expect("a column").cells {
        Cells::Text(text) => text.clone(),
        cells => panic!("{column} is {cells:?}"),
    };
    assert_eq!(words(&table("single_class.csv"), "species").words, ["setosa"]);
    let classes = words(&table("rare_class.csv"), "species");
    assert_eq!((classes.words.len(), classes.codes.len()), (3, 101));
    let target = words(&table("missing_target_cells.csv"), "species");
    assert_eq!(target.words, ["setosa", "versicolor", "virginica"]);
    // Lines 4, 78 and 151: the header is line 1.
    let missing: Vec<usize> = (0..150).filter(|&row| target.word(row).is_none()).collect();
    assert_eq!(missing, [2, 76, 149]);

    let huge = table("huge_1e308.csv");
    let Cells::Numbers(first) = &huge.columns[0].cells else { panic!("numbers") };
    assert_eq!(first[4..6], [1e308, -1e308], "lines 6 and 7");
    let Cells::Numbers(second) = &huge.columns[1].cells else { panic!("numbers") };
    assert_eq!(second[6], 1.7e308, "line 8");

    let wide = table("wide_5000_columns.csv");
    assert_eq!((wide.rows(), wide.columns.len()), (8, 5001));
    let labels = table("numeric_class_labels.csv");
    let Cells::Numbers(y) = &labels.column("y").expect("it is there").cells else { panic!("text") };
    assert!(y.iter().all(|label| [3.0, 7.0, 11.0].contains(label)));

    assert_eq!(names(&table("missing_target_column.csv")).len(), 4);
    assert_eq!(
        names(&table("predict_reordered_columns.csv")),
        ["petal_width_cm", "sepal_width_cm", "sepal_length_cm", "petal_length_cm"]
    );
    assert!(table("predict_missing_column.csv").column("petal_length_cm").is_none());
    let islands = words(&table("predict_unknown_category.csv"), "island");
    assert_eq!(islands.words, ["Atlantis", "Dream"]);
    assert_eq!(table("predict_unknown_category.csv").line(0), Some(2));
}

#[test]
fn nan_is_missing_where_nothing_else_is_wrong() {
    let mut options = Options::default();
    options.missing.extend(["inf".to_string(), "-Infinity".to_string()]);
    let data = read("nan_inf_cells.csv", &own("bad/nan_inf_cells.csv"), &options).expect("markers");
    let missing = |column: usize| -> Vec<u64> {
        let Cells::Numbers(numbers) = &data.table.columns[column].cells else { panic!("numbers") };
        let rows = (0..150).filter(|&row| numbers[row].is_nan());
        rows.map(|row| data.table.line(row).expect("there are lines")).collect()
    };
    assert_eq!(missing(0), [10, 60]);
    assert_eq!(missing(1), [30]);
}

#[test]
fn markers_that_are_set_count_as_missing() {
    let mut options = Options::default();
    options.missing.extend(["-", ".", "none"].map(String::from));
    let bytes = own("bad/missing_markers.csv");
    let data = read("missing_markers.csv", &bytes, &options).expect("all markers are known");
    let Cells::Numbers(numbers) = &data.table.columns[0].cells else { panic!("numbers") };
    assert_eq!(numbers.iter().filter(|number| number.is_nan()).count(), 14);
}

#[test]
fn latin1_is_read_where_it_is_asked_for() {
    let options = Options { encoding: Some(Encoding::Latin1), ..Options::default() };
    let data = read("latin1.csv", &own("bad/latin1.csv"), &options).expect("any byte is Latin-1");
    assert_eq!(data.table.columns[1].name, "größe");
    let Cells::Text(towns) = &data.table.columns[2].cells else { panic!("text") };
    assert_eq!(towns.words[..3], ["Málaga", "Köln", "Århus"]);
}

#[test]
fn quotes_are_characters_where_it_is_asked_for() {
    let options = Options { quotes: false, ..Options::default() };
    let data =
        read("quote_mid_field.csv", &own("bad/quote_mid_field.csv"), &options).expect("text");
    let Cells::Text(species) = &data.table.columns[4].cells else { panic!("text") };
    assert_eq!(species.word(9), Some("set\"osa"));
}

#[test]
fn legal_quotes_are_read_and_lines_counted_through_them() {
    let mut text = String::from_utf8(own("bad/quoted_newline.csv")).expect("it is UTF-8");
    text = text.replace("oops", "30.25");
    let data = read("quoted_newline.csv", text.as_bytes(), &Options::default()).expect("mended");
    let Cells::Text(words) = &data.table.columns[0].cells else { panic!("text") };
    assert_eq!(words.words, ["two\nlines", "a \"quoted\" word, comma", "plain"]);
    let Lines::Listed(lines) = &data.table.lines else { panic!("a record takes two lines") };
    assert_eq!((lines[0], lines[1], lines.last()), (2, 4, Some(&32)));
}

#[test]
fn images_and_labels_become_one_table() {
    let images = own("bad/idx/good-50-images-idx3-ubyte");
    let labels = own("bad/idx/good-50-labels-idx1-ubyte");
    let options = Options::default();
    let data = read_with_labels(("images", &images), ("labels", &labels), &options).expect("50");
    assert_eq!((data.table.rows(), data.table.columns.len()), (50, 785));
    assert_eq!(data.hints.targets, ["label"]);
    // The last of the pixels and the first of the labels, from the bytes.
    let Cells::Bytes(pixels) = &data.table.column("pixel_27_27").expect("it is there").cells else {
        panic!("bytes");
    };
    assert_eq!(pixels[49], *images.last().expect("there are bytes"));
    let Cells::Bytes(column) = &data.table.column("label").expect("it is there").cells else {
        panic!("bytes");
    };
    assert_eq!(column[..], labels[8..]);
    let Cells::Bytes(middle) = &data.table.column("pixel_14_3").expect("it is there").cells else {
        panic!("bytes");
    };
    assert_eq!(middle[7], images[16 + 7 * 784 + 14 * 28 + 3]);

    let short = own("bad/idx/short-49-labels-idx1-ubyte");
    let error =
        read_with_labels(("images", &images), ("labels", &short), &options).expect_err("49 labels");
    assert_eq!(error.to_string(), "labels: images has 50 rows, labels has 49");
    let error = read_with_labels(("images", &images), ("other images", &images), &options)
        .expect_err("784 columns");
    assert_eq!(error.to_string(), "other images: a file of labels has one column, found 784");
}

#[test]
fn idx_of_floats_is_read() {
    let table = accepted("idx/float32-3x2-idx2");
    assert_eq!(table.columns[0].cells, Cells::Numbers(vec![0.0, 1.0, 2.0]));
    assert_eq!(table.columns[1].cells, Cells::Numbers(vec![0.5, 1.5, 2.5]));
}

#[test]
fn counts_in_proben1_headers_are_compared() {
    let table = [
        ("cancer_count.dt", "cancer_count.dt: the header counts 700 examples, the file has 699"),
        ("cancer_short_line.dt", "cancer_short_line.dt:100: found 10 numbers, expected 11"),
    ];
    for (file, message) in table {
        let test = "counts_in_proben1_headers_are_compared";
        let Some(bytes) = shared(test, &format!("bad/{file}")) else { return };
        let error = read(file, &bytes, &Options::default()).expect_err(file);
        assert_eq!(error.to_string(), message);
    }
}

/// Each file of the folder is in one of the tests above.
#[test]
fn no_file_is_forgotten() {
    let this = include_str!("malformed.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tables/bad");
    for folder in [folder.clone(), folder.join("idx")] {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let name = entry.expect("it can be listed").file_name();
            let name = name.to_str().expect("names are text");
            assert!(name == "idx" || this.contains(name), "{name} is in no test");
        }
    }
}

#[test]
fn decimal_commas_are_found_and_can_be_asked_for() {
    let semicolon = read_own("formats/iris_semicolon.csv").expect("it is whole");
    assert_eq!(semicolon.found.decimal, Some(Decimal::Comma));
    assert_eq!(Table { name: String::new(), ..semicolon.table }, iris());
}
