mod common;
use chainrule::explain::{Settings, latex};

#[test]
fn look() {
    for (name, example) in common::examples() {
        let text = common::page(&example, latex::write);
        std::fs::write(format!("/tmp/w/look/{name}.tex"), text).unwrap();
    }
    let text = common::page_of(
        &common::classes(),
        Settings { steps: 3, round_each: true, ..Settings::default() },
        latex::write,
    );
    std::fs::write("/tmp/w/look/steps.tex", text).unwrap();
}
