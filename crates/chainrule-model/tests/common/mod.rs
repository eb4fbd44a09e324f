//! Files that the tests read, and what to do where they are missing.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};

use chainrule_model::read::{Data, Options, ReadError, read};

/// Says that a test was skipped, and why: on standard error, and in the file
/// that `CHAINRULE_SKIPPED` names, for the summary at the end of `make test`.
pub(crate) fn skip(test: &str, missing: &str) {
    let line = format!("SKIPPED: {test}: {missing}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("CHAINRULE_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let mut file = file.expect("the file for skipped tests can be opened");
        writeln!(file, "{line}").expect("the file for skipped tests can be written");
    }
}

/// Returns a table of the repository.
pub(crate) fn own(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tables").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns a table that may not be passed on: from the folder that
/// `CHAINRULE_DATA` names, or `../shared/data` beside the workspace. Where it
/// is missing, the test is skipped by name.
pub(crate) fn shared(test: &str, file: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CHAINRULE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join(file)).ok();
    if bytes.is_none() {
        skip(test, &format!("{file} is not in the folder that CHAINRULE_DATA names"));
    }
    bytes
}

/// Reads a table of the repository; messages call it by its file's own name.
pub(crate) fn read_own(file: &str) -> Result<Data, ReadError> {
    let name = file.rsplit('/').next().expect("a name has a last part");
    read(name, &own(file), &Options::default())
}
