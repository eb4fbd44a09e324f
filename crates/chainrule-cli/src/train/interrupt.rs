//! Ctrl-C: the first time a wish to end what is going on, the second time the
//! end of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// The wish to stop.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on; once in a process.
    pub(super) fn listen() -> Result<Interrupt, Failure> {
        let flag = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&flag);
        let handler = ctrlc::set_handler(move || {
            // The second time it is meant.
            if heard.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        handler.map_err(|error| Failure::Work {
            message: format!("cannot listen to Ctrl-C: {error}"),
            help: None,
        })?;
        Ok(Interrupt(flag))
    }

    /// Tells whether something is to stop.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Tells whether something was to stop; what comes next goes on.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}
