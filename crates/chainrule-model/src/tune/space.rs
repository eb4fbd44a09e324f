//! From which values settings are drawn.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::SEARCHED;
use crate::recipe::Recipe;
use crate::train::rates;

/// Shares of dropout; none is as likely as all others together.
const DROPOUTS: [f64; 8] = [0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.5];
/// Weight decays lie between these, or there is none.
const DECAYS: [f64; 2] = [0.001, 1.0];
/// Widths of the first layer, of that without tuning.
const FACTORS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// No layer is wider or narrower.
const WIDTHS: [f64; 2] = [4.0, 1024.0];

/// The settings to search.
pub(super) struct Space {
    names: Vec<&'static str>,
}

/// A series of drawn settings.
pub(super) struct Draws<'a> {
    space: &'a Space,
    random: ChaCha8Rng,
}

impl Space {
    /// Leaves out what is kept, and what the optimizer has no use for.
    pub(super) fn new(base: &Recipe, kept: &[&str]) -> Space {
        let is_possible = |name: &str| match name {
            "learning_rate" => !rates(base.optimizer).is_empty(),
            // The engine has neither for these optimizers.
            "weight_decay" | "dropout" => !base.optimizer.is_of_whole_set(),
            _ => true,
        };
        let names = SEARCHED.into_iter();
        let names = names.filter(|name| !kept.contains(name) && is_possible(name)).collect();
        Space { names }
    }

    /// Returns the names of the settings.
    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Starts a series, which depends on the seed alone.
    pub(super) fn draws(&self, seed: u64) -> Draws<'_> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // The engine's streams have small numbers.
        random.set_stream(0x7475_6e65);
        Draws { space: self, random }
    }
}

impl Draws<'_> {
    /// Draws settings, the others being those of a recipe. A setting that is
    /// kept is drawn all the same, so that keeping one does not change the
    /// others.
    pub(super) fn next(&mut self, base: &Recipe) -> Recipe {
        let depth = 1 + self.index(3);
        let widest = base.hidden.as_ref().and_then(|widths| widths.first());
        let widest = widest.map_or(32.0, |&width| width as f64);
        let first = (widest * FACTORS[self.index(FACTORS.len())]).clamp(WIDTHS[0], WIDTHS[1]);
        let width = |layer: usize| whole((first / f64::from(1 << layer)).max(WIDTHS[0]));
        let hidden: Vec<usize> = (0..depth).map(width).collect();
        let rates = rates(base.optimizer);
        let least = rates.first().copied().unwrap_or(1.0);
        let most = rates.last().copied().unwrap_or(1.0);
        let learning_rate = self.between(least, most);
        let has_decay = self.index(3) > 0;
        let decay = self.between(DECAYS[0], DECAYS[1]);
        let dropout = DROPOUTS[self.index(DROPOUTS.len())];
        let mut recipe = base.clone();
        for name in &self.space.names {
            match *name {
                "hidden" => recipe.hidden = Some(hidden.clone()),
                "learning_rate" => recipe.learning_rate = Some(learning_rate),
                "weight_decay" => recipe.weight_decay = Some(if has_decay { decay } else { 0.0 }),
                _ => recipe.dropout = dropout,
            }
        }
        recipe
    }

    /// Draws a number whose logarithm is evenly spread, of two digits.
    fn between(&mut self, least: f64, most: f64) -> f64 {
        let uniform = (self.random.next_u64() >> 11) as f64 * 2f64.powi(-53);
        let drawn = least * (most / least).powf(uniform);
        format!("{drawn:.1e}").parse().unwrap_or(drawn)
    }

    /// Draws a whole number below a small one; the bias is 2⁻³⁰ at most.
    fn index(&mut self, bound: usize) -> usize {
        let scaled = u64::from(self.random.next_u32()) * bound as u64;
        usize::try_from(scaled >> 32).expect("it is below the bound")
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 4 to 1024")]
fn whole(width: f64) -> usize {
    width.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainrule_engine::optimizer::Optimizer;

    fn base() -> Recipe {
        Recipe { hidden: Some(vec![32]), learning_rate: Some(0.01), ..Recipe::default() }
    }

    #[test]
    fn draws_stay_in_their_ranges_and_differ() {
        let space = Space::new(&base(), &[]);
        assert_eq!(space.names(), SEARCHED);
        let mut draws = space.draws(3);
        let drawn: Vec<Recipe> = (0..500).map(|_| draws.next(&base())).collect();
        for recipe in &drawn {
            let widths = recipe.hidden.as_ref().expect("widths are drawn");
            assert!((1..=3).contains(&widths.len()), "{widths:?}");
            assert!(widths.iter().all(|width| (4..=128).contains(width)), "{widths:?}");
            let rate = recipe.learning_rate.expect("a rate is drawn");
            assert!((0.0003..=0.03).contains(&rate), "{rate}");
            let decay = recipe.weight_decay.expect("a decay is drawn");
            assert!(decay == 0.0 || (0.001..=1.0).contains(&decay), "{decay}");
            assert!((0.0..=0.5).contains(&recipe.dropout));
        }
        let depths: std::collections::HashSet<usize> =
            drawn.iter().filter_map(|recipe| recipe.hidden.as_ref().map(Vec::len)).collect();
        assert_eq!(depths.len(), 3);
        assert_ne!(drawn[0], drawn[1]);
    }

    #[test]
    fn keeping_one_setting_does_not_change_the_others() {
        let all = Space::new(&base(), &[]).draws(3).next(&base());
        let space = Space::new(&base(), &["hidden"]);
        let kept = space.draws(3).next(&base());
        assert_eq!(kept.hidden, Some(vec![32]));
        assert_eq!(kept.learning_rate, all.learning_rate);
        assert_eq!((kept.weight_decay, kept.dropout), (all.weight_decay, all.dropout));
    }

    #[test]
    fn what_an_optimizer_has_no_use_for_is_not_searched() {
        let base = Recipe { optimizer: Optimizer::LBFGS, ..base() };
        assert_eq!(Space::new(&base, &[]).names(), ["hidden"]);
    }
}
