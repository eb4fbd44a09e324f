//! Writes expressions out: with symbols or with numbers put in, as text,
//! LaTeX, MathML or Typst.
//!
//! All notations share one walk over the tree, so that brackets stand in the
//! same places in each.

use std::fmt::Write;

use crate::explain::symbol;
use crate::names::Names;
use crate::rounding::Rounding;
use crate::scalar::worked::{Entry, Function, Node, NodeId, Origin, Page};

/// How an expression is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// A line of text: `1 / (1 + e^(-z_top))`.
    Text,
    /// LaTeX mathematics, without the dollar signs.
    Latex,
    /// Presentation MathML, without the `math` element.
    MathMl,
    /// Mathematics of Typst, without the dollar signs.
    Typst,
}

/// What stands for a named number in a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Its symbol.
    Symbols,
    /// Its value.
    Numbers,
}

/// A writer of expressions.
#[derive(Clone, Copy, Debug)]
pub struct Formula<'a> {
    /// The page the expressions stand on.
    pub page: &'a Page,
    /// The names of the quantities.
    pub names: &'a Names,
    /// How many places computed numbers are shown with.
    pub shown: Rounding,
    /// Symbols or numbers.
    pub view: View,
    /// Text, LaTeX, MathML or Typst.
    pub notation: Notation,
}

/// How tightly an expression holds together; brackets go around what is looser
/// than its place allows.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binding {
    Sum,
    Negative,
    Product,
    Power,
    Atom,
}

impl Formula<'_> {
    /// Writes one expression.
    pub fn write(&self, node: NodeId, out: &mut String) {
        match self.page.node(node) {
            Node::Named(entry) => {
                let entry = self.page.entry(entry);
                match self.view {
                    View::Symbols => {
                        symbol::write(&self.names.symbol(entry.quantity), self.notation, out);
                    }
                    View::Numbers => {
                        self.value(&entry, out);
                    }
                }
            }
            Node::Constant(value) => constant(value, self.notation, out),
            Node::Negate(x) => {
                self.operator("-", out);
                match self.page.node(x) {
                    Node::Multiply(..) => self.product(x, false, out),
                    _ => self.operand(x, Binding::Product, false, out),
                }
            }
            Node::Add(..) | Node::Subtract(..) => self.sum(node, out),
            Node::Multiply(..) => self.product(node, true, out),
            Node::Divide(x, y) => self.quotient(x, y, out),
            Node::Apply(function, x) => self.function(function, x, out),
            Node::Case { chosen, .. } => self.write(chosen, out),
        }
    }

    /// Writes the conditions that decided between cases, `z_top > 0`, in the
    /// order they stand in the expression, each once.
    pub fn conditions(&self, node: NodeId) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            match self.page.node(id) {
                Node::Named(_) | Node::Constant(_) => {}
                Node::Negate(x) | Node::Apply(_, x) => open.push(x),
                Node::Add(x, y)
                | Node::Subtract(x, y)
                | Node::Multiply(x, y)
                | Node::Divide(x, y) => {
                    open.push(y);
                    open.push(x);
                }
                Node::Case { condition, is_positive, chosen, .. } => {
                    let mut text = String::new();
                    self.write(condition, &mut text);
                    self.relation(is_positive, &mut text);
                    if !found.contains(&text) {
                        found.push(text);
                    }
                    open.push(chosen);
                }
            }
        }
        found
    }

    /// Writes the value of a named number: a given one as it was given, a
    /// computed one rounded. Returns how tightly it holds together as written.
    fn value(&self, entry: &Entry, out: &mut String) -> Binding {
        let start = out.len();
        if entry.origin == Origin::Given {
            write_plain(entry.value, out);
        } else {
            self.shown.write(entry.value, out);
        }
        let text = &out[start..];
        let binding = if text.starts_with('-') {
            Binding::Negative
        } else if text.bytes().any(|byte| byte == b'e') {
            Binding::Product
        } else {
            Binding::Atom
        };
        if self.notation != Notation::Text {
            let text = out.split_off(start);
            number(&text, self.notation, out);
        }
        binding
    }

    /// `x + y − …`: walks down the left side without recursion, for sums are
    /// as long as a layer is wide.
    fn sum(&self, node: NodeId, out: &mut String) {
        let mut terms = Vec::new();
        let mut first = node;
        loop {
            match self.page.node(first) {
                Node::Add(x, y) => {
                    terms.push((" + ", y));
                    first = x;
                }
                Node::Subtract(x, y) => {
                    terms.push((" - ", y));
                    first = x;
                }
                _ => break,
            }
        }
        self.operand(first, Binding::Sum, true, out);
        for &(sign, term) in terms.iter().rev() {
            self.operator(sign, out);
            self.operand(term, Binding::Product, false, out);
        }
    }

    /// `x·y·…`: multiplication is associative, so no factor needs brackets for
    /// being a product itself. Unless it `is_first` in its place, brackets part
    /// its minus sign from the one before.
    fn product(&self, node: NodeId, is_first: bool, out: &mut String) {
        let Node::Multiply(x, y) = self.page.node(node) else {
            return self.operand(node, Binding::Negative, is_first, out);
        };
        self.product(x, is_first, out);
        self.factor(y, out);
    }

    fn factor(&self, node: NodeId, out: &mut String) {
        if let Node::Multiply(x, y) = self.page.node(node) {
            self.factor(x, out);
            self.factor(y, out);
        } else {
            self.operator("·", out);
            let is_quotient = matches!(self.page.node(node), Node::Divide(..));
            let least = if is_quotient { Binding::Atom } else { Binding::Product };
            self.operand(node, least, false, out);
        }
    }

    fn quotient(&self, x: NodeId, y: NodeId, out: &mut String) {
        match self.notation {
            Notation::Text => {
                self.operand(x, Binding::Product, true, out);
                self.operator(" / ", out);
                self.operand(y, Binding::Power, false, out);
            }
            Notation::Latex => {
                out.push_str("\\frac{");
                self.write(x, out);
                out.push_str("}{");
                self.write(y, out);
                out.push('}');
            }
            Notation::MathMl => {
                out.push_str("<mfrac>");
                self.row(x, out);
                self.row(y, out);
                out.push_str("</mfrac>");
            }
            Notation::Typst => {
                out.push_str("frac(");
                self.write(x, out);
                out.push_str(", ");
                self.write(y, out);
                out.push(')');
            }
        }
    }

    fn function(&self, function: Function, x: NodeId, out: &mut String) {
        match function {
            Function::Square => {
                if self.notation == Notation::MathMl {
                    out.push_str("<msup><mrow>");
                }
                self.operand(x, Binding::Atom, false, out);
                out.push_str(match self.notation {
                    Notation::Text => "²",
                    Notation::Latex => "^{2}",
                    Notation::Typst => "^2",
                    Notation::MathMl => "</mrow><mn>2</mn></msup>",
                });
            }
            Function::Exp => self.power_of_e(x, out),
            Function::ExpMinusOne => {
                self.power_of_e(x, out);
                self.operator(" - ", out);
                constant(1.0, self.notation, out);
            }
            Function::Softplus => {
                self.call("ln", out, |out| {
                    constant(1.0, self.notation, out);
                    self.operator(" + ", out);
                    self.power_of_e(x, out);
                });
            }
            Function::Ln => self.call("ln", out, |out| self.write(x, out)),
            Function::Tanh => self.call("tanh", out, |out| self.write(x, out)),
            Function::NormalCdf => self.call("Φ", out, |out| self.write(x, out)),
            Function::NormalDensity => self.call("φ", out, |out| self.write(x, out)),
        }
    }

    fn power_of_e(&self, x: NodeId, out: &mut String) {
        match self.notation {
            Notation::Text => {
                out.push_str("e^");
                self.operand(x, Binding::Atom, false, out);
            }
            Notation::Latex => {
                out.push_str("e^{");
                self.write(x, out);
                out.push('}');
            }
            Notation::MathMl => {
                out.push_str("<msup><mi>e</mi>");
                self.row(x, out);
                out.push_str("</msup>");
            }
            Notation::Typst => {
                out.push_str("e^(");
                self.write(x, out);
                out.push(')');
            }
        }
    }

    /// Writes an operand, in brackets where it is looser than `least`, or
    /// would put its minus sign right behind an operator.
    fn operand(&self, node: NodeId, least: Binding, is_first: bool, out: &mut String) {
        let start = out.len();
        let named = match (self.page.node(node), self.view) {
            (Node::Named(entry), View::Numbers) => Some(entry),
            _ => None,
        };
        let (binding, starts_with_minus) = if let Some(entry) = named {
            // How a number holds together is seen once it is written.
            let binding = self.value(&self.page.entry(entry), out);
            (binding, binding == Binding::Negative)
        } else {
            self.write(node, out);
            (self.binding(node), !is_first && self.starts_with_minus(node))
        };
        if binding < least || (!is_first && starts_with_minus) {
            self.enclose(start, out);
        }
    }

    fn binding(&self, node: NodeId) -> Binding {
        match self.page.node(node) {
            Node::Named(entry) => match self.view {
                View::Symbols => Binding::Atom,
                View::Numbers => self.binding_of_value(&self.page.entry(entry)),
            },
            Node::Constant(value) if value < 0.0 => Binding::Negative,
            Node::Constant(_) => Binding::Atom,
            Node::Negate(_) => Binding::Negative,
            Node::Add(..) | Node::Subtract(..) | Node::Apply(Function::ExpMinusOne, _) => {
                Binding::Sum
            }
            Node::Multiply(..) | Node::Divide(..) => Binding::Product,
            Node::Apply(Function::Square | Function::Exp, _) => Binding::Power,
            Node::Apply(..) => Binding::Atom,
            Node::Case { chosen, .. } => self.binding(chosen),
        }
    }

    /// Tells how tightly a number holds together as it is written.
    fn binding_of_value(&self, entry: &Entry) -> Binding {
        let has_no_exponent = (1e-4..1e14).contains(&entry.value.abs());
        // Most need not be written out to know; rounded to zero, a negative
        // number loses its sign.
        match (entry.origin, has_no_exponent) {
            (_, true) if entry.value > 0.0 => return Binding::Atom,
            (Origin::Given, true) => return Binding::Negative,
            _ => {}
        }
        Formula { notation: Notation::Text, ..*self }.value(entry, &mut String::new())
    }

    fn starts_with_minus(&self, node: NodeId) -> bool {
        match self.page.node(node) {
            Node::Named(_) | Node::Constant(_) | Node::Negate(_) => {
                self.binding(node) == Binding::Negative
            }
            Node::Multiply(x, _) => self.starts_with_minus(x),
            Node::Divide(x, _) => self.notation == Notation::Text && self.starts_with_minus(x),
            Node::Case { chosen, .. } => self.starts_with_minus(chosen),
            // Sums stand in brackets wherever a minus sign could follow an operator.
            Node::Add(..) | Node::Subtract(..) | Node::Apply(..) => false,
        }
    }

    fn operator(&self, sign: &str, out: &mut String) {
        match (self.notation, sign) {
            (Notation::Text, _) => out.push_str(sign),
            (Notation::Latex, "·") => out.push_str(" \\cdot "),
            // `dot(…)` would be an accent.
            (Notation::Typst, "·") => out.push_str(" ⋅ "),
            (Notation::Latex | Notation::Typst, _) => out.push_str(sign),
            (Notation::MathMl, _) => {
                out.push_str("<mo>");
                out.push_str(if sign.trim() == "-" { "−" } else { sign.trim() });
                out.push_str("</mo>");
            }
        }
    }

    fn relation(&self, is_positive: bool, out: &mut String) {
        out.push_str(match (self.notation, is_positive) {
            (Notation::Text, true) => " > 0",
            (Notation::Text, false) => " ≤ 0",
            (Notation::Latex, true) => " > 0",
            (Notation::Latex, false) => " \\le 0",
            (Notation::Typst, true) => " > 0",
            (Notation::Typst, false) => " <= 0",
            (Notation::MathMl, true) => "<mo>&gt;</mo><mn>0</mn>",
            (Notation::MathMl, false) => "<mo>≤</mo><mn>0</mn>",
        });
    }

    /// Puts what was written from `start` on in brackets.
    fn enclose(&self, start: usize, out: &mut String) {
        let inner = &out[start..];
        // TeX breaks no line between \left and \right: only fractions need them.
        let (open, close) = match self.notation {
            Notation::Latex if inner.contains("frac{") => ("\\left(", "\\right)"),
            Notation::Text | Notation::Latex | Notation::Typst => ("(", ")"),
            Notation::MathMl if inner.contains("<mfrac>") => {
                ("<mrow><mo>(</mo>", "<mo>)</mo></mrow>")
            }
            Notation::MathMl => {
                ("<mrow><mo stretchy=\"false\">(</mo>", "<mo stretchy=\"false\">)</mo></mrow>")
            }
        };
        out.insert_str(start, open);
        out.push_str(close);
    }

    fn call(&self, name: &str, out: &mut String, argument: impl FnOnce(&mut String)) {
        match (self.notation, name) {
            (Notation::Text | Notation::Typst, _) => out.push_str(name),
            (Notation::Latex, "Φ") => out.push_str("\\Phi"),
            (Notation::Latex, "φ") => out.push_str("\\varphi"),
            (Notation::Latex, _) => {
                out.push('\\');
                out.push_str(name);
            }
            (Notation::MathMl, _) => {
                out.push_str("<mi>");
                out.push_str(name);
                out.push_str("</mi><mo>&#x2061;</mo>");
            }
        }
        let start = out.len();
        argument(out);
        self.enclose(start, out);
    }

    fn row(&self, x: NodeId, out: &mut String) {
        out.push_str("<mrow>");
        self.write(x, out);
        out.push_str("</mrow>");
    }
}

/// Returns a number written the shortest way that says all of it.
pub fn plain(value: f64) -> String {
    let mut out = String::with_capacity(24);
    write_plain(value, &mut out);
    out
}

fn write_plain(value: f64, out: &mut String) {
    if value == 0.0 || (1e-5..1e15).contains(&value.abs()) {
        let _ = write!(out, "{}", value + 0.0);
    } else if value.is_finite() {
        let _ = write!(out, "{value:e}");
    } else {
        Rounding::Digits(1).write(value, out);
    }
}

/// Writes a decimal number, which may have a sign and an exponent.
pub fn number(text: &str, notation: Notation, out: &mut String) {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    match notation {
        Notation::Text => out.push_str(text),
        Notation::Latex => {
            out.push_str(&mantissa.replace('∞', "\\infty"));
            if let Some(exponent) = exponent {
                out.push_str(" \\cdot 10^{");
                out.push_str(exponent);
                out.push('}');
            }
        }
        Notation::Typst => {
            out.push_str(mantissa);
            if let Some(exponent) = exponent {
                out.push_str(&format!(" ⋅ 10^({exponent})"));
            }
        }
        Notation::MathMl => {
            // A row of its own: no line may end inside a number.
            out.push_str("<mrow>");
            let digits = match mantissa.strip_prefix('-') {
                Some(digits) => {
                    out.push_str("<mo>−</mo>");
                    digits
                }
                None => mantissa,
            };
            out.push_str("<mn>");
            out.push_str(digits);
            out.push_str("</mn>");
            if let Some(exponent) = exponent {
                out.push_str("<mo>·</mo><msup><mn>10</mn><mn>");
                out.push_str(&exponent.replace('-', "−"));
                out.push_str("</mn></msup>");
            }
            out.push_str("</mrow>");
        }
    }
}

/// Writes a constant of the formula; a half is written ½.
fn constant(value: f64, notation: Notation, out: &mut String) {
    match (notation, value) {
        (Notation::Text, 0.5) => out.push('½'),
        (Notation::Latex, 0.5) => out.push_str("\\tfrac{1}{2}"),
        (Notation::Typst, 0.5) => out.push_str("frac(1, 2)"),
        (Notation::MathMl, 0.5) => out.push_str("<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        _ => number(&plain(value), notation, out),
    }
}
