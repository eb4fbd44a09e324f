//! Scores are those of scikit-learn on the same predictions.
//!
//! `testdata/metrics/cases.json` holds both; `cases.py` beside it made it.

use chainrule_model::metrics::ranking::Ranking;
use chainrule_model::metrics::{Calibration, Detail, Evaluation, Options};
use serde_json::Value;

/// Sums are added up in another order than numpy's.
const TOLERANCE: f64 = 1e-12;

fn cases() -> Vec<Value> {
    let text = include_str!("../../../testdata/metrics/cases.json");
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn evaluate(case: &Value) -> Evaluation {
    let width = usize::try_from(case["width"].as_u64().unwrap()).unwrap();
    let labels: Vec<String> = (0..width).map(|index| index.to_string()).collect();
    let targets = floats(&case["targets"]);
    let predictions = floats(&case["predictions"]);
    let options = Options { quantile: case["quantile"].as_f64(), ..Options::default() };
    let evaluation = match case["task"].as_str().unwrap() {
        "classes" => {
            let targets: Vec<u32> = classes(case);
            Evaluation::of_classes(&labels, &targets, &predictions, &options)
        }
        "labels" => Evaluation::of_labels(&labels, &targets, &predictions, &options),
        _ => Evaluation::of_numbers(&labels, &targets, &predictions, &options),
    };
    evaluation.unwrap()
}

fn classes(case: &Value) -> Vec<u32> {
    let targets = case["targets"].as_array().unwrap().iter();
    targets.map(|class| u32::try_from(class.as_u64().unwrap()).unwrap()).collect()
}

/// Says where a number differs from the one expected; null is no number.
#[track_caller]
fn compare(found: Option<f64>, expected: &Value, what: &str) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) => {
            let off = (found - expected).abs();
            assert!(
                off <= TOLERANCE * expected.abs().max(found.abs()),
                "{what}: {found:e}, expected {expected:e}"
            );
        }
        (found, expected) => panic!("{what}: {found:?}, expected {expected:?}"),
    }
}

#[test]
fn every_score_is_that_of_scikit_learn() {
    let mut count = 0;
    for case in cases() {
        let name = &case["name"];
        let evaluation = evaluate(&case);
        let expected = case["scores"].as_object().unwrap();
        assert_eq!(evaluation.scores.len(), expected.len(), "{name}: {expected:?}");
        for score in &evaluation.scores {
            let metric = score.metric.name();
            let value = expected.get(metric).unwrap_or_else(|| panic!("{name}: no {metric}"));
            compare(score.value.ok(), value, &format!("{name}: {metric}"));
            count += 1;
        }
    }
    assert!(count > 400, "{count} scores");
}

#[test]
fn scores_of_each_class_label_and_target_are_those_of_scikit_learn() {
    for case in cases() {
        let detail = serde_json::to_value(evaluate(&case).detail).unwrap();
        let each = ["classes", "labels", "targets"].map(|key| detail[key].as_array().cloned());
        let each = each.into_iter().flatten().next().unwrap();
        let expected = case["each"].as_array().unwrap();
        assert_eq!(each.len(), expected.len());
        for (index, (found, expected)) in each.iter().zip(expected).enumerate() {
            for (metric, value) in expected.as_object().unwrap() {
                let what = format!("{}: {metric} of {index}", case["name"]);
                compare(found[metric].as_f64(), value, &what);
            }
        }
    }
}

#[test]
fn confusion_matrices_and_bins_are_those_of_scikit_learn() {
    let same_bins = |calibration: &Calibration, case: &Value| {
        for (bin, expected) in calibration.bins.iter().zip(case["bins"].as_array().unwrap()) {
            let name = &case["name"];
            assert_eq!(Some(bin.rows), expected[0].as_u64(), "{name}");
            compare(Some(bin.mean_probability), &expected[1], &format!("{name}: probability"));
            compare(Some(bin.share_true), &expected[2], &format!("{name}: share"));
        }
    };
    for case in cases() {
        match evaluate(&case).detail {
            Detail::Classification { confusion, calibration, .. } => {
                assert_eq!(serde_json::to_value(confusion).unwrap(), case["confusion"]);
                same_bins(&calibration, &case);
            }
            Detail::MultiLabel { calibration, .. } => same_bins(&calibration, &case),
            _ => {}
        }
    }
}

#[test]
fn curves_are_those_of_scikit_learn() {
    let mut count = 0;
    for case in cases().iter().filter(|case| case["curves"].is_object()) {
        let name = &case["name"];
        let predictions = floats(&case["predictions"]);
        let targets = classes(case);
        let probability = |row: usize| predictions[2 * row + 1];
        let ranking = Ranking::new(targets.len(), probability, |row| targets[row] == 1);
        let [rates, hits, thresholds] = [0, 1, 2].map(|part| &case["curves"]["roc"][part]);
        let roc = ranking.roc(probability);
        assert_eq!(roc.len(), rates.as_array().unwrap().len(), "{name}");
        for (index, point) in roc.iter().enumerate() {
            let what = format!("{name}: point {index}");
            compare(Some(point.false_positive_rate), &rates[index], &what);
            compare(Some(point.true_positive_rate), &hits[index], &what);
            compare(Some(point.threshold).filter(|x| x.is_finite()), &thresholds[index], &what);
            count += 1;
        }
        let [precision, recall, thresholds] =
            [0, 1, 2].map(|part| &case["curves"]["precision_recall"][part]);
        let curve = ranking.precision_recall(probability);
        assert_eq!(curve.len(), precision.as_array().unwrap().len(), "{name}");
        for (index, point) in curve.iter().enumerate() {
            let what = format!("{name}: point {index}");
            compare(Some(point.precision), &precision[index], &what);
            compare(Some(point.recall), &recall[index], &what);
            compare(Some(point.threshold), &thresholds[index], &what);
            count += 1;
        }
    }
    assert!(count > 400, "{count} points");
}

#[test]
fn what_is_written_is_read() {
    for case in cases() {
        let evaluation = evaluate(&case);
        let text = serde_json::to_string(&evaluation).unwrap();
        let read: Evaluation = serde_json::from_str(&text).unwrap();
        assert_eq!(read, evaluation, "{}", case["name"]);
    }
}
