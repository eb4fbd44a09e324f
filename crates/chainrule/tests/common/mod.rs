//! Worked examples that the tests of several formats share, and what to do
//! where an outside program is missing.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chainrule::activation::Activation;
use chainrule::convention::Convention;
use chainrule::example::{Example, builtin};
use chainrule::explain::{Explanation, Settings};
use chainrule::loss::Loss;
use chainrule::names::Names;
use chainrule::network::{Biases, Layer, Network, Sample};
use chainrule::rounding::Rounding;

/// A function that writes an explanation in some format.
pub(crate) type Writer = fn(&Explanation<'_>, &mut dyn Write) -> std::io::Result<()>;

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

/// Returns the first of some programs that can be started; if none can, the
/// test is skipped by name.
pub(crate) fn program(test: &str, names: &[&str]) -> Option<String> {
    let starts = |name: &&&str| {
        let mut command = Command::new(name);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let found = names.iter().find(starts).map(|name| (*name).to_string());
    if found.is_none() {
        skip(test, &format!("{} is not installed", names.join(" or ")));
    }
    found
}

/// Makes an empty folder for the files of a test, inside the target folder.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test can be made");
    path
}

/// Opens a page in a headless Chromium and returns what its script wrote into
/// the element `result`; `None`, and the test skipped by name, where there is
/// no Chromium.
pub(crate) fn browse(test: &str, page: &str) -> Option<serde_json::Value> {
    let chromium =
        program(test, &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
    let folder = folder(test);
    let path = folder.join("page.html");
    std::fs::write(&path, page).expect("the page can be written");
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-extensions", "--disable-dev-shm-usage", "--virtual-time-budget=20000"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("Chromium was started a moment ago");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let result = dom
        .split_once("<pre id=\"result\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .map(|(text, _)| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    let result = result.unwrap_or_else(|| {
        panic!("the page gave no result: {}", String::from_utf8_lossy(&output.stderr))
    });
    Some(serde_json::from_str(&result).unwrap_or_else(|error| panic!("{error}: {result}")))
}

/// Writes an explanation of one step to a string.
pub(crate) fn page(example: &Example, write: Writer) -> String {
    page_of(example, Settings::default(), write)
}

/// Writes an explanation to a string.
pub(crate) fn page_of(example: &Example, settings: Settings, write: Writer) -> String {
    let explanation = Explanation::new(example, settings).expect("the settings fit the example");
    let mut out = Vec::new();
    write(&explanation, &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("a page is UTF-8")
}

/// Writes the pages that every format is tried on, with a name for each.
pub(crate) fn pages(write: Writer) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = builtin::ALL
        .iter()
        .map(|builtin| (builtin.name.to_string(), page(&builtin.example(), write)))
        .collect();
    let steps = Settings { steps: 2, round_each: true, ..Settings::default() };
    pages.push(("classes".to_string(), page_of(&classes(), steps, write)));
    pages.push(("wide".to_string(), page(&shape(&[16, 3, 1], 6), write)));
    pages.push(("deep".to_string(), page(&with_long_names(shape(&[2, 3, 3, 2], 8)), write)));
    pages.push(("hostile".to_string(), page(&hostile(), write)));
    let why = Settings { why: Some("δ_top".to_string()), ..Settings::default() };
    pages.push(("why".to_string(), page_of(&first(), why, write)));
    pages
}

/// The first example: 2-2-1, no biases, updated weights.
pub(crate) fn first() -> Example {
    Example::builtin("first-example").expect("it is built in")
}

fn layer(activation: Activation, weights: &[&[f64]], biases: &[f64]) -> Layer<f64> {
    Layer {
        activation,
        weights: weights.iter().map(|row| row.to_vec()).collect(),
        biases: Biases::PerNeuron(biases.to_vec()),
        biases_trained: true,
    }
}

fn example(title: &str, layers: Vec<Layer<f64>>, sample: Sample<f64>) -> Example {
    let network = Network { layers };
    Example {
        title: title.to_string(),
        source: None,
        note: None,
        names: Names::automatic(&network),
        network,
        samples: vec![sample],
        learning_rate: 0.5,
        loss: Loss::HalfSquared,
        convention: Convention::default(),
        shown: Rounding::Digits(6),
        answers: Vec::new(),
        published: Vec::new(),
    }
}

/// relu, then softmax with cross-entropy, with trained biases, tiny numbers,
/// two samples, and a title and note of awkward letters.
pub(crate) fn classes() -> Example {
    let layers = vec![
        layer(Activation::Relu, &[&[0.5, -1e-9], &[-0.25, 12.5]], &[0.1, -0.2]),
        layer(Activation::Softmax, &[&[1.5, -0.5], &[0.25, 0.75], &[-1.0, 0.1]], &[0.0, 0.1, -0.1]),
    ];
    let sample = Sample { inputs: vec![1.0, -2e-7], targets: vec![0.0, 1.0, 0.0] };
    let title = "Three classes: 50 % & more_or_less #1 {of} $3 ~ ^ \\ <b>";
    let mut example = example(title, layers, sample);
    example.note =
        Some("“Quotes” – dashes — déjà vu, ő, ½ · Σ ≤ ∂ 10⁻⁹ 漢字 🙂 `x` -- ?!".to_string());
    example.loss = Loss::CategoricalCrossEntropy;
    example.shown = Rounding::Digits(4);
    example.samples.push(Sample { inputs: vec![-1.0, 0.25], targets: vec![1.0, 0.0, 0.0] });
    example
}

/// Names and texts that try to break out of their place.
pub(crate) fn hostile() -> Example {
    let mut example = first();
    let script = "<script>document.title='broken'</script>";
    example.title = script.to_string();
    example.source = Some(format!("{script} \\input{{/etc/passwd}} $x$ `code` | a | b | ]]>"));
    example.note = Some(format!("\"' onload=alert(1) {script} \\end{{document}} %\n\n# heading"));
    example.published.clear();
    example.names.inputs = vec!["<b>".to_string(), "x&y".to_string()];
    example.names.neurons =
        vec![vec!["a\"b".to_string(), "c|d".to_string()], vec!["$e`_*%".to_string()]];
    example.names.weights = vec![Vec::new(), Vec::new()];
    example
}

/// A network of some shape, with biases and numbers of eight decimals.
pub(crate) fn shape(widths: &[usize], digits: u8) -> Example {
    let mut count: i64 = 0;
    let mut next = || {
        count += 1;
        // Any numbers will do, as long as they are long and some are negative.
        ((count * 37_194_023 + 11_111_111) % 99_999_989 - 49_999_999) as f64 / 1e8
    };
    let mut layers = Vec::new();
    for pair in widths.windows(2) {
        let weights = (0..pair[1]).map(|_| (0..pair[0]).map(|_| next()).collect()).collect();
        let biases = Biases::PerNeuron((0..pair[1]).map(|_| next()).collect());
        layers.push(Layer { activation: Activation::Tanh, weights, biases, biases_trained: true });
    }
    let inputs = (0..widths[0]).map(|_| next()).collect();
    let targets = (0..*widths.last().expect("a shape")).map(|_| next()).collect();
    let mut example = example("A network of some shape", layers, Sample { inputs, targets });
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
