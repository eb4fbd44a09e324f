//! The worked number: a value that knows the expression it came from.
//!
//! Every operation writes a node on a [`Draft`]; where a line of working ends,
//! the number is named, and what follows refers to it by that name. The
//! [`Page`] it becomes is the whole working of a step, and the explanation is
//! read off it.
//!
//! ```
//! use chainrule::quantity::Quantity;
//! use chainrule::scalar::Scalar;
//! use chainrule::scalar::worked::Draft;
//!
//! let draft = Draft::new(None);
//! let w = draft.given(Quantity::Input(0), 0.5);
//! let a = draft.given(Quantity::Input(1), 3.0);
//! let product = (w * a).named(Quantity::LearningRate);
//! assert_eq!(product.value(), 1.5);
//! assert_eq!(draft.page().lines().len(), 1);
//! ```

use std::cell::RefCell;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::quantity::Quantity;
use crate::rounding::Rounding;
use crate::scalar::Scalar;

/// The place of a node on its page.
///
/// Nodes are numbered in the order they were written, so that every node
/// refers to earlier ones only. 32 bits hold a network of 300 million weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// One node of an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// A number with a name; see [`Page::entry`].
    Named(EntryId),
    /// A number of the formula itself, such as the 1 in `1 − a`.
    Constant(f64),
    /// `−x`
    Negate(NodeId),
    /// `x + y`
    Add(NodeId, NodeId),
    /// `x − y`
    Subtract(NodeId, NodeId),
    /// `x·y`
    Multiply(NodeId, NodeId),
    /// `x / y`
    Divide(NodeId, NodeId),
    /// `f(x)`
    Apply(Function, NodeId),
    /// A choice made by the sign of a number.
    Case {
        /// The number whose sign decided.
        condition: NodeId,
        /// Whether it was above zero.
        is_positive: bool,
        /// What was chosen.
        chosen: NodeId,
        /// What was not: another number could decide otherwise.
        other: NodeId,
    },
}

/// A function that a formula can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `x²`
    Square,
    /// `e^x`
    Exp,
    /// `e^x − 1`
    ExpMinusOne,
    /// `ln(x)`
    Ln,
    /// `tanh(x)`
    Tanh,
    /// `ln(1 + e^x)`
    Softplus,
    /// `Φ(x)`
    NormalCdf,
    /// `φ(x)`
    NormalDensity,
}

/// The place of a named number on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(u32);

impl EntryId {
    /// Returns its place among all named numbers of the page.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A number with a name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is.
    pub quantity: Quantity,
    /// Its value, rounded where the page rounds.
    pub value: f64,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a named number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was given.
    Given,
    /// It is the result of an earlier page, as a weight is in a second step.
    Carried,
    /// It is the result of a line of this page, computed by an expression.
    Line(NodeId),
    /// It is a part of a line, with a name that no line uses.
    Part(NodeId),
}

impl Entry {
    /// Returns the expression of a line or a part of one; `None` for what no
    /// line computed.
    pub fn expression(&self) -> Option<NodeId> {
        match self.origin {
            Origin::Line(expression) | Origin::Part(expression) => Some(expression),
            Origin::Given | Origin::Carried => None,
        }
    }
}

/// The sheet that worked numbers were written on.
#[derive(Debug, Default)]
pub struct Page {
    nodes: Vec<Node>,
    entries: Vec<Entry>,
}

impl Page {
    /// Returns a node.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Returns a named number.
    pub fn entry(&self, id: EntryId) -> Entry {
        self.entries[id.index()]
    }

    /// Returns the named number that is a given quantity, if it is on the page.
    pub fn find(&self, quantity: Quantity) -> Option<EntryId> {
        self.filter_entries(|entry| entry.quantity == quantity).first().copied()
    }

    /// Returns the results of lines, in the order of the work.
    pub fn lines(&self) -> Vec<EntryId> {
        self.filter_entries(|entry| matches!(entry.origin, Origin::Line(_)))
    }

    /// Returns the named numbers that the work started from, in the order they
    /// came.
    pub fn givens(&self) -> Vec<EntryId> {
        self.filter_entries(|entry| entry.expression().is_none())
    }

    /// Visits the named numbers that an expression uses directly, in the order
    /// they stand in it.
    pub fn visit(&self, expression: NodeId, mut visit: impl FnMut(EntryId)) {
        let mut open = vec![expression];
        while let Some(id) = open.pop() {
            match self.node(id) {
                Node::Named(entry) => visit(entry),
                Node::Constant(_) => {}
                Node::Negate(x) | Node::Apply(_, x) => open.push(x),
                Node::Add(x, y)
                | Node::Subtract(x, y)
                | Node::Multiply(x, y)
                | Node::Divide(x, y)
                | Node::Case { condition: y, chosen: x, .. } => {
                    open.push(y);
                    open.push(x);
                }
            }
        }
    }

    /// Returns the named numbers that an expression uses directly, each once,
    /// in the order they stand in it.
    pub fn uses(&self, expression: NodeId) -> Vec<EntryId> {
        // Each once, where it stands first: sums have thousands of terms.
        let mut places: Vec<(EntryId, usize)> = Vec::new();
        self.visit(expression, |entry| places.push((entry, places.len())));
        places.sort_unstable();
        places.dedup_by_key(|&mut (entry, _)| entry);
        places.sort_unstable_by_key(|&(_, place)| place);
        places.into_iter().map(|(entry, _)| entry).collect()
    }

    /// Returns the named numbers that the work started from and that some lines
    /// use directly, in the order they came.
    pub fn givens_used_by(&self, lines: &[EntryId]) -> Vec<EntryId> {
        let mut is_used = self.marks();
        for expression in lines.iter().filter_map(|&line| self.entry(line).expression()) {
            self.visit(expression, |used| is_used[used.index()] = true);
        }
        self.givens().into_iter().filter(|given| is_used[given.index()]).collect()
    }

    /// Returns a mark for each named number, at its [index](EntryId::index),
    /// not set.
    pub fn marks(&self) -> Vec<bool> {
        vec![false; self.entries.len()]
    }

    fn filter_entries(&self, keep: impl Fn(&Entry) -> bool) -> Vec<EntryId> {
        let entries = (0..).map(EntryId).zip(&self.entries);
        entries.filter(|(_, entry)| keep(entry)).map(|(id, _)| id).collect()
    }
}

/// A page while it is written.
#[derive(Debug, Default)]
pub struct Draft {
    rounding: Option<Rounding>,
    page: RefCell<Page>,
}

impl Draft {
    /// Makes an empty one; with `rounding`, every line's result is rounded
    /// and carried on so, as by hand.
    pub fn new(rounding: Option<Rounding>) -> Draft {
        Draft { rounding, ..Draft::default() }
    }

    /// Makes room for a step of a network with that many weights, a dozen nodes
    /// for each; what is never written takes no memory.
    #[must_use]
    pub fn with_room(self, weights: usize) -> Draft {
        let mut page = self.page.borrow_mut();
        page.nodes.reserve(14 * weights);
        page.entries.reserve(4 * weights);
        drop(page);
        self
    }

    /// Writes down a given number.
    pub fn given(&self, quantity: Quantity, value: f64) -> Worked<'_> {
        self.enter(Entry { quantity, value, origin: Origin::Given })
    }

    /// Writes down a number that an earlier page computed.
    pub fn carried(&self, quantity: Quantity, value: f64) -> Worked<'_> {
        self.enter(Entry { quantity, value, origin: Origin::Carried })
    }

    /// Returns the page, to read.
    pub fn page(self) -> Page {
        self.page.into_inner()
    }

    fn enter(&self, entry: Entry) -> Worked<'_> {
        let mut page = self.page.borrow_mut();
        let id = EntryId(index(page.entries.len()));
        page.entries.push(entry);
        drop(page);
        self.write(entry.value, Node::Named(id))
    }

    fn write(&self, value: f64, node: Node) -> Worked<'_> {
        let nodes = &mut self.page.borrow_mut().nodes;
        let id = NodeId(index(nodes.len()));
        nodes.push(node);
        Worked { value, node: id, draft: self }
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a page holds fewer than 2³² nodes")
}

/// A number that knows the expression it came from.
#[derive(Clone, Copy)]
pub struct Worked<'draft> {
    value: f64,
    node: NodeId,
    draft: &'draft Draft,
}

impl fmt::Debug for Worked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.value, self.node)
    }
}

impl Worked<'_> {
    /// Returns the place of its expression on the page.
    pub fn node(self) -> NodeId {
        self.node
    }

    fn is_constant(self, value: f64) -> bool {
        self.written() == Node::Constant(value)
    }

    fn written(self) -> Node {
        self.draft.page.borrow().node(self.node)
    }

    fn apply(self, function: Function, value: f64) -> Self {
        self.draft.write(value, Node::Apply(function, self.node))
    }
}

// Nobody writes `0 + x`, `0 − x` or `1·x`: where a constant of the formula
// makes no difference, it is left out. The η = 1 of an example is no such
// constant, and stays.

impl Add for Worked<'_> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        if self.is_constant(0.0) {
            other
        } else if other.is_constant(0.0) {
            self
        } else {
            self.draft.write(self.value + other.value, Node::Add(self.node, other.node))
        }
    }
}

impl Sub for Worked<'_> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        if self.is_constant(0.0) {
            -other
        } else if other.is_constant(0.0) {
            self
        } else {
            self.draft.write(self.value - other.value, Node::Subtract(self.node, other.node))
        }
    }
}

impl Mul for Worked<'_> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        if self.is_constant(1.0) {
            other
        } else if other.is_constant(1.0) {
            self
        } else {
            self.draft.write(self.value * other.value, Node::Multiply(self.node, other.node))
        }
    }
}

impl Div for Worked<'_> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        if other.is_constant(1.0) {
            self
        } else {
            self.draft.write(self.value / other.value, Node::Divide(self.node, other.node))
        }
    }
}

impl Neg for Worked<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        match self.written() {
            Node::Constant(value) => self.constant(-value),
            _ => self.draft.write(-self.value, Node::Negate(self.node)),
        }
    }
}

impl Scalar for Worked<'_> {
    fn value(self) -> f64 {
        self.value
    }

    fn constant(self, value: f64) -> Self {
        self.draft.write(value, Node::Constant(value))
    }

    fn named(self, quantity: Quantity) -> Self {
        let value = match self.draft.rounding {
            Some(rounding) => rounding.round(self.value),
            None => self.value,
        };
        self.draft.enter(Entry { quantity, value, origin: Origin::Line(self.node) })
    }

    fn noted(self, quantity: Quantity) {
        self.draft.enter(Entry { quantity, value: self.value, origin: Origin::Part(self.node) });
    }

    fn squared(self) -> Self {
        self.apply(Function::Square, self.value.squared())
    }

    fn exp(self) -> Self {
        self.apply(Function::Exp, self.value.exp())
    }

    fn exp_minus_one(self) -> Self {
        self.apply(Function::ExpMinusOne, self.value.exp_minus_one())
    }

    fn ln(self) -> Self {
        self.apply(Function::Ln, self.value.ln())
    }

    fn tanh(self) -> Self {
        self.apply(Function::Tanh, self.value.tanh())
    }

    fn softplus(self) -> Self {
        self.apply(Function::Softplus, self.value.softplus())
    }

    fn normal_cdf(self) -> Self {
        self.apply(Function::NormalCdf, self.value.normal_cdf())
    }

    fn normal_density(self) -> Self {
        self.apply(Function::NormalDensity, self.value.normal_density())
    }

    fn when_positive(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        let is_positive = self.value > 0.0;
        let (then, otherwise) = (then(), otherwise());
        let (chosen, other) = if is_positive { (then, otherwise) } else { (otherwise, then) };
        self.draft.write(
            chosen.value,
            Node::Case {
                condition: self.node,
                is_positive,
                chosen: chosen.node,
                other: other.node,
            },
        )
    }
}
