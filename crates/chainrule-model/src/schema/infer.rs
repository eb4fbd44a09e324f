//! The decisions: from what was seen and what the user says to a role and a
//! kind for every column.

use super::survey::{Profile, Survey};
use super::{Choices, Kind, Plan, Reason, Role, Schema, Task};
use crate::cell::word_of;
use crate::error::Error;
use crate::place::shown;

/// Text with more different values is no category.
const MOST_CATEGORIES: usize = 1000;
/// Text with at most so many different values is a category even in a table of
/// few rows.
const FEW_CATEGORIES: usize = 10;
/// Whole numbers of a target with at most so many different ones are classes.
const FEW_CLASSES: usize = 20;
/// A column of text in which this share of cells are numbers was meant to hold
/// numbers: a stray word must not turn it into categories.
const MEANT_AS_NUMBERS: f64 = 0.9;
/// Numbers that count fewer rows than this may well mean something.
const FEWEST_COUNTED: u64 = 20;
/// Training needs at least so many rows.
const FEWEST_ROWS: u64 = 2;

/// What a column became.
type Decision = (Role, Kind, Reason);

pub(super) fn infer(survey: &Survey, choices: &Choices) -> Result<Schema, Error> {
    check_names(survey, choices)?;
    check_roles(choices)?;
    if survey.labelled < FEWEST_ROWS {
        let found = usize::try_from(survey.labelled).unwrap_or(usize::MAX);
        let needed = usize::try_from(FEWEST_ROWS).unwrap_or(usize::MAX);
        return Err(Error::TooFewRows { file: survey.file.clone(), found, needed });
    }
    let targets: Vec<&Profile> =
        survey.columns.iter().filter(|profile| choices.targets.contains(&profile.name)).collect();
    let (task, one_hot) = task(survey, choices, &targets)?;
    let mut columns = Vec::with_capacity(survey.columns.len());
    for profile in &survey.columns {
        let (role, kind, reason) = if choices.targets.contains(&profile.name) {
            target(survey, choices, task, one_hot, profile)?
        } else if choices.drop.contains(&profile.name) {
            (Role::Dropped, Kind::Category, Reason::Asked)
        } else if choices.group.as_ref() == Some(&profile.name) {
            (Role::Group, Kind::Category, Reason::Group)
        } else {
            feature(choices, profile)?
        };
        let (name, missing) = (profile.name.clone(), profile.missing);
        columns.push(Plan { name, role, kind, reason, missing });
    }
    drop_row_numbers(survey, choices, &mut columns);
    if !columns.iter().any(|plan| plan.role == Role::Feature) {
        let dropped = columns.iter().filter(|plan| plan.role == Role::Dropped);
        let dropped = dropped.map(Plan::sentence).collect();
        return Err(Error::NoFeatures { file: survey.file.clone(), dropped });
    }
    let huge = survey.columns.iter().filter_map(|profile| {
        let (place, value) = profile.numbers.first_huge.clone()?;
        Some((profile.name.clone(), place, value))
    });
    let is_used = |name: &String| columns.iter().any(|plan| plan.name == *name && plan.is_used());
    let huge = huge.filter(|(name, ..)| is_used(name)).collect();
    Ok(Schema { task, one_hot, columns, unlabelled: survey.unlabelled.clone(), huge })
}

impl Plan {
    fn is_used(&self) -> bool {
        matches!(self.role, Role::Feature | Role::Target)
    }
}

fn check_names(survey: &Survey, choices: &Choices) -> Result<(), Error> {
    let columns = || survey.columns.iter().map(|profile| profile.name.clone());
    if choices.targets.is_empty() {
        return Err(Error::NoTarget { file: survey.file.clone(), columns: columns().collect() });
    }
    let named = [
        ("to be the target", choices.targets.as_slice()),
        ("to be taken as categories", &choices.categorical),
        ("to be taken as numbers", &choices.numeric),
        ("to be left out", &choices.drop),
        ("to be the group", choices.group.as_slice()),
    ];
    for (wanted_as, names) in named {
        for name in names {
            if !survey.columns.iter().any(|profile| profile.name == *name) {
                return Err(Error::NoSuchColumn {
                    file: survey.file.clone(),
                    column: name.clone(),
                    wanted_as,
                    nearest: chainrule::spelling::nearest(name, columns()),
                    columns: columns().collect(),
                });
            }
        }
    }
    Ok(())
}

fn check_roles(choices: &Choices) -> Result<(), Error> {
    let lists = [
        ("a target", choices.targets.as_slice()),
        ("the group", choices.group.as_slice()),
        ("left out", &choices.drop),
        ("declared categorical", &choices.categorical),
        ("declared numeric", &choices.numeric),
    ];
    // A target or group may be declared categorical or numeric; all other pairs
    // contradict each other.
    let clash = [(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4)];
    for (one, other) in clash {
        let ((one, ones), (other, others)) = (lists[one], lists[other]);
        if let Some(column) = ones.iter().find(|name| others.contains(name)) {
            return Err(Error::TwoRoles { column: column.clone(), one, other });
        }
    }
    Ok(())
}

/// Decides what kind of answer is learned, and whether the targets are one
/// class between them.
fn task(survey: &Survey, choices: &Choices, targets: &[&Profile]) -> Result<(Task, bool), Error> {
    if let [target] = targets {
        let task = choices.task.unwrap_or_else(|| {
            let numeric = choices.numeric.contains(&target.name);
            let categorical = choices.categorical.contains(&target.name);
            if !numeric && (categorical || target.is_text() || target.looks_like_classes()) {
                Task::Classification
            } else {
                Task::Regression
            }
        });
        return Ok((task, false));
    }
    let declared_numbers = targets.iter().any(|target| choices.numeric.contains(&target.name));
    let all_yes_no = targets.iter().all(|target| target.yes_no().is_some());
    let inferred = if all_yes_no && !declared_numbers {
        if survey.one_hot { Task::Classification } else { Task::MultiLabel }
    } else {
        Task::Regression
    };
    let task = choices.task.unwrap_or(inferred);
    let holds = |target: &Profile| if target.is_text() { "classes" } else { "numbers" };
    let odd = match task {
        Task::Classification if !survey.one_hot => targets.first(),
        Task::Regression => targets.iter().find(|target| target.is_text()),
        _ => None,
    };
    let Some(odd) = odd else { return Ok((task, task == Task::Classification)) };
    let differs = |target: &&&Profile| target.name != odd.name;
    let unlike = |target: &&&Profile| differs(target) && !target.is_text();
    let other = targets.iter().find(unlike).or_else(|| targets.iter().find(differs));
    let other = other.expect("there are several targets");
    Err(Error::MixedTargets {
        one: odd.name.clone(),
        one_is: holds(odd),
        other: other.name.clone(),
        other_is: holds(other),
    })
}

fn target(
    survey: &Survey,
    choices: &Choices,
    task: Task,
    one_hot: bool,
    profile: &Profile,
) -> Result<Decision, Error> {
    let several = choices.targets.len() > 1;
    if profile.distinct() == 1 && !several {
        return Err(Error::SingleValue {
            file: survey.file.clone(),
            column: profile.name.clone(),
            value: shown(&profile.any_value()),
        });
    }
    let column = profile.name.clone();
    let distinct = profile.distinct() as u64;
    let (kind, reason) = match task {
        Task::Regression => return numbers(profile).map(|(kind, why)| (Role::Target, kind, why)),
        Task::Classification if one_hot => {
            let bits = Kind::YesNo { no: "0".to_string(), yes: "1".to_string() };
            (bits, Reason::OneOf { columns: choices.targets.len() })
        }
        Task::Classification => {
            let declared = choices.task.is_some() || choices.categorical.contains(&profile.name);
            if !declared {
                check_meant_as_numbers(profile)?;
            }
            let few = profile.distinct() <= FEW_CLASSES || distinct * 2 <= profile.present;
            if profile.has_more() || !(declared || few && profile.distinct() <= MOST_CATEGORIES) {
                let (classes, rows) = (profile.distinct(), profile.present);
                return Err(Error::TooManyClasses { column, classes, rows });
            }
            let reason = if profile.is_text() || declared {
                Reason::Values { distinct }
            } else {
                Reason::NumbersAsClasses { distinct }
            };
            (Kind::Category, reason)
        }
        Task::MultiLabel => {
            let two = profile.yes_no().or_else(|| profile.two_values());
            let Some((no, yes)) = two else {
                return Err(Error::NotYesNo { column, values: profile.distinct() });
            };
            (Kind::YesNo { no, yes }, Reason::TwoValues)
        }
    };
    if let (false, Some((place, found))) = (profile.is_text(), &profile.numbers.first_infinite) {
        return Err(Error::NotFinite { place: place.clone(), column, found: *found });
    }
    Ok((Role::Target, kind, reason))
}

fn feature(choices: &Choices, profile: &Profile) -> Result<Decision, Error> {
    let dropped = |reason| Ok((Role::Dropped, Kind::Category, reason));
    let used = |kind, reason| Ok((Role::Feature, kind, reason));
    let values = Reason::Values { distinct: profile.distinct() as u64 };
    if profile.present == 0 {
        return dropped(Reason::AllMissing);
    }
    if profile.is_constant() {
        return dropped(Reason::Constant { value: profile.any_value() });
    }
    if choices.categorical.contains(&profile.name) {
        return used(Kind::Category, values);
    }
    if choices.numeric.contains(&profile.name) {
        return numbers(profile).map(|(kind, reason)| (Role::Feature, kind, reason));
    }
    if !profile.is_text() && profile.is_identifier() {
        return dropped(Reason::Identifier);
    }
    if !profile.is_text() {
        let (kind, reason) = numbers(profile)?;
        return match profile.yes_no() {
            // A pixel that happens to be 0 or 1 is as much a number as others.
            Some((no, yes)) if !profile.bytes => used(Kind::YesNo { no, yes }, Reason::TwoValues),
            _ => used(kind, reason),
        };
    }
    check_meant_as_numbers(profile)?;
    if let Some((no, yes)) = profile.yes_no() {
        return used(Kind::YesNo { no, yes }, Reason::TwoValues);
    }
    let distinct = profile.distinct();
    let repeat = distinct <= FEW_CATEGORIES || distinct as u64 * 2 <= profile.present;
    if repeat && distinct <= MOST_CATEGORIES {
        return used(Kind::Category, values);
    }
    let (distinct, more) = (distinct as u64, profile.words.more);
    dropped(Reason::FreeText { distinct, more, rows: profile.present })
}

/// Takes a column as numbers, if all of its cells are.
fn numbers(profile: &Profile) -> Result<(Kind, Reason), Error> {
    let column = profile.name.clone();
    if let Some((place, found)) = &profile.words.first_not_number {
        return Err(not_a_number(profile, place, found));
    }
    if let Some((place, found)) = &profile.numbers.first_infinite {
        return Err(Error::NotFinite { place: place.clone(), column, found: *found });
    }
    let (least, greatest) = (profile.numbers.least, profile.numbers.greatest);
    Ok((Kind::Number, Reason::Numbers { least, greatest }))
}

/// Refuses text in a column that was meant to hold numbers.
fn check_meant_as_numbers(profile: &Profile) -> Result<(), Error> {
    let numbers = profile.numbers.count + profile.words.adorned;
    if profile.words.codes > 0 {
        return Ok(());
    }
    match &profile.words.first_not_number {
        Some((place, found)) if numbers as f64 >= MEANT_AS_NUMBERS * profile.present as f64 => {
            Err(not_a_number(profile, place, found))
        }
        _ => Ok(()),
    }
}

fn not_a_number(profile: &Profile, place: &crate::place::Place, found: &str) -> Error {
    Error::NotANumber {
        place: place.clone(),
        column: profile.name.clone(),
        found: shown(found),
        count: profile.words.not_numbers,
    }
}

/// Leaves out columns that only count the rows, if others remain.
fn drop_row_numbers(survey: &Survey, choices: &Choices, columns: &mut [Plan]) {
    let counts = |profile: &Profile| {
        let numbers = &profile.numbers;
        numbers.counting
            && profile.missing == 0
            && !profile.is_text()
            && (numbers.least == 0.0 || numbers.least == 1.0)
            && numbers.count >= FEWEST_COUNTED
            && !choices.numeric.contains(&profile.name)
            && !choices.categorical.contains(&profile.name)
    };
    let is_counter: Vec<bool> = survey
        .columns
        .iter()
        .zip(columns.iter())
        .map(|(profile, plan)| plan.role == Role::Feature && counts(profile))
        .collect();
    let is_feature = |plan: &Plan| plan.role == Role::Feature;
    let others =
        columns.iter().zip(&is_counter).any(|(plan, counter)| is_feature(plan) && !counter);
    if others {
        for (plan, counter) in columns.iter_mut().zip(is_counter) {
            if counter {
                (plan.role, plan.reason) = (Role::Dropped, Reason::RowNumber);
            }
        }
    }
}

impl Profile {
    /// Tells whether a reader gave the column as text: some word is no number,
    /// or a code such as `007`.
    fn is_text(&self) -> bool {
        self.words.count > 0
    }

    /// Returns how many different values were counted.
    fn distinct(&self) -> usize {
        if self.is_text() { self.words.counts.len() } else { self.numbers.distinct.len() }
    }

    fn has_more(&self) -> bool {
        if self.is_text() { self.words.more } else { self.numbers.more }
    }

    fn is_constant(&self) -> bool {
        let same = if self.is_text() {
            self.words.counts.len() == 1 && self.words.count == self.present
        } else {
            self.numbers.least == self.numbers.greatest
        };
        same && self.missing == 0
    }

    /// Returns the value of a column that has only one.
    fn any_value(&self) -> String {
        if self.is_text() {
            self.words.counts.keys().next().cloned().unwrap_or_default()
        } else {
            word_of(self.numbers.least)
        }
    }

    fn is_identifier(&self) -> bool {
        let numbers = &self.numbers;
        let never_twice = numbers.rising || !numbers.repeats && !numbers.distinct.is_empty();
        is_named_like_id(&self.name) && self.missing == 0 && numbers.all_whole && never_twice
    }

    /// Tells whether a target of numbers is more likely one of classes.
    fn looks_like_classes(&self) -> bool {
        let numbers = &self.numbers;
        let distinct = numbers.distinct.len();
        let few = distinct <= FEW_CLASSES && distinct as u64 * 3 <= self.present;
        !numbers.more && (distinct == 2 || numbers.all_whole && few)
    }

    /// Returns the words for no and yes, if the column has these two only.
    fn yes_no(&self) -> Option<(String, String)> {
        const PAIRS: [(&str, &str); 5] =
            [("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on")];
        if !self.is_text() {
            let bits = self.numbers.count > 0 && self.numbers.all_bits;
            return bits.then(|| ("0".to_string(), "1".to_string()));
        }
        let (first, second) = self.two_values()?;
        let pair = (first.to_lowercase(), second.to_lowercase());
        PAIRS.contains(&(&pair.0, &pair.1)).then_some((first, second))
    }

    /// Returns the two values of a column that has two, in order.
    fn two_values(&self) -> Option<(String, String)> {
        let mut values: Vec<String> = if self.is_text() {
            self.words.counts.keys().cloned().collect()
        } else {
            let mut numbers: Vec<f64> =
                self.numbers.distinct.iter().map(|&bits| f64::from_bits(bits)).collect();
            numbers.sort_by(f64::total_cmp);
            numbers.into_iter().map(word_of).collect()
        };
        if self.is_text() {
            values.sort_by_key(|value| value.to_lowercase());
        }
        let second = values.pop()?;
        let first = values.pop()?;
        values.is_empty().then_some((first, second))
    }
}

/// Tells whether a name is one that identifiers have: `id`, `PassengerId`,
/// `user_id`.
pub(super) fn is_named_like_id(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "id",
        "uid",
        "uuid",
        "guid",
        "index",
        "idx",
        "key",
        "row",
        "rownames",
        "row_number",
        "unnamed: 0",
        "#",
    ];
    let lower = name.trim().to_lowercase();
    NAMES.contains(&lower.as_str())
        || name.ends_with("Id")
        || name.ends_with("ID")
        || ["_id", " id", "-id", ".id"].iter().any(|end| lower.ends_with(end))
        || ["id_", "id "].iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_identifiers_are_told_from_others() {
        for name in ["id", "ID", "PassengerId", "user_id", "Customer ID", "Unnamed: 0", "id_nr"] {
            assert!(is_named_like_id(name), "{name}");
        }
        for name in ["width", "valid", "acid", "idle", "humid", "identity", "fluid", "solid"] {
            assert!(!is_named_like_id(name), "{name}");
        }
    }
}
