//! Measures how fast columns are judged, fitted and encoded: a million rows of
//! 16 columns, one thread.
//!
//! ```sh
//! cargo run --release -p chainrule-model --example time_encoding
//! ```

use std::time::Instant;

use chainrule_model::encoder::{Encoder, Scaling, Settings};
use chainrule_model::schema::{Choices, Schema};
use chainrule_model::split::Splitter;
use chainrule_model::table::{Cells, Column, Lines, Table, Text};

const ROWS: u32 = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let noise = |row: u32, column: u32| f64::from((row ^ column).wrapping_mul(2_654_435_769));
    let mut columns: Vec<Column> = (0..13)
        .map(|column| Column {
            name: format!("number {column}"),
            cells: Cells::Numbers((0..ROWS).map(|row| noise(row, column)).collect()),
        })
        .collect();
    for column in 0..3 {
        let words = (0..8).map(|word| format!("word {word}")).collect();
        let codes = (0..ROWS).map(|row| (row.wrapping_mul(2_654_435_769) >> 9) % 8).collect();
        let cells = Cells::Text(Text { words, codes });
        columns.push(Column { name: format!("category {column}"), cells });
    }
    let words = ["a", "b", "c"].map(String::from).to_vec();
    let codes = (0..ROWS).map(|row| (row.wrapping_mul(2_654_435_769) >> 7) % 3).collect();
    let class = Column { name: "class".to_string(), cells: Cells::Text(Text { words, codes }) };
    columns.push(class);
    let table = Table { name: "made up".to_string(), columns, lines: Lines::None };

    let choices = Choices { targets: vec!["class".to_string()], ..Choices::default() };
    let schema = timed("judge the columns", || Schema::new(&table, &choices))?;
    let rows = timed("find labelled rows", || schema.labelled(&table))?;
    let (split, _) =
        timed("hold out a fifth", || Splitter::of_table(&schema, &table, &rows, 1)?.hold_out(0.2))?;
    for scaling in [None, Some(Scaling::Robust), Some(Scaling::QuantileNormal)] {
        println!("scaling {scaling:?}");
        let settings = Settings { scaling, ..Settings::default() };
        let fit = || Encoder::fit(&schema, &settings, &table, &split.training);
        let (encoder, _) = timed("fit the encoder", fit)?;
        let inputs = encoder.read_inputs(&table)?;
        let mut block = vec![0.0_f32; 8192 * encoder.width()];
        timed("encode, block by block", || {
            for start in (0..ROWS as usize).step_by(8192) {
                let rows = start..(start + 8192).min(ROWS as usize);
                let part = &mut block[..rows.len() * encoder.width()];
                inputs.encode_into(rows, part);
            }
        });
        timed("encode listed rows", || inputs.encode::<f32>(&split.training));
        timed("look for remarks", || inputs.remarks(0..table.rows()));
    }
    Ok(())
}

fn timed<R>(what: &str, action: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = action();
    println!("{what:24} {:7.1} ms", start.elapsed().as_secs_f64() * 1e3);
    result
}
