//! Bars that lie, each with its name at the left and its value at the right.

use super::chart::Series;
use super::{Anchor, Axis, Canvas, shortened, text_width};

/// Bars in rows; with several groups, each row has a bar of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// The names of the rows.
    pub labels: Vec<String>,
    /// The groups, of as many bars as there are rows.
    pub groups: Vec<Group>,
    /// What the length of a bar says.
    pub title: String,
}

/// Bars of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they are, where the legend says it.
    pub name: Option<String>,
    /// How long each is.
    pub values: Vec<f64>,
    /// How far a line at its end goes to both sides; none where it is empty.
    pub spreads: Vec<f64>,
    /// What stands beside each.
    pub texts: Vec<String>,
}

const WIDTH: f64 = 520.0;
const TEXT: f64 = 12.5;
const TITLE: f64 = 13.0;
/// The most room that names take.
const MOST_NAME: f64 = 170.0;

impl Bars {
    pub(super) fn draw(&self) -> Canvas {
        let many = self.groups.len().max(1) as f64;
        let (bar, gap) = if many > 1.0 { (14.0, 9.0) } else { (16.0, 8.0) };
        let pitch = many * bar + gap;
        let labels: Vec<String> =
            self.labels.iter().map(|label| shortened(label, MOST_NAME, TEXT)).collect();
        let widest = |texts: &mut dyn Iterator<Item = &String>| {
            texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max)
        };
        let left = 16.0 + widest(&mut labels.iter());
        let room = 10.0 + widest(&mut self.groups.iter().flat_map(|group| &group.texts));
        let width = WIDTH - left - room - 8.0;
        let (least, most) = self
            .ends()
            .filter(|end| end.is_finite())
            .fold((0.0, 0.0), |(least, most): (f64, f64), end| (least.min(end), most.max(end)));
        let axis = Axis::between(&self.title, least, most);
        let top = if self.groups.iter().any(|group| group.name.is_some()) { 34.0 } else { 10.0 };
        let height = pitch * labels.len() as f64;
        let mut canvas = Canvas::new(WIDTH, top + height + 48.0);
        self.legend(&mut canvas);
        let place = |value: f64| left + width * axis.place(value);
        let bottom = top + height;
        let ticks = axis.ticks();
        for (&value, text) in ticks.values.iter().zip(&ticks.texts) {
            canvas.line("grid", (place(value), top), (place(value), bottom));
            canvas.text("tick", (place(value), bottom + 14.0), TEXT, Anchor::Middle, text);
        }
        for (row, label) in labels.iter().enumerate() {
            let y = top + pitch * row as f64 + gap / 2.0;
            let middle = y + many * bar / 2.0;
            canvas.text("label", (left - 8.0, middle), TEXT, Anchor::End, label);
            for (number, group) in self.groups.iter().enumerate() {
                group.draw(&mut canvas, number, row, (y + bar * number as f64, bar), place);
            }
        }
        canvas.line("axis", (place(0.0), top), (place(0.0), bottom));
        let title = shortened(&axis.title(&ticks), WIDTH - 20.0, TITLE);
        canvas.text("name", (left + width / 2.0, bottom + 36.0), TITLE, Anchor::Middle, &title);
        canvas
    }

    /// Returns the ends of all bars and of the lines at them.
    fn ends(&self) -> impl Iterator<Item = f64> {
        self.groups.iter().flat_map(|group| {
            group.values.iter().enumerate().flat_map(|(row, value)| {
                let spread = group.spreads.get(row).copied().unwrap_or(0.0);
                [value - spread, value + spread]
            })
        })
    }

    fn legend(&self, canvas: &mut Canvas) {
        let mut x = 12.0;
        for (number, group) in self.groups.iter().enumerate() {
            let Some(name) = &group.name else { continue };
            let name = shortened(name, WIDTH / self.groups.len() as f64 - 40.0, TEXT);
            let class = format!("bar s{}", Series::unnamed(number).class());
            canvas.rectangle(&class, (x, 8.0), (12.0, 12.0), 1.0);
            canvas.text("tick", (x + 18.0, 14.0), TEXT, Anchor::Start, &name);
            x += 36.0 + text_width(&name, TEXT);
        }
    }
}

impl Group {
    fn draw(
        &self,
        canvas: &mut Canvas,
        number: usize,
        row: usize,
        (y, height): (f64, f64),
        place: impl Fn(f64) -> f64,
    ) {
        let Some(&value) = self.values.get(row).filter(|value| value.is_finite()) else { return };
        let (start, end) = (place(value.min(0.0)), place(value.max(0.0)));
        let class = format!("bar s{}", Series::unnamed(number).class());
        canvas.rectangle(&class, (start, y + 0.5), (end - start, height - 1.0), 1.5);
        let middle = y + height / 2.0;
        let mut right = end;
        if let Some(&spread) = self.spreads.get(row).filter(|spread| spread.is_finite()) {
            let (low, high) = (place(value - spread), place(value + spread));
            canvas.line("whisker", (low, middle), (high, middle));
            for x in [low, high] {
                canvas.line("whisker", (x, middle - 4.0), (x, middle + 4.0));
            }
            right = right.max(high);
        }
        if let Some(text) = self.texts.get(row) {
            canvas.text("value", (right + 6.0, middle), TEXT, Anchor::Start, text);
        }
    }
}
