"""Each loss of another kind than the usual ones trains a network from its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlang.catalogue import registry
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.gradients.gradient_check import GradientCheck
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training

BODY = "Linear(_, 16) -> Tanh -> "
OF_PAIRS = "shared encoder = Linear(_, 16) -> Tanh -> Linear(16, 4)\n"
TRIPLETS = """Arrays(
    "triplets.npz",
    inputs=["anchor", "one", "other"],
    target="which",
    task="classification",
    test=0.2,
)"""
# By loss: the network, the data, and what its metric reaches.
FILES = {
    "MAE": (f"{BODY}Linear(16, _)", "Sine(train=100, test=50)", "test.r2", 0.8),
    "LogCosh + 0.1 * Huber": (f"{BODY}Linear(16, _)", "Sine(train=100, test=50)", "test.r2", 0.8),
    "GaussianNLL": (
        f"{BODY}[Linear(_, 1), Linear(_, 1) -> Softplus] -> Concat",
        "Sine(train=100, test=50)",
        "test.r2",
        0.8,
    ),
    "Quantile([0.1, 0.5, 0.9])": (
        f"{BODY}Linear(16, _)",
        "Sine(train=100, test=50)",
        "test.r2",
        0.8,
    ),
    "PoissonNLL": (f"{BODY}Linear(16, _)", 'CSV("counts.csv", target="n")', "test.r2", 0.3),
    "SigmoidCrossEntropy(2)": (
        f"{BODY}Linear(16, 1)",
        "Moons(train=200, test=100)",
        "test.accuracy",
        0.9,
    ),
    "Hinge": (f"{BODY}Linear(16, 1)", "Moons(train=200, test=100)", "test.accuracy", 0.9),
    "Focal": (f"{BODY}Linear(16, 2)", "Moons(train=200, test=100)", "test.accuracy", 0.9),
    "CosineEmbedding(0.2)": (
        '[Input("left") -> encoder, Input("right") -> encoder] -> Stack',
        "Pairs(train=200, test=100)",
        "test.accuracy",
        0.7,
    ),
    "Triplet": (
        "[" + ", ".join(f'Input("{one}") -> encoder' for one in ("anchor", "one", "other"))
        + "] -> Stack",
        TRIPLETS,
        "test.accuracy",
        0.95,
    ),
}  # fmt: skip


def write_data(folder: Path) -> None:
    draw = np.random.default_rng(0)
    x = draw.uniform(size=(300, 2))
    counts = draw.poisson(np.exp(1 + 2 * x[:, 0] - x[:, 1]))
    rows = [f"{a:.4f},{b:.4f},{count}" for (a, b), count in zip(x, counts, strict=True)]
    (folder / "counts.csv").write_text("a,b,n\n" + "\n".join(rows) + "\n")
    kinds = draw.integers(0, 3, 300)
    others = (kinds + draw.integers(1, 3, 300)) % 3

    def points(kind: np.ndarray) -> np.ndarray:
        around = np.stack([np.cos(2 * kind), np.sin(2 * kind)], 1)
        return around + 0.2 * draw.normal(size=around.shape)

    which = draw.integers(0, 2, 300)
    alike, unlike, second = points(kinds), points(others), which[:, None] == 1
    one, other = np.where(second, unlike, alike), np.where(second, alike, unlike)
    np.savez(folder / "triplets.npz", anchor=points(kinds), one=one, other=other, which=which)


def program(loss: str, folder: Path) -> Program:
    net, data, *_ = FILES[loss]
    shared = OF_PAIRS if "encoder" in net else ""
    text = f"{shared}net = {net}\ndata = {data}\nloss = {loss}\n"
    text += "optimizer = Adam(lr=2e-2)\nepochs = 40\n"
    return compile_source(SourceFile("a.net", text, folder / "a.net")).require()


QUICK = "GaussianNLL", "PoissonNLL", "Triplet"
SLOW = [pytest.param(loss, marks=pytest.mark.slow) for loss in FILES if loss not in QUICK]


@pytest.mark.parametrize("loss", [*QUICK, *SLOW])
def test_a_loss_trains_a_network_from_its_file(loss: str, tmp_path: Path) -> None:
    write_data(tmp_path)
    *_, metric, least = FILES[loss]
    *_, end = Training(program(loss, tmp_path)).events()
    assert isinstance(end, Finished)
    assert end.metrics[metric] > least


@pytest.mark.parametrize("loss", registry.items("loss"), ids=lambda item: item.name)
def test_gradients_are_checked_with_any_loss_and_no_data(loss: type) -> None:
    ends = {"probabilities": " -> Softmax", "log-probabilities": " -> LogSoftmax"}
    net = f"Linear(3, 2){ends.get(loss.expects, '')}"  # type: ignore[attr-defined]
    if loss.__name__ == "GaussianNLL":
        net += " -> Softplus"
    if (vectors := getattr(loss, "vectors", 0)) > 1:
        net = f"[{', '.join(['Linear(3, 2)'] * vectors)}] -> Stack"
    text = f"net = {net}\nloss = {loss.__name__}\n"
    made = compile_source(SourceFile("a.net", text)).require()
    found = GradientCheck(made, 4, 16, 0, 1e-5).findings()
    assert found.loss
    assert found.loss.error < 1e-6
