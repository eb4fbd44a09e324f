//! The explanation for a terminal: aligned, at most 80 columns wide, with
//! colour only where the caller says that a person is looking.

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::explain::formula::plain;
use crate::explain::table::Table;
use crate::explain::{Explanation, Section, Step, given, symbol, tables, words};
use crate::quantity::{Neuron, Pass, Quantity};
use working::Columns;
use wrap::wrap;

mod drawing;
mod working;
mod wrap;

/// How many columns a page takes.
const WIDTH: usize = 80;
/// How far lines of working stand from the edge.
const INDENT: usize = 2;
/// The least a table's last column gets, where others are wide.
const LEAST_ROOM: usize = 20;

const HEADING: Style = Style::new().bold();
const VALUE: Style = Style::new().bold();
const ASIDE: Style = Style::new().dimmed();

/// A writer of text pages.
pub struct Text<'a> {
    out: &'a mut dyn Write,
    colour: bool,
}

/// Writes an explanation.
///
/// # Errors
/// Those of the writer.
pub fn write(explanation: &Explanation, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Text::new(out, colour);
    text.head(explanation)?;
    let mut is_first = true;
    for step in explanation.steps() {
        text.step(explanation, &step, is_first)?;
        is_first = false;
    }
    let closing = tables::closing(explanation);
    if let Some(remark) = closing.remark {
        text.paragraph(&remark)?;
    }
    for table in closing.tables {
        writeln!(text.out)?;
        text.table(&table)?;
    }
    Ok(())
}

impl<'a> Text<'a> {
    /// Makes a writer of text; `colour` adds terminal styles.
    pub fn new(out: &'a mut dyn Write, colour: bool) -> Text<'a> {
        Text { out, colour }
    }

    fn head(&mut self, explanation: &Explanation) -> io::Result<()> {
        self.heading(&words::heading(explanation))?;
        if let Some(source) = words::source(explanation) {
            self.paragraph(&source)?;
        }
        for note in words::note(explanation) {
            writeln!(self.out)?;
            self.paragraph(&note)?;
        }
        if let Some(selection) = words::selection(explanation) {
            writeln!(self.out)?;
            self.paragraph(&selection)?;
        }
        writeln!(self.out)?;
        let conventions = words::conventions(explanation);
        let column = conventions.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        for (label, sentence) in conventions {
            let rows = wrap(&sentence, WIDTH - INDENT - column - 2);
            for (place, row) in rows.iter().enumerate() {
                let label = if place == 0 { label.as_str() } else { "" };
                self.put("  ", Style::new())?;
                self.put(&pad(label, column), ASIDE)?;
                writeln!(self.out, "  {row}")?;
            }
        }
        Ok(())
    }

    fn step(&mut self, explanation: &Explanation, step: &Step, is_first: bool) -> io::Result<()> {
        if let Some(heading) = words::step_heading(explanation, step) {
            writeln!(self.out)?;
            self.heading(&heading)?;
        }
        if explanation.is_whole() && is_first {
            self.drawing(step)?;
        }
        self.given(explanation, step)?;
        for section in step.sections() {
            writeln!(self.out)?;
            self.heading(&section.title())?;
            self.section(&section)?;
        }
        if explanation.is_whole() {
            writeln!(self.out)?;
            self.paragraph(&words::outcome(step))?;
        }
        Ok(())
    }

    /// Draws the network with its weights and activations, where it fits.
    fn drawing(&mut self, step: &Step) -> io::Result<()> {
        let Some(rows) = drawing_of(step) else { return Ok(()) };
        writeln!(self.out)?;
        for row in rows {
            writeln!(self.out, "{}{row}", " ".repeat(INDENT))?;
        }
        Ok(())
    }

    /// Lists the given numbers that the lines use.
    fn given(&mut self, explanation: &Explanation, step: &Step) -> io::Result<()> {
        let groups = given::groups(explanation, step);
        if groups.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        self.heading("Given")?;
        for group in groups {
            let mut row = String::new();
            let numbers = group.numbers.iter().map(|(quantity, value)| {
                format!("{} = {value}", symbol::of(&step.example.names, *quantity))
            });
            for item in numbers.chain(group.instead()) {
                if !row.is_empty() && INDENT + row.width() + 3 + item.width() > WIDTH {
                    self.indented(&row)?;
                    row.clear();
                }
                if !row.is_empty() {
                    row.push_str("   ");
                }
                row.push_str(&item);
            }
            self.indented(&row)?;
        }
        Ok(())
    }

    fn indented(&mut self, text: &str) -> io::Result<()> {
        wrap(text, WIDTH - INDENT).iter().try_for_each(|row| writeln!(self.out, "  {row}"))
    }

    fn section(&mut self, section: &Section) -> io::Result<()> {
        Columns::of(section, self.colour).write(section, self.out)
    }

    /// Writes a table; its last column may take several rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        self.heading(&table.caption)?;
        let titles: Vec<String> = table.columns.iter().map(|column| column.title.clone()).collect();
        let mut widths: Vec<usize> = (0..titles.len())
            .map(|column| {
                let cells = table.rows.iter().map(|row| row[column].width());
                cells.chain([titles[column].width()]).max().unwrap_or(0)
            })
            .collect();
        let last = titles.len() - 1;
        // A long name has rows of its own, so that the columns beside it fit.
        let beside = widths[1..].iter().take(last.saturating_sub(1)).map(|width| width + 2);
        let beside = INDENT + 2 + beside.sum::<usize>() + widths[last].min(LEAST_ROOM);
        widths[0] = widths[0].min(WIDTH.saturating_sub(beside).max(titles[0].width()));
        let indent = INDENT + widths[..last].iter().map(|width| width + 2).sum::<usize>();
        let room = WIDTH.saturating_sub(indent).max(LEAST_ROOM);
        let heads = std::iter::once((&titles, ASIDE));
        for (row, style) in heads.chain(table.rows.iter().map(|row| (row, Style::new()))) {
            self.put("  ", Style::new())?;
            for (column, cell) in row.iter().enumerate() {
                let mut cell = cell.as_str();
                if column == 0 && last > 0 && cell.width() > widths[0] {
                    for part in wrap(cell, WIDTH - INDENT) {
                        self.put(part, style)?;
                        write!(self.out, "\n  ")?;
                    }
                    cell = "";
                }
                let cell = if table.columns[column].is_numeric {
                    pad_left(cell, widths[column].min(room))
                } else {
                    pad(cell, if column < last { widths[column] } else { 0 })
                };
                if column < last {
                    self.put(&cell, style)?;
                    write!(self.out, "  ")?;
                    continue;
                }
                let parts = if cell.width() > room { wrap(&cell, room) } else { vec![&cell[..]] };
                for (place, part) in parts.into_iter().enumerate() {
                    if place > 0 {
                        write!(self.out, "{}", " ".repeat(indent))?;
                    }
                    self.put(part, style)?;
                    writeln!(self.out)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a sentence or more, wrapped.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn paragraph(&mut self, text: &str) -> io::Result<()> {
        for row in wrap(text, WIDTH) {
            writeln!(self.out, "{row}")?;
        }
        Ok(())
    }

    /// Writes an empty row.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        for row in wrap(text, WIDTH) {
            self.put(row, HEADING)?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn put(&mut self, text: &str, style: Style) -> io::Result<()> {
        if self.colour {
            write!(self.out, "{style}{text}{style:#}")
        } else {
            write!(self.out, "{text}")
        }
    }
}

fn drawing_of(step: &Step) -> Option<Vec<String>> {
    let example = step.example;
    let network = &example.network;
    // Drawn labels are few; stop before writing a large network's out.
    if network.layers.iter().any(|layer| layer.width() > 6) || network.input_width() > 6 {
        return None;
    }
    let valued = |name: &str, quantity| {
        let value = step.value(quantity)?;
        let is_given = quantity.phase().is_none();
        let value = if is_given { plain(value) } else { example.shown.show(value) };
        Some(format!("{name} {value}"))
    };
    let names = &example.names;
    let inputs = names.inputs.iter().enumerate();
    let mut columns: Vec<Vec<String>> = vec![
        inputs.map(|(index, name)| valued(name, Quantity::Input(index))).collect::<Option<_>>()?,
    ];
    for (layer, neurons) in names.neurons.iter().enumerate() {
        let labels = neurons.iter().enumerate().map(|(index, name)| {
            let neuron = Neuron { layer, index };
            valued(name, Quantity::Activation(Pass::Before, neuron))
        });
        columns.push(labels.collect::<Option<_>>()?);
    }
    let mut weights: Vec<Vec<Vec<String>>> = Vec::new();
    for (parameter, value) in step.network.parameters() {
        if let crate::quantity::Parameter::Weight { layer, to, .. } = parameter {
            weights.resize(weights.len().max(layer + 1), Vec::new());
            let rows = &mut weights[layer];
            rows.resize(rows.len().max(to + 1), Vec::new());
            // An automatic name says no more than the connection it stands at.
            let named = !names.weights[layer].is_empty();
            let name = if named {
                format!("{} ", names.id(Quantity::Parameter(parameter)))
            } else {
                String::new()
            };
            rows[to].push(format!("{name}{}", plain(value)));
        }
    }
    drawing::draw(&drawing::Network { columns, weights }, WIDTH - INDENT)
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}
