//! Small models of every kind, with numbers that are no round ones.

use std::io::Write;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_model::encoder::{Encoder, Settings};
use chainrule_model::metrics::{Evaluation, Options, Resampling};
use chainrule_model::model::{Data, Fingerprint, History, Model, Training, Weights};
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::table::{Cells, Column, Lines, MISSING, Table, Text};
use chainrule_model::tune::{Judge, Trial, Tuning};

/// What a model predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    TwoClasses,
    ThreeClasses,
    Number,
    Labels,
}

pub(crate) const KINDS: [Kind; 4] =
    [Kind::TwoClasses, Kind::ThreeClasses, Kind::Number, Kind::Labels];

/// A table with a number, a category with missing cells, and targets of every
/// kind. Which numbers they are does not matter.
pub(crate) fn table(rows: usize) -> Table {
    let column = |name: &str, cells| Column { name: name.to_string(), cells };
    let text = |words: &[&str], codes: Vec<u32>| {
        let words = words.iter().map(|word| (*word).to_string()).collect();
        Cells::Text(Text { words, codes })
    };
    let wave = |row: usize, speed: f64| (row as f64 * speed).sin();
    let code = |row: usize, count: u32| {
        let row = u32::try_from(row).expect("few rows");
        (row.wrapping_mul(2_654_435_761) >> 7) % (count * 12)
    };
    let number = |speed: f64| Cells::Numbers((0..rows).map(|row| wave(row, speed)).collect());
    let codes = |count: u32| (0..rows).map(|row| code(row, 9) % count).collect::<Vec<u32>>();
    let islands = codes(4).into_iter().map(|code| if code == 3 { MISSING } else { code }).collect();
    Table {
        name: "penguins.csv".to_string(),
        columns: vec![
            column("bill length (mm)", number(0.7)),
            column("island", text(&["Torgersen", "Biscoe", "Dream"], islands)),
            column("depth", number(1.3)),
            column("sex", text(&["male", "female"], codes(2))),
            column("species", text(&["Adélie", "Gentoo", "Chinstrap"], codes(3))),
            column(
                "mass",
                Cells::Numbers((0..rows).map(|r| 4000.0 + 700.0 * wave(r, 2.9)).collect()),
            ),
            column("swims", text(&["no", "yes"], (0..rows).map(|r| code(r + 5, 3) % 2).collect())),
            column("flies", text(&["yes", "no"], (0..rows).map(|r| code(r + 9, 5) % 2).collect())),
        ],
        lines: Lines::From(2),
    }
}

/// A model of a kind, with 32 or 64 bits.
pub(crate) fn model(kind: Kind, is_double: bool) -> Model {
    let table = table(90);
    let (targets, all) = (
        match kind {
            Kind::TwoClasses => vec!["sex"],
            Kind::ThreeClasses => vec!["species"],
            Kind::Number => vec!["mass"],
            Kind::Labels => vec!["swims", "flies"],
        },
        ["sex", "species", "mass", "swims", "flies"],
    );
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect();
    let others: Vec<&str> = all.into_iter().filter(|name| !targets.contains(name)).collect();
    let choices =
        Choices { targets: strings(&targets), drop: strings(&others), ..Choices::default() };
    let schema = Schema::new(&table, &choices).unwrap();
    let rows = schema.labelled(&table).unwrap();
    let (encoder, _) = Encoder::fit(&schema, &Settings::default(), &table, &rows).unwrap();
    let (activation, loss) = match kind {
        Kind::TwoClasses | Kind::Labels => (Activation::Sigmoid, Loss::BinaryCrossEntropy),
        Kind::ThreeClasses => (Activation::Softmax, Loss::CategoricalCrossEntropy),
        Kind::Number => (Activation::Identity, Loss::Quantile { tau: 0.9 }),
    };
    let shape = Architecture::new(
        encoder.width(),
        [
            LayerSpec::new(7, Activation::Silu).with_dropout(0.1 + 0.2),
            LayerSpec::new(4, Activation::Tanh).with_bias(Bias::Absent),
            LayerSpec::new(encoder.target().outputs(), activation).with_bias(Bias::Frozen),
        ],
    );
    let shape = shape.unwrap();
    let start = Initialisation::default();
    let weights = if is_double {
        Weights::Double(Network::new(shape, start, 7))
    } else {
        Weights::Single(Network::new(shape, start, 7))
    };
    Model::new(weights, loss, encoder, training(&table)).unwrap()
}

fn training(table: &Table) -> Training {
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(table);
    let options = Options { resampling: Some(Resampling::default()), ..Options::default() };
    let labels = ["a".to_string(), "b".to_string()];
    let shares = [0.1, 0.9, 0.7, 0.3, 1.0 / 3.0, 2.0 / 3.0];
    let validation = Evaluation::of_classes(&labels, &[1, 0, 0], &shares, &options).unwrap();
    Training {
        program: "chainrule 0.1.0".to_string(),
        command: Some("chainrule train penguins.csv --target species".to_string()),
        seed: u64::MAX,
        learning_rate: 0.1 + 0.2,
        settings: serde_json::from_str(r#"{"hidden": [7, 4], "optimizer": "adam"}"#).unwrap(),
        data: Data {
            name: table.name.clone(),
            fingerprint: fingerprint.finish(),
            training_rows: 72,
            validation_rows: 18,
            columns: table.columns.len() as u64,
        },
        history: History {
            training_loss: vec![1.0 / 3.0, 5e-324, f64::MAX],
            validation_loss: vec![],
            learning_rate: vec![0.001; 3],
        },
        best_epoch: Some(2),
        baseline: vec![0.5, 0.3, 0.2],
        validation: Some(validation),
        tuning: Some(tuning()),
    }
}

fn tuning() -> Tuning {
    let trial = |number, loss| Trial {
        number,
        settings: serde_json::from_str(r#"{"hidden": "7,4"}"#).unwrap(),
        rungs: number,
        epochs: 50,
        loss,
    };
    Tuning {
        judge: Judge::Folds { count: 5 },
        searched: vec!["hidden".to_string()],
        rungs: vec![16, 50],
        was_stopped: true,
        trials: vec![trial(2, Some(1.0 / 3.0)), trial(1, None)],
    }
}

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
