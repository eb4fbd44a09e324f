//! Sets a symbol in text, LaTeX or MathML: `z_top`, `w1⁺`, `∂E/∂w1`.

use crate::explain::formula::Notation;
use crate::names::{Names, Symbol};
use crate::quantity::{Neuron, Parameter, Quantity};

/// Returns the symbol of a quantity as text.
pub fn of(names: &Names, quantity: Quantity) -> String {
    let mut out = String::new();
    text(&names.symbol(quantity), &mut out);
    out
}

/// Writes a symbol.
pub fn write(symbol: &Symbol<'_>, notation: Notation, out: &mut String) {
    match notation {
        Notation::Text => text(symbol, out),
        Notation::Latex => latex(symbol, out),
        Notation::MathMl => mathml(symbol, out),
    }
}

fn text(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("∂E/∂");
    }
    out.push_str(&symbol.base);
    if let Some(subscript) = &symbol.subscript {
        // `w1` was typed without the line, `z_top` reads better with it.
        let is_number = subscript.bytes().all(|byte| byte.is_ascii_digit());
        if !(is_number && symbol.base.chars().count() == 1) {
            out.push('_');
        }
        out.push_str(subscript);
    }
    if symbol.is_after {
        out.push('⁺');
    }
}

fn latex(symbol: &Symbol<'_>, out: &mut String) {
    if symbol.is_gradient {
        out.push_str("\\frac{\\partial E}{\\partial ");
    }
    latex_name(&symbol.base, out);
    if let Some(subscript) = &symbol.subscript {
        out.push_str("_{");
        latex_name(subscript, out);
        out.push('}');
    }
    if symbol.is_after {
        out.push_str("^{+}");
    }
    if symbol.is_gradient {
        out.push('}');
    }
}

/// Writes a name in LaTeX mathematics: a single letter in italics, digits as
/// they are, anything longer upright.
fn latex_name(name: &str, out: &mut String) {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => latex_letter(letter, out),
        _ if name.bytes().all(|byte| byte.is_ascii_digit()) => out.push_str(name),
        _ => {
            out.push_str("\\mathrm{");
            for letter in name.chars() {
                latex_letter(letter, out);
            }
            out.push('}');
        }
    }
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
    let element = match (&symbol.subscript, symbol.is_after) {
        (Some(_), true) => "msubsup",
        (Some(_), false) => "msub",
        (None, true) => "msup",
        (None, false) => "mrow",
    };
    out.push_str(&format!("<{element}><mi>{}</mi>", escape_xml(&symbol.base)));
    if let Some(subscript) = &symbol.subscript {
        out.push_str(&format!("<mi>{}</mi>", escape_xml(subscript)));
    }
    if symbol.is_after {
        out.push_str("<mo>+</mo>");
    }
    out.push_str(&format!("</{element}>"));
    if symbol.is_gradient {
        out.push_str("</mrow></mfrac>");
    }
}

/// Returns how many letters the longest symbol of a network has.
///
/// Of a large network a part stands for all.
pub(crate) fn longest(names: &Names) -> usize {
    const LOOKED_AT: usize = 64;
    let length = |symbol: Symbol<'_>| {
        let subscript = symbol.subscript.as_ref().map_or(0, |name| name.chars().count());
        symbol.base.chars().count() + subscript
    };
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
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
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
