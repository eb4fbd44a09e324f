//! What is drawn on: shapes and texts with classes, as SVG.

use chainrule::explain::drawing::Text;
use chainrule::explain::symbol::escape_xml;

/// A drawing of some size; 1 is about a CSS pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Canvas {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    body: String,
}

/// Which end of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its start.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A place, from the left and from the top.
type Point = (f64, f64);

impl Canvas {
    /// Makes an empty one.
    pub fn new(width: f64, height: f64) -> Canvas {
        Canvas { width, height, body: String::new() }
    }

    /// Returns what was drawn.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// Draws a rectangle from its upper left corner.
    pub fn rectangle(&mut self, class: &str, (x, y): Point, (width, height): Point, corner: f64) {
        let corner =
            if corner > 0.0 { format!(" rx=\"{}\"", short(corner)) } else { String::new() };
        let (x, y, width, height) = (short(x), short(y), short(width), short(height));
        self.body += &format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{corner}/>\n"
        );
    }

    /// Draws a rectangle that covers what is below only in part.
    pub fn shade(&mut self, class: &str, (x, y): Point, (width, height): Point, opacity: f64) {
        let (x, y, width, height) = (short(x), short(y), short(width), short(height));
        self.body += &format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             fill-opacity=\"{opacity:.3}\"/>\n"
        );
    }

    /// Draws a straight line.
    pub fn line(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        self.body += &format!("<path class=\"{class}\" d=\"M{x1} {y1}L{x2} {y2}\"/>\n");
    }

    /// Draws a straight line of some width.
    pub fn stroke(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point, width: f64) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        self.body += &format!(
            "<path class=\"{class}\" d=\"M{x1} {y1}L{x2} {y2}\" stroke-width=\"{width:.2}\"/>\n"
        );
    }

    /// Draws lines from point to point.
    pub fn path(&mut self, class: &str, points: impl IntoIterator<Item = Point>) {
        let mut letter = 'M';
        self.body += &format!("<path class=\"{class}\" d=\"");
        for (x, y) in points {
            self.body += &format!("{letter}{} {}", short(x), short(y));
            letter = 'L';
        }
        self.body += "\"/>\n";
    }

    /// Draws a circle.
    pub fn circle(&mut self, class: &str, (x, y): Point, radius: f64) {
        let (x, y, radius) = (short(x), short(y), short(radius));
        self.body += &format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>\n");
    }

    /// Writes a text, its middle line at the height of the point.
    pub fn text(&mut self, class: &str, (x, y): Point, size: f64, anchor: Anchor, text: &str) {
        self.turned(class, (x, y), size, anchor, 0, text);
    }

    /// Writes a text turned by degrees, clockwise.
    pub fn turned(
        &mut self,
        class: &str,
        (x, y): Point,
        size: f64,
        anchor: Anchor,
        degrees: i32,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        // Not `dominant-baseline`, which not every program knows: about half
        // the height of a capital.
        let drop = short(0.36 * size);
        let (x, y) = (short(x), short(y));
        let place = if degrees == 0 {
            format!("x=\"{x}\" y=\"{y}\"")
        } else {
            format!("transform=\"translate({x} {y}) rotate({degrees})\"")
        };
        self.body += &format!(
            "<text class=\"{class}\" {place} dy=\"{drop}\" font-size=\"{}\"{anchor}>{}</text>\n",
            short(size),
            escape(text)
        );
    }

    /// Draws another canvas at a place.
    pub fn insert(&mut self, (x, y): Point, other: &Canvas) {
        let (x, y) = (short(x), short(y));
        self.body += &format!("<g transform=\"translate({x} {y})\">\n{}</g>\n", other.body);
    }

    /// Adds SVG as it is.
    pub fn add(&mut self, svg: &str) {
        self.body += svg;
    }
}

/// Writes a length with a decimal; what is no number, as 0.
fn short(length: f64) -> String {
    let length = if length.is_finite() { length } else { 0.0 };
    let text = format!("{length:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_string(),
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// Escapes a text for HTML and XML. Characters that XML forbids, as control
/// characters, become the one that stands for what cannot be shown.
pub fn escape(text: &str) -> String {
    let is_forbidden = |letter: char| {
        letter.is_control() && !matches!(letter, '\t' | '\n' | '\r')
            || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_forbidden) {
        escape_xml(&text.replace(is_forbidden, "\u{fffd}"))
    } else {
        escape_xml(text)
    }
}

/// Estimates the width of a text, on the wide side.
pub fn text_width(text: &str, size: f64) -> f64 {
    Text { base: text.to_string(), ..Text::default() }.width(size)
}

/// Shortens a text to a width.
pub fn shortened(text: &str, width: f64, size: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_string();
    }
    let mut end = text.len();
    while let Some((at, _)) = text[..end].char_indices().next_back() {
        end = at;
        let short = format!("{}…", text[..end].trim_end());
        if text_width(&short, size) <= width {
            return short;
        }
    }
    "…".to_string()
}
