//! Measures the engine on the workloads that a benchmark compares with others,
//! one line of JSON for each.
//!
//! ```sh
//! cargo run --release -p chainrule-engine --example workloads -- W3 --threads 1 --optimizer adam
//! ```
//!
//! Names: W1 W2 W3 W4 W5a W5b W6. Options: `--threads N`, `--optimizer NAME`,
//! `--seconds S` for each measurement, `--repeats N`. The peak of fused
//! multiply-adds is measured beside each, on one thread, for comparison.

use std::hint::black_box;
use std::time::Instant;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::real::{instruction_set, peak_flops};
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;

struct Options {
    threads: usize,
    optimizer: Option<String>,
    seconds: f64,
    repeats: usize,
}

fn main() {
    let mut names = Vec::new();
    let mut options = Options { threads: 1, optimizer: None, seconds: 0.5, repeats: 5 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| usage());
        match argument.as_str() {
            "--threads" => options.threads = value().parse().unwrap_or_else(|_| usage()),
            "--optimizer" => options.optimizer = Some(value()),
            "--seconds" => options.seconds = value().parse().unwrap_or_else(|_| usage()),
            "--repeats" => options.repeats = value().parse().unwrap_or_else(|_| usage()),
            name => names.push(name.to_string()),
        }
    }
    if names.is_empty() {
        names = ["W1", "W2", "W3", "W4", "W5a", "W5b", "W6"].map(String::from).to_vec();
    }
    for name in names {
        match name.as_str() {
            "W1" => online(&options),
            "W2" => {
                let layers = [(64, Activation::Relu), (10, Activation::Softmax)];
                training("W2", 64, &layers, 1792, 32, "adam", &options);
            }
            "W3" => {
                let layers = [(128, Activation::Relu), (10, Activation::Softmax)];
                let optimizer = options.optimizer.clone().unwrap_or("momentum".to_string());
                training("W3", 784, &layers, 12_800, 64, &optimizer, &options);
            }
            "W4" => {
                let relu = Activation::Relu;
                let layers = [(4096, relu), (4096, relu), (1000, Activation::Softmax)];
                training("W4", 1024, &layers, 1024, 512, "sgd", &options);
            }
            "W5a" => {
                let layers = [(16, Activation::Sigmoid), (3, Activation::Softmax)];
                prediction("W5a", 4, &layers, &options);
            }
            "W5b" => {
                let layers = [(128, Activation::Relu), (10, Activation::Softmax)];
                prediction("W5b", 784, &layers, &options);
            }
            "W6" => {
                for width in [32, 128, 512, 2048] {
                    let layers = [(width, Activation::Relu), (10, Activation::Softmax)];
                    let name = format!("W6-{width}");
                    training(&name, 784, &layers, 12_800, 64, "momentum", &options);
                }
            }
            _ => usage(),
        }
    }
}

fn usage() -> ! {
    eprintln!(
        "usage: workloads [W1 W2 W3 W4 W5a W5b W6] [--threads N] [--optimizer NAME] [--seconds S] [--repeats N]"
    );
    std::process::exit(2);
}

/// Numbers from 0 to 1 that are always the same.
fn numbers(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn architecture(inputs: usize, layers: &[(usize, Activation)]) -> Architecture {
    let layers = layers.iter().map(|&(width, activation)| LayerSpec::new(width, activation));
    Architecture::new(inputs, layers).expect("the workloads are valid")
}

/// Trains with batches in a new order each epoch; prints samples a second.
fn training(
    name: &str,
    inputs: usize,
    layers: &[(usize, Activation)],
    samples: usize,
    batch_size: usize,
    optimizer: &str,
    options: &Options,
) {
    let shape = architecture(inputs, layers);
    let outputs = shape.outputs();
    let input_table = numbers(samples * inputs);
    let mut targets = vec![0.0; samples * outputs];
    for (sample, targets) in targets.chunks_exact_mut(outputs).enumerate() {
        targets[sample * 7 % outputs] = 1.0;
    }
    let data = Samples::new(&shape, &input_table, &targets).expect("the workloads are valid");
    let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
    let found = Optimizer::ALL.iter().find(|(name, _)| *name == optimizer);
    settings.optimizer = found.unwrap_or_else(|| usage()).1;
    settings.learning_rate = if optimizer == "adam" { 1e-4 } else { 1e-3 };
    settings.batch_size = batch_size;
    settings.threads = options.threads;
    settings.epochs = 0;
    // Sums of squares of weights, a multiply-add each: forward, gradient, and
    // deltas of all layers but the first.
    let weights = |layer: usize| shape.input_width(layer) * shape.layers()[layer].width;
    let all: usize = (0..layers.len()).map(weights).sum();
    let flops = 2 * (3 * all - weights(0)) * samples;
    let network = Network::new(shape.clone(), Initialisation::default(), 1);
    let mut trainer = Trainer::new(network, settings).expect("the workloads are valid");
    let mut epoch = |count: usize| {
        let start = Instant::now();
        trainer.set_epochs(trainer.epoch() + count);
        trainer.fit(&data, None, &mut ()).expect("the workloads converge");
        start.elapsed().as_secs_f64() / count as f64
    };
    let one = epoch(1);
    let count = whole(options.seconds / one).max(1);
    let measured = measure(options, || epoch(count));
    let seconds = measured.median;
    let more = format!(
        ",\"optimizer\":\"{optimizer}\",\"us_per_sample\":{:.4},\"gflops\":{:.2},\"gflops_6pb\":{:.2}",
        1e6 * seconds / samples as f64,
        flops as f64 / seconds / 1e9,
        (6 * all * samples) as f64 / seconds / 1e9,
    );
    report(
        name,
        "samples_per_second",
        &measured,
        |seconds| samples as f64 / seconds,
        options,
        &more,
    );
}

/// One online step of the smallest network, in doubles; prints nanoseconds.
fn online(options: &Options) {
    let layer = |width| LayerSpec::new(width, Activation::Sigmoid).with_bias(Bias::Absent);
    let shape = Architecture::new(2, [layer(2), layer(1)]).expect("the workloads are valid");
    let steps = 10_000;
    let inputs: Vec<f64> = [0.35, 0.9].repeat(steps);
    let targets = vec![0.5; steps];
    let data = Samples::new(&shape, &inputs, &targets).expect("the workloads are valid");
    let mut settings = Settings::new(Loss::HalfSquared);
    settings.optimizer = Optimizer::SGD;
    settings.learning_rate = 1.0;
    settings.batch_size = 1;
    settings.shuffle = false;
    settings.epochs = 0;
    let parameters = vec![0.1, 0.8, 0.4, 0.6, 0.3, 0.9];
    let network = Network::from_parameters(shape, parameters).expect("the workloads are valid");
    let mut trainer = Trainer::new(network, settings).expect("the workloads are valid");
    let measured = measure(options, || {
        let start = Instant::now();
        trainer.set_epochs(trainer.epoch() + 10);
        trainer.fit(&data, None, &mut ()).expect("the workloads converge");
        start.elapsed().as_secs_f64() / (10 * steps) as f64
    });
    report("W1", "nanoseconds", &measured, |seconds| seconds * 1e9, options, "");
}

/// The outputs of one sample; prints nanoseconds.
fn prediction(name: &str, inputs: usize, layers: &[(usize, Activation)], options: &Options) {
    let shape = architecture(inputs, layers);
    let sample = numbers(inputs);
    let mut outputs = vec![0.0; shape.outputs()];
    let network = Network::<f32>::new(shape, Initialisation::default(), 1);
    let mut predictor = network.predictor();
    let mut many = |count: usize| {
        let start = Instant::now();
        for _ in 0..count {
            predictor.predict_into(black_box(&sample), &mut outputs).expect("the lengths fit");
            black_box(&outputs);
        }
        start.elapsed().as_secs_f64() / count as f64
    };
    let one = many(1000);
    let count = whole(options.seconds / one).max(1000);
    let measured = measure(options, || many(count));
    report(name, "nanoseconds", &measured, |seconds| seconds * 1e9, options, "");
}

/// What several runs took, in seconds, and the peak of multiply-adds measured
/// between them.
struct Measured {
    median: f64,
    least: f64,
    peak: f64,
}

/// Runs a measurement several times.
fn measure(options: &Options, mut run: impl FnMut() -> f64) -> Measured {
    let mut runs = Vec::new();
    let mut peak: f64 = 0.0;
    for _ in 0..options.repeats.max(1) {
        runs.push(run());
        peak = peak.max(peak_flops::<f32>());
    }
    runs.sort_by(f64::total_cmp);
    Measured { median: runs[runs.len() / 2], least: runs[0], peak }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of runs are small and positive"
)]
fn whole(value: f64) -> usize {
    value as usize
}

/// Prints a line: the median, and the best run, the one that was least
/// disturbed.
fn report(
    name: &str,
    unit: &str,
    measured: &Measured,
    convert: impl Fn(f64) -> f64,
    options: &Options,
    more: &str,
) {
    println!(
        "{{\"workload\":\"{name}\",\"{unit}\":{:.2},\"best\":{:.2},\"threads\":{},\
         \"instruction_set\":\"{}\",\"peak_gflops\":{:.1}{more}}}",
        convert(measured.median),
        convert(measured.least),
        options.threads,
        instruction_set(),
        measured.peak / 1e9,
    );
}
