//! Writes plain text in LaTeX: ASCII only, so that every engine and font can
//! set it.

use crate::explain::symbol::greek;

/// Writes plain text; line ends become spaces.
///
/// A character that LaTeX has no command for is written as its code point.
pub(crate) fn escape(text: &str) -> String {
    on_line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Writes a piece of a line, with the spaces at its ends.
pub(super) fn on_line(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        write(letter, &mut out);
    }
    out
}

fn write(letter: char, out: &mut String) {
    match letter {
        '\\' => out.push_str("\\textbackslash{}"),
        '{' | '}' | '$' | '&' | '#' | '%' | '_' => {
            out.push('\\');
            out.push(letter);
        }
        '^' => out.push_str("\\textasciicircum{}"),
        '~' => out.push_str("\\textasciitilde{}"),
        '<' => out.push_str("\\textless{}"),
        '>' => out.push_str("\\textgreater{}"),
        '|' => out.push_str("\\textbar{}"),
        '"' => out.push_str("{''}"),
        // Never a ligature: `--` would become a dash.
        '-' | '`' | '\'' | ',' | '?' | '!' => {
            out.push(letter);
            out.push_str("{}");
        }
        '⁰' | '¹' | '⁴'..='⁹' => {
            let digit = match letter {
                '¹' => 1,
                _ => u32::from(letter) - u32::from('⁰'),
            };
            out.extend(["$^{", &digit.to_string(), "}$"]);
        }
        ' '..='~' => out.push(letter),
        letter if letter.is_control() => out.push(' '),
        _ => match (command(letter), greek(letter), accented(letter)) {
            (Some(command), _, _) => out.push_str(command),
            (_, Some(command), _) => out.extend(["$\\mathrm{", command.trim_end(), "}$"]),
            (_, _, Some((accent, base))) => out.extend(["\\", accent, "{", base, "}"]),
            _ => out.extend(["{\\small ", &format!("U+{:04X}", u32::from(letter)), "}"]),
        },
    }
}

fn command(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{a0}' => "~",
        '\u{ad}' => "\\-",
        '–' => "--",
        '—' => "---",
        '‘' => "`",
        '’' => "'",
        '“' => "``",
        '”' => "''",
        '„' => ",,",
        '…' => "\\ldots{}",
        '−' => "$-$",
        '·' | '⋅' => "$\\cdot$",
        '×' => "$\\times$",
        '±' => "$\\pm$",
        '½' => "$\\frac{1}{2}$",
        '¼' => "$\\frac{1}{4}$",
        '¾' => "$\\frac{3}{4}$",
        '²' => "$^{2}$",
        '³' => "$^{3}$",
        '⁺' => "$^{+}$",
        '⁻' => "$^{-}$",
        '∂' => "$\\partial$",
        'Σ' | '∑' => "$\\sum$",
        '√' => "$\\surd$",
        '∞' => "$\\infty$",
        '≤' => "$\\le$",
        '≥' => "$\\ge$",
        '≠' => "$\\ne$",
        '≈' => "$\\approx$",
        '→' => "$\\to$",
        '←' => "$\\leftarrow$",
        '′' => "$'$",
        '°' => "$^\\circ$",
        '§' => "\\S{}",
        '©' => "\\copyright{}",
        'ß' => "\\ss{}",
        'æ' => "\\ae{}",
        'Æ' => "\\AE{}",
        'œ' => "\\oe{}",
        'Œ' => "\\OE{}",
        'ø' => "\\o{}",
        'Ø' => "\\O{}",
        'å' => "\\aa{}",
        'Å' => "\\AA{}",
        'ł' => "\\l{}",
        'Ł' => "\\L{}",
        'ı' => "\\i{}",
        '¡' => "!`",
        '¿' => "?`",
        _ => return None,
    })
}

/// Returns the accent command and the letter below it.
fn accented(letter: char) -> Option<(&'static str, &'static str)> {
    const ACCENTS: [(&str, &str, &str); 13] = [
        ("`", "àèìòùÀÈÌÒÙǹǸ", "aeiouAEIOUnN"),
        ("'", "áéíóúýÁÉÍÓÚÝćńśźĆŃŚŹĺŕ", "aeiouyAEIOUYcnszCNSZlr"),
        ("^", "âêîôûÂÊÎÔÛĉĝĥŝŵŷĈĜĤŜŴŶ", "aeiouAEIOUcghswyCGHSWY"),
        ("~", "ãñõÃÑÕĩũĨŨ", "anoANOiuIU"),
        ("\"", "äëïöüÿÄËÏÖÜŸ", "aeiouyAEIOUY"),
        ("c", "çşţÇŞŢ", "cstCST"),
        ("v", "čďěňřšťžČĎĚŇŘŠŤŽ", "cdenrstzCDENRSTZ"),
        ("H", "őűŐŰ", "ouOU"),
        ("u", "ăğŭĂĞŬ", "aguAGU"),
        ("=", "āēīōūĀĒĪŌŪ", "aeiouAEIOU"),
        (".", "ċėġżĊĖĠŻİ", "cegzCEGZI"),
        ("r", "ůŮ", "uU"),
        ("k", "ąęįųĄĘĮŲ", "aeiuAEIU"),
    ];
    ACCENTS.iter().find_map(|&(accent, letters, bases)| {
        // Only newer font encodings have the hook of `ą`.
        let accent = if accent == "k" { "c" } else { accent };
        let place = letters.chars().position(|known| known == letter)?;
        bases.get(place..=place).map(|base| (accent, base))
    })
}
