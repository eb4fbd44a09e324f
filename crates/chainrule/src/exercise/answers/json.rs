//! Answers as a JSON object of names and numbers, or a list of objects with a
//! `quantity` and an `answer`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Found, Problem, ProblemKind, Raw, step_of};

const NAMES: [&str; 3] = ["quantity", "id", "name"];
const ANSWERS: [&str; 4] = ["answer", "value", "published", "number"];

pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    // Numbers are kept as they were typed: their places count.
    match serde_json::from_str::<&RawValue>(text) {
        Ok(whole) => value(text, None, "", whole.get(), &mut found),
        Err(error) => {
            let message = format!("not JSON: {error}");
            let kind = ProblemKind::Syntax { message };
            found.problems.push(Problem { line: error.line().max(1), kind });
        }
    }
    found.raw.sort_by_key(|raw| raw.line);
    found
}

fn value(text: &str, step: Option<usize>, label: &str, raw: &str, found: &mut Found) {
    match raw.chars().next() {
        Some('{') => {
            let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw) else {
                return;
            };
            let of = |known: &[&str]| known.iter().find_map(|key| object.get(*key));
            if let (Some(name), Some(answer)) = (of(&NAMES), of(&ANSWERS)) {
                value(text, step, &string(name.get()), answer.get(), found);
                return;
            }
            let step = step_of(label).or(step);
            for (key, inner) in object {
                value(text, step, &key, inner.get(), found);
            }
        }
        // Beside a name there is one number.
        Some('[') if label.is_empty() => {
            let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw) else { return };
            for inner in list {
                value(text, step, label, inner.get(), found);
            }
        }
        _ => {
            let line = line_of(text, raw);
            let content = string(raw);
            let content = if content == "null" { String::new() } else { content };
            let label = label.to_string();
            found.raw.push(Raw { line, step, label, value: content, is_loose: false });
        }
    }
}

/// Returns the text of a string, and anything else as it stands.
fn string(raw: &str) -> String {
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_string())
}

/// Returns the line of a part of the text, from 1.
fn line_of(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}
