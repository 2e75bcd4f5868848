"""Shapes: between layers, at the network's two ends, and through named networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.written_size import LAYER_LIMIT
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.names import NetworkTooLarge, UnknownName
from netlang.language.diagnostics.messages.shapes import (
    BranchesMismatch,
    DataMismatch,
    InputsDisagree,
    InputUnknown,
    LayerMismatch,
    OutputMismatch,
)
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile

FLOWERS = "a,b,c,species\n" + "".join(f"{i},{i},{i},{'xyz'[i % 3]}\n" for i in range(30))
HOUSES = "rooms,area,price\n" + "".join(f"{i},{2 * i},{i + 0.5}\n" for i in range(10))


def diagnostics(text: str, path: Path | None = None) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text, path)).diagnostics


def mistake(text: str, path: Path | None = None) -> Diagnostic:
    (found,) = diagnostics(text, path)
    return found


def graph(text: str, path: Path | None = None) -> Graph:
    compilation = compile_source(SourceFile("a.net", text, path))
    assert not compilation.diagnostics
    return compilation.require().graph


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The path of a .net file beside two tables."""
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    (tmp_path / "houses.csv").write_text(HOUSES)
    return tmp_path / "a.net"


def test_each_node_takes_what_the_one_before_it_gives() -> None:
    nodes = graph("net = Linear(2, 5) -> ReLU -> Linear(5, 3) -> Softmax").layers
    assert [node.name for node in nodes] == ["linear1", "relu1", "linear2", "softmax1"]
    assert [node.inputs for node in nodes] == [(0,), (1,), (2,), (3,)]
    assert [str(node.takes[0]) for node in nodes] == ["[N, 2]", "[N, 5]", "[N, 5]", "[N, 3]"]
    assert [str(node.shape) for node in nodes] == ["[N, 5]", "[N, 5]", "[N, 3]", "[N, 3]"]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("net = Linear(2, 5)", (2,)),
        ("net = ReLU -> Dropout -> Linear(7, 5)", (7,)),
        ("net = ReLU\ninput = [3, 4]", (3, 4)),
        ("net = Linear(4, 2)\ninput = [8, 3, 4]", (8, 3, 4)),
        ("net = ReLU\ninput = []", ()),
        ("net = ReLU\ninput = none\ndata = Disc\n", (2,)),
        ("net = ReLU\ndata = Disc", (2,)),
        ("net = ReLU\ndata = Disc\ninput = [2]", (2,)),
    ],
)
def test_the_inputs_shape_is_the_datas_or_the_stated_or_what_the_first_layer_takes(
    text: str, shape: tuple[int, ...]
) -> None:
    assert graph(text).input == Shape(shape)


def test_a_linear_layer_keeps_the_dimensions_before_the_last() -> None:
    assert graph("net = Linear(4, 2) -> ReLU\ninput = [8, 3, 4]").output == Shape.of(8, 3, 2)


def test_weights_and_multiply_adds_are_counted() -> None:
    found = graph("net = Linear(2, 25) -> ReLU -> Linear(25, 2)")
    assert found.weights == 2 * 25 + 25 + 25 * 2 + 2
    assert found.macs == 2 * 25 + 25 * 2


def test_an_input_that_nothing_tells_is_asked_for() -> None:
    found = mistake("net = ReLU -> Tanh")
    assert isinstance(found, InputUnknown)
    assert found.span
    assert found.span.text == "ReLU"


def test_a_mismatch_shows_both_layers_and_writes_the_one_that_fits() -> None:
    found = mistake("n = 5\nnet = Linear(2, n) -> ReLU -> Dropout -> Linear(n + 1, out_features=3)")
    assert isinstance(found, LayerMismatch)
    assert found.made
    assert (found.got, found.takes) == (Shape.of(5), Shape.of(6))
    assert found.made.span.text == "Linear(2, n)"
    assert found.changes.resized == "Linear(_, out_features=3)"


def test_a_layer_that_would_fit_keeps_what_was_written_by_name_and_in_place() -> None:
    for written, fixed in (
        ("Linear(in_features=4, out_features=3)", "Linear(in_features=5, out_features=3)"),
        ("Linear(out_features=3, in_features=4)", "Linear(out_features=3, in_features=5)"),
        ('Linear(4, 3, init="zero")', 'Linear(5, 3, init="zero")'),
    ):
        found = mistake(f"net = Linear(2, 5) -> {written}")
        assert found.helps[0].startswith(f"write `{fixed}`")


def test_after_a_mismatch_the_rest_is_checked_against_what_the_layer_gives() -> None:
    first, second = diagnostics(
        "net = Linear(2, 3) -> Linear(4, 5) -> Linear(5, 6) -> Linear(7, 8)"
    )
    assert [label.text for label in first.labels] == ["this produces [N, 3]"]
    assert [label.text for label in second.labels] == ["this produces [N, 6]"]


@pytest.mark.parametrize(
    "middle", ["Zebra", "Linear(5)", "Linear(5, 0)", "Dropout(2)", "Linear(1 / 0, 5)", "3", "MSE"]
)
def test_a_layer_with_a_mistake_is_told_alone_whatever_shapes_stand_around_it(middle: str) -> None:
    assert len(diagnostics(f"net = Linear(2, 3) -> {middle} -> Linear(7, 2)\ndata = Disc")) == 1
    assert len(diagnostics(f"net = {middle} -> Linear(7, 2)\ndata = Disc")) == 1
    assert len(diagnostics(f"net = Linear(2, 3) -> {middle}\ndata = Disc")) == 1
    assert len(diagnostics(f"net = {middle} -> ReLU")) == 1


def test_shapes_are_checked_again_behind_a_layer_with_a_mistake() -> None:
    found = diagnostics("net = Zebra -> Linear(7, 2) -> ReLU -> Linear(3, 2)")
    assert [type(one) for one in found] == [UnknownName, LayerMismatch]


def test_a_mismatch_in_a_named_network_shows_the_uses_that_led_there() -> None:
    found = mistake("head = Linear(9, 2)\ntail = Tanh -> head\nnet = Linear(2, 5) -> tail")
    assert isinstance(found, LayerMismatch)
    assert found.span
    assert found.span.first.line == 1
    assert [one.span.first.line for one in found.trail] == [2, 3]
    assert [one.text for one in found.trail] == [
        "in `head`, used here",
        "in `tail`, used here",
    ]


def test_every_node_remembers_the_names_that_led_to_it() -> None:
    nodes = graph("a = Linear(2, 2)\nb = a -> ReLU\nnet = b -> a").layers
    assert [node.name for node in nodes] == ["linear1", "relu1", "linear2"]
    trails = [[expansion.span.text for expansion in node.origin.trail] for node in nodes]
    assert trails == [["a", "b"], ["b"], ["a"]]
    assert [node.origin.span.text for node in nodes] == ["Linear(2, 2)", "ReLU", "Linear(2, 2)"]


def test_two_uses_of_a_layer_are_two_nodes() -> None:
    found = graph("a = Linear(2, 2) -> Tanh\nnet = a -> a -> a")
    assert len(found.layers) == 6
    assert len({id(node.layer) for node in found.layers}) == 6
    assert found.weights == 3 * 6


def test_data_that_does_not_fit_the_first_layer_is_told_at_both_ends() -> None:
    found = mistake("net = Linear(3, 2)\ndata = Disc")
    assert isinstance(found, DataMismatch)
    assert found.labels[0].span.text == "Disc"
    assert found.changes.resized == "Linear(2, 2)"


def test_data_that_does_not_fit_the_first_layer_with_a_size_is_told_as_data() -> None:
    found = mistake("net = ReLU -> Linear(3, 2)\ndata = Disc")
    assert [label.text for label in found.labels] == ["a sample is [N, 2]"]


@pytest.mark.parametrize(
    ("net", "fixed"),
    [
        ("Linear(2, 3)", "Linear(2, 2)"),
        ("Linear(2, 3) -> Softmax", "Linear(2, 2)"),
        ("Linear(2, 3) -> Softmax -> Dropout", "Linear(2, 2)"),
        ("Linear(2, 5) -> Linear(5, out_features=3)", "Linear(5, out_features=2)"),
        ("Linear(2, 2) -> Linear(2, 5)", "Linear(2, 2)"),
    ],
)
def test_an_output_that_does_not_fit_the_classes_is_told_at_the_layer_that_makes_it(
    net: str, fixed: str
) -> None:
    found = mistake(f"net = {net}\ndata = Disc")
    assert isinstance(found, OutputMismatch)
    assert found.helps[0].startswith(f"write `{fixed}`")
    assert found.labels[0].text == "2 classes: outside and inside"


def test_one_output_is_enough_for_two_classes() -> None:
    assert graph("net = Linear(2, 1) -> Sigmoid\ndata = Disc").output == Shape.of(1)


def test_a_name_with_an_underscore_is_no_hole() -> None:
    found = mistake("n_out = 1\nnet = Linear(2, 25) -> ReLU -> Linear(30, n_out)")
    assert found.helps == ("write `Linear(25, n_out)`, or change what comes before it",)
    found = mistake("n_out = 1\nnet = Linear(30, n_out)\ndata = Disc")
    assert found.helps == ("write `Linear(2, n_out)`, or `_` for the size to let netlang find it",)
    found = mistake("n_in = 30\nnet = Linear(2, 25) -> ReLU -> Linear(n_in, 1)")
    assert found.helps == ("write `Linear(_, 1)` to let netlang find the size",)


def test_three_classes_take_three_outputs(beside: Path) -> None:
    data = 'data = CSV("flowers.csv", target="species")'
    assert graph(f"net = Linear(3, 3)\n{data}", beside).output == Shape.of(3)
    for outputs in (1, 2, 4):
        found = mistake(f"net = Linear(3, {outputs})\n{data}", beside)
        assert isinstance(found, OutputMismatch)
        assert found.labels[0].text == "3 classes: x, y and z"


def test_a_number_to_predict_takes_one_output(beside: Path) -> None:
    data = 'data = CSV("houses.csv", target="price")'
    assert graph(f"net = Linear(2, 1)\n{data}", beside).output == Shape.of(1)
    found = mistake(f"net = Linear(2, 2)\n{data}", beside)
    assert isinstance(found, OutputMismatch)
    assert found.labels[0].text == "1 number to predict"


def test_both_ends_are_told_where_neither_fits() -> None:
    found = diagnostics("net = Linear(3, 5) -> ReLU\ndata = Disc")
    assert {type(one) for one in found} == {DataMismatch, OutputMismatch}


def test_a_mismatch_at_both_ends_of_the_only_layer_offers_sizes_that_go_together() -> None:
    first, second = diagnostics("net = Linear(3, 5)\ndata = Disc")
    assert isinstance(first, DataMismatch | OutputMismatch)
    assert isinstance(second, DataMismatch | OutputMismatch)
    helps = sorted(one.helps[0] for one in (first, second))
    assert [help[: len("write `Linear(2, 5)`")] for help in helps] == [
        "write `Linear(2, 5)`",
        "write `Linear(3, 2)`",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "net = Linear(2, 5) -> Linear(4, 3)",
        "net = Linear(2, 5) -> Linear(3, 5)",
        "net = [Linear(2, 3), Linear(2, 4)] -> Add",
        "net = [Linear(2, 3), Linear(2, 4)] -> Linear(7, 2)",
        "net = Linear(3, 2)\ndata = Disc",
        "net = Linear(2, 3)\ndata = Disc",
    ],
)
def test_sizes_and_joins_are_guesses_that_no_machine_makes(text: str) -> None:
    found = mistake(text)
    assert found.helps
    assert not found.fixes


def test_input_and_data_that_disagree_are_told_once() -> None:
    found = mistake("net = Linear(2, 2)\ndata = Disc\ninput = [5]")
    assert isinstance(found, InputsDisagree)


@pytest.mark.parametrize(
    "net",
    [
        "GRU(3, 8) -> Last -> Linear(8, 2)",
        "Permute([2, 0, 1]) -> Conv2d(3, 8, 3) -> ReLU -> Flatten -> Linear(_, 2)",
        "MaxPool2d(2) -> Conv2d(3, 8, 3) -> ReLU -> GlobalAvgPool -> Linear(8, 2)",
        "[GRU(3, 8) -> Last, Mean -> Linear(3, 8)] -> Add -> Linear(8, 2)",
        "Embedding(_, 8) -> GRU(8, 8) -> Last -> Linear(8, 2)",
    ],
)
def test_data_that_cannot_be_read_are_the_only_mistake(net: str) -> None:
    found = mistake(f'net = {net}\ndata = Arrays("none.npz")\n')
    assert isinstance(found, DataFileUnreadable)


def test_behind_data_that_cannot_be_read_sizes_between_layers_still_have_to_fit() -> None:
    net = "GRU(3, 8) -> Last -> Linear(8, 4) -> ReLU -> Linear(5, 2)"
    found = diagnostics(f'net = {net}\ndata = Arrays("none.npz")\n')
    assert {type(one) for one in found} == {DataFileUnreadable, LayerMismatch}


def test_a_sample_that_is_one_number_fits_no_layer_that_takes_a_row() -> None:
    for layer in ("Softmax", "Linear(2, 2)"):
        assert isinstance(mistake(f"net = ReLU -> {layer}\ninput = []"), LayerMismatch)


@pytest.mark.parametrize("count", [3000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_thousands_of_layers_are_compiled(count: int) -> None:
    chain = " -> ".join(["Linear(2, 2)", "ReLU"] * (count // 2))
    found = graph(f"net = {chain}")
    assert len(found.layers) == count
    assert found.nodes[-1].name == f"relu{count // 2}"


def test_networks_that_double_are_counted_and_refused_before_any_layer_is_made() -> None:
    lines = ["a0 = Linear(2, 2)", *(f"a{i} = a{i - 1} -> a{i - 1}" for i in range(1, 61))]
    found = mistake("\n".join([*lines, "net = a60"]))
    assert isinstance(found, NetworkTooLarge)
    assert found.count == 10**18
    assert found.title == "a network of more than 10^15 layers is more than netlang takes"


def test_fans_that_double_what_travels_are_refused_before_they_are_made() -> None:
    found = mistake("net = ([Identity, Identity] * 60) -> Add -> Linear(4, 2)\ninput = [4]")
    assert isinstance(found, NetworkTooLarge)
    assert "more than 1,000,000 connections" in found.title


@pytest.mark.slow
def test_the_largest_network_is_taken_and_one_layer_more_is_not() -> None:
    tens = [f"a{i} = " + " -> ".join([f"a{i - 1}"] * 10) for i in range(1, 6)]
    text = "\n".join(["a0 = Tanh", *tens, "input = [2]", "net = a5"])
    assert len(graph(text).layers) == LAYER_LIMIT == 100_000
    found = mistake(text + " -> Tanh")
    assert isinstance(found, NetworkTooLarge)
    assert "100,001 layers" in found.title


@pytest.mark.parametrize(
    "rest",
    [
        "[Concat, Add] -> Concat",
        "Identity as t -> Concat -> Linear(7, 5) -> [[Linear(5, 5), Tanh], t -> Add] -> Concat",
    ],
)
def test_the_branches_that_disagree_are_those_of_the_fan_out_they_left(rest: str) -> None:
    (found,) = diagnostics(f"net = Linear(2, 2) -> [Linear(2, 3), Linear(2, 4)] -> {rest}\n")
    assert isinstance(found, BranchesMismatch)
    branches = [branch.text for _, _, branch in found.branches if branch]
    assert branches == ["Linear(2, 3)", "Linear(2, 4)"]


@pytest.fixture
def beside_arrays(tmp_path: Path) -> Path:
    """The path of a .net file beside sequences and pictures, of which each place has a class."""
    draws = np.random.default_rng(0)
    steps = {"x": draws.normal(size=(20, 7, 3)), "y": draws.integers(0, 4, (20, 7))}
    pixels = {"x": draws.normal(size=(20, 3, 6, 6)), "y": draws.integers(0, 3, (20, 6, 6))}
    np.savez(tmp_path / "steps.npz", **steps)
    np.savez(tmp_path / "pixels.npz", **pixels)
    return tmp_path / "a.net"


@pytest.mark.parametrize(
    ("net", "help"),
    [
        (
            "GRU(3, 8) -> Last -> Linear(8, 4)",
            "leave `Last` out: what it gets, [N, 7, 8], fits here",
        ),
        (
            'GRU(3, 8, output="last") -> Linear(8, 8) -> Tanh -> Linear(8, 4)',
            'write `GRU(3, 8, output="all")` in place of `GRU(3, 8, output="last")`',
        ),
    ],
)
def test_what_takes_the_steps_away_is_named_where_each_has_a_class(
    beside_arrays: Path, net: str, help: str
) -> None:
    data = 'data = Arrays("steps.npz", task="classification")'
    found = mistake(f"net = {net}\n{data}\n", beside_arrays)
    assert isinstance(found, OutputMismatch)
    assert found.helps == (help,)


def test_classes_of_another_number_that_come_first_are_put_right_at_once(
    beside_arrays: Path,
) -> None:
    data = 'data = Arrays("pixels.npz", task="classification")'
    found = mistake(f"net = Conv2d(3, 4, 1)\n{data}\n", beside_arrays)
    assert found.helps == (
        "write `Conv2d(3, 3, 1) -> Permute([1, 2, 0])` in place of `Conv2d(3, 4, 1)`",
    )


def test_whole_numbers_at_each_step_may_be_classes_and_that_is_told_once(
    beside_arrays: Path,
) -> None:
    text = (
        'net = GRU(3, 8) -> Linear(8, 4)\ndata = Arrays("steps.npz")\nloss = SoftmaxCrossEntropy\n'
    )
    found = mistake(text, beside_arrays)
    assert 'add `task="classification"` to the data' in found.helps[-1]


def test_no_row_is_offered_to_a_layer_that_takes_steps(beside_arrays: Path) -> None:
    data = 'data = Arrays("steps.npz", task="classification")'
    found = mistake(f"net = GRU(4, 8) -> Linear(8, 4)\n{data}\n", beside_arrays)
    assert isinstance(found, DataMismatch)
    assert not any("Flatten" in help for help in found.helps)
