//! Trains a task to its end and writes what the network says to other inputs,
//! for `bench/run` to compare with what it should say.

use chainrule_engine::data::Samples;
use chainrule_engine::real::Real;
use chainrule_engine::trainer::Trainer;

use crate::arguments::{Arguments, Failure};
use crate::task::Task;

/// Trains a task, of doubles unless said otherwise.
pub(crate) fn fit(words: &[String]) -> Result<(), Failure> {
    let mut arguments = Arguments::new(words)?;
    let is_single = arguments.take("numbers")?.is_some_and(|word: String| word == "f32");
    let task = Task::from_arguments(&mut arguments)?;
    arguments.end()?;
    if is_single { train::<f32>(&task) } else { train::<f64>(&task) }
}

fn train<T: Real>(task: &Task) -> Result<(), Failure> {
    let (inputs, targets) = (task.numbers("inputs")?, task.numbers("targets")?);
    let samples = Samples::new(&task.architecture, &inputs, &targets)?;
    let mut trainer = Trainer::<T>::new(task.network()?, task.settings.clone())?;
    trainer.fit(&samples, None, &mut ())?;
    let outputs = trainer.network().predict(&task.numbers("test-inputs")?)?;
    let mut bytes = Vec::new();
    for output in outputs {
        output.write_bytes(&mut bytes);
    }
    let path = format!("{}.outputs", task.data);
    std::fs::write(&path, bytes).map_err(|error| format!("{path}: {error}"))?;
    let history = trainer.history();
    println!(
        "{{\"loss\":{},\"seconds\":{}}}",
        history.training_loss.last().copied().unwrap_or(f64::NAN),
        history.seconds.iter().sum::<f64>()
    );
    Ok(())
}
