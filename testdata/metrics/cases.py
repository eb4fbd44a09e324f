"""Writes cases.json: predictions, and what scikit-learn says of them.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python cases.py > cases.json

The expected calibration error is not in scikit-learn: it is computed here with
numpy from the definition (Guo et al. 2017, eq. 3). Undefined scores are null
in this file where scikit-learn warns or fails; the tests hold that against
what the program says.
"""

import json
import sys
import warnings

import numpy
import sklearn
from sklearn import metrics
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.preprocessing import label_binarize


def score(function, *arguments, **options):
    """A score, or None where scikit-learn warns that it has no meaning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        warnings.filterwarnings("error", message="No positive class found")
        try:
            value = float(function(*arguments, **options))
        except (UserWarning, ValueError):
            return None
    return value if numpy.isfinite(value) else None


def zero(function, *arguments, **options):
    """A mean over classes, of which one without a score counts as 0."""
    return float(function(*arguments, zero_division=0, **options))


def calibration(truth, probability):
    """Ten bins of equal width, each with its upper end."""
    ends = numpy.linspace(0, 1, 11)
    places = numpy.searchsorted(ends[1:-1], probability)
    error = 0.0
    bins = []
    for place in range(10):
        inside = places == place
        if not inside.any():
            bins.append([0, 0.0, 0.0])
            continue
        mean, share = probability[inside].mean(), truth[inside].mean()
        bins.append([int(inside.sum()), mean, share])
        error += inside.sum() / len(truth) * abs(mean - share)
    filled = [part for part in bins if part[0]]
    share, mean = metrics_calibration(truth, probability)
    assert numpy.allclose([part[1] for part in filled], mean, rtol=1e-12)
    assert numpy.allclose([part[2] for part in filled], share, rtol=1e-12)
    return error, bins


def metrics_calibration(truth, probability):
    from sklearn.calibration import calibration_curve

    return calibration_curve(truth, probability, n_bins=10, pos_label=1)


def averages(truth, predicted, kinds, **options):
    found = {}
    for kind in kinds:
        found[f"precision_{kind}"] = zero(metrics.precision_score, truth, predicted, average=kind, **options)
        found[f"recall_{kind}"] = zero(metrics.recall_score, truth, predicted, average=kind, **options)
        found[f"f1_{kind}"] = zero(metrics.f1_score, truth, predicted, average=kind, **options)
    return found


def each(truth, predicted, binary, scores, labels):
    """Scores of every class or label against the rest."""
    found = []
    for label in range(labels):
        t, p = binary[:, label], scores[:, label]
        y = predicted[:, label]
        found.append({
            "precision": score(metrics.precision_score, t, y),
            "recall": score(metrics.recall_score, t, y),
            "f1": score(metrics.f1_score, t, y),
            "roc_auc": score(metrics.roc_auc_score, t, p),
            "average_precision": score(metrics.average_precision_score, t, p),
        })
    return found


def classes(name, truth, probabilities):
    truth, probabilities = numpy.asarray(truth), numpy.asarray(probabilities, dtype=float)
    count = probabilities.shape[1]
    labels = list(range(count))
    predicted = probabilities.argmax(axis=1)
    binary = numpy.stack([truth == label for label in labels], axis=1).astype(int)
    choice = numpy.stack([predicted == label for label in labels], axis=1).astype(int)
    with warnings.catch_warnings():
        # Classes that are predicted and do not occur.
        warnings.simplefilter("ignore", UserWarning)
        balanced = float(metrics.balanced_accuracy_score(truth, predicted))
    found = {
        "accuracy": score(metrics.accuracy_score, truth, predicted),
        "balanced_accuracy": balanced,
        **averages(truth, predicted, ["macro", "weighted"]),
        "log_loss": score(metrics.log_loss, truth, probabilities, labels=labels),
        "brier_score": score(metrics.brier_score_loss, truth, probabilities, labels=labels),
        "matthews_corrcoef": score(metrics.matthews_corrcoef, truth, predicted),
    }
    if count == 2:
        positive = probabilities[:, 1]
        found["precision"] = score(metrics.precision_score, truth, predicted)
        found["recall"] = score(metrics.recall_score, truth, predicted)
        found["f1"] = score(metrics.f1_score, truth, predicted)
        found["roc_auc"] = score(metrics.roc_auc_score, truth, positive)
        found["average_precision"] = score(metrics.average_precision_score, truth, positive)
        found["expected_calibration_error"], bins = calibration(truth, positive)
        curve = [list(map(float, part)) for part in metrics.roc_curve(truth, positive)]
        curve[2][0] = None
        precision, recall, thresholds = metrics.precision_recall_curve(truth, positive)
        # From the highest threshold down, without the point (0, 1) at its end.
        other = [part[::-1].tolist() for part in (precision[:-1], recall[:-1], thresholds)]
        if found["roc_auc"] is None:
            curve = [[], [], []]
        if found["average_precision"] is None:
            other = [[], [], []]
        curves = {"roc": curve, "precision_recall": other}
    else:
        ovr = {"multi_class": "ovr", "labels": labels}
        found["roc_auc_ovr"] = score(metrics.roc_auc_score, truth, probabilities, **ovr)
        # A class that does not occur has weight 0: a warning, and yet a value.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            weighted = metrics.roc_auc_score(truth, probabilities, average="weighted", **ovr)
        found["roc_auc_ovr_weighted"] = float(weighted) if numpy.isfinite(weighted) else None
        found["average_precision"] = score(
            metrics.average_precision_score, label_binarize(truth, classes=labels), probabilities)
        top = probabilities.max(axis=1)
        found["expected_calibration_error"], bins = calibration((truth == predicted).astype(int), top)
        curves = None
    return {
        "name": name, "task": "classes", "targets": truth.tolist(),
        "predictions": probabilities.ravel().tolist(), "width": count, "scores": found,
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
        "each": each(truth, choice, binary, probabilities, count),
        "bins": bins, "curves": curves,
    }


def labels(name, truth, probabilities):
    truth, probabilities = numpy.asarray(truth), numpy.asarray(probabilities, dtype=float)
    count = truth.shape[1]
    predicted = (probabilities > 0.5).astype(int)
    found = {
        "accuracy": score(metrics.accuracy_score, truth, predicted),
        "hamming_loss": score(metrics.hamming_loss, truth, predicted),
        **averages(truth, predicted, ["macro"]),
        "roc_auc": score(metrics.roc_auc_score, truth, probabilities),
        "average_precision": score(metrics.average_precision_score, truth, probabilities),
        "log_loss": float(numpy.mean([
            metrics.log_loss(truth[:, label], probabilities[:, label], labels=[0, 1])
            for label in range(count)])),
        "brier_score": float(numpy.mean([
            metrics.brier_score_loss(truth[:, label], probabilities[:, label], pos_label=1)
            for label in range(count)])),
        "expected_calibration_error": calibration(truth.ravel(), probabilities.ravel())[0],
    }
    for kind in ["weighted", "micro"]:
        for what in ["precision", "recall", "f1"]:
            function = getattr(metrics, f"{what}_score")
            some = score(function, truth, predicted, average=kind)
            # A label without a score counts as 0, where another has one.
            if some is None and truth.any() and (kind == "weighted" or predicted.any()):
                some = zero(function, truth, predicted, average=kind)
            found[f"{what}_{kind}"] = some
    return {
        "name": name, "task": "labels", "targets": truth.ravel().tolist(),
        "predictions": probabilities.ravel().tolist(), "width": count, "scores": found,
        "each": each(truth, predicted, truth, probabilities, count),
        "bins": calibration(truth.ravel(), probabilities.ravel())[1],
    }


def numbers(name, truth, predicted, quantile=None):
    truth, predicted = numpy.asarray(truth, dtype=float), numpy.asarray(predicted, dtype=float)
    count = truth.shape[1]

    def all_scores(t, p):
        found = {
            "r2": score(metrics.r2_score, t, p),
            "rmse": score(metrics.root_mean_squared_error, t, p),
            "mae": score(metrics.mean_absolute_error, t, p),
            "mape": score(metrics.mean_absolute_percentage_error, t, p),
        }
        if quantile is not None:
            found["pinball_loss"] = score(metrics.mean_pinball_loss, t, p, alpha=quantile)
        return found

    found = all_scores(truth, predicted)
    own = []
    for column in range(count):
        t, p = truth[:, column], predicted[:, column]
        own.append({**all_scores(t, p), "max_error": score(metrics.max_error, t, p)})
    # scikit-learn has no maximum over several targets; the mean as for others.
    found["max_error"] = float(numpy.mean([part["max_error"] for part in own]))
    return {
        "name": name, "task": "numbers", "targets": truth.ravel().tolist(),
        "predictions": predicted.ravel().tolist(), "width": count, "quantile": quantile,
        "scores": found, "each": own,
    }


def cases():
    random = numpy.random.default_rng(20)

    def shares(rows, count, sharpness=1.0):
        z = numpy.exp(sharpness * random.normal(size=(rows, count)))
        return z / z.sum(axis=1, keepdims=True)

    def two(probability):
        probability = numpy.asarray(probability, dtype=float)
        return numpy.stack([1 - probability, probability], axis=1)

    def informed(truth, count):
        z = random.normal(size=(len(truth), count))
        z[numpy.arange(len(truth)), truth] += 1.5
        z = numpy.exp(z)
        return z / z.sum(axis=1, keepdims=True)

    truth = random.integers(0, 2, 200)
    yield classes("two classes", truth, informed(truth, 2))
    truth = (random.random(150) < 0.1).astype(int)
    yield classes("two classes, one rare", truth, informed(truth, 2))
    truth = random.integers(0, 2, 120)
    yield classes("two classes, many equal probabilities", truth,
                  two(numpy.round(random.random(120) * 5) / 5))
    yield classes("two classes, all one prediction", [0, 1, 1, 0, 1], two([0.7] * 5))
    yield classes("two classes, all predicted negative", [0, 1, 1, 0], two([0.1, 0.2, 0.3, 0.4]))
    yield classes("two classes, undecided", [0, 1, 1, 0], two([0.5] * 4))
    yield classes("two classes, perfect", [0, 1, 1, 0, 1], two([0, 1, 1, 0, 1]))
    yield classes("two classes, perfectly wrong", [0, 1, 1, 0, 1], two([1, 0, 0, 1, 0]))
    yield classes("two classes, only the first occurs", [0, 0, 0], two([0.2, 0.9, 0.4]))
    yield classes("two classes, only the second occurs", [1, 1, 1], two([0.2, 0.9, 0.4]))
    yield classes("two classes, nothing positive at all", [0, 0, 0], two([0.2, 0.1, 0.4]))
    yield classes("one row", [1], two([0.8]))
    yield classes("ends of the bins", [0, 1] * 6,
                  two([0, 0.1, 0.2, 0.3, 0.30000000000000004, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]))
    truth = random.integers(0, 3, 150)
    yield classes("three classes", truth, informed(truth, 3))
    truth = random.integers(0, 10, 300)
    yield classes("ten classes", truth, informed(truth, 10))
    truth = random.choice(5, 400, p=[0.6, 0.25, 0.1, 0.04, 0.01])
    yield classes("five classes of unequal size", truth, informed(truth, 5))
    yield classes("three classes, guesses", random.integers(0, 3, 90), shares(90, 3))
    yield classes("three classes, many equal probabilities", random.integers(0, 3, 80),
                  numpy.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]])[
                      random.integers(0, 3, 80)])
    truth = random.integers(0, 3, 60) % 2
    yield classes("three classes, one does not occur", truth, informed(truth, 3))
    yield classes("three classes, one neither occurs nor is predicted", [0, 1, 1, 0, 1],
                  [[0.7, 0.3, 0], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.9, 0, 0.1], [0.4, 0.5, 0.1]])
    yield classes("three classes, one is never predicted", [0, 1, 2, 0, 1],
                  [[0.7, 0.3, 0], [0.2, 0.7, 0.1], [0.6, 0.1, 0.3], [0.9, 0, 0.1], [0.4, 0.5, 0.1]])
    yield classes("three classes, only one occurs", [2, 2, 2], shares(3, 3))
    yield classes("three classes, perfect", [0, 1, 2, 2], numpy.eye(3)[[0, 1, 2, 2]])
    yield classes("three classes, all one prediction", [0, 1, 2, 2], [[0.2, 0.5, 0.3]] * 4)
    yield classes("three classes, nothing right", [0, 1, 2, 2], numpy.eye(3)[[1, 2, 0, 1]])

    truth = (random.random((120, 4)) < [0.5, 0.3, 0.1, 0.8]).astype(int)
    noise = 1 / (1 + numpy.exp(-(2 * truth - 1 + random.normal(size=truth.shape))))
    yield labels("four labels", truth, noise)
    yield labels("four labels, many equal probabilities", truth, numpy.round(noise * 8) / 8)
    yield labels("two labels, one constant", [[0, 1], [0, 0], [0, 1]],
                 [[0.1, 0.9], [0.6, 0.3], [0.2, 0.4]])
    yield labels("two labels, nothing true", [[0, 0], [0, 0]], [[0.1, 0.9], [0.6, 0.3]])
    yield labels("two labels, nothing predicted", [[0, 1], [1, 0]], [[0.1, 0.2], [0.4, 0.3]])
    yield labels("two labels, perfect", [[0, 1], [1, 0], [1, 1]], [[0, 1], [1, 0], [1, 1]])

    t = random.normal(50, 12, size=(200, 1))
    yield numbers("one target", t, t + random.normal(0, 3, size=t.shape))
    t = random.normal(0, 1, size=(150, 3)) * [1, 100, 1e-4] + [0, 1e6, 5]
    yield numbers("three targets of other sizes", t, t + t.std(axis=0) * random.normal(size=t.shape))
    t = random.normal(3, 1, size=(80, 1))
    yield numbers("a quantile", t, t + 1 + 0.3 * random.normal(size=t.shape), quantile=0.9)
    t = random.normal(3, 1, size=(40, 2))
    yield numbers("a low quantile of two targets", t, t - 1 + random.normal(size=t.shape), quantile=0.1)
    yield numbers("perfect", [[1], [2], [4]], [[1], [2], [4]])
    yield numbers("the mean", [[1], [2], [6]], [[3], [3], [3]])
    yield numbers("worse than the mean", [[1], [2], [6]], [[10], [-3], [3]])
    yield numbers("constant target", [[4], [4], [4]], [[4], [5], [3]])
    yield numbers("constant target, perfect", [[4], [4], [4]], [[4], [4], [4]])
    yield numbers("target 0", [[0], [1], [2]], [[0.5], [1], [2.5]])
    yield numbers("one number", [[3]], [[2.5]])
    t = 1e8 + random.normal(size=(60, 1))
    yield numbers("far from 0", t, t + 0.1 * random.normal(size=t.shape))


def main():
    json.dump({
        "made_by": "cases.py",
        "python": sys.version.split()[0],
        "scikit-learn": sklearn.__version__,
        "numpy": numpy.__version__,
        "cases": list(cases()),
    }, sys.stdout, indent=None, separators=(",", ":"))
    print()


main()
