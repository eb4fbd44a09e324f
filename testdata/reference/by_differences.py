"""Steps of the built-in networks without backpropagation: every delta and every
gradient is a central difference of the loss, in 90-digit arithmetic.

Needs Python 3.11 or newer, and nothing else.
"""

import json
import tomllib
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 90
H = Decimal("1e-30")  # error of a difference: about H² = 1e-60
WORKED = Path(__file__).parents[2] / "crates" / "chainrule" / "worked"


def sigmoid(z):
    return 1 / (1 + (-z).exp())


def tanh(z):
    return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())


ACTIVATION = {"sigmoid": sigmoid, "tanh": tanh}


def half_squared(targets, outputs):
    return sum((t - a) ** 2 / 2 for t, a in zip(targets, outputs))


def binary_cross_entropy(targets, outputs):
    # Targets are 0 or 1 here: one of the two terms is there.
    return -sum(a.ln() if t == 1 else (1 - a).ln() for t, a in zip(targets, outputs))


LOSS = {"half-squared": half_squared, "binary-cross-entropy": binary_cross_entropy}


class Network:
    def __init__(self, name):
        file = tomllib.loads((WORKED / f"{name}.toml").read_text(), parse_float=Decimal)
        self.rate = Decimal(file["learning-rate"])
        self.loss_function = LOSS[file["loss"]]
        self.functions = [ACTIVATION[one.get("activation", "sigmoid")] for one in file["layers"]]
        self.weights = [[[Decimal(w) for w in row] for row in one["weights"]] for one in file["layers"]]
        self.biases = [[Decimal(b) for b in one.get("biases", [])] for one in file["layers"]]
        self.samples = [
            ([Decimal(x) for x in one["inputs"]], [Decimal(t) for t in one["targets"]])
            for one in file["samples"]
        ]

    def forward(self, sample, moved=None):
        """Pre-activations, activations and loss; `moved` is (layer, neuron, by how much)."""
        a, zs, activations = sample[0], [], []
        for layer, (rows, f) in enumerate(zip(self.weights, self.functions)):
            z = [sum(w * x for w, x in zip(row, a)) for row in rows]
            if self.biases[layer]:
                z = [one + b for one, b in zip(z, self.biases[layer])]
            if moved and moved[0] == layer:
                z[moved[1]] += moved[2]
            a = [f(one) for one in z]
            zs.append(z)
            activations.append(a)
        return zs, activations, self.loss_function(sample[1], a)

    def slope(self, numbers, index, sample):
        """The derivative of the loss towards one weight or bias."""
        kept = numbers[index]
        numbers[index] = kept + H
        above = self.forward(sample)[2]
        numbers[index] = kept - H
        below = self.forward(sample)[2]
        numbers[index] = kept
        return (above - below) / (2 * H)

    def slopes(self, sample):
        weights = [[[self.slope(row, i, sample) for i in range(len(row))] for row in rows] for rows in self.weights]
        biases = [[self.slope(one, j, sample) for j in range(len(one))] for one in self.biases]
        return weights, biases

    def deltas(self, sample):
        """−∂E/∂z of every neuron."""
        return [
            [
                (self.forward(sample, (layer, j, -H))[2] - self.forward(sample, (layer, j, H))[2]) / (2 * H)
                for j in range(len(rows))
            ]
            for layer, rows in enumerate(self.weights)
        ]

    def descend(self, weights, biases):
        for layer in range(len(self.weights)):
            for row, slopes in zip(self.weights[layer], weights[layer]):
                row[:] = [w - self.rate * slope for w, slope in zip(row, slopes)]
            self.biases[layer] = [b - self.rate * slope for b, slope in zip(self.biases[layer], biases[layer])]

    def step(self, number):
        sample = self.samples[number % len(self.samples)]
        z, a, loss = self.forward(sample)
        weights, biases = self.slopes(sample)
        result = {"z": z, "a": a, "loss": loss, "delta": self.deltas(sample), "gradient": weights, "bias_gradient": biases}
        self.descend(weights, biases)
        _, a, loss = self.forward(sample)
        result |= {"weights": self.weights, "biases": self.biases, "a_after": a, "loss_after": loss}
        return text(result)


def text(value):
    if isinstance(value, dict):
        return {key: text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [text(one) for one in value]
    return f"{value:.30e}"


def main():
    result = {
        "about": "31 significant digits, as strings, by central differences. delta = −dE/dz, gradient = dE/dw, old weights.",
        "general": {"steps": [Network("general").step(0)]},
        "han-kamber": {"steps": [Network("han-kamber").step(0)]},
    }
    xor = Network("xor")
    result["xor"] = {"steps": [xor.step(number) for number in range(4)]}
    for number in range(4, 136):
        sample = xor.samples[number % 4]
        xor.descend(*xor.slopes(sample))
    result["xor"]["after_136"] = text({"weights": xor.weights, "biases": xor.biases})
    result["xor"]["outputs_after_136"] = text([xor.forward(sample)[1][-1] for sample in xor.samples])
    print(json.dumps(result, indent=1))


main()
