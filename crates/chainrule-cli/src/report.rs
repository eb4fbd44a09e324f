//! Reports as files: the page, and its plots.

#[cfg(feature = "png")]
mod picture;

use std::path::Path;

use chainrule_model::plot::Figure;
use chainrule_model::report::{Report, Subject};

use crate::args::ReportArgs;
use crate::failure::Failure;
use crate::{shell, source, terminal, whole};

impl ReportArgs {
    /// Tells whether there is anything to write.
    pub(crate) fn is_wanted(&self) -> bool {
        self.report.is_some() || self.plots.is_some()
    }

    /// Makes sure that the report does not take the place of another file.
    pub(crate) fn check(&self, others: &[Option<&Path>]) -> Result<(), Failure> {
        let Some(path) = &self.report else { return Ok(()) };
        let is_other = |other: &&Path| source::is_same(path, other) || *other == path.as_path();
        if others.iter().flatten().any(is_other) {
            return Err(Failure::Usage {
                message: format!("the report would take the place of `{}`", path.display()),
                help: Some("give the report a name of its own: `--report FILE.html`".to_string()),
            });
        }
        // Before the work, not after it.
        whole::check(path).map_err(|error| Failure::writing(Some(path), error))
    }

    /// Returns the options as they are typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let paths = [("report", &self.report), ("plots", &self.plots)];
        let given = paths.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?)));
        given.map(|(name, path)| shell::option(name, &path.to_string_lossy())).collect()
    }
}

/// Writes what is wanted of a report; `say` tells what was written.
pub(crate) fn write(
    args: &ReportArgs,
    subject: Subject<'_>,
    say: &impl Fn(&str),
) -> Result<(), Failure> {
    let report = Report::new(subject)?;
    if let Some(path) = &args.report {
        terminal::deliver(Some(path), |out, _| report.write(out))?;
        say(&format!("report: {}", path.display()));
    }
    if let Some(folder) = &args.plots {
        std::fs::create_dir_all(folder).map_err(|error| Failure::writing(Some(folder), error))?;
        let figures = report.figures();
        for figure in &figures {
            let svg = figure.file();
            terminal::write_file(&folder.join(format!("{}.svg", figure.name)), svg.as_bytes())?;
        }
        write_pictures(&figures, folder)?;
        let kinds = if cfg!(feature = "png") { "SVG and PNG" } else { "SVG" };
        say(&format!("plots: {}, {} figures as {kinds}", folder.display(), figures.len()));
        if cfg!(not(feature = "png")) {
            say("plots as PNG need a build with `--features full`");
        }
    }
    Ok(())
}

#[cfg(feature = "png")]
fn write_pictures(figures: &[Figure], folder: &Path) -> Result<(), Failure> {
    let renderer = picture::Renderer::default();
    for figure in figures {
        let path = folder.join(format!("{}.png", figure.name));
        let png = renderer.png(&figure.plain());
        let png =
            png.map_err(|error| Failure::writing(Some(&path), std::io::Error::other(error)))?;
        terminal::write_file(&path, &png)?;
    }
    Ok(())
}

#[cfg(not(feature = "png"))]
#[expect(clippy::unnecessary_wraps, reason = "as where there are pictures")]
fn write_pictures(_: &[Figure], _: &Path) -> Result<(), Failure> {
    Ok(())
}
