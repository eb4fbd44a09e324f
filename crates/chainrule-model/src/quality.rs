//! Warnings about the data: columns that give the target away, classes that
//! cannot be learned, rows on both sides of a split.
//!
//! They are remarks, not errors: a column that equals the target may be known
//! beforehand, and only the user can tell.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::cell::{mixed, number_bits};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::place::Place;
use crate::remark::{Giveaway, Remark};
use crate::schema::{Finder, Kind, Schema, Task};
use crate::table::{Cells, MISSING, Table};

/// A class with this share of the rows leaves little to learn.
const IMBALANCED: f64 = 0.9;
/// Two columns that correlate more are one in two units.
const SAME: f64 = 0.9999;
/// Fewer pairs than this may lie on a line by chance.
const FEWEST_PAIRS: usize = 10;
/// At most so many classes of one row are named.
const MOST_NAMED: usize = 3;

/// Looks for features that give a target away, and for classes with one row or
/// with nearly all rows.
///
/// # Errors
/// If the table lacks a column of the schema.
///
/// # Panics
/// If there is no such row.
pub fn columns(schema: &Schema, table: &Table, rows: &[u32]) -> Result<Vec<Remark>, Error> {
    let mut remarks = Vec::new();
    let columns = Finder::new(table);
    for target in schema.targets() {
        let target_cells = &columns.find(&target.name)?.cells;
        for feature in schema.features() {
            let cells = &columns.find(&feature.name)?.cells;
            let how = if target.kind == Kind::Number {
                numeric_giveaway(cells, target_cells, rows)
            } else {
                class_giveaway(cells, target_cells, rows)
            };
            if let Some(how) = how {
                let (feature, target) = (feature.name.clone(), target.name.clone());
                remarks.push(Remark::Leak { feature, target, how });
            }
        }
    }
    if let Some(classes) = schema.classes(table, rows)? {
        remarks.extend(class_sizes(schema, table, rows, &classes));
    }
    Ok(remarks)
}

/// Looks for rows that stand on both sides of a split, in one table or in two.
///
/// # Errors
/// If a table lacks a column of the schema.
///
/// # Panics
/// If there is no such row.
pub fn duplicates(
    schema: &Schema,
    (training, training_rows): (&Table, &[u32]),
    (validation, validation_rows): (&Table, &[u32]),
) -> Result<Option<Remark>, Error> {
    let (ours, theirs) = (used(schema, training)?, used(schema, validation)?);
    let mut known: HashMap<u64, u32> = HashMap::with_capacity(training_rows.len());
    for (hash, &row) in hashes(&ours, training_rows).into_iter().zip(training_rows) {
        known.entry(hash).or_insert(row);
    }
    let mut found: Option<(u64, u32, u32)> = None;
    for (hash, &row) in hashes(&theirs, validation_rows).into_iter().zip(validation_rows) {
        let Some(&twin) = known.get(&hash) else { continue };
        let (row_here, row_there) = (row as usize, twin as usize);
        let mut pairs = theirs.iter().zip(&ours);
        if pairs.all(|(here, there)| here.equals(row_here, there, row_there)) {
            found.get_or_insert((0, row, twin)).0 += 1;
        }
    }
    Ok(found.map(|(count, row, twin)| Remark::DuplicateRows {
        count,
        validation: Place::new(validation, row as usize),
        training: Place::new(training, twin as usize),
    }))
}

/// Says so if there are more inputs than rows to train on.
pub fn size(encoder: &Encoder, rows: usize) -> Option<Remark> {
    let inputs = encoder.width();
    (inputs > rows).then_some(Remark::MoreInputsThanRows { inputs, rows })
}

/// Tells how a feature gives classes away, if it does.
fn class_giveaway(feature: &Cells, target: &Cells, rows: &[u32]) -> Option<Giveaway> {
    let (mut forward, mut backward) = (HashMap::new(), HashMap::new());
    let (mut pairs, mut equal) = (0_usize, true);
    for &row in rows {
        let row = row as usize;
        if feature.is_missing(row) {
            continue;
        }
        let (value, class) = (feature.key(row), target.key(row));
        let fits = *forward.entry(value).or_insert(class) == class
            && *backward.entry(class).or_insert(value) == value;
        if !fits {
            return None;
        }
        equal &= feature.equals(row, target, row);
        pairs += 1;
    }
    // In few rows each value meets its own class by chance, and so it does
    // where most are missing.
    let enough = pairs >= 3 * backward.len() && 2 * pairs >= rows.len();
    let several = backward.len() >= 2;
    (enough && several).then_some(if equal { Giveaway::Equal } else { Giveaway::OneToOne })
}

/// Tells how a feature gives a number away, if it does.
fn numeric_giveaway(feature: &Cells, target: &Cells, rows: &[u32]) -> Option<Giveaway> {
    let pair = |&row: &u32| {
        let (x, y) = (feature.number(row as usize)?, target.number(row as usize)?);
        (x.is_finite() && y.is_finite()).then_some((x, y))
    };
    let pairs: Vec<(f64, f64)> = rows.iter().filter_map(pair).collect();
    if pairs.len() < FEWEST_PAIRS || 2 * pairs.len() < rows.len() {
        return None;
    }
    if pairs.iter().all(|(x, y)| x == y) {
        return Some(Giveaway::Equal);
    }
    let correlation = correlation(&pairs);
    (correlation.abs() > SAME).then_some(Giveaway::Correlated { correlation })
}

/// Returns Pearson's correlation; 0 if one side is constant.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    // Scaled to at most 1, so that no square leaves the range of doubles.
    let largest = |side: fn(&(f64, f64)) -> f64| {
        pairs.iter().map(|pair| side(pair).abs()).fold(f64::MIN_POSITIVE, f64::max)
    };
    let (most_x, most_y) = (largest(|pair| pair.0), largest(|pair| pair.1));
    let scaled = || pairs.iter().map(|&(x, y)| (x / most_x, y / most_y));
    let count = pairs.len() as f64;
    let (mean_x, mean_y) =
        scaled().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in scaled() {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    let below = (xx * yy).sqrt();
    if below > 0.0 { (xy / below).clamp(-1.0, 1.0) } else { 0.0 }
}

fn class_sizes(schema: &Schema, table: &Table, rows: &[u32], classes: &[u32]) -> Vec<Remark> {
    let mut sizes: Vec<(usize, usize)> = Vec::new();
    for (place, &class) in classes.iter().enumerate() {
        let class = class as usize;
        if sizes.len() <= class {
            sizes.resize(class + 1, (0, place));
        }
        let (size, first) = &mut sizes[class];
        if *size == 0 {
            *first = place;
        }
        *size += 1;
    }
    let targets: Vec<&str> = schema.targets().map(|plan| plan.name.as_str()).collect();
    let column = if schema.one_hot { "the class" } else { targets.first().unwrap_or(&"") };
    let name = |class: usize, row: usize| {
        if schema.one_hot {
            targets.get(class).copied().unwrap_or_default().to_string()
        } else {
            table.column(column).map(|column| column.cells.word(row)).unwrap_or_default()
        }
    };
    let mut remarks = Vec::new();
    for (class, &(size, place)) in sizes.iter().enumerate() {
        let row = rows[place] as usize;
        let (column, class) = (column.to_string(), name(class, row));
        let share = size as f64 / rows.len() as f64;
        if size == 1 && remarks.len() < MOST_NAMED && schema.task == Task::Classification {
            remarks.push(Remark::LonelyClass { column, class, place: Place::new(table, row) });
        } else if share >= IMBALANCED {
            remarks.push(Remark::Imbalanced { column, class, share });
        }
    }
    remarks
}

/// Returns the columns that a network learns from or predicts.
fn used<'a>(schema: &Schema, table: &'a Table) -> Result<Vec<&'a Cells>, Error> {
    let columns = Finder::new(table);
    let plans = schema.features().chain(schema.targets());
    plans.map(|plan| columns.find(&plan.name).map(|column| &column.cells)).collect()
}

/// Returns a hash for each of some rows: equal for equal rows, whatever the
/// table.
fn hashes(columns: &[&Cells], rows: &[u32]) -> Vec<u64> {
    let of_number = |number: f64| {
        if number.is_nan() { 1 } else { mixed((number + 0.0).to_bits()) }
    };
    let of_word = |word: &String| {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        number_bits(word).map_or_else(|| hasher.finish(), mixed)
    };
    let mut hashes = vec![0_u64; rows.len()];
    for cells in columns {
        let words: Vec<u64> = match cells {
            Cells::Text(text) => text.words.iter().map(of_word).collect(),
            Cells::Numbers(_) | Cells::Bytes(_) => Vec::new(),
        };
        for (hash, &row) in hashes.iter_mut().zip(rows) {
            let row = row as usize;
            let cell = match cells {
                Cells::Numbers(numbers) => of_number(numbers[row]),
                Cells::Bytes(bytes) => of_number(f64::from(bytes[row])),
                Cells::Text(text) if text.codes[row] == MISSING => 1,
                Cells::Text(text) => words[text.codes[row] as usize],
            };
            *hash = mixed(*hash ^ cell);
        }
    }
    hashes
}
