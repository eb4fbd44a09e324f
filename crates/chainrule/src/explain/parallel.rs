//! Lines of working laid out by all cores: a large network has a hundred
//! thousand of them, or a few that are pages long.

use std::io::{self, Write};

use rayon::prelude::*;

use super::Line;

/// How many lines are laid out before they are written.
const AT_ONCE: usize = 8192;
/// How many of them a core takes at a time.
const PART: usize = 32;

/// Writes lines, each as `write` does.
pub(super) fn write_lines<'a>(
    lines: impl Iterator<Item = Line<'a>>,
    out: &mut dyn Write,
    write: impl Fn(&Line<'a>, &mut dyn Write) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let laid_out = |part: &[Line<'a>]| {
        let mut bytes = Vec::new();
        part.iter().try_for_each(|line| write(line, &mut bytes)).map(|()| bytes)
    };
    in_parts(lines, laid_out, |bytes| out.write_all(&bytes?))
}

/// Works on lines part by part, and takes the results in the lines' order.
pub(super) fn in_parts<'a, T: Send>(
    mut lines: impl Iterator<Item = Line<'a>>,
    work: impl Fn(&[Line<'a>]) -> T + Sync,
    mut take: impl FnMut(T) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let batch: Vec<Line> = lines.by_ref().take(AT_ONCE).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let results: Vec<T> = batch.par_chunks(PART).map(&work).collect();
        results.into_iter().try_for_each(&mut take)?;
    }
}
