//! Files that are not what they should be give an error, never a panic, and
//! never a wrong model.

use chainrule_model::model::{Error, Model};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::support::{Kind, model};

fn good() -> Vec<u8> {
    model(Kind::ThreeClasses, false).to_bytes().unwrap()
}

/// Returns the header of a file, and its tensors' bytes.
fn open(bytes: &[u8]) -> (Value, Vec<u8>) {
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), bytes[8 + length..].to_vec())
}

fn close(header: &Value, tensors: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, tensors].concat()
}

/// Changes metadata, and sets the checksum right again: what is behind it must
/// not depend on it.
fn changed(key: &str, change: impl Fn(&mut Value)) -> Result<Model, Error> {
    let (mut header, tensors) = open(&good());
    let entry = &mut header["__metadata__"][key];
    let mut value: Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
    change(&mut value);
    *entry = Value::from(value.to_string());
    signed(header, &tensors)
}

/// Reads a file with the checksum that it should have.
fn signed(mut header: Value, tensors: &[u8]) -> Result<Model, Error> {
    match Model::from_bytes(&close(&header, tensors)) {
        Err(Error::Damaged { found, .. }) => {
            header["__metadata__"]["checksum"] = Value::from(found);
            Model::from_bytes(&close(&header, tensors))
        }
        other => other,
    }
}

#[test]
fn files_of_others_are_named() {
    let message = |bytes: &[u8]| Model::from_bytes(bytes).unwrap_err().to_string();
    assert!(message(b"").starts_with("this is not a complete model file"));
    assert!(message(b"species,mass\n1,2\n").starts_with("this is not a complete model file"));
    let other = close(&json!({"__metadata__": {"format": "pt"}}), b"");
    assert_eq!(Model::from_bytes(&other).unwrap_err(), Error::NotAModel);
    let bare = json!({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}});
    assert_eq!(Model::from_bytes(&close(&bare, &[0; 4])).unwrap_err(), Error::NotAModel);
}

#[test]
fn a_later_format_is_refused_by_name() {
    let (mut header, tensors) = open(&good());
    header["__metadata__"]["version"] = Value::from("7");
    header["__metadata__"]["program"] = Value::from("chainrule 3.1.4");
    // Whatever else a later program changed does not matter.
    header["__metadata__"]["architecture"] = Value::from("?");
    let error = Model::from_bytes(&close(&header, &tensors)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this model was written by chainrule 3.1.4 in format 7; this program reads formats up to 1"
    );
    assert!(error.help().unwrap().contains("chainrule 3.1.4"));
}

#[test]
fn a_header_that_promises_too_much_is_refused() {
    for length in [u64::MAX, 1 << 40, 100_000_000, 4096] {
        let bytes = [&length.to_le_bytes()[..], b"{}"].concat();
        let error = Model::from_bytes(&bytes).unwrap_err();
        assert!(matches!(error, Error::NotSafetensors { .. }), "{length}: {error}");
    }
    let (mut header, tensors) = open(&good());
    header["layers.0.weights"]["shape"] = json!([1_u64 << 40, 1_u64 << 40]);
    let error = signed(header, &tensors).unwrap_err();
    assert!(matches!(error, Error::NotSafetensors { .. }), "{error}");
}

/// A change of the architecture, and what is said of it.
type Case = (fn(&mut Value), &'static str);

#[test]
fn an_architecture_that_does_not_fit_is_refused() {
    let fault = |change: fn(&mut Value)| changed("architecture", change).unwrap_err();
    let cases: [Case; 9] = [
        (|a| a["layers"][0]["width"] = json!(1_u64 << 62), "expected F32 of shape"),
        (|a| a["inputs"] = json!(u64::MAX), "expected F32 of shape"),
        (|a| a["inputs"] = json!(0), "width 0"),
        (|a| a["layers"] = json!([]), "no layers"),
        (|a| a["layers"][0]["activation"] = json!("magic"), "there is no activation `magic`"),
        (|a| a["layers"][1]["bias"] = json!("trained"), "`layers.1.biases`: it is not there"),
        (|a| a["layers"][2]["bias"] = json!("absent"), "it has 4 tensors, the file 5"),
        (|a| a["numbers"] = json!("f64"), "expected F64"),
        (|a| a["loss"] = json!({"name": "quantile", "tau": 1.5}), "between 0 and 1"),
    ];
    for (change, expected) in cases {
        let error = fault(change).to_string();
        assert!(error.contains(expected), "{error}, expected {expected}");
    }
}

#[test]
fn an_encoder_that_does_not_fit_is_refused() {
    let error = changed("encoder", |encoder| {
        encoder["target"]["labels"].as_array_mut().unwrap().push(json!("Emperor"));
    });
    assert_eq!(error.unwrap_err(), Error::Widths { what: "outputs", encoder: 4, network: 3 });
    let error = changed("encoder", |encoder| *encoder = json!({"features": []})).unwrap_err();
    assert!(matches!(error, Error::Entry { entry: "encoder", .. }), "{error}");
    let error = changed("training", |training| training["seed"] = json!("x")).unwrap_err();
    assert!(matches!(error, Error::Entry { entry: "training", .. }), "{error}");
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let (header, mut tensors) = open(&good());
    tensors[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let error = signed(header, &tensors).unwrap_err();
    assert!(error.to_string().contains("parameters: number 0 is NaN"), "{error}");
}

#[test]
fn what_other_programs_write_anew_is_still_whole() {
    // Keys in another order, other spaces: the model is the same.
    let (header, tensors) = open(&good());
    let text = serde_json::to_string_pretty(&header).unwrap();
    let bytes = [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &tensors].concat();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model(Kind::ThreeClasses, false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_cut_file_is_an_error(end: Index) {
        let good = good();
        prop_assert!(Model::from_bytes(&good[..end.index(good.len())]).is_err());
    }

    #[test]
    fn flipped_bits_are_an_error_or_change_nothing(
        flips in proptest::collection::vec((any::<Index>(), 0..8_u8), 1..4),
    ) {
        let mut bytes = good();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        // A space of the header may have become another one.
        if let Ok(read) = Model::from_bytes(&bytes) {
            prop_assert_eq!(read, model(Kind::ThreeClasses, false));
        }
    }

    #[test]
    fn a_piece_of_another_place_is_an_error_or_changes_nothing(
        (from, to, length) in (any::<Index>(), any::<Index>(), 1..64_usize),
    ) {
        let mut bytes = good();
        let last = bytes.len() - length;
        let (from, to) = (from.index(last), to.index(last));
        bytes.copy_within(from..from + length, to);
        if let Ok(read) = Model::from_bytes(&bytes) {
            prop_assert_eq!(read, model(Kind::ThreeClasses, false));
        }
    }

    #[test]
    fn any_bytes_are_no_model(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Model::from_bytes(&bytes).is_err());
    }
}

#[test]
fn every_single_flip_in_the_tensors_is_seen() {
    let good = good();
    let (_, tensors) = open(&good);
    let start = good.len() - tensors.len();
    let mut bytes = good;
    for at in start..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(matches!(Model::from_bytes(&bytes), Err(Error::Damaged { .. })), "{at}, {bit}");
            bytes[at] ^= 1 << bit;
        }
    }
}
