//! IDX, the format of MNIST: a header of big-endian numbers, then an array.
//!
//! Two zero bytes, a byte for the type, a byte for the number of dimensions,
//! four bytes for each dimension. The first dimension counts the rows.
//!
//! Source: LeCun, Cortes, Burges, *The MNIST database of handwritten digits*.

use crate::read::array::{Elements, Layout};
use crate::read::problem::{Problem, first_bytes};
use crate::table::Cells;

/// Reads the header of a file of some length, of which the start is given.
pub(super) fn layout(start: &[u8], length: u64) -> Result<Layout, Problem> {
    let [zero, also_zero, kind, dimensions, rest @ ..] = start else {
        return Err(Problem::HeaderCut { format: "IDX", expected: 4, found: length });
    };
    if *zero != 0 || *also_zero != 0 {
        return Err(if matches!(start, [1..=9, 8..=14, 0, 0, ..]) {
            Problem::IdxByteOrder
        } else {
            Problem::NotOfFormat { format: "IDX", found: first_bytes(start) }
        });
    }
    let kind = Kind::of(*kind).ok_or(Problem::IdxType { found: *kind })?;
    let header = 4 * usize::from(*dimensions);
    let Some(sizes) = rest.get(..header) else {
        return Err(Problem::HeaderCut {
            format: "IDX",
            expected: 4 + header as u64,
            found: length,
        });
    };
    let shape: Vec<u64> = sizes
        .chunks_exact(4)
        .map(|size| number::<4, u32>(size, u32::from_be_bytes).into())
        .collect();
    let row_shape = shape.get(1..).unwrap_or_default();
    if shape.is_empty() || shape.len() > 4 {
        return Err(Problem::Dimensions { name: String::new(), found: shape.len() });
    }
    let start = 4 + header;
    let expected = shape
        .iter()
        .try_fold(kind.size() as u64, |size, &dimension| size.checked_mul(dimension))
        .and_then(|size| size.checked_add(start as u64));
    let Some(expected) = expected else {
        let shape: Vec<String> = shape.iter().map(u64::to_string).collect();
        return Err(Problem::Shape { shape: shape.join(" × ") });
    };
    if shape[0] == 0 {
        let columns = row_shape.iter().fold(1, |product: u64, size| product.saturating_mul(*size));
        return Err(Problem::NoRows { columns: usize::try_from(columns).unwrap_or(usize::MAX) });
    }
    if expected != length {
        return Err(Problem::Size { expected, found: length });
    }
    let names = names(row_shape);
    if names.is_empty() {
        return Err(Problem::NoColumns);
    }
    let elements = Elements::Idx(kind);
    Ok(Layout { names, rows: shape[0], start, is_by_columns: false, elements })
}

/// Returns the names of the numbers in a row.
fn names(row_shape: &[u64]) -> Vec<String> {
    match row_shape {
        [] => vec!["label".to_string()],
        [height, width] => {
            (0..*height).flat_map(|r| (0..*width).map(move |c| format!("pixel_{r}_{c}"))).collect()
        }
        _ => (1..=row_shape.iter().product::<u64>()).map(|i| format!("x{i}")).collect(),
    }
}

/// The types of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        Some(match byte {
            0x08 => Kind::U8,
            0x09 => Kind::I8,
            0x0B => Kind::I16,
            0x0C => Kind::I32,
            0x0D => Kind::F32,
            0x0E => Kind::F64,
            _ => return None,
        })
    }

    /// Returns the bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Kind::U8 | Kind::I8 => 1,
            Kind::I16 => 2,
            Kind::I32 | Kind::F32 => 4,
            Kind::F64 => 8,
        }
    }

    /// Returns the columns of rows of numbers.
    pub(super) fn columns(self, body: &[u8], width: usize) -> Vec<Cells> {
        match self {
            Kind::U8 => transposed(body, width).into_iter().map(Cells::Bytes).collect(),
            Kind::I8 => numbers(body, width, i8::from_be_bytes),
            Kind::I16 => numbers(body, width, i16::from_be_bytes),
            Kind::I32 => numbers(body, width, i32::from_be_bytes),
            Kind::F32 => numbers(body, width, f32::from_be_bytes),
            Kind::F64 => numbers(body, width, f64::from_be_bytes),
        }
    }
}

fn number<const N: usize, T>(bytes: &[u8], from_bytes: fn([u8; N]) -> T) -> T {
    from_bytes(bytes.try_into().expect("chunks have the size of a number"))
}

fn numbers<const N: usize, T: Into<f64>>(
    body: &[u8],
    width: usize,
    from_bytes: fn([u8; N]) -> T,
) -> Vec<Cells> {
    let numbers: Vec<f64> =
        body.chunks_exact(N).map(|bytes| number(bytes, from_bytes).into()).collect();
    transposed(&numbers, width).into_iter().map(Cells::Numbers).collect()
}

/// Rows that are turned at once: what they touch stays in the cache.
const ROWS: usize = 64;

/// Turns rows into columns.
pub(super) fn transposed<T: Copy>(values: &[T], width: usize) -> Vec<Vec<T>> {
    let rows = values.len() / width.max(1);
    let mut columns: Vec<Vec<T>> = (0..width).map(|_| Vec::with_capacity(rows)).collect();
    for rows in values.chunks(ROWS * width.max(1)) {
        for (place, column) in columns.iter_mut().enumerate() {
            column.extend(rows.iter().skip(place).step_by(width).copied());
        }
    }
    columns
}
