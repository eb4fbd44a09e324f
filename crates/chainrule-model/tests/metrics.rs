//! Scores are those of scikit-learn on the same predictions.
//!
//! `testdata/metrics/cases.json` holds both; `cases.py` beside it made it.

use chainrule_model::metrics::ranking::Ranking;
use chainrule_model::metrics::{
    Calibration, Detail, Evaluation, Interval, Metric, Options, Resampling, Undefined, baseline,
};
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

#[test]
fn intervals_and_baselines_stand_beside_the_scores() {
    let labels = ["no".to_string(), "yes".to_string()];
    let targets: Vec<u32> = (0..300).map(|row| u32::from(row % 3 == 0)).collect();
    let probability = |row: usize| if row.is_multiple_of(4) { 0.7 } else { 0.2 };
    let probabilities: Vec<f64> =
        (0..300).flat_map(|row| [1.0 - probability(row), probability(row)]).collect();
    let shares = baseline::class_shares(&targets, 2);
    let options = Options {
        baseline: Some(&shares),
        resampling: Some(Resampling::default()),
        ..Options::default()
    };
    let evaluation = Evaluation::of_classes(&labels, &targets, &probabilities, &options).unwrap();
    for score in &evaluation.scores {
        let value = score.value.unwrap();
        let Interval { low, high } = score.interval.unwrap();
        assert!(low <= value && value <= high, "{score:?}");
        assert!(low < high, "{score:?}");
    }
    let of_baseline = |metric| evaluation.score(metric).unwrap().baseline.unwrap();
    // Two thirds are of the first class: ln of the shares, by hand.
    assert_eq!(of_baseline(Metric::Accuracy), Ok(2.0 / 3.0));
    assert_eq!(of_baseline(Metric::RocAuc), Ok(0.5));
    let entropy = 3_f64.ln() - 2.0 / 3.0 * 2_f64.ln();
    assert!((of_baseline(Metric::LogLoss).unwrap() - entropy).abs() < 1e-12);
    assert_eq!(of_baseline(Metric::Precision), Err(Undefined::NonePredicted));
    let text = serde_json::to_string(&evaluation).unwrap();
    assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
}

#[test]
fn a_largest_error_has_no_interval() {
    let names = ["price".to_string()];
    let targets: Vec<f64> = (0..50).map(f64::from).collect();
    let predictions: Vec<f64> = targets.iter().map(|t| t + t.sin()).collect();
    let mean = baseline::means(&targets, 1);
    let options = Options {
        baseline: Some(&mean),
        resampling: Some(Resampling { resamples: 50, ..Resampling::default() }),
        ..Options::default()
    };
    let evaluation = Evaluation::of_numbers(&names, &targets, &predictions, &options).unwrap();
    assert_eq!(evaluation.score(Metric::MaxError).unwrap().interval, None);
    assert!(evaluation.score(Metric::Rmse).unwrap().interval.is_some());
    assert_eq!(evaluation.score(Metric::R2).unwrap().baseline, Some(Ok(0.0)));
}

#[test]
fn the_median_is_the_best_constant_for_its_pinball_loss() {
    let targets = [1.0, 7.0, 2.0, 100.0, 3.0];
    assert_eq!(baseline::quantiles(&targets, 1, 0.5), [3.0]);
    assert_eq!(baseline::quantiles(&targets, 1, 0.9), [100.0]);
    assert_eq!(baseline::quantiles(&[1.0, 10.0, 2.0, 20.0], 2, 0.5), [1.0, 10.0]);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let labels = ["a".to_string(), "b".to_string()];
    let none = Options::default();
    let classes = |targets: &[u32], probabilities: &[f64]| {
        Evaluation::of_classes(&labels, targets, probabilities, &none).unwrap_err().to_string()
    };
    assert_eq!(classes(&[], &[]), "there is no row to evaluate");
    assert_eq!(classes(&[0], &[1.0]), "probabilities: found 1, expected 2");
    assert_eq!(classes(&[0, 2], &[1.0; 4]), "row 1 is of class 2, expected one of 2");
    let numbers = |targets: &[f64], predictions: &[f64]| {
        Evaluation::of_numbers(&labels, targets, predictions, &none).unwrap_err().to_string()
    };
    assert_eq!(numbers(&[1.0], &[1.0]), "there is no row to evaluate");
    assert_eq!(
        numbers(&[1.0, f64::NAN], &[1.0, 1.0]),
        "row 0 has the target NaN, expected a finite number"
    );
    let found = Evaluation::of_labels(&labels, &[0.0, 0.5], &[0.0, 0.0], &none).unwrap_err();
    assert_eq!(found.to_string(), "row 0 has the target 0.5 for a label, expected 0 or 1");
}

#[test]
fn predictions_that_are_no_numbers_have_no_score() {
    let labels = ["a".to_string(), "b".to_string()];
    let evaluation =
        Evaluation::of_classes(&labels, &[0, 1], &[f64::NAN; 4], &Options::default()).unwrap();
    assert_eq!(evaluation.score(Metric::LogLoss).unwrap().value, Err(Undefined::NotFinite));
    let names = ["t".to_string()];
    let evaluation =
        Evaluation::of_numbers(&names, &[0.0, 1.0], &[f64::INFINITY, 1.0], &Options::default());
    let evaluation = evaluation.unwrap();
    for metric in [Metric::R2, Metric::Rmse, Metric::Mae, Metric::MaxError] {
        assert_eq!(
            evaluation.score(metric).unwrap().value,
            Err(Undefined::NotFinite),
            "{metric:?}"
        );
    }
}

/// The mean of equal numbers may be off by a rounding: a spread of 1e-33 is none.
#[test]
fn resamples_without_spread_do_not_widen_the_interval_of_r2() {
    // One row in three resamples lacks the only target that differs.
    let mut targets = vec![0.1; 200];
    targets[7] = 0.3;
    let options = Options { resampling: Some(Resampling::default()), ..Options::default() };
    let predictions = [0.15; 200];
    let names = ["t".to_string()];
    let evaluation = Evaluation::of_numbers(&names, &targets, &predictions, &options).unwrap();
    let score = evaluation.scores.iter().find(|score| score.metric == Metric::R2).unwrap();
    let Interval { low, high } = score.interval.unwrap();
    let drawn_once =
        1.0 - (199.0 * 0.05_f64.powi(2) + 0.15_f64.powi(2)) / (0.2_f64.powi(2) * 199.0 / 200.0);
    assert!((low - drawn_once).abs() < 1e-9, "{low}, expected {drawn_once}");
    assert_eq!(high, 0.0);
}
