//! Times predicting a table that is in memory: encoding, the network, and the
//! answers in the user's labels.
//!
//! ```sh
//! cargo run --release -p chainrule-model --example time_predicting -- some.model rows.csv
//! ```

use std::error::Error;
use std::time::Instant;

use chainrule_model::model::Model;
use chainrule_model::read::{Options, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut file = || {
        std::fs::read(arguments.next().ok_or("which model and table?")?)
            .map_err(Box::<dyn Error>::from)
    };
    let model = Model::from_bytes(&file()?)?;
    let table = read("table", &file()?, &model.reading(&Options::default()))?.table;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let (predictions, _) = model.predict(&table)?;
        best = best.min(start.elapsed().as_secs_f64());
        assert_eq!(predictions.rows(), table.rows());
    }
    println!("{:24} {best:.3} s, {:.0} rows/s", "predict, in memory", table.rows() as f64 / best);
    Ok(())
}
