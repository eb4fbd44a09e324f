//! Marks a sheet: every line right, right from earlier slips, or wrong with
//! the mistake that explains it.
//!
//! ```
//! use chainrule::example::Example;
//! use chainrule::exercise::answers::{Format, Sheet};
//! use chainrule::exercise::judge::Verdict;
//! use chainrule::exercise::mark::{Marked, Settings};
//! use chainrule::exercise::mistakes::Mistake;
//!
//! let example = Example::builtin("first-example").expect("it is built in");
//! let sheet = Sheet::read(&example, "z_top = 0.755\na_top = 0.6802\n", Format::Markdown);
//! let marked = Marked::new(&example, &sheet, &Settings::default());
//! let a_top = marked.lines.iter().find(|line| line.at.id(&example.names) == "a_top");
//! let a_top = a_top.expect("it is asked for");
//! assert_eq!(a_top.verdict, Verdict::Wrong);
//! assert_eq!(a_top.explanations[0].mistakes[0].mistake, Mistake::CutOff);
//! ```

use std::collections::{HashMap, HashSet};

use super::answers::{Answer, Problem, Sheet};
use super::detect::{self, Treatment};
use super::diagnose::{self, Explanation, Fit};
use super::expression::Expression;
use super::in_step::InStep;
use super::judge::{Judged, Places, Verdict};
use super::mistakes::{Kind, Mistake};
use super::scheme::Scheme;
use super::working::{Line, Working};
use super::written::Written;
use crate::example::{Example, Published};
use crate::network::Network;
use crate::quantity::{Phase, Quantity};
use crate::rounding::Rounding;
use crate::scalar::interval::Interval;

pub use super::detect::Stated;
pub use remarks::Remark;

mod remarks;

/// How to mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// To what places every line was to be rounded; without it, every number
    /// counts as it is written.
    pub rounding: Option<Rounding>,
    /// What is stated of the convention; the rest is seen from the numbers.
    pub stated: Stated,
    /// The points.
    pub scheme: Scheme,
    /// Lines that are asked for beside those that the sheet shows to be: what
    /// others of the class have answered.
    pub asked: Vec<InStep>,
}

/// A marked sheet.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The exercise, in the convention that the sheet was marked by.
    pub example: Example,
    /// Whose sheet it is.
    pub student: Option<String>,
    /// How each part of the convention came to be known.
    pub treatment: Treatment,
    /// The places that numbers were taken to have.
    pub places: Places,
    /// The lines asked for, in the order of the work.
    pub lines: Vec<MarkedLine>,
    /// What could not be read or used.
    pub problems: Vec<Problem>,
}

/// A marked line.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedLine {
    /// What it is about.
    pub at: InStep,
    /// Its line on the sheet, from 1.
    pub line: Option<usize>,
    /// What was written.
    pub written: Option<Written>,
    /// The verdict.
    pub verdict: Verdict,
    /// The exact value.
    pub exact: f64,
    /// What the person's own earlier numbers give.
    pub from_own: f64,
    /// The places that the number counts with.
    pub places: Rounding,
    /// The mistakes that explain a wrong number, the most plausible first; all
    /// of them explain it equally well.
    pub explanations: Vec<Explanation>,
    /// What else is to be said.
    pub remarks: Vec<Remark>,
    /// The points it gets.
    pub points: f64,
    /// The points it is worth.
    pub worth: f64,
}

impl Marked {
    /// Marks a sheet for the first steps of an example: as many as it has answers
    /// of, or places for. Asked for are all lines of the kinds that it has.
    pub fn new(example: &Example, sheet: &Sheet, settings: &Settings) -> Marked {
        Marked::of_steps(example, &example.network.clone(), (1, 0), sheet, settings, None)
    }

    /// Marks a group of published figures of an example; only they are asked
    /// for.
    pub fn published(example: &Example, group: &Published, settings: &Settings) -> Marked {
        let mut example = example.clone();
        example.convention.update_order = group.update_order;
        let first = Start { example: &example, network: example.network.clone(), sample: 0 };
        let network = first.networks(group.steps.max(1)).pop().expect("there is a step");
        let sample = group.steps.saturating_sub(1) % example.samples.len();
        let answers = group.figures.iter().map(|figure| Answer {
            at: InStep::first(figure.quantity),
            line: 0,
            written: Written::read(&figure.printed),
            arithmetic: Vec::new(),
        });
        let sheet = Sheet { answers: answers.collect(), ..Sheet::default() };
        let asked = group.figures.iter().map(|figure| figure.quantity).collect();
        let stated = Stated { update_order: true, ..settings.stated };
        let settings = Settings { stated, ..settings.clone() };
        let step = (group.steps, sample);
        Marked::of_steps(&example, &network, step, &sheet, &settings, Some(asked))
    }

    fn of_steps(
        example: &Example,
        network: &Network<f64>,
        (number, sample): (usize, usize),
        sheet: &Sheet,
        settings: &Settings,
        asked: Option<HashSet<Quantity>>,
    ) -> Marked {
        let shown = [&sheet.asked(), settings.asked.as_slice()].concat();
        let steps = shown.iter().map(|at| at.step).fold(settings.scheme.steps, usize::max);
        let answers: Vec<_> = (1..=steps).map(|step| numbers(sheet, step)).collect();
        let work = |example: &Example, network: &Network<f64>, step: usize| {
            let sample = (sample + step - 1) % example.samples.len();
            let working = Working::of_step(example, network, number + step - 1, sample);
            working.of_sheet(&answers[step - 1])
        };
        let written = answers.iter().flat_map(HashMap::values);
        let places = Places::of(settings.rounding, written, example.shown);
        let (example, network, treatment) = detect::convention(
            example,
            network,
            &answers[0],
            places,
            settings.stated,
            &|example, network| work(example, network, 1),
        );
        let mut other = example.clone();
        other.convention.update_order = example.convention.update_order.other();
        let exact = Start { example: &example, network, sample };
        let in_other = Start { example: &other, network: exact.network.clone(), ..exact };
        let workings: Vec<Working> = exact
            .networks(steps)
            .iter()
            .zip(in_other.networks(steps))
            .enumerate()
            .map(|(place, (network, in_other))| {
                let mut working = work(&example, network, place + 1);
                working.compare(&work(&other, &in_other, place + 1));
                working
            })
            .collect();
        let asked = asked
            .or_else(|| settings.scheme.asked.clone())
            .unwrap_or_else(|| asked_for(&workings, &shown));
        let mut lines = Vec::new();
        let mut start = HashMap::new();
        for (place, (working, answers)) in workings.iter().zip(&answers).enumerate() {
            let judged = Judged::starting_with(start, working, answers, places);
            let marker = Marker { example: &example, working, judged: &judged };
            for line in working.lines().iter().filter(|line| asked.contains(&line.quantity)) {
                let at = InStep { step: place + 1, quantity: line.quantity };
                let answer = sheet.answers.iter().find(|one| one.at == at);
                lines.push(marker.mark(at, line, answer));
            }
            start = judged.updated();
        }
        weigh(&mut lines);
        for line in &mut lines {
            line.worth = settings.scheme.worth(line.at.quantity);
            let (quantity, verdict) = (line.at.quantity, line.verdict);
            line.points = settings.scheme.points(quantity, verdict, &line.explanations);
        }
        Marked {
            student: sheet.student.clone(),
            treatment,
            places,
            lines,
            problems: sheet.problems.clone(),
            example,
        }
    }

    /// Returns the points of all lines.
    pub fn points(&self) -> f64 {
        self.lines.iter().fold(0.0, |sum, line| sum + line.points)
    }

    /// Returns the points that all lines are worth.
    pub fn worth(&self) -> f64 {
        self.lines.iter().fold(0.0, |sum, line| sum + line.worth)
    }

    /// Returns how many lines have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.lines.iter().filter(|line| line.verdict == verdict).count()
    }

    /// Returns how often each mistake is the first to be named, in the order
    /// of [`Mistake::ALL`].
    pub fn mistakes(&self) -> Vec<(Mistake, usize)> {
        let first = |line: &MarkedLine| line.explanations.first().map(|one| one.mistakes.clone());
        let named: Vec<Mistake> =
            self.lines.iter().filter_map(first).flatten().map(|named| named.mistake).collect();
        Mistake::ALL
            .into_iter()
            .map(|mistake| (mistake, named.iter().filter(|&&one| one == mistake).count()))
            .filter(|&(_, count)| count > 0)
            .collect()
    }

    /// Tells whether there is nothing to say against the sheet.
    pub fn is_faultless(&self) -> bool {
        self.problems.is_empty()
            && self.lines.iter().all(|line| line.verdict == Verdict::Right && !line.has_flaw())
    }
}

impl MarkedLine {
    /// Tells whether a line that is right has something wrong with it.
    pub fn has_flaw(&self) -> bool {
        self.remarks.iter().any(|remark| !matches!(remark, Remark::Rounding { .. }))
    }

    /// Returns the right number, to the places written.
    pub fn expected(&self) -> String {
        self.places.show(self.exact)
    }

    /// Returns the number that follows from the earlier ones, where it is
    /// another one than the right number.
    pub fn expected_from_own(&self) -> Option<String> {
        let own = self.places.show(self.from_own);
        (own != self.expected()).then_some(own)
    }
}

/// Returns the written numbers by quantity. Where there is arithmetic without
/// a result, its value stands for it.
fn numbers(sheet: &Sheet, step: usize) -> HashMap<Quantity, Written> {
    let number = |answer: &Answer| match (&answer.written, answer.arithmetic.last()) {
        (Some(written), _) => Some(written.clone()),
        (None, Some(arithmetic)) => {
            Some(Written::rounded(arithmetic.value, Remark::PLACES_OF_ARITHMETIC))
        }
        (None, None) => None,
    };
    let answers = sheet.answers.iter().filter(|answer| answer.at.step == step);
    answers.filter_map(|answer| Some((answer.at.quantity, number(answer)?))).collect()
}

/// What a run of steps starts with.
struct Start<'a> {
    example: &'a Example,
    network: Network<f64>,
    sample: usize,
}

impl Start<'_> {
    /// Returns the network that each step starts with.
    fn networks(&self, steps: usize) -> Vec<Network<f64>> {
        let samples = self.example.samples.len();
        let mut all = vec![self.network.clone()];
        for step in 1..steps {
            let last = all.last().expect("there is a first one");
            all.push(self.example.step_of(last, (self.sample + step - 1) % samples).updated);
        }
        all
    }
}

/// Returns the lines of the same kinds as some.
fn asked_for(workings: &[Working], shown: &[InStep]) -> HashSet<Quantity> {
    let kind = |quantity: Quantity| {
        let is_after = quantity.phase() == Some(Phase::After);
        (std::mem::discriminant(&quantity), is_after)
    };
    let kinds: HashSet<_> = shown.iter().map(|at| kind(at.quantity)).collect();
    let all = workings.iter().flat_map(Working::lines).map(|line| line.quantity);
    all.filter(|&quantity| kinds.contains(&kind(quantity))).collect()
}

/// Puts equal explanations in order, once it is known what mistakes the sheet
/// has for certain.
fn weigh(lines: &mut [MarkedLine]) {
    let mut made: HashMap<Mistake, usize> = HashMap::new();
    for line in lines.iter() {
        if let [only] = line.explanations.as_slice()
            && only.fit <= Fit::WithinRounding
        {
            // Who misunderstands something does so again; a slip is made once.
            for named in only.mistakes.iter().filter(|one| one.mistake.kind() == Kind::Method) {
                *made.entry(named.mistake).or_default() += 1;
            }
        }
    }
    for line in lines {
        diagnose::sort(&mut line.explanations, &made);
    }
}

/// What a line is marked with.
struct Marker<'a> {
    example: &'a Example,
    working: &'a Working,
    judged: &'a Judged<'a>,
}

impl Marker<'_> {
    fn mark(&self, at: InStep, line: &Line, answer: Option<&Answer>) -> MarkedLine {
        let own = self.judged.own(line.quantity).expect("every line is judged");
        let written = self.judged.answers.get(&line.quantity);
        let verdict = own.verdict.unwrap_or(Verdict::Missing);
        let usual = Rounding::Digits(6);
        let has_result = answer.is_some_and(|answer| answer.written.is_some());
        let mut marked = MarkedLine {
            at,
            line: answer.map(|answer| answer.line).filter(|&line| line > 0),
            written: written.cloned(),
            verdict,
            exact: line.exact,
            from_own: own.gives,
            places: written.filter(|_| has_result).map_or(usual, |one| self.judged.places(one)),
            explanations: Vec::new(),
            remarks: Vec::new(),
            points: 0.0,
            worth: 0.0,
        };
        let Some(written) = written else { return marked };
        if verdict == Verdict::Wrong {
            marked.explanations = self.diagnose(line, written);
        }
        if let Some(answer) = answer {
            self.remark_on_arithmetic(line, answer, &mut marked);
        }
        if verdict == Verdict::Right && has_result {
            self.remark_on_rounding(line, written, &mut marked);
        }
        marked
    }

    fn diagnose(&self, line: &Line, written: &Written) -> Vec<Explanation> {
        diagnose::diagnose(self.example, self.working, self.judged, line, written)
    }

    /// Says where a right number differs from the exact one.
    fn remark_on_rounding(&self, line: &Line, written: &Written, marked: &mut MarkedLine) {
        let places = self.judged.places(written);
        let exact = Interval::exact(line.exact, None).rounded(places);
        if !exact.contains(written.value) {
            marked.remarks.push(Remark::Rounding { exact: places.show(line.exact) });
        }
    }

    /// Says where arithmetic does not give its result, and where a number in
    /// it is not the one that belongs there.
    fn remark_on_arithmetic(&self, line: &Line, answer: &Answer, marked: &mut MarkedLine) {
        for arithmetic in &answer.arithmetic {
            match &answer.written {
                None => {
                    let gives = Rounding::Digits(6).show(arithmetic.value);
                    marked.remarks.push(Remark::NoResult { gives });
                }
                Some(written) => {
                    let places = self.judged.places(written);
                    let gives = Interval::exact(arithmetic.value, None).rounded(places);
                    if !gives.contains(written.value) {
                        let shown = Written::rounded(arithmetic.value, places);
                        let is_right =
                            Interval::exact(line.exact, None).rounded(places).contains(shown.value)
                                || shown.value == places.round(marked.from_own);
                        let explained =
                            if is_right { Vec::new() } else { self.diagnose(line, &shown) };
                        let is_cut =
                            super::slips::cut_off(arithmetic.value, places) == written.value;
                        marked.remarks.push(Remark::DoesNotFollow {
                            arithmetic: arithmetic.text.clone(),
                            gives: shown.text,
                            is_cut,
                            explained: explained
                                .into_iter()
                                .filter(|one| one.fit <= Fit::WithinRounding)
                                .collect(),
                        });
                    }
                }
            }
        }
        if let Some(arithmetic) = answer.arithmetic.first() {
            let ways: Vec<&Expression> = self.judged.ways(line).collect();
            marked.remarks.extend(self.wrong_operands(&ways, &arithmetic.numbers));
        }
    }

    /// Finds the numbers that stand where others belong. Nothing is said where
    /// the arithmetic has another shape.
    fn wrong_operands(&self, ways: &[&Expression], numbers: &[Written]) -> Vec<Remark> {
        let all = ways.iter().filter_map(|way| self.mismatches(way, numbers));
        all.min_by_key(Vec::len).unwrap_or_default()
    }

    fn mismatches(&self, way: &Expression, numbers: &[Written]) -> Option<Vec<Remark>> {
        let mut left: Vec<&Written> = numbers.iter().collect();
        let mut wanted = Vec::new();
        way.for_each_quantity(&mut |quantity| wanted.push(quantity));
        wanted.retain(|&quantity| {
            let near = self.judged.near(quantity);
            let (low, high) =
                (near.low().abs().min(near.high().abs()), near.low().abs().max(near.high().abs()));
            let found = left.iter().position(|number| {
                let places = number.places.unwrap_or(Rounding::Digits(15));
                let reach = number.reach(places);
                let value = number.value.abs();
                let half = (reach.high() - reach.low()) / 2.0;
                value + half >= low && value - half <= high
            });
            match found {
                Some(place) => {
                    left.remove(place);
                    false
                }
                // A factor of 1 is seldom written.
                None => self.judged.point(quantity) != 1.0,
            }
        });
        left.retain(|number| ![0.0, 0.5, 1.0, 2.0].contains(&number.value.abs()));
        if left.len() != wanted.len() {
            return None;
        }
        Some(
            wanted
                .into_iter()
                .zip(left)
                .map(|(instead_of, found)| Remark::WrongOperand {
                    found: found.text.clone(),
                    instead_of,
                    expected: self.show(instead_of),
                    belongs_to: self.owner(found, instead_of),
                })
                .collect(),
        )
    }

    /// Writes out the number that belongs somewhere.
    fn show(&self, quantity: Quantity) -> String {
        match self.judged.answers.get(&quantity) {
            Some(written) => {
                let is_long = written.places == Some(Remark::PLACES_OF_ARITHMETIC);
                if is_long { Rounding::Digits(6).show(written.value) } else { written.text.clone() }
            }
            None => crate::explain::formula::plain(self.judged.point(quantity)),
        }
    }

    /// Finds the quantity that a number in the wrong place is of: one of the
    /// same kind, if there is one.
    fn owner(&self, number: &Written, instead_of: Quantity) -> Option<Quantity> {
        let is_same_kind = |quantity: &Quantity| {
            std::mem::discriminant(quantity) == std::mem::discriminant(&instead_of)
        };
        let all: Vec<Quantity> = self
            .working
            .givens()
            .chain(self.judged.answers.keys().copied().collect::<std::collections::BTreeSet<_>>())
            .filter(|&quantity| self.judged.point(quantity) == number.value)
            .collect();
        all.iter().copied().find(is_same_kind).or_else(|| all.first().copied())
    }
}
