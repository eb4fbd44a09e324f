//! The drawing of a network as a `TikZ` picture.
//!
//! Not for where things go: that is [`drawing`](crate::explain::drawing).

use std::io::{self, Write};

use crate::explain::drawing::{Area, Drawing, Kind, LabelKind, SMALL, SUBSCRIPT, TEXT, Text};
use crate::explain::latex::escape;
use crate::explain::words;

/// What a document with a picture needs before its text; `TikZ` is a part of
/// every larger installation of TeX.
pub(super) const PACKAGES: &str = r"\usepackage{tikz}
\definecolor{edge}{gray}{0.55}
\definecolor{input}{HTML}{EAF2FB}
\definecolor{inputedge}{HTML}{3B78B8}
\definecolor{neuron}{HTML}{FFF4DC}
\definecolor{neuronedge}{HTML}{A8721A}
\definecolor{goal}{HTML}{E9F5EA}
\definecolor{goaledge}{HTML}{3D8A4B}
";

/// The width of the text, in points of TeX.
const TEXT_WIDTH: f64 = 483.0;
/// How many points a length of 1 is at most.
const LARGEST: f64 = 0.72;

/// Writes the picture, in the middle of the page.
pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    let scale = LARGEST.min(TEXT_WIDTH / drawing.width);
    let page = Page { scale };
    writeln!(
        out,
        "\\begin{{center}}\n\\begin{{tikzpicture}}[x={scale:.4}pt,y=-{scale:.4}pt,inner sep=0pt,\
         line width=0.6pt]"
    )?;
    for edge in &drawing.edges {
        let ((x, y), (to_x, to_y)) = (edge.from, edge.to);
        let style = if edge.is_weight { "edge" } else { "edge,dotted" };
        writeln!(out, "\\draw[{style}] ({x:.1},{y:.1}) -- ({to_x:.1},{to_y:.1});")?;
    }
    for label in &drawing.labels {
        let Area { x, y, .. } = label.area;
        let style = match label.kind {
            LabelKind::Heading => "text=soft",
            LabelKind::Bias | LabelKind::Weight => "fill=white,inner sep=1pt",
        };
        let text = page.text(&label.text, SMALL, label.kind != LabelKind::Heading);
        writeln!(out, "\\node[{style}] at ({x:.1},{y:.1}) {{{text}}};")?;
    }
    for node in &drawing.nodes {
        let Area { x, y, width, height } = node.area;
        let shape = match node.kind {
            Kind::Input => Some(("inputedge,fill=input", 5.0)),
            Kind::Neuron => Some(("neuronedge,fill=neuron", height / 2.0)),
            Kind::Target => Some(("goaledge,fill=goal,dashed", 5.0)),
            Kind::Loss => Some(("goaledge,fill=goal", 5.0)),
            Kind::Dots => None,
        };
        if let Some((style, corner)) = shape {
            writeln!(
                out,
                "\\draw[{style},rounded corners={:.2}pt] ({:.1},{:.1}) rectangle ({:.1},{:.1});",
                // A corner that meets the next one needs a little room.
                (corner - 0.1) * scale,
                x - width / 2.0,
                y - height / 2.0,
                x + width / 2.0,
                y + height / 2.0,
            )?;
        }
        let name = page.text(&node.name, TEXT, node.kind != Kind::Dots);
        if node.value.is_empty() {
            writeln!(out, "\\node at ({x:.1},{y:.1}) {{{name}}};")?;
            continue;
        }
        let value =
            page.sized(TEXT, &format!("\\bfseries {}", escape(&words::typeset(&node.value))));
        writeln!(out, "\\node at ({x:.1},{:.1}) {{{name}}};", y - 9.0)?;
        writeln!(out, "\\node at ({x:.1},{:.1}) {{{value}}};", y + 9.5)?;
    }
    writeln!(out, "\\end{{tikzpicture}}\n\\end{{center}}")
}

/// The size of the picture on its page.
struct Page {
    scale: f64,
}

impl Page {
    /// Writes a text, its name in italics.
    fn text(&self, text: &Text, size: f64, is_symbol: bool) -> String {
        let base = escape(&text.base);
        let base = if is_symbol { format!("\\textit{{{base}}}") } else { base };
        let below = if text.subscript.is_empty() {
            String::new()
        } else {
            let smaller = self.sized(size * SUBSCRIPT, &escape(&text.subscript));
            format!("\\raisebox{{{:.2}pt}}{{{smaller}}}", -0.28 * size * self.scale)
        };
        self.sized(size, &format!("\\strut {base}{below}{}", escape(&words::typeset(&text.rest))))
    }

    fn sized(&self, size: f64, content: &str) -> String {
        let size = size * self.scale;
        format!("{{\\fontsize{{{size:.2}}}{{{:.2}}}\\selectfont {content}}}", 1.2 * size)
    }
}
