//! Fitting: what is computed from training rows, part by part.
//!
//! A table in memory is one part; a streamed one has many. Means, deviations,
//! categories and labels are exact, and the same bits whatever the parts;
//! medians and quantiles come from at most 131,072 rows ([`sample`]).
//! Memory is bounded by the number of columns and of different words (at most
//! 100,000 a column; later ones count as rare).
//!
//! [`sample`]: super::sample

use std::collections::HashMap;

use super::moments::Moments;
use super::sample::{Sample, quantile};
use super::scale::{Scale, Scaling};
use super::target::{Answer, Log, Quantity, Target};
use super::{Code, Encoder, Feature, Fill, Rows, Settings, put_in_order};
use crate::cell::{Words, yes_no_cells};
use crate::error::Error;
use crate::remark::Remark;
use crate::schema::{Finder, Kind, Plan, Schema, find};
use crate::table::{Cells, Table};

/// The most categories that have a slot of their own; the most frequent do.
const MOST_SLOTS: usize = 1000;
/// At most so many different words of a column are counted.
const MOST_WORDS: usize = 100_000;
/// This many columns of bytes and no others are pixels.
const FEWEST_PIXELS: usize = 16;
/// A target is skewed from here on.
const SKEWED: f64 = 1.0;

/// Collects what an encoder needs to know of training rows.
#[derive(Clone, Debug)]
pub struct Fitter {
    settings: Settings,
    features: Vec<(String, Seen)>,
    target: SeenTarget,
    sample: Sample,
    /// The columns of numbers that need quantiles, by their place.
    sampled: Vec<usize>,
    rows: u64,
    all_bytes: bool,
}

#[derive(Clone, Debug)]
enum Seen {
    Numbers { moments: Moments, least: f64, greatest: f64, missing: bool },
    Category { counts: Counts, missing: bool },
    YesNo { no: String, yes: String, counts: [u64; 2], missing: bool },
}

#[derive(Clone, Debug)]
enum SeenTarget {
    Classes { column: String, counts: Counts },
    OneHot { columns: Vec<String> },
    Numbers(Vec<SeenQuantity>),
    YesNo(Vec<Answer>),
}

#[derive(Clone, Debug)]
struct SeenQuantity {
    column: String,
    plain: Moments,
    log: Moments,
    log1p: Moments,
    least: f64,
    greatest: f64,
}

/// How often words stand in a column.
#[derive(Clone, Debug, Default)]
struct Counts {
    words: HashMap<String, u64>,
    others: u64,
}

impl Fitter {
    /// Starts without rows.
    pub fn new(schema: &Schema, settings: &Settings) -> Fitter {
        let features: Vec<(String, Seen)> =
            schema.features().map(|plan| (plan.name.clone(), Seen::new(&plan.kind))).collect();
        let ranks = matches!(
            settings.scaling,
            Some(Scaling::Robust | Scaling::QuantileUniform | Scaling::QuantileNormal)
        );
        let needs = |seen: &Seen| {
            matches!(seen, Seen::Numbers { .. }) && (ranks || settings.fill == Fill::Median)
        };
        let sampled: Vec<usize> =
            (0..features.len()).filter(|&number| needs(&features[number].1)).collect();
        Fitter {
            settings: *settings,
            target: SeenTarget::new(schema),
            sample: Sample::new(sampled.len()),
            sampled,
            rows: 0,
            all_bytes: features.len() >= FEWEST_PIXELS,
            features,
        }
    }

    /// Looks at the next training rows, each of which has its targets.
    ///
    /// # Errors
    /// If a column is missing, or holds text where the schema says numbers.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn add<'r>(&mut self, table: &Table, rows: impl Into<Rows<'r>>) -> Result<(), Error> {
        let rows: Rows<'r> = rows.into();
        self.target.add(table, &rows)?;
        let columns = Finder::new(table);
        let picked = self.sample.pick(rows.len());
        for (number, (name, seen)) in self.features.iter_mut().enumerate() {
            let cells = &columns.find(name)?.cells;
            self.all_bytes &= matches!(cells, Cells::Bytes(_));
            match seen {
                Seen::Numbers { moments, least, greatest, missing } => {
                    let numbers = cells.to_numbers(table, name)?;
                    for place in 0..rows.len() {
                        let cell = numbers[rows.row(place)];
                        if cell.is_finite() {
                            moments.add(cell);
                            *least = least.min(cell);
                            *greatest = greatest.max(cell);
                        } else {
                            *missing = true;
                        }
                    }
                    if let Some(column) = self.sampled.iter().position(|&one| one == number) {
                        let value = |&place: &usize| numbers[rows.row(place)];
                        self.sample.keep(column, picked.iter().map(value));
                    }
                }
                Seen::Category { counts, missing } => {
                    *missing |= counts.add(cells, &rows);
                }
                Seen::YesNo { no, yes, counts, missing } => {
                    let answers = yes_no_cells(cells, no, yes);
                    for place in 0..rows.len() {
                        match answers[rows.row(place)] {
                            answer if answer.is_nan() => *missing = true,
                            answer => counts[usize::from(answer == 1.0)] += 1,
                        }
                    }
                }
            }
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    /// Returns the encoder, and what should be said of it.
    ///
    /// # Errors
    /// If there were no rows, or all of one class.
    pub fn finish(mut self) -> Result<(Encoder, Vec<Remark>), Error> {
        if self.rows == 0 {
            let file = "the training part".to_string();
            return Err(Error::TooFewRows { file, found: 0, needed: 1 });
        }
        let mut remarks = Vec::new();
        let pixels = self.largest_pixel();
        let target = self.target.finish(&self.settings, &mut remarks)?;
        if let Some((rows, of)) = self.sample.part() {
            remarks.push(Remark::Sampled { rows, of });
        }
        let mut features = Vec::with_capacity(self.features.len());
        for (number, (column, seen)) in std::mem::take(&mut self.features).into_iter().enumerate() {
            let (code, missing) = match seen {
                Seen::Numbers { moments, least, greatest, missing } => {
                    let place = self.sampled.iter().position(|&sampled| sampled == number);
                    let sorted = place.map(|place| self.sample.sorted(place)).unwrap_or_default();
                    let extremes =
                        if moments.count() == 0 { (0.0, 0.0) } else { (least, greatest) };
                    (self.settings.number(&moments, extremes, &sorted, pixels), missing)
                }
                Seen::Category { counts, missing } => {
                    let code = self.settings.category(&column, counts, self.rows, &mut remarks);
                    (code, missing)
                }
                Seen::YesNo { no, yes, counts, missing } => {
                    let all = (counts[0] + counts[1]).max(1);
                    (Code::YesNo { no, yes, fill: counts[1] as f64 / all as f64 }, missing)
                }
            };
            features.push(Feature { column, code, missing });
        }
        Ok((Encoder { features, target }, remarks))
    }

    /// Returns the largest number of all columns, if all of them are pixels.
    fn largest_pixel(&self) -> Option<f64> {
        let greatest = |(_, seen): &(String, Seen)| match seen {
            Seen::Numbers { greatest, .. } => *greatest,
            // A pixel that is never more than 1.
            Seen::YesNo { .. } | Seen::Category { .. } => 1.0,
        };
        let pixels = self.all_bytes && self.settings.scaling.is_none();
        pixels.then(|| self.features.iter().map(greatest).fold(1.0, f64::max))
    }
}

impl Settings {
    fn number(
        &self,
        moments: &Moments,
        (least, greatest): (f64, f64),
        sorted: &[f64],
        pixels: Option<f64>,
    ) -> Code {
        let fill = match self.fill {
            Fill::Mean => moments.mean(),
            Fill::Median => quantile(sorted, 0.5),
        };
        // Of numbers so small that their squares are 0, the range says what the
        // deviation cannot.
        let spread = match moments.deviation() {
            deviation if deviation > 0.0 => deviation,
            _ => greatest / 2.0 - least / 2.0,
        };
        let scale = match (self.scaling, pixels) {
            (None, Some(largest)) => Scale::linear(0.0, largest),
            (None | Some(Scaling::Standard), _) => Scale::linear(moments.mean(), spread),
            (Some(Scaling::MinMax), _) => Scale::linear(least, greatest - least),
            (Some(Scaling::Robust), _) => {
                let between = quantile(sorted, 0.75) - quantile(sorted, 0.25);
                let over = if between > 0.0 { between } else { spread };
                Scale::linear(quantile(sorted, 0.5), over)
            }
            (Some(Scaling::QuantileUniform), _) => Scale::rank(sorted, false),
            (Some(Scaling::QuantileNormal), _) => Scale::rank(sorted, true),
            (Some(Scaling::Unscaled), _) => Scale::linear(0.0, 1.0),
        };
        Code::Number { scale, fill }
    }

    fn category(&self, column: &str, counts: Counts, rows: u64, remarks: &mut Vec<Remark>) -> Code {
        let least = self.rare.unwrap_or((rows / 500).clamp(2, 10));
        let mut frequent: Vec<(String, u64)> = counts.words.into_iter().collect();
        frequent.sort_by(|(one, ones), (other, others)| others.cmp(ones).then(one.cmp(other)));
        let enough = frequent.partition_point(|&(_, count)| count >= least).min(MOST_SLOTS);
        let rare = frequent.split_off(enough);
        let rare_rows = rare.iter().map(|(_, count)| count).sum::<u64>() + counts.others;
        if !rare.is_empty() {
            let (column, values) = (column.to_string(), rare.len());
            remarks.push(Remark::RareValues { column, values, rows: rare_rows, least });
        }
        let mut values: Vec<String> = frequent.into_iter().map(|(word, _)| word).collect();
        put_in_order(&mut values);
        Code::Category { values, rare: rare_rows }
    }
}

impl Seen {
    fn new(kind: &Kind) -> Seen {
        match kind {
            Kind::Number => Seen::Numbers {
                moments: Moments::new(),
                least: f64::INFINITY,
                greatest: f64::NEG_INFINITY,
                missing: false,
            },
            Kind::Category => Seen::Category { counts: Counts::default(), missing: false },
            Kind::YesNo { no, yes } => {
                Seen::YesNo { no: no.clone(), yes: yes.clone(), counts: [0; 2], missing: false }
            }
        }
    }
}

impl SeenTarget {
    fn new(schema: &Schema) -> SeenTarget {
        let plans: Vec<&Plan> = schema.targets().collect();
        let names = || plans.iter().map(|plan| plan.name.clone());
        if schema.one_hot {
            return SeenTarget::OneHot { columns: names().collect() };
        }
        match plans.first().map(|plan| &plan.kind) {
            Some(Kind::Category) => {
                SeenTarget::Classes { column: plans[0].name.clone(), counts: Counts::default() }
            }
            Some(Kind::YesNo { .. }) => SeenTarget::YesNo(
                plans
                    .iter()
                    .filter_map(|plan| match &plan.kind {
                        Kind::YesNo { no, yes } => {
                            let column = plan.name.clone();
                            Some(Answer { column, no: no.clone(), yes: yes.clone() })
                        }
                        Kind::Number | Kind::Category => None,
                    })
                    .collect(),
            ),
            Some(Kind::Number) | None => SeenTarget::Numbers(
                names()
                    .map(|column| SeenQuantity {
                        column,
                        plain: Moments::new(),
                        log: Moments::new(),
                        log1p: Moments::new(),
                        least: f64::INFINITY,
                        greatest: f64::NEG_INFINITY,
                    })
                    .collect(),
            ),
        }
    }

    fn add(&mut self, table: &Table, rows: &Rows<'_>) -> Result<(), Error> {
        match self {
            SeenTarget::Classes { column, counts } => {
                counts.add(&find(table, column)?.cells, rows);
            }
            SeenTarget::Numbers(quantities) => {
                for quantity in quantities {
                    let cells = &find(table, &quantity.column)?.cells;
                    let numbers = cells.to_numbers(table, &quantity.column)?;
                    for place in 0..rows.len() {
                        quantity.add(numbers[rows.row(place)]);
                    }
                }
            }
            SeenTarget::OneHot { .. } | SeenTarget::YesNo(_) => {}
        }
        Ok(())
    }

    fn finish(self, settings: &Settings, remarks: &mut Vec<Remark>) -> Result<Target, Error> {
        Ok(match self {
            SeenTarget::Classes { column, counts } => {
                let mut labels: Vec<String> = counts.words.into_keys().collect();
                put_in_order(&mut labels);
                if labels.len() < 2 {
                    let value = labels.pop().unwrap_or_default();
                    let file = "the training part".to_string();
                    return Err(Error::SingleValue { file, column, value });
                }
                Target::Classes { column, labels }
            }
            SeenTarget::OneHot { columns } => Target::OneHot { labels: columns },
            SeenTarget::Numbers(quantities) => {
                let finish = |seen: SeenQuantity| seen.finish(settings, remarks);
                Target::Numbers { quantities: quantities.into_iter().map(finish).collect() }
            }
            SeenTarget::YesNo(answers) => Target::YesNo { answers },
        })
    }
}

impl SeenQuantity {
    fn add(&mut self, number: f64) {
        if !number.is_finite() {
            return;
        }
        self.least = self.least.min(number);
        self.greatest = self.greatest.max(number);
        self.plain.add(number);
        if self.least > 0.0 {
            self.log.add(number.ln());
        }
        if self.least >= 0.0 {
            self.log1p.add(number.ln_1p());
        }
    }

    /// Takes the logarithm of a skewed target where that is clearly less
    /// skewed: of `x` where all are above 0, else of `1 + x`.
    fn finish(self, settings: &Settings, remarks: &mut Vec<Remark>) -> Quantity {
        if !settings.scale_target {
            let (log, mean, deviation) = (Log::None, 0.0, 1.0);
            return Quantity { column: self.column, log, mean, deviation };
        }
        let skewness = self.plain.skewness();
        let SeenQuantity { least, greatest, .. } = self;
        let (log, formula, moments) = if least > 0.0 {
            (Log::Log { least, greatest }, "log(x)", &self.log)
        } else {
            (Log::Log1p { greatest }, "log(1 + x)", &self.log1p)
        };
        let skewness_after = moments.skewness();
        let helps = settings.log_target
            && least >= 0.0
            && skewness > SKEWED
            && skewness_after.abs() < skewness / 2.0;
        let column = self.column.clone();
        if helps {
            remarks.push(Remark::LogTarget { column, formula, skewness, skewness_after });
        }
        let (log, moments) = if helps { (log, moments) } else { (Log::None, &self.plain) };
        let deviation = match moments.deviation() {
            deviation if deviation > 0.0 => deviation,
            _ => 1.0,
        };
        Quantity { column: self.column, log, mean: moments.mean(), deviation }
    }
}

impl Counts {
    /// Counts the words of rows; tells whether a cell was missing.
    fn add(&mut self, cells: &Cells, rows: &Rows<'_>) -> bool {
        let words = Words::new(cells);
        let mut counts = vec![0; words.list.len()];
        let mut missing = false;
        for place in 0..rows.len() {
            match words.code(rows.row(place)) {
                Some(code) => counts[code] += 1,
                None => missing = true,
            }
        }
        for (word, count) in words.list.iter().zip(counts).filter(|&(_, count)| count > 0) {
            let full = self.words.len() >= MOST_WORDS;
            match self.words.get_mut(word) {
                Some(known) => *known += count,
                None if full => self.others += count,
                None => drop(self.words.insert(word.clone(), count)),
            }
        }
        missing
    }
}
