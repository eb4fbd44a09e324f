//! Sections as one page of HTML, light and dark, on screen and on paper. No
//! script, nothing to load.
//!
//! The page is also well-formed XML. All text of a user is escaped here and
//! nowhere else.

use std::io::{self, Write};

use super::{Block, Cell, DataTable, Section, Sketch, Tile};
use crate::plot::{RULES, Theme, escape, variables};

const STYLE: &str = include_str!("style.css");

pub(super) fn write(
    title: &str,
    lead: &str,
    sections: &[Section],
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = escape(title);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
         <meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n:root{{color-scheme:light dark;{}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{}}}}}\n\
         {STYLE}{RULES}@media print{{:root{{color-scheme:light;{}}}}}\n</style>\n</head>\n<body>",
        variables(Theme::Light),
        variables(Theme::Dark),
        variables(Theme::Print),
    )?;
    writeln!(out, "<header>\n<h1>{title}</h1>\n<p class=\"lead\">{}</p>", escape(lead))?;
    writeln!(out, "<nav aria-label=\"Sections\"><ul>")?;
    for section in sections {
        writeln!(out, "<li><a href=\"#{}\">{}</a></li>", section.id, escape(&section.title))?;
    }
    writeln!(out, "</ul></nav>\n</header>\n<main>")?;
    for section in sections {
        write_section(section, out)?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn write_section(section: &Section, out: &mut dyn Write) -> io::Result<()> {
    let (id, title) = (section.id, escape(&section.title));
    writeln!(out, "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">")?;
    writeln!(out, "<h2 id=\"{id}-heading\">{title}</h2>")?;
    let mut is_among_figures = false;
    for block in &section.blocks {
        let is_figure = matches!(block, Block::Figure { .. });
        if is_figure != is_among_figures {
            // Neighbours share rows where there is room.
            writeln!(out, "{}", if is_figure { "<div class=\"figures\">" } else { "</div>" })?;
            is_among_figures = is_figure;
        }
        write_block(block, out)?;
    }
    if is_among_figures {
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</section>")
}

fn write_block(block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block {
        Block::Paragraph(text) => writeln!(out, "<p>{}</p>", marked(text)),
        Block::Heading(text) => writeln!(out, "<h3>{}</h3>", escape(text)),
        Block::List(items) => {
            writeln!(out, "<ul>")?;
            for item in items {
                writeln!(out, "<li>{}</li>", marked(item))?;
            }
            writeln!(out, "</ul>")
        }
        Block::Tiles(tiles) => {
            writeln!(out, "<dl class=\"tiles\">")?;
            for tile in tiles {
                write_tile(tile, out)?;
            }
            writeln!(out, "</dl>")
        }
        Block::Table(table) => write_table(table, out),
        Block::Command { label, command } => {
            writeln!(out, "<p>{}:</p>\n<pre><code>{}</code></pre>", marked(label), escape(command))
        }
        Block::Figure { figure, caption, numbers } => {
            let canvas = figure.canvas();
            // Never larger than it was drawn by more than a little, and not so
            // small that its texts cannot be read: then it scrolls.
            writeln!(
                out,
                "<figure style=\"--usual:{:.0}px;--most:{:.0}px;--least:{:.0}px\">\n<h3>{}</h3>\n<div class=\"picture\">",
                canvas.width * 0.86,
                canvas.width * 1.12,
                canvas.width * 0.68,
                escape(&figure.title)
            )?;
            write!(out, "{}", figure.element())?;
            write!(out, "</div>\n<figcaption>{}", marked(caption))?;
            if let Some(numbers) = numbers {
                writeln!(out, "\n<details><summary>As a table</summary>")?;
                write_table(numbers, out)?;
                write!(out, "</details>")?;
            }
            writeln!(out, "</figcaption>")?;
            writeln!(out, "</figure>")
        }
    }
}

fn write_tile(tile: &Tile, out: &mut dyn Write) -> io::Result<()> {
    let label = escape(&tile.label);
    write!(out, "<div><dt>{label}</dt><dd class=\"value\">{}</dd>", content(&tile.value))?;
    for line in &tile.below {
        write!(out, "<dd>{}</dd>", escape(line))?;
    }
    writeln!(out, "</div>")
}

fn write_table(table: &DataTable, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"box\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table>\n<caption>{0}</caption>",
        escape(&table.caption)
    )?;
    if table.headings.iter().any(|heading| !heading.title.is_empty()) {
        write!(out, "<thead><tr>")?;
        for heading in &table.headings {
            let class = if heading.is_number { " class=\"number\"" } else { "" };
            // An empty head is no head of anything.
            let name = if heading.title.is_empty() { "td" } else { "th scope=\"col\"" };
            let close = if heading.title.is_empty() { "td" } else { "th" };
            write!(out, "<{name}{class}>{}</{close}>", escape(&heading.title))?;
        }
        writeln!(out, "</tr></thead>")?;
    }
    writeln!(out, "<tbody>")?;
    for row in &table.rows {
        write!(out, "<tr>")?;
        for (index, cell) in row.iter().enumerate() {
            let is_number = table.headings.get(index).is_some_and(|heading| heading.is_number);
            let class = if is_number { " class=\"number\"" } else { "" };
            let (open, close) = if index == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            write!(out, "<{open}{class}>{}</{close}>", content(cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn content(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => marked(text),
        Cell::Name(name) => escape(name),
        Cell::Number(value, shown) if value.is_finite() => {
            format!("<data value=\"{value}\">{}</data>", escape(shown))
        }
        Cell::Number(_, shown) => escape(shown),
        Cell::Sketch(sketch) => drawn(sketch),
    }
}

/// Escapes a text, and marks what stands in back-ticks.
fn marked(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // Without its partner a back-tick is one.
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mark = |(place, part): (usize, &&str)| {
        let part = escape(part);
        if place % 2 == 1 { format!("<code>{part}</code>") } else { part }
    };
    parts.iter().enumerate().map(mark).collect()
}

fn drawn(sketch: &Sketch) -> String {
    const SIZE: (f64, f64) = (96.0, 26.0);
    let count = sketch.heights.len().max(1) as f64;
    let most = sketch.heights.iter().copied().max().unwrap_or(1).max(1) as f64;
    let width = (SIZE.0 / count).min(16.0);
    let mut text = format!(
        "<svg class=\"plot sketch\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
         role=\"img\" aria-label=\"{}\">",
        SIZE.0,
        SIZE.1,
        escape(&sketch.words)
    );
    for (index, &height) in sketch.heights.iter().enumerate().filter(|(_, height)| **height > 0) {
        // Also a single row is seen.
        let height = (SIZE.1 * height as f64 / most).max(1.0);
        text += &format!(
            "<rect class=\"bar s0\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
            width * index as f64,
            SIZE.1 - height,
            (width - 0.6).max(0.5),
        );
    }
    text += "</svg>";
    text
}
