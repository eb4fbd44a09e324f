//! The explanation for a terminal: aligned, at most 80 columns wide, with
//! colour only where the caller says that a person is looking.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::explain::formula::{Notation, View, plain};
use crate::explain::table::Table;
use crate::explain::{Explanation, Line, Section, Step, given, symbol, tables, words};
use crate::quantity::{Neuron, Pass, Quantity};

mod drawing;

/// How many columns a page takes.
const WIDTH: usize = 80;
/// How far lines of working stand from the edge.
const INDENT: usize = 2;
/// The least a table's last column gets, where others are wide.
const LEAST_ROOM: usize = 20;

const HEADING: Style = Style::new().bold();
const SYMBOL: Style = AnsiColor::Cyan.on_default();
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
        let symbol = section.lines().map(|line| line.symbol(Notation::Text).width()).max();
        let value = section.lines().map(|line| line.shown().width()).max();
        // One long name does not push all others to the right.
        let columns = (symbol.unwrap_or(0).min(20), value.unwrap_or(0));
        section.lines().try_for_each(|line| self.line(&line, columns))
    }

    /// Writes a line of working in two rows or more:
    ///
    /// ```text
    ///   z_top = w3·A + w4·B
    ///         = 0.1·0.35 + 0.8·0.9                                = 0.755000
    /// ```
    fn line(&mut self, line: &Line, (symbol_width, value_width): (usize, usize)) -> io::Result<()> {
        let room = WIDTH - INDENT - symbol_width - 3;
        let symbols = with_conditions(line, View::Symbols);
        let mut symbol = line.symbol(Notation::Text);
        // One that is too long for its column has a row of its own, or two.
        if symbol.width() > symbol_width {
            for row in wrap(&symbol, WIDTH - INDENT) {
                self.put("  ", Style::new())?;
                self.put(row, SYMBOL)?;
                writeln!(self.out)?;
            }
            symbol.clear();
        }
        for (place, row) in wrap(&symbols, room).iter().enumerate() {
            if place > 0 {
                symbol.clear();
            }
            self.put("  ", Style::new())?;
            self.put(&pad(&symbol, symbol_width), SYMBOL)?;
            writeln!(self.out, " {} {row}", if place == 0 { '=' } else { ' ' })?;
        }
        let margin = " ".repeat(INDENT + symbol_width);
        let numbers = with_conditions(line, View::Numbers);
        let value = format!("= {:>value_width$}", line.shown());
        let rows = wrap(&numbers, room);
        let last = rows.len() - 1;
        for (place, row) in rows.iter().enumerate() {
            write!(self.out, "{margin} {} {row}", if place == 0 { '=' } else { ' ' })?;
            if place == last {
                let free = room.checked_sub(row.width() + 2 + value.width());
                if let Some(free) = free {
                    write!(self.out, "{}", " ".repeat(free + 2))?;
                } else {
                    let column = (INDENT + symbol_width + 3 + room).saturating_sub(value.width());
                    write!(self.out, "\n{}", " ".repeat(column))?;
                }
                self.put(&value, VALUE)?;
            }
            writeln!(self.out)?;
        }
        Ok(())
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

/// Returns a formula with the conditions it holds under, `z  [z_top > 0]`.
fn with_conditions(line: &Line, view: View) -> String {
    let mut text = line.formula(view, Notation::Text);
    let conditions = line.conditions(view, Notation::Text);
    if !conditions.is_empty() {
        text.push_str(&format!("  [{}]", conditions.join(", ")));
    }
    text
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

/// Returns how many columns a text takes.
fn columns(text: &str) -> usize {
    // Most numbers and many names; the rest takes longer.
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Breaks a text into rows: at blanks, so that a sign stays with the term
/// behind it, and inside a product that is too long by itself.
fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut rows = Vec::new();
    // The row in the making, and what it takes.
    let (mut row, mut taken) = (0..0, 0);
    let mut start = 0;
    let blanks = text.bytes().enumerate().filter(|&(_, byte)| byte == b' ').map(|(at, _)| at);
    for end in blanks.chain([text.len()]) {
        let word = &text[start..end];
        // `+ w·a` is one word; a sign at the very end stands alone.
        if matches!(word, "+" | "-" | "/" | "=") && end < text.len() {
            continue;
        }
        let word_width = columns(word);
        if !row.is_empty() && taken + 1 + word_width <= width {
            row.end = end;
            taken += 1 + word_width;
        } else {
            if !row.is_empty() {
                rows.push(&text[row]);
            }
            (row, taken) = (start..start, 0);
            for part in split_product(word, width) {
                let part_width = columns(part);
                if taken + part_width > width {
                    rows.push(&text[row.clone()]);
                    (row, taken) = (row.end..row.end, 0);
                }
                row.end += part.len();
                taken += part_width;
            }
        }
        start = end + 1;
    }
    rows.push(&text[row]);
    rows
}

/// Splits a word that is wider than a row behind its multiplication signs, and
/// where it has none, anywhere.
fn split_product(word: &str, width: usize) -> Vec<&str> {
    if columns(word) <= width {
        return vec![word];
    }
    let mut parts = Vec::new();
    for mut factor in word.split_inclusive('·') {
        while columns(factor) > width {
            let mut taken = 0;
            let fits = |letter: char| {
                taken += letter.width().unwrap_or(0);
                taken > width
            };
            let end = factor.find(fits).unwrap_or(factor.len());
            // A letter wider than a row stands alone.
            let end = end.max(factor.chars().next().map_or(0, char::len_utf8));
            let (part, rest) = factor.split_at(end);
            parts.push(part);
            factor = rest;
        }
        parts.push(factor);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_before_a_sign_and_never_run_over() {
        assert_eq!(wrap("w3·A + w4·B + w5·C", 12), ["w3·A + w4·B", "+ w5·C"]);
        assert_eq!(wrap("w3·A + w4·B", 80), ["w3·A + w4·B"]);
        assert_eq!(wrap("aaaa·bbbb·cccc", 10), ["aaaa·bbbb·", "cccc"]);
        assert_eq!(wrap("a -", 80), ["a -"]);
        assert_eq!(wrap("", 80), [""]);
        for row in wrap(&"x".repeat(200), 30) {
            assert!(row.width() <= 30);
        }
    }
}
