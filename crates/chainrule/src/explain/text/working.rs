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
use rayon::prelude::*;

use super::wrap::{columns, wrap};
use super::{INDENT, VALUE, WIDTH};
use crate::explain::Line;
use crate::explain::formula::{Notation, View};

const SYMBOL: Style = AnsiColor::Cyan.on_default();
/// One long name does not push all others to the right.
const WIDEST_SYMBOL: usize = 20;
/// How many lines are laid out before they are written: a large network has a
/// hundred thousand, or a few that are pages long.
const AT_ONCE: usize = 1024;
/// How many of them a core takes at a time.
const PART: usize = 16;

/// The columns that lines of working stand in.
pub(super) struct Columns {
    symbol: usize,
    value: usize,
    colour: bool,
}

impl Columns {
    /// Returns columns wide enough for some lines.
    pub(super) fn of(lines: &[Line<'_>], colour: bool) -> Columns {
        let widths =
            |line: &Line<'_>| (columns(&line.symbol(Notation::Text)), columns(&line.shown()));
        let widest = |a: (usize, usize), b: (usize, usize)| (a.0.max(b.0), a.1.max(b.1));
        let (symbol, value) =
            lines.par_iter().with_min_len(PART).map(widths).reduce(|| (0, 0), widest);
        Columns { symbol: symbol.min(WIDEST_SYMBOL), value, colour }
    }

    /// Writes lines.
    pub(super) fn write(&self, lines: &[Line<'_>], out: &mut dyn Write) -> io::Result<()> {
        for lines in lines.chunks(AT_ONCE) {
            let laid_out = |part: &[Line<'_>]| {
                let mut formula = String::new();
                let mut out = String::with_capacity(4 * WIDTH * part.len());
                for line in part {
                    self.line(line, &mut formula, &mut out);
                }
                out
            };
            let parts: Vec<String> = lines.par_chunks(PART).map(laid_out).collect();
            parts.iter().try_for_each(|text| out.write_all(text.as_bytes()))?;
        }
        Ok(())
    }

    /// Writes a line in two rows or more; its formulas are written into
    /// `formula` first, to be wrapped.
    fn line(&self, line: &Line<'_>, formula: &mut String, out: &mut String) {
        let room = WIDTH - INDENT - self.symbol - 3;
        let mut symbol = line.symbol(Notation::Text);
        // One that is too long for its column has a row of its own, or two.
        if columns(&symbol) > self.symbol {
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
                push_blanks(self.symbol - columns(symbol), out);
            });
            push_row(place, row, out);
            out.push('\n');
        }
        with_conditions(line, View::Numbers, formula);
        let rows = wrap(formula, room);
        let used = rows.last().map_or(0, |row| columns(row));
        for (place, row) in rows.into_iter().enumerate() {
            if place > 0 {
                out.push('\n');
            }
            push_blanks(INDENT + self.symbol, out);
            push_row(place, row, out);
        }
        // The value, at the right edge where there is room for it.
        let value = line.shown();
        let value_width = 2 + self.value.max(columns(&value));
        if let Some(free) = room.checked_sub(used + 2 + value_width) {
            push_blanks(free + 2, out);
        } else {
            out.push('\n');
            push_blanks((INDENT + self.symbol + 3 + room).saturating_sub(value_width), out);
        }
        self.styled(VALUE, out, |out| {
            out.push_str("= ");
            push_blanks(value_width - 2 - columns(&value), out);
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
