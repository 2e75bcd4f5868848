"""NaN, infinity and -0.0 come to the same on tensors, in C and in an exported program."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from netlang import (
    SGD,
    Elementwise,
    ElementwiseLoss,
    Loss,
    Shape,
    Size,
    Slice,
    TorchExpression,
    Unflatten,
    Weight,
    arg,
)
from netlang.catalogue import registry
from netlang.catalogue.layers import (
    CELU,
    ELU,
    GELU,
    GRU,
    RNN,
    BatchNorm,
    Dropout,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LayerNorm,
    LocalResponseNorm,
    Mish,
    ReLU,
    ReLU6,
    SeLU,
    Softsign,
    Upsample,
)
from netlang.catalogue.losses import CrossEntropy, PoissonNLL, SoftmaxCrossEntropy
from netlang.catalogue.losses.pairs import VectorLoss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph, input_node
from netlang.engine import Batch, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.lowering import c, pytorch
from tests.catalogue.layers.test_conformance import IN_C, build
from tests.catalogue.losses.cases import EXAMPLES
from tests.graphs import ORIGIN, add, side_by_side
from tests.lowering.pytorch.written import alone, known_to, weights, written

pytestmark = pytest.mark.usefixtures("compiler")

SPECIAL = (math.nan, math.inf, -math.inf, -0.0, 0.0, 1.0, -1.0)
# Their slope, or a part of it in torch, is 0 somewhere: some choose it, and others multiply by it.
OF_FINITE_GRADIENTS = (ReLU, ReLU6, HardTanh, HardSigmoid, HardSwish, Softsign)
# Where torch has no number, and ours is one: at an infinite input that is the limit;
NONE_AT_INFINITY_IN_TORCH = (GELU, Mish, Softsign)
# torch multiplies an infinite number by the 0 of it that a neighbour takes;
# and it adds up infinite gradients in another order, where some of them cancel each other.
NONE_IN_TORCH = (Upsample, LocalResponseNorm, LayerNorm, GroupNorm, GRU)
# Where ours is no number: torch passes on the gradient of an input that is none;
NONE_AT_NONE = (SeLU, ELU, CELU, HardSwish)
# and the ReLU of its RNN takes 0 for 0 times an infinite gradient.
NONE_HERE = (RNN,)
PROGRAMS = 8  # of all layers
METRICS = [item for item in registry.items("metric") if not item.is_table]
DTYPES = pytest.mark.parametrize(
    "dtype", [torch.float32, pytest.param(torch.float64, marks=pytest.mark.slow)], ids=str
)


class Probe(Layer):
    """y = x. For a batch of one sample, the gradient of its weight is that of x."""

    shape: tuple[Size, ...] = arg(doc="of a sample")
    offset: Tensor

    def tensors(self) -> dict[str, Weight]:
        return {"offset": Weight(self.shape, fill)}

    def forward(self, x: Tensor) -> Tensor:
        return x + self.offset

    def backward(self, dy: Tensor) -> Tensor:
        self.gradients.view(self.shape).add_(dy.sum(0))
        return dy


def fill(values: Tensor, generator: Generator) -> None:
    values.fill_(-0.0)  # added to 0.0 or to -0.0, this changes neither


@c.lowers(Probe)
def probe_in_c(layer: Probe, x: Shape) -> Elementwise:
    return Elementwise(forward="x + offset", backward=("dy",), gradients={"offset": "dy"})


@pytorch.lowers(Probe)
def probe_in_pytorch(layer: Probe, x: Shape) -> TorchExpression:
    return TorchExpression("x")


class Weighted(Loss):
    """The sum of y t: its gradient is t, whatever y is."""

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return (y * t).sum()

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        return t.clone()


@c.lowers(Weighted)
def weighted_in_c(loss: Weighted, y: Shape) -> ElementwiseLoss:
    return ElementwiseLoss("t")


def behind_probes(layer: Layer, samples: tuple[tuple[int, ...], ...]) -> Graph:
    """Each input of the layer is what a probe gives of its part of a row of numbers."""
    sizes = [math.prod(sample) for sample in samples]
    nodes = [input_node(Shape.of(sum(sizes)), ORIGIN)]
    start, inputs = 0, []
    for sample, size in zip(samples, sizes, strict=True):
        part = add(nodes, Slice.declared({"start": start, "length": size}), 0)
        shaped = add(nodes, Unflatten.declared({"unflattened_size": sample}), part)
        inputs.append(add(nodes, Probe.declared({"shape": sample}), shaped))
        start += size
    last = add(nodes, layer, *inputs)
    return Graph(tuple(nodes), last)


def draws(shape: tuple[int, ...], dtype: torch.dtype, seed: int) -> list[Tensor]:
    """Batches of one sample: all of special numbers, and some in which others are among them."""
    source = torch.Generator().manual_seed(seed)
    numbers = torch.tensor(SPECIAL, dtype=dtype)
    count = 100 if dtype == torch.float64 else 50
    found = numbers[torch.randint(len(SPECIAL), (count, 1, *shape), generator=source)]
    plain = torch.rand(count // 2, 1, *shape, generator=source, dtype=dtype)
    found[::2] = plain.where(torch.rand(plain.shape, generator=source) < 0.7, found[::2])
    return list(found)


def engines(graph: Graph, loss: Loss, dtype: torch.dtype) -> list[TensorEngine | NativeEngine]:
    network = Network(graph, 0)
    network.to(dtype)
    kinds = TensorEngine, NativeEngine
    return [kind(network, loss, SGD.over(network, {"lr": 0.1}), 1, 0) for kind in kinds]


def gradients(engine: TensorEngine | NativeEngine, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The outputs, and the gradient at what the probes give."""
    y = engine.gradients(Batch(torch.tensor([0]), x, t, 1, 1))
    probes = [layer for layer in engine.network.modules if isinstance(layer, Probe)]
    return y.clone(), torch.cat([probe.gradients.view(1, -1) for probe in probes], -1)


def assert_same(found: Any, expected: Any, of: object = "") -> None:
    torch.testing.assert_close(
        found, expected, rtol=1e-4, atol=1e-5, equal_nan=True, msg=lambda text: f"{of}\n{text}"
    )


@pytest.mark.slow
@DTYPES
@pytest.mark.parametrize("number", range(PROGRAMS))
def test_each_layer(number: int, dtype: torch.dtype) -> None:
    """In one network, whose parts have inputs and outputs of their own: to compile C takes long."""
    cases = [case.values for case in IN_C if is_probed(*case.values)][number::PROGRAMS]
    graphs = [
        behind_probes(item.declared(build(text).values), samples) for item, text, samples in cases
    ]
    graph = side_by_side(graphs)
    sizes, outputs = ([getattr(one, end).size for one in graphs] for end in ("input", "output"))
    on_tensors, in_c = engines(graph, Weighted(), dtype)
    exported, code = written(alone(graph))
    model = code.Model().to(dtype)
    list(weights(on_tensors.network, exported, model))
    pairs = zip(
        draws(graph.input.sizes, dtype, 1), draws(graph.output.sizes, dtype, 2), strict=True
    )
    drawn: list[tuple[Tensor, ...]] = []
    for x, given in pairs:
        dy = torch.cat(
            [
                # 0 times infinity is NaN
                part.nan_to_num() if case[0] in OF_FINITE_GRADIENTS else part
                for case, part in zip(cases, given.split(outputs, -1), strict=True)
            ],
            -1,
        )
        y, dx = gradients(on_tensors, x, dy)
        y_in_c, dx_in_c = gradients(in_c, x, dy)
        x.requires_grad_()
        found = model(x)
        found.backward(dy)
        assert x.grad is not None
        drawn.append((x.detach(), y, y_in_c, found.detach(), dx, dx_in_c, x.grad))
    x, *ys_and_dxs = (torch.cat(one) for one in zip(*drawn, strict=True))
    ys = zip(*(one.split(outputs, -1) for one in ys_and_dxs[:3]), strict=True)
    dxs = zip(*(one.split(sizes, -1) for one in ys_and_dxs[3:]), strict=True)
    for case, one, each_y, each_dx in zip(cases, x.split(sizes, -1), ys, dxs, strict=True):
        assert_alike(case[0], one, each_y, each_dx)


def is_probed(item: type[Layer], text: str, samples: tuple[tuple[int, ...], ...]) -> bool:
    """Tokens are no numbers. A norm over the batch needs more than one number of a channel."""
    of_one = item is BatchNorm and math.prod(samples[0][1:]) == 1
    return item.takes != "tokens" and not of_one


def assert_alike(
    item: type[Layer], x: Tensor, y: tuple[Tensor, ...], dx: tuple[Tensor, ...]
) -> None:
    """What tensors, C and the exported program gave."""
    assert_same((y[1], dx[1]), (y[0], dx[0]), item)
    if issubclass(item, Dropout):  # its draws are others there
        return
    for ours, _, exported in (y, dx):
        none_in_torch = exported.isnan() & ~ours.isnan()
        if item in NONE_AT_INFINITY_IN_TORCH:
            differs = none_in_torch & x.isinf()
        elif item in NONE_IN_TORCH:
            differs = none_in_torch
        elif item in NONE_AT_NONE:
            differs = ours.isnan() & x.isnan()
        else:
            differs = ours.isnan() & (item in NONE_HERE)
        assert_same(exported[~differs], ours[~differs], item)


@pytest.mark.slow
@DTYPES
@pytest.mark.parametrize("text", ["MSE", "CrossEntropy", "SoftmaxCrossEntropy"])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("of_classes", [False, True], ids=["values", "classes"])
def test_each_loss(text: str, outputs: int, of_classes: bool, dtype: torch.dtype) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    loss = loss.declared(loss.values)  # as a file's, which may have one output whatever the loss
    graph = behind_probes(Slice.declared({"start": 0, "length": outputs}), ((outputs,),))
    on_tensors, in_c = engines(graph, loss, dtype)
    said = pytorch.lowers.lowered(loss, graph.output)
    assert said
    for number, (y, t) in enumerate(
        zip(draws((outputs,), dtype, 1), draws((outputs,), dtype, 2), strict=True)
    ):
        if of_classes:
            t = torch.tensor([number % max(2, outputs)])
        _, dy = gradients(on_tensors, y, t)
        assert_same(gradients(in_c, y, t)[1], dy)
        if isinstance(loss, CrossEntropy) and not ((y >= 0) & (y <= 1)).all():
            continue  # these are no probabilities
        if of_classes and outputs == 1 and said.of_classes:
            continue  # torch takes one output for one class
        wanted = t if said.of_classes else loss.as_values(y, t)
        if isinstance(loss, SoftmaxCrossEntropy) and not of_classes:
            logarithms = torch.log_softmax(y, -1)
            if not logarithms[wanted == 0].isfinite().all():
                continue  # torch takes 0 times infinity for what is no target
        y.requires_grad_()
        value = eval(said.text, known_to(said) | {"y": y, "t": wanted})
        assert_same(value.detach(), loss.value(y.detach(), t))
        value.backward()
        assert_same(y.grad, dy)


@pytest.mark.slow
@pytest.mark.parametrize("text", [*EXAMPLES, "Triplet(p=20)", "Triplet(p=3.4e38)"])
def test_the_gradient_of_huge_and_tiny_outputs_is_the_same_in_c(text: str) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    source = torch.Generator().manual_seed(0)
    ends = {
        "probabilities": [0.0, 1.0, 0.5, 1e-30],
        "log-probabilities": [0.0, -1e4, -1.0],
        "means": [0.0, 1e4, 1e-30, 1.0],
    }
    numbers = torch.tensor(ends.get(loss.expects, [1e4, -1e4, 0.0, 1.0, -1.0, 1e-30, 80.0]))
    outputs = (3 * loss.outputs_per_number,)
    if isinstance(loss, VectorLoss):
        outputs = (loss.vectors, 3)
    predicted = loss.predicted(outputs)
    graph = behind_probes(Slice.declared({"start": 0, "length": outputs[0]}), (outputs,))
    on_tensors, in_c = engines(graph, loss.declared(loss.values), torch.float32)
    for case in range(24):
        y = numbers[torch.randint(len(numbers), (1, math.prod(outputs)), generator=source)]
        t = torch.rand(1, *predicted, generator=source).round()
        if case % 2 and "classification" in loss.tasks:
            t = torch.randint(predicted[-1], (1,), generator=source)
        _, dy = gradients(on_tensors, y, t)
        assert dy.isfinite().all() or isinstance(loss, PoissonNLL)  # which has an exponential
        assert_same(gradients(in_c, y, t)[1], dy)


@DTYPES
@pytest.mark.parametrize("metric", METRICS, ids=lambda item: item.name)
@pytest.mark.parametrize("outputs", [1, 3])
def test_each_metric(metric: type[Metric], outputs: int, dtype: torch.dtype) -> None:
    said = pytorch.lowers.lowered(metric(), Shape.of(outputs))
    ys = torch.cat(draws((outputs,), dtype, 1)).split(4)
    ts = torch.cat(draws((outputs,), dtype, 2)).split(4)
    for y, t in zip(ys, ts, strict=True):
        if "classification" in metric.tasks:
            t = torch.arange(len(y)) % max(2, outputs)
        value = eval(said.text, known_to(said) | {"y": y, "t": t})
        assert value.item() == pytest.approx(metric()(y, t), nan_ok=True)
