"""Inputs: where in a sample's row each of them lies, by the data's names or by the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import Description
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.inputs import (
    InputShapesDisagree,
    InputsUnused,
    UnknownInput,
)
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile

HOMES = "size,city,rooms,age,price\n" + "".join(
    f"{30 + n},{'ORB'[n % 3]},{n % 4}.5,{n % 7},{n * 7 % 11 + 0.5}\n" for n in range(20)
)
PAIRS = Description(
    Shape.of(9),
    20,
    5,
    ("other", "same"),
    inputs=(("left", Shape.of(2, 2)), ("gap", Shape.of(1)), ("right", Shape.of(2, 2))),
)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The path of a .net file beside a table."""
    (tmp_path / "homes.csv").write_text(HOMES)
    return tmp_path / "a.net"


def diagnostics(text: str, path: Path | None = None) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text, path)).diagnostics


def graph(text: str, path: Path | None = None, described: Description | None = None) -> Graph:
    compilation = compile_source(SourceFile("a.net", text, path), described=described)
    assert not compilation.diagnostics, [one.title for one in compilation.diagnostics]
    return compilation.require().graph


def of_homes(net: str, ignore: str = "[]") -> str:
    return f'net = {net}\ndata = Table("homes.csv", target="price", ignore={ignore})\n'


def places(found: Graph) -> list[tuple[int, ...]]:
    return [node.layer.values["at"] for node in found.layers if node.layer.name == "Input"]  # type: ignore[misc]


def test_the_columns_of_a_table_lie_where_their_data_put_them(beside: Path) -> None:
    net = (
        '[Input(["size", "rooms", "age"]) -> Linear(_, 4), Input("city")] -> Concat -> Linear(7, 1)'
    )
    found = graph(of_homes(net), beside)
    assert found.input == Shape.of(6)  # three cities
    assert places(found) == [(0, 1, 4, 6), (1, 4)]
    assert [node.inputs for node in found.layers[:3]] == [(0,), (1,), (0,)]


def test_a_network_takes_the_columns_that_it_names(beside: Path) -> None:
    found = graph(of_homes('Input(["age", "size"]) -> Linear(2, 1)', '["city", "rooms"]'), beside)
    values = Network(found, 0).forward_all(torch.tensor([[1.0, 2.0]]))
    assert values[1].tolist() == [[2.0, 1.0]]


def test_a_whole_sample_and_a_part_of_it_go_together(beside: Path) -> None:
    found = graph(
        of_homes('[Input("city") -> Linear(_, 8), Linear(_, 8)] -> Add -> Linear(_, 1)'), beside
    )
    assert found.layers[2].takes == (Shape.of(6),)


def test_inputs_that_data_name_have_the_shapes_of_the_data() -> None:
    branches = '[Input("right") -> Flatten, Input("left", shape=[2, 2]) -> Flatten, Input("gap")]'
    text = f"net = {branches} -> Concat -> Linear(9, 2)\ndata = Disc\n"
    found = graph(text, described=PAIRS)
    assert places(found) == [(5, 9), (0, 4), (4, 5)]
    assert [str(node.shape) for node in found.layers[:2]] == ["[N, 2, 2]", "[N, 4]"]
    x = torch.arange(9.0).view(1, 9)
    first = Network(found, 0).forward_all(x)[1]
    assert first.tolist() == [[[5, 6], [7, 8]]]


def test_a_description_with_inputs_is_kept_as_json() -> None:
    kept = json.loads(json.dumps(PAIRS.to_json()))
    assert Description.from_json(kept) == PAIRS
    with pytest.raises(ValueError, match="another row"):
        Description.from_json(kept | {"input": [8]})


def test_without_data_inputs_lie_side_by_side_as_the_file_has_them() -> None:
    branches = 'Input("a", shape=[2, 3]) -> Flatten, Input("b", shape=[4]), Input("a") -> Flatten'
    found = graph(f"net = [{branches}] -> Concat\n")
    assert found.input == Shape.of(10)
    assert places(found) == [(0, 6), (6, 10), (0, 6)]
    assert found.output == Shape.of(16)


def test_an_input_may_hold_tokens() -> None:
    source, told = 'Input("source", shape=[5], tokens=7)', 'Input("target", tokens=_, shape=[3])'
    branches = f"{source} -> Embedding(_, 4), {told} -> Embedding(9, 4)"
    found = graph(f"net = [{branches}] -> Concat\n")
    assert [str(node.takes[0]) for node in found.layers if node.layer.name == "Embedding"] == [
        "[N, 5] of 7 tokens",
        "[N, 3] of 9 tokens",
    ]
    described = PAIRS.replace(inputs=(*PAIRS.inputs[:2], ("right", Shape.of(4, tokens=7))))
    assert Description.from_json(json.loads(json.dumps(described.to_json()))) == described
    net = 'Input("right") -> Embedding(_, 2) -> Flatten -> Linear(_, 2)'
    (left_out,) = compile_source(
        SourceFile("a.net", f"net = {net}\ndata = Disc\n"), described=described
    ).diagnostics
    assert isinstance(left_out, InputsUnused)
    assert left_out.names == ("left", "gap")


def test_a_file_may_say_itself_where_an_input_lies() -> None:
    found = graph(
        'net = [Input("x", at=[0, 1]), Input("y", at=[1, 2])] -> Mul -> Linear(1, 2)\ndata = Disc'
    )
    assert places(found) == [(0, 1), (1, 2)]


def test_both_branches_of_a_siamese_network_have_the_same_weights() -> None:
    found = graph(
        "shared encoder = Linear(3, 5) -> Tanh\n"
        'net = [Input("left", shape=[3]) -> encoder, Input("right", shape=[3]) -> encoder] -> Mul\n'
    )
    assert found.weights == 3 * 5 + 5
    x = torch.rand(4, 3).repeat(1, 2)  # the same on both sides
    assert (Network(found, 0).forward(x) >= 0).all()


def test_an_input_that_is_no_column_is_located_in_its_list(beside: Path) -> None:
    (found,) = diagnostics(of_homes('Input(["size", "room"]) -> Linear(_, 1)'), beside)
    assert isinstance(found, UnknownInput)
    assert found.written == '"room"'
    assert found.meant
    assert found.meant.text == "rooms"


def test_a_shape_that_the_data_do_not_have_is_an_error(beside: Path) -> None:
    (found,) = diagnostics(of_homes('Input("city", shape=[2]) -> Linear(_, 1)'), beside)
    assert isinstance(found, InputShapesDisagree)
    assert (found.stated, found.other) == ("[N, 2]", "[N, 3]")
    graph(
        of_homes('[Input("city", shape=[3, 1]) -> Flatten, Identity] -> Concat -> Linear(_, 1)'),
        beside,
    )


def test_data_that_cannot_be_read_are_the_only_mistake() -> None:
    text = 'net = [Input("a"), Input("b")] -> Add\ndata = Table("none.csv", target="x")\n'
    (found,) = diagnostics(text)
    assert found.code == "E0403"


def test_columns_that_no_input_takes_are_a_warning(beside: Path) -> None:
    (found,) = diagnostics(of_homes('Input(["size", "city"]) -> Linear(_, 1)'), beside)
    assert isinstance(found, InputsUnused)
    assert found.names == ("rooms", "age")
    assert 'ignore=["rooms", "age"]' in found.helps[0]


@pytest.mark.parametrize(
    "net",
    [
        'Linear(2, 2) -> Input("a", shape=[2])',
        '(Input("a", shape=[2]) -> Linear(2, 2)) * 2',
    ],
)
def test_nothing_stands_before_an_input(net: str) -> None:
    (found,) = diagnostics(f"net = {net}\n")
    assert found.code == "E0216"
