//! The engine: trains dense networks in batches, fast, and computes the same
//! as the textbook.
//!
//! [`chainrule`] is the algorithm as a book prints it, one neuron at a time.
//! This crate is the same mathematics on many samples at once. It is tested
//! against the textbook, and any sample of a live training run can be opened
//! there, line by line ([`Trainer::example`](trainer::Trainer::example)).
//!
//! # An example
//!
//! An [`Architecture`](architecture::Architecture) is a shape, a
//! [`Network`](network::Network) a shape with weights; [`Settings`](settings::Settings)
//! say how a [`Trainer`](trainer::Trainer) trains it on [`Samples`](data::Samples).
//!
//! ```
//! use chainrule::activation::Activation;
//! use chainrule::loss::Loss;
//! use chainrule_engine::architecture::{Architecture, LayerSpec};
//! use chainrule_engine::data::Samples;
//! use chainrule_engine::initialise::Initialisation;
//! use chainrule_engine::network::Network;
//! use chainrule_engine::settings::{EarlyStopping, Settings};
//! use chainrule_engine::trainer::Trainer;
//!
//! // A sine: one row is one sample, of one input and one target.
//! let inputs: Vec<f32> = (0..200).map(|k| k as f32 / 100.0 - 1.0).collect();
//! let targets: Vec<f32> = inputs.iter().map(|x| (3.0 * x).sin()).collect();
//! let shape = Architecture::new(
//!     1,
//!     [LayerSpec::new(16, Activation::Tanh), LayerSpec::new(1, Activation::Identity)],
//! )?;
//! let samples = Samples::new(&shape, &inputs, &targets)?;
//!
//! let mut settings = Settings::new(Loss::HalfSquared);
//! settings.learning_rate = 0.02;
//! settings.early_stopping = Some(EarlyStopping { patience: 20, min_improvement: 0.0 });
//! let network = Network::new(shape, Initialisation::default(), 1);
//! let mut trainer = Trainer::new(network, settings)?;
//! trainer.fit(&samples, None, &mut ())?;
//!
//! let history = trainer.history();
//! println!("{} epochs, the last with loss {:?}", history.epochs(), history.training_loss.last());
//! let outputs = trainer.network().predict(&[0.5])?;
//! assert!((outputs[0] - 1.5_f32.sin()).abs() < 0.1);
//!
//! // Everything a run is made of, to go on later, bit for bit.
//! let saved: Vec<u8> = trainer.state();
//! # let _ = saved;
//! # Ok::<(), chainrule_engine::error::Error>(())
//! ```
//!
//! # What to read
//!
//! [`trainer`] is the loop; `batch.rs` beside [`chainrule::backprop`] is the
//! algorithm; [`optimizer`] and [`schedule`] have a formula and a source for
//! each; [`ensemble`] trains several networks at the price of one; `kernels.rs` says how
//! matrices lie in memory and holds the only `unsafe`.
//!
//! # Same bits
//!
//! With the same seed, settings and data, every number comes out with the same
//! bits:
//! - on any number of threads, and whether they change on the way;
//! - whether a run goes through or is saved, killed and restored, at any step;
//! - in `predict`, whatever rows stand beside a row.
//!
//! Not promised is the last bit between machines of different instruction sets
//! ([`real::instruction_set`]): AVX2, AVX-512, NEON and plain arithmetic add up
//! sums over lanes in other orders, and plain arithmetic rounds products. Nor
//! is it between releases, operating systems (a logarithm is the system's), or
//! `f32` and `f64`. What took time, and stops by the clock, is never the same.
//!
//! # Threads
//!
//! [`Settings::threads`](settings::Settings::threads) is 1 unless set. More are
//! used only where a batch is large enough for them to pay: batch size times
//! parameters of half a million for each. They live as long as the trainer.
//!
//! # Memory
//!
//! Samples are read where they lie, never copied. A trainer has the parameters
//! up to six times (themselves, two of the optimizer, as many of the last good
//! state; once more for clipping by norm, and for early stopping). L-BFGS has
//! them twice for each pair it keeps, Levenberg–Marquardt the square of their
//! number. Each row of a batch has its activations, slopes and deltas. All of
//! it is there before the first step: training allocates nothing.
//!
//! # Singles or doubles
//!
//! Everything is generic over [`Real`](real::Real): `f32` is about twice as fast
//! and what networks are trained with; `f64` is for comparing with other programs,
//! and for L-BFGS and Levenberg–Marquardt, which live on small differences.
//!
//! Numbers near the least normal one are cut short, for on some processors what is
//! below it makes training several times slower: `e^x` is 0 there, and deltas and
//! the optimizer's means are multiples of `2^-98` (`f64`: `2^-994`).
#![deny(unsafe_code)]

mod aligned;
pub mod architecture;
mod batch;
pub mod callback;
mod clock;
pub mod data;
mod dropout;
pub mod ensemble;
pub mod error;
mod evaluation;
mod first_layer;
pub mod history;
pub mod initialise;
mod inspect;
mod kernels;
mod layout;
pub mod network;
mod objective;
pub mod optimizer;
pub mod peak;
pub mod predictor;
pub mod random;
pub mod real;
pub mod schedule;
pub mod settings;
mod state;
pub mod trainer;

/// Has the engine compiled here, for both kinds of number: where builds are not
/// optimized, a program that uses it need not compile every kernel again.
#[cfg(debug_assertions)]
#[doc(hidden)]
pub fn compiled() -> [*const (); 10] {
    use ensemble::Ensemble;
    use network::Network;
    use predictor::Predictor;
    use trainer::Trainer;

    [
        Trainer::<f32>::new as *const (),
        Trainer::<f64>::new as *const (),
        Trainer::<f32>::fit as *const (),
        Trainer::<f64>::fit as *const (),
        Predictor::<f32>::predict_into as *const (),
        Predictor::<f64>::predict_into as *const (),
        Network::<f32>::loss_and_gradient as *const (),
        Network::<f64>::loss_and_gradient as *const (),
        Ensemble::<f32>::fit as *const (),
        Ensemble::<f64>::fit as *const (),
    ]
}
