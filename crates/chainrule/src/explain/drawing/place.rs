//! Finds a place for the text of every edge.

use super::{Area, Edge, Label, LabelKind, SMALL, Text, label};

/// How far texts stay away from nodes and from each other.
const DISTANCE: f64 = 3.0;

/// Returns a label for each edge that has a text, none of which touches
/// another or one of the areas `taken`; `None` where one finds no place.
pub(super) fn place_labels(
    edges: &[Edge],
    texts: Vec<Option<Text>>,
    taken: Vec<Area>,
) -> Option<Vec<Label>> {
    let mut taken = taken;
    let mut labels = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        let Some(text) = text else { continue };
        let at = label(LabelKind::Weight, text, 0.0, 0.0);
        let area = best_place(edges, index, at.area, &taken)?;
        taken.push(area);
        labels.push(Label { area, ..at });
    }
    Some(labels)
}

/// Returns the best free place along an edge.
fn best_place(edges: &[Edge], index: usize, size: Area, taken: &[Area]) -> Option<Area> {
    let Edge { from, to, .. } = edges[index];
    let mut best: Option<(f64, Area)> = None;
    for percent in 10..=90 {
        let share = f64::from(percent) / 100.0;
        let (x, y) = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
        let area = Area { x, y, ..size };
        let reaches_out = x - size.width / 2.0 < from.0 || x + size.width / 2.0 > to.0;
        if reaches_out || taken.iter().any(|other| area.touches(other, DISTANCE)) {
            continue;
        }
        // A text on a crossing could belong to either edge. Near its start, where
        // the edges of one neuron are still together, it is harder to tell too.
        let crossings = edges.iter().enumerate().filter(|&(other, edge)| {
            other != index && crosses(edge, &Area { height: SMALL, ..area })
        });
        let cost = crossings.count() as f64 + (share - 0.4).abs();
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, area));
        }
    }
    best.map(|(_, area)| area)
}

/// Tells whether an edge runs through an area.
fn crosses(edge: &Edge, area: &Area) -> bool {
    let (left, right) = (area.x - area.width / 2.0, area.x + area.width / 2.0);
    let (start, end) = (left.max(edge.from.0), right.min(edge.to.0));
    if start >= end {
        return false;
    }
    let slope = (edge.to.1 - edge.from.1) / (edge.to.0 - edge.from.0);
    let height = |x: f64| edge.from.1 + slope * (x - edge.from.0);
    let (y1, y2) = (height(start), height(end));
    let (top, bottom) = (area.y - area.height / 2.0, area.y + area.height / 2.0);
    y1.min(y2) < bottom && y1.max(y2) > top
}
