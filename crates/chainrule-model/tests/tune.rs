//! A search gives the same whatever runs it, looks at no other rows, and keeps
//! the best.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule_model::encoder;
use chainrule_model::recipe::Recipe;
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::split::{Split, Splitter};
use chainrule_model::table::{Cells, Table};
use chainrule_model::train::Selection;
use chainrule_model::tune::{Judge, Search, Tuning, Watch};

/// Wine: 178 rows, 13 numbers, three classes; the last rows of each class are
/// in no part, as those of a test file.
struct Wine {
    table: Table,
    schema: Schema,
    split: Split,
    folds: Vec<Split>,
    /// Rows in no part.
    left: Vec<u32>,
}

impl Wine {
    fn new() -> Wine {
        let table = common::read_own("wine.csv").expect("wine is well-formed").table;
        let choices = Choices { targets: vec!["cultivar".to_string()], ..Choices::default() };
        let schema = Schema::new(&table, &choices).expect("wine has a target");
        let (rows, left): (Vec<u32>, Vec<u32>) = (0..178).partition(|row| row % 5 != 4);
        let splitter = Splitter::of_table(&schema, &table, &rows, 1).expect("it fits");
        let (split, _) = splitter.hold_out(0.25).expect("there are rows enough");
        let (folds, _) = splitter.folds(3).expect("there are rows enough");
        Wine { table, schema, split, folds, left }
    }

    fn search(
        &self,
        recipe: &Recipe,
        trials: Option<usize>,
        is_folded: bool,
        watch: &dyn Watch,
    ) -> (Recipe, Tuning) {
        let search = Search {
            schema: &self.schema,
            encoding: &encoder::Settings::default(),
            recipe,
            selection: Selection { table: &self.table, split: &self.split, validation_table: None },
            folds: if is_folded { &self.folds } else { &[] },
            kept: &[],
            trials,
        };
        search.run(watch).expect("wine can be searched")
    }
}

fn recipe(threads: usize) -> Recipe {
    Recipe { epochs: 45, seed: 5, threads, ..Recipe::default() }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let wine = Wine::new();
    for is_folded in [false, true] {
        let (one, tuning) = wine.search(&recipe(1), Some(9), is_folded, &());
        let (three, same) = wine.search(&recipe(3), Some(9), is_folded, &());
        assert_eq!(tuning, same);
        assert_eq!(Recipe { threads: 3, ..one }, three);
        let other = Recipe { seed: 6, ..recipe(1) };
        assert_ne!(tuning, wine.search(&other, Some(9), is_folded, &()).1);
    }
}

#[test]
fn rows_in_no_part_change_nothing() {
    let mut wine = Wine::new();
    let before = [false, true].map(|is_folded| wine.search(&recipe(2), Some(6), is_folded, &()));
    for column in &mut wine.table.columns {
        for &row in &wine.left {
            match &mut column.cells {
                Cells::Numbers(numbers) => numbers[row as usize] = -1e6,
                Cells::Bytes(bytes) => bytes[row as usize] = 255,
                Cells::Text(text) => text.codes[row as usize] = 0,
            }
        }
    }
    let after = [false, true].map(|is_folded| wine.search(&recipe(2), Some(6), is_folded, &()));
    assert_eq!(before, after);
    // Where a part does change, so does what is found.
    let row = wine.split.validation[0] as usize;
    let Cells::Numbers(numbers) = &mut wine.table.columns[0].cells else { panic!("a number") };
    numbers[row] = 1e6;
    assert_ne!(before[0], wine.search(&recipe(2), Some(6), false, &()));
}

#[test]
fn the_winner_has_the_least_loss_of_those_that_went_all_the_way() {
    let wine = Wine::new();
    let (recipe, tuning) = wine.search(&recipe(0), Some(9), true, &());
    assert_eq!(tuning.judge, Judge::Folds { count: 3 });
    assert_eq!((tuning.rungs.as_slice(), tuning.trials.len()), ([5, 15, 45].as_slice(), 9));
    assert!(!tuning.was_stopped);
    let winner = &tuning.trials[0];
    for name in &tuning.searched {
        assert_eq!(winner.settings[name].as_str(), recipe.spell(name).as_deref(), "{name}");
    }
    let loss = |rungs| {
        let of_rung = tuning.trials.iter().filter(move |trial| trial.rungs == rungs);
        of_rung.filter_map(|trial| trial.loss).collect::<Vec<f64>>()
    };
    assert!(loss(3).iter().all(|&loss| Some(loss) >= winner.loss), "{tuning:?}");
    // Nine, then three, then one; the untuned settings go all the way beside.
    let through: Vec<usize> = (1..=3)
        .map(|rung| {
            tuning.trials.iter().filter(|trial| trial.rungs >= rung && trial.number != 1).count()
        })
        .collect();
    assert_eq!(through[0], 8);
    assert!((2..=3).contains(&through[1]) && through[2] <= 1, "{through:?}");
    let untuned = tuning.trials.iter().find(|trial| trial.number == 1).expect("it is tried");
    assert_eq!(untuned.rungs, 3);
}

/// Ends a search when so many trainings have ended.
struct After(AtomicUsize);

impl Watch for After {
    fn should_stop(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }

    fn trained(&self) {
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    }
}

#[test]
fn a_search_that_is_stopped_has_the_best_so_far() {
    let wine = Wine::new();
    // At once: nothing was judged, so that nothing is tuned.
    let (found, tuning) = wine.search(&recipe(2), Some(9), false, &After(AtomicUsize::new(0)));
    assert!(tuning.was_stopped);
    assert!(tuning.trials.iter().all(|trial| trial.rungs == 0 && trial.loss.is_none()));
    assert_eq!((found.weight_decay, found.dropout), (Some(0.3), 0.0));
    // After a rung and a bit.
    let (found, tuning) = wine.search(&recipe(1), Some(9), false, &After(AtomicUsize::new(10)));
    assert!(tuning.was_stopped);
    let winner = &tuning.trials[0];
    assert_eq!((winner.rungs, winner.epochs), (2, 15));
    assert_eq!(found.spell("hidden").as_deref(), winner.settings["hidden"].as_str());
    // Rounds follow each other until then.
    let (_, tuning) = wine.search(&recipe(2), None, false, &After(AtomicUsize::new(60)));
    assert_eq!(tuning.trials.len() % 27, 0);
    assert!(tuning.trials.len() > 27, "{}", tuning.trials.len());
}
