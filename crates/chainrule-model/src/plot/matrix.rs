//! Counts in rows and columns, each cell as dark as its share of its row.

use super::{Anchor, Canvas, shortened, text_width};

/// A matrix of counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// What rows and columns are called.
    pub labels: Vec<String>,
    /// `counts[row][column]`.
    pub counts: Vec<Vec<u64>>,
    /// What the rows are.
    pub row_title: String,
    /// What the columns are.
    pub column_title: String,
}

const TEXT: f64 = 12.5;
const TITLE: f64 = 13.0;
/// The room that all cells together take at most.
const MOST: f64 = 380.0;
/// The most room that names take.
const MOST_NAME: f64 = 120.0;
/// Cells less wide hold no number.
const LEAST_WITH_NUMBER: f64 = 24.0;
/// Cells less wide have no name.
const LEAST_WITH_NAME: f64 = 11.0;

impl Matrix {
    pub(super) fn draw(&self) -> Canvas {
        let count = self.labels.len().max(1);
        let side = (MOST / count as f64).clamp(3.0, 78.0);
        let size = if side < 22.0 { (side - 1.0).max(9.0) } else { TEXT };
        let has_names = side >= LEAST_WITH_NAME;
        let labels: Vec<String> = if has_names {
            self.labels.iter().map(|label| shortened(label, MOST_NAME, size)).collect()
        } else {
            Vec::new()
        };
        let widest = labels.iter().map(|label| text_width(label, size)).fold(0.0, f64::max);
        let (left, top) = (widest + 36.0, 8.0);
        let is_turned = widest > side - 4.0;
        let below = if is_turned { widest } else { 16.0 };
        let body = side * count as f64;
        // As wide as a title needs, too.
        let width = (left + body + 12.0).max(260.0);
        let mut canvas = Canvas::new(width, top + body + below + 44.0);
        for (row, counts) in self.counts.iter().enumerate() {
            self.row(&mut canvas, counts, (left, top + side * row as f64), side);
        }
        for (index, label) in labels.iter().enumerate() {
            let middle = side * (index as f64 + 0.5);
            canvas.text("label", (left - 8.0, top + middle), size, Anchor::End, label);
            let (x, y) = (left + middle, top + body + 8.0);
            if is_turned {
                canvas.turned("label", (x, y), size, Anchor::End, -90, label);
            } else {
                canvas.text("label", (x, y + 8.0), size, Anchor::Middle, label);
            }
        }
        let middle = body / 2.0;
        let y = top + body + below + 26.0;
        canvas.text("name", (left + middle, y), TITLE, Anchor::Middle, &self.column_title);
        canvas.turned("name", (12.0, top + middle), TITLE, Anchor::Middle, -90, &self.row_title);
        canvas
    }

    fn row(&self, canvas: &mut Canvas, counts: &[u64], (left, y): (f64, f64), side: f64) {
        let all: u64 = counts.iter().sum();
        let longest = self.counts.iter().flatten().max().map_or(1, |most| most.to_string().len());
        let size = (side / (0.68 * longest as f64)).min(15.0);
        let has_numbers = side >= LEAST_WITH_NUMBER && size >= 8.0;
        for (column, &count) in counts.iter().enumerate() {
            let x = left + side * column as f64;
            let share = count as f64 / all.max(1) as f64;
            canvas.rectangle("cell", (x, y), (side, side), 0.0);
            if count > 0 {
                // Also a single row among many is seen.
                let inner = (side - 1.0, side - 1.0);
                canvas.shade("fill", (x + 0.5, y + 0.5), inner, 0.12 + 0.88 * share);
            }
            if has_numbers {
                let class = match count {
                    0 => "count none",
                    _ if share > 0.45 => "count inverse",
                    _ => "count",
                };
                let middle = (x + side / 2.0, y + side / 2.0);
                canvas.text(class, middle, size, Anchor::Middle, &count.to_string());
            }
        }
    }
}
