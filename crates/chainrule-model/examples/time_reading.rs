//! Times reading a file, from opening it to the table, whole and as a stream.
//!
//! ```sh
//! cargo run --release -p chainrule-model --example time_reading -- rows.csv
//! ```

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use chainrule_model::read::{Options, Source, Stream, read, read_source};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let options = Options::default();
    let whole = fastest(|| {
        let bytes = std::fs::read(&path)?;
        Ok(read(&path, &bytes, &options)?.table.rows())
    })?;
    println!("{:20} {whole:.3} s", "chainrule");
    let source = Source::seekable(&path, || File::open(&path));
    let blocks = fastest(|| Ok(read_source(&source, &options)?.table.rows()))?;
    println!("{:20} {blocks:.3} s", "chainrule, source");
    let stream = Stream::new(&source, &options)?;
    let parts = fastest(|| {
        let mut rows = 0;
        for table in stream.tables()? {
            rows += table?.rows();
        }
        Ok(rows)
    })?;
    println!("{:20} {parts:.3} s", "chainrule, stream");
    Ok(())
}

/// Returns the seconds of the fastest of five runs.
fn fastest(run: impl Fn() -> Result<usize, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        assert!(run()? > 0, "a table has rows");
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}
