"""What all participants share: the task they are given, and how they take turns.

A participant prints what it is, waits for a line, gets ready (one epoch, or one
prediction), prints what it computed, then measures for about as many seconds as
each further line says. The engine's own participant is `serve.rs` in
crates/chainrule-engine/benches/workloads; both speak the same words.
"""

import argparse
import json
import sys
import time

import numpy as np


class Task:
    """A network, how it is trained, and the numbers it is trained with."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--measure", choices=["train", "predict"])
        parser.add_argument("--layers", type=lambda text: [int(n) for n in text.split(",")])
        parser.add_argument("--hidden", default="relu")
        parser.add_argument("--output", default="softmax")
        parser.add_argument("--biases", default="yes")
        parser.add_argument("--loss")
        parser.add_argument("--optimizer", default="sgd")
        parser.add_argument("--rate", type=float, default=0.001)
        parser.add_argument("--batch", type=int, default=1)
        parser.add_argument("--threads", type=int, default=1)
        parser.add_argument("--numbers", default="f32")
        parser.add_argument("--data")
        self.__dict__.update(vars(parser.parse_args()))
        self.type = np.float32 if self.numbers == "f32" else np.float64
        self.has_biases = self.biases == "yes"

    def read(self, name, width):
        """Returns one of the task's tables, a row a sample."""
        return np.fromfile(f"{self.data}.{name}", self.type).reshape(-1, width)

    def samples(self):
        """Returns inputs and targets."""
        return self.read("inputs", self.layers[0]), self.read("targets", self.layers[-1])

    def parameters(self):
        """Returns the first weights (outputs, inputs) and biases of each layer."""
        flat = np.fromfile(f"{self.data}.parameters", self.type)
        layers = []
        for inputs, outputs in zip(self.layers, self.layers[1:]):
            weights, flat = flat[: outputs * inputs].reshape(outputs, inputs), flat[outputs * inputs :]
            count = outputs if self.has_biases else 0
            biases, flat = flat[:count], flat[count:]
            layers.append((weights.copy(), biases.copy()))
        return layers


def begin(version):
    """Tells that the data are loaded, and waits for the word to get ready."""
    print(json.dumps({"version": version}), flush=True)
    sys.stdin.readline()


def measure(check, units, run):
    """Tells what was computed, then measures. `run(count)` does its work, of so
    many units, `count` times."""
    print(json.dumps({"check": [float(x) for x in np.ravel(check)]}), flush=True)
    count = 1
    for line in sys.stdin:
        wanted = float(line)
        while True:
            start = time.perf_counter()
            run(count)
            seconds = time.perf_counter() - start
            if seconds >= 0.7 * wanted:
                break
            # The first time, nobody knows how often that is.
            count *= int(min(max(1.1 * wanted / seconds, 2), 100))
        print(json.dumps({"seconds": seconds / count / units}), flush=True)
