//! The tables beside the lines of working: published figures, the comparison
//! of the update orders, the gradient check.

use crate::check::Check;
use crate::compare::Comparison;
use crate::convention::UpdateOrder;
use crate::example::{Example, Published};
use crate::explain::table::{Column, Table};
use crate::explain::{Explanation, symbol};
use crate::quantity::{Phase, Quantity};
use crate::rounding::Rounding;

/// What a page ends with, behind its steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closing {
    /// Where the two update orders differ, as a sentence.
    pub remark: Option<String>,
    /// Published figures beside the exact ones.
    pub tables: Vec<Table>,
}

/// Returns what a page ends with: nothing where it shows a part of a step.
pub fn closing(explanation: &Explanation) -> Closing {
    if !explanation.is_whole() {
        return Closing::default();
    }
    let example = explanation.example;
    let has_hidden_layer = example.network.layers.len() > 1;
    // Published figures are of the samples in turn.
    let is_as_published = explanation.settings.sample.is_none();
    Closing {
        remark: has_hidden_layer.then(|| update_order_remark(explanation)),
        tables: example
            .published
            .iter()
            .filter(|_| is_as_published)
            .map(|group| published(example, group))
            .collect(),
    }
}

fn update_order_remark(explanation: &Explanation) -> String {
    let example = explanation.example;
    let comparison = Comparison::new(example, &explanation.settings)
        .expect("the settings have been explained already");
    let name = example.convention.update_order.name();
    format!("{}; this page uses {name}.", comparison_outcome(&comparison))
}

/// Sets published figures beside the exact ones.
fn published(example: &Example, group: &Published) -> Table {
    let rows = group
        .compare(example)
        .iter()
        .map(|row| {
            let verdict = match (&row.figure.note, row.agrees) {
                (Some(note), _) => note.clone(),
                (None, true) => "as published".to_string(),
                (None, false) => {
                    let exact = row.figure.rounding().show(row.exact);
                    format!("differs: {exact} to the same places")
                }
            };
            vec![
                symbol::of(&example.names, row.figure.quantity),
                row.figure.printed.clone(),
                exact(example, row.exact),
                verdict,
            ]
        })
        .collect();
    let steps = match group.steps {
        1 => "one step".to_string(),
        steps => format!("{steps} steps"),
    };
    let source = group.source.as_deref().map_or(String::new(), |source| format!(", {source}"));
    Table {
        caption: format!("Published figures after {steps}, {}{source}", group.update_order.name()),
        columns: vec![
            Column::text("quantity"),
            Column::number("published"),
            Column::number("exact"),
            Column::text("remark"),
        ],
        rows,
    }
}

/// Writes an exact value with three digits more than the page shows.
fn exact(example: &Example, value: f64) -> String {
    match example.shown {
        Rounding::Decimals(places) => Rounding::Decimals((places + 3).min(17)).show(value),
        Rounding::Digits(digits) => Rounding::Digits((digits + 3).min(17)).show(value),
    }
}

/// Sets both update orders side by side.
pub fn comparison(example: &Example, comparison: &Comparison) -> Table {
    let rows = comparison
        .rows
        .iter()
        .map(|row| {
            vec![
                symbol::of(&example.names, row.quantity),
                example.shown.show(row.old_weights),
                example.shown.show(row.updated_weights),
                match row.told_apart_at {
                    None => "the same".to_string(),
                    Some(places) => decimals(places),
                },
            ]
        })
        .collect();
    Table {
        caption: format!("Both update orders, step {}", comparison.step),
        columns: vec![
            Column::text("quantity"),
            Column::number("old-weights"),
            Column::number("updated-weights"),
            Column::text("first told apart at"),
        ],
        rows,
    }
}

/// Returns where the two orders differ, as a sentence.
pub fn comparison_outcome(comparison: &Comparison) -> String {
    if comparison.is_hidden_by_rounding {
        return "Rounded like this, both update orders give the same numbers; with more places they \
                can be told apart"
            .to_string();
    }
    if !comparison.differs() {
        return "Both update orders give the same numbers: they differ only where a hidden \
                layer's deltas go through weights that the step changes"
            .to_string();
    }
    let phases = [
        (Phase::Backward, "the deltas"),
        (Phase::Gradient, "the gradients"),
        (Phase::Update, "the new weights"),
        (Phase::After, "what follows from them"),
    ];
    let parts: Vec<String> = phases
        .iter()
        .filter_map(|&(phase, words)| {
            comparison.told_apart_at(phase).map(|places| format!("{words} at {}", decimals(places)))
        })
        .collect();
    format!("The two update orders can first be told apart by {}", parts.join(", by "))
}

fn decimals(places: u8) -> String {
    match places {
        1 => "1 decimal".to_string(),
        places => format!("{places} decimals"),
    }
}

/// Sets the three gradients of each weight side by side.
pub fn check(example: &Example, check: &Check) -> Table {
    let rows = check
        .rows
        .iter()
        .map(|row| {
            let number = |value| Rounding::Digits(10).show(value);
            vec![
                symbol::of(&example.names, Quantity::Gradient(row.parameter)),
                number(row.backpropagation),
                number(row.dual),
                number(row.difference.value),
                if row.difference.is_corner {
                    "corner".to_string()
                } else {
                    format!("±{}", Rounding::Digits(1).show(row.difference.error))
                },
                if row.holds() {
                    Rounding::Digits(1).show(row.relative)
                } else {
                    format!("NO {}", Rounding::Digits(2).show(row.relative))
                },
            ]
        })
        .collect();
    Table {
        caption: "Gradients, three ways".to_string(),
        columns: vec![
            Column::text("gradient"),
            Column::number("backpropagation"),
            Column::number("dual numbers"),
            Column::number("central diff."),
            Column::number("error"),
            Column::number("off by"),
        ],
        rows,
    }
}

/// Returns what a gradient check is about, as a sentence.
pub fn check_subject(example: &Example, check: &Check) -> String {
    let title = example.title.trim();
    let order = example.convention.update_order;
    let part = if check.rows.len() < check.count {
        format!(", {} of them, evenly spread,", check.rows.len())
    } else {
        String::new()
    };
    format!(
        "{title}: {} gradients{part} three ways. Loss E = {}; {}.",
        check.count,
        example.loss.formula(),
        order.sentence()
    )
}

/// Returns the verdict of a gradient check, in words.
pub fn check_verdict(example: &Example, check: &Check) -> String {
    let Some(worst) = check.worst() else {
        return "There is nothing to check: the network has no trained weights.".to_string();
    };
    if !check.loss.is_finite() {
        return format!(
            "No verdict: the loss of this sample is {}, beyond what a double holds, so there is \
             no gradient to compare. Smaller weights or inputs bring it back.",
            Rounding::Digits(2).show(check.loss)
        );
    }
    let off_by = Rounding::Digits(2).show(worst.relative);
    let at = symbol::of(&example.names, Quantity::Gradient(worst.parameter));
    let wrong = check.rows.iter().filter(|row| !row.holds()).count();
    let count = check.rows.len();
    let corners = check.rows.iter().filter(|row| row.difference.is_corner).count();
    let corners = match corners {
        0 => String::new(),
        1 => " The loss has a corner at one of the weights; a central difference says nothing \
              there."
            .to_string(),
        _ => format!(
            " The loss has a corner at {corners} of the weights; a central difference says \
             nothing there."
        ),
    };
    if wrong == 0 {
        let agree = if worst.relative == 0.0 {
            "agree to the last bit".to_string()
        } else {
            format!("agree, with a relative difference of at most {off_by} (at {at})")
        };
        return format!(
            "Yes: backpropagation and dual numbers {agree}, and central differences agree within \
             their own error.{corners}"
        );
    }
    let verdict = format!(
        "No: {wrong} of {count} gradients disagree; the worst relative difference is {off_by} \
         (at {at}).{corners}"
    );
    if example.convention.update_order == UpdateOrder::OldWeights {
        return verdict;
    }
    let percent = Rounding::Digits(2).show(100.0 * worst.relative);
    let mut old = example.clone();
    old.convention.update_order = UpdateOrder::OldWeights;
    let old = Check::new(&old, check.sample);
    let old_verdict = match (old.holds(), old.worst()) {
        (true, Some(worst)) => format!(
            "With `--update-order old-weights` all three ways agree, to {}.",
            Rounding::Digits(2).show(worst.relative)
        ),
        _ => "With `--update-order old-weights` they disagree too.".to_string(),
    };
    format!(
        "{verdict} With updated-weights the step does not follow the gradient: hidden deltas go \
         through weights that were already changed, which is off by up to {percent} % here. \
         {old_verdict}"
    )
}
