//! A file system that is really full: a small one in memory, which only the
//! processes of the test see.
#![cfg(target_os = "linux")]

use std::fs::read;
use std::path::Path;

use crate::support::{files, folder, plain, skip};

/// What is run inside; `tell NAME COMMAND…` keeps what a run printed and its
/// status outside. `$1` is the folder, `$0` the program.
const SCRIPT: &str = r#"
program=$0 folder=$1 small=$1/small
mount -t tmpfs -o size=512k none "$small" || exit 77
tell() {
    name=$1; shift
    "$program" "$@" > "$folder/$name.out" 2> "$folder/$name.err"
    echo $? > "$folder/$name.status"
}
train() {
    name=$1 epochs=$2; shift 2
    tell "$name" train tables/iris.csv -t species -q --patience off \
        --epochs "$epochs" -o "$small/a.model" "$@"
}
train begun 4 --checkpoint "$small/c" --every 2
cp -r "$small" "$folder/before"
cat /dev/zero > "$small/filler" 2> /dev/null
train no_room_for_a_checkpoint 8 --checkpoint "$small/c" --every 2 --resume
train no_room_for_a_model 3
tell no_room_for_predictions predict "$small/a.model" tables/iris.csv -o "$small/out.csv"
tell no_room_for_a_page explain --format html -o "$small/page.html"
tell no_room_for_a_report evaluate "$small/a.model" --data tables/iris.csv --report "$small/r.html"
rm "$small/filler"
cp -r "$small" "$folder/full"
train gone_on 8 --checkpoint "$small/c" --every 2 --resume
cp -r "$small" "$folder/after"
"#;

#[test]
fn a_file_system_without_room_loses_nothing() {
    let folder = folder("full_disk");
    std::fs::create_dir(folder.join("small")).expect("it can be made");
    let place = folder.to_str().expect("a plain path");
    // A name space of its own for mounts: nothing is left behind. Who is not
    // root needs one for users, too.
    let inside = |options: &[&str]| {
        let program = env!("CARGO_BIN_EXE_chainrule");
        let arguments = [options, &["sh", "-c", SCRIPT, program, place]].concat();
        plain("unshare", &arguments).status().is_ok_and(|status| status.success())
    };
    if !inside(&["--mount"]) && !inside(&["--map-root-user", "--mount"]) {
        skip("a_file_system_without_room_loses_nothing", "no file system can be mounted");
        return;
    }

    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it was written");
    for (name, file) in [
        ("no_room_for_a_checkpoint", "c/newest.checkpoint"),
        ("no_room_for_a_model", "a.model"),
        ("no_room_for_predictions", "out.csv"),
        ("no_room_for_a_page", "page.html"),
        ("no_room_for_a_report", "r.html"),
    ] {
        let (status, error) = (text(&format!("{name}.status")), text(&format!("{name}.err")));
        assert_eq!(status, "1\n", "{name}: {error}");
        let expected =
            format!("error: cannot write `{place}/small/{file}`: no space left on device");
        assert!(error.contains(&expected), "{name}: expected `{expected}`, found `{error}`");
    }
    for name in ["begun", "gone_on"] {
        assert_eq!(text(&format!("{name}.status")), "0\n", "{}", text(&format!("{name}.err")));
    }

    // What was there is there, and nothing else.
    let (before, full) = (folder.join("before"), folder.join("full"));
    assert_eq!(files(&full), ["a.model", "c"]);
    assert_eq!(files(&full.join("c")), ["lock", "newest.checkpoint", "previous.checkpoint"]);
    for name in ["a.model", "c/newest.checkpoint", "c/previous.checkpoint"] {
        assert!(content(&before, name) == content(&full, name), "{name} was changed");
    }

    // And what goes on with it ends as if nothing had been.
    let whole = folder.join("whole.model");
    let arguments = ["train", "tables/iris.csv", "-t", "species", "-q", "--patience", "off"];
    let more = ["--epochs", "8", "-o", whole.to_str().expect("a plain path")];
    crate::support::run(&[&arguments[..], &more].concat()).success();
    assert!(content(&folder.join("after"), "a.model") == content(&folder, "whole.model"));
}

fn content(folder: &Path, name: &str) -> Vec<u8> {
    read(folder.join(name)).expect("it is there")
}
