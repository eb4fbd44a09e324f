"""Losses and their gradients by the pre-activations, by PyTorch in double
precision (the quantile's value by scikit-learn), as JSON.

    python3 -m venv venv
    venv/bin/pip install torch==2.5.1 numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python testdata/losses/losses.py > testdata/losses/losses.json
"""

import json
import sys

import sklearn
import torch
from sklearn.metrics import mean_pinball_loss
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)

# One row a sample, far out in every direction, and near.
FAR = [[1e4, -1e4, 3.0], [-1e4, 1e4, -1e4], [1e4, 1e4, 1e4], [-1e4, -1e4, 0.5], [40.0, -40.0, 0.0], [0.3, -1.7, 2.2]]
NEAR = [[0.3, -1.7, 2.2], [-2.5, 0.01, 0.9], [1.5, -0.2, -0.8]]
CLASSES = [1, 0, 2, 2, 1, 0]
ONE_HOT = F.one_hot(torch.tensor(CLASSES), 3).double().tolist()
SHARES = [[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.0, 0.25, 0.75], [0.1, 0.1, 0.8], [0.0, 1.0, 0.0], [0.6, 0.2, 0.2]]
BITS = [[0, 1, 1], [1, 0, 0.25], [1, 0, 0.5], [0, 1, 0], [1, 1, 0], [0.7, 0, 1]]
VALUES = [[0.1, -3.0, 2.5], [0.0, 2.0, 0.8], [-1.0, -0.25, 7.0]]
COUNTS = [[0, 3, 1], [2, 0, 5], [1, 1, 0]]
CLASS_WEIGHTS = [0.5, 2.0, 3.0]
SAMPLE_WEIGHTS = [1.0, 0.25, 2.0, 0.0, 3.0, 1.5]

cases = []


def case(name, z, t, loss, activation, value, **settings):
    """value(z, t) gives one loss a sample."""
    z = torch.tensor(z, requires_grad=True)
    t = torch.tensor(t, dtype=torch.float64)
    weights = torch.tensor(settings.pop("weights", [1.0] * len(z)))
    losses = value(z, t)
    mean = (weights * losses).sum() / weights.sum()
    (gradient,) = torch.autograd.grad(mean, z)
    cases.append({
        "name": name, "loss": loss, "activation": activation, "columns": z.shape[1],
        "z": z.flatten().tolist(), "targets": t.flatten().tolist(), "weights": weights.tolist(),
        "mean": mean.item(), "gradient": gradient.flatten().tolist(), **settings,
    })


def cross_entropy(**options):
    return lambda z, t: F.cross_entropy(z, t, reduction="none", **options)


def binary(z, t):
    return F.binary_cross_entropy_with_logits(z, t, reduction="none").sum(dim=1)


CCE, BCE = "categorical-cross-entropy", "binary-cross-entropy"
case("categorical, one class", FAR, ONE_HOT, CCE, "softmax", cross_entropy())
case("categorical, shares", FAR, SHARES, CCE, "softmax", cross_entropy())
case("categorical, smoothed", FAR, ONE_HOT, CCE, "softmax", cross_entropy(label_smoothing=0.1), smoothing=0.1)
case("categorical, weighted samples", FAR, ONE_HOT, CCE, "softmax", cross_entropy(), weights=SAMPLE_WEIGHTS)
case("binary", FAR, BITS, BCE, "sigmoid", binary)
# PyTorch has no smoothing for it: t = (1 - s)·t + s/2 by hand.
case("binary, smoothed", FAR, BITS, BCE, "sigmoid", lambda z, t: binary(z, 0.8 * t + 0.1), smoothing=0.2)
case("binary, weighted samples", FAR, BITS, BCE, "sigmoid", binary, weights=SAMPLE_WEIGHTS)
case("huber", FAR[4:] + NEAR, VALUES + VALUES[:2], "huber", "identity",
     lambda z, t: F.huber_loss(z, t, reduction="none").sum(dim=1))
case("mean absolute", NEAR, VALUES, "mean-absolute", "identity",
     lambda z, t: F.l1_loss(z, t, reduction="none").mean(dim=1))
case("mean squared", NEAR, VALUES, "mean-squared", "tanh",
     lambda z, t: F.mse_loss(torch.tanh(z), t, reduction="none").mean(dim=1))
case("poisson", NEAR, COUNTS, "poisson", "softplus",
     lambda z, t: F.poisson_nll_loss(F.softplus(z), t, log_input=False, eps=0, reduction="none").sum(dim=1))
for tau in (0.1, 0.5, 0.9):
    case(f"quantile {tau}", NEAR, VALUES, "quantile", "identity",
         lambda z, t: torch.maximum(tau * (t - z), (tau - 1) * (t - z)).sum(dim=1), tau=tau)
    # The same number by scikit-learn: a mean over the outputs, which ours adds up.
    ours = cases[-1]
    theirs = 3 * mean_pinball_loss(VALUES, NEAR, alpha=tau)
    assert abs(ours["mean"] - theirs) < 1e-14
    ours["mean"] = float(theirs)

# Class weights as PyTorch has them: the mean is divided by the weights.
z = torch.tensor(FAR, requires_grad=True)
mean = F.cross_entropy(z, torch.tensor(CLASSES), weight=torch.tensor(CLASS_WEIGHTS))
(gradient,) = torch.autograd.grad(mean, z)
cases.append({
    "name": "categorical, weighted classes", "loss": CCE, "activation": "softmax", "columns": 3,
    "z": z.flatten().tolist(), "targets": [x for row in ONE_HOT for x in row], "class_weights": CLASS_WEIGHTS,
    "mean": mean.item(), "gradient": gradient.flatten().tolist(),
})

made_with = f"PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}, Python {sys.version.split()[0]}"
json.dump({"made_with": made_with, "cases": cases}, sys.stdout, indent=1)
print()
