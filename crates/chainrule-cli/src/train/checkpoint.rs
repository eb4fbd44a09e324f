//! Checkpoints: a folder that a killed run can go on from.
//!
//! The folder holds the newest checkpoint and the one before it, each written
//! beside its place and moved there, and a lock that ends with the process. A
//! checkpoint is a line that names it, its epoch, the run it is of, the learning
//! rate, which may have been found by trials, the state of the training, and a
//! checksum of all that.

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::{terminal, whole};

/// The first bytes of a checkpoint; the number changes with the format.
const MAGIC: &[u8] = b"chainrule checkpoint 2\n";

/// A folder of checkpoints, held by this process.
pub(super) struct Folder {
    path: PathBuf,
    run: String,
    every: usize,
    /// Whether the newest checkpoint is whole.
    is_whole: Cell<bool>,
    _lock: File,
}

/// What it takes to go on.
pub(super) struct Checkpoint {
    /// How many epochs were made.
    pub(super) epoch: usize,
    /// The learning rate, before any schedule.
    pub(super) learning_rate: f64,
    /// The state of the training.
    pub(super) state: Vec<u8>,
}

impl Folder {
    /// Opens a folder, which is made if there is none.
    pub(super) fn open(path: &Path, run: String, every: u64) -> Result<Folder, Failure> {
        let writing = |error| Failure::writing(Some(path), error);
        std::fs::create_dir_all(path).map_err(writing)?;
        let lock = File::create(path.join("lock")).map_err(writing)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Work {
                    message: format!("another process trains with `{}`", path.display()),
                    help: Some("wait for it, or choose another folder".to_string()),
                });
            }
            Err(TryLockError::Error(error)) => return Err(writing(error)),
        }
        whole::clear(path);
        let every = usize::try_from(every).unwrap_or(usize::MAX);
        let folder = Folder {
            path: path.to_path_buf(),
            run,
            every,
            is_whole: Cell::new(false),
            _lock: lock,
        };
        let newest = std::fs::read(folder.newest());
        folder.is_whole.set(newest.is_ok_and(|bytes| parse(&bytes).is_some()));
        Ok(folder)
    }

    /// Returns how many epochs there are between checkpoints.
    pub(super) fn every(&self) -> usize {
        self.every
    }

    /// Writes a checkpoint, and keeps the whole one before it. Until the new one
    /// is written, nothing is moved: a full disk loses nothing.
    pub(super) fn write(&self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        let mut bytes = MAGIC.to_vec();
        let (epoch, rate) =
            (checkpoint.epoch.to_string(), checkpoint.learning_rate.to_bits().to_string());
        let parts =
            [epoch.as_bytes(), self.run.as_bytes(), rate.as_bytes(), checkpoint.state.as_slice()];
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        let newest = self.newest();
        let keep = || {
            // A damaged one must not take the place of a good one.
            if self.is_whole.get() { std::fs::rename(&newest, self.previous()) } else { Ok(()) }
        };
        whole::write(&newest, |out| out.write_all(&bytes), keep)
            .map_err(|error| Failure::writing(Some(&newest), error))?;
        self.is_whole.set(true);
        Ok(())
    }

    /// Returns the checkpoint to go on with, where the user wants to; otherwise
    /// says so if there is one.
    pub(super) fn resume(
        &self,
        is_wanted: bool,
        say: impl Fn(&str),
    ) -> Result<Option<Checkpoint>, Failure> {
        if is_wanted {
            return self.read().map(Some);
        }
        if self.is_whole.get() || self.previous().exists() {
            say("the checkpoints in the folder make room for new ones; `--resume` would go on");
        }
        Ok(None)
    }

    /// Returns the newest whole checkpoint.
    fn read(&self) -> Result<Checkpoint, Failure> {
        let mut first_fault = None;
        for path in [self.newest(), self.previous()] {
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Failure::reading(&path, error)),
            };
            let Some((run, checkpoint)) = parse(&bytes) else {
                let fault = format!(
                    "`{}` is damaged, only a part, or of another version of the program",
                    path.display()
                );
                terminal::remark(&fault);
                first_fault.get_or_insert(fault);
                continue;
            };
            if run != self.run {
                return Err(self.other_run(&run));
            }
            return Ok(checkpoint);
        }
        let none = || format!("there is no checkpoint in `{}`", self.path.display());
        let message = first_fault.unwrap_or_else(none);
        Err(Failure::Work { message, help: Some("train anew, without `--resume`".to_string()) })
    }

    /// Says in what a checkpoint's run differs from this one.
    fn other_run(&self, run: &str) -> Failure {
        let mut lines = run.lines().zip(self.run.lines());
        let first = lines.find(|(theirs, ours)| theirs != ours);
        let difference = match first {
            Some((theirs, ours)) => format!("it has `{theirs}`, this run `{ours}`"),
            None => "settings differ".to_string(),
        };
        Failure::Work {
            message: format!(
                "the checkpoint in `{}` is of another run: {difference}",
                self.path.display()
            ),
            help: Some("give the same data and settings, or another folder".to_string()),
        }
    }

    fn newest(&self) -> PathBuf {
        self.path.join("newest.checkpoint")
    }

    fn previous(&self) -> PathBuf {
        self.path.join("previous.checkpoint")
    }
}

/// Takes a checkpoint apart: the run it is of, and what it holds; nothing where
/// it is damaged.
fn parse(bytes: &[u8]) -> Option<(String, Checkpoint)> {
    let (body, checksum) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut part = || {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (part, after) = after.split_at_checked(length)?;
        rest = after;
        Some(part)
    };
    let epoch = std::str::from_utf8(part()?).ok()?.parse().ok()?;
    let run = String::from_utf8(part()?.to_vec()).ok()?;
    let learning_rate = f64::from_bits(std::str::from_utf8(part()?).ok()?.parse().ok()?);
    let state = part()?.to_vec();
    Some((run, Checkpoint { epoch, learning_rate, state }))
}
