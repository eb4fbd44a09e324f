"""Predicts rows with a model file, as docs/model-file.md describes it.

    ../../tools/python/venv/bin/python predict.py version-1.model > version-1.json

It shares no code with the program: it reads the file with the package
`safetensors`, encodes the rows below, and computes the network with numpy, in
double precision.
"""

import json
import sys

import numpy
from safetensors import safe_open

ROWS = {
    "bill length (mm)": [0.25, -0.75, None, 10.0, 0.0],
    "depth": [-0.5, 0.125, 0.75, 0.0, 4.0],
    "island": ["Biscoe", "Dream", None, "Atlantis", "Torgersen"],
}


def encode(feature, cells):
    code = feature["kind"]
    rows = []
    for cell in cells:
        missing = cell is None
        if code == "number":
            assert feature["scale"]["by"] == "linear"
            number = feature["fill"] if missing else cell
            minus, over = feature["scale"]["minus"], feature["scale"]["over"]
            row = [min(max((number - minus) / over, -1e9), 1e9)]
        elif code == "category":
            values = feature["values"]
            row = [0.0] * (len(values) + 1)
            if not missing:
                row[values.index(cell) if cell in values else len(values)] = 1.0
            elif not feature["missing"]:
                row[len(values)] = 1.0
        else:
            raise ValueError(code)
        rows.append(row + [float(missing)] * feature["missing"])
    return numpy.array(rows)


ACTIVATIONS = {
    "silu": lambda z: z / (1 + numpy.exp(-z)),
    "tanh": numpy.tanh,
    "softmax": lambda z: numpy.exp(z) / numpy.exp(z).sum(axis=1, keepdims=True),
}


def main():
    with safe_open(sys.argv[1], framework="numpy") as file:
        metadata = file.metadata()
        encoder = json.loads(metadata["encoder"])
        a = numpy.concatenate(
            [encode(feature, ROWS[feature["column"]]) for feature in encoder["features"]], axis=1)
        for index, layer in enumerate(json.loads(metadata["architecture"])["layers"]):
            z = a @ file.get_tensor(f"layers.{index}.weights").astype(float).T
            if layer["bias"] != "absent":
                z = z + file.get_tensor(f"layers.{index}.biases").astype(float)
            a = ACTIVATIONS[layer["activation"]](z)
    json.dump({"rows": ROWS, "probabilities": a.ravel().tolist()}, sys.stdout, indent=1)
    print()


main()
