//! The examples that come with the program, as the files they are.
//!
//! ```
//! use chainrule::example::Example;
//!
//! let example = Example::builtin("first-example").expect("it is built in");
//! let loss = example.step().before.loss;
//! assert!((loss - 0.018_103_903_836_566_78).abs() < 1e-15);
//! ```

use super::Example;

/// A built-in example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// What it is asked for by.
    pub name: &'static str,
    /// The file, with its comments: one to start from.
    pub toml: &'static str,
}

/// All built-in examples, in the order to read them.
pub const ALL: [Builtin; 5] = [
    Builtin { name: "first-example", toml: include_str!("../../worked/first-example.toml") },
    Builtin { name: "general", toml: include_str!("../../worked/general.toml") },
    Builtin { name: "mazur", toml: include_str!("../../worked/mazur.toml") },
    Builtin { name: "han-kamber", toml: include_str!("../../worked/han-kamber.toml") },
    Builtin { name: "xor", toml: include_str!("../../worked/xor.toml") },
];

impl Builtin {
    /// Returns the built-in example of a name.
    pub fn find(name: &str) -> Option<Builtin> {
        ALL.into_iter().find(|builtin| builtin.name == name)
    }

    /// Reads the file.
    ///
    /// # Panics
    /// Never: the tests read every file.
    pub fn example(self) -> Example {
        Example::from_toml(self.toml).expect("a built-in file is without errors")
    }

    /// Returns what the example is, in a line.
    pub fn summary(self) -> String {
        self.example().title
    }
}

impl Example {
    /// Returns the built-in example of a name.
    pub fn builtin(name: &str) -> Option<Example> {
        Builtin::find(name).map(Builtin::example)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_is_read() {
        for builtin in ALL {
            if let Err(error) = Example::from_toml(builtin.toml) {
                panic!("{}:\n{error}", builtin.name);
            }
            assert!(Example::builtin(builtin.name).is_some(), "{}", builtin.name);
        }
        assert!(Example::builtin("nothing").is_none());
    }
}
