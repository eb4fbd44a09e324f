//! Saving and restoring all of a training run, as bytes.
//!
//! A restored run goes on as if it had never been interrupted, bit for bit, on
//! any number of threads. The bytes are the engine's own: a line that names
//! them, what the run was made of, then every number with its lowest byte
//! first, parameters in the order of the network. Not a model file: that is for
//! what is shipped.

use crate::aligned::Aligned;
use crate::batch::Plan;
use crate::error::Error;
use crate::evaluation::LossSum;
use crate::layout::Layout;
use crate::real::Real;
use crate::settings::Settings;
use crate::trainer::{Core, Ended, Trainer};

/// The first bytes; the number changes with the format.
const MAGIC: &[u8] = b"chainrule training state 1\n";

impl<T: Real> Core<T> {
    /// Returns everything that training changes.
    pub(crate) fn state(&self) -> Vec<u8> {
        let core = self;
        let mut out = Writer { bytes: MAGIC.to_vec() };
        out.text(&fingerprint(core));
        let layout = &core.evaluator.plan.layout;
        for count in [core.epoch as u64, core.batch as u64, core.step, core.rows] {
            out.number(count);
        }
        out.number(core.samples as u64);
        out.number(match core.ended {
            None if core.has_converged => 3,
            None => 0,
            Some(Ended::Epochs) => 1,
            Some(_) => 2,
        });
        out.bytes.extend_from_slice(&core.shuffle_position.to_le_bytes());
        for value in [core.running.loss, core.running.weight, core.plateau.factor] {
            out.number(value.to_bits());
        }
        out.number(core.plateau.best.to_bits());
        out.number(core.plateau.waited as u64);
        out.number(core.memory.steps);
        out.number(core.memory.product.to_bits());
        out.buffer(layout, &core.parameters);
        out.buffer(layout, &core.memory.first);
        out.buffer(layout, &core.memory.second);
        if let Some(best) = &core.best {
            out.number(best.loss.to_bits());
            out.number(best.waited as u64);
            out.buffer(layout, &best.parameters);
        }
        if let Some(lbfgs) = &core.lbfgs {
            out.number(lbfgs.count as u64);
            out.number(lbfgs.next as u64);
            for pair in &lbfgs.pairs {
                out.buffer(layout, &pair.s);
                out.buffer(layout, &pair.y);
            }
        }
        if let Some(levenberg) = &core.levenberg {
            out.number(levenberg.damping.to_bits());
        }
        let history = &core.history;
        let columns = [
            &history.training_loss,
            &history.validation_loss,
            &history.learning_rate,
            &history.seconds,
        ];
        for column in columns {
            out.number(column.len() as u64);
            for value in column {
                out.number(value.to_bits());
            }
        }
        out.bytes
    }
}

impl<T: Real> Trainer<T> {
    /// Returns everything that training changes: parameters, what the optimizer
    /// remembers, positions in the random streams and in the epoch, history.
    pub fn state(&self) -> Vec<u8> {
        self.core().state()
    }

    /// Takes over a saved state. Network architecture and settings must be
    /// those it was saved with, but for the number of threads and the limits
    /// of epochs, steps and time; the parameters this trainer was made with are
    /// replaced.
    ///
    /// # Errors
    /// If the bytes are not such a state; the trainer then is as it was.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), Error> {
        // Read to the end before anything is changed.
        let mut reader = Reader { bytes: state };
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(fault("it does not begin as one"));
        }
        let expected = fingerprint(self.core());
        let found = reader.text()?;
        if found != expected {
            return Err(fault(&format!("it was made with {found}, expected {expected}")));
        }
        let (architecture, isa) = (self.architecture().clone(), self.core().evaluator.plan.isa);
        let layout = Plan::new::<T>(&architecture, isa).layout;
        let core = self.core_mut();
        let [epoch, batch, step, rows, samples] = reader.numbers()?;
        let [ended, low, high] = reader.numbers()?;
        // Saved by a callback, training was about to end.
        let has_converged = ended == 3;
        let ended = match ended {
            0 | 3 => None,
            1 => Some(Ended::Epochs),
            2 => Some(Ended::Converged),
            _ => return Err(fault("it ended for an unknown reason")),
        };
        let [loss, weight, factor, plateau_best] = reader.numbers()?;
        let [plateau_waited, steps, product] = reader.numbers()?;
        let parameters = reader.buffer::<T>(&layout, core.parameters.len())?;
        if !parameters.iter().all(|value| value.is_finite()) {
            return Err(fault("a weight in it is not finite"));
        }
        let first = reader.buffer::<T>(&layout, core.memory.first.len())?;
        let second = reader.buffer::<T>(&layout, core.memory.second.len())?;
        let best = if core.best.is_none() {
            None
        } else {
            let [loss, waited] = reader.numbers()?;
            let parameters = reader.buffer::<T>(&layout, layout.length)?;
            Some((f64::from_bits(loss), size(waited)?, parameters))
        };
        let mut lbfgs = core.lbfgs.clone();
        if let Some(lbfgs) = &mut lbfgs {
            let [count, next] = reader.numbers()?;
            (lbfgs.count, lbfgs.next) = (size(count)?, size(next)?);
            if lbfgs.count > lbfgs.pairs.len() || lbfgs.next >= lbfgs.pairs.len() {
                return Err(fault("it has more pairs than there is room for"));
            }
            for pair in &mut lbfgs.pairs {
                pair.s = reader.buffer::<T>(&layout, layout.length)?;
                pair.y = reader.buffer::<T>(&layout, layout.length)?;
            }
        }
        let damping = match &core.levenberg {
            None => None,
            Some(_) => Some(f64::from_bits(reader.numbers::<1>()?[0])),
        };
        let columns = [reader.column()?, reader.column()?, reader.column()?, reader.column()?];
        if !reader.bytes.is_empty() {
            return Err(fault("it goes on where it should end"));
        }

        (core.epoch, core.batch, core.samples) = (size(epoch)?, size(batch)?, size(samples)?);
        (core.step, core.rows, core.ended) = (step, rows, ended);
        core.has_converged = has_converged;
        core.shuffle_position = u128::from(high) << 64 | u128::from(low);
        core.running = LossSum { loss: f64::from_bits(loss), weight: f64::from_bits(weight) };
        core.plateau.factor = f64::from_bits(factor);
        core.plateau.best = f64::from_bits(plateau_best);
        core.plateau.waited = size(plateau_waited)?;
        (core.memory.steps, core.memory.product) = (steps, f64::from_bits(product));
        core.parameters = parameters;
        (core.memory.first, core.memory.second) = (first, second);
        if let (Some(to), Some((loss, waited, parameters))) = (&mut core.best, best) {
            (to.loss, to.waited, to.parameters) = (loss, waited, parameters);
        }
        core.lbfgs = lbfgs;
        if let (Some(levenberg), Some(damping)) = (&mut core.levenberg, damping) {
            levenberg.damping = damping;
        }
        let [training_loss, validation_loss, learning_rate, seconds] = columns;
        core.history.training_loss = training_loss;
        core.history.validation_loss = validation_loss;
        core.history.learning_rate = learning_rate;
        core.history.seconds = seconds;
        core.go_on();
        core.are_finite = None;
        core.mark_good();
        // All of it: a step would copy what it changes, without frozen biases.
        core.keep_buffers();
        Ok(())
    }
}

/// Describes what a run is made of, but for what may differ.
fn fingerprint<T: Real>(core: &Core<T>) -> String {
    let settings = Settings {
        threads: 0,
        epochs: 0,
        time_limit: None,
        step_limit: None,
        ..core.settings.clone()
    };
    format!("{} {:?} {settings:?}", T::NAME, core.evaluator.plan.architecture)
}

fn fault(reason: &str) -> Error {
    Error::State { reason: reason.to_string() }
}

fn size(number: u64) -> Result<usize, Error> {
    usize::try_from(number).map_err(|_| fault("a number in it is too large"))
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn number(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes a buffer in the order of the network; an empty one not at all.
    fn buffer<T: Real>(&mut self, layout: &Layout, buffer: &[T]) {
        if !buffer.is_empty() {
            for value in layout.unpack(buffer) {
                value.write_bytes(&mut self.bytes);
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) =
            self.bytes.split_at_checked(count).ok_or_else(|| fault("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn numbers<const N: usize>(&mut self) -> Result<[u64; N], Error> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            let bytes = self.take(8)?;
            *number = u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken"));
        }
        Ok(numbers)
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        let [length] = self.numbers()?;
        std::str::from_utf8(self.take(size(length)?)?).map_err(|_| fault("its head is no text"))
    }

    fn buffer<T: Real>(&mut self, layout: &Layout, length: usize) -> Result<Aligned<T>, Error> {
        if length == 0 {
            return Ok(Aligned::new(0));
        }
        let bytes = self.take(layout.parameter_count() * T::BYTES)?;
        let values: Option<Vec<T>> = bytes.chunks_exact(T::BYTES).map(T::from_bytes).collect();
        Ok(layout.packed(&values.expect("each chunk has the bytes of a number")))
    }

    fn column(&mut self) -> Result<Vec<f64>, Error> {
        let [length] = self.numbers()?;
        let bytes = self.take(size(length)?.saturating_mul(8))?;
        let values = bytes.chunks_exact(8).map(f64::from_bytes).collect::<Option<Vec<f64>>>();
        Ok(values.expect("each chunk has eight bytes"))
    }
}
