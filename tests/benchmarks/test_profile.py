"""The table of a step's calls has all of them."""

from __future__ import annotations

import pytest

from tests.benchmarks.profile import PASSES, Place, table, timed
from tests.benchmarks.workloads import model2

CALLS = """
ONLY_CALLS slice(const struct call *c) {
        gather(c, w, first, n);
        /* nodes 1 2 */
        linear_relu_forward_4(w->v0, w->v2);
        if (c->sample_weights) weigh_rows(c->sample_weights + first, n, w->v8);
        /* nodes 2 */
        if (id == 0 % threads)
            linear_before_1(c->weights + 0);
        return found(n);
"""


def test_a_clock_is_read_around_each_call() -> None:
    source, places = timed(CALLS)
    assert places == [
        Place("gather", ()),
        Place("linear_relu_forward_4", (1, 2)),
        Place("weigh_rows", ()),
        Place("linear_before_1", (2,)),
    ]
    assert [place.kind for place in places] == [PASSES[-1], "forward", PASSES[-1], PASSES[-1]]
    assert "        CLOCK(1, linear_relu_forward_4(w->v0, w->v2));\n" in source
    assert "if (c->sample_weights) CLOCK(2, weigh_rows(" in source
    assert "return found(n);" in source


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_each_layer_has_a_row() -> None:
    rows = {row[0]: row[1:] for row in table(model2(10), 2).rows}
    assert all(rows["linear2 [N, 25]"])
    assert {"update", "loss_gradient", "in all"} <= rows.keys()
