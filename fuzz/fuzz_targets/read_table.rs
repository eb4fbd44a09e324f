//! Any bytes: a reader of tables gives a table that is whole, or says what is
//! wrong. The first byte chooses the format, or that it is found out, and how a
//! text is read.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! fuzz/run 600 read_table        # seconds
//! ```

#![no_main]

use chainrule_model::read::{
    self, Chunks, ColumnKind, Data, Format, Options, ReadError, Source, Stream,
};
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::table::{Cells, MISSING, Table};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Option<Format>; 8] = [
    None,
    Some(Format::Csv),
    Some(Format::Npy),
    Some(Format::Npz),
    Some(Format::Idx),
    Some(Format::Parquet),
    Some(Format::Proben1),
    Some(Format::Fann),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(first) % FORMATS.len()];
    let mut options = Options { format, ..Options::default() };
    match first / 8 % 4 {
        1 => options.quotes = false,
        2 => options.header = Some(false),
        3 => options.encoding = Some(read::Encoding::Latin1),
        _ => {}
    }
    let whole = read::read("fuzz", bytes, &options);
    match &whole {
        Ok(data) => check(data),
        Err(error) => check_error(error),
    }
    // In parts it is the same, where it is not refused as a whole.
    let file = Source::seekable("fuzz", move || Ok(std::io::Cursor::new(bytes.to_vec())));
    let parts = Stream::new(&file, &options)
        .and_then(|stream| stream.tables()?.map(|part| Ok(part?.rows())).sum::<Result<usize, _>>());
    match (&whole, parts) {
        (Ok(whole), Ok(rows)) => assert_eq!(whole.table.rows(), rows),
        (Err(_), Err(error)) => check_error(&error),
        (Ok(_), Err(error)) => {
            let refused = matches!(error.problems[..], [read::Problem::NotStreamed { .. }]);
            assert!(refused, "{whole:?} but {error:?}");
        }
        (Err(_), Ok(_)) => panic!("{whole:?} but it is streamed"),
    }
    // Block by block it is the same.
    if matches!(format, None | Some(Format::Csv)) {
        let source = Source::new("fuzz", move || {
            let bytes: Box<dyn std::io::Read + Send> =
                Box::new(std::io::Cursor::new(bytes.to_vec()));
            Ok(bytes)
        });
        let in_blocks = read::read_source(&source, &options);
        assert_eq!(whole.is_ok(), in_blocks.is_ok(), "{whole:?} but {in_blocks:?}");
        if let Ok(chunks) = Chunks::of_known_columns(&source, &options, |_| ColumnKind::Text) {
            for chunk in chunks {
                let Ok(chunk) = chunk else { break };
                assert_eq!(chunk.records.len(), chunk.table.rows());
            }
        }
    }
});

fn check_error(error: &ReadError) {
    assert!(!error.to_string().is_empty());
    let _ = error.help();
}

fn check(data: &Data) {
    let table: &Table = &data.table;
    assert!(table.rows() > 0, "a table without rows is refused");
    for column in &table.columns {
        assert_eq!(column.cells.len(), table.rows());
        match &column.cells {
            Cells::Numbers(numbers) => assert!(numbers.iter().all(|number| !number.is_infinite())),
            Cells::Bytes(_) => {}
            Cells::Text(text) => {
                let known = |&code: &u32| code == MISSING || (code as usize) < text.words.len();
                assert!(text.codes.iter().all(known));
            }
        }
    }
    let _ = table.line(table.rows() - 1);
    if let Some(last) = table.columns.last() {
        let choices = Choices { targets: vec![last.name.clone()], ..Choices::default() };
        if let Ok(schema) = Schema::new(table, &choices) {
            let _ = schema.labelled(table);
        }
    }
}
