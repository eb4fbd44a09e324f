//! The page that marks itself, filled in and marked in a real browser: it says
//! what `mark` says.

mod common;

use std::collections::HashMap;
use std::process::Command;

use chainrule::activation::Activation::{Relu, Sigmoid, Softmax, Tanh};
use chainrule::example::Example;
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::diagnose::Fit;
use chainrule::exercise::in_step::InStep;
use chainrule::exercise::mark::{Marked, Settings, Stated};
use chainrule::exercise::mistakes::{Mistake, variations};
use chainrule::exercise::report::comment;
use chainrule::exercise::working::Working;
use chainrule::exercise::worksheet::students::Student;
use chainrule::exercise::worksheet::template::Template;
use chainrule::exercise::worksheet::{Level, Maker, Order, Worksheet, shape};
use chainrule::loss::Loss;
use chainrule::quantity::Quantity;
use chainrule::rounding::Rounding;
use serde_json::{Value, json};

fn templates() -> Vec<(&'static str, Template)> {
    let of = |widths: &[usize], activation, output, has_biases, loss| {
        let mut example = shape(widths, activation, output, has_biases);
        example.loss = loss;
        Template::of_shape(&example).expect("the loss fits")
    };
    let first = Example::builtin("first-example").expect("it is built in");
    vec![
        ("2-1", of(&[2, 1], Sigmoid, Sigmoid, true, Loss::HalfSquared)),
        ("2-2-1", of(&[2, 2, 1], Sigmoid, Sigmoid, true, Loss::HalfSquared)),
        ("tanh", of(&[2, 2, 1], Tanh, Sigmoid, true, Loss::BinaryCrossEntropy)),
        ("classes", of(&[2, 2, 2], Relu, Softmax, true, Loss::CategoricalCrossEntropy)),
        ("first-example", Template::of_example(&first).expect("it is whole")),
    ]
}

fn page(sheet: &Worksheet) -> String {
    let mut out = Vec::new();
    sheet.write_html(&mut out).expect("writing to memory works");
    String::from_utf8(out).expect("a page is UTF-8")
}

/// Answers as a person types them.
type Answers = Vec<(InStep, String)>;

/// Returns what may be handed in for a sheet: all right, with more decimals or
/// fewer, cut off, with gaps, with slips, and with every usual mistake in turn.
fn handed_in(sheet: &Worksheet, which: usize) -> Vec<Answers> {
    let Rounding::Decimals(decimals) = sheet.rounding() else { return Vec::new() };
    let working = Working::new(&sheet.example);
    let asked = |values: Vec<(Quantity, f64)>, rounding: Rounding| -> Answers {
        let values = values.into_iter().filter(|(quantity, _)| sheet.asked.contains(quantity));
        values.map(|(quantity, value)| (InStep::first(quantity), rounding.show(value))).collect()
    };
    let right = sheet.numbers(false).into_iter();
    let right: Answers = right.map(|(at, value)| (at, sheet.rounding().show(value))).collect();
    let mut all = vec![right.clone()];
    all.push(asked(working.values(None, None), Rounding::Decimals(decimals + 2)));
    all.push(asked(working.values(None, None), Rounding::Decimals(decimals - 1)));
    for (place, _) in right.iter().enumerate() {
        let mut slip = right.clone();
        let text = &mut slip[place].1;
        match (place + which) % 5 {
            0 => text.clear(),
            1 => *text = text.replacen('.', ".0", 1),
            2 => {
                // The last two digits exchanged.
                let at = text.len() - 2;
                let (start, end) = text.split_at(at);
                *text = format!("{start}{}", end.chars().rev().collect::<String>());
            }
            3 => {
                *text = match text.strip_prefix('-') {
                    Some(rest) => rest.to_string(),
                    None => format!("-{text}"),
                }
            }
            _ => *text = format!("{}7", &text[..text.len() - 1]),
        }
        all.push(slip);
    }
    let mut count = which;
    for &quantity in &sheet.asked {
        for variation in variations(&sheet.example, &working, quantity) {
            count += 1;
            if variation.named.mistake <= Mistake::NotUpdated && count.is_multiple_of(4) {
                let planted = Some((quantity, &variation.expression));
                let values = working.values(Some(sheet.rounding()), planted);
                if values.iter().all(|(_, value)| value.is_finite()) {
                    let mut answers = asked(values, sheet.rounding());
                    // Every other one has a second mistake: half of it, or its negative.
                    let text = &mut answers
                        .iter_mut()
                        .find(|one| one.0.quantity == quantity)
                        .expect("asked")
                        .1;
                    let value: f64 = text.parse().expect("a number");
                    match count / 4 % 4 {
                        0 => *text = sheet.rounding().show(value / 2.0),
                        1 => *text = sheet.rounding().show(-value),
                        _ => {}
                    }
                    all.push(answers);
                }
            }
        }
    }
    all
}

fn marked(sheet: &Worksheet, answers: &Answers) -> Marked {
    let rows = answers
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(at, text)| format!("{},{text}\n", at.id(&sheet.example.names)));
    let text = format!("quantity,answer\n{}", rows.collect::<String>());
    let handed_in = Sheet::read(&sheet.example, &text, Format::Csv);
    let settings = Settings {
        rounding: Some(sheet.rounding()),
        stated: Stated::ALL,
        scheme: sheet.scheme(),
        asked: Vec::new(),
    };
    Marked::new(&sheet.example, &handed_in, &settings)
}

/// Opens each page, fills it in, presses the button, and reads what it says.
const FILL_IN: &str = r"
const answers = [];
async function open(source) {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'width:1200px;height:900px;border:0';
  const loaded = new Promise(done => { frame.onload = done; });
  frame.srcdoc = source;
  document.body.append(frame);
  await loaded;
  return frame;
}
(async () => {
  for (const { source, sets } of pages) {
    const frame = await open(source);
    const page = frame.contentDocument;
    for (const set of sets) {
      for (const [id, text] of set) {
        const field = page.getElementById(`answer-${id}`);
        field.value = text;
        field.dispatchEvent(new Event('input'));
      }
      page.getElementById('mark').click();
      const rows = [...page.querySelectorAll('tr[data-verdict]')].map(row => [
        row.querySelector('input').id.slice(7), row.dataset.verdict,
        row.querySelector('.comment').textContent, row.querySelector('.got').textContent,
      ]);
      answers.push({ rows, outcome: page.getElementById('outcome').textContent });
    }
    frame.remove();
  }
  const result = document.createElement('pre');
  result.id = 'result';
  result.textContent = JSON.stringify(answers);
  document.body.append(result);
})();
";

#[test]
fn the_page_says_what_mark_says() {
    let test = "the_page_says_what_mark_says";
    let mut pages = Vec::new();
    let mut expected: Vec<(String, Worksheet, Answers, Marked)> = Vec::new();
    for (name, template) in templates() {
        let mut maker = Maker::new(&template, Order::default());
        let two_steps = Order { steps: 2, ..Order::default() };
        let mut of_two_steps = Maker::new(&template, two_steps);
        for seed in 0..6 {
            let maker = if seed == 5 { &mut of_two_steps } else { &mut maker };
            let sheet = maker.sheet(seed).expect("friendly");
            let all = handed_in(&sheet, usize::try_from(seed).expect("small"));
            let sets: Vec<Value> = all
                .iter()
                .map(|answers| {
                    let id = |at: InStep| at.id(&sheet.example.names);
                    let text = |at: InStep| {
                        answers.iter().find(|one| one.0 == at).map_or("", |one| one.1.as_str())
                    };
                    sheet.lines().map(|at| json!([id(at), text(at)])).collect()
                })
                .collect();
            pages.push(json!({ "source": page(&sheet), "sets": sets }));
            for answers in all {
                let marked = marked(&sheet, &answers);
                expected.push((format!("{name} {seed}"), sheet.clone(), answers, marked));
            }
        }
    }
    let pages = Value::Array(pages).to_string().replace("</", "<\\/").replace("<!--", "<\\!--");
    let harness = format!(
        "<!DOCTYPE html><meta charset=utf-8><body><script>const pages = {pages};{FILL_IN}</script>"
    );
    let Some(result) = common::browse(test, &harness) else { return };
    let result = result.as_array().expect("a list");
    assert_eq!(result.len(), expected.len());
    assert!(expected.len() > 500, "{} sheets", expected.len());
    let (mut single, mut pairs) = (0, 0);
    let mut differences = Vec::new();
    for ((name, sheet, answers, marked), found) in expected.iter().zip(result) {
        let rows = found["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), marked.lines.len(), "{name}");
        for (line, row) in marked.lines.iter().zip(rows) {
            let id = line.at.id(&sheet.example.names);
            assert_eq!(row[0], id.as_str(), "{name}");
            let mut say = |what: &str| {
                differences.push(format!("{name}: {id} {what}: {row}, {line:?}, of {answers:?}"));
            };
            if row[1] != line.verdict.id() {
                say("verdict");
                continue;
            }
            let expected = comment(&sheet.example.names, line).replace('-', "−");
            if row[2].as_str().expect("text").replace('-', "−") != expected {
                say(&format!("comment: `{expected}`"));
            }
            match line.explanations.first().map(|one| one.fit) {
                Some(Fit::Pair) => pairs += 1,
                Some(_) => single += 1,
                None => {}
            }
        }
    }
    println!("{} sheets: {single} mistakes and {pairs} pairs named as `mark` does", expected.len());
    assert!(differences.is_empty(), "{}: {}", differences.len(), differences.join("\n"));
    assert!(single > 500 && pairs > 50, "{single} and {pairs}");
}

#[test]
fn the_page_loads_and_sends_nothing() {
    let (_, template) = templates().swap_remove(1);
    let sheet = Worksheet::new(&template, &Order::default(), 1).expect("friendly");
    let page = page(&sheet);
    for reference in
        ["src=", "url(", "@import", "<link", "fetch(", "XMLHttp", "http://", "https://"]
    {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(page.contains("default-src 'none'"), "the browser keeps it so");
}

#[test]
fn texts_stay_text() {
    let (_, template) = templates().swap_remove(1);
    let mut sheet = Worksheet::new(&template, &Order::default(), 1).expect("friendly");
    let hostile = "</script><script>document.title='broken'</script>\"' onload=alert(1)";
    sheet.example.title = hostile.to_string();
    sheet.student = Some(Student { name: hostile.to_string(), id: None });
    let page = page(&sheet);
    assert_eq!(page.matches("<script").count(), 2, "only the page's own");
    assert_eq!(page.matches("</script").count(), 2, "only the page's own");
}

#[test]
fn the_page_is_printed_with_its_marks() {
    let test = "the_page_is_printed_with_its_marks";
    let Some(chromium) = common::program(test, &["chromium", "chromium-browser", "google-chrome"])
    else {
        return;
    };
    if Command::new("pdftotext").arg("-v").output().is_err() {
        return common::skip(test, "pdftotext is not installed");
    }
    let (_, template) = templates().swap_remove(1);
    let order = Order { level: Level::Step, ..Order::default() };
    let sheet = Worksheet::new(&template, &order, 1).expect("friendly");
    let numbers: HashMap<String, String> = sheet
        .numbers(false)
        .into_iter()
        .map(|(at, value)| (at.id(&sheet.example.names), sheet.rounding().show(value)))
        .collect();
    let fill = format!(
        "<script>for (const [id, text] of Object.entries({})) field(id).value = text;\
         showMarks();</script></body>",
        json!(numbers)
    );
    let folder = common::folder(test);
    let path = folder.join("page.html");
    std::fs::write(&path, page(&sheet).replace("</body>", &fill)).expect("written");
    let pdf = folder.join("page.pdf");
    let status = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-dev-shm-usage", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("it was started a moment ago");
    assert!(pdf.exists(), "{}", String::from_utf8_lossy(&status.stderr));
    let text = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output();
    let text = text.expect("it is installed").stdout;
    let text = String::from_utf8_lossy(&text);
    let all = sheet.asked.len();
    assert!(text.contains(&format!("{all} of {all} lines right")), "{text}");
    assert!(!text.contains("Save as CSV"), "buttons are not printed");
}
