//! Every printed line, read and evaluated by itself, gives its printed value.

use crate::evaluate::{Bounds, evaluate};
use crate::random;
use chainrule::example::Example;
use chainrule::explain::formula::{Notation, View};
use chainrule::explain::{Explanation, Line, Settings, Step, symbol};
use chainrule::quantity::Phase;
use chainrule::rounding::Rounding;
use proptest::prelude::*;

/// Calls `check` with every line of the first two steps.
fn for_each_line(
    example: &Example,
    settings: &Settings,
    mut check: impl FnMut(&Step, &Line) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let settings = Settings { steps: 2, ..settings.clone() };
    let explanation = Explanation::new(example, settings).expect("there is a step");
    for step in explanation.steps() {
        for line in step.lines() {
            // A step that overshoots runs away; the evaluator's e^x ends at 709.
            if line.value().abs() < 500.0 {
                check(&step, &line)?;
            } else {
                let is_first = step.number == 1 && line.quantity().layer() == Some(0);
                prop_assert!(!is_first || line.phase() != Phase::Forward, "{}", line.id());
            }
        }
    }
    Ok(())
}

fn no_symbols(_: &str) -> Option<f64> {
    None
}

proptest! {
    #![proptest_config(random::config())]

    /// With all 17 digits, what is printed is what was computed with; the rest
    /// is the order of rounding, which numbers of this size keep below 1e-11.
    #[test]
    fn numbers_put_in_give_the_value(mut example in random::example()) {
        example.shown = Rounding::Digits(17);
        let exact = |text: &str| -> Bounds {
            let value = text.parse().expect("a number");
            (value, value)
        };
        for_each_line(&example, &Settings::default(), |_, line| {
            let text = line.formula(View::Numbers, Notation::Text);
            let (low, high) = evaluate(&text, &exact, &no_symbols).map_err(TestCaseError::fail)?;
            let off = (low - line.value()).abs().max((high - line.value()).abs());
            prop_assert!(
                off <= 1e-11 * line.value().abs().max(1.0),
                "{} = {text} = {low}, not {}", line.id(), line.value()
            );
            Ok(())
        })?;
    }

    /// The formula in symbols, with the values of the symbols, gives the value.
    #[test]
    fn symbols_give_the_value(example in random::example()) {
        for_each_line(&example, &Settings::default(), |step, line| {
            let text = line.formula(View::Symbols, Notation::Text);
            let value_of = |name: &str| {
                let found = example.network.quantities().find(|&quantity| {
                    let mut text = String::new();
                    symbol::write(&example.names.symbol(quantity), Notation::Text, &mut text);
                    text == name
                })?;
                step.value(found)
            };
            let exact = |text: &str| -> Bounds {
                let value = text.parse().expect("a number");
                (value, value)
            };
            let (low, _) = evaluate(&text, &exact, &value_of).map_err(TestCaseError::fail)?;
            prop_assert!(
                (low - line.value()).abs() <= 1e-11 * line.value().abs().max(1.0),
                "{} = {text} = {low}, not {}", line.id(), line.value()
            );
            Ok(())
        })?;
    }

    /// Rounded at every line, the printed numbers are all there is: a person
    /// with a calculator gets the printed value, to half a unit of its last place.
    #[test]
    fn rounded_lines_give_the_rounded_value(
        mut example in random::example(),
        places in 3..=8_u8,
    ) {
        example.shown = Rounding::Decimals(places);
        let settings = Settings { round_each: true, ..Settings::default() };
        let half = 0.5 * 10.0_f64.powi(-i32::from(places));
        let exact = |text: &str| -> Bounds {
            let value = text.parse().expect("a number");
            (value, value)
        };
        for_each_line(&example, &settings, |_, line| {
            let text = line.formula(View::Numbers, Notation::Text);
            let Ok((low, _)) = evaluate(&text, &exact, &no_symbols) else {
                // Rounding to 0.000 may leave a division by zero to print.
                return Ok(());
            };
            let shown: f64 = line.shown().parse().expect("a finite number is shown as one");
            prop_assert!(
                (low - shown).abs() <= half + 1e-12 * shown.abs().max(1.0),
                "{} = {text} = {low}, not {shown}", line.id()
            );
            Ok(())
        })?;
    }

    /// Rounded for the page only, every printed number stands for all that
    /// round to it; the printed value is one that can come of these.
    #[test]
    fn shown_lines_give_the_shown_value(mut example in random::example(), places in 3..=8_u8) {
        example.shown = Rounding::Decimals(places);
        let half = 0.5 * 10.0_f64.powi(-i32::from(places));
        let rounded = |text: &str| -> Bounds {
            let value: f64 = text.parse().expect("a number");
            // Given numbers have two decimals, constants none.
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            if decimals <= 2 { (value, value) } else { (value - half, value + half) }
        };
        for_each_line(&example, &Settings::default(), |_, line| {
            let text = line.formula(View::Numbers, Notation::Text);
            let Ok((low, high)) = evaluate(&text, &rounded, &no_symbols) else {
                // An interval over a denominator that was rounded to zero.
                return Ok(());
            };
            let slack = 1e-12 * line.value().abs().max(1.0);
            prop_assert!(
                low - slack <= line.value() && line.value() <= high + slack,
                "{} = {text} lies in {low}..{high}, not at {}", line.id(), line.value()
            );
            Ok(())
        })?;
    }
}
