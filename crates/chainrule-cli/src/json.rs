//! What is printed for programs, with the version of its format.

use serde::Serialize;
use serde_json::{Map, Value};

/// The version of what `docs/json-tables.md` describes.
pub(crate) const SCHEMA: u32 = 1;

/// Returns an object with its version.
pub(crate) fn versioned(object: impl Serialize) -> serde_json::Result<Map<String, Value>> {
    let mut versioned = Map::new();
    versioned.insert("schema".to_string(), SCHEMA.into());
    if let Value::Object(object) = serde_json::to_value(object)? {
        versioned.extend(object);
    }
    Ok(versioned)
}
