//! What a person handed in, read from CSV, TOML, JSON, Markdown or plain text.
//!
//! A reader finds labels and what stands beside them; here they become answers
//! to quantities. What cannot be read is named with its line, and the rest is
//! kept: nothing on a sheet makes reading fail as a whole.

use crate::example::Example;
use crate::quantity::Quantity;

use super::arithmetic::Arithmetic;
use super::in_step::{InStep, MOST_STEPS};
use super::labels::Labels;
use super::written::Written;

pub(super) mod csv;
mod json;
mod markdown;
mod toml;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A column of names and one of numbers.
    Csv,
    /// Keys and values.
    Toml,
    /// An object of names and numbers.
    Json,
    /// Tables, or lines of arithmetic; also plain text.
    Markdown,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 4] = [Format::Csv, Format::Toml, Format::Json, Format::Markdown];

    /// Returns the format that the ending of a file's name stands for.
    pub fn of_ending(ending: &str) -> Option<Format> {
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Some(Format::Csv),
            "toml" => Some(Format::Toml),
            "json" => Some(Format::Json),
            "md" | "markdown" | "txt" => Some(Format::Markdown),
            _ => None,
        }
    }

    /// Guesses the format of a text that has no file name.
    pub fn guess(text: &str) -> Format {
        let first = text.trim_start().chars().next();
        let lines = || text.lines().filter(|line| !line.trim_start().starts_with('#')).take(20);
        if matches!(first, Some('{' | '[')) && !text.contains("]\n") {
            Format::Json
        } else if lines().any(|line| line.contains('=') || line.contains('|')) {
            Format::Markdown
        } else if lines().any(|line| line.contains([',', ';', '\t'])) {
            Format::Csv
        } else {
            Format::Markdown
        }
    }
}

/// All that was handed in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Whose it is, where it says so.
    pub student: Option<String>,
    /// The answers, in the order they were written.
    pub answers: Vec<Answer>,
    /// What it has a place for, and no answer that could be read.
    pub open: Vec<InStep>,
    /// What could not be read or used.
    pub problems: Vec<Problem>,
}

/// An answer to one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it is an answer to.
    pub at: InStep,
    /// Its line, from 1.
    pub line: usize,
    /// The number; `None` where only arithmetic without a result was written.
    pub written: Option<Written>,
    /// The arithmetic that leads to it.
    pub arithmetic: Vec<Arithmetic>,
}

/// What could not be used of a sheet.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The name means no quantity of the exercise.
    #[error("`{label}` is no quantity of this exercise")]
    UnknownName {
        /// The name.
        label: String,
        /// The identifiers nearest to it.
        nearest: Vec<String>,
    },
    /// There is no number.
    #[error("`{text}` is not a number, beside `{label}`")]
    NotANumber {
        /// The name beside it.
        label: String,
        /// What stands there.
        text: String,
    },
    /// Nothing stands beside the name.
    #[error("nothing stands beside `{label}`")]
    Empty {
        /// The name.
        label: String,
    },
    /// The quantity was answered before.
    #[error("`{label}` was answered in line {first} already; the first answer counts")]
    Repeated {
        /// The name.
        label: String,
        /// Where it was answered first.
        first: usize,
    },
    /// The quantity is given.
    #[error("`{label}` is given as {given}, and {found} stands here")]
    OtherThanGiven {
        /// The name.
        label: String,
        /// Its value in the exercise.
        given: f64,
        /// The number that stands here.
        found: String,
    },
    /// The text is not of its format.
    #[error("{message}")]
    Syntax {
        /// What the reader says.
        message: String,
    },
}

impl Problem {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match &self.kind {
            ProblemKind::UnknownName { nearest, .. } if !nearest.is_empty() => {
                Some(format!("did you mean `{}`?", nearest.join("`, `")))
            }
            ProblemKind::UnknownName { .. } => {
                Some("`chainrule explain --format json` has all names".to_string())
            }
            ProblemKind::NotANumber { .. } => {
                Some("write a number, such as `0.69` or `-2.4e-3`".to_string())
            }
            _ => None,
        }
    }
}

/// A label and what stands beside it, as a reader finds them.
#[derive(Clone, Debug, PartialEq)]
struct Raw {
    line: usize,
    /// The step that it stands under, where a heading says so.
    step: Option<usize>,
    label: String,
    value: String,
    /// Whether it may be something else than an answer: a line of prose.
    is_loose: bool,
}

/// What a reader finds.
#[derive(Debug, Default)]
struct Found {
    raw: Vec<Raw>,
    problems: Vec<Problem>,
}

/// What stands beside a name: arithmetic, a result, or both.
#[derive(Debug, Default)]
struct Value {
    written: Option<Written>,
    arithmetic: Vec<Arithmetic>,
    /// Whether the last part, where the result stands, could be read.
    is_complete: bool,
}

/// More problems than this are not listed one by one.
const MOST_PROBLEMS: usize = 200;

impl Sheet {
    /// Reads a sheet for an exercise. What cannot be read is a problem of the
    /// sheet.
    ///
    /// ```
    /// use chainrule::example::Example;
    /// use chainrule::exercise::answers::{Format, Sheet};
    ///
    /// let example = Example::builtin("first-example").expect("it is built in");
    /// let text = "z_top = 0.755\nw1_new = 0.3 + (-0.0406 * 0.68) = 0.272392\nz_tap = 1.2\n";
    /// let sheet = Sheet::read(&example, text, Format::Markdown);
    /// assert_eq!(sheet.answers.len(), 2);
    /// assert_eq!(
    ///     sheet.problems[0].to_string(),
    ///     "line 3: `z_tap` is no quantity of this exercise"
    /// );
    /// ```
    pub fn read(example: &Example, text: &str, format: Format) -> Sheet {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let labels = Labels::new(example);
        let is_known = |label: &str| find(&labels, None, label).is_some();
        let found = match format {
            Format::Csv => csv::read(text),
            Format::Toml => toml::read(text, &is_known),
            Format::Json => json::read(text),
            Format::Markdown => markdown::read(text, &is_known),
        };
        let mut sheet = Sheet { problems: found.problems, ..Sheet::default() };
        // Formulas without numbers: no answers, and no problems where one follows.
        let mut formulas = Vec::new();
        for raw in found.raw {
            sheet.take(example, &labels, raw, &mut formulas);
        }
        for (at, problem) in formulas {
            if sheet.answers.iter().all(|answer| answer.at != at) {
                sheet.leave_open(example, at);
                sheet.problems.push(problem);
            }
        }
        sheet.problems.sort_by_key(|problem| problem.line);
        sheet.problems.truncate(MOST_PROBLEMS);
        sheet
    }

    /// Returns what the sheet was to answer, as far as it shows: what it answers,
    /// and what it has a place for.
    pub fn asked(&self) -> Vec<InStep> {
        let answered = self.answers.iter().map(|answer| answer.at);
        answered.chain(self.open.iter().copied()).collect()
    }

    /// Takes what stands beside a label for an answer, or says why it is none.
    fn take(
        &mut self,
        example: &Example,
        labels: &Labels,
        raw: Raw,
        formulas: &mut Vec<(InStep, Problem)>,
    ) {
        let Raw { line, step, label, value, is_loose } = raw;
        let label = label.trim().to_string();
        if is_student(&label) && labels.find(&label).is_none() {
            self.student.get_or_insert_with(|| shortened(value.trim()));
            return;
        }
        // In prose, the name is the last word: `so that w1+ = …`.
        let last_word = || label.rsplit(char::is_whitespace).next().unwrap_or("");
        let at = find(labels, step, &label)
            .or_else(|| if is_loose { find(labels, step, last_word()) } else { None });
        let read = read_value(&value);
        let label = shortened(&label);
        let has_nothing = read.written.is_none() && read.arithmetic.is_empty();
        let Some(at) = at.map(|at| as_made(example, at)) else {
            let is_answer = !has_nothing && read.is_complete;
            if !is_loose || (is_answer && !label.is_empty()) {
                let nearest = labels.nearest(&label);
                let kind = ProblemKind::UnknownName { label, nearest };
                self.problems.push(Problem { line, kind });
            }
            return;
        };
        let first = self.answers.iter().find(|answer| answer.at == at);
        let kind = if value.trim().is_empty() {
            ProblemKind::Empty { label }
        } else if has_nothing || !read.is_complete {
            let text = value.trim();
            let is_formula = is_loose
                && has_nothing
                && !text.starts_with(['-', '.', '−'])
                && !text.starts_with(|letter: char| letter.is_ascii_digit());
            let kind = ProblemKind::NotANumber { label, text: shortened(text) };
            if is_formula {
                formulas.push((at, Problem { line, kind }));
                return;
            }
            kind
        } else if let Some(given) = given(example, at.quantity) {
            match read.written.filter(|written| written.value != given) {
                Some(found) => ProblemKind::OtherThanGiven { label, given, found: found.text },
                None => return,
            }
        } else if let Some(first) = first {
            ProblemKind::Repeated { label, first: first.line }
        } else {
            let Value { written, arithmetic, .. } = read;
            self.answers.push(Answer { at, line, written, arithmetic });
            return;
        };
        self.problems.push(Problem { line, kind });
        self.leave_open(example, at);
    }

    fn leave_open(&mut self, example: &Example, at: InStep) {
        if given(example, at.quantity).is_none() && !self.open.contains(&at) {
            self.open.push(at);
        }
    }
}

/// Finds what a label means: in the step that it names, or that it stands under.
fn find(labels: &Labels, step: Option<usize>, label: &str) -> Option<InStep> {
    let whole = labels.find(label).map(|quantity| (1, quantity));
    let (named, quantity) = whole.or_else(|| {
        let (step, rest) = InStep::split(label)?;
        Some((step, labels.find(rest)?))
    })?;
    let step = if named > 1 { named } else { step.unwrap_or(1) };
    Some(InStep { step, quantity })
}

/// Returns where a number is computed: a weight that a later step starts with
/// is what the step before made of it.
fn as_made(example: &Example, at: InStep) -> InStep {
    match at.quantity {
        Quantity::Parameter(parameter) if at.step > 1 && example.network.is_trained(parameter) => {
            InStep { step: at.step - 1, quantity: Quantity::Updated(parameter) }
        }
        _ => at,
    }
}

/// Reads the step that a heading stands for: `Step 2`, `step-2`, `2nd step`.
fn step_of(heading: &str) -> Option<usize> {
    let heading = heading.trim().to_lowercase();
    if !heading.contains("step") {
        return None;
    }
    let digits: String = heading
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().filter(|step| (1..=MOST_STEPS).contains(step))
}

/// Tells whether a label says whose sheet it is.
fn is_student(label: &str) -> bool {
    matches!(label.trim().to_lowercase().as_str(), "student" | "name")
}

/// Returns the value of what is not computed: what is given, and frozen biases
/// after the step.
fn given(example: &Example, quantity: Quantity) -> Option<f64> {
    match quantity {
        Quantity::Updated(parameter) if !example.network.is_trained(parameter) => {
            // Whether it is frozen is a convention, which the numbers may tell.
            None
        }
        _ => example.given(quantity),
    }
}

/// Reads `0.3 + (-0.0406 * 0.68) = 0.272392`, or a part of it.
fn read_value(text: &str) -> Value {
    let text = text.split(" #").next().unwrap_or("").trim().trim_end_matches(['.', ';']);
    let mut value = Value::default();
    let parts: Vec<&str> = text.split(['=', '≈', '→', '≅']).collect();
    for (place, part) in parts.iter().enumerate() {
        let is_last = place + 1 == parts.len();
        let part = part.trim();
        if is_last && let Some(written) = Written::read(part) {
            value.written = Some(written);
            value.is_complete = true;
        } else if let Some(arithmetic) = Arithmetic::read(part) {
            value.arithmetic.push(arithmetic);
            value.is_complete = is_last;
        }
    }
    value
}

/// Returns a text short enough to stand in a message.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let one_line: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if one_line.chars().count() <= LONGEST {
        return one_line;
    }
    let start: String = one_line.chars().take(LONGEST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_read_from_names_and_from_what_stands_above() {
        let example = Example::builtin("first-example").expect("it is built in");
        let table = [
            (Format::Csv, "z_top,0.7\nz_top@2,0.8\nw1@2,0.3\n"),
            (Format::Toml, "z_top = 0.7\n[step-2]\nz_top = 0.8\nw1 = 0.3\n"),
            (Format::Toml, "z_top = 0.7\n\"z_top@2\" = 0.8\nw1_new = 0.3\n"),
            (Format::Json, "{\"z_top\": 0.7, \"step 2\": {\"z_top\": 0.8, \"w1\": 0.3}}"),
            (Format::Markdown, "Step 1:\nz_top = 0.7\n\n## Step 2\n- z_top: 0.8\nw1 = 0.3\n"),
            (
                Format::Markdown,
                "| name | answer |\n|---|---|\n| z_top | 0.7 |\n| `z_top@2` | 0.8 |\n| w1@2 | 0.3 |\n",
            ),
        ];
        for (format, text) in table {
            let sheet = Sheet::read(&example, text, format);
            assert_eq!(sheet.problems, [], "{text}");
            let mut read: Vec<(String, &str)> = sheet
                .answers
                .iter()
                .map(|one| {
                    let written = one.written.as_ref().expect("a number");
                    (one.at.id(&example.names), written.text.as_str())
                })
                .collect();
            read.sort_unstable();
            // The weight that the second step starts with is made by the first.
            let expected = [("w1_new", "0.3"), ("z_top", "0.7"), ("z_top@2", "0.8")];
            assert_eq!(read, expected.map(|(id, text)| (id.to_string(), text)), "{text}");
        }
        let sheet = Sheet::read(&example, "z_top@0,0.7\nz_top@99,0.7\nz_top@x,0.7\n", Format::Csv);
        assert_eq!((sheet.answers.len(), sheet.problems.len()), (0, 3));
    }
}
