//! The engine's own figures: a line for each workload, beside the peak of
//! fused multiply-adds that one thread reaches on this machine.

use std::hint::black_box;
use std::time::Instant;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::data::Samples;
use chainrule_engine::ensemble::Ensemble;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::peak;
use chainrule_engine::real::instruction_set;
use chainrule_engine::settings::Settings;
use chainrule_engine::trainer::Trainer;

use crate::arguments::{Arguments, Failure};
use crate::limit;

struct Options {
    threads: usize,
    optimizer: Option<(&'static str, Optimizer)>,
    seconds: f64,
    repeats: usize,
}

/// Measures the workloads of the given names, or all.
pub(crate) fn table(words: &[String]) -> Result<(), Failure> {
    let count = words.iter().position(|word| word.starts_with("--")).unwrap_or(words.len());
    let (names, pairs) = words.split_at(count);
    let mut arguments = Arguments::new(pairs)?;
    let options = Options {
        threads: arguments.take("threads")?.unwrap_or(1),
        optimizer: arguments.choose("optimizer", Optimizer::ALL.map(|pair| (pair.0, pair)))?,
        seconds: arguments.take("seconds")?.unwrap_or(0.5),
        repeats: arguments.take("repeats")?.unwrap_or(5),
    };
    arguments.end()?;
    println!("instruction set {}, {} thread(s)", instruction_set(), options.threads);
    let all = ["W1", "W2", "W3", "W4", "W5a", "W5b", "W6", "kernels"].map(String::from);
    for name in if names.is_empty() { &all } else { names } {
        workload(name, &options)?;
    }
    Ok(())
}

fn workload(name: &str, options: &Options) -> Result<(), Failure> {
    let (relu, sigmoid, softmax) = (Activation::Relu, Activation::Sigmoid, Activation::Softmax);
    let (sgd, momentum) = (("sgd", Optimizer::SGD), ("momentum", Optimizer::MOMENTUM));
    let adam = ("adam", Optimizer::ADAM);
    let train = |inputs, layers: &[_], samples, batch, usual| {
        training(name, inputs, layers, samples, batch, options.optimizer.unwrap_or(usual), options)
    };
    let wide = |width| train(784, &[(width, relu), (10, softmax)], 12_800, 64, momentum);
    match name {
        "W1" => online(options),
        "W2" => train(64, &[(64, relu), (10, softmax)], 1792, 32, adam),
        "W3" => train(784, &[(128, relu), (10, softmax)], 12_800, 64, momentum),
        "W4" => {
            let layers = [(4096, relu), (4096, relu), (1000, softmax)];
            train(1024, &layers, 512, 512, sgd)
        }
        "W5a" => prediction(name, 4, &[(16, sigmoid), (3, sigmoid)], options),
        "W5b" => prediction(name, 784, &[(128, relu), (10, softmax)], options),
        "W6" => ["W6-32", "W6-128", "W6-512", "W6-2048"]
            .into_iter()
            .try_for_each(|name| workload(name, options)),
        "W6-32" => wide(32),
        "W6-128" => wide(128),
        "W6-512" => wide(512),
        "W6-2048" => wide(2048),
        "kernels" => {
            kernels(options);
            Ok(())
        }
        _ => Err(format!("there is no workload `{name}`").into()),
    }
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

fn architecture(inputs: usize, layers: &[(usize, Activation)]) -> Result<Architecture, Failure> {
    let layers = layers.iter().map(|&(width, activation)| LayerSpec::new(width, activation));
    Ok(Architecture::new(inputs, layers)?)
}

/// Trains with batches in a new order each epoch.
fn training(
    name: &str,
    inputs: usize,
    layers: &[(usize, Activation)],
    samples: usize,
    batch_size: usize,
    (optimizer_name, optimizer): (&str, Optimizer),
    options: &Options,
) -> Result<(), Failure> {
    let shape = architecture(inputs, layers)?;
    let outputs = shape.outputs();
    let input_table = numbers(samples * inputs);
    let mut targets = vec![0.0; samples * outputs];
    for (sample, targets) in targets.chunks_exact_mut(outputs).enumerate() {
        targets[sample * 7 % outputs] = 1.0;
    }
    let data = Samples::new(&shape, &input_table, &targets)?;
    let mut settings = Settings::new(Loss::CategoricalCrossEntropy);
    settings.optimizer = optimizer;
    settings.learning_rate = if optimizer_name == "adam" { 1e-4 } else { 1e-3 };
    settings.batch_size = batch_size;
    settings.threads = options.threads;
    settings.epochs = 0;
    let operations = limit::operations(&shape) as f64;
    let widths: Vec<String> = layers.iter().map(|(width, _)| width.to_string()).collect();
    let mut trainer = Trainer::new(Network::new(shape, Initialisation::default(), 1), settings)?;
    let run = measure(options, |count| {
        trainer.set_epochs(trainer.epoch() + count);
        trainer.fit(&data, None, &mut ())?;
        Ok(())
    })?;
    let rate = samples as f64 / run.seconds;
    let flops = operations * rate;
    println!(
        "{name:7} {:24} {:9.2} k samples/s {:10.2} µs each {:6.1} GFLOP/s {:4.0} % of {:.0}",
        format!("{inputs}-{} {optimizer_name}", widths.join("-")),
        rate / 1e3,
        1e6 / rate,
        flops / 1e9,
        100.0 * flops / run.peak,
        run.peak / 1e9,
    );
    Ok(())
}

/// One online step of the smallest network, in doubles.
fn online(options: &Options) -> Result<(), Failure> {
    let layer = |width| LayerSpec::new(width, Activation::Sigmoid).with_bias(Bias::Absent);
    let shape = Architecture::new(2, [layer(2), layer(1)])?;
    let steps = 10_000;
    let inputs: Vec<f64> = [0.35, 0.9].repeat(steps);
    let targets = vec![0.5; steps];
    let data = Samples::new(&shape, &inputs, &targets)?;
    let mut settings = Settings::new(Loss::HalfSquared);
    settings.optimizer = Optimizer::SGD;
    settings.learning_rate = 1.0;
    settings.batch_size = 1;
    settings.shuffle = false;
    settings.epochs = 0;
    let network = Network::from_parameters(shape, vec![0.1, 0.8, 0.4, 0.6, 0.3, 0.9])?;
    let mut trainer = Trainer::new(network, settings.clone())?;
    let run = measure(options, |count| {
        trainer.set_epochs(trainer.epoch() + count);
        trainer.fit(&data, None, &mut ())?;
        Ok(())
    })?;
    let nanoseconds = 1e9 * run.seconds / steps as f64;
    println!("{:4} {:24} {nanoseconds:9.1} ns a step", "W1", "2-2-1 online");
    side_by_side(&data, &settings, options)
}

/// The same of 16 networks side by side.
fn side_by_side(
    data: &Samples<'_, f64>,
    settings: &Settings,
    options: &Options,
) -> Result<(), Failure> {
    let layer = |width| LayerSpec::new(width, Activation::Sigmoid).with_bias(Bias::Absent);
    let shape = Architecture::new(2, [layer(2), layer(1)])?;
    let network = |seed| Network::new(shape.clone(), Initialisation::default(), seed);
    let networks: Vec<Network<f64>> = (0..16).map(network).collect();
    let mut ensemble = Ensemble::new(&networks, settings.clone())?;
    let mut epochs = 0;
    let run = measure(options, |count| {
        epochs += count;
        ensemble.set_epochs(epochs);
        ensemble.fit(data)?;
        Ok(())
    })?;
    let nanoseconds = 1e9 * run.seconds / (data.count() * networks.len()) as f64;
    println!("{:4} {:24} {nanoseconds:9.1} ns a step of each", "W1", "2-2-1 online, 16 at once");
    Ok(())
}

/// The outputs of one sample.
fn prediction(
    name: &str,
    inputs: usize,
    layers: &[(usize, Activation)],
    options: &Options,
) -> Result<(), Failure> {
    let shape = architecture(inputs, layers)?;
    let sample = numbers(inputs);
    let mut outputs = vec![0.0; shape.outputs()];
    let network = Network::<f32>::new(shape, Initialisation::default(), 1);
    let mut predictor = network.predictor();
    let run = measure(options, |count| {
        for _ in 0..count {
            predictor.predict_into(black_box(&sample), &mut outputs)?;
            black_box(&outputs);
        }
        Ok(())
    })?;
    let widths: Vec<String> = layers.iter().map(|(width, _)| width.to_string()).collect();
    let shape = format!("{inputs}-{} one sample", widths.join("-"));
    println!("{name:4} {shape:24} {:9.1} ns", 1e9 * run.seconds);
    Ok(())
}

/// The products and gradients of the workloads, each alone: what the engine could reach
/// if nothing came between them.
fn kernels(options: &Options) {
    // The first lies in the first-level cache; the others are layers of W2, W3, W6 and W4.
    let small = [[24, 64, 64], [32, 64, 64], [64, 784, 128]];
    let large = [[64, 784, 2048], [512, 1024, 4096]];
    for [rows, inputs, neurons] in small.into_iter().chain(large) {
        let product = || peak::products::<f32>(rows, inputs, neurons);
        let gradient = |has_update| peak::gradients::<f32>(rows, inputs, neurons, has_update);
        let mut shares = [(); 3].map(|()| Vec::new());
        for _ in 0..options.repeats.max(1) {
            let peak = peak::operations::<f32>();
            let measured = [product(), gradient(false), gradient(true)];
            for (shares, measured) in shares.iter_mut().zip(measured) {
                shares.push(100.0 * measured / peak);
            }
        }
        let [product, gradient, updated] = shares.map(median);
        println!(
            "{:7} {:24} product {product:3.0} %, gradient {gradient:3.0} %, with momentum \
             {updated:3.0} % of the peak",
            "kernels",
            format!("{rows} samples, {inputs}-{neurons}"),
        );
    }
}

/// What one piece of work took, and the peak of multiply-adds a second measured
/// beside it.
struct Run {
    seconds: f64,
    peak: f64,
}

/// Measures several times; the median counts. `run` does its work as often as
/// it is told.
fn measure(
    options: &Options,
    mut run: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Run, Failure> {
    let mut timed = |count: usize| -> Result<f64, Failure> {
        let start = Instant::now();
        run(count)?;
        Ok(start.elapsed().as_secs_f64())
    };
    let mut count = 1;
    while timed(count)? < 0.7 * options.seconds {
        count = count.checked_mul(2).ok_or("training has ended: there is nothing to measure")?;
    }
    let mut runs = Vec::new();
    let mut peak: f64 = 0.0;
    for _ in 0..options.repeats.max(1) {
        runs.push(timed(count)? / count as f64);
        peak = peak.max(peak::operations::<f32>());
    }
    Ok(Run { seconds: median(runs), peak })
}

/// Returns the middle one of some figures, of two the greater.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
