//! The header of an NPY file.

use crate::read::array::HEAD;
use crate::read::problem::Problem;

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// NumPy's description of the type.
    pub(super) kind: String,
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<u64>,
}

/// Returns what the header of a file says, and where the array's bytes begin.
/// Of the file, which has some length, the start is given.
pub(super) fn split(bytes: &[u8], length: u64) -> Result<(Header, usize), Problem> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(|| super::not_npy(bytes))?;
    let damage = |reason| Problem::NpyHeader { reason };
    let cut = |expected: u64| Problem::HeaderCut { format: "NPY", expected, found: length };
    // Version 1 has two bytes for the length, later ones four.
    let (text, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u32::from_le_bytes([*a, *b, 0, 0]), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        [1..=3, ..] | [] => return Err(cut(12)),
        _ => return Err(damage("its version is not 1, 2 or 3")),
    };
    let start = bytes.len() - rest.len();
    let end = start as u64 + u64::from(text);
    if end > length {
        return Err(cut(end));
    }
    if end > HEAD as u64 {
        return Err(damage("it is longer than 1 MiB"));
    }
    let text = rest.get(..text as usize).ok_or(Problem::Changed)?;
    let text = std::str::from_utf8(text).map_err(|_| damage("it is not text"))?;
    Ok((parse(text).map_err(damage)?, start + text.len()))
}

/// Parses `{'descr': '<f8', 'fortran_order': False, 'shape': (150, 4), }`, the
/// keys in any order.
fn parse(text: &str) -> Result<Header, &'static str> {
    let mut rest = text.trim().strip_prefix('{').ok_or("it is not a dictionary")?;
    let (mut kind, mut is_fortran, mut shape) = (None, None, None);
    loop {
        rest = rest.trim_start();
        if rest == "}" {
            break;
        }
        let (key, after) = quoted(rest).ok_or("a key is not in quotes")?;
        let after = after.trim_start().strip_prefix(':').ok_or("a key is without `:`")?;
        let after = after.trim_start();
        rest = match key {
            "descr" => {
                let (value, after) =
                    quoted(after).ok_or("the type is not a simple one: structures are not read")?;
                kind = Some(value.to_string());
                after
            }
            "fortran_order" => {
                let value = [("True", true), ("False", false)];
                let (after, value) = value
                    .into_iter()
                    .find_map(|(word, value)| Some((after.strip_prefix(word)?, value)))
                    .ok_or("`fortran_order` is neither True nor False")?;
                is_fortran = Some(value);
                after
            }
            "shape" => {
                let inner = after.strip_prefix('(').ok_or("the shape is not in brackets")?;
                let (sizes, after) = inner.split_once(')').ok_or("the shape is not closed")?;
                let sizes = sizes.split(',').map(str::trim).filter(|size| !size.is_empty());
                let sizes: Result<Vec<u64>, _> = sizes.map(str::parse).collect();
                shape = Some(sizes.map_err(|_| "the shape is not of whole numbers")?);
                after
            }
            _ => return Err("it has a key other than `descr`, `fortran_order`, `shape`"),
        };
        rest = rest.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    match (kind, is_fortran, shape) {
        (Some(kind), Some(is_fortran), Some(shape)) => Ok(Header { kind, is_fortran, shape }),
        _ => Err("`descr`, `fortran_order` or `shape` is missing"),
    }
}

/// Returns a quoted text and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_python_reads_them() {
        let header = |kind: &str, is_fortran, shape: &[u64]| {
            Ok(Header { kind: kind.to_string(), is_fortran, shape: shape.to_vec() })
        };
        let table = [
            (
                "{'descr': '<f8', 'fortran_order': True, 'shape': (150, 4), }      \n",
                header("<f8", true, &[150, 4]),
            ),
            (
                "{\"shape\":(7,),\"fortran_order\":False,\"descr\":\"|u1\"}",
                header("|u1", false, &[7]),
            ),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", header("<f8", false, &[])),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text}");
        }
        for text in [
            "",
            "{",
            "{'descr'",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1, ",
            "{'descr': '<f8', 'fortran_order': False}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
