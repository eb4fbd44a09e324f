"""Fits a small network with MINPACK's Levenberg-Marquardt, through SciPy, and
prints where it started and ended, as JSON.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python testdata/optimizers/least_squares.py > testdata/optimizers/least_squares.json
"""

import json
import sys

import numpy as np
import scipy
from scipy.optimize import least_squares

HIDDEN = 3
x = np.linspace(-1, 1, 15)
# No network of this shape goes through all of them.
t = np.sin(3 * x) + 0.3 * np.cos(11 * x)


def residuals(p):
    w, b, v, c = p[:HIDDEN], p[HIDDEN : 2 * HIDDEN], p[2 * HIDDEN : 3 * HIDDEN], p[-1]
    return np.tanh(np.outer(x, w) + b) @ v + c - t


start = np.array([1.0, -0.5, 1.5, 0.1, -0.2, 0.3, 0.7, -0.4, 0.2, 0.0])
found = least_squares(residuals, start, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=100000)
json.dump(
    {
        "made_with": f"SciPy {scipy.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}",
        "hidden": HIDDEN,
        "inputs": x.tolist(),
        "targets": t.tolist(),
        "start": start.tolist(),
        "end": found.x.tolist(),
        "half_sum_of_squares": found.cost,
        "evaluations": found.nfev,
        "largest_gradient": float(np.abs(found.grad).max()),
    },
    sys.stdout,
    indent=1,
)
print()
