//! The built-in examples against values from elsewhere: independent
//! computations (`testdata/reference`) and what was published.

use chainrule::backprop::{self, Forward, Trace};
use chainrule::convention::{Convention, DeltaSign, UpdateOrder};
use chainrule::example::Example;
use chainrule::example::builtin;
use chainrule::explain::{Explanation, Settings};
use chainrule::network::{Biases, Layer, Network, Sample};
use chainrule::quantity::{Parameter, Pass, Quantity};
use chainrule::rounding::Rounding;
use chainrule::scalar::Scalar;
use chainrule::scalar::dual::Dual;
use chainrule::scalar::interval::Interval;
use chainrule::scalar::rounded::Rounded;
use chainrule::scalar::worked::Draft;
use serde_json::Value;

/// One step: a dozen operations in a row, each with a relative error of 1e-16.
const ONE_STEP: f64 = 1e-14;

/// Many steps: each adds the errors of its dozen operations, 1e-15 together of
/// numbers around 1, and training does not drive neighbouring weights apart.
/// One step more or less, a wrong update order or bias rule shows at 1e-6.
fn many_steps(count: usize) -> f64 {
    ONE_STEP + 1e-15 * count as f64
}

fn reference(file: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/reference/");
    let text = std::fs::read_to_string(format!("{folder}{file}")).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

fn builtin(name: &str) -> Example {
    Example::builtin(name).expect("it is built in")
}

/// Returns the numbers of a nested list, one after the other.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        Value::String(text) => vec![text.parse().expect("a number")],
        other => panic!("{other} is neither a list nor a number in quotes"),
    }
}

#[track_caller]
fn assert_all_close(what: &str, actual: &[f64], expected: &Value, tolerance: f64) {
    let expected = flat(expected);
    assert_eq!(actual.len(), expected.len(), "{what}");
    assert!(!expected.is_empty(), "{what}: nothing is compared");
    for (index, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
        let difference = (actual - expected).abs();
        assert!(
            difference <= tolerance * expected.abs(),
            "{what}[{index}]: {actual} is not {expected}, relative {:e}",
            difference / expected.abs()
        );
    }
}

fn weights(network: &Network<f64>) -> Vec<f64> {
    let weights = network.layers.iter().flat_map(|layer| &layer.weights);
    weights.flatten().copied().collect()
}

/// Returns the biases as every neuron has them.
fn biases(network: &Network<f64>) -> Vec<f64> {
    let of_layer = |layer: &Layer<f64>| -> Vec<f64> {
        (0..layer.width()).filter_map(|j| layer.bias(j)).collect()
    };
    network.layers.iter().flat_map(of_layer).collect()
}

/// Runs an example for some steps and returns the last one.
fn run(example: &Example, steps: usize) -> Trace<f64> {
    let mut trace = example.step();
    for number in 1..steps {
        trace = example.step_of(&trace.updated, number % example.samples.len());
    }
    trace
}

fn orders() -> [(&'static str, UpdateOrder); 2] {
    [("OLD", UpdateOrder::OldWeights), ("NEW", UpdateOrder::UpdatedWeights)]
}

/// The loss near its minimum is a small difference of numbers around 1, so
/// that its relative error has no bound: outputs that are off by `e` make it
/// off by `|t−a|·e + e²/2` each.
#[track_caller]
fn assert_loss_close(
    what: &str,
    loss: f64,
    example: &Example,
    after: &Forward<f64>,
    expected: &Value,
    e: f64,
) {
    let targets = &example.samples[0].targets;
    let slack: f64 =
        targets.iter().zip(after.outputs()).map(|(t, a)| (t - a).abs() * e + e * e).sum();
    let expected = flat(expected)[0];
    assert!((loss - expected).abs() <= slack, "{what}: {loss} is not {expected}");
}

#[test]
fn the_first_example_has_the_reference_values() {
    let all = &reference("worked_examples.json")["first_example"];
    for (key, update_order) in orders() {
        let expected = &all[key];
        let mut example = builtin("first-example");
        example.convention.update_order = update_order;
        let Trace { before, deltas, gradients, updated, after } = example.step();
        let close = |name: &str, actual: f64| {
            assert_all_close(&format!("{key} {name}"), &[actual], &expected[name], ONE_STEP);
        };
        close("net_top", before.z[0][0]);
        close("net_bottom", before.z[0][1]);
        close("out_top", before.a[0][0]);
        close("out_bottom", before.a[0][1]);
        close("net_out", before.z[1][0]);
        close("out", before.a[1][0]);
        close("loss", before.loss);
        close("delta_out", deltas[1][0]);
        close("delta_top", deltas[0][0]);
        close("delta_bottom", deltas[0][1]);
        for (index, name) in ["w3", "w4", "w5", "w6", "w1", "w2"].into_iter().enumerate() {
            close(name, weights(&updated)[index]);
        }
        close("out_after", after.a[1][0]);
        close("loss_after", after.loss);
        if update_order == UpdateOrder::OldWeights {
            let gradient = &expected["gradient"];
            assert_all_close("OLD gradient", &weights(&gradients), gradient, ONE_STEP);
        }
        for steps in [10, 100, 1000] {
            let what = format!("{key} after {steps} steps");
            let expected = &expected[format!("after_{steps}_steps")];
            let tolerance = many_steps(steps);
            let trace = run(&example, steps);
            let after = &trace.after;
            assert_all_close(&what, &weights(&trace.updated), &expected["weights"], tolerance);
            assert_all_close(&what, after.outputs(), &expected["out"], tolerance);
            assert_loss_close(&what, after.loss, &example, after, &expected["loss"], tolerance);
        }
    }
}

/// Mazur's network with biases that are frozen, trained, or shared and trained.
fn mazur(biases: &str, update_order: UpdateOrder) -> Example {
    let mut example = builtin("mazur");
    example.convention.update_order = update_order;
    for layer in &mut example.network.layers {
        layer.biases_trained = biases != "biases_frozen";
        if let (Biases::Shared(b), "biases_trained") = (&layer.biases, biases) {
            layer.biases = Biases::PerNeuron(vec![*b; layer.weights.len()]);
        }
    }
    example
}

#[test]
fn mazurs_example_has_the_reference_values() {
    let all = &reference("worked_examples.json")["mazur"];
    for (key, update_order) in orders() {
        let step = &all[key]["step"];
        let mut example = mazur("biases_frozen", update_order);
        // The reference has δ = −∂E/∂z.
        example.convention.delta_sign = DeltaSign::Textbook;
        let trace = example.step();
        let close = |name: &str, actual: &[f64]| {
            assert_all_close(&format!("{key} {name}"), actual, &step[name], ONE_STEP);
        };
        close("z", &trace.before.z.concat());
        close("a", &trace.before.a.concat());
        close("loss", &[trace.before.loss]);
        close("delta", &trace.deltas.concat());
        if update_order == UpdateOrder::OldWeights {
            close("gradient", &weights(&trace.gradients));
        }
        for mode in ["biases_frozen", "biases_trained", "biases_shared"] {
            let example = mazur(mode, update_order);
            for steps in [1, 2, 10, 100, 1000, 9999, 10000] {
                let what = format!("{key} {mode} after {steps}");
                let expected = &all[key][mode][format!("after_{steps}")];
                let tolerance = many_steps(steps);
                let Trace { updated, after, .. } = run(&example, steps);
                assert_all_close(&what, &weights(&updated), &expected["weights"], tolerance);
                assert_all_close(&what, &biases(&updated), &expected["biases"], tolerance);
                assert_all_close(&what, after.outputs(), &expected["outputs"], tolerance);
                let loss = &expected["loss"];
                assert_loss_close(&what, after.loss, &example, &after, loss, tolerance);
            }
        }
    }
}

#[test]
fn other_examples_agree_with_differences() {
    let all = reference("by_differences.json");
    for name in ["general", "han-kamber", "xor"] {
        let example = builtin(name);
        let steps = all[name]["steps"].as_array().expect("a list of steps");
        let mut network = example.network.clone();
        for (number, expected) in steps.iter().enumerate() {
            let trace = example.step_of(&network, number % example.samples.len());
            // 0 is the pre-activation, delta or gradient of some places here.
            let close = |key: &str, actual: &[f64]| {
                let expected = flat(&expected[key]);
                assert_eq!(actual.len(), expected.len(), "{name} {key}");
                for (actual, expected) in actual.iter().zip(expected) {
                    assert!(
                        (actual - expected).abs() <= ONE_STEP * expected.abs().max(1e-3),
                        "{name}, step {number}, {key}: {actual} is not {expected}"
                    );
                }
            };
            close("z", &trace.before.z.concat());
            close("a", &trace.before.a.concat());
            close("loss", &[trace.before.loss]);
            close("delta", &trace.deltas.concat());
            close("gradient", &weights(&trace.gradients));
            close("bias_gradient", &biases(&trace.gradients));
            close("weights", &weights(&trace.updated));
            close("biases", &biases(&trace.updated));
            close("a_after", &trace.after.a.concat());
            close("loss_after", &[trace.after.loss]);
            network = trace.updated;
        }
    }
}

#[test]
fn exclusive_or_is_learnt_in_136_steps() {
    let expected = &reference("by_differences.json")["xor"];
    let example = builtin("xor");
    let outputs = |network: &Network<f64>| -> Vec<f64> {
        let forward = |sample| backprop::forward(network, sample, example.loss, Pass::Before);
        example.samples.iter().map(|sample| forward(sample).outputs()[0]).collect()
    };
    let is_learnt = |network: &Network<f64>| {
        let near = |(a, t): (&f64, f64)| (a - t).abs() < 0.1;
        outputs(network).iter().zip([0.0, 1.0, 1.0, 0.0]).all(near)
    };
    let learnt = run(&example, 136).updated;
    let tolerance = many_steps(136);
    assert_all_close("weights", &weights(&learnt), &expected["after_136"]["weights"], tolerance);
    assert_all_close("biases", &biases(&learnt), &expected["after_136"]["biases"], tolerance);
    assert_all_close("outputs", &outputs(&learnt), &expected["outputs_after_136"], tolerance);
    assert!(is_learnt(&learnt));
    assert!(!is_learnt(&run(&example, 132).updated), "one round less is not enough");
    assert!(is_learnt(&run(&example, 4000).updated), "it stays learnt");
}

/// Returns the value of a quantity in a step.
fn value_of(trace: &Trace<f64>, sign: DeltaSign, quantity: Quantity) -> f64 {
    let pass = |pass| if pass == Pass::Before { &trace.before } else { &trace.after };
    let parameter = |network: &Network<f64>, wanted: Parameter| {
        let found = network.parameters().find(|&(parameter, _)| parameter == wanted);
        found.expect("a figure is of something that exists").1
    };
    match quantity {
        Quantity::PreActivation(one, neuron) => pass(one).z[neuron.layer][neuron.index],
        Quantity::Activation(one, neuron) => pass(one).a[neuron.layer][neuron.index],
        Quantity::Loss(one) => pass(one).loss,
        Quantity::Delta(neuron) => trace.deltas[neuron.layer][neuron.index],
        // ∂E/∂z = ∂E/∂a·a·(1 − a); all hidden neurons here are sigmoid.
        Quantity::ActivationGradient(neuron) => {
            let a = trace.before.a[neuron.layer][neuron.index];
            let delta = trace.deltas[neuron.layer][neuron.index];
            let slope = delta / (a * (1.0 - a));
            if sign == DeltaSign::Gradient { slope } else { -slope }
        }
        Quantity::Gradient(wanted) => parameter(&trace.gradients, wanted),
        Quantity::Updated(wanted) => parameter(&trace.updated, wanted),
        other => panic!("no published figure is a {other:?}"),
    }
}

#[test]
fn published_figures_come_out_or_have_a_note() {
    let mut count = 0;
    for builtin in builtin::ALL {
        let example = builtin.example();
        for group in &example.published {
            let mut example = example.clone();
            example.convention.update_order = group.update_order;
            let trace = run(&example, group.steps);
            for figure in &group.figures {
                let id = example.names.id(figure.quantity);
                let computed = value_of(&trace, example.convention.delta_sign, figure.quantity);
                assert_eq!(
                    figure.agrees_with(computed),
                    figure.note.is_none(),
                    "{}, {id}: computed {computed}, printed {}, note {:?}",
                    builtin.name,
                    figure.printed,
                    figure.note
                );
                count += 1;
            }
        }
    }
    // 15 of the first example, 20 + 1 + 3 + 1 of Mazur's, 20 of the book.
    assert_eq!(count, 15 + 25 + 20);
}

#[test]
fn the_first_example_has_all_published_figures() {
    let list = include_str!("../../../testdata/reference/first-example-published.csv");
    let example = builtin("first-example");
    let figures: Vec<String> = example.published[0]
        .figures
        .iter()
        .map(|figure| format!("{},{}", example.names.id(figure.quantity), figure.value))
        .collect();
    let rows: Vec<&str> =
        list.lines().skip_while(|line| *line != "quantity,published").skip(1).collect();
    assert_eq!(figures, rows);
}

/// Runs the first step of an example in another kind of number.
fn step_in<S: Scalar>(example: &Example, number: impl Fn(Quantity, f64) -> S) -> Trace<S> {
    let list = |quantity: fn(usize) -> Quantity, values: &[f64]| -> Vec<S> {
        values.iter().enumerate().map(|(index, &value)| number(quantity(index), value)).collect()
    };
    let given = &example.samples[0];
    let sample = Sample {
        inputs: list(Quantity::Input, &given.inputs),
        targets: list(Quantity::Target, &given.targets),
    };
    let network =
        example.network.map(|parameter, value| number(Quantity::Parameter(parameter), value));
    let rate = number(Quantity::LearningRate, example.learning_rate);
    backprop::step(&network, &sample, rate, example.loss, example.convention)
}

/// Returns all numbers of a step.
fn numbers<S: Scalar>(trace: &Trace<S>) -> Vec<S> {
    let Trace { before, deltas, gradients, updated, after } = trace;
    let of_pass = |pass: &Forward<S>| [pass.z.concat(), pass.a.concat(), vec![pass.loss]].concat();
    let of_network = |network: &Network<S>| network.parameters().map(|(_, value)| value).collect();
    [of_pass(before), deltas.concat(), of_network(gradients), of_network(updated), of_pass(after)]
        .concat()
}

fn in_both_orders() -> impl Iterator<Item = (&'static str, Example)> {
    builtin::ALL.into_iter().flat_map(|builtin| {
        UpdateOrder::ALL.into_iter().map(move |update_order| {
            let mut example = builtin.example();
            example.convention.update_order = update_order;
            (builtin.name, example)
        })
    })
}

#[test]
fn every_kind_of_number_has_the_same_values() {
    for (name, example) in in_both_orders() {
        let plain = numbers(&example.step());
        let values = |trace: Vec<f64>, kind: &str| assert_eq!(trace, plain, "{name}, {kind}");

        // Seventeen digits are all that a double has.
        let digits = Rounding::Digits(17);
        let rounded = step_in(&example, |_, value| Rounded::new(value, digits));
        values(numbers(&rounded).into_iter().map(Scalar::value).collect(), "rounded");

        let dual = step_in(&example, |_, value| Dual::fixed(value));
        values(numbers(&dual).into_iter().map(Scalar::value).collect(), "dual");

        let draft = Draft::new(None);
        let worked = step_in(&example, |quantity, value| draft.given(quantity, value));
        values(numbers(&worked).into_iter().map(Scalar::value).collect(), "worked");
    }
}

#[test]
fn intervals_contain_what_is_computed_and_what_is_rounded() {
    for (name, example) in in_both_orders() {
        let exact = numbers(&example.step());
        let narrow = numbers(&step_in(&example, |_, value| Interval::exact(value, None)));
        assert_eq!(narrow.len(), exact.len());
        for (interval, value) in narrow.iter().zip(&exact) {
            assert!(interval.contains(*value), "{name}: {value} is not in {interval:?}");
            assert!(interval.high() - interval.low() < 1e-13, "{name}: {interval:?} is wide");
        }
        let rounding = Rounding::Decimals(3);
        let wide = numbers(&step_in(&example, |_, value| Interval::exact(value, Some(rounding))));
        let by_hand = numbers(&step_in(&example, |_, value| Rounded::new(value, rounding)));
        assert_ne!(by_hand.iter().map(|x| x.value()).collect::<Vec<_>>(), exact, "{name}");
        for ((interval, value), rounded) in wide.iter().zip(&exact).zip(&by_hand) {
            assert!(interval.contains(*value), "{name}: {value} is not in {interval:?}");
            let rounded = rounded.value();
            assert!(interval.contains(rounded), "{name}: {rounded} is not in {interval:?}");
        }
    }
}

#[test]
fn intervals_contain_the_reference_values() {
    let all = reference("worked_examples.json");
    for (key, update_order) in orders() {
        let mut example = builtin("first-example");
        example.convention.update_order = update_order;
        let trace = step_in(&example, |_, value| Interval::exact(value, None));
        let expected = &all["first_example"][key];
        let [w3, w4, w5, w6, w1, w2] =
            trace.updated.parameters().map(|(_, w)| w).collect::<Vec<_>>()[..]
        else {
            panic!("the first example has six weights");
        };
        let table = [
            ("out_top", trace.before.a[0][0]),
            ("net_out", trace.before.z[1][0]),
            ("out", trace.before.a[1][0]),
            ("loss", trace.before.loss),
            ("delta_out", trace.deltas[1][0]),
            ("delta_top", trace.deltas[0][0]),
            ("delta_bottom", trace.deltas[0][1]),
            ("w1", w1),
            ("w2", w2),
            ("w3", w3),
            ("w4", w4),
            ("w5", w5),
            ("w6", w6),
            ("out_after", trace.after.a[1][0]),
            ("loss_after", trace.after.loss),
        ];
        for (name, interval) in table {
            let value = flat(&expected[name])[0];
            assert!(interval.contains(value), "{key} {name}: {value} is not in {interval:?}");
        }
    }
}

#[test]
fn the_gradient_of_an_activation_is_shown_when_asked_for() {
    // Mazur's ∂E/∂out_h1, recomputed apart from this program for both orders.
    let table =
        [(UpdateOrder::OldWeights, 0.036_350_306_4), (UpdateOrder::UpdatedWeights, 0.030_229_7)];
    for ((order, expected), sign) in
        table.into_iter().flat_map(|row| DeltaSign::ALL.map(|sign| (row, sign)))
    {
        let mut example = builtin("mazur");
        example.convention = Convention { update_order: order, delta_sign: sign };
        let why = |text: Option<&str>| {
            let settings = Settings { why: text.map(str::to_string), ..Settings::default() };
            Explanation::new(&example, settings).expect("it can be explained").steps().next()
        };
        let step = why(Some("∂E/∂a_h1")).expect("one step");
        let line = step.lines().last().expect("the line asked for");
        assert_eq!(line.id(), "grad_a_h1");
        assert!((line.value() - expected).abs() < 1e-7, "{order:?} {sign:?}: {}", line.value());
        let phases: Vec<&str> = step.lines().map(|line| line.phase().id()).collect();
        assert!(phases.contains(&"backward") && phases.contains(&"forward"), "{phases:?}");

        let whole = why(None).expect("one step");
        assert!(whole.lines().all(|line| line.id() != "grad_a_h1"), "no line of its own");
    }
}
