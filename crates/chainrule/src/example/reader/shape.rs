//! Inputs, neurons and rows as a file gives them, and how many there must be.

use std::ops::Range;

use toml::de::DeValue;

use super::fields::{Field, Problems, Value};
use super::naming::{self, GivenName};
use super::problem::{Each, Place, ProblemKind, Role, plural};

/// The inputs, or the neurons of a layer: names or a count.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) span: Range<usize>,
    pub(super) count: usize,
    /// Empty where only a count is given.
    pub(super) names: Vec<GivenName>,
}

impl Nodes {
    /// Returns what a field says; reports what is wrong with it.
    pub(super) fn read(field: &Field<'_>, role: Role, problems: &mut Problems) -> Option<Nodes> {
        const EXPECTED: &str = "a list of names, or a count from 1 up";
        let span = field.value.span();
        match field.value.get_ref() {
            DeValue::Integer(_) => {
                let count = field.count(1..=usize::MAX, EXPECTED, problems)?;
                Some(Nodes { span, count, names: Vec::new() })
            }
            DeValue::Array(items) if items.is_empty() => {
                let item = if role == Role::Input { "input" } else { "neuron" };
                problems.add(ProblemKind::Empty { place: field.place.clone(), item }, span);
                None
            }
            DeValue::Array(_) | DeValue::String(_) => {
                let (count, names) = naming::read_list(field, role, problems);
                Some(Nodes { span, count, names })
            }
            _ => {
                field.wrong_type(EXPECTED, problems);
                None
            }
        }
    }
}

/// A list of lists: what leads into each neuron.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) key: &'static str,
    pub(super) span: Range<usize>,
    pub(super) place: Place,
    pub(super) list: Vec<Row<'a>>,
    /// Whether the only row has no brackets around it.
    pub(super) is_flat: bool,
}

/// One of the lists.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) span: Range<usize>,
    pub(super) items: &'a [Value<'a>],
}

impl<'a> Rows<'a> {
    /// Returns the rows of a field; a flat list is one row, and a single item
    /// a row of one.
    pub(super) fn read(field: &Field<'a>, problems: &mut Problems) -> Option<Rows<'a>> {
        let is_weights = field.key == "weights";
        let is_list = |value: &Value<'_>| matches!(value.get_ref(), DeValue::Array(_));
        let (rows, is_flat) = match field.value.get_ref() {
            DeValue::Array(items) if items.iter().any(is_list) => {
                (items.iter().map(Row::of).collect(), false)
            }
            DeValue::Array(_) => (vec![Row::of(field.value)], true),
            DeValue::Integer(_) | DeValue::Float(_) if is_weights => {
                (vec![Row::of(field.value)], true)
            }
            DeValue::String(_) if !is_weights => (vec![Row::of(field.value)], true),
            _ => {
                let expected = if is_weights { "rows of numbers" } else { "rows of names" };
                field.wrong_type(expected, problems);
                return None;
            }
        };
        for row in &rows {
            if row.items.is_empty() {
                let item = if is_weights { "number" } else { "name" };
                problems
                    .add(ProblemKind::Empty { place: field.place.clone(), item }, row.span.clone());
            }
        }
        Some(Rows {
            key: field.key,
            span: field.value.span(),
            place: field.place.clone(),
            list: rows,
            is_flat,
        })
    }
}

impl<'a> Row<'a> {
    fn of(value: &'a Value<'a>) -> Row<'a> {
        let items = match value.get_ref() {
            DeValue::Array(items) => items,
            _ => std::slice::from_ref(value),
        };
        Row { span: value.span(), items }
    }
}

/// How many there are of something, and where that is said.
#[derive(Clone, Debug)]
pub(super) struct Width {
    pub(super) count: usize,
    pub(super) span: Range<usize>,
    /// What is counted there.
    pub(super) noun: &'static str,
    /// What an item of a list of this length stands for.
    pub(super) each: Each,
}

impl Width {
    /// Returns what is to be said of the place where the number comes from.
    pub(super) fn label(&self) -> String {
        format!("{} here", plural(self.count, self.noun))
    }
}

/// Returns names to list in a message, or the kind where there are none or many.
pub(super) fn each(names: &[GivenName], kind: String) -> Each {
    const MOST: usize = 5;
    if names.is_empty() || names.len() > MOST {
        Each::Of(kind)
    } else {
        Each::Named(names.iter().map(|name| name.text.clone()).collect())
    }
}
