//! The drawing.
mod common;
use chainrule::explain::svg;

#[test]
fn look() {
    for (name, example) in common::examples() {
        let text = common::page(&example, svg::write);
        std::fs::write(format!("/tmp/w/look/{name}.svg"), text).unwrap();
    }
    for (name, widths) in [
        ("444", &[4, 4, 4][..]),
        ("443", &[4, 4, 3]),
        ("big", &[784, 128, 10]),
        ("mid", &[13, 14, 3]),
    ] {
        let text = common::page(&common::with_long_names(common::shape(widths, 8)), svg::write);
        std::fs::write(format!("/tmp/w/look/{name}.svg"), text).unwrap();
    }
}
