//! A report on a model: what the data look like, how training went, how good
//! the predictions are, what they depend on, and how to repeat it.
//!
//! ```text
//! Subject ── Report::new ──> Report ── sections ──> Section, Block ──> html.rs: one page
//!            predicts, scores,  numbers              words, tables,     figures(): files
//!            permutes columns                        figures
//! ```
//!
//! [`Report::new`] computes, sections say what to show of it, and `html.rs`
//! writes it down and knows no model. Everything follows from model, table and
//! seed: the same report has the same bytes.

mod calibration;
mod classes;
mod data;
mod html;
mod importance;
mod network;
mod numbers;
mod repeat;
mod scores;
mod summary;
mod training;

use std::io::{self, Write};

use crate::metrics::{Detail, Evaluation, Resampling};
use crate::model::{Compared, Error, Importance, Model, Permutations};
use crate::plot::Figure;
use crate::profile::Profile;
use crate::schema::Plan;
use crate::table::Table;

/// What a report is about.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// What its file is called.
    pub name: String,
    /// Which rows its predictions are measured on.
    pub measured: Measured,
    /// The table of these rows.
    pub table: &'a Table,
    /// Their scores, where they are known already.
    pub evaluation: Option<Evaluation>,
    /// How to find intervals, where the scores are not known.
    pub resampling: Option<Resampling>,
    /// The table that is described.
    pub described: &'a Table,
    /// What its columns were taken for, where the model was trained on it.
    pub plans: Option<&'a [Plan]>,
    /// What was said of data and rows.
    pub remarks: Vec<String>,
    /// Which settings were left to the data, what they became, and why.
    pub choices: Vec<String>,
    /// What else to say of the scores, such as those of folds.
    pub notes: Vec<String>,
    /// Commands that lead here again: what each does, and the command.
    pub commands: Vec<(String, String)>,
}

/// Which rows predictions are measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// Rows held back for validation.
    Validation,
    /// The rows of training: there are no others.
    Training,
    /// Rows of another table.
    Table,
}

/// All numbers of a report.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    subject: Subject<'a>,
    compared: Compared,
    evaluation: Evaluation,
    importance: Option<Importance>,
    columns: Vec<ColumnView>,
}

/// A column of the described table.
#[derive(Clone, Debug)]
struct ColumnView {
    name: String,
    /// Its part, in a word or with a reason.
    part: String,
    /// What its cells are, in a word.
    kind: &'static str,
    profile: Profile,
}

/// A part of a report, with a heading.
#[derive(Clone, Debug)]
struct Section {
    /// Its place in the page.
    id: &'static str,
    title: String,
    blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug)]
enum Block {
    /// A paragraph; what stands in back-ticks is literal.
    Paragraph(String),
    /// A smaller heading.
    Heading(String),
    /// Points, each a sentence.
    List(Vec<String>),
    /// A few numbers that matter most.
    Tiles(Vec<Tile>),
    /// A figure, with words below, and its numbers as a table.
    Figure { figure: Figure, caption: String, numbers: Option<DataTable> },
    /// A table.
    Table(DataTable),
    /// A command.
    Command { label: String, command: String },
}

/// A number that matters.
#[derive(Clone, Debug)]
struct Tile {
    label: String,
    value: Cell,
    below: Vec<String>,
}

/// A table of words and numbers.
#[derive(Clone, Debug, Default)]
struct DataTable {
    caption: String,
    headings: Vec<Heading>,
    rows: Vec<Vec<Cell>>,
}

/// The head of a column.
#[derive(Clone, Debug)]
struct Heading {
    title: String,
    is_number: bool,
}

/// What stands in a place of a table.
#[derive(Clone, Debug)]
enum Cell {
    /// Text; what stands in back-ticks is literal.
    Text(String),
    /// A name that the user gave, as it is.
    Name(String),
    /// A number, and how it is shown.
    Number(f64, String),
    /// A small picture, with words for it.
    Sketch(Sketch),
}

/// Bars in the width of a word.
#[derive(Clone, Debug)]
struct Sketch {
    heights: Vec<u64>,
    words: String,
}

impl<'a> Report<'a> {
    /// Computes all that a report shows.
    ///
    /// # Errors
    /// If the table does not fit the model, or has no row with an answer.
    pub fn new(subject: Subject<'a>) -> Result<Report<'a>, Error> {
        let (compared, _) = subject.model.compare(subject.table)?;
        let evaluation = match &subject.evaluation {
            Some(evaluation) => evaluation.clone(),
            None => subject.model.scores(&compared, subject.resampling),
        };
        let importance = importance_of(&subject, &compared)?;
        let columns = data::columns(&subject);
        Ok(Report { subject, compared, evaluation, importance, columns })
    }

    /// Writes the page: one file of HTML that needs nothing else.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let [title, lead] = summary::head(self);
        html::write(&title, &lead, &self.sections(), out)
    }

    /// Returns the figures of the page, to be written as files.
    pub fn figures(&self) -> Vec<Figure> {
        let sections = self.sections().into_iter();
        let blocks = sections.flat_map(|section| section.blocks);
        let figures = blocks.filter_map(|block| match block {
            Block::Figure { figure, .. } => Some(figure),
            _ => None,
        });
        figures.collect()
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = vec![summary::section(self)];
        match self.evaluation.detail {
            Detail::Regression { .. } => sections.push(numbers::section(self)),
            Detail::Classification { .. } | Detail::MultiLabel { .. } => {
                sections.push(classes::section(self));
                sections.push(calibration::section(self));
            }
        }
        sections.push(scores::section(self));
        sections.extend(importance::section(self));
        sections.extend(training::section(self));
        sections.push(data::section(self));
        sections.push(network::section(self));
        sections.push(repeat::section(self));
        sections
    }

    /// Says which rows are measured on, as the end of a sentence.
    fn rows_in_words(&self) -> String {
        let rows = self.evaluation.rows;
        let plural = if rows == 1 { "row" } else { "rows" };
        match self.subject.measured {
            Measured::Validation => format!("the {rows} {plural} held back for validation"),
            Measured::Training => format!("the {rows} {plural} it was trained on"),
            Measured::Table => format!("{rows} {plural} of `{}`", self.subject.table.name),
        }
    }
}

/// How often each column is permuted.
const REPEATS: usize = 10;
/// So many multiplications take some seconds on one processor.
const MOST_WORK: usize = 40_000_000_000;
/// More rows tell no more.
const MOST_ROWS: usize = 5000;
/// On fewer rows of many, chance would tell.
const FEWEST_ROWS: usize = 100;

/// Measures how much each column matters, on as many rows as time allows.
fn importance_of(subject: &Subject<'_>, compared: &Compared) -> Result<Option<Importance>, Error> {
    let model = subject.model;
    let columns = model.encoder().features().len();
    let parameters = model.architecture().parameter_count();
    let each = parameters.saturating_mul(columns * REPEATS);
    let most = (MOST_WORK / each.max(1)).min(MOST_ROWS);
    if most < FEWEST_ROWS.min(compared.rows.len()) {
        return Ok(None);
    }
    let seed = model.training.seed;
    let places = compared.sample(most, seed);
    let permutations = Permutations::draw(places.len(), REPEATS, seed);
    model.importance(subject.table, compared, &places, &permutations)
}

impl Section {
    fn new(id: &'static str, title: &str) -> Section {
        Section { id, title: title.to_string(), blocks: Vec::new() }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    fn show(&mut self, figure: Figure, caption: impl Into<String>, numbers: Option<DataTable>) {
        self.blocks.push(Block::Figure { figure, caption: caption.into(), numbers });
    }
}

impl DataTable {
    /// Makes an empty table; headings that begin with `#` are of numbers.
    fn new(caption: &str, headings: &[&str]) -> DataTable {
        let heading = |title: &&str| match title.strip_prefix('#') {
            Some(title) => Heading { title: title.to_string(), is_number: true },
            None => Heading { title: (*title).to_string(), is_number: false },
        };
        let headings = headings.iter().map(heading).collect();
        DataTable { caption: caption.to_string(), headings, rows: Vec::new() }
    }
}

impl Cell {
    fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    fn name(name: &str) -> Cell {
        Cell::Name(name.to_string())
    }

    /// A count.
    fn count(count: u64) -> Cell {
        Cell::Number(count as f64, count.to_string())
    }

    /// A score, with four decimals.
    fn score(value: f64) -> Cell {
        Cell::Number(value, crate::plot::rounded(value))
    }

    /// A score that may be undefined.
    fn defined(value: Option<f64>) -> Cell {
        value.map_or_else(|| Cell::text("–"), Cell::score)
    }

    /// A number in the user's units.
    fn quantity(value: f64) -> Cell {
        Cell::Number(value, crate::plot::significant(value, 5))
    }
}

/// Writes a share as a percentage.
fn percentage(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Adds an s to a word of which there are many.
fn counted(count: usize, word: &str) -> String {
    match (count, word.strip_suffix('s')) {
        (1, _) => format!("1 {word}"),
        (_, Some(_)) => format!("{count} {word}es"),
        _ => format!("{count} {word}s"),
    }
}
