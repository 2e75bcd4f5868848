"""An export means what the file means, and is laid out, however long its arguments are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.catalogue import registry
from netlang.catalogue.arguments import Argument, as_source
from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.losses.pairs import VectorLoss
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.shapes import ShapeError
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import lowers, to_pytorch
from tests.catalogue.layers.test_conformance import LOWERED, build, shape_of
from tests.catalogue.losses.cases import outputs_of, values_for
from tests.graphs import behind_linears
from tests.lowering.pytorch.test_data import assert_same_samples
from tests.lowering.pytorch.test_model import arguments, assert_same
from tests.lowering.pytorch.written import alone, assert_laid_out, written

NUMBERS = (1.2345678901234567e-06, 0.12345678901234568, 123456.78901234567)
NAME = "a long 'name' of \"something\", [which (goes on) + and on] " * 3


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def values(item: type[Item]) -> list[dict[str, Any]]:
    """Long numbers for its arguments, and all that it can choose among."""
    choices = {argument.name: _values(argument) for argument in item.arguments}
    first = {name: found[0] for name, found in choices.items() if found}
    others = [first | {name: value} for name, found in choices.items() for value in found[1:]]
    return [first, *others]


def _values(argument: Argument) -> list[Any]:
    numbers = [n for n in NUMBERS if argument.type.text == "a number" and argument.allows(n)]
    return numbers or list(argument.choices)


def use(item: type[Item], given: dict[str, Any]) -> str:
    return f"{item.name}({', '.join(f'{name}={as_source(v)}' for name, v in given.items())})"


def program(folder: Path, **changed: str) -> Program:
    settings = {"net": "Linear(2, 2)", "data": "Disc", "loss": "MSE", "optimizer": "SGD"} | changed
    text = "\n".join(f"{name} = {value}" for name, value in settings.items())
    source = SourceFile("a.net", text, folder / "a.net")
    return compile_source(source, to_run=True).require()


@pytest.mark.parametrize("item", registry.items("loss"), ids=lambda item: item.name)
def test_a_loss_is_the_same_with_long_arguments(item: type[Loss], tmp_path: Path) -> None:
    ends = {"probabilities": " -> Softmax", "log-probabilities": " -> LogSoftmax"}
    of_classes, sources = "classification" in item.tasks, []
    outputs = 2 if of_classes else item.declared({}).outputs_per_number
    net = f"Linear(_, {outputs}){ends.get(item.expects, '')}"
    if issubclass(item, VectorLoss):
        net = f"[{', '.join(['Linear(_, 3)'] * item.vectors)}] -> Stack"
    (tmp_path / "counts.csv").write_text("x,n\n" + "1,2\n2,0\n3,5\n4,1\n" * 5)
    numbers = 'Table("counts.csv", target="n", task="regression")'
    for given in values(item):
        data = "Disc" if of_classes else numbers if item.target_range else "Sine"
        made = program(tmp_path, net=net, data=data, loss=use(item, given), metrics="[]")
        exported, code = written(made, tmp_path)
        assert made.loss
        y = outputs_of(made.loss, 7, (2,) if of_classes else (1,))
        t = torch.arange(7) % 2 if of_classes else values_for(made.loss, 7, (1,))
        torch.testing.assert_close(code.loss(y, t), made.loss.forward(y, t), equal_nan=True)
        sources.append(exported.source)
    assert_laid_out(sources, tmp_path)


@pytest.mark.parametrize(
    "item", dict.fromkeys(case.values[0] for case in LOWERED), ids=lambda item: item.name
)
def test_a_layer_is_the_same_with_long_arguments(item: type[Layer], tmp_path: Path) -> None:
    text, *samples = item.examples[0]
    sources = []
    for given in values(item):
        layer = item.declared(build(text).values | given)
        try:
            layer.infer(*map(shape_of, samples))
        except ShapeError:  # such as HardTanh's without numbers between its ends
            continue
        graph = behind_linears(layer, tuple(samples))
        assert_same(graph)
        sources.append(to_pytorch(alone(graph), tmp_path).source)
    assert_laid_out(sources, tmp_path)


@pytest.mark.parametrize("item", registry.items("optimizer"), ids=lambda item: item.name)
def test_an_optimizer_is_the_same_with_long_arguments(
    item: type[Optimizer], tmp_path: Path
) -> None:
    sources = []
    for given in values(item):
        given.pop("only", None)  # for lists
        source = to_pytorch(program(tmp_path, optimizer=use(item, given)), tmp_path).source
        said = lowers.lowered(item.declared(given)).of("model.parameters()")
        _, made = ast.unparse(ast.parse(source)).split("def make_optimizer(model):\n    return ")
        assert made.splitlines()[0] == ast.unparse(ast.parse(said))
        sources.append(source)
    assert_laid_out(sources, tmp_path)


def test_every_metric_is_laid_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "0.5,1.5\n1.5,0.5\n" * 10)
    (tmp_path / "b.csv").write_text("x,y\n" + "0.5,1\n1.5,0\n" * 10)
    (tmp_path / "c.txt").write_text("abcdefgh" * 40)
    of = {
        "regression": {"data": 'CSV("a.csv", target="y")', "loss": 'MSE(reduction="sum")'},
        "classification": {"net": "Linear(2, 2)", "loss": "SoftmaxCrossEntropy"},
        "labels": {"data": 'CSV("b.csv", target="y", task="labels")', "loss": "CrossEntropy"},
    }
    nets = {"regression": "Linear(1, 1)", "labels": "Linear(1, 1) -> Sigmoid"}
    made = [program(tmp_path, net="Linear(2, 1)", loss="MSE", metrics="[accuracy]")]
    text = {"net": "Embedding(8, 4) -> Linear(4, 8)", "data": 'Text("c.txt", context=4)'}
    in_text = "[accuracy, perplexity, bits_per_character, top_k(2), f1(average=none), roc_auc]"
    made.append(program(tmp_path, **text, loss="SoftmaxCrossEntropy", metrics=in_text))
    for task, changed in of.items():
        items = [item for item in registry.items("metric") if task in item.tasks]
        choices = [use(item, given) for item in items for given in arguments(item)]
        net = {"net": nets[task]} if task in nets else {}
        made.append(program(tmp_path, **changed, **net, metrics=f"[{', '.join(choices)}]"))
    sources = [to_pytorch(one, tmp_path).source for one in made]
    assert_laid_out(sources, tmp_path)
    tried = {type(metric) for one in made for metric in one.metrics}
    assert tried == {*registry.items("metric")}


def test_tables_of_long_names_and_shares_are_read_the_same(tmp_path: Path) -> None:
    names = [f"{NAME}{number}" for number in range(3)]
    header = ",".join('"{}"'.format(name.replace('"', '""')) for name in ["x", *names])
    path = f"{'long/' * 20}a.csv"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(header + "\n" + "0.5,1,1,a\n1.5,0,0,b\n" * 20)
    target, *ignored = (as_source(name) for name in reversed(names))
    sources = []
    for ignore in ("[]", f"[{ignored[0]}]", f"[{', '.join(ignored)}]"):
        shares = "test=0.12345678901234568, validation=0.12345678901234568"
        data = f'CSV("{path}", target={target}, ignore={ignore}, {shares})'
        made = program(tmp_path, net="Linear(_, 2)", data=data)
        assert_same_samples(made, tmp_path)
        sources.append(to_pytorch(made, tmp_path).source)
    sizes = "train=100000000, test=100000000, validation=100000000, standardize=false"
    sources.append(to_pytorch(program(tmp_path, data=f"Disc({sizes})"), tmp_path).source)
    assert_laid_out(sources, tmp_path)
