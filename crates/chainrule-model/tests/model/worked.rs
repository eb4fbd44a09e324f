//! A row's worked view has the numbers of its prediction, under the names of
//! the table.

use chainrule::explain::formula::{Notation, View};
use chainrule::explain::{Explanation, Part, Settings};
use chainrule_model::model::{Error, Predictions};

use crate::support::{KINDS, Kind, model, table};

#[test]
fn the_worked_outputs_are_the_predicted_ones() {
    let table = table(12);
    for kind in KINDS {
        for is_double in [false, true] {
            let model = model(kind, is_double);
            let (predictions, _) = model.predict(&table).unwrap();
            for row in 0..table.rows() {
                let worked = model.worked_row(&table, row).unwrap();
                let outputs = worked.example.step().before.a.pop().unwrap();
                let expected = match &predictions {
                    Predictions::Classes { probabilities, labels, .. } => {
                        let of_row = &probabilities[row * labels.len()..][..labels.len()];
                        if kind == Kind::TwoClasses { &of_row[1..] } else { of_row }.to_vec()
                    }
                    Predictions::Answers { probabilities, answers } => {
                        probabilities[row * answers.len()..][..answers.len()].to_vec()
                    }
                    _ => continue,
                };
                for (found, expected) in outputs.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-6, "{kind:?}, row {row}");
                }
            }
        }
    }
}

#[test]
fn a_probability_can_be_asked_for_by_its_label() {
    let (model, table) = (model(Kind::ThreeClasses, false), table(12));
    let worked = model.worked_row(&table, 4).unwrap();
    assert_eq!(worked.example.title, "Row 5 of penguins.csv (line 6)");
    assert_eq!(worked.identifier("p(Gentoo)"), "a_Gentoo");
    assert_eq!(worked.identifier("p(Adélie)"), "a_Adélie");
    assert_eq!(worked.identifier("bill length (mm)"), "bill_length_mm");
    assert_eq!(worked.identifier("island=Biscoe"), "island_Biscoe");
    assert_eq!(worked.identifier("z_Gentoo"), "z_Gentoo");
    assert!(worked.has_target);
    let why = Some(worked.identifier("p(Gentoo)").to_string());
    let settings = Settings { why, ..Settings::default() };
    let explanation = Explanation::new(&worked.example, settings).unwrap();
    let (_, quantity) = explanation.why().unwrap();
    let step = explanation.steps().next().unwrap();
    let Predictions::Classes { labels, probabilities, .. } = model.predict(&table).unwrap().0
    else {
        panic!("it predicts classes");
    };
    let gentoo = labels.iter().position(|label| label == "Gentoo").unwrap();
    let expected = probabilities[4 * 3 + gentoo];
    assert!((step.value(quantity).unwrap() - expected).abs() < 1e-6);
}

#[test]
fn every_answer_is_a_line_with_the_predicted_value() {
    let table = table(12);
    for kind in KINDS {
        for is_double in [false, true] {
            let model = model(kind, is_double);
            let (predictions, _) = model.predict(&table).unwrap();
            let (names, values): (Vec<String>, &[f64]) = match &predictions {
                Predictions::Classes { labels, probabilities, .. } => {
                    (labels.iter().map(|label| format!("p({label})")).collect(), probabilities)
                }
                Predictions::Answers { answers, probabilities } => (
                    answers.iter().map(|answer| format!("p({})", answer.column)).collect(),
                    probabilities,
                ),
                Predictions::Numbers { names, values } => (names.clone(), values),
                _ => panic!("a new kind of prediction"),
            };
            for row in 0..table.rows() {
                let worked = model.worked_row(&table, row).unwrap();
                let answers: Vec<&String> = worked.answers.iter().map(|(name, _)| name).collect();
                assert_eq!(answers, names.iter().collect::<Vec<_>>());
                for (name, expected) in names.iter().zip(&values[row * names.len()..]) {
                    let why = Some(worked.identifier(name).to_string());
                    let settings = Settings { why, ..Settings::default() };
                    let explanation = Explanation::new(&worked.example, settings).unwrap();
                    let step = explanation.steps().next().unwrap();
                    let line = step.lines().last().unwrap();
                    assert_eq!(line.quantity(), explanation.why().unwrap().1);
                    // A single has 24 bits, and e^x makes more of an error in x.
                    let tolerance = if is_double { 1e-12 } else { 2e-6 } * expected.abs().max(1.0);
                    let off = (line.value() - expected).abs();
                    assert!(off <= tolerance, "{kind:?}, row {row}: {name} is off by {off}");
                }
            }
        }
    }
}

#[test]
fn the_first_of_two_classes_is_what_the_second_leaves() {
    let (model, table) = (model(Kind::TwoClasses, false), table(3));
    let worked = model.worked_row(&table, 0).unwrap();
    assert_eq!(worked.identifier("p(female)"), "p_female");
    assert_eq!(worked.identifier("p(male)"), "a_male");
    let settings = Settings {
        why: Some("p_female".to_string()),
        only: Some(Part::Prediction),
        steps: 1,
        ..Settings::default()
    };
    let explanation = Explanation::new(&worked.example, settings).unwrap();
    let step = explanation.steps().next().unwrap();
    let line = step.lines().last().unwrap();
    assert_eq!(line.formula(View::Symbols, Notation::Text), "1 - a_male");
}

#[test]
fn a_row_without_an_answer_can_be_explained() {
    for kind in KINDS {
        let mut table = table(5);
        table.columns.truncate(3);
        let worked = model(kind, false).worked_row(&table, 2).unwrap();
        assert!(!worked.has_target);
        worked.example.check_loss(worked.example.loss).unwrap();
        assert!(worked.example.step().before.loss.is_finite(), "{kind:?}");
        assert!(worked.example.note.unwrap().contains("has no answer"));
    }
}

#[test]
fn rows_end() {
    let error = model(Kind::Number, false).worked_row(&table(5), 5).unwrap_err();
    let expected = Error::NoSuchRow { file: "penguins.csv".to_string(), row: 6, rows: 5 };
    assert_eq!(error, expected);
}
