//! The encoder against scikit-learn, and the laws it keeps.

mod cells;
mod laws;
mod reference;
mod targets;

use crate::tables::parse;
use chainrule_model::encoder::{Encoder, Settings};
use chainrule_model::remark::Remark;
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::table::Table;

fn choices(targets: &[&str]) -> Choices {
    let targets = targets.iter().map(ToString::to_string).collect();
    Choices { targets, ..Choices::default() }
}

/// Fits to all rows that have a target.
fn fit(table: &Table, choices: &Choices, settings: &Settings) -> (Encoder, Vec<Remark>) {
    let schema = Schema::new(table, choices).expect("the table can be learned from");
    let rows = schema.labelled(table).expect("the targets are there");
    Encoder::fit(&schema, settings, table, &rows).expect("the rows can be fitted")
}

/// A table with a bit of everything.
fn mixed() -> Table {
    parse(
        "mixed.csv",
        "age,smoker,town,dose\n30,yes,Oslo,0.5\n41,no,Bern,0.25\n,no,Oslo,1.5\n\
         63,,Bern,0.75\n25,no,Rome,2.5\n",
    )
}
