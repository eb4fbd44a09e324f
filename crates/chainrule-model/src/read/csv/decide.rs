//! What a column is, once all its cells have been seen.
//!
//! The rule looks at the cells that are not missing:
//! 1. all are numbers: numbers;
//! 2. some have a leading zero (`007`): a code, kept as text;
//! 3. at least nine in ten look like numbers: numbers were meant, and each
//!    cell that is none is a problem, told with its line. (One bad cell thus
//!    takes at least nine good ones.)
//! 4. otherwise: text.
//!
//! What the user declares goes before the rule.

use crate::read::Options;
use crate::read::problem::{MOST_PROBLEMS, Problem, ReadError};
use crate::remark::Remark;

use super::piece::Counts;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Numbers,
    Text,
}

/// What the user declared of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Numbers,
    Text,
    Nothing,
}

impl Declared {
    pub(super) fn of(name: &str, options: &Options) -> Declared {
        if options.text.iter().any(|text| text == name) {
            Declared::Text
        } else if options.numbers.iter().any(|numbers| numbers == name) {
            Declared::Numbers
        } else {
            Declared::Nothing
        }
    }
}

/// Decides what a column is; nothing if it has cells that do not fit.
pub(super) fn kind(counts: &Counts, declared: Declared) -> Option<Kind> {
    let not_numbers = counts.odd + counts.words;
    match declared {
        Declared::Text => Some(Kind::Text),
        Declared::Numbers => (not_numbers == 0).then_some(Kind::Numbers),
        Declared::Nothing if counts.codes > 0 => Some(Kind::Text),
        Declared::Nothing if not_numbers == 0 => Some(Kind::Numbers),
        Declared::Nothing => {
            let look_like_numbers = counts.numbers + counts.odd;
            let all = look_like_numbers + counts.words;
            (look_like_numbers * 10 < all * 9).then_some(Kind::Text)
        }
    }
}

/// Decides what all columns are.
pub(super) fn kinds(
    file: &str,
    names: &[String],
    counts: &[Counts],
    declared: &[Declared],
) -> Result<(Vec<Kind>, Vec<Remark>), ReadError> {
    let mut kinds = Vec::new();
    let mut remarks = Vec::new();
    let mut problems = Vec::new();
    let mut bad = 0;
    for ((name, counts), &declared) in names.iter().zip(counts).zip(declared) {
        let Some(kind) = kind(counts, declared) else {
            bad += counts.odd + counts.words;
            problems.extend(counts.bad.iter().map(|bad| Problem::Cell {
                line: bad.line,
                column: name.clone(),
                value: bad.value.clone(),
                why: bad.why,
            }));
            continue;
        };
        kinds.push(kind);
        let only_codes = declared == Declared::Nothing && counts.words + counts.odd == 0;
        if let (Kind::Text, true, Some(code)) = (kind, only_codes, &counts.code) {
            remarks.push(Remark::LeadingZeros {
                column: name.clone(),
                line: code.line,
                value: code.value.clone(),
            });
        }
    }
    if problems.is_empty() {
        return Ok((kinds, remarks));
    }
    problems.sort_by_key(Problem::line);
    problems.truncate(MOST_PROBLEMS);
    let more = bad - problems.len() as u64;
    Err(ReadError { file: file.to_string(), problems, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(numbers: u64, codes: u64, odd: u64, words: u64) -> Counts {
        Counts { numbers, codes, odd, words, ..Counts::default() }
    }

    #[test]
    fn a_column_is_what_most_of_its_cells_are() {
        let table = [
            ("nothing there", counts(0, 0, 0, 0), Some(Kind::Numbers)),
            ("numbers", counts(5, 0, 0, 0), Some(Kind::Numbers)),
            ("one word among ten cells", counts(9, 0, 0, 1), None),
            ("one word among nine", counts(8, 0, 0, 1), Some(Kind::Text)),
            ("only marks between thousands", counts(0, 0, 3, 0), None),
            ("half infinite, half words", counts(0, 0, 5, 5), Some(Kind::Text)),
            ("a leading zero", counts(1000, 1, 0, 0), Some(Kind::Text)),
            ("a leading zero and a word", counts(1000, 1, 0, 1), Some(Kind::Text)),
        ];
        for (what, counts, expected) in table {
            assert_eq!(kind(&counts, Declared::Nothing), expected, "{what}");
        }
    }

    #[test]
    fn what_is_declared_goes_before() {
        assert_eq!(kind(&counts(9, 0, 0, 1), Declared::Text), Some(Kind::Text));
        assert_eq!(kind(&counts(1, 5, 0, 0), Declared::Numbers), Some(Kind::Numbers));
        assert_eq!(kind(&counts(1, 0, 0, 9), Declared::Numbers), None);
    }
}
