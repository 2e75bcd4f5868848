"""A gradient check passes what is right, and says of what is wrong where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from netlang.catalogue import layers, losses
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.runs.gradients.differences import Differences
from netlang.runs.gradients.findings import Findings
from netlang.runs.gradients.gradient_check import GradientCheck
from netlang.system.shipped import folder

MODELS = sorted(folder("models").glob("*.net"))
THRESHOLD = 1e-6


def program(text: str) -> Program:
    return compile_source(SourceFile("a.net", text)).require()


def findings(program: Program, batch: int = 4, samples: int = 16, seed: int = 0) -> Findings:
    return GradientCheck(program, batch, samples, seed, THRESHOLD).findings()


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_model_is_right(path: Any) -> None:
    checked = compile_source(read(str(path))).require()
    found = findings(checked, samples=6)  # of more, the slow tests of models ask
    assert not found.wrong(checked, THRESHOLD)
    assert len(found.nodes) == len(checked.graph.layers)
    assert all(one.checked for one in found.agreements)


NET = """\
net = Linear(4, 6) -> ReLU
   -> Linear(6, 6)
   -> Dropout(0.5)
   -> SeLU
   -> Sigmoid
   -> [Identity, Tanh, Slice(0, 2)] -> Concat
   -> [Linear(14, 3), Linear(14, 3)] -> Mul
   -> Softmax
loss = MSE
input = [4]
"""


def _linear(layer: Any, dy: Tensor) -> Tensor:
    """Right, but for what a mutant changes."""
    layer.weight_grad += dy.T @ layer.saved
    layer.bias_grad += dy.sum(0)
    return dy @ layer.weight


def _linear_without_a_bias_gradient(layer: Any, dy: Tensor) -> Tensor:
    layer.weight_grad += dy.T @ layer.saved
    return dy @ layer.weight


def _linear_of_the_mean(layer: Any, dy: Tensor) -> Tensor:
    layer.weight_grad += dy.T @ layer.saved / len(dy)
    layer.bias_grad += dy.sum(0)
    return dy @ layer.weight


def _linear_transposed(layer: Any, dy: Tensor) -> Tensor:
    dx = _linear(layer, dy)
    square = layer.weight.shape[0] == layer.weight.shape[1]
    return dy @ layer.weight.T if square else dx


Backward = Callable[[Any, Tensor], Any]

# A class, its wrong backward pass, and the nodes of NET that it is wrong in, with their lines.
MUTANTS: dict[str, tuple[type, Backward, dict[str, int]]] = {
    "a sign": (layers.ReLU, lambda layer, dy: -dy * (layer.saved > 0), {"relu1": 1}),
    "a factor": (layers.Tanh, lambda layer, dy: 0.99 * dy * (1 - layer.saved**2), {"tanh1": 6}),
    "a term missing": (layers.Softmax, lambda layer, dy: layer.saved * dy, {"softmax1": 8}),
    "another function's": (layers.Sigmoid, lambda layer, dy: dy * layer.saved, {"sigmoid1": 5}),
    "the other side of the border": (layers.SeLU, lambda layer, dy: layer.lam * dy, {"selu1": 4}),
    "no mask": (layers.Dropout, lambda layer, dy: dy, {"dropout1": 3}),
    "inputs exchanged": (layers.Mul, lambda layer, dy: _reversed(layer, dy), {"mul1": 7}),
    "cut at another place": (layers.Concat, lambda layer, dy: _rolled(layer, dy), {"concat1": 6}),
    "laid at another place": (layers.Slice, lambda layer, dy: _flipped(layer, dy), {"slice1": 6}),
    "no gradient of a bias": (
        layers.Linear,
        _linear_without_a_bias_gradient,
        {"linear1": 1, "linear2": 2, "linear3": 7, "linear4": 7},
    ),
    "a mean for a sum": (
        layers.Linear,
        _linear_of_the_mean,
        {"linear1": 1, "linear2": 2, "linear3": 7, "linear4": 7},
    ),
    "transposed": (layers.Linear, _linear_transposed, {"linear2": 2}),
}
RIGHT = {one: one.backward for one in (layers.Mul, layers.Concat, layers.Slice)}


def _reversed(layer: Any, dy: Tensor) -> Any:
    return RIGHT[layers.Mul](layer, dy)[::-1]


def _rolled(layer: Any, dy: Tensor) -> Any:
    return RIGHT[layers.Concat](layer, dy.roll(1, -1))


def _flipped(layer: Any, dy: Tensor) -> Any:
    return RIGHT[layers.Slice](layer, dy).flip(-1)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_backward_pass_is_found_where_it_is(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = program(NET)
    kind, backward, nodes = MUTANTS[name]
    monkeypatch.setattr(kind, "backward", backward)
    found = findings(checked)
    wrong = found.wrong(checked, THRESHOLD)
    assert {one.node.name for one in found.nodes if one.error > THRESHOLD} == nodes.keys()
    assert [one.span.first.line for one in wrong if one.span] == [*nodes.values()]
    assert all(one.code == "E0424" for one in wrong)


def test_what_the_mutants_begin_with_is_right() -> None:
    checked = program(NET)
    assert not findings(checked).wrong(checked, THRESHOLD)


def test_a_wrong_gradient_of_a_loss_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = program(NET)
    monkeypatch.setattr(losses.MSE, "gradient", lambda loss, y, t: (y - t) / y.numel())
    (wrong,) = findings(checked).wrong(checked, THRESHOLD)
    assert wrong.title == "the gradient of `MSE` is wrong"
    assert wrong.span
    assert wrong.written == "MSE"


def test_a_gradient_that_is_set_and_not_added_is_found_in_the_whole_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = program("shared s = Linear(3, 3) -> Tanh\nnet = s -> s\nloss = MSE\ninput = [3]")

    def backward(layer: Any, dy: Tensor) -> Tensor:
        layer.weight_grad[:] = dy.T @ layer.saved
        layer.bias_grad[:] = dy.sum(0)
        return dy @ layer.weight

    monkeypatch.setattr(layers.Linear, "backward", backward)
    monkeypatch.setattr(layers.Linear, "accumulate", backward)
    (wrong,) = findings(checked).wrong(checked, THRESHOLD)
    assert "the whole network" in wrong.title


def test_a_wrong_sum_on_the_way_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = program("net = Linear(3, 3) -> [Tanh, ReLU] -> Add -> Linear(3, 1)\ninput = [3]")
    back = Network._back

    def without_a_branch(network: Network, order: Any, dy: Tensor, kept: Any = None) -> Any:
        return back(network, [one for one in order if one[0] != 2], dy, kept)

    monkeypatch.setattr(Network, "_back", without_a_branch)
    (wrong,) = findings(checked).wrong(checked, THRESHOLD)
    assert "the whole network" in wrong.title


def test_numbers_that_are_not_finite_are_wrong() -> None:
    checked = program("net = Linear(2, 2) -> Tanh\ndata = Disc(train=20, test=4)\nloss = MSE\n")
    with torch.no_grad():
        check = GradientCheck(checked, 4, 16, 0, THRESHOLD)
        check._batch.inputs.fill_(float("nan"))
    found = check.findings().wrong(checked, THRESHOLD)
    assert found
    assert all("not finite" in one.label for one in found)


def test_no_gradient_is_looked_for_at_tokens() -> None:
    checked = program("net = Flatten -> Embedding(5, 3) -> Flatten -> Linear(_, 2)\ninput = [4]")
    found = findings(checked)
    assert not found.wrong(checked, THRESHOLD)
    assert [one.node.name for one in found.nodes] == ["embedding1", "flatten2", "linear1"]
    assert found.nodes[0].inputs is None
    assert found.nodes[0].weights
    assert found.nodes[0].weights.checked == 15


def test_frozen_weights_are_left_out_of_the_whole_network() -> None:
    checked = program(
        "first = Linear(3, 3) -> Tanh\nnet = first -> Linear(3, 2)\nfreeze = first\ninput = [3]"
    )
    found = findings(checked)
    assert not found.wrong(checked, THRESHOLD)
    assert found.network
    assert found.network.of == 8


def test_as_many_numbers_are_looked_at_as_asked_and_the_seed_decides_which() -> None:
    checked = program(NET)
    few = findings(checked, samples=4)
    all_of_them = findings(checked, samples=1000)
    for one in few.agreements:
        assert 1 <= one.checked + one.kinks <= 12  # of three tensors, at most
    for one in all_of_them.agreements:
        assert one.checked + one.kinks == one.of
    errors = [
        [one.error for one in findings(checked, samples=4, seed=seed).agreements]
        for seed in (0, 0, 1)
    ]
    assert errors[0] == errors[1] != errors[2]


@pytest.mark.parametrize(
    "net",
    [
        "Permute([1, 0]) -> Tanh -> Flatten -> Linear(_, 2)",
        "Linear(_, 2) -> Permute([1, 0])",
        "[Permute([1, 0]), Reshape([4, 3])] -> Mul -> LayerNorm(_)",
        "GRU(_, 2) -> Permute([1, 0]) -> Conv1d(_, 2, 3) -> Softmax",
    ],
)
def test_dimensions_may_have_any_order(net: str) -> None:
    checked = program(f"net = {net}\nloss = MSE\ninput = [3, 4]")
    found = findings(checked)
    assert not found.wrong(checked, THRESHOLD)
    assert all(one.checked for one in found.agreements)


TIES = """\
net = Conv2d(1, 2, 2) -> Upsample(scale_factor=2) -> MaxPool2d(2) -> Flatten -> Linear(_, 1)
loss = MSE
input = [1, 4, 4]
"""


def test_equal_numbers_in_a_window_are_kinks_and_wrong_only_where_they_are_moved_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = program(TIES)
    found = findings(checked, samples=1000)
    assert not found.wrong(checked, THRESHOLD)
    (pool,) = (one.inputs for one in found.nodes if one.node.name == "maxpool2d1")
    assert pool
    assert (pool.checked, pool.kinks) == (0, pool.of)
    assert found.network
    assert found.network.kinks == 0

    right = layers.MaxPool2d.backward
    monkeypatch.setattr(layers.MaxPool2d, "backward", lambda *given: _to_all(right(*given)))
    (wrong,) = findings(checked).wrong(checked, THRESHOLD)
    assert "the whole network" in wrong.title


def _to_all(dx: Tensor) -> Tensor:
    """The gradient that one number of each window of 2 x 2 has, given to all four."""
    windows = dx.unfold(2, 2, 2).unfold(3, 2, 2).sum((-1, -2))
    return windows.repeat_interleave(2, 2).repeat_interleave(2, 3)


def test_a_large_network_is_checked_by_as_few_passes_as_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forward, passes = Network.forward, []

    def counted(network: Network, x: Tensor) -> Tensor:
        passes.append(1)
        return forward(network, x)

    monkeypatch.setattr(Network, "forward", counted)
    counts = []
    for width in (8, 512):
        passes.clear()
        checked = program(f"net = Linear(4, {width}) -> MLP({width}, {width}, 1, 4)\ninput = [4]")
        found = findings(checked)
        assert not found.wrong(checked, THRESHOLD)
        assert found.network
        assert found.network.checked + found.network.kinks <= 16
        counts.append(len(passes))
    assert found.network.of > 1_000_000
    assert counts[1] <= 3 * counts[0]


@pytest.mark.parametrize(
    "net",
    [
        'LSTM(_, 3, bidirectional=true, output="last") -> Linear(_, 2)',
        "GRU(_, 3) -> [Mean, Max, Last] -> Add -> Linear(_, 2)",
        "Linear(_, 4) -> Attention(4, 2) -> LayerNorm(_) -> Mean -> Linear(_, 2)",
        "RNN(_, 4, num_layers=2) -> Attention(4, 2, causal=true) -> Last -> Linear(_, 2)",
    ],
)
def test_layers_of_padded_sequences_are_right_with_their_lengths(net: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    arrays = {"x": draw.normal(size=(20, 6, 2)), "y": np.arange(20) % 2}
    np.savez(tmp_path / "d.npz", **arrays, n=np.arange(20) % 6 + 1)
    text = f'net = {net}\ndata = Arrays("d.npz", lengths="n")\nloss = SoftmaxCrossEntropy\n'
    checked = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).require()
    found = findings(checked, batch=8, samples=100)
    assert not found.wrong(checked, THRESHOLD)
    assert {"Lengths", "FillPadding"} <= {node.layer.name for node in checked.graph.nodes}
    assert all(one.checked for one in found.agreements if one.of)


def kinked(x: float, slopes: tuple[float, float]) -> tuple[float, bool]:
    """The slope at ``x`` of what has two ``slopes``, below 0 and above it."""
    numbers = torch.tensor([x], dtype=torch.float64)

    def outputs() -> Tensor:
        return torch.where(numbers > 0, slopes[1], slopes[0]) * numbers

    differences = Differences(outputs, torch.ones(1, dtype=torch.float64))
    found = differences.slope(numbers, 0, largest=1.0)
    assert numbers.item() == x
    return found.value, found.at_kink


@pytest.mark.parametrize("x", [0.0, 1e-7, -2e-7, 3.3e-7, 4.9e-7])
def test_a_kink_in_reach_of_the_smallest_step_is_known(x: float) -> None:
    assert kinked(x, (0.0, 1.0))[1]
    assert kinked(x, (-1.0, 1.0))[1]


@pytest.mark.parametrize("x", [2e-6, -1e-5, 3.3e-5, 4.9e-5, 7e-5, 9.99e-5, 1e-4, 0.5])
def test_a_smaller_step_does_not_reach_a_kink(x: float) -> None:
    value, at_kink = kinked(x, (0.25, 1.0))
    assert not at_kink
    assert value == pytest.approx(1.0 if x > 0 else 0.25, abs=1e-7)


@pytest.mark.parametrize("x", [-2.0, 1e-3, 0.7, 40.0])
def test_the_slope_of_what_is_smooth_is_exact_to_ten_digits(x: float) -> None:
    numbers = torch.tensor([x], dtype=torch.float64)
    differences = Differences(lambda: torch.sin(numbers), torch.ones(1, dtype=torch.float64))
    found = differences.slope(numbers, 0, largest=1.0)
    assert not found.at_kink
    assert found.value == pytest.approx(torch.cos(numbers).item(), abs=1e-9)


def test_dropout_keeps_its_mask_and_nothing_of_the_network_moves() -> None:
    checked = program(NET)
    check = GradientCheck(checked, 4, 16, 0, THRESHOLD)
    before = check._network.parameters.clone()
    found = check.findings()
    again = findings(checked)
    assert [*map(vars, found.agreements)] == [*map(vars, again.agreements)]
    assert not found.wrong(checked, THRESHOLD)
    assert torch.equal(check._network.parameters, before)


def test_one_thread_takes_all_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    forward, threads = layers.Tanh.forward, set()

    def watched(layer: layers.Tanh, x: Tensor) -> Tensor:
        threads.add(torch.get_num_threads())
        return forward(layer, x)

    monkeypatch.setattr(layers.Tanh, "forward", watched)
    findings(program(NET))
    assert threads == {1}
