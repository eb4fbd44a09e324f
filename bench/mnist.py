"""MNIST: what the plain network reaches in ten epochs, and what the best recipe
reaches. Reads the four files from the folder `mnist` in CHAINRULE_DATA.

The first is the mean over seeds, which differ by half a percent among each other;
the second takes minutes."""

import gzip
import os
from pathlib import Path

import numpy as np

import report
from real_data import run_fit
from turns import OUTPUT

RECIPES = [
    ("784-128-10 relu, Adam, batch 64, 10 epochs", 0.975, 10,
     {"layers": "784,128,10", "optimizer": "adam", "rate": 0.001, "batch": 64, "epochs": 10}),
    # Dropout ½, cosine with one epoch of warm-up, label smoothing 0.1.
    ("784-1024-1024-10 relu, AdamW, batch 128, 30 epochs", 0.985, 1,
     {"layers": "784,1024,1024,10", "optimizer": "adamw", "rate": 0.001, "batch": 128, "epochs": 30,
      "dropout": 0.5, "cosine-warm-up": 1, "label-smoothing": 0.1}),
]
HEADS = ["recipe", "seeds", "test accuracy", "range", "asked for", "reached", "seconds"]


def read(folder, kind):
    """Returns images, from 0 to 1, and labels."""
    images, labels = (gzip.open(folder / f"{kind}-{name}-ubyte.gz").read() for name in ("images-idx3", "labels-idx1"))
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784)
    return pixels.astype(np.float32) / 255, np.frombuffer(labels, np.uint8, offset=8)


def train(engine):
    """Prints the table and keeps it."""
    folder = Path(os.environ.get("CHAINRULE_DATA", "../shared/data")) / "mnist"
    if not folder.exists():
        print(f"\nMNIST: not measured, there is no {folder}; CHAINRULE_DATA names the folder of data")
        return
    inputs, labels = read(folder, "train")
    test_inputs, test_labels = read(folder, "t10k")
    data = OUTPUT / "data" / "mnist"
    inputs.tofile(f"{data}.inputs")
    np.eye(10, dtype=np.float32)[labels].tofile(f"{data}.targets")
    test_inputs.tofile(f"{data}.test-inputs")
    rows = []
    for title, asked, seeds, options in RECIPES:
        accuracies, seconds = [], 0
        for seed in range(1, seeds + 1):
            fixed = {"numbers": "f32", "shuffle": "yes", "seed": seed, "threads": os.cpu_count(), "data": data}
            seconds += run_fit(engine, fixed | options)["seconds"]
            found = np.fromfile(f"{data}.outputs", np.float32).reshape(-1, 10).argmax(1)
            accuracies.append((found == test_labels).mean())
        mean, spread = np.mean(accuracies), f"{min(accuracies):.2%}–{max(accuracies):.2%}"
        reached = "yes" if mean >= asked else "no"
        rows.append([title, str(seeds), f"{mean:.2%}", spread, f"{asked:.1%}", reached, f"{seconds:.0f}"])
    print("\nMNIST\n")
    print(report.terminal(HEADS, rows))
    (OUTPUT / "mnist.md").write_text(report.markdown(HEADS, rows) + "\n")
