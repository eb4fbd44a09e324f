//! A class of simulated students: thousands of sheets with known mistakes.
//!
//! The students compute by themselves (`student.rs`); nothing but the names of
//! the quantities is shared with the library.

mod student;

use std::collections::{BTreeMap, BTreeSet};

use chainrule::activation::Activation;
use chainrule::convention::{Convention, DeltaSign, UpdateOrder};
use chainrule::example::Example;
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::detect::Known;
use chainrule::exercise::judge::Verdict;
use chainrule::exercise::mark::{Marked, MarkedLine, Settings, Stated};
use chainrule::exercise::mistakes::Mistake;
use chainrule::loss::Loss;
use chainrule::names::Names;
use chainrule::network::{Biases, Layer, Network, Sample};
use chainrule::rounding::Rounding;

use student::{Bias, Carry, Dice, Entry, Half, Plant, Row, Student, Task, VARIANTS, rows};

fn example(task: &Task) -> Example {
    let layer = |activation, weights: &Vec<Vec<f64>>, biases: &Vec<f64>| Layer {
        activation,
        weights: weights.clone(),
        biases: match task.bias {
            Bias::None => Biases::Absent,
            Bias::Shared => Biases::Shared(biases[0]),
            Bias::Trained | Bias::Frozen => Biases::PerNeuron(biases.clone()),
        },
        biases_trained: task.bias != Bias::Frozen,
    };
    let hidden = if task.tanh { Activation::Tanh } else { Activation::Sigmoid };
    let layers =
        vec![layer(hidden, &task.v, &task.c), layer(Activation::Sigmoid, &task.w, &task.b)];
    let network = Network { layers };
    Example {
        title: "an exercise".to_string(),
        source: None,
        note: None,
        names: Names::automatic(&network),
        network,
        samples: vec![Sample { inputs: task.x.clone(), targets: task.t.clone() }],
        learning_rate: task.eta,
        loss: Loss::HalfSquared,
        convention: Convention {
            update_order: if task.updated {
                UpdateOrder::UpdatedWeights
            } else {
                UpdateOrder::OldWeights
            },
            delta_sign: if task.gradient { DeltaSign::Gradient } else { DeltaSign::Textbook },
        },
        shown: Rounding::Decimals(4),
        answers: Vec::new(),
        published: Vec::new(),
    }
}

/// The identifier of a row in automatic names.
fn id(task: &Task, row: Row) -> String {
    let shared = task.bias == Bias::Shared;
    match row {
        Row::Zh(j) => format!("z_h{}", j + 1),
        Row::Ah(j) => format!("a_h{}", j + 1),
        Row::Zo(k) => format!("z_o{}", k + 1),
        Row::Ao(k) => format!("a_o{}", k + 1),
        Row::Loss => "loss".to_string(),
        Row::Do(k) => format!("delta_o{}", k + 1),
        Row::Dh(j) => format!("delta_h{}", j + 1),
        Row::W(k, j) => format!("w_h{}_o{}_new", j + 1, k + 1),
        Row::V(j, i) => format!("w_x{}_h{}_new", i + 1, j + 1),
        Row::B(_) if shared => "b2_new".to_string(),
        Row::C(_) if shared => "b1_new".to_string(),
        Row::B(k) => format!("b_o{}_new", k + 1),
        Row::C(j) => format!("b_h{}_new", j + 1),
        Row::ZhAfter(j) => format!("z_h{}_after", j + 1),
    }
}

/// The name that the marker should give a planted mistake.
fn names(plant: Plant, task: &Task, row: Row) -> &'static [Mistake] {
    match plant {
        Plant::DerivativeForgotten => &[Mistake::DerivativeForgotten],
        Plant::DerivativeAtZ => &[Mistake::DerivativeAtZ],
        Plant::TargetSign => &[Mistake::TargetSign],
        Plant::UpdatedWeights => &[Mistake::UpdatedWeights],
        Plant::OldWeights => &[Mistake::OldWeights],
        Plant::IndicesSwapped => &[Mistake::IndicesSwapped],
        Plant::NeighbourDelta => &[Mistake::NeighbourDelta],
        Plant::RateForgotten => &[Mistake::RateForgotten],
        Plant::BiasForgotten => &[Mistake::BiasForgotten],
        Plant::BiasTrained => &[Mistake::BiasTrained],
        Plant::BiasShared => &[Mistake::BiasShared],
        Plant::FactorHalf => &[Mistake::FactorHalf],
        Plant::FactorTwo => &[Mistake::FactorTwo],
        Plant::StartWeight => &[Mistake::StartWeight],
        Plant::InputForActivation => &[Mistake::InputForActivation],
        Plant::SumLeftOut => match (task.bias, row) {
            // One delta instead of the sum has a name of its own.
            (Bias::Shared, Row::B(_) | Row::C(_)) => &[Mistake::BiasNotShared],
            _ => &[Mistake::SumLeftOut],
        },
        Plant::UpdateSign => &[Mistake::UpdateSign],
        Plant::NotUpdated => match row {
            Row::B(_) | Row::C(_) => &[Mistake::BiasNotTrained],
            _ => &[Mistake::NotUpdated],
        },
        Plant::NeighbourActivation => &[Mistake::NeighbourActivation],
        Plant::RoundedTooEarly => &[Mistake::RoundedTooEarly],
        Plant::CutOff => &[Mistake::CutOff],
        Plant::DigitsTransposed => &[Mistake::DigitsTransposed],
        Plant::DecimalPoint => &[Mistake::DecimalPoint],
    }
}

fn mark(task: &Task, decimals: usize, sheet: &[Entry]) -> Marked {
    let example = example(task);
    let rows: Vec<String> =
        sheet.iter().map(|entry| format!("{},{}\n", id(task, entry.row), entry.text)).collect();
    let text = format!("quantity,answer\n{}", rows.concat());
    let read = Sheet::read(&example, &text, Format::Csv);
    assert_eq!(read.problems, [], "{text}");
    assert_eq!(read.answers.len(), sheet.len(), "{text}");
    let settings = Settings {
        rounding: Some(Rounding::Decimals(u8::try_from(decimals).expect("few"))),
        stated: Stated::ALL,
        ..Settings::default()
    };
    Marked::new(&example, &read, &settings)
}

fn line<'a>(marked: &'a Marked, id: &str) -> &'a MarkedLine {
    let is_it = |line: &&MarkedLine| marked.example.names.id(line.quantity) == id;
    marked.lines.iter().find(is_it).unwrap_or_else(|| panic!("no line {id}"))
}

const HALVES: [Half; 2] = [Half::Up, Half::Even];
/// More ways to round a half that nobody can object to.
const ALL_HALVES: [Half; 3] = [Half::Up, Half::Even, Half::Down];
const CARRIES: [Carry; 4] = [Carry::Written, Carry::All, Carry::Guarded(1), Carry::Guarded(2)];

/// Marks correct sheets; returns how many lines were marked.
fn mark_correct(seeds: std::ops::Range<u64>) -> usize {
    let mut lines = 0;
    for seed in seeds {
        let mut dice = Dice::new(seed);
        let task = Task::random(&mut dice);
        let decimals = 3 + dice.below(4);
        let carries = [CARRIES[dice.below(4)], Carry::Mixed(seed)];
        let (half, carry) = (HALVES[dice.below(2)], carries[dice.below(2)]);
        let sheet = Student::new(&task, decimals, half, carry).work(None);
        let marked = mark(&task, decimals, &sheet);
        for line in marked.lines.iter().filter(|line| line.written.is_some()) {
            let id = marked.example.names.id(line.quantity);
            assert_eq!(
                line.verdict,
                Verdict::Right,
                "seed {seed}, {decimals} decimals, {half:?}, {carry:?}: {id} {line:?} of {task:?}"
            );
            lines += 1;
        }
    }
    lines
}

#[test]
fn correct_sheets_are_never_marked_wrong() {
    println!("{} lines of 2000 correct sheets", mark_correct(0..2000));
}

#[test]
#[ignore = "takes minutes: make class"]
fn a_hundred_thousand_correct_sheets_are_never_marked_wrong() {
    println!("{} lines of 100000 correct sheets", mark_correct(0..100_000));
}

/// What became of the sheets with one kind of mistake.
#[derive(Clone, Debug, Default)]
struct Tally {
    sheets: usize,
    /// The number is one that honest rounding gives too.
    as_right: usize,
    /// The number is that of another planted mistake too.
    as_other: usize,
    /// The rest: can be told apart.
    apart: usize,
    named_first: usize,
    named_equal: usize,
    missed_as_right: usize,
    missed: usize,
}

/// A sheet with one mistake in it.
struct Planted {
    task: Task,
    decimals: usize,
    plant: Plant,
    row: Row,
    sheet: Vec<Entry>,
    /// The number in the row, with the mistake.
    wrong: String,
}

/// Returns the number in a row.
fn text_of(sheet: &[Entry], row: Row) -> String {
    sheet.iter().find(|entry| entry.row == row).expect("it is worked").text.clone()
}

impl Planted {
    /// Plants a mistake somewhere in a random task; `None` where it fits
    /// nowhere.
    fn new(seed: u64, plant: Plant) -> Option<Planted> {
        let mut dice = Dice::new(seed * 100 + plant as u64);
        let task = Task::random(&mut dice);
        let decimals = 3 + dice.below(4);
        let half = HALVES[dice.below(2)];
        let variant = dice.below(VARIANTS);
        let mut honest = Student::new(&task, decimals, half, Carry::Written);
        honest.work(None);
        let mut possible = rows(&task);
        possible.retain(|&row| honest.line(row, &[plant], variant).is_some());
        if possible.is_empty() {
            return None;
        }
        let row = possible[dice.below(possible.len())];
        let mut student = Student::new(&task, decimals, half, Carry::Written);
        let sheet = student.work(Some((row, &[plant], variant)));
        let wrong = text_of(&sheet, row);
        Some(Planted { task, decimals, plant, row, sheet, wrong })
    }

    /// Tells whether somebody without a mistake may write the same number.
    fn is_as_right(&self) -> bool {
        let same = |half, carry| {
            let sheet = Student::new(&self.task, self.decimals, half, carry).work(None);
            text_of(&sheet, self.row) == self.wrong
        };
        ALL_HALVES.into_iter().any(|half| {
            CARRIES.into_iter().chain((0..14).map(Carry::Mixed)).any(|carry| same(half, carry))
        })
    }

    /// Returns the names of the other mistakes that give the same number.
    fn others(&self) -> BTreeSet<Mistake> {
        let gives_same = |plant: &Plant| {
            ALL_HALVES.into_iter().any(|half| {
                let mut student = Student::new(&self.task, self.decimals, half, Carry::Written);
                student.work(None);
                (0..VARIANTS).any(|variant| {
                    let made = student.line(self.row, &[*plant], variant);
                    made.is_some_and(|(_, text)| text == self.wrong)
                })
            })
        };
        let others = Plant::ALL.into_iter().filter(|&plant| plant != self.plant);
        others
            .filter(gives_same)
            .flat_map(|plant| names(plant, &self.task, self.row).iter().copied())
            .collect()
    }

    /// Makes sure that everything behind the mistake follows from it.
    fn check_the_rest(&self, marked: &Marked) {
        // Weights of the other order are used before they are written.
        if matches!(self.plant, Plant::UpdatedWeights | Plant::OldWeights) {
            return;
        }
        let own = self.sheet.iter().position(|entry| entry.row == self.row);
        for (place, entry) in self.sheet.iter().enumerate() {
            let found = line(marked, &id(&self.task, entry.row));
            let is_carried = matches!(found.verdict, Verdict::Carried | Verdict::CarriedTrivially);
            let is_fine = Some(place) == own
                || found.verdict == Verdict::Right
                || (Some(place) > own && is_carried);
            let (plant, row) = (self.plant, self.row);
            assert!(is_fine, "{plant:?} at {row:?}: {:?} {found:?}", entry.row);
        }
    }
}

/// Plants single mistakes and returns what became of them.
fn plant_single(seeds: std::ops::Range<u64>, show_misses: bool) -> BTreeMap<Plant, Tally> {
    let mut tallies: BTreeMap<Plant, Tally> = BTreeMap::new();
    let mut named: BTreeMap<Mistake, (usize, usize)> = BTreeMap::new();
    let all = seeds.flat_map(|seed| Plant::ALL.map(|plant| (seed, plant)));
    for (seed, plant) in all {
        let Some(planted) = Planted::new(seed, plant) else { continue };
        let tally = tallies.entry(plant).or_default();
        tally.sheets += 1;
        let marked = mark(&planted.task, planted.decimals, &planted.sheet);
        planted.check_the_rest(&marked);
        let Planted { task, decimals, row, wrong, .. } = &planted;
        let found = line(&marked, &id(task, *row));
        let is_right = found.verdict == Verdict::Right;
        if planted.is_as_right() || (is_right && is_reachable(task, *decimals, *row, wrong)) {
            tally.as_right += 1;
            continue;
        }
        if !planted.others().is_empty() {
            tally.as_other += 1;
            continue;
        }
        let wanted = names(plant, task, *row);
        let single: Vec<Mistake> = found
            .explanations
            .iter()
            .filter(|one| one.mistakes.len() == 1)
            .map(|one| one.mistakes[0].mistake)
            .collect();
        tally.apart += 1;
        let is_first = single.first().is_some_and(|first| wanted.contains(first));
        if let Some(first) = single.first() {
            let (all, right) = named.entry(*first).or_default();
            *all += 1;
            *right += usize::from(is_first);
        }
        let is_equal = single.iter().any(|mistake| wanted.contains(mistake));
        let count = match (is_first, is_equal, is_right) {
            (true, ..) => &mut tally.named_first,
            (_, true, _) => &mut tally.named_equal,
            (.., true) => &mut tally.missed_as_right,
            _ => &mut tally.missed,
        };
        *count += 1;
        if show_misses && !is_first {
            println!("seed {seed} {plant:?} at {row:?}, {wrong}: {found:?}");
        }
    }
    print_table(&tallies, &named);
    tallies
}

/// Searches for an honest way to a number: what is carried on may be another
/// thing at every line.
fn is_reachable(task: &Task, decimals: usize, row: Row, wrong: &str) -> bool {
    (0..4000).any(|mix| {
        let half = ALL_HALVES[usize::try_from(mix % 3).expect("small")];
        let sheet = Student::new(task, decimals, half, Carry::Mixed(mix + 1_000_000)).work(None);
        sheet.iter().any(|entry| entry.row == row && entry.text == wrong)
    })
}

fn print_table(tallies: &BTreeMap<Plant, Tally>, named: &BTreeMap<Mistake, (usize, usize)>) {
    println!(
        "{:22} {:>6} {:>8} {:>8} {:>6} {:>6} {:>6} {:>8} {:>6} {:>7} {:>9}",
        "mistake",
        "sheets",
        "as right",
        "as other",
        "apart",
        "first",
        "equal",
        "as right",
        "other",
        "recall",
        "precision"
    );
    for (plant, tally) in tallies {
        let task = Task::random(&mut Dice::new(0));
        let (all, right) =
            named.get(&names(*plant, &task, Row::Loss)[0]).copied().unwrap_or_default();
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        println!(
            "{:22} {:>6} {:>8} {:>8} {:>6} {:>6} {:>6} {:>8} {:>6} {:>6.1}% {:>8.1}%",
            format!("{plant:?}"),
            tally.sheets,
            tally.as_right,
            tally.as_other,
            tally.apart,
            tally.named_first,
            tally.named_equal,
            tally.missed_as_right,
            tally.missed,
            share(tally.named_first, tally.apart),
            share(right, all),
        );
    }
}

#[test]
fn single_mistakes_are_named_first() {
    check_single(0..60);
}

#[test]
#[ignore = "takes minutes: make class"]
fn single_mistakes_are_named_first_on_thousands_of_sheets() {
    check_single(0..1500);
}

/// Nearly all single mistakes that the numbers can tell apart are named first.
fn check_single(seeds: std::ops::Range<u64>) {
    let tallies = plant_single(seeds, std::env::var_os("SHOW_MISSES").is_some());
    for (plant, tally) in &tallies {
        let share = tally.named_first as f64 / tally.apart.max(1) as f64;
        assert!(share >= 0.98, "{plant:?}: {tally:?}");
    }
    assert_eq!(tallies.len(), Plant::ALL.len());
}

/// Plants two mistakes in one line; returns how many of the pairs could be told
/// from a right line and from a single mistake, and how many of them were
/// named first, or among others.
fn plant_pairs(seeds: std::ops::Range<u64>) -> (usize, usize, usize) {
    let (mut apart, mut first, mut among) = (0, 0, 0);
    for seed in seeds {
        let mut dice = Dice::new(seed + 7_000_000);
        let task = Task::random(&mut dice);
        let decimals = 5 + dice.below(2);
        let half = HALVES[dice.below(2)];
        let mut honest = Student::new(&task, decimals, half, Carry::Written);
        let right = honest.work(None);
        let pair = [0, 1].map(|_| Plant::ALL[dice.below(Plant::ALL.len())]);
        let possible: Vec<Row> =
            rows(&task).into_iter().filter(|&row| honest.line(row, &pair, 0).is_some()).collect();
        if pair[0] == pair[1] || possible.is_empty() {
            continue;
        }
        let row = possible[dice.below(possible.len())];
        let sheet = Student::new(&task, decimals, half, Carry::Written).work(Some((row, &pair, 0)));
        let wrong = text_of(&sheet, row);
        let single = Plant::ALL.into_iter().any(|plant| {
            (0..VARIANTS).any(|variant| {
                honest.line(row, &[plant], variant).is_some_and(|(_, text)| text == wrong)
            })
        });
        if single || wrong == text_of(&right, row) {
            continue;
        }
        let marked = mark(&task, decimals, &sheet);
        let found = line(&marked, &id(&task, row));
        let is_pair = |all: &[Mistake]| {
            pair.iter().all(|&plant| names(plant, &task, row).iter().any(|one| all.contains(one)))
        };
        let kinds: Vec<Vec<Mistake>> = found
            .explanations
            .iter()
            .map(|one| one.mistakes.iter().map(|named| named.mistake).collect())
            .collect();
        apart += 1;
        first += usize::from(kinds.first().is_some_and(|kinds| is_pair(kinds)));
        let is_among = kinds.iter().any(|kinds| is_pair(kinds));
        among += usize::from(is_among);
        if !is_among && std::env::var_os("SHOW_MISSES").is_some() {
            println!(
                "pair missed: seed {seed} {pair:?} at {row:?}, {wrong}: {:?} {kinds:?}",
                found.verdict
            );
        }
    }
    (apart, first, among)
}

#[test]
fn pairs_of_mistakes_are_named() {
    let (apart, first, among) = plant_pairs(0..800);
    println!("{apart} pairs of mistakes: {first} named first, {among} named among others");
    assert!(among as f64 >= 0.9 * apart as f64);
}

#[test]
fn conventions_are_seen_from_the_numbers() {
    let mut seen = 0;
    for seed in 0..150 {
        let mut dice = Dice::new(seed + 9_000_000);
        let task = Task::random(&mut dice);
        let sheet = Student::new(&task, 6, Half::Up, Carry::Written).work(None);
        let wanted = example(&task);
        // The exercise leaves all to its defaults.
        let mut open = wanted.clone();
        open.convention = Convention::default();
        open.loss = Loss::SumSquared;
        let rows: Vec<String> = sheet
            .iter()
            .map(|entry| format!("{} = {}\n", id(&task, entry.row), entry.text))
            .collect();
        let read = Sheet::read(&open, &rows.concat(), Format::Toml);
        let marked = Marked::new(&open, &read, &Settings::default());
        assert_eq!(marked.example.convention.delta_sign, wanted.convention.delta_sign, "{seed}");
        assert_eq!(marked.example.loss, wanted.loss, "{seed}");
        if marked.treatment.update_order == Known::Seen {
            seen += 1;
            let order = marked.example.convention.update_order;
            assert_eq!(order, wanted.convention.update_order, "{seed}");
        }
        let wrong: Vec<&MarkedLine> = marked
            .lines
            .iter()
            .filter(|line| line.written.is_some() && line.verdict != Verdict::Right)
            .collect();
        assert!(wrong.is_empty(), "{seed}: {wrong:?}");
    }
    assert!(seen > 130, "six decimals show the update order nearly always: {seen}");
}
