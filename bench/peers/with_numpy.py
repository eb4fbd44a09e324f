"""NumPy, written by hand: relu and softmax, every array made once."""

from participant import Task, begin, measure

import numpy as np

task = Task()
x, t = task.samples()
parameters = task.parameters()
begin(np.__version__)
first, second = ([tuple(np.zeros_like(p) for p in layer) for layer in parameters] for _ in "mv")
steps = 0


def forward(x):
    activations = [x]
    for layer, (weights, biases) in enumerate(parameters):
        z = activations[-1] @ weights.T
        z += biases
        if layer + 1 < len(parameters):
            np.maximum(z, 0, out=z)
        else:
            z -= z.max(axis=1, keepdims=True)
            np.exp(z, out=z)
            z /= z.sum(axis=1, keepdims=True)
        activations.append(z)
    return activations


def update(w, g, m, v):
    if task.optimizer == "momentum":
        m *= 0.9
        m += g
        w -= task.rate * m
    elif task.optimizer == "adam":
        m *= 0.9
        m += 0.1 * g
        v *= 0.999
        g *= g
        g *= 0.001
        v += g
        root = np.sqrt(v)
        root *= 1 / np.sqrt(1 - 0.999**steps)
        root += 1e-8
        np.divide(m, root, out=root)
        root *= task.rate / (1 - 0.9**steps)
        w -= root
    else:
        w -= task.rate * g


def step(x, t):
    global steps
    steps += 1
    activations = forward(x)
    delta = activations[-1]
    delta -= t
    delta /= len(x)
    for layer in reversed(range(len(parameters))):
        gradient = (delta.T @ activations[layer], delta.sum(axis=0))
        if layer > 0:
            back = delta @ parameters[layer][0]
            back *= activations[layer] > 0
            delta = back
        for parts in zip(parameters[layer], gradient, first[layer], second[layer]):
            update(*parts)


def run_training(count):
    for _ in range(count):
        for start in range(0, len(x), task.batch):
            step(x[start : start + task.batch], t[start : start + task.batch])


def run_prediction(count):
    for _ in range(count):
        forward(sample)


if task.measure == "train":
    run_training(1)
    measure(-np.mean(np.log(forward(x)[-1][t > 0])), len(x), run_training)
else:
    sample = x[:1]
    measure(forward(sample)[-1], 1, run_prediction)
