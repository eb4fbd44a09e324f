//! What an explanation says in words: title, conventions, outcome.
//!
//! Every format takes its sentences from here, so that all of them say the
//! same. They are plain text with the symbols `δ ∂ η Σ ⁺ ·` in it; a format
//! that cannot write one of these translates it.
//!
//! Not for formulas: those come from the lines of the
//! [`Explanation`].

use std::cmp::Ordering;

use super::{Explanation, Part, Step, layer_name, symbol};
use crate::explain::formula::plain;
use crate::network::{Biases, Layer, Network};
use crate::rounding::Rounding;

/// What the mark behind a symbol means.
pub const AFTER_MARK: &str = "⁺ marks a value after the step";

/// The headings of the four parts of a line.
pub const COLUMNS: [&str; 4] = ["Quantity", "Formula", "Numbers put in", "Value"];

/// Returns the title of the page.
pub fn heading(explanation: &Explanation<'_>) -> String {
    let title = explanation.example.title.trim();
    if title.is_empty() { "One step of backpropagation".to_string() } else { title.to_string() }
}

/// Returns where the example comes from.
pub fn source(explanation: &Explanation<'_>) -> Option<String> {
    explanation.example.source.as_ref().map(|source| format!("Source: {source}"))
}

/// Returns what a reader should know beforehand.
///
/// The paragraphs are those of the file, parted by empty lines; line breaks
/// inside one are the writer's, and go.
pub fn note(explanation: &Explanation<'_>) -> Vec<String> {
    let note = explanation.example.note.as_deref().unwrap_or_default();
    note.split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

/// Returns what the page leaves out, if it does.
pub fn selection(explanation: &Explanation<'_>) -> Option<String> {
    let part = explanation.settings.only.map(|part| match part {
        Part::Prediction => "the forward pass and what is read off it",
        Part::Forward => "the forward pass and the loss",
        Part::Backward => "the backward pass: deltas and gradients",
        Part::Update => "the update: new weights, and the forward pass with them",
    });
    match (explanation.why(), part) {
        (None, None) => None,
        (None, Some(part)) => Some(format!("Only {part}")),
        (Some((step, quantity)), part) => {
            // A chain that ends in a prediction has no other part.
            let part = part.filter(|_| !explanation.is_prediction());
            let name = symbol::of(&explanation.example.names, quantity);
            let of_step = if explanation.settings.steps > 1 {
                format!(" of step {step}")
            } else {
                String::new()
            };
            let part = part.map_or_else(String::new, |part| format!("; of these only {part}"));
            Some(format!("Only the lines that {name}{of_step} depends on{part}"))
        }
    }
}

/// Returns what books do differently and what this page does, as pairs of a
/// label and a sentence (without the full stop).
pub fn conventions(explanation: &Explanation<'_>) -> Vec<(String, String)> {
    let example = explanation.example;
    let network = &example.network;
    let of_step = [
        ("Update order".to_string(), example.convention.update_order.sentence().to_string()),
        ("Sign of delta".to_string(), example.convention.delta_sign.sentence().to_string()),
        (
            "Loss".to_string(),
            format!("E = {}, {}", example.loss.formula(), example.loss.sentence()),
        ),
        ("Learning rate".to_string(), format!("η = {}", plain(example.learning_rate))),
    ];
    let mut stated: Vec<_> = of_step.into_iter().filter(|_| !explanation.is_prediction()).collect();
    stated.extend(activations(network));
    stated.push(("Biases".to_string(), biases(network)));
    stated.push(("Numbers".to_string(), numbers(explanation)));
    if example.samples.len() > 1 {
        stated.push(("Samples".to_string(), samples(explanation)));
    }
    if explanation.settings.steps > 1 {
        let steps = explanation.settings.steps;
        stated.push((
            "Steps".to_string(),
            format!("{steps}, each from the new weights of the one before"),
        ));
    }
    if !explanation.is_prediction() {
        stated.push(("Marks".to_string(), AFTER_MARK.to_string()));
    }
    stated
}

/// Returns the heading of a step; `None` where there is nothing to tell apart.
pub fn step_heading(explanation: &Explanation<'_>, step: &Step<'_>) -> Option<String> {
    let samples = explanation.example.samples.len();
    match (explanation.settings.steps > 1, samples > 1) {
        (false, false) => None,
        (true, false) => Some(format!("Step {}", step.number)),
        (false, true) => Some(format!("Sample {} of {samples}", step.sample + 1)),
        (true, true) => {
            Some(format!("Step {}: sample {} of {samples}", step.number, step.sample + 1))
        }
    }
}

/// Returns what the step did to the loss.
pub fn outcome(step: &Step<'_>) -> String {
    let (before, after) = step.losses();
    let shown = step.example.shown;
    let (from, to) = (shown.show(before), shown.show(after));
    match after.partial_cmp(&before) {
        None => format!("The loss cannot be compared: it was {from} and is {to}"),
        Some(Ordering::Equal) => format!("The loss stays at {to}"),
        Some(order) => {
            let verb = if order == Ordering::Less { "falls" } else { "rises" };
            if from == to {
                format!("The loss {verb}, by less than the digits shown: it was {from} and is {to}")
            } else {
                format!("The loss {verb} from {from} to {to}")
            }
        }
    }
}

/// Returns one statement for each layer, or for a run of layers with the same
/// activation.
fn activations(network: &Network<f64>) -> Vec<(String, String)> {
    let count = network.layers.len();
    let mut stated: Vec<(String, String)> = Vec::new();
    let mut first = 0;
    for run in network.layers.chunk_by(|x, y| x.activation == y.activation) {
        let last = first + run.len() - 1;
        let label = if run.len() == count {
            if count == 1 { layer_name(0, 1) } else { "all layers".to_string() }
        } else if first == last {
            layer_name(first, count)
        } else {
            format!("{} to {}", layer_name(first, count), layer_name(last, count))
        };
        let activation = run[0].activation;
        stated.push((
            capitalized(&label),
            format!("{}, a = {}", activation.name(), activation.formula()),
        ));
        first = last + 1;
    }
    stated
}

fn biases(network: &Network<f64>) -> String {
    let count = network.layers.len();
    let all: Vec<&str> = network.layers.iter().map(layer_biases).collect();
    if all.windows(2).all(|pair| pair[0] == pair[1]) {
        all.first().copied().unwrap_or("none").to_string()
    } else {
        let each = all.iter().enumerate();
        each.map(|(layer, text)| format!("{}: {text}", layer_name(layer, count)))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

fn layer_biases(layer: &Layer<f64>) -> &'static str {
    match (&layer.biases, layer.biases_trained) {
        (Biases::Absent, _) => "none",
        (Biases::PerNeuron(_), true) => "one for each neuron, trained",
        (Biases::PerNeuron(_), false) => "one for each neuron, frozen: never updated",
        (Biases::Shared(_), true) => "one shared by all neurons of the layer, trained",
        (Biases::Shared(_), false) => {
            "one shared by all neurons of the layer, frozen: never updated"
        }
    }
}

fn numbers(explanation: &Explanation<'_>) -> String {
    let places = places(explanation.example.shown);
    if explanation.settings.round_each {
        format!("every line is rounded to {places}, and the rounded value carried on")
    } else {
        format!("computed in double precision, shown to {places}")
    }
}

fn samples(explanation: &Explanation<'_>) -> String {
    let count = explanation.example.samples.len();
    match (explanation.settings.sample, explanation.settings.steps) {
        (None, 1) => format!("the first of {count}"),
        (Some(sample), 1) => format!("number {} of {count}", sample + 1),
        (None, _) => format!("{count}, one for each step, in turn"),
        (Some(sample), _) => format!("number {} of {count}, in every step", sample + 1),
    }
}

/// Writes the minus signs of a statement as such: `-` between two words is a
/// hyphen, any other a minus.
pub fn with_minus_signs(statement: &str) -> String {
    let letters: Vec<char> = statement.chars().collect();
    let is_in_word = |range: &[char]| range.iter().all(|letter| letter.is_alphabetic());
    let mut out = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(2).map(|start| &letters[start..at]);
        let after = letters.get(at + 1..at + 3);
        let is_hyphen = before.is_some_and(is_in_word) && after.is_some_and(is_in_word);
        out.push(if letter == '-' && !is_hyphen { '−' } else { letter });
    }
    out
}

/// Writes a shown number for running text: real minus signs, the exponent raised.
pub fn typeset(shown: &str) -> String {
    let text = shown.replace('-', "−");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let raised = exponent.chars().map(|letter| match letter.to_digit(10) {
        Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
        None => '⁻',
    });
    format!("{mantissa}·10{}", raised.collect::<String>())
}

/// Cuts a statement into what stands on the line and what is raised, in turn:
/// the `-z` of `e^(-z)` is.
pub fn raised(statement: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = statement;
    while let Some((before, behind)) = rest.split_once('^') {
        let (exponent, after) =
            match behind.strip_prefix('(').and_then(|in_brackets| in_brackets.split_once(')')) {
                Some(parts) => parts,
                None => behind.split_at(behind.chars().next().map_or(0, char::len_utf8)),
            };
        parts.extend([before, exponent]);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Returns a number of places in words.
pub fn places(rounding: Rounding) -> String {
    match rounding {
        Rounding::Decimals(1) => "1 decimal".to_string(),
        Rounding::Decimals(count) => format!("{count} decimals"),
        Rounding::Digits(1) => "1 significant digit".to_string(),
        Rounding::Digits(count) => format!("{count} significant digits"),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_signs_are_told_from_hyphens() {
        let table = [
            ("E = Σ ½(t-a)², half-squared", "E = Σ ½(t−a)², half-squared"),
            ("a = 1/(1 + e^(-z))", "a = 1/(1 + e^(−z))"),
            ("leaky-relu, e^z - 1", "leaky-relu, e^z − 1"),
            ("η = 1e-9", "η = 1e−9"),
        ];
        for (typed, expected) in table {
            assert_eq!(with_minus_signs(typed), expected);
        }
    }

    #[test]
    fn exponents_are_raised() {
        assert_eq!(typeset("-2.4e-19"), "−2.4·10⁻¹⁹");
        assert_eq!(raised("1/(1 + e^(-z)), a"), ["1/(1 + e", "-z", "), a"]);
        assert_eq!(raised("Σ e^z / 2"), ["Σ e", "z", " / 2"]);
        assert_eq!(raised("no power"), ["no power"]);
        assert_eq!(raised("^"), ["", "", ""]);
    }
}
