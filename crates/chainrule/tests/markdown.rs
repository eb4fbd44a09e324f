mod common;
use chainrule::explain::{Settings, markdown};

#[test]
fn look() {
    for (name, example) in common::examples() {
        let text = common::page(&example, markdown::write);
        std::fs::write(format!("/tmp/w/look/{name}.md"), text).unwrap();
    }
    let text = common::page_of(
        &common::classes(),
        Settings { steps: 3, round_each: true, ..Settings::default() },
        markdown::write,
    );
    std::fs::write("/tmp/w/look/steps.md", text).unwrap();
}
