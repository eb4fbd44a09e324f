//! Rows on their way from a file to windows: read and encoded by one thread,
//! while another trains.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use chainrule_engine::architecture::Architecture;
use chainrule_engine::data::Samples;
use chainrule_engine::real::Real;
use chainrule_engine::trainer::Windows;

use super::Streamed;
use super::picker::Picker;
use crate::encoder::Encoder;
use crate::read::Tables;
use crate::schema::Schema;
use crate::train::{Error, Part};

/// All that turns blocks of a file into encoded training rows.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) schema: Schema,
    pub(super) picker: Picker,
    pub(super) encoder: Encoder,
}

/// The training rows of a stream, window by window.
pub(super) struct Reading<'a, T> {
    pub(super) table: &'a Streamed<'a>,
    pub(super) way: Arc<Way>,
    pub(super) architecture: Architecture,
    /// How many rows a window has.
    pub(super) size: usize,
    window: Part<T>,
    /// Rows of a block that the window had no room for.
    rest: Part<T>,
    /// How many of them were taken.
    taken: usize,
    blocks: Option<Receiver<Result<Part<T>, Error>>>,
}

impl<'a, T: Real> Reading<'a, T> {
    pub(super) fn new(
        table: &'a Streamed<'a>,
        way: Arc<Way>,
        architecture: Architecture,
        size: usize,
    ) -> Reading<'a, T> {
        let (window, rest) = (Part::empty(0), Part::empty(0));
        Reading { table, way, architecture, size, window, rest, taken: 0, blocks: None }
    }

    /// Fills the window.
    fn fill(&mut self) -> Result<(), Error> {
        let (inputs, outputs) = (self.architecture.inputs(), self.architecture.outputs());
        let window = &mut self.window;
        window.inputs.clear();
        window.targets.clear();
        window.inputs.reserve_exact(self.size * inputs);
        window.targets.reserve_exact(self.size * outputs);
        window.count = 0;
        while window.count < self.size {
            if self.taken == self.rest.count {
                let Some(next) = self.blocks.as_ref().and_then(|blocks| blocks.recv().ok()) else {
                    break;
                };
                (self.rest, self.taken) = (next?, 0);
            }
            let end = self.rest.count.min(self.taken + self.size - window.count);
            let rows = self.taken..end;
            window.inputs.extend_from_slice(&self.rest.inputs[rows.start * inputs..end * inputs]);
            let targets = &self.rest.targets[rows.start * outputs..end * outputs];
            window.targets.extend_from_slice(targets);
            window.count += rows.len();
            self.taken = end;
        }
        Ok(())
    }
}

impl<T: Real> Windows<T> for Reading<'_, T> {
    type Error = Error;

    fn rewind(&mut self) -> Result<(), Error> {
        // The thread before ends when nobody takes its blocks.
        self.blocks = None;
        (self.rest.count, self.taken) = (0, 0);
        let tables = self.table.stream.tables()?;
        let way = Arc::clone(&self.way);
        // One block waits while the next is read.
        let (sender, receiver) = sync_channel(1);
        let thread = std::thread::Builder::new().name("chainrule-reads".to_string());
        let read = move || {
            each_part(tables, &way, |part| sender.send(part).is_ok());
        };
        thread.spawn(read).map_err(|error| Error::Thread { reason: error.to_string() })?;
        self.blocks = Some(receiver);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Samples<'_, T>>, Error> {
        self.fill()?;
        if self.window.count == 0 {
            return Ok(None);
        }
        Ok(Some(self.window.samples(&self.architecture)?))
    }
}

/// Encodes the training rows of each block, until nobody wants them.
fn each_part<T: Real>(
    tables: Tables,
    way: &Way,
    mut take: impl FnMut(Result<Part<T>, Error>) -> bool,
) {
    let mut first = 0;
    for table in tables {
        let part = table.map_err(Error::from).and_then(|table| {
            let numbers = first..first + table.rows() as u64;
            first = numbers.end;
            let picked = way.picker.pick(&way.schema, &table, numbers)?;
            Ok(Part::encode(&way.encoder, &table, &picked.training)?)
        });
        let has_failed = part.is_err();
        if !take(part) || has_failed {
            return;
        }
    }
}
