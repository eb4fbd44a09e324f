//! How a network is made and trained: every setting, each with a default, most
//! of which fit themselves to the table.
//!
//! A setting has one name and one spelling, wherever it stands: on the command
//! line (`--learning-rate 0.01`), in a configuration file
//! (`learning_rate = 0.01`), in the model file. `auto` is decided by
//! [`settle`](Recipe::settle), which says what it chose and why.
//!
//! ```
//! use chainrule_model::recipe::Recipe;
//!
//! let mut recipe = Recipe::default();
//! recipe.set("hidden", "64,32")?;
//! recipe.set("optimizer", "adam:beta2=0.99")?;
//! assert_eq!(recipe.spell("optimizer"), Some("adam:beta2=0.99".to_string()));
//! let fault = recipe.set("activation", "rleu").unwrap_err();
//! let said = "`activation`: `rleu` is not known; did you mean `relu`";
//! assert!(fault.to_string().starts_with(said));
//! # Ok::<(), chainrule_model::recipe::Fault>(())
//! ```

mod file;
mod settle;
mod spelled;

use std::time::Duration;

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::Bias;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::Clip;

pub use settle::{Choice, Problem, Settled};
use spelled::{Spelled, likely, read, spell};

/// All settings of a training run. `None` means that the data decide, where
/// nothing else is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The widths of the hidden layers.
    pub hidden: Option<Vec<usize>>,
    /// The activation function of the hidden layers.
    pub activation: Activation,
    /// What biases there are.
    pub bias: Bias,
    /// The share of hidden activations dropped in training.
    pub dropout: f64,
    /// What weights begin as.
    pub initialisation: Initialisation,
    /// The loss.
    pub loss: Option<Loss>,
    /// The optimizer.
    pub optimizer: Optimizer,
    /// The learning rate.
    pub learning_rate: Option<f64>,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// How many samples there are in a batch.
    pub batch: Option<usize>,
    /// The most epochs.
    pub epochs: usize,
    /// The most time; `None` sets no limit.
    pub time: Option<Duration>,
    /// The most steps; `None` sets no limit.
    pub steps: Option<u64>,
    /// For how many epochs the validation loss may fail to improve; `None`
    /// never stops early.
    pub patience: Option<usize>,
    /// How much lower a loss must be to count as better.
    pub min_improvement: f64,
    /// Decoupled weight decay: a step also takes off `η·decay·w`.
    pub weight_decay: Option<f64>,
    /// Coupled weight decay: `½·l2·w²` is added to the loss.
    pub l2: f64,
    /// `l1·|w|` is added to the loss.
    pub l1: f64,
    /// What large gradients are cut to.
    pub clip: Clip,
    /// The share of a target that is spread over all classes.
    pub label_smoothing: f64,
    /// What each class counts.
    pub class_weights: ClassWeights,
    /// The share of rows kept for validation.
    pub validation: f64,
    /// Whether each epoch takes the samples in a new order.
    pub shuffle: bool,
    /// What all random numbers follow from.
    pub seed: u64,
    /// How many threads; 0 takes as many as there are processors. The result
    /// is the same for any number.
    pub threads: usize,
    /// The precision of all numbers in training.
    pub precision: Precision,
}

/// What each class counts in loss and gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassWeights {
    /// Every row counts the same.
    Equal,
    /// Every class counts the same: a row counts `rows / (classes · rows of
    /// its class)`.
    Balanced,
}

/// The precision of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits, about 7 digits.
    F32,
    /// 64 bits, about 16 digits.
    F64,
}

impl Spelled for ClassWeights {
    fn all() -> Vec<(&'static str, ClassWeights)> {
        vec![("equal", ClassWeights::Equal), ("balanced", ClassWeights::Balanced)]
    }
}

impl Spelled for Precision {
    fn all() -> Vec<(&'static str, Precision)> {
        vec![("f32", Precision::F32), ("f64", Precision::F64)]
    }
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            hidden: None,
            activation: Activation::Relu,
            bias: Bias::Trained,
            dropout: 0.0,
            initialisation: Initialisation::Automatic,
            loss: None,
            optimizer: Optimizer::ADAM,
            learning_rate: None,
            schedule: Schedule::PLATEAU,
            batch: None,
            epochs: 500,
            time: None,
            steps: None,
            patience: Some(50),
            min_improvement: 0.0,
            weight_decay: None,
            l2: 0.0,
            l1: 0.0,
            clip: Clip::Off,
            label_smoothing: 0.0,
            class_weights: ClassWeights::Equal,
            validation: 0.2,
            shuffle: true,
            seed: 0,
            threads: 0,
            precision: Precision::F32,
        }
    }
}

/// What a setting is called, what it may be, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it may be, in a word.
    pub value: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
}

/// A value that a setting cannot have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{setting}`: {fault}")]
pub struct Fault {
    /// The name of the setting.
    pub setting: String,
    /// What is wrong, and what is expected.
    pub fault: String,
}

/// Every setting, in the order of a configuration file.
pub const SETTINGS: [Setting; 26] = {
    const fn setting(name: &'static str, value: &'static str, about: &'static str) -> Setting {
        Setting { name, value, about }
    }
    [
        setting("hidden", "WIDTHS", "Widths of the hidden layers: `64,32`, `none` or `auto`"),
        setting("activation", "NAME", "Activation function of the hidden layers"),
        setting("bias", "KIND", "Biases: `trained`, `frozen` at 0, or `absent`"),
        setting("dropout", "SHARE", "Share of hidden activations dropped in training"),
        setting(
            "initialisation",
            "NAME",
            "What weights begin as; `automatic` suits the activation",
        ),
        setting("loss", "NAME", "Loss, such as `huber` or `quantile:tau=0.9`, or `auto`"),
        setting("optimizer", "NAME", "Optimizer, such as `adam` or `momentum:momentum=0.95`"),
        setting("learning_rate", "RATE", "Learning rate, or `auto`: the best of some short trials"),
        setting("schedule", "NAME", "How the learning rate changes, such as `cosine:warm_up=5`"),
        setting("batch", "ROWS", "Samples in a batch, or `auto`"),
        setting("epochs", "N", "Most epochs"),
        setting("time", "TIME", "Most time, such as `90s`, `10m`, `2h`, or `off`"),
        setting("steps", "N", "Most steps, or `off`"),
        setting(
            "patience",
            "EPOCHS",
            "Epochs without a better validation loss before it stops, or `off`",
        ),
        setting("min_improvement", "LOSS", "How much lower a loss must be to count as better"),
        setting("weight_decay", "DECAY", "Decoupled weight decay, or `auto`: more for few samples"),
        setting("l2", "FACTOR", "Penalty ½·l2·w² on weights"),
        setting("l1", "FACTOR", "Penalty l1·|w| on weights"),
        setting("clip", "LIMIT", "Cut gradients: `norm:limit=1`, `value:limit=0.5`, or `off`"),
        setting("label_smoothing", "SHARE", "Share of a target spread over all classes"),
        setting("class_weights", "KIND", "`equal`, or `balanced`: rare classes count more"),
        setting("validation", "SHARE", "Share of rows kept for validation"),
        setting("shuffle", "BOOL", "Whether each epoch takes the samples in a new order"),
        setting("seed", "N", "What all random numbers follow from"),
        setting("threads", "N", "Threads, 0 for all; the result is the same for any number"),
        setting("precision", "BITS", "`f32` or `f64`"),
    ]
};

impl Recipe {
    /// Changes a setting.
    ///
    /// # Errors
    /// If there is no such setting, or it cannot have this value.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        let text = text.trim();
        self.take(name, text).map_err(|fault| Fault { setting: name.to_string(), fault })
    }

    fn take(&mut self, name: &str, text: &str) -> Result<(), String> {
        match name {
            "hidden" => self.hidden = or_word(text, "auto", widths)?,
            "activation" => self.activation = hidden_activation(text)?,
            "bias" => self.bias = read(text)?,
            "dropout" => self.dropout = number(text)?,
            "initialisation" => self.initialisation = read(text)?,
            "loss" => self.loss = or_word(text, "auto", read)?,
            "optimizer" => self.optimizer = read(text)?,
            "learning_rate" => self.learning_rate = or_word(text, "auto", number)?,
            "schedule" => self.schedule = read(text)?,
            "batch" => self.batch = or_word(text, "auto", count)?,
            "epochs" => self.epochs = count(text)?,
            "time" => self.time = or_word(text, "off", duration)?,
            "steps" => self.steps = or_word(text, "off", whole)?,
            "patience" => self.patience = or_word(text, "off", count)?,
            "min_improvement" => self.min_improvement = number(text)?,
            "weight_decay" => self.weight_decay = or_word(text, "auto", number)?,
            "l2" => self.l2 = number(text)?,
            "l1" => self.l1 = number(text)?,
            "clip" => self.clip = read(text)?,
            "label_smoothing" => self.label_smoothing = number(text)?,
            "class_weights" => self.class_weights = read(text)?,
            "validation" => self.validation = share(text)?,
            "shuffle" => self.shuffle = truth(text)?,
            "seed" => self.seed = whole(text)?,
            "threads" => self.threads = count(text)?,
            "precision" => self.precision = read(text)?,
            _ => {
                let known = SETTINGS.iter().map(|setting| setting.name.to_string());
                return Err(format!("there is no such setting; {}", likely(name, known)));
            }
        }
        Ok(())
    }

    /// Spells a setting; nothing where there is no such setting.
    pub fn spell(&self, name: &str) -> Option<String> {
        let or = |value: Option<String>, word: &str| value.unwrap_or_else(|| word.to_string());
        Some(match name {
            "hidden" => or(self.hidden.as_deref().map(spell_widths), "auto"),
            "activation" => spell(self.activation),
            "bias" => spell(self.bias),
            "dropout" => self.dropout.to_string(),
            "initialisation" => spell(self.initialisation),
            "loss" => or(self.loss.map(spell), "auto"),
            "optimizer" => spell(self.optimizer),
            "learning_rate" => or(self.learning_rate.map(|rate| rate.to_string()), "auto"),
            "schedule" => spell(self.schedule),
            "batch" => or(self.batch.map(|rows| rows.to_string()), "auto"),
            "epochs" => self.epochs.to_string(),
            "time" => or(self.time.map(|time| format!("{}s", time.as_secs_f64())), "off"),
            "steps" => or(self.steps.map(|steps| steps.to_string()), "off"),
            "patience" => or(self.patience.map(|epochs| epochs.to_string()), "off"),
            "min_improvement" => self.min_improvement.to_string(),
            "weight_decay" => or(self.weight_decay.map(|decay| decay.to_string()), "auto"),
            "l2" => self.l2.to_string(),
            "l1" => self.l1.to_string(),
            "clip" => spell(self.clip),
            "label_smoothing" => self.label_smoothing.to_string(),
            "class_weights" => spell(self.class_weights),
            "validation" => self.validation.to_string(),
            "shuffle" => self.shuffle.to_string(),
            "seed" => self.seed.to_string(),
            "threads" => self.threads.to_string(),
            "precision" => spell(self.precision),
            _ => return None,
        })
    }
}

/// Reads a value, or nothing where a word stands for it.
fn or_word<T>(
    text: &str,
    word: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    if text == word {
        return Ok(None);
    }
    read(text).map(Some).map_err(|fault| format!("{fault}, or `{word}`"))
}

fn number(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) => Ok(number),
        _ => Err(format!("found `{text}`, expected a number")),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err(format!("found `{text}`, expected a share from 0 to below 1")),
    }
}

fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("found `{text}`, expected a whole number"))
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("found `{text}`, expected a whole number"))
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("found `{text}`, expected `true` or `false`"))
}

fn hidden_activation(text: &str) -> Result<Activation, String> {
    match read(text)? {
        Activation::Softmax => {
            Err("`softmax` is for the last layer, which gets it by itself".to_string())
        }
        activation => Ok(activation),
    }
}

fn widths(text: &str) -> Result<Vec<usize>, String> {
    /// More weights than fit a machine come of a slip of the finger.
    const WIDEST: usize = 100_000;
    if text == "none" {
        return Ok(Vec::new());
    }
    let expected = || format!("found `{text}`, expected widths such as `64,32`, `none`");
    text.split(',')
        .map(|width| match width.trim().parse() {
            Ok(width) if (1..=WIDEST).contains(&width) => Ok(width),
            Ok(width) => Err(format!("found a width of {width}, expected 1 to {WIDEST}")),
            Err(_) => Err(expected()),
        })
        .collect()
}

fn spell_widths(widths: &[usize]) -> String {
    if widths.is_empty() {
        return "none".to_string();
    }
    widths.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Reads a time such as `90s`, `10m`, `2h`.
///
/// # Errors
/// In words: what was found, what is expected.
pub fn duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("min", 60.0), ("h", 3600.0)];
    let end = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text[..end].trim(), &text[end..]);
    let factor = units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let factor = if unit.is_empty() { Some(1.0) } else { factor };
    let seconds = factor.and_then(|factor| Some(number.parse::<f64>().ok()? * factor));
    seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("found `{text}`, expected a time such as `90s`, `10m`, `2h`"))
}
