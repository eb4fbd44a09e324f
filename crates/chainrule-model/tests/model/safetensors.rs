//! The Python package `safetensors` reads the file.

use std::path::Path;
use std::process::Command;

use chainrule_model::model::Weights;

use crate::support::{Kind, model, skip};

/// The Python of `tools/install-test-tools`.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/python/venv/bin/python");

/// Prints what is in a file: the metadata, and every tensor's numbers.
const SCRIPT: &str = r#"
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as file:
    tensors = {}
    for name in file.keys():
        tensor = file.get_tensor(name)
        tensors[name] = {
            "dtype": str(tensor.dtype), "shape": list(tensor.shape),
            "bits": [int(bits) for bits in tensor.ravel().view("u%d" % tensor.itemsize)],
        }
    print(json.dumps({"metadata": file.metadata(), "tensors": tensors}))
"#;

#[test]
fn the_python_package_reads_every_tensor() {
    let test = "the_python_package_reads_every_tensor";
    let check = Command::new(PYTHON).args(["-c", "import safetensors, numpy"]).output();
    if !check.is_ok_and(|output| output.status.success()) {
        skip(test, "the Python package safetensors is not installed");
        return;
    }
    for is_double in [false, true] {
        let model = model(Kind::ThreeClasses, is_double);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{is_double}.model"));
        std::fs::write(&path, model.to_bytes().unwrap()).unwrap();
        let output =
            Command::new(PYTHON).args(["-c", SCRIPT]).arg(&path).output().expect("it ran before");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(read["metadata"]["format"], "chainrule-model");
        assert_eq!(read["metadata"]["version"], "1");
        let encoder: chainrule_model::encoder::Encoder =
            serde_json::from_str(read["metadata"]["encoder"].as_str().unwrap()).unwrap();
        assert_eq!(&encoder, model.encoder());
        let names = [
            "layers.0.weights",
            "layers.0.biases",
            "layers.1.weights",
            "layers.2.weights",
            "layers.2.biases",
        ];
        let dtype = if is_double { "float64" } else { "float32" };
        let mut found = Vec::new();
        for name in names {
            let tensor = &read["tensors"][name];
            assert_eq!(tensor["dtype"], dtype, "{name}");
            found.extend(
                tensor["bits"].as_array().unwrap().iter().map(|bits| bits.as_u64().unwrap()),
            );
        }
        assert_eq!(read["tensors"].as_object().unwrap().len(), names.len());
        assert_eq!(
            read["tensors"]["layers.0.weights"]["shape"],
            serde_json::json!([7, model.encoder().width()])
        );
        let expected: Vec<u64> = match model.weights() {
            Weights::Single(network) => {
                network.parameters().iter().map(|x| x.to_bits().into()).collect()
            }
            Weights::Double(network) => network.parameters().iter().map(|x| x.to_bits()).collect(),
        };
        assert_eq!(found, expected);
    }
}
