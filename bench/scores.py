"""Test scores of `chainrule train` without any options beside those of
scikit-learn's MLP, on the same rows.

Five splits, a quarter of the rows to test with, stratified by class. Ours is given
the training rows as a CSV file and the name of the target, nothing else.
scikit-learn's is given what a person would write for these tables: numbers imputed
and standardised, categories one-hot, a numeric target standardised, columns that
name a row dropped; the network as it comes, but for as many epochs as it takes to
converge. With `--tune N` a third column has ours with that option.

The test rows are seen when all is trained, by `chainrule evaluate` and by
scikit-learn's `score`; both are accuracy or R².
"""

import argparse
import csv
import gzip
import json
import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import report

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(5)
# File, target, columns that scikit-learn's user drops.
TABLES = [
    ("penguins.csv", "species", []),
    ("iris.csv", "species", []),
    ("wine.csv", "cultivar", []),
    ("digits.csv", "digit", []),
    ("breast_cancer.csv", "diagnosis", []),
    ("diabetes.csv", "progression", []),
    ("csv/titanic.csv", "Survived", ["PassengerId", "Name", "Ticket", "Cabin"]),
]
MISSING = {"", "NA"}


class Table:
    """A CSV file: its header, and its rows as they stand there."""

    def __init__(self, path):
        with opened(path) as file:
            self.header, *self.rows = csv.reader(file)

    def column(self, name):
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def write(self, path, rows):
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows([self.header, *(self.rows[row] for row in rows)])


def opened(path):
    return gzip.open(path, "rt", newline="") if path.suffix == ".gz" else open(path, newline="")


def path_of(file):
    """The table's file: our own, else that in the folder of data, if it is named."""
    path = ROOT / "testdata/tables" / file
    if not path.exists() and "CHAINRULE_DATA" in os.environ:
        path = Path(os.environ["CHAINRULE_DATA"]) / file
    return path


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def peer(table, target, dropped, is_regression, train, test, seed):
    """The score of scikit-learn's MLP."""
    names = [name for name in table.header if name != target and name not in dropped]
    columns = {name: table.column(name) for name in names}
    numeric = [name for name in names if all(is_number(c) for c in columns[name] if c not in MISSING)]
    convert = {
        name: (lambda c: np.nan if c in MISSING else float(c)) if name in numeric else (lambda c: "missing" if c in MISSING else c)
        for name in names
    }
    inputs = np.array([[convert[name](c) for c in columns[name]] for name in names], dtype=object).T
    targets = np.array(table.column(target), dtype=float if is_regression else str)
    places = [place for place, name in enumerate(names) if name in numeric]
    others = [place for place, name in enumerate(names) if name not in numeric]
    encoder = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(missing_values=np.nan), StandardScaler()), places),
            ("categories", OneHotEncoder(handle_unknown="ignore"), others),
        ],
        sparse_threshold=0,
    )
    return score(encoder, is_regression, (inputs[train], targets[train]), (inputs[test], targets[test]), seed)


def score(treatment, is_regression, train, test, seed):
    """The score of scikit-learn's MLP behind a treatment of the inputs; `train` and
    `test` are inputs and targets."""
    kind = MLPRegressor if is_regression else MLPClassifier
    network = make_pipeline(treatment, kind(max_iter=2000, random_state=seed))
    if is_regression:
        network = TransformedTargetRegressor(network, transformer=StandardScaler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(*train)
    return network.score(*test)


def ours(program, folder, target, options):
    """The score of a model that `chainrule` trained on `train.csv`."""
    model = folder / "of.model"
    train = [program, "train", folder / "train.csv", "--target", target, "-o", model, "--quiet", *options]
    subprocess.run(train, check=True, capture_output=True)
    evaluate = [program, "evaluate", model, "--data", folder / "test.csv", "--format", "json", "--resamples", "0"]
    evaluated = subprocess.run(evaluate, check=True, capture_output=True)
    scores = json.loads(evaluated.stdout)["scores"]
    return scores["accuracy"] if "accuracy" in scores else scores["r2"], scores.get("log_loss", scores.get("rmse"))


def compare(program, options, tell, chosen=(), seeds=SEEDS):
    """Prints a table of means and standard deviations."""
    heads = ["data", "score", "scikit-learn", "ours", "difference", *(["ours, tuned"] if options else [])]
    rows = []
    for file, target, dropped in TABLES:
        path = path_of(file)
        name = path.stem
        if not path.exists() or (chosen and name not in chosen):
            tell(f"{name}: left out")
            continue
        table = Table(path)
        labels = table.column(target)
        is_regression = len(set(labels)) > 20
        scores = []
        for seed in seeds:
            parts = train_test_split(
                range(len(labels)), test_size=0.25, random_state=seed, stratify=None if is_regression else labels
            )
            with tempfile.TemporaryDirectory() as folder:
                folder = Path(folder)
                for part, file in zip(parts, ("train.csv", "test.csv")):
                    table.write(folder / file, part)
                found = [peer(table, target, dropped, is_regression, *parts, seed)]
                for one in [[], *([options] if options else [])]:
                    found.extend(ours(program, folder, target, one))
            tell(f"{name} {seed}: " + "  ".join(f"{score:.4f}" for score in found))
            scores.append(found)
        columns = list(zip(*scores))
        text = [f"{mean(column):.3f} ± {stdev(column):.3f}" for column in columns]
        differences = [our - their for their, our, *_ in scores]
        difference = f"{mean(differences):+.3f} ± {stdev(differences):.3f}"
        row = [name, "R²" if is_regression else "accuracy", text[0], text[1], difference]
        rows.append(row + ([text[3]] if options else []))
        if options:
            tell(f"{name}: loss {mean(columns[2]):.4f}, tuned {mean(columns[4]):.4f}")
    print()
    print(report.terminal(heads, rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench/scores.py", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TABLE")
    parser.add_argument("--tune", metavar="N", help="also with `--tune N`")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--program", default=ROOT / "target/release/chainrule")
    given = parser.parse_args()
    wanted = ["--tune", given.tune] if given.tune else []
    compare(given.program, wanted, lambda text: print(text, flush=True), given.names, range(given.seeds))
