//! A recipe as text: a TOML file of settings.

use std::fmt::Write as _;

use super::{Fault, Recipe, SETTINGS};

impl Recipe {
    /// Writes every setting with a line on what it is for: a file to start
    /// from.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for setting in SETTINGS {
            let value = self.spell(setting.name).expect("every setting is spelt");
            // TOML's whole numbers end at 2⁶³; a larger seed is a text.
            let is_bare = value.parse::<i64>().is_ok()
                || value.contains('.') && value.parse::<f64>().is_ok()
                || value.parse::<bool>().is_ok();
            let value = if is_bare { value } else { format!("\"{value}\"") };
            let _ = writeln!(text, "# {}\n{} = {value}\n", setting.about, setting.name);
        }
        text
    }

    /// Changes a setting to a value of a TOML file: a number, a text, a truth
    /// value, or a list of numbers.
    ///
    /// # Errors
    /// If there is no such setting, or it cannot have this value.
    pub fn set_toml(&mut self, name: &str, value: &toml::Value) -> Result<(), Fault> {
        if let Some(text) = spelling(value) {
            return self.set(name, &text);
        }
        let fault = format!("found {}, expected a text or number", value.type_str());
        Err(Fault { setting: name.to_string(), fault })
    }
}

/// Returns a value as it would be typed on the command line.
fn spelling(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(values) if values.is_empty() => Some("none".to_string()),
        toml::Value::Array(values) => {
            let parts: Option<Vec<String>> = values.iter().map(spelling).collect();
            parts.map(|parts| parts.join(","))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a file of settings alone.
    fn from_toml(text: &str) -> Result<Recipe, Fault> {
        let mut recipe = Recipe::default();
        for (name, value) in text.parse::<toml::Table>().expect("the test's text is TOML") {
            recipe.set_toml(&name, &value)?;
        }
        Ok(recipe)
    }

    #[test]
    fn a_printed_recipe_is_read_again() {
        let mut recipe = Recipe::default();
        assert_eq!(from_toml(&recipe.to_toml()), Ok(recipe.clone()));
        let changes = [
            ("hidden", "64, 32"),
            ("activation", "tanh"),
            ("bias", "absent"),
            ("dropout", "0.25"),
            ("initialisation", "orthogonal"),
            ("loss", "quantile:tau=0.9"),
            ("optimizer", "nadam:momentum_decay=0.01"),
            ("learning_rate", "1e-3"),
            ("schedule", "cosine:warm_up=5,floor=0.01"),
            ("batch", "64"),
            ("epochs", "7"),
            ("time", "1.5m"),
            ("steps", "1000"),
            ("patience", "off"),
            ("min_improvement", "0.001"),
            ("weight_decay", "0.01"),
            ("l2", "0.1"),
            ("l1", "0.2"),
            ("clip", "norm:limit=5"),
            ("label_smoothing", "0.1"),
            ("class_weights", "balanced"),
            ("validation", "0.3"),
            ("shuffle", "false"),
            ("seed", "18446744073709551615"),
            ("threads", "2"),
            ("precision", "f64"),
        ];
        assert!(changes.iter().map(|(name, _)| *name).eq(SETTINGS.iter().map(|one| one.name)));
        for (name, value) in changes {
            let before = recipe.clone();
            recipe.set(name, value).expect(name);
            assert_ne!(recipe, before, "{name}");
            assert_eq!(from_toml(&recipe.to_toml()), Ok(recipe.clone()), "{name}");
        }
    }

    #[test]
    fn lists_and_words_of_toml_are_taken() {
        let recipe = from_toml("hidden = [64, 32]\nclip = \"value\"\nshuffle = false");
        let recipe = recipe.expect("all three are valid");
        assert_eq!(recipe.hidden, Some(vec![64, 32]));
        assert_eq!(from_toml("hidden = []").map(|recipe| recipe.hidden), Ok(Some(Vec::new())));
        let fault = from_toml("hidden = { a = 1 }").unwrap_err();
        assert_eq!(fault.to_string(), "`hidden`: found table, expected a text or number");
    }
}
