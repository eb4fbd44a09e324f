//! A task: a network, how it is trained, and the numbers it is trained with,
//! as `bench/run` gives it to every participant.

use std::path::Path;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::{Architecture, Bias, LayerSpec};
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::network::Network;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::real::Real;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::Settings;

use crate::arguments::{Arguments, Failure};

/// What is trained, and how.
pub(crate) struct Task {
    pub(crate) architecture: Architecture,
    pub(crate) settings: Settings,
    pub(crate) initialisation: Initialisation,
    /// The files of its numbers are `DATA.inputs`, `DATA.targets` and so on.
    pub(crate) data: String,
}

impl Task {
    /// Takes a task from arguments.
    pub(crate) fn from_arguments(arguments: &mut Arguments) -> Result<Task, Failure> {
        let layers: String = arguments.need("layers")?;
        let widths = layers.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        let activations = Activation::ALL.map(|activation| (activation.name(), activation));
        let hidden = arguments.choose("hidden", activations)?.unwrap_or(Activation::Relu);
        let output = arguments.choose("output", activations)?.unwrap_or(Activation::Softmax);
        let has_no_biases = arguments.take("biases")?.is_some_and(|word: String| word == "no");
        let bias = if has_no_biases { Bias::Absent } else { Bias::Trained };
        let dropout = arguments.take("dropout")?.unwrap_or(0.0);
        let (inputs, widths) = widths.split_first().ok_or("--layers is empty")?;
        let specs = widths.iter().enumerate().map(|(index, &width)| {
            let is_last = index + 1 == widths.len();
            let spec = LayerSpec::new(width, if is_last { output } else { hidden });
            spec.with_bias(bias).with_dropout(if is_last { 0.0 } else { dropout })
        });
        let architecture = Architecture::new(*inputs, specs)?;

        let loss = match output {
            Activation::Softmax => Loss::CategoricalCrossEntropy,
            Activation::Sigmoid => Loss::BinaryCrossEntropy,
            _ => Loss::HalfSquared,
        };
        let losses = Loss::ALL.map(|loss| (loss.name(), loss));
        let mut settings = Settings::new(arguments.choose("loss", losses)?.unwrap_or(loss));
        if let Some(optimizer) = arguments.choose("optimizer", Optimizer::ALL)? {
            settings.optimizer = optimizer;
        }
        settings.learning_rate = arguments.take("rate")?.unwrap_or(settings.learning_rate);
        settings.batch_size = arguments.take("batch")?.unwrap_or(settings.batch_size);
        settings.epochs = arguments.take("epochs")?.unwrap_or(0);
        settings.shuffle = arguments.take("shuffle")?.is_some_and(|word: String| word == "yes");
        settings.seed = arguments.take("seed")?.unwrap_or(0);
        settings.threads = arguments.take("threads")?.unwrap_or(1);
        settings.l2 = arguments.take("l2")?.unwrap_or(0.0);
        settings.decay = arguments.take("decay")?.unwrap_or(0.0);
        settings.label_smoothing = arguments.take("label-smoothing")?.unwrap_or(0.0);
        if let Some(warm_up) = arguments.take("cosine-warm-up")? {
            settings.schedule = Schedule::Cosine { warm_up, floor: 0.0 };
        }
        let ways = Initialisation::ALL.map(|way| (way.name(), way));
        let initialisation = arguments.choose("initialisation", ways)?.unwrap_or_default();
        Ok(Task { architecture, settings, initialisation, data: arguments.need("data")? })
    }

    /// Reads one of the task's files: numbers, the lowest byte first.
    pub(crate) fn numbers<T: Real>(&self, name: &str) -> Result<Vec<T>, Failure> {
        let path = format!("{}.{name}", self.data);
        let bytes = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        let numbers = bytes.chunks(T::BYTES).map(T::from_bytes).collect::<Option<Vec<T>>>();
        numbers.ok_or_else(|| format!("{path}: {} bytes are no numbers", bytes.len()).into())
    }

    /// Makes the network, of the given parameters if there are any.
    pub(crate) fn network<T: Real>(&self) -> Result<Network<T>, Failure> {
        let architecture = self.architecture.clone();
        if Path::new(&format!("{}.parameters", self.data)).exists() {
            return Ok(Network::from_parameters(architecture, self.numbers("parameters")?)?);
        }
        Ok(Network::new(architecture, self.initialisation, self.settings.seed))
    }
}
