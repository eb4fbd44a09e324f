//! Measures the engine on the workloads it is compared with others on.
//!
//! ```sh
//! cargo bench -p chainrule-engine                               # all of them
//! cargo bench -p chainrule-engine -- W3 --threads 2 --optimizer adam
//! make bench                                                    # beside others
//! ```
//!
//! Names: W1 W2 W3 W4 W5a W5b W6, or W6-2048 alone, and `kernels`; options: `--threads N`,
//! `--optimizer NAME`, `--seconds S` for each measurement, `--repeats N`.
//! `bench/run` also starts this program, with the words `serve` and `fit`.

mod arguments;
mod fit;
mod limit;
mod serve;
mod table;
mod task;

fn main() -> std::process::ExitCode {
    // cargo adds a word of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let result = match words.split_first() {
        Some((first, rest)) if first == "serve" => serve::serve(rest),
        Some((first, rest)) if first == "fit" => fit::fit(rest),
        _ => table::table(&words),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            std::process::ExitCode::FAILURE
        }
    }
}
