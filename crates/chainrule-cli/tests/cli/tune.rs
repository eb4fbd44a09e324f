//! `chainrule train --tune`: what it says, keeps and survives.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Run, command, folder, run};

fn lines(run: &Run) -> Vec<Value> {
    assert_eq!(run.status, 0, "{run}");
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn tuned<'a>(model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "tables/iris.csv", "-t", "species", "-o", model];
    arguments.extend(["--tune", "6", "--epochs", "24"]);
    arguments.extend(more);
    arguments
}

#[test]
fn tuning_tells_what_it_tried_and_the_model_remembers() {
    let folder = folder("tuning_tells_what_it_tried_and_the_model_remembers");
    let model = folder.join("iris.model");
    let model = model.to_str().expect("a plain path");
    let json = run(&tuned(model, &["--hidden", "8", "--format", "json"]));
    let lines = lines(&json);
    let of = |event: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["event"] == event).collect()
    };
    let trials = of("trial");
    assert_eq!(trials.len(), 6);
    let tuned_line = of("tuned")[0];
    assert_eq!(tuned_line["settings"], trials[0]["settings"]);
    let searched: Vec<&String> =
        tuned_line["settings"].as_object().expect("settings").keys().collect();
    assert_eq!(searched, ["learning_rate", "weight_decay", "dropout"]);

    let inspected = run(&["inspect", model, "--format", "json"]).success();
    let summary: Value = serde_json::from_str(&inspected).expect("it is JSON");
    assert_eq!(summary["layers"][0]["outputs"], 8);
    let training = &summary["training"];
    for name in searched {
        assert_eq!(training["settings"][name], tuned_line["settings"][name], "{name}");
    }
    let kept = training["tuning"]["trials"].as_array().expect("trials are kept");
    let numbers = |trials: &mut dyn Iterator<Item = &Value>| -> Vec<Value> {
        trials.map(|trial| trial["number"].clone()).collect()
    };
    assert_eq!(numbers(&mut kept.iter()), numbers(&mut trials.iter().copied()));
    let text = run(&["inspect", model]).success();
    assert!(text.contains("Tried 6 settings, to epoch 8, 24; the mean loss of 5 folds"), "{text}");

    // The command that it remembers trains the same network without a search.
    let again = training["command"].as_str().expect("a command");
    assert!(!again.contains("--tune") && again.contains("--learning-rate"), "{again}");
    let other = folder.join("again.model");
    let other = other.to_str().expect("a plain path");
    let mut words: Vec<&str> = again.split(' ').skip(1).collect();
    words.extend(["-o", other]);
    assert_eq!(run(&words).status, 0);
    let network = |model: &str| {
        let exported = run(&["export", model]).success();
        serde_json::from_str::<Value>(&exported).expect("it is JSON")["layers"].clone()
    };
    assert_eq!(network(other), network(model));
}

#[test]
fn a_resumed_run_does_not_search_again() {
    let folder = folder("a_resumed_run_does_not_search_again");
    let (model, checkpoints) = (folder.join("iris.model"), folder.join("checkpoints"));
    let model = model.to_str().expect("a plain path");
    let checkpoints = checkpoints.to_str().expect("a plain path");
    let whole = run(&tuned(model, &["--checkpoint", checkpoints, "--format", "json"]));
    assert!(lines(&whole).iter().any(|line| line["event"] == "trial"));
    let first = std::fs::read(model).expect("it is written");
    let resume = ["--checkpoint", checkpoints, "--resume", "--format", "json"];
    let resumed = run(&tuned(model, &resume));
    assert!(lines(&resumed).iter().all(|line| line["event"] != "trial"));
    assert!(std::fs::read(model).expect("it is written") == first);

    std::fs::remove_file(Path::new(checkpoints).join("tuning.json")).expect("it is there");
    let refused = run(&tuned(model, &resume));
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("no search has ended in"), "{refused}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_search_and_training_follows() {
    use std::io::{BufRead, BufReader, Read};
    let folder = folder("ctrl_c_ends_the_search_and_training_follows");
    let model = folder.join("digits.model");
    let model = model.to_str().expect("a plain path");
    let mut command: Command = command(&[
        "train",
        "tables/digits.csv",
        "-t",
        "digit",
        "--tune",
        "1h",
        "--epochs",
        "6",
        "-o",
        model,
    ]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    // The last that is said before the search.
    let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("`pixel_4_7` left out") {
        line.clear();
        assert!(said.read_line(&mut line).expect("text") > 0, "the search never began");
    }
    let started = std::time::Instant::now();
    let id = child.id().to_string();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill can be run").success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("text");
    let ended = Run::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.status, 0, "{rest}{ended}");
    assert!(started.elapsed() < std::time::Duration::from_mins(1), "an hour was given");
    assert!(rest.contains("the search was stopped; training goes on with the best"), "{rest}");
    assert!(ended.stdout.contains("6 epochs"), "{ended}");
    assert!(ended.stdout.contains("until the search was stopped"), "{ended}");
}

#[test]
fn a_budget_that_makes_no_sense_is_refused() {
    for (budget, expected) in [("1", "expected 2 to"), ("soon", "a time such as `60s`")] {
        let refused = run(&["train", "tables/iris.csv", "-t", "species", "--tune", budget]);
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.contains(expected), "{refused}");
    }
    let all = ["--hidden", "4", "--learning-rate", "0.01", "--weight-decay", "0", "--dropout", "0"];
    let mut arguments = vec!["train", "tables/iris.csv", "-t", "species", "--tune", "3"];
    arguments.extend(all);
    let refused = run(&arguments);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("all settings that could be searched are given"), "{refused}");
}
