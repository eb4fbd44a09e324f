//! The explanation of a step: every line of working, in order, with its
//! formula, the numbers put in, and the value.
//!
//! An explanation is made by running [`backprop::step`] with
//! [worked](crate::scalar::worked) numbers and reading the page they wrote. The
//! formats below it ([`text`], [`markdown`], [`latex`], [`html`], [`json`],
//! [`svg`]) lay the lines out and compute nothing.
//!
//! Steps are computed one at a time while they are written, so that memory
//! holds one step whatever their number.

use std::collections::BTreeSet;

use crate::backprop;
use crate::convention::UpdateOrder;
use crate::example::Example;
use crate::names::Names;
use crate::network::{Network, Sample};
use crate::quantity::{Pass, Phase, Quantity};
use crate::rounding::Rounding;
use crate::scalar::Scalar;
use crate::scalar::worked::{Draft, Entry, EntryId, NodeId, Origin, Page};

pub use error::Error;
use formula::{Formula, Notation, View};

pub mod drawing;
mod error;
pub mod formula;
pub mod given;
pub mod html;
pub mod json;
pub mod latex;
pub mod markdown;
mod parallel;
pub mod svg;
pub mod symbol;
pub mod table;
pub mod tables;
pub mod text;
pub mod words;

/// What to explain of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Whether each line's value is rounded as shown and carried on so.
    pub round_each: bool,
    /// How many steps, at least one.
    pub steps: usize,
    /// The index of the sample for all steps; `None` goes through the samples
    /// in turn.
    pub sample: Option<usize>,
    /// The part to show.
    pub only: Option<Part>,
    /// The quantity whose chain of lines is shown: an identifier, `z_top`, or
    /// a symbol, `δ_top`; with `@2` behind it, the one of the second step.
    pub why: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { round_each: false, steps: 1, sample: None, only: None, why: None }
    }
}

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Pre-activations, activations, answers: nothing that needs a target.
    Prediction,
    /// Those, and the loss.
    Forward,
    /// Deltas and gradients.
    Backward,
    /// New weights, and the forward pass with them.
    Update,
}

impl Part {
    fn holds(self, phase: Phase) -> bool {
        match phase {
            Phase::Forward | Phase::Answer => matches!(self, Part::Prediction | Part::Forward),
            Phase::Loss => self == Part::Forward,
            Phase::Backward | Phase::Gradient => self == Part::Backward,
            Phase::Update | Phase::After => self == Part::Update,
        }
    }
}

/// An explanation, ready to be written in any format.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The example it is about.
    pub example: &'a Example,
    /// What is explained of it.
    pub settings: Settings,
    /// The quantity asked for, and its step, from 1.
    why: Option<(usize, Quantity)>,
}

impl<'a> Explanation<'a> {
    /// Prepares an explanation.
    ///
    /// # Errors
    /// If a sample, a step or a quantity is asked for that is not there.
    pub fn new(example: &'a Example, settings: Settings) -> Result<Explanation<'a>, Error> {
        if settings.steps == 0 {
            return Err(Error::NoSteps);
        }
        if let Some(sample) = settings.sample {
            check_sample(example, sample)?;
        }
        let why = match &settings.why {
            Some(text) => Some(find(example, text, settings.steps)?),
            None => None,
        };
        Ok(Explanation { example, settings, why })
    }

    /// Tells whether the page has nothing that needs a target.
    pub fn is_prediction(&self) -> bool {
        self.settings.only == Some(Part::Prediction)
    }

    /// Returns the quantity whose chain is shown, and its step, from 1.
    pub fn why(&self) -> Option<(usize, Quantity)> {
        self.why
    }

    /// Tells whether all lines of all steps are shown.
    pub fn is_whole(&self) -> bool {
        self.why.is_none() && self.settings.only.is_none()
    }

    /// Computes the steps one after the other.
    pub fn steps(&self) -> Box<dyn Iterator<Item = Step<'a>> + 'a> {
        let part = self.settings.only;
        let steps: Box<dyn Iterator<Item = Step<'a>>> = match self.why {
            None => Box::new(self.run()),
            // The chain is followed backwards: all steps up to the one asked
            // for are needed before the first can be shown.
            Some((last, quantity)) => {
                let mut steps: Vec<Step> = self.run().take(last).collect();
                if let Some(step) = steps.last_mut() {
                    step.show_part(quantity);
                }
                let mut wanted = BTreeSet::from([quantity]);
                for step in steps.iter_mut().rev() {
                    wanted = step.keep_chain(&wanted);
                }
                Box::new(steps.into_iter())
            }
        };
        Box::new(steps.map(move |step| step.keep_part(part)).filter(|step| !step.lines.is_empty()))
    }

    /// Computes all steps, with all lines or those of the part asked for.
    fn run(&self) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let example = self.example;
        let settings = self.settings.clone();
        let mut network = example.network.clone();
        (1..=settings.steps).map(move |number| {
            let sample = settings.sample.unwrap_or((number - 1) % example.samples.len());
            let step = Step::compute(example, &settings, &network, number, sample);
            network = step.updated.clone();
            step
        })
    }
}

/// Checks that an example has a sample, given by its index.
///
/// # Errors
/// If it has not.
pub fn check_sample(example: &Example, sample: usize) -> Result<(), Error> {
    let count = example.samples.len();
    if sample < count { Ok(()) } else { Err(Error::NoSuchSample { number: sample + 1, count }) }
}

/// Finds the quantity that a text names.
fn find(example: &Example, text: &str, steps: usize) -> Result<(usize, Quantity), Error> {
    let (name, step) = match text.rsplit_once('@') {
        Some((name, step)) => match step.parse() {
            Ok(step) => (name, step),
            Err(_) => (text, steps),
        },
        None => (text, steps),
    };
    if step == 0 || step > steps {
        return Err(Error::NoSuchStep { quantity: name.to_string(), step, count: steps });
    }
    // One buffer for all: a network has a hundred thousand quantities.
    let mut text = String::new();
    let found = example.quantities().find(|&quantity| {
        text.clear();
        example.names.write_id(quantity, &mut text);
        if text == name {
            return true;
        }
        text.clear();
        symbol::write(&example.names.symbol(quantity), Notation::Text, &mut text);
        text == name
    });
    match found {
        // A weight of a later step is what the step before made of it.
        Some(Quantity::Parameter(parameter))
            if step > 1 && example.network.is_trained(parameter) =>
        {
            Ok((step - 1, Quantity::Updated(parameter)))
        }
        None => Err(Error::NoSuchQuantity {
            quantity: name.to_string(),
            nearest: crate::spelling::nearest(
                name,
                example
                    .quantities()
                    .filter(|quantity| quantity.phase().is_some())
                    .map(|quantity| example.names.id(quantity)),
            ),
        }),
        Some(quantity) if quantity.phase().is_none() => Err(Error::Given {
            quantity: name.to_string(),
            value: example.given(quantity).expect("what is not computed is given"),
        }),
        Some(quantity) => Ok((step, quantity)),
    }
}

/// One step, worked.
#[derive(Debug)]
pub struct Step<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// The index of its sample.
    pub sample: usize,
    /// The example it belongs to.
    pub example: &'a Example,
    /// The network before the step.
    pub network: Network<f64>,
    /// The network after it.
    pub updated: Network<f64>,
    /// The page it was worked on.
    page: Page,
    /// The lines to show, in order.
    lines: Vec<EntryId>,
}

impl<'a> Step<'a> {
    /// Runs the algorithm with worked numbers.
    pub(crate) fn compute(
        example: &'a Example,
        settings: &Settings,
        network: &Network<f64>,
        number: usize,
        sample: usize,
    ) -> Step<'a> {
        let draft = Draft::new(settings.round_each.then_some(example.shown))
            .with_room(network.parameters().count());
        let given = &example.samples[sample];
        let updated = {
            let on_page = |quantity: fn(usize) -> Quantity, values: &[f64]| {
                let values = values.iter().enumerate();
                values.map(|(index, &value)| draft.given(quantity(index), value)).collect()
            };
            let sample = Sample {
                inputs: on_page(Quantity::Input, &given.inputs),
                targets: on_page(Quantity::Target, &given.targets),
            };
            let learning_rate = draft.given(Quantity::LearningRate, example.learning_rate);
            let network = network.map(|parameter, value| {
                let quantity = Quantity::Parameter(parameter);
                if number > 1 && example.network.is_trained(parameter) {
                    draft.carried(quantity, value)
                } else {
                    draft.given(quantity, value)
                }
            });
            let trace =
                backprop::step(&network, &sample, learning_rate, example.loss, example.convention);
            for (index, answer) in example.answers.iter().enumerate() {
                let output = trace.before.outputs()[answer.output];
                let _ = answer.reading.value(output).named(Quantity::Answer(index));
            }
            trace.updated.map(|_, weight| weight.value())
        };
        let page = draft.page();
        let lines = in_order(&page, example.answers.len());
        Step { number, sample, example, network: network.clone(), updated, page, lines }
    }

    /// Makes a step of lines that were worked on a page by other means.
    pub(crate) fn on_page(example: &'a Example, page: Page, updated: Network<f64>) -> Step<'a> {
        let lines = page.lines();
        let network = example.network.clone();
        Step { number: 1, sample: 0, example, network, updated, page, lines }
    }

    /// Shows some of the lines only.
    pub(crate) fn showing(mut self, is_shown: &dyn Fn(Quantity) -> bool) -> Step<'a> {
        let Step { page, lines, .. } = &mut self;
        lines.retain(|&line| is_shown(page.entry(line).quantity));
        self
    }

    /// Returns the lines to show.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.lines.iter().map(|&id| self.line(id))
    }

    /// Returns the lines to show, in sections under a heading each.
    pub fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        let key = |id: &EntryId| {
            let quantity = self.page.entry(*id).quantity;
            // Updated-weights goes layer by layer; its sections say which.
            let layer = match (quantity.phase(), self.example.convention.update_order) {
                (
                    Some(Phase::Backward | Phase::Gradient | Phase::Update),
                    UpdateOrder::UpdatedWeights,
                ) => quantity.layer(),
                _ => None,
            };
            (quantity.phase(), layer)
        };
        self.lines.chunk_by(move |x, y| key(x) == key(y)).map(move |lines| {
            let (phase, layer) = key(&lines[0]);
            Section { step: self, phase: phase.expect("lines are computed"), layer, lines }
        })
    }

    /// Returns the given numbers, in the order inputs, targets, learning rate,
    /// weights and biases.
    pub fn givens(&self) -> impl Iterator<Item = Entry> {
        self.page.givens().into_iter().map(|id| self.page.entry(id))
    }

    /// Returns the given numbers that the lines to show use, in the same order.
    pub fn givens_in_use(&self) -> impl Iterator<Item = Entry> {
        self.page.givens_used_by(&self.lines).into_iter().map(|id| self.page.entry(id))
    }

    /// Returns the value of a quantity, given or computed in this step.
    pub fn value(&self, quantity: Quantity) -> Option<f64> {
        self.page.find(quantity).map(|id| self.page.entry(id).value)
    }

    /// Returns the page the step was worked on.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Returns the loss before and after the step.
    pub fn losses(&self) -> (f64, f64) {
        let loss = |pass| self.value(Quantity::Loss(pass)).expect("every step has its losses");
        (loss(Pass::Before), loss(Pass::After))
    }

    fn line(&self, id: EntryId) -> Line<'_> {
        Line { step: self, entry: self.page.entry(id) }
    }

    fn keep_part(mut self, part: Option<Part>) -> Step<'a> {
        let Step { page, lines, .. } = &mut self;
        lines.retain(|&line| {
            let phase = page.entry(line).quantity.phase().expect("lines are computed");
            part.is_none_or(|part| part.holds(phase))
        });
        self
    }

    /// Makes a line of a part of one.
    fn show_part(&mut self, quantity: Quantity) {
        let Some(id) = self.page.find(quantity) else { return };
        if !self.lines.contains(&id) {
            // Answers are worked last and stand earlier.
            let is_answer = |id| matches!(self.page.entry(id).quantity, Quantity::Answer(_));
            let place = self.lines.iter().position(|&line| line > id && !is_answer(line));
            self.lines.insert(place.unwrap_or(self.lines.len()), id);
        }
    }

    /// Keeps the lines that the wanted quantities depend on; returns what is
    /// wanted of the step before.
    fn keep_chain(&mut self, wanted: &BTreeSet<Quantity>) -> BTreeSet<Quantity> {
        let mut is_used = self.page.marks();
        let mut before = BTreeSet::new();
        let mut kept = Vec::new();
        // A line depends on earlier lines only.
        for &id in self.lines.iter().rev() {
            let entry = self.page.entry(id);
            if !is_used[id.index()] && !wanted.contains(&entry.quantity) {
                continue;
            }
            kept.push(id);
            self.page.visit(entry.expression().expect("lines are computed"), |used| {
                is_used[used.index()] = true;
                let Entry { quantity, origin, .. } = self.page.entry(used);
                if let (Origin::Carried, Quantity::Parameter(parameter)) = (origin, quantity) {
                    before.insert(Quantity::Updated(parameter));
                }
            });
        }
        kept.reverse();
        self.lines = kept;
        before
    }
}

/// Returns the lines of a page as they are shown: the answers, worked last,
/// stand behind the outputs they are read off.
fn in_order(page: &Page, answers: usize) -> Vec<EntryId> {
    let mut lines = page.lines();
    let answers = lines.split_off(lines.len() - answers);
    let loss = Quantity::Loss(Pass::Before);
    let place = lines.iter().position(|&line| page.entry(line).quantity == loss);
    let place = place.expect("every step has its losses");
    lines.splice(place..place, answers);
    lines
}

/// Returns the identifier of a quantity computed in a step: that of the name,
/// with `@n` behind it from the second step on.
fn id_in_step(names: &Names, quantity: Quantity, step: usize) -> String {
    let id = names.id(quantity);
    if step == 1 { id } else { format!("{id}@{step}") }
}

/// Lines of one phase.
#[derive(Debug)]
pub struct Section<'a> {
    step: &'a Step<'a>,
    /// The phase of all its lines.
    pub phase: Phase,
    /// The layer, where a section is about one layer only.
    pub layer: Option<usize>,
    lines: &'a [EntryId],
}

impl<'a> Section<'a> {
    /// Returns the heading.
    pub fn title(&self) -> String {
        let title = match self.phase {
            Phase::Forward => "Forward pass",
            Phase::Answer => "Answers",
            Phase::Loss => "Loss",
            Phase::Backward => "Deltas, from the last layer back",
            Phase::Gradient => "Gradients",
            Phase::Update => "New weights",
            Phase::After => "Forward pass with the new weights",
        };
        match self.layer {
            None => title.to_string(),
            Some(layer) => {
                let title = if self.phase == Phase::Backward { "Deltas" } else { title };
                format!("{title}: {}", layer_name(layer, self.step.network.layers.len()))
            }
        }
    }

    /// Returns its lines.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let step = self.step;
        self.lines.iter().map(move |&id| step.line(id))
    }
}

/// Returns what a layer is called in a network of `count` layers.
pub fn layer_name(layer: usize, count: usize) -> String {
    if layer + 1 == count {
        "output layer".to_string()
    } else if count == 2 {
        "hidden layer".to_string()
    } else {
        format!("hidden layer {}", layer + 1)
    }
}

/// One line of working.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    step: &'a Step<'a>,
    entry: Entry,
}

impl<'a> Line<'a> {
    /// Returns what it computes.
    pub fn quantity(&self) -> Quantity {
        self.entry.quantity
    }

    /// Returns its identifier, unique in the explanation.
    pub fn id(&self) -> String {
        id_in_step(self.names(), self.entry.quantity, self.step.number)
    }

    /// Returns the phase it belongs to.
    pub fn phase(&self) -> Phase {
        self.entry.quantity.phase().expect("lines are computed")
    }

    /// Returns the value in full.
    pub fn value(&self) -> f64 {
        self.entry.value
    }

    /// Returns the value as it is shown.
    pub fn shown(&self) -> String {
        self.rounding().show(self.entry.value)
    }

    /// Returns the symbol.
    pub fn symbol(&self, notation: Notation) -> String {
        let mut out = String::new();
        symbol::write(&self.names().symbol(self.entry.quantity), notation, &mut out);
        out
    }

    /// Returns the right-hand side, in symbols or with the numbers put in.
    pub fn formula(&self, view: View, notation: Notation) -> String {
        let mut out = String::new();
        self.write_formula(view, notation, &mut out);
        out
    }

    /// Writes the right-hand side.
    pub fn write_formula(&self, view: View, notation: Notation, out: &mut String) {
        self.writer(view, notation).write(self.expression(), out);
    }

    /// Returns the conditions under which the formula holds, `z_top > 0`.
    pub fn conditions(&self, view: View, notation: Notation) -> Vec<String> {
        self.writer(view, notation).conditions(self.expression())
    }

    /// Returns the identifiers of the lines whose values it uses directly.
    pub fn depends_on(&self) -> Vec<String> {
        self.dependencies()
            .map(|(step, quantity)| id_in_step(self.names(), quantity, step))
            .collect()
    }

    /// Returns the symbols of the lines whose values it uses directly, in the
    /// order of [`depends_on`](Self::depends_on).
    pub fn depends_on_symbols(&self) -> Vec<String> {
        self.dependencies().map(|(_, quantity)| symbol::of(self.names(), quantity)).collect()
    }

    /// Returns the step and quantity of each line whose value it uses directly.
    fn dependencies(&self) -> impl Iterator<Item = (usize, Quantity)> {
        let number = self.step.number;
        self.uses_entries().filter_map(move |used| match (used.origin, used.quantity) {
            (Origin::Line(_), quantity) => Some((number, quantity)),
            // A weight of a later step is the new weight of the one before.
            (Origin::Carried, Quantity::Parameter(parameter)) => {
                Some((number - 1, Quantity::Updated(parameter)))
            }
            _ => None,
        })
    }

    /// Returns the given numbers it uses directly.
    pub fn given(&self) -> impl Iterator<Item = (Quantity, f64)> {
        self.uses_entries()
            .filter(|used| used.origin == Origin::Given)
            .map(|used| (used.quantity, used.value))
    }

    fn uses_entries(&self) -> impl Iterator<Item = Entry> {
        let page = &self.step.page;
        page.uses(self.expression()).into_iter().map(|id| page.entry(id))
    }

    fn writer(&self, view: View, notation: Notation) -> Formula<'a> {
        Formula {
            page: &self.step.page,
            names: self.names(),
            shown: self.rounding(),
            view,
            notation,
        }
    }

    fn expression(&self) -> NodeId {
        self.entry.expression().expect("lines are computed")
    }

    fn names(&self) -> &'a Names {
        &self.step.example.names
    }

    fn rounding(&self) -> Rounding {
        self.step.example.shown
    }
}
