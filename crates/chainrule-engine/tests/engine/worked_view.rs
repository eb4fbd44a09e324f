//! Any sample of any step can be opened in the textbook's worked view.

use std::ops::ControlFlow;

use chainrule::activation::Activation;
use chainrule::explain::{Explanation, Settings as Explain};
use chainrule::loss::Loss;
use chainrule_engine::callback::{BatchReport, Callback};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;

use crate::common::{Task, classifier};

struct After(u64);

impl Callback<f32> for After {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn the_gradients_of_a_worked_sample_are_those_of_the_engine() {
    let shape = classifier(&[5, 8, 3], Activation::Silu, 0.0);
    let task = Task::new(40, 5, 3, 2);
    let (inputs, targets) = task.singles();
    let samples = Samples::new(&shape, &inputs, &targets).unwrap();
    let network = Network::new(shape.clone(), Initialisation::default(), 1);
    let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
    settings.learning_rate = 0.05;
    let mut trainer = Trainer::new(network, settings).unwrap();
    for (step, sample) in [(1, 3), (2, 39), (7, 0)] {
        trainer.fit(&samples, None, &mut After(step)).unwrap();
        let example = trainer.example(&samples, sample).unwrap();
        let trace = example.step();
        let one = Samples::new(&shape, samples.inputs(sample), samples.targets(sample)).unwrap();
        let (loss, gradient) =
            trainer.network().loss_and_gradient(&one, Loss::CategoricalCrossEntropy).unwrap();
        // Singles against doubles: some dozen roundings of 6e-8.
        assert!((loss - trace.before.loss).abs() < 1e-5 * loss.max(1.0), "step {step}");
        for ((parameter, expected), found) in trace.gradients.parameters().zip(gradient) {
            let difference = (f64::from(found) - expected).abs();
            assert!(difference < 1e-5, "step {step}, {parameter:?}: {found}, expected {expected}");
        }
        // And it can be explained: one line for every number of the step.
        let explanation = Explanation::new(&example, Explain::default()).unwrap();
        let lines: usize = explanation.steps().map(|step| step.lines().count()).sum();
        assert!(lines > 2 * shape.parameter_count(), "{lines} lines");
    }
}
