//! What can be wrong with a file, and how it is said.
//!
//! A [`Problem`] is data: its kind with all that was found and expected, and
//! its place. Laying it out on a terminal is not done here.

use std::fmt;
use std::ops::Range;

use crate::example::fit::Misfit;

pub use subject::{Each, List, Place, Role, Table};

mod help;
pub(super) mod subject;

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
