//! Names made of any texts: columns of a table, labels of classes.

use std::collections::HashSet;

use super::{Names, automatic_input, automatic_neuron};
use crate::example::reader::naming::{is_usable, on_paper};
use crate::example::reader::problem::{MOST_CHARACTERS, Role};
use crate::network::Network;
use crate::quantity::Neuron;
use crate::scalar::Scalar;

/// Beyond this many weights, names are not compared with each other.
const MOST_COMPARED: usize = 1_000_000;

impl Names {
    /// Makes names of inputs and outputs from texts of any kind, such that no
    /// two quantities have the same identifier: `bill length (mm)` becomes
    /// `bill_length_mm`. Where that cannot be done, the name is automatic. All
    /// other parts have automatic names.
    ///
    /// ```
    /// # use chainrule::{activation::Activation, names::Names, network::*};
    /// # let layer = Layer {
    /// #     activation: Activation::Softmax,
    /// #     weights: vec![vec![0.1, 0.2]; 2],
    /// #     biases: Biases::Absent,
    /// #     biases_trained: false,
    /// # };
    /// # let network = Network { layers: vec![layer] };
    /// let names = Names::of_labels(&network, &["sex=female", "2 m high"], &["yes", "loss"]);
    /// assert_eq!(names.inputs, ["sex_female", "x_2_m_high"]);
    /// assert_eq!(names.neurons[0], ["yes", "loss"]);
    /// ```
    ///
    /// # Panics
    /// If there is not one text for each input and each output.
    pub fn of_labels<S: Scalar>(
        network: &Network<S>,
        inputs: &[impl AsRef<str>],
        outputs: &[impl AsRef<str>],
    ) -> Names {
        let mut names = Names::automatic(network);
        assert_eq!(inputs.len(), names.inputs.len(), "there is a text for each input");
        assert_eq!(outputs.len(), names.outputs().len(), "there is a text for each output");
        let last = network.layers.len() - 1;
        let hidden = names.neurons[..last].iter().flatten();
        let mut taken: HashSet<String> = hidden.map(|name| key(name)).collect();
        names.inputs = inputs
            .iter()
            .enumerate()
            .map(|(index, text)| {
                choose(text.as_ref(), Role::Input, &automatic_input(index), &mut taken)
            })
            .collect();
        names.neurons[last] = outputs
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let automatic = automatic_neuron(Neuron { layer: last, index }, last + 1);
                choose(text.as_ref(), Role::Neuron, &automatic, &mut taken)
            })
            .collect();
        if last == 0 && names.has_ambiguous_weights() {
            names.neurons[0] = (0..outputs.len())
                .map(|index| automatic_neuron(Neuron { layer: 0, index }, 1))
                .collect();
            // `w_a_o1` is from `a` to `o1` only where no other input ends so.
            let clash = names.inputs.iter().any(|name| names.neurons[0].contains(name));
            if clash || names.has_ambiguous_weights() {
                names.inputs = (0..inputs.len()).map(automatic_input).collect();
            }
        }
        names
    }

    /// Gives names to answers, each a letter and a text of any kind: `p` and
    /// `not Gentoo` become `p_not_Gentoo`.
    ///
    /// For names [of labels](Self::of_labels), which leave room for the letters
    /// `p` and `y`.
    #[must_use]
    pub fn with_answers(mut self, answers: &[(char, &str)]) -> Names {
        let mut taken = HashSet::new();
        let named = answers.iter().enumerate().map(|(index, (letter, text))| {
            let automatic = format!("o{}", index + 1);
            format!("{letter}_{}", choose(text, Role::Neuron, &automatic, &mut taken))
        });
        self.answers = named.collect();
        self
    }

    /// Tells whether `w_a_b_c` leads from `a` and from `a_b`.
    fn has_ambiguous_weights(&self) -> bool {
        let (inputs, outputs) = (&self.inputs, &self.neurons[0]);
        if inputs.len().saturating_mul(outputs.len()) > MOST_COMPARED {
            return true;
        }
        let mut seen = HashSet::new();
        let mut pairs = inputs.iter().flat_map(|x| outputs.iter().map(move |o| format!("{x}_{o}")));
        !pairs.all(|pair| seen.insert(pair))
    }
}

/// Returns what two names must not have in common.
fn key(name: &str) -> String {
    on_paper(name.into()).into_owned()
}

/// Returns a name made of a text that nothing else has, or the automatic one.
fn choose(text: &str, role: Role, automatic: &str, taken: &mut HashSet<String>) -> String {
    // Room for what is put before and behind.
    let name: String = spelt(text).chars().take(MOST_CHARACTERS - 10).collect();
    let prefix = if role == Role::Input { "x_" } else { "o_" };
    let usable = |name: &String| is_usable(name, role) && !looks_automatic(name);
    let candidates = [name.clone(), format!("{prefix}{name}"), name.replace('_', "")];
    let base = candidates.into_iter().find(usable).unwrap_or_else(|| automatic.to_string());
    let numbered = (2_u32..)
        .flat_map(|number| [format!("{base}_{number}"), format!("{prefix}{base}_{number}")]);
    let mut all = std::iter::once(base.clone()).chain(numbered.filter(usable));
    all.find(|name| taken.insert(key(name))).expect("there are more numbers than names")
}

/// Replaces what a name cannot hold by `_`.
fn spelt(text: &str) -> String {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// Tells whether a name could be that of a weight, a bias or an answer, or a
/// part of one.
fn looks_automatic(name: &str) -> bool {
    let numbered = |letter: char| {
        let rest = name.strip_prefix(letter).map(|rest| rest.trim_start_matches('_'));
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    name.starts_with("w_")
        || name.starts_with("b_")
        || name.starts_with("p_")
        || name.starts_with("y_")
        || numbered('b')
        || numbered('h')
        || numbered('S')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::activation::Activation;
    use crate::explain::symbol;
    use crate::network::{Biases, Layer};

    fn network(widths: &[usize]) -> Network<f64> {
        let layers = widths.windows(2).map(|pair| Layer {
            activation: Activation::Sigmoid,
            weights: vec![vec![0.5; pair[0]]; pair[1]],
            biases: Biases::PerNeuron(vec![0.0; pair[1]]),
            biases_trained: true,
        });
        Network { layers: layers.collect() }
    }

    /// Texts that could be mistaken for others, and any text.
    fn text() -> impl Strategy<Value = String> {
        let odd = [
            "x1",
            "x_1",
            "x2",
            "h1",
            "h2",
            "h1_1",
            "h_1",
            "h1_a",
            "o1",
            "o2",
            "a",
            "b",
            "a_b",
            "b_c",
            "a_b_c",
            "w_a_b",
            "w1",
            "b1",
            "b_h1",
            "loss",
            "E",
            "eta",
            "η",
            "z_a",
            "t_a",
            "is new",
            "new",
            "after",
            "S1",
            "S_2",
            "sum_1",
            "",
            "2",
            "3.5",
            "sex=female",
            "_",
            "'",
            "x_x1",
            "x_a",
            "o_a",
            "a_2",
            "a_o1",
        ];
        prop_oneof![
            proptest::sample::select(odd.to_vec()).prop_map(String::from),
            ".{0,50}".prop_map(String::from),
        ]
    }

    fn texts() -> impl Strategy<Value = (Vec<usize>, Vec<String>, Vec<String>)> {
        (proptest::collection::vec(1..4_usize, 0..3), 1..5_usize, 1..4_usize).prop_flat_map(
            |(hidden, inputs, outputs)| {
                let widths = [vec![inputs], hidden, vec![outputs]].concat();
                let texts = |count| proptest::collection::vec(text(), count);
                (Just(widths), texts(inputs), texts(outputs))
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn no_two_quantities_have_the_same_name((widths, inputs, outputs) in texts()) {
            let network = network(&widths);
            let names = Names::of_labels(&network, &inputs, &outputs);
            for name in &names.inputs {
                prop_assert!(is_usable(name, Role::Input), "{name}");
            }
            for name in names.outputs() {
                prop_assert!(is_usable(name, Role::Neuron), "{name}");
            }
            let mut seen = HashSet::new();
            let mut symbols = HashSet::new();
            for quantity in network.quantities() {
                let id = names.id(quantity);
                prop_assert!(seen.insert(id.clone()), "`{id}` twice: {names:?}");
                let symbol = symbol::of(&names, quantity);
                prop_assert!(symbols.insert(symbol.clone()), "{symbol} twice: {names:?}");
            }
        }
    }

    #[test]
    fn readable_texts_stay_readable() {
        let inputs = ["bill_length_mm", "island=Biscoe", "body mass (g)", "sex missing"];
        let names = Names::of_labels(&network(&[4, 3, 2]), &inputs, &["Gentoo", "Adélie"]);
        assert_eq!(names.inputs, ["bill_length_mm", "island_Biscoe", "body_mass_g", "sex_missing"]);
        assert_eq!(names.neurons[1], ["Gentoo", "Adélie"]);
    }
}
