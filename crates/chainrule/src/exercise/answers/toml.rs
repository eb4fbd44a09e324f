//! Answers as keys and values of a TOML file.
//!
//! A file that is not quite TOML, such as one with `δ_top` for a key, is read
//! line by line.

use toml::de::{DeTable, DeValue};

use super::{Found, Raw, markdown, step_of};

pub(super) fn read(text: &str, is_known: &dyn Fn(&str) -> bool) -> Found {
    match DeTable::parse(text) {
        Ok(document) => {
            let mut found = Found::default();
            table(text, None, document.get_ref(), &mut found);
            found.raw.sort_by_key(|raw| raw.line);
            found
        }
        Err(_) => markdown::read(text, is_known),
    }
}

fn table(text: &str, step: Option<usize>, content: &DeTable<'_>, found: &mut Found) {
    for (key, value) in content {
        let value = match value.get_ref() {
            DeValue::Table(inner) => {
                table(text, step_of(key.get_ref()).or(step), inner, found);
                continue;
            }
            DeValue::Float(float) => float.as_str().to_string(),
            DeValue::Integer(integer) => integer.as_str().to_string(),
            DeValue::String(string) => string.to_string(),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
                text.get(value.span()).unwrap_or("").to_string()
            }
        };
        let before = text.get(..key.span().start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let label = key.get_ref().to_string();
        found.raw.push(Raw { line, step, label, value, is_loose: false });
    }
}
