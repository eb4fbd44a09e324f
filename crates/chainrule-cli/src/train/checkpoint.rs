//! Checkpoints: a folder that a killed run can go on from.
//!
//! The folder holds the newest checkpoint and the one before it, each written
//! beside its place and moved there, and a lock that ends with the process. A
//! checkpoint is a line that names it, the run it is of, the state of the
//! training, and a checksum of all that.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use chainrule_engine::real::Real;
use chainrule_model::train::Course;

use crate::failure::Failure;
use crate::terminal;

/// The first bytes of a checkpoint; the number changes with the format.
const MAGIC: &[u8] = b"chainrule checkpoint 1\n";

/// A folder of checkpoints, held by this process.
pub(super) struct Folder {
    path: PathBuf,
    run: String,
    every: usize,
    _lock: File,
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
        let every = usize::try_from(every).unwrap_or(usize::MAX);
        Ok(Folder { path: path.to_path_buf(), run, every, _lock: lock })
    }

    /// Returns how many epochs there are between checkpoints.
    pub(super) fn every(&self) -> usize {
        self.every
    }

    /// Writes a checkpoint, and keeps the one before it.
    pub(super) fn write(&self, epoch: usize, state: &[u8]) -> Result<(), Failure> {
        let mut bytes = MAGIC.to_vec();
        for part in [epoch.to_string().as_bytes(), self.run.as_bytes(), state] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        let newest = self.newest();
        if newest.exists() {
            std::fs::rename(&newest, self.previous())
                .map_err(|error| Failure::writing(Some(&newest), error))?;
        }
        terminal::write_file(&newest, &bytes)
    }

    /// Brings a course to where the newest whole checkpoint was; returns its
    /// epoch.
    pub(super) fn resume<T: Real>(&self, course: &mut Course<T>) -> Result<usize, Failure> {
        let mut first_fault = None;
        for path in [self.newest(), self.previous()] {
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Failure::reading(&path, error)),
            };
            let Some((epoch, run, state)) = parse(&bytes) else {
                let fault = format!("`{}` is damaged, or only a part", path.display());
                terminal::remark(&fault);
                first_fault.get_or_insert(fault);
                continue;
            };
            if run != self.run {
                return Err(self.other_run(&run));
            }
            course.restore(state)?;
            return Ok(epoch);
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

/// Takes a checkpoint apart: epoch, run, state; nothing where it is damaged.
fn parse(bytes: &[u8]) -> Option<(usize, String, &[u8])> {
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
    let state = part()?;
    Some((epoch, run, state))
}
