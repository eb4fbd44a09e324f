//! Several networks of one architecture, trained side by side on one sample at
//! a time.
//!
//! A small network trained online spends its time waiting: every number for
//! the one before. Other networks can use that time: in each vector of the
//! processor, every lane is another network. Each of them comes out with the
//! bits of a [`Trainer`](crate::trainer::Trainer) that trains it alone with the
//! same settings. For other seeds, for restarts of which the best is taken, for
//! the spread of a result. Not for batches: those fill the vectors by
//! themselves.
//!
//! ```
//! use chainrule::activation::Activation;
//! use chainrule::loss::Loss;
//! use chainrule_engine::architecture::{Architecture, LayerSpec};
//! use chainrule_engine::data::Samples;
//! use chainrule_engine::ensemble::Ensemble;
//! use chainrule_engine::initialise::Initialisation;
//! use chainrule_engine::network::Network;
//! use chainrule_engine::optimizer::Optimizer;
//! use chainrule_engine::settings::Settings;
//!
//! // Exclusive or, from 16 starts; not all of them learn it.
//! let inputs = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0_f64];
//! let targets = [0.0, 1.0, 1.0, 0.0];
//! let layer = |width| LayerSpec::new(width, Activation::Sigmoid);
//! let shape = Architecture::new(2, [layer(2), layer(1)])?;
//! let samples = Samples::new(&shape, &inputs, &targets)?;
//! let network = |seed| Network::new(shape.clone(), Initialisation::default(), seed);
//! let networks: Vec<_> = (0..16).map(network).collect();
//!
//! let mut settings = Settings::new(Loss::HalfSquared);
//! settings.optimizer = Optimizer::SGD;
//! (settings.learning_rate, settings.batch_size, settings.epochs) = (2.0, 1, 2000);
//! let mut ensemble = Ensemble::new(&networks, settings)?;
//! ensemble.fit(&samples)?;
//!
//! let best = ensemble.best().expect("a network with a finite loss");
//! let outputs = ensemble.network(best).predict(&inputs)?;
//! assert!(outputs.iter().zip(targets).all(|(a, t)| (a - t).abs() < 0.2));
//! # Ok::<(), chainrule_engine::error::Error>(())
//! ```

use crate::architecture::Architecture;
use crate::data::{Rows, Samples};
use crate::error::Error;
use crate::evaluation::LossSum;
use crate::kernels::{Isa, Lanes, Rule, Run, STEPS, steps_side_by_side};
use crate::network::Network;
use crate::objective::Objective;
use crate::optimizer::{Memory, Step};
use crate::random::Stream;
use crate::real::Real;
use crate::schedule::{Progress, Schedule};
use crate::settings::{Clip, Settings};

/// Networks in training side by side.
#[derive(Debug)]
pub struct Ensemble<T> {
    architecture: Architecture,
    settings: Settings,
    objective: Objective,
    isa: Isa,
    networks: usize,
    lanes: Lanes<T>,
    /// Counts the steps; it has no numbers of its own.
    memory: Memory<T>,
    rules: Vec<Rule>,
    /// Epochs done.
    epoch: usize,
    /// The stream of shuffling, at the next epoch's start.
    shuffle_position: u128,
    order: Vec<u32>,
    /// `Σ weight·E` of this epoch, of each network, and `Σ weight` of all.
    running: Vec<f64>,
    running_weight: f64,
    /// The mean losses of all epochs, of each network.
    training_losses: Vec<Vec<f64>>,
}

impl<T: Real> Ensemble<T> {
    /// Makes everything ready to train networks.
    ///
    /// # Errors
    /// If there is no network, they are not of one architecture, or a setting is
    /// out of its range or asks for what cannot be done side by side: batches of
    /// more than one sample, dropout, label smoothing, clipping by norm, early
    /// stopping and other limits, an optimizer without a rule for each weight
    /// alone, a schedule that follows the loss, a loss by the textbook's formulas.
    pub fn new(networks: &[Network<T>], settings: Settings) -> Result<Ensemble<T>, Error> {
        let first = networks.first().map(Network::architecture);
        let alone = first.map_or_else(Isa::detect, Isa::of_network::<T>);
        Ensemble::with_sets(networks, settings, [Isa::widest(), alone])
    }

    /// The same with an instruction set for the networks side by side, and the
    /// one for a network alone.
    pub(crate) fn with_sets(
        networks: &[Network<T>],
        settings: Settings,
        sets: [Isa; 2],
    ) -> Result<Ensemble<T>, Error> {
        let Some(first) = networks.first() else {
            return Err(Error::Length { what: "networks", found: 0, expected: 1 });
        };
        let architecture = first.architecture().clone();
        settings.check(&architecture)?;
        let last = architecture.output_layer();
        let objective = Objective::new(last.activation, settings.loss, last.width);
        check(networks, &settings, &objective)?;
        let memory = Memory::new(settings.optimizer, settings.learning_rate, 0);
        let needs = settings.optimizer.states();
        let mut lanes = Lanes::new(&architecture, sets, networks.len(), needs);
        for (number, network) in networks.iter().enumerate() {
            for (parameter, &value) in network.parameters().iter().enumerate() {
                let place = lanes.place(number, parameter);
                lanes.parameters[place] = value;
            }
        }
        Ok(Ensemble {
            architecture,
            objective,
            isa: sets[0],
            networks: networks.len(),
            lanes,
            memory,
            rules: Vec::with_capacity(STEPS),
            epoch: 0,
            shuffle_position: 0,
            order: Vec::new(),
            running: vec![0.0; networks.len()],
            running_weight: 0.0,
            training_losses: vec![Vec::new(); networks.len()],
            settings,
        })
    }

    /// Returns how many networks there are.
    pub fn count(&self) -> usize {
        self.networks
    }

    /// Returns a network as it is now, by its number from 0.
    ///
    /// # Panics
    /// If there is no such network.
    pub fn network(&self, number: usize) -> Network<T> {
        assert!(number < self.networks, "network {number} of {}", self.networks);
        let count = self.architecture.parameter_count();
        let parameters =
            (0..count).map(|parameter| self.lanes.parameters[self.lanes.place(number, parameter)]);
        Network::from_fitting(self.architecture.clone(), parameters.collect())
    }

    /// Returns the mean losses of a network's epochs. Where one is not finite,
    /// training of that network is lost; the others do not notice.
    ///
    /// # Panics
    /// If there is no such network.
    pub fn training_loss(&self, number: usize) -> &[f64] {
        &self.training_losses[number]
    }

    /// Returns the network whose last loss was the least, if one is finite.
    pub fn best(&self) -> Option<usize> {
        let losses = self.training_losses.iter().map(|losses| losses.last().copied());
        let finite = losses.enumerate().filter_map(|(number, loss)| Some((number, loss?)));
        let finite = finite.filter(|(_, loss)| loss.is_finite());
        finite.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(number, _)| number)
    }

    /// Changes how many epochs there are in all.
    pub fn set_epochs(&mut self, epochs: usize) {
        self.settings.epochs = epochs;
    }

    /// Trains all networks for the epochs that are left, on the calling thread.
    ///
    /// # Errors
    /// If the samples do not fit the networks, or their loss.
    pub fn fit(&mut self, samples: &Samples<'_, T>) -> Result<(), Error> {
        samples.check(&self.architecture)?;
        samples.check_targets(self.settings.loss)?;
        let left = self.settings.epochs.saturating_sub(self.epoch);
        self.training_losses.iter_mut().for_each(|losses| losses.reserve(left));
        let count = u32::try_from(samples.count()).expect("checked");
        while self.epoch < self.settings.epochs {
            self.order.clear();
            self.order.extend(0..count);
            if self.settings.shuffle {
                let mut stream = Stream::shuffle(self.settings.seed);
                stream.go_to(self.shuffle_position);
                stream.shuffle_slice(&mut self.order);
                self.shuffle_position = stream.position();
            }
            self.running.fill(0.0);
            self.running_weight = 0.0;
            self.epoch(samples);
            for (losses, &loss) in self.training_losses.iter_mut().zip(&self.running) {
                losses.push(LossSum { loss, weight: self.running_weight }.mean());
            }
            self.epoch += 1;
        }
        Ok(())
    }

    /// Makes a step on each sample.
    fn epoch(&mut self, samples: &Samples<'_, T>) {
        let Settings { optimizer, schedule, learning_rate, epochs, .. } = self.settings;
        let (epoch, batches) = (self.epoch, self.order.len());
        let ending = self.objective.ending().expect("checked");
        let most = if schedule.changes_within_an_epoch() { 1 } else { STEPS };
        let mut batch = 0;
        while batch < batches {
            let count = most.min(batches - batch);
            let progress = Progress { epoch, epochs, batch, batches };
            let rate = learning_rate * schedule.factor(progress);
            let rules = if optimizer.has_changing_rule() { count } else { 1 };
            self.rules.clear();
            self.rules.extend((0..rules).map(|_| match self.memory.begin_step(optimizer, rate) {
                Step::Rule(rule) => rule,
                Step::Rprop { .. } | Step::Quickprop { .. } => unreachable!("checked"),
            }));
            let [of_weights, of_biases] = self.settings.adjustments(rate);
            let rows = Rows::Listed(&self.order[batch..batch + count]);
            let run = Run { samples: *samples, rows, of_weights, of_biases };
            steps_side_by_side(self.isa, &mut self.lanes, ending, &run, &self.rules);
            for step in 0..count {
                let weight = samples.weight(rows.sample(step)).to_f64();
                for (sum, loss) in self.running.iter_mut().zip(self.lanes.losses(step)) {
                    *sum += weight * loss.to_f64();
                }
                self.running_weight += weight;
            }
            batch += count;
        }
    }
}

/// Checks what can be done side by side.
fn check<T: Real>(
    networks: &[Network<T>],
    settings: &Settings,
    objective: &Objective,
) -> Result<(), Error> {
    let architecture = networks[0].architecture();
    let is_a_rule = settings.optimizer.has_rule();
    let others = [
        (networks.iter().any(|one| one.architecture() != architecture), "several architectures"),
        (settings.batch_size > 1, "batches of more than one sample"),
        (architecture.has_dropout(), "dropout"),
        (settings.label_smoothing > 0.0, "label smoothing"),
        (matches!(settings.clip, Clip::Norm(_)), "clipping by norm"),
        (settings.early_stopping.is_some(), "early stopping"),
        (settings.step_limit.is_some(), "a limit of steps"),
        (settings.time_limit.is_some(), "a limit of time"),
        (matches!(settings.schedule, Schedule::Plateau { .. }), "a schedule that follows the loss"),
        (!is_a_rule, "an optimizer without a rule for each weight alone"),
        (objective.ending().is_none(), "this loss with this output activation"),
    ];
    match others.iter().find(|(is_so, _)| *is_so) {
        None => Ok(()),
        Some((_, other)) => {
            let one = "training side by side".to_string();
            Err(Error::Conflict { one, other: (*other).to_string() })
        }
    }
}
