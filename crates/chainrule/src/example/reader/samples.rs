//! The samples of a file, and whether they fit the network and its loss.

use std::ops::Range;

use toml::de::DeValue;

use super::fields::{Field, Fields, Problems};
use super::problem::{List, ProblemKind};
use super::shape::Width;
use crate::example::fit::{self, Misfit};
use crate::loss::Loss;
use crate::network::Sample;

/// What the file says of a sample.
#[derive(Debug)]
pub(super) struct SampleDraft<'a> {
    fields: Fields<'a>,
    /// Its number, from 1.
    number: usize,
    pub(super) sample: Sample<f64>,
}

impl<'a> SampleDraft<'a> {
    pub(super) fn read(fields: Fields<'a>, number: usize, problems: &mut Problems) -> Self {
        let mut numbers = |key: &'static str, item: &'static str| {
            let Some(field) = fields.require(key, problems) else { return Vec::new() };
            if matches!(field.value.get_ref(), DeValue::Array(items) if items.is_empty()) {
                let place = field.place.clone();
                problems.add(ProblemKind::Empty { place, item }, field.value.span());
            }
            field.numbers(problems)
        };
        let sample =
            Sample { inputs: numbers("inputs", "input"), targets: numbers("targets", "target") };
        SampleDraft { fields, number, sample }
    }

    fn list(&self, key: &str) -> Option<(&Field<'a>, &[f64])> {
        let values = if key == "inputs" { &self.sample.inputs } else { &self.sample.targets };
        self.fields.find(key).filter(|_| !values.is_empty()).map(|field| (field, &values[..]))
    }

    /// Returns the length of one of the two lists, and where it stands.
    pub(super) fn length(&self, key: &str) -> Option<(usize, Range<usize>)> {
        self.list(key).map(|(field, values)| (values.len(), field.value.span()))
    }

    /// Reports a list that is not as long as the network is wide.
    pub(super) fn check_length(
        &self,
        key: &'static str,
        width: Option<&Width>,
        problems: &mut Problems,
    ) {
        let (Some((found, span)), Some(width)) = (self.length(key), width) else { return };
        if found != width.count {
            let noun = key.trim_end_matches('s');
            let each = width.each.clone();
            let list = List::Sample(noun, self.number);
            let kind = ProblemKind::WrongCount { list, found, expected: width.count, each };
            problems.add_related(kind, span, width.span.clone(), width.label());
        }
    }

    /// Reports targets that the loss is not defined for.
    pub(super) fn check_loss(&self, loss: Loss, problems: &mut Problems) {
        let Some((field, targets)) = self.list("targets") else { return };
        if targets.iter().any(|target| target.is_nan()) {
            return;
        }
        if let Err(misfit) = fit::check_targets(loss, self.number, targets) {
            let span = match (&misfit, field.value.get_ref()) {
                (Misfit::Target { index, .. }, DeValue::Array(items)) => items[*index].span(),
                _ => field.value.span(),
            };
            problems.add(ProblemKind::Misfit(misfit), span);
        }
    }
}
