//! Sheets of exercises: everyone has numbers of their own, and all numbers are
//! good to work with.
//!
//! ```text
//! template ── search (seed) ──> numbers ──> worksheet ──> sheet, solution, scheme, answers
//! ```
//!
//! A worksheet is its example: what `explain` explains and `mark` marks. The
//! same template and seed give the same worksheet.
//!
//! ```
//! use chainrule::example::Example;
//! use chainrule::exercise::worksheet::template::Template;
//! use chainrule::exercise::worksheet::{Level, Order, Worksheet};
//!
//! let example = Example::builtin("first-example").expect("it is built in");
//! let template = Template::of_example(&example)?;
//! let order = Order { level: Level::Forward, decimals: 3, ..Order::default() };
//! let sheet = Worksheet::new(&template, &order, 7)?;
//! let again = Worksheet::new(&template, &order, 7)?;
//! assert_eq!(sheet.example, again.example);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashSet;

use friendly::{Blind, LAST_USUAL, Search, Unfriendly};
use random::Random;
use students::Student;
use template::Template;

use crate::activation::Activation;
use crate::convention::Convention;
use crate::example::Example;
use crate::exercise::answers::{Answer, Sheet};
use crate::exercise::in_step::InStep;
use crate::exercise::judge::Verdict;
use crate::exercise::mark::{Marked, Settings, Stated};
use crate::exercise::mistakes::{Named, Variation, variations};
use crate::exercise::scheme::Scheme;
use crate::exercise::working::Working;
use crate::exercise::written::Written;
use crate::explain::{self, Step};
use crate::loss::Loss;
use crate::names::Names;
use crate::network::{Biases, Layer, Network, Sample};
use crate::quantity::{Parameter, Phase, Quantity};
use crate::rounding::Rounding;
use crate::scalar::Scalar;
use crate::scalar::worked::Draft;

pub mod document;
pub mod files;
mod frame;
pub mod friendly;
pub mod html;
pub mod latex;
pub mod markdown;
pub mod moodle;
mod random;
mod steps;
pub mod students;
pub mod template;
pub mod typst;

/// What an exercise asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Level {
    /// The forward pass, with the loss.
    Forward,
    /// One output neuron by itself: its output, its delta, its new weights.
    Neuron,
    /// A whole step: forward pass, loss, deltas, new weights.
    #[default]
    Step,
    /// A whole step that was worked with one mistake in it: find it.
    FindMistake,
}

impl Level {
    /// All levels, the easiest first.
    pub const ALL: [Level; 4] = [Level::Forward, Level::Neuron, Level::Step, Level::FindMistake];

    /// Returns the name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::Forward => "forward",
            Level::Neuron => "neuron",
            Level::Step => "step",
            Level::FindMistake => "find-mistake",
        }
    }

    fn asks_for(self, phase: Phase) -> bool {
        match phase {
            Phase::Forward | Phase::Loss => true,
            Phase::Backward | Phase::Update => self != Level::Forward,
            Phase::Gradient | Phase::After | Phase::Answer => false,
        }
    }
}

/// What kind of sheet is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What is asked for.
    pub level: Level,
    /// To how many decimals every line is rounded.
    pub decimals: u8,
    /// Of how many steps: each starts with the new weights of the one before.
    pub steps: usize,
}

impl Default for Order {
    fn default() -> Order {
        Order { level: Level::Step, decimals: 4, steps: 1 }
    }
}

/// One sheet.
#[derive(Clone, Debug)]
pub struct Worksheet {
    /// The exercise; it shows numbers to the decimals asked for.
    pub example: Example,
    /// What kind of sheet it is.
    pub order: Order,
    /// Whose it is.
    pub student: Option<Student>,
    /// The seed that makes it again.
    pub seed: u64,
    /// What is asked for of each step, in the order of the work.
    pub asked: Vec<Quantity>,
    /// The mistake to find.
    pub planted: Option<Planted>,
    /// What no numbers of the template tell apart.
    pub blind: Vec<Blind>,
}

/// A mistake in a worked solution.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    /// The line it is in.
    pub quantity: Quantity,
    /// The mistake, and the formula that comes of it.
    pub variation: Variation,
    /// The lines that are wrong because of it, itself among them.
    pub wrong: HashSet<Quantity>,
}

/// Why there is no sheet.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There are no friendly numbers.
    #[error(transparent)]
    Unfriendly(#[from] Unfriendly),
    /// No mistake can be seen in the numbers.
    #[error("no usual mistake can be told for certain in a solution of seed {seed}")]
    NothingToPlant {
        /// The seed.
        seed: u64,
    },
}

impl Error {
    /// Returns a sentence on what to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::Unfriendly(unfriendly) => Some(unfriendly.help()),
            Error::NothingToPlant { .. } => {
                Some("choose another seed, or more decimals".to_string())
            }
        }
    }
}

/// Makes the sheets of one template, one after the other.
pub struct Maker<'a> {
    template: &'a Template,
    order: Order,
    search: Search<'a>,
}

impl<'a> Maker<'a> {
    /// Makes a maker of sheets.
    pub fn new(template: &'a Template, order: Order) -> Maker<'a> {
        let asked = asked(template.first(), order.level);
        Maker { template, order, search: Search::new(template, asked, order.steps) }
    }

    /// Makes the sheet of a seed.
    ///
    /// # Errors
    /// There are no friendly numbers.
    pub fn sheet(&mut self, seed: u64) -> Result<Worksheet, Error> {
        let Order { level, decimals, .. } = self.order;
        let numbers = self.search.find(seed, decimals)?;
        let mut example = Example::from_toml(&self.template.fill(&numbers))
            .expect("a template with its numbers is whole");
        example.shown = Rounding::Decimals(decimals);
        let asked = asked(&example, level);
        let blind = self.search.blind(&numbers, decimals);
        let (order, student, planted) = (self.order, None, None);
        let mut sheet = Worksheet { example, order, student, seed, asked, planted, blind };
        if level == Level::FindMistake {
            let planted = sheet.plant().ok_or(Error::NothingToPlant { seed })?;
            sheet.planted = Some(planted);
        }
        Ok(sheet)
    }

    /// Makes the sheet of a student, from a seed of their own that follows from
    /// that of the class.
    ///
    /// # Errors
    /// There are no friendly numbers.
    pub fn sheet_of(&mut self, student: &Student, seed: u64) -> Result<Worksheet, Error> {
        let own = random::derived(seed, student.key());
        Ok(Worksheet { student: Some(student.clone()), ..self.sheet(own)? })
    }
}

impl Worksheet {
    /// Makes the sheet of a seed.
    ///
    /// # Errors
    /// There are no friendly numbers.
    pub fn new(template: &Template, order: &Order, seed: u64) -> Result<Worksheet, Error> {
        Maker::new(template, *order).sheet(seed)
    }

    /// Returns to what places every line is rounded.
    pub fn rounding(&self) -> Rounding {
        Rounding::Decimals(self.order.decimals)
    }

    /// Returns all lines that are asked for, in order.
    pub fn lines(&self) -> impl Iterator<Item = InStep> {
        let of_step = |step| self.asked.iter().map(move |&quantity| InStep { step, quantity });
        (1..=self.order.steps).flat_map(of_step)
    }

    /// Returns the points of every line that is asked for, in order.
    pub fn points(&self) -> Vec<(InStep, f64)> {
        let scheme = self.scheme();
        self.lines().map(|at| (at, scheme.worth(at.quantity))).collect()
    }

    /// Returns the points of the sheet.
    pub fn scheme(&self) -> Scheme {
        let asked = Some(self.asked.iter().copied().collect());
        match &self.planted {
            None => Scheme {
                kinds: vec![("delta".to_string(), 2.0)],
                asked,
                steps: self.order.steps,
                ..Scheme::default()
            },
            // Copying the solution with its mistake is worth nothing.
            Some(planted) => Scheme {
                each: 0.0,
                carried: 0.0,
                slip: 0.0,
                single: self
                    .asked
                    .iter()
                    .filter(|quantity| planted.wrong.contains(quantity))
                    .map(|&quantity| {
                        (quantity, if quantity == planted.quantity { 3.0 } else { 1.0 })
                    })
                    .collect(),
                asked,
                ..Scheme::default()
            },
        }
    }

    /// Works the solution of every step, rounded at every line.
    pub fn solutions(&self) -> Vec<Step<'_>> {
        let settings = explain::Settings { round_each: true, ..explain::Settings::default() };
        let mut network = self.example.network.clone();
        (1..=self.order.steps)
            .map(|number| {
                let sample = self.sample(number);
                let step = Step::compute(&self.example, &settings, &network, number, sample);
                network = step.updated.clone();
                step.showing(&|quantity| self.asked.contains(&quantity))
            })
            .collect()
    }

    /// Works the solution with the planted mistake in it.
    pub fn mistaken(&self) -> Option<Step<'_>> {
        let planted = self.planted.as_ref()?;
        let working = Working::new(&self.example);
        let draft = Draft::new(Some(self.rounding()));
        let network = {
            let mut known = std::collections::HashMap::new();
            for quantity in working.givens() {
                let value = working.given(quantity).unwrap_or(f64::NAN);
                known.insert(quantity, draft.given(quantity, value));
            }
            let some = draft.given(Quantity::LearningRate, self.example.learning_rate);
            for line in working.lines() {
                let expression = if line.quantity == planted.quantity {
                    &planted.variation.expression
                } else {
                    &line.expression
                };
                let value = expression
                    .evaluate(some, &|quantity| known.get(&quantity).copied().unwrap_or(some));
                known.insert(line.quantity, value.named(line.quantity));
            }
            let after = |parameter, value| {
                known.get(&Quantity::Updated(parameter)).map_or(value, |one| one.value())
            };
            self.example.network.map(after)
        };
        let step = Step::on_page(&self.example, draft.page(), network);
        Some(step.showing(&|quantity| self.asked.contains(&quantity)))
    }

    /// Chooses a mistake to plant: one that `mark` tells for certain.
    fn plant(&self) -> Option<Planted> {
        let mut random = Random::new(self.seed ^ 0x0070_6c61_6e74);
        let working = Working::new(&self.example);
        let mut open: Vec<(Quantity, Variation)> = self
            .asked
            .iter()
            .flat_map(|&quantity| {
                let all = variations(&self.example, &working, quantity);
                all.into_iter().map(move |variation| (quantity, variation))
            })
            .filter(|(quantity, variation)| {
                // A number that is not there yet cannot be on the sheet.
                let place = working.place(*quantity);
                let is_early = |used: Quantity| working.place(used) < place;
                variation.named.mistake <= LAST_USUAL
                    && variation.expression.quantities().into_iter().all(is_early)
            })
            .collect();
        while !open.is_empty() {
            let count = u32::try_from(open.len()).unwrap_or(u32::MAX);
            let (quantity, variation) = open.swap_remove(random.below(count) as usize);
            if let Some(planted) = self.planted_at(&working, quantity, variation) {
                return Some(planted);
            }
        }
        None
    }

    fn planted_at(
        &self,
        working: &Working,
        quantity: Quantity,
        variation: Variation,
    ) -> Option<Planted> {
        let with = Some((quantity, &variation.expression));
        let answers = working
            .values(Some(self.rounding()), with)
            .into_iter()
            .filter(|(quantity, _)| self.asked.contains(quantity))
            .map(|(quantity, value)| Answer {
                at: InStep::first(quantity),
                line: 0,
                written: Some(Written::rounded(value, self.rounding())),
                arithmetic: Vec::new(),
            });
        let sheet = Sheet { answers: answers.collect(), ..Sheet::default() };
        let settings = Settings {
            rounding: Some(self.rounding()),
            stated: Stated::ALL,
            scheme: Scheme::default(),
            asked: Vec::new(),
        };
        let marked = Marked::new(&self.example, &sheet, &settings);
        let is_told = marked.lines.iter().all(|line| {
            if line.at.quantity == quantity {
                let first: Option<&Named> =
                    line.explanations.first().and_then(|one| one.mistakes.first());
                line.verdict == Verdict::Wrong
                    && first.is_some_and(|named| named.mistake == variation.named.mistake)
            } else {
                matches!(line.verdict, Verdict::Right | Verdict::Carried)
            }
        });
        let wrong = marked.lines.iter().filter(|line| line.verdict != Verdict::Right);
        let wrong = wrong.map(|line| line.at.quantity).collect();
        is_told.then_some(Planted { quantity, variation, wrong })
    }
}

/// Returns what a level asks for, in the order of the work.
fn asked(example: &Example, level: Level) -> Vec<Quantity> {
    let working = Working::new(example);
    let lines = working.lines().iter().map(|line| line.quantity);
    lines.filter(|quantity| quantity.phase().is_some_and(|phase| level.asks_for(phase))).collect()
}

/// Says what a line is about, in words.
pub fn description(example: &Example, at: InStep) -> String {
    let what = of_quantity(example, at.quantity);
    if at.step == 1 { what } else { format!("{what}, step {}", at.step) }
}

fn of_quantity(example: &Example, quantity: Quantity) -> String {
    let names = &example.names;
    let network: &Network<f64> = &example.network;
    let name = |neuron| names.neuron(neuron);
    match quantity {
        Quantity::PreActivation(_, neuron) => format!("pre-activation of {}", name(neuron)),
        Quantity::Activation(_, neuron) => format!("output of {}", name(neuron)),
        Quantity::ExponentialSum(_, layer) => {
            let count = network.layers.len();
            format!("sum of all e^z of the {}", explain::layer_name(layer, count))
        }
        Quantity::Loss(_) => "loss".to_string(),
        Quantity::Delta(neuron) => format!("delta of {}", name(neuron)),
        Quantity::Updated(parameter) | Quantity::Gradient(parameter) => {
            let what = if matches!(quantity, Quantity::Updated(_)) { "new" } else { "gradient of" };
            match parameter {
                Parameter::Weight { layer, to, from } => format!(
                    "{what} weight from {} to {}",
                    names.source(layer, from),
                    names.neurons[layer][to]
                ),
                Parameter::Bias(neuron) => format!("{what} bias of {}", name(neuron)),
                Parameter::SharedBias(layer) => format!(
                    "{what} bias of the {}",
                    explain::layer_name(layer, network.layers.len())
                ),
            }
        }
        _ => String::new(),
    }
}

/// Makes the example that a shape stands for, inputs first; its numbers mean
/// nothing yet.
///
/// # Panics
/// If there are fewer than two widths, or one of them is 0.
pub fn shape(
    widths: &[usize],
    activation: Activation,
    output: Activation,
    has_biases: bool,
) -> Example {
    assert!(widths.len() > 1 && !widths.contains(&0), "a shape has inputs and outputs");
    let count = widths.len() - 1;
    let layer = |(layer, pair): (usize, &[usize])| Layer {
        activation: if layer + 1 == count { output } else { activation },
        weights: vec![vec![1.0; pair[0]]; pair[1]],
        biases: if has_biases { Biases::PerNeuron(vec![1.0; pair[1]]) } else { Biases::Absent },
        biases_trained: true,
    };
    let network = Network { layers: widths.windows(2).enumerate().map(layer).collect() };
    let shape: Vec<String> = widths.iter().map(usize::to_string).collect();
    Example {
        title: format!("A {} network", shape.join("-")),
        source: None,
        note: None,
        names: Names::automatic(&network),
        network,
        samples: vec![Sample { inputs: vec![1.0; widths[0]], targets: vec![1.0; widths[count]] }],
        learning_rate: 0.5,
        loss: Loss::HalfSquared,
        convention: Convention::default(),
        shown: Rounding::Decimals(Order::default().decimals),
        published: Vec::new(),
        answers: Vec::new(),
    }
}
