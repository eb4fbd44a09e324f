//! The network, drawn: with a row's values where it is small, else its layers.

use chainrule::explain::drawing::{
    Drawing, Kind, LabelKind, MOST_LABELLED_EDGES, MOST_LABELLED_NODES, SMALL, TEXT,
};
use chainrule::explain::{Explanation, Settings, svg};
use chainrule_engine::network::Network;
use chainrule_engine::real::Real;

use super::{Block, Cell, DataTable, Report, Section};
use crate::encoder::Target;
use crate::model::{Model, Weights};
use crate::plot::{Anchor, Canvas, Figure, Picture, escape, shortened, text_width};

/// More neurons of a layer are not all drawn: this many at its top, and at its
/// end.
const MOST_NEURONS: usize = 9;
const AT_ENDS: usize = 4;

pub(super) fn section(report: &Report<'_>) -> Section {
    let model = report.subject.model;
    let mut section = Section::new("network", "The network");
    if let Some((canvas, title, summary)) = worked(report) {
        let figure = Figure {
            name: "network".to_string(),
            title: "The network with its values".to_string(),
            description: summary,
            picture: Picture::Drawn(canvas),
        };
        let caption = format!(
            "The values are those of {}. `chainrule explain` shows how each of them comes about.",
            escape_title(&title)
        );
        section.show(figure, caption, None);
    } else {
        let figure = Figure {
            name: "network".to_string(),
            title: "The network".to_string(),
            description: layers_in_words(model),
            picture: Picture::Drawn(schematic(model)),
        };
        section.show(
            figure,
            "A line is a weight, the thicker the larger: solid above 0, dashed below. Of wide layers \
             the first and the last neurons are drawn.",
            None,
        );
    }
    section.blocks.push(Block::Table(layer_table(model)));
    section
}

/// Begins a title as within a sentence.
fn escape_title(title: &str) -> String {
    title.strip_prefix("Row ").map_or_else(|| title.to_string(), |rest| format!("row {rest}"))
}

fn layers_in_words(model: &Model) -> String {
    let architecture = model.architecture();
    let layers = architecture
        .layers()
        .iter()
        .map(|layer| format!("{} neurons with {}", layer.width, layer.activation.name()));
    let layers: Vec<String> = layers.collect();
    format!("{} inputs, then {}.", architecture.inputs(), layers.join(", then "))
}

fn layer_table(model: &Model) -> DataTable {
    let mut table = DataTable::new(
        "Layers",
        &[
            "layer",
            "#inputs",
            "#neurons",
            "activation",
            "biases",
            "#dropout",
            "#weights and biases",
        ],
    );
    let summary = model.summary();
    table.rows = summary
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            vec![
                Cell::text((index + 1).to_string()),
                Cell::count(layer.inputs as u64),
                Cell::count(layer.outputs as u64),
                Cell::text(layer.activation),
                Cell::text(layer.bias),
                Cell::Number(layer.dropout, layer.dropout.to_string()),
                Cell::count(layer.parameters as u64),
            ]
        })
        .collect();
    table
}

/// Draws a small network as explanations do, with the values of the first row
/// that has an answer; returns the row's name and what the drawing shows.
fn worked(report: &Report<'_>) -> Option<(Canvas, String, String)> {
    let model = report.subject.model;
    let architecture = model.architecture();
    let widths: Vec<usize> = [architecture.inputs()]
        .into_iter()
        .chain(architecture.layers().iter().map(|layer| layer.width))
        .collect();
    let edges: usize = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
    if edges > MOST_LABELLED_EDGES || widths.iter().any(|&width| width > MOST_LABELLED_NODES) {
        return None;
    }
    let row = *report.compared.rows.first()? as usize;
    let worked = model.worked_row(report.subject.table, row).ok()?;
    let settings = Settings { steps: 1, ..Settings::default() };
    let explanation = Explanation::new(&worked.example, settings).ok()?;
    let step = explanation.steps().next()?;
    let drawing = Drawing::of(&step);
    Some((canvas_of(&drawing), worked.example.title.clone(), drawing.summary.clone()))
}

/// Puts a drawing of the library on a canvas.
fn canvas_of(drawing: &Drawing) -> Canvas {
    let mut canvas = Canvas::new(drawing.width.ceil(), drawing.height.ceil());
    for edge in &drawing.edges {
        canvas.line(if edge.is_weight { "axis" } else { "reference" }, edge.from, edge.to);
    }
    let middle = "text-anchor=\"middle\"";
    for label in &drawing.labels {
        let (x, y) = (label.area.x, label.area.y + 0.36 * SMALL);
        let text = svg::runs(&label.text, label.kind != LabelKind::Heading, SMALL);
        let classes: &[&str] =
            if label.kind == LabelKind::Heading { &["tick"] } else { &["halo", "label"] };
        for class in classes {
            canvas.add(&format!(
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{SMALL}\" {middle}>{text}</text>\n"
            ));
        }
    }
    for node in &drawing.nodes {
        let area = node.area;
        if node.kind != Kind::Dots {
            let corner = if node.kind == Kind::Neuron { area.height / 2.0 } else { 6.0 };
            let from = (area.x - area.width / 2.0, area.y - area.height / 2.0);
            canvas.rectangle("neuron", from, (area.width, area.height), corner);
        }
        let name = svg::runs(&node.name, node.kind != Kind::Dots, TEXT);
        let (x, upper, lower) = (area.x, area.y - 9.0 + 0.36 * TEXT, area.y + 9.5 + 0.36 * TEXT);
        canvas.add(&format!(
            "<text x=\"{x:.1}\" y=\"{upper:.1}\" font-size=\"{TEXT}\" {middle}>{name}</text>\n\
             <text class=\"title\" x=\"{x:.1}\" y=\"{lower:.1}\" font-size=\"{TEXT}\" {middle}>{}</text>\n",
            escape(&node.value)
        ));
    }
    canvas
}

/// One layer of the schematic: which neurons are drawn, and where.
struct Column {
    x: f64,
    /// Index and height of each; the dots stand where the indices jump.
    neurons: Vec<(usize, f64)>,
    count: usize,
}

const RADIUS: f64 = 8.0;
const PITCH: f64 = 27.0;
const GAP: f64 = 118.0;
const SIZE: f64 = 12.5;
/// The most room that names take at each side.
const MOST_NAME: f64 = 132.0;

/// Draws the layers, and the weights between the neurons that are drawn.
fn schematic(model: &Model) -> Canvas {
    let architecture = model.architecture();
    let widths: Vec<usize> = [architecture.inputs()]
        .into_iter()
        .chain(architecture.layers().iter().map(|layer| layer.width))
        .collect();
    let inputs = model.encoder().input_names();
    let outputs = output_names(model.encoder().target());
    let room = |names: &[String], width: usize| {
        let names = shown(width).into_iter().filter_map(|index| names.get(index));
        let widest = names.map(|name| text_width(name, SIZE)).fold(0.0, f64::max);
        widest.min(MOST_NAME) + 14.0
    };
    let left = 12.0 + room(&inputs, widths[0]) + RADIUS;
    let right = 12.0 + room(&outputs, widths[widths.len() - 1]) + RADIUS;
    let most = widths.iter().map(|&width| places(width)).max().unwrap_or(1);
    let (top, body) = (30.0, PITCH * most as f64);
    let columns: Vec<Column> = widths
        .iter()
        .enumerate()
        .map(|(index, &count)| column(left + GAP * index as f64, count, top + body / 2.0))
        .collect();
    let width = left + GAP * (widths.len() - 1) as f64 + right;
    let mut canvas = Canvas::new(width.max(320.0), top + body + 44.0);
    match model.weights() {
        Weights::Single(network) => weights(&mut canvas, network, &columns),
        Weights::Double(network) => weights(&mut canvas, network, &columns),
    }
    for (index, column) in columns.iter().enumerate() {
        let name = match index {
            0 => "input".to_string(),
            _ if index + 1 == columns.len() => "output".to_string(),
            _ => format!("hidden {index}"),
        };
        canvas.text("tick", (column.x, 14.0), SIZE, Anchor::Middle, &name);
        let bottom = top + body;
        let count = column.count.to_string();
        canvas.text("title", (column.x, bottom + 12.0), SIZE, Anchor::Middle, &count);
        if let Some(layer) = index.checked_sub(1).and_then(|layer| architecture.layers().get(layer))
        {
            let name = layer.activation.name();
            canvas.text("tick", (column.x, bottom + 29.0), SIZE, Anchor::Middle, name);
        }
        draw(&mut canvas, column);
    }
    let mut name = |column: Option<&Column>, names: &[String], side: f64, anchor| {
        for &(index, y) in column.iter().flat_map(|column| &column.neurons) {
            let Some(name) = names.get(index) else { continue };
            let x = column.map_or(0.0, |column| column.x) + side * (RADIUS + 6.0);
            canvas.text("label", (x, y), SIZE, anchor, &shortened(name, MOST_NAME, SIZE));
        }
    };
    name(columns.first(), &inputs, -1.0, Anchor::End);
    name(columns.last(), &outputs, 1.0, Anchor::Start);
    canvas
}

/// Returns what each output says.
fn output_names(target: &Target) -> Vec<String> {
    match target {
        Target::Classes { labels, .. } | Target::OneHot { labels } if labels.len() == 2 => {
            vec![labels[1].clone()]
        }
        Target::Classes { labels, .. } | Target::OneHot { labels } => labels.clone(),
        target => target.columns().into_iter().map(String::from).collect(),
    }
}

/// Returns the neurons of a layer that are drawn.
fn shown(count: usize) -> Vec<usize> {
    if count <= MOST_NEURONS {
        return (0..count).collect();
    }
    (0..AT_ENDS).chain(count - AT_ENDS..count).collect()
}

/// Returns how many places a layer takes; the dots take one.
fn places(count: usize) -> usize {
    count.min(MOST_NEURONS)
}

fn column(x: f64, count: usize, middle: f64) -> Column {
    let top = middle - PITCH * places(count) as f64 / 2.0;
    let neurons = shown(count).into_iter().enumerate().map(|(place, index)| {
        // The dots are between the two ends.
        let place = place + usize::from(count > MOST_NEURONS && place >= AT_ENDS);
        (index, top + PITCH * (place as f64 + 0.5))
    });
    Column { x, neurons: neurons.collect(), count }
}

fn draw(canvas: &mut Canvas, column: &Column) {
    for &(_, y) in &column.neurons {
        canvas.circle("neuron", (column.x, y), RADIUS);
    }
    if column.count > MOST_NEURONS {
        let y = column.neurons[AT_ENDS].1 - PITCH;
        for offset in [-6.0, 0.0, 6.0] {
            canvas.circle("dot", (column.x, y + offset), 1.6);
        }
    }
}

/// Draws the weights between drawn neurons.
fn weights<T: Real>(canvas: &mut Canvas, network: &Network<T>, columns: &[Column]) {
    for (layer, pair) in network.layers().zip(columns.windows(2)) {
        let largest = layer.weights.iter().map(|weight| weight.to_f64().abs()).fold(0.0, f64::max);
        let inputs = pair[0].count;
        for &(to, y) in &pair[1].neurons {
            for &(from, y_from) in &pair[0].neurons {
                let weight = layer.weights[to * inputs + from].to_f64();
                let share = if largest > 0.0 { weight.abs() / largest } else { 0.0 };
                let class = if weight < 0.0 { "minus" } else { "plus" };
                let (start, end) = ((pair[0].x, y_from), (pair[1].x, y));
                canvas.stroke(class, start, end, 0.25 + 2.25 * share);
            }
        }
    }
}
