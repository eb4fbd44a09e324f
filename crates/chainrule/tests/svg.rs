//! The drawing: nothing in it touches anything else, by our own estimate of
//! text widths and by the measure of a real browser.

mod common;

use chainrule::example::Example;
use chainrule::explain::drawing::{Area, Drawing, Kind, LabelKind};
use chainrule::explain::{Explanation, Part, Settings, svg};

/// All shapes 1-1-1 to 4-4-3 with long numbers, the general case, Mazur's
/// biases, long names, and networks too large for texts at edges.
fn drawn() -> Vec<(String, Example)> {
    let mut drawn = Vec::new();
    for inputs in 1..=4 {
        for hidden in 1..=4 {
            for outputs in 1..=3 {
                let example = common::shape(&[inputs, hidden, outputs], 8);
                drawn.push((format!("{inputs}-{hidden}-{outputs}"), example));
            }
        }
    }
    for name in ["first-example", "general", "mazur", "xor"] {
        drawn.push((name.to_string(), Example::builtin(name).expect("it is built in")));
    }
    let long = common::with_long_names(common::shape(&[2, 3, 2], 17));
    drawn.push(("2-3-2 long".to_string(), long));
    drawn.push(("12-5".to_string(), common::shape(&[12, 5], 6)));
    drawn.push(("hostile".to_string(), common::hostile()));
    drawn.push(("13-2-1".to_string(), common::shape(&[13, 2, 1], 6)));
    drawn.push(("300-40-10".to_string(), common::shape(&[300, 40, 10], 6)));
    drawn
}

fn drawing(example: &Example) -> Drawing {
    let explanation = Explanation::new(example, Settings::default()).expect("one step");
    Drawing::of(&explanation.steps().next().expect("one step"))
}

#[test]
fn no_text_touches_another_or_a_node() {
    for (name, example) in drawn() {
        let drawing = drawing(&example);
        let nodes = drawing.nodes.iter().map(|node| (format!("node {}", node.value), node.area));
        let labels = drawing.labels.iter().map(|label| (format!("{:?}", label.text), label.area));
        let areas: Vec<(String, Area)> = nodes.chain(labels).collect();
        for (place, (this, area)) in areas.iter().enumerate() {
            let inside = area.x - area.width / 2.0 >= 0.0
                && area.x + area.width / 2.0 <= drawing.width
                && area.y - area.height / 2.0 >= 0.0
                && area.y + area.height / 2.0 <= drawing.height;
            assert!(inside, "{name}: {this} leaves the drawing");
            for (that, other) in &areas[..place] {
                assert!(!area.touches(other, 0.0), "{name}: {this} touches {that}");
            }
        }
        for node in &drawing.nodes {
            let widest = node.name.width(13.0);
            assert!(widest < node.area.width, "{name}: {:?} is wider than its node", node.name);
        }
    }
}

#[test]
fn every_weight_stands_at_its_edge_where_there_is_room() {
    for (name, example) in drawn() {
        let drawing = drawing(&example);
        let weights = drawing.labels.iter().filter(|label| label.kind == LabelKind::Weight);
        let edges: Vec<_> = drawing.edges.iter().filter(|edge| edge.is_weight).collect();
        let expected = match name.as_str() {
            "13-2-1" | "300-40-10" => 0,
            _ => edges.len(),
        };
        let mut count = 0;
        for (label, edge) in weights.zip(&edges) {
            let share = (label.area.x - edge.from.0) / (edge.to.0 - edge.from.0);
            let y = edge.from.1 + share * (edge.to.1 - edge.from.1);
            assert!((0.0..=1.0).contains(&share), "{name}: {:?} is beside its edge", label.text);
            assert!((y - label.area.y).abs() < 1e-6, "{name}: {:?} is off its edge", label.text);
            count += 1;
        }
        assert_eq!(count, expected, "{name}");
    }
}

#[test]
fn a_column_that_is_too_long_says_how_many_it_stands_for() {
    let drawing = drawing(&common::shape(&[300, 40, 10], 6));
    let dots: Vec<&str> = drawing
        .nodes
        .iter()
        .filter(|node| node.kind == Kind::Dots)
        .map(|node| node.value.as_str())
        .collect();
    assert_eq!(dots, ["300 inputs", "40 neurons"]);
    assert!(drawing.nodes.len() < 40, "{} nodes", drawing.nodes.len());
}

#[test]
fn the_network_is_drawn_whole_whatever_lines_are_asked_for() {
    let whole = common::page(&common::first(), svg::write);
    let nothing =
        Settings { only: Some(Part::Update), why: Some("loss".to_string()), ..Settings::default() };
    assert_eq!(common::page_of(&common::first(), nothing, svg::write), whole);
}

/// Measures all texts with the browser's own fonts.
const MEASURE: &str = r"
const problems = [];
let texts = 0;
const close = 0.5;
const touch = (p, q) => p.left < q.right - close && q.left < p.right - close
                     && p.top < q.bottom - close && q.top < p.bottom - close;
for (const [name, source] of drawings) {
  const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
  if (parsed.querySelector('parsererror')) { problems.push(name + ': ' + parsed.documentElement.textContent); continue; }
  if (parsed.querySelector('script')) problems.push(name + ': has a script');
  const svg = document.importNode(parsed.documentElement, true);
  document.body.append(svg);
  const all = [...svg.querySelectorAll('text:not(.halo)')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const nodes = [...svg.querySelectorAll('rect:not(.paper)')].map(r => r.getBoundingClientRect());
  const whole = svg.getBoundingClientRect();
  texts += all.length;
  all.forEach(([text, box], i) => {
    if (box.width === 0) problems.push(`${name}: ${text} has no width`);
    if (box.left < whole.left || box.right > whole.right) problems.push(`${name}: ${text} is cut off`);
    for (const [other, otherBox] of all.slice(0, i)) {
      if (touch(box, otherBox)) problems.push(`${name}: ${text} touches ${other}`);
    }
    for (const node of nodes) {
      const inside = box.left >= node.left && box.right <= node.right && box.top >= node.top && box.bottom <= node.bottom;
      if (!inside && touch(box, node)) problems.push(`${name}: ${text} touches a node`);
    }
  });
  svg.remove();
}
const result = document.createElement('pre');
result.id = 'result';
result.textContent = JSON.stringify({ texts, problems });
document.body.append(result);
";

#[test]
fn no_text_touches_another_in_a_real_browser() {
    let drawings: Vec<(String, String)> = drawn()
        .into_iter()
        .map(|(name, example)| (name, common::page(&example, svg::write)))
        .collect();
    // A script ends where its text holds `</`.
    let drawings = serde_json::to_string(&drawings).expect("strings").replace("</", "<\\/");
    let page = format!(
        "<!DOCTYPE html><meta charset=utf-8><body><script>const drawings = {drawings};{MEASURE}</script>"
    );
    let Some(result) = common::browse("no_text_touches_another_in_a_real_browser", &page) else {
        return;
    };
    assert_eq!(result["problems"], serde_json::json!([]));
    assert!(result["texts"].as_u64() > Some(1000), "measured {} texts", result["texts"]);
}

#[test]
fn the_drawing_of_the_first_example() {
    insta::assert_snapshot!(common::page(&common::first(), svg::write));
}
