//! What a student computes in each row, with mistakes of method in it.

use chainrule::activation::Activation;
use chainrule::exercise::mistakes::Mistake;
use chainrule::loss::Loss;

use super::functions::{
    is_squared, loss_of_one, mean, pull, slope, slope_in_part, slope_uses, value, value_with_sign,
};
use super::task::Dense;
use super::{Bias, Carry, Row, Student, number, write};

/// Mistakes that are still to be made in a row.
struct Left(Vec<Mistake>);

impl Left {
    /// Tells whether a mistake is to be made here, where it is possible.
    fn has(&mut self, mistake: Mistake, is_possible: bool) -> bool {
        let at = self.0.iter().position(|&one| one == mistake).filter(|_| is_possible);
        at.map(|at| self.0.remove(at)).is_some()
    }
}

/// The neighbour of a place among some, the first or the one after it.
fn next(place: usize, count: usize, variant: usize) -> usize {
    (place + 1 + variant % (count - 1).max(1)) % count
}

/// Another place of a matrix: the neighbours first, then all others.
fn other_place(
    (j, i): (usize, usize),
    rows: usize,
    columns: usize,
    variant: usize,
) -> (usize, usize) {
    let place = j * columns + i;
    let other = (place + 1 + variant % (rows * columns - 1)) % (rows * columns);
    (other / columns, other % columns)
}

/// Whether a term is left out: one of them, all but one, or all but the bias.
fn is_left_out(place: usize, count: usize, variant: usize) -> bool {
    let is_it = place == (count - 1 + variant) % count;
    match variant / count {
        0 => is_it,
        3 => true,
        _ => !is_it,
    }
}

type Coarse<'c> = &'c dyn Fn(f64) -> f64;

impl Student<'_> {
    /// The value of a row with mistakes of method. `coarse` is what becomes of
    /// every earlier number before it is used.
    pub(super) fn value(
        &self,
        row: Row,
        mistakes: &[Mistake],
        variant: usize,
        coarse: Coarse<'_>,
    ) -> Option<f64> {
        let mut left = Left(mistakes.to_vec());
        let value = match row {
            Row::Z(l, j) => self.sum(l, j, false, variant, coarse, &mut left),
            Row::ZAfter(l, j) => self.sum(l, j, true, variant, coarse, &mut left),
            Row::A(l, j) => self.output(l, j, Row::Z, variant, coarse, &mut left)?,
            Row::AAfter(l, j) => self.output(l, j, Row::ZAfter, variant, coarse, &mut left)?,
            Row::Loss => self.loss(false, coarse, &mut left),
            Row::LossAfter => self.loss(true, coarse, &mut left),
            Row::Delta(l, j) if l == self.task.last() => {
                self.last_delta(j, variant, coarse, &mut left)?
            }
            Row::Delta(l, j) => self.hidden_delta(l, j, variant, coarse, &mut left)?,
            Row::Weight(l, j, i) => {
                let start = self.task.layers[l].w[j][i];
                self.update(start, l, j, Some(i), variant, coarse, &mut left)?
            }
            Row::Bias(l, j) => {
                let start = self.task.layers[l].b[j];
                self.update(start, l, j, None, variant, coarse, &mut left)?
            }
        };
        // The sign of a result lost; at the outputs that is `(o − t)`.
        let is_output_delta = matches!(row, Row::Delta(l, _) if l == self.task.last());
        let lost = left.has(Mistake::SignLost, !is_output_delta);
        left.0.is_empty().then_some(if lost { -value } else { value })
    }

    /// What leads into a layer, in one pass or the other.
    fn source(&self, l: usize, i: usize, is_after: bool) -> f64 {
        match l.checked_sub(1) {
            None => self.task.x[i],
            Some(l) if is_after => self.get(Row::AAfter(l, i)),
            Some(l) => self.get(Row::A(l, i)),
        }
    }

    fn sum(
        &self,
        l: usize,
        j: usize,
        is_after: bool,
        variant: usize,
        coarse: Coarse<'_>,
        left: &mut Left,
    ) -> f64 {
        let task = self.task;
        let layer = &task.layers[l];
        let (n, m) = (task.input_width(l), task.width(l));
        let at = variant % n;
        let is_swapped = left.has(Mistake::IndicesSwapped, n == m && n > 1);
        let uses_old = left.has(Mistake::OldWeights, is_after);
        let is_stale = left.has(Mistake::StaleActivation, is_after && l > 0);
        let uses_inputs = left.has(Mistake::InputForActivation, l > 0 && task.x.len() >= n);
        let uses_z = left.has(Mistake::PreActivationUsed, l > 0);
        let leaves_some = variant / n != 3 || task.has_bias();
        let one_left_out = left.has(Mistake::SumLeftOut, n > 1 && leaves_some);
        let one_turned = left.has(Mistake::SignLost, variant < n);
        let neighbour = left.has(Mistake::NeighbourActivation, n > 1);
        let other_weight = left.has(Mistake::OtherWeight, n * m > 1);
        let factor = left.has(Mistake::FactorForgotten, true);
        let row = if is_after { Row::ZAfter } else { Row::Z };
        let weight = |j: usize, i: usize| {
            if is_after && !uses_old {
                coarse(self.get(Row::Weight(l, j, i)))
            } else {
                layer.w[j][i]
            }
        };
        let mut z = 0.0;
        for i in 0..n {
            if one_left_out && is_left_out(i, n, variant) {
                continue;
            }
            let mut a = if uses_inputs {
                task.x[i]
            } else if uses_z {
                coarse(self.get(row(l - 1, i)))
            } else {
                let from = if neighbour && i == at { next(i, n, variant / n) } else { i };
                coarse(self.source(l, from, is_after && !is_stale))
            };
            let mut w = if is_swapped { weight(i, j) } else { weight(j, i) };
            if other_weight && i == at {
                let (j, i) = other_place((j, i), m, n, variant / n);
                w = weight(j, i);
            }
            if factor && i == at {
                if variant / n == 0 { w = 1.0 } else { a = 1.0 }
            }
            if one_turned && i == at {
                w = -w;
            }
            z += self.product(w, a);
        }
        let is_alone = one_left_out && variant / n == 2;
        if !task.has_bias() || is_alone || left.has(Mistake::BiasForgotten, true) {
            return z;
        }
        let b = match task.bias {
            Bias::Frozen if is_after && left.has(Mistake::BiasTrained, true) => {
                let sign = if task.gradient { -1.0 } else { 1.0 };
                layer.b[j] + sign * task.eta * coarse(self.get(Row::Delta(l, j)))
            }
            Bias::Trained | Bias::Shared if is_after && !uses_old => {
                let is_shared = task.bias == Bias::Shared;
                let other = left.has(Mistake::NeighbourBias, !is_shared && m > 1);
                let from = if is_shared {
                    0
                } else if other {
                    next(j, m, variant)
                } else {
                    j
                };
                coarse(self.get(Row::Bias(l, from)))
            }
            Bias::Trained | Bias::Frozen if left.has(Mistake::NeighbourBias, m > 1) => {
                layer.b[next(j, m, variant)]
            }
            _ => layer.b[j],
        };
        z + b
    }

    fn output(
        &self,
        l: usize,
        j: usize,
        row: fn(usize, usize) -> Row,
        variant: usize,
        coarse: Coarse<'_>,
        left: &mut Left,
    ) -> Option<f64> {
        let f = self.task.layers[l].f;
        let m = self.task.width(l);
        let is_after = row(0, 0) == Row::ZAfter(0, 0);
        let row = if left.has(Mistake::StaleActivation, is_after) { Row::Z } else { row };
        let from = if left.has(Mistake::NeighbourActivation, m > 1 && f != Activation::Softmax) {
            next(j, m, variant)
        } else {
            j
        };
        let z = coarse(self.get(row(l, from)));
        if left.has(Mistake::ActivationForgotten, f != Activation::Identity) {
            return Some(z);
        }
        if left.has(Mistake::OtherActivationFunction, true) {
            let others: Vec<Activation> = [Activation::Sigmoid, Activation::Tanh, Activation::Relu]
                .into_iter()
                .filter(|&other| other != f)
                .collect();
            return Some(value(*others.get(variant)?, z));
        }
        if left.has(Mistake::ExponentSign, f != Activation::Softmax) {
            return value_with_sign(f, z);
        }
        if f != Activation::Softmax {
            return Some(value(f, z));
        }
        let sum: f64 = (0..m).map(|k| coarse(self.get(row(l, k))).exp()).sum();
        let z = if left.has(Mistake::ExponentSign, true) { -z } else { z };
        Some(z.exp() / sum)
    }

    fn loss(&self, is_after: bool, coarse: Coarse<'_>, left: &mut Left) -> f64 {
        let task = self.task;
        let (l, o) = (task.last(), task.t.len());
        let is_stale = left.has(Mistake::StaleActivation, is_after);
        let uses_z = left.has(Mistake::PreActivationUsed, task.layers[l].f != Activation::Identity);
        let a = |k: usize| {
            coarse(self.get(match (is_after && !is_stale, uses_z) {
                (true, true) => Row::ZAfter(l, k),
                (true, false) => Row::AAfter(l, k),
                (false, true) => Row::Z(l, k),
                (false, false) => Row::A(l, k),
            }))
        };
        let count = if left.has(Mistake::SumLeftOut, o > 1) { o - 1 } else { o };
        let is_plain = left.has(Mistake::SquareForgotten, is_squared(task.loss));
        let sum: f64 = (0..count)
            .map(|k| match task.loss {
                Loss::HalfSquared if is_plain => (task.t[k] - a(k)) / 2.0,
                _ if is_plain => task.t[k] - a(k),
                loss => loss_of_one(loss, task.t[k], a(k)),
            })
            .sum();
        Self::factor(left) * mean(task.loss, sum, o)
    }

    /// A factor that does not belong there, or 1.
    fn factor(left: &mut Left) -> f64 {
        if left.has(Mistake::FactorTwo, true) {
            2.0
        } else if left.has(Mistake::FactorHalf, true) {
            0.5
        } else {
            1.0
        }
    }

    fn last_delta(
        &self,
        j: usize,
        variant: usize,
        coarse: Coarse<'_>,
        left: &mut Left,
    ) -> Option<f64> {
        let task = self.task;
        let (l, o) = (task.last(), task.t.len());
        let f = task.layers[l].f;
        let z = coarse(self.get(Row::Z(l, j)));
        let mut a = coarse(self.get(Row::A(l, j)));
        let is_constant = matches!(task.loss, Loss::MeanAbsolute | Loss::Quantile { .. });
        let is_there = f != Activation::Identity;
        if left.has(Mistake::PreActivationUsed, is_there) {
            a = z;
        } else if left.has(Mistake::NeighbourActivation, o > 1 && f != Activation::Softmax) {
            a = coarse(self.get(Row::A(l, next(j, o, variant))));
        }
        let target =
            if left.has(Mistake::NeighbourTarget, o > 1) { next(j, o, variant) } else { j };
        let sign = if task.gradient { -1.0 } else { 1.0 };
        let turned = if left.has(Mistake::TargetSign, true) { -1.0 } else { 1.0 };
        let outer = sign * turned * Self::factor(left);
        if task.cancels() {
            return Some(outer * (task.t[target] - a));
        }
        if f == Activation::Softmax {
            // The targets exchanged stand in the sum too.
            let of = |k: usize| {
                let t = task.t[if k == j { target } else { k }];
                let a_k = if k == j { a } else { coarse(self.get(Row::A(l, k))) };
                (pull(task.loss, t, a_k, o), a_k)
            };
            let mean: f64 = (0..o).map(of).map(|(pull, a)| pull * a).sum();
            return Some(outer * a * (of(j).0 - mean));
        }
        let pulled = pull(task.loss, task.t[target], a, o);
        let slope = Self::slope(f, z, a, variant, left)?;
        let without = left.has(Mistake::FactorForgotten, is_there && !is_constant);
        Some(match (without, task.loss) {
            (false, _) => outer * pulled * slope,
            // The 2 or the ½ of the loss stays.
            (true, Loss::SumSquared) => 2.0 * slope,
            (true, Loss::MeanSquared) => 2.0 / o as f64 * slope,
            (true, _) => slope,
        })
    }

    /// The slope of a neuron, with mistakes in it.
    fn slope(f: Activation, z: f64, a: f64, variant: usize, left: &mut Left) -> Option<f64> {
        let (uses_z, uses_a) = slope_uses(f);
        if left.has(Mistake::DerivativeForgotten, f != Activation::Identity) {
            return Some(1.0);
        }
        if left.has(Mistake::DerivativeAtZ, uses_z || uses_a) {
            return match (uses_z, uses_a) {
                (false, true) => Some(slope(f, z, z)),
                (true, false) => Some(slope(f, a, a)),
                _ if variant == 0 => Some(slope(f, z, z)),
                _ if variant == 1 => Some(slope(f, a, a)),
                _ => None,
            };
        }
        if left.has(Mistake::DerivativeIncomplete, true) {
            return slope_in_part(f, z, a, variant);
        }
        Some(slope(f, z, a))
    }

    fn hidden_delta(
        &self,
        l: usize,
        j: usize,
        variant: usize,
        coarse: Coarse<'_>,
        left: &mut Left,
    ) -> Option<f64> {
        let task = self.task;
        let (m, o) = (task.width(l), task.width(l + 1));
        let f = task.layers[l].f;
        let is_swapped = left.has(Mistake::IndicesSwapped, m == o && m > 1);
        let wrong_order = if task.updated {
            left.has(Mistake::OldWeights, true)
        } else {
            left.has(Mistake::UpdatedWeights, true)
        };
        let neighbour = left.has(Mistake::NeighbourDelta, o > 1);
        let one_left_out = left.has(Mistake::SumLeftOut, o > 1 && variant / o != 3);
        let other_weight = left.has(Mistake::OtherWeight, m * o > 1);
        let factor = left.has(Mistake::FactorForgotten, true);
        let at = variant % o;
        let further: Vec<Row> = (0..task.layers.len())
            .filter(|&other| other != l + 1)
            .flat_map(|other| (0..task.width(other)).map(move |k| Row::Delta(other, k)))
            .filter(|&row| row != Row::Delta(l, j) && self.has(row))
            .collect();
        let other_layer = left.has(Mistake::OtherLayerDelta, !further.is_empty());
        let mut sum = 0.0;
        for k in 0..o {
            if one_left_out && is_left_out(k, o, variant) {
                continue;
            }
            let (mut to, mut from) = if is_swapped { (j, k) } else { (k, j) };
            if other_weight && k == at {
                (to, from) = other_place((k, j), o, m, variant / o);
            }
            let mut weight = if task.updated == wrong_order {
                task.layers[l + 1].w[to][from]
            } else {
                // In the other order, it is worked out beside the sheet.
                self.new_weight(l + 1, to, from, coarse)
            };
            let of = if neighbour && k == at { next(k, o, variant / o) } else { k };
            let mut delta = coarse(self.get(if other_layer && k == at {
                further[(variant / o) % further.len()]
            } else {
                Row::Delta(l + 1, of)
            }));
            if factor && k == at && variant / o == 0 {
                weight = 1.0;
            }
            if factor && k == at && variant / o == 1 {
                delta = 1.0;
            }
            sum += self.product(weight, delta);
        }
        if factor && variant / o > 1 {
            if variant / o > 2 || f == Activation::Identity {
                return None;
            }
            sum = 1.0;
        }
        let z = coarse(self.get(Row::Z(l, j)));
        let mut a = coarse(self.get(Row::A(l, j)));
        let (_, uses_a) = slope_uses(f);
        if left.has(Mistake::PreActivationUsed, false) {
            a = z;
        } else if left.has(Mistake::NeighbourActivation, uses_a && m > 1) {
            a = coarse(self.get(Row::A(l, next(j, m, variant))));
        }
        Some(sum * Self::slope(f, z, a, variant, left)?)
    }

    #[expect(clippy::too_many_arguments, reason = "an update has that many parts")]
    fn update(
        &self,
        start: f64,
        l: usize,
        j: usize,
        from: Option<usize>,
        variant: usize,
        coarse: Coarse<'_>,
        left: &mut Left,
    ) -> Option<f64> {
        let task = self.task;
        let (n, m) = (task.input_width(l), task.width(l));
        let is_bias = from.is_none();
        let is_shared = is_bias && task.bias == Bias::Shared;
        let not = if is_bias { Mistake::BiasNotTrained } else { Mistake::NotUpdated };
        if left.has(not, true) {
            return Some(start);
        }
        // What leads in: the output of a neuron, or 1.
        let mut a = match from {
            None => 1.0,
            Some(i) => {
                if left.has(Mistake::InputForActivation, l > 0) {
                    task.x[(i + variant) % task.x.len()]
                } else if left.has(Mistake::PreActivationUsed, l > 0) {
                    coarse(self.get(Row::Z(l - 1, i)))
                } else if left.has(Mistake::NeighbourActivation, n > 1) {
                    coarse(self.source(l, next(i, n, variant), false))
                } else if left.has(Mistake::OwnActivation, true) {
                    coarse(self.get(Row::A(l, j)))
                } else {
                    coarse(self.source(l, i, false))
                }
            }
        };
        let other_layers: Vec<Row> = (0..task.layers.len())
            .filter(|&other| other != l)
            .flat_map(|other| (0..task.width(other)).map(move |k| Row::Delta(other, k)))
            .filter(|&row| self.has(row))
            .collect();
        let delta = |k: usize| coarse(self.get(Row::Delta(l, k)));
        let mut change = if is_shared {
            let alone = left.has(Mistake::BiasNotShared, m > 1);
            if alone { delta(variant % m) } else { (0..m).map(delta).sum() }
        } else if left.has(Mistake::BiasShared, is_bias && m > 1) {
            (0..m).map(delta).sum()
        } else if left.has(Mistake::NeighbourDelta, m > 1) {
            delta(next(j, m, variant))
        } else if left.has(Mistake::OtherLayerDelta, !other_layers.is_empty()) {
            coarse(self.get(other_layers[variant % other_layers.len()]))
        } else {
            delta(j)
        };
        if left.has(Mistake::FactorForgotten, !is_bias) {
            if variant.is_multiple_of(2) { change = 1.0 } else { a = 1.0 }
        }
        let eta = if left.has(Mistake::RateForgotten, true) { 1.0 } else { task.eta };
        let turned = if left.has(Mistake::UpdateSign, true) { -1.0 } else { 1.0 };
        let sign = if task.gradient { -1.0 } else { 1.0 };
        let change = turned * sign * self.product(self.product(eta, change), a);
        if left.has(Mistake::OnlyTheChange, true) {
            return Some(change);
        }
        let start = if left.has(Mistake::StartWeight, true) {
            let mut others = Vec::new();
            // Of the same layer first.
            for other in (0..task.layers.len()).map(|more| (l + more) % task.layers.len()) {
                let Dense { w, b, .. } = &task.layers[other];
                for (to, row) in w.iter().enumerate() {
                    let all = row.iter().enumerate();
                    others.extend(all.map(|(i, &w)| ((other, to, Some(i)), w)));
                }
                if task.has_bias() {
                    others.extend(b.iter().enumerate().map(|(to, &b)| ((other, to, None), b)));
                }
            }
            let is_own = |&(other, to, i): &(usize, usize, Option<usize>)| {
                other == l && i == from && (to == j || is_shared)
            };
            others.retain(|(place, _)| !is_own(place));
            let others: Vec<f64> = others.into_iter().map(|(_, start)| start).collect();
            *others.get((j + variant) % others.len().max(1))?
        } else {
            start
        };
        let start = if left.has(Mistake::SignLost, variant < 3) { -start } else { start };
        Some(start + change)
    }

    /// A new weight, written or not.
    fn new_weight(&self, l: usize, j: usize, i: usize, coarse: Coarse<'_>) -> f64 {
        if self.has(Row::Weight(l, j, i)) {
            return coarse(self.get(Row::Weight(l, j, i)));
        }
        let exact = self.value(Row::Weight(l, j, i), &[], 0, coarse).expect("no mistake is in it");
        match self.carry {
            Carry::Written => number(&write(exact, self.places, self.half)),
            _ => exact,
        }
    }
}
