//! Shows what is wrong with a file: the line, the offending text underlined,
//! what was expected, and what to do.
//!
//! Not for finding the problems: the library does that.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use chainrule::example::{Problem, ReadError};

/// Lines between two places beyond which they are shown apart.
const NEAR: usize = 12;

/// Characters shown on either side of the start of a long line's marked text.
const WINDOW: usize = 120;

/// Returns the problems of a file as text for a terminal.
pub(crate) fn render(error: &ReadError, file_name: &str, text: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for problem in &error.problems {
        out.push_str(&renderer.render(&[group(problem, file_name, text)]));
        out.push_str("\n\n");
    }
    let count = error.problems.len() + error.more;
    if error.more > 0 {
        out.push_str(&format!("{count} problems; the first {} are shown\n", error.problems.len()));
    }
    out
}

fn group<'a>(problem: &Problem, file_name: &'a str, text: &'a str) -> Group<'a> {
    let title = Level::ERROR.primary_title(problem.kind.to_string());
    let primary = AnnotationKind::Primary.span(problem.span.clone()).label(problem.label());
    let mut snippet = Snippet::source(text).path(file_name).annotation(primary);
    if let Some(related) = &problem.related {
        snippet = snippet.annotation(
            AnnotationKind::Context.span(related.span.clone()).label(related.label.clone()),
        );
    }
    let mut group = title.element(snippet);
    if let Some(help) = problem.help() {
        group = group.element(Level::HELP.message(help));
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainrule::example::Example;
    #[test]
    fn timing() {
        for (name, sep) in [("one line", ", "), ("lines", ",\n")] {
            let row = vec!["0.123456789"; 784].join(sep);
            let rows = vec![format!("[{row}]"); 128].join(sep);
            let text = format!(
                "[[layers]]\nneurons=127\nweights = [{rows}, [0.1, nan]]\n[[layers]]\nweight=[[1]]\n[[samples]]\ninputs=[1]\ntargets=[1]\n"
            );
            let start = std::time::Instant::now();
            let error = Example::from_toml(&text).unwrap_err();
            println!("{name}: read {:?}, {} problems", start.elapsed(), error.problems.len());
            for p in &error.problems {
                let start = std::time::Instant::now();
                let one = ReadError { problems: vec![p.clone()], more: 0 };
                let out = render(&one, "net.toml", &text, false);
                println!("render {:?}", start.elapsed());
                println!("{}", out.chars().take(1500).collect::<String>());
            }
        }
    }
}
