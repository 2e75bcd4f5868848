"""Any network of the layers of the catalogue trains in C as on tensors, to 1e-9 in 64 bits.

Several stand beside each other, as C takes about as long to be compiled for one as for some.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from tests.engine.agreement import both, difference, parts
from tests.graphs import side_by_side
from tests.programs import networks

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]

EXAMPLES = int(os.environ.get("NETLANG_EXAMPLES", "5"))
TRAINED = networks().filter(lambda graph: graph.result in graph.behind_weights)
# Adam would make steps of a bias before a norm, whose gradient is a rounding.
DESCENT = (SGD, {"lr": 1e-3, "momentum": 0.5})


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(TRAINED, min_size=4, max_size=8),
    st.sampled_from([2, 3, 5, 17, 20]),
    st.integers(2, 21).filter(lambda count: count % 2 == 0),
)
def test_random_networks_agree(drawn: list[Graph], batch: int, count: int) -> None:
    count = max(2, count - (count % batch == 1))  # a norm needs two samples
    native, tensor = both(side_by_side(drawn), MSE(), DESCENT, batch, count)
    # Products of many numbers may diverge, and then there is nothing to compare.
    assume(all(part.isfinite().all() for part in tensor))
    pairs = zip(drawn, parts(native, drawn), parts(tensor, drawn), strict=True)
    for graph, *pair in pairs:
        assert difference(*pair) < 1e-9, [node.call for node in graph.layers]
