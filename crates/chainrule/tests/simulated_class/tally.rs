//! What became of the sheets with each mistake, as a table.

use std::collections::BTreeMap;

use chainrule::exercise::mistakes::Mistake;

/// What became of the sheets with one kind of mistake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sheets: usize,
    /// The number is one that honest rounding gives too.
    pub(crate) as_right: usize,
    /// It is right in another convention, and none was stated.
    pub(crate) as_convention: usize,
    /// The number is that of another mistake too.
    pub(crate) as_other: usize,
    /// The rest: can be told apart.
    pub(crate) apart: usize,
    /// Of the rest, the mistake is named first; or after an equal one.
    pub(crate) first: usize,
    pub(crate) equal: usize,
    pub(crate) missed_as_right: usize,
    /// How often it is named first, rightly or not, where things can be told
    /// apart.
    pub(crate) named: usize,
}

/// What became of all sheets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tallies(BTreeMap<Mistake, Tally>);

impl Tallies {
    pub(crate) fn of(&mut self, mistake: Mistake) -> &mut Tally {
        self.0.entry(mistake).or_default()
    }

    pub(crate) fn add(&mut self, other: &Tallies) {
        for (&mistake, tally) in &other.0 {
            let own = self.of(mistake);
            own.sheets += tally.sheets;
            own.as_right += tally.as_right;
            own.as_convention += tally.as_convention;
            own.as_other += tally.as_other;
            own.apart += tally.apart;
            own.first += tally.first;
            own.equal += tally.equal;
            own.missed_as_right += tally.missed_as_right;
            own.named += tally.named;
        }
    }

    /// Prints the table of docs/marking.md.
    pub(crate) fn print(&self) {
        println!(
            "| mistake | sheets | as a right number | as in another convention | as another \
             mistake | apart | named first | precision |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|");
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let row = |name: &str, tally: &Tally| {
            println!(
                "| {name} | {} | {} | {} | {} | {} | {:.1}% | {:.1}% |",
                tally.sheets,
                tally.as_right,
                tally.as_convention,
                tally.as_other,
                tally.apart,
                share(tally.first, tally.apart),
                share(tally.first, tally.named),
            );
        };
        let mut all = Tallies::default();
        for (mistake, tally) in &self.0 {
            row(mistake.id(), tally);
            let mut one = Tallies::default();
            *one.of(Mistake::ALL[0]) = tally.clone();
            all.add(&one);
        }
        row("all", all.of(Mistake::ALL[0]));
    }

    /// Makes sure that nearly all mistakes that the numbers can tell apart are
    /// named first, each kind by itself.
    pub(crate) fn check(&self, least: f64) {
        for (mistake, tally) in &self.0 {
            // Of a few sheets, one may be missed.
            let missed = tally.apart - tally.first;
            let share = tally.first as f64 / tally.apart.max(1) as f64;
            assert!(share >= least || missed <= 1, "{mistake:?}: {tally:?}");
        }
    }

    /// Returns how many of the mistakes were planted on some sheet.
    pub(crate) fn kinds(&self) -> usize {
        self.0.len()
    }
}
