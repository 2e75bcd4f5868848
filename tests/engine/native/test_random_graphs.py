"""Any graph that can be drawn trains in C as on tensors.

Several stand beside each other, as C takes about as long to be compiled for one as for some.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netlang.catalogue.losses import MSE, Loss, SoftmaxCrossEntropy
from netlang.catalogue.optimizers import SGD, Adam, Optimizer
from netlang.compiler.ir import Graph
from tests.engine.agreement import both, difference, parts
from tests.graphs import graphs, graphs_with_shared_weights, side_by_side
from tests.random_examples import compiled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
]  # as they are compiled in C

SIZES = st.integers(1, 40)
# Behind weights of 0, gradients are roundings at first, which Adam's own 1e-8 makes steps of 1e-9.
ADAM = (Adam, {"lr": 1e-2, "eps": 1e-4})
TRAINED = (graphs(SIZES) | graphs_with_shared_weights(SIZES)).filter(
    lambda graph: graph.result in graph.behind_weights
)


@compiled(12)
@given(
    st.lists(TRAINED, min_size=1, max_size=10),
    st.sampled_from([1, 2, 3, 5, 8]),
    st.integers(1, 13),
    st.sampled_from([MSE(), MSE(reduction="sum"), SoftmaxCrossEntropy.declared({})]),
    st.sampled_from([ADAM, (SGD, {"lr": 1e-3})]),
)
def test_random_graphs_agree(
    drawn: list[Graph],
    batch: int,
    count: int,
    loss: Loss,
    optimizer: tuple[type[Optimizer], dict[str, float]],
) -> None:
    graph = side_by_side(drawn) if len(drawn) > 1 else drawn[0]
    native, tensor = both(graph, loss, optimizer, batch, count)
    # Products of many inputs may diverge, and then there is nothing to compare.
    assume(all(part.isfinite().all() for part in tensor))
    pairs = zip(parts(native, drawn), parts(tensor, drawn), strict=True)
    assert all(difference(*pair) < 1e-9 for pair in pairs)
