"""C of one's own: weights of elementwise and row kernels, rows of several inputs, drawing routines.

Each trains in C as on tensors: outputs, the gradients of all weights, and a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import starmap
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from netlang.catalogue.layers import Add, Concat, Dropout, Flatten, Slice, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD, Adam
from netlang.compiler.ir import Graph, input_node
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.lowering.c import lowers, tiling
from netlang.lowering.c.kernels import Elementwise, Rowwise
from netlang.tools.cli.group import cli
from tests.engine.agreement import ADAM, apart_in_one, difference, parts, random_samples
from tests.engine.native.own import (
    GLU,
    ChannelDropout,
    CReLU,
    Gate,
    LayerNorm,
    Neighbours,
    Normalized,
    PReLU,
    Scale,
)
from tests.graphs import ORIGIN, add, chain, dense, side_by_side
from tests.lowering.c.test_declarations import mistakes

pytestmark = pytest.mark.slow  # as each of them compiles C, which takes long for each file


class Doubled(Layer):
    """y = 2x"""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x

    def backward(self, dy: Tensor) -> Tensor:
        return 2 * dy


BATCHES = [130, 3]  # several chunks, and one


def prelu(*shape: int) -> Layer:
    return PReLU.declared({"shape": shape})


def scale(*shape: int) -> Layer:
    return Scale.declared({"shape": shape})


def norm(features: int) -> Layer:
    return LayerNorm.declared({"features": features})


def between(*layers: Layer, start: tuple[int, ...] = (3, 5), last: int = 9) -> Graph:
    """The layers between two Linears, so that gradients come and go on."""
    return chain(dense(start[-1], 9), *layers, dense(last, 2), start=start)


def joined(*layers: Layer, same: bool = False) -> Graph:
    """A Gate of two branches, one of which others read, too, or of one value twice."""
    nodes = [input_node(Shape((3, 4)), ORIGIN)]
    number = add(nodes, dense(4, 9), 0)
    other = number if same else add(nodes, dense(9, 9), number)
    last = add(nodes, Gate.declared({}), number, other)
    for layer in (*layers, dense(9, 2)):
        last = add(nodes, layer, last)
    return Graph(tuple(nodes), last)


def shared(layer: Layer, times: int = 2, between: Layer | None = None) -> Graph:
    """One set of weights in several nodes."""
    nodes = [input_node(Shape((3, 5)), ORIGIN)]
    last = add(nodes, dense(5, 9), 0)
    owner = None
    for _ in range(times):
        last = add(nodes, layer, last, shares=owner)
        owner = owner or last
        if between:
            last = add(nodes, between, last)
    result = add(nodes, dense(9, 2), last)
    return Graph(tuple(nodes), result)


def branched(layer: Layer, last: bool) -> Graph:
    """The layer is one of two readers of a value, and runs ``last`` or first.

    Backwards the last one sets the value's gradient, and the other adds to it.
    """
    nodes = [input_node(Shape((3, 5)), ORIGIN)]
    value = add(nodes, dense(5, 14), 0)
    inputs = (value, add(nodes, dense(5, 14), 0)) if layer.arity[0] > 1 else (value,)
    both = [(Tanh.declared({}), (value,)), (layer, inputs)]
    readers = [add(nodes, one, *its_inputs) for one, its_inputs in (both if last else both[::-1])]
    ends = [add(nodes, dense(nodes[one].shape.sizes[-1], 2), one) for one in readers]
    result = add(nodes, Add.declared({}), *ends)
    return Graph(tuple(nodes), result)


def with_concat() -> Graph:
    """Values in both layouts have readers in both."""
    nodes = [input_node(Shape((2, 3, 5)), ORIGIN)]
    value = add(nodes, neighbours(), 0)
    blurred = add(nodes, neighbours(), value)
    normed = add(nodes, norm(5), value)
    joined = add(nodes, Concat.declared({"dim": 1}), value, blurred, normed)
    last = add(nodes, neighbours(), joined)
    part = add(nodes, Slice.declared({"start": 1, "length": 2}), last)
    result = add(nodes, dense(5, 2), add(nodes, Add.declared({}), part, normed))
    return Graph(tuple(nodes), result)


def neighbours() -> Layer:
    return Neighbours.declared({})


IN_BLOCKS = {
    "a block": between(neighbours()),
    "blocks first": chain(neighbours(), dense(5, 2), start=(3, 5)),
    "blocks last": chain(dense(5, 9), neighbours(), start=(3, 5)),
    "a loop in blocks": between(
        neighbours(), Tanh.declared({}), prelu(3, 1), scale(9), scale(3, 9), neighbours()
    ),
    "draws in blocks": between(
        neighbours(), Dropout.declared({"p": 0.3}), Dropout.declared({"p": 0.2}), neighbours()
    ),
    "blocks in another shape": chain(
        neighbours(), Flatten.declared({}), neighbours(), dense(15, 2), start=(3, 5)
    ),
    "blocks side by side": with_concat(),
    "shared in blocks": shared(neighbours(), 3, norm(9)),
}
GRAPHS = {
    "a weight for all": between(prelu(1)),
    "a weight for each row": between(prelu(3, 1)),
    "a weight for each number": between(scale(3, 9)),
    "weights along the rows": between(scale(9)),
    "a weight for each channel": between(prelu(2, 1, 1), start=(2, 3, 5)),
    "a weight in the middle": between(scale(3, 1), start=(2, 3, 5)),
    "weights first": chain(scale(5), dense(5, 2), start=(3, 5)),
    "weights last": chain(dense(5, 9), prelu(1), start=(3, 5)),
    "weights of a lone number": chain(dense(1, 1), scale(1), start=(1,)),
    "weights in a loop with others": between(
        Tanh.declared({}), prelu(3, 1), Dropout.declared({"p": 0.3}), scale(9), Tanh.declared({})
    ),
    "rows with weights": between(norm(9)),
    "rows with weights first": chain(norm(5), dense(5, 2), start=(3, 5)),
    "rows of two inputs": joined(),
    "rows of one input twice": joined(norm(9), same=True),
    "shorter rows": between(dense(9, 14), GLU.declared({}), last=7),
    "longer rows": between(CReLU.declared({}), last=18),
    "draws of a routine": between(ChannelDropout.declared({"p": 0.4})),
    "draws of routines and of loops": between(
        Dropout.declared({"p": 0.2}),
        ChannelDropout.declared({"p": 0.4}),
        Dropout.declared({"p": 0.3}),
    ),
    "what a routine keeps": between(Normalized.declared({}), Normalized.declared({})),
    **IN_BLOCKS,
    "shared in a loop": shared(prelu(1)),
    "shared in two loops": shared(scale(9), 3, norm(9)),
    "shared rows": shared(norm(9), 3, Tanh.declared({})),
}
TOGETHER = side_by_side([*GRAPHS.values()])
LAYERS = {
    "PReLU": prelu(1),
    "Scale": scale(3, 14),
    "LayerNorm": norm(14),
    "Gate": Gate.declared({}),
    "GLU": GLU.declared({}),
    "CReLU": CReLU.declared({}),
    "ChannelDropout": ChannelDropout.declared({"p": 0.4}),
    "Normalized": Normalized.declared({}),
    "Neighbours": neighbours(),
}


@pytest.fixture
def _slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 2)


def gradients_apart(graphs: Mapping[str, Graph], batch: int) -> dict[str, float]:
    """Outputs and gradients of one step, in C and on tensors, in each of the graphs."""
    graph = side_by_side([*graphs.values()])
    inputs, targets = random_samples(graph, batch, torch.float64)
    found = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        network.to(torch.float64)
        optimizer = Adam.over(network, ADAM[1])  # compiled once
        engine = kind(network, MSE(reduction="sum"), optimizer, batch, 0)
        outputs = engine.gradients(Batches(inputs, targets, batch, 0).batch(Cursor()))
        found.append(parts((network.gradients.clone(), outputs.clone()), [*graphs.values()]))
    assert all(gradients.count_nonzero() for gradients, _ in found[1])
    return dict(zip(graphs, starmap(difference, zip(*found, strict=True)), strict=True))


def assert_same(graphs: Mapping[str, Graph], batch: int, count: int) -> None:
    """One step, and a run."""
    assert_below(1e-12, gradients_apart(graphs, batch))
    trained = apart_in_one([*graphs.values()], batch=batch, count=count)
    assert_below(1e-9, dict(zip(graphs, trained, strict=True)))


def assert_below(most: float, found: Mapping[str, float]) -> None:
    assert all(one < most for one in found.values()), found


@pytest.mark.usefixtures("compiler")
def test_in_chunks_it_trains_as_on_tensors() -> None:
    several, one = BATCHES
    assert tiling.tile(TOGETHER, several, calls_blas=False).chunk < several
    assert tiling.tile(TOGETHER, one, calls_blas=False).chunk >= one
    for batch in BATCHES:
        assert_same(GRAPHS, batch, batch + 2)


@pytest.mark.usefixtures("compiler")
def test_in_a_branch_it_gives_the_gradients_of_tensors() -> None:
    graphs = {
        f"{name} {'last' if last else 'first'}": branched(layer, last)
        for name, layer in LAYERS.items()
        for last in (True, False)
    }
    assert_below(1e-12, gradients_apart(graphs, 5))


@pytest.mark.usefixtures("compiler")
def test_a_row_kernel_may_define_names_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = "for (int i = 0; i < n; i++) {}"
    kernel = Rowwise(
        forward=loops.format("y[i] = 2 * x[i];"),
        backward=(f"real sum = 2; {loops.format('dx[i] = sum * dy[i];')}",),
    )
    doubled = Doubled.declared({})
    monkeypatch.setitem(lowers.functions, Doubled, lambda *_: kernel)
    graphs = {"last": branched(doubled, True), "first": branched(doubled, False)}
    assert_below(1e-12, gradients_apart(graphs, 5))


@pytest.mark.usefixtures("compiler", "_slices")
def test_in_slices_it_trains_as_on_tensors() -> None:
    assert tiling.tile(TOGETHER, 16, calls_blas=False).slices == 8
    assert_same(GRAPHS, 16, 35)


@pytest.mark.usefixtures("compiler", "_slices")
def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = random_samples(TOGETHER, 35, torch.float64)
    results = []
    for threads in (1, 3):
        network = Network(TOGETHER, 0)
        network.to(torch.float64)
        optimizer = Adam.over(network, ADAM[1])
        engine = NativeEngine(network, MSE(reduction="sum"), optimizer, 16, 0)
        engine._tuner.threads = threads
        monkeypatch.setattr(engine._tuner, "record", lambda steps, seconds: None)
        outputs = [y for y, _ in engine.run(Batches(*samples, 16, 0), Cursor())]
        results.append((network.parameters, torch.cat(outputs)))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (prelu(1), [(3, 5)]),
        (scale(5), [(3, 5)]),
        (norm(5), [(3, 5)]),
        (Gate.declared({}), [(3, 5), (3, 5)]),
        (GLU.declared({}), [(3, 6)]),
        (CReLU.declared({}), [(3, 6)]),
    ],
)
def test_these_kernels_declare_what_they_name(layer: Layer, shapes: list[tuple[int, ...]]) -> None:
    assert mistakes(lowers.lowered(layer, *map(Shape, shapes)), len(shapes)) == set()


@pytest.mark.usefixtures("compiler")
def test_constants_may_be_any_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    constants = {"top": math.inf, "low": -math.inf, "none": math.nan, "on": True, "off": False}
    kernel = Elementwise(
        "on && !off && none != none && x < top && x > low ? x : 0", ("dy",), constants=constants
    )
    monkeypatch.setitem(lowers.functions, Tanh, lambda *_: kernel)
    network = Network(chain(dense(3, 2), Tanh.declared({}), start=(3,)), 0)
    engine = NativeEngine(network, MSE(), SGD.over(network, {}), 4, 0)
    inputs, _ = random_samples(network.graph, 5, torch.float32)
    linear = network.modules[1].forward(inputs)
    torch.testing.assert_close(torch.cat([*engine.evaluate(inputs)]), linear)


@pytest.mark.usefixtures("compiler")
def test_c_that_does_not_compile_is_left_to_tensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lowers.functions, Tanh, lambda *_: Elementwise("x * steep", ("dy",)))
    data = "data = Disc(train=9, test=9)\nloss = MSE\noptimizer = SGD(lr=0.1)\nepochs = 1\n"
    (tmp_path / "a.net").write_text(f"net = Linear(2, 2) -> Tanh\n{data}")
    asked = CliRunner().invoke(cli, ["run", str(tmp_path / "a.net"), "--backend", "native"])
    assert asked.exit_code == 0
    assert "trained on tensors: the C compiler" in asked.stdout
    assert "undeclared" in asked.stdout
