"""PyTorch as it is used: modules, autograd, its fused optimizers."""

from participant import Task, begin, measure

import torch

task = Task()
torch.set_num_threads(task.threads)
torch.set_num_interop_threads(1)
ACTIVATIONS = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}

x, t = (torch.from_numpy(table) for table in task.samples())
parameters = task.parameters()
begin(torch.__version__)

layers = []
for index, (weights, biases) in enumerate(parameters):
    outputs, inputs = weights.shape
    linear = torch.nn.Linear(inputs, outputs, bias=task.has_biases, dtype=x.dtype)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weights))
        if task.has_biases:
            linear.bias.copy_(torch.from_numpy(biases))
    layers.append(linear)
    if index + 1 < len(parameters):
        layers.append(ACTIVATIONS[task.hidden]())
    elif task.output == "sigmoid":
        layers.append(torch.nn.Sigmoid())
model = torch.nn.Sequential(*layers)

if task.output == "softmax":
    # Targets as numbers of classes are its fast way.
    t = t.argmax(1)
    loss = torch.nn.CrossEntropyLoss()
else:
    loss = lambda a, t: ((a - t) ** 2).sum(1).mean() / 2
optimizers = {
    "sgd": lambda: torch.optim.SGD(model.parameters(), task.rate, fused=True),
    "momentum": lambda: torch.optim.SGD(model.parameters(), task.rate, momentum=0.9, fused=True),
    "adam": lambda: torch.optim.Adam(model.parameters(), task.rate, fused=True),
}
optimizer = optimizers[task.optimizer]()


def run(count):
    for _ in range(count):
        for start in range(0, len(x), task.batch):
            optimizer.zero_grad()
            loss(model(x[start : start + task.batch]), t[start : start + task.batch]).backward()
            optimizer.step()


run(1)
with torch.no_grad():
    check = loss(model(x), t)
measure(check, len(x), run)
