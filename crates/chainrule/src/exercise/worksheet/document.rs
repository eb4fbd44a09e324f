//! What stands on a sheet, its solution and its marking scheme, block by
//! block; the formats below it lay them out.
//!
//! Formulas are written in the notation of the format already. Not for what
//! `mark` reads: that is in [`files`](super::files).

use super::{Level, Worksheet, description};
use crate::exercise::in_step::InStep;
use crate::exercise::mistakes::Mistake;
use crate::exercise::report::points;
use crate::explain::drawing::{Drawing, Kind};
use crate::explain::formula::{Notation, View, number, plain};
use crate::explain::table::{Column, Table};
use crate::explain::{Explanation, Line, Section, Settings, Step, symbol, words};
use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

/// A part of an exercise, on pages of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The sheet to fill in.
    Sheet,
    /// The full solution.
    Solution,
    /// What every line is worth, what is accepted, and what mistakes give.
    Scheme,
}

/// What stands on the pages.
#[derive(Clone, Debug)]
pub struct Document {
    /// The heading.
    pub title: String,
    /// Which part it is, for the line above the heading.
    pub part: Part,
    /// Whose it is, where that is known.
    pub student: Option<String>,
    /// The seed that makes the sheet again.
    pub seed: u64,
    /// What all lines are worth.
    pub points: f64,
    /// What stands below the heading.
    pub blocks: Vec<Block>,
}

/// A block of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph of plain text.
    Paragraph(String),
    /// Pairs of a label and a sentence.
    Statements(Vec<(String, String)>),
    /// The network.
    Drawing(Drawing),
    /// Given numbers, under a label each: symbol and number as formulas.
    Givens(Vec<(&'static str, Vec<(String, String)>)>),
    /// Lines to fill in.
    Questions(Vec<Question>),
    /// Lines of working.
    Working(Vec<Row>),
    /// A table of plain text.
    Table(Table),
}

/// A line to fill in.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its symbol, as a formula.
    pub symbol: String,
    /// What it is, in words.
    pub what: String,
    /// What it is worth.
    pub points: String,
}

/// A line of working.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its symbol, as a formula.
    pub symbol: String,
    /// The formula with symbols; left out where a mistake in it is to be found.
    pub formula: Option<String>,
    /// The formula with numbers.
    pub numbers: String,
    /// What must hold for the formula, in symbols.
    pub conditions: Vec<String>,
    /// The value, as a formula.
    pub value: String,
    /// What it is worth; nothing where it is to be worked anew.
    pub points: Option<String>,
}

impl Document {
    /// Makes a part of a worksheet, with formulas in a notation.
    pub fn new(sheet: &Worksheet, part: Part, notation: Notation) -> Document {
        let page = Page { sheet, notation };
        let blocks = match part {
            Part::Sheet => page.sheet(),
            Part::Solution => page.solution(),
            Part::Scheme => page.scheme(),
        };
        Document {
            title: sheet.example.title.clone(),
            part,
            student: sheet.student.as_ref().map(|student| student.name.clone()),
            seed: sheet.seed,
            points: sheet.points().iter().map(|(_, points)| points).sum(),
            blocks,
        }
    }

    /// Returns what part it is, in words.
    pub fn part_name(&self) -> &'static str {
        match self.part {
            Part::Sheet => "Exercise",
            Part::Solution => "Solution",
            Part::Scheme => "Marking scheme",
        }
    }
}

/// Returns the title of a file with some documents of the same part.
pub(super) fn title(documents: &[Document]) -> String {
    match documents {
        [only] => format!("{}: {}", only.part_name(), only.title),
        [first, ..] => format!("{}s: {}", first.part_name(), first.title),
        [] => String::new(),
    }
}

/// Makes the blocks.
struct Page<'a> {
    sheet: &'a Worksheet,
    notation: Notation,
}

impl Page<'_> {
    fn sheet(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Paragraph(self.task())];
        blocks.push(Block::Statements(self.conventions()));
        let steps = self.sheet.solutions();
        let first = &steps[0];
        let mut drawing = Drawing::of(first);
        for node in &mut drawing.nodes {
            if matches!(node.kind, Kind::Neuron | Kind::Loss) {
                node.value.clear();
            }
        }
        blocks.push(Block::Drawing(drawing));
        blocks.push(Block::Heading("Given".to_string()));
        blocks.push(Block::Givens(self.givens(first)));
        match self.sheet.mistaken() {
            None => {
                for step in &steps {
                    blocks.extend(self.other_sample(step));
                    for section in step.sections() {
                        blocks.push(Block::Heading(self.heading(step, &section)));
                        let lines = section.lines().map(|line| self.question(step, &line));
                        blocks.push(Block::Questions(lines.collect()));
                    }
                }
            }
            Some(mistaken) => {
                for section in mistaken.sections() {
                    blocks.push(Block::Heading(section.title()));
                    let lines = section.lines();
                    let row =
                        |line: Line<'_>| Row { formula: None, points: None, ..self.row(&line) };
                    blocks.push(Block::Working(lines.map(row).collect()));
                }
                blocks.push(Block::Heading("What went wrong".to_string()));
                let question = |symbol: &str, what: &str| Question {
                    symbol: match self.notation {
                        Notation::Latex => format!("\\text{{{symbol}}}"),
                        Notation::MathMl => format!("<mtext>{symbol}</mtext>"),
                        Notation::Typst => format!("\"{symbol}\""),
                        Notation::Text => symbol.to_string(),
                    },
                    what: what.to_string(),
                    points: String::new(),
                };
                blocks.push(Block::Questions(vec![
                    question("Line", "the first line that is wrong"),
                    question("Mistake", "what was done, and what should have been done"),
                ]));
            }
        }
        blocks
    }

    /// Returns the title of a section, with its step where there are several.
    fn heading(&self, step: &Step<'_>, section: &Section<'_>) -> String {
        match self.sheet.order.steps {
            1 => section.title(),
            _ => format!("Step {}: {}", step.number, section.title()),
        }
    }

    /// Returns the sample of a step that works with another one than the step
    /// before.
    fn other_sample(&self, step: &Step<'_>) -> Option<Block> {
        let is_other = step.number > 1 && self.sheet.sample(step.number - 1) != step.sample;
        is_other.then(|| {
            let mut groups = self.givens(step);
            groups.retain(|(label, _)| ["Inputs", "Targets"].contains(label));
            Block::Givens(groups)
        })
    }

    fn task(&self) -> String {
        let places = words::places(self.sheet.rounding());
        let work = format!(
            "Round every line to {places}, and carry the rounded number on into the next lines."
        );
        let (steps, work) = match self.sheet.order.steps {
            1 => ("one step".to_string(), work),
            count => (
                format!("{count} steps"),
                format!("{work} Each step starts with the new weights of the one before."),
            ),
        };
        match self.sheet.order.level {
            Level::Forward => format!("Work the forward pass of this network by hand. {work}"),
            Level::Neuron => {
                format!("Work {steps} of backpropagation for this output neuron. {work}")
            }
            Level::Step => format!("Work {steps} of backpropagation by hand. {work}"),
            Level::FindMistake => format!(
                "Somebody worked one step of backpropagation by hand, rounded every line to \
                 {places}, and made one mistake in the method. All that comes after it follows \
                 from the wrong number. Find the line, say what was done wrong, and write the \
                 right numbers beside the wrong ones."
            ),
        }
    }

    /// Returns the conventions that matter for what is asked.
    fn conventions(&self) -> Vec<(String, String)> {
        let settings = Settings { round_each: true, ..Settings::default() };
        let explanation = Explanation::new(&self.sheet.example, settings)
            .expect("the first step can be explained");
        let is_forward = self.sheet.order.level == Level::Forward;
        let has_hidden = self.sheet.example.network.layers.len() > 1;
        let matters = |label: &str| match label {
            "Update order" => !is_forward && has_hidden,
            "Sign of delta" | "Learning rate" | "Marks" => !is_forward,
            // The task says it, and one sample is used.
            "Numbers" | "Samples" => false,
            _ => true,
        };
        let mut all = words::conventions(&explanation);
        all.retain(|(label, _)| matters(label));
        all
    }

    fn symbol(&self, quantity: Quantity) -> String {
        let mut out = String::new();
        symbol::write(&self.sheet.example.names.symbol(quantity), self.notation, &mut out);
        out
    }

    fn number(&self, text: &str) -> String {
        let mut out = String::new();
        number(text, self.notation, &mut out);
        out
    }

    fn givens(&self, step: &Step<'_>) -> Vec<(&'static str, Vec<(String, String)>)> {
        let mut groups: Vec<(&'static str, Vec<(String, String)>)> = Vec::new();
        for given in step.givens_in_use() {
            let label = match given.quantity {
                Quantity::Input(_) => "Inputs",
                Quantity::Target(_) => "Targets",
                Quantity::LearningRate => "Learning rate",
                _ => "Weights and biases",
            };
            if groups.last().is_none_or(|(last, _)| *last != label) {
                groups.push((label, Vec::new()));
            }
            let pair = (self.symbol(given.quantity), self.number(&plain(given.value)));
            if let Some((_, numbers)) = groups.last_mut() {
                numbers.push(pair);
            }
        }
        groups
    }

    fn worth(&self, quantity: Quantity) -> String {
        points(self.sheet.scheme().worth(quantity))
    }

    fn question(&self, step: &Step<'_>, line: &Line<'_>) -> Question {
        let quantity = line.quantity();
        Question {
            symbol: line.symbol(self.notation),
            what: description(&self.sheet.example, InStep { step: step.number, quantity }),
            points: self.worth(quantity),
        }
    }

    fn row(&self, line: &Line<'_>) -> Row {
        Row {
            symbol: line.symbol(self.notation),
            formula: Some(line.formula(View::Symbols, self.notation)),
            numbers: line.formula(View::Numbers, self.notation),
            conditions: line.conditions(View::Symbols, self.notation),
            value: self.number(&line.shown()),
            points: Some(self.worth(line.quantity())),
        }
    }

    fn solution(&self) -> Vec<Block> {
        let sheet = self.sheet;
        let mut blocks = Vec::new();
        if let Some(planted) = &sheet.planted {
            let of = symbol::of(&sheet.example.names, planted.quantity);
            let named = planted.variation.named.sentence(&sheet.example.names);
            let what = description(&sheet.example, InStep::first(planted.quantity));
            let follow = planted.wrong.len().saturating_sub(1);
            let follow = match follow {
                0 => "No other line is wrong for it.".to_string(),
                1 => "One later line is wrong for it.".to_string(),
                count => format!("{count} later lines are wrong for it."),
            };
            blocks.push(Block::Paragraph(format!(
                "The mistake is in {of}, the {what}: {named}. {follow}"
            )));
        }
        for step in sheet.solutions() {
            blocks.extend(self.other_sample(&step));
            for section in step.sections() {
                blocks.push(Block::Heading(self.heading(&step, &section)));
                blocks.push(Block::Working(section.lines().map(|line| self.row(&line)).collect()));
            }
        }
        blocks
    }

    fn scheme(&self) -> Vec<Block> {
        let sheet = self.sheet;
        let scheme = sheet.scheme();
        let percent = |share: f64| format!("{} %", points(100.0 * share));
        let mut blocks = vec![Block::Statements(vec![
            (
                "Right".to_string(),
                "all points: the number lies in the range that rounding at every line can reach"
                    .to_string(),
            ),
            (
                "From own numbers".to_string(),
                format!(
                    "{} of the points: wrong, but right from one's own earlier numbers",
                    percent(scheme.carried)
                ),
            ),
            (
                "Slip".to_string(),
                format!("{} of the points: a slip of rounding or copying", percent(scheme.slip)),
            ),
            (
                "Mistake".to_string(),
                format!("{} of the points: a mistake of method", percent(scheme.mistake)),
            ),
        ])];
        let names = &sheet.example.names;
        let exact = sheet.exact();
        let rows = sheet
            .accepted()
            .into_iter()
            .map(|(at, bounds)| {
                vec![
                    at.symbol(names),
                    description(&sheet.example, at),
                    sheet.rounding().show(exact[&at]),
                    range(bounds, sheet.rounding()),
                    self.worth(at.quantity),
                ]
            })
            .collect();
        blocks.push(Block::Table(Table {
            caption: "Lines".to_string(),
            columns: vec![
                Column::text("quantity"),
                Column::text("what it is"),
                Column::number("exact"),
                Column::number("accepted"),
                Column::number("points"),
            ],
            rows,
        }));
        blocks.push(Block::Table(Table {
            caption: "What usual mistakes give".to_string(),
            columns: vec![
                Column::text("quantity"),
                Column::text("mistake"),
                Column::text("numbers"),
            ],
            rows: self.mistakes(),
        }));
        blocks
    }

    /// Returns what each mistake gives: a row for each mistake in a line, with
    /// all the numbers that it may lead to.
    fn mistakes(&self) -> Vec<Vec<String>> {
        let sheet = self.sheet;
        let all = sheet.mistaken_numbers();
        let mut rows = Vec::new();
        for of_line in all.chunk_by(|x, y| x.0 == y.0) {
            let mut symbol = of_line[0].0.symbol(&sheet.example.names);
            let mut mistakes: Vec<Mistake> = of_line.iter().map(|one| one.2).collect();
            mistakes.sort_unstable();
            mistakes.dedup();
            for mistake in mistakes {
                let numbers: Vec<String> = of_line
                    .iter()
                    .filter(|one| one.2 == mistake)
                    .map(|one| words::typeset(&sheet.rounding().show(one.1)))
                    .collect();
                // The quantity stands in the first of its rows.
                let quantity = std::mem::take(&mut symbol);
                rows.push(vec![quantity, mistake.words().to_string(), numbers.join("  ")]);
            }
        }
        rows
    }
}

/// Writes a range of accepted numbers; a single one stands for itself.
fn range(bounds: Interval, rounding: Rounding) -> String {
    let (low, high) = (rounding.show(bounds.low()), rounding.show(bounds.high()));
    if low == high { low } else { format!("{low} … {high}") }
}
