//! What columns of real tables are taken for, and what is refused.

use crate::tables::{data, parse, part, table, with_text, words};
use chainrule_model::error::Error;
use chainrule_model::schema::{Choices, Kind, Plan, Role, Schema, Survey, Task};
use chainrule_model::table::{Cells, Table};

fn choices(targets: &[&str]) -> Choices {
    let targets = targets.iter().map(ToString::to_string).collect();
    Choices { targets, ..Choices::default() }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn sentences(schema: &Schema) -> Vec<String> {
    schema.columns.iter().map(Plan::sentence).collect()
}

/// Returns the words for a column's part: `number`, `category`, `yes/no`,
/// `target`, `left out` or `group`.
fn parts(schema: &Schema) -> Vec<String> {
    let part = |plan: &Plan| match (plan.role, &plan.kind) {
        (Role::Dropped, _) => "left out",
        (Role::Target, _) => "target",
        (Role::Group, _) => "group",
        (Role::Feature, Kind::Number) => "number",
        (Role::Feature, Kind::Category) => "category",
        (Role::Feature, Kind::YesNo { .. }) => "yes/no",
    };
    schema.columns.iter().map(|plan| format!("{}: {}", plan.name, part(plan))).collect()
}

#[test]
fn titanic_keeps_what_can_be_learned_from() {
    let Some(table) = data("titanic_keeps_what_can_be_learned_from", "titanic.csv") else {
        return;
    };
    let schema = Schema::new(&table, &choices(&["Survived"])).expect("it can be learned from");
    assert_eq!(schema.task, Task::Classification);
    assert_eq!(
        parts(&schema),
        [
            "PassengerId: left out",
            "Survived: target",
            "Pclass: number",
            "Name: left out",
            "Sex: category",
            "Age: number",
            "SibSp: number",
            "Parch: number",
            "Ticket: left out",
            "Fare: number",
            "Cabin: left out",
            "Embarked: category",
        ]
    );
    // Counted with `cut` and `sort -u` in the file.
    let said = sentences(&schema);
    assert_eq!(said[0], "`PassengerId` left out: its name and values are those of an identifier");
    assert_eq!(
        said[1],
        "`Survived`: target, 2 different numbers taken as classes; \
                         `--task regression` takes them as numbers"
    );
    assert_eq!(said[3], "`Name` left out: text, 891 different values in 891 rows");
    assert_eq!(said[5], "`Age`: number, 0.42 to 80, 177 missing");
    assert_eq!(said[10], "`Cabin` left out: text, 147 different values in 204 rows");
    assert_eq!(said[11], "`Embarked`: category, 3 values, 2 missing");
}

#[test]
fn cars_are_a_regression_and_their_names_are_left_out() {
    let test = "cars_are_a_regression_and_their_names_are_left_out";
    let Some(table) = data(test, "auto_mpg.csv") else { return };
    let schema = Schema::new(&table, &choices(&["mpg"])).expect("it can be learned from");
    assert_eq!(schema.task, Task::Regression);
    let said = sentences(&schema);
    assert_eq!(said[0], "`mpg`: target, number, 9 to 46.6");
    assert_eq!(said[3], "`horsepower`: number, 46 to 230, 6 missing");
    assert_eq!(said[7], "`origin`: category, 3 values");
    assert_eq!(said[8], "`name` left out: text, 305 different values in 398 rows");
}

#[test]
fn other_real_tables_are_taken_for_what_they_are() {
    let test = "other_real_tables_are_taken_for_what_they_are";
    let table = [
        ("iris.csv", "species", Task::Classification, 4),
        ("wine.csv", "cultivar", Task::Classification, 13),
        ("penguins.csv", "species", Task::Classification, 7),
        ("breast_cancer.csv", "diagnosis", Task::Classification, 30),
        ("diabetes.csv", "progression", Task::Regression, 10),
        // Three of the 64 pixels are 0 everywhere.
        ("digits.csv", "digit", Task::Classification, 61),
        ("bad/numeric_class_labels.csv", "y", Task::Classification, 1),
    ];
    for (name, target, task, features) in table {
        let Some(data) = data(test, name) else { continue };
        let schema = Schema::new(&data, &choices(&[target])).expect(name);
        assert_eq!((schema.task, schema.features().count()), (task, features), "{name}");
    }
}

/// Every malformed table that reads well enough to reach the schema.
#[test]
fn malformed_columns_are_refused_with_their_place_or_left_out() {
    let test = "malformed_columns_are_refused_with_their_place_or_left_out";
    // The reader has no quarrel with words where it was told that there are some.
    let refused = [
        (
            "bad/wrong_type_midfile.csv",
            &["petal_length_cm"][..],
            "species",
            "wrong_type_midfile.csv:102: column `petal_length_cm` holds `oops`, expected a number",
        ),
        (
            "bad/thousands_separators.csv",
            &["price"],
            "size",
            "thousands_separators.csv:2: column `price` holds `1,000`, expected a number",
        ),
        (
            "bad/single_class.csv",
            &[],
            "species",
            "there is nothing to learn: the target `species` is `setosa` in every row of \
             single_class.csv",
        ),
        (
            "bad/one_row.csv",
            &[],
            "species",
            "one_row.csv has 1 row with a target, training needs at least 2",
        ),
        (
            "bad/missing_target_column.csv",
            &[],
            "species",
            "missing_target_column.csv has no column `species` (to be the target); it has \
             `sepal_length_cm`, `sepal_width_cm`, `petal_length_cm`, `petal_width_cm`",
        ),
    ];
    for (name, text, target, expected) in refused {
        let table = with_text(name, text);
        let error = Schema::new(&table, &choices(&[target])).expect_err(name);
        let found = error.to_string();
        assert!(found.starts_with(expected), "{name}: {found}");
        assert!(error.help().is_some(), "{name}");
    }
    let left_out = [
        ("bad/constant_column.csv", "`unit` left out: it is `7.5` in every row"),
        ("bad/all_missing_column.csv", "`note` left out: all its cells are missing"),
        (
            "bad/missing_target_cells.csv",
            "3 rows left out, the target is missing; first missing_target_cells.csv:4",
        ),
        ("bad/huge_1e308.csv", "huge_1e308.csv:6: column `sepal_length_cm` holds 1e308"),
    ];
    for (name, expected) in left_out {
        let Some(table) = data(test, name) else { continue };
        let schema = Schema::new(&table, &choices(&["species"])).expect(name);
        let remarks: Vec<String> = schema.remarks().iter().map(ToString::to_string).collect();
        assert!(remarks.iter().any(|said| said.starts_with(expected)), "{name}: {remarks:?}");
    }
}

#[test]
fn rows_without_a_target_are_not_labelled() {
    let test = "rows_without_a_target_are_not_labelled";
    let Some(table) = data(test, "bad/missing_target_cells.csv") else { return };
    let schema = Schema::new(&table, &choices(&["species"])).expect("the rest can be learned from");
    let labelled = schema.labelled(&table).expect("the target is there");
    let missing: Vec<u32> = (0..150).filter(|row| !labelled.contains(row)).collect();
    // Lines 4, 78 and 151.
    assert_eq!(missing, [2, 76, 149]);
}

fn small() -> Table {
    parse(
        "small.csv",
        "age,smoker,town,level,dose\n30,yes,Oslo,1,0.5\n41,no,Bern,2,0.5\n\
         52,no,Oslo,1,0.25\n63,yes,Bern,3,0.75\n",
    )
}

#[test]
fn the_user_has_the_last_word() {
    let base = choices(&["dose"]);
    let of = |choices: &Choices| parts(&Schema::new(&small(), choices).expect("it fits"));
    assert_eq!(
        of(&base),
        ["age: number", "smoker: yes/no", "town: category", "level: number", "dose: target"]
    );
    let all = Choices {
        categorical: names(&["level", "smoker"]),
        drop: names(&["age"]),
        group: Some("town".to_string()),
        task: Some(Task::Classification),
        ..base
    };
    assert_eq!(
        of(&all),
        ["age: left out", "smoker: category", "town: group", "level: category", "dose: target"]
    );
    // A target of two numbers is classes until it is declared numeric.
    let classes = table(vec![
        ("x", Cells::Numbers(vec![1.0, 2.5, 3.0, 4.0])),
        ("y", Cells::Numbers(vec![3.0, 7.0, 3.0, 7.0])),
    ]);
    let task = |choices: &Choices| Schema::new(&classes, choices).expect("it fits").task;
    assert_eq!(task(&choices(&["y"])), Task::Classification);
    let numeric = Choices { numeric: names(&["y"]), ..choices(&["y"]) };
    assert_eq!(task(&numeric), Task::Regression);
    let regression = Choices { task: Some(Task::Regression), ..choices(&["y"]) };
    assert_eq!(task(&regression), Task::Regression);
}

#[test]
fn wishes_that_cannot_be_met_are_refused() {
    let base = choices(&["dose"]);
    let table = [
        (Choices::default(), "no target column is named"),
        (choices(&["doze"]), "small.csv has no column `doze` (to be the target)"),
        (Choices { drop: names(&["agee"]), ..base.clone() }, "small.csv has no column `agee`"),
        (
            Choices { drop: names(&["dose"]), ..base.clone() },
            "column `dose` is both a target and left out",
        ),
        (
            Choices { numeric: names(&["age"]), categorical: names(&["age"]), ..base.clone() },
            "column `age` is both declared categorical and declared numeric",
        ),
        (
            Choices { numeric: names(&["town"]), ..base.clone() },
            "small.csv:2: column `town` holds `Oslo`, expected a number (and 3 more such cells)",
        ),
        (
            Choices { task: Some(Task::Regression), ..choices(&["town"]) },
            "small.csv:2: column `town` holds `Oslo`",
        ),
        (
            Choices { task: Some(Task::MultiLabel), ..choices(&["smoker", "level"]) },
            "target `level` has 3 different values",
        ),
        (
            choices(&["town", "dose"]),
            "one network cannot learn `town` (classes) together with `dose` (numbers)",
        ),
        (
            Choices { drop: names(&["age", "smoker", "town", "level"]), ..base.clone() },
            "no column of small.csv is left to learn from: `age` left out: asked for;",
        ),
    ];
    for (choices, expected) in table {
        let error = Schema::new(&small(), &choices).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let error = Schema::new(&small(), &choices(&["doze"])).expect_err("there is none");
    assert_eq!(error.help().as_deref(), Some("did you mean `dose`?"));
}

#[test]
fn several_targets_are_numbers_answers_or_one_class() {
    let x = || ("x", Cells::Numbers(vec![0.5, 1.5, 2.5, 3.5]));
    let bits = |bits: [f64; 4]| Cells::Numbers(bits.to_vec());
    let one_hot =
        table(vec![x(), ("a", bits([1.0, 0.0, 0.0, 1.0])), ("b", bits([0.0, 1.0, 1.0, 0.0]))]);
    let schema = Schema::new(&one_hot, &choices(&["a", "b"])).expect("it fits");
    assert_eq!((schema.task, schema.one_hot), (Task::Classification, true));
    let said: Vec<String> = schema.remarks().iter().map(ToString::to_string).collect();
    let once = "the targets are 2 classes: exactly one of `a`, `b` is 1 in each row";
    assert_eq!(said.iter().filter(|said| said.starts_with(once)).count(), 1, "{said:?}");
    assert!(!said.iter().any(|said| said.starts_with("`a`: target")), "{said:?}");
    let apart = Choices { task: Some(Task::MultiLabel), ..choices(&["a", "b"]) };
    let schema = Schema::new(&one_hot, &apart).expect("it fits");
    assert_eq!((schema.task, schema.one_hot), (Task::MultiLabel, false));

    let labels = table(vec![
        x(),
        ("a", bits([1.0, 1.0, 0.0, 1.0])),
        ("b", words(&["no", "yes", "yes", "no"])),
    ]);
    let schema = Schema::new(&labels, &choices(&["a", "b"])).expect("it fits");
    assert_eq!((schema.task, schema.one_hot), (Task::MultiLabel, false));

    let numbers =
        table(vec![x(), ("a", bits([1.0, 1.0, 0.0, 1.0])), ("b", bits([0.2, 0.4, 0.1, 0.3]))]);
    let schema = Schema::new(&numbers, &choices(&["a", "b"])).expect("it fits");
    assert_eq!((schema.task, schema.one_hot), (Task::Regression, false));
}

#[test]
fn counters_are_left_out_unless_nothing_else_is_there() {
    let counter = || ("n", Cells::Numbers((1..=30).map(f64::from).collect()));
    let y = || ("y", Cells::Numbers((1..=30).map(|n| f64::from(n).sin()).collect()));
    let z = || ("z", Cells::Numbers((1..=30).map(|n| f64::from(n).cos()).collect()));
    let of = |columns| parts(&Schema::new(&table(columns), &choices(&["y"])).expect("it fits"));
    assert_eq!(of(vec![counter(), y()]), ["n: number", "y: target"]);
    assert_eq!(of(vec![counter(), z(), y()]), ["n: left out", "z: number", "y: target"]);
}

#[test]
fn codes_with_leading_zeros_are_categories() {
    let codes: Vec<String> = (0..40).map(|row| format!("00{}", row % 5)).collect();
    let y = Cells::Numbers((0..40).map(|n| f64::from(n).sin()).collect());
    let table = table(vec![("post", words(&codes)), ("y", y)]);
    let schema = Schema::new(&table, &choices(&["y"])).expect("it fits");
    assert_eq!(sentences(&schema)[0], "`post`: category, 5 values");
}

#[test]
fn infinite_numbers_are_refused_where_they_are_used() {
    let inf = Cells::Numbers(vec![1.0, f64::INFINITY, 2.0, 3.0]);
    let table = table(vec![
        ("x", inf),
        ("z", Cells::Numbers(vec![1.0, 2.0, 4.0, 3.0])),
        ("y", Cells::Numbers(vec![0.1, 0.2, 0.3, 0.5])),
    ]);
    let error = Schema::new(&table, &choices(&["y"])).expect_err("it is infinite");
    assert!(matches!(&error, Error::NotFinite { place, .. } if place.line == Some(3)), "{error}");
    let dropped = Choices { drop: names(&["x"]), ..choices(&["y"]) };
    assert!(Schema::new(&table, &dropped).is_ok());
}

#[test]
fn a_table_in_parts_is_judged_as_a_whole() {
    let test = "a_table_in_parts_is_judged_as_a_whole";
    for (name, target) in [("penguins.csv", "species"), ("titanic.csv", "Survived")] {
        let Some(table) = data(test, name) else { continue };
        let choices = choices(&[target]);
        let whole = Schema::new(&table, &choices).expect(name);
        let mut survey = Survey::new(&choices);
        for start in (0..table.rows()).step_by(50) {
            let end = table.rows().min(start + 50);
            survey.add(&part(&table, start..end)).expect("the columns are the same");
        }
        let parts = Schema::of_survey(&survey, &choices).expect(name);
        assert_eq!(sentences(&parts), sentences(&whole), "{name}");
    }
    let mut survey = Survey::new(&choices(&["dose"]));
    survey.add(&small()).expect("the first part says what columns there are");
    let error = survey.add(&parse("more.csv", "age,smoker\n1,no\n")).expect_err("they differ");
    assert_eq!(
        error.to_string(),
        "more.csv: column 3 is ``, expected `town` as in the rows before"
    );
}
