"""What each target lacks of the catalogue, and that a function stands for one class alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from netlang.catalogue import registry
from netlang.catalogue.data import Disc
from netlang.catalogue.items import Item
from netlang.catalogue.layers import Identity, ReLU, Select, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.metrics import Accuracy
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering import c, onnx, pytorch
from netlang.lowering.languages import LOWERINGS
from netlang.lowering.lowerings import Lowerings, Unsupported
from netlang.lowering.onnx.values import Value
from netlang.lowering.pytorch.counterparts import TorchExpression
from netlang.tools.cli.group import cli

# By target, what it does not say yet.
MISSING: dict[str, set[str]] = {
    "C": {
        *("LBFGS", "Muon"),
    },
    "exported C": set(),
    "NumPy": set(),
    "ONNX": set(),
    "PyTorch": set(),
}


@pytest.mark.parametrize("lowers", LOWERINGS, ids=lambda lowers: lowers.target)
def test_a_target_says_all_of_the_catalogue_but_what_is_listed_here(lowers: Lowerings) -> None:
    items = [item for kind in lowers.returns for item in registry.items(kind)]
    assert {item.kind for item in items} == set(lowers.returns)
    assert {item.name for item in items if not lowers.says(item)} == MISSING[lowers.target]


@pytest.mark.parametrize("lowers", LOWERINGS, ids=lambda lowers: lowers.target)
def test_a_subclass_is_not_said_as_the_class_that_it_comes_from(lowers: Lowerings) -> None:
    class Shifted(ReLU):
        pass

    x: tuple[object, ...] = (Shape.of(3),)
    if lowers is onnx.lowers:
        x = onnx.Own("relu1", {}), Value("float32", Shape.of(3))
    assert lowers.lowered(ReLU(), *x)
    with pytest.raises(Unsupported, match=f"Shifted has no counterpart in {lowers.target}"):
        lowers.lowered(Shifted(), *x)


PROGRAM = """
net = Linear(2, 2) -> Tanh
data = Disc
loss = MSE
optimizer = SGD
metrics = [accuracy]
"""


@pytest.mark.parametrize(
    ("item", "found", "why"),
    [
        (Tanh, "nn.Tanh()", "Tanh in line 2 has 'nn.Tanh..' .* no TorchModule or TorchExpression"),
        (Tanh, TorchExpression("x0 * x1"), "Tanh in line 2 names x0 in its PyTorch"),
        (MSE, "F.mse_loss(y, t)", "MSE has 'F.mse_loss.y, t.' .* no TorchLoss"),
        (SGD, TorchExpression("SGD"), "SGD has TorchExpression.* no TorchOptimizer"),
        (Accuracy, TorchExpression("y"), "accuracy has TorchExpression.* no TorchMetric"),
        (Disc, "load()", "Disc has 'load..' as its PyTorch, which is no TorchData"),
    ],
)
def test_what_an_export_cannot_be_made_of_is_told_to_its_author(
    item: type[Item], found: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pytorch.lowers.functions, item, lambda *_: found)
    with pytest.raises(Unsupported, match=why):
        pytorch.to_pytorch(compile_source(SourceFile("a.net", PROGRAM)).require(), Path())


@pytest.mark.parametrize("item", [Identity, Select], ids=lambda item: item.name)
def test_a_wire_needs_no_function_as_a_graph_has_no_node_for_it(item: type[Layer]) -> None:
    net = "[ReLU, Tanh] -> Select(1) -> Identity"
    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = [2]")).require().graph
    assert {type(node.layer) for node in graph.layers} == {ReLU, Tanh}
    for lowers in LOWERINGS:
        assert item not in lowers.functions
        assert lowers.says(item)


def test_layers_tells_what_a_target_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(c.lowers.functions, ReLU)
    shown = CliRunner().invoke(cli, ["layers", "--targets"]).output.splitlines()
    head = shown[0]
    assert head.split() == [word for lowers in LOWERINGS for word in lowers.target.split()]
    begins = [head.index(lowers.target) for lowers in LOWERINGS]
    cells = {
        line.split()[0]: {
            lowers.target: line[begin:end].strip()
            for lowers, begin, end in zip(LOWERINGS, begins, [*begins[1:], None], strict=True)
        }
        for line in shown[1:]
    }
    assert cells["ReLU"] == {lowers.target: "yes" for lowers in LOWERINGS} | {
        "C": "-",
        "exported C": "-",
    }
    assert (cells["Adam"]["C"], cells["Adam"]["PyTorch"]) == ("yes", "yes")
    assert (cells["accuracy"]["C"], cells["accuracy"]["PyTorch"]) == ("", "yes")


def test_layers_tells_it_to_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(c.lowers.functions, ReLU)
    shown = json.loads(CliRunner().invoke(cli, ["layers", "--targets", "--json"]).output)
    targets = {one["name"]: one["targets"] for one in shown}
    assert targets["ReLU"] == {lowers.target: True for lowers in LOWERINGS} | {
        "C": False,
        "exported C": False,
    }
    assert targets["accuracy"] == {"PyTorch": True}
