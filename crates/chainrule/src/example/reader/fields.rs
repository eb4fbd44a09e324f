//! The tables and values of a TOML file, taken with the place of each.
//!
//! A value that is not what it should be is reported and replaced by one that
//! lets the reading go on, so that all problems of a file come to light. No
//! example is made from a file with problems.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{MOST_PROBLEMS, Place, Problem, ProblemKind, ReadError, Related, Table};
use crate::spelling;

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// The problems found so far: the first ones of the file, and how many more.
#[derive(Debug, Default)]
pub(super) struct Problems {
    first: Vec<Problem>,
    more: usize,
}

impl Problems {
    pub(super) fn add(&mut self, kind: ProblemKind, span: Range<usize>) {
        self.insert(kind, span, None);
    }

    pub(super) fn add_related(
        &mut self,
        kind: ProblemKind,
        span: Range<usize>,
        related: Range<usize>,
        label: String,
    ) {
        self.insert(kind, span, Some(Related { span: related, label }));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Tells whether there are more problems than are told.
    pub(super) fn are_many(&self) -> bool {
        self.more > 0
    }

    fn insert(&mut self, kind: ProblemKind, span: Range<usize>, related: Option<Related>) {
        let place = self.first.partition_point(|problem| problem.span.start <= span.start);
        if place < MOST_PROBLEMS {
            self.first.insert(place, Problem { kind, span, line: 0, column: 0, related });
        } else {
            self.more += 1;
        }
        if self.first.len() > MOST_PROBLEMS {
            self.first.truncate(MOST_PROBLEMS);
            self.more += 1;
        }
    }

    /// Ends the reading of `text`, which has problems.
    pub(super) fn into_error(self, text: &str) -> ReadError {
        let mut problems = self.first;
        for problem in &mut problems {
            problem.span = within(text, &problem.span);
            let before = &text[..problem.span.start];
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            problem.line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
            problem.column = before[line_start..].chars().count() + 1;
        }
        ReadError { problems, more: self.more }
    }
}

/// Returns a span that lies in the text and does not cut a character.
pub(super) fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start);
    start..text.ceil_char_boundary(span.end).max(start)
}

/// A table whose keys are known.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) table: Table,
    /// Where its header or its braces stand.
    pub(super) span: Range<usize>,
    entries: Vec<Field<'a>>,
    /// Keys that unknown ones are likely meant for.
    misspelt: Vec<String>,
}

/// One key of a table, with its value.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub(super) key: &'static str,
    pub(super) key_span: Range<usize>,
    pub(super) value: &'a Value<'a>,
    pub(super) place: Place,
}

impl<'a> Fields<'a> {
    /// Opens a table; reports keys that do not exist.
    pub(super) fn new(
        table: Table,
        span: Range<usize>,
        content: &'a DeTable<'a>,
        problems: &mut Problems,
    ) -> Fields<'a> {
        let mut entries: Vec<Field<'a>> = Vec::new();
        let mut misspelt = Vec::new();
        for (key, value) in content {
            let typed = key.get_ref().as_ref();
            let Some(known) = find_key(&table, typed) else {
                let kind = unknown_key(typed, &table);
                if let ProblemKind::UnknownKey { nearest, .. } = &kind {
                    misspelt.extend(nearest.first().cloned());
                }
                problems.add(kind, key.span());
                continue;
            };
            if let Some(first) = entries.iter().find(|field| field.key == known) {
                problems.add_related(
                    ProblemKind::RepeatedKey { key: typed.to_string(), table: table.clone() },
                    key.span(),
                    first.key_span.clone(),
                    "given here first".to_string(),
                );
                continue;
            }
            entries.push(Field {
                key: known,
                key_span: key.span(),
                value,
                place: Place { key: known.to_string(), table: table.clone() },
            });
        }
        Fields { table, span, entries, misspelt }
    }

    pub(super) fn find(&self, key: &str) -> Option<&Field<'a>> {
        debug_assert!(self.table.keys().contains(&key), "`{key}` is not in the list of keys");
        self.entries.iter().find(|field| field.key == key)
    }

    /// Returns a field that must be there.
    pub(super) fn require(&self, key: &'static str, problems: &mut Problems) -> Option<&Field<'a>> {
        let field = self.find(key);
        if field.is_none() && !self.misspelt.iter().any(|misspelt| misspelt == key) {
            let table = self.table.clone();
            problems.add(ProblemKind::MissingKey { key, table }, self.span.clone());
        }
        field
    }

    /// Reports two fields that exclude each other.
    pub(super) fn exclude(&self, key: &'static str, other: &'static str, problems: &mut Problems) {
        if let (Some(one), Some(two)) = (self.find(key), self.find(other)) {
            let (first, last) =
                if one.key_span.start < two.key_span.start { (one, two) } else { (two, one) };
            problems.add_related(
                ProblemKind::Exclusive {
                    key: last.key,
                    other: first.key,
                    table: self.table.clone(),
                },
                last.key_span.clone(),
                first.key_span.clone(),
                "given here".to_string(),
            );
        }
    }

    /// Reports a field without the one it belongs to.
    pub(super) fn needs(&self, key: &'static str, needs: &'static str, problems: &mut Problems) {
        if let (Some(field), None) = (self.find(key), self.find(needs)) {
            problems.add(
                ProblemKind::Needs { key, needs, table: self.table.clone() },
                field.key_span.clone(),
            );
        }
    }

    /// Returns the text of a field on one line; an empty one counts as absent.
    pub(super) fn line(&self, key: &str, problems: &mut Problems) -> Option<String> {
        self.text(key, false, problems)
    }

    /// Returns the text of a field that may have several lines.
    pub(super) fn lines(&self, key: &str, problems: &mut Problems) -> Option<String> {
        self.text(key, true, problems)
    }

    fn text(&self, key: &str, several_lines: bool, problems: &mut Problems) -> Option<String> {
        let field = self.find(key)?;
        let text = field.text(problems)?.trim();
        let control =
            text.chars().find(|&c| c.is_control() && !(several_lines && matches!(c, '\n' | '\r')));
        if let Some(character) = control {
            problems.add(
                ProblemKind::ControlCharacter { place: field.place.clone(), character },
                field.value.span(),
            );
        }
        (!text.is_empty()).then(|| text.to_string())
    }

    /// Returns the one of `all` that a field names.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        what: &'static str,
        all: &[T],
        names: impl Fn(T) -> (&'static str, &'static [&'static str]),
        problems: &mut Problems,
    ) -> Option<T> {
        let field = self.find(key)?;
        let found = field.text(problems)?;
        let wanted = found.trim().to_lowercase().replace(['_', ' '], "-");
        let chosen = all.iter().copied().find(|&one| {
            let (name, aliases) = names(one);
            name == wanted || aliases.contains(&wanted.as_str())
        });
        if chosen.is_none() {
            let known: Vec<&'static str> = all.iter().map(|&one| names(one).0).collect();
            let aliases = all.iter().flat_map(|&one| names(one).1);
            let nearest = spelling::nearest(
                &shortened(&wanted),
                known.iter().chain(aliases).map(ToString::to_string),
            );
            let found = shortened(found);
            problems
                .add(ProblemKind::UnknownWord { what, found, nearest, known }, field.value.span());
        }
        chosen
    }
}

/// Returns the key that is meant: capitals and `_` for `-` make no difference.
fn find_key(table: &Table, typed: &str) -> Option<&'static str> {
    let is_same = |known: &str| {
        known.len() == typed.len()
            && known
                .bytes()
                .zip(typed.bytes())
                .all(|(k, t)| k == t.to_ascii_lowercase() || (k == b'-' && t == b'_'))
    };
    table.keys().iter().copied().find(|known| is_same(known))
}

fn unknown_key(typed: &str, table: &Table) -> ProblemKind {
    let tables = [
        (Table::Example, "at the top of the file, before the first `[[…]]`"),
        (Table::Layer(0), "in `[[layers]]`"),
        (Table::Sample(0), "in `[[samples]]`"),
        (Table::Published(0), "in `[[published]]`"),
    ];
    let belongs =
        tables.iter().find(|(other, _)| find_key(other, typed).is_some()).map(|&(_, place)| place);
    // Other books' words for the same thing.
    let ours = match typed.to_ascii_lowercase().as_str() {
        "eta" | "lr" | "rate" | "alpha" | "step-size" => Some("learning-rate"),
        "nodes" | "units" | "size" | "names" => Some("neurons"),
        "cost" | "error" => Some("loss"),
        "data" => Some("samples"),
        "desired" | "outputs" | "labels" => Some("targets"),
        "function" => Some("activation"),
        "name" => Some("title"),
        _ => None,
    };
    let key = shortened(typed);
    let nearest = match ours.filter(|ours| table.keys().contains(ours)) {
        Some(ours) => vec![ours.to_string()],
        None => spelling::nearest(&key, table.keys().iter().map(ToString::to_string)),
    };
    ProblemKind::UnknownKey { key, table: table.clone(), nearest, belongs }
}

impl<'a> Field<'a> {
    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        if let DeValue::String(text) = self.value.get_ref() {
            Some(text)
        } else {
            self.wrong_type("text in quotes", problems);
            None
        }
    }

    pub(super) fn flag(&self, problems: &mut Problems) -> Option<bool> {
        if let DeValue::Boolean(flag) = self.value.get_ref() {
            Some(*flag)
        } else {
            self.wrong_type("`true` or `false`", problems);
            None
        }
    }

    /// Returns a number; a wrong one is reported.
    pub(super) fn number(&self, problems: &mut Problems) -> Option<f64> {
        number(self.value, &self.place, problems)
    }

    /// Returns a whole number of a range.
    pub(super) fn count(
        &self,
        range: std::ops::RangeInclusive<usize>,
        expected: &'static str,
        problems: &mut Problems,
    ) -> Option<usize> {
        let (found, count) = match self.value.get_ref() {
            DeValue::Integer(integer) => {
                (integer.to_string(), usize::from_str_radix(integer.as_str(), integer.radix()).ok())
            }
            DeValue::Float(float) => (float.to_string(), None),
            _ => {
                self.wrong_type(expected, problems);
                return None;
            }
        };
        let count = count.filter(|count| range.contains(count));
        if count.is_none() {
            let (place, found) = (self.place.clone(), shortened(&found));
            problems.add(ProblemKind::OutOfRange { place, found, expected }, self.value.span());
        }
        count
    }

    /// Returns a list of numbers; a single number is a list of one.
    pub(super) fn numbers(&self, problems: &mut Problems) -> Vec<f64> {
        const EXPECTED: &str = "a list of numbers";
        match self.value.get_ref() {
            DeValue::Array(items) => numbers(items, &self.place, problems),
            DeValue::Integer(_) | DeValue::Float(_) => {
                vec![self.number(problems).unwrap_or(f64::NAN)]
            }
            _ => {
                self.wrong_type(EXPECTED, problems);
                Vec::new()
            }
        }
    }

    /// Returns a list of tables; a single table is a list of one.
    pub(super) fn tables(
        &self,
        table: impl Fn(usize) -> Table,
        problems: &mut Problems,
    ) -> Vec<Fields<'a>> {
        const EXPECTED: &str = "a list of tables";
        match self.value.get_ref() {
            DeValue::Table(content) => {
                vec![Fields::new(table(1), self.value.span(), content, problems)]
            }
            DeValue::Array(items) => {
                let mut tables = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    match item.get_ref() {
                        DeValue::Table(content) => tables.push(Fields::new(
                            table(index + 1),
                            item.span(),
                            content,
                            problems,
                        )),
                        _ => wrong_item(item, &self.place, EXPECTED, problems),
                    }
                }
                tables
            }
            _ => {
                self.wrong_type(EXPECTED, problems);
                Vec::new()
            }
        }
    }

    pub(super) fn wrong_type(&self, expected: &'static str, problems: &mut Problems) {
        problems.add(
            ProblemKind::WrongType {
                place: self.place.clone(),
                is_item: false,
                found: type_name(self.value.get_ref()),
                expected,
            },
            self.value.span(),
        );
    }
}

/// Reports an item of a list that has the wrong type.
pub(super) fn wrong_item(
    item: &Value<'_>,
    place: &Place,
    expected: &'static str,
    problems: &mut Problems,
) {
    problems.add(
        ProblemKind::WrongType {
            place: place.clone(),
            is_item: true,
            found: type_name(item.get_ref()),
            expected,
        },
        item.span(),
    );
}

/// Returns the numbers of a list; wrong ones are reported.
pub(super) fn numbers(items: &[Value<'_>], place: &Place, problems: &mut Problems) -> Vec<f64> {
    let is_number =
        |item: &&Value<'_>| matches!(item.get_ref(), DeValue::Float(_) | DeValue::Integer(_));
    // Of a list of names, say, one complaint is enough.
    if let Some(item) = items.iter().find(|item| !is_number(item)) {
        wrong_item(item, place, "numbers", problems);
    }
    items
        .iter()
        .map(|item| {
            let number = is_number(&item).then(|| number(item, place, problems));
            number.flatten().unwrap_or(f64::NAN)
        })
        .collect()
}

/// Returns a number; a wrong one is reported.
fn number(value: &Value<'_>, place: &Place, problems: &mut Problems) -> Option<f64> {
    let (text, number) = match value.get_ref() {
        DeValue::Float(float) => (float.as_str(), float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Integer(integer) if integer.radix() == 10 => {
            (integer.as_str(), integer.as_str().parse().unwrap_or(f64::NAN))
        }
        DeValue::Integer(integer) => (
            integer.as_str(),
            i128::from_str_radix(integer.as_str(), integer.radix())
                .map_or(f64::NAN, |integer| integer as f64),
        ),
        other => {
            let kind = ProblemKind::WrongType {
                place: place.clone(),
                is_item: false,
                found: type_name(other),
                expected: "a number",
            };
            problems.add(kind, value.span());
            return None;
        }
    };
    let mut digits = text.split(['e', 'E']).next().unwrap_or("").chars();
    let is_lost = number == 0.0 && digits.any(|c| matches!(c, '1'..='9'));
    let (place, found) = (|| place.clone(), || shortened(text));
    if !number.is_finite() {
        problems.add(ProblemKind::NotFinite { place: place(), found: found() }, value.span());
    } else if is_lost {
        let expected = "a number that double precision can tell from 0";
        let kind = ProblemKind::OutOfRange { place: place(), found: found(), expected };
        problems.add(kind, value.span());
    } else {
        return Some(number);
    }
    None
}

/// Returns what type a value has, with an article.
fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Returns the first characters of a text, for a message.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
