//! The style sheet of plots: colours by name, light and dark, and rules that
//! use them.

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// For paper: no tinted ground.
    Print,
}

/// The colours of series, light and dark: told apart also by those who see red
/// and green alike, by their lightness.
pub const PALETTE: [(&str, &str); 8] = [
    ("#0b5cad", "#7db7f2"),
    ("#c4560a", "#f0a35e"),
    ("#1b7f5c", "#63d2a6"),
    ("#8a3fa0", "#d09be8"),
    ("#b0203c", "#f58ba0"),
    ("#0d8393", "#5fcbd9"),
    ("#7a5c14", "#d8b955"),
    ("#55606c", "#aab4c0"),
];

/// The other colours: name, light, dark, print.
const COLOURS: [(&str, &str, &str, &str); 6] = [
    ("paper", "#fff", "#14171c", "#fff"),
    ("ink", "#1b1f24", "#e8eaed", "#000"),
    ("soft", "#57606a", "#a3abb5", "#333"),
    ("line", "#8c959f", "#6b7480", "#777"),
    ("rule", "#d9dee4", "#2e343c", "#ccc"),
    ("tint", "#f5f7fa", "#1b2027", "#fff"),
];

/// The rules; their colours are variables.
pub const RULES: &str = "\
.plot text{fill:var(--ink);font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',Arial,sans-serif}
.plot .paper{fill:var(--paper)}
.plot .title{font-weight:bold}
.plot .tick{fill:var(--soft)}
.plot .none{fill:var(--line)}
.plot .inverse{fill:var(--paper);font-weight:bold}
.plot .halo{stroke:var(--paper);stroke-width:5;stroke-linejoin:round}
.plot .grid{stroke:var(--rule);stroke-width:1;fill:none}
.plot .axis{stroke:var(--line);stroke-width:1.2;fill:none}
.plot .whisker{stroke:var(--ink);stroke-width:1.4;fill:none}
.plot .reference{stroke:var(--line);stroke-width:1.4;stroke-dasharray:5 4;fill:none}
.plot .upright{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 3;fill:none}
.plot .cell{fill:none;stroke:var(--rule);stroke-width:1}
.plot .fill{fill:var(--s0)}
.plot .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.plot .many{fill-opacity:.45}
.plot .plus{stroke:var(--s0);fill:none}
.plot .minus{stroke:var(--s1);stroke-dasharray:4 3;fill:none}
.plot .neuron{fill:var(--tint);stroke:var(--soft);stroke-width:1.5}
.plot .dot{fill:var(--soft)}
.plot .line.s0{stroke:var(--s0)}
.plot .line.s1{stroke:var(--s1);stroke-dasharray:7 4}
.plot .line.s2{stroke:var(--s2);stroke-dasharray:2 4}
.plot .line.s3{stroke:var(--s3);stroke-dasharray:9 4 2 4}
.plot .line.s4{stroke:var(--s4)}
.plot .line.s5{stroke:var(--s5);stroke-dasharray:7 4}
.plot .line.s6{stroke:var(--s6);stroke-dasharray:2 4}
.plot .line.s7{stroke:var(--s7);stroke-dasharray:9 4 2 4}
.plot .point.s0{fill:var(--s0)}
.plot .point.s1{fill:var(--s1)}
.plot .bar.s0{fill:var(--s0)}
.plot .bar.s1{fill:var(--s1)}
.plot .bar.s2{fill:var(--s2)}
";

/// Returns the colours as variables of a style sheet.
pub fn variables(theme: Theme) -> String {
    let mut text = String::new();
    for (name, light, dark, print) in COLOURS {
        let colour = match theme {
            Theme::Light => light,
            Theme::Dark => dark,
            Theme::Print => print,
        };
        text += &format!("--{name}:{colour};");
    }
    for (number, (light, dark)) in PALETTE.into_iter().enumerate() {
        let colour = if theme == Theme::Dark { dark } else { light };
        text += &format!("--s{number}:{colour};");
    }
    text
}

/// Returns the rules with light colours in the place of variables.
pub(super) fn plain() -> String {
    let mut text = RULES.to_string();
    for (name, light, _, _) in COLOURS {
        text = text.replace(&format!("var(--{name})"), light);
    }
    for (number, (light, _)) in PALETTE.into_iter().enumerate() {
        text = text.replace(&format!("var(--s{number})"), light);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_colour_is_left_without_a_value() {
        assert!(!plain().contains("var("));
        for theme in [Theme::Light, Theme::Dark, Theme::Print] {
            let defined = variables(theme);
            for part in RULES.split("var(").skip(1) {
                let name = part.split(')').next().expect("a closing bracket");
                assert!(defined.contains(&format!("{name}:")), "{name}");
            }
        }
    }
}
