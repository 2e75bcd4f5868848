"""What a network costs to be written in C and compiled grows as its layers do, and has a bound."""

from __future__ import annotations

import pytest

from netlang.catalogue.layers import Dropout, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.c.generator import outlining
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.lowerings import Unsupported
from tests.engine.agreement import apart
from tests.graphs import chain, dense


def graph(text: str) -> Graph:
    return compile_source(SourceFile("large.net", text)).require().graph


def test_a_network_of_too_many_layers_is_left_to_tensors() -> None:
    made = chain(*[dense(2, 2)] * 20_000, start=(2,))
    with pytest.raises(Unsupported, match="has 20,000 layers, and C is written for up to 4,000"):
        emit(made, MSE(), SGD.declared({}), batch=10)


@pytest.mark.parametrize("join", ["Add", "Mul", "Concat"])
def test_a_join_of_too_many_values_is_left_to_tensors(join: str) -> None:
    branches = ", ".join(["x"] * 600)
    made = graph(f"net = Linear(2, 2) as x -> [{branches}] -> {join}")
    with pytest.raises(Unsupported, match=f"{join} in line 1 joins 600 values"):
        emit(made, MSE(), SGD.declared({}), batch=10)


def test_a_layer_more_is_a_few_lines_more() -> None:
    lengths = []
    for layers in (50, 100, 150):
        made = chain(*[dense(2, 2), Dropout.declared({"p": 0.3})] * layers, start=(2,))
        lengths.append(emit(made, MSE(), SGD.declared({}), batch=10).source.count("\n"))
    assert lengths[2] - lengths[1] == lengths[1] - lengths[0]
    assert lengths[1] - lengths[0] < 50 * 50


@pytest.mark.usefixtures("compiler")
def test_long_lists_of_calls_in_pieces_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlining, "_CALLS", 2)
    block = dense(3, 3), Dropout.declared({"p": 0.3}), Tanh.declared({})
    made = chain(*block * 4, dense(3, 3), start=(3,))
    source = emit(made, MSE(), SGD.declared({}), batch=4).source
    for name in ("before_2", "forward_4", "backward_6", "after_2", "evaluate_4"):
        assert f"ONLY_CALLS {name}(" in source
    assert apart(made, MSE(), batch=4) < 1e-9


@pytest.mark.usefixtures("compiler")
def test_many_elementwise_layers_in_a_row_are_several_loops() -> None:
    made = chain(dense(3, 3), *[Tanh.declared({})] * 150, dense(3, 2), start=(3,))
    assert max(len(stage.numbers) for stage in Plan(made).stages) == 64
    assert apart(made, MSE()) < 1e-9
