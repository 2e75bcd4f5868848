"""A foreign network and the one that was written of it are given the same samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from netlang.compiler.ir import Program
from netlang.engine.network import Network
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.refused import Refused
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import np, torch
from netlang.system.machine import memory_limit
from netlang.system.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Arrays = Mapping[str, NDArray[Any]]

_FAR = 1e-4  # of the largest output: rounding stays far below it


class Runner(Protocol):
    """What runs a foreign network: ``name`` is its own, and ``samples`` how many it takes."""

    name: str
    samples: int

    def outputs(self, inputs: Arrays) -> list[NDArray[Any]]:
        """The outputs of the network for inputs by their names."""


class Beside(Record):
    """How far the outputs of both are ``apart`` at most, and the largest output of the foreign."""

    apart: float
    largest: float
    samples: int
    runner: str

    @property
    def differs(self) -> bool:
        return not self.apart <= _FAR * self.largest

    @property
    def text(self) -> str:
        samples = counted(self.samples, "random sample")
        return f"on {samples}, outputs are within {self.apart:.1g} of those of {self.runner}"


def beside(
    graph: ForeignGraph, program: Program, tensors: Mapping[str, Tensor], runner: Runner
) -> Beside:
    """Run both: the written ``program`` with these tensors, and the foreign network of ``graph``.

    Raises Refused as the runner does.
    """
    inputs = _samples(graph, runner.samples)
    theirs = [_batch_first(one, runner.samples) for one in runner.outputs(inputs)]
    network = Network(program.graph, 0)
    for name, own in network.named_tensors().items():
        own.copy_(tensors[name])
    each = [torch.from_numpy(inputs[one.name]) for one in graph.inputs]
    x = each[0] if len(each) == 1 else torch.cat([one.flatten(1).float() for one in each], 1)
    ours = network.eval().forward(x).flatten(1).double().numpy()
    wanted = np.concatenate([one.reshape(len(ours), -1) for one in theirs], 1)
    apart = float(np.abs(ours - wanted).max()) if ours.shape == wanted.shape else float("inf")
    largest = float(np.abs(wanted).max(initial=0))
    return Beside(apart, largest, runner.samples, runner.name)


def _samples(graph: ForeignGraph, count: int) -> dict[str, Any]:
    """Random samples for each input: numbers, or tokens where an Embedding takes them."""
    random = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for one in graph.inputs:
        shape = count, *(size for size in one.shape or () if size is not None)
        if math.prod(shape) * 8 > memory_limit() // 4:
            raise Refused(f"samples of the shape {[*shape[1:]]} take too much memory")
        if one.tokens:
            found[one.name] = random.integers(0, one.tokens, shape)
        else:
            found[one.name] = random.standard_normal(shape).astype(np.float32)
    return found


def _batch_first(array: Any, samples: int) -> Any:
    if array.shape[:1] == (samples,) or samples not in array.shape:
        return array
    return np.moveaxis(array, array.shape.index(samples), 0)
