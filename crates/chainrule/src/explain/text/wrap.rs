//! Breaks a text into rows.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns how many columns a text takes.
pub(super) fn columns_of(text: &str) -> usize {
    // Numbers, formulas and many names have letters of one column; the rest
    // takes longer.
    let mut count = 0;
    let is_plain = text.chars().all(|letter| {
        count += 1;
        letter.is_ascii() || matches!(letter, '·' | '⁺' | 'δ' | 'η' | '∂')
    });
    if is_plain { count } else { text.width() }
}

/// Breaks a text into rows: at blanks, so that a sign stays with the term
/// behind it, and inside a product that is too long by itself.
pub(super) fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut rows = Vec::new();
    // The row in the making, and what it takes.
    let (mut row, mut taken) = (0..0, 0);
    let mut start = 0;
    let blanks = text.bytes().enumerate().filter(|&(_, byte)| byte == b' ').map(|(at, _)| at);
    for end in blanks.chain([text.len()]) {
        let word = &text[start..end];
        // `+ w·a` is one word; a sign at the very end stands alone.
        if matches!(word, "+" | "-" | "/" | "=") && end < text.len() {
            continue;
        }
        let word_width = columns_of(word);
        if !row.is_empty() && taken + 1 + word_width <= width {
            row.end = end;
            taken += 1 + word_width;
        } else {
            if !row.is_empty() {
                rows.push(&text[row]);
            }
            (row, taken) = (start..start, 0);
            for part in split_product(word, width) {
                let part_width = columns_of(part);
                if taken + part_width > width {
                    rows.push(&text[row.clone()]);
                    (row, taken) = (row.end..row.end, 0);
                }
                row.end += part.len();
                taken += part_width;
            }
        }
        start = end + 1;
    }
    rows.push(&text[row]);
    rows
}

/// Splits a word that is wider than a row behind its multiplication signs, and
/// where it has none, anywhere.
fn split_product(word: &str, width: usize) -> Vec<&str> {
    if columns_of(word) <= width {
        return vec![word];
    }
    let mut parts = Vec::new();
    for mut factor in word.split_inclusive('·') {
        while columns_of(factor) > width {
            let mut taken = 0;
            let fits = |letter: char| {
                taken += letter.width().unwrap_or(0);
                taken > width
            };
            let end = factor.find(fits).unwrap_or(factor.len());
            // A letter wider than a row stands alone.
            let end = end.max(factor.chars().next().map_or(0, char::len_utf8));
            let (part, rest) = factor.split_at(end);
            parts.push(part);
            factor = rest;
        }
        parts.push(factor);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_before_a_sign_and_never_run_over() {
        assert_eq!(wrap("w3·A + w4·B + w5·C", 12), ["w3·A + w4·B", "+ w5·C"]);
        assert_eq!(wrap("w3·A + w4·B", 80), ["w3·A + w4·B"]);
        assert_eq!(wrap("aaaa·bbbb·cccc", 10), ["aaaa·bbbb·", "cccc"]);
        assert_eq!(wrap("a -", 80), ["a -"]);
        assert_eq!(wrap("", 80), [""]);
        for row in wrap(&"x".repeat(200), 30) {
            assert!(row.width() <= 30);
        }
    }
}
