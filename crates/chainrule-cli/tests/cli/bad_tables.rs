//! Every malformed or awkward file of `testdata/tables/bad`: refused with its
//! name, the place and the way out, or trained on; never a panic, a part of a
//! file, or a network of NaN.

use std::path::Path;

use crate::support::{files, folder, run, testdata};
use crate::tables::path;

/// Files that a model comes of, and the target.
const ACCEPTED: [(&str, &str); 20] = [
    ("all_missing_column.csv", "species"),
    ("blank_header.csv", "species"),
    ("bom_crlf.csv", "species"),
    ("constant_column.csv", "species"),
    ("cr_only.csv", "species"),
    ("gzip_without_suffix.csv", "species"),
    ("missing_target_cells.csv", "species"),
    ("no_final_newline.csv", "species"),
    ("not_gzip.csv.gz", "species"),
    ("numeric_class_labels.csv", "y"),
    ("predict_missing_column.csv", "sepal_width_cm"),
    ("predict_reordered_columns.csv", "sepal_width_cm"),
    ("rare_class.csv", "species"),
    ("spaces.csv", "species"),
    ("utf16.csv", "species"),
    ("wide_5000_columns.csv", "t"),
    ("huge_1e308.csv", "species"),
    ("missing_target_column.csv", "sepal_length_cm"),
    ("idx/good-50-images-idx3-ubyte", "pixel_14_14"),
    ("idx/float32-3x2-idx2", "x1"),
];

/// Files that are refused, the target, and what is said of them, at least.
const REFUSED: [(&str, &str, &str); 42] = [
    ("bad_crc.csv.gz", "species", "checksum"),
    ("blank_lines_only.csv", "species", "no header and no rows"),
    ("duplicate_headers.csv", "species", ":1: columns 3 and 4"),
    ("empty.csv", "species", "the file is empty"),
    ("header_only.csv", "species", "no rows"),
    ("latin1.csv", "species", ":1: column 2"),
    ("latin1_one_byte_line102.csv", "species", ":102: column `species`"),
    ("long_line.csv", "t", ":3: column `a`"),
    ("missing_markers.csv", "species", ":24: column `sepal_length_cm` holds `-`"),
    ("missing_target_column.csv", "species", "has no column `species`"),
    ("nan_inf_cells.csv", "species", ":30: column `sepal_width_cm` holds `inf`"),
    ("nul_bytes.csv", "species", ":51: column `species`"),
    ("object.npy", "column 1", "pickled objects"),
    ("one_row.csv", "species", "has 1 row"),
    ("overflow_1e309.csv", "species", ":12: column `petal_width_cm` holds `1e309`"),
    ("picture.csv", "species", "a PNG picture"),
    ("predict_missing_column.csv", "species", "has no column `species`"),
    ("predict_unknown_category.csv", "species", "row"),
    ("quote_mid_field.csv", "species", ":11: column `species`"),
    ("quoted_newline.csv", "y", ":32: column `x` holds `oops`"),
    ("quotes_unbalanced.csv", "species", ":34: a quote opens"),
    ("ragged_long.csv", "species", ":41: found 6 fields, expected 5"),
    ("ragged_short.csv", "species", ":21: found 3 fields, expected 5"),
    ("semicolons_comma_headers.csv", "species", ":2: found 1 field, expected 5"),
    ("single_class.csv", "species", "`setosa` in every row"),
    ("thousands_separators.csv", "price", ":2: column `price` holds `1,000`"),
    ("truncated.csv.gz", "species", "unexpected end of compressed data"),
    ("truncated.npy", "column 1", "expected 4928 bytes, found 4828"),
    ("wrong_magic.npy", "column 1", "4E 4F 54 4E"),
    ("wrong_type_midfile.csv", "species", ":102: column `petal_length_cm` holds `oops`"),
    ("idx/good-50-labels-idx1-ubyte", "label", "is left to learn from"),
    ("idx/header-cut-idx3-ubyte", "pixel_0_1", "cut off"),
    ("idx/huge-dims-images-idx3-ubyte", "pixel_0_1", "expected 1683627179264 bytes"),
    ("idx/little-endian-images-idx3-ubyte", "pixel_0_1", "little-endian"),
    ("idx/overflow-dims-images-idx3-ubyte", "pixel_0_1", "4294967295"),
    ("idx/short-49-labels-idx1-ubyte", "label", "is left to learn from"),
    ("idx/trailing-images-idx3-ubyte", "pixel_0_1", "expected 39216 bytes, found 39220"),
    ("idx/truncated-images-idx3-ubyte", "pixel_0_1", "expected 39216 bytes, found 38216"),
    ("idx/truncated-images-idx3-ubyte.gz", "pixel_0_1", "unexpected end of compressed data"),
    ("idx/wrong-magic-images-idx3-ubyte", "pixel_0_1", "DE AD BE EF"),
    ("idx/wrong-type-images-idx3-ubyte", "pixel_0_1", "0x07"),
    ("idx/zero-images-idx3-ubyte", "pixel_0_1", "no rows"),
];

fn bad() -> std::path::PathBuf {
    testdata().join("tables/bad")
}

#[test]
fn every_file_is_listed() {
    let names = |folder: &Path, before: &str| -> Vec<String> {
        let files = files(folder).into_iter().filter(|name| *name != "idx" && *name != "README.md");
        files.map(|name| format!("{before}{name}")).collect()
    };
    let all = [names(&bad(), ""), names(&bad().join("idx"), "idx/")].concat();
    assert!(all.len() > 55, "only {} files", all.len());
    for file in all {
        let known = ACCEPTED.iter().any(|(name, _)| *name == file)
            || REFUSED.iter().any(|(name, ..)| *name == file);
        assert!(known, "{file} is in no list");
    }
}

#[test]
fn bad_files_are_refused_with_a_way_out() {
    let folder = folder("bad_tables_refused");
    let model = path(&folder, "a.model");
    for (file, target, expected) in REFUSED {
        let data = format!("tables/bad/{file}");
        let run = run(&["train", &data, "-t", target, "-q", "--epochs", "2", "-o", &model]);
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{file}: {run}");
        assert!(run.stderr.contains(expected), "{file}: no `{expected}` in {run}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(file), "{file}: {run}");
        assert!(run.stderr.contains("\nhelp: "), "{file}: {run}");
        assert_eq!(files(&folder), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn awkward_files_make_models_of_numbers() {
    let folder = folder("bad_tables_accepted");
    for (file, target) in ACCEPTED {
        let (data, model) = (format!("tables/bad/{file}"), path(&folder, "a.model"));
        let trained = run(&["train", &data, "-t", target, "-q", "--epochs", "2", "-o", &model]);
        assert_eq!(trained.status, 0, "{file}: {trained}");
        assert!(!trained.stdout.contains("NaN"), "{file}: {trained}");
        let predicted = run(&["predict", &model, &data]);
        assert_eq!(predicted.status, 0, "{file}: {predicted}");
        let names = predicted.stdout.lines().next().expect("a header").split([',', '\t', ';']);
        let added =
            names.filter(|name| name.contains("predicted_") || name.starts_with("p(")).count();
        assert!(added > 0, "{file}");
        for line in predicted.stdout.lines().skip(1) {
            for field in line.rsplit(',').take(added) {
                assert!(!field.is_empty() && field != "NaN" && field != "inf", "{file}: {line}");
            }
        }
    }
}

#[test]
fn labels_that_do_not_fit_their_images_are_counted() {
    let folder = folder("bad_tables_labels");
    let model = path(&folder, "a.model");
    let images = "tables/bad/idx/good-50-images-idx3-ubyte";
    let labels = "tables/bad/idx/short-49-labels-idx1-ubyte";
    let run = run(&["train", images, "--labels", labels, "-q", "-o", &model]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("50") && run.stderr.contains("49"), "{run}");
    assert_eq!(files(&folder), Vec::<String>::new());
}
