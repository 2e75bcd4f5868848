"""A graph that is written as a .net file is the same graph when the file is compiled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlang.catalogue.registry import ITEMS
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.imports.writer import WrittenFile, write
from netlang.language.source import SourceFile
from tests.imports import networks

GRAPHS: dict[str, Callable[[], ForeignGraph]] = {
    "resnet18": lambda: networks.resnet((2, 2, 2, 2), is_deep=False),
    "resnet50": lambda: networks.resnet((3, 4, 6, 3), is_deep=True),
    "vgg16": networks.vgg16,
    "densenet121": networks.densenet121,
    "unet": networks.unet,
    "crossing": networks.crossing,
    "of_two_inputs": networks.of_two_inputs,
}
WEIGHTS = {  # as published
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "vgg16": 138_357_544,
    "densenet121": 7_978_856,
}
LINES = {"resnet18": 25, "resnet50": 20, "vgg16": 10, "densenet121": 20, "unet": 25}


def compiled(text: str, outputs: int = 1) -> Graph:
    if outputs > 1:
        text += f"loss = [{', '.join(['MSE'] * outputs)}]\n"
    found = compile_source(SourceFile("written.net", text))
    assert found.ok, "\n".join([text, *(one.title for one in found.diagnostics)])
    return found.require().graph


def differences(graph: ForeignGraph, file: WrittenFile) -> list[str]:
    """What the file's graph has otherwise than the foreign one: layers, arguments, wires."""
    nodes = compiled(file.text, len(graph.outputs)).nodes
    assert sorted(one.name for one in file.layers) == sorted(one.name for one in graph.layers)
    found: list[str] = []
    own = [node for node in nodes[1:] if node.layer.name in ITEMS and node.layer.name != "Input"]
    names: dict[int, str] = {0: "data"}
    for number, node in enumerate(nodes):
        if node.layer.name == "Input":
            names[number] = node.layer.values["names"]
        elif node in own:
            names[number] = file.layers[own.index(node)].name
    for layer, node in zip(file.layers, own, strict=True):
        if node.layer.name != layer.call:
            found.append(f"{layer.name} is {node.call}")
        for name, value in layer.arguments.items():
            has = node.layer.values[name]
            if has != value and not (has is None and name == "stride"):
                found.append(f"{layer.name}: {name} is {has}, not {value}")
        takes = tuple(names[number] for number in node.inputs)
        if takes != layer.inputs:
            found.append(f"{layer.name} takes {takes}, not {layer.inputs}")
        if (names[node.shares] if node.shares else None) != layer.shares:
            found.append(f"{layer.name} shares other weights")
    return found


@pytest.mark.parametrize("name", GRAPHS)
def test_a_written_file_has_the_same_graph(name: str) -> None:
    graph = GRAPHS[name]()
    file = write(graph)
    assert differences(graph, file) == []
    if name in WEIGHTS:
        assert compiled(file.text).weights == WEIGHTS[name]
    assert len(file.text.splitlines()) <= LINES.get(name, 99), file.text


FEW, MANY = range(12), pytest.param(range(12, 120), marks=pytest.mark.slow)


@pytest.mark.parametrize("seeds", [FEW, MANY])
def test_a_drawn_network_is_written_as_it_is(seeds: range) -> None:
    """Whatever paths there are: branches, taps, blocks and outputs in the middle."""
    for seed in seeds:
        graph = networks.drawn(seed)
        file = write(graph)
        assert differences(graph, file) == [], (seed, file.text)


def test_a_network_of_many_levels_is_a_chain_with_taps() -> None:
    net = networks.Drawing("deep", 4)
    x, kept = "data", []
    for _ in range(40):
        x = net.add("Linear", net.add("Tanh", x), out_features=4)
        kept.append(x)
    while kept:
        x = net.add("Tanh", net.add("Add", kept.pop(), x))
    graph = net.graph(x)
    file = write(graph)
    assert differences(graph, file) == []
    assert max(map(len, file.text.splitlines())) < 90


def test_an_input_that_many_layers_take_is_a_tap() -> None:
    net = networks.Drawing("fed", 4)
    x = "data"
    for _ in range(40):
        x = net.add("Add", net.add("Tanh", net.add("Linear", x, out_features=4)), "data")
    graph = net.graph(x)
    file = write(graph)
    assert differences(graph, file) == []
    assert file.text == (
        "net = Identity as data_2 -> [Linear(_, 4) -> Tanh, Identity] -> Add\n"
        "   -> (Linear(_, 4) -> Tanh -> [Identity, data_2] -> Add) * 39\n"
        "\ninput = [4]\n"
    )


def test_blocks_and_repeats_are_found_again() -> None:
    text = write(GRAPHS["resnet50"]()).text
    assert "block bottleneck(channels, stride=1) = conv(channels, 1)" in text
    assert "-> stage(256, 5)" in text


def test_a_written_file_is_in_netlangs_style() -> None:
    from netlang.language.syntax.format import format_source

    for make in GRAPHS.values():
        text = write(make()).text
        assert format_source(SourceFile("written.net", text)) == text


def test_no_text_of_a_foreign_file_gets_out_of_its_comment_or_its_string() -> None:
    trick = 'a"\nepochs = 7\r# \u2028'
    inputs = (ForeignInput(trick, (4,)), ForeignInput("b", (4,)))
    layers = (ForeignLayer(trick + "!", "Add", (trick, "b")),)
    graph = ForeignGraph(trick, inputs, layers, (trick + "!",), remarks=(trick,))
    text = write(graph, [trick]).text
    found = compile_source(SourceFile("written.net", text))
    assert not [one for one in found.diagnostics if one.code.startswith("E01")], text
    assert "\nepochs" not in text
