//! Parquet: tables by columns, typed and compressed.
//!
//! Numbers and decimals are numbers, text is text; yes-or-no is the text
//! `true` or `false`, so that labels come back as they were. Dates and times
//! are text as in ISO 8601. A field of a structure is a column, `outer.inner`;
//! lists and maps are refused by name.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetStatisticsPolicy, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;
use parquet::schema::types::ColumnDescriptor;
use rayon::prelude::*;

use crate::read::problem::Problem;
use crate::read::words::Words;
use crate::read::{Data, Format, Found, Hints, Missing};
use crate::table::{Cells, Column, Lines, Table};

pub(super) use blocks::Blocks;

mod blocks;
mod iso;
mod pages;
mod places;

/// Reads a table.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Data, Problem> {
    let reader = opened(Bytes::copy_from_slice(bytes))?;
    let schema = reader.metadata().file_metadata().schema_descr();
    // Which of several errors is told does not depend on threads.
    let columns: Vec<Result<Column, Problem>> =
        (0..schema.num_columns()).into_par_iter().map(|index| column(&reader, index)).collect();
    let columns = columns.into_iter().collect::<Result<Vec<Column>, Problem>>()?;
    if columns.is_empty() {
        return Err(Problem::NoColumns);
    }
    let found = same_rows(&columns)?;
    super::counted(rows(reader.metadata()), found as u64)?;
    if found == 0 {
        return Err(Problem::NoRows { columns: columns.len() });
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    super::names_differ(&names, None)?;
    let table = Table { name: file.to_string(), columns, lines: Lines::None };
    super::finite(&table)?;
    Ok(Data {
        table,
        hints: Hints::default(),
        found: Found { format: Format::Parquet, ..Found::default() },
        remarks: Vec::new(),
    })
}

/// Reads the footer of a file.
fn opened<R: ChunkReader + 'static>(file: R) -> Result<SerializedFileReader<R>, Problem> {
    // Statistics of all columns in all row groups would take more than a block.
    let options = ReadOptionsBuilder::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .build();
    pages::sound(|| SerializedFileReader::new_with_options(file, options))
        .map_err(|error| damage(&error))
}

/// Returns how many rows all columns have.
fn same_rows(columns: &[Column]) -> Result<usize, Problem> {
    let Some(first) = columns.first() else { return Ok(0) };
    let one_rows = first.cells.len();
    match columns.iter().find(|column| column.cells.len() != one_rows) {
        None => Ok(one_rows),
        Some(column) => {
            let (one, other) = (first.name.clone(), column.name.clone());
            Err(Problem::RowsDiffer { one, one_rows, other, other_rows: column.cells.len() })
        }
    }
}

/// Returns the rows that the file's footer counts.
fn rows(footer: &ParquetMetaData) -> u64 {
    let of_group = |group: &RowGroupMetaData| u64::try_from(group.num_rows()).unwrap_or(0);
    footer.row_groups().iter().map(of_group).fold(0, u64::saturating_add)
}

fn damage(error: &ParquetError) -> Problem {
    Problem::Parquet { message: error.to_string() }
}

/// Reads a column of all row groups.
fn column(reader: &SerializedFileReader<Bytes>, index: usize) -> Result<Column, Problem> {
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let described = Described::of(&schema.column(index))?;
    let mut growing = Growing::new(described.meaning);
    for number in 0..reader.num_row_groups() {
        let damage = |error: ParquetError| described.damage(number, &error);
        let group = reader.get_row_group(number).map_err(damage)?;
        let mut column = pages::column(&*group, index, &Arc::default()).map_err(damage)?;
        growing.append(&mut column, &described, usize::MAX).map_err(damage)?;
    }
    Ok(Column { name: described.name, cells: growing.into_cells() })
}

/// What the file says of a column.
#[derive(Clone, Debug, PartialEq)]
struct Described {
    name: String,
    meaning: Meaning,
    /// The level of a value that is there.
    present: i16,
}

impl Described {
    fn of(column: &ColumnDescriptor) -> Result<Described, Problem> {
        let (name, present) = (column.path().string(), column.max_def_level());
        Ok(Described { name, meaning: Meaning::of(column)?, present })
    }

    /// Says where in the file its reader gave up; row groups count from 1.
    fn damage(&self, group: usize, error: &ParquetError) -> Problem {
        let message = format!("column `{}`, row group {}: {error}", self.name, group + 1);
        Problem::Parquet { message }
    }
}

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Number,
    Unsigned,
    /// A whole number and the places after its decimal point.
    Decimal(i32),
    HalfFloat,
    YesOrNo,
    Text,
    Date,
    /// Since midnight, in parts of a second.
    Time(i64),
    /// Since 1970, in parts of a second.
    Timestamp(i64),
    Uuid,
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Result<Meaning, Problem> {
        let refused = |found: &str| {
            let column = column.path().string();
            Err(Problem::ParquetColumn { column, found: found.to_string() })
        };
        if column.max_rep_level() > 0 {
            return refused("lists or maps");
        }
        let parts = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        let logical = match column.logical_type_ref() {
            Some(LogicalType::Integer(int)) if !int.is_signed => Some(Meaning::Unsigned),
            Some(LogicalType::Decimal(decimal)) => Some(Meaning::Decimal(decimal.scale)),
            Some(LogicalType::Date) => Some(Meaning::Date),
            Some(LogicalType::Time(time)) => Some(Meaning::Time(parts(&time.unit))),
            Some(LogicalType::Timestamp(time)) => Some(Meaning::Timestamp(parts(&time.unit))),
            Some(LogicalType::Uuid) => Some(Meaning::Uuid),
            Some(LogicalType::Float16) => Some(Meaning::HalfFloat),
            _ => None,
        };
        // Older files have these alone.
        let converted = match column.converted_type() {
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Some(Meaning::Unsigned),
            ConvertedType::DECIMAL => Some(Meaning::Decimal(column.type_scale())),
            ConvertedType::DATE => Some(Meaning::Date),
            ConvertedType::TIME_MILLIS => Some(Meaning::Time(1_000)),
            ConvertedType::TIME_MICROS => Some(Meaning::Time(1_000_000)),
            ConvertedType::TIMESTAMP_MILLIS => Some(Meaning::Timestamp(1_000)),
            ConvertedType::TIMESTAMP_MICROS => Some(Meaning::Timestamp(1_000_000)),
            _ => None,
        };
        let meaning = logical.or(converted);
        Ok(match (column.physical_type(), meaning) {
            (Physical::BOOLEAN, _) => Meaning::YesOrNo,
            (Physical::FLOAT | Physical::DOUBLE, _) => Meaning::Number,
            (Physical::INT96, _) => Meaning::Timestamp(1_000_000_000),
            (Physical::BYTE_ARRAY, Some(Meaning::Decimal(scale))) => Meaning::Decimal(scale),
            (Physical::BYTE_ARRAY, _) => Meaning::Text,
            (Physical::INT32 | Physical::INT64, meaning) => meaning.unwrap_or(Meaning::Number),
            (
                Physical::FIXED_LEN_BYTE_ARRAY,
                Some(meaning @ (Meaning::Decimal(_) | Meaning::Uuid | Meaning::HalfFloat)),
            ) => meaning,
            (Physical::FIXED_LEN_BYTE_ARRAY, _) => return refused("bytes of fixed length"),
        })
    }

    fn is_number(self) -> bool {
        matches!(
            self,
            Meaning::Number | Meaning::Unsigned | Meaning::Decimal(_) | Meaning::HalfFloat
        )
    }

    /// Returns the number that a whole number means.
    #[expect(clippy::cast_sign_loss, reason = "unsigned numbers are stored as signed ones")]
    fn whole(self, value: i64, bits: u32) -> f64 {
        match self {
            Meaning::Unsigned if bits == 32 => (value as u64 & 0xFFFF_FFFF) as f64,
            Meaning::Unsigned => value as u64 as f64,
            Meaning::Decimal(scale) => value as f64 / 10f64.powi(scale),
            _ => value as f64,
        }
    }

    /// Returns the number that some bytes mean.
    fn number(self, bytes: &[u8]) -> f64 {
        match self {
            Meaning::HalfFloat => match bytes {
                [low, high] => half(u16::from_le_bytes([*low, *high])),
                _ => f64::NAN,
            },
            Meaning::Decimal(scale) => {
                // Two's complement, the highest byte first.
                let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
                let flip = if is_negative { 0xFF } else { 0 };
                let digits =
                    bytes.iter().fold(0.0, |sum, byte| sum * 256.0 + f64::from(byte ^ flip));
                let value = if is_negative { -(digits + 1.0) } else { digits };
                value / 10f64.powi(scale)
            }
            _ => f64::NAN,
        }
    }

    /// Returns the text that a whole number means.
    fn text(self, value: i64) -> String {
        match self {
            Meaning::Date => iso::date(value),
            Meaning::Time(parts) => iso::time(value, parts),
            Meaning::Timestamp(parts) => iso::timestamp(value, parts),
            _ => value.to_string(),
        }
    }
}

/// Returns the number of 16 bits: a sign, five of exponent, ten of fraction
/// (IEEE 754).
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f64.powi(-14),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
    }
}

/// A column that grows by row groups, or by parts of them.
enum Growing {
    Numbers(Vec<f64>),
    Words(Words),
}

impl Growing {
    fn new(meaning: Meaning) -> Growing {
        if meaning.is_number() {
            Growing::Numbers(Vec::new())
        } else {
            Growing::Words(Words::default())
        }
    }

    fn into_cells(self) -> Cells {
        match self {
            Growing::Numbers(numbers) => Cells::Numbers(numbers),
            Growing::Words(words) => Cells::Text(words.into_text()),
        }
    }

    /// Adds the next rows of a row group, at most so many.
    fn append(
        &mut self,
        column: &mut ColumnReader,
        described: &Described,
        most: usize,
    ) -> Result<(), ParquetError> {
        pages::sound(|| self.append_values(column, described, most))
    }

    fn append_values(
        &mut self,
        column: &mut ColumnReader,
        described: &Described,
        most: usize,
    ) -> Result<(), ParquetError> {
        let (meaning, present) = (described.meaning, described.present);
        match column {
            ColumnReader::BoolColumnReader(reader) => each(reader, present, most, |value| {
                self.word(
                    value.map_or("", |&value| if value { "true" } else { "false" }).as_bytes(),
                );
            }),
            ColumnReader::Int32ColumnReader(reader) => each(reader, present, most, |value| {
                self.whole(value.map(|&value| value.into()), 32, meaning);
            }),
            ColumnReader::Int64ColumnReader(reader) => each(reader, present, most, |value| {
                self.whole(value.copied(), 64, meaning);
            }),
            ColumnReader::Int96ColumnReader(reader) => each(reader, present, most, |value| {
                self.word(
                    value.map_or_else(String::new, |value| iso::int96(value.data())).as_bytes(),
                );
            }),
            ColumnReader::FloatColumnReader(reader) => each(reader, present, most, |value| {
                self.number(value.map_or(f64::NAN, |&value| value.into()));
            }),
            ColumnReader::DoubleColumnReader(reader) => each(reader, present, most, |value| {
                self.number(value.map_or(f64::NAN, |&value| value));
            }),
            ColumnReader::ByteArrayColumnReader(reader) => each(reader, present, most, |value| {
                self.bytes(value.map(parquet::data_type::ByteArray::data), meaning);
            }),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                each(reader, present, most, |value| {
                    self.bytes(value.map(|value| value.data()), meaning);
                })
            }
        }
    }

    fn number(&mut self, value: f64) {
        if let Growing::Numbers(numbers) = self {
            numbers.push(value);
        }
    }

    fn word(&mut self, word: &[u8]) {
        if let Growing::Words(words) = self {
            words.push(word, &Missing::nothing());
        }
    }

    fn whole(&mut self, value: Option<i64>, bits: u32, meaning: Meaning) {
        if meaning.is_number() {
            self.number(value.map_or(f64::NAN, |value| meaning.whole(value, bits)));
        } else {
            self.word(value.map_or_else(String::new, |value| meaning.text(value)).as_bytes());
        }
    }

    fn bytes(&mut self, value: Option<&[u8]>, meaning: Meaning) {
        match (value, meaning) {
            (Some(bytes), Meaning::Text) => self.word(bytes),
            (Some(bytes), Meaning::Uuid) => self.word(iso::uuid(bytes).as_bytes()),
            (None, Meaning::Text | Meaning::Uuid) => self.word(b""),
            (Some(bytes), _) => self.number(meaning.number(bytes)),
            (None, _) => self.number(f64::NAN),
        }
    }
}

/// Rows that are read at once.
const BATCH: usize = 1 << 14;

/// Shows the next values of a column in a row group, at most so many; nothing
/// where one is missing. A value is there where its level is `present`.
fn each<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    present: i16,
    most: usize,
    mut show: impl FnMut(Option<&T::T>),
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let mut left = most;
    while left > 0 {
        values.clear();
        levels.clear();
        let batch = BATCH.min(left);
        let (records, _, _) = reader.read_records(batch, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            break;
        }
        left -= records;
        let mut values = values.iter();
        if present == 0 {
            values.for_each(|value| show(Some(value)));
        } else {
            for &level in &levels {
                show(if level == present { values.next() } else { None });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats_are_those_of_the_standard() {
        // Values from IEEE 754-2008, binary16.
        let table = [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x0001, 2f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
            (0x7C00, f64::INFINITY),
        ];
        for (bits, expected) in table {
            assert_eq!(half(bits), expected, "{bits:#06x}");
        }
        assert!(half(0x7E00).is_nan());
    }

    #[test]
    fn decimals_of_bytes_are_twos_complement() {
        let table: [(&[u8], f64); 4] =
            [(&[1, 0], 2.56), (&[0xFF], -0.01), (&[0xFE, 0x0C], -5.0), (&[], 0.0)];
        for (bytes, expected) in table {
            assert_eq!(Meaning::Decimal(2).number(bytes), expected, "{bytes:?}");
        }
    }
}
