"""One training step of the paper's models, beside torch.nn + autograd + torch.optim.

    python -m tests.benchmarks

One thread, the same work, taken in turns in one run: a thousand steps of ours, a thousand of
theirs, and so on. A time is that of whole epochs, over their steps; what an epoch costs beside
its steps (its order, its dropout masks) is in it. Ratios are of medians; the spread is that of
the rounds' own ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from netlang.backends import TensorBackend
from netlang.losses import encode
from netlang.network import Network
from netlang.passes import compile_source
from netlang.syntax import read

MODELS = Path(__file__).parents[2] / "models"
BATCHES = (1, 10, 100)
SAMPLES = 1000
STEPS = 1000  # in a turn

Epoch = Callable[[int], None]


def ours(model: str, batch: int) -> Epoch:
    """An epoch by the runner's own backend, from the file as it is shipped."""
    overrides = (f"batch={batch}", f"data.train={SAMPLES}")
    program = compile_source(read(str(MODELS / model)), overrides, to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(program.seed).train
    targets = encode(train.targets, 2)
    network = Network(program.graph, program.seed)
    optimizer = program.optimizer.item.over(network, program.optimizer.values)
    backend = TensorBackend(network, program.loss, optimizer, batch, program.seed)

    def epoch(number: int) -> None:
        for _ in backend.train_epoch(train.inputs, targets, number):
            pass

    return epoch


def theirs(model: str, batch: int, fused: bool) -> Epoch:
    """The same epoch as a PyTorch user writes it."""
    nn = torch.nn
    inputs, targets = torch.randn(SAMPLES, 2), encode(torch.randint(2, (SAMPLES,)), 2)
    if model == "model1.net":
        network = nn.Sequential(
            *(nn.Linear(2, 25), nn.ReLU(), nn.Linear(25, 25), nn.Dropout(0.5), nn.ReLU()),
            *(nn.Linear(25, 25), nn.ReLU(), nn.Linear(25, 2), nn.Tanh()),
        )
        criterion: Callable[..., torch.Tensor] = nn.MSELoss(reduction="sum")
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            network.parameters(), lr=1e-3, fused=fused or None
        )
    else:
        network = nn.Sequential(
            *(nn.Linear(2, 25), nn.ReLU(), nn.Linear(25, 25), nn.Dropout(0.5), nn.ELU()),
            *(nn.Linear(25, 25), nn.Dropout(0.5), nn.ReLU(), nn.Linear(25, 2), nn.Softmax(-1)),
        )
        criterion = cross_entropy
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=fused or None)

    def epoch(number: int) -> None:
        order = torch.randperm(SAMPLES)
        for x, t in zip(inputs[order].split(batch), targets[order].split(batch), strict=True):
            optimizer.zero_grad()
            criterion(network(x), t).backward()
            optimizer.step()

    return epoch


def cross_entropy(y: torch.Tensor, t: torch.Tensor, eps: float = 1e-2) -> torch.Tensor:
    return -(t * (y + eps).log() + (1 - t) * (1 - y + eps).log()).sum() / len(y)


def measure(runs: dict[str, Epoch], epochs: int, rounds: int) -> dict[str, list[float]]:
    """Seconds per step, round by round, each round all of them in turn, ``epochs`` at a time."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for epoch in runs.values():
        epoch(1)
    for _ in range(rounds):
        for name, epoch in runs.items():
            began = time.perf_counter()
            for number in range(epochs):
                epoch(number + 1)
            times[name].append((time.perf_counter() - began) / STEPS)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, one thread, microseconds per step, {rounds} rounds")
    print(f"{'model':12}{'batch':>6}{'torch.nn':>10}{'fused':>8}{'netlang':>9}{'ratio':>7}  spread")
    for model in ("model1.net", "model2.net"):
        for batch in BATCHES:
            runs = {
                "torch": theirs(model, batch, fused=False),
                "fused": theirs(model, batch, fused=True),
                "netlang": ours(model, batch),
            }
            times = measure(runs, STEPS * batch // SAMPLES, rounds)
            ratios = sorted(a / b for a, b in zip(times["torch"], times["netlang"], strict=True))
            torch_us, fused_us, our_us = (statistics.median(times[name]) * 1e6 for name in runs)
            print(
                f"{model:12}{batch:6}{torch_us:10.0f}{fused_us:8.0f}{our_us:9.0f}"
                f"{torch_us / our_us:7.1f}  {ratios[0]:.1f} to {ratios[-1]:.1f}"
            )


if __name__ == "__main__":
    main()
