//! Text that is not TOML: what the parser says of it, in words for people who
//! meet TOML here for the first time.
//!
//! The parser goes on after an error, and what it then finds is often a
//! consequence of the first: such errors are left out.

use std::ops::Range;

use toml::de::Error;

use super::fields::{Problems, shortened, within};
use super::problem::ProblemKind;

/// Reports the errors of the parser.
pub(super) fn report(text: &str, mut errors: Vec<Error>, problems: &mut Problems) {
    let span = |error: &Error| within(text, &error.span().unwrap_or(0..0));
    errors.sort_by_key(|error| span(error).start);
    let unclosed =
        errors.iter().find_map(|error| unclosed_list(text, error.message(), span(error).start));
    let mut last_line = None;
    let mut is_table_repeated = false;
    for error in &errors {
        let span = span(error);
        let line = text[..span.start].rfind('\n');
        let is_after_unclosed = unclosed.as_ref().is_some_and(|list| span.start >= list.start);
        let is_repetition = error.message().starts_with("duplicate");
        if is_after_unclosed || last_line == Some(line) || (is_repetition && is_table_repeated) {
            continue;
        }
        last_line = Some(line);
        let kind = kind(text, error.message(), &span);
        is_table_repeated |= matches!(
            &kind,
            ProblemKind::RepeatedInTable { key }
                if matches!(key.as_str(), "layers" | "samples" | "published")
        );
        problems.add(kind, span);
    }
    if let Some(span) = unclosed {
        problems.add(ProblemKind::UnclosedList, span);
    }
}

/// Returns where the list starts whose end is missing.
fn unclosed_list(text: &str, message: &str, end: usize) -> Option<Range<usize>> {
    let before = match message {
        // A key stands where the list should have ended.
        _ if message.starts_with("unexpected `=` in array") => &text[..text[..end].rfind('\n')?],
        _ if message.starts_with("unclosed array, ") => &text[..end],
        _ => return None,
    };
    let after_key = before.rfind('=')? + 1;
    let start = after_key + before[after_key..].find(|c: char| !c.is_whitespace())?;
    before[start..].starts_with('[').then_some(start..start + 1)
}

fn kind(text: &str, message: &str, span: &Range<usize>) -> ProblemKind {
    // An empty span marks where something is missing: what follows tells more.
    let rest = &text[span.start..];
    let found =
        if span.is_empty() { rest.lines().next().unwrap_or("") } else { &text[span.clone()] };
    let found = shortened(found);
    if message.starts_with("duplicate key") {
        ProblemKind::RepeatedInTable { key: found }
    } else if message.starts_with("invalid unquoted key") {
        ProblemKind::UnquotedKey { key: shortened(key_around(text, span.start)) }
    } else if ["string values must be quoted", "invalid boolean", "invalid float"]
        .iter()
        .any(|beginning| message.starts_with(beginning))
        && !found.is_empty()
    {
        ProblemKind::NotAValue { found }
    } else if message.contains("recurs") {
        ProblemKind::TooDeep
    } else {
        ProblemKind::Syntax { message: message.to_string(), found }
    }
}

/// Returns the key that a place of a line belongs to.
fn key_around(text: &str, place: usize) -> &str {
    let start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or("");
    let end = line.find('=').unwrap_or(line.len());
    line[..end].trim_matches(['[', ']', ' ', '\t'])
}

/// Returns what to do about something that is no value.
pub(super) fn value_help(found: &str) -> String {
    let lower = found.to_lowercase();
    let starts_like_number = found.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    if lower == "true" || lower == "false" {
        format!("write `{lower}`, in small letters")
    } else if found.starts_with(['\u{2212}', '\u{2013}']) {
        "write minus as `-`, the character on the keyboard".to_string()
    } else if found.starts_with('.') || found.starts_with("-.") {
        "write a digit on both sides of the point: `0.5`, `1.0`".to_string()
    } else if starts_like_number && found.contains('/') {
        "write a fraction as a decimal number: `0.25`".to_string()
    } else if starts_like_number && found.contains(' ') {
        "put commas between numbers: `[0.1, 0.8]`".to_string()
    } else if starts_like_number {
        "write a number such as `0.5`, `-2` or `1e-3`".to_string()
    } else {
        format!("put text in quotes: `\"{found}\"`")
    }
}

/// Returns what to do about other errors, where the parser's words are not
/// enough.
pub(super) fn help(message: &str, found: &str) -> Option<&'static str> {
    if found.starts_with(',') && message.contains("newline") {
        Some("write a decimal number with a point: `0.5`")
    } else if message.contains("mantissa") || message.contains("fraction") {
        Some("write a digit on both sides of the point: `0.5`, `1.0`")
    } else if message.contains("leading zero") {
        Some("write the number without zeros in front")
    } else if message.contains("basic string, expected `\"`") {
        Some("text in quotes ends on the line where it starts")
    } else if message.starts_with("key with no value") {
        Some("a line reads `key = value`; a remark starts with `#`")
    } else {
        None
    }
}
