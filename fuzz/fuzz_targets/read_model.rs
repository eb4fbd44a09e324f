//! Any bytes: the reader gives a model, which can be used, or says what is
//! wrong. The checksum of a mutated file is mended, so that what lies behind it
//! is reached.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! fuzz/run 600 read_model        # seconds
//! ```

#![no_main]

use chainrule_model::model::export::Format;
use chainrule_model::model::{Error, Model};
use chainrule_model::table::{Cells, Column, Lines, Table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Model::from_bytes(bytes) {
        Err(Error::Damaged { found, expected }) => {
            let mut mended = bytes.to_vec();
            let at = bytes.windows(expected.len().max(1)).position(|w| w == expected.as_bytes());
            if let (Some(at), true) = (at, expected.len() == found.len()) {
                mended[at..at + found.len()].copy_from_slice(found.as_bytes());
                if let Ok(model) = Model::from_bytes(&mended) {
                    use_it(&model);
                }
            }
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let _ = error.help();
        }
        Ok(model) => use_it(&model),
    }
});

fn use_it(model: &Model) {
    let bytes = model.to_bytes().expect("what was read can be written");
    assert_eq!(&Model::from_bytes(&bytes).expect("and read again"), model);
    model.export(Format::Json, &mut std::io::sink()).expect("a sink takes it");
    let _ = model.summary();
    let columns = model.encoder().features().iter().map(|feature| Column {
        name: feature.column.clone(),
        cells: Cells::Numbers(vec![0.5, f64::NAN, -1e300]),
    });
    let table = Table { name: "fuzz".to_string(), columns: columns.collect(), lines: Lines::None };
    if let Ok((predictions, _)) = model.predict(&table) {
        assert_eq!(predictions.rows(), table.rows());
        let _ = model.worked_row(&table, 1);
    }
    let _ = model.evaluate(&table, None);
}
