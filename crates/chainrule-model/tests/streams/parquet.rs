//! Parquet: files of several row groups and pages, whole and damaged.

use std::ops::Range;
use std::sync::Arc;

use chainrule_model::read::{Options, ReadError, Source, Stream, read};
use chainrule_model::table::Table;
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::{ROWS, assert_same, cells, gzipped, rows, source};
use crate::common::own;

/// How a file is written.
#[derive(Clone, Copy)]
struct Way {
    compression: Compression,
    group: usize,
    page: usize,
    dictionary: bool,
}

const USUAL: Way =
    Way { compression: Compression::SNAPPY, group: 15_000, page: 1 << 14, dictionary: true };

/// A file of numbers, missing where they are NaN.
pub(super) fn numbers(rows: &[[f64; 5]]) -> Vec<u8> {
    let columns = (1..=5).map(|number| format!("optional double x{number};"));
    written(&columns.collect::<String>(), rows.len(), USUAL, |writer, column, rows_of_group| {
        let of_column = rows[rows_of_group].iter().map(|row| row[column]);
        let levels: Vec<i16> = of_column.clone().map(|cell| i16::from(!cell.is_nan())).collect();
        let values: Vec<f64> = of_column.filter(|cell| !cell.is_nan()).collect();
        let writer = writer.typed::<DoubleType>();
        writer.write_batch(&values, Some(&levels), None).expect("memory can be written to");
    })
}

/// A file of whole numbers, words that are missing in part, and flags.
fn mixed(count: usize, way: Way) -> Vec<u8> {
    let columns = "required int64 id; optional binary word (STRING); required boolean flag;";
    written(columns, count, way, |writer, column, rows| {
        let done = match column {
            0 => {
                let id = |row: usize| i64::try_from(row * row % 1009).expect("it is small") - 7;
                let ids: Vec<i64> = rows.map(id).collect();
                writer.typed::<Int64Type>().write_batch(&ids, None, None)
            }
            1 => {
                let levels: Vec<i16> = rows.clone().map(|row| i16::from(row % 5 != 2)).collect();
                let present = rows.filter(|row| row % 5 != 2);
                let words: Vec<_> =
                    present.map(|row| format!("w{}", row % 37)[..].into()).collect();
                writer.typed::<ByteArrayType>().write_batch(&words, Some(&levels), None)
            }
            _ => {
                let flags: Vec<bool> = rows.map(|row| row % 3 == 0).collect();
                writer.typed::<BoolType>().write_batch(&flags, None, None)
            }
        };
        done.expect("memory can be written to");
    })
}

fn written(
    columns: &str,
    count: usize,
    way: Way,
    write: impl Fn(&mut SerializedColumnWriter<'_>, usize, Range<usize>),
) -> Vec<u8> {
    let schema = parse_message_type(&format!("message rows {{ {columns} }}")).expect("a schema");
    let properties = WriterProperties::builder()
        .set_compression(way.compression)
        .set_dictionary_enabled(way.dictionary)
        .set_data_page_size_limit(way.page)
        .set_data_page_row_count_limit(usize::MAX)
        .set_write_batch_size(100)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
        .expect("memory can be written to");
    for first in (0..count).step_by(way.group) {
        let mut group = writer.next_row_group().expect("memory can be written to");
        let mut column = 0;
        while let Some(mut next) = group.next_column().expect("there are columns") {
            write(&mut next, column, first..count.min(first + way.group));
            next.close().expect("memory can be written to");
            column += 1;
        }
        group.close().expect("memory can be written to");
    }
    writer.into_inner().expect("memory can be written to")
}

#[test]
fn a_stream_of_parquet_is_the_whole_table() {
    let files = [
        (numbers(&rows()), 3..=12),
        (mixed(ROWS, USUAL), 3..=12),
        // One row group that is read in blocks, and many that are one each.
        (mixed(ROWS, Way { group: ROWS, ..USUAL }), 3..=9),
        (mixed(ROWS, Way { group: 1000, ..USUAL }), 40..=40),
        (own("formats/penguins.parquet"), 1..=1),
    ];
    for (bytes, parts) in files {
        let whole = read("rows.parquet", &bytes, &Options::default()).expect("it is whole").table;
        let source = source("rows.parquet", &bytes);
        let mut stream = Stream::new(&source, &Options::default()).expect("it is whole");
        assert_same(&stream, &whole, parts.clone());
        let mut whole = whole;
        let dropped = whole.columns.remove(1).name;
        stream.leave_out(|name| name == dropped);
        assert_same(&stream, &whole, parts);
    }
}

#[test]
fn pages_are_what_a_large_row_group_takes() {
    let of = |page| {
        let bytes = mixed(ROWS, Way { group: ROWS, page, ..USUAL });
        let source = source("rows.parquet", &bytes);
        let stream = Stream::new(&source, &Options::default()).expect("it is whole");
        let mut tables = stream.tables().expect("it is there");
        assert!(tables.by_ref().all(|table| table.is_ok()));
        tables.pages_bytes()
    };
    // Of 1009, 505 remainders are squares: numbers of 8 bytes in a dictionary,
    // and 32 for each entry. The codes of all rows, of 9 bits, of 6 bits for 37
    // words, and the flags fit into pages of the larger size.
    let (small, large) = (of(1 << 10), of(1 << 20));
    assert!((20_200..30_000).contains(&small), "{small}");
    let codes = 40_000 * 9 / 8 + 32_000 * 6 / 8 + 40_000 / 8;
    assert!((20_200 + codes..20_200 + codes + 20_000).contains(&large), "{large}");
}

#[test]
fn parquet_within_gzip_is_only_read_whole() {
    let bytes = gzipped(&own("formats/penguins.parquet"));
    let source = source("penguins.parquet.gz", &bytes);
    let error = Stream::new(&source, &Options::default()).expect_err("it is compressed");
    assert_eq!(
        error.to_string(),
        "penguins.parquet.gz: this Parquet file cannot be streamed: within gzip, its columns \
         cannot be read side by side"
    );
}

/// Reads all of a stream.
fn streamed(bytes: &[u8]) -> Result<Vec<Table>, ReadError> {
    let source: Source<'_> = source("rows.parquet", bytes);
    let stream = Stream::new(&source, &Options::default())?;
    stream.tables()?.collect()
}

fn assert_alike(bytes: &[u8], what: &str) {
    let whole = read("rows.parquet", bytes, &Options::default());
    match (whole, streamed(bytes)) {
        (Ok(whole), Ok(parts)) => {
            assert_eq!(parts.iter().map(Table::rows).sum::<usize>(), whole.table.rows(), "{what}");
            if let [part] = &parts[..] {
                assert!(cells(part) == cells(&whole.table), "{what}");
            }
        }
        (Err(whole), Err(stream)) => {
            let named = |error: &ReadError| error.to_string().starts_with("rows.parquet: ");
            assert!(named(&whole) && named(&stream), "{what}: {whole}; {stream}");
        }
        (whole, stream) => panic!("{what}: {:?} but {:?}", whole.err(), stream.err()),
    }
}

#[test]
fn damaged_parquet_is_refused_as_in_memory() {
    for (compression, dictionary) in [
        (Compression::UNCOMPRESSED, true),
        (Compression::UNCOMPRESSED, false),
        (Compression::SNAPPY, true),
        (Compression::LZ4_RAW, false),
    ] {
        let bytes = mixed(60, Way { compression, group: 40, page: 1 << 20, dictionary });
        for length in 0..bytes.len() {
            let what = format!("{compression}, {length} bytes of it");
            assert!(streamed(&bytes[..length]).is_err(), "{what}");
            assert_alike(&bytes[..length], &what);
        }
        for place in 0..bytes.len() {
            for mask in [0x01, 0x20, 0x80, 0xFF] {
                let mut bytes = bytes.clone();
                bytes[place] ^= mask;
                assert_alike(&bytes, &format!("{compression}, byte {place} changed by {mask:#x}"));
            }
        }
    }
}
