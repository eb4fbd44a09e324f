"""Runs what was asked for, prints its tables, and keeps them in target/bench."""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import report
from turns import OUTPUT, take_turns
from workloads import WORKLOADS, prepare

ROOT = Path(__file__).resolve().parent.parent


def main():
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measures the engine beside its peers. Without names: everything but mnist.",
        epilog=f"workloads: {' '.join(names)}; W3 means all that begin with it; "
        "data: real data beside scikit-learn; scores: the command line without options beside scikit-learn; "
        "mnist: accuracy on MNIST",
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement (0.5)")
    arguments = parser.parse_args()
    asked = arguments.names or ["W", "data"]
    chosen = [w for w in WORKLOADS if any(w.name.startswith(name) for name in asked)]
    for name in asked:
        if name not in ("data", "scores", "mnist") and not any(w.name.startswith(name) for w in WORKLOADS):
            parser.error(f"there is no `{name}`; there are {', '.join(names)}, data, scores and mnist")

    engine = build()
    prepare(OUTPUT / "data")
    (OUTPUT / "log.txt").unlink(missing_ok=True)
    kept = OUTPUT / "results.json"
    measured = json.loads(kept.read_text()) if kept.exists() else {}
    print(machine())
    for workload in chosen:
        results, missing = take_turns(workload, engine, arguments.rounds, arguments.seconds, tell)
        tell("")
        measured[workload.name] = {
            "title": workload.title,
            "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "commit": commit(),
            "machine": machine(),
            "results": results,
            "missing": missing,
        }
        kept.write_text(json.dumps(measured, indent=1))
    if chosen:
        tables(chosen, measured)
        write_markdown(measured)
    if "data" in asked:
        import real_data

        real_data.compare(engine, tell)
    if "scores" in asked:
        import scores

        subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "chainrule-cli"], cwd=ROOT, check=True)
        scores.compare(ROOT / "target/release/chainrule", [], tell)
    if "mnist" in asked:
        import mnist

        mnist.train(engine)


def build():
    """Builds the engine's participant; returns its path."""
    command = ["cargo", "bench", "--quiet", "-p", "chainrule-engine", "--no-run", "--message-format=json-render-diagnostics"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "workloads"
    )


def tables(workloads, measured):
    bars, everyone, notes = rows(workloads, measured)
    print("\nThe bars: theirs over ours, median and range of the rounds' ratios\n")
    print(report.terminal(report.HEADS_OF_BARS, bars))
    if flat := report.flatness(measured):
        print("\n" + flat)
    print("\nEveryone, the fastest first; the engine's result, and how far others are from it\n")
    print(report.terminal(report.HEADS_OF_ALL, everyone))
    print("\n".join(["", *notes]))


def rows(workloads, measured):
    """The rows of all tables, and the notes under them."""
    bars, everyone, notes = [], [], []
    for workload in workloads:
        results, missing = measured[workload.name]["results"], measured[workload.name]["missing"]
        bars += report.rows_of_bars(workload, results)
        everyone += report.rows_of_all(workload, results, missing)
        notes += report.notes(workload, missing)
    return bars, everyone, notes


def write_markdown(measured):
    """Everything measured so far, each workload as it was last."""
    known = [workload for workload in WORKLOADS if workload.name in measured]
    parts = ["# Measured\n"]
    bars, everyone, notes = rows(known, measured)
    parts.append(report.markdown(report.HEADS_OF_BARS, bars) + "\n")
    if flat := report.flatness(measured):
        parts.append(flat + "\n")
    parts.append(report.markdown(report.HEADS_OF_ALL, everyone) + "\n")
    parts += [f"- {note}" for note in notes] + [""]
    when = [[w.name, w.title, measured[w.name]["when"], measured[w.name]["commit"], measured[w.name]["machine"]] for w in known]
    parts.append(report.markdown(["work", "what", "when", "commit", "machine"], when) + "\n")
    versions = {r["name"]: r["version"] for w in known for r in measured[w.name]["results"]}
    parts.append(", ".join(f"{name} {version}" for name, version in versions.items()) + "\n")
    (OUTPUT / "results.md").write_text("\n".join(parts))


def machine():
    name = platform.processor()
    try:
        text = Path("/proc/cpuinfo").read_text()
        name = next(line.split(": ")[1] for line in text.splitlines() if line.startswith("model name"))
        vectors = [set for set in ("avx2", "avx512f") if f" {set} " in text]
    except (OSError, StopIteration, IndexError):
        vectors = []
    return f"{name}, {os.cpu_count()} processors, {' '.join(vectors) or platform.machine()}"


def commit():
    found = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def tell(line):
    """What goes on, on a line that is written over."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
