"""The exported model computes what netlang's does, and autograd finds the gradients of our hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.arguments import Argument, PlainValue
from netlang.catalogue.layers import Attention
from netlang.catalogue.layers.initial import INITS
from netlang.catalogue.losses import Loss, SoftmaxCrossEntropy
from netlang.catalogue.metrics import Accuracy, Metric, RSquared
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import Optimizer
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.syntax import read
from netlang.lowering.pytorch import lowers
from netlang.system.shipped import folder
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build
from tests.catalogue.losses.cases import (
    LOSSES,
    classes_for,
    loss_of,
    outputs_of,
    takes,
    values_for,
)
from tests.catalogue.test_library import SHAPED
from tests.graphs import behind_linears, chain, dense, graphs
from tests.lowering.pytorch.written import alone, compiled, known_to, weights, written
from tests.paths import ROOT
from tests.together import together

FILES = [
    *sorted(folder("models").glob("*.net")),
    *sorted((ROOT / "tests" / "architectures").glob("*.net")),
]


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def assert_same(graph: Graph, may_overflow: bool = False, spread: float = 1.0) -> None:
    """Outputs, and every gradient of their sum weighted at random; ``spread`` is the deviation of
    the weights.
    """
    exported, code = written(alone(graph))
    network = Network(graph, 0)
    network.to(torch.float64)
    network.parameters.normal_(0, spread)
    model = code.Model()
    pairs = [*weights(network, exported, model)]
    x = torch.rand(5, *graph.input.sizes)
    if isinstance(tokens := graph.input.vocabulary, int):
        x = (x * tokens).floor()
    network.eval()  # without dropout
    model.eval()
    with torch.no_grad():
        y = network.forward(x.clone())
    found = model(x.clone())
    if may_overflow:
        assume(y.isfinite().all())
    torch.testing.assert_close(found.detach(), y, rtol=1e-9, atol=1e-12)
    dy = torch.rand_like(y)
    network.zero_grad()
    network.accumulate(dy.clone())
    if found.requires_grad:
        found.backward(dy)
    for ours, theirs in pairs:
        gradient = torch.zeros_like(ours) if theirs.grad is None else theirs.grad
        if may_overflow:
            assume(ours.isfinite().all())
        torch.testing.assert_close(ours, gradient, rtol=1e-8, atol=1e-9)


@together(("item", "text", "samples"), LOWERED)
def test_each_layer(item: type[Layer], text: str, samples: Samples) -> None:
    assert_same(behind_linears(item.declared(build(text).values), samples))


def test_layers_compute_where_their_weights_are() -> None:
    """The device "meta" has shapes alone, and refuses what is anywhere else."""
    for item, text, samples in (case.values for case in LOWERED):
        graph = behind_linears(item.declared(build(text).values), samples)
        _, code = written(alone(graph))
        x = torch.zeros(2, *graph.input.sizes, device="meta")
        assert code.Model().to("meta")(x).device.type == "meta", text
        if item is Attention:
            padded = code.Attention(4, 2, padded=True).to("meta")
            lengths = torch.ones(2, dtype=torch.int64, device="meta")
            assert padded(torch.zeros(2, 3, 4, device="meta"), lengths).device.type == "meta"


@settings(max_examples=60)
@given(graphs())
def test_random_graphs(graph: Graph) -> None:
    assert_same(graph, may_overflow=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_model_and_architecture(path: Path) -> None:
    compilation = compile_source(read(str(path)))
    if compilation.ok:  # some are definitions for others to import
        # Large weights of a recurrent layer let what rounding changes grow with each of 64 steps.
        assert_same(compilation.require().graph, spread=0.1 if path.stem == "gru" else 1.0)


@pytest.mark.parametrize("name", SHAPED)
def test_each_block_of_samples_that_are_no_rows(name: str) -> None:
    use, sample, *_ = SHAPED[name]
    assert_same(compiled(f"net = {use}\ninput = {[*sample]}\n").graph)


@pytest.mark.parametrize("text", LOSSES)
def test_each_loss_and_its_gradient(text: str) -> None:
    loss = loss_of(text)
    for sample in ((3,), (1,), (2, 3)):
        if not takes(loss, sample[-1]):
            continue
        y = outputs_of(loss, 6, sample)
        said = lowers.lowered(loss, Shape(tuple(y.shape[1:])))
        t = classes_for(6, sample) if said.of_classes else values_for(loss, 6, sample)
        leaf = y.clone().requires_grad_()
        names = known_to(said) | {"y": leaf, "t": t}
        value: Tensor = eval(said.text, names)
        names["loss"] = lambda y, t, value=value: value
        value.backward()
        assert leaf.grad is not None
        torch.testing.assert_close(value.detach(), loss.forward(y, t))
        torch.testing.assert_close(leaf.grad, loss.backward())
        torch.testing.assert_close(eval(said.per_sample, names).detach(), loss.per_sample(y, t))
        torch.testing.assert_close(eval(said.prediction, names).detach(), loss.prediction(y))
        weights = torch.rand(6, dtype=torch.float64)
        weighted = eval(said.each, names).detach() * weights
        weighted = weighted.mean() if loss.is_mean else weighted.sum()
        torch.testing.assert_close(weighted, loss.weighted(y, t, weights))


@pytest.mark.parametrize("of_classes", [True, False], ids=["classes", "values"])
def test_losses_that_are_added_up(of_classes: bool) -> None:
    first = loss_of("SoftmaxCrossEntropy" if of_classes else "Huber(0.5)")
    others = Term(loss_of("MSE")), Term(loss_of("SigmoidCrossEntropy"), 2)
    loss = SumOfLosses.of(Term(first, 0.5), *others)
    said = lowers.lowered(loss, Shape.of(3))
    y = torch.randn(6, 3, requires_grad=True)
    t = torch.arange(6) % 3 if of_classes else torch.randn(6, 3)
    value: Tensor = eval(said.text, known_to(said) | {"y": y, "t": t})
    value.backward()
    assert y.grad is not None
    torch.testing.assert_close(value.detach(), loss.forward(y.detach(), t))
    torch.testing.assert_close(y.grad, loss.backward())
    each = eval(said.each, known_to(said) | {"y": y, "t": t})
    torch.testing.assert_close(each.detach(), loss.each(y.detach(), t))


def test_softmax_cross_entropy_and_accuracy_of_positions_leave_out_those_of_no_class() -> None:
    loss, shape = SoftmaxCrossEntropy(), Shape.of(3, 4)
    said = lowers.lowered(loss, shape)
    y, t = torch.rand(6, 3, 4).requires_grad_(), torch.arange(18).view(6, 3) % 5 - 1
    names = known_to(said) | {"y": y, "t": t}
    value: Tensor = eval(said.text, names)
    value.backward()
    torch.testing.assert_close(value.detach(), loss.forward(y.detach(), t))
    assert y.grad is not None
    torch.testing.assert_close(y.grad, loss.backward())
    torch.testing.assert_close(eval(said.each, names).mean(), value)
    accuracy = eval(lowers.lowered(Accuracy(), shape).text, names)
    assert accuracy.item() == Accuracy()(y.detach(), t)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_cross_entropy_of_a_probability_that_rounding_puts_above_1(target: float) -> None:
    loss = build("CrossEntropy(eps=1e-12)")
    assert isinstance(loss, Loss)
    y = torch.nextafter(torch.ones(1, 1, dtype=torch.float32), torch.tensor(2.0)).requires_grad_()
    t = torch.full_like(y, target)
    lowered = lowers.lowered(loss, Shape((1,)))
    value: Tensor = eval(lowered.text, known_to(lowered) | {"y": y, "t": t})
    torch.testing.assert_close(value.detach(), loss.forward(y.detach(), t), rtol=0, atol=0)
    value.backward()
    assert y.grad is not None
    torch.testing.assert_close(y.grad, loss.backward())


@pytest.mark.parametrize(
    "text", ["MSE", "CrossEntropy", "SoftmaxCrossEntropy", "SigmoidCrossEntropy", "Focal", "Hinge"]
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_each_loss_of_the_class_numbers_that_a_program_loads(text: str, outputs: int) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    if outputs == 1 and not loss.takes_one_output:
        pytest.skip("it takes a logit for each class")
    last = " -> Sigmoid" if loss.expects == "probabilities" else ""
    data = "data = Disc(train=30, test=20)\noptimizer = SGD"
    program = compiled(f"net = Linear(2, {outputs}){last}\n{data}\nloss = {text}")
    _, code = written(program)
    inputs, t = code.load_data(0)["train"]
    y = code.Model()(inputs)
    y.retain_grad()
    value = code.loss(y, t)
    value.backward()
    torch.testing.assert_close(value.detach(), loss.forward(y.detach(), t))
    torch.testing.assert_close(y.grad, loss.backward())
    measured = code.measure(y.detach(), t)
    assert measured["loss"] == pytest.approx(loss.per_sample(y.detach(), t).item())
    assert outputs == 1 or measured["accuracy"] == Accuracy()(y.detach(), t)


def _other_value(argument: Argument) -> PlainValue:
    """A value that is most likely not the default."""
    if argument.choices:
        return argument.choices[-1]
    return {bool: True, int: 3}.get(argument.type.python, 0.6)


BY_GRADIENTS = [
    item
    for item in registry.items("optimizer")
    if issubclass(item, Optimizer) and not item.needs_loss
]


@pytest.mark.parametrize("item", BY_GRADIENTS, ids=lambda item: item.name)
@pytest.mark.parametrize("changed", [False, True], ids=["default", "changed"])
def test_each_optimizer(item: type[Optimizer], changed: bool) -> None:
    values = {"lr": 3e-2} | {
        argument.name: _other_value(argument)
        for argument in item.arguments
        # `dampening` excludes `nesterov`, and the last two are for lists
        if changed and argument.name not in ("lr", "dampening", "on", "only")
    }
    graph = chain(dense(3, 2), start=(3,))
    network = Network(graph, 0)
    network.to(torch.float64)
    ours = item.over(network, values)
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        torch.nn.utils.vector_to_parameters(network.parameters, model.parameters())
    said = lowers.lowered(item.declared(values))
    known = {"torch": torch, "optim": torch.optim, "model": model}
    for definition in (each for one in said.uses for each in (*one.uses, one)):
        exec(definition.source, known)
    theirs = eval(said.of("model.parameters()"), known)
    for step in range(20):
        gradient = torch.randn(8, generator=torch.Generator().manual_seed(step))
        network.gradients.copy_(gradient)
        model.weight.grad, model.bias.grad = gradient[:6].view(2, 3), gradient[6:]
        ours.step()
        theirs.step()
    found = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    torch.testing.assert_close(found, network.parameters, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("metric", registry.items("metric"), ids=lambda item: item.name)
@pytest.mark.parametrize("outputs", [1, 3])
def test_each_metric(metric: type[Metric], outputs: int) -> None:
    y, values = torch.rand(60, outputs), torch.rand(60, outputs).round()
    classes = torch.randint(max(outputs, 2), (60,))
    for values_of in arguments(metric):
        ours = metric.declared(values_of)
        said = lowers.lowered(ours, Shape.of(outputs))
        for task, t in {"classification": classes, "labels": values, "regression": values}.items():
            if task not in metric.tasks:
                continue
            what, count = ("label", outputs) if task == "labels" else ("class", max(outputs, 2))
            if ours.misfit(count, what):
                continue
            value = eval(said.text, known_to(said) | {"y": y, "t": t})
            ours.start()
            ours.add(y, t)
            assert value.flatten().tolist() == pytest.approx([*ours.numbers()]), (values_of, task)


def test_no_metric_fails_where_no_place_has_a_class() -> None:
    y, t = torch.rand(2, 3, 3), torch.full((2, 3), -1)
    for item in registry.items("metric"):
        for values_of in arguments(item) if "classification" in item.tasks else []:
            ours = item.declared(values_of)
            if not ours.misfit(3, "class"):
                said = lowers.lowered(ours, Shape((3, 3)))
                eval(said.text, known_to(said) | {"y": y, "t": t}).tolist()


def arguments(item: type[Metric]) -> list[dict[str, Any]]:
    """Its defaults, and each other choice of each argument."""
    all = ((one, x) for one in item.arguments for x in (*one.choices, *_other(one)))
    others = [(one.name, x) for one, x in all if x != one.default]
    return [{}, *({name: value} for name, value in others)]


def _other(argument: Argument) -> list[Any]:
    if isinstance(argument.default, bool):
        return [not argument.default]
    numbers = [1, 2] * isinstance(argument.default, int) + [0.5] * isinstance(
        argument.default, float
    )
    return [None] * argument.may_be_none + numbers


@pytest.mark.parametrize(
    ("join", "count"),
    [("Add", 16), ("Add", 17), ("Add", 3000), ("Mul", 16), ("Mul", 17), ("Concat", 3000)],
)
def test_as_many_branches_as_netlang_takes(join: str, count: int) -> None:
    parts = ", ".join(["Tanh", "Identity"] * (count // 2) + ["Tanh"] * (count % 2))
    assert_same(compiled(f"net = Linear(2, 1) -> [{parts}] -> {join}\ninput = [2]").graph)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("bias", ["true", "false"])
def test_weights_begin_as_netlangs_do(init: str, bias: str) -> None:
    program = compiled(f'net = Linear(300, 200, init="{init}", bias={bias})')
    _, code = written(program)
    torch.manual_seed(0)
    theirs, ours = code.Model()[0], Network(program.graph, 0).modules[1]
    for name, weight in theirs.named_parameters():
        own, other = getattr(ours, name).double(), weight.detach()
        near = 0.3 if name == "bias" else 0.02  # of 200 numbers, and of 60,000
        assert other.std().item() == pytest.approx(own.std().item(), rel=near)
        assert other.abs().max().item() == pytest.approx(own.abs().max().item(), rel=0.3)
        assert abs(other.mean().item()) <= near * own.std().item()


def test_dropout_keeps_the_mean_and_drops_the_share() -> None:
    _, code = written(compiled("net = Dropout(0.25)\ninput = [4]"))
    y = code.Model()(torch.ones(10_000, 4))
    assert (y == 0).double().mean().item() == pytest.approx(0.25, abs=0.01)
    assert set(y.unique().tolist()) == {0.0, 1 / 0.75}


def test_weights_that_are_shared_are_one_module() -> None:
    program = compiled(
        "shared s = Linear(4, 4) -> Dropout(0.5)\nnet = [s, s] -> Add -> s\ninput = [4]"
    )
    _, code = written(program)
    assert sum(parameter.numel() for parameter in code.Model().parameters()) == 20
    assert_same(program.graph)


@pytest.mark.parametrize(
    ("y", "t"),
    [
        ([[1.0]], [[2.0]]),
        ([[2.0]], [[2.0]]),
        ([[1.0, 2.0], [1.0, 2.0]], [[1.0, 3.0], [1.0, 3.0]]),
        ([[1.0, 3.0], [1.0, 3.0]], [[1.0, 3.0], [1.0, 3.0]]),
        ([[1e8], [1e8 + 1]], [[1e8], [1e8 + 2]]),
    ],
)
def test_r2_is_the_same_of_targets_that_hardly_differ(
    y: list[list[float]], t: list[list[float]]
) -> None:
    metric = RSquared()
    for dtype in (torch.float64, torch.float32):
        names = {"y": torch.tensor(y, dtype=dtype), "t": torch.tensor(t, dtype=dtype)}
        said = lowers.lowered(metric, Shape.of(len(y[0])))
        found = eval(said.text, known_to(said) | names)
        assert found.item() == pytest.approx(metric(names["y"], names["t"]))
