//! Cuts long MathML into pieces between which a browser can end a line.
//!
//! Browsers do not break lines inside a `math` element. A long sum is therefore
//! written as several, each beginning with its operator.

/// A formula with fewer characters than this stays in one piece.
const LONG: usize = 28;

/// Brackets around a row; those around fractions grow, and stay in one piece.
const OPEN: &str = "<mrow><mo stretchy=\"false\">(</mo>";
const CLOSE: &str = "<mo stretchy=\"false\">)</mo></mrow>";

/// Where a formula is cut.
const CUT: &str = "</math><wbr><math>";

/// Writes a formula as one or more `math` elements.
pub(super) fn math(content: &str, out: &mut String) {
    out.push_str("<math>");
    if is_long(&[content]) {
        pieces(content, out);
    } else {
        out.push_str(content);
    }
    out.push_str("</math>");
}

/// Tells whether MathML is too long to stay in one piece, by its text.
fn is_long(parts: &[&str]) -> bool {
    let mut is_tag = false;
    let letters = parts.iter().flat_map(|part| part.bytes()).filter(|&byte| {
        let is_inside = is_tag;
        is_tag = byte == b'<' || (is_tag && byte != b'>');
        // The bytes behind the first of a letter do not count.
        !is_tag && !is_inside && byte & 0xC0 != 0x80
    });
    letters.take(LONG).count() == LONG
}

/// Cuts a sum before every sign between two terms; a term that is still long,
/// before every factor; and long brackets inside.
fn pieces(content: &str, out: &mut String) {
    let start = out.len();
    for term in cut(&parts(content), &["<mo>+</mo>", "<mo>−</mo>"]) {
        let operators: &[&str] = if is_long(term) { &["<mo>·</mo>"] } else { &[] };
        for factor in cut(term, operators) {
            let opens = out.len() > start;
            if opens {
                out.push_str(CUT);
            }
            for (place, part) in factor.iter().enumerate() {
                add_part(part, opens && place == 0, out);
            }
        }
    }
}

/// Adds an element; one that opens a piece as an operator says that it stands
/// between operands.
fn add_part(part: &str, opens: bool, out: &mut String) {
    let long_inside = part
        .strip_prefix(OPEN)
        .and_then(|inner| inner.strip_suffix(CLOSE))
        .filter(|inner| is_long(&[inner]));
    match (long_inside, part.strip_prefix("<mo>")) {
        (Some(inner), _) => {
            out.push_str("<mo form=\"prefix\" stretchy=\"false\">(</mo>");
            pieces(inner, out);
            out.push_str("<mo form=\"postfix\" stretchy=\"false\">)</mo>");
        }
        (None, Some(operator)) if opens => {
            out.push_str("<mo form=\"infix\">");
            out.push_str(operator);
        }
        (None, _) => out.push_str(part),
    }
}

/// Cuts elements before each of some operators; one at the start is a sign.
fn cut<'p, 'a>(parts: &'p [&'a str], operators: &[&str]) -> impl Iterator<Item = &'p [&'a str]> {
    parts.chunk_by(move |_, part| !operators.contains(part))
}

/// Cuts a row into its elements.
fn parts(content: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut open, mut depth) = (0, 0, 0_usize);
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            b'<' => open = at,
            b'>' if content.as_bytes()[open + 1] != b'/' => depth += 1,
            b'>' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    parts.push(&content[start..=at]);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{CLOSE, OPEN};

    fn math(content: &str) -> String {
        let mut out = String::new();
        super::math(content, &mut out);
        out
    }

    #[test]
    fn a_long_sum_is_cut_before_its_operators_and_nothing_is_lost() {
        let term = "<msub><mi>w</mi><mi>a_name_of_31_letters_with_subscript</mi></msub><mo>·</mo><mi>a</mi>";
        let sum = format!(
            "{OPEN}<mrow><mo>−</mo><mn>0.5</mn></mrow><mo>+</mo>{term}{CLOSE}\
             <mo>·</mo><mfrac><mn>1</mn><mrow><mn>2</mn><mo>+</mo><mn>3</mn></mrow></mfrac>"
        );
        let written = math(&sum);
        let text = |xml: &str| {
            let mut is_tag = false;
            xml.chars()
                .filter(|&letter| {
                    is_tag = letter == '<' || (is_tag && letter != '>');
                    !is_tag && letter != '>'
                })
                .collect::<String>()
        };
        assert_eq!(text(&written), text(&sum));
        // (−0.5 | + w | · a) | · 1/(2 + 3)
        assert_eq!(written.matches("<math").count(), 4, "{written}");
        let short = "<mi>w</mi><mo>·</mo><mi>activation</mi>";
        let sum = [short; 4].join("<mo>+</mo>");
        assert_eq!(math(&sum).matches("<math").count(), 4, "one piece for each term");
        assert!(!math("<mi>a</mi><mo>+</mo><mi>b</mi>").contains("<wbr>"));
    }
}
