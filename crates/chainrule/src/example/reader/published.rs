//! The published figures of a file, and the quantities they are of.

use std::collections::HashMap;

use toml::de::DeValue;

use super::fields::{Field, Fields, Problems, shortened};
use super::problem::{Place, ProblemKind, Table};
use crate::convention::UpdateOrder;
use crate::example::{Figure, Published};
use crate::names::Names;
use crate::network::Network;
use crate::quantity::Quantity;
use crate::spelling;

/// Steps beyond which a figure is a slip of the pen: a page computes them all.
const MOST_STEPS: usize = 100_000;

/// What the file says of a group of figures.
#[derive(Debug)]
pub(super) struct PublishedDraft<'a> {
    group: Published,
    figures: Vec<FigureDraft<'a>>,
}

#[derive(Debug)]
struct FigureDraft<'a> {
    id: &'a str,
    span: std::ops::Range<usize>,
    printed: String,
    value: f64,
    note: Option<String>,
}

impl<'a> PublishedDraft<'a> {
    pub(super) fn read(
        fields: &Fields<'a>,
        number: usize,
        update_order: UpdateOrder,
        problems: &mut Problems,
    ) -> Self {
        let update_order = super::update_order(fields, problems).unwrap_or(update_order);
        let steps = fields
            .find("steps")
            .and_then(|field| {
                field.count(1..=MOST_STEPS, "a whole number from 1 to 100000", problems)
            })
            .unwrap_or(1);
        let source = fields.line("source", problems);
        let mut figures = Vec::new();
        if let Some(field) = fields.require("figures", problems) {
            match field.value.get_ref() {
                DeValue::Table(content) => {
                    if content.is_empty() {
                        let place = field.place.clone();
                        problems.add(
                            ProblemKind::Empty { place, item: "figure" },
                            field.key_span.clone(),
                        );
                    }
                    for (id, value) in content {
                        let field = Field {
                            key: "figures",
                            key_span: id.span(),
                            value,
                            place: Place {
                                key: shortened(id.get_ref()),
                                table: Table::Published(number),
                            },
                        };
                        figures.extend(FigureDraft::read(id.get_ref(), &field, problems));
                    }
                }
                _ => field.wrong_type("a table of figures", problems),
            }
        }
        let group = Published { source, update_order, steps, figures: Vec::new() };
        PublishedDraft { group, figures }
    }
}

impl<'a> FigureDraft<'a> {
    fn read(id: &'a str, field: &Field<'a>, problems: &mut Problems) -> Option<FigureDraft<'a>> {
        let span = field.key_span.clone();
        if let DeValue::Table(content) = field.value.get_ref() {
            let table = Table::Figure(shortened(id));
            let fields = Fields::new(table, field.value.span(), content, problems);
            let note = fields.line("note", problems);
            let number = fields.require("value", problems)?;
            let value = number.number(problems)?;
            let printed = printed(number)?;
            Some(FigureDraft { id, span, printed, value, note })
        } else {
            let value = field.number(problems)?;
            let printed = printed(field)?;
            Some(FigureDraft { id, span, printed, value, note: None })
        }
    }
}

/// Returns a number as it was typed: its places count.
fn printed(field: &Field<'_>) -> Option<String> {
    let typed = match field.value.get_ref() {
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(integer) => integer.as_str(),
        _ => return None,
    };
    Some(typed.strip_prefix('+').unwrap_or(typed).to_lowercase())
}

/// Finds the quantities that the figures are of.
pub(super) fn resolve(
    drafts: Vec<PublishedDraft<'_>>,
    network: &Network<f64>,
    names: &Names,
    problems: &mut Problems,
) -> Vec<Published> {
    let mut wanted: HashMap<String, Option<Quantity>> = drafts
        .iter()
        .flat_map(|draft| &draft.figures)
        .map(|figure| (figure.id.to_string(), None))
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    for quantity in network.quantities() {
        if let Some(place) = wanted.get_mut(&names.id(quantity)) {
            *place = Some(quantity);
        }
    }
    let mut groups = Vec::new();
    for PublishedDraft { mut group, figures } in drafts {
        for FigureDraft { id, span, printed, value, note } in figures {
            match wanted[id] {
                Some(quantity) if quantity.phase().is_some() => {
                    group.figures.push(Figure { quantity, printed, value, note });
                }
                Some(_) => {
                    problems.add(ProblemKind::GivenQuantity { id: id.to_string() }, span);
                }
                None => {
                    let nearest = nearest(id, network, names, problems);
                    problems.add(ProblemKind::UnknownQuantity { id: shortened(id), nearest }, span);
                }
            }
        }
        groups.push(group);
    }
    groups
}

/// Returns the identifiers nearest to one that does not exist.
fn nearest(id: &str, network: &Network<f64>, names: &Names, problems: &Problems) -> Vec<String> {
    // Comparing takes longer than reading does: a large network gets no
    // suggestions beyond its first quantities, nor does an eleventh problem.
    const MOST_COMPARED: usize = 10_000;
    if problems.are_many() {
        return Vec::new();
    }
    let computed = network.quantities().filter(|quantity| quantity.phase().is_some());
    spelling::nearest(
        &shortened(id),
        computed.take(MOST_COMPARED).map(|quantity| names.id(quantity)),
    )
}
