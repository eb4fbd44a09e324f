//! The drawing of a network, as data: where each node, edge and text goes.
//!
//! Layers are columns, inputs left, targets and loss right. Texts of edges are
//! placed by search: along each edge, the place where the text touches no node
//! and no other text; where there is none, everything moves apart and the
//! search starts again. The same network always gives the same drawing.
//!
//! Widths of texts are estimated on the wide side, for nobody knows the fonts
//! of the reader.
//!
//! Not for writing it down: that is [`svg`](super::svg).

use super::formula::plain;
use super::words::typeset;
use super::{Step, layer_name, symbol};
use crate::names::Symbol;
use crate::network::Biases;
use crate::quantity::{Neuron, Parameter, Pass, Quantity};
use place::place_labels;

mod place;

/// With more edges than this, they carry no text.
pub const MOST_LABELLED_EDGES: usize = 60;
/// With more nodes in a layer than this, edges carry no text.
pub const MOST_LABELLED_NODES: usize = 12;
/// With more nodes in a column than this, only the first and last are drawn.
pub const MOST_NODES: usize = 20;
/// How many are drawn of a column that is too long: at its top, and its end.
const SHOWN_OF_MANY: (usize, usize) = (5, 2);

/// The height of a text, and of one of two lines in a node.
pub const TEXT: f64 = 13.0;
/// The height of a text at an edge, a bias or a heading.
pub const SMALL: f64 = 12.0;
/// How much smaller a subscript is.
pub const SUBSCRIPT: f64 = 0.75;

const NODE_HEIGHT: f64 = 46.0;
const HEADING_HEIGHT: f64 = 44.0;
const MARGIN: f64 = 16.0;

/// A drawing; all lengths are in the same unit, 1 is about a CSS pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Inputs, neurons, targets and the loss.
    pub nodes: Vec<Node>,
    /// The lines between them.
    pub edges: Vec<Edge>,
    /// Texts outside the nodes: headings, biases and weights.
    pub labels: Vec<Label>,
    /// What it shows, in a sentence.
    pub summary: String,
}

/// A rectangle, by its centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Centre, from the left.
    pub x: f64,
    /// Centre, from the top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it stands for.
    pub kind: Kind,
    /// The place it takes.
    pub area: Area,
    /// What it is called; nothing for the dots of a column that is too long.
    pub name: Text,
    /// Its number, or what the dots stand for.
    pub value: String,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An input.
    Input,
    /// A neuron.
    Neuron,
    /// A target.
    Target,
    /// The loss.
    Loss,
    /// Several that are not drawn.
    Dots,
}

/// A line between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Where it starts.
    pub from: (f64, f64),
    /// Where it ends.
    pub to: (f64, f64),
    /// Whether it carries a weight; others lead to targets and the loss.
    pub is_weight: bool,
}

/// A text outside the nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What it says.
    pub kind: LabelKind,
    /// The place it takes.
    pub area: Area,
    /// The text.
    pub text: Text,
}

/// What a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// What a column is.
    Heading,
    /// A bias.
    Bias,
    /// A weight.
    Weight,
}

/// A text with a subscript in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What stands first.
    pub base: String,
    /// What stands below.
    pub subscript: String,
    /// What follows.
    pub rest: String,
}

impl Area {
    /// Tells whether two areas come closer than `distance`.
    pub fn touches(&self, other: &Area, distance: f64) -> bool {
        (self.x - other.x).abs() < f64::midpoint(self.width, other.width) + distance
            && (self.y - other.y).abs() < f64::midpoint(self.height, other.height) + distance
    }
}

impl Text {
    fn plain(text: impl Into<String>) -> Text {
        Text { base: text.into(), ..Text::default() }
    }

    fn symbol(symbol: &Symbol<'_>, rest: &str) -> Text {
        Text {
            base: symbol.base.to_string(),
            subscript: symbol::below(symbol),
            rest: rest.to_string(),
        }
    }

    /// Estimates its width at a size, on the wide side.
    pub fn width(&self, size: f64) -> f64 {
        size * (ems(&self.base) + SUBSCRIPT * ems(&self.subscript) + ems(&self.rest))
    }
}

/// Estimates the width of a text in the widest of the usual fonts.
fn ems(text: &str) -> f64 {
    text.chars()
        .map(|letter| match letter {
            ' ' | '.' | ',' | 'i' | 'j' | 'l' => 0.4,
            '0'..='9' => 0.65,
            'm' | 'w' | 'M' | 'W' => 1.0,
            'a'..='z' | '_' | '(' | ')' => 0.66,
            'A'..='Z' | '−' | '=' | '+' | '·' => 0.85,
            '\u{80}'..='\u{10ff}' => 0.95,
            _ => 1.2,
        })
        .sum()
}

/// A column before it has a place.
struct Column {
    heading: [String; 2],
    items: Vec<Item>,
}

/// A node before it has a place.
struct Item {
    kind: Kind,
    name: Text,
    value: String,
    bias: Option<Text>,
    /// Its index in the layer; `None` for dots.
    index: Option<usize>,
}

impl Item {
    fn width(&self) -> f64 {
        let text = self.name.width(TEXT).max(Text::plain(self.value.clone()).width(TEXT));
        (text + 24.0).max(NODE_HEIGHT)
    }
}

impl Column {
    fn width(&self) -> f64 {
        let nodes = self.items.iter().map(Item::width);
        let biases =
            self.items.iter().filter_map(|item| item.bias.as_ref()).map(|bias| bias.width(SMALL));
        let headings = self.heading.iter().map(|line| Text::plain(line.as_str()).width(SMALL));
        nodes.chain(biases).chain(headings).fold(0.0, f64::max)
    }
}

impl Drawing {
    /// Lays out the network of a step, with the numbers before its update.
    pub fn of(step: &Step<'_>) -> Drawing {
        let columns = columns(step);
        let widths: Vec<usize> = std::iter::once(step.network.input_width())
            .chain(step.network.layers.iter().map(crate::network::Layer::width))
            .collect();
        let edges: usize = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let has_labels = edges <= MOST_LABELLED_EDGES
            && widths.iter().all(|&width| width <= MOST_LABELLED_NODES);
        if has_labels {
            // Each round has a tenth more room; labels are small beside edges long before the end.
            for round in 0..40 {
                let (mut drawing, texts) =
                    layout(step, &columns, Some(1.0 + 0.1 * f64::from(round)));
                let mut taken: Vec<Area> = drawing.nodes.iter().map(|node| node.area).collect();
                taken.extend(drawing.labels.iter().map(|label| label.area));
                if let Some(labels) = place_labels(&drawing.edges, texts, taken) {
                    drawing.labels.extend(labels);
                    return drawing;
                }
            }
        }
        layout(step, &columns, None).0
    }
}

/// Lays the columns out, with room for texts at the edges where `spread` says
/// how much; returns these texts, which have no place yet.
fn layout(
    step: &Step<'_>,
    columns: &[Column],
    spread: Option<f64>,
) -> (Drawing, Vec<Option<Text>>) {
    let has_biases =
        columns.iter().any(|column| column.items.iter().any(|item| item.bias.is_some()));
    let row = NODE_HEIGHT + if has_biases { 48.0 } else { 44.0 };
    let row = row * spread.unwrap_or(0.7);
    let longest = columns.iter().map(|column| column.items.len()).max().unwrap_or(1);
    let body = row * longest as f64;
    let mut nodes: Vec<Vec<(Node, Option<usize>)>> = Vec::new();
    let mut labels = Vec::new();
    let mut x = MARGIN;
    for (place, column) in columns.iter().enumerate() {
        let width = column.width();
        if place > 0 {
            x += gap(step, place, columns.len(), spread);
        }
        let centre = x + width / 2.0;
        for (line, text) in column.heading.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let y = MARGIN + SMALL / 2.0 + line as f64 * (SMALL + 5.0);
            labels.push(label(LabelKind::Heading, Text::plain(text.as_str()), centre, y));
        }
        let pitch = body / column.items.len() as f64;
        let mut placed = Vec::new();
        for (index, item) in column.items.iter().enumerate() {
            let y = MARGIN + HEADING_HEIGHT + pitch * (index as f64 + 0.5);
            let area = Area { x: centre, y, width: item.width(), height: NODE_HEIGHT };
            if let Some(bias) = &item.bias {
                let above = y - NODE_HEIGHT / 2.0 - SMALL / 2.0 - 5.0;
                labels.push(label(LabelKind::Bias, bias.clone(), centre, above));
            }
            let (name, value) = (item.name.clone(), item.value.clone());
            placed.push((Node { kind: item.kind, area, name, value }, item.index));
        }
        nodes.push(placed);
        x += width;
    }
    let (width, height) = (x + MARGIN, 2.0 * MARGIN + HEADING_HEIGHT + body);
    let (edges, texts) = edges(step, &nodes);
    let nodes: Vec<Node> = nodes.into_iter().flatten().map(|(node, _)| node).collect();
    (Drawing { width, height, nodes, edges, labels, summary: summary(step) }, texts)
}

/// Returns the room before a column.
fn gap(step: &Step<'_>, place: usize, count: usize, spread: Option<f64>) -> f64 {
    let layers = step.network.layers.len();
    // The last columns are targets and loss; lines to them carry no text.
    let Some(spread) = spread.filter(|_| place <= layers) else {
        return if place + 2 >= count { 40.0 } else { 130.0 };
    };
    let layer = place - 1;
    let mut widest: f64 = 0.0;
    for (to, row) in step.network.layers[layer].weights.iter().enumerate() {
        for (from, _) in row.iter().enumerate() {
            widest = widest.max(weight_text(step, layer, to, from).width(SMALL));
        }
    }
    spread * (widest * 1.25 + 70.0)
}

fn weight_text(step: &Step<'_>, layer: usize, to: usize, from: usize) -> Text {
    let parameter = Parameter::Weight { layer, to, from };
    let value = step.network.layers[layer].weights[to][from];
    parameter_text(step, parameter, value)
}

/// `w1 = 0.3`: as given, or rounded where an earlier step computed it.
fn parameter_text(step: &Step<'_>, parameter: Parameter, value: f64) -> Text {
    let is_given = step.number == 1 || !step.network.is_trained(parameter);
    let shown = if is_given { plain(value) } else { step.example.shown.show(value) };
    let symbol = step.example.names.symbol(Quantity::Parameter(parameter));
    Text::symbol(&symbol, &format!(" = {}", typeset(&shown)))
}

fn label(kind: LabelKind, text: Text, x: f64, y: f64) -> Label {
    let width = text.width(SMALL);
    Label { kind, area: Area { x, y, width, height: SMALL + 3.0 }, text }
}

/// Returns the lines, and the text of each.
fn edges(step: &Step<'_>, nodes: &[Vec<(Node, Option<usize>)>]) -> (Vec<Edge>, Vec<Option<Text>>) {
    let layers = step.network.layers.len();
    let mut edges = Vec::new();
    let mut texts = Vec::new();
    let between = |left: &Area, right: &Area, is_weight| Edge {
        from: (left.x + left.width / 2.0, left.y),
        to: (right.x - right.width / 2.0, right.y),
        is_weight,
    };
    for (layer, pair) in nodes.windows(2).enumerate() {
        let is_to_targets = layer == layers;
        for (place, (left, from)) in pair[0].iter().enumerate() {
            for (other, (right, to)) in pair[1].iter().enumerate() {
                // Each output has its own target; all targets lead to one loss.
                let (Some(from), Some(to)) = (from, to) else { continue };
                if is_to_targets && place != other {
                    continue;
                }
                let is_weight = layer < layers;
                edges.push(between(&left.area, &right.area, is_weight));
                texts.push(is_weight.then(|| weight_text(step, layer, *to, *from)));
            }
        }
    }
    (edges, texts)
}

fn columns(step: &Step<'_>) -> Vec<Column> {
    let names = &step.example.names;
    let sample = &step.example.samples[step.sample];
    let count = step.network.layers.len();
    let shown = |quantity| match step.value(quantity) {
        Some(value) => typeset(&step.example.shown.show(value)),
        None => String::new(),
    };
    let mut columns = vec![Column {
        heading: [plural(sample.inputs.len(), "input"), String::new()],
        items: items(sample.inputs.len(), "inputs", |index| Item {
            kind: Kind::Input,
            name: Text::symbol(&names.symbol(Quantity::Input(index)), ""),
            value: typeset(&plain(sample.inputs[index])),
            bias: None,
            index: Some(index),
        }),
    }];
    for (layer, one) in step.network.layers.iter().enumerate() {
        columns.push(Column {
            heading: [layer_name(layer, count), one.activation.name().to_string()],
            items: items(one.width(), "neurons", |index| {
                let neuron = Neuron { layer, index };
                let bias = one.bias(index).map(|value| {
                    let parameter = match one.biases {
                        Biases::Shared(_) => Parameter::SharedBias(layer),
                        _ => Parameter::Bias(neuron),
                    };
                    parameter_text(step, parameter, value)
                });
                Item {
                    kind: Kind::Neuron,
                    name: Text::plain(names.neuron(neuron)),
                    value: shown(Quantity::Activation(Pass::Before, neuron)),
                    bias,
                    index: Some(index),
                }
            }),
        });
    }
    columns.push(Column {
        heading: [plural(sample.targets.len(), "target"), String::new()],
        items: items(sample.targets.len(), "targets", |index| Item {
            kind: Kind::Target,
            name: Text::symbol(&names.symbol(Quantity::Target(index)), ""),
            value: typeset(&plain(sample.targets[index])),
            bias: None,
            index: Some(index),
        }),
    });
    columns.push(Column {
        heading: ["loss".to_string(), String::new()],
        items: vec![Item {
            kind: Kind::Loss,
            name: Text::plain("E"),
            value: shown(Quantity::Loss(Pass::Before)),
            bias: None,
            index: Some(0),
        }],
    });
    columns
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_string() } else { format!("{word}s") }
}

/// Makes the items of a column; of a long one only the first and last.
fn items(count: usize, what: &str, item: impl Fn(usize) -> Item) -> Vec<Item> {
    if count <= MOST_NODES {
        return (0..count).map(item).collect();
    }
    let (first, last) = SHOWN_OF_MANY;
    let dots = Item {
        kind: Kind::Dots,
        name: Text::plain("⋮"),
        value: format!("{count} {what}"),
        bias: None,
        index: None,
    };
    (0..first).map(&item).chain([dots]).chain((count - last..count).map(&item)).collect()
}

/// Says what the drawing shows, for those who do not see it.
fn summary(step: &Step<'_>) -> String {
    let network = &step.network;
    let widths: Vec<String> =
        network.layers.iter().map(|layer| layer.width().to_string()).collect();
    let mut outputs = Vec::new();
    let last = network.layers.len().saturating_sub(1);
    for index in 0..network.output_width().min(MOST_NODES) {
        let quantity = Quantity::Activation(Pass::Before, Neuron { layer: last, index });
        if let Some(value) = step.value(quantity) {
            let name = symbol::of(&step.example.names, quantity);
            outputs.push(format!("{name} = {}", step.example.shown.show(value)));
        }
    }
    format!(
        "Network with {} {}, then layers of {} neurons; outputs {}",
        network.input_width(),
        plural(network.input_width(), "input"),
        widths.join(", "),
        outputs.join(", "),
    )
}
