//! Cuts long MathML into pieces between which a browser can end a line.
//!
//! Browsers do not break lines inside a `math` element. A long sum is therefore
//! written as several, each beginning with its operator.

/// A formula with fewer characters than this stays in one piece.
const LONG: usize = 28;

/// Brackets around a row; those around fractions grow, and stay in one piece.
const OPEN: &str = "<mrow><mo stretchy=\"false\">(</mo>";
const CLOSE: &str = "<mo stretchy=\"false\">)</mo></mrow>";

/// Writes a formula as one or more `math` elements.
pub(super) fn math(content: &str) -> String {
    if text_length(content) < LONG {
        return format!("<math>{content}</math>");
    }
    let mut out = String::new();
    for piece in pieces(content) {
        out.push_str("<math>");
        out.push_str(&piece);
        out.push_str("</math><wbr>");
    }
    out.truncate(out.len() - "<wbr>".len());
    out
}

fn text_length(content: &str) -> usize {
    let mut is_tag = false;
    content
        .chars()
        .filter(|&letter| {
            match letter {
                '<' => is_tag = true,
                '>' => {
                    is_tag = false;
                    return false;
                }
                _ => {}
            }
            !is_tag
        })
        .count()
}

/// Cuts a sum before every sign between two terms; a term that is still long,
/// before every factor; and long brackets inside.
fn pieces(content: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for term in cut(&parts(content), &["<mo>+</mo>", "<mo>−</mo>"]) {
        let is_long = term.iter().map(|part| text_length(part)).sum::<usize>() >= LONG;
        let operators: &[&str] = if is_long { &["<mo>·</mo>"] } else { &[] };
        for factor in cut(&term, operators) {
            if pieces.last().is_some_and(|last| !last.is_empty()) {
                pieces.push(String::new());
            }
            for (place, part) in factor.iter().enumerate() {
                add_part(part, place == 0 && pieces.len() > 1, &mut pieces);
            }
        }
    }
    pieces
}

/// Adds an element to the last piece; one that opens a piece as an operator
/// says that it stands between operands.
fn add_part(part: &str, opens: bool, pieces: &mut Vec<String>) {
    let long_inside = part
        .strip_prefix(OPEN)
        .and_then(|inner| inner.strip_suffix(CLOSE))
        .filter(|inner| text_length(inner) >= LONG);
    let mut added = match long_inside {
        Some(inner) => pieces_of_bracket(inner),
        None if opens => vec![part.replacen("<mo>", "<mo form=\"infix\">", 1)],
        None => vec![part.to_string()],
    }
    .into_iter();
    if let (Some(first), Some(last)) = (added.next(), pieces.last_mut()) {
        last.push_str(&first);
    }
    pieces.extend(added);
}

/// Cuts elements before each of some operators; one at the start is a sign.
fn cut<'a>(parts: &[&'a str], operators: &[&str]) -> Vec<Vec<&'a str>> {
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    for &part in parts {
        match groups.last_mut() {
            Some(last) if last.is_empty() || !operators.contains(&part) => last.push(part),
            _ => groups.push(vec![part]),
        }
    }
    groups
}

fn pieces_of_bracket(inner: &str) -> Vec<String> {
    let mut inside = pieces(inner);
    if let Some(first) = inside.first_mut() {
        first.insert_str(0, "<mo form=\"prefix\" stretchy=\"false\">(</mo>");
    }
    if let Some(last) = inside.last_mut() {
        last.push_str("<mo form=\"postfix\" stretchy=\"false\">)</mo>");
    }
    inside
}

/// Cuts a row into its elements.
fn parts(content: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut at) = (0, 0_usize, 0);
    while let Some(length) = content[at..].find('>') {
        let open = at + content[at..].find('<').unwrap_or(0);
        at += length + 1;
        if content[open..].starts_with("</") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                parts.push(&content[start..at]);
                start = at;
            }
        } else {
            depth += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

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
