//! Lines, points and columns on two axes, with a legend above.

use super::ticks::Ticks;
use super::{Anchor, Axis, Canvas, shortened, text_width};

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The axis below.
    pub x: Axis,
    /// The axis at the left.
    pub y: Axis,
    /// Whether both axes are equally long, as where they have the same unit.
    pub is_square: bool,
    /// What is drawn, the first below the others.
    pub marks: Vec<Mark>,
}

/// Something drawn on two axes.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Points with a line through them.
    Line {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Which line it is.
        series: Series,
    },
    /// Points.
    Points {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Which points they are.
        series: Series,
    },
    /// Columns that stand on 0: from, to and height.
    Columns {
        /// The columns.
        columns: Vec<(f64, f64, f64)>,
        /// Which columns they are.
        series: Series,
    },
    /// A thin dashed line to compare with.
    Reference {
        /// The points.
        points: Vec<(f64, f64)>,
        /// What it is.
        name: Option<String>,
    },
    /// An upright line, with a text beside it.
    Upright {
        /// Where it stands.
        x: f64,
        /// The text.
        label: String,
    },
}

/// What belongs together: a colour, a dash, and a name in the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which colour; after the last comes the first again.
    pub index: usize,
    /// The name, if it is in the legend.
    pub name: Option<String>,
}

impl Series {
    /// Makes a series that the legend names.
    pub fn named(index: usize, name: &str) -> Series {
        Series { index, name: Some(name.to_string()) }
    }

    /// Makes a series that it does not.
    pub fn unnamed(index: usize) -> Series {
        Series { index, name: None }
    }

    /// Returns the number of its colour and dash in the style sheet.
    pub(super) fn class(&self) -> usize {
        self.index % super::PALETTE.len()
    }
}

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 320.0;
/// The side of the plot where both axes are equally long.
const SIDE: f64 = 330.0;
const TICK: f64 = 12.5;
const TITLE: f64 = 13.0;
const RIGHT: f64 = 18.0;
const LEGEND_ROW: f64 = 21.0;
/// The points of this many and more are small.
const MANY: usize = 300;

/// Where the plot lies on the canvas.
struct Frame<'a> {
    chart: &'a Chart,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// An entry of a legend.
struct Entry<'a> {
    mark: &'a Mark,
    name: &'a str,
}

impl Chart {
    pub(super) fn draw(&self) -> Canvas {
        let (x_ticks, y_ticks) = (self.x.ticks(), self.y.ticks());
        let widest = y_ticks.texts.iter().map(|text| text_width(text, TICK)).fold(0.0, f64::max);
        let left = 30.0 + widest;
        let (width, height) =
            if self.is_square { (SIDE, SIDE) } else { (WIDTH - left - RIGHT, HEIGHT - 60.0) };
        let (legend, legend_height) = self.legend(left + width + RIGHT);
        let frame = Frame { chart: self, left, top: legend_height + 12.0, width, height };
        let mut canvas = Canvas::new(left + width + RIGHT, frame.top + height + 50.0);
        canvas.insert((0.0, 0.0), &legend);
        frame.axes(&mut canvas, &x_ticks, &y_ticks);
        for mark in &self.marks {
            frame.mark(&mut canvas, mark);
        }
        canvas
    }

    /// Lays the names of all series out in rows.
    fn legend(&self, width: f64) -> (Canvas, f64) {
        let entries: Vec<Entry<'_>> = self.marks.iter().filter_map(entry).collect();
        let mut canvas = Canvas::new(width, 0.0);
        if entries.is_empty() {
            return (canvas, 0.0);
        }
        let (mut x, mut y) = (8.0, 12.0);
        for Entry { mark, name } in entries {
            let name = shortened(name, width - 60.0, TICK);
            let needed = 32.0 + text_width(&name, TICK) + 14.0;
            if x > 8.0 && x + needed > width {
                (x, y) = (8.0, y + LEGEND_ROW);
            }
            key(&mut canvas, mark, x, y);
            canvas.text("tick", (x + 32.0, y), TICK, Anchor::Start, &name);
            x += needed;
        }
        (canvas, y + 12.0)
    }
}

fn entry(mark: &Mark) -> Option<Entry<'_>> {
    let name = match mark {
        Mark::Line { series, .. } | Mark::Points { series, .. } | Mark::Columns { series, .. } => {
            series.name.as_deref()
        }
        Mark::Reference { name, .. } => name.as_deref(),
        Mark::Upright { .. } => None,
    };
    Some(Entry { mark, name: name? })
}

/// Draws the sample of a series beside its name.
fn key(canvas: &mut Canvas, mark: &Mark, x: f64, y: f64) {
    match mark {
        Mark::Line { series, .. } => {
            canvas.line(&format!("line s{}", series.class()), (x, y), (x + 26.0, y));
        }
        Mark::Points { series, .. } => {
            canvas.circle(&format!("point s{}", series.class()), (x + 13.0, y), 4.5);
        }
        Mark::Columns { series, .. } => {
            let class = format!("bar s{}", series.class());
            canvas.rectangle(&class, (x + 7.0, y - 6.0), (12.0, 12.0), 1.0);
        }
        Mark::Reference { .. } => canvas.line("reference", (x, y), (x + 26.0, y)),
        Mark::Upright { .. } => {}
    }
}

impl Frame<'_> {
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            self.left + self.width * self.chart.x.place(x),
            self.top + self.height * (1.0 - self.chart.y.place(y)),
        )
    }

    fn axes(&self, canvas: &mut Canvas, x_ticks: &Ticks, y_ticks: &Ticks) {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        for (&value, text) in y_ticks.values.iter().zip(&y_ticks.texts) {
            let y = bottom - self.height * self.chart.y.place(value);
            canvas.line("grid", (self.left, y), (right, y));
            canvas.text("tick", (self.left - 7.0, y), TICK, Anchor::End, text);
        }
        let mut free = f64::NEG_INFINITY;
        for (&value, text) in x_ticks.values.iter().zip(&x_ticks.texts) {
            let x = self.left + self.width * self.chart.x.place(value);
            canvas.line("grid", (x, self.top), (x, bottom));
            let half = text_width(text, TICK) / 2.0;
            if x - half > free {
                canvas.text("tick", (x, bottom + 14.0), TICK, Anchor::Middle, text);
                free = x + half + 4.0;
            }
        }
        canvas.line("axis", (self.left, bottom), (right, bottom));
        canvas.line("axis", (self.left, self.top), (self.left, bottom));
        let middle = (f64::midpoint(self.left, right), f64::midpoint(self.top, bottom));
        let title = shortened(&self.chart.x.title(x_ticks), self.width + 20.0, TITLE);
        canvas.text("name", (middle.0, bottom + 36.0), TITLE, Anchor::Middle, &title);
        let title = shortened(&self.chart.y.title(y_ticks), self.height + 20.0, TITLE);
        canvas.turned("name", (11.0, middle.1), TITLE, Anchor::Middle, -90, &title);
    }

    fn mark(&self, canvas: &mut Canvas, mark: &Mark) {
        let finite = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            let points = points.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
            points.map(|&point| self.place(point)).collect()
        };
        match mark {
            Mark::Line { points, series } => {
                canvas.path(&format!("line s{}", series.class()), thinned(finite(points)));
            }
            Mark::Reference { points, .. } => canvas.path("reference", finite(points)),
            Mark::Points { points, series } => {
                let (radius, class) =
                    if points.len() < MANY { (4.0, "point") } else { (2.5, "point many") };
                for place in finite(points) {
                    canvas.circle(&format!("{class} s{}", series.class()), place, radius);
                }
            }
            Mark::Columns { columns, series } => {
                let class = format!("bar s{}", series.class());
                for &(from, to, height) in columns {
                    let (left, top) = self.place((from, height));
                    let (right, bottom) = self.place((to, 0.0));
                    let gap = if right - left > 4.0 { 0.75 } else { 0.0 };
                    let size = (right - left - 2.0 * gap, bottom - top);
                    if size.1 > 0.0 {
                        canvas.rectangle(&class, (left + gap, top), size, 0.0);
                    }
                }
            }
            Mark::Upright { x, label } => {
                let (x, _) = self.place((*x, 0.0));
                canvas.line("upright", (x, self.top), (x, self.top + self.height));
                let is_left = x < self.left + self.width / 2.0;
                let (at, anchor) =
                    if is_left { (x + 6.0, Anchor::Start) } else { (x - 6.0, Anchor::End) };
                for class in ["halo", "name"] {
                    if !label.is_empty() {
                        canvas.text(class, (at, self.top + 11.0), TICK, anchor, label);
                    }
                }
            }
        }
    }
}

/// Leaves out points that lie where the one before them does, as far as can be
/// seen.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const NEAR: f64 = 0.3;
    let last = points.len().saturating_sub(1);
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (index, (x, y)) in points.into_iter().enumerate() {
        let is_near = |&(left, top): &(f64, f64)| (x - left).abs() + (y - top).abs() < NEAR;
        if index == last || !kept.last().is_some_and(is_near) {
            kept.push((x, y));
        }
    }
    kept
}
