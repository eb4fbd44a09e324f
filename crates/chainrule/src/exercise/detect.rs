//! Which convention a sheet follows, where nobody stated it.
//!
//! A sheet is judged in every convention that is open; the one that makes most
//! of its lines right is taken, of equal ones that in which most of the others
//! show a usual mistake, and the exercise's own where it is as good.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::diagnose;
use super::judge::{Judged, Places};
use super::working::Working;
use super::written::Written;
use crate::convention::{Convention, DeltaSign, UpdateOrder};
use crate::example::Example;
use crate::loss::Loss;
use crate::network::{Biases, Network};
use crate::quantity::Quantity;

/// What is stated, and not to be seen from the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each part is stated by itself, or not")]
pub struct Stated {
    /// The update order.
    pub update_order: bool,
    /// The sign of a delta.
    pub delta_sign: bool,
    /// The loss, with its factor.
    pub loss: bool,
    /// Whether biases are trained.
    pub biases: bool,
}

impl Stated {
    /// Everything is stated.
    pub const ALL: Stated =
        Stated { update_order: true, delta_sign: true, loss: true, biases: true };

    /// Finds out what a network file states, beyond what it leaves to the
    /// defaults.
    ///
    /// ```
    /// use chainrule::exercise::detect::Stated;
    ///
    /// let file = "update-order = \"old-weights\"\n[published.figures]\nloss = 0.3\n";
    /// let stated = Stated::in_file(file);
    /// assert!(stated.update_order && !stated.loss);
    /// ```
    pub fn in_file(text: &str) -> Stated {
        // The keys of a layer or of a published figure come after a head.
        let is_head = |line: &str| line.trim_start().starts_with('[');
        let whole: Vec<&str> = text.lines().collect();
        let top = whole.iter().position(|line| is_head(line)).unwrap_or(whole.len());
        let has = |key: &str, lines: &[&str]| {
            lines.iter().any(|line| {
                let line = line.trim().trim_start_matches('"').replace('_', "-");
                line.strip_prefix(key)
                    .is_some_and(|rest| rest.trim_start_matches(['"', ' ', '\t']).starts_with('='))
            })
        };
        Stated {
            update_order: has("update-order", &whole[..top]),
            delta_sign: has("delta-sign", &whole[..top]),
            loss: has("loss", &whole[..top]),
            biases: has("train-biases", &whole),
        }
    }
}

/// How a part of the convention came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// It was stated.
    Stated,
    /// The numbers show it.
    Seen,
    /// The numbers do not tell; it is as in the exercise.
    Assumed,
}

impl Known {
    /// Returns it as words behind a comma.
    pub fn words(self) -> &'static str {
        match self {
            Known::Stated => "as stated",
            Known::Seen => "as the numbers show",
            Known::Assumed => "as in the exercise; the numbers do not tell",
        }
    }

    /// Returns the word that stands for it in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Known::Stated => "stated",
            Known::Seen => "seen",
            Known::Assumed => "assumed",
        }
    }
}

/// How each part of the convention came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// The update order.
    pub update_order: Known,
    /// The sign of a delta.
    pub delta_sign: Known,
    /// The loss, with its factor.
    pub loss: Known,
    /// Whether biases are trained; `None` where there are none.
    pub biases: Option<Known>,
    /// Another update order that makes more lines right than the stated one.
    pub better_order: Option<UpdateOrder>,
}

/// An exercise in some convention, with the network of the step.
type Variant = (Example, Network<f64>);

/// Finds the convention that a sheet follows; returns the exercise and the
/// network in it.
pub(super) fn convention(
    example: &Example,
    network: &Network<f64>,
    answers: &HashMap<Quantity, Written>,
    places: Places,
    stated: Stated,
    work: &dyn Fn(&Example, &Network<f64>) -> Working,
) -> (Example, Network<f64>, Treatment) {
    let judge = |(example, network): &Variant, count: &dyn Fn(&Working, &Judged<'_>) -> usize| {
        let working = work(example, network);
        count(&working, &Judged::new(&working, answers, places))
    };
    // Answers to lines that a convention does not have count against it.
    let fitting = Memo::new(|variant: &Variant| {
        judge(variant, &|_, judged| {
            let (right, carried) = judged.counts();
            // Right before carried, where the sum is the same.
            (right + carried) * (answers.len() + 1) + right
        })
    });
    let explained = Memo::new(|variant: &Variant| {
        judge(variant, &|working, judged| diagnose::explained(&variant.0, working, judged))
    });
    // Mistakes take long to look for, and seldom matter.
    let is_better = |one: &Variant, other: &Variant| match fitting.of(one).cmp(&fitting.of(other)) {
        Ordering::Equal => {
            let is_whole = fitting.of(one) == answers.len() * (answers.len() + 2);
            !is_whole && explained.of(one) > explained.of(other)
        }
        order => order == Ordering::Greater,
    };
    let mut best = (example.clone(), network.clone());
    for variant in variants(&best, stated) {
        if is_better(&variant, &best) {
            best = variant;
        }
    }
    let is_worse = |others: Vec<Variant>| others.iter().all(|other| is_better(&best, other));
    let known = |is_stated: bool, others: Vec<Variant>| {
        if is_stated {
            Known::Stated
        } else if !others.is_empty() && is_worse(others) {
            Known::Seen
        } else {
            Known::Assumed
        }
    };
    let others_of_order = orders(&best);
    let better_order = others_of_order
        .iter()
        .find(|other| stated.update_order && is_better(other, &best))
        .map(|(example, _)| example.convention.update_order);
    let treatment = Treatment {
        update_order: known(stated.update_order, others_of_order),
        delta_sign: known(stated.delta_sign, signs(&best)),
        loss: known(stated.loss, losses(&best)),
        biases: has_biases(&best.1).then(|| known(stated.biases, biases(&best))),
        better_order,
    };
    (best.0, best.1, treatment)
}

/// A number for each convention, computed when it is asked for first.
struct Memo<F> {
    compute: F,
    known: RefCell<HashMap<(Convention, &'static str, bool), usize>>,
}

impl<F: Fn(&Variant) -> usize> Memo<F> {
    fn new(compute: F) -> Memo<F> {
        Memo { compute, known: RefCell::default() }
    }

    fn of(&self, variant: &Variant) -> usize {
        let (example, network) = variant;
        let is_trained = network.layers.iter().any(|layer| layer.biases_trained);
        let key = (example.convention, example.loss.name(), is_trained);
        if let Some(&known) = self.known.borrow().get(&key) {
            return known;
        }
        let computed = (self.compute)(variant);
        self.known.borrow_mut().insert(key, computed);
        computed
    }
}

/// Returns every other convention that is open, the least changed first.
fn variants(start: &Variant, stated: Stated) -> Vec<Variant> {
    let mut all = vec![start.clone()];
    for (is_stated, others) in [
        (stated.update_order, orders as fn(&Variant) -> Vec<Variant>),
        (stated.delta_sign, signs),
        (stated.loss, losses),
        (stated.biases, biases),
    ] {
        if !is_stated {
            let more: Vec<Variant> = all.iter().flat_map(others).collect();
            all.extend(more);
        }
    }
    all.remove(0);
    all
}

fn orders((example, network): &Variant) -> Vec<Variant> {
    let mut example = example.clone();
    example.convention.update_order = example.convention.update_order.other();
    vec![(example, network.clone())]
}

fn signs((example, network): &Variant) -> Vec<Variant> {
    let others = DeltaSign::ALL.into_iter().filter(|&s| s != example.convention.delta_sign);
    others
        .map(|sign| {
            let mut example = example.clone();
            example.convention.delta_sign = sign;
            (example, network.clone())
        })
        .collect()
}

/// The squared losses differ by a factor only.
fn losses((example, network): &Variant) -> Vec<Variant> {
    let squared = [Loss::HalfSquared, Loss::SumSquared, Loss::MeanSquared];
    if !squared.contains(&example.loss) {
        return Vec::new();
    }
    let others = squared.into_iter().filter(|&loss| {
        let is_same = example.network.output_width() == 1
            && loss == Loss::MeanSquared
            && example.loss != Loss::MeanSquared;
        loss != example.loss && !is_same
    });
    others
        .map(|loss| {
            let mut example = example.clone();
            example.loss = loss;
            (example, network.clone())
        })
        .collect()
}

fn biases((example, network): &Variant) -> Vec<Variant> {
    if !has_biases(network) {
        return Vec::new();
    }
    let is_trained = network.layers.iter().any(|layer| layer.biases_trained);
    let turned = |network: &Network<f64>| {
        let mut network = network.clone();
        for layer in &mut network.layers {
            layer.biases_trained = !is_trained;
        }
        network
    };
    let changed = turned(network);
    if changed == *network {
        return Vec::new();
    }
    let example = Example { network: turned(&example.network), ..example.clone() };
    vec![(example, changed)]
}

fn has_biases(network: &Network<f64>) -> bool {
    network.layers.iter().any(|layer| !matches!(layer.biases, Biases::Absent))
}
