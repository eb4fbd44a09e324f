//! NPY, an array of NumPy: a header that is a Python dictionary, then numbers
//! in C or Fortran order, in either byte order, or text of fixed length.
//!
//! Source: `numpy.lib.format`, versions 1.0 to 3.0.

use crate::read::array::{Elements, Layout};
use crate::read::problem::{Problem, first_bytes};
use crate::read::words::Words;
use crate::read::{Missing, idx};
use crate::table::{Cells, Column, Text};

mod header;

/// Reads an array of a file with several, which is called `name`: its columns
/// are the name and a number, or the name alone where it is a single one
/// without a second dimension.
pub(super) fn columns(name: &str, many: &str, bytes: &[u8]) -> Result<Vec<Column>, Problem> {
    let layout = layout(name, (many, name), bytes, bytes.len() as u64)?;
    Ok(layout.columns(&bytes[layout.start..]))
}

/// Reads the header of an array of some length, of which the start is given.
/// `name` tells it from others of its file; columns are called `many` and a
/// number, or `one` where there is no second dimension.
pub(super) fn layout(
    name: &str,
    (many, one): (&str, &str),
    start: &[u8],
    length: u64,
) -> Result<Layout, Problem> {
    let (header, start) = header::split(start, length)?;
    let element = Element::of(&header.kind, name)?;
    let (rows, width, is_matrix) = match header.shape[..] {
        [rows] => (rows, 1, false),
        [rows, width] => (rows, width, true),
        _ => {
            let found = header.shape.len();
            return Err(Problem::Dimensions { name: name.to_string(), found });
        }
    };
    let expected = rows
        .checked_mul(width)
        .and_then(|count| count.checked_mul(element.size))
        .and_then(|size| size.checked_add(start as u64))
        .ok_or_else(|| Problem::Shape { shape: format!("({rows}, {width})") })?;
    if expected != length {
        return Err(Problem::Size { expected, found: length });
    }
    if rows == 0 {
        return Err(Problem::NoRows { columns: usize::try_from(width).unwrap_or(usize::MAX) });
    }
    if width == 0 {
        return Err(Problem::NoColumns);
    }
    // As many columns as there are numbers in the file, at most.
    let names = if is_matrix {
        (1..=width).map(|place| format!("{many}{place}")).collect()
    } else {
        vec![one.to_string()]
    };
    let elements = Elements::Npy(element);
    Ok(Layout { names, rows, start, is_by_columns: header.is_fortran, elements })
}

/// What an array holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Element {
    kind: ElementKind,
    is_big_endian: bool,
    /// The bytes of one.
    pub(super) size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum ElementKind {
    Bool,
    Unsigned,
    Signed,
    Float,
    /// Bytes, of which trailing NULs are no part.
    Bytes,
    /// Four bytes for each character, in the same way.
    Unicode,
}

impl Element {
    /// Reads NumPy's description of a type: `<f8`.
    fn of(kind: &str, name: &str) -> Result<Element, Problem> {
        let unknown = || Problem::ArrayType { name: name.to_string(), found: kind.to_string() };
        if kind.contains('O') {
            return Err(Problem::Objects { name: name.to_string() });
        }
        let mut letters = kind.chars();
        let order = letters.next().ok_or_else(unknown)?;
        let letter = letters.next().ok_or_else(unknown)?;
        let size: u64 = letters.as_str().parse().map_err(|_| unknown())?;
        let (kind, size) = match (letter, size) {
            ('b', 1) => (ElementKind::Bool, 1),
            ('u', 1 | 2 | 4 | 8) => (ElementKind::Unsigned, size),
            ('i', 1 | 2 | 4 | 8) => (ElementKind::Signed, size),
            ('f', 4 | 8) => (ElementKind::Float, size),
            ('S', 1..) => (ElementKind::Bytes, size),
            ('U', 1..) => (ElementKind::Unicode, size.checked_mul(4).ok_or_else(unknown)?),
            _ => return Err(unknown()),
        };
        match order {
            '<' | '|' | '=' => Ok(Element { kind, is_big_endian: false, size }),
            '>' => Ok(Element { kind, is_big_endian: true, size }),
            _ => Err(unknown()),
        }
    }

    /// Returns the columns of numbers in C or Fortran order.
    pub(super) fn columns(self, body: &[u8], width: usize, is_fortran: bool) -> Vec<Cells> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let elements = body.chunks_exact(size);
        match (self.kind, size) {
            (ElementKind::Bool | ElementKind::Unsigned, 1) => {
                ordered(body, width, is_fortran).into_iter().map(Cells::Bytes).collect()
            }
            (ElementKind::Bytes | ElementKind::Unicode, _) => {
                let elements: Vec<&[u8]> = elements.collect();
                let columns = ordered(&elements, width, is_fortran);
                columns.iter().map(|column| Cells::Text(self.text(column))).collect()
            }
            _ => {
                let numbers: Vec<f64> = elements.map(|bytes| self.number(bytes)).collect();
                ordered(&numbers, width, is_fortran).into_iter().map(Cells::Numbers).collect()
            }
        }
    }

    /// Returns a number from its bytes.
    #[expect(clippy::cast_possible_wrap, reason = "two's complement is read as unsigned first")]
    fn number(self, bytes: &[u8]) -> f64 {
        let digits = bytes.iter();
        let gather = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
        let bits =
            if self.is_big_endian { digits.fold(0, gather) } else { digits.rev().fold(0, gather) };
        match (self.kind, bytes.len()) {
            (ElementKind::Float, 8) => f64::from_bits(bits),
            (ElementKind::Float, _) => f32::from_bits(low(bits)).into(),
            (ElementKind::Signed, length) => {
                let shift = 64 - 8 * length;
                ((bits << shift) as i64 >> shift) as f64
            }
            _ => bits as f64,
        }
    }

    fn text(self, column: &[&[u8]]) -> Text {
        let mut words = Words::default();
        for bytes in column {
            let text = match self.kind {
                ElementKind::Unicode => {
                    bytes.chunks_exact(4).map(|four| self.character(four)).collect::<String>()
                }
                _ => String::from_utf8_lossy(bytes).into_owned(),
            };
            words.push(text.trim_end_matches('\0').as_bytes(), &Missing::nothing());
        }
        words.into_text()
    }

    fn character(self, four: &[u8]) -> char {
        let four = [four[0], four[1], four[2], four[3]];
        let from_bytes = if self.is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        char::from_u32(from_bytes(four)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// The low half of the bits.
#[expect(clippy::cast_possible_truncation, reason = "four bytes were gathered")]
fn low(bits: u64) -> u32 {
    bits as u32
}

/// Returns the columns of values in C or Fortran order.
fn ordered<T: Copy>(values: &[T], width: usize, is_fortran: bool) -> Vec<Vec<T>> {
    if is_fortran {
        values.chunks(values.len() / width).map(<[T]>::to_vec).collect()
    } else {
        idx::transposed(values, width)
    }
}

/// Says that bytes are no NPY.
pub(super) fn not_npy(bytes: &[u8]) -> Problem {
    Problem::NotOfFormat { format: "NPY", found: first_bytes(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `numpy.array(value, dtype)` writes for these, by hand.
    #[test]
    fn numbers_of_all_types_and_both_orders() {
        let table: [(&str, &[u8], f64); 12] = [
            ("<f8", &[0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1.5),
            (">f8", &[0x3F, 0xF8, 0, 0, 0, 0, 0, 0], 1.5),
            ("<f4", &[0, 0, 0xC0, 0x3F], 1.5),
            (">f4", &[0x3F, 0xC0, 0, 0], 1.5),
            ("|i1", &[0xFE], -2.0),
            ("<i2", &[0xFE, 0xFF], -2.0),
            (">i4", &[0xFF, 0xFF, 0xFF, 0xFE], -2.0),
            ("<i8", &[0, 1, 0, 0, 0, 0, 0, 0], 256.0),
            (">i8", &[0x80, 0, 0, 0, 0, 0, 0, 0], -9_223_372_036_854_775_808.0),
            ("<u2", &[0xFF, 0xFF], 65535.0),
            (">u4", &[0xFF, 0xFF, 0xFF, 0xFF], 4_294_967_295.0),
            ("<u8", &[0, 0, 0, 0, 0, 0, 0, 0x80], 9_223_372_036_854_775_808.0),
        ];
        for (kind, bytes, expected) in table {
            let element = Element::of(kind, "").expect("it is read");
            assert_eq!(element.size, bytes.len() as u64, "{kind}");
            assert_eq!(element.number(bytes), expected, "{kind}");
        }
    }

    #[test]
    fn other_types_are_refused_by_name() {
        for kind in ["<c16", "<M8[ns]", "<f2", "|V8", "f8", "<f", "", "<u3", "|S0"] {
            assert!(matches!(Element::of(kind, "X"), Err(Problem::ArrayType { .. })), "{kind}");
        }
        assert!(matches!(Element::of("|O", "X"), Err(Problem::Objects { .. })));
    }
}
