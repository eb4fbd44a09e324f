//! Tables from files: opening them, and what the command line says of reading.

use std::io::{self, Read};
use std::path::Path;

use chainrule_model::read::{self, Data, Decimal, Encoding, Options, Source};

use crate::args::{DATA_FORMATS, ReadArgs};
use crate::failure::Failure;
use crate::{shell, source};

/// Returns how a table is to be read.
pub(crate) fn options(args: &ReadArgs) -> Options {
    let mut options = Options {
        format: args.data_format,
        decimal: args.decimal.as_deref().map(|name| match name {
            "comma" => Decimal::Comma,
            _ => Decimal::Point,
        }),
        delimiter: args.delimiter,
        header: args.no_header.then_some(false),
        encoding: args.encoding.as_deref().map(|name| match name {
            "utf16" => Encoding::Utf16,
            "latin1" => Encoding::Latin1,
            _ => Encoding::Utf8,
        }),
        quotes: !args.no_quotes,
        ..Options::default()
    };
    options.missing.extend(args.missing.iter().cloned());
    options
}

/// Returns the options of reading as they are typed.
pub(crate) fn words(args: &ReadArgs) -> Vec<String> {
    let mut words = Vec::new();
    let format = DATA_FORMATS.iter().find(|(_, format)| Some(*format) == args.data_format);
    words.extend(format.map(|(name, _)| shell::option("data-format", name)));
    words.extend(args.decimal.as_deref().map(|name| shell::option("decimal", name)));
    if let Some(delimiter) = args.delimiter {
        let name =
            if delimiter == b'\t' { "tab".to_string() } else { char::from(delimiter).into() };
        words.push(shell::option("delimiter", &name));
    }
    let flags = [("--no-header", args.no_header), ("--no-quotes", args.no_quotes)];
    words.extend(flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| (*flag).to_string()));
    words.extend(args.encoding.as_deref().map(|name| shell::option("encoding", name)));
    if !args.missing.is_empty() {
        words.push(shell::option("missing", &args.missing.join(",")));
    }
    words
}

/// Reads a table, with its labels where they are in a file of their own.
pub(crate) fn read(data: &Path, labels: Option<&Path>, options: &Options) -> Result<Data, Failure> {
    let name = source::name(data);
    let Some(path) = labels else {
        // A file is fetched while it is parsed; what can be read once only, a
        // pipe, is taken as a whole.
        if std::fs::metadata(data).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(read::read_source(&opened(data), options)?);
        }
        return Ok(read::read(&name, &bytes(data)?, options)?);
    };
    let (images, labels) = (bytes(data)?, bytes(path)?);
    let labels_name = source::name(path);
    Ok(read::read_with_labels((&name, &images), (&labels_name, &labels), options)?)
}

/// Makes a source of a file, which is opened as often as it is read.
pub(crate) fn opened(data: &Path) -> Source<'static> {
    let path = data.to_path_buf();
    Source::seekable(&source::name(data), move || std::fs::File::open(&path))
}

/// Reads all bytes of a file, or of standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if !source::is_stdin(path) {
        return std::fs::read(path).map_err(|error| Failure::reading(path, error));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::File { action: "read", path: None, error })?;
    Ok(bytes)
}
