//! Optimizers and schedules go where PyTorch's go, in double precision.
//!
//! The runs are those of `testdata/optimizers/trajectories.json`, whose script
//! says how they were made.

use std::ops::ControlFlow;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::callback::{BatchReport, Callback};
use chainrule_engine::data::Samples;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::{Clip, Settings};
use chainrule_engine::trainer::{Ended, Trainer};
use serde_json::Value;

fn reference() -> Value {
    let text = include_str!("../../../../testdata/optimizers/trajectories.json");
    serde_json::from_str(text).expect("the reference is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a count")).expect("a small count")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn activation(name: &Value) -> Activation {
    let Some(name) = name.as_str() else { return Activation::Identity };
    let mut all = Activation::ALL.into_iter();
    all.find(|one| one.name() == name).expect("an activation of ours")
}

/// A network, its data, and its loss.
struct Problem {
    network: Network<f64>,
    inputs: Vec<f64>,
    targets: Vec<f64>,
    loss: Loss,
}

impl Problem {
    fn new(problem: &Value) -> Problem {
        let widths: Vec<usize> = problem["widths"].as_array().unwrap().iter().map(count).collect();
        let bias = if problem["bias"] == true { Bias::Trained } else { Bias::Absent };
        let layers = (1..widths.len()).map(|layer| {
            let is_last = layer + 1 == widths.len();
            let name = if is_last { &problem["output"] } else { &problem["hidden"] };
            LayerSpec::new(widths[layer], activation(name)).with_bias(bias)
        });
        let shape = Architecture::new(widths[0], layers).unwrap();
        let network = Network::from_parameters(shape, numbers(&problem["parameters"])).unwrap();
        let mut losses = Loss::ALL.into_iter();
        let loss = losses.find(|loss| loss.name() == text(&problem["loss"])).unwrap();
        let (inputs, targets) = (numbers(&problem["inputs"]), numbers(&problem["targets"]));
        Problem { network, inputs, targets, loss }
    }

    fn samples(&self) -> Samples<'_, f64> {
        Samples::new(self.network.architecture(), &self.inputs, &self.targets).unwrap()
    }
}

/// Returns the schedule of a run, with the numbers that its script has.
fn schedule(name: &Value) -> Schedule {
    match name.as_str() {
        None => Schedule::Constant,
        Some("step") => Schedule::Step { every: 3, factor: 0.5 },
        Some("exponential") => Schedule::Exponential { factor: 0.9 },
        Some("inverse") => Schedule::Inverse { decay: 0.25 },
        Some("cosine") => Schedule::Cosine { warm_up: 0.0, floor: 0.1 },
        Some("cosine-warm-up") => Schedule::Cosine { warm_up: 2.0, floor: 0.1 },
        // PyTorch's own numbers: a rise for 0.3, from a 25th, to a 10 000th of that.
        Some("one-cycle") => Schedule::OneCycle { rise: 0.3, start: 0.04, end: 0.04e-4 },
        Some("plateau") => Schedule::Plateau { factor: 0.5, patience: 1 },
        Some(other) => panic!("no schedule `{other}`"),
    }
}

fn settings(run: &Value, loss: Loss, samples: usize) -> Settings {
    let name = text(&run["optimizer"]);
    let (_, mut optimizer) =
        Optimizer::ALL.into_iter().find(|(ours, _)| *ours == name).expect("an optimizer of ours");
    if let Optimizer::AdamW { decay, .. } = &mut optimizer {
        *decay = run["decay"].as_f64().unwrap();
    }
    let clip = match run["clip"].as_array().map(|clip| (text(&clip[0]), clip[1].as_f64())) {
        Some(("norm", Some(limit))) => Clip::Norm(limit),
        Some(("value", Some(limit))) => Clip::Value(limit),
        _ => Clip::Off,
    };
    Settings {
        optimizer,
        learning_rate: run["rate"].as_f64().unwrap(),
        l2: run["l2"].as_f64().unwrap(),
        clip,
        schedule: schedule(&run["schedule"]),
        batch_size: run["batch"].as_u64().map_or(samples, |_| count(&run["batch"])),
        epochs: count(&run["epochs"]),
        shuffle: false,
        ..Settings::new(loss)
    }
}

/// Keeps what each step says.
#[derive(Default)]
struct Steps {
    losses: Vec<f64>,
    rates: Vec<f64>,
}

impl Callback<f64> for Steps {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        self.losses.push(report.loss);
        self.rates.push(report.learning_rate);
        ControlFlow::Continue(())
    }
}

/// The largest difference of two lists, relative to the largest number.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(x, y)| (x - y).abs());
    differences.fold(0.0, |worst: f64, x| if x <= worst { worst } else { x }) / largest
}

#[test]
fn fifty_steps_lead_where_those_of_pytorch_lead() {
    let reference = reference();
    let mut optimizers = std::collections::BTreeSet::new();
    for run in reference["runs"].as_array().unwrap() {
        let problem = Problem::new(&reference["problems"][text(&run["problem"])]);
        let samples = problem.samples();
        let settings = settings(run, problem.loss, samples.count());
        let label = format!(
            "{} on the {}, schedule {}, clip {}, l2 {}",
            run["optimizer"], run["problem"], run["schedule"], run["clip"], run["l2"]
        );
        optimizers.insert(text(&run["optimizer"]));
        let mut trainer = Trainer::new(problem.network.clone(), settings).unwrap();
        let mut steps = Steps::default();
        for kept in run["parameters"].as_array().unwrap() {
            let step = kept[0].as_u64().unwrap();
            trainer.set_step_limit(Some(step));
            trainer.fit(&samples, None, &mut steps).unwrap();
            let found = trainer.network();
            let difference = difference(found.parameters(), &numbers(&kept[1]));
            assert!(difference <= 1e-12, "{label}: {difference:e} after step {step}");
        }
        let worst = difference(&steps.losses, &numbers(&run["losses"]));
        assert!(worst <= 1e-12, "{label}: {worst:e} in a loss");
        for (step, (found, expected)) in steps.rates.iter().zip(numbers(&run["rates"])).enumerate()
        {
            let difference = (found / expected - 1.0).abs();
            assert!(difference <= 1e-12, "{label}: rate {found} in step {step}, not {expected}");
        }
    }
    assert_eq!(optimizers.len(), 9, "every optimizer that both have, but L-BFGS");
}

#[test]
fn lbfgs_ends_where_that_of_pytorch_ends_in_no_more_iterations() {
    let reference = reference();
    for run in reference["lbfgs"].as_array().unwrap() {
        let problem = Problem::new(&reference["problems"][text(&run["problem"])]);
        let settings = Settings {
            optimizer: Optimizer::LBFGS,
            l2: run["l2"].as_f64().unwrap(),
            epochs: 300,
            ..Settings::new(problem.loss)
        };
        let mut trainer = Trainer::new(problem.network.clone(), settings).unwrap();
        let ended = trainer.fit(&problem.samples(), None, &mut ()).unwrap();
        assert_eq!(ended, Ended::Converged, "{}", run["problem"]);
        // The last iteration is the one that finds no further step.
        let (iterations, theirs) = (trainer.epoch(), count(&run["iterations"]));
        assert!(iterations <= theirs + 1, "{}: {iterations}, theirs {theirs}", run["problem"]);
        let loss = *trainer.history().training_loss.last().unwrap();
        let expected = run["loss"].as_f64().unwrap();
        if run["problem"] == "valley" {
            // Its ground is a curve: any point of it is right.
            assert!(loss < 1e-20 && expected < 1e-20, "{loss}");
        } else {
            // Where gradients are 1e-10, weights are known to a few more.
            let difference =
                difference(trainer.network().parameters(), &numbers(&run["parameters"]));
            assert!(difference < 1e-6, "{}: {difference:e}", run["problem"]);
            assert!((loss / expected - 1.0).abs() < 1e-8, "{loss}, expected {expected}");
        }
    }
}
