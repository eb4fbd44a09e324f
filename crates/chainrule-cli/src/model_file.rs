//! Models from files.

use std::path::Path;

use chainrule_model::model::Model;

use crate::failure::Failure;
use crate::{source, table};

/// Reads a model.
pub(crate) fn read(path: &Path) -> Result<Model, Failure> {
    of_bytes(path, &table::bytes(path)?)
}

/// Reads a model from the bytes of a file.
pub(crate) fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Model, Failure> {
    if !is_model(bytes) {
        return Err(Failure::Work {
            message: format!("{} is no model", source::name(path)),
            help: Some("`chainrule train` writes one; it comes before the table".to_string()),
        });
    }
    Model::from_bytes(bytes).map_err(|error| Failure::Work {
        message: format!("{}: {error}", source::name(path)),
        help: error.help(),
    })
}

/// Tells whether a file is meant as a model: a length in eight bytes, then
/// JSON. No text starts so.
pub(crate) fn is_model(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{') && bytes[..8].contains(&0)
}
