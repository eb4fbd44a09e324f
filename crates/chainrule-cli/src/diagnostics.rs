//! Shows what is wrong with a file: the line, the offending text underlined,
//! what was expected, and what to do.
//!
//! Not for finding the problems: the library does that.

use std::collections::HashSet;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use chainrule::example::{Problem, ReadError};

/// Bytes of one line between two places beyond which they are shown apart.
const NEAR: usize = 100;

/// Returns the problems of a file as text for a terminal.
pub(crate) fn render(error: &ReadError, file_name: &str, text: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut parts: Vec<String> = Vec::new();
    let mut told = HashSet::new();
    for problem in &error.problems {
        // The same slip twice needs no second lesson.
        let help = problem.help().filter(|help| told.insert(help.clone()));
        parts.push(renderer.render(&[report(problem, help, file_name, text)]));
    }
    match error.more {
        0 => {}
        1 => parts.push("and 1 more problem".to_string()),
        more => parts.push(format!("and {more} more problems")),
    }
    let mut out = parts.join("\n\n");
    out.push('\n');
    out
}

fn report<'a>(
    problem: &Problem,
    help: Option<String>,
    file_name: &'a str,
    text: &'a str,
) -> Group<'a> {
    let snippet = || Snippet::source(text).path(file_name);
    let label = Some(problem.label()).filter(|label| !label.is_empty());
    let primary = AnnotationKind::Primary.span(problem.span.clone()).label(label);
    let title = Level::ERROR.primary_title(problem.kind.to_string());
    let mut group = match &problem.related {
        None => title.element(snippet().annotation(primary)),
        Some(related) => {
            let context =
                AnnotationKind::Context.span(related.span.clone()).label(related.label.clone());
            // All that lies between two places of one line would be shown.
            let between = related.span.start.min(problem.span.start)
                ..related.span.start.max(problem.span.start);
            if between.len() > NEAR && !text[between].contains('\n') {
                title.element(snippet().annotation(primary)).element(snippet().annotation(context))
            } else {
                title.element(snippet().annotation(primary).annotation(context))
            }
        }
    };
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chainrule::example::Example;

    use super::*;

    fn rendered(name: &str, text: &str, colour: bool) -> String {
        let error = Example::from_toml(text).expect_err(name);
        render(&error, &format!("{name}.toml"), text, colour)
    }

    #[test]
    fn bad_files_are_answered_with_help() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/bad");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be listed").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.sort();
        assert!(files.len() > 40, "the bad files are there");
        for path in files {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
            let text = std::fs::read_to_string(&path).expect("it can be read");
            let report = rendered(name, &text, false);
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(name, report);
            });
        }
    }
}
