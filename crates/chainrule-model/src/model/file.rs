//! The model file: one safetensors file, complete in itself.
//!
//! `docs/model-file.md` describes it. A tensor for each layer's weights and
//! biases, which any safetensors reader reads, and metadata of text: what the
//! file is, architecture, encoder and training record in JSON, and a checksum
//! of all the rest.
//!
//! The header is written here and not by the `safetensors` crate, which orders
//! metadata at random: the same model is the same bytes. It is read by the
//! crate, which trusts no length.

use std::collections::BTreeMap;

use chainrule_engine::architecture::{Architecture, Bias};
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;
use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::stored::Stored;
use super::{Error, Model, Weights};

/// What the entry `format` says.
pub const FORMAT: &str = "chainrule-model";

/// The newest version of the format, and the one that is written.
pub const VERSION: u64 = 1;

/// One tensor, as written.
struct Tensor {
    name: String,
    dtype: &'static str,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Model {
    /// Returns the file. The same model gives the same bytes.
    ///
    /// # Errors
    /// If the training record holds a number that is infinite or NaN, which
    /// JSON does not have.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let tensors = match &self.weights {
            Weights::Single(network) => tensors(network, "F32"),
            Weights::Double(network) => tensors(network, "F64"),
        };
        let architecture = Stored::new(self.architecture(), self.loss, self.weights.numbers());
        let mut metadata = BTreeMap::from([
            ("format", FORMAT.to_string()),
            ("version", VERSION.to_string()),
            ("program", self.training.program.clone()),
            ("architecture", write("architecture", &architecture)?),
            ("encoder", write("encoder", &self.encoder)?),
            ("training", write("training", &self.training)?),
        ]);
        let parts = tensors.iter().map(|tensor| {
            (tensor.name.as_str(), tensor.dtype, tensor.shape.as_slice(), tensor.bytes.as_slice())
        });
        let entries = metadata.iter().map(|(&key, value)| (key, value.as_str()));
        let checksum = checksum(entries.collect(), parts.collect());
        metadata.insert("checksum", checksum);
        let mut header = serde_json::Map::new();
        header.insert("__metadata__".to_string(), json!(metadata));
        let mut start = 0;
        for Tensor { name, dtype, shape, bytes } in &tensors {
            let end = start + bytes.len();
            let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [start, end]});
            header.insert(name.clone(), entry);
            start = end;
        }
        let mut header = serde_json::to_vec(&header).expect("texts and whole numbers are JSON");
        // The tensors begin at a multiple of 8 bytes.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut file = Vec::with_capacity(8 + header.len() + start);
        file.extend((header.len() as u64).to_le_bytes());
        file.extend(header);
        file.extend(tensors.iter().flat_map(|tensor| &tensor.bytes));
        Ok(file)
    }

    /// Reads a file.
    ///
    /// Takes no more memory than a small multiple of the bytes given.
    ///
    /// # Errors
    /// If the bytes are not a model file, or a damaged one, or one of a later
    /// program.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, Error> {
        let not_safetensors = |error: safetensors::SafeTensorError| Error::NotSafetensors {
            reason: error.to_string(),
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
        let none = std::collections::HashMap::new();
        let metadata = header.metadata().as_ref().unwrap_or(&none);
        let entry = |key: &'static str| match metadata.get(key) {
            Some(text) => Ok(text.as_str()),
            None => Err(Error::Entry { entry: key, reason: "it is not there".to_string() }),
        };
        if metadata.get("format").map(String::as_str) != Some(FORMAT) {
            return Err(Error::NotAModel);
        }
        let version: u64 = entry("version")?.parse().map_err(|_| Error::Entry {
            entry: "version",
            reason: "it is not a whole number".to_string(),
        })?;
        if version > VERSION {
            let program = shortened(metadata.get("program").map_or("a later program", |text| text));
            return Err(Error::Newer { version, program, newest: VERSION });
        }
        check(metadata, &tensors, entry("checksum")?)?;
        match version {
            1 => read_version_1(entry, &tensors),
            _ => Err(Error::Entry {
                entry: "version",
                reason: format!("there was no version {version}"),
            }),
        }
    }
}

/// Reads what the first version has.
fn read_version_1<'a>(
    entry: impl Fn(&'static str) -> Result<&'a str, Error>,
    tensors: &SafeTensors<'_>,
) -> Result<Model, Error> {
    let stored: Stored = read("architecture", entry("architecture")?)?;
    let in_architecture = |reason| Error::Entry { entry: "architecture", reason };
    let architecture = stored.architecture().map_err(in_architecture)?;
    let loss = stored.loss().map_err(in_architecture)?;
    let encoder = read("encoder", entry("encoder")?)?;
    let training = read("training", entry("training")?)?;
    let weights = match stored.numbers.as_str() {
        "f32" => Weights::Single(network(architecture, tensors, Dtype::F32)?),
        "f64" => Weights::Double(network(architecture, tensors, Dtype::F64)?),
        other => {
            return Err(in_architecture(format!("there are no numbers `{}`", shortened(other))));
        }
    };
    Model::new(weights, loss, encoder, training)
}

fn weights_name(layer: usize) -> String {
    format!("layers.{layer}.weights")
}

fn biases_name(layer: usize) -> String {
    format!("layers.{layer}.biases")
}

/// Returns the tensors of a network, first layer first.
fn tensors<T: Real>(network: &Network<T>, dtype: &'static str) -> Vec<Tensor> {
    let architecture = network.architecture();
    let tensor = |name: String, shape: Vec<usize>, values: &[T]| {
        let mut bytes = Vec::with_capacity(values.len() * T::BYTES);
        for &value in values {
            value.write_bytes(&mut bytes);
        }
        Tensor { name, dtype, shape, bytes }
    };
    let mut tensors = Vec::new();
    for (layer, view) in network.layers().enumerate() {
        let shape = vec![view.spec.width, architecture.input_width(layer)];
        tensors.push(tensor(weights_name(layer), shape, view.weights));
        if view.spec.bias != Bias::Absent {
            tensors.push(tensor(biases_name(layer), vec![view.spec.width], view.biases));
        }
    }
    tensors
}

/// Puts a network together from its tensors.
fn network<T: Real>(
    architecture: Architecture,
    tensors: &SafeTensors<'_>,
    dtype: Dtype,
) -> Result<Network<T>, Error> {
    let mut parameters = Vec::new();
    let mut count = 0;
    let mut append = |name: String, shape: &[usize]| -> Result<(), Error> {
        let wrong = |reason| Error::Tensor { tensor: name.clone(), reason };
        let tensor = tensors.tensor(&name).map_err(|_| wrong("it is not there".to_string()))?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(wrong(format!(
                "found {:?} of shape {:?}, expected {dtype:?} of shape {shape:?}",
                tensor.dtype(),
                tensor.shape(),
            )));
        }
        parameters.extend(tensor.data().chunks_exact(T::BYTES).filter_map(T::from_bytes));
        count += 1;
        Ok(())
    };
    for (layer, spec) in architecture.layers().iter().enumerate() {
        append(weights_name(layer), &[spec.width, architecture.input_width(layer)])?;
        if spec.bias != Bias::Absent {
            append(biases_name(layer), &[spec.width])?;
        }
    }
    if tensors.len() != count {
        return Err(Error::Entry {
            entry: "architecture",
            reason: format!("it has {count} tensors, the file {}", tensors.len()),
        });
    }
    Network::from_parameters(architecture, parameters)
        .map_err(|error| Error::Entry { entry: "architecture", reason: error.to_string() })
}

/// Compares the checksum of a file with the one it names.
fn check(
    metadata: &std::collections::HashMap<String, String>,
    tensors: &SafeTensors<'_>,
    expected: &str,
) -> Result<(), Error> {
    let entries = metadata.iter().filter(|(key, _)| *key != "checksum");
    let entries = entries.map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let views = tensors.tensors();
    let dtypes: Vec<String> = views.iter().map(|(_, view)| view.dtype().to_string()).collect();
    let parts = views
        .iter()
        .zip(&dtypes)
        .map(|((name, view), dtype)| (name.as_str(), dtype.as_str(), view.shape(), view.data()));
    let found = checksum(entries, parts.collect());
    if found == expected {
        Ok(())
    } else {
        Err(Error::Damaged { found, expected: shortened(expected) })
    }
}

/// Returns the CRC-32 of metadata and tensors, each in the order of its names
/// and with its length before it: it does not depend on how a file is laid out,
/// so that programs that write it anew keep it.
fn checksum(
    mut metadata: Vec<(&str, &str)>,
    mut tensors: Vec<(&str, &str, &[usize], &[u8])>,
) -> String {
    let mut hasher = crc32fast::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    metadata.sort_unstable();
    for (key, value) in metadata {
        add(key.as_bytes());
        add(value.as_bytes());
    }
    tensors.sort_unstable_by_key(|(name, ..)| *name);
    for (name, dtype, shape, bytes) in tensors {
        add(name.as_bytes());
        add(dtype.as_bytes());
        let shape: Vec<u8> = shape.iter().flat_map(|&n| (n as u64).to_le_bytes()).collect();
        add(&shape);
        add(bytes);
    }
    format!("crc32:{:08x}", hasher.finalize())
}

fn write(entry: &'static str, value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string(value)
        .map_err(|error| Error::Entry { entry, reason: error.to_string() })?;
    Ok(text)
}

fn read<T: DeserializeOwned>(entry: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Entry { entry, reason: shortened(&error.to_string()) })
}

/// Cuts a text that comes from a file and is shown in a message.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(MOST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
