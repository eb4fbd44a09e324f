//! Draws a small network with characters, every weight beside its connection.
//!
//! Neurons stand in columns; a connection runs level from its source, crosses
//! to the row of its target on a diagonal, and runs level into it. Labels go
//! where nothing else is; where they do not fit, the drawing is made larger,
//! and where that does not help either, there is none.

use unicode_width::UnicodeWidthStr;

/// What to draw: labels only.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// The labels of the inputs, then those of each layer's neurons.
    pub(super) columns: Vec<Vec<String>>,
    /// `weights[layer][to][from]`, the labels of the connections.
    pub(super) weights: Vec<Vec<Vec<String>>>,
}

/// Draws the network at most `width` columns wide; `None` where it does not fit.
pub(super) fn draw(network: &Network, width: usize) -> Option<Vec<String>> {
    let tallest = network.columns.iter().map(Vec::len).max()?;
    if tallest > 6 {
        return None;
    }
    for spacing in [4, 6, 8] {
        for gap in (14..=40).step_by(2) {
            let drawing = Drawing::plan(network, spacing, gap);
            if drawing.width > width {
                break;
            }
            if let Some(rows) = drawing.draw() {
                return Some(rows);
            }
        }
    }
    None
}

/// A drawing of chosen measures.
struct Drawing<'a> {
    network: &'a Network,
    spacing: usize,
    gap: usize,
    height: usize,
    width: usize,
    /// Where each column of neurons starts.
    starts: Vec<usize>,
}

/// What a cell of the canvas holds.
#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Blank,
    /// A piece of one connection.
    Line(char, usize),
    /// Several connections meet.
    Meeting(char),
    Text(char),
    /// Covered by a wide character to its left.
    Covered,
}

impl<'a> Drawing<'a> {
    fn plan(network: &'a Network, spacing: usize, gap: usize) -> Drawing<'a> {
        let tallest = network.columns.iter().map(Vec::len).max().unwrap_or(1);
        let mut starts = Vec::new();
        let mut x = 0;
        for column in &network.columns {
            starts.push(x);
            // A blank on either side of the label.
            x += column_width(column) + 2 + gap;
        }
        Drawing {
            network,
            spacing,
            gap,
            // The rows above the first neurons and below the last are for labels.
            height: (tallest - 1) * spacing + 3,
            width: x - gap,
            starts,
        }
    }

    /// Returns the row of a neuron: columns are centred on each other.
    fn row(&self, column: usize, index: usize) -> usize {
        let count = self.network.columns[column].len();
        1 + (self.height - 3 - (count - 1) * self.spacing) / 2 + index * self.spacing
    }

    fn draw(&self) -> Option<Vec<String>> {
        let mut canvas = vec![vec![Cell::Blank; self.width]; self.height];
        for (column, labels) in self.network.columns.iter().enumerate() {
            for (index, label) in labels.iter().enumerate() {
                // Inputs stand at the left, all else right behind its arrows.
                let start = self.starts[column] + usize::from(column > 0);
                print(&mut canvas[self.row(column, index)], start, label);
            }
        }
        for (layer, weights) in self.network.weights.iter().enumerate() {
            let mut edges = Vec::new();
            for (to, row) in weights.iter().enumerate() {
                for (from, label) in row.iter().enumerate() {
                    let path = self.path(layer, from, to);
                    let number = edges.len();
                    for &(x, y, mark) in &path {
                        lay(&mut canvas[y][x], mark, number);
                    }
                    edges.push((path, label));
                }
            }
            // Steep connections have the fewest places: they choose first.
            let mut order: Vec<usize> = (0..edges.len()).collect();
            order.sort_by_key(|&number| std::cmp::Reverse(height_of(&edges[number].0)));
            for number in order {
                let (path, label) = &edges[number];
                Self::place_label(&mut canvas, path, label, number)?;
            }
        }
        let rows = canvas.iter().map(|row| text_of(row));
        Some(rows.skip_while(String::is_empty).collect::<Vec<_>>()).map(|mut rows| {
            while rows.last().is_some_and(String::is_empty) {
                rows.pop();
            }
            rows
        })
    }

    /// Returns the cells of a connection, from its source to its target.
    fn path(&self, layer: usize, from: usize, to: usize) -> Vec<(usize, usize, char)> {
        let label = self.network.columns[layer][from].width();
        let start = self.starts[layer] + label + 1 + usize::from(layer > 0);
        let end = self.starts[layer + 1];
        let (top, bottom) = (self.row(layer, from), self.row(layer + 1, to));
        let rise = top.abs_diff(bottom);
        let bend = end - self.gap + self.gap.saturating_sub(rise) / 2;
        let mut cells = Vec::new();
        for x in start..end {
            let along = x.saturating_sub(bend);
            let (y, mark) = if x <= bend {
                (top, '─')
            } else if along >= rise {
                (bottom, '─')
            } else if bottom > top {
                (top + along, '╲')
            } else {
                (top - along, '╱')
            };
            cells.push((x, y, mark));
        }
        if let Some(last) = cells.last_mut() {
            last.2 = '→';
        }
        cells
    }

    /// Finds a place for a label: above or below the line where it is level, else beside
    /// its diagonal; nearest to the middle first.
    fn place_label(
        canvas: &mut [Vec<Cell>],
        path: &[(usize, usize, char)],
        label: &str,
        number: usize,
    ) -> Option<()> {
        let length = label.width();
        let middle = path.len() / 2;
        let mut places: Vec<usize> = (0..path.len()).collect();
        places.sort_by_key(|&place| place.abs_diff(middle));
        let is_level = height_of(path) == 0;
        for place in places {
            let (x, y, mark) = path[place];
            // Where two connections cross, a label could be either's.
            if !is_level && canvas[y][x] != Cell::Line(mark, number) {
                continue;
            }
            let starts = match mark {
                '─' if is_level => [y - 1, y + 1].map(|y| (y, x.checked_sub(length / 2))),
                '╲' | '╱' => [(y, Some(x + 2)), (y, x.checked_sub(length + 1))],
                _ => continue,
            };
            for (y, start) in starts {
                let Some(start) = start.filter(|&start| start > 0) else { continue };
                // A free cell on either side keeps it apart from its neighbours.
                let is_free = (start - 1..=start + length).all(|x| match canvas[y].get(x) {
                    Some(Cell::Blank) => true,
                    Some(Cell::Line(_, owner)) => *owner == number,
                    _ => false,
                });
                if is_free {
                    print(&mut canvas[y], start, label);
                    return Some(());
                }
            }
        }
        None
    }
}

fn height_of(path: &[(usize, usize, char)]) -> usize {
    path.first().zip(path.last()).map_or(0, |(first, last)| first.1.abs_diff(last.1))
}

fn column_width(labels: &[String]) -> usize {
    labels.iter().map(|label| label.width()).max().unwrap_or(0)
}

fn print(row: &mut [Cell], start: usize, text: &str) {
    let mut x = start;
    for letter in text.chars() {
        row[x] = Cell::Text(letter);
        let columns = unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
        for covered in 1..columns {
            row[x + covered] = Cell::Covered;
        }
        x += columns.max(1);
    }
}

/// Lays a piece of a connection on a cell.
fn lay(cell: &mut Cell, mark: char, number: usize) {
    *cell = match *cell {
        Cell::Blank => Cell::Line(mark, number),
        Cell::Line(other, _) | Cell::Meeting(other) => Cell::Meeting(match (other, mark) {
            ('╲', '╱') | ('╱', '╲') | ('╳', '╲' | '╱') => '╳',
            ('→', _) | (_, '→') => '→',
            (other, mark) if other == mark => mark,
            // A diagonal that crosses a level stretch stays in sight.
            ('─', mark) => mark,
            (other, _) => other,
        }),
        taken => taken,
    };
}

fn text_of(row: &[Cell]) -> String {
    let text: String = row
        .iter()
        .filter_map(|cell| match cell {
            Cell::Blank => Some(' '),
            Cell::Line(mark, _) | Cell::Meeting(mark) | Cell::Text(mark) => Some(*mark),
            Cell::Covered => None,
        })
        .collect();
    text.trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_label_of_a_small_network_is_drawn_once() {
        let network = Network {
            columns: vec![
                labels(&["Ω 0.35", "λ 0.9"]),
                labels(&["A 0.1", "B 0.2", "C 0.3"]),
                labels(&["α 0.5", "β 0.6"]),
            ],
            weights: vec![
                vec![
                    labels(&["p1 0.1", "p2 0.2"]),
                    labels(&["p3 0.3", "p4 0.4"]),
                    labels(&["p5 0.5", "p6 0.6"]),
                ],
                vec![
                    labels(&["q1 0.1", "q2 0.2", "q3 0.3"]),
                    labels(&["q4 0.4", "q5 0.5", "q6 0.6"]),
                ],
            ],
        };
        let rows = draw(&network, 80).expect("it fits");
        let text = rows.join("\n");
        println!("{text}");
        for label in network.weights.iter().flatten().flatten() {
            assert_eq!(text.matches(label.as_str()).count(), 1, "{label} in\n{text}");
        }
        assert!(rows.iter().all(|row| row.width() <= 80), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_not_drawn() {
        let network = Network {
            columns: vec![labels(&["a rather long name 0.123456"; 2]), labels(&["out"; 2])],
            weights: vec![vec![labels(&["w 0.123456789012345"; 2]); 2]],
        };
        assert_eq!(draw(&network, 40), None);
    }
}
