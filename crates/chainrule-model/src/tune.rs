//! Searching settings: widths and depth, learning rate, weight decay, dropout.
//!
//! Settings are drawn at random (Bergstra & Bengio 2012) from the seed, and
//! halved in rungs (Jamieson & Talwalkar 2016): all are trained for a few
//! epochs, the third that does best for three times as many, and so on, up to
//! as many as the recipe allows. The first trial is the recipe without any
//! tuning; it goes through all rungs, so that whatever wins has beaten it.
//!
//! What decides is the loss on validation rows, or its mean over folds. Rows
//! that are in neither, such as those of a test file, are never looked at.
//! Trials run side by side, each on one thread: what comes out depends on
//! table, recipe, folds and the number of trials, not on how many threads there
//! are. Where [`Watch::should_stop`] ends the search early, the best so far is
//! taken.

mod halving;
mod record;
mod space;

use chainrule_engine::real::Real;

use crate::encoder;
use crate::recipe::{Precision, Recipe};
use crate::schema::Schema;
use crate::split::Split;
use crate::train::{Course, Error, Selection};
use halving::{Arena, Race};
use space::Space;

pub use record::{Judge, Trial, Tuning};

/// The settings that are searched where nobody gave them.
pub const SEARCHED: [&str; 4] = ["hidden", "learning_rate", "weight_decay", "dropout"];

/// Trials of a round, where rounds follow until the search is stopped: three
/// rungs of thirds.
const ROUND: usize = 27;

/// What is searched, and by what it is decided.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// What the columns are.
    pub schema: &'a Schema,
    /// How they become numbers.
    pub encoding: &'a encoder::Settings,
    /// All settings; those of [`SEARCHED`] that are not in `kept` are changed.
    pub recipe: &'a Recipe,
    /// The rows.
    pub selection: Selection<'a>,
    /// Folds whose mean loss decides; where there are none, the validation rows
    /// do.
    pub folds: &'a [Split],
    /// Settings that stay as they are.
    pub kept: &'a [&'static str],
    /// How many settings are tried, the untuned ones among them; `None` goes on
    /// until the search is stopped.
    pub trials: Option<usize>,
}

/// Is told how a search goes, from any thread, and may end it.
pub trait Watch: Sync {
    /// Tells whether the search is to end now, with the best so far.
    fn should_stop(&self) -> bool {
        false
    }

    /// A rung begins: this many trials go on to this epoch.
    fn rung(&self, trials: usize, epoch: usize) {
        let _ = (trials, epoch);
    }

    /// One of its trainings has ended; a trial has one for each fold.
    fn trained(&self) {}
}

/// Nobody watches.
impl Watch for () {}

impl Search<'_> {
    /// Searches; returns the recipe with the best settings, and all that was
    /// tried.
    ///
    /// # Errors
    /// If there is nothing to search or nothing to decide by, if a column does
    /// not fit, or settings do not go together.
    pub fn run(&self, watch: &dyn Watch) -> Result<(Recipe, Tuning), Error> {
        match self.recipe.precision {
            Precision::F32 => self.run_in::<f32>(watch),
            Precision::F64 => self.run_in::<f64>(watch),
        }
    }

    fn run_in<T: Real>(&self, watch: &dyn Watch) -> Result<(Recipe, Tuning), Error> {
        let Search { schema, encoding, selection, .. } = *self;
        if self.folds.is_empty() && selection.split.validation.is_empty() {
            return Err(Error::NothingDecides);
        }
        let untuned = Course::new(schema, encoding, self.recipe, selection)?;
        let base = untuned.settled(self.recipe);
        drop(untuned);
        let space = Space::new(&base, self.kept);
        if space.names().is_empty() {
            return Err(Error::NothingToTune);
        }
        let judge = if self.folds.is_empty() {
            Judge::ValidationRows { rows: selection.split.validation.len() }
        } else {
            Judge::Folds { count: self.folds.len() }
        };
        let arenas: Result<Vec<Arena<T>>, Error> = if self.folds.is_empty() {
            Arena::new(schema, encoding, &base, selection).map(|arena| vec![arena])
        } else {
            let of_fold =
                |split| Selection { table: selection.table, split, validation_table: None };
            let folds = self.folds.iter();
            folds.map(|split| Arena::new(schema, encoding, &base, of_fold(split))).collect()
        };
        let arenas = arenas?;
        let rungs = halving::rungs(self.trials.unwrap_or(ROUND), base.epochs);
        let race = Race { arenas: &arenas, rungs: &rungs, threads: self.threads(), watch };
        let mut draws = space.draws(base.seed);
        let mut ranked = Vec::new();
        loop {
            let count = self.trials.unwrap_or(ROUND);
            let first = ranked.is_empty().then(|| base.clone());
            let drawn = first.into_iter().chain(std::iter::repeat_with(|| draws.next(&base)));
            ranked.extend(race.run(ranked.len(), drawn.take(count).collect())?);
            if self.trials.is_some() || watch.should_stop() {
                break;
            }
        }
        ranked.sort_by(|one, other| one.outcome.order(&other.outcome));
        // With no rung gone through there is nothing to judge by.
        let best = if ranked[0].outcome.rungs == 0 { &base } else { &ranked[0].recipe };
        let mut recipe = self.recipe.clone();
        for name in space.names() {
            let value = best.spell(name).expect("every setting is spelt");
            recipe.set(name, &value).expect("what is spelt is read again");
        }
        let tuning = Tuning {
            judge,
            searched: space.names().iter().map(ToString::to_string).collect(),
            rungs,
            was_stopped: ranked.iter().any(|entry| entry.outcome.was_stopped),
            trials: ranked.iter().map(|entry| Trial::new(entry, space.names())).collect(),
        };
        Ok((recipe, tuning))
    }

    fn threads(&self) -> usize {
        match self.recipe.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }
}
