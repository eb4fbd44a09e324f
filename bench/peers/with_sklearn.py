"""scikit-learn's MLPClassifier."""

from participant import Task, begin, measure

import numpy as np
import sklearn
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

task = Task()
x, t = task.samples()
classes = np.arange(t.shape[1])
labels = t.argmax(1)
first = task.parameters()
begin(sklearn.__version__)
model = MLPClassifier(
    task.layers[1:-1],
    activation=task.hidden,
    solver="adam" if task.optimizer == "adam" else "sgd",
    momentum=0.9 if task.optimizer == "momentum" else 0.0,
    nesterovs_momentum=False,
    learning_rate_init=task.rate,
    alpha=0.0,
    batch_size=task.batch,
    shuffle=False,
)
# A step makes the arrays that the first weights go into.
model.partial_fit(x[: task.batch], labels[: task.batch], classes=classes)
for (weights, biases), own, own_biases in zip(first, model.coefs_, model.intercepts_):
    own[:], own_biases[:] = weights.T, biases
# What the step left in the optimizer goes.
del model._optimizer


def run(count):
    for _ in range(count):
        model.partial_fit(x, labels)


run(1)
measure(log_loss(labels, model.predict_proba(x), labels=classes), len(x), run)
