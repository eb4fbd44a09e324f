//! What the README shows and tells to type is what the program does.

use std::path::Path;
use std::process::Command;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("the repository has a README")
}

/// Returns the code blocks that open with a given line.
fn blocks(text: &str, opening: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    let mut is_wanted = false;
    for line in text.lines() {
        match &mut open {
            Some(block) if line == "```" => {
                if is_wanted {
                    blocks.push(std::mem::take(block));
                }
                open = None;
            }
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.starts_with("```") => {
                is_wanted = line == opening;
                open = Some(String::new());
            }
            None => {}
        }
    }
    blocks
}

#[test]
fn the_excerpt_is_the_real_output() {
    let output = Command::new(env!("CARGO_BIN_EXE_chainrule")).arg("explain").output();
    let output = String::from_utf8(output.expect("it runs").stdout).expect("text");
    let excerpt = &blocks(&readme(), "```")[0];
    assert!(excerpt.lines().count() > 10, "{excerpt}");
    for line in excerpt.lines().filter(|line| line.trim() != "…") {
        assert!(output.lines().any(|real| real == line), "not in the output: {line}");
    }
}

#[test]
fn the_commands_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test can be made");
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tables/penguins.csv");
    std::fs::copy(table, folder.join("penguins.csv")).expect("the table is in the repository");
    let binary = Path::new(env!("CARGO_BIN_EXE_chainrule"));
    let path = format!(
        "{}:{}",
        binary.parent().expect("it lies in a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut count = 0;
    for block in blocks(&readme(), "```sh") {
        for command in block.lines().filter(|line| line.starts_with("chainrule ")) {
            count += 1;
            let output = Command::new("sh")
                .args(["-c", command])
                .env("PATH", &path)
                .current_dir(&folder)
                .output()
                .expect("there is a shell");
            assert!(output.status.success(), "{command}: {output:?}");
        }
    }
    assert!(count >= 8, "only {count} commands found");
}
