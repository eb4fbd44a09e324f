//! Settings spelt as a word, with settings of their own where they differ from
//! the usual: `adam`, `adam:beta2=0.99,epsilon=1e-7`.
//!
//! One spelling serves the command line, the configuration file and the model
//! file. Names are those of the types themselves; their inner settings are
//! named in one `match` for each type, which reads and writes them.

use chainrule::activation::Activation;
use chainrule::loss::Loss;
use chainrule_engine::architecture::Bias;
use chainrule_engine::initialise::Initialisation;
use chainrule_engine::optimizer::Optimizer;
use chainrule_engine::schedule::Schedule;
use chainrule_engine::settings::Clip;

/// A setting inside a setting, to be read or changed.
#[derive(Debug)]
pub(crate) enum Inner<'a> {
    /// A number.
    Number(&'a mut f64),
    /// A whole number.
    Count(&'a mut usize),
}

/// A value that has a name, and settings of its own.
pub(crate) trait Spelled: Copy + PartialEq + 'static {
    /// Returns every value with its usual settings, by name.
    fn all() -> Vec<(&'static str, Self)>;

    /// Returns the settings of its own, by name.
    fn inner(&mut self) -> Vec<(&'static str, Inner<'_>)> {
        Vec::new()
    }

    /// Returns the other names of a value.
    fn aliases(self) -> &'static [&'static str] {
        &[]
    }
}

/// Reads a value from its spelling.
///
/// # Errors
/// In words: what was found, what is known.
pub(crate) fn read<T: Spelled>(text: &str) -> Result<T, String> {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let name = name.trim();
    let all = T::all();
    let known = all.iter().find(|(known, value)| *known == name || value.aliases().contains(&name));
    let Some((name, mut value)) = known.copied() else {
        let names = || all.iter().map(|(name, _)| (*name).to_string());
        return Err(format!("`{name}` is not known; {}", likely(name, names())));
    };
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, number) = part
            .split_once('=')
            .ok_or_else(|| format!("`{part}` has no value, expected `{part}=…`"))?;
        set(&mut value, name, key.trim(), number.trim())?;
    }
    Ok(value)
}

/// Changes one of the settings inside a value.
fn set<T: Spelled>(value: &mut T, name: &str, key: &str, text: &str) -> Result<(), String> {
    let inner = value.inner();
    let keys: Vec<String> = inner.iter().map(|(key, _)| (*key).to_string()).collect();
    let Some((_, inner)) = inner.into_iter().find(|(known, _)| *known == key) else {
        if keys.is_empty() {
            return Err(format!("`{name}` has no settings of its own, found `{key}`"));
        }
        return Err(format!("`{name}` has no setting `{key}`; {}", likely(key, keys)));
    };
    match inner {
        Inner::Number(number) => match text.parse() {
            Ok(found) if f64::is_finite(found) => *number = found,
            _ => return Err(format!("`{key}` of `{name}` is `{text}`, expected a number")),
        },
        Inner::Count(count) => match text.parse() {
            Ok(found) => *count = found,
            Err(_) => {
                return Err(format!("`{key}` of `{name}` is `{text}`, expected a whole number"));
            }
        },
    }
    Ok(())
}

/// Says which of the known words is likely meant, or all of them.
pub(super) fn likely(word: &str, known: impl IntoIterator<Item = String>) -> String {
    let known: Vec<String> = known.into_iter().collect();
    let near = chainrule::spelling::nearest(word, known.iter().cloned());
    if near.is_empty() {
        format!("known are `{}`", known.join("`, `"))
    } else {
        format!("did you mean `{}`?", near.join("`, `"))
    }
}

/// Spells a value: its name, and the settings that are not the usual ones.
pub(crate) fn spell<T: Spelled>(value: T) -> String {
    let (mut value, all) = (value, T::all());
    // The usual value of the same kind differs in the fewest settings.
    let candidates = all.into_iter().filter_map(|(name, mut usual)| {
        let differences = differences(&mut value, &mut usual)?;
        Some((differences.len(), name, differences))
    });
    let (_, name, differences) =
        candidates.min_by_key(|(count, ..)| *count).expect("every kind of value is listed");
    if differences.is_empty() {
        name.to_string()
    } else {
        format!("{name}:{}", differences.join(","))
    }
}

/// Returns the settings in which a value differs from another of its kind;
/// nothing where they are of two kinds.
fn differences<T: Spelled>(value: &mut T, usual: &mut T) -> Option<Vec<String>> {
    let mut changed = *usual;
    let mut differences = Vec::new();
    let inner = value.inner();
    let same_keys = inner.iter().map(|(key, _)| *key).eq(usual.inner().iter().map(|(key, _)| *key));
    if !same_keys {
        return None;
    }
    for ((key, found), (_, to)) in inner.into_iter().zip(changed.inner()) {
        match (found, to) {
            (Inner::Number(found), Inner::Number(to)) if found != to => {
                differences.push(format!("{key}={found}"));
                *to = *found;
            }
            (Inner::Count(found), Inner::Count(to)) if found != to => {
                differences.push(format!("{key}={found}"));
                *to = *found;
            }
            _ => {}
        }
    }
    (changed == *value).then_some(differences)
}

impl Spelled for Optimizer {
    fn all() -> Vec<(&'static str, Optimizer)> {
        Optimizer::ALL.to_vec()
    }

    fn inner(&mut self) -> Vec<(&'static str, Inner<'_>)> {
        use Inner::{Count, Number};
        match self {
            Optimizer::Sgd { momentum, .. } => vec![("momentum", Number(momentum))],
            Optimizer::AdaGrad { epsilon } => vec![("epsilon", Number(epsilon))],
            Optimizer::RmsProp { decay, epsilon } => {
                vec![("decay", Number(decay)), ("epsilon", Number(epsilon))]
            }
            Optimizer::Adam { beta1, beta2, epsilon } => vec![
                ("beta1", Number(beta1)),
                ("beta2", Number(beta2)),
                ("epsilon", Number(epsilon)),
            ],
            Optimizer::AdamW { beta1, beta2, epsilon, decay } => vec![
                ("beta1", Number(beta1)),
                ("beta2", Number(beta2)),
                ("epsilon", Number(epsilon)),
                ("decay", Number(decay)),
            ],
            Optimizer::Nadam { beta1, beta2, epsilon, momentum_decay } => vec![
                ("beta1", Number(beta1)),
                ("beta2", Number(beta2)),
                ("epsilon", Number(epsilon)),
                ("momentum_decay", Number(momentum_decay)),
            ],
            Optimizer::Rprop { growth, shrink, smallest, largest } => vec![
                ("growth", Number(growth)),
                ("shrink", Number(shrink)),
                ("smallest", Number(smallest)),
                ("largest", Number(largest)),
            ],
            Optimizer::Quickprop { growth } => vec![("growth", Number(growth))],
            Optimizer::Lbfgs { history } => vec![("history", Count(history))],
            Optimizer::LevenbergMarquardt { damping, factor } => {
                vec![("damping", Number(damping)), ("factor", Number(factor))]
            }
            _ => Vec::new(),
        }
    }
}

impl Spelled for Schedule {
    fn all() -> Vec<(&'static str, Schedule)> {
        vec![
            ("constant", Schedule::Constant),
            ("step", Schedule::Step { every: 30, factor: 0.1 }),
            ("exponential", Schedule::Exponential { factor: 0.95 }),
            ("inverse", Schedule::Inverse { decay: 0.1 }),
            ("cosine", Schedule::Cosine { warm_up: 0.0, floor: 0.0 }),
            ("one-cycle", Schedule::OneCycle { rise: 0.3, start: 0.04, end: 4e-6 }),
            ("plateau", Schedule::PLATEAU),
        ]
    }

    fn inner(&mut self) -> Vec<(&'static str, Inner<'_>)> {
        use Inner::{Count, Number};
        match self {
            Schedule::Step { every, factor } => {
                vec![("every", Count(every)), ("factor", Number(factor))]
            }
            Schedule::Exponential { factor } => vec![("factor", Number(factor))],
            Schedule::Inverse { decay } => vec![("decay", Number(decay))],
            Schedule::Cosine { warm_up, floor } => {
                vec![("warm_up", Number(warm_up)), ("floor", Number(floor))]
            }
            Schedule::OneCycle { rise, start, end } => {
                vec![("rise", Number(rise)), ("start", Number(start)), ("end", Number(end))]
            }
            Schedule::Plateau { factor, patience } => {
                vec![("factor", Number(factor)), ("patience", Count(patience))]
            }
            _ => Vec::new(),
        }
    }
}

impl Spelled for Loss {
    fn all() -> Vec<(&'static str, Loss)> {
        Loss::ALL.map(|loss| (loss.name(), loss)).to_vec()
    }

    fn inner(&mut self) -> Vec<(&'static str, Inner<'_>)> {
        match self {
            Loss::Quantile { tau } => vec![("tau", Inner::Number(tau))],
            _ => Vec::new(),
        }
    }

    fn aliases(self) -> &'static [&'static str] {
        Loss::aliases(self)
    }
}

impl Spelled for Clip {
    fn all() -> Vec<(&'static str, Clip)> {
        vec![("off", Clip::Off), ("norm", Clip::Norm(1.0)), ("value", Clip::Value(1.0))]
    }

    fn inner(&mut self) -> Vec<(&'static str, Inner<'_>)> {
        match self {
            Clip::Off => Vec::new(),
            Clip::Norm(limit) | Clip::Value(limit) => vec![("limit", Inner::Number(limit))],
        }
    }
}

impl Spelled for Activation {
    fn all() -> Vec<(&'static str, Activation)> {
        Activation::ALL.map(|activation| (activation.name(), activation)).to_vec()
    }
}

impl Spelled for Initialisation {
    fn all() -> Vec<(&'static str, Initialisation)> {
        Initialisation::ALL.map(|one| (one.name(), one)).to_vec()
    }
}

impl Spelled for Bias {
    fn all() -> Vec<(&'static str, Bias)> {
        vec![("trained", Bias::Trained), ("frozen", Bias::Frozen), ("absent", Bias::Absent)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trips<T: Spelled + std::fmt::Debug>() {
        for (name, value) in T::all() {
            assert_eq!(spell(value), name);
            assert_eq!(read::<T>(name), Ok(value));
            let keys: Vec<&str> = { value }.inner().iter().map(|(key, _)| *key).collect();
            for key in keys {
                let text = format!("{name}:{key}=7");
                let changed = read::<T>(&text).expect("7 is a number and a count");
                assert_ne!(changed, value, "{text}");
                assert_eq!(read::<T>(&spell(changed)), Ok(changed), "{text}");
            }
        }
    }

    #[test]
    fn what_is_spelt_is_read_again() {
        round_trips::<Optimizer>();
        round_trips::<Schedule>();
        round_trips::<Loss>();
        round_trips::<Clip>();
        round_trips::<Activation>();
        round_trips::<Initialisation>();
        round_trips::<Bias>();
    }

    #[test]
    fn settings_are_added_to_the_name() {
        let adam = Optimizer::Adam { beta1: 0.9, beta2: 0.99, epsilon: 1e-7 };
        assert_eq!(read("adam: beta2=0.99, epsilon=1e-7"), Ok(adam));
        assert_eq!(spell(adam), "adam:beta2=0.99,epsilon=0.0000001");
        assert_eq!(read("mse"), Ok(Loss::MeanSquared));
    }

    #[test]
    fn mistakes_are_told_with_what_is_known() {
        let table = [
            ("adma", "`adma` is not known; did you mean `adam`, `adamw`, `nadam`?"),
            ("adam:beta3=1", "`adam` has no setting `beta3`; did you mean `beta1`, `beta2`?"),
            ("adam:beta1", "`beta1` has no value, expected `beta1=…`"),
            ("adam:beta1=x", "`beta1` of `adam` is `x`, expected a number"),
            ("lbfgs:history=1.5", "`history` of `lbfgs` is `1.5`, expected a whole number"),
        ];
        for (text, expected) in table {
            assert_eq!(read::<Optimizer>(text).unwrap_err(), expected);
        }
        assert_eq!(
            read::<Clip>("off:x=1").unwrap_err(),
            "`off` has no settings of its own, found `x`"
        );
    }
}
