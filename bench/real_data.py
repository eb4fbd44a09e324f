"""Real data: test scores of scikit-learn's MLP and of the engine, trained by the
same recipe on the same rows.

The recipe is scikit-learn's default: one hidden layer of 100 relu, Glorot's
weights, Adam with rate 0.001, batches of 200, L2 0.0001, 200 epochs; only that no
training ends early. Inputs are standardised by the training rows, as are the
targets of the regression. A seed splits, draws weights and shuffles.

The engine is trained twice: from the weights that scikit-learn drew, so that only
the order of the rows differs, and from weights of its own.
"outputs" is what remains when the order is the same too: the largest difference of
any output on the test rows.
"""

import json
import subprocess
import warnings
from statistics import mean, stdev

import numpy as np
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import report
from turns import OUTPUT

SEEDS = range(5)
HIDDEN, EPOCHS, RATE, ALPHA = 100, 200, 0.001, 0.0001
LOADERS = {
    "iris": datasets.load_iris,
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "diabetes": lambda: datasets.load_diabetes(scaled=False),
}
HEADS = ["data", "score", "scikit-learn", "ours, its weights", "at least", "ours, own weights", "at least", "outputs"]


class Split:
    """Rows to train and to test with."""

    def __init__(self, name, seed):
        data = LOADERS[name]()
        self.is_regression = name == "diabetes"
        stratify = None if self.is_regression else data.target
        parts = train_test_split(data.data, data.target, test_size=0.25, random_state=seed, stratify=stratify)
        train, test, self.target, self.test_target = parts
        scaler = StandardScaler().fit(train)
        self.train, self.test = scaler.transform(train), scaler.transform(test)
        if self.is_regression:
            scaler = StandardScaler().fit(self.target[:, None])
            self.target = scaler.transform(self.target[:, None])[:, 0]
            self.test_target = scaler.transform(self.test_target[:, None])[:, 0]
            self.outputs, self.output = 1, "identity"
        else:
            classes = len(data.target_names)
            self.outputs, self.output = (1, "sigmoid") if classes == 2 else (classes, "softmax")
        self.batch = min(200, len(train))

    def targets(self):
        """As the engine takes them: a column, or one for each class."""
        if self.outputs == 1:
            return self.target[:, None].astype(float)
        return np.eye(self.outputs)[self.target]

    def score(self, outputs):
        if self.is_regression:
            return r2_score(self.test_target, outputs[:, 0])
        found = outputs[:, 0] > 0.5 if self.outputs == 1 else outputs.argmax(1)
        return accuracy_score(self.test_target, found)


def sklearn_model(split, seed, **more):
    kind = MLPRegressor if split.is_regression else MLPClassifier
    return kind(
        hidden_layer_sizes=(HIDDEN,), alpha=ALPHA, batch_size=split.batch, learning_rate_init=RATE, max_iter=EPOCHS,
        n_iter_no_change=EPOCHS, tol=0.0, random_state=seed, **more,
    )


def outputs_of(model, split):
    if split.is_regression:
        return model.predict(split.test)[:, None]
    found = model.predict_proba(split.test)
    return found[:, 1:] if split.outputs == 1 else found


def first_weights(split, seed):
    """What scikit-learn draws: a step of next to nothing leaves it as it is."""
    model = sklearn_model(split, seed).set_params(max_iter=1, learning_rate_init=1e-300)
    model.fit(split.train, split.target)
    layers = zip(model.coefs_, model.intercepts_)
    return np.concatenate([part for weights, biases in layers for part in (weights.T.ravel(), biases)])


def ours(engine, split, seed, first=None, shuffle="yes"):
    """Trains the engine, from given weights or its own; returns its outputs on
    the test rows."""
    data = OUTPUT / "data" / "real"
    split.train.tofile(f"{data}.inputs")
    split.targets().tofile(f"{data}.targets")
    split.test.tofile(f"{data}.test-inputs")
    given = data.with_name("real.parameters")
    given.unlink(missing_ok=True)
    if first is not None:
        first.tofile(given)
    options = {
        "layers": f"{split.train.shape[1]},{HIDDEN},{split.outputs}", "output": split.output, "data": data,
        "initialisation": "glorot-uniform", "optimizer": "adam", "rate": RATE, "batch": split.batch,
        "epochs": EPOCHS, "shuffle": shuffle, "seed": seed,
        # scikit-learn divides it by the rows of the batch.
        "l2": ALPHA / split.batch,
    }
    run_fit(engine, options)
    return np.fromfile(f"{data}.outputs").reshape(-1, split.outputs)


def run_fit(engine, options):
    """Lets the engine train to the end; returns what it says."""
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    told = subprocess.run([engine, "fit", *words], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(told.stdout)


def difference_of_outputs(engine, split):
    """The largest one when all chance is taken out."""
    model = sklearn_model(split, 0, shuffle=False).fit(split.train, split.target)
    own = ours(engine, split, 0, first_weights(split, 0), shuffle="no")
    return np.abs(outputs_of(model, split) - own).max()


def verdict(ours, theirs):
    """Whether ours is at least theirs on the mean; if not, whether that is more
    than chance does: two standard errors of the differences."""
    differences = [own - their for own, their in zip(ours, theirs)]
    if mean(differences) >= 0:
        return "yes"
    error = stdev(differences) / len(differences) ** 0.5
    return f"by chance ({mean(differences):.4f} ± {error:.4f})" if mean(differences) > -2 * error else "no"


def compare(engine, tell):
    """Prints the table and keeps it."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    rows, kept = [], {}
    for name in LOADERS:
        theirs, same, own = [], [], []
        for seed in SEEDS:
            tell(f"data: {name}, seed {seed}")
            split = Split(name, seed)
            model = sklearn_model(split, seed).fit(split.train, split.target)
            theirs.append(split.score(outputs_of(model, split)))
            same.append(split.score(ours(engine, split, seed, first_weights(split, seed))))
            own.append(split.score(ours(engine, split, seed)))
        score = "R²" if name == "diabetes" else "accuracy"
        said = [f"{mean(scores):.4f} ± {stdev(scores):.4f}" for scores in (theirs, same, own)]
        outputs = difference_of_outputs(engine, Split(name, 0))
        rows.append([name, score, said[0], said[1], verdict(same, theirs), said[2], verdict(own, theirs), f"{outputs:.0e}"])
        kept[name] = {"scikit-learn": theirs, "same weights": same, "own weights": own}
    tell("")
    print(f"\nReal data: mean and deviation of test scores over {len(SEEDS)} seeds\n")
    print(report.terminal(HEADS, rows))
    (OUTPUT / "data.json").write_text(json.dumps(kept, indent=1))
    (OUTPUT / "data.md").write_text(report.markdown(HEADS, rows) + "\n")
