//! A student who works a step by hand: plain loops over plain numbers, each
//! line rounded as a person does it, and a mistake in one line if asked for.
//!
//! Nothing here is the library's: neither its algorithm, nor its list of
//! mistakes, nor its rounding.

/// A fixed sequence of numbers that look random (Knuth's MMIX generator).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF0);
        for _ in 0..4 {
            dice.below(2);
        }
        dice
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).expect("a small number")
    }

    /// A number of two decimals, from 0.05 to 1.5, of either sign.
    fn number(&mut self) -> f64 {
        let hundredths = (5 + self.below(146)) as f64;
        (if self.below(2) == 0 { hundredths } else { -hundredths }) / 100.0
    }
}

/// Biases of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bias {
    None,
    Trained,
    Frozen,
    Shared,
}

/// A network with one hidden layer, and one sample.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) x: Vec<f64>,
    pub(crate) t: Vec<f64>,
    /// `v[j][i]` into hidden neuron j, `w[k][j]` into output k.
    pub(crate) v: Vec<Vec<f64>>,
    pub(crate) w: Vec<Vec<f64>>,
    pub(crate) c: Vec<f64>,
    pub(crate) b: Vec<f64>,
    pub(crate) bias: Bias,
    pub(crate) eta: f64,
    /// Hidden deltas by the updated weights.
    pub(crate) updated: bool,
    /// δ = ∂E/∂z.
    pub(crate) gradient: bool,
    pub(crate) tanh: bool,
}

impl Task {
    pub(crate) fn random(dice: &mut Dice) -> Task {
        let (n, m, o) = (2 + dice.below(2), 2 + dice.below(2), 1 + dice.below(2));
        let mut rows = |r: usize, c: usize| -> Vec<Vec<f64>> {
            (0..r).map(|_| (0..c).map(|_| dice.number()).collect()).collect()
        };
        let (v, w) = (rows(m, n), rows(o, m));
        let (x, mut c, mut b) = (rows(1, n).remove(0), rows(1, m).remove(0), rows(1, o).remove(0));
        let bias = [Bias::None, Bias::Trained, Bias::Frozen, Bias::Shared][dice.below(4)];
        if bias == Bias::Shared {
            c = vec![c[0]; m];
            b = vec![b[0]; o];
        }
        let t = (0..o).map(|_| dice.below(100) as f64 / 100.0).collect();
        // Not 1, which can be left out, nor a half or two, which are factors.
        let eta = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9][dice.below(8)];
        let (updated, gradient, tanh) =
            (dice.below(2) == 0, dice.below(2) == 0, dice.below(3) == 0);
        Task { x, t, v, w, c, b, bias, eta, updated, gradient, tanh }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.x.len()
    }

    pub(crate) fn hidden(&self) -> usize {
        self.v.len()
    }

    pub(crate) fn outputs(&self) -> usize {
        self.w.len()
    }

    fn has_bias(&self) -> bool {
        self.bias != Bias::None
    }
}

/// A line of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    Zh(usize),
    Ah(usize),
    Zo(usize),
    Ao(usize),
    Loss,
    Do(usize),
    Dh(usize),
    W(usize, usize),
    B(usize),
    V(usize, usize),
    C(usize),
    /// The pre-activation of a hidden neuron after the step.
    ZhAfter(usize),
}

/// A mistake to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Plant {
    DerivativeForgotten,
    DerivativeAtZ,
    TargetSign,
    UpdatedWeights,
    OldWeights,
    IndicesSwapped,
    NeighbourDelta,
    RateForgotten,
    BiasForgotten,
    BiasTrained,
    BiasShared,
    FactorHalf,
    FactorTwo,
    StartWeight,
    InputForActivation,
    SumLeftOut,
    UpdateSign,
    NotUpdated,
    NeighbourActivation,
    RoundedTooEarly,
    CutOff,
    DigitsTransposed,
    DecimalPoint,
}

impl Plant {
    pub(crate) const ALL: [Plant; 23] = [
        Plant::DerivativeForgotten,
        Plant::DerivativeAtZ,
        Plant::TargetSign,
        Plant::UpdatedWeights,
        Plant::OldWeights,
        Plant::IndicesSwapped,
        Plant::NeighbourDelta,
        Plant::RateForgotten,
        Plant::BiasForgotten,
        Plant::BiasTrained,
        Plant::BiasShared,
        Plant::FactorHalf,
        Plant::FactorTwo,
        Plant::StartWeight,
        Plant::InputForActivation,
        Plant::SumLeftOut,
        Plant::UpdateSign,
        Plant::NotUpdated,
        Plant::NeighbourActivation,
        Plant::RoundedTooEarly,
        Plant::CutOff,
        Plant::DigitsTransposed,
        Plant::DecimalPoint,
    ];

    /// Mistakes of writing, made on a number that is otherwise right.
    pub(crate) fn is_slip(self) -> bool {
        matches!(
            self,
            Plant::RoundedTooEarly | Plant::CutOff | Plant::DigitsTransposed | Plant::DecimalPoint
        )
    }
}

/// Ways to make a mistake: which neighbour, which digits.
pub(crate) const VARIANTS: usize = 3;

/// How a person rounds a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Up,
    Even,
    Down,
}

/// What a person carries on from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carry {
    /// The number as written.
    Written,
    /// What the calculator holds.
    All,
    /// Some digits more than written.
    Guarded(usize),
    /// Now this, now that.
    Mixed(u64),
}

/// Writes a number with some decimals, as a person who sees the first
/// thirteen: halves up (away from zero) or to the even digit.
pub(crate) fn write(x: f64, decimals: usize, half: Half) -> String {
    let seen = format!("{:.13}", x.abs());
    let (whole, decimal) = seen.split_once('.').expect("a point");
    let mut digits: Vec<u8> = whole.bytes().chain(decimal.bytes().take(decimals)).collect();
    let rest = &decimal[decimals..];
    let (next, behind) = rest.split_at(1);
    let is_half = next == "5" && behind.bytes().all(|byte| byte == b'0');
    let last = digits.last().copied().unwrap_or(b'0');
    let up = match half {
        Half::Even if is_half => (last - b'0') % 2 == 1,
        Half::Down if is_half => false,
        _ => next >= "5",
    };
    if up {
        let mut at = digits.len();
        loop {
            if at == 0 {
                digits.insert(0, b'1');
                break;
            }
            at -= 1;
            if digits[at] < b'9' {
                digits[at] += 1;
                break;
            }
            digits[at] = b'0';
        }
    }
    finish(x, digits, decimals)
}

fn finish(x: f64, mut digits: Vec<u8>, decimals: usize) -> String {
    let point = digits.len() - decimals;
    let is_zero = digits.iter().all(|&digit| digit == b'0');
    digits.insert(point, b'.');
    let text = String::from_utf8(digits).expect("digits");
    if x < 0.0 && !is_zero { format!("-{text}") } else { text }
}

/// Writes a number with the digits behind the last place dropped.
fn write_cut(x: f64, decimals: usize) -> String {
    let seen = format!("{:.13}", x.abs());
    let (whole, decimal) = seen.split_once('.').expect("a point");
    let digits = whole.bytes().chain(decimal.bytes().take(decimals)).collect();
    finish(x, digits, decimals)
}

/// What is written in one row.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) row: Row,
    pub(crate) text: String,
}

/// A student at work.
#[derive(Clone)]
pub(crate) struct Student<'a> {
    pub(crate) task: &'a Task,
    pub(crate) decimals: usize,
    pub(crate) half: Half,
    pub(crate) carry: Carry,
    pub(crate) numbers: Vec<(Row, f64)>,
}

impl<'a> Student<'a> {
    pub(crate) fn new(task: &'a Task, decimals: usize, half: Half, carry: Carry) -> Student<'a> {
        Student { task, decimals, half, carry, numbers: Vec::new() }
    }

    /// Works the sheet; `planted` are mistakes in the row given.
    pub(crate) fn work(&mut self, planted: Option<(Row, &[Plant], usize)>) -> Vec<Entry> {
        let mut sheet = Vec::new();
        for row in rows(self.task) {
            let (mistakes, variant): (&[Plant], usize) = match planted {
                Some((wrong, mistakes, variant)) if wrong == row => (mistakes, variant),
                _ => (&[], 0),
            };
            let (value, text) =
                self.line(row, mistakes, variant).expect("the mistakes fit the row");
            let carry = match self.carry {
                Carry::Mixed(seed) => {
                    let place = sheet.len() as u64;
                    let mut dice = Dice::new(seed * 1000 + place);
                    [Carry::Written, Carry::All, Carry::Guarded(1), Carry::Guarded(2)]
                        [dice.below(4)]
                }
                carry => carry,
            };
            let carried = match carry {
                Carry::Written | Carry::Mixed(_) => text.parse().expect("a number"),
                Carry::All => value,
                Carry::Guarded(more) => {
                    write(value, self.decimals + more, self.half).parse().expect("a number")
                }
            };
            // A slip of the pen is what is read off the sheet again.
            let is_slip = mistakes.iter().any(|plant| plant.is_slip());
            let carried = if is_slip { text.parse().expect("a number") } else { carried };
            self.numbers.push((row, carried));
            sheet.push(Entry { row, text });
        }
        sheet
    }

    /// Computes one row, from the numbers written so far; `None` where the
    /// mistakes cannot be made in it.
    pub(crate) fn line(
        &self,
        row: Row,
        mistakes: &[Plant],
        variant: usize,
    ) -> Option<(f64, String)> {
        let mut method: Vec<Plant> = mistakes.to_vec();
        method.retain(|plant| !plant.is_slip());
        let value = self.value(row, &method, variant, &|x| x)?;
        let slips: Vec<Plant> = mistakes.iter().copied().filter(|plant| plant.is_slip()).collect();
        let text = match slips.as_slice() {
            [] => write(value, self.decimals, self.half),
            [Plant::CutOff] => write_cut(value, self.decimals),
            [Plant::RoundedTooEarly] => {
                // All earlier numbers to some decimals less.
                let less = self.decimals.checked_sub(variant % 2 + 1)?;
                let coarse = |x: f64| write(x, less, self.half).parse().expect("a number");
                let value = self.value(row, &method, variant, &coarse)?;
                write(value, self.decimals, self.half)
            }
            [Plant::DigitsTransposed] => {
                // Two neighbours that differ from each other, of the last ones.
                let text = write(value, self.decimals, self.half);
                let mut letters: Vec<char> = text.chars().collect();
                let is_pair = |at: &usize| {
                    letters[*at].is_ascii_digit()
                        && letters[*at - 1].is_ascii_digit()
                        && letters[*at] != letters[*at - 1]
                };
                let at = (1..letters.len()).rev().filter(is_pair).nth(variant)?;
                letters.swap(at, at - 1);
                letters.into_iter().collect()
            }
            [Plant::DecimalPoint] => {
                let right: f64 = write(value, self.decimals, self.half).parse().expect("a number");
                write(right * [10.0, 0.1, 100.0][variant], self.decimals, self.half)
            }
            _ => return None,
        };
        Some((value, text))
    }

    fn get(&self, row: Row) -> f64 {
        let found = self.numbers.iter().find(|(known, _)| *known == row);
        found.unwrap_or_else(|| panic!("{row:?} is not worked yet")).1
    }

    fn slope(&self, hidden: bool, z: f64) -> f64 {
        // Written with the output, as books do; z stands for whatever is put in.
        if hidden && self.task.tanh { 1.0 - z * z } else { z * (1.0 - z) }
    }

    /// The value of a row with mistakes of method. `coarse` is what becomes of
    /// every earlier number before it is used.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of row")]
    fn value(
        &self,
        row: Row,
        plants: &[Plant],
        variant: usize,
        coarse: &dyn Fn(f64) -> f64,
    ) -> Option<f64> {
        let task = self.task;
        let (n, m, o) = (task.inputs(), task.hidden(), task.outputs());
        let mut left: Vec<Plant> = plants.to_vec();
        let mut has = |plant: Plant| {
            let at = left.iter().position(|&one| one == plant);
            at.map(|at| left.remove(at)).is_some()
        };
        let get = |row| coarse(self.get(row));
        let sign = if task.gradient { -1.0 } else { 1.0 };
        // The neighbour of a place among some.
        let next = |place: usize, count: usize| (place + 1 + variant % (count - 1).max(1)) % count;
        let squash = |z: f64| 1.0 / (1.0 + (-z).exp());
        let value = match row {
            Row::Zh(j) => {
                let swapped = n == m && has(Plant::IndicesSwapped);
                let count = if n > 1 && has(Plant::SumLeftOut) { n - 1 } else { n };
                let mut z = 0.0;
                for i in 0..count {
                    z += if swapped { task.v[i][j] } else { task.v[j][i] } * task.x[i];
                }
                let without = task.has_bias() && has(Plant::BiasForgotten);
                if task.has_bias() && !without { z + task.c[j] } else { z }
            }
            Row::Ah(j) => {
                let z = get(Row::Zh(j));
                if task.tanh { z.tanh() } else { squash(z) }
            }
            Row::Zo(k) => {
                let swapped = m == o && has(Plant::IndicesSwapped);
                let inputs = n >= m && has(Plant::InputForActivation);
                let count = if has(Plant::SumLeftOut) { m - 1 } else { m };
                let mut z = 0.0;
                for j in 0..count {
                    let a = if inputs { task.x[j] } else { get(Row::Ah(j)) };
                    z += if swapped { task.w[j][k] } else { task.w[k][j] } * a;
                }
                let without = task.has_bias() && has(Plant::BiasForgotten);
                if task.has_bias() && !without { z + task.b[k] } else { z }
            }
            Row::Ao(k) => squash(get(Row::Zo(k))),
            Row::Loss => {
                let factor = if has(Plant::FactorTwo) {
                    1.0
                } else if has(Plant::FactorHalf) {
                    0.25
                } else {
                    0.5
                };
                let count = if o > 1 && has(Plant::SumLeftOut) { o - 1 } else { o };
                (0..count).map(|k| factor * (task.t[k] - get(Row::Ao(k))).powi(2)).sum()
            }
            Row::Do(k) => {
                let a = get(Row::Ao(k));
                let turned = if has(Plant::TargetSign) { -1.0 } else { 1.0 };
                let factor = if has(Plant::FactorTwo) {
                    2.0
                } else if has(Plant::FactorHalf) {
                    0.5
                } else {
                    1.0
                };
                let slope = if has(Plant::DerivativeForgotten) {
                    1.0
                } else if has(Plant::DerivativeAtZ) {
                    self.slope(false, get(Row::Zo(k)))
                } else {
                    self.slope(false, a)
                };
                turned * sign * factor * (task.t[k] - a) * slope
            }
            Row::Dh(j) => {
                let swapped = m == o && has(Plant::IndicesSwapped);
                let neighbour = o > 1 && has(Plant::NeighbourDelta);
                let wrong_order =
                    if task.updated { has(Plant::OldWeights) } else { has(Plant::UpdatedWeights) };
                let uses_updated = task.updated != wrong_order;
                let count = if o > 1 && has(Plant::SumLeftOut) { o - 1 } else { o };
                let mut sum = 0.0;
                for k in 0..count {
                    let (to, from) = if swapped { (j, k) } else { (k, j) };
                    let weight = if uses_updated {
                        // In the other order, it is worked out beside the sheet.
                        self.new_weight(to, from, coarse)
                    } else {
                        task.w[to][from]
                    };
                    // The first delta stands for the second.
                    sum += weight * get(Row::Do(if neighbour && k == 1 { 0 } else { k }));
                }
                let slope = if has(Plant::DerivativeForgotten) {
                    1.0
                } else if has(Plant::DerivativeAtZ) {
                    self.slope(true, get(Row::Zh(j)))
                } else {
                    self.slope(true, get(Row::Ah(j)))
                };
                sum * slope
            }
            Row::W(k, j) => {
                let neighbour = o > 1 && has(Plant::NeighbourDelta);
                let delta = get(Row::Do(if neighbour { next(k, o) } else { k }));
                let a = if has(Plant::InputForActivation) {
                    task.x[(j + variant) % n]
                } else if has(Plant::NeighbourActivation) {
                    get(Row::Ah(next(j, m)))
                } else {
                    get(Row::Ah(j))
                };
                if has(Plant::NotUpdated) {
                    return left.is_empty().then_some(task.w[k][j]);
                }
                let start =
                    if has(Plant::StartWeight) { task.w[k][next(j, m)] } else { task.w[k][j] };
                let eta = if has(Plant::RateForgotten) { 1.0 } else { task.eta };
                let turned = if has(Plant::UpdateSign) { -1.0 } else { 1.0 };
                start + turned * sign * eta * delta * a
            }
            Row::V(j, i) => {
                if has(Plant::NotUpdated) {
                    return left.is_empty().then_some(task.v[j][i]);
                }
                let source = if has(Plant::NeighbourActivation) { next(i, n) } else { i };
                let neighbour = has(Plant::NeighbourDelta);
                let delta = get(Row::Dh(if neighbour { next(j, m) } else { j }));
                let start =
                    if has(Plant::StartWeight) { task.v[next(j, m)][i] } else { task.v[j][i] };
                let eta = if has(Plant::RateForgotten) { 1.0 } else { task.eta };
                let turned = if has(Plant::UpdateSign) { -1.0 } else { 1.0 };
                start + turned * sign * eta * delta * task.x[source]
            }
            Row::B(k) => {
                if has(Plant::NotUpdated) {
                    return left.is_empty().then_some(task.b[k]);
                }
                let shared = (task.bias == Bias::Trained && o > 1 && has(Plant::BiasShared))
                    || task.bias == Bias::Shared;
                let delta: f64 = if shared {
                    let count = if o > 1 && task.bias == Bias::Shared && has(Plant::SumLeftOut) {
                        o - 1
                    } else {
                        o
                    };
                    (0..count).map(|k| get(Row::Do(k))).sum()
                } else if o > 1 && has(Plant::NeighbourDelta) {
                    get(Row::Do(next(k, o)))
                } else {
                    get(Row::Do(k))
                };
                let eta = if has(Plant::RateForgotten) { 1.0 } else { task.eta };
                let turned = if has(Plant::UpdateSign) { -1.0 } else { 1.0 };
                task.b[k] + turned * sign * eta * delta
            }
            Row::C(j) => {
                if has(Plant::NotUpdated) {
                    return left.is_empty().then_some(task.c[j]);
                }
                let shared = (task.bias == Bias::Trained && has(Plant::BiasShared))
                    || task.bias == Bias::Shared;
                let delta: f64 = if shared {
                    let count =
                        if task.bias == Bias::Shared && has(Plant::SumLeftOut) { m - 1 } else { m };
                    (0..count).map(|j| get(Row::Dh(j))).sum()
                } else if has(Plant::NeighbourDelta) {
                    get(Row::Dh(next(j, m)))
                } else {
                    get(Row::Dh(j))
                };
                let eta = if has(Plant::RateForgotten) { 1.0 } else { task.eta };
                let turned = if has(Plant::UpdateSign) { -1.0 } else { 1.0 };
                task.c[j] + turned * sign * eta * delta
            }
            Row::ZhAfter(j) => {
                let old = has(Plant::OldWeights);
                let mut z = 0.0;
                for i in 0..n {
                    z += if old { task.v[j][i] } else { get(Row::V(j, i)) } * task.x[i];
                }
                let trained = task.bias == Bias::Frozen && has(Plant::BiasTrained);
                z + match task.bias {
                    Bias::None => 0.0,
                    _ if has(Plant::BiasForgotten) => 0.0,
                    Bias::Frozen if trained => task.c[j] + sign * task.eta * get(Row::Dh(j)),
                    Bias::Frozen => task.c[j],
                    _ if old => task.c[j],
                    Bias::Trained => get(Row::C(j)),
                    Bias::Shared => get(Row::C(0)),
                }
            }
        };
        left.is_empty().then_some(value)
    }

    /// A new weight into the outputs, written or not.
    fn new_weight(&self, k: usize, j: usize, coarse: &dyn Fn(f64) -> f64) -> f64 {
        if let Some((_, value)) = self.numbers.iter().find(|(row, _)| *row == Row::W(k, j)) {
            return coarse(*value);
        }
        let exact = self.value(Row::W(k, j), &[], 0, coarse).expect("there is no mistake in it");
        match self.carry {
            Carry::Written => write(exact, self.decimals, self.half).parse().expect("a number"),
            _ => exact,
        }
    }
}

/// The rows of a sheet, in the order they are worked.
pub(crate) fn rows(task: &Task) -> Vec<Row> {
    let (n, m, o) = (task.inputs(), task.hidden(), task.outputs());
    let mut rows: Vec<Row> = (0..m).map(Row::Zh).chain((0..m).map(Row::Ah)).collect();
    rows.extend((0..o).map(Row::Zo).chain((0..o).map(Row::Ao)));
    rows.push(Row::Loss);
    rows.extend((0..o).map(Row::Do));
    let biases = |count: usize| match task.bias {
        Bias::None | Bias::Frozen => 0,
        Bias::Shared => 1,
        Bias::Trained => count,
    };
    let into_outputs: Vec<Row> = (0..o)
        .flat_map(|k| (0..m).map(move |j| Row::W(k, j)))
        .chain((0..biases(o)).map(Row::B))
        .collect();
    let hidden_deltas = (0..m).map(Row::Dh);
    if task.updated {
        rows.extend(into_outputs);
        rows.extend(hidden_deltas);
    } else {
        rows.extend(hidden_deltas);
        rows.extend(into_outputs);
    }
    rows.extend((0..m).flat_map(|j| (0..n).map(move |i| Row::V(j, i))));
    rows.extend((0..biases(m)).map(Row::C));
    rows.extend((0..m).map(Row::ZhAfter));
    rows
}
