//! Plots as SVG: a figure is data, and written as a part of a page, as a file
//! of its own, or plainly for programs that make pictures of it.
//!
//! Not for what is plotted: that comes from [`report`](crate::report).
//!
//! Colours are classes and a style sheet: one drawing is light, dark, and fit
//! for paper. No line is told from another by colour alone: dashes differ, too.
//!
//! ```
//! use chainrule_model::plot::{Axis, Chart, Figure, Mark, Picture, Series};
//!
//! let points = vec![(1.0, 0.7), (2.0, 0.4), (3.0, 0.3)];
//! let chart = Chart {
//!     x: Axis::between("epoch", 1.0, 3.0),
//!     y: Axis::around("loss", [0.7, 0.4, 0.3]),
//!     is_square: false,
//!     marks: vec![Mark::Line { points, series: Series::named(0, "training") }],
//! };
//! let figure = Figure {
//!     name: "loss".to_string(),
//!     title: "Loss".to_string(),
//!     description: "The loss falls from 0.7 to 0.3.".to_string(),
//!     picture: Picture::Chart(chart),
//! };
//! assert!(figure.file().starts_with("<?xml"));
//! ```

mod axis;
mod bars;
mod canvas;
mod chart;
mod matrix;
mod number;
mod style;
mod ticks;

pub use axis::Axis;
pub use bars::{Bars, Group};
pub use canvas::{Anchor, Canvas, escape, shortened, text_width};
pub use chart::{Chart, Mark, Series};
pub use matrix::Matrix;
pub use number::{raised, rounded, significant};
pub use style::{PALETTE, RULES, Theme, variables};

/// A figure: a picture and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What its file and its place in a page are called: letters, digits and
    /// hyphens.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, for those who cannot see it.
    pub description: String,
    /// The picture.
    pub picture: Picture,
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Picture {
    /// Lines, points and columns on two axes.
    Chart(Chart),
    /// Bars that lie, each with a name.
    Bars(Bars),
    /// Counts in rows and columns.
    Matrix(Matrix),
    /// Whatever else was drawn.
    Drawn(Canvas),
}

/// The height that a title takes in a file.
const TITLE_HEIGHT: f64 = 34.0;

impl Figure {
    /// Draws the picture.
    pub fn canvas(&self) -> Canvas {
        match &self.picture {
            Picture::Chart(chart) => chart.draw(),
            Picture::Bars(bars) => bars.draw(),
            Picture::Matrix(matrix) => matrix.draw(),
            Picture::Drawn(canvas) => canvas.clone(),
        }
    }

    /// Writes it as an element of a page that has [`RULES`] and
    /// [`variables`] in its style sheet.
    pub fn element(&self) -> String {
        let canvas = self.canvas();
        self.svg(&canvas, "", "")
    }

    /// Writes it as a file of its own, light or dark as its reader is.
    pub fn file(&self) -> String {
        let dark = variables(Theme::Dark);
        let style = format!(
            "<style>\n:root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{RULES}</style>\n",
            variables(Theme::Light)
        );
        self.whole(&style)
    }

    /// Writes it for programs that know neither variables nor questions of
    /// light and dark in a style sheet.
    pub fn plain(&self) -> String {
        self.whole(&format!("<style>\n{}</style>\n", style::plain()))
    }

    fn whole(&self, style: &str) -> String {
        let inner = self.canvas();
        let mut canvas = Canvas::new(inner.width, inner.height + TITLE_HEIGHT);
        canvas.rectangle("paper", (0.0, 0.0), (canvas.width, canvas.height), 0.0);
        let title = shortened(&self.title, canvas.width - 32.0, 16.0);
        canvas.text("title", (16.0, 22.0), 16.0, Anchor::Start, &title);
        canvas.insert((0.0, TITLE_HEIGHT), &inner);
        let svg = self.svg(&canvas, &size(&canvas), style);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}")
    }

    fn svg(&self, canvas: &Canvas, size: &str, style: &str) -> String {
        let (name, width, height) = (&self.name, canvas.width, canvas.height);
        format!(
            "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} \
             {height:.0}\"{size} role=\"img\" aria-labelledby=\"{name}-title {name}-description\">\n\
             <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-description\">{}</desc>\n\
             {style}{}</svg>\n",
            escape(&self.title),
            escape(&self.description),
            canvas.body(),
        )
    }
}

/// Returns the attributes of a canvas's own size.
fn size(canvas: &Canvas) -> String {
    format!(" width=\"{:.0}\" height=\"{:.0}\"", canvas.width, canvas.height)
}
