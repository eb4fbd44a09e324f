//! Lines of working in columns: symbol, formula, value.
//!
//! ```text
//!   z_top = w3·A + w4·B
//!         = 0.1·0.35 + 0.8·0.9                                = 0.755000
//! ```

use std::fmt::Write as _;
use std::io::{self, Write};
use std::iter;

use anstyle::{AnsiColor, Style};

use super::wrap::{columns_of, wrap};
use super::{INDENT, VALUE, WIDTH};
use crate::explain::formula::{Notation, View};
use crate::explain::parallel::in_parts;
use crate::explain::{Line, Section};

const SYMBOL: Style = AnsiColor::Cyan.on_default();
/// One long name does not push all others to the right.
const WIDEST_SYMBOL: usize = 20;

/// The columns that lines of working stand in.
pub(super) struct Columns {
    symbol: usize,
    value: usize,
    colour: bool,
}

impl Columns {
    /// Returns columns wide enough for the lines of a section.
    pub(super) fn of(section: &Section<'_>, colour: bool) -> Columns {
        let mut columns = Columns { symbol: 0, value: 0, colour };
        let widest = |part: &[Line<'_>]| {
            let symbols = part.iter().map(|line| columns_of(&line.symbol(Notation::Text)));
            let values = part.iter().map(|line| columns_of(&line.shown()));
            (symbols.max().unwrap_or(0), values.max().unwrap_or(0))
        };
        in_parts(section.lines(), widest, |(symbol, value)| {
            columns.symbol = columns.symbol.max(symbol.min(WIDEST_SYMBOL));
            columns.value = columns.value.max(value);
            Ok(())
        })
        .expect("nothing is written");
        columns
    }

    /// Writes the lines of a section.
    pub(super) fn write(&self, section: &Section<'_>, out: &mut dyn Write) -> io::Result<()> {
        let laid_out = |part: &[Line<'_>]| {
            let mut formula = String::new();
            let mut text = String::with_capacity(4 * WIDTH * part.len());
            for line in part {
                self.line(line, &mut formula, &mut text);
            }
            text
        };
        in_parts(section.lines(), laid_out, |text| out.write_all(text.as_bytes()))
    }

    /// Writes a line in two rows or more; its formulas are written into
    /// `formula` first, to be wrapped.
    fn line(&self, line: &Line<'_>, formula: &mut String, out: &mut String) {
        let room = WIDTH - INDENT - self.symbol - 3;
        let mut symbol = line.symbol(Notation::Text);
        // One that is too long for its column has a row of its own, or two.
        if columns_of(&symbol) > self.symbol {
            for row in wrap(&symbol, WIDTH - INDENT) {
                push_blanks(INDENT, out);
                self.styled(SYMBOL, out, |out| out.push_str(row));
                out.push('\n');
            }
            symbol.clear();
        }
        with_conditions(line, View::Symbols, formula);
        for (place, row) in wrap(formula, room).into_iter().enumerate() {
            let symbol = if place == 0 { symbol.as_str() } else { "" };
            push_blanks(INDENT, out);
            self.styled(SYMBOL, out, |out| {
                out.push_str(symbol);
                push_blanks(self.symbol - columns_of(symbol), out);
            });
            push_row(place, row, out);
            out.push('\n');
        }
        with_conditions(line, View::Numbers, formula);
        let rows = wrap(formula, room);
        let used = rows.last().map_or(0, |row| columns_of(row));
        for (place, row) in rows.into_iter().enumerate() {
            if place > 0 {
                out.push('\n');
            }
            push_blanks(INDENT + self.symbol, out);
            push_row(place, row, out);
        }
        // The value, at the right edge where there is room for it.
        let value = line.shown();
        let value_width = 2 + self.value.max(columns_of(&value));
        if let Some(free) = room.checked_sub(used + 2 + value_width) {
            push_blanks(free + 2, out);
        } else {
            out.push('\n');
            push_blanks((INDENT + self.symbol + 3 + room).saturating_sub(value_width), out);
        }
        self.styled(VALUE, out, |out| {
            out.push_str("= ");
            push_blanks(value_width - 2 - columns_of(&value), out);
            out.push_str(&value);
        });
        out.push('\n');
    }

    fn styled(&self, style: Style, out: &mut String, content: impl FnOnce(&mut String)) {
        if self.colour {
            let _ = write!(out, "{style}");
            content(out);
            let _ = write!(out, "{style:#}");
        } else {
            content(out);
        }
    }
}

/// Writes a row of a formula behind its equals sign.
fn push_row(place: usize, row: &str, out: &mut String) {
    out.push_str(if place == 0 { " = " } else { "   " });
    out.push_str(row);
}

fn push_blanks(count: usize, out: &mut String) {
    out.extend(iter::repeat_n(' ', count));
}

/// Writes a formula with the conditions it holds under, `z  [z_top > 0]`.
fn with_conditions(line: &Line<'_>, view: View, out: &mut String) {
    out.clear();
    line.write_formula(view, Notation::Text, out);
    let conditions = line.conditions(view, Notation::Text);
    if !conditions.is_empty() {
        let _ = write!(out, "  [{}]", conditions.join(", "));
    }
}
