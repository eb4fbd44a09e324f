//! Predictions are the network's outputs, decoded.

use chainrule_model::metrics::{Detail, Metric};
use chainrule_model::model::{Error, Predictions, Weights};
use chainrule_model::table::Cells;

use crate::support::{KINDS, Kind, model, table};

/// The outputs of the network, computed at once for all rows.
fn outputs(
    model: &chainrule_model::model::Model,
    table: &chainrule_model::table::Table,
) -> Vec<f64> {
    let reader = model.encoder().read_inputs(table).unwrap();
    match model.weights() {
        Weights::Single(network) => {
            let inputs: Vec<f32> = reader.encode(0..table.rows());
            network.predict(&inputs).unwrap().into_iter().map(f64::from).collect()
        }
        Weights::Double(network) => {
            let inputs: Vec<f64> = reader.encode(0..table.rows());
            network.predict(&inputs).unwrap()
        }
    }
}

#[test]
fn rows_in_blocks_and_threads_are_the_rows_at_once() {
    // Enough rows for two threads, and a block that is not full.
    let table = table(120_001);
    for is_double in [false, true] {
        let model = model(Kind::ThreeClasses, is_double);
        let (predictions, _) = model.predict(&table).unwrap();
        let Predictions::Classes { labels, classes, probabilities } = predictions else {
            panic!("it predicts classes");
        };
        assert_eq!(labels, ["Adélie", "Chinstrap", "Gentoo"]);
        assert!(probabilities == outputs(&model, &table));
        for (row, class) in probabilities.chunks(3).zip(classes) {
            let best = row.iter().copied().fold(0.0, f64::max);
            assert_eq!(row[class as usize], best);
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn two_classes_are_one_output() {
    let (model, table) = (model(Kind::TwoClasses, false), table(20));
    let (predictions, _) = model.predict(&table).unwrap();
    let Predictions::Classes { labels, probabilities, .. } = predictions else {
        panic!("it predicts classes");
    };
    assert_eq!(labels, ["female", "male"]);
    for (row, output) in probabilities.chunks(2).zip(outputs(&model, &table)) {
        assert_eq!(row, [1.0 - output, output]);
    }
}

#[test]
fn numbers_are_in_the_units_of_the_column() {
    let (model, table) = (model(Kind::Number, false), table(20));
    let (predictions, _) = model.predict(&table).unwrap();
    let Predictions::Numbers { names, values } = predictions else {
        panic!("it predicts numbers");
    };
    assert_eq!(names, ["mass"]);
    let Cells::Numbers(masses) = &crate::support::table(90).columns[5].cells else {
        panic!("masses are numbers");
    };
    let mean = masses.iter().sum::<f64>() / 90.0;
    let variance = masses.iter().map(|mass| (mass - mean).powi(2)).sum::<f64>();
    for (value, output) in values.iter().zip(outputs(&model, &table)) {
        // The encoder may divide by n or n − 1.
        let (one, other) = ((variance / 90.0).sqrt(), (variance / 89.0).sqrt());
        let off = |deviation: f64| (value - (mean + deviation * output)).abs();
        assert!(off(one).min(off(other)) < 1e-9 * mean, "{value} of {output}");
    }
}

#[test]
fn no_row_is_no_prediction() {
    for kind in KINDS {
        let (predictions, _) = model(kind, false).predict(&table(0)).unwrap();
        assert_eq!(predictions.rows(), 0);
    }
}

#[test]
fn a_table_without_a_column_is_refused() {
    let mut table = table(5);
    table.columns.remove(2);
    let error = model(Kind::ThreeClasses, false).predict(&table).unwrap_err();
    assert!(matches!(error, Error::Columns(_)), "{error}");
    assert!(error.to_string().contains("depth"), "{error}");
}

#[test]
fn an_evaluation_counts_the_rows_that_are_right() {
    let mut table = table(60);
    let model = model(Kind::ThreeClasses, false);
    let Cells::Text(species) = &mut table.columns[4].cells else { panic!("species are words") };
    // One row without an answer, which is not counted.
    species.codes[7] = chainrule_model::table::MISSING;
    let species = species.clone();
    let (evaluation, _) = model.evaluate(&table, None).unwrap();
    let Predictions::Classes { labels, classes, .. } = model.predict(&table).unwrap().0 else {
        panic!("it predicts classes");
    };
    let right =
        (0..60).filter(|&row| species.word(row) == Some(labels[classes[row] as usize].as_str()));
    assert_eq!(evaluation.rows, 59);
    assert_eq!(evaluation.value(Metric::Accuracy), Some(right.count() as f64 / 59.0));
    // The baseline of the training record: the first class has the most.
    let adelies = (0..60).filter(|&row| species.word(row) == Some("Adélie")).count();
    let score = evaluation.score(Metric::Accuracy).unwrap();
    assert_eq!(score.baseline, Some(Ok(adelies as f64 / 59.0)));
}

#[test]
fn every_kind_of_model_is_evaluated() {
    for kind in KINDS {
        let (evaluation, _) = model(kind, false).evaluate(&table(50), None).unwrap();
        let fits = match kind {
            Kind::TwoClasses | Kind::ThreeClasses => {
                matches!(evaluation.detail, Detail::Classification { .. })
            }
            Kind::Number => evaluation.value(Metric::PinballLoss).is_some(),
            Kind::Labels => matches!(evaluation.detail, Detail::MultiLabel { .. }),
        };
        assert!(fits, "{kind:?}");
    }
    let mut unknown = table(3);
    let Cells::Text(species) = &mut unknown.columns[4].cells else { panic!("species are words") };
    species.words = ["?", "!", "x"].map(String::from).to_vec();
    let error = model(Kind::ThreeClasses, false).evaluate(&unknown, None).unwrap_err();
    assert!(matches!(error, Error::NoAnswers { .. }), "{error}");
}
