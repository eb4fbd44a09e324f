"""The workloads: what is measured, by whom, and which ratio is asked for."""

from dataclasses import dataclass, field

import numpy as np

# A participant is (program, threads); the engine is "chainrule".
JAX, TORCH, SKLEARN, NUMPY, ONNX, FANN = "JAX", "PyTorch", "scikit-learn", "NumPy", "ONNX Runtime", "FANN"


@dataclass
class Bar:
    """A ratio asked for: the time of `peer` over the engine's. The peer "best"
    is the fastest that was measured, "1 thread" the engine itself."""

    peer: str
    least: float


@dataclass
class Workload:
    name: str
    title: str
    # What participants are told, beside threads and data.
    options: dict
    data: str
    peers: list
    bars: list
    threads: int = 1
    # How a figure is told: k samples/s, or the time of one.
    unit: str = "samples"
    # How far relatively the check may be from the engine's; with reasons where
    # a participant cannot do the same.
    tolerance: float = 1e-5
    excused: dict = field(default_factory=dict)
    # Also measured with this many threads, to compare the engine with itself.
    has_own_single: bool = False


def network(layers, **more):
    return {"layers": ",".join(map(str, layers)), **more}


def w3(optimizer, rate, threads, jax_bar, torch_bar):
    bars = [Bar(JAX, jax_bar)] + ([Bar(TORCH, torch_bar)] if torch_bar else [])
    name = f"W3-{optimizer}" + (f"-{threads}" if threads > 1 else "")
    return Workload(
        name,
        f"784-128-10 relu, batch 64, {optimizer}",
        network([784, 128, 10], measure="train", batch=64, optimizer=optimizer, rate=rate),
        "W3",
        [JAX, TORCH, SKLEARN, NUMPY] if threads == 1 else [JAX, TORCH],
        bars + ([Bar("1 thread", 1.7)] if threads > 1 else []),
        threads,
        has_own_single=threads > 1,
    )


def w4(threads, bar):
    return Workload(
        "W4" + (f"-{threads}" if threads > 1 else ""),
        "1024-4096-4096-1000 relu, batch 512, sgd",
        network([1024, 4096, 4096, 1000], measure="train", batch=512, optimizer="sgd", rate=0.05),
        "W4",
        [JAX, TORCH],
        [Bar(TORCH, bar)],
        threads,
        has_own_single=threads > 1,
    )


def w6(width, bar):
    return Workload(
        f"W6-{width}",
        f"784-{width}-10 relu, batch 64, momentum",
        # Ten times less than W3: 2048 neurons at its rate go up and down, and rounding
        # grows to 1e-3 of the loss, for everyone another.
        network([784, width, 10], measure="train", batch=64, optimizer="momentum", rate=0.001),
        f"W6-{width}",
        [TORCH, JAX],
        [Bar(TORCH, bar)],
        unit="time",
    )


WORKLOADS = [
    Workload(
        "W1",
        "2-2-1 sigmoid, no bias, f64, one online step",
        network([2, 2, 1], measure="train", hidden="sigmoid", output="sigmoid", biases="no",
                loss="half-squared", batch=1, optimizer="sgd", rate=1, numbers="f64"),
        "W1",
        [JAX, FANN],
        [Bar(JAX, 1.0)],
        unit="time",
        excused={FANN: "it has no network without biases, and trains them too"},
    ),
    Workload(
        "W2",
        "digits 64-64-10 relu, batch 32, adam",
        network([64, 64, 10], measure="train", batch=32, optimizer="adam", rate=1e-4),
        "W2",
        [JAX, TORCH, SKLEARN, NUMPY],
        [Bar(JAX, 3.0), Bar(TORCH, 30.0), Bar(SKLEARN, 30.0)],
    ),
    w3("momentum", 0.01, 1, 1.45, 3.0),
    w3("adam", 1e-4, 1, 1.8, 3.0),
    w3("momentum", 0.01, 2, 1.9, None),
    w3("adam", 1e-4, 2, 1.9, None),
    w4(1, 1.25),
    w4(2, 1.3),
    Workload(
        "W5a",
        "one sample through 4-16-3 sigmoid",
        network([4, 16, 3], measure="predict", hidden="sigmoid", output="sigmoid"),
        "W5a",
        [FANN, ONNX],
        [Bar(FANN, 12.0)],
        unit="time",
    ),
    Workload(
        "W5b",
        "one sample through 784-128-10 relu",
        network([784, 128, 10], measure="predict"),
        "W5b",
        [ONNX, NUMPY],
        [Bar(ONNX, 2.5)],
        unit="time",
    ),
    w6(32, 9.0),
    w6(128, 3.5),
    w6(512, 2.2),
    w6(2048, 1.7),
]


def prepare(folder):
    """Writes the numbers of all workloads, once."""
    done = folder / "prepared"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)

    def write(data, name, numbers):
        np.ascontiguousarray(numbers).tofile(folder / f"{data}.{name}")

    def parameters(layers):
        """Weights as He et al. draw them; biases 0."""
        parts = []
        for inputs, outputs in zip(layers, layers[1:]):
            parts.append(random.standard_normal(outputs * inputs) * np.sqrt(2 / inputs))
            parts.append(np.zeros(outputs))
        return np.concatenate(parts).astype(np.float32)

    def classes(labels, count):
        return np.eye(count, dtype=np.float32)[labels]

    def learnable(samples, inputs, outputs):
        """Inputs from 0 to 1, of the class that a random plane says; one in ten
        says another, so that training never comes to its end."""
        x = random.random((samples, inputs), np.float32)
        planes = random.standard_normal((inputs, outputs)).astype(np.float32)
        labels = ((x - 0.5) @ planes).argmax(1)
        wrong = random.random(samples) < 0.1
        labels[wrong] = random.integers(0, outputs, wrong.sum())
        return x, classes(labels, outputs)

    write("W1", "inputs", random.random(20_000))
    write("W1", "targets", random.random(10_000))
    write("W1", "parameters", np.array([0.1, 0.8, 0.4, 0.6, 0.3, 0.9]))

    from sklearn.datasets import load_digits

    digits = load_digits()
    write("W2", "inputs", (digits.data[:1792] / 16).astype(np.float32))
    write("W2", "targets", classes(digits.target[:1792], 10))
    write("W2", "parameters", parameters([64, 64, 10]))

    x, t = learnable(12_800, 784, 10)
    for data, width in [("W3", 128)] + [(f"W6-{width}", width) for width in (32, 128, 512, 2048)]:
        write(data, "inputs", x)
        write(data, "targets", t)
        write(data, "parameters", parameters([784, width, 10]))

    x, t = learnable(512, 1024, 1000)
    write("W4", "inputs", x)
    write("W4", "targets", t)
    write("W4", "parameters", parameters([1024, 4096, 4096, 1000]))

    for data, layers in [("W5a", [4, 16, 3]), ("W5b", [784, 128, 10])]:
        write(data, "inputs", random.random(layers[0], np.float32))
        write(data, "targets", np.zeros(layers[-1], np.float32))
        write(data, "parameters", parameters(layers))
    done.touch()
