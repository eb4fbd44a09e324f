//! Nothing is lost: full disks, folders that cannot be written to, damaged
//! files, processes that are killed or in each other's way.

use std::fs::{File, read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use crate::support::{Run, command, files, folder, plain, run};
use crate::tables::{path, start, wait_until};

/// Arguments of a short run with checkpoints; the epochs come last.
fn train<'a>(model: &'a str, checkpoints: &'a str, epochs: &'a str) -> Vec<&'a str> {
    let data = ["train", "tables/iris.csv", "-t", "species", "-q", "--patience", "off"];
    [&data[..], &["-o", model, "--checkpoint", checkpoints, "--epochs", epochs]].concat()
}

fn status(arguments: &[&str], expected: i32) -> Run {
    let run = run(arguments);
    assert_eq!(run.status, expected, "{arguments:?}: {run}");
    run
}

/// Runs the program where no file may become larger than some kilobytes: what
/// a write to a full disk is.
#[cfg(unix)]
fn with_little_room(kilobytes: u32, arguments: &[&str]) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", 2 * kilobytes);
    let shell = [&["-c", &script, env!("CARGO_BIN_EXE_chainrule")], arguments].concat();
    Run::of(plain("sh", &shell).output().expect("there is a shell"))
}

fn newest_and_previous(checkpoints: &Path) -> [Vec<u8>; 2] {
    ["newest.checkpoint", "previous.checkpoint"]
        .map(|name| read(checkpoints.join(name)).expect("it is there"))
}

#[test]
fn a_damaged_checkpoint_does_not_take_the_place_of_a_good_one() {
    let folder = folder("lost_damaged");
    let (whole, model) = (path(&folder, "whole.model"), path(&folder, "a.model"));
    let (other, checkpoints) = (path(&folder, "other"), path(&folder, "checkpoints"));
    status(&train(&whole, &other, "9"), 0);
    let every = [&train(&model, &checkpoints, "6")[..], &["--every", "2"]].concat();
    status(&every, 0);
    let [mut newest, previous] = newest_and_previous(Path::new(&checkpoints));
    let middle = newest.len() / 2;
    newest[middle] ^= 1;
    std::fs::write(folder.join("checkpoints/newest.checkpoint"), &newest).expect("written");
    // It goes on from the one before, and writes once: at the end.
    let on = [&train(&model, &checkpoints, "9")[..], &["--every", "100", "--resume"]].concat();
    let resumed = status(&on, 0);
    assert!(resumed.stderr.contains("newest.checkpoint` is damaged"), "{resumed}");
    assert!(newest_and_previous(Path::new(&checkpoints))[1] == previous, "the good one has gone");
    assert!(read(&model).expect("written") == read(&whole).expect("written"));
}

#[test]
fn trials_of_a_learning_rate_are_not_made_again() {
    let folder = folder("lost_trials");
    let (model, checkpoints) = (path(&folder, "a.model"), path(&folder, "checkpoints"));
    for way in [&[][..], &["--stream"]] {
        let told = |more: &[&str]| -> Run {
            let arguments = [&train(&model, &checkpoints, "4")[..], way, more].concat();
            let arguments: Vec<&str> = arguments.into_iter().filter(|word| *word != "-q").collect();
            status(&arguments, 0)
        };
        assert!(told(&[]).stderr.contains("learning_rate = "));
        let first = read(&model).expect("written");
        let again = told(&["--resume"]);
        assert!(!again.stderr.contains("learning_rate = "), "{again}");
        assert!(again.stderr.contains("going on after epoch 4"), "{again}");
        assert!(read(&model).expect("written") == first);
        let anew = told(&[]);
        assert!(anew.stderr.contains("`--resume` would go on"), "{anew}");
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let folder = folder("lost_full_disk");
    let (model, checkpoints) = (path(&folder, "a.model"), path(&folder, "checkpoints"));
    let (whole, other) = (path(&folder, "whole.model"), path(&folder, "other"));
    status(&train(&whole, &other, "8"), 0);
    status(&[&train(&model, &checkpoints, "4")[..], &["--every", "2"]].concat(), 0);
    let before = newest_and_previous(Path::new(&checkpoints));
    let old = read(&model).expect("written");

    // There is no room for a checkpoint.
    let on = [&train(&model, &checkpoints, "8")[..], &["--every", "2", "--resume"]].concat();
    let full = with_little_room(2, &on);
    assert_eq!(full.status, 1, "{full}");
    assert!(full.stderr.contains("newest.checkpoint`: file too large"), "{full}");
    assert!(newest_and_previous(Path::new(&checkpoints)) == before);
    assert!(read(&model).expect("written") == old);
    assert_eq!(
        files(&folder.join("checkpoints")),
        ["lock", "newest.checkpoint", "previous.checkpoint"]
    );

    // With room again, nothing was lost.
    status(&on, 0);
    assert!(read(&model).expect("written") == read(&whole).expect("written"));

    // No room for the model, or for predictions.
    let data = ["train", "tables/iris.csv", "-t", "species", "-q", "--epochs", "3", "-o"];
    let full = with_little_room(2, &[&data[..], &[&model]].concat());
    assert_eq!(full.status, 1, "{full}");
    assert!(full.stderr.contains("a.model`: file too large"), "{full}");
    assert!(read(&model).expect("written") == read(&whole).expect("written"));
    let predictions = path(&folder, "out.csv");
    let full = with_little_room(2, &["predict", &model, "tables/iris.csv", "-o", &predictions]);
    assert_eq!(full.status, 1, "{full}");
    assert!(full.stderr.contains("out.csv`: file too large"), "{full}");
    assert_eq!(files(&folder), ["a.model", "checkpoints", "other", "whole.model"]);
}

/// What cannot be written is told before an hour of training.
#[test]
fn a_place_that_cannot_be_written_is_told_first() {
    let folder = folder("lost_unwritable");
    std::fs::write(folder.join("file"), "").expect("written");
    let mut table = vec![
        (path(&folder, "file/a.model"), path(&folder, "c")),
        (path(&folder, "none/a.model"), path(&folder, "c")),
        (path(&folder, "."), path(&folder, "c")),
        (path(&folder, "a.model"), path(&folder, "file")),
    ];
    if cfg!(target_os = "linux") {
        table.push(("/proc/a.model".to_string(), path(&folder, "c")));
        table.push((path(&folder, "a.model"), "/proc/checkpoints".to_string()));
    }
    for (model, checkpoints) in table {
        // No end of epochs: it must not begin.
        let arguments = train(&model, &checkpoints, "1000000000");
        for arguments in [arguments.clone(), [&arguments[..], &["--stream"]].concat()] {
            let run = status(&arguments, 1);
            let (first, second) = (format!("cannot write `{model}`: "), format!("`{checkpoints}`"));
            assert!(run.stderr.contains(&first) || run.stderr.contains(&second), "{run}");
            assert_eq!(run.stdout, "");
        }
    }
    assert_eq!(files(&folder).iter().filter(|name| name.starts_with('.')).count(), 0);
}

#[test]
fn what_a_killed_process_left_is_cleared() {
    let folder = folder("lost_killed");
    let model = path(&folder, "iris.model");
    status(&["train", "tables/iris.csv", "-t", "species", "-q", "--epochs", "3", "-o", &model], 0);
    let predictions = path(&folder, "out.csv");
    std::fs::write(&predictions, "old\n").expect("written");
    let unfinished = || -> Vec<PathBuf> {
        let names = files(&folder).into_iter().filter(|name| name.starts_with(".chainrule-"));
        names.map(|name| folder.join(name)).collect()
    };
    // It waits for its rows, and is killed.
    let mut waiting = command(&["predict", &model, "-", "-o", &predictions]);
    let mut child = waiting.stdin(Stdio::piped()).spawn().expect("it starts");
    wait_until("it writes", || !unfinished().is_empty());
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    assert_eq!(read(&predictions).expect("there"), b"old\n");
    let [left] = &unfinished()[..] else { panic!("not one: {:?}", unfinished()) };
    let old = SystemTime::now() - Duration::from_hours(1);
    let made_old = |path: &Path| {
        let file = File::options().append(true).open(path).expect("there");
        file.set_modified(old).expect("its time can be set");
        file
    };
    drop(made_old(left));
    // What a living process holds, and what is new, stays.
    let (held, new) = (folder.join(".chainrule-held"), folder.join(".chainrule-new"));
    for path in [&held, &new] {
        std::fs::write(path, "").expect("written");
    }
    let held_file = made_old(&held);
    held_file.lock().expect("it can be locked");
    status(&["predict", &model, "tables/iris.csv", "-o", &predictions], 0);
    assert_eq!(unfinished(), [held, new]);
    assert!(read(&predictions).expect("there").len() > 100);
}

#[test]
fn processes_that_write_one_file_leave_one_whole_file() {
    let folder = folder("lost_together");
    let model = path(&folder, "iris.model");
    status(&["train", "tables/iris.csv", "-t", "species", "-q", "--epochs", "3", "-o", &model], 0);
    let (one, together) = (path(&folder, "one.csv"), path(&folder, "together.csv"));
    status(&["predict", &model, "tables/iris.csv", "-o", &one], 0);
    let arguments = ["predict", &model, "tables/iris.csv", "-o", &together];
    let children: Vec<_> = (0..6).map(|_| start(&arguments)).collect();
    for child in children {
        let run = Run::of(child.wait_with_output().expect("it ends"));
        assert_eq!(run.status, 0, "{run}");
    }
    assert!(read(&one).expect("written") == read(&together).expect("written"));
    assert_eq!(files(&folder), ["iris.model", "one.csv", "together.csv"]);
}
