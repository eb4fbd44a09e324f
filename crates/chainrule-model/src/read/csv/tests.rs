//! Laws of the CSV reader: what it gives does not depend on how it works.

use proptest::prelude::*;

use super::stream::Stream;
use super::*;
use crate::read::MISSING_MARKERS;
use crate::read::Source;

/// Fields, of kinds that matter to the reader.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9]{1,6}(\\.[0-9]{1,20})?",
        3 => "[a-ző]{1,6}",
        1 => Just(String::new()),
        1 => Just("NA".to_string()),
        1 => Just("007".to_string()),
        1 => "\"([a-z,\n]|\"\"){0,8}\"",
        1 => " {0,2}[0-9a-z]{1,3} {0,2}",
        1 => "[a-z0-9\"]{0,3}",
    ]
}

/// A file: mostly of equal width, mostly without bad quotes.
fn file() -> impl Strategy<Value = String> {
    let end = prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n\n")];
    (1usize..4).prop_flat_map(move |width| {
        let width = prop_oneof![200 => Just(width), 1 => Just(width + 1)];
        let record = width.prop_flat_map(|width| prop::collection::vec(field(), width));
        let records = prop::collection::vec((record, end.clone()), 1..40);
        records.prop_map(|records| {
            records.iter().map(|(record, end)| record.join(",") + end).collect::<String>()
        })
    })
}

/// All that can be seen of a piece of work.
fn seen(text: &str, size: usize) -> Result<String, String> {
    let options = Options::default();
    let missing = Missing::new(&options);
    let layout =
        look((text.as_bytes(), true), &options, &missing).map_err(|problem| problem.to_string())?;
    let rows = &text.as_bytes()[layout.start..];
    let columns = vec![ReadAs::Text; layout.names.len()];
    let plan = Plan {
        cut: layout.cut,
        decimal: layout.decimal,
        missing: &missing,
        columns: &columns,
        keeps_records: true,
    };
    let block = Block::parse_in(rows, &plan, size);
    let line = layout.line + 1;
    block.sound("file", &layout.names, line).map_err(|error| error.to_string())?;
    let record = |at| std::str::from_utf8(&rows[at]).expect("records are text");
    let records: Vec<&str> = block.records().into_iter().map(record).collect();
    let mut growing = Growing::new(&columns, line);
    growing.append(block, &missing);
    let seen = format!("{records:?} {:?} {} {:?}", growing.lines(), growing.line, growing.counts);
    let cells = growing.into_cells(&vec![Kind::Text; columns.len()], layout.decimal);
    Ok(format!("{seen} {cells:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// One piece, or one for every few bytes: the same table, the same errors.
    #[test]
    fn where_pieces_are_cut_changes_nothing(text in file(), size in 1usize..60) {
        prop_assert_eq!(seen(&text, size), seen(&text, usize::MAX >> 1));
    }

    /// Chunks, one after the other, are the table that is read whole.
    #[test]
    fn chunks_make_up_the_whole(text in file(), size in 1usize..60) {
        let options = Options::default();
        let whole = read("file", text.as_bytes(), &options);
        let bytes = text.clone().into_bytes();
        let source = Source::new("file", || Ok(Box::new(std::io::Cursor::new(bytes.clone()))));
        let stream = Stream::sized(&source, &options, size);
        match (whole, stream) {
            (Err(whole), Err(stream)) if whole.more == 0 => {
                // A stream stops at its first bad chunk.
                prop_assert_eq!(whole.problems.first(), stream.problems.first());
            }
            (Err(_), Err(_)) => {}
            (Ok(whole), Ok(stream)) => {
                prop_assert_eq!(&whole.remarks, &stream.remarks);
                let mut row = 0;
                for chunk in stream.chunks().expect("it was read before") {
                    let chunk = chunk.expect("it was read before");
                    prop_assert_eq!(chunk.records.len(), chunk.table.rows());
                    for local in 0..chunk.table.rows() {
                        prop_assert_eq!(chunk.table.line(local), whole.table.line(row));
                        for (part, all) in chunk.table.columns.iter().zip(&whole.table.columns) {
                            prop_assert_eq!(cell(&part.cells, local), cell(&all.cells, row));
                        }
                        row += 1;
                    }
                }
                prop_assert_eq!(row, whole.table.rows());
            }
            (whole, stream) => prop_assert!(false, "{whole:?} but {:?}", stream.map(|s| s.rows)),
        }
    }

    /// The judge is the `csv` crate, which is told where the header is.
    #[test]
    fn cells_are_those_of_another_reader(text in file()) {
        let options = Options { header: Some(false), delimiter: Some(b','), ..Options::default() };
        let Ok(found) = read("file", text.as_bytes(), &options) else { return Ok(()) };
        let mut twin = csv::ReaderBuilder::new();
        let twin = twin.has_headers(false).trim(csv::Trim::None).from_reader(text.as_bytes()).into_records();
        let twin: Vec<csv::StringRecord> =
            twin.collect::<Result<_, _>>().expect("what is read here is read there");
        prop_assert_eq!(twin.len(), found.table.rows());
        for (row, record) in twin.iter().enumerate() {
            for (column, expected) in found.table.columns.iter().zip(record) {
                // The twin leaves blanks around fields, and does not know
                // which were quoted.
                let expected = expected.trim_matches([' ', '\t']);
                let is_missing = expected.is_empty() || MISSING_MARKERS.contains(&expected);
                match &column.cells {
                    Cells::Numbers(numbers) if is_missing => prop_assert!(numbers[row].is_nan()),
                    Cells::Numbers(numbers) => {
                        prop_assert_eq!(numbers[row], expected.parse::<f64>().expect("a number"));
                    }
                    Cells::Text(words) => {
                        let word = words.word(row).unwrap_or("").trim_matches([' ', '\t']);
                        prop_assert_eq!(word, if is_missing { "" } else { expected });
                    }
                    Cells::Bytes(_) => prop_assert!(false, "CSV has no bytes"),
                }
            }
        }
    }
}

fn cell(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Numbers(numbers) => format!("{:?}", numbers[row]),
        Cells::Bytes(bytes) => bytes[row].to_string(),
        Cells::Text(text) => format!("{:?}", text.word(row)),
    }
}

/// What a file is shows in its bytes as they were written: in Latin-1, a
/// program begins with letters.
#[test]
fn a_program_is_no_text_in_any_encoding_nor_in_parts() {
    let bytes = b"MZ\x90,b\n1,2\n";
    let options = Options { encoding: Some(Encoding::Latin1), ..Options::default() };
    let source = Source::new("program", || Ok(Box::new(&bytes[..])));
    let whole = crate::read::read("program", bytes, &options).map(|_| ());
    let in_blocks = read_source(&source, &options).map(|_| ());
    let in_parts = Stream::new(&source, &options).map(|_| ());
    for found in [whole, in_blocks, in_parts] {
        let error = found.expect_err("it is refused");
        assert!(matches!(error.problems[..], [Problem::NotATable { found: "a program" }]));
    }
}
