//! A sheet as one HTML file that is filled in and marks itself: it works from a
//! file, and no answer leaves it, for the page may load and send nothing.
//!
//! No formula is written here a second time: the page gets every line of the
//! step as a tree, every mistake and every pair of them as another tree, and
//! evaluates them with the numbers that stand in its fields.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use blocks::write_block;

use super::document::{Block, Document, Part};
use super::{Worksheet, description};
use crate::exercise::expression::{Expression, Term};
use crate::exercise::in_step::InStep;
use crate::exercise::mistakes::variations::of_formula;
use crate::exercise::mistakes::{Kind, Mistake, Variation};
use crate::exercise::report::points;
use crate::exercise::working::Working;
use crate::explain::formula::{Notation, View};
use crate::explain::symbol::escape_xml;
use crate::explain::{html, symbol};
use crate::names::Names;
use crate::quantity::Quantity;
use crate::scalar::worked::Function;

pub use blocks::write;

mod blocks;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What the page may load or send: nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      form-action 'none'; base-uri 'none'";

impl Worksheet {
    /// Tells whether a page can mark the sheet: it knows all functions but
    /// those of the normal distribution.
    pub fn can_mark_itself(&self) -> bool {
        let working = Working::new(&self.example);
        working.lines().iter().all(|line| is_plain(&line.expression))
    }

    /// Writes the page.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write_html(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = Document::new(self, Part::Sheet, Notation::MathMl);
        let mut head = Vec::new();
        html::begin(&document.title, &mut head)?;
        let head = String::from_utf8_lossy(&head)
            .replacen(
                "<meta name=\"viewport\"",
                &format!(
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
                     <meta name=\"viewport\""
                ),
                1,
            )
            .replacen("</style>", &format!("{STYLE}</style>"), 1);
        out.write_all(head.as_bytes())?;
        let name = document.student.as_deref().map_or(String::new(), escape_xml);
        writeln!(
            out,
            "<div class=\"head\"><label>Name <input id=\"student\" value=\"{name}\" \
             autocomplete=\"off\"></label><span>{} points</span>\
             <span class=\"source\">seed {}</span></div>",
            points(document.points),
            document.seed
        )?;
        // Behind what is given, the lines follow, with fields.
        let is_given = |block: &Block| matches!(block, Block::Givens(_));
        let end = document.blocks.iter().position(is_given).map_or(0, |place| place + 1);
        for block in &document.blocks[..end] {
            write_block(block, out)?;
        }
        self.fields(out)?;
        writeln!(
            out,
            "<p id=\"outcome\" class=\"outcome\" role=\"status\"></p>\n<div class=\"buttons\">\
             <button id=\"mark\" type=\"button\">Mark</button>\
             <button id=\"save\" type=\"button\">Save as CSV</button>\
             <button id=\"print\" type=\"button\">Print</button></div>\n\
             <p class=\"private\">The page marks itself; what you write stays on it.</p>"
        )?;
        let data = self.data().to_string().replace("</", "<\\/");
        writeln!(out, "<script type=\"application/json\" id=\"exercise\">{data}</script>")?;
        writeln!(out, "<script>\n{SCRIPT}</script>")?;
        html::end(out)
    }

    fn fields(&self, out: &mut dyn Write) -> io::Result<()> {
        let mistaken = self.mistaken();
        let is_solved = mistaken.is_some();
        let steps = mistaken.map_or_else(|| self.solutions(), |step| vec![step]);
        let scheme = self.scheme();
        let sections = steps.iter().flat_map(|step| step.sections().map(move |one| (step, one)));
        for (step, section) in sections {
            let title = match steps.len() {
                1 => section.title(),
                _ => format!("Step {}: {}", step.number, section.title()),
            };
            let title = escape_xml(&title);
            writeln!(out, "<section>\n<h3>{title}</h3>\n<table class=\"questions\"><tbody>")?;
            for line in section.lines() {
                let at = InStep { step: step.number, quantity: line.quantity() };
                let id = escape_xml(&at.id(&self.example.names));
                let what = description(&self.example, at);
                let label = escape_xml(&what);
                let symbol = line.symbol(Notation::MathMl);
                write!(out, "<tr><td class=\"symbol\"><math>{symbol}<mo>=</mo></math></td>")?;
                let mut value = String::new();
                if is_solved {
                    let numbers = line.formula(View::Numbers, Notation::MathMl);
                    write!(out, "<td class=\"numbers\"><math>{numbers}</math></td>")?;
                    value = line.shown();
                }
                writeln!(
                    out,
                    "<td class=\"field\"><input id=\"answer-{id}\" inputmode=\"text\" \
                     autocomplete=\"off\" spellcheck=\"false\" aria-label=\"{label}\" \
                     value=\"{value}\"></td><td class=\"what\">{label}</td>\
                     <td class=\"points\"><span class=\"got\"></span>/{}</td>\
                     <td class=\"result\"><div class=\"verdict\"></div>\
                     <div class=\"comment\"></div></td></tr>",
                    points(scheme.worth(line.quantity()))
                )?;
            }
            writeln!(out, "</tbody></table>\n</section>")?;
        }
        Ok(())
    }

    /// Returns all that the page marks with.
    fn data(&self) -> Value {
        let names = &self.example.names;
        let mut other = self.clone();
        let order = &mut other.example.convention.update_order;
        *order = order.other();
        let mut page = Formulas::default();
        let mut lines: Vec<Value> = Vec::new();
        for (step, other) in self.steps(false).iter().zip(other.steps(false)) {
            let working = &step.exact;
            page.begin(working);
            lines.extend(working.lines().iter().map(|line| {
                let quantity = line.quantity;
                let is_asked = self.asked.contains(&quantity);
                let vary = |formula: &Expression| {
                    if is_asked {
                        of_formula(&self.example, working, quantity, formula)
                    } else {
                        Vec::new()
                    }
                };
                let is_plain = |one: &Variation| is_plain(&one.expression);
                let mut mistakes = Vec::new();
                for one in vary(&line.expression).into_iter().filter(is_plain) {
                    let mut second = Vec::new();
                    for two in vary(&one.expression).into_iter().filter(is_plain) {
                        second.push(page.mistake(&two, names));
                    }
                    let mut first = page.mistake(&one, names);
                    first.push(json!(second));
                    mistakes.push(first);
                }
                let in_other = other.exact.exact(quantity).filter(|&exact| exact != line.exact);
                json!({
                    "id": step.at(quantity).id(names),
                    "step": step.number,
                    "symbol": symbol::of(names, quantity),
                    "asked": is_asked,
                    "worth": self.scheme().worth(quantity),
                    "exact": line.exact,
                    "other": in_other,
                    "formula": page.formula(&line.expression),
                    "mistakes": mistakes,
                })
            }));
        }
        let kinds = Mistake::ALL.into_iter().enumerate().map(|(rank, mistake)| {
            let is_slip = mistake.kind() == Kind::Slip;
            let kind = json!({ "rank": rank, "text": mistake.words(), "slip": is_slip });
            (mistake.id().to_string(), kind)
        });
        let scheme = self.scheme();
        let order = self.example.convention.update_order;
        json!({
            "decimals": self.order.decimals,
            "givens": page.givens.all,
            "lines": lines,
            "formulas": page.written.all,
            "texts": page.texts.all,
            "kinds": kinds.collect::<serde_json::Map<_, _>>(),
            "otherOrder": Mistake::of_other_order(order).id(),
            "carried": scheme.carried,
            "slip": scheme.slip,
            "mistake": scheme.mistake,
        })
    }
}

/// The formulas of a page, and the sentences on mistakes in them.
#[derive(Default)]
struct Formulas {
    /// Where each quantity of the step is found: a line, or a given number.
    places: HashMap<Quantity, Value>,
    lines: usize,
    givens: Interned,
    /// The parts of all formulas, each behind those that it is made of.
    written: Interned,
    texts: Interned,
}

/// Values in the order of their coming, each once.
#[derive(Default)]
struct Interned {
    all: Vec<Value>,
    places: HashMap<String, usize>,
}

impl Interned {
    /// Returns the place of a value.
    fn place(&mut self, value: Value) -> usize {
        let all = &mut self.all;
        *self.places.entry(value.to_string()).or_insert_with(|| {
            all.push(value);
            all.len() - 1
        })
    }
}

impl Formulas {
    /// Begins a step. The weights that it starts with are lines of the one before.
    fn begin(&mut self, working: &Working) {
        let before = std::mem::take(&mut self.places);
        for quantity in working.givens() {
            let made = match quantity {
                Quantity::Parameter(parameter) => before.get(&Quantity::Updated(parameter)),
                _ => None,
            };
            let place = if let Some(line) = made {
                line.clone()
            } else {
                let place = self.givens.place(json!(working.given(quantity)));
                match quantity {
                    Quantity::Input(_) => json!(["given", place, "input"]),
                    _ => json!(["given", place]),
                }
            };
            self.places.insert(quantity, place);
        }
        for line in working.lines() {
            self.places.insert(line.quantity, json!(["line", self.lines]));
            self.lines += 1;
        }
    }

    /// Returns a mistake: its name, and the places of its sentence and of the
    /// formula that comes of it.
    fn mistake(&mut self, variation: &Variation, names: &Names) -> Vec<Value> {
        let text = self.texts.place(json!(variation.named.sentence(names)));
        let formula = self.formula(&variation.expression);
        vec![json!(variation.named.mistake.id()), json!(text), json!(formula)]
    }

    /// Returns the place of a formula.
    fn formula(&mut self, expression: &Expression) -> usize {
        let value = match expression {
            Expression::Quantity(quantity) => {
                self.places.get(quantity).cloned().unwrap_or_else(|| json!(["number", null]))
            }
            Expression::Constant(value) => json!(["number", value]),
            Expression::Sum(terms) => {
                let term = |term: &Term| {
                    json!([if term.is_negative { -1 } else { 1 }, self.formula(&term.value)])
                };
                std::iter::once(json!("+")).chain(terms.iter().map(term)).collect()
            }
            Expression::Product(factors) => {
                let factors = factors.iter().map(|factor| json!(self.formula(factor)));
                std::iter::once(json!("*")).chain(factors).collect()
            }
            Expression::Quotient(x, y) => json!(["/", self.formula(x), self.formula(y)]),
            Expression::Apply(function, x) => {
                json!(["f", function_name(*function), self.formula(x)])
            }
            Expression::Case { condition, positive, otherwise } => {
                json!([
                    "if",
                    self.formula(condition),
                    self.formula(positive),
                    self.formula(otherwise)
                ])
            }
        };
        self.written.place(value)
    }
}

fn function_name(function: Function) -> &'static str {
    match function {
        Function::Square => "square",
        Function::Exp => "exp",
        Function::ExpMinusOne => "expm1",
        Function::Ln => "ln",
        Function::Tanh => "tanh",
        Function::Softplus => "softplus",
        Function::NormalCdf | Function::NormalDensity => "normal",
    }
}

/// Tells whether a page can evaluate a formula.
fn is_plain(expression: &Expression) -> bool {
    let is_of_normal = |function| matches!(function, Function::NormalCdf | Function::NormalDensity);
    !expression.applies(&is_of_normal)
}
