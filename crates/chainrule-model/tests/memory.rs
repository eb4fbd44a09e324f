//! Training takes the memory that a model says.
#![expect(unsafe_code, reason = "an allocator is unsafe by its nature")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule_model::encoder;
use chainrule_model::recipe::Recipe;
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::split::Splitter;
use chainrule_model::table::{Cells, Column, Lines, Table};
use chainrule_model::train::{Course, Finished, Selection};

struct Counting;

/// The bytes in use now.
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller grants.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn table(rows: usize, columns: usize) -> Table {
    let number = |row: usize, column: usize| ((row * 31 + column * 17) % 97) as f64;
    let columns = (0..columns).map(|column| Column {
        name: format!("c{column}"),
        cells: Cells::Numbers((0..rows).map(|row| number(row, column) / 7.0).collect()),
    });
    Table { name: "numbers".to_string(), columns: columns.collect(), lines: Lines::None }
}

// One test only: another one beside it would allocate too.
#[test]
fn training_takes_the_memory_a_model_says() {
    let table = table(6000, 21);
    let choices = Choices { targets: vec!["c20".to_string()], ..Choices::default() };
    let schema = Schema::new(&table, &choices).unwrap();
    let rows = schema.labelled(&table).unwrap();
    for (optimizer, hidden, batch) in
        [("adam", "64,32", "128"), ("sgd", "8", "16"), ("rprop", "100", "1024")]
    {
        let mut recipe = Recipe::default();
        let settings = [
            ("optimizer", optimizer),
            ("hidden", hidden),
            ("batch", batch),
            ("epochs", "2"),
            ("learning_rate", "0.001"),
        ];
        for (name, value) in settings {
            recipe.set(name, value).unwrap();
        }
        let splitter = Splitter::of_table(&schema, &table, &rows, 1).unwrap();
        let (split, _) = splitter.hold_out(recipe.validation).unwrap();
        let selection = Selection { table: &table, split: &split, validation_table: None };
        let before = BYTES.load(Ordering::Relaxed);
        let encoding = encoder::Settings::default();
        let mut course = Course::new(&schema, &encoding, &recipe, selection).unwrap();
        course.fit(&mut ()).unwrap();
        let used = BYTES.load(Ordering::Relaxed) - before;
        let finished = Finished::default();
        let model = course.model(&recipe, selection, finished).unwrap();
        let said = model.training_memory().expect("its settings are known");
        assert_eq!(
            said.total,
            said.data + said.parameters + said.optimizer + said.workspace,
            "the parts are the whole"
        );
        // The encoder, lists of layers and of tasks are some kilobytes more.
        let off = used as f64 / said.total as f64 - 1.0;
        assert!((0.0..0.05).contains(&off), "{optimizer}: said {said:?}, used {used}");
    }
}
