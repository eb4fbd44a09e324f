//! What can be wrong with a file, and how it is said.
//!
//! A [`Problem`] is data: its kind with all that was found and expected, and
//! its place. Laying it out on a terminal is not done here.

use std::fmt;
use std::ops::Range;

use super::syntax;
use crate::example::fit::Misfit;

/// All that is wrong with a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadError {
    /// The first problems, in the order of the file; at most [`MOST_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

/// How many problems of one file are told.
pub const MOST_PROBLEMS: usize = 10;

/// One thing that is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The offending text, in bytes.
    pub span: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// Another place that explains this one.
    pub related: Option<Related>,
}

/// A place that explains a problem: where an expectation comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The text, in bytes.
    pub span: Range<usize>,
    /// What is to be said of it.
    pub label: String,
}

/// The kinds of problems.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The text is not TOML.
    #[error("{message}")]
    Syntax {
        /// What the parser says.
        message: String,
        /// The offending text, or what follows where it is empty.
        found: String,
    },
    /// Something that is neither a number nor text in quotes.
    #[error("`{found}` is not a value")]
    NotAValue {
        /// The text.
        found: String,
    },
    /// A list without its end.
    #[error("the list that starts here is not closed")]
    UnclosedList,
    /// A key with characters that need quotes.
    #[error("the key `{key}` needs quotes")]
    UnquotedKey {
        /// The key.
        key: String,
    },
    /// A key that is given twice, spelt in the same way.
    #[error("`{key}` is given twice")]
    RepeatedInTable {
        /// The key.
        key: String,
    },
    /// Brackets in brackets, far beyond what the format has.
    #[error("lists and tables are nested too deeply")]
    TooDeep,
    /// A key that does not exist.
    #[error("unknown key `{key}` in {table}")]
    UnknownKey {
        /// The key as typed.
        key: String,
        /// Where it stands.
        table: Table,
        /// The keys nearest to it.
        nearest: Vec<String>,
        /// The other table that has this key.
        belongs: Option<&'static str>,
    },
    /// A key that is given twice, spelt in two ways.
    #[error("`{key}` is given twice in {table}")]
    RepeatedKey {
        /// The key as typed the second time.
        key: String,
        /// Where it stands.
        table: Table,
    },
    /// A key that must be there.
    #[error("{table} has no `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// Where it is missing.
        table: Table,
    },
    /// A value of the wrong type.
    #[error("{place} {}{found}, expected {expected}", if *.is_item { "holds " } else { "is " })]
    WrongType {
        /// The value.
        place: Place,
        /// Whether it is one item of a list.
        is_item: bool,
        /// Its type, with an article.
        found: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// A number that is infinite, or none, or beyond double precision.
    #[error("{place} holds `{found}`, expected a finite number")]
    NotFinite {
        /// The value.
        place: Place,
        /// The number as typed.
        found: String,
    },
    /// A number out of its range.
    #[error("{place} is {found}, expected {expected}")]
    OutOfRange {
        /// The value.
        place: Place,
        /// The number as typed.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
    /// A word that is not one of the known ones.
    #[error("unknown {what} `{found}`")]
    UnknownWord {
        /// What it should name.
        what: &'static str,
        /// The word as typed.
        found: String,
        /// The words nearest to it.
        nearest: Vec<String>,
        /// All words that are known.
        known: Vec<&'static str>,
    },
    /// A list of the wrong length.
    #[error("{list} {}, expected {expected}: {each}", list.count(*.found))]
    WrongCount {
        /// The list.
        list: List,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
        /// What each item stands for.
        each: Each,
    },
    /// One flat list of weights for several neurons.
    #[error("`weights` of layer {layer} is one row, expected {expected}: one for each neuron")]
    FlatWeights {
        /// The layer, from 1.
        layer: usize,
        /// How many rows it should have.
        expected: usize,
    },
    /// A list without items.
    #[error("{place} is empty, expected at least one {item}")]
    Empty {
        /// The list.
        place: Place,
        /// What is missing.
        item: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("`{key}` and `{other}` exclude each other in {table}")]
    Exclusive {
        /// The one that comes later.
        key: &'static str,
        /// The other.
        other: &'static str,
        /// Where they stand.
        table: Table,
    },
    /// A key that says something about what is not there.
    #[error("{table} has `{key}` but no `{needs}`")]
    Needs {
        /// The key.
        key: &'static str,
        /// The key it belongs to.
        needs: &'static str,
        /// Where it stands.
        table: Table,
    },
    /// A name that cannot be used.
    #[error("{role} cannot be named `{name}`: {fault}")]
    BadName {
        /// What is named.
        role: Role,
        /// The name, shortened where it is long.
        name: String,
        /// Why not.
        fault: NameFault,
    },
    /// A name that something else has.
    #[error(
        "the name `{name}` is given to {role}, but {}{other}{}",
        if *.is_automatic { "is the automatic name of " } else { "" },
        if *.is_automatic { "" } else { " has it already" },
    )]
    RepeatedName {
        /// The name.
        name: String,
        /// What is named.
        role: Role,
        /// What has the name already.
        other: String,
        /// Whether nobody gave the name to that.
        is_automatic: bool,
        /// The name of the other, where it differs in its spelling.
        other_name: Option<String>,
    },
    /// Text with characters that move the cursor.
    #[error("{place} holds the control character U+{:04X}", u32::from(*.character))]
    ControlCharacter {
        /// The text.
        place: Place,
        /// The character.
        character: char,
    },
    /// Softmax before the last layer.
    #[error("layer {layer} has the activation `softmax`, which only the last layer can have")]
    HiddenSoftmax {
        /// The layer, from 1.
        layer: usize,
    },
    /// A loss that does not fit the output or the targets.
    #[error(transparent)]
    Misfit(Misfit),
    /// A figure of a quantity that does not exist.
    #[error("there is no quantity `{id}` in a step of this network")]
    UnknownQuantity {
        /// The identifier as typed.
        id: String,
        /// The identifiers nearest to it.
        nearest: Vec<String>,
    },
    /// A figure of a quantity that is not computed.
    #[error("`{id}` is given in this file, not computed")]
    GivenQuantity {
        /// The identifier.
        id: String,
    },
}

/// A table of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
    /// The top of the file.
    Example,
    /// One of the `layers`, from 1.
    Layer(usize),
    /// One of the `samples`, from 1.
    Sample(usize),
    /// One of the `published` groups, from 1.
    Published(usize),
    /// One of the published figures, by its identifier.
    Figure(String),
}

impl Table {
    /// Returns the keys it can have.
    pub fn keys(&self) -> &'static [&'static str] {
        match self {
            Table::Example => &[
                "title",
                "source",
                "note",
                "loss",
                "learning-rate",
                "update-order",
                "delta-sign",
                "decimals",
                "digits",
                "inputs",
                "layers",
                "samples",
                "published",
            ],
            Table::Layer(_) => &[
                "neurons",
                "activation",
                "weights",
                "weight-names",
                "biases",
                "bias-names",
                "shared-bias",
                "bias-name",
                "train-biases",
            ],
            Table::Sample(_) => &["inputs", "targets"],
            Table::Published(_) => &["source", "update-order", "steps", "figures"],
            Table::Figure(_) => &["value", "note"],
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Table::Example => f.write_str("the file"),
            Table::Layer(number) => write!(f, "layer {number}"),
            Table::Sample(number) => write!(f, "sample {number}"),
            Table::Published(number) => write!(f, "published group {number}"),
            Table::Figure(id) => write!(f, "the figure `{id}`"),
        }
    }
}

/// A value of the file: its key and its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key.
    pub key: String,
    /// The table.
    pub table: Table,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Table::Example => write!(f, "`{}`", self.key),
            table => write!(f, "`{}` of {table}", self.key),
        }
    }
}

/// A list whose length follows from the rest of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// The rows of a key of a layer, from 1.
    Rows(&'static str, usize),
    /// The weights, or their names, that lead into a neuron.
    Row(&'static str, String),
    /// The numbers or names of a key of a layer, from 1.
    Biases(&'static str, usize),
    /// The inputs or targets of a sample, from 1.
    Sample(&'static str, usize),
}

impl List {
    /// Returns how many items there are, with a verb: `has 3 rows`.
    fn count(&self, count: usize) -> String {
        let noun = match self {
            List::Rows(..) => "row",
            List::Row(noun, _) | List::Sample(noun, _) => noun,
            List::Biases(key, _) if key.ends_with("names") => "name",
            List::Biases(..) => "number",
        };
        format!("has {}", plural(count, noun))
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            List::Rows(key, layer) | List::Biases(key, layer) => {
                write!(f, "`{key}` of layer {layer}")
            }
            List::Row(_, neuron) => write!(f, "{neuron}"),
            List::Sample(_, number) => write!(f, "sample {number}"),
        }
    }
}

/// What each item of a list stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// One thing of a kind that has no names, or too many.
    Of(String),
    /// Things with these names.
    Named(Vec<String>),
}

impl fmt::Display for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Each::Of(what) => write!(f, "one for each {what}"),
            Each::Named(names) if names.len() == 1 => write!(f, "one for `{}`", names[0]),
            Each::Named(names) => write!(f, "one for each of `{}`", names.join("`, `")),
        }
    }
}

/// What a name is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An input.
    Input,
    /// A neuron.
    Neuron,
    /// A weight.
    Weight,
    /// A bias.
    Bias,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Input => "an input",
            Role::Neuron => "a neuron",
            Role::Weight => "a weight",
            Role::Bias => "a bias",
        })
    }
}

/// Why a name cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// It has no characters.
    #[error("a name needs at least one letter")]
    Empty,
    /// It does not start with a letter.
    #[error("a name starts with a letter")]
    Start,
    /// It has a character that is not allowed.
    #[error("a name cannot hold {0:?}")]
    Character(char),
    /// It is too long for a page.
    #[error("a name has at most {MOST_CHARACTERS} characters")]
    Long,
    /// It ends like the identifier of something else.
    #[error("the ending `{0}` marks what comes after the step")]
    Ending(&'static str),
    /// It starts like the identifier of something else.
    #[error("`{0}` at the start is kept for quantities of the step, such as `{0}{1}`")]
    Beginning(&'static str, &'static str),
    /// It is the identifier or symbol of something else.
    #[error("that stands for {0}")]
    Taken(&'static str),
}

/// The longest name a page has room for.
pub const MOST_CHARACTERS: usize = 40;

impl Problem {
    /// Returns what stands under the marked text.
    pub fn label(&self) -> String {
        match &self.kind {
            ProblemKind::UnknownKey { .. } => "not a key here".to_string(),
            ProblemKind::MissingKey { key, .. } => format!("`{key}` is missing"),
            ProblemKind::WrongType { expected, .. } | ProblemKind::OutOfRange { expected, .. } => {
                format!("expected {expected}")
            }
            ProblemKind::NotFinite { .. } => "not a finite number".to_string(),
            ProblemKind::UnknownWord { what, .. } => format!("no {what} has this name"),
            ProblemKind::WrongCount { expected, .. } => format!("expected {expected}"),
            ProblemKind::FlatWeights { .. } => "one row".to_string(),
            ProblemKind::Empty { .. } => "empty".to_string(),
            ProblemKind::Exclusive { other, .. } => format!("excludes `{other}`"),
            ProblemKind::Needs { needs, .. } => format!("needs `{needs}`"),
            ProblemKind::BadName { .. } => "cannot be a name".to_string(),
            ProblemKind::RepeatedName { .. } => "the same name again".to_string(),
            ProblemKind::ControlCharacter { .. } => "not plain text".to_string(),
            ProblemKind::HiddenSoftmax { .. } => "not the last layer".to_string(),
            ProblemKind::Misfit(misfit) => misfit.label(),
            ProblemKind::UnknownQuantity { .. } => "no such quantity".to_string(),
            ProblemKind::GivenQuantity { .. } => "given".to_string(),
            ProblemKind::UnclosedList => "it starts here".to_string(),
            ProblemKind::RepeatedKey { .. } | ProblemKind::RepeatedInTable { .. } => {
                "given again".to_string()
            }
            ProblemKind::NotAValue { .. } => "not a value".to_string(),
            ProblemKind::Syntax { .. } | ProblemKind::UnquotedKey { .. } | ProblemKind::TooDeep => {
                String::new()
            }
        }
    }

    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        self.kind.help()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.kind)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for ReadError {}

impl ProblemKind {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            ProblemKind::Syntax { message, found } => {
                syntax::help(message, found).map(ToString::to_string)
            }
            ProblemKind::NotAValue { found } => Some(syntax::value_help(found)),
            ProblemKind::UnclosedList => Some("every `[` needs its `]`".to_string()),
            ProblemKind::UnquotedKey { key } => Some(format!("write `\"{key}\" = …`")),
            ProblemKind::RepeatedInTable { key }
                if matches!(key.as_str(), "layers" | "samples" | "published") =>
            {
                Some(format!("write `[[{key}]]` above each of them"))
            }
            ProblemKind::UnknownKey { belongs: Some(belongs), key, .. } => {
                Some(format!("`{key}` belongs {belongs}"))
            }
            ProblemKind::UnknownKey { nearest, table, .. } => Some(
                did_you_mean(nearest)
                    .unwrap_or_else(|| format!("{table} can have `{}`", table.keys().join("`, `"))),
            ),
            ProblemKind::RepeatedKey { .. } | ProblemKind::RepeatedInTable { .. } => {
                Some("keep one of the two".to_string())
            }
            ProblemKind::MissingKey { key, .. } => Some(format!("add {}", example_of(key)?)),
            ProblemKind::WrongType { place, found, expected, .. } => {
                type_help(place, found, expected)
            }
            ProblemKind::UnknownWord { nearest, known, .. } => Some(
                did_you_mean(nearest)
                    .unwrap_or_else(|| format!("the known ones are `{}`", known.join("`, `"))),
            ),
            ProblemKind::WrongCount { list: List::Rows(..), .. }
            | ProblemKind::FlatWeights { .. } => Some(
                "a row holds what leads into one neuron: `weights = [[…], […]]` has two"
                    .to_string(),
            ),
            ProblemKind::Empty { place, .. } => Some(format!("write {}", example_of(&place.key)?)),
            ProblemKind::Exclusive { key: "digits" | "decimals", .. } => Some(
                "`decimals` counts the places after the point, `digits` the significant ones"
                    .to_string(),
            ),
            ProblemKind::Exclusive { .. } => Some(
                "`biases` holds one bias for each neuron, `shared-bias` one for all of them"
                    .to_string(),
            ),
            ProblemKind::Needs { key: "bias-name", needs: "shared-bias", .. } => {
                Some("the names of `biases` are given with `bias-names`".to_string())
            }
            ProblemKind::Needs { key: "bias-names", needs: "biases", .. } => {
                Some("the name of a `shared-bias` is given with `bias-name`".to_string())
            }
            ProblemKind::BadName { fault, .. } => fault.help(),
            ProblemKind::RepeatedName { other_name: Some(name), name: own, .. } => {
                Some(format!("`{own}` and `{name}` look the same on the page"))
            }
            ProblemKind::RepeatedName { .. } => Some("give one of them another name".to_string()),
            ProblemKind::HiddenSoftmax { .. } => {
                Some("choose another activation, such as `sigmoid` or `relu`".to_string())
            }
            ProblemKind::Misfit(misfit) => misfit.help(),
            ProblemKind::UnknownQuantity { nearest, .. } => {
                Some(did_you_mean(nearest).unwrap_or_else(|| {
                    "quantities are called `z_<neuron>`, `a_<neuron>`, `delta_<neuron>`, \
                     `grad_<weight>`, `<weight>_new`, `loss`, `a_<neuron>_after`, `loss_after`"
                        .to_string()
                }))
            }
            ProblemKind::GivenQuantity { .. } => {
                Some("a published figure is compared with what a step computes".to_string())
            }
            ProblemKind::NotFinite { found, .. }
                if found.contains(|c: char| c.is_ascii_digit()) =>
            {
                Some("the largest number of double precision is about 1.8e308".to_string())
            }
            ProblemKind::TooDeep
            | ProblemKind::NotFinite { .. }
            | ProblemKind::OutOfRange { .. }
            | ProblemKind::WrongCount { .. }
            | ProblemKind::Needs { .. }
            | ProblemKind::ControlCharacter { .. } => None,
        }
    }
}

impl NameFault {
    fn help(&self) -> Option<String> {
        match self {
            NameFault::Character('-' | ' ') => Some("use `_` instead".to_string()),
            NameFault::Start | NameFault::Character(_) => {
                Some("letters of any script, digits, `_` and `'` make a name".to_string())
            }
            _ => None,
        }
    }
}

/// Returns a count with its noun: `1 row`, `2 rows`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn did_you_mean(nearest: &[String]) -> Option<String> {
    (!nearest.is_empty()).then(|| format!("did you mean `{}`?", nearest.join("`, `")))
}

/// Returns how a key is written.
fn example_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "layers" => "a layer: `[[layers]]`, and below it `weights = [[0.1, 0.8], [0.4, 0.6]]`",
        "samples" => "a sample: `[[samples]]`, and below it `inputs = […]` and `targets = […]`",
        "weights" => "`weights = [[…], […]]`, one row for each neuron",
        "inputs" => "`inputs = [0.35, 0.9]`, one number for each input",
        "targets" => "`targets = [0.5]`, one number for each output",
        "figures" => "`[published.figures]`, and below it such as `z_h1 = 0.755`",
        "value" => "`value = 0.755`, the number as printed",
        _ => return None,
    })
}

fn type_help(place: &Place, found: &str, expected: &str) -> Option<String> {
    if found == "text" && expected.contains("number") {
        Some("write numbers without quotes".to_string())
    } else if place.key == "inputs" && place.table == Table::Example && found == "a number" {
        Some("the numbers stand in `[[samples]]`; here inputs get names".to_string())
    } else if found == "a table" && matches!(place.key.as_str(), "layers" | "samples") {
        Some(format!("write `[[{}]]`", place.key))
    } else {
        None
    }
}
