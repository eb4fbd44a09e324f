//! What can go wrong with a model and its file.

/// Why a model cannot be read, made or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no safetensors file, or only a part of one.
    #[error("this is not a complete model file: {reason}")]
    NotSafetensors {
        /// What does not fit.
        reason: String,
    },
    /// The file holds tensors of another program.
    #[error("this is a safetensors file, but not a model of chainrule")]
    NotAModel,
    /// The file was written by a later program, in a format it brought.
    #[error(
        "this model was written by {program} in format {version}; this program reads formats up to {newest}"
    )]
    Newer {
        /// The format of the file.
        version: u64,
        /// The program that wrote it.
        program: String,
        /// The newest format that can be read.
        newest: u64,
    },
    /// The file is not as it was written.
    #[error("the model file is damaged: its checksum is {found}, expected {expected}")]
    Damaged {
        /// The checksum of what is there.
        found: String,
        /// The checksum that the file names.
        expected: String,
    },
    /// A part of the file's description cannot be used.
    #[error("the model file's `{entry}`: {reason}")]
    Entry {
        /// The entry of the metadata.
        entry: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor is not there, or not as the architecture says.
    #[error("the model file's tensor `{tensor}`: {reason}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Encoder and network do not belong together.
    #[error("the encoder has {encoder} {what}, the network {network}")]
    Widths {
        /// `inputs` or `outputs`.
        what: &'static str,
        /// How many the encoder has.
        encoder: usize,
        /// How many the network has.
        network: usize,
    },
    /// A table does not have the columns the model was trained on.
    #[error(transparent)]
    Columns(#[from] crate::error::Error),
    /// There is nothing to measure predictions by.
    #[error("{file} has no row with a known answer to measure predictions by")]
    NoAnswers {
        /// The table.
        file: String,
    },
    /// There is no such row.
    #[error("{file} has no row {row}: it has {rows}")]
    NoSuchRow {
        /// The table.
        file: String,
        /// What was asked for, from 1.
        row: usize,
        /// How many there are.
        rows: usize,
    },
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Error::NotSafetensors { .. } | Error::Damaged { .. } => {
                "copy the file again, or train the model again".to_string()
            }
            Error::NotAModel => "train a model with `chainrule train`".to_string(),
            Error::Newer { program, .. } => {
                format!("use {program} or later, or train the model again with this program")
            }
            Error::Entry { .. } | Error::Tensor { .. } | Error::Widths { .. } => {
                "no program of ours writes such a file; train the model again".to_string()
            }
            Error::Columns(error) => return error.help(),
            Error::NoAnswers { .. } => {
                "the target column must be there, with answers that training rows had".to_string()
            }
            Error::NoSuchRow { rows: 0, .. } => return None,
            Error::NoSuchRow { rows, .. } => format!("choose a row from 1 to {rows}"),
        })
    }
}
