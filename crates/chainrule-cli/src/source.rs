//! Where an example comes from: a file, standard input, or the built-in ones;
//! and what files are called.

use std::io::{self, Read};
use std::path::Path;

use chainrule::example::{Example, builtin};
use chainrule::spelling;

use crate::args::{ChangeArgs, SourceArgs};
use crate::failure::Failure;
use crate::model_file;

/// No file of a network that a person would want explained is larger: two
/// million weights. It keeps a wrong file from filling the memory.
const MOST_BYTES: u64 = 100_000_000;

/// Reads the example that the arguments name, changed as they say.
pub(crate) fn example(args: &SourceArgs, change: &ChangeArgs) -> Result<Example, Failure> {
    let example = match (&args.file, &args.example) {
        (Some(path), _) => read(path)?,
        (None, Some(name)) => named(name)?,
        (None, None) => builtin::ALL[0].example(),
    };
    changed(example, change)
}

/// Changes an example as the arguments say.
pub(crate) fn changed(mut example: Example, change: &ChangeArgs) -> Result<Example, Failure> {
    if let Some(order) = change.update_order {
        example.convention.update_order = order;
    }
    if let Some(loss) = change.loss
        && loss != example.loss
    {
        example.check_loss(loss)?;
        example.loss = loss;
        // Published figures hold for the loss they were computed with.
        example.published.clear();
    }
    Ok(example)
}

/// Returns the index of the sample asked for.
pub(crate) fn sample(change: &ChangeArgs) -> Option<usize> {
    change.sample.map(|number| usize::try_from(number).unwrap_or(usize::MAX) - 1)
}

/// Returns a built-in example by its name.
pub(crate) fn named(name: &str) -> Result<Example, Failure> {
    Example::builtin(name).ok_or_else(|| unknown(name))
}

/// Says that there is no such example.
pub(crate) fn unknown(name: &str) -> Failure {
    let names = || builtin::ALL.iter().map(|one| one.name.to_string());
    let near = spelling::nearest(name, names());
    let help = if near.is_empty() {
        let all: Vec<String> = names().collect();
        format!("the examples are `{}`; a file is given without `--example`", all.join("`, `"))
    } else {
        format!("did you mean `{}`?", near.join("`, `"))
    };
    Failure::Usage { message: format!("there is no example `{name}`"), help: Some(help) }
}

fn read(path: &Path) -> Result<Example, Failure> {
    read_with_text(path).map(|(example, _)| example)
}

/// Reads a network file; returns its text too.
pub(crate) fn read_with_text(path: &Path) -> Result<(Example, String), Failure> {
    let text = read_text(path)?;
    Ok((of_text(path, &text)?, text))
}

/// Reads a network from the text of a file.
pub(crate) fn of_text(path: &Path, text: &str) -> Result<Example, Failure> {
    Example::from_toml(text).map_err(|error| Failure::BadFile {
        name: name(path),
        text: text.to_string(),
        error,
    })
}

/// Returns what messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_string() } else { path.display().to_string() }
}

/// Tells whether two paths lead to the same thing.
pub(crate) fn is_same(x: &Path, y: &Path) -> bool {
    match (x.canonicalize(), y.canonicalize()) {
        (Ok(x), Ok(y)) => x == y,
        _ => false,
    }
}

/// Refuses to write a result over one of the files that are read.
pub(crate) fn keep(output: &Path, inputs: &[Option<&Path>]) -> Result<(), Failure> {
    match inputs.iter().flatten().find(|input| is_same(output, input)) {
        None => Ok(()),
        Some(input) => Err(Failure::Usage {
            message: format!(
                "the result would take the place of `{}`, which is read",
                input.display()
            ),
            help: Some("choose another place: `-o FILE`".to_string()),
        }),
    }
}

/// Tells whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a text file, or standard input for `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_bytes(path)?;
    if model_file::is_model(&bytes) {
        return Err(Failure::Work {
            message: format!("{} is a model, not a text", name(path)),
            help: Some("`chainrule explain MODEL --data TABLE --row N` explains it".to_string()),
        });
    }
    text(path, bytes)
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let is_stdin = is_stdin(path);
    let file = Some(path.to_path_buf()).filter(|_| !is_stdin);
    let failed = |error| Failure::File { action: "read", path: file.clone(), error };
    let mut bytes = Vec::new();
    if is_stdin {
        io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("larger than {} MB", MOST_BYTES / 1_000_000);
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, message)));
    }
    Ok(bytes)
}

/// Returns the text of a file.
pub(crate) fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    let file = Some(path.to_path_buf()).filter(|path| !is_stdin(path));
    let failed = |error| Failure::File { action: "read", path: file.clone(), error };
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|&byte| byte == b'\n').count();
        let is_utf16 = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let message = if is_utf16 {
            "it is UTF-16 text; save it as UTF-8".to_string()
        } else {
            format!("line {line} is not UTF-8 text; save the file as UTF-8")
        };
        failed(io::Error::new(io::ErrorKind::InvalidData, message))
    })
}
