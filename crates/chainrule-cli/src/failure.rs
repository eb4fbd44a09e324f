//! Why a command could not do its work, and what the process ends with.

use std::path::{Path, PathBuf};

use chainrule::example::ReadError;

/// What ends a command early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage: status 2.
    Usage { message: String, help: Option<String> },
    /// The work cannot be done: status 1.
    Work { message: String, help: Option<String> },
    /// A network file that cannot be used: status 1.
    BadFile { name: String, text: String, error: ReadError },
    /// A file that cannot be read or written, or standard input or output,
    /// which have no path: status 1.
    File { action: &'static str, path: Option<PathBuf>, error: std::io::Error },
    /// The reader of standard output has gone: nothing is left to say.
    ClosedPipe,
}

impl Failure {
    /// Makes a failure of reading a file.
    pub(crate) fn reading(path: &Path, error: std::io::Error) -> Failure {
        Failure::File { action: "read", path: Some(path.to_path_buf()), error }
    }

    /// Says why, in a part of a sentence that names the file at `path` itself.
    pub(crate) fn reason(&self, named: &Path) -> String {
        match self {
            Failure::Usage { message, .. } | Failure::Work { message, .. } => message.clone(),
            Failure::BadFile { name, .. } => format!("`{name}` is not a network file"),
            Failure::File { path: Some(path), error, .. } if path != named => {
                format!("`{}`: {}", path.display(), cause(error))
            }
            Failure::File { error, .. } => cause(error),
            Failure::ClosedPipe => "its reader has gone".to_string(),
        }
    }

    /// Makes a failure of writing to a file, or to standard output.
    pub(crate) fn writing(path: Option<&Path>, error: std::io::Error) -> Failure {
        match path {
            None if error.kind() == std::io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::File { action: "write", path: path.map(PathBuf::from), error },
        }
    }
}

/// Returns the cause in the words of the system, without its number.
pub(crate) fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let mut letters = text[..end].chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => text,
    }
}

impl From<chainrule::explain::Error> for Failure {
    fn from(error: chainrule::explain::Error) -> Failure {
        Failure::Usage { message: error.to_string(), help: error.help() }
    }
}

impl From<chainrule::example::fit::Misfit> for Failure {
    fn from(misfit: chainrule::example::fit::Misfit) -> Failure {
        Failure::Usage { message: misfit.to_string(), help: misfit.help() }
    }
}

impl From<chainrule_model::error::Error> for Failure {
    fn from(error: chainrule_model::error::Error) -> Failure {
        Failure::Work { message: error.to_string(), help: error.help() }
    }
}

impl From<chainrule_model::model::Error> for Failure {
    fn from(error: chainrule_model::model::Error) -> Failure {
        Failure::Work { message: error.to_string(), help: error.help() }
    }
}

impl From<chainrule_model::read::ReadError> for Failure {
    fn from(error: chainrule_model::read::ReadError) -> Failure {
        let help = error.help();
        let help = if help.is_empty() { None } else { Some(help.join("\nhelp: ")) };
        Failure::Work { message: error.to_string(), help }
    }
}

impl From<chainrule_model::train::Error> for Failure {
    fn from(error: chainrule_model::train::Error) -> Failure {
        match error {
            chainrule_model::train::Error::Table(error) => error.into(),
            error => {
                let help = error.help();
                Failure::Work { message: error.to_string(), help }
            }
        }
    }
}
