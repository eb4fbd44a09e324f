//! No sheet makes the marking panic, whatever is on it.

use chainrule::example::{Example, builtin};
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::mark::{Marked, Settings};
use chainrule::exercise::report;
use chainrule::exercise::scheme::Scheme;
use chainrule::rounding::Rounding;
use proptest::prelude::*;

const README: &str = include_str!("../../../testdata/marking/first-example.md");
const FIGURES: &str = include_str!("../../../testdata/reference/first-example-published.csv");

fn survive(example: &Example, text: &str, format: Format, rounding: Option<Rounding>) {
    let sheet = Sheet::read(example, text, format);
    let settings = Settings { rounding, ..Settings::default() };
    let marked = Marked::new(example, &sheet, &settings);
    let mut out = Vec::new();
    report::text(&marked, false, &mut out).expect("writing to memory works");
    report::write_html(&marked, &mut out).expect("writing to memory works");
    report::write_markdown(&marked, &mut out).expect("writing to memory works");
    report::write_csv(&marked, &mut out).expect("writing to memory works");
    report::write_json(&[marked], &mut out).expect("writing to memory works");
}

/// Numbers that are hard to take, and harmless ones.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|x| format!("{x}")),
        any::<f64>().prop_map(|x| format!("{x:e}")),
        (-2.0..2.0_f64).prop_map(|x| format!("{x:.3}")),
        prop::sample::select(vec![
            "0",
            "-0",
            "0.000",
            "1e308",
            "-1e308",
            "1e-320",
            "00.1",
            "1.",
            ".5",
            "9999999999999",
            "0.1 + 0.2 = 0.4",
            "1/0",
            "((((",
            "2^9999 + 1",
            "½",
            "",
            "NaN",
            "inf",
            "0,5",
            "−3",
        ])
        .prop_map(String::from),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1986),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_numbers_are_marked(
        place in 0..builtin::ALL.len(),
        numbers in prop::collection::vec(number(), 40),
        places in prop::option::of(0..18_u8),
        digits in any::<bool>(),
    ) {
        let example = builtin::ALL[place].example();
        let ids = example.network.quantities().map(|quantity| example.names.id(quantity));
        let text: Vec<String> =
            ids.zip(&numbers).map(|(id, number)| format!("{id} = {number}")).collect();
        let rounding = places
            .map(|n| if digits { Rounding::Digits(n.max(1)) } else { Rounding::Decimals(n) });
        survive(&example, &text.join("\n"), Format::Markdown, rounding);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}", lines in prop::collection::vec("[ -~δ·=|\\n]{0,60}", 0..8)) {
        let example = builtin::ALL[0].example();
        for format in Format::ALL {
            survive(&example, &text, format, None);
            survive(&example, &lines.join("\n"), format, None);
        }
        let _ = Scheme::read(&example, &text);
    }

    #[test]
    fn any_cut_or_changed_sheet_is_read(from in 0..1500_usize, to in 0..1500_usize, letter in any::<char>()) {
        let example = builtin::ALL[0].example();
        for (text, format) in [(README, Format::Markdown), (FIGURES, Format::Csv)] {
            let letters: Vec<char> = text.chars().collect();
            let (from, to) = (from.min(to).min(letters.len()), from.max(to).min(letters.len()));
            let changed: String =
                letters[..from].iter().chain([&letter]).chain(&letters[to..]).collect();
            survive(&example, &changed, format, None);
            survive(&example, &changed, Format::guess(&changed), None);
        }
    }
}

#[test]
fn every_format_says_the_same() {
    let example = builtin::ALL[0].example();
    let pairs = [("z_top", "0.755"), ("a_top", "0.680"), ("delta_out", "-4.06e-2")];
    let joined = |line: &dyn Fn(&str, &str) -> String, between: &str| -> String {
        pairs.iter().map(|(id, number)| line(id, number)).collect::<Vec<_>>().join(between)
    };
    let csv = joined(&|id, number| format!("{id},{number}"), "\n");
    let semicolons = joined(&|id, number| format!("{id};{}", number.replace('.', ",")), "\n");
    let toml = joined(&|id, number| format!("{id} = {number}"), "\n");
    let json = format!("{{{}}}", joined(&|id, number| format!("\"{id}\": {number}"), ",\n"));
    let table = format!(
        "| quantity | answer |\n|---|---|\n{}",
        joined(&|id, number| format!("| `{id}` | {number} |"), "\n")
    );
    let list = joined(&|id, number| format!("- {id}: {number}"), "\n");
    let numbers = |text: &str, format| -> Vec<String> {
        let sheet = Sheet::read(&example, text, format);
        assert_eq!(sheet.problems, [], "{text}");
        sheet.answers.into_iter().filter_map(|one| Some(one.written?.text)).collect()
    };
    for (text, format) in [
        (csv, Format::Csv),
        (semicolons, Format::Csv),
        (toml.clone(), Format::Toml),
        (toml, Format::Markdown),
        (json, Format::Json),
        (table, Format::Markdown),
        (list, Format::Markdown),
    ] {
        assert_eq!(numbers(&text, format), ["0.755", "0.680", "-4.06e-2"], "{format:?}: {text}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_marked() {
    let example = builtin::ALL[0].example();
    let text =
        "quantity,answer\nz_top,0.755\nz_bottom,about 0.7\nz_tap,1\na_top,\nA,0.4\nz_top,0.8\n";
    let sheet = Sheet::read(&example, text, Format::Csv);
    assert_eq!(sheet.answers.len(), 1);
    let problems: Vec<String> = sheet.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 3: `about 0.7` is not a number, beside `z_bottom`",
            "line 4: `z_tap` is no quantity of this exercise",
            "line 5: nothing stands beside `a_top`",
            "line 6: `A` is given as 0.35, and 0.4 stands here",
            "line 7: `z_top` was answered in line 2 already; the first answer counts",
        ]
    );
}
