//! A folder of sheets: which files are sheets, and what each one goes by.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use chainrule::exercise::answers::Format;

use crate::failure::Failure;
use crate::source;

/// What the table of the whole class goes by; no sheet does.
pub(super) const CLASS: &str = "_class";

/// Lists the sheets of a folder by name, each with what it goes by. Files that
/// say what was to be worked, or what it is worth, may stand beside them.
pub(super) fn sheets(
    folder: &Path,
    beside: &[Option<&PathBuf>],
) -> Result<Vec<(String, PathBuf)>, Failure> {
    let failed = |error| Failure::reading(folder, error);
    let is_beside = |path: &Path| beside.iter().flatten().any(|other| source::is_same(path, other));
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(OsStr::to_str);
        let is_sheet = ending.and_then(Format::of_ending).is_some();
        if is_sheet && !path.is_dir() && !is_beside(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(names(&files).into_iter().zip(files).collect())
}

/// Returns what the files go by: a name without its ending, `anna` for
/// `anna.csv`; the whole name where two would go by the same.
fn names(files: &[PathBuf]) -> Vec<String> {
    let text = |name: Option<&OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let whole: Vec<String> = files.iter().map(|path| text(path.file_name())).collect();
    let mut names: Vec<String> = files.iter().map(|path| text(path.file_stem())).collect();
    loop {
        // Some file systems do not tell `Anna` from `anna`.
        let mut counts: HashMap<String, usize> = HashMap::from([(CLASS.to_string(), 1)]);
        for name in &names {
            *counts.entry(name.to_lowercase()).or_default() += 1;
        }
        let mut is_done = true;
        for (name, whole) in names.iter_mut().zip(&whole) {
            if counts[&name.to_lowercase()] > 1 && name != whole {
                name.clone_from(whole);
                is_done = false;
            }
        }
        if is_done {
            return names;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sheets_go_by_the_same_name() {
        let table: [(&[&str], &[&str]); 5] = [
            (&["anna.csv", "ben.md"], &["anna", "ben"]),
            (&["anna.csv", "anna.toml", "ben.md"], &["anna.csv", "anna.toml", "ben"]),
            (&["Anna.csv", "anna.md"], &["Anna.csv", "anna.md"]),
            (&["anna.csv", "anna.csv.md", "anna.toml"], &["anna.csv", "anna.csv.md", "anna.toml"]),
            (&["_class.csv"], &["_class.csv"]),
        ];
        for (files, expected) in table {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            assert_eq!(names(&files), expected);
        }
    }
}
