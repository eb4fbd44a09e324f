//! The drawing of a network as SVG: a file of its own, or inside a page.
//!
//! Not for where things go: that is [`drawing`](super::drawing).

use std::io::{self, Write};

use super::drawing::{Area, Drawing, Edge, Kind, Label, LabelKind, Node, SMALL, TEXT, Text};
use super::symbol::escape_xml;
use super::words;
use super::{Explanation, Settings};

/// The colours of a drawing, light and dark. A page that holds one gives the
/// same names to its own colours.
const COLOURS: &str = "\
:root{--paper:#fff;--ink:#1b1f24;--soft:#59636e;--line:#8c959f;--input:#eaf2fb;--neuron:#fff4dc;\
--goal:#e9f5ea;--edge-of-input:#3b78b8;--edge-of-neuron:#a8721a;--edge-of-goal:#3d8a4b}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8eaed;--soft:#a3abb5;--line:#6b7480;\
--input:#17293d;--neuron:#33280f;--goal:#16301b;--edge-of-input:#6fa8dc;--edge-of-neuron:#d9a441;\
--edge-of-goal:#6fbf7f}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#777;--input:#fff;--neuron:#fff;--goal:#fff;\
--edge-of-input:#000;--edge-of-neuron:#000;--edge-of-goal:#000}}
";

/// The styles of a drawing, besides its colours.
pub const STYLE: &str = "\
.drawing text{fill:var(--ink);text-anchor:middle;dominant-baseline:central;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',Arial,sans-serif;\
font-variant-numeric:tabular-nums}
.drawing .edge{stroke:var(--line);stroke-width:1.2;fill:none}
.drawing .many .edge{stroke-opacity:.35}
.drawing .goal-edge{stroke:var(--line);stroke-width:1.2;stroke-dasharray:3 4;fill:none}
.drawing .input{fill:var(--input);stroke:var(--edge-of-input);stroke-width:1.5}
.drawing .neuron{fill:var(--neuron);stroke:var(--edge-of-neuron);stroke-width:1.5}
.drawing .goal{fill:var(--goal);stroke:var(--edge-of-goal);stroke-width:1.5}
.drawing .goal.target{stroke-dasharray:4 3}
.drawing .name{font-style:italic}
.drawing .value{font-weight:600}
.drawing .halo{stroke:var(--paper);stroke-width:6;stroke-linejoin:round}
.drawing .heading{fill:var(--soft)}
";

/// Writes the network before the first step as an SVG file.
///
/// # Errors
/// If writing fails.
pub fn write(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    // The network is drawn whole, whatever part of the lines was asked for.
    let settings = Settings { steps: 1, only: None, why: None, ..explanation.settings.clone() };
    let whole = Explanation::new(explanation.example, settings).map_err(io::Error::other)?;
    let Some(step) = whole.steps().next() else { return Ok(()) };
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let title = words::heading(explanation);
    let style = format!("{COLOURS}{STYLE}.drawing .paper{{fill:var(--paper)}}\n");
    element(&Drawing::of(&step), &title, Some(&style), out)
}

/// Writes a drawing as an `svg` element, with `style` in it where it stands alone.
///
/// # Errors
/// If writing fails.
pub fn element(
    drawing: &Drawing,
    title: &str,
    style: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (width, height) = (drawing.width.ceil(), drawing.height.ceil());
    writeln!(
        out,
        "<svg class=\"drawing\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        escape_xml(&format!("{title}. {}", drawing.summary)),
    )?;
    if let Some(style) = style {
        writeln!(out, "<title>{}</title>", escape_xml(title))?;
        writeln!(out, "<style>\n{style}</style>")?;
        writeln!(out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")?;
    }
    let has_labels = drawing.labels.iter().any(|label| label.kind == LabelKind::Weight);
    writeln!(out, "<g{}>", if has_labels { "" } else { " class=\"many\"" })?;
    for edge in &drawing.edges {
        line(edge, out)?;
    }
    writeln!(out, "</g>")?;
    for label in &drawing.labels {
        label_text(label, out)?;
    }
    for one in &drawing.nodes {
        node(one, out)?;
    }
    writeln!(out, "</svg>")
}

fn line(edge: &Edge, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<path class=\"{}\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
        if edge.is_weight { "edge" } else { "goal-edge" },
        edge.from.0,
        edge.from.1,
        edge.to.0,
        edge.to.1,
    )
}

fn label_text(label: &Label, out: &mut dyn Write) -> io::Result<()> {
    // The halo is a text of its own: drawn with the letters, the halo of each
    // would cover the letter before it.
    let classes: &[&str] = match label.kind {
        LabelKind::Heading => &["heading"],
        LabelKind::Bias | LabelKind::Weight => &["halo", "label"],
    };
    let is_symbol = label.kind != LabelKind::Heading;
    let Area { x, y, .. } = label.area;
    for class in classes {
        writeln!(
            out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{SMALL}\">{}</text>",
            runs(&label.text, is_symbol, SMALL),
        )?;
    }
    Ok(())
}

fn node(node: &Node, out: &mut dyn Write) -> io::Result<()> {
    let Area { x, y, width, height } = node.area;
    let (left, top) = (x - width / 2.0, y - height / 2.0);
    let shape = match node.kind {
        Kind::Input => Some(("input", 6.0)),
        Kind::Neuron => Some(("neuron", height / 2.0)),
        Kind::Target => Some(("goal target", 6.0)),
        Kind::Loss => Some(("goal", 6.0)),
        Kind::Dots => None,
    };
    if let Some((class, corner)) = shape {
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\" rx=\"{corner}\"/>",
        )?;
    }
    let (name, value) = (runs(&node.name, node.kind != Kind::Dots, TEXT), escape_xml(&node.value));
    let (upper, lower) = (y - 9.0, y + 9.5);
    writeln!(out, "<text x=\"{x:.1}\" y=\"{upper:.1}\" font-size=\"{TEXT}\">{name}</text>")?;
    writeln!(
        out,
        "<text class=\"value\" x=\"{x:.1}\" y=\"{lower:.1}\" font-size=\"{TEXT}\">{value}</text>"
    )
}

/// Writes a text with its subscript, as the content of a `text` element.
pub fn runs(text: &Text, is_symbol: bool, size: f64) -> String {
    let base = escape_xml(&text.base);
    let base = if is_symbol { format!("<tspan class=\"name\">{base}</tspan>") } else { base };
    if text.subscript.is_empty() {
        return format!("{base}{}", escape_xml(&text.rest));
    }
    let (smaller, drop) = (size * super::drawing::SUBSCRIPT, size * 0.28);
    format!(
        "{base}<tspan font-size=\"{smaller}\" dy=\"{drop:.1}\">{}</tspan>\
         <tspan dy=\"-{drop:.1}\">{}</tspan>",
        escape_xml(&text.subscript),
        if text.rest.is_empty() { "\u{200b}".to_string() } else { escape_xml(&text.rest) },
    )
}
