//! What a worksheet promises: numbers that are good to work with, and that
//! `mark` understands whatever is done with them.

use std::collections::HashMap;

use chainrule::activation::Activation::{self, Relu, Sigmoid, Softmax, Tanh};
use chainrule::example::Example;
use chainrule::exercise::answers::{Answer, Format, Sheet};
use chainrule::exercise::in_step::InStep;
use chainrule::exercise::judge::Verdict;
use chainrule::exercise::mark::{Marked, Settings, Stated};
use chainrule::exercise::mistakes::{Mistake, variations};
use chainrule::exercise::scheme::Scheme;
use chainrule::exercise::working::Working;
use chainrule::exercise::worksheet::template::Template;
use chainrule::exercise::worksheet::{Level, Maker, Order, Worksheet, shape};
use chainrule::exercise::written::Written;
use chainrule::loss::Loss;
use chainrule::quantity::{Pass, Quantity};
use chainrule::rounding::Rounding;
use chainrule::scalar::interval::Interval;

/// The shapes that the promise is checked on, with the decimals asked for.
fn shapes() -> Vec<(&'static str, Template, u8)> {
    let of = |widths: &[usize], activation, output, has_biases, loss| {
        let mut example = shape(widths, activation, output, has_biases);
        example.loss = loss;
        Template::of_shape(&example).expect("the loss fits")
    };
    let builtin = |name| {
        let example = Example::builtin(name).expect("it is built in");
        Template::of_example(&example).expect("an example is whole")
    };
    let half = Loss::HalfSquared;
    let classes = Loss::CategoricalCrossEntropy;
    let yes_or_no = Loss::BinaryCrossEntropy;
    vec![
        ("2-1 sigmoid", of(&[2, 1], Sigmoid, Sigmoid, true, half), 4),
        ("2-2-1 sigmoid", of(&[2, 2, 1], Sigmoid, Sigmoid, true, half), 4),
        ("2-2-1 without biases", of(&[2, 2, 1], Sigmoid, Sigmoid, false, half), 4),
        ("2-2-1 yes or no", of(&[2, 2, 1], Tanh, Sigmoid, true, yes_or_no), 4),
        ("2-3-2 tanh", of(&[2, 3, 2], Tanh, Tanh, true, Loss::MeanSquared), 4),
        ("2-2-2 classes", of(&[2, 2, 2], Relu, Softmax, true, classes), 4),
        ("first-example", builtin("first-example"), 4),
        ("mazur", builtin("mazur"), 5),
    ]
}

/// Marks numbers that were handed in for a sheet.
fn mark(sheet: &Worksheet, numbers: &[(InStep, f64)]) -> Marked {
    let answers = numbers.iter().map(|&(at, value)| Answer {
        at,
        line: 0,
        written: Some(Written::rounded(value, sheet.rounding())),
        arithmetic: Vec::new(),
    });
    let handed_in = Sheet { answers: answers.collect(), ..Sheet::default() };
    let settings = Settings {
        rounding: Some(sheet.rounding()),
        stated: Stated::ALL,
        scheme: sheet.scheme(),
        asked: Vec::new(),
    };
    Marked::new(&sheet.example, &handed_in, &settings)
}

/// Works a sheet with a mistake in one line, rounded at every line.
fn with_mistake(
    sheet: &Worksheet,
    working: &Working,
    planted: (Quantity, &chainrule::exercise::expression::Expression),
) -> Vec<(InStep, f64)> {
    let numbers = working.values(Some(sheet.rounding()), Some(planted));
    let asked = numbers.into_iter().filter(|(quantity, _)| sheet.asked.contains(quantity));
    asked.map(|(quantity, value)| (InStep::first(quantity), value)).collect()
}

/// Checks what is promised of a sheet's numbers, by numbers alone. Returns how
/// many mistakes were looked at.
fn numbers_are_friendly(name: &str, sheet: &Worksheet) -> usize {
    let seed = sheet.seed;
    let example = &sheet.example;
    for layer in &example.network.layers {
        for weight in layer.weights.iter().flatten() {
            assert!(Rounding::Decimals(2).round(*weight) == *weight, "{name} {seed}: {weight}");
        }
    }
    let working = Working::new(example);
    let exact: HashMap<Quantity, f64> =
        working.lines().iter().map(|line| (line.quantity, line.exact)).collect();
    for (layer, one) in example.network.layers.iter().enumerate() {
        for index in 0..one.width() {
            let neuron = chainrule::quantity::Neuron { layer, index };
            let z = exact[&Quantity::PreActivation(Pass::Before, neuron)];
            let bound = match one.activation {
                Activation::Sigmoid => 3.2,
                Activation::Tanh => 2.3,
                _ => f64::INFINITY,
            };
            assert!(z.abs() < bound, "{name} {seed}: a neuron is saturated at {z}");
            assert!(one.activation != Activation::Relu || z > 0.0, "{name} {seed}: dead at {z}");
        }
    }
    let scale = 10_f64.powi(i32::from(sheet.order.decimals));
    for quantity in &sheet.asked {
        let from_half = ((exact[quantity] * scale).abs().fract() - 0.5).abs();
        assert!(from_half > 0.009, "{name} {seed}: {quantity:?} is {}", exact[quantity]);
    }
    // What rounding at every line can reach of each, and what mistakes give.
    let mut reach: HashMap<Quantity, Interval> = HashMap::new();
    let by_hand: HashMap<Quantity, f64> =
        working.values(Some(sheet.rounding()), None).into_iter().collect();
    let given = |quantity| working.given(quantity).expect("it is given");
    let mut looked_at = 0;
    for line in working.lines() {
        let quantity = line.quantity;
        let bounds = line.expression.bounds(&|used| {
            reach.get(&used).copied().unwrap_or_else(|| Interval::exact(given(used), None))
        });
        // Digits that are not on the sheet may be carried on.
        let carried = (1..=3).fold(bounds, |all, more| {
            all.hull(bounds.rounded(Rounding::Decimals(sheet.order.decimals + more)))
        });
        reach.insert(quantity, bounds.rounded(sheet.rounding()).hull(carried));
        if !sheet.asked.contains(&quantity) {
            continue;
        }
        let value = |used| by_hand.get(&used).copied().unwrap_or_else(|| given(used));
        let usual = variations(example, &working, quantity);
        let mistaken: Vec<(Mistake, f64)> = usual
            .iter()
            .map(|one| (one.named.mistake, one.expression.point(&value)))
            .filter(|(_, value)| value.is_finite())
            .map(|(mistake, value)| (mistake, sheet.rounding().round(value)))
            .collect();
        looked_at += mistaken.len();
        let blind = |one: Mistake, other: Option<Mistake>| {
            sheet.blind.iter().any(|blind| {
                (blind.mistake, blind.other) == (one, other)
                    || (Some(blind.mistake), blind.other) == (other, Some(one))
            })
        };
        for (at, &(mistake, number)) in mistaken.iter().enumerate() {
            let id = example.names.id(quantity);
            assert!(
                !reach[&quantity].contains(number) || blind(mistake, None),
                "{name} {seed}: {mistake:?} is right in {id}"
            );
            for &(other, also) in &mistaken[..at] {
                let are_usual = mistake.max(other) <= Mistake::NotUpdated;
                assert!(
                    number != also || !are_usual || mistake == other || blind(mistake, Some(other)),
                    "{name} {seed}: {mistake:?} is {other:?} in {id}"
                );
            }
        }
    }
    looked_at
}

/// Checks that `mark` understands all that may be done with a sheet. Returns
/// how many mistakes were tried, and how many of them no number can tell apart.
fn mark_names_every_mistake(name: &str, sheet: &Worksheet) -> (usize, usize) {
    let seed = sheet.seed;
    let example = &sheet.example;
    let working = Working::new(example);
    // Halves up or to the even digit is the same where nothing lies at a half.
    let right = mark(sheet, &sheet.numbers(false));
    for line in &right.lines {
        assert_eq!(line.verdict, Verdict::Right, "{name} {seed}: {line:?}");
    }
    assert_eq!(right.lines.len(), sheet.asked.len(), "{name} {seed}");
    let (mut tried, mut alike) = (0, 0);
    for &quantity in &sheet.asked {
        let usual = variations(example, &working, quantity);
        for variation in usual.iter().filter(|one| one.named.mistake <= Mistake::NotUpdated) {
            let numbers = with_mistake(sheet, &working, (quantity, &variation.expression));
            if numbers.iter().any(|(_, value)| !value.is_finite()) {
                continue;
            }
            tried += 1;
            let marked = mark(sheet, &numbers);
            let line = marked.lines.iter().find(|line| line.at.quantity == quantity);
            let line = line.expect("it is asked for");
            let first = line.explanations.first().map(|one| one.mistakes[0].mistake);
            let is_named = line.verdict == Verdict::Wrong && first == Some(variation.named.mistake);
            if !is_named {
                let same =
                    is_same_nearby(example, &working, quantity, &variation.expression, first);
                assert!(
                    same,
                    "{name} {seed}: {:?} in {} is {:?}, {first:?}",
                    variation.named.mistake,
                    example.names.id(quantity),
                    line.verdict,
                );
                alike += 1;
            }
        }
    }
    (tried, alike)
}

/// Tells whether a mistake gives the same number as the right formula, or as
/// another mistake, when all given numbers are a little different: then no
/// numbers can tell them apart.
fn is_same_nearby(
    example: &Example,
    working: &Working,
    quantity: Quantity,
    mistaken: &chainrule::exercise::expression::Expression,
    named: Option<Mistake>,
) -> bool {
    let mut near = example.clone();
    let mut count = 0.0;
    let mut aside = |x: f64| {
        count += 1.0;
        x * (1.0 + 1e-3 * f64::sin(count * 1.7)) + 1e-4 * f64::cos(count * 2.3)
    };
    near.network = near.network.map(|_, w| aside(w));
    for x in &mut near.samples[0].inputs {
        *x = aside(*x);
    }
    if matches!(near.loss, Loss::HalfSquared | Loss::MeanSquared) {
        for t in &mut near.samples[0].targets {
            *t = aside(*t);
        }
    }
    let near_working = Working::new(&near);
    let value = |one: &chainrule::exercise::expression::Expression| {
        one.point(&|quantity| near_working.exact(quantity).unwrap_or(f64::NAN))
    };
    let line = working.line(quantity).expect("it is asked for");
    let others = variations(example, working, quantity);
    let mut candidates: Vec<f64> = vec![value(&line.expression)];
    candidates.extend(
        others
            .iter()
            .filter(|one| Some(one.named.mistake) == named)
            .map(|one| value(&one.expression)),
    );
    let mistaken = value(mistaken);
    candidates.into_iter().any(|other| (other - mistaken).abs() <= 1e-9 * other.abs())
}

/// Makes the sheets of some seeds for every shape; every so many are marked
/// with every mistake in turn.
fn promise(seeds: std::ops::Range<u64>, marked: usize) {
    for (name, template, decimals) in shapes() {
        let order = Order { decimals, ..Order::default() };
        let mut maker = Maker::new(&template, order);
        let (mut looked_at, mut tried, mut alike) = (0, 0, 0);
        for seed in seeds.clone() {
            let sheet = maker.sheet(seed).unwrap_or_else(|error| panic!("{name} {seed}: {error}"));
            looked_at += numbers_are_friendly(name, &sheet);
            if usize::try_from(seed).is_ok_and(|seed| seed.is_multiple_of(marked)) {
                let (more, of_them) = mark_names_every_mistake(name, &sheet);
                tried += more;
                alike += of_them;
            }
        }
        println!(
            "{name}: {} sheets with {looked_at} mistakes; {tried} of them marked, {alike} that no \
             numbers tell apart",
            seeds.end - seeds.start
        );
    }
}

#[test]
fn every_sheet_has_friendly_numbers() {
    promise(0..200, 100);
}

#[test]
#[ignore = "takes many minutes; `make worksheets` runs it"]
fn ten_thousand_sheets_of_every_shape_have_friendly_numbers() {
    // `SEEDS=2000..4000` chooses some of them, for a run in parts.
    let chosen = std::env::var("SEEDS").unwrap_or("0..10000".to_string());
    let ends = chosen.split_once("..").map(|(from, to)| (from.parse(), to.parse()));
    let Some((Ok(from), Ok(to))) = ends else { panic!("SEEDS={chosen} is no range") };
    promise(from..to, 200);
}

#[test]
fn the_mistake_to_find_is_found_and_nothing_else() {
    for (name, template, decimals) in shapes() {
        let order = Order { level: Level::FindMistake, decimals, ..Order::default() };
        let mut maker = Maker::new(&template, order);
        for seed in 0..5 {
            let sheet = maker.sheet(seed).unwrap_or_else(|error| panic!("{name}: {error}"));
            let planted = sheet.planted.as_ref().expect("a mistake is planted");
            let marked = mark(&sheet, &sheet.numbers(true));
            let wrong: Vec<_> =
                marked.lines.iter().filter(|line| line.verdict == Verdict::Wrong).collect();
            assert_eq!(wrong.len(), 1, "{name} {seed}");
            assert_eq!(wrong[0].at.quantity, planted.quantity, "{name} {seed}");
            let named = &wrong[0].explanations[0].mistakes[0];
            assert_eq!(named.mistake, planted.variation.named.mistake, "{name} {seed}");
            assert_eq!(marked.points(), 0.0, "{name} {seed}: copied as it is");
            let solved = mark(&sheet, &sheet.numbers(false));
            assert_eq!(solved.points(), solved.worth(), "{name} {seed}");
            // The worked solution shows the very numbers.
            let shown = sheet.mistaken().expect("there is a mistake");
            let shown: Vec<f64> = shown.lines().map(|line| line.value()).collect();
            let numbers: Vec<f64> = sheet.numbers(true).iter().map(|one| one.1).collect();
            assert_eq!(shown, numbers, "{name} {seed}");
        }
    }
}

#[test]
fn the_solution_is_the_algorithms_own() {
    for (name, template, decimals) in shapes() {
        for steps in [1, 2] {
            let order = Order { decimals, steps, ..Order::default() };
            let sheet = Worksheet::new(&template, &order, 3)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let solutions = sheet.solutions();
            let lines: Vec<(InStep, f64)> = solutions
                .iter()
                .flat_map(|step| step.lines().map(|line| (step.number, line)))
                .map(|(step, line)| (InStep { step, quantity: line.quantity() }, line.value()))
                .collect();
            assert_eq!(lines, sheet.numbers(false), "{name}");
            assert_eq!(lines.len(), steps * sheet.asked.len(), "{name}");
        }
    }
}

#[test]
fn one_output_neuron_stands_by_itself() {
    let example = Example::builtin("first-example").expect("it is built in");
    let template = Template::of_example(&example).expect("it is whole");
    let neuron = template.output_neuron().expect("a sigmoid");
    let order = Order { level: Level::Neuron, ..Order::default() };
    let sheet = Worksheet::new(&neuron, &order, 1).expect("friendly");
    let ids: Vec<String> = sheet.asked.iter().map(|&one| sheet.example.names.id(one)).collect();
    assert_eq!(ids, ["z_out", "a_out", "loss", "delta_out", "w1_new", "w2_new"]);
    assert_eq!(sheet.example.names.inputs, ["top", "bottom"]);
}

#[test]
fn a_seed_makes_the_same_sheet_and_another_seed_another() {
    let (_, template, decimals) = shapes().swap_remove(1);
    let order = Order { decimals, ..Order::default() };
    let sheet = |seed| Worksheet::new(&template, &order, seed).expect("friendly").example;
    assert_eq!(sheet(5), sheet(5));
    assert_ne!(sheet(5), sheet(6));
}

#[test]
fn what_cannot_be_friendly_says_what_would_do() {
    // Of a weight of 0.3 and one decimal, nothing is left to tell.
    let (_, template, _) = shapes().swap_remove(1);
    let order = Order { decimals: 1, ..Order::default() };
    let error = Worksheet::new(&template, &order, 1).expect_err("one decimal");
    let help = error.help().expect("there is help");
    let enough: u8 = help[..1].parse().expect("a digit");
    assert!((2..=4).contains(&enough), "{error}: {help}");
    let order = Order { decimals: enough, ..Order::default() };
    assert!(Worksheet::new(&template, &order, 1).is_ok(), "{help}");
    // Two inputs that come out the same cannot be told apart at any decimals.
    let same = "{ min = 0.5, max = 0.5 }";
    let text = format!(
        "[[layers]]\nweights = [[\"?\", \"?\"]]\n[[samples]]\ninputs = [{same}, {same}]\n\
         targets = [0.5]\n"
    );
    let template = Template::read(&text).expect("it is whole");
    let error = Worksheet::new(&template, &Order::default(), 1).expect_err("the same");
    assert!(error.help().expect("help").contains("do not help"), "{error}");
}

#[test]
fn what_no_numbers_can_show_is_said() {
    // The learning rate of the first example is 1: left out, nothing changes.
    let (_, template, _) = shapes().swap_remove(6);
    let sheet = Worksheet::new(&template, &Order::default(), 1).expect("friendly");
    let rate = sheet.blind.iter().find(|one| one.mistake == Mistake::RateForgotten);
    let rate = rate.expect("it is said");
    assert_eq!((rate.other, rate.lines), (None, 6), "six new weights");
}

#[test]
fn the_files_of_a_sheet_are_read_by_mark() {
    for (name, template, decimals) in shapes() {
        for (level, steps) in [(Level::Step, 1), (Level::Step, 2), (Level::FindMistake, 1)] {
            let sheet = Worksheet::new(&template, &Order { level, decimals, steps }, 11)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let text = sheet.exercise();
            let example = Example::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(example, sheet.example, "{name}");
            let scheme = Scheme::read(&example, &sheet.scheme_file()).expect("a scheme");
            assert_eq!(scheme.asked, sheet.scheme().asked, "{name}");
            assert_eq!(scheme.steps, steps, "{name}");
            for (at, points) in sheet.points() {
                assert_eq!(scheme.worth(at.quantity), points, "{name} {at:?}");
            }
            for format in Format::ALL {
                let numbers: HashMap<InStep, f64> = sheet.numbers(false).into_iter().collect();
                let filled =
                    sheet.answer_sheet(format, &|one| sheet.rounding().show(numbers[&one]));
                let read = Sheet::read(&example, &filled, format);
                assert_eq!(read.problems, [], "{name}: {filled}");
                let settings = Settings {
                    rounding: None,
                    stated: Stated::in_file(&text),
                    scheme: sheet.scheme(),
                    asked: Vec::new(),
                };
                let marked = Marked::new(&example, &read, &settings);
                assert!(marked.is_faultless(), "{name} {format:?}: {marked:?}");
                assert_eq!(marked.lines.len(), steps * sheet.asked.len(), "{name}");
                let blank = Sheet::read(&example, &sheet.answers(format), format);
                let written = if level == Level::Step { 0 } else { sheet.asked.len() };
                assert_eq!(blank.answers.len(), written, "{name} {format:?}: {blank:?}");
            }
        }
    }
}

/// Works a sheet by hand: `change` may put another number in the place of one.
fn by_hand(sheet: &Worksheet, change: &dyn Fn(InStep, f64) -> f64) -> Vec<(InStep, f64)> {
    let mut network = sheet.example.network.clone();
    let mut numbers = Vec::new();
    for step in 1..=sheet.order.steps {
        let working = Working::of_step(&sheet.example, &network, step, 0);
        let mut known: HashMap<Quantity, f64> = HashMap::new();
        for line in working.lines() {
            let at = InStep { step, quantity: line.quantity };
            let value = line.expression.point(&|quantity| {
                known.get(&quantity).copied().or(working.given(quantity)).expect("it is known")
            });
            known.insert(line.quantity, change(at, sheet.rounding().round(value)));
            if sheet.asked.contains(&line.quantity) {
                numbers.push((at, known[&line.quantity]));
            }
        }
        network = network
            .map(|parameter, old| known.get(&Quantity::Updated(parameter)).copied().unwrap_or(old));
    }
    numbers
}

#[test]
fn a_slip_is_carried_on_into_the_next_step() {
    for (name, template, decimals) in shapes() {
        let order = Order { decimals, steps: 2, ..Order::default() };
        let mut maker = Maker::new(&template, order);
        for seed in 0..3 {
            let sheet = maker.sheet(seed).unwrap_or_else(|error| panic!("{name}: {error}"));
            let right = by_hand(&sheet, &|_, value| value);
            assert_eq!(right, sheet.numbers(false), "{name} {seed}");
            let marked = mark(&sheet, &right);
            assert!(marked.is_faultless(), "{name} {seed}: {marked:?}");
            assert_eq!(marked.lines.len(), 2 * sheet.asked.len(), "{name} {seed}");
            for (place, &(slipped, _)) in right.iter().enumerate() {
                // Far off, and by nothing that hides behind a factor of 1 or 0.
                let change = |at, value| if at == slipped { value + 0.3217 } else { value };
                let numbers = by_hand(&sheet, &change);
                if numbers.iter().any(|(_, value)| !value.is_finite()) {
                    continue;
                }
                let marked = mark(&sheet, &numbers);
                let mut carried = 0;
                for (at, line) in marked.lines.iter().enumerate() {
                    let is_fine = match line.verdict {
                        Verdict::Right => at != place,
                        Verdict::Wrong => at == place,
                        Verdict::Carried | Verdict::CarriedTrivially => at > place,
                        Verdict::Missing => false,
                    };
                    assert!(is_fine, "{name} {seed}: {slipped:?} {line:?}");
                    carried += usize::from(line.verdict == Verdict::Carried && line.at.step == 2);
                }
                let is_new = matches!(slipped.quantity, Quantity::Updated(_));
                assert!(!is_new || slipped.step == 2 || carried > 0, "{name} {seed}: {slipped:?}");
            }
        }
    }
}
