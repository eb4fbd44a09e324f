"""Makes bars.json: what a model that `chainrule train` makes without options has to
reach on each data set, from scikit-learn's MLP on the same rows.

    CHAINRULE_DATA=... python testdata/scores/bars.py

scikit-learn's network and the treatment of columns are those of bench/scores.py. Of
a CSV file every fourth row, from the fourth on, is left for the test; Proben1's and
FANN's files say themselves which rows these are. The bar is the mean over five seeds
less three standard deviations, and less two test rows where it is an accuracy, 0.01
where it is R²: ours keeps a fifth of the rows to validate on, and learns a skewed
target by its logarithm, which is better in most rows and not in R².
"""

import json
import os
import sys
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "bench"))
import scores  # noqa: E402

SHARED = Path(os.environ["CHAINRULE_DATA"])

TABLES = [
    *scores.TABLES,
    ("csv/auto_mpg.csv", "mpg", ["name"]),
    ("csv/california_housing.csv.gz", "median_house_value", []),
    ("csv/diamonds.csv.gz", "price", []),
]
PROBEN1 = [
    "cancer1.dt", "card1.dt", "diabetes1.dt", "glass1.dt", "heart1.dt", "horse1.dt",
    "hearta1.dt", "flare1.dt", "soybean1.dt.gz", "thyroid1.dt.gz", "gene1.dt.gz", "building1.dt.gz",
]  # fmt: skip


def of_table(file, target, dropped):
    table = scores.Table(scores.path_of(file))
    labels = table.column(target)
    is_regression = len(set(labels)) > 20
    rows = np.arange(len(labels))
    parts = rows[rows % 4 != 3], rows[rows % 4 == 3]
    found = [scores.peer(table, target, dropped, is_regression, *parts, seed) for seed in scores.SEEDS]
    return bar(file, target, found, None if is_regression else len(parts[1]))


def of_arrays(file, train, test, is_regression):
    train, test = [(inputs, np.squeeze(targets)) for inputs, targets in (train, test)]
    found = [scores.score(StandardScaler(), is_regression, train, test, seed) for seed in scores.SEEDS]
    return bar(file, None, found, None if is_regression else len(test[0]))


def of_proben1(file):
    with scores.opened(SHARED / "proben1" / file) as lines:
        text = lines.read().split("\n")
    head = {key: int(value) for key, value in (line.split("=") for line in text[:7])}
    rows = np.array([line.split() for line in text[7:] if line.strip()], dtype=float)
    inputs = head["bool_in"] + head["real_in"]
    first, last = head["training_examples"], len(rows) - head["test_examples"]
    targets = rows[:, inputs:]
    is_regression = not np.isin(targets, (0, 1)).all()
    targets = targets if is_regression else targets.argmax(axis=1)
    # Both train on the rows that are for it; ours takes those that validate to
    # know when to stop, scikit-learn's has no use for them.
    train, test = np.s_[:first], np.s_[last:]
    return of_arrays(
        f"proben1/{file}",
        (rows[train, :inputs], targets[train]),
        (rows[test, :inputs], targets[test]),
        is_regression,
    )


def of_fann(name):
    def read(file):
        numbers = (SHARED / "fann" / file).read_text().split()
        pairs, inputs, outputs = map(int, numbers[:3])
        rows = np.array(numbers[3 : 3 + pairs * (inputs + outputs)], dtype=float).reshape(pairs, -1)
        return rows[:, :inputs], rows[:, inputs:]

    return of_arrays(f"fann/{name}.train", read(f"{name}.train"), read(f"{name}.test"), True)


def bar(file, target, found, rows):
    """`rows` is None where the score is R²."""
    found = [round(score, 4) for score in found]
    spread = 3 * stdev(found) + (0.01 if rows is None else 2 / rows)
    print(f"{file}: " + " ".join(f"{score:.4f}" for score in found), file=sys.stderr)
    return {
        "file": file,
        "target": target,
        "score": "r2" if rows is None else "accuracy",
        "scikit_learn": found,
        "bar": round(mean(found) - spread, 4),
    }


bars = [of_table(*table) for table in TABLES]
bars += [of_proben1(file) for file in PROBEN1]
bars += [of_fann("robot")]
lines = ",\n".join("  " + json.dumps(bar) for bar in bars)
(HERE / "bars.json").write_text(f"[\n{lines}\n]\n")
