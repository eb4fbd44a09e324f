//! The way out of each problem, in one sentence.

use super::{NotANumber, Problem};
use crate::read::Format;

impl Problem {
    /// Returns the way out, where there is one to tell.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Problem::Io { .. } => return None,
            Problem::Empty | Problem::BlankLines => {
                "check that this is the file you mean and that writing it had ended".to_string()
            }
            Problem::NoColumns => "give an array of the shape (rows, columns)".to_string(),
            Problem::NoRows { .. } => "give a table with at least one row".to_string(),
            Problem::NotATable { .. } => {
                "give a table: CSV, TSV, Parquet, NPY, NPZ, IDX, Proben1 or FANN text".to_string()
            }
            Problem::LeftOut { feature, .. } => {
                format!("build it with `--features {feature}`, or write the table as CSV")
            }
            Problem::CompressedCut | Problem::Checksum | Problem::Compressed { .. } => {
                "fetch or write the file again; nothing was used of what could be read".to_string()
            }
            Problem::NotUtf8 { .. } => "if the file is Latin-1 (Windows-1252), say so with \
                `--encoding latin1`; otherwise convert it to UTF-8"
                .to_string(),
            Problem::Nul { .. } => {
                "remove the byte; in UTF-16 text, begin the file with its byte order mark"
                    .to_string()
            }
            Problem::Utf16 { .. } => "write the file again, best as UTF-8".to_string(),
            Problem::SameName { .. } => "give every column a name of its own".to_string(),
            Problem::FieldCount { delimiter: Some(delimiter), .. } => {
                let delimiter =
                    if *delimiter == '\t' { "tab".into() } else { delimiter.to_string() };
                format!(
                    "the delimiter may be `{delimiter}`: use the same one in all lines, or set it \
                     with `--delimiter`"
                )
            }
            Problem::FieldCount { .. } => "give every line as many fields as the first; a field \
                that holds the delimiter goes in double quotes"
                .to_string(),
            Problem::UnclosedQuote { .. } => "close the quote; in a file whose quotes are plain \
                characters, use `--no-quotes`"
                .to_string(),
            Problem::StrayQuote { .. } => "put the whole field in double quotes and write each \
                quote inside it twice, or use `--no-quotes`"
                .to_string(),
            Problem::AfterQuote { .. } => "write a quote inside quotes twice; in a file whose \
                quotes are plain characters, use `--no-quotes`"
                .to_string(),
            Problem::LongRecord { .. } => {
                "look for a quote that opens and never closes, or for missing line ends".to_string()
            }
            Problem::Cell { column, why, value, .. } => cell(column, *why, value),
            Problem::NotStreamed { format } => whole(*format).to_string(),
            Problem::LabelsNotStreamed { .. } => {
                "give both as NPY or IDX, or leave `--stream` away".to_string()
            }
            Problem::Changed => "wait until nothing writes to it, then try again".to_string(),
            Problem::NotOfFormat { .. } => {
                "correct the file's name, or give the format with `--data-format`".to_string()
            }
            Problem::IdxByteOrder => "IDX headers are big-endian: write the four-byte numbers \
                with the highest byte first"
                .to_string(),
            Problem::IdxType { .. } => "the types are 0x08 (unsigned byte), 0x09, 0x0B, 0x0C, \
                0x0D (float) and 0x0E (double)"
                .to_string(),
            Problem::HeaderCut { .. } | Problem::Size { .. } | Problem::RowCount { .. } => {
                "fetch or write the file again".to_string()
            }
            Problem::Shape { .. }
            | Problem::NpyHeader { .. }
            | Problem::Zip { .. }
            | Problem::Parquet { .. } => "write the file again".to_string(),
            Problem::Dimensions { .. } => {
                "reshape it to (rows, columns), as with `x.reshape(len(x), -1)`".to_string()
            }
            Problem::Objects { .. } => "save it with a type of numbers or text, as with \
                `x.astype(float)` or `x.astype(str)`"
                .to_string(),
            Problem::ArrayType { .. } => {
                "save it as numbers, as with `x.astype('float64')`".to_string()
            }
            Problem::NoArrays => "write it with `numpy.savez(file, X=…, y=…)`; save a workbook \
                of a spreadsheet as CSV"
                .to_string(),
            Problem::RowsDiffer { .. } => "give both the same rows in the same order".to_string(),
            Problem::Labels { .. } => "give a file with one label for each row".to_string(),
            Problem::Syntax { .. } | Problem::NumberCount { .. } => {
                "correct the line, or write the file again".to_string()
            }
            Problem::HeaderKey { key, .. } => format!("give the line `{key}=` once"),
            Problem::ExampleCount { .. } => {
                "correct the counts in the header, or fetch the file again".to_string()
            }
            Problem::ParquetColumn { .. } => "leave the column out, or write it as numbers or \
                text"
                .to_string(),
            Problem::Infinite { .. } => {
                "replace it by a number, or by NaN, which counts as missing".to_string()
            }
        })
    }
}

/// Returns the way out where a file is only read whole.
fn whole(format: Format) -> &'static str {
    match format {
        Format::Parquet => "uncompress the file, or leave `--stream` away",
        Format::Npy => {
            "uncompress the file, save the array in C order (`numpy.ascontiguousarray(x)`), or \
             leave `--stream` away"
        }
        Format::Npz => {
            "save one array with all columns as NPY, write the table as Parquet or CSV, or leave \
             `--stream` away"
        }
        Format::Csv | Format::Idx | Format::Proben1 | Format::Fann => {
            "leave `--stream` away, or write the table as CSV"
        }
    }
}

fn cell(column: &str, why: NotANumber, value: &str) -> String {
    match why {
        NotANumber::Word => format!(
            "correct the cell; if it stands for a missing one, add it with `--missing '{value}'`; \
             if the column is text, `train` takes it so with `--categorical '{column}'`"
        ),
        NotANumber::Infinite => format!(
            "correct the cell, or empty it; it counts as missing with `--missing '{value}'`"
        ),
        NotANumber::TooLarge => {
            "correct the cell, or empty it: an empty cell is missing".to_string()
        }
        NotANumber::Thousands => format!(
            "write the numbers without marks between thousands; if the column is text, `train` \
             takes it so with `--categorical '{column}'`"
        ),
        NotANumber::Comma => "write a decimal point, or set `--decimal comma`".to_string(),
        NotANumber::Point => "write a decimal comma, or set `--decimal point`".to_string(),
    }
}
