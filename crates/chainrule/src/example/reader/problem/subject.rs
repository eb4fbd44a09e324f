//! What messages speak of: the tables, values and lists of a file, and the
//! things that have names.

use std::fmt;

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
    pub(super) fn count(&self, count: usize) -> String {
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

/// Returns a count with its noun: `1 row`, `2 rows`.
pub(in crate::example::reader) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
