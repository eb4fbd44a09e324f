"""Writes report.json: what a report shows, as scikit-learn and numpy say it.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python report.py > report.json

- curves of each class against the rest, or of each label;
- permutation importance of columns, by sklearn.inspection, of networks whose
  weights stand in the file: one column is a category with a slot for each
  value, one a number with an indicator of missing cells. The permutations
  stand in the file, too: scikit-learn shuffles rows that it has already
  shuffled, and these are what the shuffles add up to;
- quantiles, means, standard deviations and histograms.
"""

import json
import sys

import numpy
import sklearn
from sklearn import metrics
from sklearn.inspection import permutation_importance

ISLANDS = ["Biscoe", "Dream", "Torgersen"]


def shares(random, rows, count):
    z = numpy.exp(random.normal(size=(rows, count)))
    return z / z.sum(axis=1, keepdims=True)


def curves(name, task, truth, probabilities):
    """Truth: (rows, classes), 0 or 1."""
    each = []
    for column in range(truth.shape[1]):
        t, p = truth[:, column], probabilities[:, column]
        roc = [list(map(float, part)) for part in metrics.roc_curve(t, p)]
        roc[2][0] = None
        precision, recall, thresholds = metrics.precision_recall_curve(t, p)
        # From the highest threshold down, without the point (0, 1) at its end.
        other = [part[::-1].tolist() for part in (precision[:-1], recall[:-1], thresholds)]
        each.append({
            "roc": roc, "precision_recall": other,
            "roc_auc": float(metrics.roc_auc_score(t, p)),
            "average_precision": float(metrics.average_precision_score(t, p)),
            "share": float(t.mean()),
        })
    return {
        "name": name, "task": task, "width": truth.shape[1],
        "truth": truth.tolist(), "probabilities": probabilities.ravel().tolist(), "each": each,
    }


class Network:
    """Encodes columns and computes a network, as numpy does it."""

    def __init__(self, kind, encoder, layers):
        self.kind, self.encoder, self.layers = kind, encoder, layers
        self.classes_ = numpy.arange(3 if kind == "softmax" else 2)

    def fit(self, x, y):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def encode(self, x):
        parts = []
        for column, feature in enumerate(self.encoder):
            cells = x[:, column]
            absent = numpy.isnan(cells)
            if feature["kind"] == "category":
                parts += [(cells == code).astype(float) for code in range(len(ISLANDS))]
                parts.append((cells == len(ISLANDS)).astype(float))
            elif feature["kind"] == "yes-no":
                parts.append(cells)
            else:
                filled = numpy.where(absent, feature["fill"], cells)
                parts.append((filled - feature["scale"]["minus"]) / feature["scale"]["over"])
            if feature["missing"]:
                parts.append(absent.astype(float))
        return numpy.stack(parts, axis=1)

    def output(self, x):
        (w1, b1), (w2, b2) = self.layers
        return numpy.tanh(self.encode(x) @ w1.T + b1) @ w2.T + b2

    def predict_proba(self, x):
        z = self.output(x)
        if self.kind == "softmax":
            z = numpy.exp(z - z.max(axis=1, keepdims=True))
            return z / z.sum(axis=1, keepdims=True)
        p = 1 / (1 + numpy.exp(-z[:, 0]))
        return numpy.stack([1 - p, p], axis=1)

    def predict(self, x):
        if self.kind == "identity":
            return self.output(x)[:, 0] * 40 + 200
        return self.predict_proba(x).argmax(axis=1)


class Classifier(sklearn.base.ClassifierMixin, Network, sklearn.base.BaseEstimator):
    pass


class Regressor(sklearn.base.RegressorMixin, Network, sklearn.base.BaseEstimator):
    pass


def permutations(rows, repeats, seed):
    """The shuffles of sklearn.inspection, added up."""
    drawn = numpy.random.RandomState(seed).randint(numpy.iinfo(numpy.int32).max + 1)
    random = numpy.random.RandomState(drawn)
    index, sum_of_all = numpy.arange(rows), numpy.arange(rows)
    found = []
    for _ in range(repeats):
        random.shuffle(index)
        sum_of_all = sum_of_all[index]
        found.append(sum_of_all.tolist())
    return found


def importance(name, kind, random):
    rows, repeats, seed = 120, 4, 7
    island = random.integers(0, 4, rows).astype(float)
    bill = numpy.round(random.normal(44, 5, rows), 1)
    bill[random.random(rows) < 0.15] = numpy.nan
    depth = numpy.round(random.normal(17, 2, rows), 1)
    adult = random.integers(0, 2, rows).astype(float)
    unused = numpy.round(random.normal(size=rows), 2)
    x = numpy.stack([island, bill, depth, adult, unused], axis=1)
    linear = lambda minus, over: {"by": "linear", "minus": minus, "over": over}
    encoder = [
        {"column": "island", "kind": "category", "values": ISLANDS, "rare": 1, "missing": False},
        {"column": "bill", "kind": "number", "scale": linear(44.0, 5.0), "fill": 43.5, "missing": True},
        {"column": "depth", "kind": "number", "scale": linear(17.0, 2.0), "fill": 17.0, "missing": False},
        {"column": "adult", "kind": "yes-no", "no": "no", "yes": "yes", "fill": 0.5, "missing": False},
        {"column": "unused", "kind": "number", "scale": linear(0.0, 1.0), "fill": 0.0, "missing": False},
    ]
    outputs = 3 if kind == "softmax" else 1
    w1, b1 = random.normal(size=(5, 9)), random.normal(size=5)
    w1[:, 8] = 0  # the last column leads nowhere
    w2, b2 = 2 * random.normal(size=(outputs, 5)), random.normal(size=outputs)
    maker = Regressor if kind == "identity" else Classifier
    network = maker(kind, encoder, [(w1, b1), (w2, b2)])
    if kind == "identity":
        y = network.predict(x) + random.normal(0, 20, rows)
        scorings = {"r2": "r2", "rmse": "neg_root_mean_squared_error"}
    else:
        p = network.predict_proba(x)
        y = numpy.array([random.choice(p.shape[1], p=row) for row in p])
        scorings = {"log_loss": "neg_log_loss", "accuracy": "accuracy"}
    found = {}
    for metric, scoring in scorings.items():
        result = permutation_importance(
            network, x, y, scoring=scoring, n_repeats=repeats, random_state=seed)
        found[metric] = {
            "each": result.importances.tolist(),
            "mean": result.importances_mean.tolist(),
            "deviation": result.importances_std.tolist(),
        }
    cells = lambda column: [None if numpy.isnan(cell) else cell for cell in column.tolist()]
    return {
        "name": name, "kind": kind, "encoder": encoder,
        "columns": [cells(x[:, column]) for column in range(5)], "truth": y.tolist(),
        "layers": [{"weights": w.ravel().tolist(), "biases": b.tolist()} for w, b in [(w1, b1), (w2, b2)]],
        "permutations": permutations(rows, repeats, seed), "importance": found,
    }


def profile(name, numbers):
    numbers = numpy.asarray(numbers, dtype=float)
    low, high = numbers.min(), numbers.max()
    count = len(numbers)
    whole = (numbers == numpy.floor(numbers)).all() and high - low < 24
    bins = int(high - low) + 1 if whole else min(24, int(numpy.ceil(numpy.sqrt(count))))
    if low == high:
        counts = [count]
    else:
        counts = numpy.histogram(numbers, bins=bins, range=(low, high))[0].tolist()
    return {
        "name": name, "numbers": numbers.tolist(),
        "quantiles": numpy.quantile(numbers, [0, 0.25, 0.5, 0.75, 1]).tolist(),
        "mean": float(numbers.mean()),
        "deviation": float(numbers.std(ddof=1)) if count > 1 else 0.0,
        "histogram": counts,
    }


def main():
    random = numpy.random.default_rng(5)
    truth = random.integers(0, 4, 150)
    binary = numpy.eye(4, dtype=int)[truth]
    informed = shares(random, 150, 4) + 0.6 * binary
    informed /= informed.sum(axis=1, keepdims=True)
    some = (random.random((90, 3)) < [0.5, 0.2, 0.8]).astype(int)
    json.dump({
        "made_by": "report.py",
        "python": sys.version.split()[0],
        "scikit-learn": sklearn.__version__,
        "numpy": numpy.__version__,
        "curves": [
            curves("four classes", "classes", binary, informed),
            curves("four classes, many equal", "classes", binary, numpy.round(informed * 8) / 8),
            curves("three labels", "labels", some, numpy.round(0.4 * some + 0.6 * random.random(some.shape), 2)),
        ],
        "importance": [
            importance("three classes", "softmax", random),
            importance("two classes", "sigmoid", random),
            importance("a number", "identity", random),
        ],
        "profiles": [
            profile("normal", random.normal(50, 12, 300)),
            profile("skewed", random.exponential(3, 40)),
            profile("whole", random.integers(0, 9, 200)),
            profile("whole, far apart", random.integers(0, 100000, 200)),
            profile("few", [1.5, -2.25, 8]),
            profile("equal", [4.5] * 7),
            profile("one", [3]),
        ],
    }, sys.stdout, indent=None, separators=(",", ":"))
    print()


main()
