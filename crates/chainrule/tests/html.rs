//! The HTML page, opened in a real browser.

mod common;

use std::collections::HashMap;

use chainrule::explain::html;

#[test]
fn the_page_of_the_first_example() {
    let page = common::page(&common::first(), html::write);
    let (before, rest) = page.split_once("<style>").expect("the page has a style sheet");
    let (_, after) = rest.split_once("</style>").expect("it ends");
    insta::assert_snapshot!(format!("{before}<style>…</style>{after}"));
}

#[test]
fn texts_of_the_user_stay_text() {
    let page = common::page(&common::hostile(), html::write);
    assert!(!page.contains("<script"), "a script came through");
    assert!(page.contains("&lt;script&gt;"), "the title is shown as it was typed");
    assert!(!page.contains("<b>"), "a name became a tag");
}

#[test]
fn the_page_loads_nothing() {
    for (name, page) in common::pages(html::write) {
        for reference in ["src=", "url(", "@import", "<link", "<script"] {
            let page = page.replace("&quot;", "");
            assert!(!page.contains(reference), "{name}: {reference}");
        }
    }
}

/// WCAG 2 asks for a contrast of 4.5 between text and what it stands on.
#[test]
fn colours_can_be_read() {
    let page = common::page(&common::first(), html::write);
    let pairs = [
        ("ink", "paper"),
        ("ink", "tint"),
        ("ink", "target"),
        ("ink", "input"),
        ("ink", "neuron"),
        ("ink", "goal"),
        ("soft", "paper"),
        ("soft", "tint"),
        ("soft", "target"),
        ("accent", "paper"),
        ("accent", "tint"),
        ("accent", "target"),
    ];
    let mut schemes = 0;
    for block in page.split(":root {").skip(1) {
        let block = block.split('}').next().expect("a block ends");
        let colours: HashMap<&str, &str> = block
            .split(';')
            .filter_map(|one| one.trim().strip_prefix("--")?.split_once(": "))
            .collect();
        schemes += 1;
        for (text, ground) in pairs {
            let (light, dark) = (luminance(colours[text]), luminance(colours[ground]));
            let contrast = (light.max(dark) + 0.05) / (light.min(dark) + 0.05);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2} in {block}");
        }
    }
    assert_eq!(schemes, 3, "light, dark and print");
}

/// The relative luminance of `#rgb` or `#rrggbb`, as WCAG 2 defines it.
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let channel = |index: usize| {
        let width = digits.len() / 3;
        let text = &digits[index * width..(index + 1) * width];
        let value =
            f64::from(u8::from_str_radix(&text.repeat(3 - width), 16).expect("hex")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

/// Opens each page in a frame as wide as a telephone and one as wide as a desk.
const INSPECT: &str = r"
const problems = [];
let lines = 0;
async function inspect(name, source, width) {
  const frame = document.createElement('iframe');
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  const loaded = new Promise(done => { frame.onload = done; });
  frame.srcdoc = source;
  document.body.append(frame);
  await loaded;
  const page = frame.contentDocument;
  const say = problem => problems.push(`${name} at ${width}: ${problem}`);
  if (page.compatMode !== 'CSS1Compat') say('quirks mode');
  if (page.querySelector('script, parsererror')) say('a script');
  if (page.title === 'broken') say('a script ran');
  if (page.title !== page.querySelector('h1').textContent) say('title and heading differ');
  if (page.documentElement.scrollWidth > width) say(`is ${page.documentElement.scrollWidth} wide`);
  const ids = [...page.querySelectorAll('[id]')].map(one => one.id);
  if (new Set(ids).size !== ids.length) say('an anchor stands twice');
  for (const link of page.querySelectorAll('a[href]')) {
    const id = decodeURIComponent(link.getAttribute('href').slice(1));
    if (!page.getElementById(id)) say(`a link to ${id}, which is not there`);
  }
  for (const row of page.querySelectorAll('.working tbody tr')) {
    lines += 1;
    const cells = [...row.querySelectorAll('td')];
    if (cells.length !== 4) say(`${row.id} has ${cells.length} cells`);
    for (const cell of cells.slice(0, 3)) {
      const math = cell.querySelector('math');
      const box = math.getBoundingClientRect();
      if (box.width < 3 || box.height < 5) say(`${row.id}: mathematics without size`);
      if (math.namespaceURI !== 'http://www.w3.org/1998/Math/MathML') say(`${row.id}: no MathML`);
    }
    for (const cell of cells) {
      if (width > 1000 && cell.scrollWidth > cell.clientWidth + 1) say(`${row.id}: ${cell.className} is cut off`);
    }
    if (cells[3].textContent.trim() === '') say(`${row.id} has no value`);
  }
  frame.remove();
}
(async () => {
  for (const [name, source] of pages) {
    for (const width of [360, 1280]) await inspect(name, source, width);
  }
  const result = document.createElement('pre');
  result.id = 'result';
  result.textContent = JSON.stringify({ lines, problems });
  document.body.append(result);
})();
";

#[test]
fn a_browser_shows_every_line_and_no_page_is_wider_than_its_window() {
    let pages = common::pages(html::write);
    let written: usize = pages.iter().map(|(_, page)| page.matches("<tr id=").count()).sum();
    let pages = serde_json::to_string(&pages).expect("strings").replace("</", "<\\/");
    let page = format!(
        "<!DOCTYPE html><meta charset=utf-8><body><script>const pages = {pages};{INSPECT}</script>"
    );
    let test = "a_browser_shows_every_line_and_no_page_is_wider_than_its_window";
    let Some(result) = common::browse(test, &page) else { return };
    assert_eq!(result["problems"], serde_json::json!([]));
    assert_eq!(result["lines"], 2 * written, "every line, at both widths");
}
