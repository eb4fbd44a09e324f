"""Trains four small networks with PyTorch's optimizers and schedules, in
double precision, and prints where every run went, as JSON.

    python3 -m venv venv
    venv/bin/pip install torch==2.5.1 numpy==2.4.6
    venv/bin/python testdata/optimizers/trajectories.py > testdata/optimizers/trajectories.json

Nothing is drawn by PyTorch: weights and data come from the generator below, so
that another version gives the same problems.
"""

import json
import sys

import torch
from torch import nn
from torch.optim import lr_scheduler

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Numbers:
    """Numbers from -1 to 1 (Knuth's MMIX generator)."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, *shape):
        count = 1
        for size in shape:
            count *= size
        values = []
        for _ in range(count):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
            values.append((self.state >> 11) / 2**52 - 1)
        return torch.tensor(values).reshape(shape)


ACTIVATIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}

# name: widths, hidden activation, output activation, loss, bias, samples
PROBLEMS = {
    # Linear least squares: a quadratic, ill-conditioned by the inputs below.
    "quadratic": dict(widths=[3, 1], hidden=None, output="identity", loss="mean-squared", bias=True, samples=6),
    # E = ½(w₂w₁x − t)²: a bent valley, as Rosenbrock's.
    "valley": dict(widths=[1, 1, 1], hidden="identity", output="identity", loss="half-squared", bias=False, samples=2),
    # A classifier.
    "classifier": dict(widths=[3, 4, 3], hidden="tanh", output="softmax", loss="categorical-cross-entropy", bias=True,
                       samples=10),
    # More samples than it can fit: Rprop asks for the signs of gradients, and near a loss of 0 these are rounding.
    "regression": dict(widths=[2, 4, 2], hidden="sigmoid", output="identity", loss="half-squared", bias=True,
                       samples=20),
}


def problem(name):
    spec = PROBLEMS[name]
    widths, count = spec["widths"], spec["samples"]
    numbers = Numbers(len(name))
    inputs = numbers(count, widths[0])
    if name == "quadratic":
        inputs = inputs * torch.tensor([3.0, 1.0, 0.2])
    if name == "valley":
        inputs = torch.tensor([[1.0], [2.0]])
    if spec["output"] == "softmax":
        classes = [row.argmax().item() for row in inputs]
        targets = torch.zeros(count, widths[-1])
        for row, k in enumerate(classes):
            targets[row, k] = 1
    elif name == "valley":
        targets = 1.5 * inputs
    else:
        targets = numbers(count, widths[-1])
    weights = []
    for before, after in zip(widths, widths[1:]):
        weights.append(numbers(after, before))
        weights.append(0.5 * numbers(after) if spec["bias"] else None)
    if name == "valley":
        weights[0], weights[2] = torch.tensor([[-0.4]]), torch.tensor([[2.5]])
    return spec, inputs, targets, weights


def network(spec, weights):
    layers = []
    for w, b in zip(weights[::2], weights[1::2]):
        layer = nn.Linear(w.shape[1], w.shape[0], bias=b is not None)
        with torch.no_grad():
            layer.weight.copy_(w)
            if b is not None:
                layer.bias.copy_(b)
        layers.append(layer)
    return nn.ModuleList(layers)


def batch_loss(spec, layers, inputs, targets):
    a = inputs
    for layer in layers[:-1]:
        z = layer(a)
        a = ACTIVATIONS.get(spec["hidden"], lambda z: z)(z)
    z = layers[-1](a)
    if spec["loss"] == "categorical-cross-entropy":
        return nn.functional.cross_entropy(z, targets)
    if spec["loss"] == "mean-squared":
        return nn.functional.mse_loss(z, targets)
    return 0.5 * ((targets - z) ** 2).sum(dim=1).mean()


def parameters_of(layers):
    return [x.item() for layer in layers for p in layer.parameters() for x in p.flatten()]


SGD, Adam = torch.optim.SGD, torch.optim.Adam

OPTIMIZERS = {
    "sgd": lambda p, rate: SGD(p, lr=rate),
    "momentum": lambda p, rate: SGD(p, lr=rate, momentum=0.9),
    "nesterov": lambda p, rate: SGD(p, lr=rate, momentum=0.9, nesterov=True),
    "adagrad": lambda p, rate: torch.optim.Adagrad(p, lr=rate),
    "rmsprop": lambda p, rate: torch.optim.RMSprop(p, lr=rate),
    "adam": lambda p, rate: Adam(p, lr=rate),
    # The decay is that of each group of parameters, see below.
    "adamw": lambda p, rate: torch.optim.AdamW(p, lr=rate),
    "nadam": lambda p, rate: torch.optim.NAdam(p, lr=rate),
    "rprop": lambda p, rate: torch.optim.Rprop(p, lr=rate),
}

RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.3, "rmsprop": 0.02, "adam": 0.05, "adamw": 0.05,
         "nadam": 0.05, "rprop": 0.05}

STEPS = 50


def schedule(name, optimizer, epochs, batches, rate):
    steps = epochs * batches
    if name == "step":
        return lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5), "epoch"
    if name == "exponential":
        return lr_scheduler.ExponentialLR(optimizer, gamma=0.9), "epoch"
    if name == "inverse":
        return lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + 0.25 * epoch)), "epoch"
    if name == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=0.1 * rate), "step"
    if name == "cosine-warm-up":
        warm_up = 2 * batches
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / warm_up, total_iters=warm_up - 1)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warm_up, eta_min=0.1 * rate)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warm_up]), "step"
    if name == "one-cycle":
        return lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps, cycle_momentum=False), "step"
    if name == "plateau":
        # By default PyTorch ignores changes of the rate below 1e-8.
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, eps=0), "plateau"
    raise KeyError(name)


def run(problem_name, optimizer_name, rate=None, l2=0.0, decay=0.0, clip=None, schedule_name=None, batch=None):
    spec, inputs, targets, weights = problem(problem_name)
    layers = network(spec, weights)
    rate = rate or RATES[optimizer_name]
    of_weights = [layer.weight for layer in layers]
    of_biases = [layer.bias for layer in layers if layer.bias is not None]
    # Weights decay, biases do not.
    decays = decay if optimizer_name == "adamw" else l2
    groups = [{"params": of_weights, "weight_decay": decays}, {"params": of_biases, "weight_decay": 0.0}]
    if optimizer_name == "rprop":  # has no decay
        groups = [{"params": group["params"]} for group in groups]
    groups = [group for group in groups if group["params"]]
    optimizer = OPTIMIZERS[optimizer_name](groups, rate)
    batch = batch or len(inputs)
    batches = -(-len(inputs) // batch)
    epochs = -(-STEPS // batches)
    scheduler, goes_with = schedule(schedule_name, optimizer, epochs, batches, rate) if schedule_name else (None, None)
    losses, rates, path = [], [], []
    everything = [p for layer in layers for p in layer.parameters()]
    for _ in range(epochs):
        sum_of_losses = 0.0
        for start in range(0, len(inputs), batch):
            rows = slice(start, start + batch)
            optimizer.zero_grad()
            loss = batch_loss(spec, layers, inputs[rows], targets[rows])
            loss.backward()
            if clip and clip[0] == "norm":
                nn.utils.clip_grad_norm_(everything, clip[1])
            if clip and clip[0] == "value":
                nn.utils.clip_grad_value_(everything, clip[1])
            losses.append(loss.item())
            rates.append(optimizer.param_groups[0]["lr"])
            sum_of_losses += loss.item() * len(inputs[rows])
            optimizer.step()
            path.append(parameters_of(layers))
            if goes_with == "step" and len(losses) < epochs * batches:
                scheduler.step()
        if goes_with == "epoch":
            scheduler.step()
        if goes_with == "plateau":
            scheduler.step(sum_of_losses / len(inputs))
    kept = [0, 1, 2, 9, 24, STEPS - 1]
    return {
        "problem": problem_name, "optimizer": optimizer_name, "rate": rate, "l2": l2, "decay": decay,
        "clip": clip, "schedule": schedule_name, "batch": batch, "epochs": epochs,
        "losses": losses[:STEPS], "rates": rates[:STEPS] if schedule_name else [],
        "parameters": [[step + 1, path[step]] for step in kept],
    }


def lbfgs(problem_name, iterations, l2=0.0):
    """PyTorch's L-BFGS with a strong Wolfe search, until it stops: the number of iterations and where it got to."""
    spec, inputs, targets, weights = problem(problem_name)
    layers = network(spec, weights)
    optimizer = torch.optim.LBFGS(layers.parameters(), lr=1, max_iter=iterations, max_eval=10000, history_size=10,
                                  line_search_fn="strong_wolfe", tolerance_grad=1e-10, tolerance_change=0)

    def closure():
        optimizer.zero_grad()
        loss = batch_loss(spec, layers, inputs, targets)
        (loss + 0.5 * l2 * sum((layer.weight**2).sum() for layer in layers)).backward()
        return loss + 0.5 * l2 * sum((layer.weight**2).sum() for layer in layers)

    optimizer.step(closure)
    state = optimizer.state[next(iter(layers.parameters()))]
    with torch.no_grad():
        loss = batch_loss(spec, layers, inputs, targets).item()
    return {"problem": problem_name, "l2": l2, "iterations": state["n_iter"], "evaluations": state["func_evals"],
            "loss": loss, "parameters": parameters_of(layers)}


def main():
    runs = []
    for problem_name in PROBLEMS:
        for name in OPTIMIZERS:
            if (problem_name, name) == ("classifier", "rprop"):
                continue
            batch = 4 if problem_name == "classifier" else None
            runs.append(run(problem_name, name, batch=batch, decay=0.01 if name == "adamw" else 0.0))
    for name in OPTIMIZERS:
        if name in ("rprop", "adamw"):
            continue
        runs.append(run("classifier", name, batch=4, l2=0.05))
    runs.append(run("classifier", "adamw", batch=4, decay=0.5))
    # An unusual rate shows what depends on it.
    runs.append(run("valley", "rprop", rate=60.0))
    for name in ("sgd", "nesterov", "adam"):
        runs.append(run("classifier", name, batch=4, clip=["norm", 0.2]))
        runs.append(run("classifier", name, batch=4, clip=["value", 0.03], l2=0.05))
    for name in ("step", "exponential", "inverse", "cosine", "cosine-warm-up", "one-cycle"):
        runs.append(run("classifier", "momentum", batch=4, schedule_name=name))
    # So fast that the loss does not always fall; so slow that it hardly does.
    runs.append(run("quadratic", "momentum", rate=0.1, schedule_name="plateau"))
    runs.append(run("classifier", "sgd", rate=1e-4, schedule_name="plateau"))
    problems = {}
    for name in PROBLEMS:
        spec, inputs, targets, weights = problem(name)
        first = [x.item() for w in weights if w is not None for x in w.flatten()]
        problems[name] = {
            **spec, "inputs": inputs.flatten().tolist(), "targets": targets.flatten().tolist(), "parameters": first,
        }
    out = {
        "made_with": f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}",
        "problems": problems,
        "runs": runs,
        "lbfgs": [lbfgs("quadratic", 100), lbfgs("valley", 100), lbfgs("classifier", 300, l2=0.05)],
    }
    json.dump(out, sys.stdout, indent=None, separators=(",", ":"))
    print()


main()
