"""Writes columns.json: what scikit-learn makes of a few columns, and how it
divides rows. Run once, with scikit-learn 1.9.1:

    python columns.py > columns.json
"""

import json
import sys

import numpy as np
from scipy.stats import norm, skew
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GroupKFold, StratifiedKFold, TimeSeriesSplit
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

rng = np.random.default_rng(20240607)
rows = 1237
columns = {
    "plain": rng.normal(3, 2, rows),
    "offset": 1e9 + rng.normal(0, 1, rows),
    "skewed": rng.lognormal(1, 1, rows),
    "ties": rng.integers(0, 6, rows).astype(float),
    "small": rng.normal(0, 1e-9, rows),
}
scalers = {
    "standard": StandardScaler(),
    "robust": RobustScaler(),
    "min-max": MinMaxScaler(),
    "quantile-uniform": QuantileTransformer(n_quantiles=1000, subsample=None),
    "quantile-normal": QuantileTransformer(
        n_quantiles=1000, subsample=None, output_distribution="normal"
    ),
}
# Every 31st row is enough to compare.
scaled = {
    name: {
        column: scaler.fit_transform(values.reshape(-1, 1)).ravel()[::31].tolist()
        for column, values in columns.items()
    }
    for name, scaler in scalers.items()
}

holes = columns["plain"].copy()
holes[rng.random(rows) < 0.1] = np.nan
imputed = {
    strategy: SimpleImputer(strategy=strategy, add_indicator=True)
    .fit_transform(holes.reshape(-1, 1))[::31]
    .tolist()
    for strategy in ("mean", "median")
}

words = ["oslo", "bern", "rome", "lima", "kyiv", "baku", "apia"]
shares = [0.4, 0.3, 0.15, 0.1, 0.04, 0.005, 0.005]
towns = rng.choice(words, 400, p=shares)
one_hot = OneHotEncoder(
    min_frequency=5, handle_unknown="infrequent_if_exist", sparse_output=False
)
one_hot.fit(towns.reshape(-1, 1))
new_towns = words + ["quito"]
hot = one_hot.transform(np.array(new_towns).reshape(-1, 1))

labels = np.repeat([0, 1, 2], [151, 123, 67])
groups = rng.integers(0, 23, 341)
json.dump(
    {
        "columns": {name: values.tolist() for name, values in columns.items()},
        "skewness": {name: skew(values) for name, values in columns.items()},
        "scaled": scaled,
        "holes": [None if np.isnan(value) else value for value in holes],
        "imputed": imputed,
        "towns": towns.tolist(),
        "new_towns": new_towns,
        "one_hot_names": one_hot.get_feature_names_out(["town"]).tolist(),
        "one_hot": hot.tolist(),
        "labels": labels.tolist(),
        "label_counts": [
            np.bincount(labels[fold], minlength=3).tolist()
            for _, fold in StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels)
        ],
        "groups": groups.tolist(),
        "group_fold_sizes": sorted(
            len(fold) for _, fold in GroupKFold(4).split(groups, groups, groups)
        ),
        "time_folds": [
            [len(train), int(fold[0]), int(fold[-1])]
            for train, fold in TimeSeriesSplit(5).split(np.zeros(341))
        ],
        "normal_quantiles": [
            [float(p), float(norm.ppf(p))]
            for p in np.concatenate([np.logspace(-12, -0.31, 60), [0.5, 0.6, 0.9, 0.999]])
        ],
    },
    sys.stdout,
)
print()
