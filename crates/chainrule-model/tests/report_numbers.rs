//! What a report shows is what scikit-learn and numpy say of the same data.
//!
//! `testdata/metrics/report.json` holds both; `report.py` beside it made it.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, LayerSpec};
use chainrule_engine::network::Network;
use chainrule_model::encoder::Encoder;
use chainrule_model::metrics::Curves;
use chainrule_model::model::{Model, Permutations, Training, Weights};
use chainrule_model::profile::{Distribution, Histogram, Numbers, Profile};
use chainrule_model::table::{Cells, Column, Lines, MISSING, Table, Text};
use serde_json::{Value, json};

/// Sums are added up in another order than numpy's, and its exp is another.
const TOLERANCE: f64 = 1e-12;

fn cases(which: &str) -> Vec<Value> {
    let text = include_str!("../../../testdata/metrics/report.json");
    let file: Value = serde_json::from_str(text).unwrap();
    file[which].as_array().unwrap().clone()
}

/// Returns numbers, NaN for null.
fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

fn codes(value: &Value) -> Vec<u32> {
    let code = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    value.as_array().unwrap().iter().map(code).collect()
}

#[track_caller]
fn compare(found: f64, expected: f64, what: &str) {
    let off = (found - expected).abs();
    assert!(off <= TOLERANCE * expected.abs().max(1.0), "{what}: {found:e}, expected {expected:e}");
}

#[test]
fn curves_of_each_class_are_those_of_scikit_learn() {
    let mut count = 0;
    for case in cases("curves") {
        let width = usize::try_from(case["width"].as_u64().unwrap()).unwrap();
        let probabilities = floats(&case["probabilities"]);
        let truth: Vec<Vec<f64>> = case["truth"].as_array().unwrap().iter().map(floats).collect();
        for (class, expected) in case["each"].as_array().unwrap().iter().enumerate() {
            let what = format!("{}, class {class}", case["name"]);
            let probability = |row: usize| probabilities[row * width + class];
            let curves = Curves::new("x", truth.len(), probability, |row| truth[row][class] == 1.0);
            compare(curves.share, expected["share"].as_f64().unwrap(), &what);
            compare(curves.roc_auc.unwrap(), expected["roc_auc"].as_f64().unwrap(), &what);
            let average = expected["average_precision"].as_f64().unwrap();
            compare(curves.average_precision.unwrap(), average, &what);
            let [rates, hits, thresholds] = [0, 1, 2].map(|part| floats(&expected["roc"][part]));
            assert_eq!(curves.roc.len(), rates.len(), "{what}");
            for (index, point) in curves.roc.iter().enumerate() {
                compare(point.false_positive_rate, rates[index], &what);
                compare(point.true_positive_rate, hits[index], &what);
                if index > 0 {
                    compare(point.threshold, thresholds[index], &what);
                }
                count += 1;
            }
            let [precision, recall, thresholds] =
                [0, 1, 2].map(|part| floats(&expected["precision_recall"][part]));
            assert_eq!(curves.precision_recall.len(), precision.len(), "{what}");
            for (index, point) in curves.precision_recall.iter().enumerate() {
                compare(point.precision, precision[index], &what);
                compare(point.recall, recall[index], &what);
                compare(point.threshold, thresholds[index], &what);
                count += 1;
            }
        }
    }
    assert!(count > 900, "{count} points");
}

/// The model of a case, in doubles, and the table of its rows.
fn model_and_table(case: &Value) -> (Model, Table) {
    let kind = case["kind"].as_str().unwrap();
    let truth = floats(&case["truth"]);
    let class_words: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
    let (activation, loss, target) = match kind {
        "softmax" => {
            let target = json!({"kind": "classes", "column": "y", "labels": class_words});
            (Activation::Softmax, Loss::CategoricalCrossEntropy, target)
        }
        "sigmoid" => {
            let target = json!({"kind": "classes", "column": "y", "labels": class_words[..2]});
            (Activation::Sigmoid, Loss::BinaryCrossEntropy, target)
        }
        _ => {
            let quantity =
                json!({"column": "y", "log": {"by": "none"}, "mean": 200.0, "deviation": 40.0});
            let target = json!({"kind": "numbers", "quantities": [quantity]});
            (Activation::Identity, Loss::HalfSquared, target)
        }
    };
    let encoder: Encoder =
        serde_json::from_value(json!({"features": case["encoder"], "target": target})).unwrap();
    let layers = case["layers"].as_array().unwrap();
    let biases: Vec<Vec<f64>> = layers.iter().map(|layer| floats(&layer["biases"])).collect();
    let specs = [
        LayerSpec::new(biases[0].len(), Activation::Tanh),
        LayerSpec::new(biases[1].len(), activation),
    ];
    let shape = Architecture::new(encoder.width(), specs).unwrap();
    let parameters = layers.iter().zip(&biases).flat_map(|(layer, biases)| {
        floats(&layer["weights"]).into_iter().chain(biases.clone()).collect::<Vec<f64>>()
    });
    let network = Network::from_parameters(shape, parameters.collect()).unwrap();
    let model = Model::new(Weights::Double(network), loss, encoder, Training::default()).unwrap();

    let words = |words: &[&str], codes: &[f64]| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small codes")]
        let code = |&code: &f64| if code.is_nan() { MISSING } else { code as u32 };
        Cells::Text(Text {
            words: words.iter().map(|word| (*word).to_string()).collect(),
            codes: codes.iter().map(code).collect(),
        })
    };
    let given = case["columns"].as_array().unwrap();
    let mut columns: Vec<Column> = case["encoder"]
        .as_array()
        .unwrap()
        .iter()
        .zip(given)
        .map(|(feature, cells)| {
            let numbers = floats(cells);
            let cells = match feature["kind"].as_str().unwrap() {
                "category" => words(&["Biscoe", "Dream", "Torgersen", "Elsewhere"], &numbers),
                "yes-no" => words(&["no", "yes"], &numbers),
                _ => Cells::Numbers(numbers),
            };
            Column { name: feature["column"].as_str().unwrap().to_string(), cells }
        })
        .collect();
    let cells = match kind {
        "identity" => Cells::Numbers(truth),
        _ => words(&["a", "b", "c"], &truth),
    };
    columns.push(Column { name: "y".to_string(), cells });
    (model, Table { name: "rows".to_string(), columns, lines: Lines::None })
}

#[test]
fn permutation_importance_is_that_of_scikit_learn() {
    for case in cases("importance") {
        let (model, table) = model_and_table(&case);
        let (compared, _) = model.compare(&table).unwrap();
        let each = case["permutations"].as_array().unwrap().iter().map(codes).collect();
        let permutations = Permutations { each };
        let places = compared.sample(usize::MAX, 0);
        let importance =
            model.importance(&table, &compared, &places, &permutations).unwrap().unwrap();
        let expected = case["importance"].as_object().unwrap();
        assert_eq!(importance.metrics.len(), expected.len());
        for (number, metric) in importance.metrics.iter().enumerate() {
            let expected = &expected[metric.name()];
            for (index, column) in importance.columns.iter().enumerate() {
                let what = format!("{}: {} of {}", case["name"], metric.name(), column.column);
                let each = floats(&expected["each"][index]);
                assert_eq!(column.worse[number].len(), each.len(), "{what}");
                for (found, expected) in column.worse[number].iter().zip(each) {
                    compare(*found, expected, &what);
                }
                compare(column.mean(number), floats(&expected["mean"])[index], &what);
                compare(column.deviation(number), floats(&expected["deviation"])[index], &what);
            }
        }
        // Four slots, and a number with its indicator.
        let inputs: Vec<usize> = importance.columns.iter().map(|column| column.inputs).collect();
        assert_eq!(inputs, [4, 2, 1, 1, 1]);
    }
}

#[test]
fn permutations_are_permutations_and_follow_from_the_seed() {
    let drawn = Permutations::draw(50, 3, 11);
    assert_eq!(drawn, Permutations::draw(50, 3, 11));
    assert_ne!(drawn, Permutations::draw(50, 3, 12));
    let in_order: Vec<u32> = (0..50).collect();
    for (number, order) in drawn.each.iter().enumerate() {
        assert_ne!(*order, in_order);
        assert!(!drawn.each[..number].contains(order), "a repeat is another one");
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, in_order);
    }
}

#[test]
fn threads_change_no_bit_of_importance() {
    let case = &cases("importance")[0];
    let (model, table) = model_and_table(case);
    let (compared, _) = model.compare(&table).unwrap();
    let places = compared.sample(60, 3);
    assert_eq!(places.len(), 60);
    let permutations = Permutations::draw(60, 5, 1);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.importance(&table, &compared, &places, &permutations).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn profiles_are_those_of_numpy() {
    for case in cases("profiles") {
        let name = case["name"].as_str().unwrap();
        let numbers = floats(&case["numbers"]);
        let rows: Vec<u32> = (0..).take(numbers.len() + 2).collect();
        let cells = [&numbers[..], &[f64::NAN, f64::INFINITY]].concat();
        let column = Column { name: name.to_string(), cells: Cells::Numbers(cells) };
        let profile = Profile::of(&column, &rows, true);
        assert_eq!(profile.missing, 2, "{name}");
        let Distribution::Numbers(found) = profile.distribution else { panic!("{name}") };
        let Numbers { least, lower_quartile, median, upper_quartile, greatest, .. } = found;
        let quantiles = [least, lower_quartile, median, upper_quartile, greatest];
        for (found, expected) in quantiles.into_iter().zip(floats(&case["quantiles"])) {
            compare(found, expected, name);
        }
        compare(found.mean, case["mean"].as_f64().unwrap(), name);
        compare(found.deviation, case["deviation"].as_f64().unwrap(), name);
        assert_eq!(json!(found.histogram.counts), case["histogram"], "{name}");
    }
}

#[test]
fn huge_numbers_have_a_profile() {
    let numbers = [-1.7e308, 0.0, 1e300, 1.7e308];
    let found = Numbers::of_sorted(&numbers).unwrap();
    for number in [found.lower_quartile, found.median, found.upper_quartile, found.mean] {
        assert!(number.is_finite(), "{found:?}");
    }
    assert_eq!(found.histogram.counts.iter().sum::<u64>(), 4);
    assert_eq!(Histogram::of(&[1.0, 2.0, 9.0], 1.0, 3.0, 2).counts, [1, 1]);
}

#[test]
fn words_are_counted_and_the_most_frequent_stands_first() {
    let words = ["x", "y", "z"].map(String::from).to_vec();
    let cells = Cells::Text(Text { words, codes: vec![0, 1, 2, 1, MISSING, 2, 1] });
    let column = Column { name: "c".to_string(), cells };
    let profile = Profile::of(&column, &[0, 1, 2, 3, 4, 5], false);
    assert_eq!(profile.missing, 1);
    let Distribution::Words(counts) = profile.distribution else { panic!("words") };
    let expected = [("y", 2), ("z", 2), ("x", 1)].map(|(word, count)| (word.to_string(), count));
    assert_eq!(counts.words, expected);
    assert_eq!(Profile::of(&column, &[4], false).distribution, Distribution::Empty);
}
