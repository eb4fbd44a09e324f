//! "Did you mean": the known words nearest to one that is not known.

/// Returns up to three of the `known` words that are likely meant by `word`,
/// nearest first.
///
/// ```
/// use chainrule::spelling::nearest;
/// let known = ["weights", "biases", "activation"].map(String::from);
/// assert_eq!(nearest("weihgts", known.clone()), ["weights"]);
/// assert!(nearest("seed", known).is_empty());
/// ```
pub fn nearest(word: &str, known: impl IntoIterator<Item = String>) -> Vec<String> {
    // A third of the letters may be wrong: `sigmod`, but not `tanh` for `relu`.
    let most = word.chars().count().div_ceil(3);
    let word = word.to_lowercase();
    let mut near: Vec<(usize, String)> = known
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
            (distance <= most).then_some((distance, candidate))
        })
        .collect();
    near.sort();
    near.truncate(3);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}
