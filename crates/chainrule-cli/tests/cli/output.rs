//! `-o FILE`: the format by its ending, and a file that appears whole or not at
//! all.

use std::path::Path;

use crate::support::{Run, command, files, folder, plain, run};

/// Runs the program in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = command(arguments).current_dir(folder).output();
    Run::of(output.expect("the program can be started"))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}

#[test]
fn the_ending_chooses_the_format() {
    let folder = folder("endings");
    let table = [
        ("page.html", "html"),
        ("page.htm", "html"),
        ("page.HTML", "html"),
        ("page.md", "markdown"),
        ("page.markdown", "markdown"),
        ("page.tex", "latex"),
        ("page.json", "json"),
        ("page.svg", "svg"),
        ("page.txt", "text"),
        ("page", "text"),
        ("page.md.txt", "text"),
    ];
    for (file, format) in table {
        assert_eq!(run_in(&folder, &["explain", "-o", file]).success(), "", "{file}");
        let printed = run(&["explain", "--format", format]).success();
        assert_eq!(read(folder.join(file)), printed, "{file}");
        if format != "svg" {
            run_in(&folder, &["explain", "--compare", "-o", file]).success();
            let printed = run(&["explain", "--compare", "--format", format]).success();
            assert_eq!(read(folder.join(file)), printed, "{file}, a comparison");
        }
    }
    assert_eq!(files(&folder).len(), table.len(), "nothing else is left");
}

#[test]
fn a_format_asked_for_wins_over_the_ending() {
    let folder = folder("asked");
    run_in(&folder, &["explain", "--format", "json", "-o", "page.html"]).success();
    assert_eq!(read(folder.join("page.html")), run(&["explain", "--format", "json"]).success());
}

#[test]
fn an_existing_file_is_replaced_whole() {
    let folder = folder("replaced");
    let path = folder.join("page.txt");
    std::fs::write(&path, "x".repeat(1_000_000)).expect("it can be written");
    run_in(&folder, &["explain", "-o", "page.txt"]).success();
    assert_eq!(read(&path), run(&["explain"]).success());
    assert_eq!(files(&folder), ["page.txt"]);
}

#[cfg(unix)]
#[test]
fn an_existing_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("permissions");
    let path = folder.join("page.txt");
    // Both tighter and wider than the usual 644.
    for mode in [0o600, 0o640, 0o666] {
        std::fs::write(&path, "before").expect("it can be written");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, permissions).expect("they can be set");
        run_in(&folder, &["explain", "-o", "page.txt"]).success();
        let now = std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(now, mode, "{now:o} is not {mode:o}");
        assert_ne!(read(&path), "before");
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_gets_the_permissions_of_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("new-permissions");
    let binary = env!("CARGO_BIN_EXE_chainrule");
    let line = format!("umask 027; touch other; exec '{binary}' explain -o page.txt");
    let output = plain("sh", &["-c", &line]).current_dir(&folder).output();
    Run::of(output.expect("a shell is there")).success();
    let mode = |name| {
        std::fs::metadata(folder.join(name)).expect("it is there").permissions().mode() & 0o777
    };
    assert_eq!(mode("page.txt"), 0o640);
    assert_eq!(mode("other"), 0o640);
}

#[cfg(unix)]
#[test]
fn a_link_keeps_pointing_where_it_did() {
    use std::os::unix::fs::symlink;
    let folder = folder("links");
    let elsewhere = folder.join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("it can be made");
    std::fs::write(elsewhere.join("there.txt"), "before").expect("it can be written");
    // To a file, to one that is not there yet, and in two hops.
    symlink("elsewhere/there.txt", folder.join("link.txt")).expect("a link");
    symlink("elsewhere/new.txt", folder.join("dangling.txt")).expect("a link");
    symlink("dangling.txt", folder.join("hop.md")).expect("a link");
    for (link, target) in
        [("link.txt", "there.txt"), ("dangling.txt", "new.txt"), ("hop.md", "new.txt")]
    {
        let format = if link == "hop.md" { "markdown" } else { "text" };
        run_in(&folder, &["explain", "-o", link]).success();
        assert!(folder.join(link).is_symlink(), "{link} is still a link");
        let printed = run(&["explain", "--format", format]).success();
        assert_eq!(read(elsewhere.join(target)), printed, "{link}");
    }
    assert_eq!(files(&elsewhere), ["new.txt", "there.txt"]);
    assert_eq!(files(&folder), ["dangling.txt", "elsewhere", "hop.md", "link.txt"]);
}

/// The temporary file stands beside the target, not beside the link: a file
/// cannot be moved from one file system to another.
#[cfg(target_os = "linux")]
#[test]
fn a_link_may_lead_to_another_file_system() {
    let name = "a_link_may_lead_to_another_file_system";
    let folder = folder("file-systems");
    let device = |path: &Path| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).map(|metadata| metadata.dev()).ok()
    };
    let elsewhere = Path::new("/dev/shm");
    if device(elsewhere).is_none() || device(elsewhere) == device(&folder) {
        crate::support::skip(name, "/dev/shm is not another file system");
        return;
    }
    let target = elsewhere.join(format!("chainrule-test-{}.txt", std::process::id()));
    std::fs::write(&target, "before").expect("it can be written");
    std::os::unix::fs::symlink(&target, folder.join("link.txt")).expect("a link");
    let ended = run_in(&folder, &["explain", "-o", "link.txt"]);
    let written = read(&target);
    std::fs::remove_file(&target).expect("it can be removed");
    ended.success();
    assert_eq!(written, run(&["explain"]).success());
}

/// The shell limits files to a few blocks, and the program is told instead of
/// being ended.
#[cfg(unix)]
#[test]
fn a_failure_leaves_the_old_file_and_nothing_else() {
    let folder = folder("failure");
    std::fs::write(folder.join("page.html"), "before").expect("it can be written");
    let binary = env!("CARGO_BIN_EXE_chainrule");
    for file in ["page.html", "new.html"] {
        let line = format!("trap '' XFSZ; ulimit -f 4; exec '{binary}' explain -o {file}");
        let output = plain("sh", &["-c", &line]).current_dir(&folder).output();
        let run = Run::of(output.expect("a shell is there"));
        let expected = format!("error: cannot write `{file}`: file too large\n");
        assert_eq!((run.status, run.stderr), (1, expected));
    }
    assert_eq!(read(folder.join("page.html")), "before");
    assert_eq!(files(&folder), ["page.html"]);
}

#[test]
fn a_refusal_writes_no_file() {
    let folder = folder("refusal");
    assert_eq!(run_in(&folder, &["explain", "--why", "nothing", "-o", "page.txt"]).status, 2);
    assert_eq!(run_in(&folder, &["explain", "missing.toml", "-o", "page.txt"]).status, 1);
    assert_eq!(run_in(&folder, &["explain", "--compare", "-o", "page.svg"]).status, 2);
    assert!(files(&folder).is_empty());
}
