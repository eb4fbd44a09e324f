//! Arguments: `--name value` pairs.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// What went wrong, for a person to read.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The pairs that were given and not yet taken.
pub(crate) struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Reads pairs.
    pub(crate) fn new(words: &[String]) -> Result<Arguments, Failure> {
        let mut pairs = BTreeMap::new();
        for pair in words.chunks(2) {
            match pair {
                [name, value] if name.starts_with("--") => {
                    pairs.insert(name[2..].to_string(), value.clone());
                }
                _ => return Err(format!("`{}`: expected `--name value`", pair.join(" ")).into()),
            }
        }
        Ok(Arguments(pairs))
    }

    /// Takes a value that need not be there.
    pub(crate) fn take<V>(&mut self, name: &str) -> Result<Option<V>, Failure>
    where
        V: FromStr,
        V::Err: Display,
    {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(format!("--{name} `{text}`: {error}").into()),
        }
    }

    /// Takes a value that must be there.
    pub(crate) fn need<V>(&mut self, name: &str) -> Result<V, Failure>
    where
        V: FromStr,
        V::Err: Display,
    {
        self.take(name)?.ok_or_else(|| format!("--{name} is missing").into())
    }

    /// Takes a value that is one of several by name.
    pub(crate) fn choose<V>(
        &mut self,
        name: &str,
        all: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Result<Option<V>, Failure> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        let all: Vec<_> = all.into_iter().collect();
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        match names.iter().position(|known| *known == text) {
            Some(index) => Ok(all.into_iter().nth(index).map(|(_, value)| value)),
            None => Err(format!("--{name} `{text}`: expected {}", names.join(", ")).into()),
        }
    }

    /// Complains about what nobody took.
    pub(crate) fn end(self) -> Result<(), Failure> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("there is no --{name}").into()),
        }
    }
}
