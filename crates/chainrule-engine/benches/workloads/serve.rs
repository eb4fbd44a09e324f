//! A participant of `bench/run`: says what it is, gets ready when told to, then
//! measures for so many seconds whenever a line says so, or what it could reach after
//! the line `limits`, and answers with a line of JSON.
//!
//! In between it waits, so that several participants take turns on an
//! otherwise idle machine.

use std::hint::black_box;
use std::io::{BufRead, StdinLock};
use std::time::Instant;

use chainrule_engine::data::Samples;
use chainrule_engine::real::{Real, instruction_set};
use chainrule_engine::trainer::Trainer;

use crate::arguments::{Arguments, Failure};
use crate::limit;
use crate::task::Task;

/// Serves a task.
pub(crate) fn serve(words: &[String]) -> Result<(), Failure> {
    let mut arguments = Arguments::new(words)?;
    let what: String = arguments.need("measure")?;
    let is_double = arguments.take("numbers")?.is_some_and(|word: String| word == "f64");
    let task = Task::from_arguments(&mut arguments)?;
    arguments.end()?;
    match (what.as_str(), is_double) {
        ("train", false) => train::<f32>(&task),
        ("train", true) => train::<f64>(&task),
        ("predict", false) => predict::<f32>(&task),
        ("predict", true) => predict::<f64>(&task),
        _ => Err(format!("--measure `{what}`: expected train or predict").into()),
    }
}

/// Measures training, in seconds a sample. The check is the loss of all
/// samples after one epoch.
fn train<T: Real>(task: &Task) -> Result<(), Failure> {
    let (inputs, targets) = (task.numbers("inputs")?, task.numbers("targets")?);
    let samples = Samples::new(&task.architecture, &inputs, &targets)?;
    let network = task.network::<T>()?;
    let orders = Orders::begin()?;
    let mut trainer = Trainer::new(network, task.settings.clone())?;
    trainer.set_epochs(1);
    trainer.fit(&samples, None, &mut ())?;
    let (loss, _) = trainer.network().loss_and_gradient(&samples, task.settings.loss)?;
    orders.measure(
        &[loss],
        samples.count(),
        || limit::of_training(task, &samples),
        |count| {
            trainer.set_epochs(trainer.epoch() + count);
            trainer.fit(&samples, None, &mut ())?;
            Ok(())
        },
    )
}

/// Measures the outputs of one sample, in seconds. The check are the outputs.
fn predict<T: Real>(task: &Task) -> Result<(), Failure> {
    let inputs: Vec<T> = task.numbers("inputs")?;
    let sample = inputs.get(..task.architecture.inputs()).ok_or("there is no sample")?;
    let network = task.network::<T>()?;
    let orders = Orders::begin()?;
    let mut predictor = network.predictor();
    let mut outputs = predictor.predict(sample)?;
    let check: Vec<f64> = outputs.iter().map(|output| output.to_f64()).collect();
    orders.measure(
        &check,
        1,
        || [limit::of_prediction::<T>(task), None],
        |count| {
            for _ in 0..count {
                predictor.predict_into(black_box(sample), &mut outputs)?;
                black_box(&outputs);
            }
            Ok(())
        },
    )
}

/// What comes in, line by line.
struct Orders(StdinLock<'static>);

impl Orders {
    /// Tells that the data are loaded, and waits for the word to get ready:
    /// what memory grows by from here on is the engine's.
    fn begin() -> Result<Orders, Failure> {
        println!("{{\"version\":\"{}\"}}", instruction_set());
        let mut lines = std::io::stdin().lock();
        lines.read_line(&mut String::new())?;
        Ok(Orders(lines))
    }

    /// Tells what was computed, then measures for about as many seconds as each
    /// line says; or what it takes at least, by the processor's limits and by the
    /// kernels' own. `run` does its work, of so many units, as often as it is told.
    fn measure(
        self,
        check: &[f64],
        units: usize,
        limits: impl Fn() -> [Option<f64>; 2],
        mut run: impl FnMut(usize) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("{{\"check\":{check:?}}}");
        let mut count = 1;
        for line in self.0.lines() {
            let line = line?;
            if line.trim() == "limits" {
                let word =
                    |least: Option<f64>| least.map_or("null".into(), |least| format!("{least:e}"));
                let [least, kernels]: [String; 2] = limits().map(word);
                println!("{{\"least\":{least},\"kernels\":{kernels}}}");
                continue;
            }
            let wanted: f64 = line.trim().parse()?;
            let seconds = loop {
                let start = Instant::now();
                run(count)?;
                let seconds = start.elapsed().as_secs_f64();
                if seconds >= 0.7 * wanted {
                    break seconds;
                }
                // The first time, nobody knows how often that is.
                count *= whole((1.1 * wanted / seconds).clamp(2.0, 100.0));
            };
            let each = seconds / count as f64 / units as f64;
            println!("{{\"seconds\":{each:e}}}");
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 2 to 100")]
fn whole(value: f64) -> usize {
    value as usize
}
