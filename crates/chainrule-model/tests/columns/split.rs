//! What holds for every split, and what scikit-learn makes of the same rows.

use std::collections::{HashMap, HashSet};

use crate::tables::{table, words};
use chainrule_model::error::Error;
use chainrule_model::remark::Remark;
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::split::{Split, Splitter};
use chainrule_model::table::Cells;
use proptest::prelude::*;
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../sklearn/columns.json")).expect("it is JSON")
}

fn numbers(value: &Value) -> Vec<u32> {
    let number = |value: &Value| value.as_u64().and_then(|n| n.try_into().ok()).expect("a number");
    value.as_array().expect("a list").iter().map(number).collect()
}

fn splitter(rows: &[u32]) -> Splitter<'_> {
    Splitter { rows, classes: None, groups: None, ordered: false, seed: 1 }
}

fn counts(classes: &[u32], rows: &[u32], places: &[u32]) -> HashMap<u32, usize> {
    let mut counts = HashMap::new();
    for row in rows {
        let place = places.iter().position(|place| place == row).expect("it is one of the rows");
        *counts.entry(classes[place]).or_insert(0) += 1;
    }
    counts
}

#[test]
fn folds_have_the_class_counts_of_scikit_learn() {
    let reference = reference();
    let labels = numbers(&reference["labels"]);
    let rows: Vec<u32> = (0..).take(labels.len()).collect();
    let stratified = Splitter { classes: Some(labels.clone()), ..splitter(&rows) };
    let (folds, remarks) = stratified.folds(5).expect("five folds of 341 rows");
    assert!(remarks.is_empty());
    // Each class is dealt on where the one before it ended, in either program;
    // which class begins is not the same, so the folds are compared as a set.
    let mut found: Vec<Vec<u32>> = folds
        .iter()
        .map(|fold| {
            let counts = counts(&labels, &fold.validation, &rows);
            (0..3).map(|class| u32::try_from(counts[&class]).expect("few rows")).collect()
        })
        .collect();
    let mut expected: Vec<Vec<u32>> =
        reference["label_counts"].as_array().expect("folds").iter().map(numbers).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn group_folds_are_as_even_as_those_of_scikit_learn() {
    let reference = reference();
    let groups = numbers(&reference["groups"]);
    let rows: Vec<u32> = (0..).take(groups.len()).collect();
    let grouped = Splitter { groups: Some(groups), ..splitter(&rows) };
    let (folds, _) = grouped.folds(4).expect("four folds of 23 groups");
    let mut sizes: Vec<u32> =
        folds.iter().map(|fold| u32::try_from(fold.validation.len()).expect("few rows")).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, numbers(&reference["group_fold_sizes"]));
}

#[test]
fn folds_in_order_of_time_are_those_of_scikit_learn() {
    let reference = reference();
    let rows: Vec<u32> = (0..341).collect();
    let ordered = Splitter { ordered: true, ..splitter(&rows) };
    let (folds, _) = ordered.folds(5).expect("five folds of 341 rows");
    let expected = reference["time_folds"].as_array().expect("folds");
    assert_eq!(folds.len(), expected.len());
    for (fold, expected) in folds.iter().zip(expected) {
        let expected = numbers(expected);
        let (train, first, last) = (expected[0], expected[1], expected[2]);
        assert_eq!(fold.training, (0..train).collect::<Vec<u32>>());
        assert_eq!(fold.validation, (first..=last).collect::<Vec<u32>>());
    }
}

/// The splits of one seed, so that no machine and no later version divides rows
/// in another way. The order is that of a program in another language
/// (`sklearn/order.py`).
#[test]
fn a_seed_means_the_same_split_everywhere() {
    let order: Vec<u32> =
        numbers(&serde_json::from_str(include_str!("../sklearn/order.json")).expect("it is JSON"));
    assert_eq!(chainrule_engine::random::order(20, 7), order);
    let rows: Vec<u32> = (100..120).collect();
    let (split, _) =
        Splitter { seed: 7, ..splitter(&rows) }.hold_out(0.25).expect("a quarter of 20 rows");
    let mut expected: Vec<u32> = order[..5].iter().map(|place| place + 100).collect();
    expected.sort_unstable();
    assert_eq!(split.validation, expected);
}

#[test]
fn a_class_of_one_row_trains() {
    let rows: Vec<u32> = (0..21).collect();
    let mut classes = vec![0; 10];
    classes.extend([1; 10]);
    classes.push(2);
    let stratified = Splitter { classes: Some(classes), ..splitter(&rows) };
    let (split, remarks) = stratified.hold_out(0.5).expect("half of the rows");
    assert!(split.training.contains(&20));
    assert_eq!(remarks, [Remark::SingleRowClasses { count: 1 }]);
    let (folds, _) = stratified.folds(3).expect("three folds");
    assert!(folds.iter().all(|fold| fold.training.contains(&20)));
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let rows: Vec<u32> = (0..4).collect();
    let plain = splitter(&rows);
    for share in [-0.1, 1.0, f64::NAN] {
        assert!(matches!(plain.hold_out(share), Err(Error::Share { .. })), "{share}");
    }
    for count in [0, 1, 5, usize::MAX] {
        assert!(matches!(plain.folds(count), Err(Error::Folds { available: 4, .. })), "{count}");
    }
    let ordered = Splitter { ordered: true, ..plain.clone() };
    assert!(ordered.folds(3).is_ok() && ordered.folds(4).is_err());
    let both = Splitter { groups: Some(vec![0, 0, 1, 1]), ..ordered };
    assert_eq!(both.hold_out(0.5).expect_err("groups have no time"), Error::OrderedGroups);
    for rows in [&[][..], &[7]] {
        let (split, _) = splitter(rows).hold_out(0.5).expect("nothing to hold out");
        assert_eq!((&split.training[..], split.validation.len()), (rows, 0));
    }
}

#[test]
fn classes_and_groups_are_read_off_a_table() {
    let table = table(vec![
        ("x", Cells::Numbers(vec![0.1, 0.2, 0.4, 0.3])),
        ("patient", Cells::Numbers(vec![7.0, f64::NAN, 7.0, f64::NAN])),
        ("y", words(&["b", "a", "b", "a"])),
    ]);
    let choices = Choices {
        targets: vec!["y".to_string()],
        group: Some("patient".to_string()),
        ..Choices::default()
    };
    let schema = Schema::new(&table, &choices).expect("it can be learned from");
    let rows = [3, 2, 1, 0];
    let splitter = Splitter::of_table(&schema, &table, &rows, 0).expect("the columns are there");
    assert_eq!(splitter.classes, Some(vec![0, 1, 0, 1]));
    let groups = splitter.groups.expect("patients are groups");
    // Two missing cells are two groups, and no other's.
    assert_eq!(groups.iter().collect::<HashSet<_>>().len(), 3);
    assert_eq!(groups[1], groups[3]);
}

/// Numbers values from 0 without gaps.
fn numbered(values: &[u32]) -> Vec<u32> {
    let mut known: Vec<u32> = values.to_vec();
    known.sort_unstable();
    known.dedup();
    let number = |value| known.binary_search(value).expect("it is one of them");
    values.iter().map(|value| u32::try_from(number(value)).expect("few values")).collect()
}

/// Rows with gaps, a class and a group for each.
fn any_rows() -> impl Strategy<Value = (Vec<u32>, Vec<u32>, Vec<u32>)> {
    (2_usize..120, 1_u32..6, 1_u32..12).prop_flat_map(|(rows, classes, groups)| {
        (
            Just((0..).step_by(3).take(rows).collect::<Vec<u32>>()),
            proptest::collection::vec(0..classes, rows).prop_map(|c| numbered(&c)),
            proptest::collection::vec(0..groups, rows).prop_map(|g| numbered(&g)),
        )
    })
}

/// Checks that each row is on one side, and none on both.
fn check_cover(split: &Split, rows: &[u32]) {
    let mut all = [split.training.clone(), split.validation.clone()].concat();
    assert!(split.training.is_sorted() && split.validation.is_sorted());
    all.sort_unstable();
    assert_eq!(all, rows);
}

proptest! {
    #[test]
    fn holding_out_keeps_the_shares_of_classes(
        (rows, classes, _) in any_rows(), share in 0.0..0.9, seed in any::<u64>(),
    ) {
        let stratified =
            Splitter { classes: Some(classes.clone()), seed, ..splitter(&rows) };
        let (split, _) = stratified.hold_out(share).expect("a share");
        check_cover(&split, &rows);
        let all = counts(&classes, &rows, &rows);
        let held = counts(&classes, &split.validation, &rows);
        for (class, &count) in &all {
            let found = held.get(class).copied().unwrap_or(0);
            let exact = count as f64 * share;
            prop_assert!((found as f64 - exact).abs() <= 1.0, "{class}: {found} of {exact}");
            prop_assert!(count > found, "class {class} is not trained");
        }
        let lonely = all.values().filter(|&&count| count == 1).count();
        let exact = (rows.len() - lonely) as f64 * share;
        // All in all within one row, but for classes that must keep one to train.
        let kept = all.values().filter(|&&count| count > 1 && count as f64 * (1.0 - share) < 1.0);
        let slack = 1.0 + kept.count() as f64;
        prop_assert!((split.validation.len() as f64 - exact).abs() <= slack);
        prop_assert_eq!(stratified.hold_out(share).expect("a share").0, split);
    }

    #[test]
    fn holding_out_without_classes_is_exact(
        (rows, ..) in any_rows(), share in 0.0..0.9, seed in any::<u64>(), ordered in any::<bool>(),
    ) {
        let plain = Splitter { seed, ordered, ..splitter(&rows) };
        let (split, _) = plain.hold_out(share).expect("a share");
        check_cover(&split, &rows);
        prop_assert!((split.validation.len() as f64 - rows.len() as f64 * share).abs() <= 1.0);
        if let (true, Some(last)) = (ordered, split.training.last()) {
            prop_assert!(split.validation.iter().all(|row| row > last));
        }
    }

    #[test]
    fn groups_are_never_divided(
        (rows, _, groups) in any_rows(), share in 0.0..0.9, folds in 2_usize..5, seed in any::<u64>(),
    ) {
        let grouped = Splitter { groups: Some(groups.clone()), seed, ..splitter(&rows) };
        let (split, _) = grouped.hold_out(share).expect("a share");
        let mut splits = vec![split];
        if let Ok((folds, _)) = grouped.folds(folds) {
            let mut validated: Vec<u32> =
                folds.iter().flat_map(|fold| fold.validation.clone()).collect();
            validated.sort_unstable();
            prop_assert_eq!(&validated, &rows);
            splits.extend(folds);
        }
        let group: HashMap<u32, u32> = rows.iter().copied().zip(groups).collect();
        for split in splits {
            check_cover(&split, &rows);
            let train: HashSet<u32> = split.training.iter().map(|row| group[row]).collect();
            prop_assert!(!train.is_empty());
            prop_assert!(split.validation.iter().all(|row| !train.contains(&group[row])));
        }
    }

    #[test]
    fn folds_validate_each_row_once_and_share_classes(
        (rows, classes, _) in any_rows(), folds in 2_usize..8, seed in any::<u64>(),
    ) {
        let stratified = Splitter { classes: Some(classes.clone()), seed, ..splitter(&rows) };
        let Ok((splits, _)) = stratified.folds(folds) else {
            prop_assert!(rows.len() < folds + 6);
            return Ok(());
        };
        prop_assert_eq!(splits.len(), folds);
        let all = counts(&classes, &rows, &rows);
        let mut validated: Vec<u32> = Vec::new();
        for split in &splits {
            check_cover(split, &rows);
            validated.extend(&split.validation);
            let held = counts(&classes, &split.validation, &rows);
            for (class, &count) in all.iter().filter(|&(_, &count)| count > 1) {
                let (found, exact) = (held.get(class).copied().unwrap_or(0), count as f64 / folds as f64);
                prop_assert!((found as f64 - exact).abs() < 1.0, "{class}: {found} of {exact}");
            }
        }
        validated.sort_unstable();
        let lonely = |row: &u32| all[&classes[rows.iter().position(|r| r == row).expect("a row")]] == 1;
        let expected: Vec<u32> = rows.iter().copied().filter(|row| !lonely(row)).collect();
        prop_assert_eq!(validated, expected);
        let sizes: Vec<usize> = splits.iter().map(|split| split.validation.len()).collect();
        let (least, most) = (sizes.iter().min().expect("folds"), sizes.iter().max().expect("folds"));
        prop_assert!(most - least <= 1, "{sizes:?}");
    }
}
