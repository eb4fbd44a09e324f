//! Files that appear whole or not at all.
//!
//! A file is written under another name beside its place, and moved there when
//! it is complete. A process that is killed leaves such a file; the next one
//! that writes to the folder removes it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the names of unfinished files begin with.
const PREFIX: &str = ".chainrule-";

/// Writes a file beside its place and moves it there when it is complete, and
/// `before_move` went well. What is no regular file, such as `/dev/null`, is
/// written to directly.
pub(crate) fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    before_move: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let existing = std::fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        let mut out = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    // A link keeps pointing where it did. The temporary file stands beside
    // what it points to: nothing can be moved to another file system.
    let target = end_of_links(path)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if existing.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets: the mask of the process is taken off.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = unfinished(&target, &mut builder)?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    before_move()?;
    file.persist(target)?;
    Ok(())
}

/// Follows symbolic links, to a file that need not be there yet.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..MOST {
        match std::fs::read_link(&path) {
            // A relative link starts at its own folder.
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// Tells early whether a file could be written, before work is done for it.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory"));
        }
        Ok(metadata) if !metadata.is_file() => return Ok(()),
        _ => {}
    }
    unfinished(&end_of_links(path)?, &mut tempfile::Builder::new()).map(drop)
}

/// Makes the file that is moved to its place later.
fn unfinished(
    target: &Path,
    builder: &mut tempfile::Builder<'_, '_>,
) -> io::Result<tempfile::NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    clear(folder);
    let file = builder.prefix(PREFIX).tempfile_in(folder)?;
    // Says that it is in use; where files cannot be locked, none is cleared.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Removes what processes left that were killed while they wrote: files that
/// are not in use and not from just now, when another process may be about to
/// lock its own. Where that cannot be told or done, they stay.
pub(crate) fn clear(folder: &Path) {
    const JUST_NOW: Duration = Duration::from_secs(10);
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
        if !metadata.is_file() || age.is_none_or(|age| age < JUST_NOW) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
