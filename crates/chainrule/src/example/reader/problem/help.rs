//! What stands under the marked text, and what to do about a problem.

use super::{List, NameFault, Place, Problem, ProblemKind, Table};
use crate::example::reader::syntax;

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
