//! Sets a symbol in text, LaTeX, MathML or Typst: `z_top`, `w1⁺`, `∂E/∂w1`.

use crate::explain::formula::Notation;
use crate::names::{Names, Subscript, Symbol};
use crate::quantity::{Neuron, Parameter, Quantity};

/// Returns the symbol of a quantity as text.
pub fn of(names: &Names, quantity: Quantity) -> String {
    let mut out = String::new();
    text(&names.symbol(quantity), &mut out);
    out
}

/// Returns what stands below a symbol as text.
pub fn below(symbol: &Symbol<'_>) -> String {
    let mut out = String::new();
    subscript(symbol.subscript, &mut out, |name, out| out.push_str(name));
    out
}

/// Writes a symbol.
pub fn write(symbol: &Symbol<'_>, notation: Notation, out: &mut String) {
    match notation {
        Notation::Text => text(symbol, out),
        Notation::Latex => latex(symbol, out),
        Notation::MathMl => mathml(symbol, out),
        Notation::Typst => typst(symbol, out),
    }
}

fn text(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("∂E/∂");
    }
    out.push_str(symbol.base);
    if symbol.has_line {
        out.push('_');
    }
    subscript(symbol.subscript, out, |name, out| out.push_str(name));
    if symbol.is_after {
        out.push('⁺');
    }
}

/// Writes what stands below, its names as `name` does.
fn subscript(subscript: Subscript<'_>, out: &mut String, name: impl Fn(&str, &mut String)) {
    match subscript {
        Subscript::None => {}
        Subscript::Name(one) => name(one, out),
        Subscript::Ends(from, to) => {
            name(from, out);
            name("_", out);
            name(to, out);
        }
        Subscript::Layer(layer) => out.push_str(&layer.to_string()),
    }
}

fn latex(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("\\frac{\\partial E}{\\partial ");
    }
    let is_upright_base = is_upright(symbol.base);
    out.push_str(if is_upright_base { "\\mathrm{" } else { "" });
    latex_letters(symbol.base, out);
    out.push_str(if is_upright_base { "}" } else { "" });
    if symbol.subscript != Subscript::None {
        let is_upright = match symbol.subscript {
            Subscript::Name(name) => is_upright(name),
            Subscript::Ends(..) => true,
            Subscript::None | Subscript::Layer(_) => false,
        };
        out.push_str(if is_upright { "_{\\mathrm{" } else { "_{" });
        subscript(symbol.subscript, out, latex_letters);
        out.push_str(if is_upright { "}}" } else { "}" });
    }
    if symbol.is_after {
        out.push_str("^{+}");
    }
    if symbol.is_gradient {
        out.push('}');
    }
}

/// Tells how LaTeX sets a name: a single letter in italics, digits as they
/// are, anything longer upright.
fn is_upright(name: &str) -> bool {
    name.chars().nth(1).is_some() && !name.bytes().all(|byte| byte.is_ascii_digit())
}

fn latex_letters(name: &str, out: &mut String) {
    name.chars().for_each(|letter| latex_letter(letter, out));
}

/// Writes one character so that every TeX engine can set it.
pub fn latex_letter(letter: char, out: &mut String) {
    if letter.is_ascii_alphanumeric() {
        out.push(letter);
    } else if let Some(command) = greek(letter) {
        out.push_str(command);
    } else {
        match letter {
            '_' => out.push_str("\\_"),
            '\'' => out.push_str("{'}"),
            // Fonts differ in what they hold; the code point is always there.
            other => out.push_str(&format!("\\text{{U+{:04X}}}", u32::from(other))),
        }
    }
}

fn mathml(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("<mfrac><mrow><mi>∂</mi><mi>E</mi></mrow><mrow><mi>∂</mi>");
    }
    let (open, close) = match (symbol.subscript != Subscript::None, symbol.is_after) {
        (true, true) => ("<msubsup><mi>", "</msubsup>"),
        (true, false) => ("<msub><mi>", "</msub>"),
        (false, true) => ("<msup><mi>", "</msup>"),
        (false, false) => ("<mrow><mi>", "</mrow>"),
    };
    out.push_str(open);
    escape_into(symbol.base, out);
    out.push_str("</mi>");
    if symbol.subscript != Subscript::None {
        out.push_str("<mi>");
        subscript(symbol.subscript, out, escape_into);
        out.push_str("</mi>");
    }
    if symbol.is_after {
        out.push_str("<mo>+</mo>");
    }
    out.push_str(close);
    if symbol.is_gradient {
        out.push_str("</mrow></mfrac>");
    }
}

fn typst(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("frac(partial E, partial ");
    }
    typst_name(symbol.base, out);
    if symbol.subscript != Subscript::None {
        out.push('_');
        typst_name(&below(symbol), out);
    }
    if symbol.is_after {
        out.push_str("^+");
    }
    if symbol.is_gradient {
        out.push(')');
    }
}

/// A single letter stands for itself, anything longer is a text.
fn typst_name(name: &str, out: &mut String) {
    let mut letters = name.chars();
    if let (Some(only), None) = (letters.next(), letters.next())
        && only.is_alphanumeric()
    {
        out.push(only);
        return;
    }
    out.push('"');
    for letter in name.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
}

/// Returns how many letters the longest symbol of a network has.
///
/// Of a large network a part stands for all.
pub(crate) fn longest(names: &Names) -> usize {
    const LOOKED_AT: usize = 64;
    let length = |symbol: Symbol<'_>| symbol.base.chars().count() + below(&symbol).chars().count();
    let mut longest = 1;
    for (layer, neurons) in names.neurons.iter().enumerate() {
        let sources = if layer == 0 { names.inputs.len() } else { names.neurons[layer - 1].len() };
        for to in 0..neurons.len().min(LOOKED_AT) {
            let neuron = Neuron { layer, index: to };
            longest = longest.max(length(names.symbol(Quantity::Delta(neuron))));
            for from in 0..sources.min(LOOKED_AT) {
                let weight = Parameter::Weight { layer, to, from };
                longest = longest.max(length(names.symbol(Quantity::Parameter(weight))));
            }
        }
    }
    longest
}

/// Replaces the characters that XML and HTML reserve.
pub fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

fn escape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Returns the LaTeX command of a Greek letter; the capitals that look Latin
/// have none and are set as those letters.
pub(crate) fn greek(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' => "\\alpha ",
        'β' => "\\beta ",
        'γ' => "\\gamma ",
        'δ' => "\\delta ",
        'ε' => "\\varepsilon ",
        'ζ' => "\\zeta ",
        'η' => "\\eta ",
        'θ' => "\\theta ",
        'ι' => "\\iota ",
        'κ' => "\\kappa ",
        'λ' => "\\lambda ",
        'μ' | 'µ' => "\\mu ",
        'ν' => "\\nu ",
        'ξ' => "\\xi ",
        'ο' => "o",
        'π' => "\\pi ",
        'ρ' => "\\rho ",
        'σ' | 'ς' => "\\sigma ",
        'τ' => "\\tau ",
        'υ' => "\\upsilon ",
        'φ' => "\\varphi ",
        'χ' => "\\chi ",
        'ψ' => "\\psi ",
        'ω' => "\\omega ",
        'Α' => "A",
        'Β' => "B",
        'Γ' => "\\Gamma ",
        'Δ' => "\\Delta ",
        'Ε' => "E",
        'Ζ' => "Z",
        'Η' => "H",
        'Θ' => "\\Theta ",
        'Ι' => "I",
        'Κ' => "K",
        'Λ' => "\\Lambda ",
        'Μ' => "M",
        'Ν' => "N",
        'Ξ' => "\\Xi ",
        'Ο' => "O",
        'Π' => "\\Pi ",
        'Ρ' => "P",
        'Σ' => "\\Sigma ",
        'Τ' => "T",
        'Υ' => "\\Upsilon ",
        'Φ' => "\\Phi ",
        'Χ' => "X",
        'Ψ' => "\\Psi ",
        'Ω' => "\\Omega ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shows_a_name_as_it_was_typed() {
        let typed = ["w1", "w_1", "W_ΩA", "top", "x12", "ab1", "a_b_c"].map(str::to_string);
        let names = Names { inputs: typed.to_vec(), ..Names::default() };
        for (index, name) in typed.iter().enumerate() {
            assert_eq!(&of(&names, Quantity::Input(index)), name);
        }
    }
}
