"""JAX, each epoch compiled as one loop."""

from participant import Task, begin, measure

import os

task = Task()
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1" if task.numbers == "f64" else "0"

import jax
import jax.numpy as jnp

ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def pre_activations(parameters, x):
    """The last layer's."""
    for layer, (weights, biases) in enumerate(parameters):
        z = x @ weights.T + biases if task.has_biases else x @ weights.T
        if layer + 1 < len(parameters):
            x = ACTIVATIONS[task.hidden](z)
    return z


def loss(parameters, x, t):
    z = pre_activations(parameters, x)
    if task.output == "softmax":
        return -jnp.mean(jnp.sum(jax.nn.log_softmax(z) * t, axis=-1))
    return jnp.mean(jnp.sum((jax.nn.sigmoid(z) - t) ** 2, axis=-1)) / 2


def step(state, x, t):
    parameters, first, second, count = state
    gradient = jax.grad(loss)(parameters, x, t)
    tree, rate = jax.tree.map, task.rate
    if task.optimizer == "sgd":
        parameters = tree(lambda w, g: w - rate * g, parameters, gradient)
    elif task.optimizer == "momentum":
        first = tree(lambda m, g: 0.9 * m + g, first, gradient)
        parameters = tree(lambda w, m: w - rate * m, parameters, first)
    elif task.optimizer == "adam":
        count = count + 1
        first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = tree(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        of_mean = rate / (1 - 0.9**count)
        root = 1 / jnp.sqrt(1 - 0.999**count)
        move = lambda w, m, v: w - of_mean * m / (jnp.sqrt(v) * root + 1e-8)
        parameters = tree(move, parameters, first, second)
    return parameters, first, second, count


@jax.jit
def epoch(state, x, t):
    return jax.lax.scan(lambda state, batch: (step(state, *batch), None), state, (x, t))[0]


x, t = task.samples()
parameters = [tuple(jnp.array(part) for part in layer) for layer in task.parameters()]
# A single sample is a vector, not a matrix of one row: that is faster.
shape = (-1, task.batch) if task.batch > 1 else (-1,)
x, t = (jnp.array(table.reshape(*shape, table.shape[1])) for table in (x, t))
jax.block_until_ready((x, t))
begin(jax.__version__)
# Optimizers remember what they need, no more.
zeros = lambda needed: jax.tree.map(jnp.zeros_like, parameters) if needed else ()
first, second = zeros(task.optimizer != "sgd"), zeros(task.optimizer == "adam")
state = (parameters, first, second, jnp.zeros((), task.type))
state = jax.block_until_ready(epoch(state, x, t))


def run(count):
    global state
    for _ in range(count):
        state = epoch(state, x, t)
    jax.block_until_ready(state)


flat = lambda table: table.reshape(-1, table.shape[-1])
measure(loss(state[0], flat(x), flat(t)), x.shape[0] * task.batch, run)
