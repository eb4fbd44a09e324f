//! What one thread of this processor does at most: the limits that benchmarks
//! compare with. Measured, each in a few milliseconds.

use std::hint::black_box;

use crate::clock::Clock;
use crate::kernels::{Isa, multiply_adds, read, roots, sigmoids};
use crate::real::Real;

/// Returns the operations a second of multiply-adds, each counted as two.
pub fn operations<T: Real>() -> f64 {
    fastest(|| multiply_adds::<T>(Isa::detect(), 1_000_000))
}

/// Returns the parameters a second that an optimizer with second moments could
/// update if it did nothing but its square root and its quotient.
pub fn roots_and_quotients<T: Real>() -> f64 {
    fastest(|| roots::<T>(Isa::detect(), 100_000))
}

/// Returns the numbers a second that can be read again and again from so many
/// in a row.
///
/// # Panics
/// If there are none.
pub fn reads<T: Real>(count: usize) -> f64 {
    assert!(count > 0, "there is something to read");
    let numbers = vec![T::ZERO; count];
    let times = 10_000_000 / count + 1;
    fastest(|| {
        for _ in 0..times {
            black_box(read(Isa::detect(), black_box(&numbers)));
        }
        times * count
    })
}

/// Returns the samples a second that a network of 4 inputs, 16 hidden neurons and
/// 3 outputs, all sigmoids, could take if a program were written for it alone, on
/// whichever instruction set of the machine is best for that.
pub fn samples_of_sigmoids<T: Real>() -> f64 {
    let sets = Isa::all().into_iter().flatten();
    sets.map(|isa| fastest(|| sigmoids::<T>(isa, 100_000))).fold(0.0, f64::max)
}

/// Returns how many a second come out of some work, the best of five times.
fn fastest(work: impl Fn() -> usize) -> f64 {
    let runs = (0..5).map(|_| {
        let clock = Clock::start();
        let count = black_box(work());
        count as f64 / clock.seconds()
    });
    runs.fold(0.0, f64::max)
}
