"""A model whose weights are read says nothing of how they begin, and has the same ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from netlang.catalogue.modules import Layer
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.program.written import written
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build
from tests.graphs import behind_linears
from tests.lowering.pytorch.written import executed
from tests.together import together

DRAWN = [case for case in LOWERED if any(one.name == "init" for one in case.values[0].arguments)]


@together(("item", "text", "samples"), DRAWN)
def test_each_layer_that_says_how_it_begins(item: type[Layer], text: str, samples: Samples) -> None:
    graph = behind_linears(item.declared(build(text).values), samples)
    made: list[nn.Module] = []
    for is_trained in (False, True):
        model = Model(graph, trained=is_trained)
        names: Any = executed(written([*model.uses, TorchDefinition(model.source)], "", ""))
        made.append(names.Model())
    untrained, trained = made
    shapes = [{name: one.shape for name, one in model.state_dict().items()} for model in made]
    assert shapes[0] == shapes[1]
    trained.load_state_dict(untrained.state_dict())
    x = torch.rand(3, *graph.input.sizes)
    if isinstance(tokens := graph.input.vocabulary, int):
        x = (x * tokens).floor()
    assert torch.equal(trained.eval()(x), untrained.eval()(x))
