//! Models from files.

use std::path::Path;

use chainrule_model::model::Model;

use crate::failure::Failure;
use crate::{source, table};

/// Reads a model.
pub(crate) fn read(path: &Path) -> Result<Model, Failure> {
    let bytes = table::bytes(path)?;
    Model::from_bytes(&bytes).map_err(|error| Failure::Work {
        message: format!("{}: {error}", source::name(path)),
        help: error.help(),
    })
}
