//! The published examples, marked: the slips that the reference lists are
//! found, and no others.

use chainrule::convention::UpdateOrder;
use chainrule::example::{Example, builtin};
use chainrule::exercise::answers::{Format, Sheet};
use chainrule::exercise::judge::Verdict;
use chainrule::exercise::mark::{Marked, MarkedLine, Remark, Settings};
use chainrule::exercise::mistakes::Mistake;
use chainrule::quantity::Quantity;

const README: &str = include_str!("../../../testdata/marking/first-example.md");
const FIGURES: &str = include_str!("../../../testdata/reference/first-example-published.csv");

fn first() -> Example {
    Example::builtin("first-example").expect("it is built in")
}

fn line<'a>(marked: &'a Marked, id: &str) -> &'a MarkedLine {
    let is_it = |line: &&MarkedLine| line.at.id(&marked.example.names) == id;
    marked.lines.iter().find(is_it).unwrap_or_else(|| panic!("no line {id}"))
}

/// Returns the lines that something is wrong with.
fn faulty(marked: &Marked) -> Vec<String> {
    let is_faulty = |line: &&MarkedLine| line.verdict != Verdict::Right || line.has_flaw();
    let id = |line: &MarkedLine| line.at.id(&marked.example.names);
    marked.lines.iter().filter(is_faulty).map(id).collect()
}

#[test]
fn the_published_figures_have_the_listed_slips_and_no_others() {
    // The errata of testdata/reference: what was cut off, and what does not
    // follow from the printed factors.
    let expected: [(&str, &[&str]); 3] = [
        ("first-example", &["delta_bottom", "w6_new"]),
        ("mazur", &["delta_o2"]),
        ("han-kamber", &[]),
    ];
    for (name, expected) in expected {
        let example = Example::builtin(name).expect("it is built in");
        let found: Vec<String> = example
            .published
            .iter()
            .flat_map(|group| faulty(&Marked::published(&example, group, &Settings::default())))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_figure_that_is_not_exact_is_remarked_upon() {
    for builtin in builtin::ALL {
        let example = builtin.example();
        for group in &example.published {
            let marked = Marked::published(&example, group, &Settings::default());
            for figure in &group.figures {
                // A part of a hidden delta's line is no line that is marked.
                if matches!(figure.quantity, Quantity::ActivationGradient(_)) {
                    continue;
                }
                let id = example.names.id(figure.quantity);
                let line = line(&marked, &id);
                let is_plain = line.verdict == Verdict::Right && line.remarks.is_empty();
                assert_eq!(is_plain, figure.note.is_none(), "{}: {line:?}", builtin.name);
            }
        }
    }
}

#[test]
fn the_figures_as_a_sheet_are_marked_the_same() {
    let example = first();
    let sheet = Sheet::read(&example, FIGURES, Format::Csv);
    assert_eq!(sheet.problems, []);
    assert_eq!(sheet.answers.len(), 15);
    let marked = Marked::new(&example, &sheet, &Settings::default());
    assert_eq!(faulty(&marked), ["delta_bottom", "w6_new"]);
    // Their convention is not stated: the figures show it.
    assert_eq!(marked.example.convention.update_order, UpdateOrder::UpdatedWeights);
    let mut other = first();
    other.convention.update_order = UpdateOrder::OldWeights;
    let marked = Marked::new(&other, &sheet, &Settings::default());
    assert_eq!(marked.example.convention.update_order, UpdateOrder::UpdatedWeights);
}

#[test]
fn a_number_cut_off_is_called_so() {
    let marked = Marked::published(&first(), &first().published[0], &Settings::default());
    let w6 = line(&marked, "w6_new");
    assert_eq!(w6.verdict, Verdict::Wrong);
    assert_eq!(w6.explanations[0].mistakes[0].mistake, Mistake::CutOff);
    assert_eq!(w6.expected(), "0.5929");
    let delta = line(&marked, "delta_bottom");
    assert_eq!(delta.explanations[0].mistakes[0].mistake, Mistake::RoundedTooEarly);
    assert_eq!(delta.expected_from_own().as_deref(), Some("-0.007912"));
}

#[test]
fn the_errata_of_the_lines_as_printed_are_found() {
    let example = first();
    let sheet = Sheet::read(&example, README, Format::Markdown);
    assert_eq!(sheet.problems, []);
    assert_eq!(sheet.answers.len(), 15);
    let marked = Marked::new(&example, &sheet, &Settings::default());
    // 1 to 3: three lines start at 0.1, which is the start of w3.
    for (id, start, gives) in
        [("w4_new", "w4", "0.0978"), ("w5_new", "w5", "0.0972"), ("w6_new", "w6", "0.0929")]
    {
        let found = line(&marked, id);
        let names = &marked.example.names;
        assert!(
            found.remarks.iter().any(|remark| matches!(remark,
                Remark::WrongOperand { found, instead_of, belongs_to: Some(owner), .. }
                if found == "0.1" && names.id(*instead_of) == start && names.id(*owner) == "w3")),
            "{found:?}"
        );
        assert!(
            found.remarks.iter().any(|remark| matches!(remark,
                Remark::DoesNotFollow { gives: shown, .. } if shown == gives)),
            "{found:?}"
        );
    }
    // 4: cut off.
    let w6 = line(&marked, "w6_new");
    assert_eq!(w6.verdict, Verdict::Wrong);
    assert_eq!(w6.explanations[0].mistakes[0].mistake, Mistake::CutOff);
    // 5: -7.916e-3 is not what the line of δ_bottom gives.
    for id in ["w5_new", "w6_new"] {
        assert!(
            line(&marked, id).remarks.iter().any(|remark| matches!(remark,
                Remark::WrongOperand { found, expected, .. }
                if found == "-7.916e-3" && expected == "-0.00791159")),
            "{:?}",
            line(&marked, id)
        );
    }
    // 6: two lines without a result.
    for id in ["delta_top", "delta_bottom"] {
        let found = line(&marked, id);
        assert!(matches!(&found.remarks[..], [Remark::NoResult { .. }]), "{found:?}");
        assert_eq!(found.verdict, Verdict::Right);
    }
    // And nothing else.
    let mut found = faulty(&marked);
    found.sort();
    assert_eq!(found, ["delta_bottom", "delta_top", "w4_new", "w5_new", "w6_new"]);
}

/// Marks answers for the first example, to four decimals.
fn marked(text: &str) -> Marked {
    let sheet = Sheet::read(&first(), text, Format::Toml);
    assert_eq!(sheet.problems, []);
    let rounding = Some(chainrule::rounding::Rounding::Decimals(4));
    let stated = chainrule::exercise::mark::Stated::ALL;
    Marked::new(&first(), &sheet, &Settings { rounding, stated, ..Settings::default() })
}

#[test]
fn a_slip_is_carried_and_one_that_leaves_nothing_to_do_is_worth_nothing() {
    // By hand: with δ = 0.19 for -0.0407, w1⁺ = 0.3 + 0.19·0.6803 = 0.4293.
    let carried = marked("a_top = 0.6803\na_out = 0.6903\ndelta_out = 0.19\nw1_new = 0.4293\n");
    let w1 = line(&carried, "w1_new");
    assert_eq!((w1.verdict, w1.points), (Verdict::Carried, 1.0));
    // With δ = 0 nothing is left to do: w1⁺ = w1.
    let trivial = marked("a_top = 0.6803\na_out = 0.6903\ndelta_out = 0.0000\nw1_new = 0.3000\n");
    let w1 = line(&trivial, "w1_new");
    assert_eq!((w1.verdict, w1.points), (Verdict::CarriedTrivially, 0.0));
}

#[test]
fn two_mistakes_that_explain_a_number_equally_are_both_said() {
    // w3⁺ = 0.1 - 0.0024·0.35 = 0.0992. 0.1 is w3 itself, and what δ = -0.00 gives.
    let text = "delta_top = -0.0024\nw3_new = 0.1000\n";
    let found = marked(text);
    let kinds: Vec<Mistake> =
        line(&found, "w3_new").explanations.iter().map(|one| one.mistakes[0].mistake).collect();
    assert_eq!(kinds, [Mistake::NotUpdated, Mistake::RoundedTooEarly]);
}
