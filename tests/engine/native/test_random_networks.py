"""Any network of the layers of the catalogue trains in C as on tensors, to 1e-9 in 64 bits.

Several stand beside each other, as C takes about as long to be compiled for one as for some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from netlang.engine import TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.native.inference import CompiledNetwork
from netlang.engine.network import Network
from tests.engine.agreement import difference, parts, random_samples, train
from tests.graphs import side_by_side
from tests.programs import networks
from tests.random_examples import compiled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]

TRAINED = networks().filter(lambda graph: graph.result in graph.behind_weights)
# Adam would make steps of a bias before a norm, whose gradient is a rounding.
DESCENT = (SGD, {"lr": 1e-3, "momentum": 0.5})


def test_random_networks_agree() -> None:
    """At least four of five have something to compare."""
    counts = Counter[bool]()

    @compiled(5)
    @given(
        st.lists(TRAINED, min_size=4, max_size=8),
        st.sampled_from([2, 3, 5, 17, 20]),
        st.integers(2, 21).filter(lambda count: count % 2 == 0),
    )
    def agree(drawn: list[Graph], batch: int, count: int) -> None:
        count = max(2, count - (count % batch == 1))  # a norm needs two samples
        counts.update(compared(drawn, batch, count))

    agree()
    print(f"{counts[True]} of {counts.total()} networks are compared")
    assert counts[True] >= 0.8 * counts.total()


def nudged(inputs: Tensor) -> Tensor:
    """In their last bits, each by itself: a norm takes away what all have in common."""
    source = torch.Generator().manual_seed(0)
    return inputs * (1 + 2**-50 * torch.randn(inputs.shape, generator=source, dtype=torch.float64))


def compared(drawn: list[Graph], batch: int, count: int) -> Iterator[bool]:
    """Of each network whether it is compared: not where the last bits of the inputs change much."""
    whole = side_by_side(drawn)
    inputs, targets = random_samples(whole, count, torch.float64)
    native, tensor, others = (
        parts(train(kind, whole, MSE(), DESCENT, (x, targets), batch, 3), drawn)
        for kind, x in (
            (NativeEngine, inputs),
            (TensorEngine, inputs),
            (TensorEngine, nudged(inputs)),
        )
    )
    for graph, in_c, on_tensors, beside in zip(drawn, native, tensor, others, strict=True):
        is_compared = difference(beside, on_tensors) < 1e-11
        if is_compared:
            assert difference(in_c, on_tensors) < 1e-9, [node.call for node in graph.layers]
        yield is_compared


@compiled(1)
@given(st.lists(networks(), min_size=4, max_size=8))
def test_random_networks_answer_as_on_tensors(drawn: list[Graph]) -> None:
    whole = side_by_side(drawn)
    network = Network(whole, 0)
    network.to(torch.float64)
    inputs, _ = random_samples(whole, 19, torch.float64)
    network.forward(inputs)  # statistics are those of training then
    network.eval()
    wanted, beside = network.evaluate(inputs), network.evaluate(nudged(inputs))
    ask = CompiledNetwork(network)
    alone = torch.cat([torch.from_numpy(ask(one[None].numpy())) for one in inputs[:2]])
    together = torch.from_numpy(ask(inputs.numpy()))
    sizes = [graph.output.size for graph in drawn]
    outputs = (one.split(sizes, 1) for one in (wanted, beside, alone, together))
    for graph, y, near, of_one, of_many in zip(drawn, *outputs, strict=True):
        # Where the last bits of the inputs change outputs much, there is nothing to compare.
        if torch.allclose(near, y, rtol=1e-11, atol=1e-11):
            for found in (of_one, of_many):
                calls = [node.call for node in graph.layers]
                assert torch.allclose(found, y[: len(found)], rtol=1e-9, atol=1e-9), calls
