//! Worked examples that the tests of several formats share, and what to do
//! where an outside program is missing.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::process::Command;

use chainrule::activation::Activation;
use chainrule::convention::{Convention, UpdateOrder};
use chainrule::example::Example;
use chainrule::explain::{Explanation, Settings};
use chainrule::loss::Loss;
use chainrule::names::Names;
use chainrule::network::{Biases, Layer, Network, Sample};
use chainrule::rounding::Rounding;

/// Says that a test was skipped, and why: on standard error, and in the file
/// that `CHAINRULE_SKIPPED` names, for the summary at the end of `make test`.
pub(crate) fn skip(test: &str, missing: &str) {
    let line = format!("SKIPPED: {test}: {missing}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("CHAINRULE_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let mut file = file.expect("the file for skipped tests can be opened");
        writeln!(file, "{line}").expect("the file for skipped tests can be written");
    }
}

/// Returns the first of some programs that can be started.
pub(crate) fn program(names: &[&str]) -> Option<String> {
    let starts = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    names.iter().find(starts).map(|name| (*name).to_string())
}

/// Makes an empty folder for the files of a test, below the target folder.
pub(crate) fn folder(test: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test can be made");
    path
}

/// Writes an explanation of one step to a string.
pub(crate) fn page(
    example: &Example,
    write: fn(&Explanation<'_>, &mut dyn Write) -> std::io::Result<()>,
) -> String {
    page_of(example, Settings::default(), write)
}

/// Writes an explanation to a string.
pub(crate) fn page_of(
    example: &Example,
    settings: Settings,
    write: fn(&Explanation<'_>, &mut dyn Write) -> std::io::Result<()>,
) -> String {
    let explanation = Explanation::new(example, settings).expect("the settings fit the example");
    let mut out = Vec::new();
    write(&explanation, &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("a page is UTF-8")
}

/// The examples that every format is tried on.
pub(crate) fn examples() -> Vec<(&'static str, Example)> {
    vec![
        ("first", first()),
        ("greek", greek()),
        ("mazur", mazur()),
        ("classes", classes()),
        ("wide", shape(&[16, 3, 1], 6)),
        ("deep", shape(&[2, 3, 3, 2], 8)),
        ("hostile", hostile()),
    ]
}

fn layer(activation: Activation, weights: &[&[f64]], biases: Biases<f64>) -> Layer<f64> {
    Layer {
        activation,
        weights: weights.iter().map(|row| row.to_vec()).collect(),
        biases,
        biases_trained: true,
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_string()).collect()
}

fn example(title: &str, layers: Vec<Layer<f64>>, inputs: &[f64], targets: &[f64]) -> Example {
    let network = Network { layers };
    Example {
        title: title.to_string(),
        source: None,
        note: None,
        names: Names::automatic(&network),
        network,
        samples: vec![Sample { inputs: inputs.to_vec(), targets: targets.to_vec() }],
        learning_rate: 0.5,
        loss: Loss::HalfSquared,
        convention: Convention::default(),
        shown: Rounding::Digits(6),
        published: Vec::new(),
    }
}

/// The first example: 2-2-1, no biases, updated weights.
pub(crate) fn first() -> Example {
    let sigmoid = Activation::Sigmoid;
    let layers = vec![
        layer(sigmoid, &[&[0.1, 0.8], &[0.4, 0.6]], Biases::Absent),
        layer(sigmoid, &[&[0.3, 0.9]], Biases::Absent),
    ];
    let mut example = example("Two inputs, two hidden neurons", layers, &[0.35, 0.9], &[0.5]);
    example.source = Some("MacLeod, “Practical Neural Networks”, ch. 3, example 3.1".to_string());
    example.note = Some("Worked by hand in the book, with rounded numbers.".to_string());
    example.learning_rate = 1.0;
    example.convention.update_order = UpdateOrder::UpdatedWeights;
    example.names.inputs = strings(&["A", "B"]);
    example.names.neurons = vec![strings(&["top", "bottom"]), strings(&["out"])];
    example.names.weights =
        vec![vec![strings(&["w3", "w4"]), strings(&["w5", "w6"])], vec![strings(&["w1", "w2"])]];
    example
}

/// 2-3-2 with the names of the general case: Ω λ → A B C → α β.
pub(crate) fn greek() -> Example {
    let sigmoid = Activation::Sigmoid;
    let layers = vec![
        layer(sigmoid, &[&[0.1, -0.2], &[0.3, 0.4], &[-0.5, 0.6]], Biases::Absent),
        layer(sigmoid, &[&[0.7, -0.8, 0.9], &[-0.1, 0.2, 0.3]], Biases::Absent),
    ];
    let mut example =
        example("The general case: Ω, λ → A, B, C → α, β", layers, &[0.5, -0.9], &[0.1, 0.9]);
    example.names.inputs = strings(&["Ω", "λ"]);
    example.names.neurons = vec![strings(&["A", "B", "C"]), strings(&["α", "β"])];
    example.names.weights = vec![
        vec![strings(&["W_ΩA", "W_λA"]), strings(&["W_ΩB", "W_λB"]), strings(&["W_ΩC", "W_λC"])],
        vec![strings(&["W_Aα", "W_Bα", "W_Cα"]), strings(&["W_Aβ", "W_Bβ", "W_Cβ"])],
    ];
    example
}

/// Matt Mazur's 2-2-2 with frozen, shared biases.
pub(crate) fn mazur() -> Example {
    let sigmoid = Activation::Sigmoid;
    let mut layers = vec![
        layer(sigmoid, &[&[0.15, 0.2], &[0.25, 0.3]], Biases::Shared(0.35)),
        layer(sigmoid, &[&[0.4, 0.45], &[0.5, 0.55]], Biases::Shared(0.6)),
    ];
    for one in &mut layers {
        one.biases_trained = false;
    }
    let mut example =
        example("A step by step backpropagation example", layers, &[0.05, 0.1], &[0.01, 0.99]);
    example.source = Some("Matt Mazur, 2015-03-17".to_string());
    example.shown = Rounding::Digits(9);
    example.names.weights = vec![
        vec![strings(&["w1", "w2"]), strings(&["w3", "w4"])],
        vec![strings(&["w5", "w6"]), strings(&["w7", "w8"])],
    ];
    example
}

/// relu, then softmax with cross-entropy, with trained biases and numbers from
/// 1e-9 to 1e7; two samples.
pub(crate) fn classes() -> Example {
    let layers = vec![
        layer(
            Activation::Relu,
            &[&[0.5, -1e-9], &[-0.25, 12.5]],
            Biases::PerNeuron(vec![0.1, -0.2]),
        ),
        layer(
            Activation::Softmax,
            &[&[1.5, -0.5], &[0.25, 0.75], &[-1.0, 0.1]],
            Biases::PerNeuron(vec![0.0, 0.1, -0.1]),
        ),
    ];
    let mut example = example(
        "Three classes: 50 % & more_or_less #1 {of} $3 ~ ^ \\ <b>",
        layers,
        &[1.0, -2e-7],
        &[0.0, 1.0, 0.0],
    );
    example.note = Some("“Quotes” – dashes — déjà vu, naïve, ½ · Σ ≤ ∂ 漢字 🙂".to_string());
    example.loss = Loss::CategoricalCrossEntropy;
    example.shown = Rounding::Digits(4);
    example.samples.push(Sample { inputs: vec![-1.0, 2e7], targets: vec![1.0, 0.0, 0.0] });
    example
}

/// Names and texts that try to break out of their place.
pub(crate) fn hostile() -> Example {
    let mut example = first();
    let script = "<script>document.title='broken'</script>";
    example.title = script.to_string();
    example.source = Some(format!("{script} \\input{{/etc/passwd}} $x$ `code` | a | b | ]]>"));
    example.note = Some(format!("\"' onload=alert(1) {script} \\end{{document}} %\n\n# heading"));
    example.names.inputs = strings(&["<b>", "x&y"]);
    example.names.neurons = vec![strings(&["a\"b", "c|d"]), strings(&["$e`_*%"])];
    example.names.weights = vec![Vec::new(), Vec::new()];
    example
}

/// A network of some shape, with weights of many digits and long names.
pub(crate) fn shape(widths: &[usize], digits: u8) -> Example {
    let mut count: i64 = 0;
    let mut next = || {
        count += 1;
        // Any numbers will do, as long as each has eight digits and some are negative.
        ((count * 37_194_023 + 11_111_111) % 99_999_989 - 49_999_999) as f64 / 1e8
    };
    let layers = widths
        .windows(2)
        .map(|pair| Layer {
            activation: Activation::Tanh,
            weights: (0..pair[1]).map(|_| (0..pair[0]).map(|_| next()).collect()).collect(),
            biases: Biases::PerNeuron((0..pair[1]).map(|_| next()).collect()),
            biases_trained: true,
        })
        .collect();
    let inputs: Vec<f64> = (0..widths[0]).map(|_| next()).collect();
    let targets: Vec<f64> = (0..*widths.last().expect("a shape")).map(|_| next()).collect();
    let mut example = example("A network of some shape", layers, &inputs, &targets);
    example.shown = Rounding::Digits(digits);
    example
}

/// The same with long names.
pub(crate) fn with_long_names(mut example: Example) -> Example {
    let longer = |name: &String| format!("{name}_temperature");
    example.names.inputs = example.names.inputs.iter().map(longer).collect();
    for layer in &mut example.names.neurons {
        *layer = layer.iter().map(longer).collect();
    }
    example
}
