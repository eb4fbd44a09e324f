//! The page.
mod common;
use chainrule::explain::{Settings, html};

#[test]
fn look() {
    for (name, example) in common::examples() {
        let text = common::page(&example, html::write);
        std::fs::write(format!("/tmp/w/look/{name}.html"), text).unwrap();
    }
    let text = common::page_of(
        &common::classes(),
        Settings { steps: 3, round_each: true, ..Settings::default() },
        html::write,
    );
    std::fs::write("/tmp/w/look/steps.html", text).unwrap();
}
