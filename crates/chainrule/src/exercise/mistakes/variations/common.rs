//! Mistakes that several kinds of lines share: something left out, a sign, a
//! factor, rows for columns, another delta.

use super::lookup::{bias_of, product};
use super::{Mistake, Named, Rules};
use crate::exercise::expression::{Expression, Term};
use crate::quantity::{Neuron, Parameter, Quantity};

impl Rules<'_> {
    /// Leaves out every factor of every product, save those that another rule
    /// is about.
    pub(super) fn forgotten_factors(&mut self, skip: &dyn Fn(&Expression) -> bool) {
        let all = self.expression.changed_at_one_place(&|part| {
            let factors = part.factors();
            if factors.len() < 2 {
                return Vec::new();
            }
            (0..factors.len())
                .filter(|&place| !skip(&factors[place]))
                .map(|place| {
                    let mut rest = factors.to_vec();
                    (rest.remove(place), product(rest))
                })
                .collect()
        });
        for (left_out, expression) in all {
            let named = match left_out {
                Expression::Quantity(rate @ Quantity::LearningRate) => {
                    Named::without(Mistake::RateForgotten, rate)
                }
                Expression::Quantity(other) => Named::without(Mistake::FactorForgotten, other),
                Expression::Constant(_) => continue,
                _ => Named::plain(Mistake::FactorForgotten),
            };
            self.add(named, expression);
        }
    }

    /// Leaves out every term of a sum over neurons, and all terms but one.
    pub(super) fn forgotten_terms(&mut self) {
        self.forgotten(Mistake::SumLeftOut, &|term| {
            term.value.has(&|quantity| {
                matches!(
                    quantity,
                    Quantity::Parameter(_) | Quantity::Updated(_) | Quantity::Delta(_)
                )
            })
        });
    }

    /// Leaves out deltas of the sum that changes a shared bias.
    pub(super) fn forgotten_deltas(&mut self) {
        self.forgotten(Mistake::BiasNotShared, &|term: &Term| {
            matches!(term.value, Expression::Quantity(Quantity::Delta(_)))
        });
    }

    pub(super) fn forgotten(&mut self, mistake: Mistake, is_term: &dyn Fn(&Term) -> bool) {
        let all = self.expression.changed_at_one_place(&|part| match part {
            Expression::Sum(terms) if terms.len() > 1 && terms.iter().all(is_term) => {
                let without = (0..terms.len()).map(|place| {
                    let mut rest = terms.clone();
                    (Some(rest.remove(place)), Expression::Sum(rest))
                });
                // All but one, with the bias or without it.
                let is_bias_of = |term: &Term| bias_of(term).is_some();
                let only = terms.iter().filter(|_| terms.len() > 2).flat_map(|term| {
                    let alone = vec![term.clone()];
                    let mut with_bias = alone.clone();
                    with_bias.extend(terms.iter().filter(|one| is_bias_of(one)).cloned());
                    let all = if is_bias_of(term) { vec![alone] } else { vec![alone, with_bias] };
                    all.into_iter().map(|kept| (None, Expression::Sum(kept)))
                });
                without.chain(only).collect()
            }
            _ => Vec::new(),
        });
        for (left_out, expression) in all {
            let bias = left_out.as_ref().and_then(bias_of);
            let named = match bias {
                Some(bias) => Named::without(Mistake::BiasForgotten, bias),
                None => Named::plain(mistake),
            };
            self.add(named, expression);
        }
    }

    pub(super) fn signs_of_terms(&mut self) {
        if let Expression::Sum(terms) = self.expression {
            for place in 0..terms.len() {
                let mut turned = terms.clone();
                turned[place].is_negative = !turned[place].is_negative;
                self.add(Named::plain(Mistake::SignLost), Expression::Sum(turned));
            }
        }
    }

    pub(super) fn factors_of_two(&mut self) {
        let (half, twice) = (self.expression.times(0.5), self.expression.times(2.0));
        self.add(Named::plain(Mistake::FactorHalf), half);
        self.add(Named::plain(Mistake::FactorTwo), twice);
    }

    /// Exchanges rows and columns, where a layer has all of them.
    pub(super) fn swapped_indices(&mut self) {
        let layers = &self.example.network.layers;
        let is_square = |layer: usize| layers[layer].width() == layers[layer].input_width();
        let turned = |parameter| match parameter {
            Parameter::Weight { layer, to, from } if is_square(layer) => {
                Some(Parameter::Weight { layer, to: from, from: to })
            }
            _ => None,
        };
        self.exchange_all(Named::plain(Mistake::IndicesSwapped), &|quantity| match quantity {
            Quantity::Parameter(parameter) => turned(parameter).map(Quantity::Parameter),
            Quantity::Updated(parameter) => turned(parameter).map(Quantity::Updated),
            _ => None,
        });
    }

    /// Takes the delta of another neuron: of the same layer, or another.
    pub(super) fn other_deltas(&mut self, layer: usize) {
        let is_delta = |quantity| matches!(quantity, Quantity::Delta(_));
        for delta in self.used(is_delta) {
            for (other, one) in self.example.network.layers.iter().enumerate() {
                let mistake =
                    if other == layer { Mistake::NeighbourDelta } else { Mistake::OtherLayerDelta };
                let all = (0..one.width())
                    .map(|index| Quantity::Delta(Neuron { layer: other, index }))
                    // A line cannot use itself.
                    .filter(|&quantity| quantity != self.quantity);
                let all: Vec<Quantity> = all.collect();
                self.exchange(mistake, delta, all);
            }
        }
    }
}
