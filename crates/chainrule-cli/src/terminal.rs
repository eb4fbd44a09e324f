//! The terminal: where results go, whether there is colour, how errors look.

use std::ffi::OsStr;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::diagnostics;
use crate::failure::{Failure, cause};

/// Tells whether a stream wants colour: it is a terminal, and nobody said no.
fn wants_colour(is_terminal: bool) -> bool {
    is_terminal && allows_colour()
}

/// Tells whether the environment leaves colour to the stream.
pub(crate) fn allows_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").as_deref() == Some(OsStr::new("dumb"));
    !is_set("NO_COLOR") && !is_dumb
}

/// Writes a result to standard output, or to a file that appears whole or not
/// at all. `write` is told whether there is colour.
pub(crate) fn deliver(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write, bool) -> io::Result<()>,
) -> Result<(), Failure> {
    let done = match path {
        None => {
            let stdout = io::stdout().lock();
            let colour = wants_colour(stdout.is_terminal());
            let mut out = BufWriter::with_capacity(1 << 16, stdout);
            write(&mut out, colour).and_then(|()| out.flush())
        }
        Some(path) => write_whole(path, |out| write(out, false)),
    };
    done.map_err(|error| Failure::writing(path, error))
}

/// Says something on standard error that is no error.
pub(crate) fn remark(text: &str) {
    // Where standard error is gone, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a file that appears whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_whole(path, |out| out.write_all(bytes))
        .map_err(|error| Failure::writing(Some(path), error))
}

/// Writes a file beside its place and moves it there when it is complete. What
/// is no regular file, such as `/dev/null`, is written to directly.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
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
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if existing.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets: the mask of the process is taken off.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.prefix(".chainrule-").tempfile_in(folder)?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
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

/// Says on standard error why a command failed.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let mut stderr = io::stderr().lock();
    let colour = wants_colour(stderr.is_terminal());
    let (status, message, help) = match failure {
        Failure::ClosedPipe => return ExitCode::SUCCESS,
        Failure::BadFile { name, text, error } => {
            // Where standard error is gone too, the status still tells.
            let _ = write!(stderr, "{}", diagnostics::render(error, name, text, colour));
            return ExitCode::FAILURE;
        }
        Failure::Usage { message, help } => (2, message.clone(), help.clone()),
        Failure::Work { message, help } => (1, message.clone(), help.clone()),
        Failure::File { action, path, error } => {
            let file = match path {
                Some(path) => format!("`{}`", path.display()),
                None if *action == "read" => "standard input".to_string(),
                None => "standard output".to_string(),
            };
            (1, format!("cannot {action} {file}: {}", cause(error)), None)
        }
    };
    let (red, bold, plain) =
        if colour { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
    let _ = writeln!(stderr, "{red}error{plain}{bold}: {message}{plain}");
    if let Some(help) = help {
        let _ = writeln!(stderr, "{bold}help{plain}: {help}");
    }
    ExitCode::from(status)
}
