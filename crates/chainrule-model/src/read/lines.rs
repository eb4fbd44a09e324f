//! Lines of numbers with blanks between them: what Proben1's and FANN's files
//! are made of.

use crate::read::problem::{self, NotANumber, Problem};

/// Returns the lines that are not blank, each with its number from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty())
}

/// Parses a number; `place`, from 0, names the column.
pub(super) fn number(word: &str, line: u64, name: impl Fn() -> String) -> Result<f64, Problem> {
    let wrong =
        |why| Problem::Cell { line, column: name(), value: problem::shown(word.as_bytes()), why };
    // `inf` and `nan` are words here, as is anything without a digit.
    if !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(wrong(NotANumber::Word));
    }
    match word.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(wrong(NotANumber::TooLarge)),
        Err(_) => Err(wrong(NotANumber::Word)),
    }
}

/// Checks that bytes are text of lines.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
        let before = String::from_utf8_lossy(&bytes[start..at]);
        let place = before.split_whitespace().count().max(1);
        Problem::NotUtf8 { line, column: format!("column {place}"), byte: bytes[at] }
    })
}
